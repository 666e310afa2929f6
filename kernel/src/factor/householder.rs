//! Householder reflections: one that clears a vector, and a block of them.

use crate::check;
use crate::error::Error;
use crate::factor::triangular::{BLOCK, Block};
use crate::float::Float;
use crate::matrix::{MatMut, MatRef, gemm};
use crate::simd::{AddScaled, Machine, Operation, Simd, apply, block, block_mut};
use crate::vector::{self, dot_lanes};

/// (I − τvvᵀ)x = (β, 0, …, 0): x becomes v, v₀ = 1; returns β and τ.
///
/// τ = 0 where nothing is below the head, else 1 ≤ τ ≤ 2. A vector near the smallest numbers is
/// scaled by a power of two first: a β without its digits would spoil the orthogonality of H.
pub(super) fn reflect<T: Float>(machine: Machine, x: &mut [T]) -> (T, T) {
    let [head, tail @ ..] = x else { return (T::ZERO, T::ZERO) };
    let mut rest = vector::norm2(machine, tail);
    if rest == T::ZERO {
        let beta = *head;
        *head = T::ONE;
        return (beta, T::ZERO);
    }
    let mut power = 0;
    if head.abs().max_of(rest) < T::MIN_POSITIVE / (T::EPSILON * T::EPSILON) {
        power = head.abs().max_of(rest).exponent();
        *head = head.scale_by_power(-power);
        for x in tail.iter_mut() {
            *x = x.scale_by_power(-power);
        }
        rest = vector::norm2(machine, tail);
    }
    let alpha = *head;
    let beta = -vector::norm2(machine, &[alpha, rest]).copysign(alpha);
    vector::scale(machine, T::ONE / (alpha - beta), tail);
    *head = T::ONE;
    (beta.scale_by_power(power), (beta - alpha) / beta)
}

/// cⱼ ← (I − τvvᵀ)cⱼ for columns of `lead` elements one after the other, from row `skip` on.
pub(super) struct Reflect<'a, T> {
    pub(super) v: &'a [T],
    pub(super) tau: T,
    pub(super) columns: &'a mut [T],
    pub(super) lead: usize,
    pub(super) skip: usize,
}

impl<T: Float> Operation<T> for Reflect<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { v, tau, mut columns, lead, skip } = self;
        if tau == T::ZERO || lead == 0 {
            return;
        }
        while let Some(column) = block_mut(&mut columns, lead) {
            let c = column.get_mut(skip..).unwrap_or(&mut []);
            let factor = tau * dot_lanes(simd, v, c);
            apply(simd, v, c, AddScaled(-factor));
        }
    }
}

/// The QR factorization of a panel in `memory`, column by column: R and v to `a`, and v with its
/// ones and zeros in the memory.
pub(super) fn factor_panel<T: Float>(
    machine: Machine,
    memory: &mut [T],
    tau: &mut [T],
    a: MatMut<'_, T>,
) -> Result<(), Error> {
    let (rows, mut rest, mut a) = (a.rows(), memory, a);
    for (k, tau) in tau.iter_mut().enumerate() {
        let column = check::take(&mut rest, rows)?;
        let (above, x) = check::split(column, k)?;
        let beta;
        (beta, *tau) = reflect(machine, x);
        let later = Reflect { v: x, tau: *tau, columns: rest, lead: rows, skip: k };
        machine.strict().run(later);
        for (i, &value) in above.iter().chain([&beta]).chain(x.iter().skip(1)).enumerate() {
            let _ = a.set(i, k, value);
        }
        above.fill(T::ZERO);
    }
    Ok(())
}

/// Column after column of `a` into `memory`.
pub(super) fn load<T: Float>(a: MatRef<'_, T>, memory: &mut [T]) {
    let mut memory = memory;
    for j in 0..a.cols() {
        let Some(column) = block_mut(&mut memory, a.rows()) else { return };
        if let Some(source) = a.column(j) {
            for (x, &value) in column.iter_mut().zip(source) {
                *x = value;
            }
            continue;
        }
        for (i, x) in column.iter_mut().enumerate() {
            *x = a.get(i, j).unwrap_or(T::ZERO);
        }
    }
}

/// The v of a panel of a factored matrix into `memory`, with their ones and zeros.
pub(super) fn load_reflectors<T: Float>(a: MatRef<'_, T>, memory: &mut [T]) {
    load(a, memory);
    let mut memory = memory;
    for k in 0..a.cols() {
        let Some(column) = block_mut(&mut memory, a.rows()) else { return };
        for (i, x) in column.iter_mut().enumerate().take(k + 1) {
            *x = if i == k { T::ONE } else { T::ZERO };
        }
    }
}

/// T with H₀H₁…Hₖ₋₁ = I − VTVᵀ, upper triangular, column by column.
///
/// T₍₀…ₖ₎ₖ = −τₖT(Vᵀvₖ), diagonal τₖ (Schreiber, Van Loan 1989, doi:10.1137/0910005).
pub(super) fn block_factor<T: Float>(
    machine: Machine,
    v: MatRef<'_, T>,
    tau: &[T],
) -> Result<Block<T>, Error> {
    let mut t = [[T::ZERO; BLOCK]; BLOCK];
    for (k, &tau) in tau.iter().enumerate() {
        let mut inner = [T::ZERO; BLOCK];
        // vₖ is zero above its one.
        let vector = v.column(k).and_then(|x| x.get(k..)).unwrap_or(&[]);
        for (j, inner) in inner.iter_mut().enumerate().take(k) {
            let other = v.column(j).and_then(|x| x.get(k..)).unwrap_or(&[]);
            *inner = vector::dot(machine, other, vector)?;
        }
        let mut sums = [T::ZERO; BLOCK];
        for (column, &factor) in t.iter().zip(&inner).take(k) {
            for (sum, &t) in sums.iter_mut().zip(column) {
                *sum += t * factor;
            }
        }
        let Some(column) = t.get_mut(k) else { break };
        for (i, (t, &sum)) in column.iter_mut().zip(&sums).enumerate().take(k + 1) {
            *t = if i == k { tau } else { -(tau * sum) };
        }
    }
    Ok(t)
}

/// Q or Qᵀ.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Transpose {
    No,
    Yes,
}

/// C ← (I − VTVᵀ)C, or with Tᵀ; `work` takes two matrices of V's columns by C's.
pub(super) fn apply_block<T: Float>(
    machine: Machine,
    (v, tau): (MatRef<'_, T>, &[T]),
    transpose: Transpose,
    c: MatMut<'_, T>,
    work: &mut [T],
) -> Result<(), Error> {
    let (k, cols, mut c) = (v.cols(), c.cols(), c);
    if cols == 0 {
        return Ok(());
    }
    let factor = block_factor(machine, v, tau)?;
    let t = MatRef::col_major(factor.as_flattened(), BLOCK, BLOCK)?.sub([0, 0], [k, k])?;
    let t = if transpose == Transpose::Yes { t.t() } else { t };
    let mut work = work;
    // Strides run the way those of C do, so that `gemm` packs least.
    let strides = if c.rb().row_stride() == 1 { [1, k] } else { [cols, 1] };
    let first = check::take(&mut work, k * cols)?;
    let mut w = MatMut::strided(first, [k, cols], strides)?;
    let second = check::take(&mut work, k * cols)?;
    let mut product = MatMut::strided(second, [k, cols], strides)?;
    gemm(machine, T::ONE, v.t(), c.rb(), T::ZERO, w.rb_mut())?;
    gemm(machine, T::ONE, t, w.rb(), T::ZERO, product.rb_mut())?;
    gemm(machine, -T::ONE, v, product.rb(), T::ONE, c.rb_mut())
}

/// Elements of scratch for blocks of reflections of length m applied to n columns.
pub(super) const fn scratch_len(m: usize, n: usize) -> usize {
    m.saturating_mul(BLOCK).saturating_add(n.saturating_mul(2 * BLOCK))
}

/// Column `k` of `rows` elements in memory that holds columns one after the other.
pub(super) fn column<T>(memory: &[T], rows: usize, k: usize) -> &[T] {
    let mut rest = memory.get(k.saturating_mul(rows)..).unwrap_or(&[]);
    block(&mut rest, rows).unwrap_or(&[])
}
