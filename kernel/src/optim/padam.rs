//! AMSGrad and Padam: the largest second moment so far, under a root of any dyadic power.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::optim::adam::{AdaptiveRule, averaged};
use crate::optim::pass::{Body, Pass};
use crate::optim::{Adam, AdamState, StepReport};
use crate::simd::{Machine, Simd};

/// p in (√v̂ + ε)^2p, between gradient descent with momentum (p → 0) and AMSGrad (½).
///
/// Powers of ½ only: each is a few square roots, correctly rounded on every machine, and the
/// values in use are among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartialPower {
    /// p = ½: AMSGrad.
    Half,
    /// p = ¼.
    Quarter,
    /// p = ⅛: what GadamX uses.
    Eighth,
    /// p = 1/16.
    Sixteenth,
}

impl PartialPower {
    /// How many roots to take of √v̂ + ε.
    fn roots(self) -> u32 {
        match self {
            Self::Half => 0,
            Self::Quarter => 1,
            Self::Eighth => 2,
            Self::Sixteenth => 3,
        }
    }
}

/// Constants of Padam, and with p = ½ of AMSGrad.
///
/// # Example
/// A gradient of 16 in the first step, with p = ¼: η·16/√16.
/// ```
/// use teeter::Machine;
/// use teeter::optim::{Adam, EpsilonPlacement, Padam, PadamState, PartialPower};
/// let adam = Adam {
///     learning_rate: 0.5,
///     beta1: 0.0,
///     beta2: 0.0,
///     epsilon: 0.0,
///     epsilon_placement: EpsilonPlacement::Outside,
///     weight_decay: 0.0,
/// };
/// let padam = Padam { adam, power: PartialPower::Quarter };
/// let (mut first, mut second, mut largest) = ([0.0], [0.0], [0.0]);
/// let mut state = PadamState::new(&mut first, &mut second, &mut largest);
/// let mut params = [3.0];
/// padam.step(Machine::detect(), &[16.0], &mut state, &mut params)?;
/// assert_eq!(params, [1.0]); // 3 − 0.5·4
/// # Ok::<(), teeter::Error>(())
/// ```
#[doc(alias = "amsgrad")]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Padam<T> {
    /// The constants shared with Adam.
    pub adam: Adam<T>,
    /// p.
    pub power: PartialPower,
}

/// What Padam remembers.
#[derive(Debug)]
pub struct PadamState<'a, T> {
    /// m, v and the running products.
    pub averages: AdamState<'a, T>,
    /// The largest v so far, element by element: n.
    pub largest: &'a mut [T],
}

impl<'a, T: Float> PadamState<'a, T> {
    /// The state before the first step: fills all with zeros.
    ///
    /// # Shapes
    /// All n, that of the parameters; [`Padam::step`] checks.
    pub fn new(first: &'a mut [T], second: &'a mut [T], largest: &'a mut [T]) -> Self {
        largest.fill(T::ZERO);
        Self { averages: AdamState::new(first, second), largest }
    }
}

impl<T: Float> Padam<T> {
    /// One step w ← w − η m̂/(√v̂ + ε)^2p − ηαw, v̂ = max(v₁, …, vₜ)/(1 − β₂ᵗ).
    ///
    /// m and v are Adam's. Where v̂ grows no more, the step cannot, which is what Adam's proof
    /// lacked. Small p needs a learning rate like that of gradient descent.
    ///
    /// # Shapes
    /// `gradient`, `params`, each of `state`: n.
    ///
    /// # Units
    /// `learning_rate`: params · gradient^(2p − 1), so that only p = ½ is free of the scale of the
    /// loss.
    ///
    /// # Method
    /// The maximum is taken of v, before its correction, as PyTorch does; the paper of AMSGrad
    /// corrects neither average. Otherwise as [`Adam::step`]; with p = ½ and v rising it is that
    /// step to the bit.
    ///
    /// # Accuracy
    /// The change of one step has relative error at most 8u beyond that of m, v and the
    /// corrections: each further root halves what came before it and adds u. The same bits on
    /// every machine.
    ///
    /// # Errors
    /// As [`Adam::step`]; besides `Error::Length` for `largest`. Parameters and state are
    /// untouched then, to the bit.
    ///
    /// # Cost
    /// 15n flops, n divisions twice, 1 to 4 roots each; reads 5n, writes 4n; one more read of the
    /// gradient for its norm. No scratch.
    ///
    /// # Source
    /// Reddi, Kale, Kumar 2018, arXiv:1904.09237; Chen et al. 2020, arXiv:1806.06763; ε and the
    /// corrections as in Granziol et al. 2024, arXiv:2003.01247 (GadamX).
    pub fn step(
        &self,
        machine: Machine,
        gradient: &[T],
        state: &mut PadamState<'_, T>,
        params: &mut [T],
    ) -> Result<StepReport<T>, Error> {
        let Adam { beta1, beta2, .. } = self.adam;
        check::same_len("largest", params.len(), state.largest.len())?;
        let begun = self.adam.begin(machine, beta1, gradient, &state.averages, params)?;
        let body = PadamLanes { rule: begun.rule, beta1, beta2, roots: self.power.roots() };
        let averages = &mut state.averages;
        let write = [&mut *averages.first, &mut *averages.second, &mut *state.largest, params];
        let squares = machine.run(Pass::<_, _, 1, 4> { body, read: [gradient, &[]], write });
        Ok(begun.taken.finish(squares, averages))
    }
}

struct PadamLanes<T> {
    rule: AdaptiveRule<T>,
    beta1: T,
    beta2: T,
    roots: u32,
}

impl<T: Float> Body<T> for PadamLanes<T> {
    #[inline(always)]
    fn lanes<S: Simd<T>>(
        &self,
        simd: S,
        [g, _]: [S::V; 2],
        [m, v, largest, w]: [S::V; 4],
    ) -> ([S::V; 4], S::V) {
        let m = averaged(simd, self.beta1, m, g);
        let v = averaged(simd, self.beta2, v, simd.mul(g, g));
        let largest = simd.select_less([largest, v], v, largest);
        let mut denominator = self.rule.denominator(simd, largest);
        for _ in 0..self.roots {
            denominator = simd.sqrt(denominator);
        }
        let numerator = simd.mul(simd.splat(self.rule.rate), m);
        let (w, change) = self.rule.moved(simd, [numerator, denominator], w);
        ([m, v, largest, w], change)
    }
}
