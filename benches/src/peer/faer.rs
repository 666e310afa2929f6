//! faer, as its documents say is fastest: sequential, outputs and scratch lent.

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::matmul::dot::inner_prod;
use faer::linalg::matmul::matmul_with_conj;
use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::linalg::triangular_solve::solve_lower_triangular_in_place;
use faer::matrix_free::eigen::{
    PartialEigenParams, partial_self_adjoint_eigen, partial_self_adjoint_eigen_scratch,
};
use faer::traits::RealField;
use faer::{Accum, ColMut, ColRef, Conj, MatMut, MatRef, Par, RowRef};
use teeter::Float;

use crate::case::{Case, LARGEST_EIGENVALUE, Layout, Operation, Shape, lanczos_tolerance};
use crate::peer::{Peer, Task, lower_answer, on, pair_answer, task};

mod factor;

/// The crate faer, one thread.
#[derive(Clone, Copy, Debug)]
pub struct Faer;

/// Below this order faer's Lanczos panics: its smallest basis has 64 columns.
const KRYLOV_ORDER_MIN: usize = 65;

impl<T: Float + RealField> Peer<T> for Faer {
    fn name(&self) -> &'static str {
        "faer"
    }

    fn task(&self, case: &Case<T>) -> Option<Box<dyn Task>> {
        match case.shape.operation {
            Operation::Dot => on(case, dot, |s| vec![s.value.to_f64()]),
            Operation::Axpy => on(case, axpy, |s| s.y.to_f64()),
            Operation::Norm2 => on(
                case,
                |s| s.value = ColRef::from_slice(&s.x).norm_l2(),
                |s| vec![s.value.to_f64()],
            ),
            Operation::Exp | Operation::Tanh => None,
            Operation::Gemv | Operation::GemvT => on(case, product, |s| s.y.to_f64()),
            Operation::Ger => on(case, update, |s| s.a.to_f64()),
            Operation::Gemm | Operation::GemmTn | Operation::GemmNt => {
                on(case, multiply, |s| s.c.to_f64())
            }
            Operation::Syrk => on(case, square, lower_answer),
            Operation::Trsm => on(case, solve, |s| s.c.to_f64()),
            Operation::Cholesky => factor::cholesky(case),
            Operation::Ldlt => factor::ldlt(case),
            Operation::Lu => factor::lu(case),
            Operation::Qr => factor::qr(case),
            Operation::SymmetricEigen => factor::eigen(case),
            Operation::Lanczos => lanczos(case),
        }
    }
}

#[inline(always)]
fn view<T>(layout: Layout, data: &[T], n: usize) -> MatRef<'_, T> {
    if layout == Layout::Row {
        MatRef::from_row_major_slice(data, n, n)
    } else {
        MatRef::from_column_major_slice(data, n, n)
    }
}

#[inline(always)]
fn view_mut<T>(layout: Layout, data: &mut [T], n: usize) -> MatMut<'_, T> {
    if layout == Layout::Row {
        MatMut::from_row_major_slice_mut(data, n, n)
    } else {
        MatMut::from_column_major_slice_mut(data, n, n)
    }
}

/// C ← AB or C ← C + αAB.
#[inline(always)]
fn matmul<T: RealField>(
    c: MatMut<'_, T>,
    accum: Accum,
    a: MatRef<'_, T>,
    b: MatRef<'_, T>,
    alpha: T,
) {
    matmul_with_conj(c, accum, a, Conj::No, b, Conj::No, alpha, Par::Seq);
}

fn dot<T: Float + RealField>(s: &mut Case<T>) {
    let (x, y) = (RowRef::from_slice(&s.x), ColRef::from_slice(&s.y));
    s.value = inner_prod(x, Conj::No, y, Conj::No);
}

/// A product with a 1 × 1 matrix: it is vectorized for the machine at run time, which a
/// closure over `zip!` is not.
fn axpy<T: Float + RealField>(s: &mut Case<T>) {
    let alpha = [s.alpha];
    let (x, alpha) = (ColRef::from_slice(&s.x), ColRef::from_slice(&alpha));
    let y = ColMut::from_slice_mut(&mut s.y).as_mat_mut();
    matmul(y, Accum::Add, x.as_mat(), alpha.as_mat(), T::ONE);
}

/// A, or Aᵀ where the operation wants it.
#[inline(always)]
fn left<T>(shape: Shape, data: &[T]) -> MatRef<'_, T> {
    let a = view(shape.layout, data, shape.n);
    if shape.operation.transposes_a() { a.transpose() } else { a }
}

/// B, or Bᵀ where the operation wants it.
#[inline(always)]
fn right<T>(shape: Shape, data: &[T]) -> MatRef<'_, T> {
    let b = view(shape.layout, data, shape.n);
    if shape.operation.transposes_b() { b.transpose() } else { b }
}

fn product<T: Float + RealField>(s: &mut Case<T>) {
    let a = left(s.shape, &s.a);
    let x = ColRef::from_slice(&s.x).as_mat();
    let y = ColMut::from_slice_mut(&mut s.y).as_mat_mut();
    matmul(y, Accum::Replace, a, x, T::ONE);
}

fn update<T: Float + RealField>(s: &mut Case<T>) {
    let (x, y) = (ColRef::from_slice(&s.x), RowRef::from_slice(&s.y));
    let a = view_mut(s.shape.layout, &mut s.a, s.shape.n);
    matmul(a, Accum::Add, x.as_mat(), y.as_mat(), s.alpha);
}

fn multiply<T: Float + RealField>(s: &mut Case<T>) {
    let (layout, n) = (s.shape.layout, s.shape.n);
    let (a, b) = (left(s.shape, &s.a), right(s.shape, &s.b));
    matmul(view_mut(layout, &mut s.c, n), Accum::Replace, a, b, T::ONE);
}

fn square<T: Float + RealField>(s: &mut Case<T>) {
    let (layout, n) = (s.shape.layout, s.shape.n);
    let a = view(layout, &s.a, n);
    triangular::matmul(
        view_mut(layout, &mut s.c, n),
        BlockStructure::TriangularLower,
        Accum::Replace,
        a,
        BlockStructure::Rectangular,
        a.transpose(),
        BlockStructure::Rectangular,
        T::ONE,
        Par::Seq,
    );
}

fn solve<T: Float + RealField>(s: &mut Case<T>) {
    let (layout, n) = (s.shape.layout, s.shape.n);
    s.c.copy_from_slice(&s.b);
    let x = view_mut(layout, &mut s.c, n);
    solve_lower_triangular_in_place(view(layout, &s.a, n), x, Par::Seq);
}

fn lanczos<T: Float + RealField>(case: &Case<T>) -> Option<Box<dyn Task>> {
    let n = case.shape.n;
    if n < KRYLOV_ORDER_MIN {
        return None;
    }
    let params = PartialEigenParams::default();
    let needed = {
        let a = view(Layout::Col, &case.a, n);
        partial_self_adjoint_eigen_scratch::<T>(&a, 1, Par::Seq, params)
    };
    // Its tolerance is absolute, ours relative to the eigenvalue: the same number.
    let tolerance = lanczos_tolerance::<T>() * T::from_f64(LARGEST_EIGENVALUE);
    task(
        (case.clone(), MemBuffer::new(needed)),
        move |(s, memory)| {
            let a = view(Layout::Col, &s.a, n);
            let vector = MatMut::from_column_major_slice_mut(&mut s.y, n, 1);
            let (start, stack) = (ColRef::from_slice(&s.x), MemStack::new(memory));
            let values = std::slice::from_mut(&mut s.value);
            partial_self_adjoint_eigen(
                vector,
                values,
                &a,
                start,
                tolerance,
                Par::Seq,
                stack,
                params,
            );
        },
        |(s, _)| pair_answer(s),
    )
}
