//! The place of the largest magnitude.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::simd::{Machine, Operation, Simd, part};

/// The first i with the largest |xᵢ|; the first NaN if there is one.
///
/// # Shapes
/// `x`: n ≥ 1.
///
/// # Method
/// The largest magnitude of each block of 1024, lane by lane; at the end the place within the first
/// block that holds the largest of all. A block with a NaN ends the search.
///
/// # Accuracy
/// Exact. The same on every machine.
///
/// # Errors
/// `Error::Empty` for n = 0.
///
/// # Cost
/// n comparisons, at most n + 1024 reads.
#[doc(alias = "idamax")]
pub fn argmax_abs<T: Float>(machine: Machine, x: &[T]) -> Result<usize, Error> {
    check::not_empty("x", x.len())?;
    Ok(machine.run(ArgmaxAbs { x }))
}

struct ArgmaxAbs<'a, T> {
    x: &'a [T],
}

/// Long enough that a block costs more than its end; short enough to look through.
const BLOCK: usize = 1024;

/// Vectors in flight.
const UNROLL: usize = 4;

/// Lanes of the longest vector.
const WIDTH_MAX: usize = 16;

impl<T: Float> Operation<T> for ArgmaxAbs<'_, T> {
    type Output = usize;

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) -> usize {
        let (mut x, mut start) = (self.x, 0);
        let (mut largest, mut at, mut home) = (-T::ONE, 0, self.x);
        while let Some(block) = part(&mut x, BLOCK) {
            let found = largest_abs(simd, block);
            if found.is_nan() {
                return start + block.iter().position(|x| x.is_nan()).unwrap_or(0);
            }
            if found > largest {
                (largest, at, home) = (found, start, block);
            }
            start += BLOCK;
        }
        at + home.iter().position(|x| x.abs() == largest).unwrap_or(0)
    }
}

/// max |xᵢ|, NaN if there is one.
#[inline(always)]
fn largest_abs<T: Float, S: Simd<T>>(simd: S, x: &[T]) -> T {
    let mut maxima = [simd.splat(T::ZERO); UNROLL];
    let minus_one = simd.splat(-T::ONE);
    // 0 until a lane has seen a NaN, which is not above −1.
    let mut defect = simd.splat(T::ZERO);
    let one = simd.splat(T::ONE);
    let mut x = x;
    while !x.is_empty() {
        for maximum in &mut maxima {
            let Some(x) = part(&mut x, S::WIDTH) else { break };
            let a = simd.abs(simd.load(x));
            *maximum = simd.select_less([*maximum, a], a, *maximum);
            defect = simd.select_less([minus_one, a], defect, one);
        }
    }
    if simd.sum(defect) > T::ZERO {
        return T::NAN;
    }
    let [a, b, c, d] = maxima;
    let a = simd.select_less([a, b], b, a);
    let c = simd.select_less([c, d], d, c);
    let mut lanes = [T::ZERO; WIDTH_MAX];
    simd.store(simd.select_less([a, c], c, a), &mut lanes);
    lanes.into_iter().fold(T::ZERO, T::max_of)
}
