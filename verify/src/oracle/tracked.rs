//! Formulas evaluated three ways by one text: in the kernel's own format, operation by operation;
//! and in 106 bits with a bound on how far the former may be off, carried along.

use std::ops::{Add, Div, Mul, Sub};

use teeter::Float;

use crate::oracle::double::Double;

/// What a formula may be evaluated in.
pub trait Number:
    Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self>
{
    /// A constant, given exactly in f64, for a computation in format `T`.
    fn of<T: Float>(constant: T) -> Self;
    /// √x
    #[must_use]
    fn root(self) -> Self;
    /// The larger.
    #[must_use]
    fn larger(self, other: Self) -> Self;
    /// The smaller.
    #[must_use]
    fn smaller(self, other: Self) -> Self;
    /// self/divisor, held to ±1, for divisor ≥ 0; 0 for 0.
    #[must_use]
    fn clipped_quotient<T: Float>(self, divisor: Self) -> Self;
    /// Whether it is 0; of a tracked number, whether the computed one is.
    fn is_zero(self) -> bool;
}

macro_rules! impl_number {
    ($t:ident) => {
        impl Number for $t {
            fn of<T: Float>(constant: T) -> Self {
                constant.to_f64() as $t
            }
            fn root(self) -> Self {
                self.sqrt()
            }
            fn larger(self, other: Self) -> Self {
                self.max(other)
            }
            fn smaller(self, other: Self) -> Self {
                self.min(other)
            }
            fn clipped_quotient<T: Float>(self, divisor: Self) -> Self {
                if self == 0.0 { 0.0 } else { (self / divisor).min(1.0).max(-1.0) }
            }
            fn is_zero(self) -> bool {
                self == 0.0
            }
        }
    };
}
impl_number!(f32);
impl_number!(f64);

/// A number in 106 bits, and a bound on the distance of the one that a program with one rounding per
/// operation has in its place (running error analysis: Higham 2002, §3.3).
///
/// The reference's own error, below 2⁻¹⁰⁰ of each operand, counts as 2⁻⁴⁰ of the bound.
#[derive(Clone, Copy, Debug)]
pub struct Tracked {
    /// The exact value, to 106 bits.
    pub value: Double,
    /// |computed − value| is at most this.
    pub error: f64,
    /// u of the program's format, and half its smallest subnormal.
    format: [f64; 2],
}

impl Tracked {
    /// After an operation on operands that were off already: `inherited` of it, and a rounding.
    fn rounded(self, other: Self, value: Double, inherited: f64) -> Self {
        let format @ [unit, tiny] =
            if self.format[0] > other.format[0] { self.format } else { other.format };
        let size = value.high.abs() + inherited;
        let error = (inherited + unit * size + tiny) * (1.0 + 2.0_f64.powi(-40));
        Self { value, error, format }
    }

    fn size(self) -> f64 {
        self.value.high.abs()
    }

    /// The same bound about a value from elsewhere.
    #[must_use]
    pub fn about(self, value: Double) -> Self {
        Self { value, ..self }
    }

    /// Whether `computed` lies within the bound: its distance, and the bound.
    #[must_use]
    pub fn distance<T: Float>(self, computed: T) -> [f64; 2] {
        [self.value.minus(computed.to_f64()).abs(), self.error]
    }
}

impl Number for Tracked {
    fn of<T: Float>(constant: T) -> Self {
        let unit = T::UNIT_ROUNDOFF.to_f64();
        let tiny = T::MIN_POSITIVE.to_f64() * unit;
        Self { value: Double::new(constant.to_f64()), error: 0.0, format: [unit, tiny] }
    }
    fn root(self) -> Self {
        let value = self.value.root();
        // |√a' − √a| = |a' − a|/(√a' + √a), and √a' ≥ 0.
        let least = (self.value.high - self.error).max(0.0).sqrt();
        let divisor = value.high + least;
        let inherited = if self.error == 0.0 { 0.0 } else { self.error / divisor };
        self.rounded(self, value, inherited)
    }
    /// |max(a', b') − max(a, b)| ≤ the larger of both errors; nothing is rounded.
    fn larger(self, other: Self) -> Self {
        let first = self.value.minus(other.value.high) - other.value.low >= 0.0;
        let value = if first { self.value } else { other.value };
        Self { value, error: self.error.max(other.error), format: self.format }
    }
    fn smaller(self, other: Self) -> Self {
        let first = self.value.minus(other.value.high) - other.value.low <= 0.0;
        let value = if first { self.value } else { other.value };
        Self { value, error: self.error.max(other.error), format: self.format }
    }
    fn clipped_quotient<T: Float>(self, divisor: Self) -> Self {
        if self.is_zero() {
            return self;
        }
        let (one, minus_one) = (Self::of(T::ONE), Self::of(-T::ONE));
        // Both are clipped for sure, and to the same side: nothing is rounded.
        if self.size() - self.error >= divisor.size() + divisor.error {
            return if self.value.high > 0.0 { one } else { minus_one };
        }
        let clipped = (self / divisor).smaller(one).larger(minus_one);
        // Two numbers in [−1, 1], whatever the quotient.
        Self { error: clipped.error.min(2.0), ..clipped }
    }
    fn is_zero(self) -> bool {
        self.value.high == 0.0 && self.error == 0.0
    }
}

impl Add for Tracked {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        self.rounded(other, self.value + other.value, self.error + other.error)
    }
}

impl Sub for Tracked {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self.rounded(other, self.value + other.value.negated(), self.error + other.error)
    }
}

impl Mul for Tracked {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        let cross = self.size() * other.error + other.size() * self.error;
        self.rounded(other, self.value * other.value, cross + self.error * other.error)
    }
}

impl Div for Tracked {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        if self.is_zero() {
            return self;
        }
        let value = self.value / other.value;
        // (a' − b'q)/b' with |b'| ≥ |b| − its error; infinite where that is not positive.
        let divisor = other.size() - other.error;
        let distance = self.error + value.high.abs() * other.error;
        let inherited = if divisor > 0.0 { distance / divisor } else { f64::INFINITY };
        self.rounded(other, value, inherited)
    }
}
