//! The crate `lanczos`: n steps, or as many as the budget allows; it says nothing of convergence.

use lanczos::{Hermitian, Order};
use nalgebra_of_lanczos::{DVector, DVectorView, RealField};
use teeter::Float;

use super::{Solver, as_asked};
use crate::input::adversarial::{Counted, Fault};
use crate::property::adversarial::Outcome;

/// Its starts are random, and not to be seeded.
pub const SOLVER: Solver = Solver { name: "lanczos", call: "eigsh", which: as_asked, ask };

fn ask(operator: &Counted<'_>) -> Outcome {
    if matches!(operator.case.fault, Fault::Refuses(_)) || !operator.case.start.is_empty() {
        return Outcome::Unasked;
    }
    if operator.case.single { solve::<f32>(operator) } else { solve::<f64>(operator) }
}

struct Product<'a>(&'a Counted<'a>);

impl<T: RealField + Float + num_traits::Float> Hermitian<T> for Product<'_> {
    fn nrows(&self) -> usize {
        self.0.case.n
    }
    fn ncols(&self) -> usize {
        self.0.case.n
    }
    fn vector_product(&self, v: DVectorView<'_, T>) -> DVector<T> {
        let x: Vec<T> = v.iter().copied().collect();
        let mut y = x.clone();
        let _never_refuses = self.0.apply(&x, &mut y);
        DVector::from_vec(y)
    }
}

fn solve<T: RealField + Float + num_traits::Float>(operator: &Counted<'_>) -> Outcome {
    let case = operator.case;
    let eigen = Product(operator).eigsh(case.n.min(case.budget), Order::Largest);
    let found = case.count.min(eigen.eigenvalues.len());
    let wide = |x: &T| <T as Float>::to_f64(*x);
    Outcome::Claimed {
        values: eigen.eigenvalues.iter().take(found).map(wide).collect(),
        vectors: eigen.eigenvectors.columns(0, found).iter().map(wide).collect(),
    }
}
