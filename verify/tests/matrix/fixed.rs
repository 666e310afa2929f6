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

/// Where the squares vanish or overflow, where β is nought, where every product is −0: exact, by hand.
fn the_edges_are_exact<T: teeter::Float>() {
    let [three, four, five] = [3.0, 4.0, 5.0].map(T::from_f64);
    let far = if T::BITS == 32 { 100 } else { 800 };
    for power in [-far, 0, far] {
        let x = [three, four].map(|x| x.scale_by_power(power));
        assert_eq!(fixed::norm2(&x), five.scale_by_power(power), "2^{power}");
    }
    let mut y = [T::NAN; 2];
    fixed::gemv_transposed(
        T::TWO,
        &[[T::ONE, T::TWO], [three, four]],
        &[T::ONE; 2],
        T::ZERO,
        &mut y,
    );
    assert_eq!(y, [6.0, 14.0].map(T::from_f64), "β = 0 does not read y");
    let bits = [
        fixed::dot(&[-T::ZERO], &[T::ONE]).to_bits_u64(),
        fixed::dot(&[-T::ZERO; 3], &[T::ONE; 3]).to_bits_u64(),
        fixed::dot(&[T::ONE; 33], &[-T::ZERO; 33]).to_bits_u64(),
    ];
    assert_eq!(bits, [0; 3], "a sum of −0 is +0");
}

#[test]
fn the_edges_of_known_sizes_are_exact() {
    the_edges_are_exact::<f32>();
    the_edges_are_exact::<f64>();
}
