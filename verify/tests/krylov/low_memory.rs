//! One eigenpair in three vectors.

use teeter::krylov::{
    LowMemoryLanczos, LowMemoryOptions, LowMemoryPair, Which, low_memory_eigenpair,
    low_memory_machine_scratch_len, low_memory_scratch_len,
};
use teeter::operator::{Diagonal, FromFn, LinearOperator};
use teeter::random::{Stream, normals_into};
use teeter::{Error, Machine, Stop};
use teeter_verify::bound;

fn options(which: Which, steps_max: usize) -> LowMemoryOptions<f64> {
    LowMemoryOptions { which, steps_max, tolerance: 1e-6 }
}

fn start(n: usize) -> Vec<f64> {
    let mut start = vec![0.0; n];
    normals_into(Stream::new(9, 1), &mut start);
    start
}

/// The pair of a diagonal matrix, and its vector.
fn find(
    machine: Machine,
    diagonal: &[f64],
    options: &LowMemoryOptions<f64>,
) -> Result<(LowMemoryPair<f64>, Vec<f64>), Error> {
    let n = diagonal.len();
    let mut vector = vec![f64::NAN; n];
    let mut scratch = vec![f64::NAN; low_memory_scratch_len(n, options.steps_max)];
    let mut operator = Diagonal::new(diagonal);
    let pair = low_memory_eigenpair(
        machine,
        &mut operator,
        options,
        &start(n),
        &mut vector,
        &mut scratch,
    )?;
    Ok((pair, vector))
}

/// 1, 1/2, 1/3, … and one at 3: copies appear long before 60 steps, and the pair is right.
#[test]
fn pairs_hold_an_eigenvalue_even_among_copies() {
    for n in [1, 2, 3, 50, 64, 65] {
        let mut diagonal: Vec<f64> = (0..n).map(|i| 1.0 / (i + 1) as f64).collect();
        diagonal[n / 2] = 3.0;
        let least = diagonal.iter().copied().fold(f64::INFINITY, f64::min);
        for (which, right) in [(Which::LargestAlgebraic, 3.0), (Which::LargestMagnitude, 3.0)] {
            let (pair, vector) =
                find(Machine::detect(), &diagonal, &options(which, 60)).expect("valid");
            // θ of a unit vector: dot's rounding; the residual's own: n + 4 of ‖A‖.
            let rounded = bound::gamma_f64::<f64>(2 * n + 8) * 3.0;
            assert!(
                pair.lower - rounded <= right && right <= pair.upper + rounded,
                "{n}: {pair:?}"
            );
            let apart: f64 = vector
                .iter()
                .zip(&diagonal)
                .map(|(v, d)| (d * v - pair.value * v).powi(2))
                .sum::<f64>()
                .sqrt();
            assert!((apart - pair.residual).abs() <= rounded, "{n}: {apart} and {pair:?}");
            assert_ne!(pair.stop, Stop::LimitReached, "{n}: {pair:?}");
            assert_eq!(pair.products, 2 * pair.steps, "each step twice, the last product for v");
        }
        let (pair, _) = find(Machine::detect(), &diagonal, &options(Which::SmallestAlgebraic, 60))
            .expect("valid");
        let rounded = bound::gamma_f64::<f64>(2 * n + 8) * 3.0;
        let near = diagonal.iter().map(|d| (d - pair.value).abs()).fold(f64::INFINITY, f64::min);
        assert!(near <= pair.residual + rounded, "{n}: {pair:?}, the least is {least}");
    }
}

/// The bits of every machine, and of every scale by a power of two.
#[test]
fn low_memory_pairs_have_one_answer_at_every_scale() {
    let diagonal: Vec<f64> = (0..40).map(|i| f64::from(i) - 7.5).collect();
    let asked = options(Which::LargestMagnitude, 12);
    let (right, vector) = find(Machine::portable(), &diagonal, &asked).expect("valid");
    for machine in Machine::present() {
        assert_eq!(
            find(machine, &diagonal, &asked),
            Ok((right, vector.clone())),
            "{}",
            machine.name()
        );
    }
    for power in [-300, 1, 300] {
        let scale = 2.0_f64.powi(power);
        let scaled: Vec<f64> = diagonal.iter().map(|d| d * scale).collect();
        let (pair, same) = find(Machine::detect(), &scaled, &asked).expect("valid");
        assert_eq!(
            (pair.value, pair.residual),
            (right.value * scale, right.residual * scale),
            "2^{power}"
        );
        assert_eq!(same, vector, "2^{power}");
    }
}

/// Exact answers: an eigenvector as start, the zero operator, order 1.
#[test]
fn low_memory_breakdown_is_an_answer() {
    let mut vector = [f64::NAN; 2];
    let mut scratch = [f64::NAN; low_memory_scratch_len(2, 5)];
    let machine = Machine::detect();
    let asked = options(Which::LargestAlgebraic, 5);
    let mut operator = Diagonal::new(&[4.0, 1.0]);
    let pair = low_memory_eigenpair(
        machine,
        &mut operator,
        &asked,
        &[2.0, 0.0],
        &mut vector,
        &mut scratch,
    );
    let right = LowMemoryPair {
        stop: Stop::Invariant,
        value: 4.0,
        residual: 0.0,
        lower: 4.0,
        upper: 4.0,
        products: 2,
        steps: 1,
    };
    assert_eq!((pair, vector), (Ok(right), [1.0, 0.0]), "4 and its vector");
    let mut zero = Diagonal::new(&[0.0, 0.0]);
    let pair =
        low_memory_eigenpair(machine, &mut zero, &asked, &[1.0, 0.0], &mut vector, &mut scratch);
    assert!(pair.is_ok_and(|pair| pair.value == 0.0 && pair.residual == 0.0), "{pair:?}");
}

#[test]
fn low_memory_misuse_is_refused_and_the_right_product_still_taken() {
    let asked = options(Which::LargestAlgebraic, 2);
    let (start, mut vector) = ([1.0, 1.0], [7.0; 2]);
    let mut scratch = [f64::NAN; low_memory_machine_scratch_len(2, 2)];
    let machine = Machine::detect();
    let short = LowMemoryLanczos::new(machine, &asked, &start, &mut vector, &mut scratch[1..]);
    assert!(matches!(short.err(), Some(Error::Short { argument: "scratch", .. })), "one too few");
    let length = LowMemoryLanczos::new(machine, &asked, &start, &mut vector[1..], &mut scratch);
    assert!(matches!(length.err(), Some(Error::Length { argument: "vector", .. })), "one too few");
    let zero = LowMemoryLanczos::new(machine, &asked, &[0.0; 2], &mut vector, &mut scratch);
    assert_eq!(zero.err(), Some(Error::ZeroVector { argument: "start" }), "no direction");
    let asked_badly = LowMemoryOptions { tolerance: f64::NAN, ..asked };
    let bad = LowMemoryLanczos::new(machine, &asked_badly, &start, &mut vector, &mut scratch);
    assert!(matches!(bad.err(), Some(Error::Range { argument: "tolerance", .. })), "NaN");
    assert_eq!(vector, [7.0; 2], "untouched");

    let mut process =
        LowMemoryLanczos::new(machine, &asked, &start, &mut vector, &mut scratch).expect("valid");
    let mut products = 0;
    while let Some(q) = process.wants() {
        let product = [3.0 * q[0], q[1]];
        assert_eq!(process.pair(), None, "not yet");
        let nan = process.push(&[f64::NAN, 1.0]);
        assert_eq!(
            nan,
            Err(Error::NotFinite { argument: "product", index: 0 }),
            "product {products}"
        );
        assert!(process.push(&[1.0; 3]).is_err(), "three numbers");
        assert_eq!(process.push(&product), Ok(()), "the right one");
        products += 1;
    }
    let pair = process.pair().expect("done");
    assert_eq!((products, pair.products, pair.steps), (4, 4, 2), "each step twice");
    // The rounding of two steps of 2 × 2 numbers.
    assert!((pair.value - 3.0).abs() <= bound::gamma_f64::<f64>(32) * 3.0, "{pair:?}");
    assert_eq!(
        process.push(&[0.0; 2]),
        Err(Error::State { expected: "a new process" }),
        "done is done"
    );
}

/// An operator that answers otherwise the second time: the residual says so.
#[test]
fn an_operator_that_changes_shows_in_the_residual() {
    let mut calls = 0;
    let mut operator = FromFn::new(2, |x: &[f64], y: &mut [f64]| {
        calls += 1;
        let d = if calls <= 2 { [5.0, 1.0] } else { [1.0, 1.5] };
        y.iter_mut().zip(x).zip(d).for_each(|((y, x), d)| *y = d * x);
        Ok(())
    });
    assert_eq!(operator.dim(), 2, "as it was made");
    let mut vector = [0.0; 2];
    let mut scratch = [0.0; low_memory_scratch_len(2, 2)];
    let asked = options(Which::LargestAlgebraic, 2);
    let pair = low_memory_eigenpair(
        Machine::detect(),
        &mut operator,
        &asked,
        &[1.0, 1.0],
        &mut vector,
        &mut scratch,
    )
    .expect("valid");
    // Of the operator as it is now some eigenvalue lies within: 1 or 1.5.
    assert!([1.0, 1.5].iter().any(|&d| pair.lower <= d && d <= pair.upper), "{pair:?}");
}
