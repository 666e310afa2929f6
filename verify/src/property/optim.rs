//! Optimizers on a quadratic: below the threshold they come to rest, above it they do not.

use teeter::Float;
use teeter::optim::Momentum;

use super::{Context, Measured};
use crate::bound::optim as bound;
use crate::subject::Subject;

/// Every property of the layer.
#[must_use]
pub fn all<T: Float>(subject: &dyn Subject<T>) -> Vec<Measured> {
    vec![
        descent_converges_below_its_threshold(subject),
        descent_diverges_above_its_threshold(subject),
    ]
}

/// (form, largest stable ηλ₁), from the companion matrix of each form (science.md §3.2), not from the
/// kernel.
fn forms<T: Float>() -> Vec<(Momentum<T>, f64)> {
    let mut list = vec![(Momentum::None, 2.0)];
    for beta in [0.3, 0.5, 0.9] {
        let b = T::from_f64(beta);
        let polyak = 2.0 + 2.0 * beta;
        list.push((Momentum::Polyak(b), polyak));
        list.push((Momentum::Nesterov(b), polyak / (1.0 + 2.0 * beta)));
        list.push((Momentum::Ema(b), polyak / (1.0 - beta)));
    }
    list
}

/// ‖w‖∞ on ½Σλᵢwᵢ², λ₁ at `part` of the threshold, two smaller ones beside it; from all ones, until it
/// is decided. NaN if a step is refused.
fn distance<T: Float>(subject: &dyn Subject<T>, form: Momentum<T>, stable: f64, part: f64) -> f64 {
    let rate = T::from_f64(0.125);
    let top = part * stable / 0.125;
    let curvature = [top, 0.4 * top, 0.05 * top].map(T::from_f64);
    let (mut params, mut velocity) = ([T::ONE; 3], [T::ZERO; 3]);
    let size = |w: &[T; 3]| w.iter().fold(0.0_f64, |m, w| m.max(w.to_f64().abs()));
    for _ in 0..bound::TURNS {
        let mut gradient = [T::ZERO; 3];
        for ((g, &c), &w) in gradient.iter_mut().zip(&curvature).zip(&params) {
            *g = c * w;
        }
        let done = subject.descend((rate, form), &gradient, &mut velocity, &mut params);
        if done.is_err() {
            return f64::NAN;
        }
        if size(&params) > 1.0 / bound::AT_REST {
            break;
        }
    }
    size(&params)
}

/// At 0.99 of the threshold nothing is left of any mode.
#[must_use]
pub fn descent_converges_below_its_threshold<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let worst = forms().into_iter().fold(0.0_f64, |worst, (form, stable)| {
        let left = distance(subject, form, stable, 0.99);
        if left.is_nan() { f64::NAN } else { worst.max(left) }
    });
    let context = Context::of("optim", subject);
    Measured::at_most(context, "descent converges at 0.99 of 2/λ₁", worst, bound::AT_REST)
}

/// At 1.01 of the threshold it has grown past all measure, with every form of momentum.
#[must_use]
pub fn descent_diverges_above_its_threshold<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let least = forms().into_iter().fold(f64::MAX, |least, (form, stable)| {
        let reached = distance(subject, form, stable, 1.01);
        if reached.is_nan() { f64::NAN } else { least.min(reached) }
    });
    let context = Context::of("optim", subject);
    Measured::at_least(context, "descent diverges at 1.01 of 2/λ₁", least, 1.0 / bound::AT_REST)
}
