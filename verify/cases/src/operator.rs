//! Operators, one within another.

use teeter::operator::{Dense, LinearOperator, Preconditioned, Scaled, Shifted};

use crate::input::{FILLS, Fill, Number, fill};
use crate::lab::{Lab, Layout};

pub(crate) fn adapted<T: Number>(lab: &mut Lab<'_, T>) {
    let machine = lab.machine;
    for (seed, n) in (0..).zip([0, 1, 5, 16, 33]) {
        for kind in FILLS {
            let ([a, d, t, x, y], hash) = lab.lend([n * n, n, n, n, n]);
            fill(a, kind, seed);
            fill(d, Fill::Positive, seed + 1000);
            fill(x, kind, seed + 2000);
            let done = Dense::new(machine, Layout::Rows.of(a, [n, n])).and_then(|dense| {
                let scaled = Scaled::new(machine, dense, T::PI);
                let shifted = Shifted::new(machine, scaled, -T::ONE);
                Preconditioned::new(machine, shifted, d, t)?.apply(x, y)
            });
            if hash.outcome(done).is_some() {
                hash.numbers(y);
            }
        }
    }
}
