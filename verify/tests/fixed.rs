//! Layer `fixed`.

use teeter::{Error, fixed};
use teeter_verify::property;

#[test]
fn properties_hold() {
    property::assert_all(&property::of_layer("fixed"));
}

/// By hand: LLᵀ of whole numbers, and both solves with it.
#[test]
fn a_system_of_order_two_is_solved_exactly() {
    let mut a = [[4.0, 2.0], [f64::NAN, 10.0]];
    assert_eq!(fixed::cholesky_in_place(&mut a), Ok(()), "positive definite");
    assert_eq!([a[0], [0.0, a[1][1]]], [[2.0, 1.0], [0.0, 3.0]], "L by columns");
    assert!(a[1][0].is_nan(), "the upper triangle is not written");
    let mut x = [8.0, 22.0];
    assert_eq!(fixed::solve_lower(&a, &mut x), Ok(()), "L has pivots");
    assert_eq!(fixed::solve_lower_transposed(&a, &mut x), Ok(()), "L has pivots");
    assert_eq!(x, [1.0, 2.0], "4 + 2·2 and 2 + 10·2");
}

#[test]
fn pivots_are_named() {
    let refused = Error::Pivot { index: 1, value: -1.0 };
    assert_eq!(fixed::cholesky_in_place(&mut [[1.0, 1.0], [1.0, 0.0]]), Err(refused), "1·0 − 1");
    let mut x = [3.0, 4.0];
    let refused = Error::Pivot { index: 1, value: 0.0 };
    assert_eq!(fixed::solve_lower(&[[1.0, 1.0], [1.0, 0.0]], &mut x), Err(refused), "a zero");
    assert_eq!(x, [3.0, 4.0], "untouched");
}
