//! faer's `partial_self_adjoint_eigen`: restarted Lanczos for the largest modulus.

use faer::dyn_stack::{MemBuffer, MemStack, StackReq};
use faer::matrix_free::LinOp;
use faer::matrix_free::eigen::{
    PartialEigenParams, partial_self_adjoint_eigen, partial_self_adjoint_eigen_scratch,
};
use faer::traits::ComplexField;
use faer::{Col, Mat, MatMut, MatRef, Par};
use teeter::Float;
use teeter::krylov::Which;

use super::Solver;
use crate::input::adversarial::{Counted, Fault};
use crate::property::adversarial::Outcome;

/// It can't be told to stop at a number of products: so many restarts of so many vectors are about as many.
const VECTORS: usize = 64;

/// The tolerance is absolute: √ε of the norm, as of all.
pub const SOLVER: Solver = Solver {
    name: "faer",
    call: "partial_self_adjoint_eigen",
    which: |_| Which::LargestMagnitude,
    ask,
};

fn ask(operator: &Counted<'_>) -> Outcome {
    if matches!(operator.case.fault, Fault::Refuses(_)) {
        return Outcome::Unasked;
    }
    if operator.case.single { solve::<f32>(operator) } else { solve::<f64>(operator) }
}

#[derive(Debug)]
struct Product<'a>(&'a Counted<'a>);

impl<T: ComplexField + Float> LinOp<T> for Product<'_> {
    fn apply_scratch(&self, _: usize, _: Par) -> StackReq {
        StackReq::EMPTY
    }
    fn nrows(&self) -> usize {
        self.0.case.n
    }
    fn ncols(&self) -> usize {
        self.0.case.n
    }
    fn apply(&self, out: MatMut<'_, T>, x: MatRef<'_, T>, _: Par, _: &mut MemStack) {
        let mut out = out;
        for j in 0..x.ncols() {
            let column: Vec<T> = (0..x.nrows()).map(|i| x[(i, j)]).collect();
            let mut product = column.clone();
            let _never_refuses = self.0.apply(&column, &mut product);
            for (i, value) in product.into_iter().enumerate() {
                out[(i, j)] = value;
            }
        }
    }
    fn conj_apply(&self, out: MatMut<'_, T>, x: MatRef<'_, T>, par: Par, stack: &mut MemStack) {
        self.apply(out, x, par, stack);
    }
}

fn solve<T: ComplexField<Real = T> + Float>(operator: &Counted<'_>) -> Outcome {
    let case = operator.case;
    let (n, count) = (case.n, case.count);
    let product = Product(operator);
    let params =
        PartialEigenParams { max_restarts: case.budget / VECTORS, ..PartialEigenParams::default() };
    let scratch = partial_self_adjoint_eigen_scratch::<T>(&product, count, Par::Seq, params);
    let mut memory = MemBuffer::new(scratch);
    let from = <T as Float>::from_f64;
    let start = operator.start();
    let start = Col::from_fn(n, |i| from(start[i]));
    let mut vectors = Mat::<T>::zeros(n, count);
    let mut values = vec![from(0.0); count];
    let tolerance = from(case.norm) * T::EPSILON.sqrt();
    let info = partial_self_adjoint_eigen(
        vectors.as_mut(),
        &mut values,
        &product,
        start.as_ref(),
        tolerance,
        Par::Seq,
        MemStack::new(&mut memory),
        params,
    );
    let found = info.n_converged_eigen;
    if found < count {
        return Outcome::Refused(format!("{found} of {count} converged"));
    }
    let column = |j: usize| (0..n).map(|i| vectors[(i, j)].to_f64()).collect::<Vec<f64>>();
    Outcome::Claimed {
        values: values.iter().map(|value| value.to_f64()).collect(),
        vectors: (0..count).flat_map(column).collect(),
    }
}
