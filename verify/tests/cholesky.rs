//! The Cholesky factorization where its answer is exact: every order over two strips, across the seams of
//! blocks, in every layout, on every machine.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails, in helpers too")]

use teeter::factor::cholesky_in_place;
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

/// Twice the tallest strip (48 rows of f32) and one more; then the seams of blocks, 64 and 256 columns.
fn orders() -> impl Iterator<Item = usize> {
    (0..=97).chain([127, 128, 129, 255, 256, 257, 280, 305])
}

/// L of small whole numbers, its diagonal powers of two: every sum, root and reciprocal of LLᵀ is exact.
fn whole_factor(n: usize) -> Vec<f64> {
    let entry = |i: usize, j: usize| match i.cmp(&j) {
        core::cmp::Ordering::Less => 0.0,
        core::cmp::Ordering::Equal => [1.0, 2.0, 0.5][i % 3],
        // Sparse below, so that sums stay below 2²⁴.
        core::cmp::Ordering::Greater => {
            [0.0, 1.0, -1.0, 0.0, 2.0, 0.0, -2.0][(3 * i + 5 * j + i * j) % 7]
        }
    };
    (0..n * n).map(|e| entry(e / n, e % n)).collect()
}

/// Runs in a layout whose other elements hold a mark; the lower triangle that is left.
fn in_layout<T: Float>(
    machine: Machine,
    a: &[T],
    n: usize,
    layout: Layout,
) -> (Result<(), Error>, Vec<T>) {
    // Above the diagonal, too: what stands there has no influence, and stays.
    let mark = if n.is_multiple_of(2) { T::NAN } else { T::from_f64(-77.0) };
    let (strides, len) = layout(n);
    let mut memory = vec![mark; len];
    let place = |e: usize| e / n * strides[0] + e % n * strides[1];
    (0..n * n).filter(|e| e % n <= e / n).for_each(|e| memory[place(e)] = a[e]);
    let done =
        MatMut::strided(&mut memory, [n, n], strides).and_then(|a| cholesky_in_place(machine, a));
    let mut l = vec![T::ZERO; n * n];
    for e in (0..n * n).filter(|e| e % n <= e / n) {
        l[e] = memory[place(e)];
        memory[place(e)] = mark;
    }
    let untouched = memory.iter().all(|x| x.to_bits_u64() == mark.to_bits_u64());
    assert!(untouched, "{machine:?} wrote beside the triangle of n = {n}");
    (done, l)
}

fn is_exact<T: Float>() {
    for n in orders() {
        let l = whole_factor(n);
        let a = narrow::<T>(&naive::multiply(&l, &naive::transpose(&l, n), n));
        let l = narrow::<T>(&l);
        for machine in Machine::present() {
            for layout in LAYOUTS {
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
                    for layout in LAYOUTS {
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
            let (done, l) = in_layout(machine, &a, 2, LAYOUTS[0]);
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
