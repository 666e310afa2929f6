//! The Cholesky factorization.

use crate::check;
use crate::error::Error;
use crate::float::Float;
use crate::matrix::{Diagonal, MatMut, MatRef, Triangle, gemm, trsv};
use crate::simd::{Machine, Operation, Simd, WindowMut};

/// Columns factored at a time. A constant of the algorithm: on a fused machine the products
/// with earlier blocks fuse and those within a block do not.
const BLOCK: usize = 16;

/// The block of the diagonal, column by column; padded with the identity.
type Block<T> = [[T; BLOCK]; BLOCK];

/// A = LLᵀ for symmetric positive definite A: L over the lower triangle of A.
///
/// # Shapes
/// `a`: n × n, any strides. The part above the diagonal is neither read nor written.
///
/// # Method
/// Left-looking in blocks of 16 columns: the products with the finished columns by `gemm`,
/// the 16 × 16 block on the stack, the panel below it by substitution in registers.
///
/// # Accuracy
/// |A − L̂L̂ᵀ| ≤ γₙ₊₁ |L̂||L̂ᵀ| per element, barring over- and underflow. It succeeds for every A with
/// λ_min(DAD) > nγₙ₊₁/(1 − γₙ₊₁), D = diag(aᵢᵢ)^(−½). Strict: the same bits on every machine and in
/// every layout.
///
/// # Errors
/// `Error::Length` if `a` is not square. `Error::Pivot` with its index and value if a pivot is
/// not positive, `Error::NotFinite` if it is not finite: columns before it then hold L, the
/// rest of the lower triangle is unspecified.
///
/// # Cost
/// n³/3 flops, n square roots; 2 KiB of stack for f64, beside `gemm`'s.
///
/// # Source
/// Higham 2002, Theorems 10.3 and 10.7.
#[doc(alias = "dpotrf")]
pub fn cholesky_in_place<T: Float>(machine: Machine, a: MatMut<'_, T>) -> Result<(), Error> {
    let n = a.rows();
    check::same_len("a.cols", n, a.cols())?;
    let mut a = a;
    for start in (0..n).step_by(BLOCK) {
        let size = BLOCK.min(n - start);
        let (left, right) = a.rb_mut().split_at_col(start)?;
        let left = left.rb().sub([start, 0], [n - start, start])?;
        let (above, below) = right.sub([start, 0], [n - start, size])?.split_at_row(size)?;
        let finished = left.sub([0, 0], [size, start])?;

        let mut diagonal = above;
        let block = factor_block(machine, finished, &mut diagonal, start)?;
        if below.rows() > 0 {
            let mut panel = below;
            let beside = left.sub([size, 0], [panel.rows(), start])?;
            gemm(machine, -T::ONE, beside, finished.t(), T::ONE, panel.rb_mut())?;
            machine.strict().run(SolvePanel { block: &block, panel: panel.window() });
        }
    }
    Ok(())
}

/// Updates the block on the diagonal by the finished columns, factors it, writes its lower
/// triangle back.
fn factor_block<T: Float>(
    machine: Machine,
    finished: MatRef<'_, T>,
    diagonal: &mut MatMut<'_, T>,
    start: usize,
) -> Result<Block<T>, Error> {
    let size = diagonal.rows();
    let mut block = [[T::ZERO; BLOCK]; BLOCK];
    for (j, column) in block.iter_mut().enumerate() {
        for (i, element) in column.iter_mut().enumerate().skip(j) {
            let padding = if i == j { T::ONE } else { T::ZERO };
            *element = diagonal.get(i, j).unwrap_or(padding);
        }
    }
    let view = MatMut::col_major(block.as_flattened_mut(), BLOCK, BLOCK)?;
    gemm(machine, -T::ONE, finished, finished.t(), T::ONE, view.sub([0, 0], [size, size])?)?;

    for k in 0..size {
        let Some([column, later @ ..]) = block.get_mut(k..) else { break };
        let pivot = column.get(k).copied().unwrap_or(T::NAN);
        if !pivot.is_finite() {
            return Err(Error::NotFinite { argument: "a", index: start + k });
        }
        if pivot <= T::ZERO {
            return Err(Error::Pivot { index: start + k, value: pivot.to_f64() });
        }
        let root = pivot.sqrt();
        for (i, element) in column.iter_mut().enumerate().skip(k) {
            *element = if i == k { root } else { *element / root };
            let _ = diagonal.set(i, k, *element);
        }
        for (target, &factor) in later.iter_mut().zip(column.iter().skip(k + 1)) {
            for (element, &l) in target.iter_mut().zip(column.iter()) {
                *element -= l * factor;
            }
        }
    }
    Ok(block)
}

/// P ← P·D⁻ᵀ for the factored block D: a vector of rows at a time, in registers.
struct SolvePanel<'a, T> {
    block: &'a Block<T>,
    panel: WindowMut<'a, T>,
}

impl<T: Float> Operation<T> for SolvePanel<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd<T>>(self, simd: S) {
        let Self { block, mut panel } = self;
        for row in (0..panel.rows).step_by(S::WIDTH) {
            let rows = S::WIDTH.min(panel.rows - row);
            let mut solved = [simd.splat(T::ZERO); BLOCK];
            for j in 0..panel.cols.min(BLOCK) {
                let Some((done, [target, ..])) = solved.split_at_mut_checked(j) else { return };
                let mut x = read_lanes(simd, &panel, (row, rows), j);
                for (k, &earlier) in done.iter().enumerate() {
                    x = simd.sub(x, simd.mul(earlier, simd.splat(element(block, j, k))));
                }
                *target = simd.div(x, simd.splat(element(block, j, j)));
            }
            for (j, &x) in solved.iter().enumerate().take(panel.cols) {
                write_lanes(simd, &mut panel, (row, rows), j, x);
            }
        }
    }
}

/// Element (i, j) of the block.
#[inline(always)]
fn element<T: Float>(block: &Block<T>, i: usize, j: usize) -> T {
    block.get(j).and_then(|column| column.get(i)).copied().unwrap_or(T::ONE)
}

/// Lanes of the widest machine: 512 bits of f32.
const LANES_MAX: usize = 16;

/// Rows `row..row + rows` of column j as lanes, whatever the strides.
#[inline(always)]
fn read_lanes<T: Float, S: Simd<T>>(
    simd: S,
    panel: &WindowMut<'_, T>,
    (row, rows): (usize, usize),
    j: usize,
) -> S::V {
    if let Some(column) = panel.rb().column(j) {
        return simd.load(column.get(row..row + rows).unwrap_or(&[]));
    }
    let mut lanes = [T::ZERO; LANES_MAX];
    for (i, lane) in lanes.iter_mut().enumerate().take(rows) {
        *lane = panel.rb().get(row + i, j).unwrap_or(T::ZERO);
    }
    simd.load(&lanes)
}

/// The reverse of [`read_lanes`].
#[inline(always)]
fn write_lanes<T: Float, S: Simd<T>>(
    simd: S,
    panel: &mut WindowMut<'_, T>,
    (row, rows): (usize, usize),
    j: usize,
    x: S::V,
) {
    if let Some(column) = panel.column(j) {
        simd.store(x, column.get_mut(row..row + rows).unwrap_or(&mut []));
        return;
    }
    let mut lanes = [T::ZERO; LANES_MAX];
    simd.store(x, &mut lanes);
    for (i, &lane) in lanes.iter().enumerate().take(rows) {
        let _ = panel.set(row + i, j, lane);
    }
}

/// x ← A⁻¹x, from the factor L of A = LLᵀ.
///
/// For many vectors call `cholesky_solve_matrix`.
///
/// # Shapes
/// `l`: n × n, any strides, as [`cholesky_in_place`] leaves it. `x`: n.
///
/// # Accuracy
/// The computed x solves (A + E)x = b with |E| ≤ γ₃ₙ₊₁ |L̂||L̂ᵀ|, barring over- and underflow. The same
/// bits on every machine; never fused. It adds in the order of `trsv`, which follows the layout of `l`,
/// and so rounds otherwise than `cholesky_solve_matrix`, which adds in the order of `trsm`, the same in
/// every layout: within the same bound, but not the same bits.
///
/// # Errors
/// `Error::Length` if a length does not fit, `Error::Pivot` if a diagonal element of `l` is
/// zero or NaN; `x` is untouched then.
///
/// # Cost
/// 2n² flops, no scratch.
///
/// # Source
/// Higham 2002, Theorem 10.4.
#[doc(alias = "dpotrs")]
pub fn cholesky_solve<T: Float>(
    machine: Machine,
    l: MatRef<'_, T>,
    x: &mut [T],
) -> Result<(), Error> {
    let l = l.triangular(Triangle::Lower, Diagonal::NonUnit);
    trsv(machine, l, x)?;
    trsv(machine, l.t(), x)
}
