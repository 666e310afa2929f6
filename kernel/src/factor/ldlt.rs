//! The LDLᵀ factorization without pivoting.

use crate::check;
use crate::error::Error;
use crate::factor::input::{Part, largest_finite, pivots_not_zero};
use crate::factor::triangular::{BLOCK, Block, solve};
use crate::float::Float;
use crate::matrix::{Diagonal, MatMut, MatRef, Triangle, gemm};
use crate::simd::{
    AddScaled, Divided, Elementwise, Machine, Operation, Simd, Window, WindowMut, apply, renew,
};

/// Which pivots are changed, and to what: dynamic regularization.
///
/// Lengths are relative to max|aᵢⱼ|, so that the scale of A does not matter.
#[derive(Clone, Copy, Debug)]
pub struct LdltRegularization<'a, T> {
    /// The sign each pivot must have: positive, negative, or 0 if either will do. n numbers, or
    /// none where either will do for all.
    pub signs: &'a [i8],
    /// A pivot that exceeds this with the right sign is left alone; in [0, 1].
    pub epsilon: T,
    /// Another one becomes this with the right sign, its own if either will do; in [0, 1].
    pub delta: T,
}

/// A = LDLᵀ for symmetric A that needs no pivoting: D on the diagonal of A, L below it without its
/// ones. Returns how many pivots were changed.
///
/// For quasi-definite A, [[H, Bᵀ], [B, −G]] with H and G positive definite, in any symmetric order, and
/// for definite A: there the factorization exists for every order (Vanderbei 1995), and the order
/// that the caller chose, for sparsity or because blocks mean something, is kept. It is stable
/// if ‖B‖ is not large against H and G (Gill, Saunders, Shinnerl 1996). Other indefinite matrices need
/// pivoting ([[0, 1], [1, 0]] has no LDLᵀ with diagonal D): `ldlt_pivoted_in_place` factors them.
///
/// # Shapes
/// `a`: n × n, any strides. The part above the diagonal is neither read nor written.
///
/// # Method
/// Left-looking in blocks of 16 columns, like Cholesky without roots. With `regularization` a pivot
/// that is too small or has the wrong sign is replaced, and the factors are those of A plus a
/// diagonal matrix with as many entries as are counted; iterative refinement with A itself then
/// restores the solution.
///
/// # Accuracy
/// |A − L̂D̂L̂ᵀ| ≤ γₙ₊₁|L̂||D̂||L̂ᵀ| per element (but on the diagonal where a pivot was changed), barring
/// over- and underflow: small if |L̂||D̂||L̂ᵀ| is, which the caller's choice of A must see to. Strict: the same
/// bits on every machine and in every layout; fused machines fuse products with finished blocks
/// and the substitutions.
///
/// # Errors
/// `Error::Length` if a length does not fit, `Error::Range` if `regularization.epsilon` or `delta` is
/// not within [0, 1], `Error::NotFinite` with the first row that is not finite: nothing is changed then.
/// `Error::Pivot` with its index if a pivot is 0, `Error::NotFinite` if one is not finite: columns before
/// it then hold the factors, the rest of the lower triangle is unspecified.
///
/// # Cost
/// n³/3 flops, no roots; 4 KiB of stack for f64, beside `gemm`'s.
///
/// # Source
/// Vanderbei 1995, doi:10.1137/0805005; Gill, Saunders, Shinnerl 1996, doi:10.1137/S0895479893249277;
/// Higham 2002, Lemma 8.4, for the bound.
#[doc(alias = "dsytrf")]
pub fn ldlt_in_place<T: Float>(
    machine: Machine,
    a: MatMut<'_, T>,
    regularization: Option<LdltRegularization<'_, T>>,
) -> Result<usize, Error> {
    let (n, mut a) = (a.rows(), a);
    check::same_len("a.cols", n, a.cols())?;
    if let Some(LdltRegularization { signs, epsilon, delta }) = regularization {
        if !signs.is_empty() {
            check::same_len("regularization.signs", n, signs.len())?;
        }
        check::in_range("regularization.epsilon", epsilon, 0.0, 1.0)?;
        check::in_range("regularization.delta", delta, 0.0, 1.0)?;
    }
    let largest = largest_finite(machine, "a", Part::Lower, a.rb())?;
    let rule = Rule { regularization, largest };
    let mut changed = 0;
    for start in (0..n).step_by(BLOCK) {
        let size = BLOCK.min(n - start);
        let (left, right) = a.rb_mut().split_at_col(start)?;
        let below = right.sub([start, 0], [n - start, size])?;
        let (mut diagonal, mut panel) = below.split_at_row(size)?;
        let mut block = gather(diagonal.rb());
        for done in (0..start).step_by(BLOCK) {
            let rows = left.rb().sub([start, done], [n - start, BLOCK])?;
            let scaled = scale_by_pivots(left.rb(), [start, done], size);
            let scaled = MatRef::col_major(scaled.as_flattened(), BLOCK, BLOCK)?;
            let scaled = scaled.sub([0, 0], [BLOCK, size])?;
            let (above, beside) =
                (rows.sub([0, 0], [size, BLOCK])?, rows.sub([size, 0], [n - start - size, BLOCK])?);
            let target = MatMut::col_major(block.as_flattened_mut(), BLOCK, BLOCK)?;
            let target = target.sub([0, 0], [size, size])?;
            gemm(machine, -T::ONE, above, scaled, T::ONE, target)?;
            gemm(machine, -T::ONE, beside, scaled, T::ONE, panel.rb_mut())?;
        }
        changed += factor_block(machine, &mut block, &mut diagonal, (start, &rule))?;
        let unit = MatRef::col_major(block.as_flattened(), BLOCK, BLOCK)?;
        let unit = unit.sub([0, 0], [size, size])?;
        solve(machine, (Triangle::Lower, Diagonal::Unit), unit, panel.rb_mut().t())?;
        divide_columns(machine, panel, diagonal.rb());
    }
    Ok(changed)
}

/// The lower triangle of a block on the diagonal.
fn gather<T: Float>(diagonal: MatRef<'_, T>) -> Block<T> {
    let mut block = [[T::ZERO; BLOCK]; BLOCK];
    for (j, column) in block.iter_mut().enumerate().take(diagonal.cols()) {
        for (i, element) in column.iter_mut().enumerate().take(diagonal.rows()).skip(j) {
            *element = diagonal.get(i, j).unwrap_or(T::ZERO);
        }
    }
    block
}

/// D·Lᵀ for 16 finished columns of L from `done` on and the rows `start..start + size` of L.
fn scale_by_pivots<T: Float>(
    left: MatRef<'_, T>,
    [start, done]: [usize; 2],
    size: usize,
) -> Block<T> {
    let (mut scaled, mut pivots) = ([[T::ZERO; BLOCK]; BLOCK], [T::ZERO; BLOCK]);
    for (k, pivot) in pivots.iter_mut().enumerate() {
        *pivot = left.get(done + k, done + k).unwrap_or(T::ZERO);
    }
    for (j, column) in scaled.iter_mut().enumerate().take(size) {
        for (k, (element, &pivot)) in column.iter_mut().zip(&pivots).enumerate() {
            *element = pivot * left.get(start + j, done + k).unwrap_or(T::ZERO);
        }
    }
    scaled
}

/// What becomes of a pivot.
struct Rule<'a, T> {
    regularization: Option<LdltRegularization<'a, T>>,
    largest: T,
}

impl<T: Float> Rule<'_, T> {
    /// The pivot to use, and whether it is another one.
    fn judge(&self, index: usize, pivot: T) -> Result<(T, usize), Error> {
        if !pivot.is_finite() {
            return Err(Error::NotFinite { argument: "a", index });
        }
        let (mut pivot, mut changed) = (pivot, 0);
        if let Some(LdltRegularization { signs, epsilon, delta }) = self.regularization {
            let unit = if self.largest == T::ZERO { T::ONE } else { self.largest };
            let sign = match signs.get(index).copied().unwrap_or(0) {
                1.. => T::ONE,
                0 => T::ONE.copysign(pivot),
                _ => -T::ONE,
            };
            if sign * pivot <= epsilon * unit {
                (pivot, changed) = (sign * (delta * unit), 1);
            }
        }
        if pivot == T::ZERO {
            return Err(Error::Pivot { index, value: pivot.to_f64() });
        }
        Ok((pivot, changed))
    }
}

/// Factors the block on the diagonal, and writes its lower triangle.
fn factor_block<T: Float>(
    machine: Machine,
    block: &mut Block<T>,
    diagonal: &mut MatMut<'_, T>,
    (start, rule): (usize, &Rule<'_, T>),
) -> Result<usize, Error> {
    let size = diagonal.rows();
    let done = machine.strict().run(FactorBlock { block, size, start, rule });
    for (j, column) in block.iter().enumerate().take(size) {
        for (i, &element) in column.iter().enumerate().take(size).skip(j) {
            let _ = diagonal.set(i, j, element);
        }
    }
    done
}

/// L with D on its diagonal over the first `size` rows and columns of a block.
struct FactorBlock<'a, T> {
    block: &'a mut Block<T>,
    size: usize,
    start: usize,
    rule: &'a Rule<'a, T>,
}

impl<T: Float> Operation<T> for FactorBlock<'_, T> {
    type Output = Result<usize, Error>;

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) -> Result<usize, Error> {
        let Self { block, size, start, rule } = self;
        let mut count = 0;
        for k in 0..size {
            let Some([column, later @ ..]) = block.get_mut(k..size) else { break };
            let pivot = column.get(k).copied().unwrap_or(T::NAN);
            let (pivot, changed) = rule.judge(start + k, pivot)?;
            count += changed;
            let unscaled = *column;
            // What stands above the diagonal is garbage throughout.
            renew(simd, column, Divided(pivot));
            if let Some(element) = column.get_mut(k) {
                *element = pivot;
            }
            for (target, &factor) in later.iter_mut().zip(column.iter().skip(k + 1)) {
                apply(simd, &unscaled, target, AddScaled(-factor));
            }
        }
        Ok(count)
    }
}

/// Column j divided by pivot j.
fn divide_columns<T: Float>(machine: Machine, panel: MatMut<'_, T>, pivots: MatRef<'_, T>) {
    machine.run(DivideColumns { panel: panel.window(), pivots: pivots.window() });
}

struct DivideColumns<'a, T> {
    panel: WindowMut<'a, T>,
    pivots: Window<'a, T>,
}

impl<T: Float> Operation<T> for DivideColumns<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { mut panel, pivots } = self;
        if panel.col_stride != 1 {
            for j in 0..panel.cols {
                let pivot = pivots.get(j, j).unwrap_or(T::ONE);
                if let Some(column) = panel.column(j) {
                    renew(simd, column, Divided(pivot));
                    continue;
                }
                for i in 0..panel.rows {
                    let x = panel.rb().get(i, j).unwrap_or(T::ZERO);
                    let _ = panel.set(i, j, x / pivot);
                }
            }
            return;
        }
        for start in (0..panel.cols).step_by(BLOCK) {
            let mut divisors = [T::ONE; BLOCK];
            for (j, divisor) in divisors.iter_mut().enumerate() {
                *divisor = pivots.get(start + j, start + j).unwrap_or(T::ONE);
            }
            for i in 0..panel.rows {
                if let Some(row) = panel.row(i).and_then(|row| row.get_mut(start..)) {
                    apply(simd, &divisors, row, DividedBy);
                }
            }
        }
    }
}

/// fl(x/divisor), one divisor for each element.
#[derive(Clone, Copy)]
struct DividedBy;

impl<T: Float> Elementwise<T> for DividedBy {
    #[inline(always)]
    fn lanes<S: Simd<T>>(self, simd: S, divisor: S::V, x: S::V) -> S::V {
        simd.div(x, divisor)
    }
}

/// B ← A⁻¹B, from A = LDLᵀ.
///
/// # Shapes
/// `ld`: n × n, as [`ldlt_in_place`] leaves it; the part above the diagonal is not read. `b`: n × p, any
/// strides; a vector is a matrix of one column.
///
/// # Accuracy
/// Each computed column x solves (A + E)x = b with |E| ≤ γ₃ₙ₊₂|L̂||D̂||L̂ᵀ|, A the matrix whose factors they
/// are, barring over- and underflow. Strict: the same bits on every machine and in every layout. NaN
/// and infinity in `b` propagate.
///
/// # Errors
/// `Error::Length` if a length does not fit, `Error::Pivot` if a pivot is zero or NaN; `b` is untouched then.
///
/// # Cost
/// 2n²p flops.
///
/// # Source
/// Higham 2002, Theorem 8.5 for each factor.
#[doc(alias = "dsytrs")]
pub fn ldlt_solve<T: Float>(
    machine: Machine,
    ld: MatRef<'_, T>,
    b: MatMut<'_, T>,
) -> Result<(), Error> {
    check::same_len("ld.cols", ld.rows(), ld.cols())?;
    check::same_len("b.rows", ld.rows(), b.rows())?;
    pivots_not_zero(ld)?;
    let mut b = b;
    solve(machine, (Triangle::Lower, Diagonal::Unit), ld, b.rb_mut())?;
    divide_columns(machine, b.rb_mut().t(), ld);
    solve(machine, (Triangle::Upper, Diagonal::Unit), ld.t(), b)
}
