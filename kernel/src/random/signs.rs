//! Rademacher vectors.

use crate::float::Float;
use crate::random::Stream;

/// Signs in one block of the generator.
const SIGNS_PER_BLOCK: usize = 128;

/// Fills `out` with +1 and −1, each with chance ½, independently.
///
/// # Method
/// Element i is bit i mod 32 of word (i mod 128)/32 of block i/128: a clear bit is +1.
///
/// # Accuracy
/// Exact; the same on every target.
///
/// # Cost
/// One block of the generator for 128 signs.
///
/// # Example
/// ```
/// use teeter::random::{Stream, signs_into};
/// let mut z = [0.0_f64; 4];
/// signs_into(Stream::new(0, 0), &mut z);
/// assert_eq!(z, [-1.0, 1.0, -1.0, 1.0]); // 0x6627e8d5 ends in the bits …0101
/// ```
pub fn signs_into<T: Float>(stream: Stream, out: &mut [T]) {
    for (index, chunk) in out.chunks_mut(SIGNS_PER_BLOCK).enumerate() {
        let words = stream.block(index as u64);
        for (part, word) in chunk.chunks_mut(32).zip(words) {
            for (bit, sign) in part.iter_mut().enumerate() {
                *sign = if word >> bit & 1 == 0 { T::ONE } else { -T::ONE };
            }
        }
    }
}
