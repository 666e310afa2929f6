//! Products that a search for eigenpairs uses, beside those of ARPACK on the same matrices.

use serde::Serialize;
use teeter::krylov::{
    Eigenpair, EigenpairsOptions, ThickRestartOptions, Which, extremal_eigenpairs,
    extremal_eigenpairs_scratch_len, krylov_dim_for,
};
use teeter::operator::FromFn;
use teeter::{Error, Machine, Stop};

use crate::bound;
use crate::input::matrix;

/// Starts, of which the median is taken: as many as the record of ARPACK has.
const SEEDS: u64 = 9;

/// Written by `benches/peers/arpack_products.py`.
const RECORD: &str = include_str!("../../../benches/peers/arpack_products.csv");

/// How the searches begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Start {
    /// From a random vector.
    Random,
    /// From what is known of the matrix before each element moved by up to 1/1000 of itself.
    Warm,
}

impl Start {
    /// As the record has it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Random => "random",
            Self::Warm => "warm",
        }
    }
}

/// One matrix, one end of its spectrum, one number of pairs.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// The matrix.
    pub matrix: String,
    /// As SciPy abbreviates it.
    pub which: String,
    /// Pairs.
    pub count: usize,
    /// How the searches begin.
    pub start: Start,
    /// Our products; the median over the seeds.
    pub ours: usize,
    /// The largest residual over its eigenvalue, recomputed, over seeds and pairs.
    pub residual: f64,
    /// ARPACK's, likewise.
    pub arpack: usize,
    /// ARPACK's.
    pub arpack_residual: f64,
    /// Whether every search of ours ended by itself.
    pub ended: bool,
}

impl Row {
    /// No more than 1.1 times ARPACK's products, at a residual no larger than was asked of both.
    #[must_use]
    pub fn passed(&self) -> bool {
        let few = self.ours as f64 <= bound::eigenpairs::PRODUCTS * self.arpack as f64;
        few && self.ended && self.residual <= bound::eigenpairs::relative_residual()
    }
}

/// The tridiagonal matrices of the record: diagonal and off-diagonal.
fn matrix(name: &str) -> Option<(Vec<f64>, Vec<f64>)> {
    let outlier =
        |i: usize| if i < 20 { 10.0 / (1 + i) as f64 } else { 0.1 * (1000 - i) as f64 / 1000.0 };
    match name {
        "Clement 100" => Some(matrix::clement(100)).map(|(d, e, _)| (d, e)),
        "second difference 100" => Some(matrix::second_difference(100)).map(|(d, e, _)| (d, e)),
        "outliers 1000" => Some(((0..1000).map(outlier).collect(), vec![0.0; 999])),
        _ => None,
    }
}

fn moved(list: &[f64]) -> Vec<f64> {
    list.iter().enumerate().map(|(i, x)| x * (1.0 + 1e-3 * (i as f64).cos())).collect()
}

fn apply(d: &[f64], e: &[f64], x: &[f64], y: &mut [f64]) {
    for (i, y) in y.iter_mut().enumerate() {
        let before = if i > 0 { e[i - 1] * x[i - 1] } else { 0.0 };
        let after = if i < e.len() { e[i] * x[i + 1] } else { 0.0 };
        *y = before + d[i] * x[i] + after;
    }
}

/// What one search found.
struct Search {
    products: usize,
    residual: f64,
    ended: bool,
    vectors: Vec<f64>,
}

fn search(
    (d, e): &(Vec<f64>, Vec<f64>),
    search: ThickRestartOptions<f64>,
    starts: &[f64],
) -> Result<Search, Error> {
    let (n, count) = (d.len(), search.count);
    let options = EigenpairsOptions { search, starts: starts.len() / n };
    let mut operator = FromFn::new(n, |x: &[f64], y: &mut [f64]| {
        apply(d, e, x, y);
        Ok(())
    });
    let mut vectors = vec![0.0; n * count];
    vectors[..starts.len()].copy_from_slice(starts);
    let mut pairs = vec![Eigenpair::unknown(); count];
    let mut scratch = vec![0.0; extremal_eigenpairs_scratch_len(n, search.krylov_dim)];
    let machine = Machine::detect();
    extremal_eigenpairs(machine, &mut operator, &options, &mut pairs, &mut vectors, &mut scratch)?;
    let mut residual = 0.0_f64;
    let mut product = vec![0.0; n];
    for (pair, v) in pairs.iter().zip(vectors.chunks(n)) {
        apply(d, e, v, &mut product);
        let rest: Vec<f64> = product.iter().zip(v).map(|(y, v)| y - pair.value * v).collect();
        residual = residual.max(crate::oracle::naive::norm(&rest) / pair.value.abs());
    }
    let ended = pairs.iter().all(|pair| pair.stop != Stop::LimitReached);
    Ok(Search { products: pairs[0].products, residual, ended, vectors })
}

/// What the record was made with.
#[must_use]
pub fn versions() -> &'static str {
    RECORD.lines().next().unwrap_or("").trim_start_matches("# ")
}

/// The record of ARPACK, row by row, ours measured anew beside it. `checked`: pairs whose residual costs a product.
///
/// # Errors
/// Those of the kernel.
pub fn measure(checked: usize) -> Result<Vec<Row>, Error> {
    let mut rows = Vec::new();
    for line in RECORD.lines().filter(|line| !line.starts_with('#')) {
        let cells: Vec<&str> = line.split(',').collect();
        let [name, end, count, start, arpack, arpack_residual] = cells[..] else { continue };
        let (Some(of_matrix), Ok(count), Ok(arpack)) =
            (matrix(name), count.parse::<usize>(), arpack.parse::<usize>())
        else {
            continue;
        };
        let which = match end {
            "SA" => Which::SmallestAlgebraic,
            "LM" => Which::LargestMagnitude,
            "BE" => Which::BothEnds,
            _ => Which::LargestAlgebraic,
        };
        let options = |seed| ThickRestartOptions {
            count,
            limit: None,
            which,
            krylov_dim: krylov_dim_for(of_matrix.0.len(), count),
            block: 1,
            tolerance: f64::EPSILON.sqrt(),
            checked,
            product_max: 10_000,
            seed,
        };
        let start = if start == "warm" { Start::Warm } else { Start::Random };
        let mut runs = Vec::new();
        if start == Start::Warm {
            let before = search(&of_matrix, options(0), &[])?;
            let after = (moved(&of_matrix.0), moved(&of_matrix.1));
            runs.push(search(&after, options(0), &before.vectors)?);
        } else {
            for seed in 0..SEEDS {
                runs.push(search(&of_matrix, options(seed), &[])?);
            }
        }
        runs.sort_by_key(|run| run.products);
        rows.push(Row {
            matrix: name.to_owned(),
            which: end.to_owned(),
            count,
            start,
            ours: runs[runs.len() / 2].products,
            residual: runs.iter().fold(0.0, |m, run| run.residual.max(m)),
            arpack,
            arpack_residual: arpack_residual.parse().unwrap_or(f64::NAN),
            ended: runs.iter().all(|run| run.ended),
        });
    }
    Ok(rows)
}
