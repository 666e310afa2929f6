//! LOBPCG: right at both ends, helped by a preconditioner and by good starts.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails, in helpers too")]

use teeter::krylov::{LobpcgOptions, SpectrumEnd, Which};
use teeter::operator::{Diagonal, FromFn, Identity};
use teeter::{Float, Machine};
use teeter_verify::input::{Source, matrix, vector};
use teeter_verify::oracle::{naive, reference};
use teeter_verify::property::assert_all;
use teeter_verify::property::factor::{narrow, wide};
use teeter_verify::property::lobpcg::{options, solve};
use teeter_verify::property::thick_restart::{self as properties, Answer};

fn at_end(end: SpectrumEnd) -> Which {
    match end {
        SpectrumEnd::Largest => Which::LargestAlgebraic,
        SpectrumEnd::Smallest => Which::SmallestAlgebraic,
    }
}

const ENDS: [SpectrumEnd; 2] = [SpectrumEnd::Largest, SpectrumEnd::Smallest];

/// Every promise of an answer; `truth` ascending.
fn judge(a: &[f64], truth: &[f64], end: SpectrumEnd, answer: &Answer, case: &str) {
    let wanted = properties::wanted(truth, at_end(end), answer.pairs.len());
    let measured = [
        properties::residuals_are_those_of_the_vectors(a, answer),
        properties::vectors_are_orthonormal(answer),
        properties::values_are_the_wanted_ones(&wanted, |x| x, a, answer),
    ];
    for measured in &measured {
        assert!(measured.passed, "{case}: {measured:?}\n{:?}\n{wanted:?}", answer.pairs);
    }
    assert_all(&measured);
}

fn named_spectra<T: Float>(machine: Machine) {
    for n in [1, 2, 3, 5, 40] {
        for (name, spectrum) in matrix::spectra(n) {
            let a = narrow::<T>(&matrix::with_spectrum(&spectrum, 5));
            let truth = reference::eigenvalues(&wide(&a), n);
            for end in ENDS {
                for count in [1, 2, 3, 5] {
                    let mut options = options(end, count);
                    // Where the values lie closer than √ε, only what rounding leaves will tell them apart.
                    if name == "clustered" || name == "geometric" {
                        options.tolerance = T::ZERO;
                    }
                    // A condition of 10¹² is what a preconditioner is for; without one the budget may go, and the answer says so.
                    let hopeless = name == "geometric" && end == SpectrumEnd::Smallest && n == 40;
                    if hopeless {
                        options.product_max = 200;
                    }
                    let case = format!("{name}, {n}, {end:?}, {count}");
                    let answer = solve(machine, &a, &mut Identity::new(n), &options, &[]).unwrap();
                    assert_eq!(answer.pairs.len(), count.min(n), "{case}");
                    assert!(answer.pairs.iter().all(|pair| pair.products <= 3000), "{case}");
                    if properties::all_reached(&answer) {
                        judge(&wide(&a), &truth, end, &answer, &case);
                        continue;
                    }
                    assert!(hopeless, "{case}: {:?}", answer.pairs);
                    let measured = [
                        properties::residuals_are_those_of_the_vectors(&wide(&a), &answer),
                        properties::vectors_are_orthonormal(&answer),
                    ];
                    assert_all(&measured);
                }
            }
        }
    }
}

#[test]
fn pairs_are_those_of_faer() {
    for machine in Machine::present() {
        named_spectra::<f32>(machine);
        named_spectra::<f64>(machine);
    }
}

/// A badly scaled matrix near its diagonal: κ = 10⁶.
fn graded(n: usize) -> Vec<f64> {
    let mut a = vec![0.0; n * n];
    for i in 0..n {
        a[i * n + i] = 10.0_f64.powf(6.0 * i as f64 / n as f64);
        if i > 0 {
            let beside = 0.1 * a[(i - 1) * n + i - 1];
            (a[i * n + i - 1], a[(i - 1) * n + i]) = (beside, beside);
        }
    }
    a
}

/// The preconditioner of the diagonal finds the small end where no other search here does, and starts from last time's vectors
/// save most of the products.
#[test]
fn a_preconditioner_and_good_starts_save_products() {
    let (n, machine) = (150, Machine::detect());
    let a = graded(n);
    let truth = reference::eigenvalues(&a, n);
    let inverse: Vec<f64> = (0..n).map(|i| 1.0 / a[i * n + i]).collect();
    let mut search = options(SpectrumEnd::Smallest, 4);
    search.product_max = 400;
    let helped = solve(machine, &a, &mut Diagonal::new(&inverse), &search, &[]).unwrap();
    assert!(properties::all_reached(&helped), "{:?}", helped.pairs);
    judge(&a, &truth, SpectrumEnd::Smallest, &helped, "helped");
    let alone = solve(machine, &a, &mut Identity::new(n), &search, &[]).unwrap();
    assert!(!properties::all_reached(&alone), "{:?}", alone.pairs);
    assert_eq!(alone.pairs[0].products, 400, "the budget, and no more");
    let mut thick = properties::options(n, 4, Which::SmallestAlgebraic);
    thick.search.product_max = 400;
    let thick = properties::solve(machine, &a, &thick, &[]).unwrap();
    assert!(!properties::all_reached(&thick), "{:?}", thick.pairs);

    let near: Vec<f64> = a.iter().map(|x| x * (1.0 + 1e-4 * x.cos())).collect();
    search.starts = 4;
    let warm =
        solve(machine, &near, &mut Diagonal::new(&inverse), &search, &helped.vectors).unwrap();
    assert!(properties::all_reached(&warm), "{:?}", warm.pairs);
    judge(&near, &reference::eigenvalues(&near, n), SpectrumEnd::Smallest, &warm, "warm");
    let (cold, warm) = (helped.pairs[0].products, warm.pairs[0].products);
    assert!(2 * warm <= cold, "{warm} after {cold} products");
    // From the very vectors: their products, and those of the check.
    let same = solve(machine, &a, &mut Diagonal::new(&inverse), &search, &helped.vectors).unwrap();
    assert_eq!((same.pairs[0].products, properties::all_reached(&same)), (8, true));
}

/// Preconditioners that are no help: zero is left out, one of the wrong sign and size does not matter; of rank 1, skew or
/// random at each call they may spend the budget, and then the answer says so. Residuals and enclosures are true.
#[test]
fn a_bad_preconditioner_is_owned_up_to() {
    let (n, machine) = (30, Machine::detect());
    let spectrum: Vec<f64> = (0..n).map(|i| (i as f64).sqrt()).collect();
    let a = matrix::with_spectrum(&spectrum, 5);
    let search = LobpcgOptions { product_max: 300, ..options(SpectrumEnd::Largest, 3) };
    let mut source = Source::new(3);
    let zero = |_: &[f64], y: &mut [f64]| y.fill(0.0);
    let negative = |x: &[f64], y: &mut [f64]| {
        y.iter_mut().zip(x).for_each(|(y, x)| *y = -1e-200 * x);
    };
    let flat = |x: &[f64], y: &mut [f64]| y.fill(x.iter().sum());
    let skew = |x: &[f64], y: &mut [f64]| {
        for i in 0..x.len() {
            y[i] = x[(i + 1) % x.len()] - x[(i + x.len() - 1) % x.len()];
        }
    };
    let random =
        |x: &[f64], y: &mut [f64]| y.copy_from_slice(&vector::uniform(x.len(), &mut source));
    type Way<'a> = Box<dyn FnMut(&[f64], &mut [f64]) + 'a>;
    let mut ways: [(&str, Way<'_>); 5] = [
        ("zero", Box::new(zero)),
        ("negative", Box::new(negative)),
        ("rank 1", Box::new(flat)),
        ("skew", Box::new(skew)),
        ("random", Box::new(random)),
    ];
    let mut alone = 0;
    for (name, way) in &mut ways {
        let mut inverse = FromFn::new(n, |x: &[f64], y: &mut [f64]| {
            way(x, y);
            Ok(())
        });
        let answer = solve(machine, &a, &mut inverse, &search, &[]).unwrap();
        let measured = [
            properties::residuals_are_those_of_the_vectors(&a, &answer),
            properties::vectors_are_orthonormal(&answer),
        ];
        assert_all(&measured);
        for pair in &answer.pairs {
            let slack = answer.rounding * naive::frobenius(&a);
            let held = |x: &f64| pair.lower - slack <= *x && *x <= pair.upper + slack;
            assert!(spectrum.iter().any(held), "{name}: {pair:?}");
        }
        let products = answer.pairs[0].products;
        match *name {
            "zero" => alone = products,
            "negative" => assert_eq!(products, alone, "the sign and the size do not matter"),
            _ => assert!(products <= 300, "{name}"),
        }
        if *name == "zero" || *name == "negative" {
            assert!(properties::all_reached(&answer), "{name}: {:?}", answer.pairs);
            judge(&a, &spectrum, SpectrumEnd::Largest, &answer, name);
        }
    }
}

/// Multiplicities up to the width of the block; zero; identity; huge and tiny.
#[test]
fn adversarial_spectra_are_solved() {
    let n = 64;
    let of = |f: &dyn Fn(usize) -> f64| (0..n).map(f).collect::<Vec<f64>>();
    let cases = [
        ("zero", of(&|_| 0.0)),
        ("identity", of(&|_| 1.0)),
        ("rank 1", of(&|i| if i == 5 { 3.0 } else { 0.0 })),
        ("1, 50", of(&|i| if i % 2 == 0 { 1.0 } else { 50.0 })),
        ("+1, −1", of(&|i| if i < 30 { 1.0 } else { -1.0 })),
        ("four-fold", of(&|i| if i < 4 { 2.0 } else { i as f64 / 64.0 })),
        ("1e150", of(&|i| 1e150 * (1 + i) as f64)),
        ("1e−150", of(&|i| 1e-150 * (1 + i) as f64)),
    ];
    for (name, spectrum) in cases {
        let a = matrix::dense(&spectrum, &[]);
        let mut truth = spectrum.clone();
        truth.sort_by(f64::total_cmp);
        for end in ENDS {
            for count in [1, 4] {
                let search = options(end, count);
                let case = format!("{name}, {end:?}, {count}");
                let answer =
                    solve(Machine::detect(), &a, &mut Identity::new(n), &search, &[]).unwrap();
                assert!(properties::all_reached(&answer), "{case}: {:?}", answer.pairs);
                judge(&a, &truth, end, &answer, &case);
            }
        }
    }
}
