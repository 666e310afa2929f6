//! symv, syr, syr2, syrk, syr2k, symm: every shape, stride, triangle and factor exactly, on whole
//! numbers.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails, in helpers too")]

use teeter::matrix::{
    MatMut, MatRef, Side, SymmetricMut, SymmetricRef, Triangle, gemm, symm, symv, syr, syr2, syr2k,
    syrk,
};
use teeter::{Error, Float, Machine};
use teeter_verify::input::Source;
use teeter_verify::input::laid::{CANARY, LAYOUTS, Laid, narrow};
use teeter_verify::oracle::naive;
use teeter_verify::property::symmetric::{self, TRIANGLES, lacks};
use teeter_verify::property::{assert_all, assert_caught};
use teeter_verify::subject::{Subject, Teeter};

/// Each method wrong in its own way.
struct Faulty;
impl Subject<f64> for Faulty {
    fn machine(&self) -> Machine {
        Machine::portable()
    }
    /// Forgets that the other triangle is there.
    fn symv(
        &self,
        factors: (f64, f64),
        a: SymmetricRef<'_, f64>,
        x: &[f64],
        y: &mut [f64],
    ) -> Result<(), Error> {
        symv(self.machine(), factors.0, a, x, factors.1, y)?;
        y.reverse();
        Ok(())
    }
    /// Another association: (αx)x.
    fn syr(&self, alpha: f64, x: &[f64], a: SymmetricMut<'_, f64>) -> Result<(), Error> {
        let y: Vec<f64> = x.iter().map(|x| 0.5 * alpha * x).collect();
        syr2(self.machine(), 1.0, x, &y, a)
    }
    /// β is applied to A's share of the product.
    fn syrk(
        &self,
        (alpha, beta): (f64, f64),
        a: MatRef<'_, f64>,
        c: SymmetricMut<'_, f64>,
    ) -> Result<(), Error> {
        syr2k(self.machine(), 0.5 * alpha, a, a, beta, c)
    }
    /// B before A.
    fn syr2k(
        &self,
        (alpha, beta): (f64, f64),
        a: MatRef<'_, f64>,
        b: MatRef<'_, f64>,
        c: SymmetricMut<'_, f64>,
    ) -> Result<(), Error> {
        syr2k(self.machine(), alpha, b, a, beta, c)
    }
    /// α on the side of A.
    fn symm(
        &self,
        (alpha, beta): (f64, f64),
        a: Side<SymmetricRef<'_, f64>>,
        b: MatRef<'_, f64>,
        mut c: MatMut<'_, f64>,
    ) -> Result<(), Error> {
        symm(self.machine(), 1.0, a, b, beta / alpha, c.rb_mut())?;
        let nothing = MatRef::strided(&[], [c.rows(), 0], [1, 1])?;
        let either = MatRef::strided(&[], [0, c.cols()], [1, 1])?;
        gemm(self.machine(), 1.0, nothing, either, alpha, c)
    }
}

#[test]
fn planted_faults_are_caught() {
    assert_caught(&symmetric::symv_stays_within_its_bound(&Faulty));
    assert_caught(&symmetric::symmetric_vector_updates_have_the_bits_of_the_definition(&Faulty));
    assert_caught(&symmetric::symmetric_updates_have_the_bits_of_the_definition(&Faulty));
    assert_caught(&symmetric::symm_has_the_bits_of_the_definition(&Faulty));
}

#[test]
fn properties_hold() {
    for machine in Machine::present() {
        assert_all(&symmetric::all::<f32>(&Teeter(machine)));
        assert_all(&symmetric::all::<f64>(&Teeter(machine)));
    }
}

const FACTORS: [f64; 4] = [0.0, 1.0, -1.0, 2.0];

/// Past two blocks of the diagonal.
const EDGE: usize = 33;

fn lattice(n: usize, source: &mut Source) -> Vec<i64> {
    (0..n).map(|_| source.whole(-4, 4)).collect()
}

/// A symmetric lattice, row after row.
fn symmetric_lattice(n: usize, source: &mut Source) -> Vec<i64> {
    let full = lattice(n * n, source);
    (0..n * n).map(|e| full[(e / n).max(e % n) * n + (e / n).min(e % n)]).collect()
}

fn transposed(a: &[i64], cols: usize) -> Vec<i64> {
    let rows = a.len().checked_div(cols).unwrap_or(0);
    (0..a.len()).map(|e| a[e % rows * cols + e / rows]).collect()
}

/// The elements of one triangle, canaries in the other.
fn one_triangle(values: &[i64], n: usize, triangle: Triangle) -> Vec<i64> {
    let keep = |e: usize| if lacks(triangle, e / n, e % n) { CANARY as i64 } else { values[e] };
    (0..n * n).map(keep).collect()
}

/// α and β of a turn; what β = 0 must not read.
fn factors<T: Float>(turn: usize) -> ((i64, i64), (T, T)) {
    let (alpha, beta) = (FACTORS[turn % 4], FACTORS[turn / 4 % 4]);
    ((alpha as i64, beta as i64), (T::from_f64(alpha), T::from_f64(beta)))
}

fn sum(product: &[i64], old: &[i64], (alpha, beta): (i64, i64)) -> Vec<i64> {
    product.iter().zip(old).map(|(p, c)| alpha * p + beta * c).collect()
}

fn vector_functions_are_exact<T: Float>(machine: Machine) {
    let source = &mut Source::new(0x5E44);
    let mut turn = 0;
    for n in (0..=EDGE).chain([64, 67, 130]) {
        let a = symmetric_lattice(n, source);
        let (x, old) = (lattice(n, source), lattice(n, source));
        let product = naive::product(&a, &x, [n, n, 1]);
        for (triangle, layout) in symmetric::everywhere() {
            for _ in 0..4 {
                turn += 1;
                let (whole, (alpha, beta)) = factors::<T>(turn);
                let what = || format!("{machine:?}, n {n}, {triangle:?}, {layout}, {whole:?}");
                // α = 0 reads neither A nor x, β = 0 does not read y.
                let hidden = |i, j| lacks(triangle, i, j) || whole.0 == 0;
                let laid = Laid::<T>::whole(&a, [n, n], layout).hide(hidden);
                let mut y = Laid::<T>::whole(&old, [n, 1], 0).hide(|_, _| whole.1 == 0);
                let blind = |v: &[i64]| if whole.0 == 0 { vec![T::NAN; n] } else { narrow(v) };
                let target = &mut y.memory[1..=n];
                let view = laid.view().symmetric(triangle);
                symv(machine, alpha, view, &blind(&x), beta, target).unwrap();
                y.assert_is(&sum(&product, &old, whole), &what);

                let stored = one_triangle(&a, n, triangle);
                let mut one = Laid::<T>::whole(&stored, [n, n], layout);
                let mut two = one.clone();
                syr(machine, alpha, &blind(&x), one.view_mut().symmetric(triangle)).unwrap();
                let target = two.view_mut().symmetric(triangle);
                syr2(machine, alpha, &blind(&x), &blind(&old), target).unwrap();
                let updated = |f: &dyn Fn(usize, usize) -> i64| -> Vec<i64> {
                    (0..n * n).map(|e| a[e] + whole.0 * f(e / n, e % n)).collect()
                };
                let expected = updated(&|i, j| x[i] * x[j]);
                one.assert_is(&one_triangle(&expected, n, triangle), &what);
                let expected = updated(&|i, j| x[i] * old[j] + old[i] * x[j]);
                two.assert_is(&one_triangle(&expected, n, triangle), &what);
            }
        }
    }
}

#[test]
fn symmetric_vector_functions_are_exact_on_whole_numbers() {
    for machine in Machine::present() {
        vector_functions_are_exact::<f32>(machine);
        vector_functions_are_exact::<f64>(machine);
    }
}

/// All orders over two of the tallest strips, depths beyond what a packed strip holds; triangles, layouts and
/// factors in turn: neighbors cover every combination.
fn updates_are_exact<T: Float>(machine: Machine) {
    let source = &mut Source::new(0x5944);
    let mut turn = 0_usize;
    for n in (0..=EDGE).chain([40, 47, 48, 49, 63, 95, 96, 97]) {
        let wide: &[usize] =
            if n % 16 < 2 { &[0, 1, 2, 3, 5, 16, 17, 33, 130, 300] } else { &[3, 17] };
        for &k in wide {
            let (a, b) = (lattice(n * k, source), lattice(n * k, source));
            let old = symmetric_lattice(n, source);
            let single = naive::product(&a, &transposed(&a, k), [n, k, n]);
            let cross = naive::product(&a, &transposed(&b, k), [n, k, n]);
            let double: Vec<i64> =
                (0..n * n).map(|e| cross[e] + cross[e % n * n + e / n]).collect();
            for triangle in TRIANGLES {
                for _ in 0..if k > 33 { 2 } else { 5 } {
                    turn += 1;
                    let (whole, (alpha, beta)) = factors::<T>(turn);
                    let layouts = [turn % LAYOUTS, turn / 5 % LAYOUTS, turn / 25 % LAYOUTS];
                    let what =
                        || format!("{machine:?}, {n}, {k}, {triangle:?}, {layouts:?}, {whole:?}");
                    let a = Laid::<T>::whole(&a, [n, k], layouts[0]).hide(|_, _| whole.0 == 0);
                    let b = Laid::<T>::whole(&b, [n, k], layouts[1]).hide(|_, _| whole.0 == 0);
                    let stored = one_triangle(&old, n, triangle);
                    let unread = |i, j| whole.1 == 0 && !lacks(triangle, i, j);
                    let mut one = Laid::<T>::whole(&stored, [n, n], layouts[2]).hide(unread);
                    let mut two = one.clone();
                    let target = one.view_mut().symmetric(triangle);
                    syrk(machine, alpha, a.view(), beta, target).unwrap();
                    let expected = sum(&single, &old, whole);
                    one.assert_is(&one_triangle(&expected, n, triangle), &what);
                    let target = two.view_mut().symmetric(triangle);
                    syr2k(machine, alpha, a.view(), b.view(), beta, target).unwrap();
                    let expected = sum(&double, &old, whole);
                    two.assert_is(&one_triangle(&expected, n, triangle), &what);
                }
            }
        }
    }
}

#[test]
fn symmetric_updates_are_exact_on_whole_numbers() {
    for machine in Machine::present() {
        updates_are_exact::<f32>(machine);
        updates_are_exact::<f64>(machine);
    }
}

fn symm_is_exact<T: Float>(machine: Machine) {
    let source = &mut Source::new(0x5344);
    let mut turn = 0_usize;
    for n in 0..=EDGE {
        let a = symmetric_lattice(n, source);
        for m in [0, 1, 2, 3, 7, 8, 15, 16, 17, 33] {
            let (b, old) = (lattice(n * m, source), lattice(n * m, source));
            let left = naive::product(&a, &b, [n, n, m]);
            let right = naive::product(&b, &a, [m, n, n]);
            for triangle in TRIANGLES {
                for _ in 0..5 {
                    turn += 1;
                    let (whole, (alpha, beta)) = factors::<T>(turn);
                    let layouts = [turn % LAYOUTS, turn / 5 % LAYOUTS, turn / 25 % LAYOUTS];
                    let what =
                        || format!("{machine:?}, {n}, {m}, {triangle:?}, {layouts:?}, {whole:?}");
                    let hidden = |i, j| lacks(triangle, i, j) || whole.0 == 0;
                    let a = Laid::<T>::whole(&a, [n, n], layouts[0]).hide(hidden);
                    let a = a.view().symmetric(triangle);
                    for (side, product, shape) in
                        [(Side::Left(a), &left, [n, m]), (Side::Right(a), &right, [m, n])]
                    {
                        let b = Laid::<T>::whole(&b, shape, layouts[1]).hide(|_, _| whole.0 == 0);
                        let mut c =
                            Laid::<T>::whole(&old, shape, layouts[2]).hide(|_, _| whole.1 == 0);
                        symm(machine, alpha, side, b.view(), beta, c.view_mut()).unwrap();
                        c.assert_is(&sum(product, &old, whole), &what);
                    }
                }
            }
        }
    }
}

#[test]
fn symm_is_exact_on_whole_numbers() {
    for machine in Machine::present() {
        symm_is_exact::<f32>(machine);
        symm_is_exact::<f64>(machine);
    }
}

/// NaN and ∞ in an operand show in exactly the elements that depend on them.
#[test]
fn special_values_spread_as_they_must() {
    let n = 19;
    for (machine, value) in
        Machine::present().flat_map(|m| [f64::NAN, f64::INFINITY].map(move |v| (m, v)))
    {
        for (row, col) in [(3, 3), (5, 2), (18, 1), (18, 17)] {
            let mut a = vec![1.0; n * n];
            a[row * n + col] = value;
            let view = MatRef::row_major(&a, n, n).unwrap();
            let lower = view.symmetric(Triangle::Lower);
            let hit = |i: usize| i == row || i == col;
            let mut y = vec![f64::NAN; n];
            symv(machine, 1.0, lower, &vec![1.0; n], 0.0, &mut y).unwrap();
            assert!((0..n).all(|i| y[i].is_finite() != hit(i)), "symv, {value} at {row}, {col}");
            let b = vec![1.0; 2 * n];
            let mut c = vec![f64::NAN; 2 * n];
            let target = MatMut::row_major(&mut c, n, 2).unwrap();
            let b = MatRef::row_major(&b, n, 2).unwrap();
            symm(machine, 1.0, Side::Left(lower), b, 0.0, target).unwrap();
            assert!((0..2 * n).all(|e| c[e].is_finite() != hit(e / 2)), "symm, {value}");
            let mut c = vec![f64::NAN; n * n];
            let target = MatMut::row_major(&mut c, n, n).unwrap().symmetric(Triangle::Lower);
            syrk(machine, 1.0, view, 0.0, target).unwrap();
            let wrong = (0..n * n)
                .filter(|e| !lacks(Triangle::Lower, e / n, e % n))
                .filter(|e| c[*e].is_finite() == (e / n == row || e % n == row));
            assert_eq!(wrong.count(), 0, "syrk, {value} at {row}, {col}");
        }
    }
}

#[test]
fn shapes_that_do_not_fit_are_refused_and_nothing_is_written() {
    let machine = Machine::detect();
    let data = [1.0; 12];
    let wide = MatRef::row_major(&data, 3, 4).unwrap();
    let square = MatRef::row_major(&data, 3, 3).unwrap().symmetric(Triangle::Lower);
    let length = |argument, expected, found| Err(Error::Length { argument, expected, found });
    let mut c = [9.0; 12];
    let bad = wide.symmetric(Triangle::Upper);
    assert_eq!(symv(machine, 1.0, bad, &data, 0.0, &mut c), length("a.cols", 3, 4));
    assert_eq!(symv(machine, 1.0, square, &data[..4], 0.0, &mut c[..3]), length("x", 3, 4));
    assert_eq!(symv(machine, 1.0, square, &data[..3], 0.0, &mut c[..2]), length("y", 3, 2));
    let mut target = |rows, cols, f: &dyn Fn(MatMut<'_, f64>) -> Result<(), Error>| {
        f(MatMut::row_major(&mut c, rows, cols).unwrap())
    };
    let lower = Triangle::Lower;
    let with = |x: usize, y: usize, a: MatMut<'_, f64>| {
        syr2(machine, 1.0, &data[..x], &data[..y], a.symmetric(lower))
    };
    assert_eq!(target(3, 4, &|a| with(3, 3, a)), length("a.cols", 3, 4));
    assert_eq!(target(3, 3, &|a| with(2, 3, a)), length("x", 3, 2));
    assert_eq!(target(3, 3, &|a| with(3, 2, a)), length("y", 3, 2));
    let one = |a: MatMut<'_, f64>| syr(machine, 1.0, &data[..2], a.symmetric(lower));
    assert_eq!(target(3, 4, &one), length("a.cols", 3, 4));
    assert_eq!(target(3, 3, &one), length("x", 3, 2));
    let rank = |c: MatMut<'_, f64>| syrk(machine, 1.0, wide, 0.0, c.symmetric(lower));
    assert_eq!(target(3, 4, &rank), length("c.cols", 3, 4));
    assert_eq!(target(2, 2, &rank), length("c.rows", 3, 2));
    let two = |b, c: MatMut<'_, f64>| syr2k(machine, 1.0, wide, b, 0.0, c.symmetric(lower));
    assert_eq!(target(3, 4, &|c| two(wide, c)), length("c.cols", 3, 4));
    assert_eq!(target(2, 2, &|c| two(wide, c)), length("c.rows", 3, 2));
    assert_eq!(target(3, 3, &|c| two(wide.t(), c)), length("b.rows", 3, 4));
    let narrow = wide.sub([0, 0], [3, 2]).unwrap();
    assert_eq!(target(3, 3, &|c| two(narrow, c)), length("b.cols", 4, 2));
    let product = |a, b, c: MatMut<'_, f64>| symm(machine, 1.0, a, b, 0.0, c);
    assert_eq!(target(3, 3, &|c| product(Side::Left(square), wide, c)), length("c.cols", 4, 3));
    assert_eq!(target(2, 4, &|c| product(Side::Left(square), wide, c)), length("c.rows", 3, 2));
    assert_eq!(target(3, 4, &|c| product(Side::Left(bad), wide, c)), length("a.cols", 3, 4));
    assert_eq!(target(3, 4, &|c| product(Side::Right(square), wide, c)), length("b.cols", 3, 4));
    let tall = wide.t();
    assert_eq!(target(4, 3, &|c| product(Side::Left(square), tall, c)), length("b.rows", 3, 4));
    assert_eq!(c, [9.0; 12]);
}
