//! Gadam and GadamX: Adam or Padam with decoupled decay, and the mean of their iterates.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::optim::{Adam, AdamState, AverageState, IterateAverage, Padam, PadamState, StepReport};
use crate::simd::Machine;

/// Adam and an average of its iterates.
///
/// # Example
/// ```
/// use teeter::Machine;
/// use teeter::optim::{
///     Adam, AdamState, AverageKind, AverageState, EpsilonPlacement, Gadam, IterateAverage,
/// };
/// let adam = Adam {
///     learning_rate: 0.5,
///     beta1: 0.0,
///     beta2: 0.0,
///     epsilon: 0.0,
///     epsilon_placement: EpsilonPlacement::Outside,
///     weight_decay: 0.0,
/// };
/// let average = IterateAverage { kind: AverageKind::Mean, start: 0, every: 1 };
/// let gadam = Gadam { adam, average };
/// let (mut first, mut second, mut mean, mut params) = ([0.0], [0.0], [0.0], [2.0]);
/// let mut adam = AdamState::new(&mut first, &mut second);
/// let mut average = AverageState::new(&mut mean);
/// for _ in 0..3 {
///     gadam.step(Machine::detect(), &[7.0], &mut adam, &mut average, &mut params)?;
/// }
/// assert_eq!((params, average.mean[0]), ([0.5], 1.0)); // the mean of 1.5, 1 and 0.5
/// # Ok::<(), teeter::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gadam<T> {
    /// The step; its decay is decoupled, which the method needs.
    pub adam: Adam<T>,
    /// Which iterates are averaged.
    pub average: IterateAverage<T>,
}

/// Padam, with p = ⅛ in the paper, and an average of its iterates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GadamX<T> {
    /// The step.
    pub padam: Padam<T>,
    /// Which iterates are averaged.
    pub average: IterateAverage<T>,
}

impl<T: Float> Gadam<T> {
    /// [`Adam::step`], then [`IterateAverage::update`] with the parameters it led to.
    ///
    /// Use the average for predictions, the parameters to go on.
    ///
    /// # Shapes
    /// `gradient`, `params`, each of both states: n.
    ///
    /// # Accuracy
    /// That of both. The same bits on every machine.
    ///
    /// # Errors
    /// Those of both. A step that is refused leaves parameters and states to the bit;
    /// `Error::NotFinite` for `params` comes after a step that overflowed them, untaken by the average.
    ///
    /// # Cost
    /// That of both.
    ///
    /// # Source
    /// Granziol et al. 2024, arXiv:2003.01247, algorithm 1; without its batch normalization.
    pub fn step(
        &self,
        machine: Machine,
        gradient: &[T],
        adam: &mut AdamState<'_, T>,
        average: &mut AverageState<'_, T>,
        params: &mut [T],
    ) -> Result<StepReport<T>, Error> {
        check::same_len("mean", params.len(), average.mean.len())?;
        self.average.check()?;
        let report = self.adam.step(machine, gradient, adam, params)?;
        self.average.update(machine, params, average)?;
        Ok(report)
    }
}

impl<T: Float> GadamX<T> {
    /// [`Padam::step`], then [`IterateAverage::update`] with the parameters it led to.
    ///
    /// # Shapes
    /// `gradient`, `params`, each of both states: n.
    ///
    /// # Accuracy
    /// That of both. The same bits on every machine.
    ///
    /// # Errors
    /// As [`Gadam::step`].
    ///
    /// # Cost
    /// That of both.
    ///
    /// # Source
    /// Granziol et al. 2024, arXiv:2003.01247, GadamX.
    pub fn step(
        &self,
        machine: Machine,
        gradient: &[T],
        padam: &mut PadamState<'_, T>,
        average: &mut AverageState<'_, T>,
        params: &mut [T],
    ) -> Result<StepReport<T>, Error> {
        check::same_len("mean", params.len(), average.mean.len())?;
        self.average.check()?;
        let report = self.padam.step(machine, gradient, padam, params)?;
        self.average.update(machine, params, average)?;
        Ok(report)
    }
}
