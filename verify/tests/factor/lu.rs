//! LU against its definition, one chain for each element: across the seams of panels and steps, tall, wide and square,
//! in every layout, on every machine.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails, in helpers too")]

use teeter::factor::lu_in_place;
use teeter::matrix::MatMut;
use teeter::{Error, Float, Machine};
use teeter_verify::input::general;
use teeter_verify::oracle::naive;
use teeter_verify::property::factor::narrow;

/// Strides for a shape, and the elements that it takes.
type Layout = fn([usize; 2]) -> ([usize; 2], usize);
const LAYOUTS: [Layout; 4] = [
    |[m, n]| ([n, 1], m * n),
    |[m, n]| ([1, m], m * n),
    |[m, n]| ([1, m + 3], (m + 3) * n),
    |[m, n]| ([2 * n + 1, 2], (2 * n + 1) * m + 1),
];

/// Runs in a layout whose other elements hold a mark.
fn in_layout<T: Float>(
    machine: Machine,
    a: &[T],
    [m, n]: [usize; 2],
    layout: Layout,
) -> (Result<(), Error>, Vec<u64>, Vec<usize>) {
    let (strides, len) = layout([m, n]);
    let (mut memory, mut pivots) = (vec![T::NAN; len], vec![usize::MAX; m.min(n)]);
    let place = |e: usize| e / n * strides[0] + e % n * strides[1];
    (0..m * n).for_each(|e| memory[place(e)] = a[e]);
    let done = MatMut::strided(&mut memory, [m, n], strides)
        .and_then(|a| lu_in_place(machine, a, &mut pivots));
    let found = (0..m * n).map(|e| memory[place(e)].to_bits_u64()).collect();
    (0..m * n).for_each(|e| memory[place(e)] = T::NAN);
    assert!(memory.iter().all(|x| x.is_nan()), "{machine:?} wrote beside {m} x {n}");
    (done, found, pivots)
}

/// The definition: each pivot the first of the largest, multiply and add rounded apart.
fn by_definition<T: Float>(a: &[T], [m, n]: [usize; 2]) -> (Vec<u64>, Vec<usize>) {
    let (mut a, mut pivots) = (a.to_vec(), Vec::new());
    let normal = T::MIN_POSITIVE * T::from_f64(4.0);
    for k in 0..m.min(n) {
        let mut at = k;
        for i in k..m {
            if a[i * n + k].abs() > a[at * n + k].abs() {
                at = i;
            }
        }
        pivots.push(at);
        (0..n).for_each(|j| a.swap(k * n + j, at * n + j));
        let pivot = a[k * n + k];
        let inverse = pivot.abs() >= normal && pivot.abs() * normal <= T::ONE;
        for i in k + 1..m {
            let x = a[i * n + k];
            // A column of zeros is left as it is, and its products are subtracted all the same.
            let l = match pivot {
                pivot if pivot == T::ZERO => x,
                pivot if inverse => x * (T::ONE / pivot),
                pivot => x / pivot,
            };
            a[i * n + k] = l;
            for j in k + 1..n {
                let u = a[k * n + j];
                a[i * n + j] -= l * u;
            }
        }
    }
    (a.iter().map(|x| x.to_bits_u64()).collect(), pivots)
}

/// Small orders all; then the seams of panels and of steps, and heights at which panels are narrower or not packed.
fn shapes() -> Vec<[usize; 2]> {
    let mut shapes: Vec<[usize; 2]> = (0..=36).map(|n| [n, n]).collect();
    for n in [47, 48, 49, 63, 64, 65, 80, 95, 97, 113, 129] {
        shapes.extend([[n, n], [n + 5, n], [n, n + 5]]);
    }
    shapes.extend([[3, 40], [40, 3], [17, 70], [70, 17], [390, 20], [760, 12], [1600, 9]]);
    shapes.extend([[0, 3], [3, 0], [6200, 2]]);
    shapes
}

/// Equal entries, zeros and columns without a pivot among them.
fn matrices<T: Float>([m, n]: [usize; 2]) -> [Vec<T>; 4] {
    let uniform = narrow::<T>(&general::uniform(m, n, 7));
    let whole = |e: usize| T::from_f64(f64::from(((e * e + 3 * e) % 7) as u8) - 3.0);
    let mut few: Vec<T> = (0..m * n).map(whole).collect();
    for (e, x) in few.iter_mut().enumerate() {
        if e % n % 11 == 5 {
            *x = T::ZERO;
        }
    }
    // Zeros of both signs, in columns without a pivot and beside them.
    let signed = |e: usize| match (e % n, (e / n * 3 + e % n * 5) % 7) {
        (j, sign) if j % 4 == 0 || sign < 3 => {
            T::ZERO.copysign(if sign % 2 == 0 { T::ONE } else { -T::ONE })
        }
        (_, sign) => T::from_f64(f64::from(sign as u8) - 4.5),
    };
    let zeros = (0..m * n).map(signed).collect();
    // Pivots whose reciprocal is not normal.
    let tiny = uniform.iter().map(|&x| x * T::MIN_POSITIVE * T::HALF).collect();
    [uniform, few, zeros, tiny]
}

fn is_the_chain<T: Float>() {
    for shape in shapes() {
        for a in matrices::<T>(shape) {
            let strict = by_definition(&a, shape);
            let mut fused = None;
            for machine in Machine::present() {
                for layout in LAYOUTS {
                    let (done, found, pivots) = in_layout(machine, &a, shape, layout);
                    assert_eq!(done, Ok(()), "{machine:?}, {shape:?}");
                    let found = (found, pivots);
                    let right = if machine.is_fused() {
                        fused.get_or_insert_with(|| found.clone())
                    } else {
                        &strict
                    };
                    assert!(found == *right, "{machine:?}, {shape:?}: not the chain");
                }
            }
        }
    }
}

#[test]
fn lu_is_the_chain_of_the_definition() {
    is_the_chain::<f32>();
    is_the_chain::<f64>();
}

/// L of zeros and halves, U of whole numbers with powers of two on the diagonal: no sum rounds, fused or not.
#[test]
fn lu_is_exact_on_halves() {
    for n in (1..=50).chain([64, 65, 96, 100, 129, 257]) {
        let half = |i: usize, j: usize| [0.0, 0.5, -0.5][(i + 2 * j) % 3];
        let (mut l, mut u) = (vec![0.0; n * n], vec![0.0; n * n]);
        for i in 0..n {
            for j in [i.wrapping_sub(1), i.wrapping_sub(6)].into_iter().filter(|&j| j < i) {
                l[i * n + j] = half(i, j);
            }
            (l[i * n + i], u[i * n + i]) = (1.0, if i % 5 == 2 { -4.0 } else { 4.0 });
            for j in [i + 1, i + 7].into_iter().filter(|&j| j < n) {
                u[i * n + j] = 4.0 * half(j, i);
            }
        }
        let mut a = naive::multiply(&l, &u, n);
        let pivots: Vec<usize> = (0..n).map(|k| k + (7 * k + 3) % (n - k)).collect();
        for (k, &place) in pivots.iter().enumerate().rev() {
            (0..n).for_each(|j| a.swap(k * n + j, place * n + j));
        }
        let right: Vec<f64> =
            (0..n * n).map(|e| if e % n >= e / n { u[e] } else { l[e] }).collect();
        for machine in Machine::present() {
            for layout in LAYOUTS {
                let (done, found, places) = in_layout(machine, &a, [n, n], layout);
                assert_eq!((done, &places), (Ok(()), &pivots), "{machine:?}, n = {n}");
                let found: Vec<f64> = found.into_iter().map(f64::from_bits).collect();
                assert!(found == right, "{machine:?}, n = {n}: not the factors");
            }
        }
    }
}
