//! Hutch++: its basis, the literal formula on the vectors that it asked for, and how often its interval holds the trace.

use teeter::random::Stream;
use teeter::trace::{
    HutchPp, HutchinsonOptions, Probe, TraceEstimate, hutch_pp_machine_scratch_len,
};
use teeter::{Error, Float, Machine};

use super::factor::narrow;
use super::{Context, Measured, Worst};
use crate::bound::{self, sketch};
use crate::input::matrix;
use crate::oracle::{naive, signs};
use crate::subject::Subject;

/// What a machine asked for, and what it was given, in f64.
pub struct Run {
    /// Each vector with its product.
    pub asked: Vec<[Vec<f64>; 2]>,
    /// Columns of Q.
    pub rank: usize,
    /// The last estimate.
    pub value: f64,
}

/// The usual options, at 95 %.
#[must_use]
pub fn options<T: Float>(probe: Probe, products: usize, seed: u64) -> HutchinsonOptions<T> {
    let confidence = T::from_f64(0.95);
    HutchinsonOptions { probe, products, confidence, stream: Stream::new(7, seed) }
}

/// Runs the machine on A to its end; products by the plain loop.
///
/// # Errors
/// If the kernel refuses.
pub fn run<T: Float>(
    machine: Machine,
    a: &[T],
    n: usize,
    options: &HutchinsonOptions<T>,
) -> Result<(Run, TraceEstimate<T>), Error> {
    let mut scratch = vec![T::NAN; hutch_pp_machine_scratch_len(n, options.products)];
    let mut state = HutchPp::new(machine, n, options, &mut scratch)?;
    let mut asked = Vec::new();
    while let Some(z) = state.wants() {
        let product: Vec<T> = a
            .chunks(n)
            .map(|row| row.iter().zip(z).fold(T::ZERO, |sum, (&a, &z)| sum + a * z))
            .collect();
        let wide = |x: &[T]| x.iter().map(|x| x.to_f64()).collect::<Vec<f64>>();
        asked.push([wide(z), wide(&product)]);
        state.push(&product)?;
    }
    let estimate = state.estimate(options.confidence)?;
    Ok((Run { asked, rank: state.rank(), value: estimate.value.to_f64() }, estimate))
}

/// Every property of Hutch++.
#[must_use]
pub fn all<T: Float>(subject: &dyn Subject<T>) -> Vec<Measured> {
    vec![
        the_basis_is_orthonormal_and_probes_have_no_part_in_it(subject),
        the_value_is_the_literal_formula(subject),
        the_mean_over_every_sign_vector_is_the_trace(subject),
        rank_one_is_exact(subject),
    ]
}

/// Well conditioned: positive whole numbers, so that the columns of a sketch stay far from dependent.
const CASES: [(usize, usize); 4] = [(4, 3), (9, 7), (20, 12), (33, 30)];

/// A vector and its product.
type Asked = [Vec<f64>; 2];

/// The columns of Q and the projected probes that were asked for.
fn parts(run: &Run, products: usize) -> (&[Asked], &[Asked]) {
    let sketch = products / 3;
    run.asked[sketch..].split_at(run.rank)
}

/// |qᵢᵀqⱼ − δᵢⱼ| and |qᵢᵀg|/‖z‖.
#[must_use]
pub fn the_basis_is_orthonormal_and_probes_have_no_part_in_it<T: Float>(
    subject: &dyn Subject<T>,
) -> Measured {
    let mut worst = Worst::default();
    let whole = CASES.map(|(n, products)| (n, products, matrix::whole_positive(n, 3)));
    // Columns that shrink a thousandfold: what one pass of Gram–Schmidt leaves is seen, what two leave is not.
    let fading: Vec<f64> = (0..20).map(|i| 0.05_f64.powi(i)).collect();
    let fading = (20, 12, matrix::with_spectrum_mixed(&fading, 4));
    for (n, products, a) in whole.into_iter().chain([fading]) {
        let a = narrow::<T>(&a);
        let Ok((run, _)) = run(subject.machine(), &a, n, &options(Probe::Rademacher, products, 1))
        else {
            worst.see_f64(f64::NAN, 0.0);
            continue;
        };
        let (range, rest) = parts(&run, products);
        for (i, [q, _]) in range.iter().enumerate() {
            for (j, [other, _]) in range.iter().enumerate() {
                let error = (naive::dot(q, other) - f64::from(u8::from(i == j))).abs();
                worst.see_f64(error, bound::lanczos_orthogonality::<T>(n, run.rank));
            }
            for [g, _] in rest {
                let allowed = (n as f64).sqrt() * sketch::projected::<T>(n, run.rank);
                worst.see_f64(naive::dot(q, g).abs(), allowed);
            }
        }
    }
    worst.finish(Context::of("trace", subject), "basis is orthonormal, probes have no part in it")
}

fn literal_bound<T: Float>(run: &Run, n: usize, products: usize) -> f64 {
    let (range, rest) = parts(run, products);
    let norm = |[_, p]: &[Vec<f64>; 2]| naive::dot(p, p).sqrt();
    let sizes = [range.iter().map(norm).sum(), rest.iter().map(norm).fold(0.0, f64::max)];
    sketch::literal::<T>(n, run.rank, rest.len(), sizes)
}

/// Σqᵢᵀ(Aqᵢ) + mean gⱼᵀ(Agⱼ), and √2·√Σ‖PAgⱼ‖² over their number, in f64 from what was asked and given.
#[must_use]
pub fn the_value_is_the_literal_formula<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    for (n, products) in CASES {
        let a = narrow::<T>(&matrix::whole_symmetric(n, 5));
        let Ok((run, e)) = run(subject.machine(), &a, n, &options(Probe::Rademacher, products, 2))
        else {
            worst.see_f64(f64::NAN, 0.0);
            continue;
        };
        let (range, rest) = parts(&run, products);
        let sum = |list: &[[Vec<f64>; 2]]| list.iter().map(|[z, p]| naive::dot(z, p)).sum::<f64>();
        let literal = sum(range) + sum(rest) / rest.len() as f64;
        let allowed = literal_bound::<T>(&run, n, products);
        worst.see_f64((run.value - literal).abs(), allowed);
        let left = |p: &[f64]| {
            let along: f64 = range.iter().map(|[q, _]| naive::dot(q, p).powi(2)).sum();
            naive::dot(p, p) - along
        };
        let squares: f64 = rest.iter().map(|[_, p]| left(p)).sum();
        let literal = (2.0 * squares).sqrt() / rest.len() as f64;
        worst.see_f64((e.standard_error.to_f64() - literal).abs(), allowed);
    }
    worst.finish(Context::of("trace", subject), "Hutch++ is the literal formula")
}

/// Given the basis of the kernel, Σqᵢᵀ(Aqᵢ) and the mean of (Pz)ᵀA(Pz) over all 2ⁿ sign vectors z make Tr A: no
/// part of the trace is counted twice or lost.
#[must_use]
pub fn the_mean_over_every_sign_vector_is_the_trace<T: Float>(
    subject: &dyn Subject<T>,
) -> Measured {
    let (n, products) = (8, 7);
    let wide = matrix::whole_symmetric(n, 6);
    let a = narrow::<T>(&wide);
    let mut worst = Worst::default();
    if let Ok((run, _)) = run(subject.machine(), &a, n, &options(Probe::Rademacher, products, 3)) {
        let (range, _) = parts(&run, products);
        let known: f64 = range.iter().map(|[q, p]| naive::dot(q, p)).sum();
        let (mut sum, mut count) = (0.0, 0.0);
        signs::for_each(n, |z| {
            let mut g = z.to_vec();
            for [q, _] in range {
                let along = naive::dot(q, z);
                g.iter_mut().zip(q).for_each(|(g, q)| *g -= along * q);
            }
            let product: Vec<f64> = wide.chunks(n).map(|row| naive::dot(row, &g)).collect();
            sum += naive::dot(&g, &product);
            count += 1.0;
        });
        let trace: f64 = (0..n).map(|i| wide[i * (n + 1)]).sum();
        let size = naive::dot(&wide, &wide).sqrt();
        let allowed = sketch::literal::<T>(n, run.rank, 1 << n, [size * run.rank as f64, size]);
        worst.see_f64((known + sum / count - trace).abs(), allowed * (n as f64).sqrt());
    } else {
        worst.see_f64(f64::NAN, 0.0);
    }
    worst.finish(Context::of("trace", subject), "mean over every sign vector is the trace")
}

/// vvᵀ, v of whole numbers: Tr = ‖v‖², and the interval is as narrow as rounding.
#[must_use]
pub fn rank_one_is_exact<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    for (n, products) in [(5, 4), (16, 9), (40, 30)] {
        let v: Vec<f64> = (0..n).map(|i| (i * 7 % 5) as f64 - 1.0).collect();
        let wide: Vec<f64> = v.iter().flat_map(|x| v.iter().map(move |y| x * y)).collect();
        let trace = naive::dot(&v, &v);
        let a = narrow::<T>(&wide);
        // Signs: whole numbers, so that the products of the sketch have no rounding that a small vᵀs would magnify.
        let asked = options(Probe::Rademacher, products, 4);
        let Ok((run, e)) = run(subject.machine(), &a, n, &asked) else {
            worst.see_f64(f64::NAN, 0.0);
            continue;
        };
        let allowed = literal_bound::<T>(&run, n, products) + sketch::rank_one::<T>(n, trace);
        worst.see_f64((run.value - trace).abs(), allowed);
        worst.see_f64(f64::from(u8::from(run.rank != 1)), 0.0);
        worst.see_f64(e.standard_error.to_f64(), sketch::rank_one_left::<T>(n, trace));
    }
    worst.finish(Context::of("trace", subject), "rank one is exact")
}
