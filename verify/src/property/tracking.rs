//! A tracker on matrices that change from step to step.

use teeter::krylov::{SharpnessTracker, SharpnessTrackerOptions, sharpness_tracker_scratch_len};
use teeter::{Error, Float};

use super::factor::{narrow, wide};
use crate::bound;
use crate::input::matrix;
use crate::oracle::naive;

/// The usual options.
#[must_use]
pub fn options<T: Float>(dim_max: usize, products_per_step: usize) -> SharpnessTrackerOptions<T> {
    SharpnessTrackerOptions { dim_max, products_per_step, limit: None, seed: 3 }
}

/// Memory to lend, full of NaN.
#[must_use]
pub fn memory<T: Float>(n: usize, dim_max: usize) -> Vec<T> {
    vec![T::NAN; sharpness_tracker_scratch_len(n, dim_max)]
}

/// A step on the dense matrix `a`; its vectors, and their products as the tracker was given them.
///
/// # Errors
/// Those of the kernel.
pub fn step<T: Float>(
    tracker: &mut SharpnessTracker<'_, T>,
    a: &[f64],
) -> Result<Vec<[Vec<f64>; 2]>, Error> {
    tracker.advance()?;
    let mut taken = Vec::new();
    while let Some(v) = tracker.wants() {
        let v = wide(v);
        let product = narrow::<T>(&naive::apply(a, &v));
        tracker.push(&product)?;
        taken.push([v, wide(&product)]);
    }
    Ok(taken)
}

/// The largest element of |VᵀV − I|.
#[must_use]
pub fn defect<T: Float>(tracker: &SharpnessTracker<'_, T>) -> f64 {
    let vectors: Vec<Vec<f64>> = (0..).map_while(|i| tracker.vector(i)).map(wide).collect();
    let mut worst = 0.0_f64;
    for (i, x) in vectors.iter().enumerate() {
        for (j, y) in vectors.iter().enumerate() {
            worst = worst.max((naive::dot(x, y) - f64::from(u8::from(i == j))).abs());
        }
    }
    worst
}

/// A matrix that turns and grows, and at step 30 is another one.
#[must_use]
pub fn changing(n: usize, t: usize) -> Vec<f64> {
    let spectrum: Vec<f64> = (0..n).map(|i| i as f64 - 3.0).collect();
    let a = matrix::with_spectrum(&spectrum, if t < 30 { 1 } else { 2 });
    let b = matrix::with_spectrum(&spectrum, 9);
    let c: Vec<f64> = a.iter().zip(&b).map(|(a, b)| a + 0.01 * t as f64 * b).collect();
    (0..n * n).map(|e| 0.5 * (c[e] + c[e % n * n + e / n])).collect()
}

/// What rounding leaves of a Ritz pair after `turns` turns of products, over ‖A‖_F.
#[must_use]
pub fn rounding<T: Float>(n: usize, dim: usize, turns: usize) -> f64 {
    let defect = bound::tracking::orthonormal::<T>(n, dim);
    bound::tracking::ritz::<T>(n, dim, defect) + bound::tracking::turned::<T>(dim, turns)
}
