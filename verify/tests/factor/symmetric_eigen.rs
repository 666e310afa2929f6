//! The dense symmetric eigenproblem: one answer in every layout, on every machine, at orders on both
//! sides of every constant of the method, for inputs that other solvers stumble on.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails, in helpers too")]

use teeter::factor::{symmetric_eigen, symmetric_eigen_scratch_len, tridiagonal_values};
use teeter::matrix::MatMut;
use teeter::{Float, Machine};
use teeter_verify::bound;
use teeter_verify::input::matrix;
use teeter_verify::oracle::naive;
use teeter_verify::property::factor::{narrow, wide};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Layout {
    Rows,
    Columns,
    Strided,
}

/// Values, and vectors row by row, of a matrix of which only the lower triangle is numbers.
fn solve<T: Float>(machine: Machine, layout: Layout, a: &[T], n: usize) -> (Vec<T>, Vec<T>) {
    let strides = match layout {
        Layout::Rows => [n.max(1), 1],
        Layout::Columns => [1, n.max(1)],
        Layout::Strided => [2, 2 * n + 3],
    };
    let at = |i: usize, j: usize| i * strides[0] + j * strides[1];
    let mut memory = vec![T::NAN; (n + 1) * (2 * n + 3)];
    for i in 0..n {
        for j in 0..=i {
            memory[at(i, j)] = a[i * n + j];
        }
    }
    let mut values = vec![T::NAN; n];
    let mut scratch = vec![T::NAN; symmetric_eigen_scratch_len(n)];
    let view = MatMut::strided(&mut memory, [n, n], strides).unwrap();
    let done = symmetric_eigen(machine, view, &mut values, &mut scratch);
    assert_eq!(done, Ok(()), "{machine:?}, {layout:?}, n {n}: {:?}", a);
    let vectors = (0..n * n).map(|e| memory[at(e / n, e % n)]).collect();
    (values, vectors)
}

fn bits<T: Float>((values, vectors): &(Vec<T>, Vec<T>)) -> Vec<u64> {
    values.iter().chain(vectors).map(|x| x.to_bits_u64()).collect()
}

/// ‖A − VΛVᵀ‖_F/‖A‖_F and ‖VᵀV − I‖_F within the bound, and values in order.
fn assert_solved<T: Float>(name: &str, a: &[T], n: usize, answer: &(Vec<T>, Vec<T>)) {
    let (values, v) = (wide(&answer.0), wide(&answer.1));
    let (a, transposed) = (wide(a), naive::transpose(&v, n));
    let norm = naive::frobenius(&a);
    let mut scaled = v.clone();
    scaled.iter_mut().enumerate().for_each(|(e, x)| *x *= values[e % n]);
    let rebuilt = naive::multiply(&scaled, &transposed, n);
    let residual: Vec<f64> = a.iter().zip(&rebuilt).map(|(a, b)| a - b).collect();
    let mut gram = naive::multiply(&transposed, &v, n);
    (0..n).for_each(|i| gram[i * n + i] -= 1.0);
    let allowed = bound::eigen::<T>(n);
    let (residual, defect) = (naive::frobenius(&residual), naive::frobenius(&gram));
    assert!(residual <= allowed * norm, "{name}, n {n}: residual {residual:e} of {norm:e}");
    assert!(defect <= allowed, "{name}, n {n}: not orthonormal by {defect:e}, {allowed:e} allowed");
    assert!(values.windows(2).all(|pair| pair[0] <= pair[1]), "{name}, n {n}: not ascending");
}

/// Below and above a vector, ROWS, a block of reflections, the orders at which values come first.
const ORDERS: [usize; 18] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 33, 63, 65, 97, 110];

fn one_answer<T: Float>() {
    for n in ORDERS {
        let a = narrow::<T>(&matrix::with_spectrum(&matrix::spectra(n.max(1))[0].1, n as u64));
        let first = bits(&solve(Machine::portable(), Layout::Rows, &a, n));
        for machine in Machine::present() {
            for layout in [Layout::Rows, Layout::Columns, Layout::Strided] {
                let other = bits(&solve(machine, layout, &a, n));
                assert_eq!(first, other, "{machine:?}, {layout:?}, n {n}");
            }
        }
    }
}

#[test]
fn symmetric_eigen_has_one_answer_in_every_layout() {
    one_answer::<f32>();
    one_answer::<f64>();
}

fn all_spectra<T: Float>(orders: &[usize]) {
    for &n in orders {
        for (name, spectrum) in matrix::spectra(n) {
            let a = narrow::<T>(&matrix::with_spectrum(&spectrum, n as u64));
            let answer = solve(Machine::detect(), Layout::Columns, &a, n);
            assert_solved(name, &a, n, &answer);
        }
    }
}

#[test]
fn symmetric_eigen_solves_at_orders_around_its_constants() {
    all_spectra::<f64>(&[3, 4, 6, 7, 18, 19, 64, 95, 96, 130]);
    all_spectra::<f32>(&[3, 4, 6, 7, 18, 19, 64, 191, 192, 200]);
}

/// Zero, one, equal, 0/1, rank one, arrow, graded, nearly diagonal, entries whose squares vanish.
fn hard_cases<T: Float>(n: usize) -> Vec<(&'static str, Vec<T>)> {
    let of = |f: &dyn Fn(usize, usize) -> f64| -> Vec<T> {
        (0..n * n).map(|e| T::from_f64(f((e / n).max(e % n), (e / n).min(e % n)))).collect()
    };
    let tiny = T::MIN_POSITIVE.to_f64().sqrt();
    let noise = |i: usize, j: usize| ((i * 7919 + j * 104_729) % 1009) as f64 / 1009.0 - 0.5;
    let same = |i: usize, j: usize| f64::from(u8::from(i == j));
    vec![
        ("zero", of(&|_, _| 0.0)),
        ("identity", of(&same)),
        ("ones", of(&|_, _| 1.0)),
        ("zeros and ones", of(&|i, j| ((i * 31 + j * 17) % 5 / 3) as f64)),
        ("checkerboard", of(&|i, j| ((i + j) % 2) as f64)),
        ("arrow", of(&|i, j| if j == 0 || i == j { 1.0 + i as f64 } else { 0.0 })),
        ("graded down", of(&|i, j| 0.25_f64.powi((i + j) as i32) * (1.0 + noise(i, j)))),
        ("graded up", of(&|i, j| 0.25_f64.powi((2 * n - i - j) as i32) * (1.0 + noise(i, j)))),
        ("nearly diagonal", of(&|i, j| same(i, j) * i as f64 + T::EPSILON.to_f64() * noise(i, j))),
        ("one large entry", of(&|i, j| if i == 0 { 1.0 } else { tiny * noise(i, j) })),
        ("last entry large", of(&|i, j| if j + 1 == n { 1.0 } else { tiny * noise(i, j) })),
        (
            "small block",
            of(&|i, j| if i < n / 2 { noise(i, j) } else { 64.0 * tiny * noise(i, j) }),
        ),
        ("near the largest", of(&|i, j| T::MAX.to_f64() / (4 * n) as f64 * noise(i, j))),
        ("near the smallest", of(&|i, j| 4096.0 * T::MIN_POSITIVE.to_f64() * noise(i, j))),
    ]
}

fn hard<T: Float>() {
    for n in [1, 2, 3, 5, 16, 33, 100] {
        for (name, a) in hard_cases::<T>(n) {
            for layout in [Layout::Rows, Layout::Columns] {
                let (values, v) = solve(Machine::detect(), layout, &a, n);
                // By a power of two, so that norms are in range.
                let largest = a.iter().fold(T::ZERO, |m, x| m.max_of(x.abs()));
                let power = if largest == T::ZERO { 0 } else { -largest.exponent() };
                let scale = |x: &[T]| x.iter().map(|x| x.scale_by_power(power)).collect::<Vec<T>>();
                assert_solved(name, &scale(&a), n, &(scale(&values), v));
            }
        }
    }
}

#[test]
fn symmetric_eigen_solves_what_others_stumble_on() {
    hard::<f32>();
    hard::<f64>();
}

/// Whole numbers on a diagonal: the values are they, in order, and the vectors are columns of the identity.
#[test]
fn symmetric_eigen_of_a_diagonal_is_exact() {
    for n in 0..=40 {
        let d: Vec<f64> = (0..n).map(|i| ((i * 17) % 41) as f64 - 20.0).collect();
        let a: Vec<f64> = (0..n * n).map(|e| if e / n == e % n { d[e / n] } else { 0.0 }).collect();
        for machine in Machine::present() {
            let (values, v) = solve(machine, Layout::Rows, &a, n);
            let mut sorted = d.clone();
            sorted.sort_by(f64::total_cmp);
            assert_eq!(values, sorted, "{machine:?}, n {n}");
            for e in 0..n * n {
                let one = d[e / n] == values[e % n];
                assert_eq!(v[e].abs(), f64::from(u8::from(one)), "{machine:?}, n {n}, {e}");
            }
        }
    }
}

/// Values alone are those with vectors, although they come by other shifts.
#[test]
fn symmetric_eigen_agrees_with_values_alone() {
    for n in [2, 20, 95, 96, 150] {
        let (d, e) = matrix::wilkinson(n);
        let a = matrix::dense(&d, &e);
        let (values, _) = solve(Machine::detect(), Layout::Rows, &a, n);
        let (mut alone, mut work) = (d.clone(), e.clone());
        tridiagonal_values(&mut alone, &mut work).unwrap();
        let allowed = 2.0 * bound::eigen::<f64>(n) * naive::frobenius(&a);
        for (x, y) in values.iter().zip(&alone) {
            assert!((x - y).abs() <= allowed, "n {n}: {x} and {y}");
        }
    }
}
