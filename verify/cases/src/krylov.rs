//! Krylov processes on dense symmetric matrices.

use teeter::krylov::{
    self, Eigenpair, Lanczos, LanczosOptions, PowerOptions, Which, lanczos_scratch_len,
};
use teeter::operator::{Dense, LinearOperator};

use crate::Hash;
use crate::input::{Fill, Number, element, fill};
use crate::lab::{Lab, Layout};

/// A symmetric matrix with a few large eigenvalues, row by row.
pub(crate) fn symmetric<T: Number>(a: &mut [T], n: usize, seed: u64) {
    for i in 0..n {
        for j in 0..=i {
            let value: T = element(Fill::Plain, seed, (i * n + j) as u64);
            let lift = T::from_usize(if i == j { 3 * i } else { 0 });
            a[i * n + j] = value + lift;
            a[j * n + i] = value + lift;
        }
    }
}

pub(crate) fn pair<T: Number>(hash: &mut Hash, pair: &Eigenpair<T>) {
    let numbers = [pair.value, pair.residual, pair.lower, pair.upper, pair.orthogonality];
    hash.numbers(&numbers);
    hash.count(pair.products);
    hash.count(pair.steps);
    hash.count(pair.stop as usize);
}

pub(crate) fn lanczos<T: Number>(lab: &mut Lab<'_, T>) {
    let machine = lab.machine;
    for (seed, (n, steps)) in (0..).zip([(1, 1), (2, 2), (9, 9), (17, 8), (48, 12)]) {
        let lens = [n * n, n, n, lanczos_scratch_len(n, steps)];
        let ([a, start, product, scratch], hash) = lab.lend(lens);
        symmetric(a, n, seed);
        fill(start, Fill::Plain, seed + 1000);
        let outcome = Dense::new(machine, Layout::Rows.of(a, [n, n])).and_then(|mut operator| {
            let mut lanczos = Lanczos::new(machine, start, steps, scratch)?;
            while let Some(q) = lanczos.wants() {
                operator.apply(q, product)?;
                lanczos.push(product)?;
            }
            Ok(lanczos)
        });
        if let Some(mut lanczos) = hash.outcome(outcome) {
            hash.numbers(lanczos.diagonal());
            hash.numbers(lanczos.off_diagonal());
            hash.number(lanczos.residual_norm());
            hash.number(lanczos.norm_estimate());
            if let Some(basis) = hash.outcome(lanczos.basis()) {
                (0..basis.cols()).for_each(|j| hash.numbers(basis.column(j).unwrap_or(&[])));
            }
            let defect = lanczos.orthogonality_defect();
            hash.outcome(defect).into_iter().for_each(|defect| hash.number(defect));
        }
    }
}

pub(crate) fn extremal_eigenpair<T: Number>(lab: &mut Lab<'_, T>) {
    let machine = lab.machine;
    let ends = [Which::LargestAlgebraic, Which::SmallestAlgebraic, Which::LargestMagnitude];
    for (seed, n) in (0..).zip([1, 2, 9, 17, 48]) {
        for which in ends {
            let options = LanczosOptions {
                which,
                krylov_dim: 8,
                product_max: 40,
                tolerance: T::EPSILON.sqrt(),
            };
            let scratch = krylov::extremal_eigenpair_scratch_len(n, options.krylov_dim);
            let ([a, vector, scratch], hash) = lab.lend([n * n, n, scratch]);
            symmetric(a, n, seed);
            fill(vector, Fill::Plain, seed + 1000);
            let outcome = Dense::new(machine, Layout::Rows.of(a, [n, n])).and_then(|mut dense| {
                krylov::extremal_eigenpair(machine, &mut dense, &options, vector, scratch)
            });
            if let Some(found) = hash.outcome(outcome) {
                pair(hash, &found);
                hash.numbers(vector);
            }
        }
    }
}

pub(crate) fn power_iteration<T: Number>(lab: &mut Lab<'_, T>) {
    let machine = lab.machine;
    for (seed, n) in (0..).zip([1, 2, 9, 17, 48]) {
        let options = PowerOptions { product_max: 30, tolerance: T::EPSILON.sqrt() };
        let ([a, vector, scratch], hash) = lab.lend([n * n, n, n]);
        symmetric(a, n, seed);
        fill(vector, Fill::Plain, seed + 1000);
        let outcome = Dense::new(machine, Layout::Rows.of(a, [n, n])).and_then(|mut dense| {
            krylov::power_iteration(machine, &mut dense, &options, vector, scratch)
        });
        if let Some(found) = hash.outcome(outcome) {
            pair(hash, &found);
            hash.numbers(vector);
        }
    }
}
