//! The singular value decomposition (its properties run with the layer's, in `factor.rs`): planted faults, edges, one answer in every layout.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails, in helpers too")]

use teeter::factor::{svd, svd_rank, svd_scratch_len};
use teeter::matrix::{MatMut, MatRef};
use teeter::{Error, Float, Machine};
use teeter_verify::bound;
use teeter_verify::input::general;
use teeter_verify::input::laid::{LAYOUTS, Laid};
use teeter_verify::oracle::naive;
use teeter_verify::property::{assert_caught, svd as properties};
use teeter_verify::subject::Subject;

/// Values as a bidiagonal reduction leaves them, off by 1e-12 of the largest; vectors off by as little.
struct Faulty;
impl Subject<f64> for Faulty {
    fn machine(&self) -> Machine {
        Machine::portable()
    }
    fn svd(
        &self,
        a: MatRef<'_, f64>,
        mut u: MatMut<'_, f64>,
        values: &mut [f64],
        mut v: MatMut<'_, f64>,
    ) -> Result<(), Error> {
        let mut scratch = vec![0.0; svd_scratch_len(a.rows(), a.cols())];
        svd(self.machine(), a, u.rb_mut(), values, v.rb_mut(), &mut scratch)?;
        let shift = 1e-12 * values[0];
        values.iter_mut().for_each(|value| *value += shift);
        for mut x in [u.rb_mut(), v.rb_mut()] {
            let value = x.get(0, 0).unwrap();
            let _ = x.set(0, 0, value + 1e-10);
        }
        Ok(())
    }
}

#[test]
fn planted_faults_are_caught() {
    properties::all(&Faulty).iter().for_each(assert_caught);
}

const GARBAGE: f64 = 3.5;

/// U, Σ and V as bits.
fn solved<T: Float>(machine: Machine, a: &[T], shape: [usize; 2], layout: usize) -> Vec<u64> {
    let [m, n] = shape;
    let r = m.min(n);
    let a = Laid::new(a, shape, layout);
    let (mut u, mut v) = (
        Laid::new(&vec![T::NAN; m * r], [m, r], layout),
        Laid::new(&vec![T::NAN; n * r], [n, r], layout),
    );
    let (mut values, mut scratch) =
        (vec![T::NAN; r], vec![T::from_f64(GARBAGE); svd_scratch_len(m, n)]);
    svd(machine, a.view(), u.view_mut(), &mut values, v.view_mut(), &mut scratch).unwrap();
    let all = [u.values(), values, v.values()].concat();
    all.iter().map(|x| x.to_bits_u64()).collect()
}

fn one_answer<T: Float>() {
    for shape in [[1, 1], [2, 2], [7, 3], [3, 7], [17, 17], [40, 18], [18, 33]] {
        let a: Vec<T> =
            general::uniform(shape[0], shape[1], 4).into_iter().map(T::from_f64).collect();
        for fused in [false, true] {
            let mut first = None;
            for machine in Machine::present().filter(|machine| machine.is_fused() == fused) {
                for layout in 0..LAYOUTS {
                    let found = solved(machine, &a, shape, layout);
                    let first = first.get_or_insert_with(|| found.clone());
                    assert!(*first == found, "{machine:?}, {shape:?}, layout {layout}");
                }
            }
        }
    }
}

#[test]
fn svd_has_one_answer_in_every_layout() {
    one_answer::<f32>();
    one_answer::<f64>();
}

/// Aᵀ = VΣUᵀ, bit for bit; and scaling by 2ᵏ scales the values and leaves the vectors.
#[test]
fn svd_of_the_transpose_and_of_the_scaled_is_the_same() {
    let machine = Machine::detect();
    for [m, n] in [[9, 4], [13, 20]] {
        let (a, r) = (general::uniform(m, n, 8), m.min(n));
        let run = |a: MatRef<'_, f64>| {
            let (rows, cols) = (a.rows(), a.cols());
            let (mut u, mut values, mut v) =
                (vec![0.0; rows * r], vec![0.0; r], vec![0.0; cols * r]);
            let mut scratch = vec![0.0; svd_scratch_len(rows, cols)];
            let left = MatMut::row_major(&mut u, rows, r).unwrap();
            let right = MatMut::row_major(&mut v, cols, r).unwrap();
            svd(machine, a, left, &mut values, right, &mut scratch).unwrap();
            (u, values, v)
        };
        let view = MatRef::row_major(&a, m, n).unwrap();
        let (u, values, v) = run(view);
        assert_eq!(run(view.t()), (v.clone(), values.clone(), u.clone()), "{m} x {n}");
        for power in [-1000, -300, 1, 700, 1020] {
            let scaled: Vec<f64> = a.iter().map(|x| x.scale_by_power(power)).collect();
            let (su, mut sv, svt) = run(MatRef::row_major(&scaled, m, n).unwrap());
            sv.iter_mut().for_each(|x| *x = x.scale_by_power(-power));
            // Within 2⁻²² of the smallest normal number nothing is lost.
            if power > -1000 {
                assert_eq!((su, sv, svt), (u.clone(), values.clone(), v.clone()), "2^{power}");
            } else {
                assert!(sv.iter().all(|x| x.is_finite()), "2^{power}");
            }
        }
    }
}

/// The largest numbers: a value that fits is there, one that does not is infinite.
#[test]
fn the_largest_numbers_have_their_values() {
    for machine in Machine::present() {
        let run = |a: &[f64]| {
            let (mut u, mut values, mut v) = ([0.0; 4], [0.0; 2], [0.0; 4]);
            let mut scratch = vec![0.0; svd_scratch_len(2, 2)];
            let left = MatMut::row_major(&mut u, 2, 2).unwrap();
            let right = MatMut::row_major(&mut v, 2, 2).unwrap();
            let a = MatRef::row_major(a, 2, 2).unwrap();
            svd(machine, a, left, &mut values, right, &mut scratch).unwrap();
            assert!(u.iter().chain(&v).all(|x| x.is_finite()));
            values
        };
        assert_eq!(run(&[f64::MAX, 0.0, 0.0, f64::MAX]), [f64::MAX; 2]);
        assert_eq!(run(&[f64::MAX; 4])[0], f64::INFINITY);
        let least = f64::from_bits(1);
        assert_eq!(run(&[0.0, least, 2.0 * least, 0.0]), [2.0 * least, least]);
        assert_eq!(run(&[0.0, 0.0, 0.0, -0.0]), [0.0; 2]);
        // Far below the largest: flushed, as documented.
        assert_eq!(run(&[f64::MAX, 0.0, 0.0, least]), [f64::MAX, 0.0]);
    }
}

/// Orthogonal columns in whole numbers need no turn, and the signs and order are those of A.
#[test]
fn columns_that_are_orthogonal_are_left_alone() {
    let a = [1.0, 2.0, 2.0, 2.0, -2.0, 1.0, 2.0, 1.0, -2.0];
    let (mut u, mut values, mut v) = ([0.0; 9], [0.0; 3], [0.0; 9]);
    let mut scratch = vec![0.0; svd_scratch_len(3, 3)];
    for machine in Machine::present() {
        let left = MatMut::row_major(&mut u, 3, 3).unwrap();
        let right = MatMut::row_major(&mut v, 3, 3).unwrap();
        let view = MatRef::row_major(&a, 3, 3).unwrap();
        svd(machine, view, left, &mut values, right, &mut scratch).unwrap();
        assert_eq!(values, [3.0; 3]);
        assert_eq!(v, [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]);
        assert_eq!(u, a.map(|x| x / 3.0));
    }
}

#[test]
fn svd_rank_is_that_of_the_matrix() {
    let machine = Machine::detect();
    for ([m, n], rank) in [([8, 5], 3), ([5, 8], 2), ([20, 20], 7), ([6, 6], 6), ([4, 4], 0)] {
        let a = if rank == 6 { general::uniform(m, n, 3) } else { general::of_rank(m, n, rank, 5) };
        let r = m.min(n);
        let (mut u, mut values, mut v) = (vec![0.0; m * r], vec![0.0; r], vec![0.0; n * r]);
        let mut scratch = vec![0.0; svd_scratch_len(m, n)];
        let left = MatMut::row_major(&mut u, m, r).unwrap();
        let right = MatMut::row_major(&mut v, n, r).unwrap();
        let view = MatRef::row_major(&a, m, n).unwrap();
        svd(machine, view, left, &mut values, right, &mut scratch).unwrap();
        let tolerance = bound::svd::residual::<f64>([m, n]) * (r as f64).sqrt();
        assert_eq!(svd_rank(&values, tolerance), Ok(rank), "{m} x {n}: {values:?}");
        let lost = naive::norm(&values[rank..]);
        assert!(lost <= bound::svd::residual::<f64>([m, n]) * naive::frobenius(&a));
    }
    assert_eq!(svd_rank(&[4.0, 2.0, 1.0], 0.25), Ok(2));
    assert_eq!(svd_rank(&[4.0, 2.0, 1.0], 0.0), Ok(3));
    assert_eq!(svd_rank::<f64>(&[], 0.5), Ok(0));
    for found in [-0.5, 1.5] {
        let refused = Err(Error::Range { argument: "tolerance", found, low: 0.0, high: 1.0 });
        assert_eq!(svd_rank(&[1.0], found), refused);
    }
    assert!(svd_rank(&[1.0], f64::NAN).is_err());
}

/// A call with these shapes of U, Σ and V, and so much scratch.
fn call(
    a: MatRef<'_, f64>,
    [u, v]: [[usize; 2]; 2],
    values: usize,
    len: usize,
) -> (Result<(), Error>, bool) {
    let (mut left, mut right) = (vec![7.0; u[0] * u[1]], vec![7.0; v[0] * v[1]]);
    let (mut sigma, mut scratch) = (vec![7.0; values], vec![0.0; len]);
    let done = svd(
        Machine::detect(),
        a,
        MatMut::row_major(&mut left, u[0], u[1]).unwrap(),
        &mut sigma,
        MatMut::row_major(&mut right, v[0], v[1]).unwrap(),
        &mut scratch,
    );
    (done, left.iter().chain(&sigma).chain(&right).all(|&x| x == 7.0))
}

#[test]
fn mistakes_are_named_and_nothing_is_changed() {
    let mut a = [1.0; 6];
    let length =
        |argument, expected, found| (Err(Error::Length { argument, expected, found }), true);
    fn of(a: &[f64; 6]) -> MatRef<'_, f64> {
        MatRef::row_major(a, 3, 2).unwrap()
    }
    let right = [[3, 2], [2, 2]];
    assert_eq!(call(of(&a), [[2, 2], [2, 2]], 2, 500), length("u.rows", 3, 2));
    assert_eq!(call(of(&a), [[3, 3], [2, 2]], 2, 500), length("u.cols", 2, 3));
    assert_eq!(call(of(&a), right, 3, 500), length("values", 2, 3));
    assert_eq!(call(of(&a), [[3, 2], [3, 2]], 2, 500), length("v.rows", 2, 3));
    assert_eq!(call(of(&a), [[3, 2], [2, 1]], 2, 500), length("v.cols", 2, 1));
    let needed = svd_scratch_len(3, 2);
    let refused = Err(Error::Short { argument: "scratch", needed, found: needed - 1 });
    assert_eq!(call(of(&a), right, 2, needed - 1), (refused, true));
    assert_eq!(call(of(&a), right, 2, needed).0, Ok(()));
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        for place in [0, 3, 5] {
            a[place] = value;
            let refused = Err(Error::NotFinite { argument: "a", index: place / 2 });
            assert_eq!(call(of(&a), right, 2, 500), (refused, true));
            let wide = of(&a).t();
            let refused = Err(Error::NotFinite { argument: "a", index: place % 2 });
            assert_eq!(call(wide, [[2, 2], [3, 2]], 2, 500), (refused, true));
            a[place] = 1.0;
        }
    }
    assert_eq!(svd_scratch_len(usize::MAX, 2), usize::MAX);
    assert_eq!(svd_scratch_len(usize::MAX, usize::MAX), usize::MAX);
}

#[test]
fn nothing_has_no_singular_values() {
    for [m, n] in [[0, 0], [3, 0], [0, 3]] {
        let a = MatRef::<f64>::row_major(&[], m, n).unwrap();
        assert_eq!(call(a, [[m, 0], [n, 0]], 0, svd_scratch_len(m, n)).0, Ok(()), "{m} x {n}");
    }
}
