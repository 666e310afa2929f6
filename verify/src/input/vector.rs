//! Vectors.

use teeter::Float;

use super::Source;

/// Two vectors and what is hard about them.
#[derive(Clone, Debug)]
pub struct Pair<T> {
    /// What is hard about them.
    pub name: &'static str,
    /// One vector.
    pub x: Vec<T>,
    /// The other.
    pub y: Vec<T>,
}

/// Finite numbers at the edges of the format.
#[must_use]
pub fn edges<T: Float>() -> Vec<T> {
    let subnormal = T::MIN_POSITIVE * T::EPSILON;
    let magnitudes = [
        T::ZERO,
        subnormal,
        T::MIN_POSITIVE - subnormal,
        T::MIN_POSITIVE,
        T::EPSILON,
        T::UNIT_ROUNDOFF,
        T::HALF,
        T::ONE - T::UNIT_ROUNDOFF,
        T::ONE,
        T::ONE + T::EPSILON,
        T::PI,
        T::MAX * T::HALF,
        T::MAX,
    ];
    magnitudes.iter().flat_map(|&x| [x, -x]).collect()
}

/// Whole numbers in [−4, 4]: sums and products of a few thousand are exact in both formats.
#[must_use]
pub fn lattice<T: Float>(n: usize, source: &mut Source) -> Vec<T> {
    (0..n).map(|_| T::from_f64(source.whole(-4, 4) as f64)).collect()
}

/// Uniform in [−1, 1).
#[must_use]
pub fn uniform<T: Float>(n: usize, source: &mut Source) -> Vec<T> {
    (0..n).map(|_| T::from_f64(source.unit())).collect()
}

/// Mantissas in ±[1, 2), exponents uniform in [−`spread`, `spread`].
#[must_use]
pub fn graded<T: Float>(n: usize, spread: i64, source: &mut Source) -> Vec<T> {
    (0..n)
        .map(|_| {
            let mantissa = source.unit();
            let mantissa = mantissa + mantissa.signum();
            T::from_f64(mantissa).scale_by_power(source.whole(-spread, spread) as i32)
        })
        .collect()
}

/// Pairs of length n whose inner product neither overflows on the way nor is boring.
#[must_use]
pub fn pairs<T: Float>(n: usize, seed: u64) -> Vec<Pair<T>> {
    let source = &mut Source::new(seed);
    let wide = if T::BITS == 32 { 20 } else { 200 };
    let deep = if T::BITS == 32 { -70 } else { -530 };
    let mut list = vec![
        Pair { name: "uniform", x: uniform(n, source), y: uniform(n, source) },
        Pair { name: "graded", x: graded(n, wide, source), y: graded(n, wide, source) },
        Pair { name: "lattice", x: lattice(n, source), y: lattice(n, source) },
    ];
    let x: Vec<T> = graded(n, 8, source);
    let mut y: Vec<T> = graded(n, 8, source);
    // Element i and its mirror cancel but for what rounding leaves.
    for i in 0..n / 2 {
        let j = n - 1 - i;
        y[j] = -(x[i] * y[i]) / x[j];
    }
    list.push(Pair { name: "cancelling", x, y });
    let shrink = |v: Vec<T>| v.into_iter().map(|x: T| x.scale_by_power(deep)).collect();
    list.push(Pair {
        name: "subnormal products",
        x: shrink(uniform(n, source)),
        y: shrink(uniform(n, source)),
    });
    let large = if T::BITS == 32 { 59 } else { 505 };
    let grow = |v: Vec<T>| v.into_iter().map(|x: T| x.scale_by_power(large)).collect();
    list.push(Pair {
        name: "huge products",
        x: grow(uniform(n, source)),
        y: grow(uniform(n, source)),
    });
    list
}
