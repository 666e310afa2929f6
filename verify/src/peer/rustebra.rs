//! The crate `rustebra`: `power_iteration` for one eigenvalue, `lanczos` with n steps for more. The latter gives T,
//! whose values are found here.

use std::cell::Cell;

use rustebra::krylov::{lanczos, power_iteration};
use rustebra::scalar::Scalar;
use rustebra::storage::{Basis, Storage};
use teeter::Float;
use teeter::krylov::Which;

use super::Solver;
use crate::input::adversarial::{Case, Counted, Fault};
use crate::input::matrix;
use crate::oracle::reference;
use crate::property::adversarial::Outcome;
use crate::property::factor::{narrow, wide};

/// Its matrix is a storage of elements, read anew for each product.
pub const SOLVER: Solver =
    Solver { name: "rustebra", call: "lanczos, power_iteration", which, ask };

fn which(case: &Case) -> Which {
    if case.count == 1 { Which::LargestMagnitude } else { case.which }
}

fn ask(operator: &Counted<'_>) -> Outcome {
    let case = operator.case;
    if matches!(case.fault, Fault::Refuses(_) | Fault::Alternates) {
        return Outcome::Unasked;
    }
    if case.single { solve::<f32>(operator) } else { solve::<f64>(operator) }
}

struct Elements<'a, T> {
    operator: &'a Counted<'a>,
    matrix: Vec<T>,
    bad: T,
    is_bad: Cell<bool>,
}

impl<T> Storage for Elements<'_, T> {
    type Item = T;

    fn len(&self) -> usize {
        self.matrix.len()
    }

    fn get(&self, index: usize) -> Option<&T> {
        if index == 0 {
            let _the_same_matrix = self.operator.next();
            self.is_bad.set(self.operator.poison().is_some());
        }
        // The fourth row: the fourth element of the product.
        let poisoned = self.is_bad.get() && index == 3 * self.operator.case.n;
        if poisoned { Some(&self.bad) } else { self.matrix.get(index) }
    }
}

struct Vector<T>(Vec<T>);

impl<T> Storage for Vector<T> {
    type Item = T;

    fn len(&self) -> usize {
        self.0.len()
    }

    fn get(&self, index: usize) -> Option<&T> {
        self.0.get(index)
    }
}

fn solve<T: Scalar + PartialOrd + Float>(operator: &Counted<'_>) -> Outcome {
    let case = operator.case;
    let bad = if let Fault::Element(_, value) = case.fault { value } else { f64::NAN };
    let elements = Elements {
        operator,
        matrix: narrow::<T>(&case.matrix),
        bad: <T as Float>::from_f64(bad),
        is_bad: Cell::new(false),
    };
    let start = Vector(narrow::<T>(&operator.start()));
    if case.count == 1 {
        let (mut vector, mut scratch) = (start.0.clone(), start.0.clone());
        let tolerance = Float::sqrt(T::EPSILON);
        let (n, budget) = (case.n, case.budget);
        return match power_iteration(
            &elements,
            n,
            &start,
            budget,
            tolerance,
            &mut vector,
            &mut scratch,
        ) {
            Err(error) => Outcome::Refused(format!("{error:?}")),
            Ok(value) => Outcome::Claimed { values: vec![value.to_f64()], vectors: wide(&vector) },
        };
    }
    match case.n.min(case.budget) {
        0 => steps::<T, 0>(&elements, &start),
        1 => steps::<T, 1>(&elements, &start),
        6 => steps::<T, 6>(&elements, &start),
        12 => steps::<T, 12>(&elements, &start),
        64 => steps::<T, 64>(&elements, &start),
        65 => steps::<T, 65>(&elements, &start),
        100 => steps::<T, 100>(&elements, &start),
        105 => steps::<T, 105>(&elements, &start),
        _ => Outcome::Unasked,
    }
}

fn steps<T: Scalar + PartialOrd + Float, const K: usize>(
    elements: &Elements<'_, T>,
    start: &Vector<T>,
) -> Outcome {
    let case = elements.operator.case;
    let mut memory = vec![<T as Float>::from_f64(0.0); K * case.n];
    let mut scratch = start.0.clone();
    let Some(mut basis) = Basis::<T, K>::new(&mut memory, case.n) else { return Outcome::Unasked };
    match lanczos(elements, case.n, start, T::EPSILON, &mut basis, &mut scratch) {
        Err(error) => Outcome::Refused(format!("{error:?}")),
        Ok(t) => {
            let t = matrix::dense(&wide(t.diagonal()), &wide(t.off_diagonal()));
            let mut values = reference::eigenvalues(&t, K);
            values.reverse();
            values.truncate(case.count);
            Outcome::Claimed { values, vectors: Vec::new() }
        }
    }
}
