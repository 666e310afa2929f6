//! trmv, trsv, trmm, trsm: every shape, stride, triangle, diagonal and side exactly, on whole
//! numbers.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails, in helpers too")]

use teeter::matrix::{
    Diagonal, MatMut, MatRef, Side, Triangle, TriangularRef, trmm, trmv, trsm, trsv,
};
use teeter::{Error, Float, Machine};
use teeter_verify::input::laid::{LAYOUTS, Laid, narrow};
use teeter_verify::input::{Source, vector};
use teeter_verify::oracle::naive;
use teeter_verify::property::symmetric::{TRIANGLES, everywhere, lacks};
use teeter_verify::property::triangular::{self, DIAGONALS};
use teeter_verify::property::{assert_all, assert_caught};
use teeter_verify::subject::{Subject, Teeter};

/// Each method wrong in its own way.
struct Faulty;
impl Subject<f64> for Faulty {
    fn machine(&self) -> Machine {
        Machine::portable()
    }
    /// Twice.
    fn trmv(&self, a: TriangularRef<'_, f64>, x: &mut [f64]) -> Result<(), Error> {
        trmv(self.machine(), a, x)?;
        trmv(self.machine(), a, x)
    }
    /// Solves with the transpose.
    fn trsv(&self, a: TriangularRef<'_, f64>, x: &mut [f64]) -> Result<(), Error> {
        trsv(self.machine(), a.t(), x)
    }
    /// α after the product.
    fn trmm(
        &self,
        alpha: f64,
        a: Side<TriangularRef<'_, f64>>,
        mut b: MatMut<'_, f64>,
    ) -> Result<(), Error> {
        trmm(self.machine(), 1.0, a, b.rb_mut())?;
        scaled(alpha, b)
    }
    /// α after the solve.
    fn trsm(
        &self,
        alpha: f64,
        a: Side<TriangularRef<'_, f64>>,
        mut b: MatMut<'_, f64>,
    ) -> Result<(), Error> {
        trsm(self.machine(), 1.0, a, b.rb_mut())?;
        scaled(alpha, b)
    }
}

fn scaled(alpha: f64, mut b: MatMut<'_, f64>) -> Result<(), Error> {
    for i in 0..b.rows() {
        for j in 0..b.cols() {
            let value = alpha * b.get(i, j).unwrap();
            b.set(i, j, value).unwrap();
        }
    }
    Ok(())
}

#[test]
fn planted_faults_are_caught() {
    assert_caught(&triangular::trmv_stays_within_its_bound(&Faulty));
    assert_caught(&triangular::trsv_solves_a_nearby_system(&Faulty));
    assert_caught(&triangular::trmm_has_the_bits_of_the_definition(&Faulty));
    assert_caught(&triangular::trsm_has_the_bits_of_the_definition(&Faulty));
}

#[test]
fn properties_hold() {
    for machine in Machine::present() {
        assert_all(&triangular::all::<f32>(&Teeter(machine)));
        assert_all(&triangular::all::<f64>(&Teeter(machine)));
    }
}

const FACTORS: [f64; 4] = [0.0, 1.0, -1.0, 2.0];

/// Past two blocks of the diagonal.
const EDGE: usize = 33;

fn lattice(n: usize, source: &mut Source) -> Vec<i64> {
    (0..n).map(|_| source.whole(-4, 4)).collect()
}

/// A triangle of whole numbers with divisors of whole numbers on its diagonal, in full.
fn whole_triangle(
    n: usize,
    (triangle, diagonal): (Triangle, Diagonal),
    source: &mut Source,
) -> Vec<i64> {
    let element = |e: usize| match (e / n, e % n) {
        (i, j) if i == j && diagonal == Diagonal::Unit => 1,
        (i, j) if i == j => [1, -1, 2, -4][source.whole(0, 3) as usize],
        (i, j) if lacks(triangle, i, j) => 0,
        _ => source.whole(-4, 4),
    };
    (0..n * n).map(element).collect()
}

/// Laid out, NaN wherever nothing may be read.
fn laid<T: Float>(
    a: &[i64],
    n: usize,
    (triangle, diagonal): (Triangle, Diagonal),
    layout: usize,
) -> Laid<T> {
    Laid::whole(a, [n, n], layout)
        .hide(|i, j| lacks(triangle, i, j) || i == j && diagonal == Diagonal::Unit)
}

fn vectors_are_exact<T: Float>(machine: Machine) {
    let source = &mut Source::new(0x504E);
    for n in (0..=EDGE).chain([64, 67, 130]) {
        for (triangle, layout) in everywhere() {
            for diagonal in DIAGONALS {
                let kind = (triangle, diagonal);
                let a = whole_triangle(n, kind, source);
                let truth = lattice(n, source);
                let product = naive::product(&a, &truth, [n, n, 1]);
                let laid = laid::<T>(&a, n, kind, layout);
                let view = laid.view().triangular(triangle, diagonal);
                let mut x = narrow::<T>(&truth);
                trmv(machine, view, &mut x).unwrap();
                assert_eq!(x, narrow::<T>(&product), "{machine:?}, n {n}, {kind:?}, {layout}");
                trsv(machine, view, &mut x).unwrap();
                assert_eq!(x, narrow::<T>(&truth), "{machine:?}, n {n}, {kind:?}, {layout}");
            }
        }
    }
}

#[test]
fn triangular_vector_functions_are_exact_on_whole_numbers() {
    for machine in Machine::present() {
        vectors_are_exact::<f32>(machine);
        vectors_are_exact::<f64>(machine);
    }
}

fn times(alpha: i64, values: &[i64]) -> Vec<i64> {
    values.iter().map(|value| alpha * value).collect()
}

/// αAB and αBA, and their solves, which bring αB back.
fn matrices_are_exact<T: Float>(machine: Machine) {
    let source = &mut Source::new(0x5033);
    let mut turn = 0_usize;
    for n in 0..=EDGE {
        for m in [0, 1, 2, 3, 7, 8, 9, 16, 17, 31, 33] {
            for kind in TRIANGLES.into_iter().flat_map(|t| DIAGONALS.map(|d| (t, d))) {
                let a = whole_triangle(n, kind, source);
                let b = lattice(n * m, source);
                let left = naive::product(&a, &b, [n, n, m]);
                let right = naive::product(&b, &a, [m, n, n]);
                for _ in 0..3 {
                    turn += 1;
                    let whole = FACTORS[turn % 4] as i64;
                    let alpha = T::from_f64(FACTORS[turn % 4]);
                    let layouts = [turn % LAYOUTS, turn / 5 % LAYOUTS];
                    let what = || format!("{machine:?}, {n}, {m}, {kind:?}, {layouts:?}, {whole}");
                    // α = 0 reads nothing.
                    let laid = laid::<T>(&a, n, kind, layouts[0]).hide(|_, _| whole == 0);
                    let a = laid.view().triangular(kind.0, kind.1);
                    for (side, product, shape) in
                        [(Side::Left(a), &left, [n, m]), (Side::Right(a), &right, [m, n])]
                    {
                        let mut x = Laid::<T>::whole(&b, shape, layouts[1]).hide(|_, _| whole == 0);
                        trmm(machine, alpha, side, x.view_mut()).unwrap();
                        x.assert_is(&times(whole, product), &what);
                        let mut x =
                            Laid::<T>::whole(product, shape, layouts[1]).hide(|_, _| whole == 0);
                        trsm(machine, alpha, side, x.view_mut()).unwrap();
                        x.assert_is(&times(whole, &b), &what);
                    }
                }
            }
        }
    }
}

#[test]
fn triangular_matrix_functions_are_exact_on_whole_numbers() {
    for machine in Machine::present() {
        matrices_are_exact::<f32>(machine);
        matrices_are_exact::<f64>(machine);
    }
}

/// On a diagonal matrix a vector is divided, and a matrix multiplied by the rounded reciprocals.
fn diagonals_solve_as_documented<T: Float>(machine: Machine) {
    let n = 40;
    let source = &mut Source::new(0xD17);
    let pivots: Vec<T> = vector::graded(n, 5, source);
    let b: Vec<T> = vector::graded(n, 5, source);
    let diagonal: Vec<T> =
        (0..n * n).map(|e| if e / n == e % n { pivots[e / n] } else { T::ZERO }).collect();
    let right: Vec<T> = b.iter().zip(&pivots).map(|(&b, &pivot)| b / pivot).collect();
    for (triangle, layout) in everywhere() {
        let laid = Laid::new(&diagonal, [n, n], layout);
        let a = laid.view().triangular(triangle, Diagonal::NonUnit);
        let mut x = b.clone();
        trsv(machine, a, &mut x).unwrap();
        assert_eq!(x, right, "trsv, {machine:?}, {triangle:?}, layout {layout}");
        let mut x = Laid::new(&b, [n, 1], layout);
        trsm(machine, T::ONE, Side::Left(a), x.view_mut()).unwrap();
        let product: Vec<T> = b.iter().zip(&pivots).map(|(&b, &p)| b * (T::ONE / p)).collect();
        assert_eq!(x.values(), product, "trsm, {machine:?}, {triangle:?}, layout {layout}");
    }
}

#[test]
fn diagonals_solve_as_the_documents_say() {
    for machine in Machine::present() {
        diagonals_solve_as_documented::<f32>(machine);
        diagonals_solve_as_documented::<f64>(machine);
    }
}

/// Pivots whose reciprocal is not a normal number, among others: powers of two of the whole range, with which
/// every quotient is exact.
fn all_pivots_are_exact<T: Float>(machine: Machine, exponents: core::ops::RangeInclusive<i32>) {
    let power = |k: i32| T::from_f64(2_f64.powi(k / 2) * 2_f64.powi(k - k / 2));
    let all: Vec<i32> = exponents.step_by(5).collect();
    let (n, m) = (all.len(), 3);
    // Ones beside a diagonal of powers, and zeros of X there, so that nothing else is added.
    let a: Vec<T> =
        (0..n * n).map(|e| if e / n == e % n { power(all[e / n]) } else { T::ZERO }).collect();
    // x = 2^±1, so that b is as representable as the pivot; the smallest twice.
    let x: Vec<T> = (0..n * m).map(|e| if all[e / m] < 0 { T::TWO } else { T::HALF }).collect();
    let b: Vec<T> = (0..n * m).map(|e| x[e] * a[e / m * (n + 1)]).collect();
    for (triangle, layout) in everywhere() {
        let a = Laid::new(&a, [n, n], layout);
        let a = a.view().triangular(triangle, Diagonal::NonUnit);
        let mut found = Laid::new(&b, [n, m], layout);
        trsm(machine, T::ONE, Side::Left(a), found.view_mut()).unwrap();
        assert_eq!(found.values(), x, "{machine:?}, {triangle:?}, layout {layout}");
    }
}

#[test]
fn pivots_of_every_size_solve() {
    for machine in Machine::present() {
        all_pivots_are_exact::<f32>(machine, -149..=127);
        all_pivots_are_exact::<f64>(machine, -1074..=1023);
    }
}

/// Deeper than blocks of 64 and of 256 rows, and the rows before and after them.
#[test]
fn triangular_solves_are_exact_across_blocks() {
    let source = &mut Source::new(0xB10C);
    let m = 5;
    for n in [63, 64, 65, 130, 255, 256, 257, 300] {
        for kind in TRIANGLES.into_iter().flat_map(|t| DIAGONALS.map(|d| (t, d))) {
            let a = whole_triangle(n, kind, source);
            let b = lattice(n * m, source);
            let product = naive::product(&a, &b, [n, n, m]);
            for (machine, layout) in Machine::present().flat_map(|m| [0, 1].map(|l| (m, l))) {
                let laid = laid::<f64>(&a, n, kind, layout);
                let a = Side::Left(laid.view().triangular(kind.0, kind.1));
                let mut x = Laid::<f64>::whole(&product, [n, m], layout);
                trsm(machine, 1.0, a, x.view_mut()).unwrap();
                x.assert_is(&b, &|| format!("{machine:?}, n = {n}, {kind:?}, layout {layout}"));
            }
        }
    }
}

/// Wider than the strips of B, deeper than `gemm`'s blocks.
#[test]
fn triangular_matrix_functions_are_exact_on_large_matrices() {
    let source = &mut Source::new(0x1A26E);
    let (n, m) = (150, 70);
    for machine in Machine::present() {
        for kind in TRIANGLES.into_iter().flat_map(|t| DIAGONALS.map(|d| (t, d))) {
            let a = whole_triangle(n, kind, source);
            let b = lattice(n * m, source);
            let product = naive::product(&a, &b, [n, n, m]);
            for layout in 0..LAYOUTS {
                let laid = laid::<f32>(&a, n, kind, layout);
                let a = Side::Left(laid.view().triangular(kind.0, kind.1));
                let what = || format!("{machine:?}, {kind:?}, layout {layout}");
                let mut x = Laid::<f32>::whole(&b, [n, m], (layout + 1) % LAYOUTS);
                trmm(machine, 1.0, a, x.view_mut()).unwrap();
                x.assert_is(&product, &what);
                trsm(machine, 1.0, a, x.view_mut()).unwrap();
                x.assert_is(&b, &what);
            }
        }
    }
}

/// NaN and ∞ in a row of B reach exactly the elements that depend on it: the zeros of the other
/// triangle are no factors.
#[test]
fn special_values_spread_as_they_must() {
    let (n, m) = (19, 5);
    for (machine, value) in
        Machine::present().flat_map(|m| [f64::NAN, f64::INFINITY].map(move |v| (m, v)))
    {
        for (triangle, at) in TRIANGLES.into_iter().flat_map(|t| [0, 7, 16, 18].map(|at| (t, at))) {
            let a: Vec<f64> = (0..n * n).map(|e| if e / n == e % n { 1.0 } else { 0.01 }).collect();
            let a = MatRef::row_major(&a, n, n).unwrap().triangular(triangle, Diagonal::NonUnit);
            let mut b = vec![1.0; n * m];
            b[at * m + 2] = value;
            let mut x: Vec<f64> = (0..n).map(|i| b[i * m + 2]).collect();
            let mut y = x.clone();
            let mut c = b.clone();
            trmm(machine, 1.5, Side::Left(a), MatMut::row_major(&mut b, n, m).unwrap()).unwrap();
            trsm(machine, 1.5, Side::Left(a), MatMut::row_major(&mut c, n, m).unwrap()).unwrap();
            trmv(machine, a, &mut x).unwrap();
            trsv(machine, a, &mut y).unwrap();
            for e in 0..n * m {
                let (i, hit) = (e / m, !lacks(triangle, e / m, at));
                let sound = !(hit && e % m == 2);
                assert_eq!(b[e].is_finite(), sound, "trmm, {machine:?}, {triangle:?}, {at}, {e}");
                assert_eq!(c[e].is_finite(), sound, "trsm, {machine:?}, {triangle:?}, {at}, {e}");
                assert_eq!([x[i].is_finite(), y[i].is_finite()], [!hit; 2], "{triangle:?}, {at}");
            }
        }
    }
}

#[test]
fn what_does_not_fit_is_refused_and_nothing_is_written() {
    let machine = Machine::detect();
    let data = [1.0; 12];
    let lower = |a: MatRef<'static, f64>| a.triangular(Triangle::Lower, Diagonal::NonUnit);
    let data: &'static [f64; 12] = Box::leak(Box::new(data));
    let wide = lower(MatRef::row_major(data, 3, 4).unwrap());
    let square = lower(MatRef::row_major(data, 3, 3).unwrap());
    let length = |argument, expected, found| Err(Error::Length { argument, expected, found });
    let mut c = [9.0; 12];
    for solve in [trmv, trsv] {
        assert_eq!(solve(machine, wide, &mut c[..3]), length("a.cols", 3, 4));
        assert_eq!(solve(machine, square.t(), &mut c[..2]), length("x", 3, 2));
    }
    for call in [trmm, trsm] {
        let mut on = |side, [rows, cols]: [usize; 2]| {
            call(machine, 1.0, side, MatMut::row_major(&mut c, rows, cols).unwrap())
        };
        assert_eq!(on(Side::Left(wide), [3, 2]), length("a.cols", 3, 4));
        assert_eq!(on(Side::Right(wide), [2, 3]), length("a.cols", 3, 4));
        assert_eq!(on(Side::Left(square), [4, 3]), length("b.rows", 3, 4));
        assert_eq!(on(Side::Right(square), [3, 4]), length("b.cols", 3, 4));
    }
    let mut singular = *data;
    for value in [0.0, f64::NAN] {
        singular[4] = value;
        let a = MatRef::row_major(&singular, 3, 3).unwrap();
        for triangle in TRIANGLES {
            let a = a.triangular(triangle, Diagonal::NonUnit);
            let target = MatMut::row_major(&mut c, 3, 4).unwrap();
            for refused in
                [trsm(machine, 2.0, Side::Left(a), target), trsv(machine, a, &mut c[..3])]
            {
                let named = matches!(refused, Err(Error::Pivot { index: 1, value })
                    if (value == 0.0) == (singular[4] == 0.0));
                assert!(named, "{refused:?}");
            }
        }
        assert_eq!(c, [9.0; 12]);
    }
    // Neither α = 0 nor a unit diagonal has pivots to refuse.
    let a = MatRef::row_major(&singular, 3, 3).unwrap();
    let unit = Side::Left(a.triangular(Triangle::Lower, Diagonal::Unit));
    let stored = Side::Left(a.triangular(Triangle::Lower, Diagonal::NonUnit));
    let mut target = MatMut::row_major(&mut c, 3, 4).unwrap();
    assert_eq!(trsm(machine, 1.0, unit, target.rb_mut()), Ok(()));
    assert_eq!(trsm(machine, 0.0, stored, target), Ok(()));
    assert_eq!(c, [0.0; 12]);
}

/// The other side of an empty shape may be any number: no loop may run over it.
#[test]
fn empty_operands_return_at_once() {
    let machine = Machine::detect();
    let nothing: [f64; 0] = [];
    let a = MatRef::row_major(&nothing, 0, 0).unwrap().triangular(Triangle::Lower, Diagonal::Unit);
    for alpha in [0.0, 1.0] {
        for call in [trmm, trsm] {
            let mut memory: [f64; 0] = [];
            let b = MatMut::strided(&mut memory, [0, usize::MAX], [1, 1]).unwrap();
            assert_eq!(call(machine, alpha, Side::Left(a), b), Ok(()));
            let b = MatMut::strided(&mut memory, [usize::MAX, 0], [1, 1]).unwrap();
            assert_eq!(call(machine, alpha, Side::Right(a), b), Ok(()));
        }
    }
}
