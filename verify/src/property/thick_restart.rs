//! Several eigenpairs: what an answer must satisfy, whoever gives it.

use teeter::krylov::{
    Eigenpair, EigenpairsOptions, ThickRestartOptions, Which, extremal_eigenpairs,
    extremal_eigenpairs_scratch_len, krylov_dim_for,
};
use teeter::matrix::MatRef;
use teeter::operator::Dense;
use teeter::{Error, Float, Machine, Stop};

use super::factor::wide;
use super::{Context, Measured, Worst, format_name};
use crate::bound;
use crate::oracle::naive;

/// Pairs of a matrix, in f64.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Order of the matrix.
    pub n: usize,
    /// What was found, the most wanted first.
    pub pairs: Vec<Eigenpair<f64>>,
    /// Their vectors, n for each.
    pub vectors: Vec<f64>,
    /// Where it was found.
    pub context: Context,
    /// One step's rounding error over ‖A‖_F, in the format it was found in.
    pub rounding: f64,
}

/// The usual options for `count` pairs.
#[must_use]
pub fn options<T: Float>(n: usize, count: usize, which: Which) -> EigenpairsOptions<T> {
    let search = ThickRestartOptions {
        count,
        limit: None,
        which,
        krylov_dim: krylov_dim_for(n, count),
        block: 1,
        tolerance: T::EPSILON.sqrt(),
        checked: count,
        product_max: 2000,
        seed: 11,
    };
    EigenpairsOptions { search, starts: 0 }
}

/// The pairs of a dense matrix, whose first `starts` vectors are at the front of `vectors`.
///
/// # Errors
/// Those of the kernel.
pub fn solve<T: Float>(
    machine: Machine,
    a: &[T],
    options: &EigenpairsOptions<T>,
    starts: &[T],
) -> Result<Answer, Error> {
    let (n, count) = (a.len().isqrt(), options.search.count);
    let mut operator = Dense::new(machine, MatRef::row_major(a, n, n)?)?;
    let mut scratch = vec![T::NAN; extremal_eigenpairs_scratch_len(n, options.search.krylov_dim)];
    let mut vectors = vec![T::NAN; n * count];
    vectors[..starts.len()].clone_from_slice(starts);
    let mut pairs = vec![Eigenpair::unknown(); count];
    let found = extremal_eigenpairs(
        machine,
        &mut operator,
        options,
        &mut pairs,
        &mut vectors,
        &mut scratch,
    )?;
    let dim = options.search.krylov_dim.min(n);
    let defect = bound::lanczos_orthogonality::<T>(n, dim);
    let pairs = pairs[..found].iter().map(|pair| Eigenpair {
        stop: pair.stop,
        value: pair.value.to_f64(),
        residual: pair.residual.to_f64(),
        lower: pair.lower.to_f64(),
        upper: pair.upper.to_f64(),
        products: pair.products,
        steps: pair.steps,
        orthogonality: pair.orthogonality.to_f64(),
    });
    Ok(Answer {
        n,
        pairs: pairs.collect(),
        vectors: wide(&vectors[..n * found]),
        context: Context { layer: "krylov", machine: machine.name(), format: format_name::<T>() },
        rounding: bound::lanczos::<T>(n, dim, defect) + bound::eigen::<T>(dim),
    })
}

/// The `count` values of ascending `truth` that are wanted, the most wanted first.
#[must_use]
pub fn wanted(truth: &[f64], which: Which, count: usize) -> Vec<f64> {
    let mut order = truth.to_vec();
    match which {
        Which::LargestAlgebraic => order.reverse(),
        Which::SmallestAlgebraic => {}
        Which::LargestMagnitude => order.sort_by(|x, y| y.abs().total_cmp(&x.abs())),
        Which::BothEnds => {
            let n = truth.len();
            order = (0..n).map(|i| truth[if i % 2 == 0 { n - 1 - i / 2 } else { i / 2 }]).collect();
        }
    }
    order.truncate(count);
    order
}

/// ‖Av − θv‖ is what each pair says, and lower and upper are θ ∓ it.
#[must_use]
pub fn residuals_are_those_of_the_vectors(a: &[f64], answer: &Answer) -> Measured {
    let mut worst = Worst::default();
    // Relative to ‖A‖_F, whose square may be all that the format holds.
    let unit = naive::frobenius(a);
    let unit = if unit > 0.0 { unit } else { 1.0 };
    for (pair, v) in answer.pairs.iter().zip(answer.vectors.chunks(answer.n)) {
        let rest: Vec<f64> =
            naive::apply(a, v).iter().zip(v).map(|(x, v)| (x - pair.value * v) / unit).collect();
        worst.see_f64((naive::norm(&rest) - pair.residual / unit).abs(), answer.rounding);
    }
    worst.finish(answer.context, "residuals of eigenpairs are those of their vectors")
}

/// |VᵀV − I|; each restart turns the basis once more, and rounds its products of `steps` terms.
#[must_use]
pub fn vectors_are_orthonormal(answer: &Answer) -> Measured {
    let mut worst = Worst::default();
    let vectors: Vec<&[f64]> = answer.vectors.chunks(answer.n).collect();
    for (i, x) in vectors.iter().enumerate() {
        for (j, y) in vectors.iter().enumerate() {
            let ideal = f64::from(u8::from(i == j));
            worst.see_f64((naive::dot(x, y) - ideal).abs(), answer.rounding);
        }
    }
    worst.finish(answer.context, "eigenvectors are orthonormal")
}

/// The values are the wanted ones, copies counted: k orthonormal vectors with residuals r have k
/// eigenvalues within √k·max r of theirs (Parlett 1998, §11.5). `size` is what they are compared by:
/// of λ and −λ either may come first where the largest modulus is wanted.
#[must_use]
pub fn values_are_the_wanted_ones(
    truth: &[f64],
    size: fn(f64) -> f64,
    a: &[f64],
    answer: &Answer,
) -> Measured {
    let mut worst = Worst::default();
    let k = answer.pairs.len() as f64;
    let residual = answer.pairs.iter().fold(0.0_f64, |m, pair| m.max(pair.residual));
    let allowed = k.sqrt() * residual + answer.rounding * naive::frobenius(a);
    for (pair, value) in answer.pairs.iter().zip(truth) {
        worst.see_f64((size(pair.value) - size(*value)).abs(), allowed);
    }
    if answer.pairs.len() != truth.len() {
        worst.see_f64(f64::NAN, 0.0);
    }
    worst.finish(answer.context, "eigenpairs are the wanted ones, copies counted")
}

/// Whether every pair says that it is good.
#[must_use]
pub fn all_reached(answer: &Answer) -> bool {
    answer.pairs.iter().all(|pair| pair.stop != Stop::LimitReached)
}
