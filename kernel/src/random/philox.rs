//! Philox4x32-10: ten rounds of multiply and mix over a 128-bit counter.

/// Multipliers and key increments of the paper (the increments are the golden ratio and √3 − 1
/// in 0.32 fixed point).
const MULTIPLIERS: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
const INCREMENTS: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];
const ROUNDS: usize = 10;

/// The block Philox4x32-10 makes of a counter and a key.
///
/// # Method
/// Ten rounds; in each, two words are multiplied to 64 bits, and the halves are
/// mixed with the other words and the key, which then grows by a constant.
///
/// # Accuracy
/// Known answers (the generator's published test vectors):
/// counter 0, key 0 gives `6627e8d5 e169c58d bc57ac4c 9b00dbd8`.
///
/// # Cost
/// 20 multiplications 32 × 32 → 64.
///
/// # Source
/// Salmon, Moraes, Dror, Shaw 2011, doi:10.1145/2063384.2063405.
///
/// # Example
/// ```
/// let block = teeter::random::philox4x32([0; 4], [0; 2]);
/// assert_eq!(block, [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
/// ```
#[must_use]
pub fn philox4x32(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    let [mut c0, mut c1, mut c2, mut c3] = counter;
    let [mut k0, mut k1] = key;
    for _ in 0..ROUNDS {
        let p0 = u64::from(MULTIPLIERS[0]) * u64::from(c0);
        let p1 = u64::from(MULTIPLIERS[1]) * u64::from(c2);
        c0 = (p1 >> 32) as u32 ^ c1 ^ k0;
        c2 = (p0 >> 32) as u32 ^ c3 ^ k1;
        c1 = p1 as u32;
        c3 = p0 as u32;
        k0 = k0.wrapping_add(INCREMENTS[0]);
        k1 = k1.wrapping_add(INCREMENTS[1]);
    }
    [c0, c1, c2, c3]
}

/// A stream of random numbers: a seed, and which of its 2⁶⁴ streams.
///
/// Element `index` is a function of (seed, stream, index) alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Stream {
    /// The seed: one per experiment.
    pub seed: u64,
    /// The stream: one per use within it (initial weights, probe 7, …).
    pub stream: u64,
}

impl Stream {
    /// Stream `stream` of `seed`.
    #[must_use]
    pub const fn new(seed: u64, stream: u64) -> Self {
        Self { seed, stream }
    }

    /// 128 random bits: block `index` of the stream.
    #[inline]
    #[must_use]
    pub fn block(self, index: u64) -> [u32; 4] {
        let counter =
            [index as u32, (index >> 32) as u32, self.stream as u32, (self.stream >> 32) as u32];
        philox4x32(counter, [self.seed as u32, (self.seed >> 32) as u32])
    }

    /// 64 random bits: the first half of block `index`.
    #[inline]
    #[must_use]
    pub fn bits(self, index: u64) -> u64 {
        let [low, high, _, _] = self.block(index);
        u64::from(high) << 32 | u64::from(low)
    }

    /// Another stream of the same seed, number `index` of those this one names.
    ///
    /// # Method
    /// The new stream number is the second half of block `index` of this stream; two
    /// children collide with chance 2⁻⁶⁴.
    #[inline]
    #[must_use]
    pub fn child(self, index: u64) -> Self {
        let [_, _, low, high] = self.block(index);
        Self { seed: self.seed, stream: u64::from(high) << 32 | u64::from(low) }
    }

    /// A whole number below `n`, at `index` of the stream; 0 for n = 0.
    ///
    /// # Accuracy
    /// Each number has chance 1/n within n·2⁻⁶⁴ (Lemire 2019, without rejection).
    #[inline]
    #[must_use]
    pub fn below(self, index: u64, n: u64) -> u64 {
        ((u128::from(self.bits(index)) * u128::from(n)) >> 64) as u64
    }
}
