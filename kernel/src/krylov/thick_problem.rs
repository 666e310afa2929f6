//! The small problem of [`ThickRestart`](crate::krylov::ThickRestart), and what its answer does to the basis.

use crate::check;
use crate::error::Error;
use crate::factor::symmetric_eigen;
use crate::float::Float;
use crate::krylov::basis;
use crate::krylov::thick_state::{Phase, ThickRestartState};
use crate::krylov::thick_steps::Parts;
use crate::krylov::wanted::Wanted;
use crate::matrix::{MatMut, MatRef, gemm};
use crate::simd::{Machine, pieces, pieces_mut};
use crate::vector;

impl<T: Float> Parts<'_, T> {
    /// Hs = θs, and the residual of each.
    pub(crate) fn small_problem(
        &mut self,
        machine: Machine,
        state: &mut ThickRestartState<T>,
    ) -> Result<(), Error> {
        let (k, columns) = (state.taken, state.dim + 1);
        let (s, _) = check::split(self.s, k * k)?;
        for (s, h) in pieces_mut(s, k).zip(pieces(self.h, columns)) {
            vector::copy(h.get(..k).unwrap_or(&[]), s)?;
        }
        let (values, _) = check::split(self.values, k)?;
        symmetric_eigen(machine, MatMut::col_major(s, k, k)?, values, self.small)?;
        state.found = k;
        state.in_order = false;
        let wanted = self.wanted(state);
        state.wanted = wanted.low + wanted.high;

        let left = state.total - k;
        let b = MatRef::col_major(self.h, columns, columns)?.sub([k, 0], [left, k])?;
        let (bs, _) = check::split(self.chosen, left * k)?;
        let vectors = MatRef::col_major(self.s, k, k)?;
        gemm(machine, T::ONE, b, vectors, T::ZERO, MatMut::col_major(bs, left, k)?)?;
        let (residuals, _) = check::split(self.residuals, k)?;
        residuals.fill(T::ZERO);
        for (residual, column) in residuals.iter_mut().zip(pieces(bs, left)) {
            *residual = vector::norm2(machine, column);
        }
        Ok(())
    }

    /// The `keep` most wanted Ritz vectors take the place of those columns whose product was taken;
    /// values and residuals follow, and B·S is left in `s`.
    fn compress(
        &mut self,
        machine: Machine,
        state: &mut ThickRestartState<T>,
        keep: usize,
    ) -> Result<(), Error> {
        let (n, k, columns) = (state.n, state.taken, state.dim + 1);
        let values = self.values.get(..k).unwrap_or(&[]);
        let order = Wanted::new(values, state.options.which, state.options.limit).take(keep);
        let kept = self.first.iter_mut().zip(self.second.iter_mut());
        for ((index, chosen), (value, residual)) in order.zip(pieces_mut(self.chosen, k)).zip(kept)
        {
            let vector = self.s.get(index * k..(index + 1) * k).unwrap_or(&[]);
            vector::copy(vector, chosen)?;
            *value = self.values.get(index).copied().unwrap_or(T::NAN);
            *residual = self.residuals.get(index).copied().unwrap_or(T::NAN);
        }
        for (to, from) in self.values.iter_mut().zip(self.first.iter()).take(keep) {
            *to = *from;
        }
        for (to, from) in self.residuals.iter_mut().zip(self.second.iter()).take(keep) {
            *to = *from;
        }
        let chosen = MatRef::col_major(self.chosen, k, keep)?;
        let left = state.total - k;
        let b = MatRef::col_major(self.h, columns, columns)?.sub([k, 0], [left, k])?;
        let (bs, _) = check::split(self.s, left * keep)?;
        gemm(machine, T::ONE, b, chosen, T::ZERO, MatMut::col_major(bs, left, keep)?)?;
        basis::turn(machine, (&mut *self.basis, n), chosen, self.rows)?;
        state.found = keep;
        state.in_order = true;
        Ok(())
    }

    /// Keeps the wanted half of the Ritz vectors, and the vectors whose products are still to come.
    pub(crate) fn restart(
        &mut self,
        machine: Machine,
        state: &mut ThickRestartState<T>,
    ) -> Result<(), Error> {
        let (n, k, columns) = (state.n, state.taken, state.dim + 1);
        let left = state.total - k;
        let wish = state.options.count + state.dim.saturating_sub(state.options.count) / 2;
        let keep = wish.min(state.dim.saturating_sub(left)).min(k);
        self.compress(machine, state, keep)?;
        for q in 0..left {
            let (front, back) = check::split(self.basis, (k + q) * n)?;
            let (from, _) = check::split(back, n)?;
            if keep < k {
                let (_, to) = check::split(front, (keep + q) * n)?;
                vector::copy(from, check::split(to, n)?.0)?;
            }
        }
        let bs = MatRef::col_major(self.s, left, keep)?;
        self.h.fill(T::ZERO);
        for (j, (h, &value)) in
            pieces_mut(self.h, columns).zip(self.values.iter()).take(keep).enumerate()
        {
            let (_, rest) = check::split(h, j)?;
            if let Some(h) = rest.first_mut() {
                *h = value;
            }
            let (_, rest) = check::split(rest, keep - j)?;
            for (h, &b) in rest.iter_mut().zip(bs.column(j).unwrap_or(&[])) {
                *h = b;
            }
        }
        state.taken = keep;
        state.total = keep + left;
        state.restarts += 1;
        Ok(())
    }

    /// The answer: the wanted Ritz vectors become the first columns.
    pub(crate) fn conclude(
        &mut self,
        machine: Machine,
        state: &mut ThickRestartState<T>,
    ) -> Result<(), Error> {
        self.small_problem(machine, state)?;
        let keep = state.wanted;
        state.invariant = state.invariant && state.taken == state.total;
        if keep > 0 {
            self.compress(machine, state, keep)?;
            state.orthogonality = self.defect(machine, state)?;
        }
        let may_check = state.due_checks(keep) > 0 && state.products < state.options.product_max;
        state.phase = if may_check { Phase::Check } else { Phase::Done };
        Ok(())
    }

    /// The largest element of |VᵀV − I| for the vectors of the answer.
    fn defect(&mut self, machine: Machine, state: &ThickRestartState<T>) -> Result<T, Error> {
        let v = MatRef::col_major(self.basis, state.n, state.found)?;
        basis::defect(machine, v, self.first)
    }
}
