//! nalgebra: static types up to n = 12, as its users write them, and views beyond.
//!
//! It stores by columns. A product of row-major matrices is therefore computed as that of
//! their transposes, which costs nothing.

use nalgebra::{
    Cholesky, DMatrix, DMatrixView, DMatrixViewMut, DVectorView, DVectorViewMut, RealField,
    SMatrix, SVector, SymmetricEigen,
};
use teeter::Float;

use crate::case::{Case, Layout, Operation};
use crate::peer::{Peer, Task, eigen_answer, factor_answer, on, task};

/// The crate nalgebra.
#[derive(Clone, Copy, Debug)]
pub struct Nalgebra;

impl<T: Float + RealField> Peer<T> for Nalgebra {
    fn name(&self) -> &'static str {
        "nalgebra"
    }

    fn task(&self, case: &Case<T>) -> Option<Box<dyn Task>> {
        match case.shape.n {
            4 => fixed::<T, 4>(case),
            8 => fixed::<T, 8>(case),
            12 => fixed::<T, 12>(case),
            _ => dynamic(case),
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

fn dynamic<T: Float + RealField>(case: &Case<T>) -> Option<Box<dyn Task>> {
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
        Operation::Norm2 => on(case, |s| s.value = vector(&s.x).norm(), |s| vec![s.value.to_f64()]),
        Operation::Gemv if by_rows => on(case, product_t, |s| s.y.to_f64()),
        Operation::GemvT if !by_rows => on(case, product_t, |s| s.y.to_f64()),
        Operation::Gemv | Operation::GemvT => on(case, product, |s| s.y.to_f64()),
        Operation::Ger => on(case, update, |s| s.a.to_f64()),
        Operation::Gemm => on(case, multiply, |s| s.c.to_f64()),
        Operation::GemmT if !by_rows => multiply_t(case),
        Operation::Cholesky => cholesky(case),
        Operation::SymmetricEigen => eigen(case),
        _ => None,
    }
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

/// By a transposed copy of A, counted: its `gemm_tr` is a loop of dots, and slower.
fn multiply_t<T: Float + RealField>(case: &Case<T>) -> Option<Box<dyn Task>> {
    let n = case.shape.n;
    let copy: DMatrix<T> = DMatrix::zeros(n, n);
    task(
        (case.clone(), copy),
        move |(s, copy)| {
            square(&s.a, n).transpose_to(copy);
            let mut c = DMatrixViewMut::from_slice(&mut s.c, n, n);
            c.gemm(T::ONE, copy, &square(&s.b, n), T::ZERO);
        },
        |(s, _)| s.c.to_f64(),
    )
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

/// Allocates inside: there is no other door.
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

/// Operands whose size the compiler knows.
#[derive(Clone)]
struct Fixed<T, const N: usize> {
    alpha: T,
    a: SMatrix<T, N, N>,
    b: SMatrix<T, N, N>,
    c: SMatrix<T, N, N>,
    x: SVector<T, N>,
    y: SVector<T, N>,
    value: T,
}

impl<T: Float + RealField, const N: usize> Fixed<T, N> {
    fn new(case: &Case<T>) -> Self {
        let zero = SMatrix::<T, N, N>::zeros;
        let matrix = |data: &[T]| {
            if data.is_empty() { zero() } else { SMatrix::from_column_slice(data) }
        };
        Self {
            alpha: case.alpha,
            a: matrix(&case.a),
            b: matrix(&case.b),
            c: zero(),
            x: SVector::from_column_slice(&case.x),
            y: SVector::from_column_slice(&case.y),
            value: T::NAN,
        }
    }
}

fn numbers<'a, T: Float>(values: impl IntoIterator<Item = &'a T>) -> Vec<f64> {
    values.into_iter().map(|&x| Float::to_f64(x)).collect()
}

fn fixed<T: Float + RealField, const N: usize>(case: &Case<T>) -> Option<Box<dyn Task>> {
    let by_rows = case.shape.layout == Layout::Row;
    let (shape, s) = (case.shape, Fixed::<T, N>::new(case));
    let (value, y) = (|s: &Fixed<T, N>| numbers([&s.value]), |s: &Fixed<T, N>| numbers(&s.y));
    let (a, c) = (|s: &Fixed<T, N>| numbers(&s.a), |s: &Fixed<T, N>| numbers(&s.c));
    let (one, zero) = (T::ONE, T::ZERO);
    match case.shape.operation {
        Operation::Dot => task(s, |s| s.value = s.x.dot(&s.y), value),
        Operation::Axpy => task(s, move |s| s.y.axpy(s.alpha, &s.x, one), y),
        Operation::Norm2 => task(s, |s| s.value = s.x.norm(), value),
        Operation::Gemv if by_rows => task(s, move |s| s.y.gemv_tr(one, &s.a, &s.x, zero), y),
        Operation::GemvT if !by_rows => task(s, move |s| s.y.gemv_tr(one, &s.a, &s.x, zero), y),
        Operation::Gemv | Operation::GemvT => task(s, move |s| s.y.gemv(one, &s.a, &s.x, zero), y),
        Operation::Ger if by_rows => task(s, move |s| s.a.ger(s.alpha, &s.y, &s.x, one), a),
        Operation::Ger => task(s, move |s| s.a.ger(s.alpha, &s.x, &s.y, one), a),
        Operation::Gemm if by_rows => task(s, move |s| s.b.mul_to(&s.a, &mut s.c), c),
        Operation::Gemm => task(s, move |s| s.a.mul_to(&s.b, &mut s.c), c),
        Operation::GemmT if !by_rows => task(s, move |s| s.a.tr_mul_to(&s.b, &mut s.c), c),
        Operation::Cholesky => task(
            s,
            |s| s.c = Cholesky::new(s.a).expect("A is positive definite").unpack_dirty(),
            move |s| factor_answer(shape, &numbers(&s.c)),
        ),
        Operation::SymmetricEigen => eigen(case),
        _ => None,
    }
}
