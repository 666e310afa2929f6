//! Layer `factor`.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails, in helpers too")]

use teeter::factor::{
    cholesky_in_place, cholesky_solve, symmetric_eigen, symmetric_eigen_scratch_len,
    tridiagonal_first_components, tridiagonal_values, tridiagonal_vectors,
};
use teeter::matrix::{MatMut, MatRef};
use teeter::{Error, Float, Machine};
use teeter_verify::bound;
use teeter_verify::input::matrix;
use teeter_verify::oracle::{exact, naive, reference};
use teeter_verify::property::factor::{self as properties, narrow, wide};
use teeter_verify::property::{self, Worst, assert_caught};
use teeter_verify::subject::Subject;

#[test]
fn properties_hold() {
    property::assert_all(&property::of_layer("factor"));
}

/// Each method wrong in its own way.
struct Faulty;
impl Subject<f64> for Faulty {
    fn machine(&self) -> Machine {
        Machine::portable()
    }
    /// Damps the diagonal so that no pivot is ever refused.
    fn cholesky_in_place(&self, mut a: MatMut<'_, f64>) -> Result<(), Error> {
        for i in 0..a.rows() {
            let value = a.get(i, i).unwrap_or(0.0);
            let _ = a.set(i, i, value + 1e-6 + (-value).max(0.0));
        }
        cholesky_in_place(self.machine(), a)
    }
    /// Gives each repeated value once, and the largest again.
    fn tridiagonal_values(&self, d: &mut [f64], e: &mut [f64]) -> Result<(), Error> {
        tridiagonal_values(d, e)?;
        let last = d.len() - 1;
        d[0] = d[last];
        d.sort_by(f64::total_cmp);
        Ok(())
    }
    /// Values right, two vectors exchanged.
    fn symmetric_eigen(&self, mut a: MatMut<'_, f64>, values: &mut [f64]) -> Result<(), Error> {
        let mut scratch = vec![0.0; symmetric_eigen_scratch_len(values.len())];
        symmetric_eigen(self.machine(), a.rb_mut(), values, &mut scratch)?;
        if let [first, .., last] = values {
            *first += 1e-9 * *last;
        }
        for i in 0..a.rows() {
            let (x, y) = (a.get(i, 0).unwrap_or(0.0), a.get(i, 1).unwrap_or(0.0));
            let (_, _) = (a.set(i, 0, y), a.set(i, 1, x));
        }
        Ok(())
    }
}

#[test]
fn planted_faults_are_caught() {
    assert_caught(&properties::cholesky_residual_stays_within_its_bound(&Faulty));
    assert_caught(&properties::cholesky_names_the_pivot(&Faulty));
    assert_caught(&properties::tridiagonal_values_are_where_sturm_counts_say(&Faulty));
    assert_caught(&properties::symmetric_eigen_reconstructs(&Faulty));
    assert_caught(&properties::symmetric_eigen_agrees_with_faer(&Faulty));
}

/// |b − Ax̂| ≤ γ₍₃ₙ₊₁₎|L̂||L̂ᵀ||x̂|, the residual in exact rationals.
fn solution_is_backward_stable<T: Float>(machine: Machine) {
    let mut worst = Worst::default();
    for n in [1, 2, 7, 16, 17, 40] {
        let a = matrix::whole_positive(n, 8);
        let mut l = narrow::<T>(&a);
        cholesky_in_place(machine, MatMut::row_major(&mut l, n, n).unwrap()).unwrap();
        let b: Vec<T> = (0..n).map(|i| T::from_f64((i * i) as f64 - 5.0)).collect();
        let mut x = b.clone();
        cholesky_solve(machine, MatRef::row_major(&l, n, n).unwrap(), &mut x).unwrap();
        let mut lower = wide(&l);
        lower.iter_mut().enumerate().for_each(|(e, x)| {
            *x = if e % n > e / n { 0.0 } else { x.abs() };
        });
        let size: Vec<f64> = wide(&x).iter().map(|x| x.abs()).collect();
        // Rounded in f64: a relative error of nu, made up for by the factor.
        let magnitude = naive::apply(&lower, &naive::apply(&naive::transpose(&lower, n), &size));
        let a = narrow::<T>(&a);
        for i in 0..n {
            let (product, _) = exact::dot(&a[i * n..(i + 1) * n], &x);
            let magnitude = exact::from(magnitude[i] * (1.0 + 4.0 * n as f64 * f64::EPSILON));
            worst.see(b[i], &product, &bound::cholesky_solve::<T>(n, &magnitude));
        }
    }
    let context = property::Context { layer: "factor", machine: machine.name(), format: "" };
    property::assert_all(&[worst.finish(context, "Cholesky solution is backward stable")]);
}

#[test]
fn cholesky_solutions_are_backward_stable() {
    for machine in Machine::present() {
        solution_is_backward_stable::<f32>(machine);
        solution_is_backward_stable::<f64>(machine);
    }
}

/// Strict machines and all layouts give one factor, bit for bit; fused machines agree among
/// themselves; each is within both bounds of faer's.
#[test]
fn cholesky_has_one_answer_in_every_layout() {
    for n in [1, 5, 16, 33, 50] {
        let a = matrix::whole_positive(n, 2);
        let factor = |machine, columns: bool| {
            let mut l = a.clone();
            let view = MatMut::row_major(&mut l, n, n).unwrap();
            if columns {
                // The same lower triangle, stored by columns: A is symmetric.
                cholesky_in_place(machine, MatMut::col_major(&mut l, n, n).unwrap()).unwrap();
                l = naive::transpose(&l, n);
            } else {
                cholesky_in_place(machine, view).unwrap();
            }
            (0..n * n).filter(|e| e % n <= e / n).map(|e| l[e]).collect::<Vec<f64>>()
        };
        for fused in [false, true] {
            let machines: Vec<Machine> =
                Machine::present().filter(|machine| machine.is_fused() == fused).collect();
            let Some(&first) = machines.first() else { continue };
            for machine in machines {
                for columns in [false, true] {
                    assert_eq!(factor(machine, columns), factor(first, false), "{machine:?}");
                }
            }
        }
        let faer = reference::cholesky(&a, n).unwrap();
        let faer: Vec<f64> = (0..n * n).filter(|e| e % n <= e / n).map(|e| faer[e]).collect();
        // L changes by at most κ(A) times the perturbation of A, here below n² (A ⪰ nI, ‖A‖ ≤ 10n²).
        let allowed = bound::gamma_f64::<f64>(2 * (n + 1)) * 100.0 * (n * n) as f64;
        for (ours, faer) in factor(Machine::detect(), false).iter().zip(faer) {
            assert!((ours - faer).abs() <= allowed, "n {n}: {ours} and {faer}");
        }
    }
}

/// Hilbert's matrix: it must succeed while Demmel's condition holds, whatever happens beyond.
#[test]
fn cholesky_succeeds_wherever_it_must() {
    for n in 1..=12 {
        let h = matrix::hilbert(n);
        let scaled: Vec<f64> =
            (0..n * n).map(|e| h[e] / (h[e / n * (n + 1)] * h[e % n * (n + 1)]).sqrt()).collect();
        let least = reference::eigenvalues(&scaled, n)[0] - bound::eigen::<f64>(n) * n as f64;
        if least > bound::cholesky_succeeds_above::<f64>(n) {
            for machine in Machine::present() {
                let mut l = h.clone();
                let done = cholesky_in_place(machine, MatMut::row_major(&mut l, n, n).unwrap());
                assert_eq!(done, Ok(()), "n {n}, λ {least:e}");
            }
        } else {
            assert!(n > 9, "the condition must hold for small n");
        }
    }
}

#[test]
fn cholesky_refuses_what_is_not_finite() {
    for machine in Machine::present() {
        for n in [1, 3, 17, 20] {
            for index in 0..n {
                for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
                    let mut a = matrix::whole_positive(n, 1);
                    a[index * n + index] = value;
                    let done = cholesky_in_place(machine, MatMut::row_major(&mut a, n, n).unwrap());
                    let named = matches!(
                        done,
                        Err(Error::NotFinite { index: found, .. } | Error::Pivot { index: found, .. })
                            if found == index
                    );
                    assert!(named, "{machine:?}, {value} at {index} of {n}: {done:?}");
                }
            }
        }
        let mut a = [1.0; 6];
        let refused = cholesky_in_place(machine, MatMut::row_major(&mut a, 2, 3).unwrap());
        assert_eq!(refused, Err(Error::Length { argument: "a.cols", expected: 2, found: 3 }));
        let mut empty: [f64; 0] = [];
        let view = MatMut::row_major(&mut empty, 0, 0).unwrap();
        assert_eq!(cholesky_in_place(machine, view), Ok(()));
    }
}

/// Closed forms, in each format.
fn known_spectra<T: Float>() {
    for n in [1, 2, 3, 10, 31, 64] {
        for (d, e, values) in [matrix::second_difference(n), matrix::clement(n)] {
            let (mut d, mut e) = (narrow::<T>(&d), narrow::<T>(&e));
            tridiagonal_values(&mut d, &mut e).unwrap();
            let norm = values.iter().fold(4.0_f64, |m, x| m.max(x.abs()));
            for (ours, truth) in d.iter().zip(&values) {
                // Clement's roots are rounded on the way in: another u of the norm.
                let allowed = (bound::eigen::<T>(n) + T::EPSILON.to_f64()) * norm;
                assert!((ours.to_f64() - truth).abs() <= allowed, "n {n}: {ours} for {truth}");
            }
        }
    }
}

#[test]
fn tridiagonal_values_have_their_closed_forms() {
    known_spectra::<f32>();
    known_spectra::<f64>();
}

/// T = SΛSᵀ, the first row of S is what `tridiagonal_first_components` gives up to sign, and its
/// squares are Gauss weights: Σ wᵢ = 1, Σ wᵢθᵢ = T₁₁, Σ wᵢθᵢ² = (T²)₁₁.
#[test]
fn first_components_are_the_first_row_of_the_vectors() {
    for n in [1, 2, 5, 20, 41] {
        for (d, e) in [matrix::wilkinson(n), (vec![2.0; n], vec![-1.0; n - 1])] {
            let (mut values, mut work, mut first) = (d.clone(), e.clone(), vec![f64::NAN; n]);
            tridiagonal_first_components(&mut values, &mut work, &mut first).unwrap();
            let (mut again, mut work) = (d.clone(), e.clone());
            let mut s = matrix::dense(&vec![1.0; n], &vec![0.0; n - 1]);
            let view = MatMut::row_major(&mut s, n, n).unwrap();
            tridiagonal_vectors(&mut again, &mut work, view).unwrap();
            assert_eq!(values, again, "the values do not depend on the companion");
            assert_eq!(first, s[..n], "nor do the rotations");
            let t = matrix::dense(&d, &e);
            let norm = naive::frobenius(&t);
            let rounding = bound::eigen::<f64>(n);
            let moment =
                |p: i32| -> f64 { values.iter().zip(&first).map(|(x, w)| w * w * x.powi(p)).sum() };
            let second = d[0] * d[0] + e.first().map_or(0.0, |e| e * e);
            assert!((moment(0) - 1.0).abs() <= 2.0 * rounding, "n {n}");
            assert!((moment(1) - d[0]).abs() <= 3.0 * rounding * norm, "n {n}");
            assert!((moment(2) - second).abs() <= 4.0 * rounding * norm * norm, "n {n}");
            let mut scaled = s.clone();
            scaled.iter_mut().enumerate().for_each(|(e, x)| *x *= values[e % n]);
            let rebuilt = naive::multiply(&scaled, &naive::transpose(&s, n), n);
            let residual: Vec<f64> = rebuilt.iter().zip(&t).map(|(a, b)| a - b).collect();
            assert!(naive::frobenius(&residual) <= rounding * norm.max(1e-300), "n {n}");
        }
    }
}

/// Multiplying by 2ᵏ multiplies the values by 2ᵏ, bit for bit.
#[test]
fn eigenvalues_scale_exactly_by_powers_of_two() {
    let (d, e) = matrix::wilkinson(13);
    let a = matrix::with_spectrum(&[3.0, 1.0, 4.0, 1.0, 5.0, -9.0, 2.0], 1);
    let values = |power: i32| {
        let scale = |x: &[f64]| x.iter().map(|x| x.scale_by_power(power)).collect::<Vec<f64>>();
        let (mut d, mut e) = (scale(&d), scale(&e));
        tridiagonal_values(&mut d, &mut e).unwrap();
        let (mut a, mut values) = (scale(&a), vec![f64::NAN; 7]);
        let mut scratch = vec![f64::NAN; symmetric_eigen_scratch_len(7)];
        let view = MatMut::row_major(&mut a, 7, 7).unwrap();
        symmetric_eigen(Machine::detect(), view, &mut values, &mut scratch).unwrap();
        d.extend(values);
        (d, a)
    };
    let (plain, vectors) = values(0);
    for power in [-900, -30, 1, 40, 900] {
        let (scaled, same) = values(power);
        let expected: Vec<f64> = plain.iter().map(|x| x.scale_by_power(power)).collect();
        assert_eq!(scaled, expected, "2^{power}");
        assert_eq!(same, vectors, "the vectors do not move");
    }
}

#[test]
fn eigen_solvers_refuse_before_they_change_anything() {
    let machine = Machine::detect();
    for value in [f64::NAN, f64::INFINITY] {
        for i in 0..3 {
            let (mut d, mut e, mut first) = ([1.0, 2.0, 3.0], [4.0, 5.0], [9.0; 3]);
            d[i] = value;
            let before = d.map(f64::to_bits);
            let refused = Err(Error::NotFinite { argument: "diagonal", index: i });
            assert_eq!(tridiagonal_values(&mut d, &mut e), refused);
            assert_eq!(tridiagonal_first_components(&mut d, &mut e, &mut first), refused);
            assert_eq!((d.map(f64::to_bits), e, first), (before, [4.0, 5.0], [9.0; 3]));
            let mut e = [4.0, 5.0];
            e[i % 2] = value;
            let refused = Err(Error::NotFinite { argument: "off_diagonal", index: i % 2 });
            assert_eq!(tridiagonal_values(&mut [1.0, 2.0, 3.0], &mut e), refused);
        }
    }
    let (mut d, mut e) = ([1.0, 2.0, 3.0], [4.0]);
    let length = |argument, expected, found| Err(Error::Length { argument, expected, found });
    assert_eq!(tridiagonal_values(&mut d, &mut e), length("off_diagonal", 2, 1));
    assert_eq!(
        tridiagonal_first_components(&mut d, &mut [0.0; 2], &mut [0.0; 2]),
        length("first", 3, 2)
    );
    let view = |v| MatMut::row_major(v, 3, 2).unwrap();
    assert_eq!(
        tridiagonal_vectors(&mut d, &mut [0.0; 2], view(&mut [0.0; 6])),
        length("vectors.cols", 3, 2)
    );
    let mut a = [1.0, 7.0, 7.0, f64::NAN];
    let needed = symmetric_eigen_scratch_len(2);
    let (mut values, mut scratch) = ([9.0; 2], vec![0.0; needed]);
    let run = |a: &mut [f64], shape: [usize; 2], values: &mut [f64], scratch: &mut [f64]| {
        let view = MatMut::row_major(a, shape[0], shape[1]).unwrap();
        symmetric_eigen(machine, view, values, scratch)
    };
    let refused = Err(Error::NotFinite { argument: "a", index: 1 });
    assert_eq!(run(&mut a, [2, 2], &mut values, &mut scratch), refused);
    assert_eq!((a[..3].to_vec(), values), (vec![1.0, 7.0, 7.0], [9.0; 2]));
    assert_eq!(run(&mut a, [1, 2], &mut values, &mut scratch), length("a.cols", 1, 2));
    assert_eq!(run(&mut a, [2, 2], &mut values[..1], &mut scratch), length("values", 2, 1));
    assert_eq!(
        run(&mut a, [2, 2], &mut values, &mut scratch[1..]),
        Err(Error::Short { argument: "scratch", needed, found: needed - 1 })
    );
    assert_eq!(symmetric_eigen_scratch_len(usize::MAX), usize::MAX);
}

/// Garbage above the diagonal and in the scratch must not show in a single bit.
#[test]
fn symmetric_eigen_reads_the_lower_triangle_only() {
    let n = 9;
    let a = matrix::with_spectrum(&[1.0, 2.0, 3.0, 3.0, 5.0, -1.0, 0.0, 8.0, 4.0], 3);
    for machine in Machine::present() {
        let run = |garbage: f64| {
            let (mut v, mut values) = (a.clone(), vec![garbage; n]);
            for e in (0..n * n).filter(|e| e % n > e / n && garbage.is_nan()) {
                v[e] = garbage;
            }
            let mut scratch = vec![garbage; symmetric_eigen_scratch_len(n)];
            let view = MatMut::row_major(&mut v, n, n).unwrap();
            symmetric_eigen(machine, view, &mut values, &mut scratch).unwrap();
            (v, values)
        };
        assert_eq!(run(f64::NAN), run(0.0), "{machine:?}");
    }
}
