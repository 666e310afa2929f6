//! LU, LDLᵀ, QR and what a Cholesky factor gives: planted faults, one answer in every layout, the
//! functions that go with a factorization.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails, in helpers too")]

use teeter::factor::{
    LogDeterminant, cholesky_in_place, cholesky_log_determinant, cholesky_solve_matrix,
    least_squares_pivoted, least_squares_pivoted_scratch_len, lu_in_place, lu_log_determinant,
    lu_solve_t, qr_apply, qr_apply_t, qr_form, qr_in_place, qr_pivoted_in_place, qr_rank,
    qr_scratch_len,
};
use teeter::matrix::{MatMut, MatRef};
use teeter::{Error, Float, Machine, factor};
use teeter_verify::bound;
use teeter_verify::input::{general, matrix};
use teeter_verify::oracle::{dense, exact, naive, reference};
use teeter_verify::property::factor::{narrow, wide};
use teeter_verify::property::{Context, Worst, assert_all, assert_caught};
use teeter_verify::property::{cholesky, ldlt, lu, qr, ratios};
use teeter_verify::subject::{Subject, Teeter};

/// Each method wrong in its own way.
struct Faulty;
impl Subject<f64> for Faulty {
    fn machine(&self) -> Machine {
        Machine::portable()
    }
    /// Adds a little to the last element.
    fn cholesky_inverse(&self, l: MatRef<'_, f64>, mut x: MatMut<'_, f64>) -> Result<(), Error> {
        factor::cholesky_inverse(self.machine(), l, x.rb_mut())?;
        let at = x.rows() - 1;
        let value = x.get(at, at).unwrap();
        let _ = x.set(at, at, value * (1.0 + 1e-11));
        Ok(())
    }
    /// Adds x/2 instead of x.
    fn cholesky_update(&self, l: MatMut<'_, f64>, x: &mut [f64]) -> Result<(), Error> {
        x.iter_mut().for_each(|x| *x *= 0.5);
        factor::cholesky_update(self.machine(), l, x)
    }
    /// Shortens x so that it always succeeds.
    fn cholesky_downdate(&self, l: MatMut<'_, f64>, x: &mut [f64]) -> Result<(), Error> {
        x.iter_mut().for_each(|x| *x *= 0.125);
        let mut scratch = vec![0.0; 2 * x.len()];
        factor::cholesky_downdate(self.machine(), l, x, &mut scratch)
    }
    /// Damps a pivot in secret.
    fn ldlt_in_place(
        &self,
        mut a: MatMut<'_, f64>,
        regularization: Option<factor::LdltRegularization<'_, f64>>,
    ) -> Result<usize, Error> {
        let value = a.get(0, 0).unwrap();
        let _ = a.set(0, 0, value + 1e-9);
        factor::ldlt_in_place(self.machine(), a, regularization).map(|_| 0)
    }
    /// Forgets D.
    fn ldlt_solve(&self, ld: MatRef<'_, f64>, b: MatMut<'_, f64>) -> Result<(), Error> {
        let n = ld.rows();
        let mut unit: Vec<f64> = (0..n * n).map(|e| ld.get(e / n, e % n).unwrap()).collect();
        unit.iter_mut().step_by(n + 1).for_each(|x| *x = 1.0);
        factor::ldlt_solve(self.machine(), MatRef::row_major(&unit, n, n)?, b)
    }
    /// Never exchanges rows.
    fn lu_in_place(&self, mut a: MatMut<'_, f64>, pivots: &mut [usize]) -> Result<(), Error> {
        let (m, n) = (a.rows(), a.cols());
        for (k, pivot) in pivots.iter_mut().enumerate() {
            *pivot = k;
            for i in k + 1..m {
                let factor = a.get(i, k).unwrap() / a.get(k, k).unwrap();
                let _ = a.set(i, k, factor);
                for j in k + 1..n {
                    let value = a.get(i, j).unwrap() - factor * a.get(k, j).unwrap();
                    let _ = a.set(i, j, value);
                }
            }
        }
        Ok(())
    }
    /// Forgets the exchanges.
    fn lu_solve(
        &self,
        lu: MatRef<'_, f64>,
        pivots: &[usize],
        b: MatMut<'_, f64>,
    ) -> Result<(), Error> {
        let none: Vec<usize> = (0..pivots.len()).collect();
        let mut scaled = b;
        for i in 0..lu.rows() {
            let value = scaled.get(i, 0).unwrap();
            let _ = scaled.set(i, 0, value * (1.0 + 1e-9));
        }
        factor::lu_solve(self.machine(), lu, &none, scaled)
    }
    /// Reflections as they are, but R off by a little.
    fn qr_in_place(&self, mut a: MatMut<'_, f64>, tau: &mut [f64]) -> Result<(), Error> {
        let mut scratch = vec![0.0; qr_scratch_len(a.rows(), a.cols())];
        qr_in_place(self.machine(), a.rb_mut(), tau, &mut scratch)?;
        let value = a.get(0, 0).unwrap();
        let _ = a.set(0, 0, value * (1.0 + 1e-10));
        Ok(())
    }
    /// Takes the columns as they come.
    fn qr_pivoted_in_place(
        &self,
        a: MatMut<'_, f64>,
        tau: &mut [f64],
        columns: &mut [usize],
    ) -> Result<(), Error> {
        columns.iter_mut().enumerate().for_each(|(j, column)| *column = j);
        let mut scratch = vec![0.0; qr_scratch_len(a.rows(), a.cols())];
        qr_in_place(self.machine(), a, tau, &mut scratch)
    }
    /// τ a little too small: Q not quite orthogonal.
    fn qr_form(&self, qr: MatRef<'_, f64>, tau: &[f64], q: MatMut<'_, f64>) -> Result<(), Error> {
        let tau: Vec<f64> = tau.iter().map(|tau| tau * (1.0 - 1e-9)).collect();
        let mut scratch = vec![0.0; qr_scratch_len(q.rows(), q.cols())];
        qr_form(self.machine(), qr, &tau, q, &mut scratch)
    }
    /// Ignores the last equation.
    fn least_squares(&self, mut a: MatMut<'_, f64>, b: MatMut<'_, f64>) -> Result<(), Error> {
        for j in 0..a.cols() {
            let last = a.rows() - 1;
            let _ = a.set(last, j, 0.0);
        }
        let mut scratch = vec![0.0; 4000];
        factor::least_squares(self.machine(), a, b, &mut scratch)
    }
}

#[test]
fn planted_faults_are_caught() {
    for list in [cholesky::all(&Faulty), ldlt::all(&Faulty), lu::all(&Faulty), qr::all(&Faulty)] {
        list.iter().for_each(assert_caught);
    }
    let caught = ratios::all(&Faulty).iter().filter(|row| !row.passed()).count();
    assert!(caught > 20, "{caught} ratios see the faults");
}

#[test]
fn every_ratio_is_below_the_threshold_of_lapack() {
    for machine in Machine::present() {
        assert_all(&ratios::measured(&ratios::all::<f32>(&Teeter(machine))));
        assert_all(&ratios::measured(&ratios::all::<f64>(&Teeter(machine))));
    }
}

/// |b − Aᵀx̂| ≤ γ₃ₙ|Û|ᵀ|L̂|ᵀP|x̂| for the transposed solve, and |b − Ax̂| for Cholesky's.
fn solutions<T: Float>(machine: Machine) {
    let (mut transposed, mut symmetric) = (Worst::default(), Worst::default());
    for n in [1, 2, 7, 16, 17, 40] {
        let b: Vec<T> = (0..n).map(|i| T::from_f64((i * i) as f64 - 5.0)).collect();
        let a = narrow::<T>(&general::uniform(n, n, 5));
        let (mut lu, mut pivots, mut x) = (a.clone(), vec![0; n], b.clone());
        lu_in_place(machine, MatMut::row_major(&mut lu, n, n).unwrap(), &mut pivots).unwrap();
        let view = MatMut::col_major(&mut x, n, 1).unwrap();
        lu_solve_t(machine, MatRef::row_major(&lu, n, n).unwrap(), &pivots, view).unwrap();
        // PA = LU, so Aᵀx = (PA)ᵀPx.
        let (a, px) = (dense::permuted(&a, n, &pivots), dense::permuted(&x, 1, &pivots));
        let l = dense::size(&wide(&dense::unit_lower(&lu, [n, n])));
        let u = dense::size(&wide(&dense::upper(&lu, [n, n])));
        let inner = naive::apply(&naive::transpose(&l, n), &dense::size(&wide(&px)));
        let magnitude = naive::apply(&naive::transpose(&u, n), &inner);
        for j in 0..n {
            let column: Vec<T> = (0..n).map(|i| a[i * n + j]).collect();
            let (product, _) = exact::dot(&column, &px);
            let size = exact::from(magnitude[j] * (1.0 + 4.0 * n as f64 * f64::EPSILON));
            transposed.see(b[j], &product, &bound::factor::lu_solve::<T>(n, &size));
        }
        let a = narrow::<T>(&matrix::whole_positive(n, 8));
        let (mut l, mut x) = (a.clone(), b.clone());
        cholesky_in_place(machine, MatMut::row_major(&mut l, n, n).unwrap()).unwrap();
        let view = MatMut::col_major(&mut x, n, 1).unwrap();
        cholesky_solve_matrix(machine, MatRef::row_major(&l, n, n).unwrap(), view).unwrap();
        let l: Vec<f64> =
            (0..n * n).map(|e| if e % n > e / n { 0.0 } else { l[e].to_f64().abs() }).collect();
        let inner = naive::apply(&naive::transpose(&l, n), &dense::size(&wide(&x)));
        let magnitude = naive::apply(&l, &inner);
        for i in 0..n {
            let (product, _) = exact::dot(&a[i * n..(i + 1) * n], &x);
            let size = exact::from(magnitude[i] * (1.0 + 4.0 * n as f64 * f64::EPSILON));
            symmetric.see(b[i], &product, &bound::cholesky_solve::<T>(n, &size));
        }
    }
    let context = Context { layer: "factor", machine: machine.name(), format: "" };
    assert_all(&[
        transposed.finish(context, "transposed LU solution is backward stable"),
        symmetric.finish(context, "Cholesky solution of a matrix is backward stable"),
    ]);
}

#[test]
fn transposed_and_matrix_solutions_are_backward_stable() {
    for machine in Machine::present() {
        solutions::<f32>(machine);
        solutions::<f64>(machine);
    }
}

/// Qᵀ(QC) = C, ‖QC‖ = ‖C‖, and QC is what the formed Q gives.
fn reflections<T: Float>(machine: Machine) {
    for [m, n] in [[1, 1], [5, 3], [3, 5], [17, 17], [40, 18], [18, 33]] {
        let (mut qr, mut tau) = (narrow::<T>(&general::uniform(m, n, 1)), vec![T::NAN; m.min(n)]);
        let mut scratch = vec![T::NAN; qr_scratch_len(m, m.max(n).max(4))];
        let view = MatMut::row_major(&mut qr, m, n).unwrap();
        qr_in_place(machine, view, &mut tau, &mut scratch).unwrap();
        let qr = MatRef::row_major(&qr, m, n).unwrap();
        let (mut q, c) = (vec![T::NAN; m * m], narrow::<T>(&general::uniform(m, 4, 2)));
        qr_form(machine, qr, &tau, MatMut::row_major(&mut q, m, m).unwrap(), &mut scratch).unwrap();
        let product = dense::product(&wide(&q), &wide(&c), [m, m, 4]);
        let mut turned = c.clone();
        let view = MatMut::row_major(&mut turned, m, 4).unwrap();
        qr_apply(machine, qr, &tau, view, &mut scratch).unwrap();
        let mut back = turned.clone();
        let view = MatMut::row_major(&mut back, m, 4).unwrap();
        qr_apply_t(machine, qr, &tau, view, &mut scratch).unwrap();
        let norms = dense::column_norms(&wide(&c), [m, 4]);
        let allowed = bound::factor::reflected::<T>(m, m.min(n));
        // The formed Q has the errors of m unit columns.
        let formed = allowed * (1.0 + (m as f64).sqrt());
        for (pair, allowed) in
            [([&wide(&back), &wide(&c)], allowed), ([&wide(&turned), &product], formed)]
        {
            let error = dense::difference(pair[0], pair[1]);
            for (error, norm) in dense::column_norms(&error, [m, 4]).iter().zip(&norms) {
                assert!(*error <= allowed * norm, "{machine:?} {m} x {n}: {error:e}");
            }
        }
        for (turned, norm) in dense::column_norms(&wide(&turned), [m, 4]).iter().zip(&norms) {
            assert!((turned - norm).abs() <= allowed * norm, "{m} x {n}: length {turned}, {norm}");
        }
    }
}

#[test]
fn reflections_keep_lengths_and_go_back() {
    for machine in Machine::present() {
        reflections::<f32>(machine);
        reflections::<f64>(machine);
    }
}

/// Scaling by 2ᵏ scales R and U, and leaves Q, L and every decision.
#[test]
fn factors_scale_exactly_by_powers_of_two() {
    let (m, n, machine) = (35, 20, Machine::detect());
    let run = |power: i32| {
        let a: Vec<f64> =
            general::uniform(m, n, 1).iter().map(|x| x.scale_by_power(power)).collect();
        let (mut lu, mut pivots) = (a.clone(), vec![0; n]);
        lu_in_place(machine, MatMut::row_major(&mut lu, m, n).unwrap(), &mut pivots).unwrap();
        let (mut qr, mut tau, mut columns) = (a.clone(), vec![0.0; n], vec![0; n]);
        let mut scratch = vec![0.0; m * n + 2 * n];
        let view = MatMut::row_major(&mut qr, m, n).unwrap();
        qr_pivoted_in_place(machine, view, &mut tau, &mut columns, &mut scratch).unwrap();
        let (mut plain, mut scratch) = (a, vec![0.0; qr_scratch_len(m, n)]);
        let view = MatMut::row_major(&mut plain, m, n).unwrap();
        qr_in_place(machine, view, &mut tau, &mut scratch).unwrap();
        let up = |x: Vec<f64>| -> Vec<f64> {
            let undo = |e: usize| if e % n >= e / n { x[e].scale_by_power(-power) } else { x[e] };
            (0..m * n).map(undo).collect()
        };
        (up(lu), up(qr), up(plain), tau, pivots, columns)
    };
    for power in [-900, -30, 1, 40, 900] {
        assert_eq!(run(power), run(0), "2^{power}");
    }
}

/// det of whole-number factors: exact sign, logarithm within its bound.
#[test]
fn log_determinants_are_those_of_the_factors() {
    let machine = Machine::detect();
    for n in [0, 1, 2, 5, 20] {
        let a = matrix::whole_positive(n, 8);
        let mut l = a.clone();
        cholesky_in_place(machine, MatMut::row_major(&mut l, n, n).unwrap()).unwrap();
        let terms: Vec<f64> = (0..n).map(|i| 2.0 * l[i * n + i].ln()).collect();
        let found = cholesky_log_determinant(MatRef::row_major(&l, n, n).unwrap()).unwrap();
        let size: f64 = terms.iter().map(|x| x.abs()).sum();
        let allowed = bound::factor::log_determinant::<f64>(n, size);
        assert!((found - terms.iter().sum::<f64>()).abs() <= allowed, "n {n}: {found}");
        let (mut lu, mut pivots) = (a, vec![0; n]);
        lu_in_place(machine, MatMut::row_major(&mut lu, n, n).unwrap(), &mut pivots).unwrap();
        let other = lu_log_determinant(MatRef::row_major(&lu, n, n).unwrap(), &pivots).unwrap();
        // Both are backward stable, so they differ by n·γ₍₂ₙ₊₂₎·κ at most, κ ≤ 100n here as n ⪯ A.
        let between = (n * n) as f64 * 100.0 * bound::gamma_f64::<f64>(4 * n + 4);
        assert!((other.log - found).abs() <= 2.0 * allowed + between, "n {n}: {other:?}");
        assert_eq!(other.sign, 1.0, "n {n}");
    }
    let of = |a: &[f64], n: usize| {
        let (mut lu, mut pivots) = (a.to_vec(), vec![0; n]);
        lu_in_place(machine, MatMut::row_major(&mut lu, n, n).unwrap(), &mut pivots).unwrap();
        lu_log_determinant(MatRef::row_major(&lu, n, n).unwrap(), &pivots).unwrap()
    };
    assert_eq!(of(&[0.0, 1.0, 1.0, 0.0], 2), LogDeterminant { sign: -1.0, log: 0.0 });
    assert_eq!(of(&[0.0, -1.0, 1.0, 0.0], 2), LogDeterminant { sign: 1.0, log: 0.0 });
    let singular = LogDeterminant { sign: 0.0, log: f64::NEG_INFINITY };
    assert_eq!(of(&[1.0, 2.0, 2.0, 4.0], 2), singular);
    let refused = cholesky_log_determinant(MatRef::row_major(&[-1.0], 1, 1).unwrap());
    assert_eq!(refused, Err(Error::Pivot { index: 0, value: -1.0 }));
}

/// A of rank 3: the residual is orthogonal to the range of A, at most rank unknowns are not 0, and
/// the residual is faer's.
#[test]
fn basic_solutions_solve_what_can_be_solved() {
    for machine in Machine::present() {
        for [m, n] in [[6, 4], [4, 6], [20, 20], [33, 20], [20, 33]] {
            let (rank, p) = (3, 2);
            let a = general::of_rank(m, n, rank, 17);
            let b = general::whole(m, p, 18);
            let mut x = vec![f64::NAN; m.max(n) * p];
            x[..m * p].copy_from_slice(&b);
            let (mut qr, mut columns) = (a.clone(), vec![0; n]);
            let mut scratch = vec![f64::NAN; least_squares_pivoted_scratch_len(m, n, p)];
            let found = least_squares_pivoted(
                machine,
                MatMut::row_major(&mut qr, m, n).unwrap(),
                MatMut::row_major(&mut x, m.max(n), p).unwrap(),
                f64::EPSILON * 4.0 * m.max(n) as f64,
                &mut columns,
                &mut scratch,
            );
            assert_eq!(found, Ok(rank), "{m} x {n}");
            let view = MatRef::row_major(&qr, m, n).unwrap();
            assert_eq!(qr_rank(view, 1.0), Ok(0), "no entry exceeds the first");
            for j in 0..p {
                let column: Vec<f64> = (0..n).map(|i| x[i * p + j]).collect();
                let used = column.iter().filter(|&&x| x != 0.0).count();
                assert!(used <= rank, "{used} unknowns of rank {rank}");
                let right: Vec<f64> = (0..m).map(|i| b[i * p + j]).collect();
                let residual =
                    |x: &[f64]| dense::difference(&right, &dense::product(&a, x, [m, n, 1]));
                let own = residual(&column);
                let best = residual(&reference::least_squares(&a, &right, [m, n]));
                // Both residuals are the projection of b, each within the bound of its solver at the
                // condition of the three columns used, below 100 here.
                let sizes = [naive::norm(&right), naive::norm(&column) * 10.0, naive::norm(&best)];
                let allowed = 2.0 * bound::factor::least_squares::<f64>([m, n], 100.0, sizes);
                let error = naive::norm(&dense::difference(&own, &best));
                assert!(error <= allowed * naive::norm(&a), "{m} x {n}: {error:e}, {allowed:e}");
            }
        }
    }
}
