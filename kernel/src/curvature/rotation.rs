//! How far an eigenvector has turned.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::simd::{Machine, Operation, REGISTERS_MAX, Simd, part, registers, sum_registers};
use crate::vector;

/// The angle between the lines through x and y, in [0, π/2]; an eigenvector has no sign.
///
/// # Shapes
/// `x`, `y`: n, of any length but zero.
///
/// # Units
/// Radians.
///
/// # Method
/// 2 atan(‖a − b‖/‖a + b‖), the smaller norm on top, with a = x/‖x‖ and b = y/‖y‖. The
/// arccosine of aᵀb would know nothing of angles below √u.
///
/// # Accuracy
/// Absolute error at most (h + 6)u, h as in `vector::norm2`: each element of a and b carries
/// up to (h/2 + 3)u of its size. 0 exactly for y = ±2ᵏx, barring
/// over- and underflow. The same bits on every machine.
///
/// # Errors
/// `Error::Length` if lengths differ; `Error::NotFinite`; `Error::ZeroVector`; `Error::Range`
/// for a vector whose norm overflows.
///
/// # Cost
/// 8n flops, 2n divisions, 4n reads; one arctangent in f64. No scratch.
///
/// # Source
/// Kahan 2006, "How futile are mindless assessments of roundoff", §12.
///
/// # Example
/// ```
/// use teeter::{Machine, curvature::rotation_angle};
/// let machine = Machine::detect();
/// assert_eq!(rotation_angle(machine, &[1.0, 0.0], &[-2.0, 0.0]), Ok(0.0));
/// let tiny: f64 = rotation_angle(machine, &[1.0, 0.0], &[1.0, 1e-12])?;
/// assert!((tiny - 1e-12).abs() < 1e-15, "{tiny:e}");
/// # Ok::<(), teeter::Error>(())
/// ```
pub fn rotation_angle<T: Float>(machine: Machine, x: &[T], y: &[T]) -> Result<T, Error> {
    check::same_len("y", x.len(), y.len())?;
    let norms = [direction_norm(machine, "x", x)?, direction_norm(machine, "y", y)?];
    let [apart, together] = machine.run(Halves { norms, x, y });
    // In f64 for both formats: one call, and `libm`'s on every target.
    let half = libm::atan2(apart.min_of(together).to_f64(), apart.max_of(together).to_f64());
    Ok(T::from_f64(2.0 * half))
}

/// ‖x‖ of a vector that has a direction.
fn direction_norm<T: Float>(machine: Machine, argument: &'static str, x: &[T]) -> Result<T, Error> {
    let norm = vector::norm2(machine, x);
    if !norm.is_finite() {
        if let Some(index) = vector::first_not_finite(machine, x) {
            return Err(Error::NotFinite { argument, index });
        }
        check::in_range(argument, norm, 0.0, T::MAX.to_f64())?;
    }
    if norm == T::ZERO {
        return Err(Error::ZeroVector { argument });
    }
    Ok(norm)
}

/// ‖a − b‖ and ‖a + b‖.
struct Halves<'a, T> {
    norms: [T; 2],
    x: &'a [T],
    y: &'a [T],
}

impl<T: Float> Operation<T> for Halves<'_, T> {
    type Output = [T; 2];

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) -> [T; 2] {
        let [x_norm, y_norm] = self.norms;
        let (x_norm, y_norm) = (simd.splat(x_norm), simd.splat(y_norm));
        let zero = simd.splat(T::ZERO);
        let mut sums = [[zero; REGISTERS_MAX]; 2];
        let (mut x, mut y) = (self.x, self.y);
        while !x.is_empty() {
            let [apart, together] = &mut sums;
            let pairs = apart.iter_mut().zip(together);
            for (apart, together) in pairs.take(registers::<T, S>()) {
                let (Some(x), Some(y)) = (part(&mut x, S::WIDTH), part(&mut y, S::WIDTH)) else {
                    break;
                };
                let a = simd.div(simd.load(x), x_norm);
                let b = simd.div(simd.load(y), y_norm);
                let (minus, plus) = (simd.sub(a, b), simd.add(a, b));
                *apart = simd.add(*apart, simd.mul(minus, minus));
                *together = simd.add(*together, simd.mul(plus, plus));
            }
        }
        let [apart, together] = sums;
        [sum_registers(simd, apart).sqrt(), sum_registers(simd, together).sqrt()]
    }
}
