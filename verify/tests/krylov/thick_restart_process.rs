//! The thick restart as a machine: resumed, scaled, refused.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails, in helpers too")]

use teeter::krylov::{
    ThickRestart, ThickRestartOptions, Which, gap_enclosure, krylov_dim_for,
    thick_restart_scratch_len,
};
use teeter::{Error, Float, Machine, Stop};
use teeter_verify::bound;
use teeter_verify::input::{Source, matrix, vector};
use teeter_verify::oracle::naive;
use teeter_verify::property::thick_restart as properties;

fn process_options(count: usize) -> ThickRestartOptions<f64> {
    ThickRestartOptions {
        count,
        limit: None,
        which: Which::BothEnds,
        krylov_dim: 9,
        block: 2,
        tolerance: 1e-10,
        checked: count,
        product_max: 1000,
        seed: 3,
    }
}

/// At every product the process moves into copies of its state and memory; wrong products are
/// refused on the way. The end is the same, bit for bit.
#[test]
fn resumed_is_uninterrupted() {
    let (n, machine) = (40, Machine::detect());
    let spectrum: Vec<f64> = (0..n).map(f64::from).collect();
    let a = matrix::with_spectrum(&spectrum, 6);
    let n = n as usize;
    let options = process_options(3);
    let mut memory = vec![0.0; thick_restart_scratch_len(n, 9)];
    let mut process = ThickRestart::new(machine, n, &options, &[], &mut memory).unwrap();
    while let Some(q) = process.wants() {
        let product = naive::apply(&a, q);
        process.push(&product).unwrap();
    }
    assert!(process.restarts() > 2 && process.is_concluded());

    let mut other = vec![0.0; thick_restart_scratch_len(n, 9)];
    let mut state = ThickRestart::new(machine, n, &options, &[], &mut other).unwrap().state();
    loop {
        let mut copy = other.clone();
        let mut resumed = ThickRestart::resume(machine, state, &mut copy).unwrap();
        let Some(q) = resumed.wants() else { break };
        let mut product = naive::apply(&a, q);
        let right = std::mem::replace(&mut product[7], f64::NAN);
        let refused = Err(Error::NotFinite { argument: "product", index: 7 });
        assert_eq!(resumed.push(&product), refused);
        assert!(resumed.push(&product[1..]).is_err());
        product[7] = right;
        resumed.push(&product).unwrap();
        state = resumed.state();
        other = resumed.memory().to_vec();
    }
    let mut resumed = ThickRestart::resume(machine, state, &mut other).unwrap();
    assert!(resumed.push(&vec![0.0; n]).is_err());
    assert_eq!(resumed.products(), process.products());
    assert_eq!((resumed.found(), process.found()), (3, 3));
    for i in 0..3 {
        assert_eq!(resumed.pair(i), process.pair(i));
        assert_eq!(resumed.vector(i), process.vector(i));
        let pair = process.pair(i).unwrap();
        assert_eq!(pair.stop, Stop::Converged, "{pair:?}");
    }
    assert!(process.pair(3).is_none() && process.vector(3).is_none());
}

/// 2ᵏA has 2ᵏ times the values and residuals and the same vectors; and every machine agrees.
#[test]
fn eigenpairs_scale_exactly_on_every_machine() {
    let n = 33;
    let a: Vec<f64> = vector::uniform(n * n, &mut Source::new(2));
    let a: Vec<f64> = (0..n * n).map(|e| a[e] + a[e % n * n + e / n]).collect();
    let options = properties::options(n, 4, Which::LargestMagnitude);
    let plain = properties::solve(Machine::portable(), &a, &options, &[]).unwrap();
    for machine in Machine::present() {
        for power in [-400, -3, 0, 300] {
            let scaled: Vec<f64> = a.iter().map(|x| x.scale_by_power(power)).collect();
            let other = properties::solve(machine, &scaled, &options, &[]).unwrap();
            assert_eq!(plain.vectors, other.vectors, "2^{power}");
            for (x, y) in plain.pairs.iter().zip(&other.pairs) {
                assert_eq!(x.value.scale_by_power(power), y.value, "2^{power}");
                assert_eq!(x.residual.scale_by_power(power), y.residual, "2^{power}");
                assert_eq!((x.products, x.stop), (y.products, y.stop), "2^{power}");
            }
        }
    }
}

/// Finite, but with a norm or a coefficient that is not: refused as any other, and the right product is taken after.
#[test]
fn a_product_without_a_norm_is_refused() {
    let mut memory = vec![0.0; thick_restart_scratch_len(40, 9)];
    let options = process_options(3);
    let mut process = ThickRestart::new(Machine::detect(), 40, &options, &[], &mut memory).unwrap();
    // 0.9·MAX along each of two vectors of the basis: both coefficients hold, and their norm does not.
    let (first, second) = process.memory()[..80].split_at(40);
    let long: Vec<f64> = first.iter().zip(second).map(|(x, y)| 0.9 * f64::MAX * (x + y)).collect();
    for product in [&long[..], &[f64::MAX; 40]] {
        let refused = process.push(product);
        assert!(
            matches!(refused, Err(Error::NotFinite { argument: "product", .. })),
            "{refused:?}"
        );
        assert_eq!(process.products(), 0);
    }
    process.push(&[1.0; 40]).unwrap();
    assert_eq!(process.products(), 1);
}

/// A promise of symmetry that is broken closes all of space on what are no eigenpairs: the residuals
/// say so, and so does `stop`.
#[test]
fn closed_subspaces_of_broken_promises_are_not_called_invariant() {
    let n = 12;
    let skew = |e: usize| if e / n < e % n { 3.0 } else { 0.0 };
    let a: Vec<f64> = (0..n * n).map(|e| skew(e) + f64::from(u8::from(e / n == e % n))).collect();
    let options = properties::options(n, 2, Which::LargestAlgebraic);
    let answer = properties::solve(Machine::detect(), &a, &options, &[]).unwrap();
    assert!(answer.pairs.iter().all(|pair| pair.stop == Stop::LimitReached), "{answer:?}");
    let measured = properties::residuals_are_those_of_the_vectors(&a, &answer);
    assert!(measured.passed, "{measured:?}");
}

/// Products that are those of no matrix: the process ends all the same.
#[test]
fn a_process_ends_within_its_budget_whatever_it_is_given() {
    let source = &mut Source::new(7);
    for product_max in [1, 2, 3, 7, 40] {
        let mut memory = vec![0.0; thick_restart_scratch_len(40, 9)];
        let options = ThickRestartOptions { product_max, ..process_options(3) };
        let machine = Machine::detect();
        let mut process = ThickRestart::new(machine, 40, &options, &[], &mut memory).unwrap();
        let mut products = 0;
        while process.wants().is_some() {
            process.push(&vector::uniform::<f64>(40, source)).unwrap();
            products += 1;
        }
        assert_eq!((products, process.products()), (product_max, product_max));
        assert_eq!(process.found(), 3.min(product_max.div_ceil(2)));
        assert!(process.pair(0).unwrap().stop == Stop::LimitReached || product_max == 1);
    }
}

/// Ended after each number of products: what was found is true, and its residuals are those of its vectors.
#[test]
fn a_search_that_is_ended_early_gives_what_it_has() {
    let n = 40;
    let a = matrix::with_spectrum(&(0..n).map(|i| i as f64).collect::<Vec<f64>>(), 6);
    for products in 0..30 {
        let mut memory = vec![0.0; thick_restart_scratch_len(n, 9)];
        let options = process_options(3);
        let mut process =
            ThickRestart::new(Machine::detect(), n, &options, &[], &mut memory).unwrap();
        for _ in 0..products {
            let product = naive::apply(&a, process.wants().unwrap());
            process.push(&product).unwrap();
            assert!(process.vector(0).is_none() && !process.is_concluded());
        }
        process.conclude().unwrap();
        process.conclude().unwrap();
        assert!(process.is_concluded() && process.found() == products.min(3));
        while let Some(v) = process.wants() {
            let product = naive::apply(&a, v);
            process.push(&product).unwrap();
        }
        assert_eq!(process.products(), products + products.min(3));
        for i in 0..process.found() {
            let (pair, v) = (process.pair(i).unwrap(), process.vector(i).unwrap());
            let rest: Vec<f64> =
                naive::apply(&a, v).iter().zip(v).map(|(av, v)| av - pair.value * v).collect();
            let rounding = bound::lanczos::<f64>(n, 9, pair.orthogonality) * naive::frobenius(&a);
            assert!((naive::norm(&rest) - pair.residual).abs() <= rounding, "{products}: {pair:?}");
        }
    }
}

/// Temple and Kato: the enclosure with the gap holds the eigenvalue and is never wider.
#[test]
fn gaps_narrow_enclosures() {
    let d = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0];
    let a = matrix::dense(&d, &[]);
    let mut options = properties::options(6, 1, Which::LargestAlgebraic);
    options.search.product_max = 5;
    let pair = properties::solve(Machine::detect(), &a, &options, &[]).unwrap().pairs[0];
    assert!(pair.stop == Stop::LimitReached && pair.residual > 0.0, "{pair:?}");
    let (lower, upper) = gap_enclosure(&pair, 16.0, f64::INFINITY);
    assert!(lower <= 32.0 && 32.0 <= upper, "{lower} {upper}");
    assert!(upper - lower < pair.upper - pair.lower);
    for (below, above) in [(f64::NAN, 40.0), (33.0, 40.0), (40.0, 16.0)] {
        assert_eq!(gap_enclosure(&pair, below, above), (pair.lower, pair.upper));
    }
}

#[test]
fn arguments_are_checked_first() {
    let machine = Machine::detect();
    let new = |n, options: &ThickRestartOptions<f64>, starts: &[f64], len| {
        let mut memory = vec![0.0; len];
        ThickRestart::new(machine, n, options, starts, &mut memory).map(|_| ())
    };
    let (good, enough) = (process_options(3), thick_restart_scratch_len(40, 9));
    assert_eq!(new(40, &good, &[], enough), Ok(()));
    assert!(matches!(new(0, &good, &[], enough), Err(Error::Empty { .. })));
    assert!(matches!(new(40, &good, &[], enough - 1), Err(Error::Short { .. })));
    assert!(matches!(new(40, &good, &[1.0; 41], enough), Err(Error::Length { .. })));
    assert!(matches!(new(40, &good, &[f64::NAN; 40], enough), Err(Error::NotFinite { .. })));
    assert_eq!(new(40, &good, &[0.0; 80], enough), Ok(()), "zero starts give way to random ones");
    for bad in [
        ThickRestartOptions { count: 0, ..good },
        ThickRestartOptions { krylov_dim: 3, ..good },
        ThickRestartOptions { block: 0, ..good },
        ThickRestartOptions { block: 7, ..good },
        ThickRestartOptions { tolerance: f64::NAN, ..good },
    ] {
        assert!(matches!(new(40, &bad, &[], enough), Err(Error::Range { .. })), "{bad:?}");
    }
    assert_eq!((krylov_dim_for(7, 1), krylov_dim_for(99, 1), krylov_dim_for(99, 20)), (7, 20, 41));
}
