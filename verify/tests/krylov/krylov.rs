//! Layer `krylov`.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails, in helpers too")]

use teeter::krylov::{
    Eigenpair, Lanczos, LanczosOptions, PowerOptions, Which, extremal_eigenpair,
    extremal_eigenpair_scratch_len, lanczos_scratch_len, power_iteration,
    power_iteration_scratch_len, ritz_scratch_len, ritz_values, ritz_vector,
};
use teeter::matrix::MatRef;
use teeter::operator::{Dense, Diagonal, FromFn};
use teeter::{Error, Float, Machine, Stop};
use teeter_verify::bound;
use teeter_verify::input::{Source, matrix, vector};
use teeter_verify::oracle::{naive, reference};
use teeter_verify::property::factor::{narrow, wide};
use teeter_verify::property::{self, assert_caught, krylov as properties};
use teeter_verify::subject::{Process, Subject};

#[test]
fn properties_hold() {
    property::assert_all(&property::of_layer("krylov"));
}

/// Lanczos by hand, full orthogonalization, with the fault of a released one (science.md §2.3): the
/// vector is divided by its norm before orthogonalization, and β taken afterwards.
struct Released;
impl Subject<f64> for Released {
    fn machine(&self) -> Machine {
        Machine::portable()
    }
    fn lanczos(
        &self,
        apply: &mut dyn FnMut(&[f64], &mut [f64]),
        start: &[f64],
        steps: usize,
    ) -> Result<Process<f64>, Error> {
        process(apply, start, steps, |w| {
            let norm = naive::norm(w);
            w.iter_mut().for_each(|w| *w /= norm);
        })
    }
}

/// No reorthogonalization at all: the three-term recurrence alone.
struct ThreeTerm;
impl Subject<f64> for ThreeTerm {
    fn machine(&self) -> Machine {
        Machine::portable()
    }
    fn lanczos(
        &self,
        apply: &mut dyn FnMut(&[f64], &mut [f64]),
        start: &[f64],
        steps: usize,
    ) -> Result<Process<f64>, Error> {
        // A perturbation of 1e-9 stands in for what many more steps would do.
        process(apply, start, steps, |w| w[0] += 1e-9 * naive::norm(w))
    }
}

/// β one step late: T is right but for a shift of its off-diagonal.
struct LateBeta;
impl Subject<f64> for LateBeta {
    fn machine(&self) -> Machine {
        Machine::portable()
    }
    fn lanczos(
        &self,
        apply: &mut dyn FnMut(&[f64], &mut [f64]),
        start: &[f64],
        steps: usize,
    ) -> Result<Process<f64>, Error> {
        let mut process = process(apply, start, steps, |_| ())?;
        if let Some(first) = process.off_diagonal.first().copied() {
            process.off_diagonal.insert(0, first);
            process.off_diagonal.truncate(process.diagonal.len() - 1);
        }
        Ok(process)
    }
}

/// Lanczos in plain loops; `fault` sees w before it is orthogonalized.
fn process(
    apply: &mut dyn FnMut(&[f64], &mut [f64]),
    start: &[f64],
    steps: usize,
    fault: impl Fn(&mut [f64]),
) -> Result<Process<f64>, Error> {
    let n = start.len();
    let norm = naive::norm(start);
    let mut basis: Vec<Vec<f64>> = vec![start.iter().map(|x| x / norm).collect()];
    let (mut diagonal, mut off_diagonal) = (Vec::new(), Vec::new());
    for _ in 0..steps {
        let q = basis.last().cloned().unwrap_or_default();
        let mut w = vec![0.0; n];
        apply(&q, &mut w);
        diagonal.push(naive::dot(&q, &w));
        fault(&mut w);
        for _ in 0..2 {
            for q in &basis {
                let c = naive::dot(q, &w);
                w.iter_mut().zip(q).for_each(|(w, q)| *w -= c * q);
            }
        }
        let beta = naive::norm(&w);
        off_diagonal.push(beta);
        basis.push(w.iter().map(|w| w / beta).collect());
    }
    basis.pop();
    let residual_norm = off_diagonal.pop().unwrap_or(0.0);
    let basis = basis.concat();
    Ok(Process { diagonal, off_diagonal, residual_norm, basis, invariant: false })
}

#[test]
fn planted_faults_are_caught() {
    assert_caught(&properties::tridiagonal_is_the_projection(&Released));
    assert_caught(&properties::second_moment_is_the_norm_of_the_product(&Released));
    assert_caught(&properties::moments_agree_to_degree_2k_minus_1(&Released));
    assert_caught(&properties::ritz_values_lie_within_their_residuals(&Released));
    assert_caught(&properties::whole_number_tridiagonal_is_returned(&Released));
    assert_caught(&properties::lanczos_scales_by_powers_of_two(&Released));
    assert_caught(&properties::process_closes_on_an_invariant_subspace(&Released));
    assert_caught(&properties::moments_agree_to_degree_2k_minus_1(&ThreeTerm));
    assert_caught(&properties::tridiagonal_is_the_projection(&LateBeta));
    assert_caught(&properties::moments_part_at_degree_2k(&LateBeta));
}

/// The plain loops without a fault pass what they can: the properties judge faults, not styles.
#[test]
fn the_plain_process_without_a_fault_passes() {
    struct Plain;
    impl Subject<f64> for Plain {
        fn machine(&self) -> Machine {
            Machine::portable()
        }
        fn lanczos(
            &self,
            apply: &mut dyn FnMut(&[f64], &mut [f64]),
            start: &[f64],
            steps: usize,
        ) -> Result<Process<f64>, Error> {
            process(apply, start, steps, |_| ())
        }
    }
    property::assert_all(&[
        properties::basis_is_orthonormal(&Plain),
        properties::tridiagonal_is_the_projection(&Plain),
        properties::second_moment_is_the_norm_of_the_product(&Plain),
        properties::moments_agree_to_degree_2k_minus_1(&Plain),
        properties::moments_part_at_degree_2k(&Plain),
        properties::ritz_values_lie_within_their_residuals(&Plain),
    ]);
}

/// Weights sum to 1, values are those of faer for the same T, and each Ritz vector has the residual
/// that it claims, recomputed with a product.
fn ritz_pairs_have_their_residuals<T: Float>(machine: Machine) {
    let (n, k) = (30, 9);
    let spectrum: Vec<f64> = (0..n).map(|i| (i as f64 * 0.7).sin() * 10.0).collect();
    let a = narrow::<T>(&matrix::with_spectrum(&spectrum, 4));
    let start: Vec<T> = vector::uniform(n, &mut Source::new(9));
    let mut scratch = vec![T::NAN; lanczos_scratch_len(n, k)];
    let mut lanczos = Lanczos::new(machine, &start, k, &mut scratch).unwrap();
    let wide_a = wide(&a);
    while let Some(q) = lanczos.wants() {
        let product = narrow::<T>(&naive::apply(&wide_a, &wide(q)));
        lanczos.push(&product).unwrap();
    }
    let [mut values, mut weights, mut residuals] = [(); 3].map(|()| vec![T::NAN; k]);
    let mut small = vec![T::NAN; ritz_scratch_len(k)];
    ritz_values(&lanczos, &mut values, &mut weights, &mut residuals, &mut small).unwrap();
    let t = matrix::dense(&wide(lanczos.diagonal()), &wide(lanczos.off_diagonal()));
    let frobenius = naive::frobenius(&wide_a);
    let eigen = bound::eigen::<T>(k) * frobenius;
    let total: f64 = wide(&weights).iter().sum();
    assert!((total - 1.0).abs() <= 2.0 * bound::eigen::<T>(k), "weights sum to {total}");
    let defect = lanczos.orthogonality_defect().unwrap().to_f64();
    assert!(defect <= bound::lanczos_orthogonality::<T>(n, k), "{machine:?}: {defect:e}");
    let step = bound::lanczos::<T>(n, k, defect) * (k as f64).sqrt() * frobenius;
    for (index, faer) in reference::eigenvalues(&t, k).iter().enumerate() {
        assert!((values[index].to_f64() - faer).abs() <= eigen, "value {index}");
        let (mut y, mut small) = (vec![T::NAN; n], vec![T::NAN; k * (k + 2)]);
        let value = ritz_vector(machine, &lanczos, index, &mut y, &mut small).unwrap();
        assert!((value.to_f64() - faer).abs() <= eigen, "value {index} beside its vector");
        let y = wide(&y);
        let image = naive::apply(&wide_a, &y);
        let rest: Vec<f64> = image.iter().zip(&y).map(|(ay, y)| ay - value.to_f64() * y).collect();
        let claimed = residuals[index].to_f64();
        let off = (naive::norm(&rest) - claimed).abs();
        assert!(off <= step + 2.0 * eigen, "{machine:?}, {index}: {claimed:e}, off by {off:e}");
    }
    let refused = ritz_vector(machine, &lanczos, k, &mut [T::ZERO; 30], &mut [T::ZERO; 200]);
    assert!(matches!(refused, Err(Error::Range { argument: "index", .. })), "{refused:?}");
}

#[test]
fn ritz_pairs_have_the_residuals_they_claim() {
    for machine in Machine::present() {
        ritz_pairs_have_their_residuals::<f32>(machine);
        ritz_pairs_have_their_residuals::<f64>(machine);
    }
}

fn extremal<T: Float>(
    machine: Machine,
    a: &[T],
    options: &LanczosOptions<T>,
) -> (Result<Eigenpair<T>, Error>, Vec<T>) {
    let n = a.len().isqrt();
    let mut vector: Vec<T> = vector::uniform(n, &mut Source::new(3));
    let mut scratch = vec![T::NAN; extremal_eigenpair_scratch_len(n, options.krylov_dim)];
    let mut operator = Dense::new(machine, MatRef::row_major(a, n, n).unwrap()).unwrap();
    (extremal_eigenpair(machine, &mut operator, options, &mut vector, &mut scratch), vector)
}

/// The wanted end of the spectrum against faer, with restarts and without; the budget holds, the
/// certificate encloses an eigenvalue, the residual is that of the vector returned.
fn extremal_pairs_agree_with_faer<T: Float>(machine: Machine) {
    let n = 40;
    for (name, spectrum) in matrix::spectra(n) {
        let a = narrow::<T>(&matrix::with_spectrum(&spectrum, 5));
        let truth = reference::eigenvalues(&wide(&a), n);
        let frobenius = naive::frobenius(&wide(&a));
        let rounding = (bound::lanczos::<T>(n, 40, bound::lanczos_orthogonality::<T>(n, 40))
            + bound::eigen::<f64>(n))
            * frobenius;
        for which in [Which::LargestAlgebraic, Which::SmallestAlgebraic, Which::LargestMagnitude] {
            for (krylov_dim, product_max) in [(40, 60), (8, 300), (40, 1), (40, 2), (3, 7)] {
                let tolerance = T::EPSILON.sqrt();
                let options = LanczosOptions { which, krylov_dim, product_max, tolerance };
                let (pair, v) = extremal(machine, &a, &options);
                let pair = pair.unwrap();
                let case = format!("{name}, {which:?}, {krylov_dim}, {product_max}: {pair:?}");
                assert!(pair.products <= product_max && pair.products >= 1, "{case}");
                let (value, residual) = (pair.value.to_f64(), pair.residual.to_f64());
                assert!(value.is_finite() && residual >= 0.0, "{case}");
                assert_eq!(
                    (pair.lower, pair.upper),
                    (pair.value - pair.residual, pair.value + pair.residual),
                    "{case}"
                );
                let distance = truth.iter().fold(f64::MAX, |d, x| d.min((x - value).abs()));
                assert!(distance <= residual + rounding, "no eigenvalue inside: {case}");
                let v = wide(&v);
                let rest: Vec<f64> = naive::apply(&wide(&a), &v)
                    .iter()
                    .zip(&v)
                    .map(|(av, v)| av - value * v)
                    .collect();
                assert!((naive::norm(&rest) - residual).abs() <= rounding, "{case}");
                // Which eigenvalue it is, is promised only where the tolerance tells them apart:
                // in the cluster any of them has a residual below it.
                let told_apart = truth[n - 1] - truth[0] > 100.0 * tolerance.to_f64() * frobenius;
                if krylov_dim < 40 || product_max < 60 || !told_apart {
                    continue;
                }
                let wanted = match which {
                    Which::LargestAlgebraic | Which::BothEnds => truth[n - 1],
                    Which::SmallestAlgebraic => truth[0],
                    Which::LargestMagnitude if -truth[0] > truth[n - 1] => truth[0],
                    Which::LargestMagnitude => truth[n - 1],
                };
                let error = (value - wanted).abs();
                assert!(pair.stop != Stop::LimitReached, "{case}");
                assert!(error <= residual + rounding, "{wanted} is wanted, not {case}");
            }
        }
    }
}

#[test]
fn extremal_pairs_are_those_of_faer() {
    for machine in Machine::present() {
        extremal_pairs_agree_with_faer::<f32>(machine);
        extremal_pairs_agree_with_faer::<f64>(machine);
    }
}

/// The spectrum on which the released Lanczos reports 45.7.
#[test]
fn sharpness_of_62_9_is_found() {
    let mut spectrum: Vec<f64> = (0..300).map(|i| f64::from(i) / 30.0).collect();
    spectrum[..3].copy_from_slice(&[62.9, 40.0, 25.0]);
    let a = matrix::with_spectrum(&spectrum, 7);
    let options = LanczosOptions {
        which: Which::LargestAlgebraic,
        krylov_dim: 20,
        product_max: 60,
        tolerance: 1e-10,
    };
    let (pair, _) = extremal(Machine::detect(), &a, &options);
    let pair = pair.unwrap();
    let truth = reference::eigenvalues(&a, 300)[299];
    let rounding = bound::eigen::<f64>(300) * naive::frobenius(&a);
    assert_eq!(pair.stop, Stop::Converged);
    assert!(
        (truth - 62.9).abs() <= rounding && (pair.value - truth).abs() <= pair.residual + rounding
    );
}

fn power(d: &[f64], start: &[f64], options: &PowerOptions<f64>) -> Result<Eigenpair<f64>, Error> {
    let mut vector = start.to_vec();
    let mut scratch = vec![f64::NAN; power_iteration_scratch_len(d.len())];
    power_iteration(Machine::detect(), &mut Diagonal::new(d), options, &mut vector, &mut scratch)
}

#[test]
fn power_iteration_finds_the_largest_modulus_or_says_that_it_does_not() {
    let options = PowerOptions { product_max: 200, tolerance: 1e-12 };
    let pair = power(&[1.0, -5.0, 2.0], &[1.0; 3], &options).unwrap();
    assert_eq!(pair.stop, Stop::Converged);
    assert!((pair.value + 5.0).abs() <= pair.residual && pair.products < 200, "{pair:?}");
    // ±2 tie: the Rayleigh quotient is 0, and no answer.
    let pair = power(&[2.0, -2.0, 1.0], &[1.0, 1.0, 0.0], &options).unwrap();
    assert_eq!((pair.stop, pair.products, pair.value), (Stop::LimitReached, 200, 0.0));
    assert!(pair.residual >= 1.9, "{pair:?}");
    // The zero matrix: every vector is an eigenvector, of 0.
    let pair = power(&[0.0; 4], &[1.0; 4], &options).unwrap();
    assert_eq!((pair.stop, pair.value, pair.residual), (Stop::Invariant, 0.0, 0.0));
    // One product is one Rayleigh quotient with its residual.
    let once = PowerOptions { product_max: 1, tolerance: 0.0 };
    let pair = power(&[1.0, 3.0], &[1.0, 1.0], &once).unwrap();
    let unit = bound::gamma_f64::<f64>(8);
    assert!((pair.value - 2.0).abs() <= 2.0 * unit && (pair.residual - 1.0).abs() <= 3.0 * unit);
}

#[test]
fn power_iteration_scales_exactly() {
    let options = PowerOptions { product_max: 9, tolerance: 0.0 };
    let (d, start) = ([3.0, -4.0, 1.5, 0.7], [1.0, 2.0, -1.0, 0.3]);
    let plain = power(&d, &start, &options).unwrap();
    for k in [-300, -2, 5, 300] {
        let pair = power(&d.map(|d| d.scale_by_power(k)), &start, &options).unwrap();
        assert_eq!(pair.value, plain.value.scale_by_power(k), "2^{k}");
        assert_eq!(pair.residual, plain.residual.scale_by_power(k), "2^{k}");
    }
}

const OPTIONS: LanczosOptions<f64> = LanczosOptions {
    which: Which::LargestAlgebraic,
    krylov_dim: 3,
    product_max: 9,
    tolerance: 1e-9,
};

/// The operator fails, or returns NaN, at call 1, 2, 3, … until the run completes (after SQLite).
#[test]
fn faults_of_the_operator_come_back_at_every_call() {
    let machine = Machine::detect();
    let d = [4.0, 1.0, 3.0, 2.0, 0.5];
    for poison in [false, true] {
        let mut completed = false;
        for fail_at in 1..20 {
            let mut calls = 0;
            let mut operator = FromFn::new(5, |x: &[f64], y: &mut [f64]| {
                calls += 1;
                y.iter_mut().zip(x).zip(d).for_each(|((y, x), d)| *y = d * x);
                if calls < fail_at {
                    return Ok(());
                }
                y[3] = f64::NAN;
                if poison { Ok(()) } else { Err(Error::Operator { code: fail_at }) }
            });
            let mut v = [1.0; 5];
            let mut scratch = vec![f64::NAN; extremal_eigenpair_scratch_len(5, 3)];
            let out = extremal_eigenpair(machine, &mut operator, &OPTIONS, &mut v, &mut scratch);
            match out {
                Ok(pair) => {
                    assert!(pair.value.is_finite() && calls == pair.products as i32);
                    completed = true;
                }
                Err(Error::NotFinite { argument: "product", .. }) => assert!(poison),
                Err(error) => assert_eq!(error, Error::Operator { code: fail_at }),
            }
            assert!(completed == (calls < fail_at), "call {fail_at}: {out:?}");
        }
        assert!(completed, "no run ever completed");
    }
}
