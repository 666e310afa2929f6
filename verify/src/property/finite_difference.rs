//! Hessian products from gradients: exact on quadratics, else by truncation and rounding.

use teeter::Float;
use teeter::operator::{
    Difference, DifferenceOptions, FiniteDifference, LinearOperator, finite_difference_scratch_len,
};

use super::{Context, Measured, Worst};
use crate::bound::operator as bound;
use crate::input::{Source, matrix, vector};
use crate::subject::Subject;

/// Every property of the family.
#[must_use]
pub fn all<T: Float>(subject: &dyn Subject<T>) -> Vec<Measured> {
    vec![
        differences_are_exact_on_whole_quadratics(subject),
        differences_are_off_by_truncation_and_rounding(subject),
        differences_scale_exactly(subject),
    ]
}

/// Both kinds.
pub const KINDS: [Difference; 2] = [Difference::Central, Difference::Forward];

/// As good as the format, at a distance or at one of its own choice.
#[must_use]
pub fn options<T: Float>(difference: Difference, distance: f64) -> DifferenceOptions<T> {
    DifferenceOptions { difference, noise: T::EPSILON, distance: T::from_f64(distance) }
}

/// g = Aw in whole numbers, w and v whole and h a power of two: Hv with no rounding, whatever h.
#[must_use]
pub fn differences_are_exact_on_whole_quadratics<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let (mut broken, mut cases) = (0, 0);
    // Digits that the whole numbers of Aw leave: 2⁻⁹ fits into f32 too.
    let distances = [0.004, 0.03, 0.5, 1.0, 8.0];
    for (n, distance) in [1, 2, 7].into_iter().flat_map(|n| distances.map(|d| (n, d))) {
        let a = matrix::whole_symmetric(n, 8);
        let source = &mut Source::new(n as u64 + 3);
        let w: Vec<T> = vector::lattice(n, source);
        let mut v: Vec<T> = vector::lattice(n, source);
        v[0] = T::ONE;
        let row = |i: usize, x: &[T]| {
            (0..n).fold(T::ZERO, |sum, j| sum + T::from_f64(a[i * n + j]) * x[j])
        };
        let gradient = |x: &[T], g: &mut [T]| {
            g.iter_mut().enumerate().for_each(|(i, g)| *g = row(i, x));
            Ok(())
        };
        for kind in KINDS {
            let mut scratch = vec![T::NAN; finite_difference_scratch_len(n)];
            let settings = options(kind, distance);
            let (machine, memory) = (subject.machine(), &mut scratch);
            let made = FiniteDifference::new(machine, gradient, &w, settings, memory);
            let Ok(mut hessian) = made else {
                broken += 1;
                continue;
            };
            let mut y = vec![T::NAN; n];
            let done = hessian.apply(&v, &mut y);
            broken += usize::from(done.is_err());
            for (i, &y) in y.iter().enumerate() {
                cases += 1;
                broken += usize::from(y.to_f64() != row(i, &v).to_f64());
            }
        }
    }
    let context = Context::of("operator", subject);
    Measured::exact(context, "differences are exact on whole quadratics", broken, cases)
}

/// g = w³ (central) and w² (forward), whose truncation is known: h²v³ and hv². The estimate finds it.
#[must_use]
pub fn differences_are_off_by_truncation_and_rounding<T: Float>(
    subject: &dyn Subject<T>,
) -> Measured {
    let mut worst = Worst::default();
    for (turn, kind) in KINDS.into_iter().cycle().take(24).enumerate() {
        let source = &mut Source::new(turn as u64);
        let (w, v) = (T::from_f64(source.unit()), T::from_f64(source.unit()));
        let central = kind == Difference::Central;
        let gradient = |x: &[T], g: &mut [T]| {
            g[0] = if central { x[0] * x[0] * x[0] } else { x[0] * x[0] };
            Ok(())
        };
        let distance = if turn % 4 < 2 { 0.0 } else { 0.01 };
        let mut scratch = [T::NAN; 3];
        let (w_list, settings) = ([w], options(kind, distance));
        let machine = subject.machine();
        let made = FiniteDifference::new(machine, gradient, &w_list, settings, &mut scratch);
        let mut y = [T::NAN];
        let error = made.and_then(|mut hessian| hessian.apply_with_error(&[v], &mut y));
        let Ok(error) = error else {
            worst.see_f64(f64::NAN, 0.0);
            continue;
        };
        let [w, v, y] = [w, v, y[0]].map(T::to_f64);
        let h = error.distance.to_f64() / v.abs();
        let largest = w.abs() + 2.0 * h * v.abs();
        let (truth, truncation, allowed) = if central {
            let allowed = bound::cubic_difference::<T>(h, largest, y);
            (3.0 * w * w * v, h * h * v.powi(3), allowed)
        } else {
            let allowed = bound::square_difference::<T>(h, largest, y);
            (2.0 * w * v, h * v * v, allowed)
        };
        worst.see_f64((y - truth - truncation).abs(), allowed);
        let estimated = error.truncation.to_f64();
        // Both differences round, and what is small of their own sizes.
        worst.see_f64((estimated - truncation.abs()).abs(), 2.0 * allowed);
        // Where the step was chosen, it is one of the right order: both errors below the root of the noise.
        let both = estimated + error.rounding.to_f64();
        worst.see_f64((y - truth).abs(), both + allowed);
    }
    worst.finish(Context::of("operator", subject), "differences are off by truncation and rounding")
}

/// v → 2ᵏv and, for g homogeneous of degree 3, w → 2ᵏw: the product is multiplied by 2ᵏ and 4ᵏ.
#[must_use]
pub fn differences_scale_exactly<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let (mut broken, mut cases) = (0, 0);
    let product = |kind: Difference, w: &[T], v: &[T]| -> Vec<T> {
        let gradient = |x: &[T], g: &mut [T]| {
            g.iter_mut().zip(x).for_each(|(g, &x)| *g = x * x * x);
            Ok(())
        };
        let mut scratch = vec![T::NAN; finite_difference_scratch_len(w.len())];
        let machine = subject.machine();
        let mut y = vec![T::NAN; w.len()];
        FiniteDifference::new(machine, gradient, w, options(kind, 0.0), &mut scratch)
            .and_then(|mut hessian| hessian.apply(v, &mut y))
            .map_or_else(|_| vec![T::NAN; w.len()], |()| y)
    };
    let source = &mut Source::new(77);
    let (w, v): (Vec<T>, Vec<T>) = (vector::uniform(7, source), vector::uniform(7, source));
    let by = |x: &[T], k: i32| x.iter().map(|x| x.scale_by_power(k)).collect::<Vec<T>>();
    for kind in KINDS {
        let base = product(kind, &w, &v);
        for k in [-20, -3, 1, 11, 20] {
            let pairs =
                [(product(kind, &w, &by(&v, k)), k), (product(kind, &by(&w, k), &v), 2 * k)];
            for (found, power) in pairs {
                let right = by(&base, power);
                cases += right.len();
                broken += found.iter().zip(&right).filter(|(a, b)| a != b).count();
            }
        }
    }
    let context = Context::of("operator", subject);
    Measured::exact(context, "differences scale exactly", broken, cases)
}
