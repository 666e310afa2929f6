//! What an audit is asked, and what it answers.

use crate::float::Float;
use crate::operator::Difference;
use crate::random::Stream;

/// What an audit says of one property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub enum Verdict {
    /// No more is amiss than rounding explains. Of positive semidefinite: nothing was found.
    Holds,
    /// More than rounding explains, but within the tolerance.
    Noisy,
    /// Beyond the tolerance.
    Fails,
    /// Not known, since a product was not finite.
    Unknown,
}

/// One property: how far it is missed, and what that is judged by.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct Finding<T> {
    /// The largest defect seen, relative: multiplying A by 2ᵏ changes nothing.
    pub defect: T,
    /// What rounding explains.
    pub threshold: T,
    /// The verdict.
    pub verdict: Verdict,
}

/// What [`check_operator`](crate::operator::check_operator) found. Always filled.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct OperatorReport<T> {
    /// ‖A(2x − y/2) − 2Ax + Ay/2‖ over that of a product of such a vector, √(17/4)·‖A‖_F.
    pub linear: Finding<T>,
    /// |yᵀAx − xᵀAy|/‖A‖_F, whose mean square is (‖A − Aᵀ‖_F/‖A‖_F)².
    pub symmetric: Finding<T>,
    /// ‖Ax − Ax‖/‖Ax‖ for the same x, called again at once and at the end; 0 for the same numbers.
    pub deterministic: Finding<T>,
    /// −xᵀAx/‖A‖_F where that is positive: 0 says only that no xᵀAx < 0 was met.
    pub positive_semidefinite: Finding<T>,
    /// Whether all products were finite: `Holds` or `Fails`.
    pub finite: Verdict,
    /// Place of the first element that was not finite; n if there was none.
    pub not_finite_index: usize,
    /// The least xᵀAx/xᵀx met: no smaller than the least eigenvalue of a symmetric A; ∞ if none was.
    pub lowest_quotient: T,
    /// ‖A‖_F, estimated from the products.
    pub norm_estimate: T,
    /// Products used.
    pub products: usize,
}

impl<T> OperatorReport<T> {
    /// Whether A may be taken for symmetric, linear, deterministic and finite: none of these fails.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let list = [self.linear.verdict, self.symmetric.verdict, self.deterministic.verdict];
        let good = |verdict: &Verdict| matches!(verdict, Verdict::Holds | Verdict::Noisy);
        self.finite == Verdict::Holds && list.iter().all(good)
    }
}

/// What an audit spends, and what it forgives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AuditOptions<T> {
    /// Pairs of probes, at least 1; 4 are usual. Each costs three products.
    pub pairs: usize,
    /// ν: the error of a product of a standard normal vector, root mean square over ‖A‖_F; from u to 1.
    pub noise: T,
    /// Defects up to this are `Noisy` and no failure; from 0 to 1.
    pub tolerance: T,
    /// Where the randomness comes from.
    pub stream: Stream,
}

impl<T: Float> AuditOptions<T> {
    /// For products each of whose elements is a sum of `terms` products: ν = √(`terms` + 1)·u, tolerance √ε.
    ///
    /// Partial sums of aᵢⱼxⱼ over normal x have mean squares of at most ‖aᵢ‖², and each rounds once, by at most u
    /// and, in the model, with mean 0 whatever went before: errors add as squares, (m + 1)u²‖A‖_F² in all.
    ///
    /// # Source
    /// Higham, Mary 2020, doi:10.1137/20M1314355, §3 for the model.
    #[must_use]
    pub fn of_sums(terms: usize, stream: Stream) -> Self {
        let noise = T::UNIT_ROUNDOFF * (T::from_usize(terms) + T::ONE).sqrt();
        Self { pairs: 4, noise: noise.min_of(T::ONE), tolerance: T::EPSILON.sqrt(), stream }
    }

    /// For [`FiniteDifference`](crate::operator::FiniteDifference) of gradients as good as their format:
    /// ν = ε^⅔ (central) or ε^½ (forward), tolerance √ν.
    ///
    /// That is the error where the step was chosen from ‖w‖ and the loss varies on that scale.
    #[must_use]
    pub fn of_differences(difference: Difference, stream: Stream) -> Self {
        let root = T::EPSILON.sqrt();
        let noise = match difference {
            // ε^⅔ up to a factor √2, without a power function: 2^(2e/3).
            Difference::Central => T::ONE.scale_by_power((T::EPSILON.exponent() * 2).div_euclid(3)),
            Difference::Forward => root,
        };
        Self { pairs: 4, noise, tolerance: noise.sqrt(), stream }
    }
}
