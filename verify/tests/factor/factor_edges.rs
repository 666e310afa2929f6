//! LU, LDLᵀ, QR and what a Cholesky factor gives, at the edges: mistakes, numbers that are none,
//! nothing at all, matrices without an answer.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails, in helpers too")]

use teeter::factor::{
    LdltRegularization, cholesky_downdate, cholesky_downdate_scratch_len, cholesky_inverse,
    cholesky_solve_matrix, cholesky_update, ldlt_in_place, ldlt_solve, least_squares,
    least_squares_pivoted, least_squares_pivoted_scratch_len, least_squares_scratch_len,
    lu_in_place, lu_log_determinant, lu_solve, lu_solve_t, qr_apply, qr_apply_t, qr_form,
    qr_in_place, qr_pivoted_in_place, qr_pivoted_scratch_len, qr_rank, qr_scratch_len,
};
use teeter::matrix::{MatMut, MatRef};
use teeter::{Error, Machine};
use teeter_verify::input::{general, matrix};

const NOT_FINITE: [f64; 3] = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY];

fn view(a: &mut [f64], m: usize, n: usize) -> MatMut<'_, f64> {
    MatMut::row_major(a, m, n).unwrap()
}

fn read(a: &[f64], m: usize, n: usize) -> MatRef<'_, f64> {
    MatRef::row_major(a, m, n).unwrap()
}

fn bits(a: &[f64]) -> Vec<u64> {
    a.iter().map(|x| x.to_bits()).collect()
}

fn length<T>(argument: &'static str, expected: usize, found: usize) -> Result<T, Error> {
    Err(Error::Length { argument, expected, found })
}

fn short<T>(argument: &'static str, needed: usize, found: usize) -> Result<T, Error> {
    Err(Error::Short { argument, needed, found })
}

/// Runs every factorization of an m × n matrix; what each returned, and whether it changed anything.
fn all(machine: Machine, a: &[f64], [m, n]: [usize; 2]) -> Vec<(Result<usize, Error>, bool)> {
    let mut list = Vec::new();
    let mut run = |f: &mut dyn FnMut(MatMut<'_, f64>) -> Result<usize, Error>| {
        for columns in [false, true] {
            let mut copy = a.to_vec();
            if columns {
                (0..m * n).for_each(|e| copy[e % n * m + e / n] = a[e]);
            }
            let before = bits(&copy);
            let data = if columns {
                MatMut::col_major(&mut copy, m, n)
            } else {
                MatMut::row_major(&mut copy, m, n)
            };
            let done = f(data.unwrap());
            list.push((done, bits(&copy) != before));
        }
    };
    let mut scratch = vec![0.0; 40_000];
    run(&mut |a| lu_in_place(machine, a, &mut vec![0; m.min(n)]).map(|()| 0));
    run(&mut |a| qr_in_place(machine, a, &mut vec![0.0; m.min(n)], &mut scratch).map(|()| 0));
    run(&mut |a| {
        let (mut tau, mut columns) = (vec![0.0; m.min(n)], vec![0; n]);
        qr_pivoted_in_place(machine, a, &mut tau, &mut columns, &mut scratch).map(|()| 0)
    });
    run(&mut |a| {
        let mut b = vec![1.0; m.max(n)];
        let b = view(&mut b, m.max(n), 1);
        least_squares_pivoted(machine, a, b, 0.0, &mut vec![0; n], &mut scratch)
    });
    if m >= n {
        run(&mut |a| {
            let mut b = vec![1.0; m];
            least_squares(machine, a, view(&mut b, m, 1), &mut scratch).map(|()| 0)
        });
    }
    list
}

#[test]
fn what_is_not_finite_is_refused_before_anything_changes() {
    for machine in Machine::present() {
        for [m, n] in [[1, 1], [3, 2], [2, 3], [20, 17]] {
            for place in [0, m * n / 2, m * n - 1] {
                for value in NOT_FINITE {
                    let mut a = general::uniform(m, n, 1);
                    a[place] = value;
                    // A later row is not the first that is not finite.
                    a[m * n - 1] = if place < m * n - 1 { f64::NAN } else { value };
                    let refused = Error::NotFinite { argument: "a", index: place / n };
                    for (done, changed) in all(machine, &a, [m, n]) {
                        assert_eq!((done, changed), (Err(refused), false), "{machine:?} {m} x {n}");
                    }
                }
            }
        }
    }
}

/// Above the diagonal anything may stand; below it NaN and infinity are named.
#[test]
fn symmetric_input_is_checked_where_it_is_read() {
    let n = 18;
    for machine in Machine::present() {
        for value in NOT_FINITE {
            let mut a = matrix::whole_positive(n, 1);
            a[5 * n + 9] = value;
            assert_eq!(ldlt_in_place(machine, view(&mut a, n, n), None), Ok(0));
            assert_eq!(a[5 * n + 9].to_bits(), value.to_bits(), "not written");
            a[9 * n + 5] = value;
            let before = bits(&a);
            let refused = Error::NotFinite { argument: "a", index: 9 };
            assert_eq!(ldlt_in_place(machine, view(&mut a, n, n), None), Err(refused));
            let (mut x, mut scratch) = (vec![0.5; n], vec![0.0; 2 * n]);
            let refused = Err(Error::NotFinite { argument: "l", index: 9 });
            assert_eq!(cholesky_update(machine, view(&mut a, n, n), &mut x), refused);
            let done = cholesky_downdate(machine, view(&mut a, n, n), &mut x, &mut scratch);
            assert_eq!(done, refused);
            assert_eq!((bits(&a), x), (before, vec![0.5; n]));
            let (mut l, mut x) = (vec![1.0], [value]);
            let refused = Err(Error::NotFinite { argument: "x", index: 0 });
            assert_eq!(cholesky_update(machine, view(&mut l, 1, 1), &mut x), refused);
        }
    }
}

/// Entries near the largest number: refused with both numbers where a reflection would overflow,
/// answered where nothing does.
#[test]
fn the_largest_numbers_are_answered_or_refused() {
    for machine in Machine::present() {
        let a = vec![f64::MAX; 6];
        for (done, changed) in all(machine, &a, [3, 2]).split_off(2) {
            let refused = matches!(done, Err(Error::Range { argument: "a", found: f64::MAX, .. }));
            assert!(refused && !changed, "{done:?}");
        }
        let mut lu = a.clone();
        assert_eq!(lu_in_place(machine, view(&mut lu, 3, 2), &mut [0; 2]), Ok(()));
        assert_eq!(lu, [f64::MAX, f64::MAX, 1.0, 0.0, 1.0, 0.0]);
        // Elimination that overflows: the largest number minus its negative.
        let mut lu = [f64::MAX, f64::MAX, f64::MAX, -f64::MAX];
        let refused = Error::NotFinite { argument: "a", index: 1 };
        assert_eq!(lu_in_place(machine, view(&mut lu, 2, 2), &mut [0; 2]), Err(refused));
        let mut ld = [f64::MIN_POSITIVE, 0.0, f64::MAX, 1.0];
        assert_eq!(ldlt_in_place(machine, view(&mut ld, 2, 2), None), Err(refused));
        let (mut l, mut x) = ([f64::MAX], [1.0]);
        let refused = cholesky_update(machine, view(&mut l, 1, 1), &mut x);
        assert!(matches!(refused, Err(Error::Range { argument: "l", .. })), "{refused:?}");
    }
}

#[test]
fn nothing_is_factored_into_nothing() {
    for machine in Machine::present() {
        for [m, n] in [[0, 0], [0, 3], [3, 0]] {
            assert!(all(machine, &[], [m, n]).iter().all(|(done, _)| *done == Ok(0)), "{m} x {n}");
        }
        let mut none: [f64; 0] = [];
        assert_eq!(ldlt_in_place(machine, view(&mut none, 0, 0), None), Ok(0));
        assert_eq!(ldlt_solve(machine, read(&[], 0, 0), view(&mut none, 0, 3)), Ok(()));
        assert_eq!(lu_solve(machine, read(&[], 0, 0), &[], view(&mut none, 0, 3)), Ok(()));
        assert_eq!(cholesky_inverse(machine, read(&[], 0, 0), view(&mut none, 0, 0)), Ok(()));
        assert_eq!(cholesky_update(machine, view(&mut none, 0, 0), &mut []), Ok(()));
        assert_eq!(cholesky_downdate(machine, view(&mut none, 0, 0), &mut [], &mut []), Ok(()));
        assert_eq!(qr_rank::<f64>(read(&[], 0, 0), 0.0), Ok(0));
        assert_eq!(lu_solve(machine, read(&[2.0], 1, 1), &[0], view(&mut none, 1, 0)), Ok(()));
    }
}

/// Of equals the first: rows of LU, columns of QR.
#[test]
fn ties_go_to_the_first() {
    for machine in Machine::present() {
        let (mut a, mut pivots) = ([1.0, 1.0, -1.0, 1.0, 1.0, 3.0], [9; 2]);
        assert_eq!(lu_in_place(machine, view(&mut a, 3, 2), &mut pivots), Ok(()));
        assert_eq!((pivots, a), ([0, 1], [1.0, 1.0, -1.0, 2.0, 1.0, 1.0]));
        let (mut tau, mut columns, mut scratch) = ([9.0; 3], [9; 3], [0.0; 15]);
        let mut a = [0.0, 2.0, 0.0, 2.0, 0.0, 0.0, 0.0, 0.0, 2.0];
        let square = view(&mut a, 3, 3);
        let done = qr_pivoted_in_place(machine, square, &mut tau, &mut columns, &mut scratch);
        assert_eq!((done, columns), (Ok(()), [0, 1, 2]));
    }
}

/// A singular matrix has factors; only the solve refuses, and names the pivot.
#[test]
fn singular_matrices_are_refused_by_solves() {
    let machine = Machine::detect();
    let (mut a, mut pivots) = ([1.0, 2.0, 2.0, 4.0], [0; 2]);
    assert_eq!(lu_in_place(machine, view(&mut a, 2, 2), &mut pivots), Ok(()));
    let refused = Err(Error::Pivot { index: 1, value: 0.0 });
    let mut b = [1.0, 2.0];
    assert_eq!(lu_solve(machine, read(&a, 2, 2), &pivots, view(&mut b, 2, 1)), refused);
    assert_eq!(lu_solve_t(machine, read(&a, 2, 2), &pivots, view(&mut b, 2, 1)), refused);
    assert_eq!(ldlt_solve(machine, read(&[1.0, 0.0, 5.0, 0.0], 2, 2), view(&mut b, 2, 1)), refused);
    let l = [1.0, 0.0, 5.0, 0.0];
    assert_eq!(cholesky_solve_matrix(machine, read(&l, 2, 2), view(&mut b, 2, 1)), refused);
    assert_eq!(cholesky_inverse(machine, read(&l, 2, 2), view(&mut [0.0; 4], 2, 2)), refused);
    assert_eq!(b, [1.0, 2.0]);
    let mut hollow = [0.0, 7.0, 1.0, 0.0];
    let refused = Err(Error::Pivot { index: 0, value: 0.0 });
    assert_eq!(ldlt_in_place(machine, view(&mut hollow, 2, 2), None), refused);
    // Column 2 is the sum of those before it, whatever their scales.
    for scale in [1.0, 1e-200, 1e200] {
        let mut a: Vec<f64> = [1.0, 2.0, 3.0, 4.0, 1.0, 5.0, 0.0, 3.0, 3.0, 2.0, 2.0, 4.0]
            .iter()
            .map(|x| x * scale)
            .collect();
        let mut scratch = vec![0.0; least_squares_scratch_len(4, 3, 1)];
        let mut b = [1.0; 4];
        let done = least_squares(machine, view(&mut a, 4, 3), view(&mut b, 4, 1), &mut scratch);
        assert!(matches!(done, Err(Error::Pivot { index: 2, .. })), "{done:?}");
        assert_eq!(b, [1.0; 4]);
    }
    // Columns of very different size are no reason to refuse.
    let mut a = [1e-250, 1.0, 0.0, 1.0, 0.0, 2.0];
    let mut b = [3.0, 2.0, 4.0];
    let mut scratch = vec![0.0; least_squares_scratch_len(3, 2, 1)];
    let done = least_squares(machine, view(&mut a, 3, 2), view(&mut b, 3, 1), &mut scratch);
    assert_eq!(done, Ok(()));
}

#[test]
fn square_mistakes_are_named() {
    let machine = Machine::detect();
    let (mut a, mut b) = ([1.0; 6], [1.0; 6]);
    let l = [1.0; 9];
    assert_eq!(lu_in_place(machine, view(&mut a, 3, 2), &mut [0; 3]), length("pivots", 2, 3));
    assert_eq!(
        lu_solve(machine, read(&l, 3, 2), &[0; 3], view(&mut b, 3, 1)),
        length("lu.cols", 3, 2)
    );
    assert_eq!(
        lu_solve(machine, read(&l, 3, 3), &[0; 2], view(&mut b, 3, 1)),
        length("pivots", 3, 2)
    );
    assert_eq!(
        lu_solve_t(machine, read(&l, 3, 3), &[0, 1, 2], view(&mut b, 2, 1)),
        length("b.rows", 3, 2)
    );
    for (pivots, found, low) in [([0, 0, 2], 0.0, 1.0), ([0, 3, 2], 3.0, 1.0)] {
        let refused = Err(Error::Range { argument: "pivots", found, low, high: 2.0 });
        assert_eq!(lu_solve(machine, read(&l, 3, 3), &pivots, view(&mut b, 3, 1)), refused);
    }
    assert_eq!(lu_log_determinant(read(&l, 3, 3), &[0]), length("pivots", 3, 1));
    assert_eq!(ldlt_in_place(machine, view(&mut a, 3, 2), None), length("a.cols", 3, 2));
    let rule = |signs, epsilon, delta| Some(LdltRegularization { signs, epsilon, delta });
    assert_eq!(
        ldlt_in_place(machine, view(&mut a, 2, 2), rule(&[1], 0.1, 0.1)),
        length("regularization.signs", 2, 1)
    );
    for (epsilon, delta, argument, found) in
        [(-1.0, 0.5, "regularization.epsilon", -1.0), (0.5, 2.0, "regularization.delta", 2.0)]
    {
        let refused = Err(Error::Range { argument, found, low: 0.0, high: 1.0 });
        let done = ldlt_in_place(machine, view(&mut a, 2, 2), rule(&[], epsilon, delta));
        assert_eq!(done, refused);
    }
    assert_eq!(ldlt_solve(machine, read(&l, 3, 3), view(&mut b, 2, 1)), length("b.rows", 3, 2));
    assert_eq!(
        cholesky_solve_matrix(machine, read(&l, 3, 3), view(&mut b, 2, 1)),
        length("b.rows", 3, 2)
    );
    assert_eq!(
        cholesky_inverse(machine, read(&l, 3, 3), view(&mut b, 3, 2)),
        length("inverse.cols", 3, 2)
    );
    assert_eq!(cholesky_update(machine, view(&mut a, 2, 2), &mut [1.0]), length("x", 2, 1));
    let mut identity = [1.0, 0.0, 0.0, 1.0];
    let done = cholesky_downdate(machine, view(&mut identity, 2, 2), &mut [0.0; 2], &mut [0.0; 3]);
    assert_eq!(done, short("scratch", cholesky_downdate_scratch_len(2), 3));
    let mut negative = [1.0, 0.0, 0.0, -1.0];
    let refused = Err(Error::Pivot { index: 1, value: -1.0 });
    assert_eq!(cholesky_update(machine, view(&mut negative, 2, 2), &mut [0.0; 2]), refused);
}

#[test]
fn rectangular_mistakes_are_named() {
    let machine = Machine::detect();
    let (mut a, mut b, mut scratch) = ([1.0; 6], [1.0; 9], vec![0.0; 500]);
    let needed = qr_scratch_len(3, 2);
    assert_eq!(
        qr_in_place(machine, view(&mut a, 3, 2), &mut [0.0; 3], &mut scratch),
        length("tau", 2, 3)
    );
    assert_eq!(
        qr_in_place(machine, view(&mut a, 3, 2), &mut [0.0; 2], &mut scratch[..needed - 1]),
        short("scratch", needed, needed - 1)
    );
    let qr = [1.0; 6];
    let qr = read(&qr, 3, 2);
    let tau = [1.0; 2];
    assert_eq!(
        qr_apply(machine, qr, &tau[..1], view(&mut b, 3, 1), &mut scratch),
        length("tau", 2, 1)
    );
    assert_eq!(
        qr_apply_t(machine, qr, &tau, view(&mut b, 2, 1), &mut scratch),
        length("c.rows", 3, 2)
    );
    assert_eq!(
        qr_form(machine, qr, &tau, view(&mut b, 2, 2), &mut scratch),
        length("q.rows", 3, 2)
    );
    let mut wide = [0.0; 12];
    let refused = Err(Error::Range { argument: "q.cols", found: 4.0, low: 0.0, high: 3.0 });
    assert_eq!(qr_form(machine, qr, &tau, view(&mut wide, 3, 4), &mut scratch), refused);
}

#[test]
fn mistakes_of_pivoting_and_least_squares_are_named() {
    let machine = Machine::detect();
    let (mut a, mut b, mut scratch) = ([1.0; 6], [1.0; 9], vec![0.0; 500]);
    let qr = [1.0; 6];
    let qr = read(&qr, 3, 2);
    let needed = qr_pivoted_scratch_len(3, 2);
    let (mut t, mut columns) = ([0.0; 2], [0; 2]);
    let done =
        qr_pivoted_in_place(machine, view(&mut a, 3, 2), &mut t, &mut columns[..1], &mut scratch);
    assert_eq!(done, length("columns", 2, 1));
    let short_scratch = &mut scratch[..needed - 1];
    let done =
        qr_pivoted_in_place(machine, view(&mut a, 3, 2), &mut t, &mut columns, short_scratch);
    assert_eq!(done, short("scratch", needed, needed - 1));
    for found in [-0.5, 1.5] {
        let refused = Err(Error::Range { argument: "tolerance", found, low: 0.0, high: 1.0 });
        assert_eq!(qr_rank(qr, found), refused);
        let done = least_squares_pivoted(
            machine,
            view(&mut a, 3, 2),
            view(&mut b, 3, 1),
            found,
            &mut columns,
            &mut scratch,
        );
        assert_eq!(done.map(|_| ()), refused.map(|_: usize| ()));
    }
    assert_eq!(
        least_squares(machine, view(&mut a, 2, 3), view(&mut b, 2, 1), &mut scratch),
        short("a.rows", 3, 2)
    );
    let needed = least_squares_scratch_len(3, 2, 1);
    assert_eq!(
        least_squares(machine, view(&mut a, 3, 2), view(&mut b, 3, 1), &mut scratch[..needed - 1]),
        short("scratch", needed, needed - 1)
    );
    let needed = least_squares_pivoted_scratch_len(3, 2, 1);
    let short_scratch = &mut scratch[..needed - 1];
    let done = least_squares_pivoted(
        machine,
        view(&mut a, 3, 2),
        view(&mut b, 3, 1),
        0.0,
        &mut columns,
        short_scratch,
    );
    assert_eq!(done, short("scratch", needed, needed - 1));
    b[1] = f64::NAN;
    let refused = Err(Error::NotFinite { argument: "b", index: 1 });
    let done = least_squares(machine, view(&mut a, 3, 2), view(&mut b, 3, 1), &mut scratch);
    assert_eq!(done, refused);
    assert_eq!(a, [1.0; 6]);
    let lens = [
        qr_scratch_len(usize::MAX, 1),
        qr_pivoted_scratch_len(usize::MAX, 2),
        least_squares_scratch_len(usize::MAX, 1, 1),
        least_squares_pivoted_scratch_len(usize::MAX, 2, 1),
        cholesky_downdate_scratch_len(usize::MAX),
    ];
    assert_eq!(lens, [usize::MAX; 5]);
}
