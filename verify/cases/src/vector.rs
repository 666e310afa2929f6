//! Level 1.

use teeter::{Machine, vector};

use crate::input::{FILLS, Fill, Number, element, fill};
use crate::lab::Lab;

/// Around every multiple of a vector, of four of them and of the virtual register.
const LENGTHS: [usize; 33] = [
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 15, 16, 17, 23, 24, 31, 32, 33, 47, 48, 63, 64, 65, 95,
    96, 127, 128, 129, 200, 257, 1000,
];

/// One vector of every length and kind, into one number.
fn reduce<T: Number, R>(lab: &mut Lab<'_, T>, f: impl Fn(&mut Lab<'_, T>, Fill, usize, u64) -> R) {
    for (seed, &n) in (0..).zip(&LENGTHS) {
        for kind in FILLS {
            f(lab, kind, n, seed);
        }
    }
}

pub(crate) fn dot<T: Number>(lab: &mut Lab<'_, T>) {
    reduce(lab, |lab, kind, n, seed| {
        let machine = lab.machine;
        let ([x, y], hash) = lab.lend([n, n]);
        fill(x, kind, seed);
        fill(y, kind, seed + 100);
        if let Some(answer) = hash.outcome(vector::dot(machine, x, y)) {
            hash.number(answer);
        }
    });
}

pub(crate) fn sum<T: Number>(lab: &mut Lab<'_, T>) {
    reduce(lab, |lab, kind, n, seed| {
        let machine = lab.machine;
        let ([x], hash) = lab.lend([n]);
        fill(x, kind, seed);
        hash.number(vector::sum(machine, x));
    });
}

pub(crate) fn sum_abs<T: Number>(lab: &mut Lab<'_, T>) {
    reduce(lab, |lab, kind, n, seed| {
        let machine = lab.machine;
        let ([x], hash) = lab.lend([n]);
        fill(x, kind, seed);
        hash.number(vector::sum_abs(machine, x));
    });
}

pub(crate) fn norm2<T: Number>(lab: &mut Lab<'_, T>) {
    reduce(lab, |lab, kind, n, seed| {
        let machine = lab.machine;
        let ([x], hash) = lab.lend([n]);
        // Finite edges too: the second pass is for numbers as large as these.
        for kind in [kind, Fill::Finite] {
            fill(x, kind, seed);
            hash.number(vector::norm2(machine, x));
        }
    });
}

pub(crate) fn argmax_abs<T: Number>(lab: &mut Lab<'_, T>) {
    reduce(lab, |lab, kind, n, seed| {
        let machine = lab.machine;
        let ([x], hash) = lab.lend([n]);
        fill(x, kind, seed);
        if let Some(index) = hash.outcome(vector::argmax_abs(machine, x)) {
            hash.count(index);
        }
    });
}

pub(crate) fn first_not_finite<T: Number>(lab: &mut Lab<'_, T>) {
    reduce(lab, |lab, kind, n, seed| {
        let machine = lab.machine;
        let ([x], hash) = lab.lend([n]);
        fill(x, kind, seed);
        hash.count(vector::first_not_finite(machine, x).unwrap_or(usize::from(u16::MAX)));
    });
}

pub(crate) fn axpy<T: Number>(lab: &mut Lab<'_, T>) {
    reduce(lab, |lab, kind, n, seed| {
        let machine = lab.machine;
        let ([x, y], hash) = lab.lend([n, n]);
        fill(x, kind, seed);
        fill(y, kind, seed + 100);
        let done = vector::axpy(machine, element(kind, seed, 7), x, y);
        if hash.outcome(done).is_some() {
            hash.numbers(y);
        }
    });
}

pub(crate) fn scale<T: Number>(lab: &mut Lab<'_, T>) {
    reduce(lab, |lab, kind, n, seed| {
        let machine = lab.machine;
        let ([x], hash) = lab.lend([n]);
        fill(x, kind, seed);
        vector::scale(machine, element(kind, seed, 7), x);
        hash.numbers(x);
    });
}

pub(crate) fn multiply<T: Number>(lab: &mut Lab<'_, T>) {
    reduce(lab, |lab, kind, n, seed| {
        let machine = lab.machine;
        let ([x, y], hash) = lab.lend([n, n]);
        fill(x, kind, seed);
        fill(y, kind, seed + 100);
        let done = vector::multiply(machine, x, y);
        if hash.outcome(done).is_some() {
            hash.numbers(y);
        }
    });
}

/// An elementary function, in place.
fn elementwise<T: Number>(lab: &mut Lab<'_, T>, f: impl Fn(Machine, &mut [T])) {
    reduce(lab, |lab, kind, n, seed| {
        let machine = lab.machine;
        let ([x], hash) = lab.lend([n]);
        fill(x, kind, seed);
        f(machine, x);
        hash.numbers(x);
    });
}

pub(crate) fn tanh<T: Number>(lab: &mut Lab<'_, T>) {
    elementwise(lab, vector::tanh_in_place);
}

pub(crate) fn exp<T: Number>(lab: &mut Lab<'_, T>) {
    elementwise(lab, vector::exp_in_place);
}

pub(crate) fn log1p<T: Number>(lab: &mut Lab<'_, T>) {
    elementwise(lab, vector::log1p_in_place);
}

pub(crate) fn sigmoid<T: Number>(lab: &mut Lab<'_, T>) {
    elementwise(lab, vector::sigmoid_in_place);
}

pub(crate) fn softplus<T: Number>(lab: &mut Lab<'_, T>) {
    elementwise(lab, vector::softplus_in_place);
}

/// Compensated sums and products.
pub(crate) fn precise<T: Number>(lab: &mut Lab<'_, T>) {
    reduce(lab, |lab, kind, n, seed| {
        let machine = lab.machine;
        let ([x, y], hash) = lab.lend([n, n]);
        fill(x, kind, seed);
        fill(y, kind, seed + 100);
        hash.number(vector::sum_precise(machine, x));
        if let Some(answer) = hash.outcome(vector::dot_precise(machine, x, y)) {
            hash.number(answer);
        }
    });
}

/// The rotation of the first two elements, applied to both vectors; then they are swapped.
pub(crate) fn rotate<T: Number>(lab: &mut Lab<'_, T>) {
    reduce(lab, |lab, kind, n, seed| {
        let machine = lab.machine;
        let ([x, y], hash) = lab.lend([n, n]);
        fill(x, kind, seed);
        fill(y, kind, seed + 100);
        let turn = vector::givens(element::<T>(kind, seed, 7), element(kind, seed, 8));
        hash.numbers(&[turn.c, turn.s, turn.r]);
        hash.outcome(vector::rotate(machine, (turn.c, turn.s), x, y));
        hash.outcome(vector::swap(machine, x, y));
        hash.numbers(x);
        hash.numbers(y);
    });
}
