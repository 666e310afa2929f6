//! Activations and their derivatives, block by block.
//!
//! All of f′ and f″ is read off the stored z = f(a): with g = f″/f′,
//!
//! | f        | f′               | g        |
//! |----------|------------------|----------|
//! | tanh     | (1 − z)(1 + z)   | −2z      |
//! | relu     | z > 0 ? 1 : 0    | 0        |
//! | softplus | 1 − e^(−z)       | e^(−z)   |
//! | identity | 1                | 0        |
//!
//! and g, not f″, is what the Hessian product wants, since δ = f′e holds the f′ already. The
//! loops are plain: inside an [`Operation`] they are compiled for the machine at hand.

use crate::float::Float;
use crate::objective::Activation;
use crate::simd::{Machine, Operation, Simd};
use crate::vector;

impl Activation {
    /// a ← f(a).
    pub(crate) fn apply<T: Float>(self, machine: Machine, a: &mut [T]) {
        match self {
            Self::Tanh => vector::tanh_in_place(machine, a),
            Self::Relu => machine.run(Relu { a }),
            Self::Softplus => a.iter_mut().for_each(|a| {
                *a = a.max_of(T::ZERO) + (-a.abs()).exp().ln_1p();
            }),
            Self::Identity => {}
        }
    }

    /// d ← f′ ⊙ d.
    pub(crate) fn multiply_by_slope<T: Float>(self, machine: Machine, z: &[T], d: &mut [T]) {
        machine.run(MultiplyBySlope { activation: self, z, d });
    }

    /// From Ra in `r`: s ← g ⊙ Ra ⊙ δ, then r ← Rz = f′ ⊙ Ra.
    pub(crate) fn bend<T: Float>(
        self,
        machine: Machine,
        (z, delta): (&[T], &[T]),
        r: &mut [T],
        s: &mut [T],
    ) {
        machine.run(Bend { activation: self, z, delta, r, s });
    }

    /// s ← f′ ⊙ e + s.
    pub(crate) fn add_sloped<T: Float>(self, machine: Machine, z: &[T], e: &[T], s: &mut [T]) {
        machine.run(AddSloped { activation: self, z, e, s });
    }
}

#[inline(always)]
fn tanh_slope<T: Float>(z: T) -> T {
    (T::ONE - z) * (T::ONE + z)
}

#[inline(always)]
fn relu_slope<T: Float>(z: T) -> T {
    if z > T::ZERO { T::ONE } else { T::ZERO }
}

/// Accurate for small z, too, where 1 − e^(−z) would cancel.
#[inline(always)]
fn softplus_slope<T: Float>(z: T) -> T {
    -(-z).exp_m1()
}

struct Relu<'a, T> {
    a: &'a mut [T],
}

impl<T: Float> Operation<T> for Relu<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, _simd: S) {
        // Not `max`: NaN must go through.
        self.a.iter_mut().for_each(|a| *a = if *a < T::ZERO { T::ZERO } else { *a });
    }
}

struct MultiplyBySlope<'a, T> {
    activation: Activation,
    z: &'a [T],
    d: &'a mut [T],
}

impl<T: Float> Operation<T> for MultiplyBySlope<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, _simd: S) {
        let pairs = self.d.iter_mut().zip(self.z);
        match self.activation {
            Activation::Tanh => pairs.for_each(|(d, &z)| *d *= tanh_slope(z)),
            Activation::Relu => pairs.for_each(|(d, &z)| *d *= relu_slope(z)),
            Activation::Softplus => pairs.for_each(|(d, &z)| *d *= softplus_slope(z)),
            Activation::Identity => {}
        }
    }
}

struct Bend<'a, T> {
    activation: Activation,
    z: &'a [T],
    delta: &'a [T],
    r: &'a mut [T],
    s: &'a mut [T],
}

impl<T: Float> Operation<T> for Bend<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, _simd: S) {
        let all = self.r.iter_mut().zip(self.s.iter_mut()).zip(self.z.iter().zip(self.delta));
        match self.activation {
            Activation::Tanh => all.for_each(|((r, s), (&z, &delta))| {
                *s = -(T::TWO * z) * *r * delta;
                *r *= tanh_slope(z);
            }),
            Activation::Relu => all.for_each(|((r, s), (&z, _))| {
                *s = T::ZERO;
                *r *= relu_slope(z);
            }),
            Activation::Softplus => all.for_each(|((r, s), (&z, &delta))| {
                *s = (-z).exp() * *r * delta;
                *r *= softplus_slope(z);
            }),
            Activation::Identity => all.for_each(|((_, s), _)| *s = T::ZERO),
        }
    }
}

struct AddSloped<'a, T> {
    activation: Activation,
    z: &'a [T],
    e: &'a [T],
    s: &'a mut [T],
}

impl<T: Float> Operation<T> for AddSloped<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, _simd: S) {
        let all = self.s.iter_mut().zip(self.z.iter().zip(self.e));
        match self.activation {
            Activation::Tanh => all.for_each(|(s, (&z, &e))| *s += tanh_slope(z) * e),
            Activation::Relu => all.for_each(|(s, (&z, &e))| *s += relu_slope(z) * e),
            Activation::Softplus => all.for_each(|(s, (&z, &e))| *s += softplus_slope(z) * e),
            Activation::Identity => all.for_each(|(s, (_, &e))| *s += e),
        }
    }
}
