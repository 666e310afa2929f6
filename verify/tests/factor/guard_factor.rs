//! What factors and solves stays within its operands: the means of `guard.rs` for up to five of them, scratch
//! among them with exactly as many elements as its `_scratch_len` says.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails, in helpers too")]

use teeter::factor::{self, LdltRegularization};
use teeter::matrix::{self, Diagonal, Side, Triangle};
use teeter::{Float, Machine};
use teeter_verify::input::guarded::Guarded;
use teeter_verify::input::operands::Fill::{General, Indefinite, Positive};
use teeter_verify::input::operands::{COUNT, NONE, Row, scratch, square, stays_within, vector};

fn definite<T: Float>() -> [Row<T>; 4] {
    [
        Row {
            name: "Cholesky, solves, inverse",
            specs: |[n, _, p]| {
                [square(Positive, n), (General, [n, p]), square(General, n), vector(n), NONE]
            },
            call: |machine, [a, b, inverse, x, _]| {
                factor::cholesky_in_place(machine, a.write())?;
                factor::cholesky_solve_matrix(machine, a.read(), b.write())?;
                factor::cholesky_inverse(machine, a.read(), inverse.write())?;
                factor::cholesky_solve(machine, a.read(), x.memory)
            },
        },
        Row {
            name: "Cholesky, updated and downdated",
            specs: |[n, ..]| {
                let length = factor::cholesky_downdate_scratch_len(n);
                [square(Positive, n), vector(n), vector(n), scratch(length), NONE]
            },
            call: |machine, [a, x, y, scratch, _]| {
                factor::cholesky_in_place(machine, a.write())?;
                factor::cholesky_update(machine, a.write(), x.memory)?;
                factor::cholesky_downdate(machine, a.write(), y.memory, scratch.memory)
            },
        },
        Row {
            name: "LDLᵀ, solve",
            specs: |[n, _, p]| [square(Positive, n), (General, [n, p]), NONE, NONE, NONE],
            call: |machine, [a, b, ..]| {
                factor::ldlt_in_place(machine, a.write(), None)?;
                factor::ldlt_solve(machine, a.read(), b.write())
            },
        },
        Row {
            name: "LDLᵀ, regularized",
            specs: |[n, ..]| [square(Indefinite, n), NONE, NONE, NONE, NONE],
            call: |machine, [a, ..]| {
                let rule = LdltRegularization { signs: &[], epsilon: T::HALF, delta: T::ONE };
                factor::ldlt_in_place(machine, a.write(), Some(rule)).map(|_| ())
            },
        },
    ]
}

fn general<T: Float>() -> [Row<T>; 3] {
    [
        Row {
            name: "LDLᵀ, pivoted, solve",
            specs: |[n, _, p]| {
                let work = scratch(factor::ldlt_pivoted_scratch_len(n));
                [square(Indefinite, n), (General, [n, p]), vector(n.saturating_sub(1)), work, NONE]
            },
            call: |machine, [a, b, beside, scratch, _]| {
                let mut pivots = vec![0; a.shape[0]];
                let (to, work) = (&mut *beside.memory, &mut *scratch.memory);
                factor::ldlt_pivoted_in_place(machine, a.write(), to, &mut pivots, work)?;
                factor::ldlt_pivoted_solve(machine, a.read(), to, &pivots, b.write())
            },
        },
        Row {
            name: "LU, solves",
            specs: |[n, _, p]| [square(General, n), (General, [n, p]), NONE, NONE, NONE],
            call: |machine, [a, b, ..]| {
                let mut pivots = vec![0; a.shape[0]];
                factor::lu_in_place(machine, a.write(), &mut pivots)?;
                factor::lu_solve(machine, a.read(), &pivots, b.write())?;
                factor::lu_solve_t(machine, a.read(), &pivots, b.write())
            },
        },
        Row {
            name: "trsm, every side and triangle",
            specs: |[n, _, p]| {
                [square(Positive, n), (General, [n, p]), (General, [p, n]), NONE, NONE]
            },
            call: |machine, [a, b, c, ..]| {
                let lower = a.read().triangular(Triangle::Lower, Diagonal::NonUnit);
                for l in [lower, lower.t()] {
                    matrix::trsm(machine, T::PI, Side::Left(l), b.write())?;
                    matrix::trsm(machine, T::PI, Side::Right(l), c.write())?;
                }
                let unit = a.read().triangular(Triangle::Lower, Diagonal::Unit);
                matrix::trmm(machine, T::HALF, Side::Left(unit), b.write())
            },
        },
    ]
}

fn rectangular<T: Float>() -> [Row<T>; 4] {
    [
        Row {
            name: "LU of a rectangle",
            specs: |[m, n, _]| [(General, [m, n]), NONE, NONE, NONE, NONE],
            call: |machine, [a, ..]| {
                let mut pivots = vec![0; a.shape[0].min(a.shape[1])];
                factor::lu_in_place(machine, a.write(), &mut pivots)
            },
        },
        Row {
            name: "QR, applied and formed",
            specs: |[m, n, p]| {
                let size = factor::qr_scratch_len(m, n.max(p).max(m.min(n)));
                let (c, q) = ((General, [m, p]), (General, [m, m.min(n)]));
                [(General, [m, n]), vector(m.min(n)), c, q, scratch(size)]
            },
            call: |machine, [a, tau, c, q, scratch]| {
                let [m, n] = a.shape;
                // Each call gets as much as it asks for: the last elements.
                let from = scratch.memory.len() - factor::qr_scratch_len(m, n);
                factor::qr_in_place(machine, a.write(), tau.memory, &mut scratch.memory[from..])?;
                let from = scratch.memory.len() - factor::qr_scratch_len(m, c.shape[1]);
                let work = &mut scratch.memory[from..];
                factor::qr_apply(machine, a.read(), tau.memory, c.write(), work)?;
                factor::qr_apply_t(machine, a.read(), tau.memory, c.write(), work)?;
                let from = scratch.memory.len() - factor::qr_scratch_len(m, q.shape[1]);
                let work = &mut scratch.memory[from..];
                factor::qr_form(machine, a.read(), tau.memory, q.write(), work)
            },
        },
        Row {
            name: "QR, pivoted",
            specs: |[m, n, _]| {
                let work = scratch(factor::qr_pivoted_scratch_len(m, n));
                [(General, [m, n]), vector(m.min(n)), work, NONE, NONE]
            },
            call: |machine, [a, tau, scratch, ..]| {
                let (work, columns) = (&mut *scratch.memory, &mut vec![0; a.shape[1]]);
                factor::qr_pivoted_in_place(machine, a.write(), tau.memory, columns, work)
            },
        },
        Row {
            name: "least squares, pivoted",
            specs: |[m, n, p]| {
                let work = scratch(factor::least_squares_pivoted_scratch_len(m, n, p));
                [(General, [m, n]), (General, [m.max(n), p]), work, NONE, NONE]
            },
            call: |machine, [a, b, scratch, ..]| {
                let (work, columns) = (&mut *scratch.memory, &mut vec![0; a.shape[1]]);
                let (a, b, tolerance) = (a.write(), b.write(), T::EPSILON);
                factor::least_squares_pivoted(machine, a, b, tolerance, columns, work).map(|_| ())
            },
        },
    ]
}

/// Those that take n³ and more steps in small pieces: fewer orders.
fn spectral<T: Float>() -> [Row<T>; 5] {
    [
        Row {
            name: "least squares",
            specs: |[m, n, p]| {
                let (m, n) = (m.max(n), m.min(n));
                let work = scratch(factor::least_squares_scratch_len(m, n, p));
                [(General, [m, n]), (General, [m, p]), work, NONE, NONE]
            },
            call: |machine, [a, b, scratch, ..]| {
                factor::least_squares(machine, a.write(), b.write(), scratch.memory)
            },
        },
        Row {
            name: "symmetric eigen",
            specs: |[n, ..]| {
                let work = scratch(factor::symmetric_eigen_scratch_len(n));
                [square(General, n), vector(n), work, NONE, NONE]
            },
            call: |machine, [a, values, scratch, ..]| {
                factor::symmetric_eigen(machine, a.write(), values.memory, scratch.memory)
            },
        },
        Row {
            name: "generalized eigen",
            specs: |[n, ..]| {
                let work = scratch(factor::generalized_eigen_scratch_len(n));
                [square(General, n), square(Positive, n), vector(n), work, NONE]
            },
            call: |machine, [a, g, values, scratch, _]| {
                let (a, g) = (a.write(), g.write());
                factor::generalized_eigen(machine, a, g, values.memory, scratch.memory)
            },
        },
        Row {
            name: "SVD",
            specs: |[m, n, _]| {
                let (k, work) = (m.min(n), scratch(factor::svd_scratch_len(m, n)));
                [(General, [m, n]), (General, [m, k]), vector(k), (General, [n, k]), work]
            },
            call: |machine, [a, u, values, v, scratch]| {
                let (u, v) = (u.write(), v.write());
                factor::svd(machine, a.read(), u, values.memory, v, scratch.memory)
            },
        },
        Row {
            name: "tridiagonal",
            specs: |[n, _, p]| {
                let [d, e] = [vector(n), vector(n.saturating_sub(1))];
                [d, e, (General, [p, n]), vector(n), vector(n)]
            },
            call: |_, [d, e, vectors, first, other]| {
                other.memory.copy_from_slice(d.memory);
                let mut beside = e.memory.to_vec();
                factor::tridiagonal_first_components(other.memory, &mut beside, first.memory)?;
                factor::tridiagonal_vectors(d.memory, e.memory, vectors.write())
            },
        },
    ]
}

/// Past twice the tallest tile, three vectors of 512 bits, and the widest one, eight columns.
const fn tall<T: Float>() -> usize {
    2 * 3 * 512 / T::BITS as usize + 1
}

const SHORT: [usize; 11] = [1, 8, 3, 17, 0, 4, 9, 2, 5, 12, 7];

fn guards(len: usize) -> [Guarded; COUNT] {
    std::array::from_fn(|_| Guarded::new(len))
}

/// Every order; widths and layouts in turn.
fn every_order<T: Float>(rows: impl IntoIterator<Item = Row<T>>, orders: &[usize]) {
    let size = tall::<T>() + 20;
    let guards = &mut guards(4 * size * size);
    let mut turn = 0;
    for row in rows {
        for machine in Machine::present() {
            for &long in orders {
                for _ in 0..2 {
                    let [short, p] = [turn, turn / 3].map(|turn| SHORT[turn % SHORT.len()]);
                    for shape in [[long, short, p], [short, long, p]] {
                        stays_within(&row, machine, shape, turn, guards);
                    }
                    turn += 1;
                }
            }
        }
    }
}

fn all<T: Float>() -> Vec<usize> {
    (0..=tall::<T>()).collect()
}

/// Around the edges of vectors and tiles.
fn few<T: Float>() -> Vec<usize> {
    let edge = |n: usize| n <= 20 || n % 8 <= 1 && n <= 49 || n + 1 >= tall::<T>();
    all::<T>().into_iter().filter(|&n| edge(n)).collect()
}

#[test]
fn definite_factors_stay_within_their_operands() {
    every_order(definite::<f32>(), &all::<f32>());
    every_order(definite::<f64>(), &all::<f64>());
}

#[test]
fn general_factors_stay_within_their_operands() {
    every_order(general::<f32>(), &all::<f32>());
    every_order(general::<f64>(), &all::<f64>());
}

#[test]
fn rectangular_factors_stay_within_their_operands() {
    every_order(rectangular::<f32>(), &all::<f32>());
    every_order(rectangular::<f64>(), &all::<f64>());
}

#[test]
fn spectral_factors_stay_within_their_operands() {
    every_order(spectral::<f32>(), &few::<f32>());
    every_order(spectral::<f64>(), &few::<f64>());
}

/// More than a panel has columns, and more rows than are packed.
#[test]
fn blocks_beyond_a_panel_stay_within_their_operands() {
    let guards = &mut guards(1800 * 320);
    for machine in Machine::present() {
        for (turn, order) in [(0, 257), (1, 262)] {
            for row in definite::<f64>() {
                stays_within(&row, machine, [order, 0, 5], turn, guards);
            }
            let [lu, ..] = rectangular::<f64>();
            stays_within(&lu, machine, [1531, 9, 0], turn, guards);
            stays_within(&lu, machine, [1600, 17, 0], turn + 2, guards);
        }
    }
}
