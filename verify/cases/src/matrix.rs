//! Levels 2 and 3.

use teeter::matrix;

use crate::input::{FILLS, Fill, Number, fill};
use crate::lab::{Lab, Layout};

/// α and β: every case that the code tells apart.
const SCALARS: [(f64, f64); 7] =
    [(1.0, 0.0), (1.0, 1.0), (-1.0, 1.0), (0.75, -1.5), (0.0, 0.5), (0.0, 0.0), (1.5, 0.0)];

/// Rows and columns on both sides of every tile and strip.
const SHAPES: [[usize; 2]; 20] = [
    [0, 3],
    [3, 0],
    [1, 1],
    [1, 9],
    [9, 1],
    [2, 3],
    [4, 4],
    [5, 7],
    [8, 8],
    [7, 16],
    [9, 15],
    [16, 17],
    [17, 31],
    [24, 5],
    [33, 12],
    [47, 6],
    [64, 33],
    [65, 20],
    [97, 9],
    [130, 3],
];

pub(crate) fn gemv<T: Number>(lab: &mut Lab<'_, T>) {
    let machine = lab.machine;
    for (trial, &[m, n]) in SHAPES.iter().enumerate() {
        for layout in Layout::ALL {
            for (turn, (alpha, beta)) in SCALARS.into_iter().enumerate() {
                let kind = FILLS[(trial + turn) % FILLS.len()];
                let (seed, shape) = ((trial * 7 + turn) as u64, [m, n]);
                let ([a, x, y], hash) = lab.lend([layout.len(shape), n, m]);
                fill(a, kind, seed);
                fill(x, kind, seed + 1000);
                fill(y, kind, seed + 2000);
                let (alpha, beta) = (T::from_f64(alpha), T::from_f64(beta));
                let done = matrix::gemv(machine, alpha, layout.of(a, shape), x, beta, y);
                if hash.outcome(done).is_some() {
                    hash.numbers(y);
                }
            }
        }
    }
}

pub(crate) fn ger<T: Number>(lab: &mut Lab<'_, T>) {
    let machine = lab.machine;
    for (trial, &shape) in SHAPES.iter().enumerate() {
        for layout in Layout::ALL {
            for kind in FILLS {
                let [m, n] = shape;
                let ([x, y, a], hash) = lab.lend([m, n, layout.len(shape)]);
                let seed = trial as u64;
                fill(a, kind, seed);
                fill(x, kind, seed + 1000);
                fill(y, kind, seed + 2000);
                let target = layout.of_mut(a, shape);
                let done = matrix::ger(machine, T::from_f64(-0.75), x, y, target);
                if hash.outcome(done).is_some() {
                    hash.numbers(a);
                }
            }
        }
    }
}

/// One product: m, n, k, the layouts of A, B and C, and which scalars and numbers.
fn gemm<T: Number>(
    lab: &mut Lab<'_, T>,
    [m, n, k]: [usize; 3],
    [of_a, of_b, of_c]: [Layout; 3],
    (alpha, beta): (f64, f64),
    (kind, seed): (Fill, u64),
) {
    let machine = lab.machine;
    let lens = [of_a.len([m, k]), of_b.len([k, n]), of_c.len([m, n])];
    let ([a, b, c], hash) = lab.lend(lens);
    fill(a, kind, seed);
    fill(b, kind, seed + 1000);
    fill(c, kind, seed + 2000);
    let (alpha, beta) = (T::from_f64(alpha), T::from_f64(beta));
    let (a, b) = (of_a.of(a, [m, k]), of_b.of(b, [k, n]));
    let done = matrix::gemm(machine, alpha, a, b, beta, of_c.of_mut(c, [m, n]));
    if hash.outcome(done).is_some() {
        hash.numbers(c);
    }
}

/// All 27 ways in which three matrices can lie.
fn layouts() -> impl Iterator<Item = [Layout; 3]> {
    let three = Layout::ALL;
    (0..27).map(move |at| [three[at % 3], three[at / 3 % 3], three[at / 9]])
}

pub(crate) fn gemm_small<T: Number>(lab: &mut Lab<'_, T>) {
    const SHAPES: [[usize; 3]; 14] = [
        [1, 1, 1],
        [2, 3, 4],
        [3, 5, 0],
        [4, 4, 4],
        [5, 4, 9],
        [8, 6, 5],
        [9, 7, 8],
        [6, 13, 3],
        [12, 12, 12],
        [13, 9, 17],
        [16, 8, 7],
        [17, 10, 16],
        [25, 5, 6],
        [7, 33, 5],
    ];
    for (trial, &shape) in SHAPES.iter().enumerate() {
        for (turn, layouts) in layouts().enumerate() {
            let scalars = SCALARS[(trial + turn) % SCALARS.len()];
            let kind = [Fill::Plain, Fill::Graded, Fill::Whole, Fill::Tiny][turn % 4];
            gemm(lab, shape, layouts, scalars, (kind, (trial * 27 + turn) as u64));
        }
    }
}

/// Past every block over k and over rows, at a few layouts each.
pub(crate) fn gemm_large<T: Number>(lab: &mut Lab<'_, T>) {
    const SHAPES: [[usize; 3]; 9] = [
        [64, 64, 64],
        [33, 50, 17],
        [70, 9, 33],
        [5, 100, 64],
        [97, 17, 48],
        [3, 4, 600],
        [34, 6, 300],
        [49, 49, 20],
        [20, 30, 130],
    ];
    for (trial, &shape) in SHAPES.iter().enumerate() {
        for (turn, layouts) in layouts().enumerate().filter(|(turn, _)| (turn + trial) % 6 == 1) {
            let scalars = SCALARS[[0, 1, 2, 3][turn % 4]];
            gemm(lab, shape, layouts, scalars, (Fill::Plain, (trial * 27 + turn) as u64));
        }
    }
}

/// Special values: where they come out, and as which.
pub(crate) fn gemm_edges<T: Number>(lab: &mut Lab<'_, T>) {
    for (trial, shape) in [[5, 7, 3], [17, 9, 8], [33, 13, 5], [8, 8, 2]].into_iter().enumerate() {
        for (turn, layouts) in layouts().enumerate() {
            let scalars = SCALARS[(trial + turn) % SCALARS.len()];
            for kind in [Fill::Edges, Fill::Finite] {
                gemm(lab, shape, layouts, scalars, (kind, (trial * 27 + turn) as u64));
            }
        }
    }
}
