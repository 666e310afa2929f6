//! The Frobenius norm, which the products of a trace tell beside it.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::trace::Hutchinson;

/// A norm, and how far it may be off.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct NormEstimate<T> {
    /// √ of the mean of ‖Az‖².
    pub value: T,
    /// Of `value`, from the scatter of ‖Az‖², with the doubt of Satterthwaite's rule as if of one probe more.
    pub standard_error: T,
    /// Products used.
    pub products: usize,
}

impl<T: Float> Hutchinson<T> {
    /// ‖A‖_F from the products of the trace: each ‖Az‖² has mean ‖A‖_F².
    ///
    /// # Accuracy
    /// The square has no bias; A need not be symmetric. To first order the standard error is that of the square over
    /// 2‖A‖_F. No coverage is promised: where few eigenvalues dominate, ‖Az‖² is skew, and √ of its mean is low more often than
    /// high. Multiplying A by 2ᵏ multiplies both by 2ᵏ exactly, barring over- and underflow.
    ///
    /// # Errors
    /// `Error::Empty` before the first product.
    ///
    /// # Source
    /// Girard 1989, doi:10.1007/BF01395775, for AᵀA.
    #[doc(alias = "lange")]
    pub fn frobenius_norm(&self) -> Result<NormEstimate<T>, Error> {
        check::not_empty("products", self.products())?;
        let m = T::from_usize(self.products());
        let value = self.image() / m.sqrt();
        let standard_error = value * T::HALF * (self.scatter() / m).sqrt();
        Ok(NormEstimate { value, standard_error, products: self.products() })
    }
}
