//! What a factorization asks of its input before it starts: finite numbers, and how large.

use crate::error::Error;
use crate::float::Float;
use crate::matrix::MatRef;
use crate::simd::{Machine, Operation, Simd, Window, part};

/// Which elements of a matrix are input.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// All of them.
    Full,
    /// Those on and below the diagonal.
    Lower,
    /// Those on and above the diagonal.
    Upper,
}

impl Part {
    /// The same elements of the transpose.
    fn t(self) -> Self {
        match self {
            Self::Full => Self::Full,
            Self::Lower => Self::Upper,
            Self::Upper => Self::Lower,
        }
    }

    /// Rows of column `j` that belong to it, of `rows`.
    #[inline(always)]
    fn of_column(self, j: usize, rows: usize) -> [usize; 2] {
        match self {
            Self::Full => [0, rows],
            Self::Lower => [j.min(rows), rows],
            Self::Upper => [0, (j + 1).min(rows)],
        }
    }
}

/// The largest |aᵢⱼ|; `Error::NotFinite` with the first row that has an element which is not finite.
pub(super) fn largest_finite<T: Float>(
    machine: Machine,
    argument: &'static str,
    part: Part,
    a: MatRef<'_, T>,
) -> Result<T, Error> {
    let rows_adjacent = a.col_stride() == 1 && a.row_stride() != 1;
    let operation = if rows_adjacent {
        Largest { a: a.t().window(), part: part.t() }
    } else {
        Largest { a: a.window(), part }
    };
    let (defect, largest) = machine.run(operation);
    if defect == T::ZERO {
        return Ok(largest);
    }
    let mut index = a.rows();
    for j in 0..a.cols() {
        let [from, to] = part.of_column(j, a.rows());
        let bad = (from..to).find(|&i| a.get(i, j).is_some_and(|x| !x.is_finite()));
        index = bad.unwrap_or(index).min(index);
    }
    Err(Error::NotFinite { argument, index })
}

/// Entries so large that a column of them may have a norm near the largest number are refused: a
/// reflection would overflow on its way.
///
/// |τVᵀc| ≤ 2√2‖c‖, |T| ≤ 8, so that no sum within a block of 16 exceeds 256‖c‖ ≤ 256·m·max|cᵢ|.
pub(super) fn moderate<T: Float>(
    argument: &'static str,
    rows: usize,
    largest: T,
) -> Result<(), Error> {
    let high = T::MAX / (T::from_f64(256.0) * T::from_usize(rows.max(1)));
    if largest <= high {
        return Ok(());
    }
    let [found, high] = [largest.to_f64(), high.to_f64()];
    Err(Error::Range { argument, found, low: -high, high })
}

/// A pivot that something is divided by: neither 0 nor NaN, in rows 0, 1, ….
pub(super) fn pivots_not_zero<T: Float>(a: MatRef<'_, T>) -> Result<(), Error> {
    for index in 0..a.rows().min(a.cols()) {
        let pivot = a.get(index, index).unwrap_or(T::NAN);
        if pivot == T::ZERO || pivot.is_nan() {
            return Err(Error::Pivot { index, value: pivot.to_f64() });
        }
    }
    Ok(())
}

struct Largest<'a, T> {
    a: Window<'a, T>,
    part: Part,
}

/// Lanes of the widest machine: 512 bits of f32.
const LANES_MAX: usize = 16;

impl<T: Float> Operation<T> for Largest<'_, T> {
    type Output = (T, T);

    /// Σ(x − x), which is 0 if all are finite, and max|x|.
    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) -> (T, T) {
        let Self { a, part: elements } = self;
        let (mut defect, mut largest) = (T::ZERO, T::ZERO);
        let mut lanes =
            Lanes { defects: [simd.splat(T::ZERO); 4], maxima: [simd.splat(T::ZERO); 4] };
        let all = if elements == Part::Full { a.adjacent() } else { None };
        if let Some(all) = all {
            lanes.see(simd, all);
        }
        let cols = if all.is_some() { 0 } else { a.cols };
        for j in 0..cols {
            let [from, to] = elements.of_column(j, a.rows);
            if let Some(column) = a.column(j) {
                lanes.see(simd, column.get(from..to).unwrap_or(&[]));
                continue;
            }
            for i in from..to {
                let x = a.get(i, j).unwrap_or(T::ZERO);
                defect += T::ZERO * x;
                largest = largest.max_of(x.abs());
            }
        }
        let (defects, maxima) = lanes.all(simd);
        let mut lanes = [T::ZERO; LANES_MAX];
        simd.store(maxima, &mut lanes);
        // By halving: one after the other they would take as long as a small matrix.
        let mut rest = lanes.as_mut_slice();
        while let Some((low, high)) = rest.split_at_mut_checked(rest.len() / 2)
            && !low.is_empty()
        {
            for (low, &mut high) in low.iter_mut().zip(high) {
                *low = low.max_of(high);
            }
            rest = low;
        }
        let [greatest, ..] = lanes;
        (defect + simd.sum(defects), largest.max_of(greatest))
    }
}

/// Four chains, so that they overlap.
struct Lanes<V> {
    /// Σ(x − x)
    defects: [V; 4],
    maxima: [V; 4],
}

impl<V: Copy> Lanes<V> {
    #[inline(always)]
    fn see<T: Float, S: Simd<T, V = V>>(&mut self, simd: S, x: &[T]) {
        let mut x = x;
        while !x.is_empty() {
            for (defect, maximum) in self.defects.iter_mut().zip(&mut self.maxima) {
                let Some(x) = part(&mut x, S::WIDTH) else { break };
                let x = simd.load(x);
                *defect = simd.add(*defect, simd.sub(x, x));
                let size = simd.abs(x);
                *maximum = simd.select_less([*maximum, size], size, *maximum);
            }
        }
    }

    #[inline(always)]
    fn all<T: Float, S: Simd<T, V = V>>(&self, simd: S) -> (V, V) {
        let ([a, b, c, d], [p, q, r, s]) = (self.defects, self.maxima);
        let p = simd.select_less([p, q], q, p);
        let r = simd.select_less([r, s], s, r);
        let defects = simd.add(simd.add(a, b), simd.add(c, d));
        (defects, simd.select_less([p, r], r, p))
    }
}
