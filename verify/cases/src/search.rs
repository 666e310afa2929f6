//! Searches for eigenpairs, solves and bounds by products alone.

use teeter::krylov::{self, Eigenpair, Which};
use teeter::operator::{Dense, Diagonal};

use crate::input::{Fill, Number, fill};
use crate::krylov::{pair, symmetric};
use crate::lab::{Lab, Layout};

const ORDERS: [usize; 4] = [1, 2, 9, 17];

pub(crate) fn extremal_eigenpairs<T: Number>(lab: &mut Lab<'_, T>) {
    let machine = lab.machine;
    let count = 2;
    for (seed, n) in (0..).zip(ORDERS) {
        for which in [Which::LargestAlgebraic, Which::BothEnds] {
            let search = krylov::ThickRestartOptions {
                count,
                limit: None,
                which,
                krylov_dim: 6,
                block: if n > 1 { 2 } else { 1 },
                tolerance: T::EPSILON.sqrt(),
                checked: 1,
                product_max: 40,
                seed,
            };
            let options = krylov::EigenpairsOptions { search, starts: 0 };
            let scratch = krylov::extremal_eigenpairs_scratch_len(n, 6);
            let ([a, vectors, scratch], hash) = lab.lend([n * n, n * count, scratch]);
            symmetric(a, n, seed);
            let mut pairs = [Eigenpair::unknown(); 2];
            let outcome = Dense::new(machine, Layout::Rows.of(a, [n, n])).and_then(|mut dense| {
                krylov::extremal_eigenpairs(
                    machine, &mut dense, &options, &mut pairs, vectors, scratch,
                )
            });
            if let Some(found) = hash.outcome(outcome) {
                hash.count(found);
                pairs.iter().for_each(|found| pair(hash, found));
                hash.numbers(vectors);
            }
        }
    }
}

pub(crate) fn lobpcg<T: Number>(lab: &mut Lab<'_, T>) {
    let machine = lab.machine;
    let count = 2;
    for (seed, n) in (0..).zip(ORDERS) {
        for end in [krylov::SpectrumEnd::Largest, krylov::SpectrumEnd::Smallest] {
            let options = krylov::LobpcgOptions {
                end,
                count,
                starts: 0,
                tolerance: T::EPSILON.sqrt(),
                product_max: 40,
                seed,
            };
            let scratch = krylov::lobpcg_scratch_len(n, count);
            let ([a, inverse, vectors, scratch], hash) = lab.lend([n * n, n, n * count, scratch]);
            symmetric(a, n, seed);
            fill(inverse, Fill::Positive, seed + 1000);
            let mut pairs = [Eigenpair::unknown(); 2];
            let outcome = Dense::new(machine, Layout::Rows.of(a, [n, n])).and_then(|mut dense| {
                let operators = (&mut dense, &mut Diagonal::new(inverse));
                krylov::lobpcg(machine, operators, &options, &mut pairs, vectors, scratch)
            });
            if let Some(found) = hash.outcome(outcome) {
                hash.count(found);
                pairs.iter().for_each(|found| pair(hash, found));
                hash.numbers(vectors);
            }
        }
    }
}

pub(crate) fn low_memory_eigenpair<T: Number>(lab: &mut Lab<'_, T>) {
    let machine = lab.machine;
    for (seed, n) in (0..).zip(ORDERS) {
        let tolerance = T::EPSILON.sqrt();
        let options =
            krylov::LowMemoryOptions { which: Which::SmallestAlgebraic, steps_max: 7, tolerance };
        let scratch = krylov::low_memory_scratch_len(n, 7);
        let ([a, start, vector, scratch], hash) = lab.lend([n * n, n, n, scratch]);
        symmetric(a, n, seed);
        fill(start, Fill::Plain, seed + 1000);
        let outcome = Dense::new(machine, Layout::Rows.of(a, [n, n])).and_then(|mut dense| {
            krylov::low_memory_eigenpair(machine, &mut dense, &options, start, vector, scratch)
        });
        if let Some(found) = hash.outcome(outcome) {
            hash.numbers(&[found.value, found.residual, found.lower, found.upper]);
            hash.count(found.products);
            hash.count(found.stop as usize);
            hash.numbers(vector);
        }
    }
}

pub(crate) fn conjugate_gradient<T: Number>(lab: &mut Lab<'_, T>) {
    let machine = lab.machine;
    for (seed, n) in (0..).zip(ORDERS) {
        let scratch = krylov::conjugate_gradient_scratch_len(n);
        let ([a, b, diagonal, x, scratch], hash) = lab.lend([n * n, n, n, n, scratch]);
        symmetric(a, n, seed);
        for i in 0..n {
            a[i * n + i] = T::from_usize(5 * n + i);
        }
        fill(b, Fill::Plain, seed + 1000);
        for preconditioned in [false, true] {
            (0..n).for_each(|i| diagonal[i] = a[i * n + i]);
            let options = krylov::SolveOptions {
                tolerance: T::EPSILON.sqrt(),
                product_max: 12,
                floor: T::ONE,
                preconditioner: preconditioned.then_some(&*diagonal),
            };
            let outcome = Dense::new(machine, Layout::Rows.of(a, [n, n])).and_then(|mut dense| {
                krylov::conjugate_gradient(machine, &mut dense, b, &options, x, scratch)
            });
            if let Some(found) = hash.outcome(outcome) {
                hash.numbers(&[found.residual, found.energy_before, found.error_upper]);
                hash.count(found.products);
                hash.numbers(x);
            }
        }
    }
}

pub(crate) fn track_sharpness<T: Number>(lab: &mut Lab<'_, T>) {
    let machine = lab.machine;
    for (seed, n) in (0..).zip(ORDERS) {
        let options = krylov::SharpnessTrackerOptions {
            dim_max: 4,
            products_per_step: 2,
            limit: Some(T::from_usize(n)),
            seed,
        };
        let scratch = krylov::sharpness_tracker_scratch_len(n, 4);
        let ([a, product, scratch], hash) = lab.lend([n * n, n, scratch]);
        symmetric(a, n, seed);
        let tracker = krylov::SharpnessTracker::new(machine, n, &options, &[], scratch);
        let Some(mut tracker) = hash.outcome(tracker) else { continue };
        for step in 0..5 {
            a[0] += T::from_f64(0.125) * T::from_usize(step);
            let outcome = Dense::new(machine, Layout::Rows.of(a, [n, n]))
                .and_then(|mut dense| krylov::track_sharpness(&mut tracker, &mut dense, product));
            if let Some(found) = hash.outcome(outcome) {
                hash.numbers(&[found.value, found.residual, found.lag, found.drift]);
                hash.numbers(&[found.measured, found.measured_residual]);
                hash.count(found.beyond_limit);
            }
        }
    }
}

pub(crate) fn largest_eigenvalue_bound<T: Number>(lab: &mut Lab<'_, T>) {
    let machine = lab.machine;
    for (seed, n) in (0..).zip(ORDERS) {
        for floor in [krylov::Floor::Unknown, krylov::Floor::AtLeast(T::from_f64(-4.0))] {
            let options = krylov::LargestBoundOptions { steps: 6, floor, failure: 0.125, seed };
            let scratch = krylov::largest_eigenvalue_bound_scratch_len(n, 6);
            let ([a, scratch], hash) = lab.lend([n * n, scratch]);
            symmetric(a, n, seed);
            let outcome = Dense::new(machine, Layout::Rows.of(a, [n, n])).and_then(|mut dense| {
                krylov::largest_eigenvalue_bound(machine, &mut dense, &options, scratch)
            });
            if let Some(found) = hash.outcome(outcome) {
                hash.numbers(&[found.lower, found.upper, found.learning_rate]);
                hash.count(found.products);
            }
        }
    }
}
