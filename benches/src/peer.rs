//! The trait behind which teeter and its peers stand.
//!
//! | file                | implementation                | how it is used                              |
//! |---------------------|-------------------------------|---------------------------------------------|
//! | `teeter_kernel.rs`  | this crate, strict and fused  | slices and views                            |
//! | `teeter_fixed.rs`   | this crate, layer `fixed`     | arrays, n ≤ 12                              |
//! | `faer.rs`           | faer                          | sequential, scratch and outputs lent        |
//! | `nalgebra.rs`       | nalgebra                      | views; sizes known at run time              |
//! | `nalgebra_fixed.rs` | nalgebra                      | static types, n ≤ 12                        |
//! | `matrixmultiply.rs` | matrixmultiply                | `sgemm`, `dgemm` with strides               |
//! | `blas.rs`, `blas/`  | OpenBLAS, BLIS                | CBLAS and LAPACK, loaded where installed    |
//! | `plain.rs`          | the standard library          | a loop                                      |
//!
//! Memory is allocated when the task is made, so outside the time measured, wherever the
//! peer allows. A new peer is a file here and a line in [`Number::peers`].

use std::hint::black_box;

use teeter::Float;

use crate::case::{Case, Layout, Shape};

mod blas;
mod faer;
mod matrixmultiply;
mod nalgebra;
mod nalgebra_fixed;
mod plain;
mod teeter_fixed;
mod teeter_kernel;

pub use blas::{Blas, libraries};
pub use faer::Faer;
pub use matrixmultiply::MatrixMultiply;
pub use nalgebra::Nalgebra;
pub use nalgebra_fixed::NalgebraFixed;
pub use plain::Plain;
pub use teeter_fixed::TeeterFixed;
pub use teeter_kernel::Teeter;

/// An implementation of the operations.
pub trait Peer<T: Float> {
    /// The name in tables and records.
    fn name(&self) -> &'static str;

    /// Whether it needs sizes that are known when it is compiled.
    fn is_static(&self) -> bool {
        false
    }

    /// The operation of the case, ready to run on memory of its own; `None` if this
    /// implementation does not offer it.
    fn task(&self, case: &Case<T>) -> Option<Box<dyn Task>>;
}

/// An operation that can be repeated.
pub trait Task {
    /// Runs the operation so many times.
    fn run(&mut self, repetitions: usize);

    /// The numbers it left: see [`crate::reference`] for what they are.
    fn answer(&self) -> Vec<f64>;
}

struct Loop<S, F, A> {
    state: S,
    step: F,
    answer: A,
}

impl<S, F: FnMut(&mut S), A: Fn(&S) -> Vec<f64>> Task for Loop<S, F, A> {
    fn run(&mut self, repetitions: usize) {
        for _ in 0..repetitions {
            // The compiler may neither hoist what does not change nor drop what is not read.
            (self.step)(black_box(&mut self.state));
        }
        black_box(&mut self.state);
    }

    fn answer(&self) -> Vec<f64> {
        (self.answer)(&self.state)
    }
}

/// A task from its memory, one step on it, and where it leaves its answer.
fn task<S: 'static>(
    state: S,
    step: impl FnMut(&mut S) + 'static,
    answer: impl Fn(&S) -> Vec<f64> + 'static,
) -> Option<Box<dyn Task>> {
    Some(Box::new(Loop { state, step, answer }))
}

/// A task on a clone of the case.
fn on<T: Float>(
    case: &Case<T>,
    step: impl FnMut(&mut Case<T>) + 'static,
    answer: impl Fn(&Case<T>) -> Vec<f64> + 'static,
) -> Option<Box<dyn Task>> {
    task(case.clone(), step, answer)
}

/// Side of the blocks in which a matrix is turned round: two cache lines of f64 a row.
const BLOCK: usize = 16;

/// C ← A by columns, for factorizations that go by columns only. Of a matrix by rows it is a
/// transposed copy, in blocks; the factors are then left by columns, which costs no further copy.
fn copy_by_columns<T: Float>(s: &mut Case<T>) {
    let n = s.shape.n;
    if s.shape.layout != Layout::Row {
        s.c.copy_from_slice(&s.a);
        return;
    }
    let (a, c): (&[T], &mut [T]) = (&s.a, &mut s.c);
    for i in (0..n).step_by(BLOCK) {
        for j in (0..n).step_by(BLOCK) {
            for column in j..n.min(j + BLOCK) {
                for row in i..n.min(i + BLOCK) {
                    c[column * n + row] = a[row * n + column];
                }
            }
        }
    }
}

/// The lower triangle of C, zeros above.
fn lower_answer<T: Float>(case: &Case<T>) -> Vec<f64> {
    let mut answer = case.c.to_f64();
    for (k, x) in answer.iter_mut().enumerate() {
        let (i, j) = case.shape.position(k);
        if i < j {
            *x = 0.0;
        }
    }
    answer
}

/// The row of A that each row of PA came from, if row i was exchanged with row `exchanges[i]`, one
/// after the other; no permutation if an exchange is with a row that there is not.
fn sources(exchanges: impl ExactSizeIterator<Item = usize>) -> Vec<usize> {
    let mut source: Vec<usize> = (0..exchanges.len()).collect();
    for (i, with) in exchanges.enumerate() {
        if with < source.len() {
            source.swap(i, with);
        } else {
            source.fill(0);
        }
    }
    source
}

/// LU from a factorization that went by columns, then the row of A that each row came from.
fn lu_answer(shape: Shape, by_columns: &[f64], source: impl Iterator<Item = usize>) -> Vec<f64> {
    let mut answer = factor_answer(shape, by_columns);
    answer.extend(source.map(|row| row as f64));
    answer
}

/// The upper triangle of a matrix by columns, zeros below.
fn upper_triangle(by_columns: &[f64], n: usize) -> Vec<f64> {
    let keep = |(k, &x): (usize, &f64)| if k % n <= k / n { x } else { 0.0 };
    by_columns.iter().enumerate().map(keep).collect()
}

/// A triangle in the layout of the shape, from a factorization that went by columns.
fn factor_answer(shape: Shape, by_columns: &[f64]) -> Vec<f64> {
    let n = shape.n;
    match shape.layout {
        Layout::Row => (0..n * n).map(|k| by_columns[k % n * n + k / n]).collect(),
        _ => by_columns.to_vec(),
    }
}

/// Eigenvalues, then eigenvectors column by column, which is how they lie.
fn eigen_answer<T: Float>(case: &Case<T>) -> Vec<f64> {
    let mut answer = case.y.to_f64();
    answer.extend(case.c.to_f64());
    answer
}

/// One eigenvalue, then its eigenvector.
fn pair_answer<T: Float>(case: &Case<T>) -> Vec<f64> {
    let mut answer = vec![case.value.to_f64()];
    answer.extend(case.y.to_f64());
    answer
}

/// The formats that are measured.
pub trait Number: Float {
    /// "f32" or "f64".
    const NAME: &'static str;

    /// Every peer that computes in this format.
    fn peers() -> Vec<Box<dyn Peer<Self>>>;
}

macro_rules! impl_number {
    ($($t:ident),*) => {$(
        impl Number for $t {
            const NAME: &'static str = stringify!($t);

            fn peers() -> Vec<Box<dyn Peer<Self>>> {
                let mut peers: Vec<Box<dyn Peer<Self>>> = vec![
                    Box::new(Faer),
                    Box::new(Nalgebra),
                    Box::new(NalgebraFixed),
                    Box::new(MatrixMultiply),
                    Box::new(Plain),
                ];
                for blas in Blas::<Self>::installed() {
                    peers.push(Box::new(blas));
                }
                peers
            }
        }
    )*};
}

impl_number!(f32, f64);
