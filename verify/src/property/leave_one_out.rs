//! XTrace and XNysTrace: the fast formulas against leaving probes out one by one, and every sign vector.

use std::collections::HashSet;

use teeter::random::{Stream, normals_into, signs_into};
use teeter::trace::{
    HutchinsonOptions, Probe, TraceEstimate, XNysTrace, XTrace, xnystrace_estimate_scratch_len,
    xnystrace_machine_scratch_len, xtrace_estimate_scratch_len, xtrace_machine_scratch_len,
};
use teeter::{Error, Float, Machine};

use super::factor::{narrow, wide};
use super::{Context, Measured, Worst};
use crate::bound::leave_one_out as own;
use crate::input::matrix;
use crate::oracle::{leave_one_out as oracle, naive, reference};
use crate::subject::Subject;

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Any symmetric A; two products a probe.
    XTrace,
    /// A ⪰ 0; one product a probe.
    XNysTrace,
    /// The same after two columns of Lanczos' process.
    Deflated,
}

/// Columns of [`Method::Deflated`].
pub const COLUMNS: usize = 2;

impl Method {
    /// Products for k probes.
    #[must_use]
    pub fn products(self, k: usize) -> usize {
        match self {
            Self::XTrace => 2 * k,
            Self::XNysTrace => k,
            Self::Deflated => k + COLUMNS,
        }
    }
}

/// The usual options, at 95 %.
#[must_use]
pub fn options<T: Float>(probe: Probe, products: usize, seed: u64) -> HutchinsonOptions<T> {
    let confidence = T::from_f64(0.95);
    HutchinsonOptions { probe, products, confidence, stream: Stream::new(11, seed) }
}

/// Ax by the plain loop.
pub fn apply<T: Float>(a: &[T], x: &[T]) -> Vec<T> {
    let n = x.len();
    let row = |row: &[T]| row.iter().zip(x).fold(T::ZERO, |sum, (&a, &x)| sum + a * x);
    a.chunks(n).map(row).collect()
}

/// Runs a machine on A until it wants no more.
///
/// # Errors
/// If the kernel refuses.
pub fn run<T: Float>(
    method: Method,
    machine: Machine,
    a: &[T],
    options: &HutchinsonOptions<T>,
) -> Result<TraceEstimate<T>, Error> {
    let (n, m) = (a.len().isqrt(), options.products);
    match method {
        Method::XTrace => {
            let mut scratch = vec![T::NAN; xtrace_machine_scratch_len(n, m)];
            let mut trace = XTrace::new(machine, n, options, &mut scratch)?;
            while let Some(z) = trace.wants() {
                let product = apply(a, z);
                trace.push(&product)?;
            }
            let mut small = vec![T::NAN; xtrace_estimate_scratch_len(n, m)];
            trace.estimate(options.confidence, &mut small)
        }
        Method::XNysTrace | Method::Deflated => {
            let columns = if method == Method::Deflated { COLUMNS } else { 0 };
            let mut scratch = vec![T::NAN; xnystrace_machine_scratch_len(n, m)];
            let mut trace = XNysTrace::deflated(machine, n, options, columns, &mut scratch)?;
            while let Some(z) = trace.wants() {
                let product = apply(a, z);
                trace.push(&product)?;
            }
            let mut small = vec![T::NAN; xnystrace_estimate_scratch_len(n, m)];
            trace.estimate(options.confidence, &mut small)
        }
    }
}

/// The k probes that options draw, in f64.
#[must_use]
pub fn probes<T: Float>(options: &HutchinsonOptions<T>, n: usize, k: usize) -> Vec<Vec<f64>> {
    let one = |i: usize| {
        let (stream, mut z) = (options.stream.child(i as u64), vec![T::NAN; n]);
        match options.probe {
            Probe::Rademacher => signs_into(stream, &mut z),
            Probe::Gaussian => normals_into(stream, &mut z),
        }
        wide(&z)
    };
    (0..k).map(one).collect()
}

/// Every property of the family.
#[must_use]
pub fn all<T: Float>(subject: &dyn Subject<T>) -> Vec<Measured> {
    let mut list = vec![one_probe_stands_in_for_another(subject)];
    for method in [Method::XTrace, Method::XNysTrace, Method::Deflated] {
        list.push(fast_formula_is_leaving_one_out(subject, method));
        // The columns of Lanczos' process are drawn with the signs: no enumeration without them.
        if method != Method::Deflated {
            list.push(mean_over_every_sign_matrix_is_the_trace(subject, method));
        }
        list.push(rank_below_the_probes_is_exact(subject, method));
    }
    list
}

/// The value, the jackknife's standard error and the scatter's, by leaving out one by one, and two by two.
fn literal(method: Method, a: &[f64], probe: Probe, list: &[Vec<f64>]) -> [f64; 3] {
    let terms = |a: &[f64], probe: Probe, list: &[&Vec<f64>]| match method {
        Method::XTrace => oracle::xtrace(a, probe, list),
        Method::XNysTrace => oracle::xnystrace(a, probe, list),
        Method::Deflated => oracle::nystrom(a, probe, list, list[0].len() - COLUMNS),
    };
    let k = list.len() as f64;
    let spread = |x: &[f64]| {
        let mean = x.iter().sum::<f64>() / x.len() as f64;
        (mean, x.iter().map(|x| (x - mean).powi(2)).sum::<f64>())
    };
    let all: Vec<&Vec<f64>> = list.iter().collect();
    let (value, scatter) = spread(&terms(a, probe, &all));
    let without = |j: usize| {
        let rest: Vec<&Vec<f64>> =
            list.iter().enumerate().filter(|(i, _)| *i != j).map(|(_, z)| z).collect();
        spread(&terms(a, probe, &rest)).0
    };
    let (_, jackknife) = spread(&(0..list.len()).map(without).collect::<Vec<f64>>());
    [value, ((k - 1.0) / k * jackknife).sqrt(), (scatter / k / (k - 1.0)).sqrt()]
}

/// What bounds the difference of each of the three for one A, which was itself moved by so much.
fn allowed<T: Float>(
    method: Method,
    a: &[f64],
    probe: Probe,
    list: &[Vec<f64>],
    moved: f64,
) -> f64 {
    let (n, k) = (list[0].len(), list.len());
    let size = naive::frobenius(a);
    let products: Vec<Vec<f64>> = list.iter().map(|z| naive::apply(a, z)).collect();
    let left = match probe {
        Probe::Rademacher => 1.0,
        // A normal probe's part outside k columns: its share of dimensions, and a quarter of that at least here.
        Probe::Gaussian => 4.0 * n as f64 / (n - k) as f64,
    };
    match method {
        Method::XTrace => {
            let mut columns = vec![0.0; n * k];
            for (j, y) in products.iter().enumerate() {
                let norm = naive::norm(y);
                y.iter().enumerate().for_each(|(i, y)| columns[i * k + j] = y / norm);
            }
            let (sigma, _, _) = reference::svd(&columns, [n, k]);
            let shortest = products.iter().map(|y| naive::norm(y)).fold(f64::MAX, f64::min);
            let longest = list.iter().map(|z| naive::norm(z)).fold(0.0, f64::max);
            own::xtrace::<T>([n, k], [size, longest, shortest], [sigma[0] / sigma[k - 1], left])
        }
        Method::XNysTrace | Method::Deflated => {
            let small: Vec<f64> =
                list.iter().flat_map(|z| products.iter().map(|y| naive::dot(z, y))).collect();
            let lowest = reference::eigenvalues(&small, k)[0];
            let norm = naive::norm(&products.concat());
            let longest = list.iter().map(|z| naive::norm(z)).fold(0.0, f64::max);
            own::xnystrace::<T>([n, k], [size, longest, norm], [lowest, left, moved])
        }
    }
}

/// Value, jackknife and scatter are those of the literal definition.
#[must_use]
pub fn fast_formula_is_leaving_one_out<T: Float>(
    subject: &dyn Subject<T>,
    method: Method,
) -> Measured {
    let mut worst = Worst::default();
    for (n, k) in [(5, 2), (9, 3), (20, 6), (33, 12)] {
        for probe in [Probe::Rademacher, Probe::Gaussian] {
            for whole in [matrix::whole_positive(n, 3), matrix::whole_symmetric(n, 5)] {
                let definite = whole[0] == matrix::whole_positive(n, 3)[0];
                if method != Method::XTrace && !definite {
                    continue;
                }
                let asked = options::<T>(probe, method.products(k), 1);
                let Ok(e) = run(method, subject.machine(), &narrow::<T>(&whole), &asked) else {
                    worst.see_f64(f64::NAN, 0.0);
                    continue;
                };
                let mut list = probes(&asked, n, k);
                let (mut seen, mut known, mut moved) = (whole.clone(), 0.0, 0.0);
                if method == Method::Deflated {
                    let size = naive::frobenius(&whole);
                    let mut start = vec![T::NAN; n];
                    normals_into(asked.stream.child(u64::MAX), &mut start);
                    let found = oracle::deflation(&whole, &wide(&start));
                    list.iter_mut().for_each(|z| *z = oracle::outside(&found.q, z));
                    moved = own::deflated::<T>(n, size, found.beta);
                    (seen, known) = (found.rest, found.known);
                }
                let mut truth = literal(method, &seen, probe, &list);
                truth[0] += known;
                let found = [e.value, e.standard_error, e.sample_error].map(T::to_f64);
                let allowed = allowed::<T>(method, &seen, probe, &list, moved) + moved * n as f64;
                for (found, truth) in found.iter().zip(truth) {
                    worst.see_f64((found - truth).abs(), allowed);
                }
            }
        }
    }
    let name = match method {
        Method::XTrace => "XTrace is leaving one out",
        Method::XNysTrace => "XNysTrace is leaving one out",
        Method::Deflated => "XNysTrace after Lanczos is leaving one out",
    };
    worst.finish(Context::of("trace", subject), name)
}

/// Rank 3 and four probes: the product of one has no column, and stands in for whichever other is left out; of
/// two left out, for one direction of the plane that they alone gave.
#[must_use]
pub fn one_probe_stands_in_for_another<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let (n, k, mut worst) = (11, 4, Worst::default());
    for seed in [1, 2, 3] {
        let vectors: [Vec<f64>; 3] =
            [[7, 5, 1], [5, 7, 3], [3, 11, 5]].map(|[step, modulus, shift]: [usize; 3]| {
                (0..n).map(|i| (i * step % modulus) as f64 - shift as f64).collect()
            });
        let element = |at: usize| vectors.iter().map(|v| v[at / n] * v[at % n]).sum::<f64>();
        let whole: Vec<f64> = (0..n * n).map(element).collect();
        let asked = options::<T>(Probe::Rademacher, 2 * k, seed);
        let Ok(e) = run(Method::XTrace, subject.machine(), &narrow::<T>(&whole), &asked) else {
            worst.see_f64(f64::NAN, 0.0);
            continue;
        };
        let list = probes(&asked, n, k);
        let truth = literal(Method::XTrace, &whole, Probe::Rademacher, &list);
        let found = [e.value, e.standard_error, e.sample_error].map(T::to_f64);
        let allowed =
            allowed::<T>(Method::XTrace, &whole, Probe::Rademacher, &list[..3], 0.0) * k as f64;
        for (found, truth) in found.iter().zip(truth) {
            worst.see_f64((found - truth).abs(), allowed);
        }
    }
    worst.finish(Context::of("trace", subject), "one probe stands in for another in XTrace")
}

/// The mean over every n × k matrix of signs, found among the seeds, equal and opposite columns included.
#[must_use]
pub fn mean_over_every_sign_matrix_is_the_trace<T: Float>(
    subject: &dyn Subject<T>,
    method: Method,
) -> Measured {
    let (n, k) = (5, 2);
    let whole = matrix::whole_positive(n, 8);
    let a = narrow::<T>(&whole);
    let (mut seen, mut sum) = (HashSet::new(), 0.0);
    let count = 1_usize << (n * k);
    // Each is found in a given seed with chance 1/1024: of 40,000 seeds none misses one with chance e⁻³⁹.
    for seed in 0..40_000 {
        let asked = options::<T>(Probe::Rademacher, method.products(k), seed);
        let signs = probes(&asked, n, k).concat();
        if seen.insert(signs.iter().map(|&x| x > 0.0).collect::<Vec<bool>>()) {
            let e = run(method, subject.machine(), &a, &asked);
            sum += e.map_or(f64::NAN, |e| e.value.to_f64()) / count as f64;
        }
    }
    let found = if seen.len() == count { sum } else { f64::NAN };
    let trace: f64 = (0..n).map(|i| whole[i * (n + 1)]).sum();
    let mut worst = Worst::default();
    let values = reference::eigenvalues(&whole, n);
    let allowed = own::enumerated::<T>([values[0], values[n - 1]], naive::frobenius(&whole));
    worst.see_f64((found - trace).abs(), allowed);
    let name = match method {
        Method::XTrace => "mean of XTrace over every sign matrix is the trace",
        Method::XNysTrace | Method::Deflated => {
            "mean of XNysTrace over every sign matrix is the trace"
        }
    };
    worst.finish(Context::of("trace", subject), name)
}

/// Rank 2 from whole vectors: with any two probes left out the others span the range, and every estimate is the trace.
#[must_use]
pub fn rank_below_the_probes_is_exact<T: Float>(
    subject: &dyn Subject<T>,
    method: Method,
) -> Measured {
    let mut worst = Worst::default();
    for (n, k) in [(11, 5), (30, 7)] {
        let u: Vec<f64> = (0..n).map(|i| (i * 7 % 5) as f64 - 1.0).collect();
        let v: Vec<f64> = (0..n).map(|i| (i * 5 % 7) as f64 - 3.0).collect();
        let whole: Vec<f64> =
            (0..n * n).map(|at| u[at / n] * u[at % n] + v[at / n] * v[at % n]).collect();
        let trace = naive::dot(&u, &u) + naive::dot(&v, &v);
        let asked = options::<T>(Probe::Rademacher, method.products(k), 4);
        let Ok(e) = run(method, subject.machine(), &narrow::<T>(&whole), &asked) else {
            worst.see_f64(f64::NAN, 0.0);
            continue;
        };
        // The first two products span the range; that of the others is the same, to the last bit.
        let list = probes(&asked, n, k);
        let norm =
            naive::norm(&list.iter().flat_map(|z| naive::apply(&whole, z)).collect::<Vec<f64>>());
        let allowed = allowed::<T>(Method::XTrace, &whole, Probe::Rademacher, &list[..2], 0.0)
            + own::dependent::<T>([n, k], norm);
        worst.see_f64((e.value.to_f64() - trace).abs(), allowed);
        worst.see_f64(e.standard_error.to_f64(), allowed);
        worst.see_f64(e.sample_error.to_f64(), allowed);
    }
    let name = match method {
        Method::XTrace => "rank below the probes of XTrace is exact",
        Method::XNysTrace => "rank below the probes of XNysTrace is exact",
        Method::Deflated => "rank below the probes of XNysTrace after Lanczos is exact",
    };
    worst.finish(Context::of("trace", subject), name)
}
