//! Thresholds that follow from the format, each by its formula, and nowhere else.

/// Thresholds of one format.
#[derive(Clone, Copy, Debug)]
pub struct Limits<T> {
    /// A sum of squares at least this large has lost nothing to underflow that its own
    /// rounding does not cover: n terms whose squares vanish weigh at most
    /// n·2^(E − p), E the least exponent and p the precision, against 2^(E + 2p + 16).
    pub square_sum_low: T,
}

impl Limits<f64> {
    pub(super) const OF_FORMAT: Self = Self {
        // 2^(−1022 + 106 + 16) = 2^−900
        square_sum_low: power_f64(-900),
    };
}

impl Limits<f32> {
    pub(super) const OF_FORMAT: Self = Self {
        // 2^(−126 + 48 + 16) = 2^−62
        square_sum_low: power_f32(-62),
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
