//! The estimates of XNysTrace from numbers of size k alone.

use crate::check;
use crate::error::Error;
use crate::factor::{cholesky_in_place, cholesky_inverse};
use crate::float::Float;
use crate::matrix::{Diagonal, MatMut, MatRef, Triangle, gemv, trsv};
use crate::simd::{Machine, pieces, pieces_mut};
use crate::trace::Probe;
use crate::trace::leave_out::{self, Direction};
use crate::vector;

/// Elements of scratch for k probes: 4k² + 10k.
pub(super) const fn small_scratch_len(k: usize) -> usize {
    let squares = k.saturating_mul(4);
    k.saturating_mul(squares.saturating_add(10))
}

/// How often the shift grows until ΩᵀAΩ + μI has a Cholesky factor: by rounding alone it has one at once.
const TRIES: i32 = 3;

/// R and ΩᵀAΩ of the probes taken.
pub(super) struct Small<'a, T> {
    pub(super) machine: Machine,
    pub(super) n: usize,
    /// Elements between columns.
    pub(super) k: usize,
    pub(super) probes: usize,
    pub(super) probe: Probe,
    /// The first column of Q that counts, and how many do.
    pub(super) columns: [usize; 2],
    pub(super) r: &'a [T],
    /// The upper triangle.
    pub(super) h: &'a [T],
    /// The upper triangle of ΩᵀΩ.
    pub(super) gram: &'a [T],
}

/// B = RL⁻ᵀ with LLᵀ = ΩᵀAΩ + μI; all lengths in units of 2ᵖ.
struct Parts<'a, T> {
    /// L⁻¹eᵢ over its length, one after the other.
    s: &'a [T],
    /// B times that.
    bs: &'a [T],
    /// ‖L⁻¹eᵢ‖
    lengths: &'a [T],
    /// ‖B‖_F²: the trace of the whole sketch.
    trace: T,
    shift: T,
    /// (ΩᵀΩ)⁻¹ where probes count by their direction; else empty.
    inverse: &'a [T],
}

impl<T: Float> Small<'_, T> {
    /// The mean of the estimates, the jackknife's standard error, and that of the scatter. `None` where A is not
    /// positive semidefinite.
    pub(super) fn estimate(&self, scratch: &mut [T]) -> Result<Option<[T; 3]>, Error> {
        let (k, t, rank) = (self.k, self.probes, self.columns[1]);
        if rank == 0 {
            return Ok(Some([T::ZERO; 3]));
        }
        let mut scratch = scratch;
        let l = check::take(&mut scratch, t * t)?;
        let inverse = check::take(&mut scratch, t * t)?;
        let s = check::take(&mut scratch, k * k)?;
        let bs = check::take(&mut scratch, k * k)?;
        let lengths = check::take(&mut scratch, t)?;
        let values = check::take(&mut scratch, t)?;
        let without = check::take(&mut scratch, t)?;
        // In units of a power of two, so that roots of it are taken of the same numbers whatever A is multiplied by.
        let power = self.length().exponent();
        let Some(shift) = self.factorize(power, l)? else { return Ok(None) };
        let l = MatRef::col_major(l, t, t)?;
        let inverse: &[T] = if self.invert(s, inverse)? { inverse } else { &[] };
        let trace = self.prepare(power, l, [s, bs, lengths], &mut *scratch)?;
        let parts = Parts { s, bs, lengths, trace, shift, inverse };
        let mut lines = check::take(&mut scratch, 2 * (t + rank))?;
        let mut line = |len| check::take(&mut lines, len);
        let one = Direction { vector: line(t)?, image: line(rank)? };
        let other = Direction { vector: line(t)?, image: line(rank)? };
        self.fill(&parts, &mut [one, other], [&mut *values, &mut *without])?;
        let errors = leave_out::errors(self.machine, values, without);
        Ok(Some(errors.map(|x| x.scale_by_power(power))))
    }

    /// ‖Y‖_F, by the columns of R.
    fn length(&self) -> T {
        let columns = pieces(self.r, self.k).take(self.probes);
        let [start, rank] = self.columns;
        columns.fold(T::ZERO, |sum, r| {
            let r = r.get(start..start + rank).unwrap_or(&[]);
            vector::norm2(self.machine, &[sum, vector::norm2(self.machine, r)])
        })
    }

    /// (ΩᵀΩ)⁻¹ for normal probes; whether there is one.
    fn invert(&self, factor: &mut [T], out: &mut [T]) -> Result<bool, Error> {
        if self.probe == Probe::Rademacher {
            return Ok(false);
        }
        let t = self.probes;
        let (factor, _) = check::split(factor, t * t)?;
        for (j, line) in pieces_mut(factor, t).enumerate() {
            for (i, element) in line.iter_mut().enumerate() {
                *element = self.gram.get(i * self.k + j).copied().unwrap_or(T::ZERO);
            }
        }
        // Strict: no bit depends on the machine.
        let machine = self.machine.strict();
        match cholesky_in_place(machine, MatMut::col_major(factor, t, t)?) {
            Ok(()) => {
                let factor = MatRef::col_major(factor, t, t)?;
                cholesky_inverse(machine, factor, MatMut::col_major(out, t, t)?)?;
                Ok(true)
            }
            Err(Error::Pivot { .. }) => Ok(false),
            Err(other) => Err(other),
        }
    }

    /// L of 2⁻ᵖΩᵀAΩ + μI; μ, or `None` where there is none.
    ///
    /// μ = 4√n·ε·‖Y‖_F: each element of ΩᵀAΩ is a sum of n products that adds to at most √n times the length of a column.
    fn factorize(&self, power: i32, l: &mut [T]) -> Result<Option<T>, Error> {
        let t = self.probes;
        let root = T::from_usize(self.n).sqrt() * T::EPSILON;
        let size = self.length().scale_by_power(2 - power);
        for attempt in 0..TRIES {
            let shift = (root * size).scale_by_power(4 * attempt);
            for (j, line) in pieces_mut(l, t).enumerate() {
                for (i, element) in line.iter_mut().enumerate() {
                    // Column j of the lower triangle is row j of the upper one.
                    let h = self.h.get(i * self.k + j).copied().unwrap_or(T::ZERO);
                    let shift = if i == j { shift } else { T::ZERO };
                    *element = if i < j { T::ZERO } else { h.scale_by_power(-power) + shift };
                }
            }
            // Strict: no bit depends on the machine.
            match cholesky_in_place(self.machine.strict(), MatMut::col_major(l, t, t)?) {
                Ok(()) => return Ok(Some(shift)),
                Err(Error::Pivot { .. }) => {}
                Err(other) => return Err(other),
            }
        }
        Ok(None)
    }

    /// Fills the parts; returns ‖B‖_F².
    fn prepare(
        &self,
        power: i32,
        l: MatRef<'_, T>,
        [s, bs, lengths]: [&mut [T]; 3],
        scratch: &mut [T],
    ) -> Result<T, Error> {
        let (machine, k, t) = (self.machine, self.k, self.probes);
        let [start, rank] = self.columns;
        let lower = l.triangular(Triangle::Lower, Diagonal::NonUnit);
        let upper = l.t().triangular(Triangle::Upper, Diagonal::NonUnit);
        let r = MatRef::strided(self.r.get(start..).unwrap_or(&[]), [rank, t], [1, k])?;
        let unit = T::ONE.scale_by_power(-power);
        let (solved, _) = check::split(scratch, t)?;
        let mut total = T::ZERO;
        let columns = pieces_mut(s, k).zip(pieces_mut(bs, k)).zip(lengths.iter_mut());
        for (i, ((s, bs), length)) in columns.enumerate() {
            let ((s, _), (bs, _)) = (check::split(s, t)?, check::split(bs, rank)?);
            let one = |x: &mut [T]| {
                x.fill(T::ZERO);
                x.iter_mut().skip(i).take(1).for_each(|x| *x = T::ONE);
            };
            one(solved);
            trsv(machine, upper, solved)?;
            gemv(machine, unit, r, solved, T::ZERO, bs)?;
            total += vector::dot(machine, bs, bs)?;
            one(s);
            trsv(machine, lower, s)?;
            *length = vector::norm2(machine, s);
            s.iter_mut().for_each(|x| *x /= *length);
            vector::copy(s, solved)?;
            trsv(machine, upper, solved)?;
            gemv(machine, unit, r, solved, T::ZERO, bs)?;
        }
        Ok(total)
    }

    /// The estimates whose sketch lacks one probe, and those that lack another altogether.
    fn fill(
        &self,
        parts: &Parts<'_, T>,
        pair: &mut [Direction<'_, T>; 2],
        [values, without]: [&mut [T]; 2],
    ) -> Result<(), Error> {
        let (machine, k, t, rank) = (self.machine, self.k, self.probes, self.columns[1]);
        let s = |i: usize| parts.s.get(i * k..i * k + t).unwrap_or(&[]);
        let bs = |i: usize| parts.bs.get(i * k..i * k + rank).unwrap_or(&[]);
        without.fill(T::ZERO);
        for (i, value) in values.iter_mut().enumerate() {
            let own = vector::dot(machine, bs(i), bs(i))?;
            *value = parts.trace - own + self.sample(parts, [i, i], T::ONE);
            for j in 0..i {
                let span = leave_out::pair(machine, [s(i), bs(i)], [s(j), bs(j)], pair)?;
                let mut rest = parts.trace;
                for e in pair.iter().take(span.count) {
                    rest -= vector::dot(machine, e.image, e.image)?;
                }
                let sine = if span.count == 2 { span.sine } else { T::ONE };
                for [kept, gone] in [[i, j], [j, i]] {
                    if let Some(sum) = without.get_mut(gone) {
                        let value = rest + self.sample(parts, [kept, gone], sine);
                        *sum += value / T::from_usize(t - 1);
                    }
                }
            }
        }
        Ok(())
    }

    /// ωᵢᵀ(A − Â)ωᵢ where Â has neither i nor the other probe, which may be i, at this sine to it.
    ///
    /// Of a normal probe the direction outside the others alone counts: times (n − columns)/‖(I − P)ωᵢ‖², P the projector on
    /// what of Ω is left, where A − Â has nothing.
    fn sample(&self, parts: &Parts<'_, T>, [i, other]: [usize; 2], sine: T) -> T {
        let length = parts.lengths.get(i).copied().unwrap_or(T::ZERO);
        let root = T::ONE / (length * sine);
        let sample = root * root - parts.shift;
        let (t, gone) = (self.probes, if i == other { 1 } else { 2 });
        // The lower triangle.
        let inverse = |i: usize, j: usize| parts.inverse.get(i.min(j) * t + i.max(j)).copied();
        let [Some(own), Some(theirs), Some(cross)] =
            [inverse(i, i), inverse(other, other), inverse(i, other)]
        else {
            return sample;
        };
        let outside = if gone == 1 { own } else { own - cross * (cross / theirs) };
        let dimension = (self.n + gone).saturating_sub(self.columns[0] + t);
        T::from_usize(dimension) * outside * sample
    }
}
