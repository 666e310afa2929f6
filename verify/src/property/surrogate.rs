//! Gradients of another objective than the loss: SAM's point uphill, the trace penalty. In whole numbers, and so exact.

use teeter::optim::{
    Displacement, PenaltyMean, TracePenalty, TracePenaltyState, TraceProbe, tracer_scratch_len,
};
use teeter::{Error, Float, Machine};

use super::{Context, Measured};
use crate::bound::optim as bound;
use crate::oracle::signs;
use crate::subject::Subject;

const N: usize = 4;

/// What the outputs of the model of [`gradient`] are: tₖᵀw.
pub const DIRECTIONS: [[f64; N]; 3] =
    [[1.0, 2.0, 0.0, -1.0], [0.0, 1.0, 3.0, 1.0], [2.0, 0.0, -1.0, 1.0]];

/// Every property.
#[must_use]
pub fn all(subject: &dyn Subject<f64>) -> Vec<Measured> {
    vec![
        sam_gives_back_every_bit(subject),
        sam_stands_still_without_a_gradient(subject),
        sam_moves_alike_at_every_scale(subject),
        a_penalty_has_its_gradient(subject),
    ]
}

/// Weights that (w + ε) − ε does not give back.
#[must_use]
pub fn sam_gives_back_every_bit(subject: &dyn Subject<f64>) -> Measured {
    let weights = [-0.0, f64::MIN_POSITIVE / 4.0, 1.0 / 3.0, 1e-9];
    let mut params = weights;
    let moved = subject.sam(0.75, &[1.0, -2.0, 3.0, 1.0], &mut params);
    let broken = params.iter().zip(&weights).filter(|(a, b)| a.to_bits() != b.to_bits()).count();
    let broken = if moved.is_ok() { broken } else { N };
    Measured::exact(Context::of("optim", subject), "SAM gives back every bit", broken, N)
}

/// A gradient of zero has no direction: SAM stays where it is, and is not NaN.
#[must_use]
pub fn sam_stands_still_without_a_gradient(subject: &dyn Subject<f64>) -> Measured {
    let mut params = [1.0, -2.0, 0.5, 4.0];
    let moved = subject.sam(0.75, &[0.0; N], &mut params).unwrap_or_default();
    let broken = if moved == params { 0 } else { 1 };
    Measured::exact(Context::of("optim", subject), "SAM stands still without a gradient", broken, 1)
}

/// ρg/‖g‖ knows no scale of g: a constant added to ‖g‖ does.
#[must_use]
pub fn sam_moves_alike_at_every_scale(subject: &dyn Subject<f64>) -> Measured {
    let (gradient, powers) = ([2.0, -4.0, 4.0, 0.0], [-400, -40, 0, 40, 400]);
    let mut broken = 0;
    for power in powers {
        let scaled = gradient.map(|g: f64| g.scale_by_power(power));
        let moved = subject.sam(6.0, &scaled, &mut [0.0; N]).unwrap_or_default();
        // ‖g‖ = 6.
        broken += usize::from(moved != gradient);
    }
    Measured::exact(
        Context::of("optim", subject),
        "SAM moves alike at every scale",
        broken,
        powers.len(),
    )
}

/// ∇L of L = ¼Σ(tₖᵀw)⁴.
#[must_use]
pub fn gradient(w: &[f64]) -> Vec<f64> {
    combine(w, |output, _| output * output * output)
}

/// Σ c(tₖᵀw, ‖tₖ‖²) tₖ
#[must_use]
pub fn combine(w: &[f64], c: impl Fn(f64, f64) -> f64) -> Vec<f64> {
    let dot = |t: &[f64], x: &[f64]| t.iter().zip(x).map(|(t, x)| t * x).sum::<f64>();
    let mut sum = vec![0.0; N];
    for t in &DIRECTIONS {
        let factor = c(dot(t, w), dot(t, t));
        sum.iter_mut().zip(t).for_each(|(sum, t)| *sum += factor * t);
    }
    sum
}

/// L + λ Tr H has the gradient ∇L + 6λΣ(tₖᵀw)‖tₖ‖²tₖ, at two points in turn, over all sign vectors: exactly, since a second
/// difference of a cubic has no truncation, and ε is a half.
#[must_use]
pub fn a_penalty_has_its_gradient(subject: &dyn Subject<f64>) -> Measured {
    let points = [vec![1.0, -2.0, 0.0, 1.0], vec![3.0, 1.0, -1.0, 2.0]];
    let mut probes = Vec::new();
    signs::for_each(N, |z| probes.push(z.to_vec()));
    let lambda = 0.5;
    let found = subject.trace_penalty(lambda, &gradient, &points, &probes).unwrap_or_default();
    let mut broken = points.len() * N;
    for (point, found) in points.iter().zip(&found) {
        let right = combine(point, |f, square| f * f * f + lambda * 6.0 * f * square);
        // The running mean of 16 whole numbers rounds.
        let allowed = lambda * bound::penalty_mean(16, LARGEST);
        let close = |(a, b): (&f64, &f64)| (a - b).abs() <= allowed;
        broken -= right.iter().zip(found).filter(|&pair| close(pair)).count();
    }
    let context = Context::of("optim", subject);
    Measured::exact(context, "a trace penalty has its gradient", broken, points.len() * N)
}

/// No penalty's gradient is as large: 6·3·10·25·3.
const LARGEST: f64 = 13_500.0;

/// The kernel's trace penalty over these probes, at each of the points in turn.
pub(crate) fn penalized<T: Float>(
    machine: Machine,
    lambda: T,
    gradient: &dyn Fn(&[T]) -> Vec<T>,
    [points, probes]: [&[Vec<T>]; 2],
) -> Result<Vec<Vec<T>>, Error> {
    let count = probes.len() as u64;
    let rule = TracePenalty { lambda, probe: TraceProbe::Signs, probes: count, interval: 1 };
    let n = points.first().map_or(0, Vec::len);
    let (mut memory, mut scratch) = (vec![T::NAN; n], vec![T::NAN; tracer_scratch_len(n)]);
    let mut state = TracePenaltyState { mean: PenaltyMean::new(&mut memory), steps: 0 };
    let mut gradients = Vec::new();
    for point in points {
        let mut params = point.clone();
        let mut here = gradient(&params);
        for direction in probes {
            let from = Displacement { gradient: &here, direction, distance: T::ONE };
            let ahead = rule.ahead(machine, from, &mut params, &mut scratch)?;
            let there = gradient(ahead.params());
            let behind = ahead.gradient(&there)?;
            let there = gradient(behind.params());
            rule.push(machine, &behind.gradient(&there)?, &mut state)?;
        }
        rule.regularize(machine, &mut state, &mut here)?;
        gradients.push(here);
    }
    Ok(gradients)
}
