//! Thresholds by formula.

use teeter::Float;
use teeter::curvature::{UpdateRule, effective_parameters, stability_threshold};

use super::{Context, Measured, Worst};
use crate::bound::optim as bound;
use crate::subject::Subject;

/// Every property of the layer.
#[must_use]
pub fn all<T: Float>(subject: &dyn Subject<T>) -> Vec<Measured> {
    vec![
        thresholds_are_their_formulas(subject),
        effective_parameters_count_the_stiff_directions(subject),
    ]
}

/// Against science.md §3.2 in f64, for many η and β; η and β are exact in either format.
#[must_use]
pub fn thresholds_are_their_formulas<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    for eta in [0.000_976_562_5, 0.25, 0.796_875, 3.0] {
        for beta in [0.0, 0.25, 0.5, 0.75, 0.875] {
            let b = T::from_f64(beta);
            let polyak = 2.0 + 2.0 * beta;
            // ηλ(1 + ρλ) = 2, solved without cancellation.
            let sam = 4.0 / (eta * (1.0 + (1.0 + 8.0 * beta / eta).sqrt()));
            let cases = [
                (UpdateRule::GradientDescent, 2.0 / eta),
                (UpdateRule::Polyak { beta: b }, polyak / eta),
                (UpdateRule::Nesterov { beta: b }, polyak / ((1.0 + 2.0 * beta) * eta)),
                (UpdateRule::Ema { beta: b }, polyak / ((1.0 - beta) * eta)),
                (UpdateRule::Adam { beta1: b }, polyak / ((1.0 - beta) * eta)),
                (UpdateRule::UnnormalizedSam { rho: b }, sam),
            ];
            for (rule, truth) in cases {
                let ours = stability_threshold(rule, T::from_f64(eta)).map_or(f64::NAN, T::to_f64);
                // The formula in f64 rounds as often again.
                let allowed = bound::threshold::<T>() + bound::threshold::<f64>();
                worst.see_f64((ours / truth - 1.0).abs(), allowed);
            }
        }
    }
    worst.finish(Context::of("curvature", subject), "stability thresholds are their formulas")
}

/// Σλ/(λ + α) by plain summation in f64.
#[must_use]
pub fn effective_parameters_count_the_stiff_directions<T: Float>(
    subject: &dyn Subject<T>,
) -> Measured {
    let mut worst = Worst::default();
    for n in [1, 5, 50] {
        let values: Vec<T> = (0..n).map(|i| T::from_f64(100.0 * 0.75_f64.powi(i))).collect();
        for alpha in [0.0625, 1.0, 64.0] {
            let truth: f64 = values.iter().map(|x| x.to_f64() / (x.to_f64() + alpha)).sum();
            let ours = effective_parameters(&values, T::from_f64(alpha));
            let ours = ours.map_or(f64::NAN, T::to_f64);
            worst.see_f64((ours / truth - 1.0).abs(), bound::shares_in::<T>(values.len()));
        }
    }
    let context = Context::of("curvature", subject);
    worst.finish(context, "effective parameters are Σλ/(λ + α)")
}
