//! What is concluded from curvature.

use teeter::curvature::{
    self, UpdateRule, effective_parameters_weighted, largest_learning_rate, sane,
};

use crate::input::{FILLS, Fill, Number, element, fill};
use crate::lab::Lab;

pub(crate) fn rotation_angle<T: Number>(lab: &mut Lab<'_, T>) {
    let machine = lab.machine;
    for (seed, n) in (0..).zip([0, 1, 3, 4, 15, 16, 33, 64, 130]) {
        for kind in FILLS {
            let ([x, y], hash) = lab.lend([n, n]);
            fill(x, kind, seed);
            fill(y, kind, seed + 1000);
            let angle = curvature::rotation_angle(machine, x, y);
            hash.outcome(angle).into_iter().for_each(|angle| hash.number(angle));
        }
    }
}

pub(crate) fn effective_parameters<T: Number>(lab: &mut Lab<'_, T>) {
    for (seed, n) in (0..).zip([0, 1, 3, 17, 64]) {
        for kind in [Fill::Plain, Fill::Positive, Fill::Graded, Fill::Edges] {
            let ([x, weights], hash) = lab.lend([n, n]);
            fill(x, kind, seed);
            fill(weights, Fill::Positive, seed + 1000);
            let counts = [
                curvature::effective_parameters(x, T::HALF),
                curvature::effective_parameters_clipped(x, T::HALF),
                effective_parameters_weighted(x, weights, 100, T::HALF),
                sane(x, T::HALF, n / 2),
            ];
            for count in counts {
                hash.outcome(count).into_iter().for_each(|count| hash.number(count));
            }
        }
    }
}

pub(crate) fn stability_threshold<T: Number>(lab: &mut Lab<'_, T>) {
    for seed in 0..20 {
        let rate: T = element(Fill::Positive, seed, 0);
        let beta = element::<T>(Fill::Positive, seed, 1) * T::from_f64(0.25);
        let rho = beta * T::HALF;
        let rules = [
            UpdateRule::GradientDescent,
            UpdateRule::Polyak { beta },
            UpdateRule::Nesterov { beta },
            UpdateRule::Ema { beta },
            UpdateRule::EmaNesterov { beta },
            UpdateRule::UnnormalizedSam { rho },
            UpdateRule::Sam { rho, gradient_norm: rate },
            UpdateRule::Adam { beta1: beta },
        ];
        for rule in rules {
            let answers =
                [curvature::stability_threshold(rule, rate), largest_learning_rate(rule, T::PI)];
            for answer in answers {
                let hash = lab.hash();
                hash.outcome(answer).into_iter().for_each(|answer| hash.number(answer));
            }
        }
    }
}
