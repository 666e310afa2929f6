//! Factorizations other than Cholesky's, and what is done with them.

use teeter::factor;
use teeter::matrix::{MatMut, MatRef};

use crate::Hash;
use crate::factor::symmetric;
use crate::input::{Fill, Number, fill};
use crate::lab::{Lab, Layout};

/// Orders on both sides of tiles and blocks.
const ORDERS: [usize; 13] = [0, 1, 2, 3, 4, 5, 8, 12, 15, 17, 33, 48, 65];

/// Most of the orders above.
const ORDER_MAX: usize = 65;

/// Right sides.
const COLUMNS: usize = 3;

fn elements<T: Number>(hash: &mut Hash, a: MatRef<'_, T>) {
    for i in 0..a.rows() {
        for j in 0..a.cols() {
            hash.number(a.get(i, j).unwrap_or(T::NAN));
        }
    }
}

fn indices(hash: &mut Hash, indices: &[usize]) {
    for &index in indices {
        hash.count(index);
    }
}

/// The first `rows` rows.
fn top<T: Number>(a: MatRef<'_, T>, rows: usize) -> MatRef<'_, T> {
    a.sub([0, 0], [rows, a.cols()]).expect("no more rows than there are")
}

pub(crate) fn cholesky_inverse<T: Number>(lab: &mut Lab<'_, T>) {
    let machine = lab.machine;
    for (seed, &n) in (0..).zip(&ORDERS) {
        for layout in Layout::ALL {
            let lens = [layout.len([n, n]), n * COLUMNS, n * n];
            let ([a, b, inverse], hash) = lab.lend(lens);
            let mut a = layout.of_mut(a, [n, n]);
            symmetric(a.rb_mut(), 5.0, seed);
            fill(b, Fill::Plain, seed + 1000);
            let (b_shape, square) = ([n, COLUMNS], [n, n]);
            let done = factor::cholesky_in_place(machine, a.rb_mut()).and_then(|()| {
                let b = Layout::Rows.of_mut(b, b_shape);
                factor::cholesky_solve_matrix(machine, a.rb(), b)?;
                let target = Layout::Rows.of_mut(inverse, square);
                factor::cholesky_inverse(machine, a.rb(), target)?;
                factor::cholesky_log_determinant(a.rb())
            });
            if let Some(log) = hash.outcome(done) {
                hash.number(log);
                hash.numbers(b);
                crate::factor::triangle(hash, Layout::Rows.of(inverse, square));
            }
        }
    }
}

/// Up, and down again.
pub(crate) fn cholesky_update<T: Number>(lab: &mut Lab<'_, T>) {
    let machine = lab.machine;
    for (seed, &n) in (0..).zip(&ORDERS) {
        for layout in Layout::ALL {
            let lens = [layout.len([n, n]), n, factor::cholesky_downdate_scratch_len(n)];
            let ([a, x, scratch], hash) = lab.lend(lens);
            let mut a = layout.of_mut(a, [n, n]);
            symmetric(a.rb_mut(), 5.0, seed);
            for direction in 0..2 {
                fill(x, Fill::Plain, seed + 1000);
                let done = if direction == 0 {
                    factor::cholesky_in_place(machine, a.rb_mut())
                        .and_then(|()| factor::cholesky_update(machine, a.rb_mut(), x))
                } else {
                    factor::cholesky_downdate(machine, a.rb_mut(), x, scratch)
                };
                if hash.outcome(done).is_some() {
                    crate::factor::triangle(hash, a.rb());
                }
            }
        }
    }
}

pub(crate) fn ldlt<T: Number>(lab: &mut Lab<'_, T>) {
    let machine = lab.machine;
    let signs = [1_i8; ORDER_MAX];
    for (seed, &n) in (0..).zip(&ORDERS) {
        for layout in Layout::ALL {
            for (lift, regularized) in [(5.0, false), (0.0, false), (0.0, true)] {
                let ([a, b], hash) = lab.lend([layout.len([n, n]), n * COLUMNS]);
                let mut a = layout.of_mut(a, [n, n]);
                symmetric(a.rb_mut(), lift, seed);
                fill(b, Fill::Plain, seed + 1000);
                let regularization = regularized.then(|| factor::LdltRegularization {
                    signs: signs.get(..n).unwrap_or(&[]),
                    epsilon: T::from_f64(0.0625),
                    delta: T::ONE,
                });
                let done =
                    factor::ldlt_in_place(machine, a.rb_mut(), regularization).and_then(|count| {
                        let b = Layout::Columns.of_mut(b, [n, COLUMNS]);
                        factor::ldlt_solve(machine, a.rb(), b).map(|()| count)
                    });
                if let Some(count) = hash.outcome(done) {
                    hash.count(count);
                    crate::factor::triangle(hash, a.rb());
                    hash.numbers(b);
                }
            }
        }
    }
}

/// Indefinite, with a hollow diagonal every other time, so that there are pivots of order two.
pub(crate) fn ldlt_pivoted<T: Number>(lab: &mut Lab<'_, T>) {
    let machine = lab.machine;
    for (seed, &n) in (0..).zip(&ORDERS) {
        for layout in Layout::ALL {
            for hollow in [false, true] {
                let mut pivots = [0; ORDER_MAX];
                let pivots = pivots.get_mut(..n).unwrap_or_default();
                let scratch = factor::ldlt_pivoted_scratch_len(n);
                let lens = [layout.len([n, n]), n.saturating_sub(1), n * COLUMNS, scratch];
                let ([a, off_diagonal, b, scratch], hash) = lab.lend(lens);
                let mut a = layout.of_mut(a, [n, n]);
                symmetric(a.rb_mut(), 0.0, seed);
                for i in (0..n).filter(|_| hollow) {
                    let _ = a.set(i, i, T::ZERO);
                }
                fill(b, Fill::Plain, seed + 1000);
                let ld = a.rb_mut();
                let done =
                    factor::ldlt_pivoted_in_place(machine, ld, off_diagonal, pivots, scratch)
                        .and_then(|()| {
                            let b = Layout::Columns.of_mut(b, [n, COLUMNS]);
                            factor::ldlt_pivoted_solve(machine, a.rb(), off_diagonal, pivots, b)?;
                            let inertia = factor::ldlt_pivoted_inertia(a.rb(), off_diagonal)?;
                            let log = factor::ldlt_pivoted_log_determinant(a.rb(), off_diagonal)?;
                            Ok((inertia, log))
                        });
                if let Some((inertia, determinant)) = hash.outcome(done) {
                    indices(hash, &[inertia.negative, inertia.zero, inertia.positive]);
                    hash.numbers(&[determinant.sign, determinant.log]);
                    crate::factor::triangle(hash, a.rb());
                    hash.numbers(off_diagonal);
                    indices(hash, pivots);
                    hash.numbers(b);
                }
            }
        }
    }
}

pub(crate) fn lu<T: Number>(lab: &mut Lab<'_, T>) {
    let machine = lab.machine;
    for (seed, &n) in (0..).zip(&ORDERS) {
        for layout in Layout::ALL {
            let mut pivots = [0; ORDER_MAX];
            let pivots = pivots.get_mut(..n).unwrap_or_default();
            let ([a, b], hash) = lab.lend([layout.len([n, n]), n * COLUMNS]);
            fill(a, Fill::Plain, seed);
            fill(b, Fill::Plain, seed + 1000);
            let mut a = layout.of_mut(a, [n, n]);
            let shape = [n, COLUMNS];
            let done = factor::lu_in_place(machine, a.rb_mut(), pivots).and_then(|()| {
                let b_mut = Layout::Columns.of_mut(b, shape);
                factor::lu_solve(machine, a.rb(), pivots, b_mut)?;
                let b_mut = Layout::Columns.of_mut(b, shape);
                factor::lu_solve_t(machine, a.rb(), pivots, b_mut)?;
                factor::lu_log_determinant(a.rb(), pivots)
            });
            if let Some(determinant) = hash.outcome(done) {
                hash.numbers(&[determinant.sign, determinant.log]);
                indices(hash, pivots);
                elements(hash, a.rb());
                hash.numbers(b);
            }
        }
    }
}

/// Tall, square and wide, on both sides of panels.
const SHAPES: [[usize; 2]; 10] =
    [[0, 0], [3, 0], [1, 1], [5, 3], [3, 5], [8, 8], [17, 16], [33, 9], [40, 33], [20, 37]];

/// Most rows or columns of the shapes above.
const SHAPE_MAX: usize = 40;

pub(crate) fn qr<T: Number>(lab: &mut Lab<'_, T>) {
    let machine = lab.machine;
    for (seed, &[m, n]) in (0..).zip(&SHAPES) {
        for layout in Layout::ALL {
            let scratch = factor::qr_scratch_len(m, n.max(m).max(COLUMNS));
            let lens = [layout.len([m, n]), m.min(n), m * COLUMNS, m * m.min(n), scratch];
            let ([a, tau, c, q, scratch], hash) = lab.lend(lens);
            fill(a, Fill::Plain, seed);
            fill(c, Fill::Plain, seed + 1000);
            let mut a = layout.of_mut(a, [m, n]);
            let (shape, thin) = ([m, COLUMNS], [m, m.min(n)]);
            let done = factor::qr_in_place(machine, a.rb_mut(), tau, scratch).and_then(|()| {
                let target = Layout::Columns.of_mut(c, shape);
                factor::qr_apply_t(machine, a.rb(), tau, target, scratch)?;
                let target = Layout::Columns.of_mut(c, shape);
                factor::qr_apply(machine, a.rb(), tau, target, scratch)?;
                let target = Layout::Columns.of_mut(q, thin);
                factor::qr_form(machine, a.rb(), tau, target, scratch)
            });
            elements(hash, a.rb());
            hash.numbers(tau);
            if hash.outcome(done).is_some() {
                hash.numbers(c);
                hash.numbers(q);
            }
        }
    }
}

pub(crate) fn qr_pivoted<T: Number>(lab: &mut Lab<'_, T>) {
    let machine = lab.machine;
    for (seed, &[m, n]) in (0..).zip(&SHAPES) {
        for layout in Layout::ALL {
            let mut columns = [0; SHAPE_MAX];
            let columns = columns.get_mut(..n).unwrap_or_default();
            let lens = [layout.len([m, n]), m.min(n), factor::qr_pivoted_scratch_len(m, n)];
            let ([a, tau, scratch], hash) = lab.lend(lens);
            fill(a, Fill::Plain, seed);
            let mut a = layout.of_mut(a, [m, n]);
            duplicate_column(a.rb_mut());
            let done = factor::qr_pivoted_in_place(machine, a.rb_mut(), tau, columns, scratch)
                .and_then(|()| factor::qr_rank(a.rb(), T::EPSILON.sqrt()));
            if let Some(rank) = hash.outcome(done) {
                hash.count(rank);
                indices(hash, columns);
                elements(hash, a.rb());
                hash.numbers(tau);
            }
        }
    }
}

/// The second column twice the first: rank is lost.
fn duplicate_column<T: Number>(mut a: MatMut<'_, T>) {
    for i in 0..a.rows() {
        if let Some(value) = a.get(i, 0) {
            let _ = a.set(i, 1, T::TWO * value);
        }
    }
}

pub(crate) fn least_squares<T: Number>(lab: &mut Lab<'_, T>) {
    let machine = lab.machine;
    let tall = SHAPES.into_iter().filter(|[m, n]| m >= n);
    for (seed, [m, n]) in (0..).zip(tall) {
        for layout in Layout::ALL {
            let mut columns = [0; SHAPE_MAX];
            let columns = columns.get_mut(..n).unwrap_or_default();
            let scratch = factor::least_squares_scratch_len(m, n, COLUMNS)
                .max(factor::least_squares_pivoted_scratch_len(m, n, COLUMNS));
            let lens = [layout.len([m, n]), m * COLUMNS, scratch];
            let ([a, b, scratch], hash) = lab.lend(lens);
            for pivoted in [false, true] {
                fill(a, Fill::Plain, seed);
                fill(b, Fill::Plain, seed + 1000);
                let mut a = layout.of_mut(a, [m, n]);
                let mut b = Layout::Rows.of_mut(b, [m, COLUMNS]);
                let done = if pivoted {
                    duplicate_column(a.rb_mut());
                    let (tolerance, b) = (T::EPSILON.sqrt(), b.rb_mut());
                    factor::least_squares_pivoted(machine, a, b, tolerance, columns, scratch)
                } else {
                    factor::least_squares(machine, a, b.rb_mut(), scratch).map(|()| n)
                };
                if let Some(rank) = hash.outcome(done) {
                    hash.count(rank);
                    elements(hash, top(b.rb(), n));
                }
            }
        }
    }
}
