//! Layer `trace`.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails, in helpers too")]

use teeter::matrix::{MatMut, MatRef};
use teeter::operator::{Dense, Diagonal, FromFn};
use teeter::random::{Stream, normals_into};
use teeter::trace::{
    Hutchinson, HutchinsonOptions, Probe, TraceEstimate, TraceMethod, hutchinson,
    hutchinson_scratch_len, student_t_quantile, trace_exact, trace_exact_scratch_len,
    trace_ratio_cholesky, trace_ratio_diagonal, trace_ratio_scratch_len,
};
use teeter::{Error, Float, Machine, Stop, factor, matrix as kernel_matrix};
use teeter_verify::bound;
use teeter_verify::input::matrix;
use teeter_verify::oracle::naive;
use teeter_verify::property::{self, assert_caught, coverage, trace as properties};
use teeter_verify::subject::Subject;

#[test]
fn properties_hold() {
    property::assert_all(&property::of_layer("trace"));
}

/// Each method wrong in its own way.
struct Faulty;
impl Subject<f64> for Faulty {
    fn machine(&self) -> Machine {
        Machine::portable()
    }
    /// One sign for the whole tensor.
    fn probe_into(&self, stream: Stream, index: usize, z: &mut [f64]) -> Result<(), Error> {
        let sign = if stream.bits(index as u64) & 1 == 0 { 1.0 } else { -1.0 };
        z.fill(sign);
        Ok(())
    }
    /// Divides by m − 1.
    fn trace_of_probes(
        &self,
        apply: &mut dyn FnMut(&[f64], &mut [f64]),
        probes: &mut dyn Iterator<Item = Vec<f64>>,
    ) -> Result<TraceEstimate<f64>, Error> {
        let samples: Vec<f64> = probes
            .map(|z| {
                let mut product = vec![0.0; z.len()];
                apply(&z, &mut product);
                naive::dot(&z, &product)
            })
            .collect();
        let (value, m) = (samples.iter().sum::<f64>(), samples.len() as f64);
        let value = value / (m - 1.0).max(1.0) + f64::from(u8::from(m == 1.0));
        let standard_error = samples.iter().map(|x| (x - value).powi(2)).sum::<f64>().sqrt() / m;
        let (lower, upper) = (value - standard_error, value + standard_error);
        let (stop, products, confidence) = (Stop::LimitReached, samples.len(), 0.5);
        let (sample_error, method) = (standard_error, TraceMethod::Hutchinson);
        Ok(TraceEstimate {
            stop,
            method,
            value,
            standard_error,
            sample_error,
            lower,
            upper,
            confidence,
            products,
        })
    }
    /// εI damping.
    fn trace_ratio(&self, h: MatRef<'_, f64>, g: MatRef<'_, f64>) -> Result<f64, Error> {
        let (n, machine) = (g.rows(), self.machine());
        let mut l: Vec<f64> = (0..n * n).filter_map(|e| g.get(e / n, e % n)).collect();
        (0..n).for_each(|i| l[i * n + i] += 1e-3);
        factor::cholesky_in_place(machine, MatMut::row_major(&mut l, n, n)?)?;
        let l = MatRef::row_major(&l, n, n)?;
        let l = l.triangular(kernel_matrix::Triangle::Lower, kernel_matrix::Diagonal::NonUnit);
        let mut operator = FromFn::new(n, |x: &[f64], y: &mut [f64]| {
            let mut x = x.to_vec();
            kernel_matrix::trsv(machine, l.t(), &mut x)?;
            kernel_matrix::gemv(machine, 1.0, h, &x, 0.0, y)?;
            kernel_matrix::trsv(machine, l, y)
        });
        trace_exact(&mut operator, &mut vec![0.0; 2 * n])
    }
}

/// The same probe every time.
struct ReusedSeed;
impl Subject<f64> for ReusedSeed {
    fn machine(&self) -> Machine {
        Machine::portable()
    }
    fn probe_into(&self, stream: Stream, _: usize, z: &mut [f64]) -> Result<(), Error> {
        Hutchinson::new(stream, Probe::Rademacher).probe_into(z);
        Ok(())
    }
}

#[test]
fn planted_faults_are_caught() {
    assert_caught(&properties::probes_are_balanced_and_independent(&Faulty));
    assert_caught(&properties::probes_are_balanced_and_independent(&ReusedSeed));
    assert_caught(&properties::single_probes_have_exact_mean_and_variance(&Faulty));
    assert_caught(&properties::mean_and_standard_error_over_every_sign_vector(&Faulty));
    assert_caught(&properties::trace_ratio_is_affine_invariant(&Faulty));
}

fn options<T: Float>(probe: Probe, products: usize, seed: u64) -> HutchinsonOptions<T> {
    let confidence = T::from_f64(0.95);
    HutchinsonOptions { probe, products, confidence, stream: Stream::new(seed, 0) }
}

fn estimate(a: &[f64], options: &HutchinsonOptions<f64>) -> TraceEstimate<f64> {
    let n = a.len().isqrt();
    let mut scratch = vec![f64::NAN; hutchinson_scratch_len(n)];
    let view = MatRef::row_major(a, n, n).unwrap();
    let mut operator = Dense::new(Machine::detect(), view).unwrap();
    hutchinson(Machine::detect(), &mut operator, options, &mut scratch).unwrap()
}

/// Both confidences, five spectra, 4 to 64 products, 2,000 seeds each; `teeter-verify -- coverage` prints the
/// same.
#[test]
fn intervals_cover_as_often_as_they_say() {
    let rows = coverage::measure(Machine::detect(), 300, 2000).unwrap();
    assert_eq!(rows.len(), 50);
    for row in rows {
        assert!(row.passed(), "{row:?}");
    }
}

/// One probe has no spread: the width is then √2·‖Az‖, whose square has mean 2‖A‖_F².
#[test]
fn one_probe_has_a_width_all_the_same() {
    let n = 10;
    let a = matrix::whole_symmetric(n, 9);
    for seed in 0..50 {
        let asked = options(Probe::Rademacher, 1, seed);
        let e = estimate(&a, &asked);
        let mut z = vec![f64::NAN; n];
        Hutchinson::<f64>::new(asked.stream, Probe::Rademacher).probe_into(&mut z);
        let image = naive::apply(&a, &z);
        let width = (2.0 * naive::dot(&image, &image)).sqrt();
        assert_eq!((e.value, e.products), (naive::dot(&z, &image), 1));
        let allowed = bound::gamma_f64::<f64>(bound::dot_height::<f64>(n) + 8) * width;
        assert!((e.standard_error - width).abs() <= allowed && width > 0.0, "{e:?}, not {width}");
    }
}

/// upper − value = t(ν)·standard error, so that the degrees of freedom are held: at m = 1 there are four.
#[test]
fn intervals_have_the_width_that_their_freedom_gives() {
    let (a, n) = (matrix::whole_symmetric(9, 3), 9);
    for products in [1, 2, 3, 5, 32] {
        let asked = options(Probe::Gaussian, products, 1);
        let e = estimate(&a, &asked);
        let mut z = vec![f64::NAN; n];
        let squares: Vec<f64> = (0..products)
            .map(|j| {
                normals_into(asked.stream.child(j as u64), &mut z);
                let image = naive::apply(&a, &z);
                naive::dot(&image, &image)
            })
            .collect();
        let half = e.upper - e.value;
        let fits = bound::trace::freedom::<f64>(&squares).iter().any(|&freedom| {
            // The quantile itself is held to the distribution by a property of its own.
            let expected = student_t_quantile(0.95, freedom).unwrap() * e.standard_error;
            let allowed = bound::gamma_f64::<f64>(3) * (e.upper.abs() + e.value.abs() + expected);
            expected > 0.0 && (half - expected).abs() <= allowed
        });
        assert!(fits, "{products}: {e:?}, {squares:?}");
    }
}

/// Two probes of ones(2 × 2) agree with chance ½, on 4 or on 0, while the trace is 2: agreeing
/// probes must not be sold as proof.
#[test]
fn probes_that_agree_prove_nothing() {
    let mut agreed = 0;
    for seed in 0..64 {
        let e = estimate(&[1.0; 4], &options(Probe::Rademacher, 2, seed));
        assert_eq!(e.stop, Stop::LimitReached);
        // All products were zero where the value is 0: the one case without any width.
        agreed += u32::from(e.value == 4.0);
        assert!(e.value == 0.0 || (e.lower <= 2.0 && 2.0 <= e.upper), "seed {seed}: {e:?}");
    }
    assert!(agreed > 0, "no seed showed the case");
}

#[test]
fn widths_survive_where_squares_would_not() {
    let a = matrix::whole_symmetric(6, 2);
    let plain = estimate(&a, &options(Probe::Rademacher, 6, 3));
    for k in [-900, 900] {
        let scaled: Vec<f64> = a.iter().map(|x| x.scale_by_power(k)).collect();
        let e = estimate(&scaled, &options(Probe::Rademacher, 6, 3));
        let back = e.standard_error.scale_by_power(-k);
        // The norm of two passes may round otherwise than that of one.
        let allowed = bound::gamma_f64::<f64>(8 * 6) * plain.standard_error;
        assert!((back - plain.standard_error).abs() <= allowed, "2^{k}: {back}, not {plain:?}");
    }
}

#[test]
fn estimates_scale_exactly_and_repeat() {
    let a = matrix::whole_symmetric(12, 1);
    let plain = estimate(&a, &options(Probe::Gaussian, 7, 5));
    assert_eq!(estimate(&a, &options(Probe::Gaussian, 7, 5)), plain);
    for k in [-200, -1, 30, 200] {
        let scaled: Vec<f64> = a.iter().map(|x| x.scale_by_power(k)).collect();
        let e = estimate(&scaled, &options(Probe::Gaussian, 7, 5));
        assert_eq!(e.value, plain.value.scale_by_power(k), "2^{k}");
        assert_eq!(e.standard_error, plain.standard_error.scale_by_power(k), "2^{k}");
        assert_eq!(e.upper, plain.upper.scale_by_power(k), "2^{k}");
    }
}

/// Linear in A, machine for machine: Tr(A) of whole numbers by n products has no rounding.
#[test]
fn exact_trace_is_exact() {
    for n in [0, 1, 2, 17] {
        let a = matrix::whole_symmetric(n, 3);
        let truth: f64 = (0..n).map(|i| a[i * (n + 1)]).sum();
        for machine in Machine::present() {
            let view = MatRef::row_major(&a, n, n).unwrap();
            let mut operator = Dense::new(machine, view).unwrap();
            let mut scratch = vec![f64::NAN; trace_exact_scratch_len(n)];
            assert_eq!(trace_exact(&mut operator, &mut scratch), Ok(truth), "n {n}");
        }
    }
    let mut operator = Diagonal::new(&[1.0, f64::INFINITY, 2.0]);
    let refused = Error::NotFinite { argument: "product", index: 1 };
    assert_eq!(trace_exact(&mut operator, &mut [0.0; 6]), Err(refused));
    let short = Error::Short { argument: "scratch", needed: 6, found: 5 };
    assert_eq!(trace_exact(&mut operator, &mut [0.0; 5]), Err(short));
}

/// H = 2G: G⁻¹H = 2I in every coordinates, so that each probe gives 2n up to rounding; and for
/// diagonal G and H each probe of the diagonal form gives Σ hᵢ/gᵢ.
#[test]
fn trace_ratios_are_exact_where_probes_agree() {
    let (n, machine) = (6, Machine::detect());
    let g = matrix::whole_positive(n, 31);
    let h: Vec<f64> = g.iter().map(|g| 2.0 * g).collect();
    let mut l = g.clone();
    factor::cholesky_in_place(machine, MatMut::row_major(&mut l, n, n).unwrap()).unwrap();
    let mut scratch = vec![f64::NAN; trace_ratio_scratch_len(n)];
    let mut operator = Dense::new(machine, MatRef::row_major(&h, n, n).unwrap()).unwrap();
    let l = MatRef::row_major(&l, n, n).unwrap();
    let asked = options(Probe::Rademacher, 9, 1);
    let e = trace_ratio_cholesky(machine, &mut operator, l, &asked, &mut scratch).unwrap();
    // |E| ≤ γ₍₃ₙ₊₁₎|L||Lᵀ| against G ⪰ nI, ‖|L||Lᵀ|‖ ≤ n‖G‖_F, and zᵀz = n.
    let condition = naive::frobenius(&g) / n as f64;
    let allowed = 2.0 * (n * n) as f64 * bound::gamma_f64::<f64>(5 * n) * condition;
    assert!((e.value - 2.0 * n as f64).abs() <= allowed, "{e:?}");

    let (h, g) = ([8.0, -3.0, 5.0], [4.0, 1.0, 16.0]);
    let mut scratch = vec![f64::NAN; trace_ratio_scratch_len(3)];
    let asked = options(Probe::Rademacher, 9, 1);
    let e =
        trace_ratio_diagonal(machine, &mut Diagonal::new(&h), &g, &asked, &mut scratch).unwrap();
    // All probes agree, on the truth; that they do proves nothing, so there is a width.
    assert!(e.value == 2.0 - 3.0 + 0.3125 && e.lower < e.value && e.value < e.upper, "{e:?}");
    // w → cw: g/c², h/c². The powers of two keep every bit.
    let (h, g) = ([2.0, -12.0, 1.25], [1.0, 4.0, 4.0]);
    let again = trace_ratio_diagonal(machine, &mut Diagonal::new(&h), &g, &asked, &mut scratch);
    assert_eq!(again, Ok(e));
}

/// The dense form against the truth by faer's inverse, in both coordinates: Bernstein.
#[test]
fn dense_trace_ratio_estimates_the_trace() {
    let (n, machine) = (5, Machine::detect());
    let g = matrix::whole_positive(n, 31);
    let h = matrix::whole_symmetric(n, 32);
    let inverse = teeter_verify::oracle::reference::inverse(&g, n);
    let product = naive::multiply(&inverse, &h, n);
    let truth: f64 = (0..n).map(|i| product[i * (n + 1)]).sum();
    let mut l = g.clone();
    factor::cholesky_in_place(machine, MatMut::row_major(&mut l, n, n).unwrap()).unwrap();
    let mut lower = l.clone();
    (0..n * n).filter(|e| e % n > e / n).for_each(|e| lower[e] = 0.0);
    let root = teeter_verify::oracle::reference::inverse(&lower, n);
    let congruent = naive::triple(&root, &h, &naive::transpose(&root, n), n);
    let off = |f: &dyn Fn(f64) -> f64| -> f64 {
        (0..n * n).filter(|e| e / n != e % n).map(|e| f(congruent[e])).sum()
    };
    let (variance, range) = (2.0 * off(&|x| x * x), off(&f64::abs));
    let mut operator = Dense::new(machine, MatRef::row_major(&h, n, n).unwrap()).unwrap();
    let l = MatRef::row_major(&l, n, n).unwrap();
    for products in [10, 1000] {
        let mut scratch = vec![f64::NAN; trace_ratio_scratch_len(n)];
        let asked = options(Probe::Rademacher, products, 11);
        let e = trace_ratio_cholesky(machine, &mut operator, l, &asked, &mut scratch).unwrap();
        let allowed = bound::bernstein_trace(products, variance, range, 1e-12);
        assert!((e.value - truth).abs() <= allowed, "{products}: {e:?} for {truth}");
    }
}

#[test]
fn estimators_refuse_and_can_go_on() {
    let machine = Machine::detect();
    let run = |options: &HutchinsonOptions<f64>, d: &[f64], len: usize| {
        let mut scratch = vec![f64::NAN; len];
        hutchinson(machine, &mut Diagonal::new(d), options, &mut scratch).err()
    };
    let good = options(Probe::Rademacher, 3, 0);
    let d = [1.0, 2.0];
    assert_eq!(run(&good, &d, 4), None);
    assert_eq!(run(&good, &[], 0), Some(Error::Empty { argument: "operator" }));
    let none = HutchinsonOptions { products: 0, ..good };
    assert_eq!(run(&none, &d, 4), Some(Error::Empty { argument: "products" }));
    let short = Error::Short { argument: "scratch", needed: 4, found: 3 };
    assert_eq!(run(&good, &d, 3), Some(short));
    let infinite = Some(Error::NotFinite { argument: "product", index: 0 });
    assert_eq!(run(&good, &[f64::INFINITY, 1.0], 4), infinite);
    for confidence in [0.0, 1.0, -0.5, 2.0, f64::NAN] {
        let refused = run(&HutchinsonOptions { confidence, ..good }, &d, 4);
        assert!(
            matches!(refused, Some(Error::Range { argument: "confidence", .. })),
            "{refused:?}"
        );
        assert!(student_t_quantile(confidence, 3).is_err());
    }
    assert_eq!(student_t_quantile(0.5, 0), Err(Error::Empty { argument: "freedom" }));

    let mut estimator = Hutchinson::<f64>::new(Stream::new(0, 0), Probe::Rademacher);
    assert_eq!(estimator.estimate(0.9), Err(Error::Empty { argument: "products" }));
    assert_eq!(estimator.products_needed(0.9, 0.1), None);
    let (mut z, mut again) = ([0.0; 2], [0.0; 2]);
    estimator.probe_into(&mut z);
    estimator.probe_into(&mut again);
    assert_eq!(z, again, "asking twice changes nothing");
    let length = Error::Length { argument: "y", expected: 2, found: 1 };
    assert_eq!(estimator.push(machine, &z, &[1.0]), Err(length));
    let refused = estimator.push(machine, &z, &[1.0, f64::NAN]);
    assert_eq!(refused, Err(Error::NotFinite { argument: "product", index: 1 }));
    let refused = estimator.push(machine, &[1.0, 1.0], &[f64::MAX, f64::MAX]);
    assert_eq!(refused, Err(Error::NotFinite { argument: "product", index: 2 }));
    assert_eq!(estimator.products(), 0);
    for value in [3.0, 5.0, 7.0] {
        estimator.push(machine, &[1.0, 0.0], &[value, 0.0]).unwrap();
    }
    let e = estimator.estimate(0.9).unwrap();
    assert_eq!((e.value, e.products, estimator.products()), (5.0, 3, 3));
    // The half width shrinks as 1/√m: what is needed is the square of the ratio, times m.
    let half = e.upper - e.value;
    let needed = estimator.products_needed(0.9, 0.01).unwrap() as f64;
    assert!((needed - (half / 0.05).powi(2) * 3.0).abs() <= 1.0, "{needed}");
    assert_eq!(hutchinson_scratch_len(usize::MAX), usize::MAX);
    assert_eq!(trace_exact_scratch_len(usize::MAX), usize::MAX);
    assert_eq!(trace_ratio_scratch_len(usize::MAX), usize::MAX);
}

#[test]
fn metrics_that_are_none_are_refused() {
    let machine = Machine::detect();
    let asked = options::<f64>(Probe::Rademacher, 2, 0);
    let mut scratch = [f64::NAN; 8];
    for value in [0.0, -1.0, f64::INFINITY, f64::NAN] {
        let mut h = Diagonal::new(&[1.0, 1.0]);
        let refused = trace_ratio_diagonal(machine, &mut h, &[1.0, value], &asked, &mut scratch);
        assert!(matches!(refused, Err(Error::Pivot { index: 1, .. })), "{value}: {refused:?}");
    }
    let mut h = Diagonal::new(&[1.0, 1.0]);
    let refused = trace_ratio_diagonal(machine, &mut h, &[1.0], &asked, &mut scratch);
    assert_eq!(refused, Err(Error::Length { argument: "g", expected: 2, found: 1 }));
    let refused = trace_ratio_diagonal(machine, &mut h, &[1.0; 2], &asked, &mut scratch[..7]);
    assert_eq!(refused, Err(Error::Short { argument: "scratch", needed: 8, found: 7 }));
    let l = [1.0, 0.0, 1.0, 0.0];
    let singular = MatRef::row_major(&l, 2, 2).unwrap();
    let refused = trace_ratio_cholesky(machine, &mut h, singular, &asked, &mut scratch);
    assert_eq!(refused, Err(Error::Pivot { index: 1, value: 0.0 }));
    let wide = MatRef::row_major(&l, 1, 2).unwrap();
    let refused = trace_ratio_cholesky(machine, &mut h, wide, &asked, &mut scratch);
    assert_eq!(refused, Err(Error::Length { argument: "l.rows", expected: 2, found: 1 }));
}
