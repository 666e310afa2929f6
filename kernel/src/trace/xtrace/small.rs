//! The estimates of XTrace from numbers of size k alone.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::matrix::{MatRef, Triangle, symv};
use crate::simd::{Machine, pieces_mut};
use crate::trace::Probe;
use crate::trace::leave_out::{self, Direction};
use crate::trace::range::noise;
use crate::vector;

/// Elements of scratch for k probes: 2k² + 8k.
pub(super) const fn small_scratch_len(k: usize) -> usize {
    k.saturating_mul(k.saturating_add(4)).saturating_mul(2)
}

/// R, QᵀΩ and QᵀAQ of the probes that count.
pub(super) struct Small<'a, T> {
    pub(super) machine: Machine,
    pub(super) n: usize,
    /// Elements between columns.
    pub(super) k: usize,
    pub(super) probes: usize,
    pub(super) rank: usize,
    pub(super) probe: Probe,
    pub(super) parts: [&'a [T]; 3],
    pub(super) place: &'a [T],
    pub(super) squares: &'a [T],
}

/// What of Q only probe i gives: sᵢ and QᵀAQsᵢ, one after the other for every i; and ωᵢᵀPAPωᵢ − ωᵢᵀPAωᵢ.
struct Parts<'a, T> {
    s: &'a [T],
    hs: &'a [T],
    base: &'a [T],
    trace: T,
}

impl<T: Float> Small<'_, T> {
    /// The mean of the estimates, the jackknife's standard error, and that of the scatter.
    pub(super) fn estimate(&self, scratch: &mut [T]) -> Result<[T; 3], Error> {
        let (k, t, rank) = (self.k, self.probes, self.rank);
        let mut scratch = scratch;
        let s = check::take(&mut scratch, k * k)?;
        let hs = check::take(&mut scratch, k * k)?;
        let base = check::take(&mut scratch, t)?;
        let values = check::take(&mut scratch, t)?;
        let without = check::take(&mut scratch, t)?;
        let mut four = check::take(&mut scratch, 4 * rank)?;
        let mut line = || check::take(&mut four, rank);
        let one = Direction { vector: line()?, image: line()? };
        let other = Direction { vector: line()?, image: line()? };
        let trace = self.prepare(s, hs, base, &mut *scratch)?;
        let parts = Parts { s, hs, base, trace };
        let mut pair = [one, other];
        for (i, value) in values.iter_mut().enumerate() {
            let count = self.left_out(&parts, [i, i], &mut pair)?;
            *value = self.term(&parts, i, pair.get(..count).unwrap_or(&[]))?;
        }
        without.fill(T::ZERO);
        for i in 0..t {
            for j in 0..i {
                let count = self.left_out(&parts, [i, j], &mut pair)?;
                let directions = pair.get(..count).unwrap_or(&[]);
                for (kept, gone) in [(i, j), (j, i)] {
                    let share = self.term(&parts, kept, directions)? / T::from_usize(t - 1);
                    if let Some(sum) = without.get_mut(gone) {
                        *sum += share;
                    }
                }
            }
        }
        Ok(leave_out::errors(self.machine, values, without))
    }

    /// Fills the parts; returns Tr(QᵀAQ).
    fn prepare(
        &self,
        s: &mut [T],
        hs: &mut [T],
        base: &mut [T],
        scratch: &mut [T],
    ) -> Result<T, Error> {
        let (machine, k, rank) = (self.machine, self.k, self.rank);
        let [r, w, h] = self.parts;
        let h = MatRef::strided(h, [rank, rank], [1, k])?;
        let trace = (0..rank).fold(T::ZERO, |sum, j| sum + h.get(j, j).unwrap_or(T::ZERO));
        let h = h.symmetric(Triangle::Upper);
        let (hw, _) = check::split(scratch, rank)?;
        let columns = pieces_mut(s, k).zip(pieces_mut(hs, k)).zip(base.iter_mut());
        for (i, ((s, hs), base)) in columns.enumerate() {
            let ((s, _), (hs, _)) = (check::split(s, rank)?, check::split(hs, rank)?);
            self.direction(i, s)?;
            symv(machine, T::ONE, h, s, T::ZERO, hs)?;
            let w = column(w, k, i, rank);
            symv(machine, T::ONE, h, w, T::ZERO, hw)?;
            vector::axpy(machine, -T::ONE, column(r, k, i, rank), hw)?;
            *base = vector::dot(machine, w, hw)?;
        }
        Ok(trace)
    }

    /// The unit vector orthogonal to the columns of R of all other probes with a place; 0 for a probe without one.
    ///
    /// Forward substitution from 1 at its own place: quotients of elements of one column alone, so no scale of A is too
    /// large or too small; what grows is scaled down on the way.
    fn direction(&self, i: usize, s: &mut [T]) -> Result<(), Error> {
        s.fill(T::ZERO);
        let Some(start) = self.place_of(i) else { return Ok(()) };
        if let Some(own) = s.get_mut(start) {
            *own = T::ONE;
        }
        for later in i + 1..self.probes {
            let Some(m) = self.place_of(later) else { continue };
            let column = column(self.parts[0], self.k, later, m + 1);
            let Some((&last, before)) = column.split_last() else { continue };
            let (known, rest) = check::split(s, m)?;
            let value = -(vector::dot(self.machine, before, known)? / last);
            if let Some(next) = rest.first_mut() {
                *next = value;
            }
            if value.abs() > T::ONE {
                let power = value.exponent();
                s.iter_mut().for_each(|x| *x = x.scale_by_power(-power));
            }
        }
        let norm = vector::norm2(self.machine, s);
        if norm.is_finite() {
            s.iter_mut().for_each(|x| *x /= norm);
        } else {
            // A pivot that underflowed.
            s.fill(T::ZERO);
        }
        Ok(())
    }

    /// The number of the column of Q that a probe gave rise to.
    fn place_of(&self, i: usize) -> Option<usize> {
        let place = self.place.get(i).copied().unwrap_or(T::ZERO).to_f64() as usize;
        place.checked_sub(1).filter(|&place| place < self.rank)
    }

    /// Orthonormal directions that Q has not without the two probes, which may be one; how many.
    fn left_out(
        &self,
        parts: &Parts<'_, T>,
        gone: [usize; 2],
        out: &mut [Direction<'_, T>; 2],
    ) -> Result<usize, Error> {
        let lines = |i| [parts.s, parts.hs].map(|lines: &[T]| column(lines, self.k, i, self.rank));
        let [first, second] = gone.map(lines);
        let [one, _] = &mut *out;
        let count = match gone.map(|i| self.place_of(i).is_some()) {
            [true, true] if gone[0] != gone[1] => {
                leave_out::pair(self.machine, first, second, out)?.count
            }
            [true, _] => one.set(first)?,
            [_, true] => one.set(second)?,
            _ => 0,
        };
        self.missed(out, count, gone)
    }

    /// Of so many directions those that no other probe without a column stands in for; how many.
    ///
    /// Such a probe's product lies in the range of Q, and sees of two directions a combination; what is orthogonal to the
    /// one seen best may be seen by another.
    fn missed(
        &self,
        out: &mut [Direction<'_, T>; 2],
        count: usize,
        gone: [usize; 2],
    ) -> Result<usize, Error> {
        if count == 0 {
            return Ok(0);
        }
        let [one, other] = out;
        let limit = noise::<T>(self.n);
        let mut best = [T::ZERO; 3];
        for r in self.stand_ins(gone) {
            let length = vector::norm2(self.machine, r);
            let a = vector::dot(self.machine, one.vector, r)? / length;
            let b = if count == 2 {
                vector::dot(self.machine, other.vector, r)? / length
            } else {
                T::ZERO
            };
            let seen = vector::norm2(self.machine, &[a, b]);
            if seen > best[0] {
                best = [seen, a, b];
            }
        }
        let [seen, a, b] = best;
        if seen <= limit {
            return Ok(count);
        }
        if count == 1 {
            return Ok(0);
        }
        one.turn(other, [a / seen, b / seen]);
        for r in self.stand_ins(gone) {
            let length = vector::norm2(self.machine, r);
            if (vector::dot(self.machine, one.vector, r)? / length).abs() > limit {
                return Ok(0);
            }
        }
        Ok(1)
    }

    /// The products, in the basis Q, of probes that have no column and are not gone.
    fn stand_ins(&self, gone: [usize; 2]) -> impl Iterator<Item = &[T]> {
        let others = (0..self.probes).filter(move |d| !gone.contains(d));
        let others = others.filter(|&d| self.place_of(d).is_none());
        others.map(|d| column(self.parts[0], self.k, d, self.rank))
    }

    /// Tr(EᵀAE) of what is left of Q without these directions, and the sample of probe i for the rest.
    fn term(
        &self,
        parts: &Parts<'_, T>,
        i: usize,
        directions: &[Direction<'_, T>],
    ) -> Result<T, Error> {
        let machine = self.machine;
        let [r, w, _] = self.parts;
        let (r, w) = (column(r, self.k, i, self.rank), column(w, self.k, i, self.rank));
        let mut value = parts.trace;
        let mut sample = parts.base.get(i).copied().unwrap_or(T::ZERO);
        let mut inside = vector::dot(machine, w, w)?;
        for (a, e) in directions.iter().enumerate() {
            let along = vector::dot(machine, e.vector, w)?;
            let [of_r, of_h, own] = [
                vector::dot(machine, e.vector, r)?,
                vector::dot(machine, e.image, w)?,
                vector::dot(machine, e.vector, e.image)?,
            ];
            value -= own;
            sample += along * (T::TWO * (of_r - of_h) + along * own);
            for other in directions.iter().take(a) {
                let cross = vector::dot(machine, other.vector, e.image)?;
                sample += T::TWO * along * vector::dot(machine, other.vector, w)? * cross;
            }
            inside -= along * along;
        }
        let scale = match self.probe {
            Probe::Rademacher => T::ONE,
            Probe::Gaussian => {
                let outside = self.squares.get(i).copied().unwrap_or(T::ZERO) - inside;
                let dimension = (self.n + directions.len()).saturating_sub(self.rank);
                T::from_usize(dimension) / outside
            }
        };
        // Nothing outside: whatever the scale, there is no sample.
        Ok(if scale > T::ZERO && scale.is_finite() { value + scale * sample } else { value })
    }
}

fn column<T>(x: &[T], k: usize, i: usize, len: usize) -> &[T] {
    x.get(i * k..i * k + len).unwrap_or(&[])
}
