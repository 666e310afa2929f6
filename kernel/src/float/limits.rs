//! Thresholds that follow from the format, each by its formula, and nowhere else.

/// Thresholds of one format.
#[derive(Clone, Copy, Debug)]
pub struct Limits<T> {
    /// A sum of squares at least this large has lost nothing to underflow that its own
    /// rounding does not cover: n terms whose squares vanish weigh at most
    /// n·2^(E − p), E the least exponent and p the precision, against 2^(E + 2p + 16).
    pub square_sum_low: T,
    /// Above it a square is normal and its rounding error representable: 2^((E + p + 1)/2), so
    /// that two squares lose nothing to underflow beyond their own rounding.
    pub square_low: T,
    /// Below it the sum of two squares does not overflow: 2^(Emax/2 − 1).
    pub square_high: T,
}

impl Limits<f64> {
    pub(super) const OF_FORMAT: Self = Self {
        // 2^(−1022 + 106 + 16) = 2^−900
        square_sum_low: power_f64(-900),
        // 2^((−1022 + 54)/2), 2^(1022/2)
        square_low: power_f64(-484),
        square_high: power_f64(511),
    };
}

impl Limits<f32> {
    pub(super) const OF_FORMAT: Self = Self {
        // 2^(−126 + 48 + 16) = 2^−62
        square_sum_low: power_f32(-62),
        // 2^((−126 + 26)/2), 2^(126/2)
        square_low: power_f32(-50),
        square_high: power_f32(63),
    };
}

/// 2ᵏ for the exponents of normal numbers.
const fn power_f64(k: i64) -> f64 {
    f64::from_bits(((k + 1023) as u64) << 52)
}

/// 2ᵏ for the exponents of normal numbers.
const fn power_f32(k: i32) -> f32 {
    f32::from_bits(((k + 127) as u32) << 23)
}
