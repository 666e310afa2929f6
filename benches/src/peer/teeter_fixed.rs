//! teeter with sizes that the compiler knows, compiled for the same target as everything else here.

use teeter::{Float, fixed};

use crate::case::{Case, Layout, Operation};
use crate::peer::{Peer, Task, factor_answer, lu_answer, task};

/// The layer `fixed` of this crate.
#[derive(Clone, Copy, Debug)]
pub struct TeeterFixed;

impl<T: Float> Peer<T> for TeeterFixed {
    fn name(&self) -> &'static str {
        "teeter static"
    }

    fn is_static(&self) -> bool {
        true
    }

    fn task(&self, case: &Case<T>) -> Option<Box<dyn Task>> {
        match case.shape.n {
            4 => of_size::<T, 4>(case),
            6 => of_size::<T, 6>(case),
            8 => of_size::<T, 8>(case),
            12 => of_size::<T, 12>(case),
            _ => None,
        }
    }
}

/// Operands whose size the compiler knows; matrices by columns.
#[derive(Clone)]
struct Fixed<T, const N: usize> {
    alpha: T,
    a: [[T; N]; N],
    b: [[T; N]; N],
    c: [[T; N]; N],
    x: [T; N],
    y: [T; N],
    value: T,
}

impl<T: Float, const N: usize> Fixed<T, N> {
    fn new(case: &Case<T>) -> Self {
        let at = |data: &[T], k: usize| data.get(k).copied().unwrap_or(T::ZERO);
        let matrix =
            |data: &[T]| std::array::from_fn(|j| std::array::from_fn(|i| at(data, j * N + i)));
        Self {
            alpha: case.alpha,
            a: matrix(&case.a),
            b: matrix(&case.b),
            c: [[T::ZERO; N]; N],
            x: std::array::from_fn(|i| at(&case.x, i)),
            y: std::array::from_fn(|i| at(&case.y, i)),
            value: T::NAN,
        }
    }
}

fn numbers<T: Float>(x: &[T]) -> Vec<f64> {
    x.iter().map(|x| x.to_f64()).collect()
}

fn transposed<T: Copy, const N: usize>(a: &[[T; N]; N]) -> [[T; N]; N] {
    std::array::from_fn(|j| std::array::from_fn(|i| a[i][j]))
}

/// Of a matrix by rows, the array is the transpose.
fn of_size<T: Float, const N: usize>(case: &Case<T>) -> Option<Box<dyn Task>> {
    let by_rows = case.shape.layout == Layout::Row;
    let (shape, s) = (case.shape, Fixed::<T, N>::new(case));
    let (value, y) = (|s: &Fixed<T, N>| numbers(&[s.value]), |s: &Fixed<T, N>| numbers(&s.y));
    let a = |s: &Fixed<T, N>| numbers(s.a.as_flattened());
    let c = |s: &Fixed<T, N>| numbers(s.c.as_flattened());
    let (one, zero) = (T::ONE, T::ZERO);
    match shape.operation {
        Operation::Dot => task(s, |s| s.value = fixed::dot(&s.x, &s.y), value),
        Operation::Axpy => task(s, |s| fixed::axpy(s.alpha, &s.x, &mut s.y), y),
        Operation::Norm2 => task(s, |s| s.value = fixed::norm2(&s.x), value),
        Operation::Gemv | Operation::GemvT if by_rows == (shape.operation == Operation::Gemv) => {
            task(s, move |s| fixed::gemv_transposed(one, &s.a, &s.x, zero, &mut s.y), y)
        }
        Operation::Gemv | Operation::GemvT => {
            task(s, move |s| fixed::gemv(one, &s.a, &s.x, zero, &mut s.y), y)
        }
        Operation::Ger if by_rows => task(s, |s| fixed::ger(s.alpha, &s.y, &s.x, &mut s.a), a),
        Operation::Ger => task(s, |s| fixed::ger(s.alpha, &s.x, &s.y, &mut s.a), a),
        Operation::Gemm if by_rows => {
            task(s, move |s| fixed::gemm(one, &s.b, &s.a, zero, &mut s.c), c)
        }
        Operation::Gemm => task(s, move |s| fixed::gemm(one, &s.a, &s.b, zero, &mut s.c), c),
        // Of transposes, (AᵀB)ᵀ = BᵀA and (ABᵀ)ᵀ = BAᵀ.
        Operation::GemmTn if by_rows => {
            task(s, move |s| fixed::gemm_nt(one, &s.b, &s.a, zero, &mut s.c), c)
        }
        Operation::GemmTn => task(s, move |s| fixed::gemm_tn(one, &s.a, &s.b, zero, &mut s.c), c),
        Operation::GemmNt if by_rows => {
            task(s, move |s| fixed::gemm_tn(one, &s.b, &s.a, zero, &mut s.c), c)
        }
        Operation::GemmNt => task(s, move |s| fixed::gemm_nt(one, &s.a, &s.b, zero, &mut s.c), c),
        Operation::Ldlt => task(
            s,
            |s| {
                s.c = s.a;
                fixed::ldlt_in_place(&mut s.c).expect("A has no small pivot");
            },
            move |s| factor_answer(shape, &numbers(s.c.as_flattened())),
        ),
        Operation::Lu => task(
            (s, [0; N]),
            move |(s, exchanged)| {
                s.c = if by_rows { transposed(&s.a) } else { s.a };
                *exchanged = fixed::lu_in_place(&mut s.c).expect("A is finite");
            },
            move |(s, exchanged)| {
                let mut source: [usize; N] = std::array::from_fn(|i| i);
                for (k, &place) in exchanged.iter().enumerate() {
                    source.swap(k, place);
                }
                lu_answer(shape, &numbers(s.c.as_flattened()), source.into_iter())
            },
        ),
        Operation::Cholesky => task(
            s,
            |s| {
                s.c = s.a;
                fixed::cholesky_in_place(&mut s.c).expect("A is positive definite");
            },
            move |s| factor_answer(shape, &numbers(s.c.as_flattened())),
        ),
        _ => None,
    }
}
