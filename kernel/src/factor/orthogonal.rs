//! The orthogonal matrix of a reduction, from its reflections.

use crate::factor::tridiagonalize::{ROWS, clear, dot_rows, load_strip, store_strip, strip_max};
use crate::float::Float;
use crate::simd::{Operation, Simd, block_mut};

/// Reflections applied in one pass. A constant of the algorithm: it decides bits.
pub(super) const TOGETHER: usize = 4;

/// Q over its reflections, as [`Tridiagonalize`](super::tridiagonalize::Tridiagonalize) leaves
/// them; `packed`: four times `lead` elements.
pub(super) struct FormOrthogonal<'a, T> {
    pub(super) q: &'a mut [T],
    pub(super) lead: usize,
    pub(super) tau: &'a [T],
    pub(super) packed: &'a mut [T],
}

impl<T: Float> Operation<T> for FormOrthogonal<'_, T> {
    type Output = ();

    /// Qᵀ = …H₁H₀ from the right: then each element is one chain, and no sum runs along a vector.
    /// What H₀, …, Hₖ change of it lies right of column k, so it grows over the reflections.
    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { q, lead, tau, packed } = self;
        let order = tau.len();
        let count = order.saturating_sub(2);
        unit_columns(simd, q, lead, count..order);
        for block in (0..count.div_ceil(TOGETHER)).rev() {
            let first = block * TOGETHER;
            let members = TOGETHER.min(count - first);
            let tau = tau.get(first..first + members).unwrap_or(&[]);
            let reflections = pack(q, (lead, order), (first, members), packed);
            let factors = Factors::new(simd, q, (lead, first), tau);
            unit_columns(simd, q, lead, first + 1..first + members + 1);
            let columns = q.get_mut((first + 1) * lead..).unwrap_or(&mut []);
            let mut pass = Apply { columns, lead, reflections, factors };
            pass.all(simd, (first + 1, order));
        }
        unit_columns(simd, q, lead, 0..order.min(1));
        transpose(q, lead, order);
    }
}

/// Columns of the identity.
#[inline(always)]
fn unit_columns<T: Float, S: Simd<T>>(
    simd: S,
    q: &mut [T],
    lead: usize,
    columns: core::ops::Range<usize>,
) {
    let mut rest = q.get_mut(columns.start.saturating_mul(lead)..).unwrap_or(&mut []);
    for j in columns {
        let Some(column) = block_mut(&mut rest, lead) else { return };
        clear(simd, column);
        if let Some(one) = column.get_mut(j) {
            *one = T::ONE;
        }
    }
}

/// Rows of V from `first` + 1 on, four elements each; zeros for the vectors that are missing.
#[inline(always)]
fn pack<'a, T: Float>(
    q: &[T],
    (lead, order): (usize, usize),
    (first, members): (usize, usize),
    packed: &'a mut [T],
) -> &'a [[T; TOGETHER]] {
    let rows = order - first - 1;
    let (packed, _) = packed.as_chunks_mut::<TOGETHER>();
    let packed = packed.get_mut(..rows).unwrap_or(&mut []);
    if members < TOGETHER {
        packed.as_flattened_mut().fill(T::ZERO);
    }
    for t in 0..members {
        let source = q.get((first + t) * lead + first + 1..).unwrap_or(&[]);
        for (row, &value) in packed.iter_mut().zip(source) {
            if let Some(target) = row.get_mut(t) {
                *target = value;
            }
        }
    }
    packed
}

/// τₜ, and vₛᵀvₜ for s < t (row t, column s): what couples the reflections.
#[derive(Clone, Copy)]
struct Factors<T> {
    tau: [T; TOGETHER],
    inner: [[T; TOGETHER]; TOGETHER],
}

impl<T: Float> Factors<T> {
    #[inline(always)]
    fn new<S: Simd<T>>(simd: S, q: &[T], (lead, first): (usize, usize), tau: &[T]) -> Self {
        let mut factors = Self { tau: [T::ZERO; TOGETHER], inner: [[T::ZERO; TOGETHER]; TOGETHER] };
        for (target, &tau) in factors.tau.iter_mut().zip(tau) {
            *target = tau;
        }
        // What lies above its one in the same ROWS rows is zero.
        let from = (first + 1) / ROWS * ROWS;
        let vector =
            |t: usize| q.get((first + t) * lead + from..(first + t + 1) * lead).unwrap_or(&[]);
        for (t, row) in factors.inner.iter_mut().enumerate().take(tau.len()) {
            for (s, inner) in row.iter_mut().enumerate().take(t) {
                *inner = dot_rows(simd, vector(s), vector(t));
            }
        }
        factors
    }
}

/// C ← CH₃H₂H₁H₀ for columns `lead` apart.
struct Apply<'a, T> {
    columns: &'a mut [T],
    lead: usize,
    reflections: &'a [[T; TOGETHER]],
    factors: Factors<T>,
}

impl<T: Float> Apply<'_, T> {
    #[inline(always)]
    fn all<S: Simd<T>>(&mut self, simd: S, (first, order): (usize, usize)) {
        let mut row = first / S::WIDTH * S::WIDTH;
        while row < order {
            let vectors = (order - row).div_ceil(S::WIDTH).min(const { strip_max::<T, S>() });
            row += S::WIDTH
                * match vectors {
                    4.. => self.strip::<S, 4>(simd, row),
                    2.. => self.strip::<S, 2>(simd, row),
                    _ => self.strip::<S, 1>(simd, row),
                };
        }
    }

    /// MV vectors of rows: y = CV column by column, then what the reflections take off.
    #[inline(always)]
    fn strip<S: Simd<T>, const MV: usize>(&mut self, simd: S, row: usize) -> usize {
        let rows = row..row + MV * S::WIDTH;
        let mut y = [[simd.splat(T::ZERO); MV]; TOGETHER];
        let mut rest = &*self.columns;
        for v in self.reflections {
            let Some((column, right)) = rest.split_at_checked(self.lead) else { break };
            rest = right;
            let column = load_strip::<T, S, MV>(simd, column.get(rows.clone()).unwrap_or(&[]));
            for (y, &v) in y.iter_mut().zip(v) {
                let v = simd.splat(v);
                for (y, &c) in y.iter_mut().zip(&column) {
                    *y = simd.add(*y, simd.mul(c, v));
                }
            }
        }
        let y = couple::<T, S, MV>(simd, &self.factors, y);
        let mut rest = &mut *self.columns;
        for v in self.reflections {
            let Some(column) = block_mut(&mut rest, self.lead) else { break };
            let Some(column) = column.get_mut(rows.clone()) else { break };
            let mut c = load_strip::<T, S, MV>(simd, column);
            for (y, &v) in y.iter().zip(v).rev() {
                let v = simd.splat(v);
                for (c, &y) in c.iter_mut().zip(y) {
                    *c = simd.sub(*c, simd.mul(y, v));
                }
            }
            store_strip(simd, &c, column);
        }
        MV
    }
}

/// yₜ ← τₜ(yₜ − Σ yₛ(vₛᵀvₜ)) over s > t, from the last one down.
///
/// Written out: in a loop over t the sums before it would live in memory.
#[inline(always)]
fn couple<T: Float, S: Simd<T>, const MV: usize>(
    simd: S,
    factors: &Factors<T>,
    y: [[S::V; MV]; TOGETHER],
) -> [[S::V; MV]; TOGETHER] {
    let [tau0, tau1, tau2, tau3] = factors.tau;
    let [_, [g10, ..], [g20, g21, ..], [g30, g31, g32, _]] = factors.inner;
    let [mut y0, mut y1, mut y2, mut y3] = y;
    scale::<T, S, MV>(simd, tau3, &mut y3);
    subtract::<T, S, MV>(simd, g32, &y3, &mut y2);
    scale::<T, S, MV>(simd, tau2, &mut y2);
    subtract::<T, S, MV>(simd, g31, &y3, &mut y1);
    subtract::<T, S, MV>(simd, g21, &y2, &mut y1);
    scale::<T, S, MV>(simd, tau1, &mut y1);
    subtract::<T, S, MV>(simd, g30, &y3, &mut y0);
    subtract::<T, S, MV>(simd, g20, &y2, &mut y0);
    subtract::<T, S, MV>(simd, g10, &y1, &mut y0);
    scale::<T, S, MV>(simd, tau0, &mut y0);
    [y0, y1, y2, y3]
}

/// y ← factor·y
#[inline(always)]
fn scale<T: Float, S: Simd<T>, const MV: usize>(simd: S, factor: T, y: &mut [S::V; MV]) {
    let factor = simd.splat(factor);
    for y in y {
        *y = simd.mul(factor, *y);
    }
}

/// y ← y − factor·x
#[inline(always)]
fn subtract<T: Float, S: Simd<T>, const MV: usize>(
    simd: S,
    factor: T,
    x: &[S::V; MV],
    y: &mut [S::V; MV],
) {
    let factor = simd.splat(factor);
    for (y, &x) in y.iter_mut().zip(x) {
        *y = simd.sub(*y, simd.mul(x, factor));
    }
}

/// Qᵀ of order n in place.
#[inline(always)]
fn transpose<T: Float>(q: &mut [T], lead: usize, order: usize) {
    let mut rest = q;
    for j in 0..order {
        let Some(column) = block_mut(&mut rest, lead) else { return };
        let Some(column) = column.get_mut(j + 1..order) else { return };
        let mut others = &mut *rest;
        for x in column {
            let Some(other) = block_mut(&mut others, lead) else { return };
            if let Some(y) = other.get_mut(j) {
                core::mem::swap(x, y);
            }
        }
    }
}
