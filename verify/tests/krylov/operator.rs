//! Layer `operator`.

use teeter::krylov::{PowerOptions, power_iteration};
use teeter::matrix::MatRef;
use teeter::operator::{
    Deflated, Dense, Diagonal, FromFn, LinearOperator, Preconditioned, Scaled, Shifted, Symmetric,
    deflated_scratch_len,
};
use teeter::{Error, Machine, Stop};
use teeter_verify::input::matrix;
use teeter_verify::oracle::naive;
use teeter_verify::{bound, property};

#[test]
fn properties_hold() {
    property::assert_all(&property::of_layer("operator"));
}

fn accepts(operator: &mut dyn LinearOperator<f64>, n: usize) {
    let (x, mut y) = (vec![1.0; n], vec![f64::NAN; n]);
    assert_eq!(operator.apply(&x, &mut y), Ok(()), "lengths that fit");
    for (x, y) in [(n + 1, n), (n, n + 1), (n - 1, n), (n, n - 1)] {
        let (x, mut y) = (vec![1.0; x], vec![7.0; y]);
        let refused = matches!(operator.apply(&x, &mut y), Err(Error::Length { .. }));
        assert!(refused, "lengths {} and {} for {n}", x.len(), y.len());
    }
}

#[test]
fn operators_refuse_lengths_that_do_not_fit() {
    let machine = Machine::detect();
    let a = [2.0, 1.0, 1.0, 3.0];
    let dense = Dense::new(machine, MatRef::row_major(&a, 2, 2).unwrap()).unwrap();
    let d = [1.0, 2.0];
    let mut scratch = [f64::NAN; 2];
    accepts(&mut { dense }, 2);
    accepts(&mut Diagonal::new(&d), 2);
    accepts(
        &mut FromFn::new(2, |x: &[f64], y: &mut [f64]| {
            y.copy_from_slice(x);
            Ok(())
        }),
        2,
    );
    accepts(&mut Shifted::new(machine, dense, 1.0), 2);
    accepts(&mut Scaled::new(machine, dense, 2.0), 2);
    accepts(&mut Preconditioned::new(machine, dense, &d, &mut scratch).unwrap(), 2);
    let rectangle = MatRef::row_major(&a, 1, 4).unwrap();
    assert_eq!(
        Dense::new(machine, rectangle).err(),
        Some(Error::Length { argument: "a.cols", expected: 1, found: 4 })
    );
    let short = Preconditioned::new(machine, dense, &d, &mut scratch[..1]).err();
    assert_eq!(short, Some(Error::Short { argument: "scratch", needed: 2, found: 1 }));
    let wrong = Preconditioned::new(machine, dense, &d[..1], &mut scratch).err();
    assert_eq!(wrong, Some(Error::Length { argument: "diagonal", expected: 2, found: 1 }));
}

/// The caller's own code comes back untouched through every adapter, and borrows are operators.
#[test]
fn a_refusal_comes_back_untouched() {
    fn symmetric(operator: &mut impl Symmetric<f64>) -> Result<(), Error> {
        operator.apply(&[1.0], &mut [0.0])
    }
    let machine = Machine::detect();
    let mut refusing = FromFn::new(1, |_: &[f64], _: &mut [f64]| Err(Error::Operator { code: -7 }));
    let mut scratch = [0.0];
    let refused = Err(Error::Operator { code: -7 });
    assert_eq!(symmetric(&mut &mut refusing), refused);
    assert_eq!(symmetric(&mut Shifted::new(machine, &mut refusing, 1.0)), refused);
    assert_eq!(symmetric(&mut Scaled::new(machine, &mut refusing, 1.0)), refused);
    let mut scaled = Preconditioned::new(machine, &mut refusing, &[1.0], &mut scratch).unwrap();
    assert_eq!(symmetric(&mut scaled), refused);
}

/// Power iteration on what is left finds one eigenvalue after the other. Q with residuals R leaves an operator whose eigenvalues
/// are those of A that remain, within ‖R‖ (Weyl: it and QΘQᵀ make A but for R and its transpose).
#[test]
fn power_iteration_with_deflation_finds_one_after_the_other() {
    let spectrum = [9.0, -7.0, 5.0, 2.0, 1.0, 0.5, -0.25, 0.0];
    let (n, machine) = (spectrum.len(), Machine::detect());
    let a = matrix::with_spectrum(&spectrum, 4);
    let options = PowerOptions { product_max: 400, tolerance: f64::EPSILON.sqrt() };
    let (mut found, mut left): (Vec<f64>, f64) = (Vec::new(), 0.0);
    for (k, value) in spectrum.iter().take(4).enumerate() {
        let q = MatRef::col_major(&found, n, k).expect("n for each");
        let mut scratch = vec![0.0; deflated_scratch_len(n, k)];
        let full =
            Dense::new(machine, MatRef::row_major(&a, n, n).expect("n × n")).expect("square");
        let mut rest = Deflated::new(machine, full, q, &mut scratch).expect("it fits");
        let (mut vector, mut work) = (vec![1.0; n], vec![0.0; n]);
        vector[k] = 2.0;
        let pair =
            power_iteration(machine, &mut rest, &options, &mut vector, &mut work).expect("a pair");
        assert_eq!(pair.stop, Stop::Converged, "{pair:?}");
        let rounding = bound::gamma_f64::<f64>(40 * n) * naive::frobenius(&a);
        assert!((pair.value - value).abs() <= pair.residual + left + rounding, "{k}: {pair:?}");
        left += pair.residual;
        found.extend(&vector);
    }
}
