//! What factors and solves stays within its operands: the means of `guard.rs` for up to five of them, scratch
//! among them with exactly as many elements as its `_scratch_len` says.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails, in helpers too")]

use teeter::factor::{self, LdltRegularization};
use teeter::matrix::{self, Diagonal, MatMut, MatRef, Side, Triangle};
use teeter::{Error, Float, Machine};
use teeter_verify::input::Source;
use teeter_verify::input::guarded::{End, Guarded, canary};

/// What an operand holds before the call.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fill {
    /// Numbers in [−1, 1).
    General,
    /// A lower triangle with a diagonal that makes it positive definite, canaries above: neither read nor written.
    Positive,
    /// A lower triangle with numbers in [−1, 1) alone, canaries above.
    Indefinite,
    /// Canaries alone: what it holds before means nothing, nor what it holds after.
    Scratch,
}

use Fill::{General, Indefinite, Positive, Scratch};

type Spec = (Fill, [usize; 2]);

const NONE: Spec = (General, [0, 0]);
const COUNT: usize = 5;

const fn square(fill: Fill, n: usize) -> Spec {
    (fill, [n, n])
}

const fn vector(n: usize) -> Spec {
    (General, [n, 1])
}

const fn scratch(n: usize) -> Spec {
    (Scratch, [n, 1])
}

/// A matrix, or a vector as one of a single column.
struct Operand<'a, T> {
    memory: &'a mut [T],
    shape: [usize; 2],
    strides: [usize; 2],
}

impl<T: Float> Operand<'_, T> {
    fn read(&self) -> MatRef<'_, T> {
        MatRef::strided(self.memory, self.shape, self.strides).unwrap()
    }
    fn write(&mut self) -> MatMut<'_, T> {
        MatMut::strided(self.memory, self.shape, self.strides).unwrap()
    }
}

/// A function under test: its operands for m, n, p, and a call of it. Indices are no operands: none of them is
/// reached by pointer.
struct Row<T> {
    name: &'static str,
    specs: fn([usize; 3]) -> [Spec; COUNT],
    call: fn(Machine, &mut [Operand<'_, T>; COUNT]) -> Result<(), Error>,
}

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

/// Row-major and column-major, without and with a gap; vectors are adjacent.
fn strides([rows, cols]: [usize; 2], layout: usize) -> [usize; 2] {
    match layout {
        _ if cols == 1 => [1, rows.max(1)],
        0 => [cols.max(1), 1],
        1 => [1, rows.max(1)],
        2 => [cols + 3, 1],
        _ => [1, rows + 2],
    }
}

const LAYOUTS: usize = 4;

/// The operand's elements, canaries where none is; no element more.
fn memory<T: Float>(spec: Spec, strides: [usize; 2], source: &mut Source) -> Vec<T> {
    let ((fill, [rows, cols]), [down, across]) = (spec, strides);
    if rows == 0 || cols == 0 {
        return Vec::new();
    }
    let mut memory = vec![canary(); (rows - 1) * down + (cols - 1) * across + 1];
    for i in 0..rows {
        for j in 0..cols {
            let value = T::from_f64(source.unit());
            let boost = if i == j { T::from_usize(4 * rows) } else { T::ZERO };
            match fill {
                General => memory[i * down + j * across] = value,
                Positive if j <= i => memory[i * down + j * across] = value + boost,
                Indefinite if j <= i => memory[i * down + j * across] = value,
                _ => {}
            }
        }
    }
    memory
}

/// Between guards as in ordinary memory, bit for bit; canaries keep their bits, and meet no element.
fn stays_within<T: Float>(
    row: &Row<T>,
    machine: Machine,
    shape: [usize; 3],
    turn: usize,
    guards: &mut [Guarded; COUNT],
) {
    let source = &mut Source::new(0x6A7D);
    let specs = (row.specs)(shape);
    let layouts = [turn, turn / LAYOUTS, turn / 3, turn / 2, 0].map(|layout| layout % LAYOUTS);
    let strides: [_; COUNT] = std::array::from_fn(|i| strides(specs[i].1, layouts[i]));
    let before: [Vec<T>; COUNT] = std::array::from_fn(|i| memory(specs[i], strides[i], source));
    let mut after = before.clone();
    let run = |memory: [&mut [T]; COUNT]| {
        let mut i = 0;
        let mut operands = memory.map(|memory| {
            i += 1;
            Operand { memory, shape: specs[i - 1].1, strides: strides[i - 1] }
        });
        (row.call)(machine, &mut operands)
    };
    let what = || format!("{}, {machine:?}, {shape:?}, {layouts:?}", row.name);
    let done = run(after.each_mut().map(Vec::as_mut_slice));
    assert_eq!(done, Ok(()), "{}", what());
    for (i, (before, after)) in before.iter().zip(&after).enumerate() {
        for (before, after) in before.iter().zip(after).filter(|_| specs[i].0 != Scratch) {
            let same = before.to_bits_u64() == after.to_bits_u64();
            let fine = if before.is_nan() { same } else { !after.is_nan() };
            assert!(fine, "{}: operand {i}: a gap was written or read", what());
        }
    }
    for end in [End::First, End::Last] {
        let mut i = 0;
        let memory = guards.each_mut().map(|guard| {
            i += 1;
            guard.hold(&before[i - 1], end)
        });
        assert_eq!(run(memory), Ok(()), "{}, {end:?}", what());
        for (i, guard) in guards.iter_mut().enumerate() {
            let len = before[i].len();
            assert!(guard.is_whole::<T>(len, end), "{}, {end:?}: beside operand {i}", what());
            let found = guard.held::<T>(len, end).iter().map(|x| x.to_bits_u64());
            let same = specs[i].0 == Scratch || found.eq(after[i].iter().map(|x| x.to_bits_u64()));
            assert!(same, "{}, {end:?}: operand {i} differs", what());
        }
    }
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
            for row in definite::<f64>().into_iter().take(1) {
                stays_within(&row, machine, [order, 0, 5], turn, guards);
            }
            let [lu, ..] = rectangular::<f64>();
            stays_within(&lu, machine, [1531, 9, 0], turn, guards);
            stays_within(&lu, machine, [1600, 17, 0], turn + 2, guards);
        }
    }
}
