//! What leaving out one probe or two takes from a basis, and what the estimates without them say of the error.

use crate::error::Error;
use crate::float::Float;
use crate::simd::Machine;
use crate::vector;

/// A unit vector, and its image under a matrix that is asked about.
#[derive(Debug)]
pub(super) struct Direction<'a, T> {
    pub(super) vector: &'a mut [T],
    pub(super) image: &'a mut [T],
}

impl<T: Float> Direction<'_, T> {
    /// Writes a vector and its image; one direction.
    pub(super) fn set(&mut self, [vector, image]: [&[T]; 2]) -> Result<usize, Error> {
        vector::copy(vector, self.vector)?;
        vector::copy(image, self.image)?;
        Ok(1)
    }

    /// Becomes a·`other` − b·self: of the plane of both what is orthogonal to a·self + b·`other`.
    pub(super) fn turn(&mut self, other: &Self, [a, b]: [T; 2]) {
        for (mine, theirs) in
            [(&mut *self.vector, &*other.vector), (&mut *self.image, &*other.image)]
        {
            for (x, &y) in mine.iter_mut().zip(theirs) {
                *x = a * y - b * *x;
            }
        }
    }
}

/// What two directions span.
pub(super) struct Span<T> {
    /// How many of the directions written are of it: 2, or 1 where both were one.
    pub(super) count: usize,
    /// The sine of the angle between the two.
    pub(super) sine: T,
}

/// Orthonormal vectors of span{a, b}, a and b of length 1, into `out`.
///
/// With a the one whose largest element is largest, e₂ is b − a·(bₚ/aₚ), p the place of that element. Where R is
/// graded, all a and b have nearly all their length there, and what tells them apart is small but accurate: taking
/// aₚ out exactly keeps it so, which a Gram matrix or a − (aᵀb)b would not.
pub(super) fn pair<'a, T: Float>(
    machine: Machine,
    first: [&'a [T]; 2],
    second: [&'a [T]; 2],
    out: &mut [Direction<'_, T>; 2],
) -> Result<Span<T>, Error> {
    let (p, q) = (vector::argmax_abs(machine, first[0])?, vector::argmax_abs(machine, second[0])?);
    let at = |x: &[T], p: usize| x.get(p).copied().unwrap_or(T::ZERO);
    let (large, small, p) = if at(first[0], p).abs() >= at(second[0], q).abs() {
        (first, second, p)
    } else {
        (second, first, q)
    };
    let [one, other] = out;
    one.set(large)?;
    other.set(small)?;
    let ratio = at(small[0], p) / at(large[0], p);
    if !ratio.is_finite() {
        return Ok(Span { count: 1, sine: T::ZERO });
    }
    vector::axpy(machine, -ratio, one.vector, other.vector)?;
    vector::axpy(machine, -ratio, one.image, other.image)?;
    if let Some(x) = other.vector.get_mut(p) {
        *x = T::ZERO;
    }
    let height = normalize(machine, other);
    if height == T::ZERO {
        return Ok(Span { count: 1, sine: T::ZERO });
    }
    let along = vector::dot(machine, one.vector, other.vector)?;
    vector::axpy(machine, -along, other.vector, one.vector)?;
    vector::axpy(machine, -along, other.image, one.image)?;
    // The parallelogram of a and b is that of a and b − a·(bₚ/aₚ).
    let sine = height * normalize(machine, one);
    Ok(Span { count: 2, sine })
}

/// Divides by the length, which it returns: 0 where there is none.
fn normalize<T: Float>(machine: Machine, direction: &mut Direction<'_, T>) -> T {
    let norm = vector::norm2(machine, direction.vector);
    if !(norm > T::ZERO && norm.is_finite()) {
        return T::ZERO;
    }
    direction.vector.iter_mut().for_each(|x| *x /= norm);
    direction.image.iter_mut().for_each(|x| *x /= norm);
    norm
}

/// The mean of the estimates without each probe's own sketch, the jackknife's standard error from those
/// `without` each probe altogether, and that of the scatter of the former. Overwrites both.
pub(super) fn errors<T: Float>(machine: Machine, values: &mut [T], without: &mut [T]) -> [T; 3] {
    let count = T::from_usize(values.len());
    let (mean, spread) = scatter(machine, values);
    let (_, jackknife) = scatter(machine, without);
    let root = ((count - T::ONE) / count).sqrt();
    [mean, jackknife * root, spread / (count * (count - T::ONE)).sqrt()]
}

/// The mean, and √Σ(x − mean)², without overflow of a square.
fn scatter<T: Float>(machine: Machine, x: &mut [T]) -> (T, T) {
    let count = T::from_usize(x.len().max(1));
    let mean = x.iter().fold(T::ZERO, |sum, &x| sum + x / count);
    x.iter_mut().for_each(|x| *x -= mean);
    (mean, vector::norm2(machine, x))
}
