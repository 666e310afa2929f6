//! Every optimizer step against its formula: to the bit, within its running bound for a thousand
//! steps, and against closed forms where the gradient is constant.

use serde::Serialize;
use teeter::optim::{
    AdaHessian, Adam, BoundedAdam, EpsilonPlacement, Momentum, NAdam, Padam, PartialPower, RmsProp,
    RootBound, Sgd, Sophia,
};
use teeter::random::{Stream, normals_into};
use teeter::{Float, Machine};

use super::{Context, Measured, Worst, format_name};
use crate::oracle::double::Double;
use crate::oracle::steps::{Element, Rule, Running};
use crate::oracle::tracked::{Number, Tracked};
use crate::subject::{Subject, Teeter};

/// Every property of the steps.
#[must_use]
pub fn all<T: Float + Number>(subject: &dyn Subject<T>) -> Vec<Measured> {
    vec![
        steps_are_their_formulas(subject),
        a_thousand_steps_stay_within_the_running_bound(subject),
        constant_gradients_have_closed_forms(subject),
    ]
}

/// Constants of Adam without decay that f32 has exactly, as the peers' script uses them.
#[must_use]
pub fn adam<T: Float>() -> Adam<T> {
    Adam {
        learning_rate: T::ONE.scale_by_power(-7),
        beta1: T::from_f64(0.875),
        beta2: T::ONE - T::ONE.scale_by_power(-10),
        epsilon: T::ONE.scale_by_power(-27),
        epsilon_placement: EpsilonPlacement::Outside,
        weight_decay: T::ZERO,
    }
}

/// RMSProp with the same.
#[must_use]
pub fn rms_prop<T: Float>(momentum: f64) -> RmsProp<T> {
    let Adam { learning_rate, epsilon, epsilon_placement, weight_decay, .. } = adam();
    let (alpha, momentum) = (T::from_f64(0.9375), T::from_f64(momentum));
    RmsProp { learning_rate, alpha, momentum, epsilon, epsilon_placement, weight_decay }
}

/// Descent with the same, or with another momentum.
#[must_use]
pub fn sgd<T: Float>(momentum: Momentum<T>) -> Sgd<T> {
    Sgd { learning_rate: adam::<T>().learning_rate, momentum, weight_decay: T::ZERO }
}

fn sophia<T: Float>() -> Sophia<T> {
    let Adam { learning_rate, beta1, beta2, epsilon, weight_decay, .. } = adam();
    Sophia { learning_rate, beta1, beta2, gamma: T::HALF, epsilon, weight_decay }
}

/// Each rule with the name of its row.
#[must_use]
pub fn rules<T: Float>() -> Vec<(&'static str, Rule<T>)> {
    let (adam, of) = (adam::<T>(), T::from_f64);
    let decayed = Adam { weight_decay: of(0.0625), ..adam };
    let inside = Adam { epsilon_placement: EpsilonPlacement::Inside, ..adam };
    let padam = |power| Rule::Padam(Padam { adam: decayed, power });
    let bounded = |bound| Rule::Bounded(BoundedAdam { adam, bound });
    let nadam = NAdam { adam, momentum_decay: T::ONE.scale_by_power(-8) };
    vec![
        ("SGD", Rule::Sgd(Sgd { weight_decay: of(0.0625), ..sgd(Momentum::None) })),
        ("SGD, Polyak", Rule::Sgd(sgd(Momentum::Polyak(of(0.875))))),
        ("SGD, Nesterov", Rule::Sgd(sgd(Momentum::Nesterov(of(0.875))))),
        ("SGD, average", Rule::Sgd(sgd(Momentum::Ema(of(0.875))))),
        ("Adam", Rule::Adam(adam)),
        ("Adam, ε inside", Rule::Adam(inside)),
        ("AdamW", Rule::Adam(decayed)),
        ("AMSGrad", padam(PartialPower::Half)),
        ("Padam, ¼", padam(PartialPower::Quarter)),
        ("Padam, ⅛", padam(PartialPower::Eighth)),
        ("Padam, 1/16", padam(PartialPower::Sixteenth)),
        ("Adam, √v̂ ≤ U", bounded(RootBound::AtMost(of(0.75)))),
        ("Adam, √v̂ ≥ U", bounded(RootBound::AtLeast(of(0.75)))),
        ("NAdam", Rule::NAdam(nadam)),
        ("RMSProp", Rule::RmsProp(rms_prop(0.0))),
        ("RMSProp, momentum", Rule::RmsProp(rms_prop(0.875))),
        ("AdaHessian", Rule::AdaHessian(AdaHessian { adam })),
        ("Sophia", Rule::Sophia(sophia())),
    ]
}

fn normals<T: Float>(stream: u64, n: usize) -> Vec<T> {
    let mut x = vec![T::ZERO; n];
    normals_into(Stream::new(505, stream), &mut x);
    x
}

/// Gradient and curvature of step t; the elements differ in scale.
fn data<T: Float>(t: u64, n: usize) -> [Vec<T>; 2] {
    let mut pair: [Vec<T>; 2] = [normals(2 * t + 10, n), normals(2 * t + 11, n)];
    for x in &mut pair {
        for (i, x) in x.iter_mut().enumerate() {
            *x = x.scale_by_power(3 * (i as i32 % 5) - 6);
        }
    }
    pair
}

/// The formula of every element beside the implementation's, step by step.
struct Beside<N> {
    elements: Vec<Element<N>>,
    clock: crate::oracle::steps::Clock<N>,
}

impl<N: Number> Beside<N> {
    fn new<T: Float>(rule: &Rule<T>, params: &[T]) -> Self {
        let zero = N::of(T::ZERO);
        let at = |&w: &T| Element { memory: [zero; 3], param: N::of(w) };
        Self { elements: params.iter().map(at).collect(), clock: rule.clock() }
    }

    fn step<T: Float>(&mut self, rule: &Rule<T>, [g, d]: [&[T]; 2]) {
        self.clock = rule.tick(self.clock);
        for (element, (&g, &d)) in self.elements.iter_mut().zip(g.iter().zip(d)) {
            *element = rule.formula(self.clock, *element, [N::of(g), N::of(d)]);
        }
    }
}

const LENGTHS: [usize; 9] = [0, 1, 2, 3, 5, 16, 17, 64, 131];

/// Parameters, averages and products of five steps, bit for bit, for lengths around every width.
#[must_use]
pub fn steps_are_their_formulas<T: Float + Number>(subject: &dyn Subject<T>) -> Measured {
    let (mut broken, mut cases) = (0, 0);
    for (_, rule) in rules::<T>() {
        for n in LENGTHS {
            let start = normals::<T>(1, n);
            let (mut ours, mut right) = (Running::new(&start), Beside::<T>::new(&rule, &start));
            for t in 0..5 {
                let [g, d] = data::<T>(t, n);
                cases += 1;
                broken += usize::from(subject.optimizer_step(&rule, [&g, &d], &mut ours).is_err());
                right.step(&rule, [&g, &d]);
            }
            let bits = |x: T| x.to_bits_u64();
            let same = right.elements.iter().enumerate().all(|(i, right)| {
                let [a, b, c] = &ours.memory;
                let memory = [a, b, c].map(|x| x.get(i).map(|&x| bits(x)));
                memory == right.memory.map(|x| Some(bits(x)))
                    && ours.params.get(i).map(|&w| bits(w)) == Some(bits(right.param))
            });
            let products = ours.powers.map(bits) == right.clock.powers.map(bits);
            broken += usize::from(!same || !products);
        }
    }
    Measured::exact(Context::of("optim", subject), "steps are their formulas", broken, cases)
}

/// Steps of the long runs.
const STEPS: u64 = 1_000;

/// Parameters of the long runs.
const WIDTH: usize = 5;

/// Where a thousand steps lead, by an implementation and in 106 bits with the bound.
fn long_run<T: Float + Number>(
    subject: &dyn Subject<T>,
    rule: &Rule<T>,
    data: &dyn Fn(u64) -> [Vec<T>; 2],
) -> Option<Vec<(T, Tracked)>> {
    let start = normals::<T>(1, WIDTH);
    let (mut ours, mut right) = (Running::new(&start), Beside::<Tracked>::new(rule, &start));
    for t in 0..STEPS {
        let [g, d] = data(t);
        subject.optimizer_step(rule, [&g, &d], &mut ours).ok()?;
        right.step(rule, [&g, &d]);
    }
    Some(ours.params.into_iter().zip(right.elements.into_iter().map(|e| e.param)).collect())
}

/// What is left of a refusal: a case that fails.
fn see<T: Float>(worst: &mut Worst, pairs: Option<Vec<(T, Tracked)>>) {
    for (ours, right) in pairs.unwrap_or_else(|| vec![(T::NAN, <Tracked as Number>::of(T::ZERO))]) {
        let [distance, bound] = right.distance(ours);
        worst.see_f64(distance, bound);
    }
}

/// The parameters after a thousand steps along random gradients.
#[must_use]
pub fn a_thousand_steps_stay_within_the_running_bound<T: Float + Number>(
    subject: &dyn Subject<T>,
) -> Measured {
    let mut worst = Worst::default();
    for (_, rule) in rules::<T>() {
        see(&mut worst, long_run(subject, &rule, &|t| data(t, WIDTH)));
    }
    worst.finish(Context::of("optim", subject), "a thousand steps stay within the running bound")
}

/// w₀ − w after t steps along one gradient g and one curvature d, from the constants alone.
type Closed<T> = fn(&Rule<T>, [Double; 2], u64) -> Option<Double>;

fn power(x: Double, t: u64) -> Double {
    (0..t).fold(Double::new(1.0), |product, _| product * x)
}

fn size(x: Double) -> Double {
    if x.high < 0.0 { x.negated() } else { x }
}

/// Σ(1 − βˢ) for s ≤ t: t − β(1 − βᵗ)/(1 − β).
fn warmed_up(beta: Double, t: u64) -> Double {
    let one = Double::new(1.0);
    let left = one + power(beta, t).negated();
    let rest = beta * left / (one + beta.negated());
    Double::new(t as f64) + rest.negated()
}

/// `None` for rules whose constants leave none.
fn closed<T: Float>(rule: &Rule<T>, [g, d]: [Double; 2], t: u64) -> Option<Double> {
    let of = |x: T| Double::new(x.to_f64());
    let (one, steps) = (Double::new(1.0), Double::new(t as f64));
    // Per step, once every average stands still: gη/(root + ε)^2p.
    let even = |adam: &Adam<T>, root: Double, roots: u32| {
        let denominator = (0..roots).fold(root + of(adam.epsilon), |x, _| x.root());
        steps * of(adam.learning_rate) * g / denominator
    };
    match rule {
        Rule::Sgd(rule) => {
            let eta = of(rule.learning_rate);
            let sum = match rule.momentum {
                Momentum::None => steps,
                Momentum::Polyak(b) => warmed_up(of(b), t) / (one + of(b).negated()),
                Momentum::Nesterov(b) => {
                    steps + of(b) * warmed_up(of(b), t) / (one + of(b).negated())
                }
                Momentum::Ema(b) => warmed_up(of(b), t),
            };
            Some(eta * g * sum)
        }
        Rule::Adam(adam) => Some(even(adam, size(g), 0)),
        Rule::NAdam(rule) => Some(even(&rule.adam, size(g), 0)),
        Rule::AdaHessian(rule) => Some(even(&rule.adam, size(d), 0)),
        Rule::Padam(rule) => {
            let roots = match rule.power {
                PartialPower::Half => 0,
                PartialPower::Quarter => 1,
                PartialPower::Eighth => 2,
                PartialPower::Sixteenth => 3,
            };
            Some(even(&rule.adam, size(g), roots))
        }
        Rule::Bounded(rule) => {
            let (root, bound) = (
                size(g),
                match rule.bound {
                    RootBound::AtMost(bound) | RootBound::AtLeast(bound) => of(bound),
                },
            );
            let at_most = matches!(rule.bound, RootBound::AtMost(_));
            let bounded = if (root.high > bound.high) == at_most { bound } else { root };
            Some(even(&rule.adam, bounded, 0))
        }
        Rule::RmsProp(rule) => {
            let (alpha, epsilon) = (of(rule.alpha), of(rule.epsilon));
            let (mut power, mut sum) = (one, Double::new(0.0));
            for _ in 0..t {
                power = power * alpha;
                sum = sum + g / (size(g) * (one + power.negated()).root() + epsilon);
            }
            (rule.momentum == T::ZERO).then(|| of(rule.learning_rate) * sum)
        }
        Rule::Sophia(rule) => {
            let scaled = of(rule.gamma) * d;
            let divisor =
                if scaled.high > rule.epsilon.to_f64() { scaled } else { of(rule.epsilon) };
            let clipped = if size(g).high < divisor.high { g / divisor } else { g / size(g) };
            Some(of(rule.learning_rate) * steps * clipped)
        }
    }
}

/// Rules whose steps along a constant gradient have a closed sum.
fn closed_rules<T: Float>() -> Vec<(&'static str, Rule<T>)> {
    let at_once = |rule: Rule<T>| match rule {
        // Without memory in the first average; the second stands still anyhow.
        Rule::NAdam(rule) => {
            Rule::NAdam(NAdam { adam: Adam { beta1: T::ZERO, ..rule.adam }, ..rule })
        }
        Rule::Sophia(rule) => Rule::Sophia(Sophia { beta1: T::ZERO, beta2: T::ZERO, ..rule }),
        Rule::Padam(rule) => {
            Rule::Padam(Padam { adam: Adam { weight_decay: T::ZERO, ..rule.adam }, ..rule })
        }
        Rule::Sgd(rule) => Rule::Sgd(Sgd { weight_decay: T::ZERO, ..rule }),
        other => other,
    };
    rules()
        .into_iter()
        .filter(|(name, _)| !["Adam, ε inside", "AdamW", "RMSProp, momentum"].contains(name))
        .map(|(name, rule)| (name, at_once(rule)))
        .collect()
}

/// The parameters, and the closed form with the running bound of the formula.
fn against_closed<T: Float + Number>(
    subject: &dyn Subject<T>,
    rule: &Rule<T>,
    form: Closed<T>,
) -> Option<Vec<(T, Tracked)>> {
    let [g, d] = data::<T>(0, WIDTH);
    let start = normals::<T>(1, WIDTH);
    let pairs = long_run(subject, rule, &|_| [g.clone(), d.clone()])?;
    let given = start.iter().zip(g.iter().zip(&d));
    let against = pairs.into_iter().zip(given).map(|((ours, tracked), (w, (g, d)))| {
        let [w, g, d] = [w, g, d].map(|x| Double::new(x.to_f64()));
        let value = w + form(rule, [g, d], STEPS)?.negated();
        Some((ours, tracked.about(value)))
    });
    against.collect()
}

/// A thousand steps along one gradient, against the sum in closed form.
#[must_use]
pub fn constant_gradients_have_closed_forms<T: Float + Number>(
    subject: &dyn Subject<T>,
) -> Measured {
    let mut worst = Worst::default();
    for (_, rule) in closed_rules::<T>() {
        see(&mut worst, against_closed(subject, &rule, closed));
    }
    worst.finish(Context::of("optim", subject), "constant gradients have closed forms")
}

/// What the table says of one rule in one format, in units in the last place of the parameters.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// The rule.
    pub rule: &'static str,
    /// "f32" or "f64".
    pub format: &'static str,
    /// Against the closed form: the largest error, and the bound there.
    pub closed: Option<[f64; 2]>,
    /// Against 106 bits after a thousand steps.
    pub thousand: [f64; 2],
    /// No error beyond its bound.
    pub passed: bool,
}

/// Units in the last place of `value`.
pub(crate) fn ulps<T: Float>(distance: f64, value: f64) -> f64 {
    let unit = 2.0 * T::UNIT_ROUNDOFF.to_f64() * 2.0_f64.powi(value.exponent());
    distance / unit
}

fn largest<T: Float>(pairs: Option<Vec<(T, Tracked)>>) -> [f64; 2] {
    let Some(pairs) = pairs else { return [f64::NAN; 2] };
    let each = pairs.into_iter().map(|(ours, right)| {
        right.distance(ours).map(|distance| ulps::<T>(distance, right.value.high))
    });
    // The element that is nearest to its bound.
    each.fold([0.0, f64::INFINITY], |worst, next| {
        // No bound, NaN, is the worst of all.
        let sound = next[0] / next[1] <= worst[0] / worst[1] || next[0] == 0.0;
        if sound { worst } else { next }
    })
}

/// The rows of the table `optimizers` for one format.
#[must_use]
pub fn measure<T: Float + Number>() -> Vec<Row> {
    let subject = Teeter(Machine::detect());
    let row = |(rule, constants): (&'static str, Rule<T>)| {
        let closed_rule = closed_rules::<T>().into_iter().find(|(name, _)| *name == rule);
        let form = |(_, rule): (_, Rule<T>)| largest(against_closed(&subject, &rule, closed));
        let against = closed_rule.map(form);
        let thousand = largest(long_run(&subject, &constants, &|t| data(t, WIDTH)));
        let holds = |[error, bound]: [f64; 2]| error <= bound;
        let passed = holds(thousand) && against.is_none_or(holds);
        Row { rule, format: format_name::<T>(), closed: against, thousand, passed }
    };
    rules::<T>().into_iter().map(row).collect()
}
