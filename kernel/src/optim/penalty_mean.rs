//! The mean of penalties over probes or over parts of a batch.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::optim::Penalty;
use crate::optim::averaging::toward;
use crate::optim::pass::finite_norm;
use crate::simd::Machine;
use crate::vector;

/// The mean of penalties and of their gradients, one after the other.
///
/// Over probes of one batch it is the trace with its gradient; over the parts of a split batch, each with
/// gradients of its own ([`Tracer::rank_one`](crate::optim::Tracer::rank_one) with gⱼ), the batch-split
/// penalty (1/m)Σgⱼᵀ P⁻¹gⱼ, which does not vanish where their mean does.
#[derive(Debug)]
pub struct PenaltyMean<'a, T> {
    /// The mean of the gradients: n.
    pub gradient: &'a mut [T],
    /// The mean of the values.
    pub value: T,
    /// Penalties in it.
    pub taken: u64,
}

impl<'a, T: Float> PenaltyMean<'a, T> {
    /// Of none yet: fills the gradient with zeros.
    ///
    /// # Shapes
    /// `gradient`: n; each use checks.
    pub fn new(gradient: &'a mut [T]) -> Self {
        gradient.fill(T::ZERO);
        Self { gradient, value: T::ZERO, taken: 0 }
    }

    /// Takes in one penalty.
    ///
    /// # Shapes
    /// `penalty.gradient`: n.
    ///
    /// # Accuracy
    /// (m/2 + 7)u of the largest after m penalties, as
    /// [`IterateAverage::update`](crate::optim::IterateAverage::update). The same bits on every machine.
    ///
    /// # Errors
    /// `Error::Length`; `Error::NotFinite` for a penalty that is not finite. Nothing is written then.
    ///
    /// # Cost
    /// 3n flops, 3n reads, n writes.
    pub fn push(&mut self, machine: Machine, penalty: &Penalty<'_, T>) -> Result<(), Error> {
        check::same_len("gradient", self.gradient.len(), penalty.gradient.len())?;
        check::finite("value", &[penalty.value])?;
        finite_norm(machine, "gradient", penalty.gradient)?;
        self.taken = self.taken.saturating_add(1);
        if self.taken == 1 {
            self.value = penalty.value;
            return vector::copy(penalty.gradient, self.gradient);
        }
        let share = T::ONE / T::from_f64(self.taken as f64);
        self.value += share * (penalty.value - self.value);
        toward(machine, share, penalty.gradient, self.gradient);
        Ok(())
    }
}
