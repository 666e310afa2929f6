//! The steps of [`Lobpcg`](crate::krylov::Lobpcg), on its memory taken apart.

use crate::check;
use crate::error::Error;
use crate::factor::symmetric_eigen;
use crate::float::Float;
use crate::krylov::SpectrumEnd;
use crate::krylov::basis::{self, ROWS};
use crate::krylov::lanczos::unit_vector;
use crate::krylov::lobpcg_state::{LobpcgState, Phase};
use crate::matrix::{MatMut, MatRef, gemm, gemv};
use crate::random::{Stream, normals_into};
use crate::simd::{Machine, pieces, pieces_mut};
use crate::vector;

/// Random vectors tried for a start: each fails with a chance near 0.
const DRAWS: u64 = 4;

/// Rounds after which the basis is made orthonormal anew and the products of X are taken: combined so often they have gathered √32
/// roundings or so, of the order of the 4 + √n of a product that count as nothing.
const FRESH_ROUNDS: usize = 32;

/// The memory of a process. Matrices are column by column; the basis lies first, the residual behind the images.
pub(crate) struct Parts<'m, T> {
    /// V and AV: n × dim.
    basis: &'m mut [T],
    images: &'m mut [T],
    /// The residual whose turn it is.
    work: &'m mut [T],
    /// Of the pairs.
    values: &'m mut [T],
    residuals: &'m mut [T],
    /// VᵀAV, columns dim apart; its vectors and values; those chosen, and a product with them.
    h: &'m mut [T],
    s: &'m mut [T],
    chosen: &'m mut [T],
    product: &'m mut [T],
    first: &'m mut [T],
    second: &'m mut [T],
    rows: &'m mut [T],
    small: &'m mut [T],
}

impl<'m, T: Float> Parts<'m, T> {
    pub(crate) fn of(memory: &'m mut [T], state: &LobpcgState<T>) -> Result<Self, Error> {
        let (n, dim) = (state.n, state.dim);
        let mut memory = memory;
        Ok(Self {
            basis: check::take(&mut memory, n * dim)?,
            images: check::take(&mut memory, n * dim)?,
            work: check::take(&mut memory, n)?,
            values: check::take(&mut memory, dim)?,
            residuals: check::take(&mut memory, dim)?,
            h: check::take(&mut memory, dim * dim)?,
            s: check::take(&mut memory, dim * dim)?,
            chosen: check::take(&mut memory, dim * dim)?,
            product: check::take(&mut memory, dim * dim)?,
            first: check::take(&mut memory, dim)?,
            second: check::take(&mut memory, dim)?,
            rows: check::take(&mut memory, ROWS * dim)?,
            small: memory,
        })
    }

    /// Values and residuals, by reading only.
    pub(crate) fn pairs_of<'r>(
        memory: &'r [T],
        state: &LobpcgState<T>,
    ) -> Option<(&'r [T], &'r [T])> {
        let (_, rest) = memory.split_at_checked(state.n * (2 * state.dim + 1))?;
        rest.split_at_checked(state.dim)
    }

    /// Where the next vector of the basis goes.
    fn column(&mut self, n: usize, index: usize) -> Result<&mut [T], Error> {
        let (_, rest) = check::split(self.basis, index * n)?;
        Ok(check::split(rest, n)?.0)
    }

    /// Whether column `index` of the basis, of length about 1, is new to those before it; it is orthogonal to them then.
    fn admit(&mut self, machine: Machine, n: usize, index: usize) -> Result<bool, Error> {
        let (done, rest) = check::split(self.basis, index * n)?;
        let (column, _) = check::split(rest, n)?;
        let (first, _) = check::split(self.first, index)?;
        let (second, _) = check::split(self.second, index)?;
        basis::admit(machine, MatRef::col_major(done, n, index)?, column, [first, second])
    }

    /// The starts, and random vectors for those that are not given or not new.
    pub(crate) fn start(
        &mut self,
        machine: Machine,
        state: &mut LobpcgState<T>,
        starts: &[T],
    ) -> Result<(), Error> {
        let n = state.n;
        for start in pieces(starts, n).filter(|start| start.iter().any(|&x| x != T::ZERO)) {
            unit_vector(machine, start, self.column(n, state.starts)?)?;
            state.starts += usize::from(self.admit(machine, n, state.starts)?);
        }
        let root = T::from_usize(n).sqrt();
        for stream in 0..state.count as u64 * DRAWS {
            if state.starts == state.count {
                break;
            }
            let column = self.column(n, state.starts)?;
            normals_into(Stream::new(state.options.seed, stream), column);
            column.iter_mut().for_each(|x| *x /= root);
            state.starts += usize::from(self.admit(machine, n, state.starts)?);
        }
        Ok(())
    }

    /// The product of the vector behind those whose product is known.
    pub(crate) fn take(
        &mut self,
        machine: Machine,
        state: &mut LobpcgState<T>,
        product: &[T],
    ) -> Result<(), Error> {
        let (_, rest) = check::split(self.images, state.total * state.n)?;
        vector::copy(product, check::split(rest, state.n)?.0)?;
        state.norm = state.norm.max_of(vector::norm2(machine, product));
        state.total += 1;
        state.products += 1;
        self.fill_h(machine, state, state.total - 1)?;
        if state.phase == Phase::Start {
            if state.total < state.starts && !state.is_spent() {
                return Ok(());
            }
            return self.solve(machine, state);
        }
        state.joined += 1;
        state.turn += 1;
        self.next_residual(machine, state)
    }

    /// Line `j` of VᵀAV up to the diagonal, from the product of vⱼ.
    fn fill_h(&mut self, machine: Machine, state: &LobpcgState<T>, j: usize) -> Result<(), Error> {
        let q = MatRef::col_major(self.basis, state.n, j + 1)?;
        let image = self.images.get(j * state.n..(j + 1) * state.n).unwrap_or(&[]);
        let (line, _) = check::split(self.first, state.dim)?;
        let (line, _) = check::split(line, j + 1)?;
        gemv(machine, T::ONE, q.t(), image, T::ZERO, line)?;
        for (column, &value) in pieces_mut(self.h, state.dim).zip(line.iter()) {
            column.iter_mut().skip(j).take(1).for_each(|x| *x = value);
        }
        Ok(())
    }

    /// The Rayleigh–Ritz step, and what comes after it.
    fn solve(&mut self, machine: Machine, state: &mut LobpcgState<T>) -> Result<(), Error> {
        let (total, before) = (state.total, state.found);
        let (s, _) = check::split(self.s, total * total)?;
        for (s, h) in pieces_mut(s, total).zip(pieces(self.h, state.dim)) {
            vector::copy(h.get(..total).unwrap_or(&[]), s)?;
        }
        let (ascending, _) = check::split(self.first, total)?;
        symmetric_eigen(machine, MatMut::col_major(s, total, total)?, ascending, self.small)?;
        state.found = state.count.min(total);
        for (i, chosen) in pieces_mut(self.chosen, total).take(state.found).enumerate() {
            let from = match state.options.end {
                SpectrumEnd::Smallest => i,
                SpectrumEnd::Largest => total - 1 - i,
            };
            vector::copy(self.s.get(from * total..(from + 1) * total).unwrap_or(&[]), chosen)?;
            let value = self.first.get(from).copied().unwrap_or(T::NAN);
            self.values.iter_mut().skip(i).take(1).for_each(|x| *x = value);
        }
        let kept = self.choose_directions(machine, state, before)?;
        self.turn(machine, state, kept)?;
        state.whole = total == state.n;
        state.total = kept;
        state.rounds += 1;
        self.measure(machine, state)?;
        if state.is_spent() || self.open_pair(state, 0).is_none() {
            return self.conclude(machine, state);
        }
        state.turn = 0;
        state.since += 1;
        if state.since == FRESH_ROUNDS {
            for j in 0..kept {
                // Orthonormal but for rounding: none of them can be refused.
                self.admit(machine, state.n, j)?;
            }
            state.phase = Phase::Refresh;
            return Ok(());
        }
        state.joined = 0;
        self.next_residual(machine, state)
    }

    /// Beside the coordinates of the new Ritz vectors those of the steps that led to them; how many columns there are then.
    fn choose_directions(
        &mut self,
        machine: Machine,
        state: &LobpcgState<T>,
        before: usize,
    ) -> Result<usize, Error> {
        let total = state.total;
        let mut kept = state.found;
        // One more for each pair must find room beside the residuals of the next step.
        let most = state.dim.saturating_sub(state.found).min(2 * state.found).min(total);
        if before == 0 {
            return Ok(kept);
        }
        for i in 0..state.found {
            if kept == most || self.is_closed(state, i) {
                continue;
            }
            let (done, rest) = check::split(self.chosen, kept * total)?;
            let Some((step, _)) = rest.split_at_mut_checked(total) else { break };
            vector::copy(done.get(i * total..(i + 1) * total).unwrap_or(&[]), step)?;
            step.iter_mut().take(before).for_each(|x| *x = T::ZERO);
            let norm = vector::norm2(machine, step);
            if norm == T::ZERO {
                continue;
            }
            step.iter_mut().for_each(|x| *x /= norm);
            let (first, _) = check::split(self.second, kept)?;
            let (second, _) = check::split(self.product, kept)?;
            let q = MatRef::col_major(done, total, kept)?;
            kept += usize::from(basis::admit(machine, q, step, [first, second])?);
        }
        Ok(kept)
    }

    /// V ← VC, AV ← AVC, H ← CᵀHC for the `kept` columns chosen.
    fn turn(&mut self, machine: Machine, state: &LobpcgState<T>, kept: usize) -> Result<(), Error> {
        let (n, dim, total) = (state.n, state.dim, state.total);
        let c = MatRef::col_major(self.chosen, total, kept)?;
        // The upper triangle of H is that of the lower one.
        let (whole, _) = check::split(self.s, total * total)?;
        for j in 0..total {
            for i in 0..total {
                let (row, column) = if i >= j { (i, j) } else { (j, i) };
                let value = self.h.get(column * dim + row).copied().unwrap_or(T::NAN);
                whole.iter_mut().skip(j * total + i).take(1).for_each(|x| *x = value);
            }
        }
        let whole = MatRef::col_major(whole, total, total)?;
        let (hc, _) = check::split(self.product, total * kept)?;
        gemm(machine, T::ONE, whole, c, T::ZERO, MatMut::col_major(hc, total, kept)?)?;
        let hc = MatRef::col_major(hc, total, kept)?;
        let out = MatMut::strided(self.h, [kept, kept], [1, dim])?;
        gemm(machine, T::ONE, c.t(), hc, T::ZERO, out)?;
        basis::turn(machine, (&mut *self.basis, n), c, self.rows)?;
        basis::turn(machine, (&mut *self.images, n), c, self.rows)
    }

    /// Residuals of the pairs from the products as they are.
    fn measure(&mut self, machine: Machine, state: &LobpcgState<T>) -> Result<(), Error> {
        for i in 0..state.found {
            let residual = self.residual(machine, state, i)?;
            self.residuals.iter_mut().skip(i).take(1).for_each(|x| *x = residual);
        }
        Ok(())
    }

    /// `work` ← AX − XΘ of pair `i`; its norm.
    fn residual(&mut self, machine: Machine, state: &LobpcgState<T>, i: usize) -> Result<T, Error> {
        let lines = i * state.n..(i + 1) * state.n;
        let image = self.images.get(lines.clone()).unwrap_or(&[]);
        let vector = self.basis.get(lines).unwrap_or(&[]);
        let value = self.values.get(i).copied().unwrap_or(T::NAN);
        vector::copy(image, self.work)?;
        vector::axpy(machine, -value, vector, self.work)?;
        Ok(vector::norm2(machine, self.work))
    }

    fn is_closed(&self, state: &LobpcgState<T>, i: usize) -> bool {
        let at = |x: &[T]| x.get(i).copied().unwrap_or(T::NAN);
        at(self.residuals) <= state.goal(at(self.values))
    }

    /// The first pair from `from` on that has not converged.
    fn open_pair(&self, state: &LobpcgState<T>, from: usize) -> Option<usize> {
        (from..state.found).find(|&i| !self.is_closed(state, i))
    }

    /// The residual whose turn it is, of length 1; after the last one the next step.
    fn next_residual(&mut self, machine: Machine, state: &mut LobpcgState<T>) -> Result<(), Error> {
        let room = state.total < state.dim && !state.is_spent();
        let open = if room { self.open_pair(state, state.turn) } else { None };
        let Some(turn) = open else {
            return if state.joined > 0 {
                self.solve(machine, state)
            } else {
                self.conclude(machine, state)
            };
        };
        let norm = self.residual(machine, state, turn)?;
        self.work.iter_mut().for_each(|x| *x /= norm);
        (state.turn, state.phase) = (turn, Phase::Residual);
        Ok(())
    }

    /// A preconditioned residual becomes the next direction; or the residual, or none, where it has nothing new.
    pub(crate) fn join(
        &mut self,
        machine: Machine,
        state: &mut LobpcgState<T>,
        answer: &[T],
    ) -> Result<(), Error> {
        let (n, total) = (state.n, state.total);
        let mut new = false;
        if answer.iter().any(|&x| x != T::ZERO) {
            unit_vector(machine, answer, self.column(n, total)?)?;
            new = self.admit(machine, n, total)?;
        }
        if !new {
            let (_, rest) = check::split(self.basis, total * n)?;
            vector::copy(self.work, check::split(rest, n)?.0)?;
            new = self.admit(machine, n, total)?;
        }
        if new {
            state.phase = Phase::Direction;
            return Ok(());
        }
        state.turn += 1;
        self.next_residual(machine, state)
    }

    /// The products of the answer, if any are allowed.
    fn conclude(&mut self, machine: Machine, state: &mut LobpcgState<T>) -> Result<(), Error> {
        let x = MatRef::col_major(self.basis, state.n, state.found)?;
        state.orthogonality = basis::defect(machine, x, self.first)?;
        state.turn = 0;
        let may = state.products < state.options.product_max;
        state.phase = if may { Phase::Check } else { Phase::Done };
        Ok(())
    }

    /// Value and residual of a pair from its own product; after the last one the end, or the next round.
    pub(crate) fn verify(
        &mut self,
        machine: Machine,
        state: &mut LobpcgState<T>,
        product: &[T],
    ) -> Result<(), Error> {
        let i = state.turn;
        let (_, rest) = check::split(self.images, i * state.n)?;
        vector::copy(product, check::split(rest, state.n)?.0)?;
        let vector = self.basis.get(i * state.n..(i + 1) * state.n).unwrap_or(&[]);
        let value = vector::dot(machine, vector, product)?;
        self.values.iter_mut().skip(i).take(1).for_each(|x| *x = value);
        let residual = self.residual(machine, state, i)?;
        self.residuals.iter_mut().skip(i).take(1).for_each(|x| *x = residual);
        state.norm = state.norm.max_of(vector::norm2(machine, product));
        state.products += 1;
        state.turn += 1;
        let left = state.products < state.options.product_max;
        if state.turn < state.found && left {
            return Ok(());
        }
        if !left || state.phase == Phase::Check && !self.may_improve(state) {
            state.phase = Phase::Done;
            return Ok(());
        }
        for j in 0..state.total {
            self.fill_h(machine, state, j)?;
        }
        [state.turn, state.joined, state.since] = [0; 3];
        self.next_residual(machine, state)
    }

    /// Whether a residual is not good enough, but half of what it was when it was last found so, and products are left.
    fn may_improve(&self, state: &mut LobpcgState<T>) -> bool {
        let mut worst = T::ZERO;
        for (&value, &residual) in self.values.iter().zip(self.residuals.iter()).take(state.found) {
            if !state.reaches(state.options.tolerance, value, residual) {
                worst = worst.max_of(residual);
            }
        }
        let better = worst <= T::HALF * state.verified;
        state.verified = worst;
        worst > T::ZERO && better && !state.is_spent()
    }
}
