//! The machine: every one gives the bits of the definition.

use teeter::Float;

use super::{Context, Measured};
use crate::input::{Source, vector};
use crate::oracle::strict;
use crate::subject::Subject;

/// Every property of the layer.
#[must_use]
pub fn all<T: Float>(subject: &dyn Subject<T>) -> Vec<Measured> {
    vec![reductions_have_the_bits_of_the_definition(subject)]
}

/// dot and sum, at every length over two virtual registers, equal the lane order as written.
#[must_use]
pub fn reductions_have_the_bits_of_the_definition<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let context = Context::of("simd", subject);
    let source = &mut Source::new(0x51D);
    let (mut broken, mut cases) = (0, 0);
    for n in 0..=140 {
        let x: Vec<T> = vector::graded(n, 9, source);
        let y: Vec<T> = vector::graded(n, 9, source);
        let pairs = [
            (subject.dot(&x, &y).unwrap_or(T::NAN), strict::dot(&x, &y)),
            (subject.sum(&x), strict::reduce(n, |i| x[i])),
            (subject.sum_abs(&x), strict::reduce(n, |i| x[i].abs())),
        ];
        for (computed, defined) in pairs {
            cases += 1;
            broken += usize::from(computed.to_bits_u64() != defined.to_bits_u64());
        }
    }
    Measured::exact(context, "reductions have the bits of the definition", broken, cases)
}
