//! LDLᵀ of known order.

use crate::error::Error;
use crate::float::{Float, has_reciprocal};

/// A pivot, and how to divide by it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pivot<T> {
    pub(crate) value: T,
    /// A power of two: 1 but where 1/d is not a normal number.
    pub(crate) shift: T,
    /// fl(1/(d·shift))
    pub(crate) reciprocal: T,
}

impl<T: Float> Pivot<T> {
    pub(crate) const ONE: Self = Self { value: T::ONE, shift: T::ONE, reciprocal: T::ONE };

    /// d·shift is exact and has a normal reciprocal; c·shift is exact unless c/d is 0 or infinite anyway. Without a
    /// call: across one a tile would go through memory.
    #[inline(always)]
    pub(crate) fn new(value: T) -> Self {
        let other = if value.abs() < T::ONE { T::from_f64(4.0) / T::EPSILON } else { T::EPSILON };
        let shift = if has_reciprocal(value) { T::ONE } else { other };
        Self { value, shift, reciprocal: T::ONE / (value * shift) }
    }

    /// Whether L can be divided by it.
    #[inline(always)]
    pub(crate) fn is_good(self) -> bool {
        (self.value.abs() > T::ZERO) & (self.value.abs() <= T::MAX)
    }
}

/// What becomes of a pivot.
pub(crate) trait PivotRule<T> {
    /// The pivot to use, and whether it is another one.
    fn judge(&self, index: usize, pivot: T) -> (T, usize);
}

/// Each pivot as it is.
struct AsItIs;

impl<T: Float> PivotRule<T> for AsItIs {
    #[inline(always)]
    fn judge(&self, _: usize, pivot: T) -> (T, usize) {
        (pivot, 0)
    }
}

/// A = LDLᵀ without exchanges: D over the diagonal of A, unit lower-triangular L below it.
///
/// # Shapes
/// `a`: N × N, by columns. The part above the diagonal is neither read nor written.
///
/// # Accuracy
/// That of [`factor::ldlt_in_place`](crate::factor::ldlt_in_place) in Strict arithmetic and without
/// regularization, whose bits it has.
///
/// # Errors
/// `Error::Pivot` with its index if a pivot is 0, `Error::NotFinite` if one is not finite: `a` is then as it was.
///
/// # Cost
/// N³/3 flops and N divisions; inlined.
///
/// # Example
/// ```
/// let mut a = [[4.0, 2.0], [f64::NAN, 3.0]];
/// teeter::fixed::ldlt_in_place(&mut a)?;
/// assert_eq!([a[0][0], a[0][1], a[1][1]], [4.0, 0.5, 2.0]);
/// # Ok::<(), teeter::Error>(())
/// ```
#[inline(always)]
pub fn ldlt_in_place<T: Float, const N: usize>(a: &mut [[T; N]; N]) -> Result<(), Error> {
    let (factors, pivots, _) = columns(*a, &AsItIs);
    if pivots.iter().fold(true, |all, &pivot| all & pivot.is_good()) {
        for (j, (to, from)) in a.iter_mut().zip(&factors).enumerate() {
            for (to, &from) in to.iter_mut().zip(from).skip(j) {
                *to = from;
            }
        }
        return Ok(());
    }
    let bad = pivots.iter().enumerate().find(|&(_, pivot)| !pivot.is_good());
    let (index, value) = bad.map_or((0, T::ZERO), |(index, pivot)| (index, pivot.value));
    Err(if value.is_finite() {
        Error::Pivot { index, value: value.to_f64() }
    } else {
        Error::NotFinite { argument: "a", index }
    })
}

/// L with D on its diagonal, the pivots, and how many of them the rule has changed. Without a branch on the
/// pivots: a bad one leaves NaN or infinity in its column and the later ones.
#[inline(always)]
pub(crate) fn columns<T: Float, const N: usize>(
    mut a: [[T; N]; N],
    rule: &impl PivotRule<T>,
) -> ([[T; N]; N], [Pivot<T>; N], usize) {
    let mut pivots = [Pivot::ONE; N];
    // Written out, so that every length is known where the loops are unrolled.
    let mut changed = column(&mut a, &mut pivots, rule, 0);
    changed += column(&mut a, &mut pivots, rule, 1);
    changed += column(&mut a, &mut pivots, rule, 2);
    changed += column(&mut a, &mut pivots, rule, 3);
    changed += column(&mut a, &mut pivots, rule, 4);
    changed += column(&mut a, &mut pivots, rule, 5);
    changed += column(&mut a, &mut pivots, rule, 6);
    changed += column(&mut a, &mut pivots, rule, 7);
    if const { N > 8 } {
        changed += column(&mut a, &mut pivots, rule, 8);
        changed += column(&mut a, &mut pivots, rule, 9);
        changed += column(&mut a, &mut pivots, rule, 10);
        changed += column(&mut a, &mut pivots, rule, 11);
    }
    for k in 12..N {
        changed += column(&mut a, &mut pivots, rule, k);
    }
    (a, pivots, changed)
}

/// Column k of L, and its products with C = LD subtracted from the later ones.
#[inline(always)]
fn column<T: Float, const N: usize>(
    a: &mut [[T; N]; N],
    pivots: &mut [Pivot<T>; N],
    rule: &impl PivotRule<T>,
    k: usize,
) -> usize {
    let Some([column, later @ ..]) = a.get_mut(k..) else { return 0 };
    let (Some([diagonal, below @ ..]), Some(pivot)) = (column.get_mut(k..), pivots.get_mut(k))
    else {
        return 0;
    };
    let (value, changed) = rule.judge(k, *diagonal);
    (*diagonal, *pivot) = (value, Pivot::new(value));
    // Column k + 1 + j, from its diagonal on: c·l, for the division of the others is not waited for.
    for (j, target) in later.iter_mut().enumerate() {
        let Some([own, rest @ ..]) = below.get_mut(j..) else { break };
        let c = *own;
        let l = c * pivot.shift * pivot.reciprocal;
        *own = l;
        let Some([target, lower @ ..]) = target.get_mut(k + 1 + j..) else { break };
        *target -= c * l;
        for (element, &c) in lower.iter_mut().zip(rest.iter()) {
            *element -= c * l;
        }
    }
    changed
}
