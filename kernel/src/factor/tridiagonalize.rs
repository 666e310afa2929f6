//! A symmetric matrix to tridiagonal form, one pass over what is left of it per step.

use crate::float::Float;
use crate::simd::{Operation, Simd, block, block_mut, part, part_mut};

/// Rows from one column to the next are a multiple of this: the lanes of the widest machine, so
/// that no vector is cut.
pub(super) const ROWS: usize = 16;

/// Elements from one column to the next for n rows.
///
/// No multiple of 64: columns that far apart would share the few sets of a first cache.
pub(super) const fn lead(n: usize) -> usize {
    let rows = n.saturating_add(ROWS - 1) / ROWS * ROWS;
    if rows.is_multiple_of(4 * ROWS) { rows.saturating_add(ROWS) } else { rows }
}

/// Vectors in a strip of rows that has registers for three operands.
#[inline(always)]
pub(super) const fn strip_max<T: Float, S: Simd<T>>() -> usize {
    match S::TILE_COLUMNS {
        [_, 0, _] => 1,
        [_, _, 0] => 2,
        _ => 4,
    }
}

/// QᵀAQ = T for a symmetric A of order n, stored in full by columns `lead` apart, zeros in the
/// rows beyond n.
///
/// Leaves T in `diagonal` and `off_diagonal` (n elements each); column k of A becomes the v of
/// Hₖ = I − τₖvvᵀ with the zeros above its one; Q = H₀H₁…. `sums` and `update`: `lead` elements each.
pub(super) struct Tridiagonalize<'a, T> {
    pub(super) a: &'a mut [T],
    pub(super) lead: usize,
    pub(super) diagonal: &'a mut [T],
    pub(super) off_diagonal: &'a mut [T],
    pub(super) tau: &'a mut [T],
    pub(super) sums: &'a mut [T],
    pub(super) update: &'a mut [T],
}

impl<T: Float> Operation<T> for Tridiagonalize<'_, T> {
    type Output = ();

    /// A ← A − (vwᵀ + wvᵀ) with p = Av, w = τp − ½τ²(pᵀv)v. The update waits for the next step: then both
    /// are one pass over A.
    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { a, lead, diagonal, off_diagonal, tau, sums, update: w } = self;
        let n = diagonal.len();
        let patterns = Patterns::new();
        clear(simd, sums);
        clear(simd, w);
        let factors = diagonal.iter_mut().zip(off_diagonal).zip(tau);
        for (k, ((diagonal, off_diagonal), tau)) in factors.enumerate() {
            let Some((left, right)) = a.split_at_mut_checked(k * lead) else { return };
            let Some((column, trailing)) = right.split_at_mut_checked(lead) else { return };
            // Before the first step w is zero, and anything will do for v.
            let v = left.get(left.len().saturating_sub(lead)..).unwrap_or(&[]);
            let v = if k == 0 { &*w } else { v };
            *diagonal = updated(column, (v, w), (k, k));
            if k + 1 == n {
                (*off_diagonal, *tau) = (T::ZERO, T::ZERO);
                return;
            }
            let alpha = updated(column, (v, w), (k + 1, k));
            update_tail(simd, &patterns, column, (v, w), k);
            (*off_diagonal, *tau) = reflect(simd, &patterns, column, alpha, k);
            let pass = Pass { trailing, lead, first: k + 1, order: n, v, w, x: column };
            pass.all(simd, sums);
            combine(simd, *tau, (sums, column), w, k);
        }
    }
}

/// What tells the rows of a column apart without a mask: zeros, then ones; and a one among zeros.
struct Patterns<T> {
    steps: [T; 4 * ROWS],
    unit: [T; 4 * ROWS],
}

impl<T: Float> Patterns<T> {
    #[inline(always)]
    fn new() -> Self {
        let (mut steps, mut unit) = ([T::ZERO; 4 * ROWS], [T::ZERO; 4 * ROWS]);
        if let (Some(later), Some(one)) = (steps.get_mut(2 * ROWS..), unit.get_mut(2 * ROWS)) {
            later.fill(T::ONE);
            *one = T::ONE;
        }
        Self { steps, unit }
    }

    /// 2·ROWS elements of a pattern, that begins at element `at` of them.
    #[inline(always)]
    fn slice(pattern: &[T; 4 * ROWS], at: usize) -> &[T] {
        let start = (2 * ROWS).saturating_sub(at);
        pattern.get(start..start + 2 * ROWS).unwrap_or(&[])
    }
}

/// Element (i, k) less its part of the update, in the order in which vectors do it.
#[inline(always)]
fn updated<T: Float>(column: &[T], (v, w): (&[T], &[T]), (i, k): (usize, usize)) -> T {
    let at = |x: &[T], i: usize| x.get(i).copied().unwrap_or(T::ZERO);
    at(column, i) - (at(v, i) * at(w, k) + at(w, i) * at(v, k))
}

/// Column k less its part of the update, a − (vwₖ + wvₖ), below row k + 1; zeros from there up, as far as
/// anyone reads.
#[inline(always)]
fn update_tail<T: Float, S: Simd<T>>(
    simd: S,
    patterns: &Patterns<T>,
    column: &mut [T],
    (v, w): (&[T], &[T]),
    k: usize,
) {
    let (Some(&v_k), Some(&w_k)) = (v.get(k), w.get(k)) else { return };
    let (v_k, w_k) = (simd.splat(v_k), simd.splat(w_k));
    let start = k / ROWS * ROWS;
    let mut column = column.get_mut(start..).unwrap_or(&mut []);
    let (mut v, mut w) = (v.get(start..).unwrap_or(&[]), w.get(start..).unwrap_or(&[]));
    let mut steps = Patterns::slice(&patterns.steps, k + 2 - start);
    while let (Some(a), Some(v), Some(w)) =
        (block_mut(&mut column, S::WIDTH), block(&mut v, S::WIDTH), block(&mut w, S::WIDTH))
    {
        let change = simd.add(simd.mul(simd.load(v), w_k), simd.mul(simd.load(w), v_k));
        let tail = simd.sub(simd.load(a), change);
        let tail = match block(&mut steps, S::WIDTH) {
            Some(step) => simd.mul(tail, simd.load(step)),
            None => tail,
        };
        simd.store(tail, a);
    }
}

/// (I − τvvᵀ)x = (β, 0, …, 0) for x = α and the tail below it; the column becomes v; returns β and τ.
///
/// A tail whose squares vanish beside α is nothing: the largest entry of the matrix is near 1.
#[inline(always)]
fn reflect<T: Float, S: Simd<T>>(
    simd: S,
    patterns: &Patterns<T>,
    column: &mut [T],
    alpha: T,
    k: usize,
) -> (T, T) {
    let start = k / ROWS * ROWS;
    let tail = column.get_mut(start..).unwrap_or(&mut []);
    let (mut alpha, mut power) = (alpha, 0);
    let mut squares = dot_rows(simd, tail, tail);
    if alpha * alpha + squares < T::LIMITS.square_sum_low {
        let largest = tail.iter().fold(T::ZERO, |m, x| m.max_of(x.abs()));
        if largest > T::ZERO {
            power = largest.max_of(alpha.abs()).exponent();
            alpha = alpha.scale_by_power(-power);
            for x in tail.iter_mut() {
                *x = x.scale_by_power(-power);
            }
            squares = dot_rows(simd, tail, tail);
        }
    }
    let (beta, tau, factor);
    if squares == T::ZERO {
        (beta, tau, factor) = (alpha, T::ZERO, T::ZERO);
    } else {
        beta = -(alpha * alpha + squares).sqrt().copysign(alpha);
        (tau, factor) = ((beta - alpha) / beta, T::ONE / (alpha - beta));
    }
    let factor = simd.splat(factor);
    let (mut rest, mut unit) = (tail, Patterns::slice(&patterns.unit, k + 1 - start));
    while let Some(x) = block_mut(&mut rest, S::WIDTH) {
        let v = simd.mul(factor, simd.load(x));
        let v = match block(&mut unit, S::WIDTH) {
            Some(unit) => simd.add(v, simd.load(unit)),
            None => v,
        };
        simd.store(v, x);
    }
    (if power == 0 { beta } else { beta.scale_by_power(power) }, tau)
}

/// xᵀy for lengths that are multiples of [`ROWS`]: so many lanes, each the sum of every such element in
/// order, then added by halving.
#[inline(always)]
pub(super) fn dot_rows<T: Float, S: Simd<T>>(simd: S, x: &[T], y: &[T]) -> T {
    let count = ROWS / S::WIDTH;
    let mut sums = [simd.splat(T::ZERO); 8];
    let (mut x, mut y) = (x, y);
    while let (Some(mut x), Some(mut y)) = (block(&mut x, ROWS), block(&mut y, ROWS)) {
        for sum in sums.iter_mut().take(count) {
            if let (Some(x), Some(y)) = (block(&mut x, S::WIDTH), block(&mut y, S::WIDTH)) {
                *sum = simd.add(*sum, simd.mul(simd.load(x), simd.load(y)));
            }
        }
    }
    let [a, b, c, d, e, f, g, h] = sums;
    let [a, b, c, d] = if count == 8 {
        [simd.add(a, e), simd.add(b, f), simd.add(c, g), simd.add(d, h)]
    } else {
        [a, b, c, d]
    };
    let [a, b] = if count >= 4 { [simd.add(a, c), simd.add(b, d)] } else { [a, b] };
    simd.sum(if count >= 2 { simd.add(a, b) } else { a })
}

/// Zeros.
#[inline(always)]
pub(super) fn clear<T: Float, S: Simd<T>>(simd: S, x: &mut [T]) {
    let mut x = x;
    while let Some(x) = part_mut(&mut x, S::WIDTH) {
        simd.store(simd.splat(T::ZERO), x);
    }
}

/// The columns from `first` on, all updated, and their product with x.
struct Pass<'a, T> {
    trailing: &'a mut [T],
    lead: usize,
    first: usize,
    order: usize,
    v: &'a [T],
    w: &'a [T],
    x: &'a [T],
}

impl<T: Float> Pass<'_, T> {
    #[inline(always)]
    fn all<S: Simd<T>>(mut self, simd: S, sums: &mut [T]) {
        let mut row = self.first / S::WIDTH * S::WIDTH;
        while row < self.order {
            let vectors = (self.order - row).div_ceil(S::WIDTH).min(const { strip_max::<T, S>() });
            row += S::WIDTH
                * match vectors {
                    4.. => self.strip::<S, 4>(simd, row, sums),
                    2.. => self.strip::<S, 2>(simd, row, sums),
                    _ => self.strip::<S, 1>(simd, row, sums),
                };
        }
    }

    /// MV vectors of rows: a ← a − (vwⱼ + wvⱼ), p = Σ axⱼ over j in order, p in registers.
    #[inline(always)]
    fn strip<S: Simd<T>, const MV: usize>(&mut self, simd: S, row: usize, sums: &mut [T]) -> usize {
        let rows = row..row + MV * S::WIDTH;
        let v = load_strip::<T, S, MV>(simd, self.v.get(rows.clone()).unwrap_or(&[]));
        let w = load_strip::<T, S, MV>(simd, self.w.get(rows.clone()).unwrap_or(&[]));
        let mut acc = [simd.splat(T::ZERO); MV];
        let columns = self.first..self.order;
        let factors = (self.v.get(columns.clone()).unwrap_or(&[]).iter())
            .zip(self.w.get(columns.clone()).unwrap_or(&[]))
            .zip(self.x.get(columns).unwrap_or(&[]));
        let mut rest = &mut *self.trailing;
        for ((&v_j, &w_j), &x_j) in factors {
            let Some(column) = block_mut(&mut rest, self.lead) else { break };
            let Some(mut column) = column.get_mut(rows.clone()) else { break };
            let (v_j, w_j, x_j) = (simd.splat(v_j), simd.splat(w_j), simd.splat(x_j));
            for ((sum, &v), &w) in acc.iter_mut().zip(&v).zip(&w) {
                let Some(target) = block_mut(&mut column, S::WIDTH) else { break };
                let change = simd.add(simd.mul(v, w_j), simd.mul(w, v_j));
                let a = simd.sub(simd.load(target), change);
                simd.store(a, target);
                *sum = simd.add(*sum, simd.mul(a, x_j));
            }
        }
        store_strip(simd, &acc, sums.get_mut(rows).unwrap_or(&mut []));
        MV
    }
}

/// w = τp − ½τ²(pᵀv)v, from row k + 1 on; above it v is zero.
#[inline(always)]
fn combine<T: Float, S: Simd<T>>(simd: S, tau: T, (p, v): (&[T], &[T]), w: &mut [T], k: usize) {
    let start = (k + 1) / ROWS * ROWS;
    let mut p = p.get(start..).unwrap_or(&[]);
    let mut v = v.get(start..).unwrap_or(&[]);
    let mut w = w.get_mut(start..).unwrap_or(&mut []);
    let factor = simd.splat(T::HALF * tau * (tau * dot_rows(simd, p, v)));
    let tau = simd.splat(tau);
    while let (Some(p), Some(v), Some(w)) =
        (block(&mut p, S::WIDTH), block(&mut v, S::WIDTH), block_mut(&mut w, S::WIDTH))
    {
        let along = simd.mul(factor, simd.load(v));
        simd.store(simd.sub(simd.mul(tau, simd.load(p)), along), w);
    }
}

/// MV vectors.
#[inline(always)]
pub(super) fn load_strip<T: Float, S: Simd<T>, const MV: usize>(
    simd: S,
    source: &[T],
) -> [S::V; MV] {
    let mut strip = [simd.splat(T::ZERO); MV];
    let mut source = source;
    for v in &mut strip {
        if let Some(source) = part(&mut source, S::WIDTH) {
            *v = simd.load(source);
        }
    }
    strip
}

/// MV vectors.
#[inline(always)]
pub(super) fn store_strip<T: Float, S: Simd<T>, const MV: usize>(
    simd: S,
    strip: &[S::V; MV],
    target: &mut [T],
) {
    let mut target = target;
    for &v in strip {
        if let Some(target) = part_mut(&mut target, S::WIDTH) {
            simd.store(v, target);
        }
    }
}
