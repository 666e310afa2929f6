//! Plane rotations, and the exchange of two vectors.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::simd::{Machine, Operation, Simd, exchange};

/// A plane rotation: [c s; −s c] (f, g)ᵀ = (r, 0)ᵀ, c² + s² = 1.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct Givens<T> {
    /// Cosine, not negative unless f is NaN.
    pub c: T,
    /// Sine.
    pub s: T,
    /// ±√(f² + g²), with the sign of f where f ≠ 0.
    pub r: T,
}

/// The rotation that turns (f, g) into (r, 0), without overflow or underflow on the way.
///
/// # Method
/// g = 0 gives c = 1, s = 0, r = f; f = 0 gives c = 0, s = sign g, r = |g|. Else d = √(f² + g²),
/// c = |f|/d, r = d with the sign of f, s = g/r; where a square could over- or underflow, of f and g
/// over the power of two of the larger, which rounds nothing that is not below everything.
///
/// # Accuracy
/// With f and g finite: |ĉ − c| ≤ γ₃c + η, |ŝ − s| ≤ γ₃|s| + η, |r̂ − r| ≤ γ₂|r| + η, η the smallest
/// subnormal; r is ±∞ where r̂ exceeds the format, c and s hold all the same. NaN and infinity in f
/// or g (except f = ±∞ with g = 0, g = ±∞ with f = 0) give NaN somewhere. Multiplying f and g by 2ᵏ
/// leaves c and s as they are, bit for bit, while both stay normal numbers.
///
/// # Cost
/// Three divisions' and one root's time.
///
/// # Source
/// Anderson 2017, *Algorithm 978: Safe scaling in the level 1 BLAS*, doi:10.1145/3061665, in the
/// form of LAPACK 3.10's `dlartg`; powers of two for the scale are ours.
#[doc(alias = "dlartg")]
#[doc(alias = "drotg")]
#[must_use]
pub fn givens<T: Float>(f: T, g: T) -> Givens<T> {
    if g == T::ZERO {
        return Givens { c: T::ONE, s: T::ZERO, r: f };
    }
    if f == T::ZERO {
        return Givens { c: T::ZERO, s: T::ONE.copysign(g), r: g.abs() };
    }
    let (low, high) = (T::LIMITS.square_low, T::LIMITS.square_high);
    let moderate = |x: T| x.abs() > low && x.abs() < high;
    if moderate(f) && moderate(g) {
        return turn(f, g);
    }
    // NaN and ∞ have no exponent of use; they end as NaN.
    let largest = f.abs().max_of(g.abs());
    let exponent = if largest.is_finite() { largest.exponent() } else { 0 };
    let turned = turn(f.scale_by_power(-exponent), g.scale_by_power(-exponent));
    Givens { r: turned.r.scale_by_power(exponent), ..turned }
}

fn turn<T: Float>(f: T, g: T) -> Givens<T> {
    let d = (f * f + g * g).sqrt();
    let r = d.copysign(f);
    Givens { c: f.abs() / d, s: g / r, r }
}

/// x ← c·x + s·y and y ← c·y − s·x, both from the old values.
///
/// # Shapes
/// `x`, `y`: n.
///
/// # Accuracy
/// Each element rounds three times, as written: fl(fl(c·xᵢ) + fl(s·yᵢ)) and fl(fl(c·yᵢ) − fl(s·xᵢ)).
/// The same bits on every machine. NaN and infinity propagate, also for c or s = 0.
///
/// # Errors
/// `Error::Length` if the lengths differ; nothing is written then.
///
/// # Cost
/// 6n flops, 2n reads, 2n writes, no scratch.
///
/// # Source
/// Golub, Van Loan 2013, *Matrix Computations*, §5.1.8.
#[doc(alias = "drot")]
#[doc(alias = "rot")]
#[inline]
pub fn rotate<T: Float>(
    machine: Machine,
    (c, s): (T, T),
    x: &mut [T],
    y: &mut [T],
) -> Result<(), Error> {
    check::same_len("y", x.len(), y.len())?;
    machine.run(Rotate { c, s, x, y });
    Ok(())
}

struct Rotate<'a, T> {
    c: T,
    s: T,
    x: &'a mut [T],
    y: &'a mut [T],
}

impl<T: Float> Operation<T> for Rotate<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let (c, s) = (simd.splat(self.c), simd.splat(self.s));
        exchange(simd, self.x, self.y, |x, y| {
            [simd.add(simd.mul(c, x), simd.mul(s, y)), simd.sub(simd.mul(c, y), simd.mul(s, x))]
        });
    }
}

/// x ↔ y.
///
/// # Shapes
/// `x`, `y`: n.
///
/// # Accuracy
/// Exact.
///
/// # Errors
/// `Error::Length` if the lengths differ; nothing is written then.
///
/// # Cost
/// 2n reads, 2n writes, no scratch.
#[doc(alias = "dswap")]
#[inline]
pub fn swap<T: Float>(machine: Machine, x: &mut [T], y: &mut [T]) -> Result<(), Error> {
    check::same_len("y", x.len(), y.len())?;
    machine.run(Swap { x, y });
    Ok(())
}

struct Swap<'a, T> {
    x: &'a mut [T],
    y: &'a mut [T],
}

impl<T: Float> Operation<T> for Swap<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        exchange(simd, self.x, self.y, |x, y| [y, x]);
    }
}
