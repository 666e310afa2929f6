//! LDLᵀ where its answer is exact: every order over two strips, across the seams of panels, in every
//! layout, on every machine.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails, in helpers too")]

use teeter::factor::{LdltRegularization, ldlt_in_place};
use teeter::matrix::MatMut;
use teeter::{Error, Float, Machine};
use teeter_verify::oracle::naive;
use teeter_verify::property::factor::narrow;

/// Strides for an order, and the elements that it takes.
type Layout = fn(usize) -> ([usize; 2], usize);
const LAYOUTS: [Layout; 4] = [
    |n| ([n, 1], n * n),
    |n| ([1, n], n * n),
    |n| ([1, n + 3], (n + 3) * n),
    |n| ([2 * n + 1, 2], (2 * n + 1) * n + 1),
];

/// Twice the tallest strip (48 rows of f32) and one more; then the seams of panels, 256 columns.
fn orders() -> impl Iterator<Item = usize> {
    (0..=97).chain([127, 128, 129, 255, 256, 257, 280, 305])
}

/// L of small whole numbers with D, powers of two of both signs, on its diagonal: every sum and
/// reciprocal is exact.
fn whole_factor(n: usize) -> Vec<f64> {
    let entry = |i: usize, j: usize| match i.cmp(&j) {
        core::cmp::Ordering::Less => 0.0,
        core::cmp::Ordering::Equal => [1.0, -2.0, 0.5, -1.0, 4.0][i % 5],
        // Sparse below, so that sums stay below 2²⁴.
        core::cmp::Ordering::Greater => {
            [0.0, 1.0, -1.0, 0.0, 2.0, 0.0, -2.0][(3 * i + 5 * j + i * j) % 7]
        }
    };
    (0..n * n).map(|e| entry(e / n, e % n)).collect()
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

/// Runs in a layout whose other elements hold a mark; the lower triangle that is left.
fn in_layout<T: Float>(
    machine: Machine,
    a: &[T],
    n: usize,
    layout: Layout,
    rule: Option<LdltRegularization<'_, T>>,
) -> (Result<usize, Error>, Vec<T>) {
    // Above the diagonal, too: what stands there has no influence, and stays.
    let mark = if n.is_multiple_of(2) { T::NAN } else { T::from_f64(-77.0) };
    let (strides, len) = layout(n);
    let mut memory = vec![mark; len];
    let place = |e: usize| e / n * strides[0] + e % n * strides[1];
    (0..n * n).filter(|e| e % n <= e / n).for_each(|e| memory[place(e)] = a[e]);
    let done =
        MatMut::strided(&mut memory, [n, n], strides).and_then(|a| ldlt_in_place(machine, a, rule));
    let mut ld = vec![T::ZERO; n * n];
    for e in (0..n * n).filter(|e| e % n <= e / n) {
        ld[e] = memory[place(e)];
        memory[place(e)] = mark;
    }
    let untouched = memory.iter().all(|x| x.to_bits_u64() == mark.to_bits_u64());
    assert!(untouched, "{machine:?} wrote beside the triangle of n = {n}");
    (done, ld)
}

fn is_exact<T: Float>() {
    for n in orders() {
        let ld = whole_factor(n);
        let a = narrow::<T>(&product(&ld, n));
        let ld = narrow::<T>(&ld);
        for machine in Machine::present() {
            for layout in LAYOUTS {
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
                for layout in LAYOUTS {
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
                let (done, found) = in_layout(machine, &a, n, LAYOUTS[place % 4], Some(rule));
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
                let (done, found) = in_layout(machine, &a, 2, LAYOUTS[0], None);
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
