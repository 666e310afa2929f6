//! Bits folded into one number.

use teeter::{Error, Float};

/// FNV-1a, 64 bits: Fowler, Noll, Vo (RFC 9923). Against accident, not against intent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hash(u64);

impl Default for Hash {
    fn default() -> Self {
        Self::new()
    }
}

impl Hash {
    /// Of nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(0xCBF2_9CE4_8422_2325)
    }

    /// What has been folded so far.
    #[must_use]
    pub const fn value(self) -> u64 {
        self.0
    }

    /// A byte.
    pub fn byte(&mut self, byte: u8) {
        self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
    }

    /// Eight bytes, the lowest first.
    pub fn word(&mut self, word: u64) {
        for byte in word.to_le_bytes() {
            self.byte(byte);
        }
    }

    /// A count or an index.
    pub(crate) fn count(&mut self, count: usize) {
        self.word(count as u64);
    }

    /// A number by its bits; any NaN is one and the same.
    pub(crate) fn number<T: Float>(&mut self, x: T) {
        self.word(if x.is_nan() { u64::MAX } else { x.to_bits_u64() });
    }

    /// Numbers, one after the other.
    pub(crate) fn numbers<T: Float>(&mut self, x: &[T]) {
        for &x in x {
            self.number(x);
        }
    }

    /// Whether there was an answer, and why not; hands on the answer.
    pub(crate) fn outcome<R>(&mut self, result: Result<R, Error>) -> Option<R> {
        let reason = match result {
            Ok(answer) => {
                self.word(1);
                return Some(answer);
            }
            Err(Error::Pivot { index, .. }) => [2, index],
            Err(Error::NotFinite { index, .. }) => [3, index],
            Err(Error::ZeroVector { .. }) => [4, 0],
            Err(Error::Empty { .. }) => [5, 0],
            Err(Error::Range { .. }) => [6, 0],
            Err(_) => [7, 0],
        };
        for part in reason {
            self.count(part);
        }
        None
    }
}
