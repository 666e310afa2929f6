//! Streams, of lengths on both sides of a block.

use teeter::random::{self, Stream};

use crate::input::Number;
use crate::lab::Lab;

fn streams<T: Number>(lab: &mut Lab<'_, T>, draw: impl Fn(Stream, &mut [T])) {
    for (seed, n) in (0_u64..).zip([0, 1, 2, 3, 4, 5, 31, 32, 33, 63, 64, 65, 127, 129, 500]) {
        let ([x], hash) = lab.lend([n]);
        draw(Stream::new(!seed, seed).child(seed), x);
        hash.numbers(x);
    }
}

pub(crate) fn signs<T: Number>(lab: &mut Lab<'_, T>) {
    streams(lab, random::signs_into);
}

pub(crate) fn uniforms<T: Number>(lab: &mut Lab<'_, T>) {
    streams(lab, random::uniforms_into);
}

pub(crate) fn normals<T: Number>(lab: &mut Lab<'_, T>) {
    streams(lab, random::normals_into);
}
