//! LDLᵀ with pivots of order one and two (its properties run with the layer's, in `factor.rs`): planted faults, edges, one answer in every layout.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails, in helpers too")]

use teeter::factor::{
    Inertia, LogDeterminant, ldlt_pivoted_in_place, ldlt_pivoted_inertia,
    ldlt_pivoted_log_determinant, ldlt_pivoted_scratch_len, ldlt_pivoted_solve,
};
use teeter::matrix::{MatMut, MatRef};
use teeter::{Error, Float, Machine};
use teeter_verify::bound;
use teeter_verify::input::laid::{LAYOUTS, Laid};
use teeter_verify::input::{general, matrix};
use teeter_verify::property::{assert_caught, ldlt_pivoted as properties};
use teeter_verify::subject::Subject;

/// Pivots where it stands whenever it can, a little off, and forgets the signs of pairs.
struct Faulty;
impl Subject<f64> for Faulty {
    fn machine(&self) -> Machine {
        Machine::portable()
    }
    fn ldlt_pivoted_in_place(
        &self,
        mut a: MatMut<'_, f64>,
        off_diagonal: &mut [f64],
        pivots: &mut [usize],
    ) -> Result<(), Error> {
        let n = a.rows();
        let mut scratch = vec![0.0; ldlt_pivoted_scratch_len(n)];
        ldlt_pivoted_in_place(self.machine(), a.rb_mut(), off_diagonal, pivots, &mut scratch)?;
        let value = a.get(n - 1, 0).unwrap();
        let _ = a.set(n - 1, 0, 3.0 + value);
        Ok(())
    }
    fn ldlt_pivoted_solve(
        &self,
        ld: MatRef<'_, f64>,
        off_diagonal: &[f64],
        _: &[usize],
        b: MatMut<'_, f64>,
    ) -> Result<(), Error> {
        let none: Vec<usize> = (0..ld.rows()).collect();
        ldlt_pivoted_solve(self.machine(), ld, off_diagonal, &none, b)
    }
    fn ldlt_pivoted_inertia(
        &self,
        ld: MatRef<'_, f64>,
        off_diagonal: &[f64],
    ) -> Result<Inertia, Error> {
        let none = vec![0.0; off_diagonal.len()];
        ldlt_pivoted_inertia(ld, &none)
    }
}

#[test]
fn planted_faults_are_caught() {
    properties::all(&Faulty).iter().for_each(assert_caught);
}

fn bits<T: Float>(x: &[T]) -> Vec<u64> {
    x.iter().map(|x| x.to_bits_u64()).collect()
}

/// Factors and solutions, as bits.
fn solved<T: Float>(machine: Machine, a: &[T], b: &[T], n: usize, layout: usize) -> [Vec<u64>; 2] {
    let (mut ld, mut x) = (Laid::new(a, [n, n], layout), Laid::new(b, [n, 3], layout));
    let (mut off_diagonal, mut pivots) = (vec![T::NAN; n.saturating_sub(1)], vec![0; n]);
    let mut scratch = vec![T::NAN; ldlt_pivoted_scratch_len(n)];
    let view = ld.view_mut();
    ldlt_pivoted_in_place(machine, view, &mut off_diagonal, &mut pivots, &mut scratch).unwrap();
    ldlt_pivoted_solve(machine, ld.view(), &off_diagonal, &pivots, x.view_mut()).unwrap();
    let mut factors = bits(&ld.values());
    factors.extend(bits(&off_diagonal));
    factors.extend(pivots.iter().map(|&place| place as u64));
    [factors, bits(&x.values())]
}

/// Factors never fuse; solutions fuse on fused machines.
fn one_answer<T: Float>() {
    for n in [1, 2, 5, 16, 17, 33, 50] {
        let narrow = |a: Vec<f64>| -> Vec<T> { a.into_iter().map(T::from_f64).collect() };
        let (a, b) = (narrow(general::uniform(n, n, 4)), narrow(general::uniform(n, 3, 5)));
        let mut factors = None;
        for fused in [false, true] {
            let mut first = None;
            for machine in Machine::present().filter(|machine| machine.is_fused() == fused) {
                for layout in 0..LAYOUTS {
                    let [ld, x] = solved(machine, &a, &b, n, layout);
                    let factors = factors.get_or_insert_with(|| ld.clone());
                    let first = first.get_or_insert_with(|| x.clone());
                    assert!(*factors == ld && *first == x, "{machine:?}, n {n}, layout {layout}");
                }
            }
        }
    }
}

#[test]
fn pivoted_ldlt_has_one_answer_in_every_layout() {
    one_answer::<f32>();
    one_answer::<f64>();
}

/// What `ldlt_pivoted_in_place` leaves of a row-major matrix.
struct Left {
    n: usize,
    ld: Vec<f64>,
    off_diagonal: Vec<f64>,
    pivots: Vec<usize>,
}

impl Left {
    fn of(a: &[f64], n: usize) -> Result<Self, Error> {
        let (mut ld, mut off_diagonal) = (a.to_vec(), vec![f64::NAN; n.saturating_sub(1)]);
        let (mut pivots, mut scratch) = (vec![9; n], vec![0.0; ldlt_pivoted_scratch_len(n)]);
        let view = MatMut::row_major(&mut ld, n, n).unwrap();
        ldlt_pivoted_in_place(
            Machine::detect(),
            view,
            &mut off_diagonal,
            &mut pivots,
            &mut scratch,
        )?;
        Ok(Self { n, ld, off_diagonal, pivots })
    }

    fn view(&self) -> MatRef<'_, f64> {
        MatRef::row_major(&self.ld, self.n, self.n).unwrap()
    }

    fn solve(&self, x: &mut [f64]) -> Result<(), Error> {
        let x = MatMut::col_major(x, self.n, 1).unwrap();
        ldlt_pivoted_solve(Machine::detect(), self.view(), &self.off_diagonal, &self.pivots, x)
    }
}

/// By hand: the walk goes from column 0 to 2 to 1, whose element with row 2 is the largest of both, and
/// they make a block; then what is left.
#[test]
fn the_walk_is_that_of_a_rook() {
    let a = [0.0, 1.0, 2.0, 1.0, 0.0, 4.0, 2.0, 4.0, 0.0];
    let left = Left::of(&a, 3).unwrap();
    // 2 came from column 0 by the 2, and found the 4 in row 1: block of rows 2 and 1.
    assert_eq!(left.pivots, [2, 1, 2]);
    assert_eq!(left.off_diagonal, [4.0, 0.0]);
    // Rows 2, 1, 0: L's last row solves [2 1] = l[[0, 4], [4, 0]]; 0 − 2·(1/4)(2)… is left.
    assert_eq!((left.ld[6], left.ld[7], left.ld[8]), (0.25, 0.5, -1.0));
    assert_eq!((left.ld[0], left.ld[4], left.ld[3]), (0.0, 0.0, 0.0));
    // A large diagonal element found on the way is taken alone; of equals the first.
    let left = Left::of(&[1.0, 3.0, 3.0, 3.0, 3.0, 0.0, 3.0, 0.0, 3.0], 3).unwrap();
    assert_eq!((left.pivots[0], left.off_diagonal[0]), (1, 0.0));
    // α times the largest is enough to stay.
    let left = Left::of(&[0.65, 1.0, 1.0, 9.0], 2).unwrap();
    assert_eq!(left.pivots, [0, 1]);
    let left = Left::of(&[0.63, 1.0, 1.0, 9.0], 2).unwrap();
    assert_eq!(left.pivots, [1, 1]);
}

#[test]
fn pivoted_ldlt_scales_exactly_by_powers_of_two() {
    let n = 21;
    let a = matrix::whole_symmetric(n, 3);
    let right = Left::of(&a, n).unwrap();
    for power in [-900, -1, 3, 900] {
        let scaled: Vec<f64> = a.iter().map(|x| x.scale_by_power(power)).collect();
        let mut found = Left::of(&scaled, n).unwrap();
        found.ld.iter_mut().step_by(n + 1).for_each(|x| *x = x.scale_by_power(-power));
        found.off_diagonal.iter_mut().for_each(|x| *x = x.scale_by_power(-power));
        for e in (0..n * n).filter(|e| e % n <= e / n) {
            assert_eq!(found.ld[e], right.ld[e], "2^{power}, element {e}");
        }
        assert_eq!(found.off_diagonal, right.off_diagonal);
        assert_eq!(found.pivots, right.pivots);
    }
}

/// Of D as it was left, from its elements in f64.
#[test]
fn log_determinants_are_those_of_the_pivots() {
    for n in [0, 1, 2, 7, 20, 33] {
        let left = Left::of(&matrix::whole_symmetric(n, 11), n).unwrap();
        let (mut log, mut size, mut sign, mut pairs, mut k) = (0.0, 0.0, 1.0, 0, 0);
        while k < n {
            let d = left.ld[k * n + k];
            let q = left.off_diagonal.get(k).copied().unwrap_or(0.0);
            let value = if q == 0.0 { d } else { d * left.ld[(k + 1) * (n + 1)] - q * q };
            k += if q == 0.0 { 1 } else { 2 };
            pairs += usize::from(q != 0.0);
            sign *= value.signum();
            log += value.abs().ln();
            size += value.abs().ln().abs() + if q == 0.0 { 0.0 } else { 2.0 * q.abs().ln().abs() };
        }
        let found = ldlt_pivoted_log_determinant(left.view(), &left.off_diagonal).unwrap();
        // The determinant of a block in f64 loses as much again.
        let allowed = 2.0 * bound::ldlt_pivoted::log_determinant::<f64>(n, size, pairs);
        assert!((found.log - log).abs() <= allowed, "n {n}: {found:?}, {log}");
        assert_eq!(found.sign, sign, "n {n}");
    }
    let of = |a: &[f64], n| {
        let left = Left::of(a, n).unwrap();
        ldlt_pivoted_log_determinant(left.view(), &left.off_diagonal).unwrap()
    };
    assert_eq!(of(&[0.0, 1.0, 1.0, 0.0], 2), LogDeterminant { sign: -1.0, log: 0.0 });
    let singular = LogDeterminant { sign: 0.0, log: f64::NEG_INFINITY };
    assert_eq!(of(&[1.0, 2.0, 2.0, 4.0], 2), singular);
    assert_eq!(of(&[0.0; 9], 3), singular);
}

#[test]
fn singular_matrices_have_factors_and_no_solution() {
    let zero = Left::of(&[0.0; 9], 3).unwrap();
    assert_eq!((&zero.pivots[..], &zero.ld[..]), (&[0, 1, 2][..], &[0.0; 9][..]));
    let inertia = ldlt_pivoted_inertia(zero.view(), &zero.off_diagonal).unwrap();
    assert_eq!(inertia, Inertia { negative: 0, zero: 3, positive: 0 });
    let mut x = [1.0, 2.0, 3.0];
    assert_eq!(zero.solve(&mut x), Err(Error::Pivot { index: 0, value: 0.0 }));
    let singular = Left::of(&[4.0, 2.0, 2.0, 2.0, 1.0, 1.0, 2.0, 1.0, 3.0], 3).unwrap();
    let inertia = ldlt_pivoted_inertia(singular.view(), &singular.off_diagonal).unwrap();
    assert_eq!(inertia, Inertia { negative: 0, zero: 1, positive: 2 });
    assert_eq!(singular.solve(&mut x), Err(Error::Pivot { index: 1, value: 0.0 }));
    assert_eq!(x, [1.0, 2.0, 3.0], "untouched");
}

#[test]
fn mistakes_are_named() {
    let machine = Machine::detect();
    let length = |argument, expected, found| Err(Error::Length { argument, expected, found });
    let run = |shape: [usize; 2], off: usize, pivots: usize, len: usize| {
        let mut a = [1.0; 6];
        let view = MatMut::row_major(&mut a, shape[0], shape[1]).unwrap();
        let (mut off, mut pivots) = (vec![0.0; off], vec![0; pivots]);
        ldlt_pivoted_in_place(machine, view, &mut off, &mut pivots, &mut vec![0.0; len])
    };
    assert_eq!(run([2, 3], 1, 2, 8), length("a.cols", 2, 3));
    assert_eq!(run([2, 2], 2, 2, 8), length("off_diagonal", 1, 2));
    assert_eq!(run([2, 2], 1, 1, 8), length("pivots", 2, 1));
    let refused = Err(Error::Short { argument: "scratch", needed: 8, found: 7 });
    assert_eq!(run([2, 2], 1, 2, 7), refused);
    assert_eq!(run([2, 2], 1, 2, 8), Ok(()));
    assert_eq!(ldlt_pivoted_scratch_len(usize::MAX), usize::MAX);
    let ld = [1.0; 6];
    let (of, mut x) = (|m, n| MatRef::row_major(&ld, m, n).unwrap(), [1.0; 4]);
    let mut solve = |shape: [usize; 2], off: &[f64], pivots: &[usize], rows: usize| {
        let b = MatMut::row_major(&mut x, rows, 1).unwrap();
        ldlt_pivoted_solve(machine, of(shape[0], shape[1]), off, pivots, b)
    };
    assert_eq!(solve([2, 3], &[0.0], &[0, 1], 2), length("ld.cols", 2, 3));
    assert_eq!(solve([2, 2], &[], &[0, 1], 2), length("off_diagonal", 1, 0));
    assert_eq!(solve([2, 2], &[0.0], &[0], 2), length("pivots", 2, 1));
    assert_eq!(solve([2, 2], &[0.0], &[0, 1], 3), length("b.rows", 2, 3));
    for (pivots, found, low) in [([0, 0], 0.0, 1.0), ([2, 1], 2.0, 0.0)] {
        let refused = Err(Error::Range { argument: "pivots", found, low, high: 1.0 });
        assert_eq!(solve([2, 2], &[0.0], &pivots, 2), refused);
    }
    let nan = solve([2, 2], &[f64::NAN], &[0, 1], 2);
    assert!(matches!(nan, Err(Error::Pivot { index: 0, .. })), "{nan:?}");
    assert_eq!(x, [1.0; 4]);
    let refused = Err(Error::NotFinite { argument: "ld", index: 0 });
    assert_eq!(ldlt_pivoted_inertia(of(2, 2), &[f64::INFINITY]), refused);
    let off = ldlt_pivoted_inertia(of(2, 2), &[0.0; 2]).map(|_| ());
    assert_eq!(off, length("off_diagonal", 1, 2));
    let shape = ldlt_pivoted_log_determinant(of(3, 2), &[0.0; 2]).unwrap_err();
    assert_eq!(shape, Error::Length { argument: "ld.cols", expected: 3, found: 2 });
}

#[test]
fn numbers_that_are_none_are_refused() {
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        for (place, index) in [(0, 0), (3, 1), (4, 1), (7, 2), (8, 2)] {
            let mut a = [1.0, 7.0, 7.0, 2.0, 1.0, 7.0, 0.0, 3.0, 1.0];
            a[place] = value;
            let refused = Left::of(&a, 3).map(|left| left.pivots);
            assert_eq!(refused, Err(Error::NotFinite { argument: "a", index }), "{value}");
            // Above the diagonal anything may stand.
            let mut a = [1.0, 7.0, 7.0, 2.0, 1.0, 7.0, 0.0, 3.0, 1.0];
            a[5] = value;
            assert!(Left::of(&a, 3).is_ok());
        }
    }
    // Elimination that overflows is told, and ends.
    let huge = [f64::MAX, 0.0, 0.0, f64::MAX, -f64::MAX, 0.0, f64::MAX, f64::MAX, -f64::MAX];
    let refused = Left::of(&huge, 3).map(|left| left.pivots);
    assert!(matches!(refused, Err(Error::NotFinite { argument: "a", .. })), "{refused:?}");
    // The largest and the smallest numbers alone are answered.
    for size in [f64::MAX, f64::MIN_POSITIVE, f64::from_bits(1)] {
        let left = Left::of(&[0.0, 7.0, size, 0.0], 2).unwrap();
        assert_eq!((left.off_diagonal[0], left.ld[2]), (size, 0.0));
        let mut x = [size, -size];
        assert_eq!(left.solve(&mut x), Ok(()));
        assert_eq!(x, [-1.0, 1.0]);
    }
    let none = Left::of(&[], 0).unwrap();
    assert_eq!(none.solve(&mut []), Ok(()));
    let inertia = ldlt_pivoted_inertia(none.view(), &[]).unwrap();
    assert_eq!(inertia, Inertia { negative: 0, zero: 0, positive: 0 });
    let determinant = ldlt_pivoted_log_determinant(none.view(), &[]).unwrap();
    assert_eq!(determinant, LogDeterminant { sign: 1.0, log: 0.0 });
}
