//! nalgebra's `symmetric_eigen`: dense, all of the spectrum. It has no operator, so nothing can happen at a product but
//! the first, and no budget.

use nalgebra::{DMatrix, RealField};
use teeter::Float;

use super::{Solver, as_asked};
use crate::input::adversarial::{Counted, Fault};
use crate::property::adversarial::Outcome;

/// The values are put in order here.
pub const SOLVER: Solver =
    Solver { name: "nalgebra", call: "symmetric_eigen", which: as_asked, ask };

fn ask(operator: &Counted<'_>) -> Outcome {
    let case = operator.case;
    let unasked = match case.fault {
        Fault::Refuses(_) | Fault::Alternates => true,
        Fault::Element(at, _) => at > 1,
        Fault::None | Fault::Asymmetric => case.budget < case.n,
    };
    if unasked {
        return Outcome::Unasked;
    }
    if case.single { solve::<f32>(operator) } else { solve::<f64>(operator) }
}

fn solve<T: RealField + Float>(operator: &Counted<'_>) -> Outcome {
    let case = operator.case;
    let n = case.n;
    let mut a = DMatrix::from_fn(n, n, |i, j| <T as Float>::from_f64(case.matrix[i * n + j]));
    if let Fault::Element(_, value) = case.fault {
        (a[(3, 0)], a[(0, 3)]) = (<T as Float>::from_f64(value), <T as Float>::from_f64(value));
    }
    let eigen = a.symmetric_eigen();
    let mut order: Vec<usize> = (0..n).collect();
    let value = |i: usize| eigen.eigenvalues[i].to_f64();
    order.sort_by(|&i, &j| value(j).total_cmp(&value(i)));
    order.truncate(case.count);
    let column = |&j: &usize| (0..n).map(move |i| (i, j));
    Outcome::Claimed {
        values: order.iter().map(|&i| value(i)).collect(),
        vectors: order
            .iter()
            .flat_map(column)
            .map(|(i, j)| eigen.eigenvectors[(i, j)].to_f64())
            .collect(),
    }
}
