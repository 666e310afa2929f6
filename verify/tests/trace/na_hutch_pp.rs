//! NA-Hutch++: the literal formula, exact where it must be, total.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails, in helpers too")]

use teeter::operator::Identity;
use teeter::random::Stream;
use teeter::trace::{
    HutchinsonOptions, NaHutchPp, Probe, TraceEstimate, TraceMethod, na_hutch_pp,
    na_hutch_pp_machine_scratch_len, na_hutch_pp_scratch_len,
};
use teeter::{Error, Float, Machine, Stop};
use teeter_verify::bound;
use teeter_verify::input::matrix;
use teeter_verify::oracle::{naive, reference};

const PROBES: [Probe; 2] = [Probe::Rademacher, Probe::Gaussian];

fn options<T: Float>(probe: Probe, products: usize, seed: u64) -> HutchinsonOptions<T> {
    let confidence = T::from_f64(0.95);
    HutchinsonOptions { probe, products, confidence, stream: Stream::new(7, seed) }
}

/// The vectors asked for, and the estimate.
fn run(
    machine: Machine,
    a: &[f64],
    options: &HutchinsonOptions<f64>,
) -> (Vec<Vec<f64>>, TraceEstimate<f64>) {
    let n = a.len().isqrt();
    let mut scratch = vec![f64::NAN; na_hutch_pp_machine_scratch_len(n, options.products)];
    let mut trace = NaHutchPp::new(machine, n, options, &mut scratch).unwrap();
    let mut asked = Vec::new();
    while let Some(z) = trace.wants() {
        let product = naive::apply(a, z);
        asked.push(z.to_vec());
        trace.push(&product).unwrap();
    }
    (asked, trace.estimate(options.confidence).unwrap())
}

fn columns(vectors: &[Vec<f64>], i: usize, j: usize) -> f64 {
    naive::dot(&vectors[i], &vectors[j])
}

/// X with MᵀMX = Mᵀy, M = SᵀZ, for small k: Gaussian elimination on the normal equations.
fn least_squares(m: &[Vec<f64>], y: &[f64]) -> Vec<f64> {
    let k = m.len();
    let mut a: Vec<Vec<f64>> = (0..k)
        .map(|i| (0..k).map(|j| columns(m, i, j)).chain([naive::dot(&m[i], y)]).collect())
        .collect();
    for p in 0..k {
        let (done, below) = a.split_at_mut(p + 1);
        for row in below {
            let factor = row[p] / done[p][p];
            for (element, pivot) in row.iter_mut().zip(&done[p]).skip(p) {
                *element -= factor * pivot;
            }
        }
    }
    let mut x = vec![0.0; k];
    for p in (0..k).rev() {
        let known: f64 = (p + 1..k).map(|j| a[p][j] * x[j]).sum();
        x[p] = (a[p][k] - known) / a[p][p];
    }
    x
}

/// Tr(Z(SᵀZ)⁺(AS)ᵀ) and the mean of gᵀ(A − Z(SᵀZ)⁺(AS)ᵀ)g, term by term. Both sides round sums of n terms, solve with SᵀZ
/// once more (its condition squared in the normal equations here), and are as large as the products make them.
#[test]
fn the_value_is_the_literal_formula() {
    for (n, products) in [(9, 7), (20, 13), (33, 30)] {
        let a = matrix::whole_positive(n, 3);
        for probe in PROBES {
            for seed in 0..4 {
                let (asked, found) = run(Machine::detect(), &a, &options(probe, products, seed));
                assert_eq!((found.method, found.products), (TraceMethod::NaHutchPp, products));
                let k = products / 6;
                let image = |x: &Vec<f64>| naive::apply(&a, x);
                let z: Vec<Vec<f64>> = asked[..k].iter().map(image).collect();
                let (s, g) = asked[k..].split_at(2 * k);
                let w: Vec<Vec<f64>> = s.iter().map(image).collect();
                let m: Vec<Vec<f64>> =
                    z.iter().map(|z| s.iter().map(|s| naive::dot(s, z)).collect()).collect();
                // Tr Ã = Σᵢ eᵢᵀÃeᵢ
                let sketched = |x: &[f64]| -> Vec<f64> {
                    let y: Vec<f64> = w.iter().map(|w| naive::dot(w, x)).collect();
                    let c = least_squares(&m, &y);
                    (0..n).map(|i| z.iter().zip(&c).map(|(z, c)| z[i] * c).sum()).collect()
                };
                let unit =
                    |i| -> Vec<f64> { (0..n).map(|j| f64::from(u8::from(i == j))).collect() };
                let known: f64 = (0..n).map(|i| sketched(&unit(i))[i]).sum();
                let (mut mean, mut size) = (0.0, known.abs());
                for g in g {
                    let [image, sketched] = [image(g), sketched(g)];
                    mean += naive::dot(g, &image) - naive::dot(g, &sketched);
                    size += naive::norm(g) * (naive::norm(&image) + naive::norm(&sketched));
                }
                let mean = mean / (products - 3 * k) as f64;
                let gram: Vec<f64> = (0..k * k).map(|e| columns(&m, e / k, e % k)).collect();
                let squares = reference::eigenvalues(&gram, k);
                let condition = squares[k - 1] / squares[0];
                let allowed = bound::gamma_f64::<f64>(8 * n * (k + 1)) * condition * size;
                assert!(
                    (found.value - known - mean).abs() <= allowed,
                    "{n}, {products}, {seed}: {} for {} within {allowed:e}",
                    found.value,
                    known + mean
                );
                let value = found.value;
                assert!(allowed <= 1e-3 * value, "a bound that says something: {allowed:e}");
            }
        }
    }
}

/// A matrix whose rank the narrow sketch holds, the zero matrix, and as many products as rows: exact.
#[test]
fn low_rank_and_full_products_are_exact() {
    let a = matrix::whole_symmetric(12, 3);
    for products in [12, 13] {
        let (asked, full) = run(Machine::detect(), &a, &options(Probe::Gaussian, products, 1));
        assert_eq!(
            (asked.len(), full.stop, full.method),
            (12, Stop::Invariant, TraceMethod::Diagonal)
        );
        assert_eq!(full.value, (0..12).map(|i| a[i * 13]).sum::<f64>(), "whole numbers");
    }
    let n = 30;
    let mut spectrum = vec![0.0; n];
    (spectrum[0], spectrum[1]) = (5.0, -2.0);
    let a = matrix::with_spectrum_mixed(&spectrum, 3);
    for seed in 0..20 {
        let (_, found) = run(Machine::detect(), &a, &options(Probe::Gaussian, 13, seed));
        let allowed = 1e4 * bound::gamma_f64::<f64>(40 * n) * naive::frobenius(&a);
        assert!((found.value - 3.0).abs() <= allowed, "{seed}: {found:?}");
        assert!(found.upper - found.lower <= 100.0 * allowed, "and knows it: {found:?}");
    }
    let (_, zero) = run(Machine::detect(), &vec![0.0; n * n], &options(Probe::Rademacher, 13, 1));
    assert_eq!((zero.value, zero.lower, zero.upper), (0.0, 0.0, 0.0));
}

/// 2ᵏA has 2ᵏ times every number, and all machines agree.
#[test]
fn single_pass_traces_scale_exactly_and_agree_on_all_machines() {
    let a = matrix::whole_symmetric(20, 5);
    let scale = |found: &TraceEstimate<f64>, power: i32| {
        [found.value, found.standard_error, found.sample_error, found.lower, found.upper]
            .map(|x| x.scale_by_power(power))
    };
    for probe in PROBES {
        let (_, plain) = run(Machine::portable(), &a, &options(probe, 13, 1));
        for machine in Machine::present() {
            for power in [-300, 0, 7, 300] {
                let scaled: Vec<f64> = a.iter().map(|x| x.scale_by_power(power)).collect();
                let (_, other) = run(machine, &scaled, &options(probe, 13, 1));
                assert_eq!(scale(&plain, power), scale(&other, 0), "2^{power}");
            }
        }
    }
}

/// The interval holds the trace as often as it says: 1,000 runs; of a binomial with chance 0.95 fewer than 923 are as rare as 1 in 10⁴.
#[test]
fn intervals_hold_as_often_as_they_say() {
    let n = 60;
    let spectrum: Vec<f64> = (0..n).map(|i| 1.0 / (1.0 + i as f64)).collect();
    let a = matrix::with_spectrum_mixed(&spectrum, 3);
    let truth: f64 = spectrum.iter().sum();
    let held = (0..1000)
        .filter(|&seed| {
            let (_, found) = run(Machine::detect(), &a, &options(Probe::Gaussian, 24, seed));
            found.lower <= truth && truth <= found.upper
        })
        .count();
    assert!(held >= 923, "{held} of 1000");
}

/// Wrong products are refused and the right one is taken after; nothing has no trace.
#[test]
fn refusals_change_nothing() {
    let (n, machine) = (20, Machine::detect());
    let a = matrix::whole_symmetric(n, 5);
    let search = options::<f64>(Probe::Gaussian, 13, 1);
    let (_, expected) = run(machine, &a, &search);
    let mut scratch = vec![f64::NAN; na_hutch_pp_machine_scratch_len(n, 13)];
    let mut trace = NaHutchPp::new(machine, n, &search, &mut scratch).unwrap();
    assert_eq!(trace.estimate(0.9), Err(Error::Empty { argument: "products" }));
    while let Some(z) = trace.wants() {
        let mut product = naive::apply(&a, z);
        for bad in [f64::NAN, f64::INFINITY, f64::MAX] {
            let right = std::mem::replace(&mut product[3], bad);
            let refused = trace.push(&product);
            assert!(matches!(refused, Err(Error::NotFinite { .. })), "{refused:?}");
            product[3] = right;
        }
        assert!(trace.push(&product[1..]).is_err());
        trace.push(&product).unwrap();
        assert_eq!(trace.estimate(0.9).unwrap().products, trace.products(), "at any time");
    }
    assert!(trace.push(&vec![0.0; n]).is_err(), "nothing is wanted");
    assert_eq!(trace.estimate(0.95).unwrap(), expected);
    let mut none = [0.0; 0];
    let refused = NaHutchPp::new(machine, 0, &search, &mut none).unwrap_err();
    assert_eq!(refused, Error::Empty { argument: "n" });
    let refused = NaHutchPp::new(machine, n, &search, &mut none).unwrap_err();
    let needed = na_hutch_pp_machine_scratch_len(n, 13);
    assert_eq!(refused, Error::Short { argument: "scratch", needed, found: 0 });
    let refused = na_hutch_pp(machine, &mut Identity::new(n), &search, &mut none).unwrap_err();
    let needed = na_hutch_pp_scratch_len(n, 13);
    assert_eq!(refused, Error::Short { argument: "scratch", needed, found: 0 });
}
