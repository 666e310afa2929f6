//! The orthogonal matrix of a reduction, from its reflections.

use crate::factor::tridiagonalize::{load_strip, store_strip, strip_max};
use crate::float::Float;
use crate::simd::{Operation, Simd, block_mut};
use crate::vector::dot_lanes;

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
        unit_columns(q, lead, count..order);
        for block in (0..count.div_ceil(TOGETHER)).rev() {
            let first = block * TOGETHER;
            let members = TOGETHER.min(count - first);
            let tau = tau.get(first..first + members).unwrap_or(&[]);
            let reflections = pack(q, (lead, order), (first, members), packed);
            let factors = Factors::new(simd, q, (lead, first), tau);
            unit_columns(q, lead, first + 1..first + members + 1);
            let columns = q.get_mut((first + 1) * lead..).unwrap_or(&mut []);
            let mut pass = Apply { columns, lead, reflections, factors };
            pass.all(simd, (first + 1, order));
        }
        unit_columns(q, lead, 0..order.min(1));
        transpose(q, lead, order);
    }
}

/// Columns of the identity.
#[inline(always)]
fn unit_columns<T: Float>(q: &mut [T], lead: usize, columns: core::ops::Range<usize>) {
    let mut rest = q.get_mut(columns.start.saturating_mul(lead)..).unwrap_or(&mut []);
    for j in columns {
        let Some(column) = block_mut(&mut rest, lead) else { return };
        column.fill(T::ZERO);
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
        let mut factors =
            Self { tau: [T::ZERO; TOGETHER], inner: [[T::ZERO; TOGETHER]; TOGETHER] };
        for (target, &tau) in factors.tau.iter_mut().zip(tau) {
            *target = tau;
        }
        // vₜ is zero above row first + t + 1.
        let vector = |t: usize, from: usize| {
            q.get((first + t) * lead + from..(first + t + 1) * lead).unwrap_or(&[])
        };
        for (t, row) in factors.inner.iter_mut().enumerate().take(tau.len()) {
            let from = first + t + 1;
            for (s, inner) in row.iter_mut().enumerate().take(t) {
                *inner = dot_lanes(simd, vector(s, from), vector(t, from));
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
        couple::<T, S, MV>(simd, &self.factors, &mut y);
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
#[inline(always)]
fn couple<T: Float, S: Simd<T>, const MV: usize>(
    simd: S,
    factors: &Factors<T>,
    y: &mut [[S::V; MV]; TOGETHER],
) {
    let Factors { tau, inner } = *factors;
    let mut rest = y.as_mut_slice();
    let mut factors = tau.iter().zip(inner).rev();
    while let (Some((last, before)), Some((&tau, inner))) =
        (rest.split_last_mut(), factors.next())
    {
        let tau = simd.splat(tau);
        for x in last.iter_mut() {
            *x = simd.mul(tau, *x);
        }
        for (y, inner) in before.iter_mut().zip(inner) {
            let inner = simd.splat(inner);
            for (y, &last) in y.iter_mut().zip(last.iter()) {
                *y = simd.sub(*y, simd.mul(last, inner));
            }
        }
        rest = before;
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
