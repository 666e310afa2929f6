//! Levels 2 and 3 with symmetric and triangular matrices.

use teeter::matrix::{self, Diagonal, Side, Triangle, TriangularRef};
use teeter::{Error, Machine};

use crate::input::{FILLS, Fill, Number, fill};
use crate::lab::{Lab, Layout};

/// Orders of triangles, on both sides of tiles and blocks.
const ORDERS: [usize; 12] = [0, 1, 2, 3, 4, 7, 8, 13, 16, 17, 33, 65];

const TRIANGLES: [Triangle; 2] = [Triangle::Lower, Triangle::Upper];

/// α and β.
fn scalars<T: Number>() -> (T, T) {
    (T::from_f64(0.75), T::from_f64(-1.5))
}

/// A full matrix whose triangles are well conditioned: n + i on the diagonal.
fn triangle<T: Number>(a: &mut [T], layout: Layout, n: usize, seed: u64) {
    fill(a, Fill::Plain, seed);
    let mut view = layout.of_mut(a, [n, n]);
    for i in 0..n {
        view.set(i, i, T::from_usize(n + i)).expect("an element of the diagonal");
    }
}

/// A triangle and a vector.
fn on_vector<T: Number>(
    lab: &mut Lab<'_, T>,
    f: impl Fn(Machine, TriangularRef<'_, T>, &mut [T]) -> Result<(), Error>,
) {
    let machine = lab.machine;
    for (seed, &n) in (0..).zip(&ORDERS) {
        for layout in Layout::ALL {
            for (turn, kind) in FILLS.into_iter().enumerate() {
                for which in TRIANGLES {
                    let ([a, x], hash) = lab.lend([layout.len([n, n]), n]);
                    triangle(a, layout, n, seed);
                    fill(x, kind, seed + 1000);
                    let diagonal = if turn == 1 { Diagonal::Unit } else { Diagonal::NonUnit };
                    let a = layout.of(a, [n, n]).triangular(which, diagonal);
                    if hash.outcome(f(machine, a, x)).is_some() {
                        hash.numbers(x);
                    }
                }
            }
        }
    }
}

pub(crate) fn trsv<T: Number>(lab: &mut Lab<'_, T>) {
    on_vector(lab, matrix::trsv);
}

pub(crate) fn trmv<T: Number>(lab: &mut Lab<'_, T>) {
    on_vector(lab, matrix::trmv);
}

/// A triangle and a matrix of a few right sides, on either side of it.
fn on_matrix<T: Number>(
    lab: &mut Lab<'_, T>,
    f: impl Fn(Machine, Side<TriangularRef<'_, T>>, matrix::MatMut<'_, T>) -> Result<(), Error>,
) {
    let machine = lab.machine;
    for (seed, &n) in (0_u64..).zip(&ORDERS) {
        let columns = [1, 4, 9, 18][seed as usize % 4];
        for layout in Layout::ALL {
            for other in Layout::ALL {
                for which in TRIANGLES {
                    let shapes = [[n, columns], [columns, n]];
                    for (side, shape) in shapes.into_iter().enumerate() {
                        let ([a, b], hash) = lab.lend([layout.len([n, n]), other.len(shape)]);
                        triangle(a, layout, n, seed);
                        fill(b, Fill::Plain, seed + 1000);
                        let a = layout.of(a, [n, n]).triangular(which, Diagonal::NonUnit);
                        let a = if side == 0 { Side::Left(a) } else { Side::Right(a) };
                        if hash.outcome(f(machine, a, other.of_mut(b, shape))).is_some() {
                            hash.numbers(b);
                        }
                    }
                }
            }
        }
    }
}

pub(crate) fn trsm<T: Number>(lab: &mut Lab<'_, T>) {
    on_matrix(lab, |machine, a, b| matrix::trsm(machine, scalars().0, a, b));
}

pub(crate) fn trmm<T: Number>(lab: &mut Lab<'_, T>) {
    on_matrix(lab, |machine, a, b| matrix::trmm(machine, scalars().0, a, b));
}

pub(crate) fn symm<T: Number>(lab: &mut Lab<'_, T>) {
    let machine = lab.machine;
    let (alpha, beta) = scalars();
    for (seed, &n) in (0..).zip(&ORDERS) {
        for layout in Layout::ALL {
            for which in TRIANGLES {
                for (side, shape) in [[n, 6], [6, n]].into_iter().enumerate() {
                    let lens = [layout.len([n, n]), n * 6, n * 6];
                    let ([a, b, c], hash) = lab.lend(lens);
                    fill(a, Fill::Plain, seed);
                    fill(b, Fill::Plain, seed + 1000);
                    fill(c, Fill::Plain, seed + 2000);
                    let a = layout.of(a, [n, n]).symmetric(which);
                    let a = if side == 0 { Side::Left(a) } else { Side::Right(a) };
                    let (b, target) = (Layout::Rows.of(b, shape), Layout::Rows.of_mut(c, shape));
                    if hash.outcome(matrix::symm(machine, alpha, a, b, beta, target)).is_some() {
                        hash.numbers(c);
                    }
                }
            }
        }
    }
}

pub(crate) fn symv<T: Number>(lab: &mut Lab<'_, T>) {
    let machine = lab.machine;
    let (alpha, beta) = scalars();
    for (seed, &n) in (0..).zip(&ORDERS) {
        for layout in Layout::ALL {
            for which in TRIANGLES {
                for kind in FILLS {
                    let ([a, x, y], hash) = lab.lend([layout.len([n, n]), n, n]);
                    fill(a, kind, seed);
                    fill(x, kind, seed + 1000);
                    fill(y, kind, seed + 2000);
                    let a = layout.of(a, [n, n]).symmetric(which);
                    if hash.outcome(matrix::symv(machine, alpha, a, x, beta, y)).is_some() {
                        hash.numbers(y);
                    }
                }
            }
        }
    }
}

/// Rank-one and rank-two updates of a triangle.
pub(crate) fn syr<T: Number>(lab: &mut Lab<'_, T>) {
    let machine = lab.machine;
    let (alpha, _) = scalars();
    for (seed, &n) in (0..).zip(&ORDERS) {
        for layout in Layout::ALL {
            for which in TRIANGLES {
                for kind in FILLS {
                    let ([x, y, a], hash) = lab.lend([n, n, layout.len([n, n])]);
                    fill(a, kind, seed);
                    fill(x, kind, seed + 1000);
                    fill(y, kind, seed + 2000);
                    let one = layout.of_mut(a, [n, n]).symmetric(which);
                    hash.outcome(matrix::syr(machine, alpha, x, one));
                    let two = layout.of_mut(a, [n, n]).symmetric(which);
                    if hash.outcome(matrix::syr2(machine, alpha, x, y, two)).is_some() {
                        hash.numbers(a);
                    }
                }
            }
        }
    }
}

/// Rank-k and rank-2k updates of a triangle.
pub(crate) fn syrk<T: Number>(lab: &mut Lab<'_, T>) {
    let machine = lab.machine;
    let (alpha, beta) = scalars();
    for (seed, &n) in (0_u64..).zip(&ORDERS) {
        let k = [5, 16, 1, 0][seed as usize % 4];
        for layout in Layout::ALL {
            for which in TRIANGLES {
                let lens = [layout.len([n, k]), n * k, layout.len([n, n])];
                let ([a, b, c], hash) = lab.lend(lens);
                fill(a, Fill::Plain, seed);
                fill(b, Fill::Plain, seed + 1000);
                fill(c, Fill::Plain, seed + 2000);
                let (a, b) = (layout.of(a, [n, k]), Layout::Columns.of(b, [n, k]));
                let one = layout.of_mut(c, [n, n]).symmetric(which);
                hash.outcome(matrix::syrk(machine, alpha, a, beta, one));
                let two = layout.of_mut(c, [n, n]).symmetric(which);
                if hash.outcome(matrix::syr2k(machine, alpha, a, b, beta, two)).is_some() {
                    hash.numbers(c);
                }
            }
        }
    }
}
