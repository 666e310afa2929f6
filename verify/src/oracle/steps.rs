//! Optimizer steps written down once, one element at a time, for any kind of [`Number`].

use teeter::Float;
use teeter::optim::{
    AdaHessian, Adam, AdamState, BoundedAdam, EpsilonPlacement, Momentum, NAdam, Padam, PadamState,
    PartialPower, RmsProp, RmsPropState, RootBound, Sgd, SgdState, Sophia, SophiaState, StepReport,
};
use teeter::{Error, Machine};

use crate::oracle::tracked::Number;

/// An optimizer with its constants.
#[derive(Clone, Copy, Debug)]
pub enum Rule<T> {
    /// `optim::Sgd`
    Sgd(Sgd<T>),
    /// `optim::Adam`
    Adam(Adam<T>),
    /// `optim::Padam`, AMSGrad among them.
    Padam(Padam<T>),
    /// `optim::BoundedAdam`
    Bounded(BoundedAdam<T>),
    /// `optim::NAdam`
    NAdam(NAdam<T>),
    /// `optim::AdaHessian`
    AdaHessian(AdaHessian<T>),
    /// `optim::Sophia`, which takes in the curvature before every step here.
    Sophia(Sophia<T>),
    /// `optim::RmsProp`
    RmsProp(RmsProp<T>),
}

/// What one element needs to go on: the averages in the order of the state structs, and w.
#[derive(Clone, Copy, Debug)]
pub struct Element<N> {
    /// Up to three averages.
    pub memory: [N; 3],
    /// w
    pub param: N,
}

/// What all elements share.
#[derive(Clone, Copy, Debug)]
pub struct Clock<N> {
    /// The running products.
    pub powers: [N; 2],
    /// Steps taken.
    pub steps: u64,
}

fn averaged<N: Number>([one, beta]: [N; 2], old: N, fresh: N) -> N {
    beta * old + (one - beta) * fresh
}

fn quotient<N: Number>(zero: N, numerator: N, denominator: N) -> N {
    if denominator.is_zero() { zero } else { numerator / denominator }
}

/// The root of a second moment, bounded, with ε where it stands.
fn with_epsilon<N: Number>(
    (epsilon, placement): (N, EpsilonPlacement),
    square: N,
    bounded: &dyn Fn(N) -> N,
) -> N {
    match placement {
        EpsilonPlacement::Outside => bounded(square.root()) + epsilon,
        EpsilonPlacement::Inside => bounded((square + epsilon).root()),
    }
}

impl<T: Float> Rule<T> {
    /// The clock at the start.
    #[must_use]
    pub fn clock<N: Number>(&self) -> Clock<N> {
        Clock { powers: [N::of(T::ONE); 2], steps: 0 }
    }

    /// The constants of Adam, of its kin.
    fn adam(&self) -> Option<Adam<T>> {
        match *self {
            Self::Adam(adam) => Some(adam),
            Self::Padam(rule) => Some(rule.adam),
            Self::Bounded(rule) => Some(rule.adam),
            Self::NAdam(rule) => Some(rule.adam),
            Self::AdaHessian(rule) => Some(rule.adam),
            _ => None,
        }
    }

    /// μ of NAdam after `ahead` steps more, rounded as the kernel rounds it: a constant of the step.
    fn coefficient(rule: &NAdam<T>, steps: u64, ahead: u64) -> T {
        let time = T::from_f64((steps + ahead) as f64) * rule.momentum_decay;
        let decay = (time * T::from_f64(0.96).ln()).exp();
        rule.adam.beta1 * (T::ONE - T::HALF * decay)
    }

    /// The clock after a step.
    #[must_use]
    pub fn tick<N: Number>(&self, clock: Clock<N>) -> Clock<N> {
        let Some(adam) = self.adam() else {
            return Clock { steps: clock.steps + 1, ..clock };
        };
        let first = match self {
            Self::NAdam(rule) => Self::coefficient(rule, clock.steps, 1),
            _ => adam.beta1,
        };
        let [first_power, second_power] = clock.powers;
        let powers = [first_power * N::of(first), second_power * N::of(adam.beta2)];
        Clock { powers, steps: clock.steps + 1 }
    }

    /// One step of one element; `after` is the clock that [`Rule::tick`] gave.
    #[must_use]
    pub fn formula<N: Number>(
        &self,
        after: Clock<N>,
        from: Element<N>,
        [g, d]: [N; 2],
    ) -> Element<N> {
        let (zero, one) = (N::of(T::ZERO), N::of(T::ONE));
        let [first, second, third] = from.memory;
        let w = from.param;
        match self {
            Self::Sgd(rule) => {
                let (rate, d) = (N::of(rule.learning_rate), g + N::of(rule.weight_decay) * w);
                let (v, direction) = match rule.momentum {
                    Momentum::None => (first, d),
                    Momentum::Polyak(beta) => {
                        let v = N::of(beta) * first + d;
                        (v, v)
                    }
                    Momentum::Nesterov(beta) => {
                        let v = N::of(beta) * first + d;
                        (v, d + N::of(beta) * v)
                    }
                    Momentum::Ema(beta) => {
                        let v = averaged([one, N::of(beta)], first, d);
                        (v, v)
                    }
                };
                Element { memory: [v, second, third], param: w - rate * direction }
            }
            Self::RmsProp(rule) => {
                let d = g + N::of(rule.weight_decay) * w;
                let v = averaged([one, N::of(rule.alpha)], first, d * d);
                let epsilon = (N::of(rule.epsilon), rule.epsilon_placement);
                let quotient = quotient(zero, d, with_epsilon(epsilon, v, &|x| x));
                let velocity = N::of(rule.momentum) * second + quotient;
                // Without momentum nothing is kept.
                let kept = if rule.momentum == T::ZERO { second } else { velocity };
                let param = w - N::of(rule.learning_rate) * velocity;
                Element { memory: [v, kept, third], param }
            }
            Self::Sophia(rule) => {
                let h = averaged([one, N::of(rule.beta2)], second, d);
                let m = averaged([one, N::of(rule.beta1)], first, g);
                let divisor = (N::of(rule.gamma) * h).larger(N::of(rule.epsilon));
                let clipped = m.clipped_quotient::<T>(divisor);
                let rate = N::of(rule.learning_rate);
                let decay = N::of(rule.learning_rate * rule.weight_decay);
                let param = w - (rate * clipped + decay * w);
                Element { memory: [m, h, third], param }
            }
            _ => self.adaptive(after, from, [g, d]),
        }
    }

    /// Adam and its kin.
    fn adaptive<N: Number>(&self, after: Clock<N>, from: Element<N>, [g, d]: [N; 2]) -> Element<N> {
        let Some(adam) = self.adam() else { return from };
        let (zero, one) = (N::of(T::ZERO), N::of(T::ONE));
        let ([first, second, third], w) = (from.memory, from.param);
        let squared = if matches!(self, Self::AdaHessian(_)) { d } else { g };
        let m = averaged([one, N::of(adam.beta1)], first, g);
        let v = averaged([one, N::of(adam.beta2)], second, squared * squared);
        let [first_power, second_power] = after.powers;
        let largest = if matches!(self, Self::Padam(_)) { third.larger(v) } else { third };
        let v_hat = match self {
            Self::Padam(_) => largest,
            _ => v,
        } / (one - second_power);
        let bounded = |root: N| match self {
            Self::Bounded(BoundedAdam { bound: RootBound::AtMost(high), .. }) => {
                root.smaller(N::of(*high))
            }
            Self::Bounded(BoundedAdam { bound: RootBound::AtLeast(low), .. }) => {
                root.larger(N::of(*low))
            }
            _ => root,
        };
        let epsilon = (N::of(adam.epsilon), adam.epsilon_placement);
        let mut denominator = with_epsilon(epsilon, v_hat, &bounded);
        if let Self::Padam(rule) = self {
            let roots = match rule.power {
                PartialPower::Half => 0,
                PartialPower::Quarter => 1,
                PartialPower::Eighth => 2,
                PartialPower::Sixteenth => 3,
            };
            for _ in 0..roots {
                denominator = denominator.root();
            }
        }
        let rate = N::of(adam.learning_rate);
        let numerator = match self {
            Self::NAdam(rule) => {
                let [now, next] =
                    [0, 1].map(|ahead| N::of(Self::coefficient(rule, after.steps, ahead)));
                let of_gradient = rate * (one - now) / (one - first_power);
                let of_average = rate * next / (one - first_power * next);
                of_gradient * g + of_average * m
            }
            _ => rate / (one - first_power) * m,
        };
        // ηα is one number for the kernel, rounded once.
        let decay = N::of(adam.learning_rate * adam.weight_decay);
        let change = quotient(zero, numerator, denominator) + decay * w;
        Element { memory: [m, v, largest], param: w - change }
    }
}

/// Parameters with the memory of any rule.
#[derive(Clone, Debug)]
pub struct Running<T> {
    /// The slices of the state, in the order of its struct.
    pub memory: [Vec<T>; 3],
    /// w
    pub params: Vec<T>,
    /// The running products.
    pub powers: [T; 2],
    /// Steps taken.
    pub steps: u64,
}

impl<T: Float> Running<T> {
    /// At the start, with no memory.
    #[must_use]
    pub fn new(params: &[T]) -> Self {
        let none = || vec![T::ZERO; params.len()];
        let memory = [none(), none(), none()];
        Self { memory, params: params.to_vec(), powers: [T::ONE; 2], steps: 0 }
    }

    /// One step of the kernel.
    ///
    /// # Errors
    /// Those of the rule's step.
    pub fn step(
        &mut self,
        machine: Machine,
        rule: &Rule<T>,
        [g, d]: [&[T]; 2],
    ) -> Result<StepReport<T>, Error> {
        let ([first, second, third], w) = (&mut self.memory, &mut self.params);
        let [beta1_power, beta2_power] = self.powers;
        let steps = self.steps;
        let mut adam = AdamState { first, second, beta1_power, beta2_power, steps };
        let done = match rule {
            Rule::Sgd(rule) => rule.step(machine, g, &mut SgdState { velocity: adam.first }, w),
            Rule::RmsProp(rule) => {
                let mut state = RmsPropState { second: adam.first, velocity: adam.second };
                rule.step(machine, g, &mut state, w)
            }
            Rule::Sophia(rule) => {
                let (first, curvature) = (adam.first, adam.second);
                let mut state = SophiaState { first, curvature, steps, updates: steps };
                rule.update_curvature(machine, d, &mut state)?;
                rule.step(machine, g, &mut state, w)
            }
            Rule::Padam(rule) => {
                let mut state = PadamState { averages: adam, largest: third };
                let done = rule.step(machine, g, &mut state, w);
                let AdamState { beta1_power, beta2_power, .. } = state.averages;
                self.powers = [beta1_power, beta2_power];
                done
            }
            Rule::Adam(rule) => rule.step(machine, g, &mut adam, w).inspect(|_| {
                self.powers = [adam.beta1_power, adam.beta2_power];
            }),
            Rule::Bounded(rule) => rule.step(machine, g, &mut adam, w).inspect(|_| {
                self.powers = [adam.beta1_power, adam.beta2_power];
            }),
            Rule::NAdam(rule) => rule.step(machine, g, &mut adam, w).inspect(|_| {
                self.powers = [adam.beta1_power, adam.beta2_power];
            }),
            Rule::AdaHessian(rule) => rule.step(machine, g, d, &mut adam, w).inspect(|_| {
                self.powers = [adam.beta1_power, adam.beta2_power];
            }),
        };
        self.steps += u64::from(done.is_ok());
        done
    }
}
