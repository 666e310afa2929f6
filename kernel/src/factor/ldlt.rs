//! The LDLᵀ factorization without pivoting.

use crate::check;
use crate::error::Error;
use crate::factor::cholesky::refused;
use crate::factor::cholesky_panel::BadPivot;
use crate::factor::input::{Part, largest_finite, pivots_not_zero};
use crate::factor::ldlt_panel::{Factored, PANEL, Panel};
use crate::factor::regularization::{LdltRegularization, Rule};
use crate::factor::triangular::{BLOCK, solve};
use crate::factor::{ldlt_plain, small};
use crate::fixed::Pivot;
use crate::float::Float;
use crate::matrix::strip::Memory;
use crate::matrix::{Diagonal, MatMut, MatRef, Triangle, gemm};
use crate::simd::{
    Divided, Elementwise, Machine, Operation, PANEL_COLUMNS, PanelBuffer, SMALL_COLUMNS, Simd,
    SmallBuffer, WideBuffer, Window, WindowMut, apply, renew,
};

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
/// Left-looking, a strip of rows at a time, like Cholesky without roots: packed once, tiles of it hold C = LD and
/// subtract CLᵀ in registers. Beyond 256 columns panels of so many, the products with earlier panels by `gemm`.
/// With `regularization` a pivot that is too small or has the wrong sign is replaced, and the factors
/// are those of A plus a diagonal matrix with as many entries as are counted; iterative refinement
/// with A itself then restores the solution. For n ≤ 8 (on x86-64 and AArch64) by code that knows n. On the portable
/// machine, which microcontrollers have, in place, column by column.
///
/// # Accuracy
/// cᵢⱼ is one chain from aᵢⱼ: − cᵢₖ·lⱼₖ for k = 0, …, j − 1, with fl(lᵢₖ·dₖ) for cᵢₖ where k is in an earlier panel of
/// 256 columns; then dⱼ = cⱼⱼ, and below it lᵢⱼ = fl(cᵢⱼ·fl(1/dⱼ)), both scaled by a power of two where 1/dⱼ is not
/// normal. |A − L̂D̂L̂ᵀ| ≤ γₙ₊₁|L̂||D̂||L̂ᵀ| per element (but on the diagonal where a pivot was changed), barring over-
/// and underflow: small if |L̂||D̂||L̂ᵀ| is, which the caller's choice of A must see to. Strict gives the same bits on
/// every machine and in every layout, Fused (one rounding per multiply-add, but none
/// for n ≤ 8) on every fused one.
///
/// # Errors
/// `Error::Length` if a length does not fit, `Error::Range` if `regularization.epsilon` or `delta` is
/// not within [0, 1], `Error::NotFinite` with the first row that is not finite: nothing is changed then.
/// `Error::Pivot` with its index if a pivot is 0, `Error::NotFinite` if one is not finite: the rows before
/// it then hold the factors, the rest of the lower triangle is unspecified.
///
/// # Cost
/// n³/3 flops, n divisions, no roots; 60 KiB of stack on x86-64 beyond n = 32 (12 KiB before); `gemm`'s and 16 KiB beside for
/// more than one panel; on microcontrollers less than 1 KiB (`docs/SIZES.md`).
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
    if let Some(changed) = small::ldlt(a.rb_mut().window(), regularization) {
        return Ok(changed);
    }
    let machine = small::same_arithmetic(machine, n);
    let largest = largest_finite(machine, "a", Part::Lower, a.rb())?;
    let rule = Rule::new(regularization, largest);
    if machine.is_portable() {
        let done = ldlt_plain::factor(a.window(), &rule).ok_or(check::refused("a", n))?;
        return done.map_err(|bad| refused(0, bad));
    }
    let mut changed = 0;
    for start in (0..n).step_by(PANEL) {
        let size = PANEL.min(n - start);
        let (left, right) = a.rb_mut().split_at_col(start)?;
        let mut panel = right.sub([start, 0], [n - start, size])?;
        if start > 0 {
            subtract_earlier(machine, left.rb(), start, &mut panel)?;
        }
        let rule = rule.at_pivot(start);
        let done = factor_panel(machine, panel.window(), &rule);
        let done = done.ok_or(check::refused("a", n))?;
        changed += done.map_err(|bad| refused(start, bad))?;
    }
    Ok(changed)
}

/// Rows and columns of a piece of LD.
const PIECE: usize = 32;

/// Subtracts the products of earlier panels, fl(l·d)·l, from the panel that begins at `start`: from the lower
/// triangle of its upper rows, and from what is below. Apart: its blocks would stand in the frame of every call.
#[inline(never)]
fn subtract_earlier<T: Float>(
    machine: Machine,
    left: MatRef<'_, T>,
    start: usize,
    panel: &mut MatMut<'_, T>,
) -> Result<(), Error> {
    let (rows, cols) = (panel.rows(), panel.cols());
    for row in (0..rows).step_by(PIECE) {
        let height = PIECE.min(rows - row);
        let mut here = panel.rb_mut().sub([row, 0], [height, cols])?;
        let own = PIECE.min(cols.saturating_sub(row));
        let mut block = gather(here.rb().sub([0, row.min(cols)], [own.min(height), own])?);
        for done in (0..start).step_by(PIECE) {
            let scaled = scale_by_pivots(left, [start + row, done], height);
            let scaled = MatRef::col_major(scaled.as_flattened(), PIECE, PIECE)?;
            let scaled = scaled.sub([0, 0], [height, PIECE])?;
            let beside = left.sub([start, done], [row.min(cols), PIECE])?;
            let target = here.rb_mut().sub([0, 0], [height, row.min(cols)])?;
            gemm(machine, -T::ONE, scaled, beside.t(), T::ONE, target)?;
            let across = left.sub([start + row.min(cols), done], [own, PIECE])?;
            let target = MatMut::col_major(block.as_flattened_mut(), PIECE, PIECE)?;
            let target = target.sub([0, 0], [own.min(height), own])?;
            let scaled = scaled.sub([0, 0], [own.min(height), PIECE])?;
            gemm(machine, -T::ONE, scaled, across.t(), T::ONE, target)?;
        }
        for (j, column) in block.iter().enumerate().take(own) {
            for (i, &element) in column.iter().enumerate().take(own.min(height)).skip(j) {
                let _ = here.set(i, row + j, element);
            }
        }
    }
    Ok(())
}

/// A piece of a matrix on the stack, column by column.
type Piece<T> = [[T; PIECE]; PIECE];

/// The lower triangle of a block on the diagonal.
fn gather<T: Float>(diagonal: MatRef<'_, T>) -> Piece<T> {
    let mut block = [[T::ZERO; PIECE]; PIECE];
    for (j, column) in block.iter_mut().enumerate().take(diagonal.cols()) {
        for (i, element) in column.iter_mut().enumerate().take(diagonal.rows()).skip(j) {
            *element = diagonal.get(i, j).unwrap_or(T::ZERO);
        }
    }
    block
}

/// fl(l·d) for the rows of L from `row` on and its columns from `done` on.
fn scale_by_pivots<T: Float>(
    left: MatRef<'_, T>,
    [row, done]: [usize; 2],
    height: usize,
) -> Piece<T> {
    let mut scaled = [[T::ZERO; PIECE]; PIECE];
    for (k, column) in scaled.iter_mut().enumerate() {
        let pivot = left.get(done + k, done + k).unwrap_or(T::ZERO);
        for (i, element) in column.iter_mut().enumerate().take(height) {
            *element = left.get(row + i, done + k).unwrap_or(T::ZERO) * pivot;
        }
    }
    scaled
}

/// Compiled here, once for each format.
fn factor_panel<T: Float>(
    machine: Machine,
    panel: WindowMut<'_, T>,
    rule: &Rule<'_, T>,
) -> Option<Factored<T>> {
    Some(if T::BITS == 64 {
        factor_f64(machine, &mut panel.cast()?, &rule.cast())?.map_err(BadPivot::cast)
    } else {
        factor_f32(machine, &mut panel.cast()?, &rule.cast())?.map_err(BadPivot::cast)
    })
}

#[inline(never)]
fn factor_f64(
    machine: Machine,
    a: &mut WindowMut<'_, f64>,
    rule: &Rule<'_, f64>,
) -> Option<Factored<f64>> {
    factor(machine, a, rule)
}

#[inline(never)]
fn factor_f32(
    machine: Machine,
    a: &mut WindowMut<'_, f32>,
    rule: &Rule<'_, f32>,
) -> Option<Factored<f32>> {
    factor(machine, a, rule)
}

/// With as much memory as the panel needs.
#[inline(always)]
fn factor<T: Float>(
    machine: Machine,
    a: &mut WindowMut<'_, T>,
    rule: &Rule<'_, T>,
) -> Option<Factored<T>> {
    if a.cols <= SMALL_COLUMNS {
        let (mut strip, mut pivots) = (SmallBuffer::new(), [Pivot::ONE; SMALL_COLUMNS]);
        let memory = Memory::Small(&mut strip);
        return machine.run(Panel { a, memory, pivots: &mut pivots, rule });
    }
    if a.cols <= PANEL_COLUMNS {
        return with_panel_memory(a, rule, |panel| machine.run(panel));
    }
    with_wide_memory(a, rule, |panel| machine.run(panel))
}

/// Apart, because a small matrix feels a frame of this size.
#[inline(never)]
fn with_panel_memory<'a, T: Float>(
    a: &mut WindowMut<'a, T>,
    rule: &Rule<'_, T>,
    run: impl for<'b> FnOnce(Panel<'b, 'a, T>) -> Option<Factored<T>>,
) -> Option<Factored<T>> {
    let (mut strip, mut pivots) = (PanelBuffer::new(), [Pivot::ONE; PANEL_COLUMNS]);
    run(Panel { a, memory: Memory::Large(&mut strip), pivots: &mut pivots, rule })
}

/// For panels wider than those of other factorizations, which microcontrollers know.
#[inline(never)]
fn with_wide_memory<'a, T: Float>(
    a: &mut WindowMut<'a, T>,
    rule: &Rule<'_, T>,
    run: impl for<'b> FnOnce(Panel<'b, 'a, T>) -> Option<Factored<T>>,
) -> Option<Factored<T>> {
    let (mut strip, mut pivots) = (WideBuffer::new(), [Pivot::ONE; PANEL]);
    run(Panel { a, memory: Memory::Wide(&mut strip), pivots: &mut pivots, rule })
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
