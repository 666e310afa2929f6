//! The numbers: f32 and f64 behind one trait.
//!
//! `core` has arithmetic but neither square root nor elementary functions. The
//! square root is the machine's instruction where there is one (correctly rounded
//! everywhere, hence the same bits); the elementary functions are `libm`'s on every
//! target, never the platform's, so that they too give the same bits everywhere.
//!
//! | file         | holds                                                     |
//! |--------------|-----------------------------------------------------------|
//! | `limits.rs`  | thresholds that follow from the format, by formula         |
//! | `reciprocal.rs` | 1/x and 1/√x where these are normal                     |
//! | `sqrt.rs`    | the one instruction `core` lacks                           |
//!
//! Not here: vectorized elementary functions (`vector`), wider or narrower formats.

mod limits;
mod reciprocal;
mod sqrt;

use core::fmt::{Debug, Display, LowerExp};
use core::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Sub, SubAssign};

pub use limits::Limits;
pub(crate) use reciprocal::{has_reciprocal, reciprocal_root};

mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

/// Arithmetic that `core` offers, gathered so that the bound of [`Float`] stays readable.
pub trait Arithmetic:
    Copy
    + PartialOrd
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + SubAssign
    + MulAssign
    + DivAssign
{
}

impl Arithmetic for f32 {}
impl Arithmetic for f64 {}

/// A binary floating-point number of IEEE 754: `f32` or `f64`, and nothing else.
///
/// # Accuracy
/// Constants, arithmetic, `sqrt`, `abs`, `copysign`, comparisons: exact or correctly
/// rounded. `exp`, `exp_m1`, `ln`, `ln_1p`, `tanh`, `sin`, `cos`: `libm`'s, within one
/// unit in the last place by its own tests, and the same bits on every target.
pub trait Float:
    sealed::Sealed
    + Arithmetic
    + Debug
    + Display
    + LowerExp
    + Default
    + PartialEq
    + Send
    + Sync
    + 'static
{
    /// 0
    const ZERO: Self;
    /// 1
    const ONE: Self;
    /// 2
    const TWO: Self;
    /// ½
    const HALF: Self;
    /// π, rounded.
    const PI: Self;
    /// Distance from 1 to the next larger number: 2⁻²³ or 2⁻⁵².
    const EPSILON: Self;
    /// u, the largest relative error of one rounding: half of `EPSILON`.
    const UNIT_ROUNDOFF: Self;
    /// Smallest normal number.
    const MIN_POSITIVE: Self;
    /// Largest finite number.
    const MAX: Self;
    /// ∞
    const INFINITY: Self;
    /// Not a number.
    const NAN: Self;
    /// 32 or 64.
    const BITS: u32;
    /// Thresholds that follow from the format.
    const LIMITS: Limits<Self>;

    /// The nearest number of this format; ties to even.
    fn from_f64(value: f64) -> Self;
    /// Exact.
    fn from_f32(value: f32) -> Self;
    /// The nearest number of this format; exact below 2²⁴ or 2⁵³.
    fn from_usize(value: usize) -> Self;
    /// Exact.
    fn to_f64(self) -> f64;
    /// The nearest `f32`.
    fn to_f32(self) -> f32;
    /// Bits of the format, in the low end of a u64.
    fn to_bits_u64(self) -> u64;
    /// |x|
    fn abs(self) -> Self;
    /// |x| with the sign of `sign`.
    fn copysign(self, sign: Self) -> Self;
    /// Neither NaN nor infinite.
    fn is_finite(self) -> bool;
    /// Not a number.
    fn is_nan(self) -> bool;
    /// √x, correctly rounded; NaN below zero.
    fn sqrt(self) -> Self;
    /// xy + z with one rounding (correctly rounded; a subroutine where the machine has none).
    fn fused_mul_add(self, y: Self, z: Self) -> Self;
    /// eˣ
    fn exp(self) -> Self;
    /// eˣ − 1, accurate near 0.
    fn exp_m1(self) -> Self;
    /// log x
    fn ln(self) -> Self;
    /// log(1 + x), accurate near 0.
    fn ln_1p(self) -> Self;
    /// tanh x
    fn tanh(self) -> Self;
    /// sin x, x in radians.
    fn sin(self) -> Self;
    /// cos x, x in radians.
    fn cos(self) -> Self;
    /// x·2ᵏ: exact unless the result is subnormal or overflows.
    fn scale_by_power(self, k: i32) -> Self;
    /// 2ᵏ, from the sum of k and 1.5·2^(p−1), which holds k in its low bits: the lane
    /// form of a power of two. Garbage for k beyond the normal numbers, never a fault.
    fn power_of_two_from_biased(self) -> Self;
    /// ⌊log₂|x|⌋ of a normal number, as a number: the lane form of [`Float::exponent`]. Garbage
    /// otherwise, never a fault.
    fn exponent_of_bits(self) -> Self;
    /// |x|/2^⌊log₂|x|⌋ of a normal number, in [1, 2). Garbage otherwise, never a fault.
    fn mantissa_of_bits(self) -> Self;
    /// ⌊log₂|x|⌋ for finite x ≠ 0; for 0 the exponent of the smallest subnormal, less one.
    fn exponent(self) -> i32;

    /// The larger; the other one if `self` is NaN.
    #[inline(always)]
    fn max_of(self, other: Self) -> Self {
        if self > other { self } else { other }
    }
    /// The smaller; the other one if `self` is NaN.
    #[inline(always)]
    fn min_of(self, other: Self) -> Self {
        if self < other { self } else { other }
    }
}

/// The same `impl` for both formats; only names differ.
macro_rules! impl_float {
    ($t:ident, $bits:literal, $sqrt:ident, $fma:ident, $scalbn:ident, $ilogb:ident,
     [$($name:ident => $routine:ident),*]) => {
        impl Float for $t {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            const TWO: Self = 2.0;
            const HALF: Self = 0.5;
            const PI: Self = core::$t::consts::PI;
            const EPSILON: Self = $t::EPSILON;
            const UNIT_ROUNDOFF: Self = $t::EPSILON / 2.0;
            const MIN_POSITIVE: Self = $t::MIN_POSITIVE;
            const MAX: Self = $t::MAX;
            const INFINITY: Self = $t::INFINITY;
            const NAN: Self = $t::NAN;
            const BITS: u32 = $bits;
            const LIMITS: Limits<Self> = Limits::<$t>::OF_FORMAT;
            #[inline(always)]
            fn from_f64(value: f64) -> Self { value as $t }
            #[inline(always)]
            fn from_f32(value: f32) -> Self { value as $t }
            #[inline(always)]
            fn from_usize(value: usize) -> Self { value as $t }
            #[inline(always)]
            fn to_f64(self) -> f64 { self as f64 }
            #[inline(always)]
            fn to_f32(self) -> f32 { self as f32 }
            #[inline(always)]
            fn to_bits_u64(self) -> u64 { self.to_bits() as u64 }
            #[inline(always)]
            fn abs(self) -> Self { $t::abs(self) }
            #[inline(always)]
            fn copysign(self, sign: Self) -> Self { $t::copysign(self, sign) }
            #[inline(always)]
            fn is_finite(self) -> bool { $t::is_finite(self) }
            #[inline(always)]
            fn is_nan(self) -> bool { $t::is_nan(self) }
            #[inline(always)]
            fn sqrt(self) -> Self { sqrt::$sqrt(self) }
            #[inline]
            fn fused_mul_add(self, y: Self, z: Self) -> Self { libm::$fma(self, y, z) }
            #[inline]
            fn scale_by_power(self, k: i32) -> Self { libm::$scalbn(self, k) }
            #[inline(always)]
            fn power_of_two_from_biased(self) -> Self {
                let shifted = self.to_bits() << ($t::MANTISSA_DIGITS - 1);
                $t::from_bits(shifted.wrapping_add((1.0 as $t).to_bits()))
            }
            #[inline(always)]
            fn exponent_of_bits(self) -> Self {
                let biased = $t::abs(self).to_bits() >> ($t::MANTISSA_DIGITS - 1);
                biased as $t - ($t::MAX_EXP - 1) as $t
            }
            #[inline(always)]
            fn mantissa_of_bits(self) -> Self {
                let fraction = self.to_bits() & ((1 << ($t::MANTISSA_DIGITS - 1)) - 1);
                $t::from_bits(fraction | (1.0 as $t).to_bits())
            }
            #[inline]
            fn exponent(self) -> i32 {
                if self == 0.0 {
                    $t::MIN_EXP - $t::MANTISSA_DIGITS as i32 - 1
                } else {
                    libm::$ilogb(self)
                }
            }
            $(#[inline]
            fn $name(self) -> Self { libm::$routine(self) })*
        }
    };
}

impl_float!(f32, 32, sqrt_f32, fmaf, scalbnf, ilogbf, [
    exp => expf, exp_m1 => expm1f, ln => logf, ln_1p => log1pf, tanh => tanhf,
    sin => sinf, cos => cosf
]);
impl_float!(f64, 64, sqrt_f64, fma, scalbn, ilogb, [
    exp => exp, exp_m1 => expm1, ln => log, ln_1p => log1p, tanh => tanh,
    sin => sin, cos => cos
]);
