//! Several eigenpairs by thick-restart Lanczos.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails, in helpers too")]

use teeter::krylov::{
    Eigenpair, EigenpairsOptions, Which, extremal_eigenpairs, extremal_eigenpairs_scratch_len,
};
use teeter::operator::{Diagonal, FromFn};
use teeter::{Error, Float, Machine, Stop};
use teeter_verify::input::matrix;
use teeter_verify::oracle::reference;
use teeter_verify::property::factor::{narrow, wide};
use teeter_verify::property::{assert_all, assert_caught, thick_restart as properties};

const ALL: [Which; 4] =
    [Which::LargestAlgebraic, Which::SmallestAlgebraic, Which::LargestMagnitude, Which::BothEnds];

/// Every promise of an answer; `truth` ascending.
fn judge<T: Float>(
    machine: Machine,
    a: &[T],
    truth: &[f64],
    options: &EigenpairsOptions<T>,
    case: &str,
) -> properties::Answer {
    let answer = properties::solve(machine, a, options, &[]).unwrap();
    let a = wide(a);
    let count = options.search.count.min(answer.n);
    assert_eq!(answer.pairs.len(), count, "{case}");
    assert!(properties::all_reached(&answer), "{case}: {:?}", answer.pairs);
    assert!(answer.pairs.iter().all(|pair| pair.products <= options.search.product_max), "{case}");
    let wanted = properties::wanted(truth, options.search.which, count);
    let by_size = options.search.which == Which::LargestMagnitude;
    let size: fn(f64) -> f64 = if by_size { f64::abs } else { |x| x };
    let measured = [
        properties::residuals_are_those_of_the_vectors(&a, &answer),
        properties::vectors_are_orthonormal(&answer),
        properties::values_are_the_wanted_ones(&wanted, size, &a, &answer),
    ];
    for measured in &measured {
        assert!(measured.passed, "{case}: {measured:?}\n{:?}\n{wanted:?}", answer.pairs);
    }
    assert_all(&measured);
    answer
}

fn named_spectra<T: Float>(machine: Machine) {
    for n in [1, 2, 3, 40, 65] {
        for (name, spectrum) in matrix::spectra(n) {
            let a = narrow::<T>(&matrix::with_spectrum(&spectrum, 5));
            let truth = reference::eigenvalues(&wide(&a), n);
            for which in ALL {
                for count in [1, 2, 3, 5] {
                    let mut options = properties::options(n, count, which);
                    if name == "geometric" {
                        // The smallest lie closer than any restart can tell within the budget.
                        options.search.krylov_dim = n;
                    }
                    if name == "clustered" {
                        // The whole cluster is narrower than √ε: any of it would do.
                        options.search.tolerance = T::ZERO;
                    }
                    judge(
                        machine,
                        &a,
                        &truth,
                        &options,
                        &format!("{name}, {n}, {which:?}, {count}"),
                    );
                }
            }
        }
    }
}

#[test]
fn eigenpairs_are_those_of_faer() {
    for machine in Machine::present() {
        named_spectra::<f32>(machine);
        named_spectra::<f64>(machine);
    }
}

/// Issue 4, point 1: spectra on which others hang, refuse, or count wrongly.
#[test]
fn adversarial_spectra_give_every_copy() {
    let n = 64;
    let of = |f: &dyn Fn(usize) -> f64| (0..n).map(f).collect::<Vec<f64>>();
    let cases = [
        ("zero", of(&|_| 0.0)),
        ("identity", of(&|_| 1.0)),
        ("rank 1", of(&|i| if i == 5 { 3.0 } else { 0.0 })),
        (
            "rank 2",
            of(&|i| {
                if i == 5 {
                    3.0
                } else if i == 9 {
                    -2.0
                } else {
                    0.0
                }
            }),
        ),
        ("1, 50", of(&|i| if i % 2 == 0 { 1.0 } else { 50.0 })),
        ("+1, −1", of(&|i| if i < 30 { 1.0 } else { -1.0 })),
        ("1e150", of(&|i| 1e150 * (1 + i) as f64)),
        ("1e−150", of(&|i| 1e-150 * (1 + i) as f64)),
    ];
    for (name, spectrum) in cases {
        let a = matrix::dense(&spectrum, &[]);
        let mut truth = spectrum.clone();
        truth.sort_by(f64::total_cmp);
        for which in ALL {
            for count in [1, 4, 5] {
                let options = properties::options(n, count, which);
                let case = format!("{name}, {which:?}, {count}");
                judge(Machine::detect(), &a, &truth, &options, &case);
            }
        }
    }
}

/// A block as wide as the multiplicity sees every copy without a closed subspace.
#[test]
fn a_block_sees_multiplicity() {
    let n = 120;
    let mut spectrum: Vec<f64> = (0..n).map(|i| i as f64 / n as f64).collect();
    spectrum[n - 4..].fill(2.0);
    let a = matrix::with_spectrum(&spectrum, 8);
    let truth = reference::eigenvalues(&a, n);
    let mut options = properties::options(n, 4, Which::LargestAlgebraic);
    (options.search.block, options.search.krylov_dim) = (4, 28);
    judge(Machine::detect(), &a, &truth, &options, "block");
}

/// All n of them, though more are asked for; the rest says that nothing is known.
#[test]
fn all_pairs_of_a_small_matrix() {
    let (d, e, truth) = matrix::clement(6);
    let a = matrix::dense(&d, &e);
    for count in [6, 9] {
        for which in ALL {
            judge(Machine::detect(), &a, &truth, &properties::options(6, count, which), "all");
        }
    }
    let mut pairs = [Eigenpair::unknown(); 3];
    let (mut vectors, mut scratch) = ([0.5; 6], vec![0.0; extremal_eigenpairs_scratch_len(2, 2)]);
    let options = properties::options::<f64>(2, 3, Which::LargestAlgebraic);
    let mut operator = Diagonal::new(&[2.0, 1.0]);
    let found = extremal_eigenpairs(
        Machine::detect(),
        &mut operator,
        &options,
        &mut pairs,
        &mut vectors,
        &mut scratch,
    );
    assert_eq!(found, Ok(2));
    assert!(pairs[2].value.is_nan() && pairs[2].stop == Stop::LimitReached);
    assert_eq!(vectors[4..], [0.5; 2]);
    assert_eq!(pairs[0].stop, Stop::Invariant);
}

/// Spectra known in closed form, with restarts; the products used, to be read beside ARPACK's.
#[test]
fn known_spectra_with_restarts() {
    for (name, (d, e, mut truth)) in
        [("Clement", matrix::clement(100)), ("second difference", matrix::second_difference(100))]
    {
        truth.sort_by(f64::total_cmp);
        let a = matrix::dense(&d, &e);
        for which in ALL {
            for count in [1, 5, 20] {
                let options = properties::options(100, count, which);
                let case = format!("{name}, {which:?}, {count}");
                let answer = judge(Machine::detect(), &a, &truth, &options, &case);
                println!("{case}: {} products", answer.pairs[0].products);
            }
        }
    }
}

/// A start in a small invariant subspace closes at once, on values that are not the largest; also where these are
/// the next to it, and the random vector that follows has to find its way past them.
#[test]
fn a_start_that_closes_at_once_is_not_believed() {
    let n = 30;
    let d: Vec<f64> = (1..=n).map(|i| i as f64).collect();
    let a = matrix::dense(&d, &[]);
    for support in [0..1, 0..2, n - 3..n - 2, n - 4..n - 2, n - 10..n - 1] {
        let mut start = vec![0.0; n];
        start[support.clone()].fill(1.0);
        let mut options = properties::options(n, 1, Which::LargestAlgebraic);
        options.starts = 1;
        let answer = properties::solve(Machine::detect(), &a, &options, &start).unwrap();
        let measured = properties::values_are_the_wanted_ones(&[n as f64], |x| x, &a, &answer);
        assert!(measured.passed && properties::all_reached(&answer), "{support:?}: {answer:?}");
    }
}

/// A start orthogonal to the wanted vector, in a subspace too large to close: a random vector beside it finds
/// what it can't.
#[test]
fn a_random_vector_guards_given_starts() {
    let n = 200;
    let d: Vec<f64> = (1..=n).map(|i| i as f64).collect();
    let a = matrix::dense(&d, &[]);
    for support in [0..n - 1, 0..n - 2, n - 3..n - 2, n - 6..n - 3] {
        let mut start = vec![0.0; n];
        start[support.clone()].fill(1.0);
        for which in [Which::LargestAlgebraic, Which::LargestMagnitude, Which::BothEnds] {
            let mut options = properties::options(n, 1, which);
            (options.starts, options.search.block) = (1, 2);
            let answer = properties::solve(Machine::detect(), &a, &options, &start).unwrap();
            let measured = properties::values_are_the_wanted_ones(&[n as f64], |x| x, &a, &answer);
            assert!(measured.passed && properties::all_reached(&answer), "{support:?}: {answer:?}");
        }
    }
}

/// The vectors of a nearby matrix as starts spare most of the products.
#[test]
fn warm_starts_spare_products() {
    let n = 200;
    let spectrum: Vec<f64> = (0..n).map(|i| 1.0 / (1 + i) as f64).collect();
    let a = matrix::with_spectrum(&spectrum, 3);
    let mut options = properties::options(n, 3, Which::LargestAlgebraic);
    let cold = properties::solve(Machine::detect(), &a, &options, &[]).unwrap();
    (options.starts, options.search.block) = (3, 3);
    let warm = properties::solve(Machine::detect(), &a, &options, &cold.vectors).unwrap();
    assert!(properties::all_reached(&warm));
    assert_eq!(warm.pairs[0].products, 6, "three products and three checks");
    let moved: Vec<f64> = a.iter().map(|x| x * 1.5).collect();
    let again = properties::solve(Machine::detect(), &moved, &options, &cold.vectors).unwrap();
    assert!(properties::all_reached(&again) && again.pairs[0].products <= 6);
    // Their sum as the one start: it takes the products that tell three values apart, and few more.
    options.search.block = 1;
    let sum = properties::solve(Machine::detect(), &a, &options, &cold.vectors).unwrap();
    assert!(properties::all_reached(&sum));
    assert!(sum.pairs[0].products < cold.pairs[0].products / 2, "{sum:?}");
}

/// Residuals that are not checked cost nothing, and are the same but for rounding.
#[test]
fn checks_are_what_was_asked_for() {
    let n = 60;
    let a = matrix::with_spectrum(&(1..=n).map(f64::from).collect::<Vec<_>>(), 4);
    let solve = |checked| {
        let mut options = properties::options(n as usize, 4, Which::LargestAlgebraic);
        options.search.checked = checked;
        let answer = properties::solve(Machine::detect(), &a, &options, &[]).unwrap();
        let measured = properties::residuals_are_those_of_the_vectors(&a, &answer);
        assert!(measured.passed && properties::all_reached(&answer), "{measured:?}");
        answer.pairs[0].products
    };
    let least = solve(0);
    for (checked, more) in [(1, 1), (3, 3), (4, 4), (9, 4)] {
        assert_eq!(solve(checked), least + more, "{checked}");
    }
}

/// The budget holds whatever it is; what was found is true even when it is little.
#[test]
fn budgets_are_kept() {
    let n = 50;
    let a = matrix::with_spectrum(&(0..n).map(f64::from).collect::<Vec<_>>(), 4);
    for product_max in 1..40 {
        let mut options = properties::options(n as usize, 4, Which::BothEnds);
        options.search.product_max = product_max;
        let answer = properties::solve(Machine::detect(), &a, &options, &[]).unwrap();
        assert!(answer.pairs.iter().all(|pair| pair.products <= product_max), "{product_max}");
        assert!(!answer.pairs.is_empty(), "{product_max}");
        let measured = properties::residuals_are_those_of_the_vectors(&a, &answer);
        assert!(measured.passed, "{product_max}: {measured:?} {:?}", answer.pairs);
    }
    let mut options = properties::options(n as usize, 4, Which::BothEnds);
    options.search.product_max = 0;
    let refused = properties::solve(Machine::detect(), &a, &options, &[]);
    assert!(matches!(refused, Err(Error::Range { argument: "product_max", .. })));
}

/// The operator fails, or returns NaN or ∞, at call 1, 2, 3, …: the error comes back, the pairs found
/// before it with it.
#[test]
fn faults_at_every_call() {
    let d: Vec<f64> = (1..=30).map(f64::from).collect();
    let options = properties::options::<f64>(30, 2, Which::LargestAlgebraic);
    for fault in [None, Some(f64::NAN), Some(f64::INFINITY)] {
        let mut completed = false;
        for fail_at in 1..300 {
            let mut calls = 0;
            let mut operator = FromFn::new(30, |x: &[f64], y: &mut [f64]| {
                calls += 1;
                y.iter_mut().zip(x).zip(&d).for_each(|((y, x), d)| *y = d * x);
                match fault {
                    _ if calls < fail_at => Ok(()),
                    None => Err(Error::Operator { code: fail_at }),
                    Some(value) => {
                        y[3] = value;
                        Ok(())
                    }
                }
            });
            let mut pairs = [Eigenpair::unknown(); 2];
            let mut vectors = vec![0.0; 60];
            let mut scratch =
                vec![f64::NAN; extremal_eigenpairs_scratch_len(30, options.search.krylov_dim)];
            let out = extremal_eigenpairs(
                Machine::detect(),
                &mut operator,
                &options,
                &mut pairs,
                &mut vectors,
                &mut scratch,
            );
            match out {
                Ok(found) => completed |= found == 2 && calls < fail_at,
                Err(Error::NotFinite { argument: "product", .. }) => assert!(fault.is_some()),
                Err(error) => assert_eq!(error, Error::Operator { code: fail_at }),
            }
            assert_eq!(out.is_ok(), calls < fail_at, "call {fail_at}: {out:?}");
            assert_eq!(fail_at > 1, pairs[0].value.is_finite(), "call {fail_at}: {pairs:?}");
            if completed {
                break;
            }
        }
        assert!(completed, "no run ever completed");
    }
}

/// Faults planted in a right answer.
#[test]
fn wrong_answers_are_caught() {
    let a = matrix::with_spectrum(&[9.0, 9.0, 4.0, 1.0, 0.5], 2);
    let options = properties::options(5, 3, Which::LargestAlgebraic);
    let right = properties::solve(Machine::detect(), &a, &options, &[]).unwrap();
    let mut fault = right.clone();
    fault.pairs[1].residual += 1e-6;
    assert_caught(&properties::residuals_are_those_of_the_vectors(&a, &fault));
    let mut fault = right.clone();
    fault.vectors.copy_within(0..5, 5);
    assert_caught(&properties::vectors_are_orthonormal(&fault));
    let mut fault = right;
    fault.pairs.remove(1);
    assert_caught(&properties::values_are_the_wanted_ones(&[9.0, 9.0, 4.0], |x| x, &a, &fault));
}
