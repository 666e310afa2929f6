//! teeter itself.

use teeter::factor::{cholesky_in_place, symmetric_eigen, symmetric_eigen_scratch_len};
use teeter::krylov::{LanczosOptions, Which, extremal_eigenpair, extremal_eigenpair_scratch_len};
use teeter::matrix::{MatMut, MatRef, gemm, gemv, ger};
use teeter::operator::Dense;
use teeter::{Error, Float, Machine, vector};

use crate::buffer::Buffer;
use crate::case::{Case, Layout, Operation, Shape, lanczos_tolerance};
use crate::peer::{Peer, Task, factor_answer, on, pair_answer, task};

mod triangular;

/// teeter on one machine.
#[derive(Clone, Copy, Debug)]
pub struct Teeter(
    /// The machine it runs on.
    pub Machine,
);

/// What a refusal would mean here.
const FITS: &str = "the buffers of a case have the lengths of its shape";

/// Vectors kept by Lanczos before a restart: the library's own advice for one pair.
const KRYLOV_DIM: usize = 20;

/// Products that Lanczos may spend; it needs about twenty.
const PRODUCT_MAX: usize = 400;

impl<T: Float> Peer<T> for Teeter {
    fn name(&self) -> &'static str {
        if self.0.is_fused() { "teeter fused" } else { "teeter" }
    }

    fn task(&self, case: &Case<T>) -> Option<Box<dyn Task>> {
        let m = self.0;
        match case.shape.operation {
            Operation::Dot => on(
                case,
                move |s| s.value = vector::dot(m, &s.x, &s.y).expect(FITS),
                |s| vec![s.value.to_f64()],
            ),
            Operation::Axpy => on(
                case,
                move |s| vector::axpy(m, s.alpha, &s.x, &mut s.y).expect(FITS),
                |s| s.y.to_f64(),
            ),
            Operation::Norm2 => {
                on(case, move |s| s.value = vector::norm2(m, &s.x), |s| vec![s.value.to_f64()])
            }
            Operation::Exp => on(
                case,
                move |s| {
                    s.y.copy_from_slice(&s.x);
                    vector::exp_in_place(m, &mut s.y);
                },
                |s| s.y.to_f64(),
            ),
            Operation::Tanh => on(
                case,
                move |s| {
                    s.y.copy_from_slice(&s.x);
                    vector::tanh_in_place(m, &mut s.y);
                },
                |s| s.y.to_f64(),
            ),
            Operation::Gemv | Operation::GemvT => {
                on(case, move |s| product(m, s).expect(FITS), |s| s.y.to_f64())
            }
            Operation::Ger => on(case, move |s| update(m, s).expect(FITS), |s| s.a.to_f64()),
            Operation::Gemm | Operation::GemmTn | Operation::GemmNt => {
                on(case, move |s| multiply(m, s).expect(FITS), |s| s.c.to_f64())
            }
            Operation::Syrk => triangular::products(m, case),
            Operation::Trsm => triangular::solves(m, case),
            Operation::Ldlt => triangular::ldlt(m, case),
            Operation::Lu => triangular::lu(m, case),
            Operation::Qr => triangular::qr(m, case),
            Operation::Cholesky => {
                on(case, move |s| factor(m, s).expect("A is positive definite"), |s| s.c.to_f64())
            }
            Operation::SymmetricEigen => eigen(m, case),
            Operation::Lanczos => lanczos(m, case),
        }
    }
}

/// A view of a square matrix in the layout of the case.
#[inline(always)]
fn view<T>(layout: Layout, data: &[T], n: usize) -> Result<MatRef<'_, T>, Error> {
    if layout == Layout::Row {
        MatRef::row_major(data, n, n)
    } else {
        MatRef::col_major(data, n, n)
    }
}

/// The same, to write.
#[inline(always)]
fn view_mut<T>(layout: Layout, data: &mut [T], n: usize) -> Result<MatMut<'_, T>, Error> {
    if layout == Layout::Row {
        MatMut::row_major(data, n, n)
    } else {
        MatMut::col_major(data, n, n)
    }
}

/// A, or Aᵀ where the operation wants it.
#[inline(always)]
fn left<T>(shape: Shape, data: &[T]) -> Result<MatRef<'_, T>, Error> {
    let a = view(shape.layout, data, shape.n)?;
    Ok(if shape.operation.transposes_a() { a.t() } else { a })
}

/// B, or Bᵀ where the operation wants it.
#[inline(always)]
fn right<T>(shape: Shape, data: &[T]) -> Result<MatRef<'_, T>, Error> {
    let b = view(shape.layout, data, shape.n)?;
    Ok(if shape.operation.transposes_b() { b.t() } else { b })
}

fn product<T: Float>(m: Machine, s: &mut Case<T>) -> Result<(), Error> {
    gemv(m, T::ONE, left(s.shape, &s.a)?, &s.x, T::ZERO, &mut s.y)
}

fn update<T: Float>(m: Machine, s: &mut Case<T>) -> Result<(), Error> {
    ger(m, s.alpha, &s.x, &s.y, view_mut(s.shape.layout, &mut s.a, s.shape.n)?)
}

fn multiply<T: Float>(m: Machine, s: &mut Case<T>) -> Result<(), Error> {
    let (layout, n) = (s.shape.layout, s.shape.n);
    let (a, b) = (left(s.shape, &s.a)?, right(s.shape, &s.b)?);
    gemm(m, T::ONE, a, b, T::ZERO, view_mut(layout, &mut s.c, n)?)
}

fn factor<T: Float>(m: Machine, s: &mut Case<T>) -> Result<(), Error> {
    s.c.copy_from_slice(&s.a);
    cholesky_in_place(m, view_mut(s.shape.layout, &mut s.c, s.shape.n)?)
}

fn eigen<T: Float>(m: Machine, case: &Case<T>) -> Option<Box<dyn Task>> {
    let n = case.shape.n;
    let scratch = Buffer::zeros(symmetric_eigen_scratch_len(n));
    task(
        (case.clone(), scratch),
        move |(s, scratch)| {
            s.c.copy_from_slice(&s.a);
            let a = view_mut(s.shape.layout, &mut s.c, n).expect(FITS);
            symmetric_eigen(m, a, &mut s.y, scratch).expect("implicit QL converges");
        },
        |(s, _)| {
            // The vectors by columns, however they lie.
            let mut answer = s.y.to_f64();
            answer.extend(factor_answer(s.shape, &s.c.to_f64()));
            answer
        },
    )
}

fn lanczos<T: Float>(m: Machine, case: &Case<T>) -> Option<Box<dyn Task>> {
    let n = case.shape.n;
    let options = LanczosOptions {
        which: Which::LargestAlgebraic,
        krylov_dim: KRYLOV_DIM,
        product_max: PRODUCT_MAX,
        tolerance: lanczos_tolerance(),
    };
    let scratch = Buffer::zeros(extremal_eigenpair_scratch_len(n, KRYLOV_DIM));
    task(
        (case.clone(), scratch),
        move |(s, scratch)| {
            s.y.copy_from_slice(&s.x);
            let a = MatRef::col_major(&s.a, n, n).expect(FITS);
            let mut a = Dense::new(m, a).expect(FITS);
            let pair = extremal_eigenpair(m, &mut a, &options, &mut s.y, scratch);
            s.value = pair.expect("the operator is finite").value;
        },
        |(s, _)| pair_answer(s),
    )
}
