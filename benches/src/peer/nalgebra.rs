//! nalgebra with sizes known at run time.
//!
//! It stores by columns. A product of row-major matrices is therefore computed as that of
//! their transposes, which costs nothing.

use nalgebra::{
    Cholesky, DMatrix, DMatrixView, DMatrixViewMut, DVector, DVectorView, DVectorViewMut, Dyn, LU,
    QR, RealField, SymmetricEigen,
};
use teeter::Float;

use crate::case::{Case, Layout, Operation};
use crate::peer::{Peer, Task, copy_by_columns, eigen_answer, factor_answer, lu_answer, on, task};

/// The crate nalgebra, sizes known at run time.
#[derive(Clone, Copy, Debug)]
pub struct Nalgebra;

impl<T: Float + RealField> Peer<T> for Nalgebra {
    fn name(&self) -> &'static str {
        "nalgebra"
    }

    fn task(&self, case: &Case<T>) -> Option<Box<dyn Task>> {
        let by_rows = case.shape.layout == Layout::Row;
        match case.shape.operation {
            Operation::Dot => {
                on(case, |s| s.value = vector(&s.x).dot(&vector(&s.y)), |s| vec![s.value.to_f64()])
            }
            Operation::Axpy => on(
                case,
                |s| vector_mut(&mut s.y).axpy(s.alpha, &vector(&s.x), T::ONE),
                |s| s.y.to_f64(),
            ),
            Operation::Norm2 => {
                on(case, |s| s.value = vector(&s.x).norm(), |s| vec![s.value.to_f64()])
            }
            Operation::Gemv if by_rows => on(case, product_t, |s| s.y.to_f64()),
            Operation::GemvT if !by_rows => on(case, product_t, |s| s.y.to_f64()),
            Operation::Gemv | Operation::GemvT => on(case, product, |s| s.y.to_f64()),
            Operation::Ger => on(case, update, |s| s.a.to_f64()),
            Operation::Gemm => on(case, multiply, |s| s.c.to_f64()),
            Operation::GemmTn | Operation::GemmNt => multiply_turned(case),
            // Its triangles are views of columns: one of rows would be a copy.
            Operation::Trsm if !by_rows => on(case, solve, |s| s.c.to_f64()),
            Operation::Cholesky => cholesky(case),
            Operation::Lu => lu(case),
            Operation::Qr => qr(case),
            Operation::SymmetricEigen => eigen(case),
            _ => None,
        }
    }
}

#[inline(always)]
fn square<T: RealField>(data: &[T], n: usize) -> DMatrixView<'_, T> {
    DMatrixView::from_slice(data, n, n)
}

#[inline(always)]
fn vector<T: RealField>(data: &[T]) -> DVectorView<'_, T> {
    DVectorView::from_slice(data, data.len())
}

#[inline(always)]
fn vector_mut<T: RealField>(data: &mut [T]) -> DVectorViewMut<'_, T> {
    let n = data.len();
    DVectorViewMut::from_slice(data, n)
}

fn product<T: Float + RealField>(s: &mut Case<T>) {
    vector_mut(&mut s.y).gemv(T::ONE, &square(&s.a, s.shape.n), &vector(&s.x), T::ZERO);
}

fn product_t<T: Float + RealField>(s: &mut Case<T>) {
    vector_mut(&mut s.y).gemv_tr(T::ONE, &square(&s.a, s.shape.n), &vector(&s.x), T::ZERO);
}

fn update<T: Float + RealField>(s: &mut Case<T>) {
    let (x, y) = if s.shape.layout == Layout::Row { (&s.y, &s.x) } else { (&s.x, &s.y) };
    let n = s.shape.n;
    DMatrixViewMut::from_slice(&mut s.a, n, n).ger(s.alpha, &vector(x), &vector(y), T::ONE);
}

fn multiply<T: Float + RealField>(s: &mut Case<T>) {
    let n = s.shape.n;
    let (a, b) = if s.shape.layout == Layout::Row { (&s.b, &s.a) } else { (&s.a, &s.b) };
    let mut c = DMatrixViewMut::from_slice(&mut s.c, n, n);
    c.gemm(T::ONE, &square(a, n), &square(b, n), T::ZERO);
}

/// By a transposed copy, counted: its `gemm_tr` is a loop of dots, and slower.
fn multiply_turned<T: Float + RealField>(case: &Case<T>) -> Option<Box<dyn Task>> {
    let (n, layout, operation) = (case.shape.n, case.shape.layout, case.shape.operation);
    let copy: DMatrix<T> = DMatrix::zeros(n, n);
    task(
        (case.clone(), copy),
        move |(s, copy)| {
            let turns_a = operation.transposes_a();
            square(if turns_a { &s.a } else { &s.b }, n).transpose_to(copy);
            let rest = square(if turns_a { &s.b } else { &s.a }, n);
            let mut c = DMatrixViewMut::from_slice(&mut s.c, n, n);
            // The first factor, in memory, is A by columns and B by rows.
            if turns_a == (layout == Layout::Col) {
                c.gemm(T::ONE, copy, &rest, T::ZERO);
            } else {
                c.gemm(T::ONE, &rest, copy, T::ZERO);
            }
        },
        |(s, _)| s.c.to_f64(),
    )
}

fn solve<T: Float + RealField>(s: &mut Case<T>) {
    let n = s.shape.n;
    s.c.copy_from_slice(&s.b);
    let mut x = DMatrixViewMut::from_slice(&mut s.c, n, n);
    let solved = square(&s.a, n).solve_lower_triangular_mut(&mut x);
    assert!(solved, "no zeros on the diagonal");
}

/// By columns in either layout: A is symmetric, so its rows are its columns.
///
/// The factorization owns its matrix and gives it back: no allocation while time runs.
fn cholesky<T: Float + RealField>(case: &Case<T>) -> Option<Box<dyn Task>> {
    let n = case.shape.n;
    let work: DMatrix<T> = DMatrix::zeros(n, n);
    task(
        (case.clone(), work),
        move |(s, work)| {
            let mut matrix = std::mem::replace(work, DMatrix::zeros(0, 0));
            matrix.copy_from_slice(&s.a);
            *work = Cholesky::new(matrix).expect("A is positive definite").unpack_dirty();
        },
        |(s, work)| factor_answer(s.shape, &numbers(work.iter())),
    )
}

/// Allocates inside, as do QR and the eigen-solver: there is no other door.
fn lu<T: Float + RealField>(case: &Case<T>) -> Option<Box<dyn Task>> {
    task(
        (case.clone(), None::<LU<T, Dyn, Dyn>>),
        |(s, factors)| {
            copy_by_columns(s);
            *factors = Some(LU::new(square(&s.c, s.shape.n).into_owned()));
        },
        |(s, factors)| {
            let factors = factors.as_ref().expect("a run before its answer");
            let mut source = DVector::from_fn(s.shape.n, |i, _| i);
            factors.p().permute_rows(&mut source);
            lu_answer(s.shape, &numbers(factors.lu_internal()), source.iter().copied())
        },
    )
}

fn qr<T: Float + RealField>(case: &Case<T>) -> Option<Box<dyn Task>> {
    task(
        (case.clone(), None::<QR<T, Dyn, Dyn>>),
        |(s, factors)| {
            copy_by_columns(s);
            *factors = Some(QR::new(square(&s.c, s.shape.n).into_owned()));
        },
        |(_, factors)| {
            let factors = factors.as_ref().expect("a run before its answer");
            let mut answer = numbers(&factors.q());
            // It keeps the absolute values of the diagonal apart; r() puts them in place.
            answer.extend(numbers(&factors.r()));
            answer
        },
    )
}

fn eigen<T: Float + RealField>(case: &Case<T>) -> Option<Box<dyn Task>> {
    let n = case.shape.n;
    on(
        case,
        move |s| {
            let pair = SymmetricEigen::new(DMatrix::from_column_slice(n, n, &s.a));
            s.y.copy_from_slice(pair.eigenvalues.as_slice());
            s.c.copy_from_slice(pair.eigenvectors.as_slice());
        },
        |s| eigen_answer(s),
    )
}

pub(super) fn numbers<'a, T: Float>(values: impl IntoIterator<Item = &'a T>) -> Vec<f64> {
    values.into_iter().map(|&x| Float::to_f64(x)).collect()
}
