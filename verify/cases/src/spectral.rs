//! Values and vectors of pairs and of rectangular matrices.

use teeter::factor;
use teeter::matrix::MatRef;

use crate::Hash;
use crate::factor::{symmetric, triangle};
use crate::input::{Fill, Number, fill};
use crate::lab::{Lab, Layout};

const ORDERS: [usize; 10] = [0, 1, 2, 3, 4, 8, 9, 16, 17, 24];

fn elements<T: Number>(hash: &mut Hash, a: MatRef<'_, T>) {
    for i in 0..a.rows() {
        for j in 0..a.cols() {
            hash.number(a.get(i, j).unwrap_or(T::NAN));
        }
    }
}

/// A metric that is positive definite, and one that is refused.
pub(crate) fn generalized_eigen<T: Number>(lab: &mut Lab<'_, T>) {
    let machine = lab.machine;
    for (seed, &n) in (0..).zip(&ORDERS) {
        for layout in Layout::ALL {
            for lift in [5.0, 0.0] {
                let len = layout.len([n, n]);
                let lens = [len, len, n, factor::generalized_eigen_scratch_len(n)];
                let ([a, g, values, scratch], hash) = lab.lend(lens);
                let (mut a, mut g) = (layout.of_mut(a, [n, n]), layout.of_mut(g, [n, n]));
                symmetric(a.rb_mut(), 0.0, seed);
                symmetric(g.rb_mut(), lift, seed + 1000);
                let (x, l) = (a.rb_mut(), g.rb_mut());
                let done = factor::generalized_eigen(machine, x, l, values, scratch);
                if hash.outcome(done).is_some() {
                    hash.numbers(values);
                    elements(hash, a.rb());
                    triangle(hash, g.rb());
                }
            }
        }
    }
}

/// Tall, square and wide.
const SHAPES: [[usize; 2]; 10] =
    [[0, 0], [3, 0], [1, 1], [2, 2], [5, 3], [3, 5], [8, 8], [17, 16], [33, 9], [10, 20]];

/// Ordinary and graded; columns of zeros, and many that are equal.
const FILLS: [Fill; 3] = [Fill::Plain, Fill::Graded, Fill::Whole];

pub(crate) fn svd<T: Number>(lab: &mut Lab<'_, T>) {
    let machine = lab.machine;
    for (seed, &[m, n]) in (0..).zip(&SHAPES) {
        for layout in Layout::ALL {
            for kind in FILLS {
                let r = m.min(n);
                let scratch = factor::svd_scratch_len(m, n);
                let lens = [layout.len([m, n]), m * r, r, n * r, scratch];
                let ([a, u, values, v, scratch], hash) = lab.lend(lens);
                fill(a, kind, seed);
                let (a, left) = (layout.of(a, [m, n]), Layout::Columns.of_mut(u, [m, r]));
                let right = Layout::Rows.of_mut(v, [n, r]);
                let done = factor::svd(machine, a, left, values, right, scratch)
                    .and_then(|()| factor::svd_rank(values, T::EPSILON.sqrt()));
                if let Some(rank) = hash.outcome(done) {
                    hash.count(rank);
                    hash.numbers(values);
                    hash.numbers(u);
                    hash.numbers(v);
                }
            }
        }
    }
}
