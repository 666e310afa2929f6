//! Diagonals and Frobenius norms from products.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails, in helpers too")]

use std::collections::HashSet;

use teeter::matrix::MatRef;
use teeter::operator::{Dense, Diagonal};
use teeter::random::{Stream, signs_into};
use teeter::trace::{
    DiagonalEstimator, DiagonalOptions, Hutchinson, Probe, diagonal_estimate,
    diagonal_estimate_scratch_len, diagonal_estimator_scratch_len,
};
use teeter::{Error, Float, Machine};
use teeter_verify::bound;
use teeter_verify::input::matrix;
use teeter_verify::oracle::{naive, signs};
use teeter_verify::property::leave_one_out::apply;

fn options(products: usize, seed: u64) -> DiagonalOptions {
    DiagonalOptions { products, stream: Stream::new(13, seed) }
}

/// The diagonal and the errors.
fn estimate<T: Float>(
    machine: Machine,
    a: &[T],
    options: DiagonalOptions,
) -> Result<[Vec<T>; 2], Error> {
    let n = a.len().isqrt();
    let mut operator = Dense::new(machine, MatRef::row_major(a, n, n)?)?;
    let (mut diagonal, mut errors) = (vec![T::NAN; n], vec![T::NAN; n]);
    let mut scratch = vec![T::NAN; diagonal_estimate_scratch_len(n)];
    let used = diagonal_estimate(
        machine,
        &mut operator,
        options,
        &mut diagonal,
        &mut errors,
        &mut scratch,
    )?;
    assert_eq!(used, options.products.min(n), "products");
    Ok([diagonal, errors])
}

/// Not symmetric: whole numbers in [−4, 4].
fn whole(n: usize) -> Vec<f64> {
    let [up, down] = [3, 4].map(|seed| matrix::whole_symmetric(n, seed));
    (0..n * n).map(|at| if at / n <= at % n { up[at] } else { down[at] }).collect()
}

/// One probe, over all 2⁵ of them found among the seeds.
#[test]
fn diagonals_have_exact_mean_and_variance_over_all_signs() {
    let n = 5;
    let a = whole(n);
    let mut seen = HashSet::new();
    let (mut sums, mut squares) = (vec![0.0; n], vec![0.0; n]);
    for seed in 0..1000 {
        let asked = options(1, seed);
        let mut z = vec![0.0_f64; n];
        signs_into(asked.stream.child(0), &mut z);
        if seen.insert(z.iter().map(|&z| z > 0.0).collect::<Vec<bool>>()) {
            let [found, errors] = estimate(Machine::detect(), &a, asked).unwrap();
            assert_eq!(errors, vec![0.0; n], "one probe tells none");
            for i in 0..n {
                sums[i] += found[i];
                squares[i] += (found[i] - a[i * (n + 1)]).powi(2);
            }
        }
    }
    assert_eq!(seen.len(), 32);
    for i in 0..n {
        let own = a[i * (n + 1)];
        let beside: f64 = a[i * n..(i + 1) * n].iter().map(|x| x * x).sum::<f64>() - own * own;
        assert_eq!((sums[i], squares[i]), (32.0 * own, 32.0 * beside), "{i}");
    }
}

/// Against the mean and the scatter in f64 of the same probes.
fn means_with_scatter<T: Float>() {
    let (n, m) = (20, 7);
    let wide = whole(n);
    let a: Vec<T> = wide.iter().map(|&x| T::from_f64(x)).collect();
    let asked = options(m, 2);
    let probes: Vec<Vec<f64>> = (0..m)
        .map(|j| {
            let mut z = vec![0.0; n];
            signs_into(asked.stream.child(j as u64), &mut z);
            z
        })
        .collect();
    let products: Vec<Vec<f64>> = probes.iter().map(|z| naive::apply(&wide, z)).collect();
    for machine in Machine::present() {
        let [found, errors] = estimate(machine, &a, asked).unwrap();
        for i in 0..n {
            let samples: Vec<f64> =
                probes.iter().zip(&products).map(|(z, p)| z[i] * p[i]).collect();
            let mean = samples.iter().sum::<f64>() / m as f64;
            let scatter: f64 = samples.iter().map(|x| (x - mean).powi(2)).sum();
            let largest = samples.iter().map(|x| x.abs()).fold(0.0, f64::max);
            let error = (found[i].to_f64() - mean).abs();
            assert!(error <= bound::running_mean::<T>(m, largest), "{i}: {error}");
            let truth = scatter / (m * (m - 1)) as f64;
            let deviation = (scatter / m as f64).sqrt();
            let squared = errors[i].to_f64().powi(2);
            let allowed = bound::running_variance::<T>(m, largest, deviation);
            assert!((squared / truth - 1.0).abs() <= allowed, "{i}: {squared}, not {truth}");
        }
    }
}

#[test]
fn diagonals_are_means_with_their_scatter() {
    means_with_scatter::<f64>();
    means_with_scatter::<f32>();
}

#[test]
fn as_many_products_as_rows_give_the_diagonal_itself() {
    for n in [1, 2, 3, 17] {
        let a = whole(n);
        let own: Vec<f64> = (0..n).map(|i| a[i * (n + 1)]).collect();
        for products in [n, n + 1, 1000] {
            let found = estimate(Machine::detect(), &a, options(products, 0)).unwrap();
            assert_eq!(found, [own.clone(), vec![0.0; n]]);
        }
    }
}

#[test]
fn diagonals_scale_exactly_and_agree_on_all_machines() {
    let n = 15;
    let a = whole(n);
    for products in [1, 2, 7, 14, 15] {
        let plain = estimate(Machine::portable(), &a, options(products, 5)).unwrap();
        for machine in Machine::present() {
            let found = estimate(machine, &a, options(products, 5));
            assert_eq!(found, Ok(plain.clone()), "{}", machine.name());
        }
        for k in [-900, -1, 30, 900] {
            let scaled: Vec<f64> = a.iter().map(|x| x.scale_by_power(k)).collect();
            let found = estimate(Machine::detect(), &scaled, options(products, 5)).unwrap();
            let right =
                plain.clone().map(|x| x.iter().map(|x| x.scale_by_power(k)).collect::<Vec<f64>>());
            assert_eq!(found, right, "2^{k}, {products}");
        }
    }
}

/// Taken up at every step from a copy of state and memory, with wrong products refused before each.
#[test]
fn an_interrupted_diagonal_goes_on_with_the_same_bits() {
    let (n, machine) = (6, Machine::detect());
    let a = whole(n);
    for products in [1, 4, 6] {
        let asked = options(products, 3);
        let right = estimate(machine, &a, asked).unwrap();
        let mut scratch = vec![f64::NAN; diagonal_estimator_scratch_len(n)];
        let started = DiagonalEstimator::new(machine, n, asked, &mut scratch).unwrap();
        let mut errors = vec![f64::NAN; n];
        let empty = Err(Error::Empty { argument: "products" });
        assert_eq!(started.standard_errors_into(&mut errors), empty);
        let mut state = started.state();
        for step in 0..products {
            let mut copied = scratch.clone();
            let mut resumed = DiagonalEstimator::resume(machine, state, &mut copied).unwrap();
            let product = apply(&a, resumed.wants().unwrap());
            let length = Error::Length { argument: "product", expected: n, found: 3 };
            assert_eq!(resumed.push(&[0.0; 3]), Err(length));
            for bad in [f64::NAN, f64::INFINITY, f64::MAX] {
                let mut broken = product.clone();
                broken[4] = bad;
                let refused = Err(Error::NotFinite { argument: "product", index: 4 });
                assert_eq!(resumed.push(&broken), refused);
            }
            resumed.push(&product).unwrap();
            assert_eq!(resumed.products(), step + 1);
            state = resumed.state();
            scratch = copied;
        }
        let mut resumed = DiagonalEstimator::resume(machine, state, &mut scratch).unwrap();
        let full = Err(Error::State { expected: "a new estimate" });
        assert_eq!((resumed.push(&[0.0; 6]), resumed.wants()), (full, None));
        resumed.standard_errors_into(&mut errors).unwrap();
        assert_eq!([resumed.diagonal(), &errors], [&right[0][..], &right[1][..]]);
        let length = Error::Length { argument: "errors", expected: n, found: 2 };
        assert_eq!(resumed.standard_errors_into(&mut [0.0; 2]), Err(length));
    }
}

#[test]
fn diagonals_of_nothing_are_refused() {
    let machine = Machine::detect();
    let call = |d: &[f64], products, lens: [usize; 3]| {
        let [mut diagonal, mut errors, mut scratch] = lens.map(|len| vec![0.0; len]);
        let operator = &mut Diagonal::new(d);
        let asked = options(products, 0);
        diagonal_estimate(machine, operator, asked, &mut diagonal, &mut errors, &mut scratch).err()
    };
    let d = [1.0, 2.0, 3.0];
    assert_eq!(call(&d, 2, [3, 3, 12]), None);
    assert_eq!(call(&[], 2, [0, 0, 9]), Some(Error::Empty { argument: "operator" }));
    assert_eq!(call(&d, 0, [3, 3, 12]), Some(Error::Empty { argument: "products" }));
    let length = |argument| Some(Error::Length { argument, expected: 3, found: 2 });
    assert_eq!(call(&d, 2, [2, 3, 12]), length("diagonal"));
    assert_eq!(call(&d, 2, [3, 2, 12]), length("errors"));
    let short = Error::Short { argument: "scratch", needed: 12, found: 11 };
    assert_eq!(call(&d, 2, [3, 3, 11]), Some(short));
    let empty = DiagonalEstimator::<f64>::new(machine, 0, options(1, 0), &mut []).err();
    assert_eq!(empty, Some(Error::Empty { argument: "n" }));
    let short = Error::Short { argument: "scratch", needed: 9, found: 8 };
    let found = DiagonalEstimator::new(machine, 3, options(1, 0), &mut [0.0; 8]).err();
    assert_eq!(found, Some(short));
    assert_eq!(diagonal_estimate_scratch_len(usize::MAX), usize::MAX);
    assert_eq!(diagonal_estimator_scratch_len(usize::MAX), usize::MAX);
}

/// ‖Az‖² has mean ‖A‖_F² over all signs; its scatter, with the doubt of one probe more, is that of its square.
#[test]
fn norms_over_all_signs_are_exact_and_have_the_scatter_of_lengths() {
    let (n, machine) = (9, Machine::detect());
    let a = whole(n);
    let mut estimator = Hutchinson::<f64>::new(Stream::new(0, 0), Probe::Rademacher);
    let empty = Error::Empty { argument: "products" };
    assert_eq!(estimator.frobenius_norm(), Err(empty));
    let mut squares = Vec::new();
    signs::for_each(n, |z| {
        let product = naive::apply(&a, z);
        squares.push(naive::dot(&product, &product));
        estimator.push(machine, z, &product).unwrap();
    });
    let found = estimator.frobenius_norm().unwrap();
    let (m, truth) = (squares.len() as f64, naive::dot(&a, &a));
    assert_eq!((squares.iter().sum::<f64>() / m, found.products), (truth, squares.len()));
    let allowed = bound::trace::root_of_squares::<f64>(squares.len());
    assert!((found.value.powi(2) / truth - 1.0).abs() <= allowed, "{found:?}");
    let scatter = squares.iter().map(|x| (x / truth - 1.0).powi(2)).sum::<f64>() / m + 0.5 / m;
    let relative = 0.5 * (scatter / m).sqrt();
    // Of Σx²/(Σx)² less 1/m, which rounding reaches with m·u of it, what is left is `scatter`.
    let allowed = allowed + 16.0 * m * f64::EPSILON / scatter;
    assert!((found.standard_error / found.value / relative - 1.0).abs() <= allowed, "{found:?}");
}
