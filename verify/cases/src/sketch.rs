//! Traces that sketch, diagonals, quadratures and the report.

use teeter::Error;
use teeter::curvature::{self, Damping, ReportOptions};
use teeter::krylov::{Floor, SolveOptions};
use teeter::operator::Dense;
use teeter::random::Stream;
use teeter::trace::{
    self, DiagonalOptions, HutchinsonOptions, Probe, SlqOptions, TraceEstimate, TraceRatioOptions,
};

use crate::input::Number;
use crate::krylov::symmetric;
use crate::lab::{Lab, Layout};
use crate::trace::{estimate, options};

const ORDERS: [usize; 4] = [1, 2, 9, 17];
const PROBES: [Probe; 2] = [Probe::Rademacher, Probe::Gaussian];

/// A positive definite matrix.
fn positive<T: Number>(a: &mut [T], n: usize, seed: u64) {
    symmetric(a, n, seed);
    (0..n).for_each(|i| a[i * n + i] += T::from_usize(4 * n));
}

/// An estimate of each order and kind of probe.
fn each<T: Number>(
    lab: &mut Lab<'_, T>,
    scratch_len: fn(usize, usize) -> usize,
    run: impl Fn(&mut Dense<'_, T>, &HutchinsonOptions<T>, &mut [T]) -> Result<TraceEstimate<T>, Error>,
) {
    let machine = lab.machine;
    for (seed, n) in (0..).zip(ORDERS) {
        for probe in PROBES {
            let options = options(probe, seed);
            let ([a, scratch], hash) = lab.lend([n * n, scratch_len(n, options.products)]);
            positive(a, n, seed);
            let outcome = Dense::new(machine, Layout::Rows.of(a, [n, n]))
                .and_then(|mut dense| run(&mut dense, &options, scratch));
            hash.outcome(outcome).iter().for_each(|found| estimate(hash, found));
        }
    }
}

pub(crate) fn hutch_pp<T: Number>(lab: &mut Lab<'_, T>) {
    let machine = lab.machine;
    each(lab, trace::hutch_pp_scratch_len, |dense, options, scratch| {
        trace::hutch_pp(machine, dense, options, scratch)
    });
}

pub(crate) fn na_hutch_pp<T: Number>(lab: &mut Lab<'_, T>) {
    let machine = lab.machine;
    each(lab, trace::na_hutch_pp_scratch_len, |dense, options, scratch| {
        trace::na_hutch_pp(machine, dense, options, scratch)
    });
}

pub(crate) fn xtrace<T: Number>(lab: &mut Lab<'_, T>) {
    let machine = lab.machine;
    each(lab, trace::xtrace_scratch_len, |dense, options, scratch| {
        trace::xtrace(machine, dense, options, scratch)
    });
}

pub(crate) fn xnystrace<T: Number>(lab: &mut Lab<'_, T>) {
    let machine = lab.machine;
    each(lab, trace::xnystrace_scratch_len, |dense, options, scratch| {
        trace::xnystrace_deflated(machine, dense, options, 2, scratch)
    });
}

pub(crate) fn diagonal<T: Number>(lab: &mut Lab<'_, T>) {
    let machine = lab.machine;
    for (seed, n) in (0..).zip(ORDERS) {
        let scratch = trace::diagonal_estimate_scratch_len(n);
        let ([a, diagonal, errors, scratch], hash) = lab.lend([n * n, n, n, scratch]);
        symmetric(a, n, seed);
        let options = DiagonalOptions { products: 5, stream: Stream::new(seed, 5) };
        let outcome = Dense::new(machine, Layout::Rows.of(a, [n, n])).and_then(|mut dense| {
            trace::diagonal_estimate(machine, &mut dense, options, diagonal, errors, scratch)
        });
        if let Some(products) = hash.outcome(outcome) {
            hash.count(products);
            hash.numbers(diagonal);
            hash.numbers(errors);
        }
    }
}

pub(crate) fn quadrature<T: Number>(lab: &mut Lab<'_, T>) {
    let machine = lab.machine;
    for (seed, n) in (0..).zip(ORDERS) {
        for probe in PROBES {
            let stream = Stream::new(seed, 5);
            let options = SlqOptions { probe, probes: 3, steps: 5, stream };
            let scratch = trace::stochastic_lanczos_quadrature_scratch_len(n, 3, 5);
            let lens = [n * n, scratch, trace::quadrature_scratch_len(5)];
            let ([a, scratch, small], hash) = lab.lend(lens);
            symmetric(a, n, seed);
            let outcome = Dense::new(machine, Layout::Rows.of(a, [n, n])).and_then(|mut dense| {
                let slq =
                    trace::stochastic_lanczos_quadrature(machine, &mut dense, &options, scratch)?;
                slq.estimate_of(|x| x * x, T::from_f64(0.9375), small)
            });
            hash.outcome(outcome).iter().for_each(|found| estimate(hash, found));
        }
    }
}

pub(crate) fn ratio_solve<T: Number>(lab: &mut Lab<'_, T>) {
    let machine = lab.machine;
    for (seed, n) in (0..).zip(ORDERS) {
        let scratch = trace::trace_ratio_solve_scratch_len(n);
        let ([h, g, scratch], hash) = lab.lend([n * n, n * n, scratch]);
        symmetric(h, n, seed);
        positive(g, n, seed + 1000);
        let solve = SolveOptions {
            tolerance: T::EPSILON.sqrt(),
            product_max: 30,
            floor: T::ONE,
            preconditioner: None,
        };
        let HutchinsonOptions { probe, confidence, stream, .. } = options(Probe::Gaussian, seed);
        let options = TraceRatioOptions { probe, probes: 3, confidence, stream, solve };
        let outcome = Dense::new(machine, Layout::Rows.of(h, [n, n])).and_then(|mut h| {
            let mut g = Dense::new(machine, Layout::Rows.of(g, [n, n]))?;
            trace::trace_ratio_solve(machine, &mut h, &mut g, &options, scratch)
        });
        if let Some(found) = hash.outcome(outcome) {
            estimate(hash, &found.trace);
            hash.number(found.solve_error);
        }
    }
}

pub(crate) fn curvature_report<T: Number>(lab: &mut Lab<'_, T>) {
    let machine = lab.machine;
    for (seed, n) in (0..).zip(ORDERS) {
        let stream = Stream::new(seed, 5);
        let quadrature = SlqOptions { probe: Probe::Gaussian, probes: 3, steps: 5, stream };
        let confidence = T::from_f64(0.9375);
        let options = ReportOptions { quadrature, confidence, floor: Floor::Unknown };
        let scratch = curvature::curvature_report_scratch_len(n, 3, 5);
        let ([a, scratch, small], hash) =
            lab.lend([n * n, scratch, trace::quadrature_scratch_len(5)]);
        positive(a, n, seed);
        let outcome = Dense::new(machine, Layout::Rows.of(a, [n, n])).and_then(|mut dense| {
            let report = curvature::curvature_report(machine, &mut dense, &options, scratch)?;
            report.summary(Damping::OfLargest(T::from_f64(0.125)), small)
        });
        if let Some(found) = hash.outcome(outcome) {
            for end in [found.largest, found.smallest] {
                hash.numbers(&[end.value, end.lower, end.upper]);
            }
            estimate(hash, &found.trace);
            hash.numbers(&[found.frobenius.value, found.alpha]);
            estimate(hash, &found.effective.trace);
        }
    }
}
