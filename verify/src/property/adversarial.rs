//! What an eigensolver makes of an adversarial case, and the verdict.

use serde::{Deserialize, Serialize};
use teeter::krylov::{
    Eigenpair, EigenpairsOptions, ThickRestartOptions, Which, extremal_eigenpairs,
    extremal_eigenpairs_scratch_len, krylov_dim_for,
};
use teeter::operator::FromFn;
use teeter::{Error, Float, Machine, Stop};

use super::factor::{narrow, wide};
use super::thick_restart::wanted;
use crate::bound;
use crate::input::adversarial::{Case, Counted, Fault};
use crate::oracle::{naive, reference};

/// What came back.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Pairs said to be good, the most wanted first; without vectors if those are not given.
    Claimed {
        /// The eigenvalues.
        values: Vec<f64>,
        /// Their vectors, one after another.
        vectors: Vec<f64>,
    },
    /// Said to have no answer, and why.
    Refused(String),
    /// The question cannot be put to it.
    Unasked,
}

/// The verdict, from the best to the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Verdict {
    /// The question cannot be put to it.
    Unasked,
    /// The answer, within its bound.
    Right,
    /// It said that it has none.
    Refused,
    /// It used more products than it was allowed.
    OverBudget,
    /// What it said is not so.
    Wrong,
    /// It ended the program.
    Panic,
    /// It had not ended when its time was over.
    Hang,
}

impl Verdict {
    /// As the table says it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Unasked => "—",
            Self::Right => "right",
            Self::Refused => "refused",
            Self::OverBudget => "over budget",
            Self::Wrong => "WRONG",
            Self::Panic => "PANIC",
            Self::Hang => "HANG",
        }
    }
}

/// The verdict on what came back, from a solver that looks at `which` end.
#[must_use]
pub fn judge(operator: &Counted<'_>, which: Which, outcome: &Outcome) -> Verdict {
    let case = operator.case;
    match outcome {
        Outcome::Unasked => Verdict::Unasked,
        _ if operator.products() > case.budget => Verdict::OverBudget,
        Outcome::Refused(_) => Verdict::Refused,
        // Nothing was said.
        Outcome::Claimed { values, .. } if values.is_empty() => Verdict::Refused,
        Outcome::Claimed { values, vectors } => {
            let right =
                values_are_right(case, which, values) && vectors_are_right(case, values, vectors);
            if right { Verdict::Right } else { Verdict::Wrong }
        }
    }
}

fn allowed(case: &Case) -> f64 {
    let count = case.count.min(case.n);
    let bound = bound::eigenpairs::asked::<f64>(case.n, count);
    let single = bound::eigenpairs::asked::<f32>(case.n, count);
    if case.single { single } else { bound }
}

fn values_are_right(case: &Case, which: Which, values: &[f64]) -> bool {
    let count = case.count.min(case.n);
    let near = |x: f64, y: f64| (x - y).abs() / case.norm <= allowed(case);
    if case.fault == Fault::Asymmetric {
        // Any eigenvalues would do.
        let truth = reference::general_eigenvalues(&case.matrix, case.n);
        let is_one = |x: &f64| truth.iter().any(|[re, im]| near((x - re).hypot(*im), 0.0));
        return values.len() == count && values.iter().all(is_one);
    }
    let by_size = which == Which::LargestMagnitude;
    let size = |x: f64| if by_size { x.abs() } else { x };
    let wanted = wanted(&case.truth, which, count);
    values.len() == count && values.iter().zip(&wanted).all(|(x, y)| near(size(*x), size(*y)))
}

/// ‖Av − θv‖ and ‖v‖ = 1; of an operator that changes there is no A.
fn vectors_are_right(case: &Case, values: &[f64], vectors: &[f64]) -> bool {
    let scaled: Vec<f64> = case.matrix.iter().map(|a| a / case.norm).collect();
    values.iter().zip(vectors.chunks(case.n)).all(|(value, v)| {
        let theta = value / case.norm;
        let rest: Vec<f64> =
            naive::apply(&scaled, v).iter().zip(v).map(|(av, v)| av - theta * v).collect();
        let residual = naive::norm(&rest);
        residual <= allowed(case) && (naive::norm(v) - 1.0).abs() <= allowed(case)
    })
}

/// Ours: [`extremal_eigenpairs`], with what its document says for such a case.
#[must_use]
pub fn ours(operator: &Counted<'_>) -> Outcome {
    if operator.case.single { solve::<f32>(operator) } else { solve::<f64>(operator) }
}

fn solve<T: Float>(operator: &Counted<'_>) -> Outcome {
    let case = operator.case;
    let (n, count) = (case.n, case.count);
    let search = ThickRestartOptions {
        count,
        limit: None,
        which: case.which,
        krylov_dim: krylov_dim_for(n, count),
        block: case.block,
        tolerance: T::EPSILON.sqrt(),
        checked: count,
        product_max: case.budget,
        seed: 1,
    };
    let options = EigenpairsOptions { search, starts: usize::from(!case.start.is_empty()) };
    let mut vectors = vec![T::NAN; n * count];
    for (to, from) in vectors.iter_mut().zip(narrow::<T>(&case.start)) {
        *to = from;
    }
    let mut product = FromFn::new(n, |x: &[T], y: &mut [T]| {
        if operator.apply(x, y) { Ok(()) } else { Err(Error::Operator { code: 7 }) }
    });
    let mut pairs = vec![Eigenpair::unknown(); count];
    let mut scratch = vec![T::NAN; extremal_eigenpairs_scratch_len(n, search.krylov_dim)];
    let machine = Machine::detect();
    match extremal_eigenpairs(
        machine,
        &mut product,
        &options,
        &mut pairs,
        &mut vectors,
        &mut scratch,
    ) {
        Err(error) => Outcome::Refused(error.to_string()),
        Ok(found) => {
            let unsure = pairs[..found].iter().find(|pair| pair.stop == Stop::LimitReached);
            if let Some(pair) = unsure {
                return Outcome::Refused(format!("residual {:.1e}", pair.residual.to_f64()));
            }
            Outcome::Claimed {
                values: pairs[..found].iter().map(|pair| pair.value.to_f64()).collect(),
                vectors: wide(&vectors[..n * found]),
            }
        }
    }
}
