//! Layer `operator`.

use teeter::matrix::MatRef;
use teeter::operator::{
    Dense, Diagonal, FromFn, LinearOperator, Preconditioned, Scaled, Shifted, Symmetric,
};
use teeter::{Error, Machine};
use teeter_verify::property;

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
