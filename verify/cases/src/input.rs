//! Inputs: element i of seed s by integer arithmetic, so that no rounding is asked of anybody.

use teeter::Float;

/// A format that can be built from its bits.
pub(crate) trait Number: Float {
    /// Bits of the significand, the leading one among them.
    const DIGITS: u32;
    /// The number that has these bits in the low end.
    fn from_bits(bits: u64) -> Self;
}

impl Number for f32 {
    const DIGITS: u32 = f32::MANTISSA_DIGITS;
    fn from_bits(bits: u64) -> Self {
        f32::from_bits(bits as u32)
    }
}

impl Number for f64 {
    const DIGITS: u32 = f64::MANTISSA_DIGITS;
    fn from_bits(bits: u64) -> Self {
        f64::from_bits(bits)
    }
}

/// What numbers a vector is filled with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fill {
    /// ±[¼, 4): every bit of the significand random.
    Plain,
    /// Exponents all over the format, so that products still fit.
    Graded,
    /// So small that products are subnormal or zero.
    Tiny,
    /// Whole numbers from −4 to 4.
    Whole,
    /// [¼, 4)
    Positive,
    /// Plain, and among them ±0, subnormals, the largest number, ±∞ and NaN.
    Edges,
    /// Edges without ∞ and NaN.
    Finite,
}

/// All that a reduction or an update is tried with.
pub(crate) const FILLS: [Fill; 5] =
    [Fill::Plain, Fill::Graded, Fill::Tiny, Fill::Whole, Fill::Edges];

/// `SplitMix64` (Steele, Lea, Flood 2014) of a counter.
fn mix(seed: u64, index: u64) -> u64 {
    let z = seed.wrapping_mul(0xD134_2543_DE82_EF95).wrapping_add(index);
    let z = z.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// ±1.f·2^exponent, sign and fraction from `random`.
fn compose<T: Number>(random: u64, exponent: i64) -> T {
    let bias = (1_i64 << (T::BITS - T::DIGITS - 1)) - 1;
    let fraction = random >> (64 - T::DIGITS + 1);
    let sign = (random & 1) << (T::BITS - 1);
    T::from_bits(sign | ((exponent + bias) as u64) << (T::DIGITS - 1) | fraction)
}

/// Element `index` of the vector of `seed`.
pub(crate) fn element<T: Number>(fill: Fill, seed: u64, index: u64) -> T {
    let random = mix(seed, index);
    let choice = mix(!seed, index);
    let (single, quarter) = (T::BITS == 32, (choice & 3) as i64);
    match fill {
        Fill::Plain => compose(random, quarter - 2),
        Fill::Positive => compose(random & !1, quarter - 2),
        Fill::Graded => {
            let spread = if single { 28 } else { 240 };
            compose(random, (choice % (2 * spread + 1)) as i64 - spread as i64)
        }
        Fill::Tiny => compose(random, if single { -70 } else { -535 } + quarter),
        Fill::Whole => T::from_f64((choice % 9) as f64 - 4.0),
        Fill::Edges | Fill::Finite => {
            let edges = if fill == Fill::Edges { 13 } else { 10 };
            let infinity = T::INFINITY.to_bits_u64();
            let sign = (random & 1) << (T::BITS - 1);
            // Of 64 elements, `edges` are special.
            let bits = match choice & 63 {
                at if at >= edges => return compose(random, quarter - 2),
                0 | 1 => 0,
                2 => 1,
                3 => (1 << (T::DIGITS - 1)) - 1,
                4 => 1 << (T::DIGITS - 1),
                5 => infinity - 1,
                6 => infinity / 2,
                7 => T::ONE.to_bits_u64(),
                8 => T::ONE.to_bits_u64() - 1,
                9 => T::EPSILON.to_bits_u64(),
                10 | 11 => infinity,
                _ => infinity | 1 << (T::DIGITS - 2),
            };
            T::from_bits(sign | bits)
        }
    }
}

/// Fills a vector.
pub(crate) fn fill<T: Number>(x: &mut [T], fill: Fill, seed: u64) {
    for (index, x) in x.iter_mut().enumerate() {
        *x = element(fill, seed, index as u64);
    }
}
