//! Principal submatrices: the part of an operator that belongs to some of its coordinates.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::operator::{LinearOperator, Symmetric};

/// Elements of scratch that [`SubRange::new`] and [`Selected::new`] need: 2n, n the order of the
/// whole operator.
#[must_use]
pub const fn principal_scratch_len(n: usize) -> usize {
    n.saturating_mul(2)
}

/// PᵀAP for a range of coordinates: the Hessian of one layer, the others held fixed.
///
/// Its order is the length of the range. By Cauchy's interlacing its eigenvalues lie between the
/// extremes of A's: no layer is sharper than the whole.
#[derive(Debug)]
pub struct SubRange<'a, A, T> {
    operator: A,
    start: usize,
    len: usize,
    /// Zero outside the range, always.
    whole: &'a mut [T],
    product: &'a mut [T],
}

impl<'a, A: LinearOperator<T>, T: Float> SubRange<'a, A, T> {
    /// Rows and columns `start` to `start + len` of `operator`.
    ///
    /// # Shapes
    /// `operator`: n × n. `scratch`: at least [`principal_scratch_len`] (n).
    ///
    /// # Method
    /// x is put among zeros, and the range cut out of the product.
    ///
    /// # Accuracy
    /// That of the product: nothing here rounds. NaN and infinity propagate.
    ///
    /// # Errors
    /// `Error::Range` if the range ends beyond n, `Error::Short` for too little scratch. Of a
    /// product: what the operator returns.
    ///
    /// # Cost
    /// Of a product: one of the whole operator, 2·`len` copies.
    ///
    /// # Example
    /// ```
    /// use teeter::operator::{Diagonal, LinearOperator, SubRange};
    /// let (whole, mut scratch) = (Diagonal::new(&[1.0, 2.0, 3.0]), [0.0; 6]);
    /// let mut layer = SubRange::new(whole, 1, 2, &mut scratch)?;
    /// let mut y = [0.0; 2];
    /// layer.apply(&[1.0, 1.0], &mut y)?;
    /// assert_eq!(y, [2.0, 3.0]);
    /// # Ok::<(), teeter::Error>(())
    /// ```
    pub fn new(operator: A, start: usize, len: usize, scratch: &'a mut [T]) -> Result<Self, Error> {
        let n = operator.dim();
        let end = start.saturating_add(len);
        if end > n {
            let (found, high) = (end as f64, n as f64);
            return Err(Error::Range { argument: "len", found, low: 0.0, high });
        }
        let (whole, product) = halves(scratch, n)?;
        Ok(Self { operator, start, len, whole, product })
    }
}

/// The zeroed argument and the product of the whole operator.
fn halves<T: Float>(scratch: &mut [T], n: usize) -> Result<(&mut [T], &mut [T]), Error> {
    check::at_least("scratch", principal_scratch_len(n), scratch.len())?;
    let mut scratch = scratch;
    let whole = check::take(&mut scratch, n)?;
    whole.fill(T::ZERO);
    Ok((whole, check::take(&mut scratch, n)?))
}

impl<A: LinearOperator<T>, T: Float> LinearOperator<T> for SubRange<'_, A, T> {
    fn dim(&self) -> usize {
        self.len
    }
    fn apply(&mut self, x: &[T], y: &mut [T]) -> Result<(), Error> {
        check::same_len("x", self.len, x.len())?;
        check::same_len("y", self.len, y.len())?;
        for (whole, &x) in self.whole.iter_mut().skip(self.start).zip(x) {
            *whole = x;
        }
        self.operator.apply(self.whole, self.product)?;
        for (y, &product) in y.iter_mut().zip(self.product.iter().skip(self.start)) {
            *y = product;
        }
        Ok(())
    }
}

impl<A: Symmetric<T>, T: Float> Symmetric<T> for SubRange<'_, A, T> {}

/// PᵀAP for a list of coordinates: the weights without the biases, one neuron, a random subset.
///
/// For coordinates side by side take [`SubRange`].
#[derive(Debug)]
pub struct Selected<'a, A, T> {
    operator: A,
    indices: &'a [usize],
    /// Zero outside the list, always.
    whole: &'a mut [T],
    product: &'a mut [T],
}

impl<'a, A: LinearOperator<T>, T: Float> Selected<'a, A, T> {
    /// Rows and columns `indices` of `operator`, in this order.
    ///
    /// # Shapes
    /// `operator`: n × n. `indices`: any number, increasing. `scratch`: at least
    /// [`principal_scratch_len`] (n).
    ///
    /// # Method
    /// As [`SubRange`], element by element.
    ///
    /// # Accuracy
    /// That of the product: nothing here rounds. NaN and infinity propagate.
    ///
    /// # Errors
    /// `Error::Range` for an index not above the one before it or not below n, so that none stands
    /// twice; `Error::Short` for too little scratch. Of a product: what the operator returns.
    ///
    /// # Cost
    /// Of a product: one of the whole operator, two copies for each index.
    pub fn new(operator: A, indices: &'a [usize], scratch: &'a mut [T]) -> Result<Self, Error> {
        let n = operator.dim();
        let mut low = 0;
        for &index in indices {
            if index < low || index >= n {
                let (found, low, high) = (index as f64, low as f64, n as f64 - 1.0);
                return Err(Error::Range { argument: "indices", found, low, high });
            }
            low = index + 1;
        }
        let (whole, product) = halves(scratch, n)?;
        Ok(Self { operator, indices, whole, product })
    }
}

impl<A: LinearOperator<T>, T: Float> LinearOperator<T> for Selected<'_, A, T> {
    fn dim(&self) -> usize {
        self.indices.len()
    }
    fn apply(&mut self, x: &[T], y: &mut [T]) -> Result<(), Error> {
        check::same_len("x", self.indices.len(), x.len())?;
        check::same_len("y", self.indices.len(), y.len())?;
        for (&index, &x) in self.indices.iter().zip(x) {
            if let Some(whole) = self.whole.get_mut(index) {
                *whole = x;
            }
        }
        self.operator.apply(self.whole, self.product)?;
        for (&index, y) in self.indices.iter().zip(y) {
            *y = self.product.get(index).copied().unwrap_or(T::ZERO);
        }
        Ok(())
    }
}

impl<A: Symmetric<T>, T: Float> Symmetric<T> for Selected<'_, A, T> {}
