//! LU, LDLᵀ, QR and what a Cholesky factor gives: one answer in every layout, on every strict
//! machine, and on every fused one.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails, in helpers too")]

use teeter::Machine;
use teeter::factor::{
    self, cholesky_in_place, cholesky_solve_matrix, least_squares, least_squares_pivoted,
    least_squares_pivoted_scratch_len, lu_in_place, lu_solve_t, qr_apply, qr_apply_t, qr_form,
    qr_in_place, qr_pivoted_in_place, qr_scratch_len,
};
use teeter::matrix::{MatMut, MatRef};
use teeter_verify::input::{general, matrix};

/// A layout: strides for a shape, and the elements it needs.
type Layout = fn([usize; 2]) -> ([usize; 2], usize);
const LAYOUTS: [Layout; 3] = [
    |[m, n]| ([n, 1], m * n),
    |[m, n]| ([1, m], m * n),
    |[m, n]| ([2 * n + 1, 2], (2 * n + 1) * m + 1),
];

/// Runs `f` on the row-major `a` in a layout; what is left, row-major.
fn laid_out(
    a: &[f64],
    shape: [usize; 2],
    layout: Layout,
    f: &mut dyn FnMut(MatMut<'_, f64>),
) -> Vec<u64> {
    let (strides, len) = layout(shape);
    let mut memory = vec![7.0; len];
    let place = |e: usize| e / shape[1] * strides[0] + e % shape[1] * strides[1];
    (0..a.len()).for_each(|e| memory[place(e)] = a[e]);
    f(MatMut::strided(&mut memory, shape, strides).unwrap());
    (0..a.len()).map(|e| memory[place(e)].to_bits()).collect()
}

/// Changes its matrix; other outputs as bits.
type Factorization<'a> = &'a dyn Fn(Machine, Layout, MatMut<'_, f64>) -> Vec<u64>;

/// `f` gives one answer in every layout on every strict machine, and one on every fused machine.
fn one_answer(a: &[f64], shape: [usize; 2], f: Factorization<'_>) {
    for fused in [false, true] {
        let mut first = None;
        for machine in Machine::present().filter(|machine| machine.is_fused() == fused) {
            for layout in LAYOUTS {
                let mut other = Vec::new();
                let mut all = laid_out(a, shape, layout, &mut |a| other = f(machine, layout, a));
                all.extend(other);
                let first = first.get_or_insert_with(|| all.clone());
                assert!(*first == all, "{machine:?} differs at {shape:?}");
            }
        }
    }
}

fn bits(x: &[f64]) -> Vec<u64> {
    x.iter().map(|x| x.to_bits()).collect()
}

#[test]
fn factorizations_have_one_answer_in_every_layout() {
    for [m, n] in [[1, 1], [5, 3], [3, 5], [16, 16], [35, 20], [20, 35], [50, 50]] {
        let (a, r) = (general::uniform(m, n, 1), m.min(n));
        one_answer(&a, [m, n], &|machine, _, a| {
            let mut pivots = vec![0; r];
            lu_in_place(machine, a, &mut pivots).unwrap();
            pivots.iter().map(|&place| place as u64).collect()
        });
        one_answer(&a, [m, n], &|machine, layout, mut a| {
            let mut tau = vec![f64::NAN; r];
            let mut scratch = vec![f64::NAN; qr_scratch_len(m, m.max(n).max(3))];
            qr_in_place(machine, a.rb_mut(), &mut tau, &mut scratch).unwrap();
            let qr = a.rb();
            let mut all = bits(&tau);
            let c = general::uniform(m, 3, 2);
            all.extend(laid_out(&c, [m, 3], layout, &mut |c| {
                qr_apply(machine, qr, &tau, c, &mut scratch).unwrap();
            }));
            all.extend(laid_out(&c, [m, 3], layout, &mut |c| {
                qr_apply_t(machine, qr, &tau, c, &mut scratch).unwrap();
            }));
            all.extend(laid_out(&vec![f64::NAN; m * r], [m, r], layout, &mut |q| {
                qr_form(machine, qr, &tau, q, &mut scratch).unwrap();
            }));
            all
        });
        one_answer(&a, [m, n], &|machine, _, a| {
            let (mut tau, mut columns) = (vec![f64::NAN; r], vec![0; n]);
            let mut scratch = vec![f64::NAN; m * n + 2 * n];
            qr_pivoted_in_place(machine, a, &mut tau, &mut columns, &mut scratch).unwrap();
            let mut all = bits(&tau);
            all.extend(columns.iter().map(|&column| column as u64));
            all
        });
    }
}

#[test]
fn symmetric_factors_and_solves_have_one_answer_in_every_layout() {
    for n in [1, 5, 16, 33, 50] {
        let b = general::uniform(n, 5, 9);
        let solve =
            |layout: Layout, f: &mut dyn FnMut(MatMut<'_, f64>)| laid_out(&b, [n, 5], layout, f);
        for named in general::quasi_definite::<f64>(n).iter().take(2) {
            one_answer(&named.a, [n, n], &|machine, layout, mut a| {
                factor::ldlt_in_place(machine, a.rb_mut(), None).unwrap();
                solve(layout, &mut |b| factor::ldlt_solve(machine, a.rb(), b).unwrap())
            });
        }
        let a = general::uniform(n, n, 3);
        one_answer(&a, [n, n], &|machine, layout, mut a| {
            let mut pivots = vec![0; n];
            lu_in_place(machine, a.rb_mut(), &mut pivots).unwrap();
            let mut all = solve(layout, &mut |b| {
                factor::lu_solve(machine, a.rb(), &pivots, b).unwrap();
            });
            all.extend(solve(layout, &mut |b| {
                lu_solve_t(machine, a.rb(), &pivots, b).unwrap();
            }));
            all
        });
        let a = matrix::whole_positive(n, 4);
        one_answer(&a, [n, n], &|machine, layout, mut a| {
            cholesky_in_place(machine, a.rb_mut()).unwrap();
            let mut all =
                solve(layout, &mut |b| cholesky_solve_matrix(machine, a.rb(), b).unwrap());
            all.extend(laid_out(&vec![f64::NAN; n * n], [n, n], layout, &mut |x| {
                factor::cholesky_inverse(machine, a.rb(), x).unwrap();
            }));
            let mut x = general::uniform(n, 1, 6);
            factor::cholesky_update(machine, a.rb_mut(), &mut x).unwrap();
            let (mut x, mut scratch) = (vec![0.25; n], vec![f64::NAN; 2 * n]);
            factor::cholesky_downdate(machine, a, &mut x, &mut scratch).unwrap();
            all
        });
    }
}

/// A matrix of right-hand sides is solved column by column, bit for bit.
#[test]
fn right_hand_sides_do_not_see_each_other() {
    let (n, machine) = (37, Machine::detect());
    let mut l = matrix::whole_positive(n, 4);
    cholesky_in_place(machine, MatMut::row_major(&mut l, n, n).unwrap()).unwrap();
    let l = MatRef::row_major(&l, n, n).unwrap();
    let mut b = general::uniform(7, n, 9);
    let single: Vec<f64> = b
        .chunks(n)
        .flat_map(|b| {
            let mut x = b.to_vec();
            let view = MatMut::col_major(&mut x, n, 1).unwrap();
            cholesky_solve_matrix(machine, l, view).unwrap();
            x
        })
        .collect();
    cholesky_solve_matrix(machine, l, MatMut::col_major(&mut b, n, 7).unwrap()).unwrap();
    assert_eq!(bits(&b), bits(&single));
}

#[test]
fn least_squares_have_one_answer_in_every_layout() {
    for [m, n] in [[1, 1], [5, 3], [35, 20]] {
        let (a, b) = (general::uniform(m, n, 1), general::uniform(m, 2, 2));
        let mut scratch = vec![f64::NAN; least_squares_pivoted_scratch_len(m, n, 2) + 32 * n];
        let scratch = std::cell::RefCell::new(&mut scratch);
        one_answer(&a, [m, n], &|machine, layout, a| {
            let mut a = Some(a);
            laid_out(&b, [m, 2], layout, &mut |b| {
                let a = a.take().unwrap();
                least_squares(machine, a, b, &mut scratch.borrow_mut()).unwrap();
            })
        });
        one_answer(&a, [m, n], &|machine, layout, a| {
            let (mut a, mut columns) = (Some(a), vec![0; n]);
            laid_out(&b, [m, 2], layout, &mut |b| {
                let (a, scratch) = (a.take().unwrap(), &mut scratch.borrow_mut());
                let done = least_squares_pivoted(machine, a, b, 0.0, &mut columns, scratch);
                assert_eq!(done, Ok(n));
            })
        });
    }
}
