//! The order of Strict arithmetic, element by element, as `docs/ARCHITECTURE.md` defines it.
//!
//! Written from the definition and not from the kernel: the two must agree bit for bit.

use teeter::{Float, Machine};

use crate::bound;

/// Σ f(i) for i in 0..n: element i to lane i mod L, then halving, then + 0.
#[must_use]
pub fn reduce<T: Float>(n: usize, f: impl Fn(usize) -> T) -> T {
    let mut lanes = vec![T::ZERO; bound::lanes::<T>()];
    let count = lanes.len();
    for i in 0..n {
        lanes[i % count] += f(i);
    }
    let mut half = count / 2;
    while half > 0 {
        for j in 0..half {
            let upper = lanes[j + half];
            lanes[j] += upper;
        }
        half /= 2;
    }
    lanes[0] + T::ZERO
}

/// xᵀy
#[must_use]
pub fn dot<T: Float>(x: &[T], y: &[T]) -> T {
    reduce(x.len().min(y.len()), |i| x[i] * y[i])
}

/// One element of C: fl(βc), then + a·fl(αb) over p; `multiply_add` rounds as the
/// machine does.
#[must_use]
pub fn chain<T: Float>(
    start: T,
    k: usize,
    factors: impl Fn(usize) -> (T, T),
    multiply_add: fn(T, T, T) -> T,
) -> T {
    let mut sum = start;
    for p in 0..k {
        let (a, scaled) = factors(p);
        sum = multiply_add(a, scaled, sum);
    }
    sum
}

/// ab + c as this machine rounds it in level 3: at once if it fuses, else twice.
#[must_use]
pub fn multiply_add<T: Float>(machine: Machine) -> fn(T, T, T) -> T {
    if machine.is_fused() { |a, b, c| a.fused_mul_add(b, c) } else { |a, b, c| c + a * b }
}
