//! The steps of [`SharpnessTracker`](crate::krylov::SharpnessTracker), on its memory taken apart.

use crate::check;
use crate::error::Error;
use crate::factor::symmetric_eigen;
use crate::float::Float;
use crate::krylov::basis::{self, ROWS};
use crate::krylov::tracking_state::{Renewal, SharpnessTrackerState, Turn};
use crate::matrix::{MatMut, MatRef, gemm, gemv};
use crate::random::{Stream, normals_into};
use crate::simd::{Machine, pieces, pieces_mut};
use crate::vector;

/// Pairs kept beyond those that are followed: what will be the largest tomorrow is among them today.
const GUARDS: usize = 2;

/// Pairs kept however few are followed.
const LEAST: usize = 4;

/// Random vectors tried before all of space counts as spanned: each fails with a chance near 0.
const DRAWS: usize = 4;

/// The memory of a tracker. Matrices are column by column.
pub(crate) struct Parts<'m, T> {
    /// V and AV, n × capacity; one vector to work in.
    pub(crate) basis: &'m mut [T],
    pub(crate) products: &'m mut [T],
    pub(crate) work: &'m mut [T],
    /// Of each vector: its Ritz value, the norm of its residual, the age of its product in steps.
    pub(crate) values: &'m mut [T],
    pub(crate) residuals: &'m mut [T],
    pub(crate) ages: &'m mut [T],
    /// VᵀAV; VᵀV and what mends it; eigenvectors; the turn that follows from them.
    mixed: &'m mut [T],
    gram: &'m mut [T],
    s: &'m mut [T],
    turn: &'m mut [T],
    rows: &'m mut [T],
    small: &'m mut [T],
}

impl<'m, T: Float> Parts<'m, T> {
    pub(crate) fn of(memory: &'m mut [T], n: usize, capacity: usize) -> Result<Self, Error> {
        let mut memory = memory;
        let square = capacity * capacity;
        Ok(Self {
            basis: check::take(&mut memory, n * capacity)?,
            products: check::take(&mut memory, n * capacity)?,
            values: check::take(&mut memory, capacity)?,
            residuals: check::take(&mut memory, capacity)?,
            ages: check::take(&mut memory, capacity)?,
            work: check::take(&mut memory, n)?,
            mixed: check::take(&mut memory, square)?,
            gram: check::take(&mut memory, square)?,
            s: check::take(&mut memory, square)?,
            turn: check::take(&mut memory, square)?,
            rows: check::take(&mut memory, ROWS * capacity)?,
            small: memory,
        })
    }

    /// Value, residual and age of a vector, by reading only.
    pub(crate) fn pair_of(
        memory: &[T],
        state: &SharpnessTrackerState<T>,
        index: usize,
    ) -> Option<[T; 3]> {
        let (n, capacity) = (state.n, state.capacity);
        let numbers = memory.get(2 * n * capacity..)?;
        let at = |kind: usize| numbers.get(kind * capacity + index).copied();
        Some([at(0)?, at(1)?, at(2)?])
    }

    /// Ritz values beyond the limit.
    pub(crate) fn above(values: &[T], state: &SharpnessTrackerState<T>) -> usize {
        state.options.limit.map_or(0, |limit| values.iter().filter(|&&x| x > limit).count())
    }

    /// Chooses the vector whose product comes next.
    pub(crate) fn prepare(
        &mut self,
        machine: Machine,
        state: &mut SharpnessTrackerState<T>,
    ) -> Result<(), Error> {
        if state.spent >= state.options.products_per_step {
            state.turn = Turn::Idle;
            return Ok(());
        }
        if state.dim == 0 || state.leads() {
            state.turn = Turn::Refresh(0);
            return Ok(());
        }
        let above = Self::above(self.values.get(..state.dim).unwrap_or(&[]), state);
        // The first that is not beyond the limit is followed too: it may be beyond it, were its product renewed.
        let followed = if above > 0 { (above + 1).min(state.dim) } else { 1 };
        let (index, renewal) = state.other(followed);
        state.others = state.others.saturating_add(1);
        state.turn = if renewal == Renewal::Product {
            Turn::Refresh(index)
        } else if state.dim < state.n && self.join(machine, state, index)? {
            Turn::Join
        } else {
            Turn::Refresh(self.oldest(state.dim))
        };
        Ok(())
    }

    /// The vector whose product is the oldest.
    fn oldest(&self, dim: usize) -> usize {
        let first = (0, T::ZERO);
        let older =
            |best: (usize, T), (i, &age): (usize, &T)| if age > best.1 { (i, age) } else { best };
        self.ages.iter().take(dim).enumerate().fold(first, older).0
    }

    /// The residual of a pair, orthogonal to the basis, behind it; a random vector, if rounding is all that the residual is.
    /// The last pair gives way, if there is no room. False if nothing is left outside of the basis.
    fn join(
        &mut self,
        machine: Machine,
        state: &mut SharpnessTrackerState<T>,
        index: usize,
    ) -> Result<bool, Error> {
        let n = state.n;
        if state.dim == state.capacity {
            state.dim -= 1;
        }
        let index = if index < state.dim { index } else { 0 };
        let (done, rest) = check::split(self.basis, state.dim * n)?;
        let (candidate, _) = check::split(rest, n)?;
        let vector = done.get(index * n..(index + 1) * n).unwrap_or(&[]);
        let product = self.products.get(index * n..(index + 1) * n).unwrap_or(&[]);
        let value = vector::dot(machine, vector, product)?;
        vector::copy(product, candidate)?;
        vector::axpy(machine, -value, vector, candidate)?;
        if self.admit(machine, state, state.rounding())? {
            return Ok(true);
        }
        let power = T::from_usize(n).sqrt();
        let least = (T::from_f64(4.0) + power) * T::EPSILON;
        for _ in 0..DRAWS {
            let (_, rest) = check::split(self.basis, state.dim * n)?;
            let (candidate, _) = check::split(rest, n)?;
            normals_into(Stream::new(state.options.seed, state.drawn), candidate);
            for x in candidate {
                *x /= power;
            }
            state.drawn = state.drawn.saturating_add(1);
            if self.admit(machine, state, least)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Orthogonalizes the candidate and makes it a unit vector; false if no more than `least` is left of it.
    fn admit(
        &mut self,
        machine: Machine,
        state: &SharpnessTrackerState<T>,
        least: T,
    ) -> Result<bool, Error> {
        let (n, dim) = (state.n, state.dim);
        let (done, rest) = check::split(self.basis, dim * n)?;
        let (candidate, _) = check::split(rest, n)?;
        let v = MatRef::col_major(done, n, dim)?;
        let (coefficients, _) = check::split(self.small, dim)?;
        let mut least = least;
        // What is left may be so little that its own rounding shows: normalized, it is cleaned again.
        for _ in 0..3 {
            for _ in 0..2 {
                gemv(machine, T::ONE, v.t(), candidate, T::ZERO, coefficients)?;
                gemv(machine, -T::ONE, v, coefficients, T::ONE, candidate)?;
            }
            let left = vector::norm2(machine, candidate);
            if left.is_nan() || left <= least {
                return Ok(false);
            }
            for x in candidate.iter_mut() {
                *x /= left;
            }
            least = (T::from_f64(4.0) + T::from_usize(n).sqrt()) * T::EPSILON;
        }
        Ok(true)
    }

    /// Takes the product that was wanted, and settles what follows from it.
    pub(crate) fn take_in(
        &mut self,
        machine: Machine,
        state: &mut SharpnessTrackerState<T>,
        product: &[T],
    ) -> Result<(), Error> {
        let n = state.n;
        let index = if let Turn::Refresh(index) = state.turn { index } else { state.dim };
        let (_, rest) = check::split(self.products, index * n)?;
        let (column, _) = check::split(rest, n)?;
        let age = self.ages.get(index).copied().unwrap_or(T::ZERO);
        if index == 0 && state.dim > 0 && age > T::ZERO {
            let vector = self.basis.get(..n).unwrap_or(&[]);
            let before = vector::dot(machine, vector, column)?;
            let now = vector::dot(machine, vector, product)?;
            state.drift = (now - before).abs() / age;
        }
        vector::copy(product, column)?;
        if let Some(age) = self.ages.get_mut(index) {
            *age = T::ZERO;
        }
        state.dim = state.dim.max(index + 1);
        state.spent = state.spent.saturating_add(1);
        state.products = state.products.saturating_add(1);
        let leading_is_fresh = self.ages.first() == Some(&T::ZERO);
        if leading_is_fresh {
            self.measure(machine, state, index)?;
        }
        // The residual that is taken next is that of the fresh product alone: measured to be ten times closer than that of a
        // mixture with old ones.
        let pause = index == 0 && state.spent < state.options.products_per_step;
        if pause {
            let numbers = [&mut *self.values, &mut *self.residuals];
            for (list, x) in numbers.into_iter().zip([state.measured, state.measured_residual]) {
                if let Some(first) = list.first_mut() {
                    *first = x;
                }
            }
            if state.dim == 1 {
                state.norm = state.measured.abs() + state.measured_residual;
            }
        } else {
            self.small_problem(machine, state)?;
        }
        self.prepare(machine, state)
    }

    /// The largest Rayleigh quotient of the span of the leading vector and the one of number `other`, whose products are
    /// both of this step, and its residual: a statement on the operator of this step and no other.
    fn measure(
        &mut self,
        machine: Machine,
        state: &mut SharpnessTrackerState<T>,
        other: usize,
    ) -> Result<(), Error> {
        let n = state.n;
        let part = |all: &[T], i: usize| [i * n, (i + 1) * n].map(|at| at.min(all.len()));
        let ([v0, v1], [w0, w1]) = (part(self.basis, other), part(self.products, other));
        let v = [self.basis.get(..n).unwrap_or(&[]), self.basis.get(v0..v1).unwrap_or(&[])];
        let w = [self.products.get(..n).unwrap_or(&[]), self.products.get(w0..w1).unwrap_or(&[])];
        let [vx, vy] = v;
        let [wx, wy] = w;
        let mut value = vector::dot(machine, vx, wx)?;
        let mut weights = [T::ONE, T::ZERO];
        if other > 0 {
            let across = (vector::dot(machine, vx, wy)? + vector::dot(machine, vy, wx)?) / T::TWO;
            let mut h = [value, across, across, vector::dot(machine, vy, wy)?];
            let mut values = [T::ZERO; 2];
            symmetric_eigen(machine, MatMut::col_major(&mut h, 2, 2)?, &mut values, self.small)?;
            [_, value] = values;
            let [_, _, first, second] = h;
            weights = [first, second];
        }
        self.work.fill(T::ZERO);
        for ((vector, product), weight) in v.into_iter().zip(w).zip(weights) {
            vector::axpy(machine, weight, product, self.work)?;
            vector::axpy(machine, -(value * weight), vector, self.work)?;
        }
        state.measured = value;
        state.measured_residual = vector::norm2(machine, self.work);
        state.measured_age = 0;
        Ok(())
    }

    /// Rayleigh–Ritz on products of many ages; the leading pairs become the basis.
    fn small_problem(
        &mut self,
        machine: Machine,
        state: &mut SharpnessTrackerState<T>,
    ) -> Result<(), Error> {
        let (n, k) = (state.n, state.dim);
        self.mix(machine, n, k)?;
        let (values, _) = check::split(self.values, k)?;
        let (s, _) = check::split(self.s, k * k)?;
        symmetric_eigen(machine, MatMut::col_major(s, k, k)?, values, self.small)?;
        values.reverse();
        let keep = (Self::above(values, state) + GUARDS).max(LEAST).min(k);
        // The chosen vectors, the largest value first, and the ages of their products.
        let (ages, _) = check::split(self.small, keep)?;
        let s = &*self.s;
        let largest_first =
            (0..k).rev().map(|j| s.get(j * k..).and_then(|s| s.get(..k)).unwrap_or(&[]));
        let columns = pieces_mut(self.mixed, k).zip(largest_first);
        for ((chosen, from), age) in columns.zip(ages.iter_mut()) {
            vector::copy(from, chosen)?;
            *age = T::ZERO;
            for (s, &old) in from.iter().zip(self.ages.iter()) {
                *age += *s * *s * old;
            }
        }
        for (to, from) in self.ages.iter_mut().zip(ages.iter()) {
            *to = *from;
        }
        let chosen = MatRef::col_major(self.mixed, k, keep)?;
        let mend = MatRef::col_major(self.gram, k, k)?;
        let (turn, _) = check::split(self.turn, k * keep)?;
        gemm(machine, T::ONE, mend, chosen, T::ZERO, MatMut::col_major(turn, k, keep)?)?;
        let turn = MatRef::col_major(turn, k, keep)?;
        for columns in [&mut *self.basis, &mut *self.products] {
            basis::turn(machine, (&mut *columns, n), turn, self.rows)?;
        }
        state.dim = keep;
        state.norm = T::ZERO;
        let vectors = pieces(self.basis, n).zip(pieces(self.products, n)).take(keep);
        for ((vector, product), (value, residual)) in
            vectors.zip(self.values.iter().zip(self.residuals.iter_mut()))
        {
            vector::copy(product, self.work)?;
            vector::axpy(machine, -*value, vector, self.work)?;
            *residual = vector::norm2(machine, self.work);
            state.norm = state.norm.max_of(value.abs() + *residual);
        }
        Ok(())
    }

    /// `s` ← the symmetric matrix that the products speak for, `gram` ← (3I − VᵀV)/2, which mends V.
    ///
    /// vᵢᵀAvⱼ is known twice, from either product: each has a weight of (1 + age)⁻².
    fn mix(&mut self, machine: Machine, n: usize, k: usize) -> Result<(), Error> {
        let v = MatRef::col_major(self.basis, n, k)?;
        let w = MatRef::col_major(self.products, n, k)?;
        let square = k * k;
        let (mixed, _) = check::split(self.mixed, square)?;
        let (gram, _) = check::split(self.gram, square)?;
        let (turn, _) = check::split(self.turn, square)?;
        let (s, _) = check::split(self.s, square)?;
        gemm(machine, T::ONE, v.t(), w, T::ZERO, MatMut::col_major(mixed, k, k)?)?;
        gemm(machine, T::ONE, v.t(), v, T::ZERO, MatMut::col_major(gram, k, k)?)?;
        let three = T::TWO + T::ONE;
        for (i, x) in gram.iter_mut().enumerate() {
            let ideal = if i.is_multiple_of(k + 1) { three } else { T::ZERO };
            *x = (ideal - *x) / T::TWO;
        }
        let mend = MatRef::col_major(gram, k, k)?;
        let once = MatRef::col_major(mixed, k, k)?;
        gemm(machine, T::ONE, mend, once, T::ZERO, MatMut::col_major(turn, k, k)?)?;
        let half = MatRef::col_major(turn, k, k)?;
        gemm(machine, T::ONE, half, mend, T::ZERO, MatMut::col_major(mixed, k, k)?)?;
        let weight = |age: T| {
            let inverse = T::ONE / (T::ONE + age);
            inverse * inverse
        };
        for (j, (column, &age)) in pieces_mut(s, k).zip(self.ages.iter()).enumerate() {
            let own = weight(age);
            for (i, (x, &other)) in column.iter_mut().zip(self.ages.iter()).enumerate() {
                let at =
                    |row: usize, col: usize| mixed.get(col * k + row).copied().unwrap_or(T::ZERO);
                let other = weight(other);
                let share = own / (own + other);
                *x = share * at(i, j) + (T::ONE - share) * at(j, i);
            }
        }
        Ok(())
    }
}
