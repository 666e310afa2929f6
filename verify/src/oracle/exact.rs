//! Rational arithmetic: no rounding at all.

use dashu_ratio::Relaxed;
use teeter::Float;

/// A rational number.
pub type Exact = Relaxed;

/// The number itself.
///
/// # Panics
/// If `x` is NaN or infinite: a bound is never taken on those.
#[must_use]
pub fn from<T: Float>(x: T) -> Exact {
    try_from(x).expect("an exact value was asked of NaN or infinity")
}

/// The number itself, if it is one.
#[must_use]
pub fn try_from<T: Float>(x: T) -> Option<Exact> {
    Relaxed::try_from(x.to_f64()).ok()
}

/// n
#[must_use]
pub fn whole(n: usize) -> Exact {
    Relaxed::from(n)
}

/// 2ᵏ
#[must_use]
pub fn power_of_two(k: isize) -> Exact {
    whole(2).pow(k)
}

/// |x|
#[must_use]
pub fn abs(x: &Exact) -> Exact {
    if *x < Relaxed::ZERO { -x.clone() } else { x.clone() }
}

/// Σxᵢ and Σ|xᵢ|.
#[must_use]
pub fn sum<T: Float>(x: &[T]) -> (Exact, Exact) {
    x.iter().fold((Relaxed::ZERO, Relaxed::ZERO), |(sum, magnitude), &x| {
        (sum + from(x), magnitude + from(x.abs()))
    })
}

/// xᵀy and |x|ᵀ|y|.
#[must_use]
pub fn dot<T: Float>(x: &[T], y: &[T]) -> (Exact, Exact) {
    x.iter().zip(y).fold((Relaxed::ZERO, Relaxed::ZERO), |(sum, magnitude), (&x, &y)| {
        let product = from(x) * from(y);
        (sum + &product, magnitude + abs(&product))
    })
}
