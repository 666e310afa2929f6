//! Factorizations and eigenvalues.

use teeter::factor;
use teeter::matrix::MatMut;

use crate::input::{Fill, Number, element, fill};
use crate::lab::{Lab, Layout};

/// Orders on both sides of tiles and blocks.
const ORDERS: [usize; 17] = [0, 1, 2, 3, 4, 5, 7, 8, 12, 15, 16, 17, 31, 33, 48, 49, 65];

/// A symmetric matrix, `lift` times its order added to the diagonal: positive definite if that is 3 or more, since
/// no element exceeds 4 and most are below 1 in size.
pub(crate) fn symmetric<T: Number>(mut a: MatMut<'_, T>, lift: f64, seed: u64) {
    let n = a.rows();
    for i in 0..n {
        for j in 0..=i {
            let value: T = element(Fill::Plain, seed, (i * n + j) as u64);
            let lifted = if i == j { value + T::from_f64(lift * n as f64) } else { value };
            let _ = a.set(i, j, lifted);
            let _ = a.set(j, i, lifted);
        }
    }
}

/// The lower triangle, row by row.
pub(crate) fn triangle<T: Number>(hash: &mut crate::Hash, a: teeter::matrix::MatRef<'_, T>) {
    for i in 0..a.rows() {
        for j in 0..=i {
            hash.number(a.get(i, j).unwrap_or(T::NAN));
        }
    }
}

pub(crate) fn cholesky<T: Number>(lab: &mut Lab<'_, T>) {
    let machine = lab.machine;
    for (seed, &n) in (0..).zip(&ORDERS) {
        for layout in Layout::ALL {
            let ([a], hash) = lab.lend([layout.len([n, n])]);
            let mut a = layout.of_mut(a, [n, n]);
            symmetric(a.rb_mut(), 5.0, seed);
            if hash.outcome(factor::cholesky_in_place(machine, a.rb_mut())).is_some() {
                triangle(hash, a.rb());
            }
        }
    }
}

/// Indefinite and not finite: refused at the same pivot.
pub(crate) fn cholesky_refused<T: Number>(lab: &mut Lab<'_, T>) {
    let machine = lab.machine;
    for (seed, &n) in (0..).zip(&ORDERS) {
        for layout in Layout::ALL {
            for value in [-T::ONE, T::ZERO, T::NAN, T::INFINITY] {
                let ([a], hash) = lab.lend([layout.len([n, n])]);
                let mut a = layout.of_mut(a, [n, n]);
                symmetric(a.rb_mut(), 5.0, seed);
                let at = n * 2 / 3;
                let _ = a.set(at, at, value);
                hash.outcome(factor::cholesky_in_place(machine, a));
            }
        }
    }
}

pub(crate) fn cholesky_solve<T: Number>(lab: &mut Lab<'_, T>) {
    let machine = lab.machine;
    for (seed, &n) in (0..).zip(&ORDERS) {
        for layout in Layout::ALL {
            let ([a, x], hash) = lab.lend([layout.len([n, n]), n]);
            let mut a = layout.of_mut(a, [n, n]);
            symmetric(a.rb_mut(), 5.0, seed);
            fill(x, Fill::Plain, seed + 1000);
            let done = factor::cholesky_in_place(machine, a.rb_mut())
                .and_then(|()| factor::cholesky_solve(machine, a.rb(), x));
            if hash.outcome(done).is_some() {
                hash.numbers(x);
            }
        }
    }
}

/// Orders of tridiagonal and dense eigenproblems.
const EIGEN_ORDERS: [usize; 12] = [0, 1, 2, 3, 4, 5, 8, 9, 16, 17, 24, 33];

/// What the entries of an eigenproblem are like: ordinary, graded, many equal, not finite.
const EIGEN_FILLS: [Fill; 4] = [Fill::Plain, Fill::Graded, Fill::Whole, Fill::Edges];

pub(crate) fn tridiagonal_values<T: Number>(lab: &mut Lab<'_, T>) {
    for (seed, &n) in (0..).zip(&EIGEN_ORDERS) {
        for kind in EIGEN_FILLS {
            let ([d, e], hash) = lab.lend([n, n.saturating_sub(1)]);
            fill(d, kind, seed);
            fill(e, kind, seed + 1000);
            if hash.outcome(factor::tridiagonal_values(d, e)).is_some() {
                hash.numbers(d);
            }
        }
    }
}

pub(crate) fn tridiagonal_first_components<T: Number>(lab: &mut Lab<'_, T>) {
    for (seed, &n) in (0..).zip(&EIGEN_ORDERS) {
        for kind in EIGEN_FILLS {
            let ([d, e, first], hash) = lab.lend([n, n.saturating_sub(1), n]);
            fill(d, kind, seed);
            fill(e, kind, seed + 1000);
            if hash.outcome(factor::tridiagonal_first_components(d, e, first)).is_some() {
                hash.numbers(d);
                hash.numbers(first);
            }
        }
    }
}

pub(crate) fn tridiagonal_vectors<T: Number>(lab: &mut Lab<'_, T>) {
    for (seed, &n) in (0..).zip(&EIGEN_ORDERS) {
        for layout in Layout::ALL {
            for kind in EIGEN_FILLS {
                let lens = [n, n.saturating_sub(1), layout.len([n + 1, n])];
                let ([d, e, v], hash) = lab.lend(lens);
                fill(d, kind, seed);
                fill(e, kind, seed + 1000);
                fill(v, Fill::Plain, seed + 2000);
                let vectors = layout.of_mut(v, [n + 1, n]);
                if hash.outcome(factor::tridiagonal_vectors(d, e, vectors)).is_some() {
                    hash.numbers(d);
                    hash.numbers(v);
                }
            }
        }
    }
}

pub(crate) fn symmetric_eigen<T: Number>(lab: &mut Lab<'_, T>) {
    let machine = lab.machine;
    for (seed, &n) in (0..).zip(&EIGEN_ORDERS) {
        for layout in Layout::ALL {
            let lens = [layout.len([n, n]), n, factor::symmetric_eigen_scratch_len(n)];
            let ([a, values, scratch], hash) = lab.lend(lens);
            let mut a = layout.of_mut(a, [n, n]);
            symmetric(a.rb_mut(), 0.0, seed);
            let done = factor::symmetric_eigen(machine, a.rb_mut(), values, scratch);
            if hash.outcome(done).is_some() {
                hash.numbers(values);
                for i in 0..n {
                    for j in 0..n {
                        hash.number(a.rb().get(i, j).unwrap_or(T::NAN));
                    }
                }
            }
        }
    }
}
