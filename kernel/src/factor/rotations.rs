//! Rotations of neighboring columns, gathered sweep by sweep and applied to a strip of rows at a time.

use crate::factor::implicit_ql::Companion;
use crate::factor::tridiagonalize::{load_strip, store_strip, strip_max};
use crate::float::Float;
use crate::simd::{Machine, Operation, Simd, block};

/// Sweeps that wait together.
const SWEEPS: usize = 32;

/// The columns of a matrix that the rotations of a QL iteration are applied to: later, many sweeps at
/// once, so that a strip of rows stays in the first cache meanwhile. Each element meets the same
/// rotations in the same order, so that when does not show.
pub(super) struct Gathered<'a, T> {
    machine: Machine,
    columns: &'a mut [T],
    lead: usize,
    order: usize,
    /// c, s, c, s, … of the sweeps that wait.
    rotations: &'a mut [T],
    used: usize,
    /// Of each sweep the column it began at, and its length.
    sweeps: [(usize, usize); SWEEPS],
    count: usize,
}

impl<'a, T: Float> Gathered<'a, T> {
    /// For `order` columns of `lead` elements; `rotations` takes one sweep at least: 2·order.
    pub(super) fn new(
        machine: Machine,
        columns: &'a mut [T],
        (lead, order): (usize, usize),
        rotations: &'a mut [T],
    ) -> Self {
        let sweeps = [(0, 0); SWEEPS];
        Self { machine, columns, lead, order, rotations, used: 0, sweeps, count: 0 }
    }

    /// Applies what waits.
    pub(super) fn finish(&mut self) {
        let sweeps = self.sweeps.get(..self.count).unwrap_or(&[]);
        let (lead, order) = (self.lead, self.order);
        let rotations = &*self.rotations;
        let columns = &mut *self.columns;
        self.machine.strict().run(Rotate { columns, lead, order, rotations, sweeps });
        (self.used, self.count) = (0, 0);
    }
}

impl<T: Float> Companion<T> for Gathered<'_, T> {
    #[inline]
    fn begin(&mut self, from: usize, len: usize) {
        if self.count == SWEEPS || self.rotations.len() - self.used < 2 * len {
            self.finish();
        }
        if let Some(sweep) = self.sweeps.get_mut(self.count) {
            *sweep = (from, 0);
            self.count += 1;
        }
    }

    #[inline]
    fn rotate(&mut self, _: usize, c: T, s: T) {
        let place = self.rotations.get_mut(self.used..).and_then(|x| x.first_chunk_mut());
        let sweep = self.count.checked_sub(1).and_then(|last| self.sweeps.get_mut(last));
        if let (Some(place), Some((_, len))) = (place, sweep) {
            *place = [c, s];
            self.used += 2;
            *len += 1;
        }
    }

    fn swap(&mut self, _: usize, _: usize) {}
}

struct Rotate<'a, T> {
    columns: &'a mut [T],
    lead: usize,
    order: usize,
    rotations: &'a [T],
    sweeps: &'a [(usize, usize)],
}

impl<T: Float> Operation<T> for Rotate<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(mut self, simd: S) {
        let mut row = 0;
        while row < self.order {
            let vectors = (self.order - row).div_ceil(S::WIDTH).min(const { strip_max::<T, S>() });
            row += S::WIDTH
                * match vectors {
                    4.. => self.strip::<S, 4>(simd, row),
                    2.. => self.strip::<S, 2>(simd, row),
                    _ => self.strip::<S, 1>(simd, row),
                };
        }
    }
}

impl<T: Float> Rotate<'_, T> {
    /// MV vectors of rows through all sweeps; the column that two rotations share stays in registers.
    #[inline(always)]
    fn strip<S: Simd<T>, const MV: usize>(&mut self, simd: S, row: usize) -> usize {
        let rows = row..row + MV * S::WIDTH;
        let mut rotations = self.rotations;
        for &(from, len) in self.sweeps {
            let Some(rotations) = block(&mut rotations, 2 * len) else { break };
            let Some(mut rest) = self.columns.get_mut(..(from + 1) * self.lead) else { break };
            let Some(last) = last_block(&mut rest, self.lead) else { break };
            let Some(mut target) = last.get_mut(rows.clone()) else { break };
            let mut carried = load_strip::<T, S, MV>(simd, target);
            for &[c, s] in rotations.as_chunks::<2>().0 {
                let Some(column) = last_block(&mut rest, self.lead) else { break };
                let Some(column) = column.get_mut(rows.clone()) else { break };
                let mut done = load_strip::<T, S, MV>(simd, column);
                let (c, s) = (simd.splat(c), simd.splat(s));
                for (x, carried) in done.iter_mut().zip(&mut carried) {
                    let (left, right) = (*x, *carried);
                    *x = simd.add(simd.mul(s, left), simd.mul(c, right));
                    *carried = simd.sub(simd.mul(c, left), simd.mul(s, right));
                }
                store_strip(simd, &done, target);
                target = column;
            }
            store_strip(simd, &carried, target);
        }
        MV
    }
}

/// Splits `len` elements off the back; `None` if there are fewer.
#[inline(always)]
fn last_block<'a, T>(x: &mut &'a mut [T], len: usize) -> Option<&'a mut [T]> {
    let front = x.len().checked_sub(len)?;
    let (rest, back) = core::mem::take(x).split_at_mut_checked(front)?;
    *x = rest;
    Some(back)
}
