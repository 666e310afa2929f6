//! The steps of [`ThickRestart`](crate::krylov::ThickRestart), on its memory taken apart.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::krylov::Which;
use crate::krylov::basis::{self, ROWS};
use crate::krylov::lanczos::unit_vector;
use crate::krylov::thick_state::{Phase, ThickRestartState};
use crate::krylov::wanted::{Taken, Wanted};
use crate::matrix::MatRef;
use crate::random::{Stream, normals_into};
use crate::simd::{Machine, pieces};
use crate::vector;

/// 1/δ and 1/ε of [`products_of_a_start`].
const SURELY: f64 = 1000.0;
const CLOSELY: f64 = 10.0;

/// Random vectors tried before the complement counts as empty: each fails with a chance near 0.
const DRAWS: usize = 4;

/// The memory of a process. Matrices are column by column.
pub(crate) struct Parts<'m, T> {
    /// n × (dim + 1).
    pub(crate) basis: &'m mut [T],
    /// (dim + 1) × (dim + 1): column j has the coefficients of Aqⱼ.
    pub(crate) h: &'m mut [T],
    /// Values and residuals of the last small problem.
    pub(crate) values: &'m mut [T],
    pub(crate) residuals: &'m mut [T],
    /// Its vectors; those chosen; coefficients of two passes; rows of the basis.
    pub(crate) s: &'m mut [T],
    pub(crate) chosen: &'m mut [T],
    pub(crate) first: &'m mut [T],
    pub(crate) second: &'m mut [T],
    pub(crate) rows: &'m mut [T],
    pub(crate) small: &'m mut [T],
}

impl<'m, T: Float> Parts<'m, T> {
    pub(crate) fn of(memory: &'m mut [T], n: usize, dim: usize) -> Result<Self, Error> {
        let columns = dim + 1;
        let mut memory = memory;
        Ok(Self {
            basis: check::take(&mut memory, n * columns)?,
            values: check::take(&mut memory, columns)?,
            residuals: check::take(&mut memory, columns)?,
            h: check::take(&mut memory, columns * columns)?,
            s: check::take(&mut memory, columns * columns)?,
            chosen: check::take(&mut memory, columns * columns)?,
            first: check::take(&mut memory, columns)?,
            second: check::take(&mut memory, columns)?,
            rows: check::take(&mut memory, ROWS * columns)?,
            small: memory,
        })
    }

    /// Values and residuals, by reading only.
    pub(crate) fn pairs_of<'r>(
        memory: &'r [T],
        state: &ThickRestartState<T>,
    ) -> Option<(&'r [T], &'r [T])> {
        let columns = state.dim + 1;
        let (_, rest) = memory.split_at_checked(state.n * columns)?;
        let (values, rest) = rest.split_at_checked(columns)?;
        Some((values.get(..state.found)?, rest.get(..state.found)?))
    }

    /// Orthogonalizes column `total` of the basis against those before it, `first` becomes the
    /// coefficients; the norm of what is left.
    fn orthogonalize(&mut self, machine: Machine, n: usize, total: usize) -> Result<T, Error> {
        let (done, rest) = check::split(self.basis, total * n)?;
        let (w, _) = check::split(rest, n)?;
        let q = MatRef::col_major(done, n, total)?;
        let (first, _) = check::split(self.first, total)?;
        let (second, _) = check::split(self.second, total)?;
        basis::orthogonalize(machine, q, w, [first, second])
    }

    fn column(&mut self, n: usize, index: usize) -> Result<&mut [T], Error> {
        let (_, rest) = check::split(self.basis, index * n)?;
        Ok(check::split(rest, n)?.0)
    }

    /// The sum of the directions of starts `first`, `first` + `block`, … joins the basis, unless it is zero or depends
    /// on what is there; whether it did.
    pub(crate) fn take_in(
        &mut self,
        machine: Machine,
        state: &mut ThickRestartState<T>,
        starts: &[T],
        first: usize,
    ) -> Result<bool, Error> {
        let (n, total) = (state.n, state.total);
        if total >= state.dim {
            return Ok(false);
        }
        let (front, back) = check::split(self.basis, state.dim * n)?;
        let (unit, _) = check::split(back, n)?;
        let (_, rest) = check::split(front, total * n)?;
        let (sum, _) = check::split(rest, n)?;
        sum.fill(T::ZERO);
        for start in pieces(starts, n).skip(first).step_by(state.options.block.max(1)) {
            if start.iter().any(|&x| x != T::ZERO) {
                unit_vector(machine, start, unit)?;
                vector::axpy(machine, T::ONE, unit, sum)?;
            }
        }
        let norm = vector::norm2(machine, sum);
        if norm == T::ZERO {
            return Ok(false);
        }
        for x in sum {
            *x /= norm;
        }
        self.admit(machine, state)
    }

    /// Column `total`, of norm about 1, joins the basis if enough of it is new.
    fn admit(&mut self, machine: Machine, state: &mut ThickRestartState<T>) -> Result<bool, Error> {
        let (n, total) = (state.n, state.total);
        let (done, rest) = check::split(self.basis, total * n)?;
        let (w, _) = check::split(rest, n)?;
        let q = MatRef::col_major(done, n, total)?;
        let (first, _) = check::split(self.first, total)?;
        let (second, _) = check::split(self.second, total)?;
        if !basis::admit(machine, q, w, [first, second])? {
            return Ok(false);
        }
        state.total += 1;
        Ok(true)
    }

    /// A random vector, orthogonal to the basis, joins it; false if there is no room for one.
    pub(crate) fn draw(
        &mut self,
        machine: Machine,
        state: &mut ThickRestartState<T>,
    ) -> Result<bool, Error> {
        if state.total >= state.n || state.total > state.dim {
            return Ok(false);
        }
        let power = T::from_usize(state.n).sqrt();
        for _ in 0..DRAWS {
            let column = self.column(state.n, state.total)?;
            normals_into(Stream::new(state.options.seed, state.drawn), column);
            for x in column {
                *x /= power;
            }
            state.drawn += 1;
            if self.admit(machine, state)? {
                state.chain += 1;
                state.since_drawn = 0;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The product of column `taken`: its column of H, and the next vector of the basis.
    pub(crate) fn expand(
        &mut self,
        machine: Machine,
        state: &mut ThickRestartState<T>,
        product: &[T],
    ) -> Result<(), Error> {
        let (n, total, columns) = (state.n, state.total, state.dim + 1);
        // The basis may be all of space: nothing can be left then, and there is no column for it.
        let column = self.column(n, total.min(state.dim))?;
        vector::copy(product, column)?;
        let beta = self.orthogonalize(machine, n, total)?;
        let (coefficients, _) = check::split(self.first, total)?;
        let norm = vector::norm2(machine, product);
        if !(beta + norm).is_finite() || coefficients.iter().any(|x| !x.is_finite()) {
            return Err(Error::NotFinite { argument: "product", index: 0 });
        }
        state.norm = state.norm.max_of(norm);
        let (_, rest) = check::split(self.h, state.taken * columns)?;
        let (h, _) = check::split(rest, columns)?;
        h.fill(T::ZERO);
        for (h, &coefficient) in h.iter_mut().zip(coefficients.iter()) {
            *h = coefficient;
        }
        if beta > state.rounding() && total < n {
            if let Some(h) = h.get_mut(total) {
                *h = beta;
            }
            for x in self.column(n, total)? {
                *x /= beta;
            }
            state.total += 1;
        }
        state.taken += 1;
        state.products += 1;
        state.since_drawn += 1;
        Ok(())
    }

    /// After a product: looks at the Ritz values, and ends, goes on, restarts, or starts afresh.
    pub(crate) fn settle(
        &mut self,
        machine: Machine,
        state: &mut ThickRestartState<T>,
    ) -> Result<(), Error> {
        let closed = state.taken == state.total;
        let full = state.total > state.dim;
        let spent = state.is_spent();
        if !closed && !full && !spent && !state.taken.is_multiple_of(1 + state.taken / 16) {
            return Ok(());
        }
        self.small_problem(machine, state)?;
        state.invariant = closed;
        if closed {
            state.closed_chains += state.chain;
        }
        state.answered = self.is_answer(state);
        if state.answered || spent {
            return self.conclude(machine, state);
        }
        if closed {
            state.reopened = true;
            // Fewer values than are wanted leave room for any that a later chain brings.
            let whole = state.taken >= state.options.count || state.options.limit.is_some();
            let slack = T::TWO * state.rounding();
            state.before = if whole { self.wanted(state).taken(slack) } else { Taken::NOTHING };
            state.chain = 0;
            if !self.draw(machine, state)? {
                return self.conclude(machine, state);
            }
            state.invariant = false;
        }
        if state.total > state.dim { self.restart(machine, state) } else { Ok(()) }
    }

    /// The walk over the Ritz values after all that are wanted.
    pub(crate) fn wanted(&self, state: &ThickRestartState<T>) -> Wanted<'_, T> {
        let values = self.values.get(..state.found).unwrap_or(&[]);
        Wanted::new(values, state.options.which, state.options.limit).after(state.options.count)
    }

    /// Whether the pairs of the last small problem are those that are wanted.
    fn is_answer(&self, state: &ThickRestartState<T>) -> bool {
        let (count, limited) = (state.options.count, state.options.limit.is_some());
        if state.taken == state.n {
            return true;
        }
        if state.taken < count && !limited {
            return false;
        }
        let wanted = self.wanted(state);
        let slack = T::TWO * state.rounding();
        if state.invariant {
            // Each closed chain holds one copy of all that a later one could: of the extreme value in what is
            // left, above all. As many chains as pairs hold them all; so do they if the last one had none.
            let both = state.options.which == Which::BothEnds;
            let needed = if both { count.div_ceil(2) } else { count };
            let nothing_new = wanted.taken(slack).is_same(&state.before, slack);
            return state.closed_chains >= needed
                || (state.reopened && state.chain > 0 && nothing_new);
        }
        let residual = |i: usize| self.residuals.get(i).copied().unwrap_or(T::NAN);
        let converged = |i: usize| residual(i) <= state.goal(wanted.at(i));
        let mut walk = Wanted::new(wanted.values, state.options.which, state.options.limit);
        if !walk.by_ref().take(state.wanted).all(converged) {
            return false;
        }
        // A random vector that was taken in to look for more has to show that there is none; and any, where the
        // number is not known.
        if !state.reopened && (!limited || state.wanted == count) {
            return true;
        }
        let width = state.total - state.taken;
        let settled =
            |i: usize| converged(i) || limited && !wanted.is_beyond(wanted.at(i), residual(i));
        state.since_drawn >= width * products_of_a_start(state.n)
            && wanted.next_at_ends().is_some_and(|ends| ends.into_iter().all(settled))
    }

    /// The residual of the next pair, from the product of its vector.
    pub(crate) fn check_pair(
        &mut self,
        machine: Machine,
        state: &mut ThickRestartState<T>,
        product: &[T],
    ) -> Result<(), Error> {
        let (n, index) = (state.n, state.checked);
        let (found, rest) = check::split(self.basis, state.dim * n)?;
        let (work, _) = check::split(rest, n)?;
        let vector = found.get(index * n..(index + 1) * n).unwrap_or(&[]);
        let value = vector::dot(machine, vector, product)?;
        vector::copy(product, work)?;
        vector::axpy(machine, -value, vector, work)?;
        let residual = vector::norm2(machine, work);
        if !value.is_finite() || !residual.is_finite() {
            return Err(Error::NotFinite { argument: "product", index: 0 });
        }
        if let (Some(v), Some(r)) = (self.values.get_mut(index), self.residuals.get_mut(index)) {
            (*v, *r) = (value, residual);
        }
        state.products += 1;
        state.checked += 1;
        if state.checked >= state.due_checks(state.found)
            || state.products >= state.options.product_max
        {
            state.phase = Phase::Done;
        }
        Ok(())
    }
}

/// Products of a random start after which its largest Ritz value is, but for a chance δ, farther from
/// the largest eigenvalue than ε of the spectrum's length: 1.648·√n·exp(−√ε(2k − 1)) ≤ δ (Kuczyński,
/// Woźniakowski 1992, for A shifted to be positive semidefinite).
fn products_of_a_start(n: usize) -> usize {
    let chance = f64::ln(1.648 * SURELY) + 0.5 * f64::ln(n as f64);
    ((chance * f64::sqrt(CLOSELY) + 1.0) / 2.0) as usize + 1
}
