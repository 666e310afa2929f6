//! LDLᵀ where its answer is exact: every order over two strips, across the seams of panels, in every
//! layout, on every machine.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails, in helpers too")]

use teeter::factor::{LdltRegularization, ldlt_in_place};
use teeter::{Error, Float, Machine};
use teeter_verify::input::laid::{LAYOUTS, Laid};
use teeter_verify::input::matrix;
use teeter_verify::oracle::naive;
use teeter_verify::property::factor::narrow;

/// L with D on its diagonal, powers of two of both signs.
fn whole_factor(n: usize) -> Vec<f64> {
    matrix::whole_lower(n, &[1.0, -2.0, 0.5, -1.0, 4.0])
}

/// LDLᵀ
fn product(ld: &[f64], n: usize) -> Vec<f64> {
    let (mut l, mut scaled) = (ld.to_vec(), ld.to_vec());
    for i in 0..n {
        (l[i * n + i], scaled[i * n + i]) = (1.0, 1.0);
    }
    scaled.iter_mut().enumerate().for_each(|(e, x)| *x *= ld[e % n * n + e % n]);
    naive::multiply(&scaled, &naive::transpose(&l, n), n)
}

/// Runs in a layout, NaN above the diagonal; the lower triangle that is left.
fn in_layout<T: Float>(
    machine: Machine,
    a: &[T],
    n: usize,
    layout: usize,
    rule: Option<LdltRegularization<'_, T>>,
) -> (Result<usize, Error>, Vec<T>) {
    let before = Laid::new(a, [n, n], layout).hide(|i, j| j > i);
    let mut after = before.clone();
    let done = ldlt_in_place(machine, after.view_mut(), rule);
    (done, after.lower_since(&before))
}

fn is_exact<T: Float>() {
    for n in matrix::orders_across_seams() {
        let ld = whole_factor(n);
        let a = narrow::<T>(&product(&ld, n));
        let ld = narrow::<T>(&ld);
        for machine in Machine::present() {
            for layout in 0..LAYOUTS {
                let (done, found) = in_layout(machine, &a, n, layout, None);
                assert_eq!(done, Ok(0), "{machine:?}, n = {n}");
                assert!(found == ld, "{machine:?}, n = {n}: not the factors");
            }
        }
    }
}

#[test]
fn ldlt_is_exact_on_whole_numbers() {
    is_exact::<f32>();
    is_exact::<f64>();
}

/// A pivot of 0 at every place: it is named, and what comes before it is done.
#[test]
fn rows_before_a_pivot_of_zero_hold_the_factors() {
    for n in [1, 2, 5, 8, 13, 24, 31, 50, 75, 260] {
        let ld = whole_factor(n);
        let places = (0..n).filter(|bad| n < 100 || bad % 51 == 1 || bad % 255 < 3);
        for bad in places {
            let mut a = product(&ld, n);
            a[bad * n + bad] -= ld[bad * n + bad];
            for machine in Machine::present() {
                for layout in 0..LAYOUTS {
                    let (done, found) = in_layout(machine, &a, n, layout, None);
                    let expected = Err(Error::Pivot { index: bad, value: 0.0 });
                    assert_eq!(done, expected, "{machine:?}, n = {n}");
                    let same = found[..bad * n] == ld[..bad * n];
                    assert!(same, "{machine:?}, n = {n}: rows before {bad}");
                }
            }
        }
    }
}

/// Pivots of 0 and of the wrong sign at every place become ±δ·max|aᵢⱼ|: a power of two, so that the factors
/// after it stay exact.
#[test]
fn every_changed_pivot_is_replaced_and_counted() {
    for n in [1, 2, 5, 8, 13, 24, 31, 50, 75, 260] {
        let ld = whole_factor(n);
        let signs: Vec<i8> = (0..n).map(|i| if ld[i * n + i] > 0.0 { 1 } else { -1 }).collect();
        let places = (0..n).filter(|bad| n < 100 || bad % 51 == 1 || bad % 255 < 3);
        for (place, pivot) in places.flat_map(|place| [(place, 0.0), (place, -1.0)]) {
            let mut a = product(&ld, n);
            let own = ld[place * n + place];
            // What is left at this place is 0, or has the wrong sign; it becomes what it should be.
            a[place * n + place] += pivot * own - own;
            let largest = a.iter().fold(0.0, |max: f64, x| max.max(x.abs()));
            let unit = if largest == 0.0 { 1.0 } else { largest };
            let mut exact = ld.clone();
            exact[place * n + place] = f64::from(signs[place]) * (0.25 * unit);
            let rule = LdltRegularization { signs: &signs, epsilon: 0.0, delta: 0.25 };
            for machine in Machine::present() {
                let (done, found) = in_layout(machine, &a, n, place % LAYOUTS, Some(rule));
                assert!(done.is_ok_and(|count| count > 0), "{machine:?}, n = {n}, {place}");
                let same = found[..place * n] == ld[..place * n]
                    && found[place * n..=place * n + place] == exact[place * n..=place * n + place];
                assert!(same, "{machine:?}, n = {n}: rows up to {place}");
                if place + 1 == n {
                    assert_eq!(done, Ok(1), "{machine:?}, n = {n}");
                }
            }
        }
    }
}

/// Quotients by powers of two are exact over the whole range of the format, also where 1/d is not a normal number.
fn quotients_are_exact<T: Float>(exponents: core::ops::RangeInclusive<i32>) {
    // In two factors: the whole power of a negative number is the reciprocal of an overflow.
    let power = |k: i32| T::from_f64(2_f64.powi(k / 2) * 2_f64.powi(k - k / 2));
    for k in exponents {
        for sign in [T::ONE, -T::ONE] {
            let d = sign * power(k);
            // d + d·2² and d·2 stay in the format.
            let a = if k < 0 {
                [d, T::NAN, d + d, d * T::from_f64(5.0)]
            } else {
                [d, T::NAN, d, d * T::HALF]
            };
            let l = if k < 0 { T::TWO } else { T::ONE };
            let last = if k < 0 { d } else { -(d * T::HALF) };
            for machine in Machine::present() {
                let (done, found) = in_layout(machine, &a, 2, 0, None);
                assert_eq!(done, Ok(0), "{machine:?}, 2^{k}");
                assert_eq!([found[0], found[2], found[3]], [d, l, last], "{machine:?}, 2^{k}");
            }
        }
    }
}

#[test]
fn every_power_of_two_divides_exactly() {
    quotients_are_exact::<f32>(-149..=127);
    quotients_are_exact::<f64>(-1074..=1023);
}
