//! The Cholesky factorization where its answer is exact: every order over two strips, across the seams of
//! blocks, in every layout, on every machine.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails, in helpers too")]

use teeter::factor::cholesky_in_place;
use teeter::{Error, Float, Machine};
use teeter_verify::input::laid::{LAYOUTS, Laid};
use teeter_verify::input::matrix;
use teeter_verify::oracle::naive;
use teeter_verify::property::factor::narrow;

/// Roots and reciprocals of these are exact.
fn whole_factor(n: usize) -> Vec<f64> {
    matrix::whole_lower(n, &[1.0, 2.0, 0.5])
}

/// Runs in a layout, NaN above the diagonal; the lower triangle that is left.
fn in_layout<T: Float>(
    machine: Machine,
    a: &[T],
    n: usize,
    layout: usize,
) -> (Result<(), Error>, Vec<T>) {
    let before = Laid::new(a, [n, n], layout).hide(|i, j| j > i);
    let mut after = before.clone();
    let done = cholesky_in_place(machine, after.view_mut());
    (done, after.lower_since(&before))
}

fn is_exact<T: Float>() {
    for n in matrix::orders_across_seams() {
        let l = whole_factor(n);
        let a = narrow::<T>(&naive::multiply(&l, &naive::transpose(&l, n), n));
        let l = narrow::<T>(&l);
        for machine in Machine::present() {
            for layout in 0..LAYOUTS {
                let (done, found) = in_layout(machine, &a, n, layout);
                assert_eq!(done, Ok(()), "{machine:?}, n = {n}");
                assert!(found == l, "{machine:?}, n = {n}: not the factor");
            }
        }
    }
}

#[test]
fn cholesky_is_exact_on_whole_numbers() {
    is_exact::<f32>();
    is_exact::<f64>();
}

/// One bad pivot at every place: it is named, and what comes before it is done.
#[test]
fn rows_before_a_bad_pivot_hold_the_factor() {
    for n in [1, 2, 5, 8, 13, 24, 31, 50, 75] {
        let l = whole_factor(n);
        let a = naive::multiply(&l, &naive::transpose(&l, n), n);
        for bad in 0..n {
            for (change, finite) in [(1.0 + l[bad * n + bad].powi(2), true), (f64::NAN, false)] {
                let mut a = a.clone();
                a[bad * n + bad] -= change;
                let expected = if finite {
                    Error::Pivot { index: bad, value: -1.0 }
                } else {
                    Error::NotFinite { argument: "a", index: bad }
                };
                for machine in Machine::present() {
                    for layout in 0..LAYOUTS {
                        let (done, found) = in_layout(machine, &a, n, layout);
                        assert_eq!(done, Err(expected), "{machine:?}, n = {n}");
                        let same = found[..bad * n] == l[..bad * n];
                        assert!(same, "{machine:?}, n = {n}: rows before {bad}");
                    }
                }
            }
        }
    }
}

/// Powers of two have exact roots and reciprocals: over the whole range of the format, also where 1/p is not
/// a normal number.
fn roots_are_exact<T: Float>(exponents: core::ops::RangeInclusive<i32>) {
    for half in (exponents.start() / 2 + 1)..=(exponents.end() / 2) {
        // In two factors: the whole power of a negative number is the reciprocal of an overflow.
        let power = |k: i32| T::from_f64(2_f64.powi(k / 2) * 2_f64.powi(k - k / 2));
        let (p, root) = (power(2 * half), power(half));
        for machine in Machine::present() {
            let a = [p, T::NAN, power(2 * half - 1), p];
            let (done, l) = in_layout(machine, &a, 2, 0);
            assert_eq!(done, Ok(()), "{machine:?}, 2^{}", 2 * half);
            assert_eq!([l[0], l[2]], [root, root * T::HALF], "{machine:?}, 2^{}", 2 * half);
        }
    }
}

#[test]
fn every_power_of_two_has_its_root() {
    roots_are_exact::<f32>(-149..=127);
    roots_are_exact::<f64>(-1074..=1023);
}
