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
//! loops are plain, but where an exponential is needed: inside an [`Operation`] they are compiled for the
//! machine at hand.

use crate::float::Float;
use crate::objective::Activation;
use crate::simd::{Machine, Operation, Simd, part, part_mut};
use crate::vector::{self, complement_lanes, exp_lanes};

impl Activation {
    /// a ← f(a).
    pub(crate) fn apply<T: Float>(self, machine: Machine, a: &mut [T]) {
        match self {
            Self::Tanh => vector::tanh_in_place(machine, a),
            Self::Relu => machine.run(Relu { a }),
            Self::Softplus => vector::softplus_in_place(machine, a),
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
    fn run<S: Simd<T>>(self, simd: S) {
        if self.activation == Activation::Softplus {
            let (mut z, mut d) = (self.z, self.d);
            while let (Some(z), Some(d)) = (part(&mut z, S::WIDTH), part_mut(&mut d, S::WIDTH)) {
                simd.store(simd.mul(simd.load(d), complement_lanes(simd, simd.load(z))), d);
            }
            return;
        }
        let pairs = self.d.iter_mut().zip(self.z);
        match self.activation {
            Activation::Tanh => pairs.for_each(|(d, &z)| *d *= tanh_slope(z)),
            Activation::Relu => pairs.for_each(|(d, &z)| *d *= relu_slope(z)),
            Activation::Softplus | Activation::Identity => {}
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
    fn run<S: Simd<T>>(self, simd: S) {
        if self.activation == Activation::Softplus {
            return bend_softplus(simd, (self.z, self.delta), self.r, self.s);
        }
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
            Activation::Softplus => {}
            Activation::Identity => all.for_each(|((_, s), _)| *s = T::ZERO),
        }
    }
}

/// s ← e⁻ᶻ ⊙ r ⊙ δ, r ← (1 − e⁻ᶻ) ⊙ r.
#[inline(always)]
fn bend_softplus<T: Float, S: Simd<T>>(
    simd: S,
    (z, delta): (&[T], &[T]),
    r: &mut [T],
    s: &mut [T],
) {
    let (mut z, mut delta, mut r, mut s) = (z, delta, r, s);
    while let (Some(z), Some(delta), Some(r), Some(s)) = (
        part(&mut z, S::WIDTH),
        part(&mut delta, S::WIDTH),
        part_mut(&mut r, S::WIDTH),
        part_mut(&mut s, S::WIDTH),
    ) {
        let (z, old) = (simd.load(z), simd.load(r));
        let e = exp_lanes(simd, simd.sub(simd.splat(T::ZERO), z));
        simd.store(simd.mul(simd.mul(e, old), simd.load(delta)), s);
        simd.store(simd.mul(old, complement_lanes(simd, z)), r);
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
    fn run<S: Simd<T>>(self, simd: S) {
        if self.activation == Activation::Softplus {
            let (mut z, mut e, mut s) = (self.z, self.e, self.s);
            while let (Some(z), Some(e), Some(s)) =
                (part(&mut z, S::WIDTH), part(&mut e, S::WIDTH), part_mut(&mut s, S::WIDTH))
            {
                let slope = complement_lanes(simd, simd.load(z));
                simd.store(simd.add(simd.load(s), simd.mul(slope, simd.load(e))), s);
            }
            return;
        }
        let all = self.s.iter_mut().zip(self.z.iter().zip(self.e));
        match self.activation {
            Activation::Tanh => all.for_each(|(s, (&z, &e))| *s += tanh_slope(z) * e),
            Activation::Relu => all.for_each(|(s, (&z, &e))| *s += relu_slope(z) * e),
            Activation::Softplus => {}
            Activation::Identity => all.for_each(|(s, (_, &e))| *s += e),
        }
    }
}
