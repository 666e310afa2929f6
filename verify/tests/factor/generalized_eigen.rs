//! The generalized symmetric-definite eigenproblem (its properties run with the layer's, in
//! `factor.rs`): planted faults, edges, one answer on every machine.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails, in helpers too")]

use teeter::factor::{
    cholesky_in_place, generalized_eigen, generalized_eigen_scratch_len, symmetric_eigen,
};
use teeter::matrix::MatMut;
use teeter::{Error, Float, Machine};
use teeter_verify::input::laid::{LAYOUTS, Laid};
use teeter_verify::input::{general, matrix};
use teeter_verify::property::{assert_caught, generalized_eigen as properties};
use teeter_verify::subject::Subject;

/// The pair with its roles confused: vectors of A alone, values of A + G, no pivot refused.
struct Faulty;
impl Subject<f64> for Faulty {
    fn machine(&self) -> Machine {
        Machine::portable()
    }
    fn generalized_eigen(
        &self,
        mut a: MatMut<'_, f64>,
        mut g: MatMut<'_, f64>,
        values: &mut [f64],
    ) -> Result<(), Error> {
        let n = values.len();
        for i in 0..n {
            let value = g.get(i, i).unwrap();
            let _ = g.set(i, i, value.abs().max(0.5));
        }
        // L⁻¹ instead of L⁻ᵀ at the end would do; so does a unit norm instead of G's.
        let mut scratch = vec![0.0; generalized_eigen_scratch_len(n)];
        generalized_eigen(self.machine(), a.rb_mut(), g, values, &mut scratch)?;
        for j in 0..n {
            let norm = (0..n).map(|i| a.get(i, j).unwrap().powi(2)).sum::<f64>().sqrt();
            for i in 0..n {
                let value = a.get(i, j).unwrap() / norm;
                let _ = a.set(i, j, value + 1e-9);
            }
        }
        if let [first, ..] = values {
            *first -= 1e-9 * first.abs();
        }
        Ok(())
    }
}

#[test]
fn planted_faults_are_caught() {
    properties::all(&Faulty).iter().for_each(assert_caught);
}

/// X, L with what is above it, and values, as bits.
fn solved<T: Float>(machine: Machine, a: &[T], g: &[T], n: usize, layout: usize) -> [Vec<u64>; 3] {
    let (mut x, mut l) = (Laid::new(a, [n, n], layout), Laid::new(g, [n, n], layout));
    let mut values = vec![T::NAN; n];
    let mut scratch = vec![T::NAN; generalized_eigen_scratch_len(n)];
    let (x_view, l_view) = (x.view_mut(), l.view_mut());
    generalized_eigen(machine, x_view, l_view, &mut values, &mut scratch).unwrap();
    [x.values(), l.values(), values].map(|list| list.iter().map(|x| x.to_bits_u64()).collect())
}

/// The layout is that of `symmetric_eigen`, whose bits may follow it. NaN above the diagonals is not read, and above that of G it stays.
fn one_answer<T: Float>() {
    for n in [1, 2, 5, 16, 17, 33] {
        let narrow = |a: Vec<f64>| -> Vec<T> { a.into_iter().map(T::from_f64).collect() };
        let (mut a, mut g) =
            (narrow(matrix::whole_symmetric(n, 5)), narrow(matrix::whole_positive(n, 6)));
        for (fused, layout) in (0..2 * LAYOUTS).map(|i| (i % 2 == 1, i / 2)) {
            let mut first = None;
            for garbage in [T::ZERO, T::NAN] {
                for e in (0..n * n).filter(|e| e % n > e / n) {
                    (a[e], g[e]) = (garbage, garbage);
                }
                for machine in Machine::present().filter(|machine| machine.is_fused() == fused) {
                    let [x, mut l, values] = solved(machine, &a, &g, n, layout);
                    for e in (0..n * n).filter(|e| e % n > e / n) {
                        assert_eq!(l[e], g[e].to_bits_u64(), "written above the diagonal");
                        l[e] = 0;
                    }
                    let found = [x, l, values];
                    let first = first.get_or_insert_with(|| found.clone());
                    assert!(*first == found, "{machine:?}, n {n}, layout {layout}");
                }
            }
        }
    }
}

#[test]
fn generalized_eigen_has_one_answer_on_every_machine() {
    one_answer::<f32>();
    one_answer::<f64>();
}

/// Scaling A by 2ᵏ scales the values, scaling G by 4ᵏ the values by 4⁻ᵏ and X by 2⁻ᵏ, exactly.
#[test]
fn generalized_eigen_scales_exactly_by_powers() {
    let (n, machine) = (19, Machine::detect());
    let run = |of_a: i32, of_g: i32| {
        let up = |a: Vec<f64>, k: i32| -> Vec<f64> {
            a.into_iter().map(|x| x.scale_by_power(k)).collect()
        };
        let mut x = up(matrix::whole_symmetric(n, 1), of_a);
        let mut l = up(matrix::whole_positive(n, 2), 2 * of_g);
        let (mut values, mut scratch) = (vec![0.0; n], vec![0.0; generalized_eigen_scratch_len(n)]);
        let x_view = MatMut::row_major(&mut x, n, n).unwrap();
        let l_view = MatMut::row_major(&mut l, n, n).unwrap();
        generalized_eigen(machine, x_view, l_view, &mut values, &mut scratch).unwrap();
        (up(x, of_g), up(values, 2 * of_g - of_a))
    };
    for (of_a, of_g) in [(1, 0), (-400, 0), (400, 0), (0, 1), (0, -200), (0, 200), (-300, -200)] {
        assert_eq!(run(of_a, of_g), run(0, 0), "2^{of_a}, 4^{of_g}");
    }
}

/// G = I is the symmetric problem, bit for bit.
#[test]
fn with_the_identity_it_is_the_symmetric_problem() {
    for machine in Machine::present() {
        for n in [1, 4, 16, 23] {
            let a = general::uniform(n, n, 3);
            let mut identity = vec![0.0; n * n];
            identity.iter_mut().step_by(n + 1).for_each(|x| *x = 1.0);
            let (mut v, mut values) = (a.clone(), vec![0.0; n]);
            let mut scratch = vec![0.0; generalized_eigen_scratch_len(n)];
            let view = MatMut::row_major(&mut v, n, n).unwrap();
            symmetric_eigen(machine, view, &mut values, &mut scratch).unwrap();
            let (mut x, mut found) = (a, vec![0.0; n]);
            let view = MatMut::row_major(&mut x, n, n).unwrap();
            let metric = MatMut::row_major(&mut identity, n, n).unwrap();
            generalized_eigen(machine, view, metric, &mut found, &mut scratch).unwrap();
            assert_eq!((x, found), (v, values), "{machine:?}, n {n}");
        }
    }
}

/// Scratch for order 2 and more.
const ENOUGH: usize = generalized_eigen_scratch_len(3);

fn call(a: &mut [f64], g: &mut [f64], shapes: [[usize; 2]; 2], len: usize) -> Result<(), Error> {
    let [[m, n], [p, q]] = shapes;
    let mut scratch = vec![0.0; len];
    let (a, g) = (MatMut::row_major(a, m, n).unwrap(), MatMut::row_major(g, p, q).unwrap());
    generalized_eigen(Machine::detect(), a, g, &mut [9.0; 2], &mut scratch)
}

#[test]
fn mistakes_are_named() {
    let (mut a, mut g) = ([1.0; 6], [1.0; 6]);
    let length = |argument, expected, found| Err(Error::Length { argument, expected, found });
    let square = [2, 2];
    assert_eq!(call(&mut a, &mut g, [[2, 3], square], ENOUGH), length("a.cols", 2, 3));
    assert_eq!(call(&mut a, &mut g, [square, [3, 2]], ENOUGH), length("g.rows", 2, 3));
    assert_eq!(call(&mut a, &mut g, [square, [2, 3]], ENOUGH), length("g.cols", 2, 3));
    assert_eq!(call(&mut a, &mut g, [[1, 1], [1, 1]], ENOUGH), length("values", 1, 2));
    let needed = generalized_eigen_scratch_len(2);
    assert_eq!(
        call(&mut a, &mut g, [square; 2], needed - 1),
        Err(Error::Short { argument: "scratch", needed, found: needed - 1 })
    );
    assert_eq!((a, g), ([1.0; 6], [1.0; 6]));
    assert_eq!(generalized_eigen_scratch_len(usize::MAX), usize::MAX);
}

#[test]
fn numbers_that_are_none_are_refused_before_anything_changes() {
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        for (place, index) in [(0, 0), (2, 1), (3, 1)] {
            let (good, mut bad) = ([2.0, 0.0, 1.0, 2.0], [2.0, 0.0, 1.0, 2.0]);
            bad[place] = value;
            for argument in ["a", "g"] {
                let (mut a, mut g) = if argument == "a" { (bad, good) } else { (good, bad) };
                let before = [a, g].map(|x| x.map(f64::to_bits));
                let refused = Err(Error::NotFinite { argument, index });
                assert_eq!(
                    call(&mut a, &mut g, [[2, 2]; 2], ENOUGH),
                    refused,
                    "{value} in {argument}"
                );
                assert_eq!([a, g].map(|x| x.map(f64::to_bits)), before);
            }
        }
    }
    // Pivots that overflow, and a reduced matrix that does.
    let (mut a, mut g) = ([1.0, 0.0, 0.0, 1.0], [1e-300, 0.0, 1e300, 1.0]);
    let refused = Err(Error::NotFinite { argument: "g", index: 1 });
    assert_eq!(call(&mut a, &mut g, [[2, 2]; 2], ENOUGH), refused);
    assert_eq!(a, [1.0, 0.0, 0.0, 1.0]);
    let (mut a, mut g) = ([1.0, 0.0, 0.0, 1e300], [1.0, 0.0, 0.0, 1e-300]);
    let refused = Err(Error::NotFinite { argument: "a", index: 1 });
    assert_eq!(call(&mut a, &mut g, [[2, 2]; 2], ENOUGH), refused);
}

/// n = 0, a zero A, and a G near singular whose answer is still exact.
#[test]
fn extremes_have_answers() {
    for machine in Machine::present() {
        let mut none: [f64; 0] = [];
        let mut other: [f64; 0] = [];
        let (a, g) = (
            MatMut::row_major(&mut none, 0, 0).unwrap(),
            MatMut::row_major(&mut other, 0, 0).unwrap(),
        );
        assert_eq!(generalized_eigen(machine, a, g, &mut [], &mut []), Ok(()));
    }
    let (mut a, mut g) = ([0.0; 4], [4.0, 0.0, 2.0, 4.0]);
    assert_eq!(call(&mut a, &mut g, [[2, 2]; 2], ENOUGH), Ok(()));
    assert!(a.iter().all(|x| x.is_finite()));
    let n = 2;
    let mut a = [1.0, 0.0, 0.0, 2.0_f64.powi(-600)];
    let mut g = [2.0_f64.powi(600), 0.0, 0.0, 2.0_f64.powi(-1000)];
    let (mut values, mut scratch) = ([0.0; 2], vec![0.0; generalized_eigen_scratch_len(n)]);
    let (x, l) =
        (MatMut::row_major(&mut a, n, n).unwrap(), MatMut::row_major(&mut g, n, n).unwrap());
    generalized_eigen(Machine::detect(), x, l, &mut values, &mut scratch).unwrap();
    assert_eq!(values, [2.0_f64.powi(-600), 2.0_f64.powi(400)]);
    assert_eq!(a.map(f64::abs), [2.0_f64.powi(-300), 0.0, 0.0, 2.0_f64.powi(500)]);
}

/// The lower triangle of `g` is the Cholesky factor, ready for more solves.
#[test]
fn the_metric_leaves_its_factor() {
    let (n, machine) = (18, Machine::detect());
    let (mut a, mut g) = (matrix::whole_symmetric(n, 1), matrix::whole_positive(n, 2));
    let mut l = g.clone();
    cholesky_in_place(machine, MatMut::row_major(&mut l, n, n).unwrap()).unwrap();
    let (mut values, mut scratch) = (vec![0.0; n], vec![0.0; generalized_eigen_scratch_len(n)]);
    let (x, view) =
        (MatMut::row_major(&mut a, n, n).unwrap(), MatMut::row_major(&mut g, n, n).unwrap());
    generalized_eigen(machine, x, view, &mut values, &mut scratch).unwrap();
    assert_eq!(g, l);
}
