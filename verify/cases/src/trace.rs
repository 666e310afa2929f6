//! Traces, by probes and exactly.

use teeter::factor::cholesky_in_place;
use teeter::operator::Dense;
use teeter::random::Stream;
use teeter::trace::{self, HutchinsonOptions, Probe, TraceEstimate};

use crate::Hash;
use crate::input::{Fill, Number, fill};
use crate::krylov::symmetric;
use crate::lab::{Lab, Layout};

const ORDERS: [usize; 5] = [1, 2, 9, 17, 33];

pub(crate) fn options<T: Number>(probe: Probe, seed: u64) -> HutchinsonOptions<T> {
    let confidence = T::from_f64(0.9375);
    HutchinsonOptions { probe, products: 6, confidence, stream: Stream::new(seed, 5) }
}

pub(crate) fn estimate<T: Number>(hash: &mut Hash, found: &TraceEstimate<T>) {
    hash.numbers(&[found.value, found.standard_error, found.lower, found.upper]);
    hash.count(found.products);
    hash.count(found.stop as usize);
}

pub(crate) fn student_t_quantile<T: Number>(lab: &mut Lab<'_, T>) {
    let hash = lab.hash();
    for freedom in [1, 2, 3, 5, 6, 31, 200, 201, usize::MAX] {
        for confidence in [0.125, 0.5, 0.9375, 0.99] {
            let found = trace::student_t_quantile(T::from_f64(confidence), freedom);
            hash.outcome(found).into_iter().for_each(|found| hash.number(found));
        }
    }
}

pub(crate) fn hutchinson<T: Number>(lab: &mut Lab<'_, T>) {
    let machine = lab.machine;
    for (seed, &n) in (0..).zip(&ORDERS) {
        for probe in [Probe::Rademacher, Probe::Gaussian] {
            let ([a, scratch], hash) = lab.lend([n * n, trace::hutchinson_scratch_len(n)]);
            symmetric(a, n, seed);
            let outcome = Dense::new(machine, Layout::Rows.of(a, [n, n])).and_then(|mut dense| {
                trace::hutchinson(machine, &mut dense, &options(probe, seed), scratch)
            });
            hash.outcome(outcome).iter().for_each(|found| estimate(hash, found));
        }
    }
}

pub(crate) fn exact<T: Number>(lab: &mut Lab<'_, T>) {
    let machine = lab.machine;
    for (seed, &n) in (0..).zip(&ORDERS) {
        let ([a, scratch], hash) = lab.lend([n * n, trace::trace_exact_scratch_len(n)]);
        symmetric(a, n, seed);
        let outcome = Dense::new(machine, Layout::Columns.of(a, [n, n]))
            .and_then(|mut dense| trace::trace_exact(&mut dense, scratch));
        hash.outcome(outcome).into_iter().for_each(|found| hash.number(found));
    }
}

pub(crate) fn ratio_diagonal<T: Number>(lab: &mut Lab<'_, T>) {
    let machine = lab.machine;
    for (seed, &n) in (0..).zip(&ORDERS) {
        for probe in [Probe::Rademacher, Probe::Gaussian] {
            let lens = [n * n, n, trace::trace_ratio_scratch_len(n)];
            let ([a, g, scratch], hash) = lab.lend(lens);
            symmetric(a, n, seed);
            fill(g, Fill::Positive, seed + 1000);
            let outcome = Dense::new(machine, Layout::Rows.of(a, [n, n])).and_then(|mut dense| {
                trace::trace_ratio_diagonal(machine, &mut dense, g, &options(probe, seed), scratch)
            });
            hash.outcome(outcome).iter().for_each(|found| estimate(hash, found));
        }
    }
}

pub(crate) fn ratio_cholesky<T: Number>(lab: &mut Lab<'_, T>) {
    let machine = lab.machine;
    for (seed, &n) in (0..).zip(&ORDERS) {
        let lens = [n * n, n * n, trace::trace_ratio_scratch_len(n)];
        let ([a, g, scratch], hash) = lab.lend(lens);
        symmetric(a, n, seed);
        symmetric(g, n, seed + 1);
        for i in 0..n {
            g[i * n + i] = T::from_usize(5 * n);
        }
        let factored = cholesky_in_place(machine, Layout::Rows.of_mut(g, [n, n]));
        let outcome = factored.and_then(|()| {
            let mut dense = Dense::new(machine, Layout::Rows.of(a, [n, n]))?;
            let (l, options) = (Layout::Rows.of(g, [n, n]), options(Probe::Rademacher, seed));
            trace::trace_ratio_cholesky(machine, &mut dense, l, &options, scratch)
        });
        hash.outcome(outcome).iter().for_each(|found| estimate(hash, found));
    }
}
