//! Level 1.

use teeter::Float;

use super::{Context, Measured, Worst};
use crate::bound;
use crate::input::{Source, vector};
use crate::oracle::double::Double;
use crate::oracle::exact::{self, Exact};
use crate::subject::Subject;

/// Lengths on both sides of every lane count and block.
pub const LENGTHS: [usize; 14] = [0, 1, 2, 3, 4, 7, 8, 15, 16, 17, 33, 64, 127, 300];

/// Every property of the layer.
#[must_use]
pub fn all<T: Float>(subject: &dyn Subject<T>) -> Vec<Measured> {
    vec![
        dot_stays_within_its_bound(subject),
        sum_stays_within_its_bound(subject),
        norm2_stays_within_its_bound(subject),
        norm2_scales_by_powers_of_two(subject),
        axpy_rounds_twice(subject),
        tanh_stays_within_its_bound(subject),
        tanh_is_odd(subject),
    ]
}

/// |ŝ − xᵀy| ≤ γₕ|x|ᵀ|y| + nη/2 against exact rationals.
#[must_use]
pub fn dot_stays_within_its_bound<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    for n in LENGTHS {
        for pair in vector::pairs::<T>(n, n as u64) {
            let (truth, magnitude) = exact::dot(&pair.x, &pair.y);
            let computed = subject.dot(&pair.x, &pair.y).unwrap_or(T::NAN);
            worst.see(computed, &truth, &bound::dot::<T>(n, &magnitude));
        }
    }
    worst.finish(Context::of("vector", subject), "dot stays within its bound")
}

/// |ŝ − Σxᵢ| ≤ γₕΣ|xᵢ|, for sum and sum_abs.
#[must_use]
pub fn sum_stays_within_its_bound<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    for n in LENGTHS {
        for pair in vector::pairs::<T>(n, n as u64) {
            let (truth, magnitude) = exact::sum(&pair.x);
            let allowed = bound::sum::<T>(n, &magnitude);
            worst.see(subject.sum(&pair.x), &truth, &allowed);
            worst.see(subject.sum_abs(&pair.x), &magnitude, &allowed);
        }
    }
    worst.finish(Context::of("vector", subject), "sum and sum_abs stay within their bound")
}

/// |ŝ² − Σxᵢ²| within its bound, from the smallest normal to the largest number.
#[must_use]
pub fn norm2_stays_within_its_bound<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    let top = if T::BITS == 32 { 115 } else { 1010 };
    for n in LENGTHS.into_iter().filter(|&n| n > 0) {
        let x: Vec<T> = vector::graded(n, 5, &mut Source::new(n as u64));
        for power in [-top, -top / 2, -top / 2 + 9, 0, top / 2 - 9, top / 2, top] {
            let x: Vec<T> = x.iter().map(|x| x.scale_by_power(power)).collect();
            // Elements may be subnormal and so rounded; the norm is taken of what they are.
            let (square, _) = exact::dot(&x, &x);
            let norm = subject.norm2(&x);
            let Some(root) = exact::try_from(norm) else {
                worst.see(norm, &square, &Exact::ZERO);
                continue;
            };
            let error = exact::abs(&(root.sqr() - &square)) / &square;
            let allowed = bound::norm2_squared::<T>(n, &Exact::ONE);
            worst.see_f64(error.to_f64_fast(), allowed.to_f64_fast());
        }
    }
    worst.finish(Context::of("vector", subject), "norm2 squared stays within its bound")
}

/// ‖2ᵏx‖ = 2ᵏ‖x‖ bit for bit while neither pass of the norm sees a subnormal square.
#[must_use]
pub fn norm2_scales_by_powers_of_two<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let (mut broken, mut cases) = (0, 0);
    for n in LENGTHS.into_iter().filter(|&n| n > 0) {
        let x: Vec<T> = vector::graded(n, 5, &mut Source::new(n as u64));
        let norm = subject.norm2(&x);
        let far = if T::BITS == 32 { 100 } else { 900 };
        for power in [-far, -7, 1, 30, far] {
            let scaled: Vec<T> = x.iter().map(|x| x.scale_by_power(power)).collect();
            cases += 1;
            broken += usize::from(subject.norm2(&scaled) != norm.scale_by_power(power));
        }
    }
    Measured::exact(
        Context::of("vector", subject),
        "norm2 scales exactly by powers of two",
        broken,
        cases,
    )
}

/// axpy is fl(fl(αx) + y), bit for bit.
#[must_use]
pub fn axpy_rounds_twice<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let (mut broken, mut cases) = (0, 0);
    for n in LENGTHS {
        for pair in vector::pairs::<T>(n, 7 + n as u64) {
            let alpha = T::from_f64(-1.2345);
            let mut y = pair.y.clone();
            let status = subject.axpy(alpha, &pair.x, &mut y);
            broken += usize::from(status.is_err());
            for ((y, &old), &x) in y.iter().zip(&pair.y).zip(&pair.x) {
                cases += 1;
                broken += usize::from(y.to_bits_u64() != (alpha * x + old).to_bits_u64());
            }
        }
    }
    Measured::exact(Context::of("vector", subject), "axpy rounds twice, as written", broken, cases)
}

/// The error of tanh in units of u, against 106 bits.
#[must_use]
pub fn tanh_stays_within_its_bound<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    let mut x = tanh_arguments::<T>();
    let arguments = x.clone();
    subject.tanh_in_place(&mut x);
    for (&x, &computed) in arguments.iter().zip(&x) {
        let truth = Double::new(x.abs().to_f64()).tanh();
        let error = truth.minus(computed.abs().to_f64()).abs() / truth.high;
        worst.see_f64(error, bound::tanh::<T>());
    }
    worst.finish(Context::of("vector", subject), "tanh stays within its bound")
}

/// tanh(−x) = −tanh x, |tanh x| ≤ 1, tanh ±0 = ±0.
#[must_use]
pub fn tanh_is_odd<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut x = tanh_arguments::<T>();
    x.extend(vector::edges::<T>());
    let mut minus: Vec<T> = x.iter().map(|&x| -x).collect();
    subject.tanh_in_place(&mut x);
    subject.tanh_in_place(&mut minus);
    let broken = x.iter().zip(&minus).filter(|&(&plus, &minus)| {
        plus.to_bits_u64() != (-minus).to_bits_u64() || plus.is_nan() || plus.abs() > T::ONE
    });
    let broken = broken.count();
    Measured::exact(Context::of("vector", subject), "tanh is odd and at most 1", broken, x.len())
}

/// A grid over every binade that matters, denser where k of the reduction changes.
fn tanh_arguments<T: Float>() -> Vec<T> {
    let source = &mut Source::new(0x7A);
    let mut x: Vec<T> = (0..6000).map(|i| T::from_f64(f64::from(i) * 0.0035)).skip(1).collect();
    for exponent in -40..5 {
        for _ in 0..60 {
            let mantissa = 1.5 + 0.5 * source.unit();
            x.push(T::from_f64(mantissa).scale_by_power(exponent));
        }
    }
    x
}
