//! nalgebra with sizes that the compiler knows: what its users write for n ≤ 12.

use nalgebra::{Cholesky, LU, QR, RealField, SMatrix, SVector, SymmetricEigen};
use teeter::Float;

use crate::case::{Case, Layout, Operation};
use crate::peer::nalgebra::numbers;
use crate::peer::{Peer, Task, factor_answer, lu_answer, task};

/// The crate nalgebra, sizes known at compile time.
#[derive(Clone, Copy, Debug)]
pub struct NalgebraFixed;

impl<T: Float + RealField> Peer<T> for NalgebraFixed {
    fn name(&self) -> &'static str {
        "nalgebra static"
    }

    fn is_static(&self) -> bool {
        true
    }

    fn task(&self, case: &Case<T>) -> Option<Box<dyn Task>> {
        match case.shape.n {
            4 => product::<T, 4>(case).or_else(|| factor_4(case)),
            6 => product::<T, 6>(case).or_else(|| factor_6(case)),
            8 => product::<T, 8>(case).or_else(|| factor_8(case)),
            12 => product::<T, 12>(case).or_else(|| factor_12(case)),
            _ => None,
        }
    }
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

/// Levels 1 to 3, and Cholesky.
fn product<T: Float + RealField, const N: usize>(case: &Case<T>) -> Option<Box<dyn Task>> {
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
        Operation::GemmTn if by_rows => task(s, |s| s.b.mul_to(&s.a.transpose(), &mut s.c), c),
        Operation::GemmTn => task(s, |s| s.a.tr_mul_to(&s.b, &mut s.c), c),
        Operation::GemmNt if by_rows => task(s, |s| s.b.tr_mul_to(&s.a, &mut s.c), c),
        Operation::GemmNt => task(s, |s| s.a.mul_to(&s.b.transpose(), &mut s.c), c),
        Operation::Trsm if !by_rows => task(
            s,
            |s| {
                s.c = s.b;
                assert!(s.a.solve_lower_triangular_mut(&mut s.c), "no zeros on the diagonal");
            },
            c,
        ),
        Operation::Cholesky => task(
            s,
            |s| s.c = Cholesky::new(s.a).expect("A is positive definite").unpack_dirty(),
            move |s| factor_answer(shape, &numbers(&s.c)),
        ),
        _ => None,
    }
}

/// The other factorizations: what they ask of the type of a size holds for each number, but
/// cannot be said of all of them.
macro_rules! factorizations {
    ($($name:ident: $n:literal),*) => {$(
        fn $name<T: Float + RealField>(case: &Case<T>) -> Option<Box<dyn Task>> {
            let (shape, s) = (case.shape, Fixed::<T, $n>::new(case));
            let turned = shape.layout == Layout::Row;
            // Matrices by rows are read as their transposes.
            let matrix = move |s: &Fixed<T, $n>| if turned { s.a.transpose() } else { s.a };
            match shape.operation {
                Operation::Lu => task(
                    (s, None),
                    move |(s, factors)| *factors = Some(LU::new(matrix(s))),
                    move |(_, factors)| {
                        let factors = factors.as_ref().expect("a run before its answer");
                        let mut source = SVector::<usize, $n>::from_fn(|i, _| i);
                        factors.p().permute_rows(&mut source);
                        lu_answer(shape, &numbers(factors.lu_internal()), source.iter().copied())
                    },
                ),
                Operation::Qr => task(
                    (s, None),
                    move |(s, factors)| *factors = Some(QR::new(matrix(s))),
                    |(_, factors)| {
                        let factors = factors.as_ref().expect("a run before its answer");
                        [numbers(&factors.q()), numbers(&factors.r())].concat()
                    },
                ),
                Operation::SymmetricEigen => task(
                    s,
                    |s| {
                        let pair = SymmetricEigen::new(s.a);
                        (s.y, s.c) = (pair.eigenvalues, pair.eigenvectors);
                    },
                    |s| [numbers(&s.y), numbers(&s.c)].concat(),
                ),
                _ => None,
            }
        }
    )*};
}

factorizations!(factor_4: 4, factor_6: 6, factor_8: 8, factor_12: 12);
