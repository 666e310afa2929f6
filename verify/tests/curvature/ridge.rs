//! Penalties of any shape, basis functions, the Lasso: limits, edges, bits.

use teeter::curvature::{
    GeneralizedRidge, LassoOptions, SpectralFilter, gaussian_basis_into, gaussian_bending_into,
    generalized_ridge_memory_len, generalized_ridge_scratch_len, lasso, lasso_alpha_max,
    lasso_scratch_len, polynomial_basis_into, polynomial_bending_into,
};
use teeter::matrix::{MatMut, MatRef};
use teeter::{Error, Machine, Stop};
use teeter_verify::bound::linear_model as bound;
use teeter_verify::oracle::naive;
use teeter_verify::property::evidence::Data;
use teeter_verify::property::ridge::{gaussians, generalized};

fn portable() -> Machine {
    Machine::portable()
}

/// Under bending energy, a polynomial becomes the straight line of least squares; degrees of freedom fall
/// from all to two.
#[test]
fn bending_a_polynomial_ends_at_the_straight_line() {
    let (n, k) = (9, 5);
    let x: Vec<f64> = (0..n).map(|i| i as f64 / 4.0 - 1.0).collect();
    let (mut design, mut omega) = (vec![f64::NAN; n * k], vec![f64::NAN; k * k]);
    polynomial_basis_into(&x, MatMut::row_major(&mut design, n, k).expect("n by k"))
        .expect("valid");
    let view = MatMut::row_major(&mut omega, k, k).expect("square");
    polynomial_bending_into([-1.0, 1.0], view).expect("valid");
    // ∫4 = 8, ∫(2)(12x²) = 16, ∫36x² = 24, ∫144x⁴ = 57.6, odd ones 0.
    assert_eq!(omega[2 * k + 2..2 * k + 5], [8.0, 0.0, 16.0], "from x²");
    assert_eq!(omega[3 * k + 3], 24.0, "from x³");
    assert_eq!(omega[4 * k + 4], 288.0 / 5.0, "from x⁴");
    assert!(omega[..2 * k].iter().all(|&e| e == 0.0), "a line costs nothing");
    let targets: Vec<f64> = x.iter().map(|x| 1.0 + 2.0 * x + x * x).collect();
    let data = Data { shape: [n, k], design, targets };
    let mut before = k as f64 * (1.0 + f64::EPSILON * 16.0);
    for alpha in [0.0, 0.01, 1.0, 100.0, 1e6] {
        let (_, used) = generalized(portable(), &data, &omega, alpha).expect("valid");
        assert!(used <= before && used >= 2.0, "{used} after {before}");
        before = used;
    }
    let (weights, used) = generalized(portable(), &data, &omega, 1e12).expect("valid");
    // By symmetry the line is mean(t) + 2x; what bends is held down by 1/α.
    let mean = data.targets.iter().sum::<f64>() / n as f64;
    let sizes = data.sizes(&weights);
    let spread = 1e4;
    let allowed = bound::generalized::<f64>(sizes, 0.0, spread) + 100.0 / 1e12;
    assert!((weights[0] - mean).abs() <= allowed && (weights[1] - 2.0).abs() <= allowed);
    assert!(weights[2..].iter().all(|w| w.abs() <= allowed) && used - 2.0 <= allowed);
}

/// Ω = I is ridge, by another factorization.
#[test]
fn a_penalty_of_ones_is_ridge() {
    let data = Data::<f64>::new([12, 4], 9);
    let mut identity = vec![0.0; 16];
    for i in 0..4 {
        identity[5 * i] = 1.0;
    }
    for alpha in [0.125, 2.0] {
        let (one, used) = generalized(portable(), &data, &identity, alpha).expect("valid");
        let mut other = vec![f64::NAN; 4];
        let filter = SpectralFilter::Ridge { alpha };
        let fit = data
            .model(portable(), |model| {
                model.weights_into(filter, &mut other)?;
                model.fit(filter)
            })
            .expect("valid");
        let sizes = data.sizes(&other);
        let allowed = (bound::stationarity::<f64>(sizes)
            + bound::generalized::<f64>(sizes, 2.0 * alpha, 1e4))
            / alpha;
        let apart: Vec<f64> = one.iter().zip(&other).map(|(a, b)| a - b).collect();
        assert!(naive::norm(&apart) <= allowed, "{one:?} and {other:?}");
        assert!((used - fit.degrees_of_freedom).abs() <= allowed, "degrees of freedom");
    }
}

fn row(memory: &mut [f64; 2]) -> MatMut<'_, f64> {
    MatMut::row_major(memory, 1, 2).expect("a row")
}

#[test]
fn bases_are_their_formulas() {
    let (x, centers) = ([-1.0, 0.0, 0.5, 40.0], [0.0, 0.5]);
    let mut design = [f64::NAN; 8];
    let view = MatMut::row_major(&mut design, 4, 2).expect("4 by 2");
    gaussian_basis_into(&x, &centers, 0.5, view).expect("valid");
    for (i, x) in x.iter().enumerate() {
        for (j, center) in centers.iter().enumerate() {
            let v: f64 = (x - center) / 0.5;
            let right = (-0.5 * v * v).exp();
            let error = (design[2 * i + j] - right).abs();
            assert!(error <= bound::gaussian::<f64>(v) * right, "{x}, {center}");
        }
    }
    assert_eq!(design[7], 0.0, "far away");
    let mut design = [f64::NAN; 8];
    let view = MatMut::col_major(&mut design, 2, 4).expect("2 by 4");
    polynomial_basis_into(&[0.0, -2.0], view).expect("valid");
    assert_eq!(design, [1.0, 1.0, 0.0, -2.0, 0.0, 4.0, 0.0, -8.0], "powers are exact here");
    let mut few = [0.0; 2];
    assert!(gaussian_basis_into(&[0.0], &[0.0, 1.0], 0.0, row(&mut few)).is_err(), "no width");
    assert!(gaussian_basis_into(&[f64::NAN], &[0.0, 1.0], 1.0, row(&mut few)).is_err(), "NaN");
    assert!(gaussian_basis_into(&[0.0], &[0.0], 1.0, row(&mut few)).is_err(), "shape");
    assert!(polynomial_basis_into(&[f64::INFINITY], row(&mut few)).is_err(), "infinite");
    assert!(polynomial_bending_into([0.0, 1.0], row(&mut few)).is_err(), "not square");
    assert!(gaussian_bending_into(&[0.0], 1.0, row(&mut few)).is_err(), "shape");
    let mut one = [0.0];
    for ends in [[1.0, 1.0], [1.0, 0.0], [0.0, f64::NAN]] {
        let view = MatMut::row_major(&mut one, 1, 1).expect("one");
        assert!(polynomial_bending_into(ends, view).is_err(), "{ends:?}");
    }
}

#[test]
fn generalized_ridge_refuses_what_it_cannot_use() {
    let lengths = [generalized_ridge_memory_len(2), generalized_ridge_scratch_len(3, 2)];
    let build = |design: &[f64], rows: usize, penalty: &[f64], [memory, scratch]: [usize; 2]| {
        let mut memory = vec![0.0; memory];
        let mut scratch = vec![0.0; scratch];
        let targets = vec![1.0; rows];
        let problem = (MatRef::row_major(design, rows, 2)?, &targets[..]);
        let penalty = MatRef::row_major(penalty, 2, 2)?;
        GeneralizedRidge::new(portable(), problem, penalty, &mut memory, &mut scratch)
            .map(|model| model.roughness().to_vec())
    };
    let (phi, none) = ([1.0, 0.0, 0.0, 2.0, 0.0, 0.0], [0.0; 4]);
    assert_eq!(build(&phi, 3, &none, lengths), Ok(vec![0.0; 2]), "no penalty");
    let two = [2.0, 0.0, 0.0, 2.0];
    assert_eq!(build(&phi, 3, &two, lengths), Ok(vec![0.5, 2.0]), "Ω over ΦᵀΦ");
    assert_eq!(build(&phi, 3, &[-1.0, 0.0, 0.0, 4.0], lengths), Ok(vec![0.0, 1.0]), "no penalty");
    assert!(matches!(build(&phi[..2], 1, &none, lengths), Err(Error::Range { .. })), "wide");
    let zero = build(&[1.0, 0.0, 1.0, 0.0, 1.0, 0.0], 3, &none, lengths);
    assert!(matches!(zero, Err(Error::Pivot { index: 1, .. })), "a column of zeros: {zero:?}");
    let nan = [0.0, f64::NAN, 0.0, 0.0];
    assert!(matches!(build(&phi, 3, &nan, lengths), Err(Error::NotFinite { .. })), "NaN");
    let [memory, scratch] = lengths;
    assert!(matches!(build(&phi, 3, &none, [memory - 1, scratch]), Err(Error::Short { .. })));
    assert!(matches!(build(&phi, 3, &none, [memory, scratch - 1]), Err(Error::Short { .. })));
    let (data, omega) = gaussians::<f64>([9, 3], 0.5).expect("valid");
    assert!(generalized(portable(), &data, &omega, -1.0).is_err(), "α < 0");
}

/// On columns that are orthogonal the answer is a soft threshold, exactly; the gap says when it is there.
#[test]
fn lasso_of_orthogonal_columns_is_a_soft_threshold() {
    let design = [2.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 4.0];
    let targets = [3.0, 1.0, -2.0];
    let view = MatRef::row_major(&design, 3, 3).expect("square");
    let mut scratch = vec![f64::NAN; lasso_scratch_len(3, 3)];
    assert_eq!(lasso_alpha_max(portable(), view, &targets, &mut scratch), Ok(8.0), "‖Φᵀt‖_∞");
    let options = LassoOptions { alpha: 2.0, sweep_max: 10, tolerance: 0.0 };
    let mut weights = [5.0, 5.0, 5.0];
    let fit = lasso(portable(), (view, &targets), &options, &mut weights, &mut scratch);
    let fit = fit.expect("valid");
    // Φᵀt = (6, 1, −8), thresholds at 2, over 4, 1, 16.
    assert_eq!(weights, [1.0, 0.0, -0.375], "soft threshold");
    assert_eq!((fit.gap, fit.active, fit.stop), (0.0, 2, Stop::Converged), "{fit:?}");
    assert_eq!(fit.objective, 0.5 * (1.0 + 1.0 + 0.25) + 2.0 * 1.375, "{fit:?}");
    let scaled = LassoOptions { alpha: 16.0, ..options };
    let mut there = [0.0; 3];
    let targets = targets.map(|t| 8.0 * t);
    lasso(portable(), (view, &targets), &scaled, &mut there, &mut scratch).expect("valid");
    assert_eq!(there, weights.map(|w| 8.0 * w), "scale");
}

#[test]
fn lasso_refuses_and_survives() {
    let view = MatRef::row_major(&[1.0, 0.0, 2.0, 0.0], 2, 2).expect("square");
    let mut scratch = vec![f64::NAN; lasso_scratch_len(2, 2)];
    let good = LassoOptions { alpha: 1.0, sweep_max: 3, tolerance: 0.5 };
    let mut run = |options: LassoOptions<f64>, targets: &[f64], start: f64| {
        let mut w = [start; 2];
        let fit = lasso(portable(), (view, targets), &options, &mut w, &mut scratch);
        (fit, w)
    };
    let (fit, w) = run(good, &[3.0, 1.0], 0.0);
    assert!(fit.is_ok() && w[1] == 0.0, "a column of zeros: {w:?}");
    for bad in [
        LassoOptions { alpha: -1.0, ..good },
        LassoOptions { sweep_max: 0, ..good },
        LassoOptions { tolerance: 2.0, ..good },
        LassoOptions { alpha: f64::NAN, ..good },
    ] {
        let (refused, w) = run(bad, &[3.0, 1.0], 7.0);
        assert!(matches!(refused, Err(Error::Range { .. })) && w == [7.0; 2], "{bad:?}");
    }
    assert!(matches!(run(good, &[3.0], 0.0).0, Err(Error::Length { .. })), "targets");
    assert!(matches!(run(good, &[3.0, f64::NAN], 0.0).0, Err(Error::NotFinite { .. })));
    let (zero, w) = run(good, &[0.0, 0.0], 0.0);
    assert_eq!((zero.map(|fit| fit.stop), w), (Ok(Stop::Converged), [0.0; 2]), "nothing to fit");
    let mixed = MatRef::row_major(&[1.0, 1.0, 0.0, 1.0], 2, 2).expect("square");
    let endless = LassoOptions { alpha: 0.25, sweep_max: 2, tolerance: 0.0 };
    let (mut w, mut scratch) = ([0.0; 2], vec![f64::NAN; lasso_scratch_len(2, 2)]);
    let fit = lasso(portable(), (mixed, &[3.0, 1.0]), &endless, &mut w, &mut scratch);
    assert_eq!(fit.map(|fit| (fit.sweeps, fit.stop)), Ok((2, Stop::LimitReached)), "a budget");
    let empty = MatRef::row_major(&[], 0, 0).expect("nothing");
    assert_eq!(lasso_alpha_max::<f64>(portable(), empty, &[], &mut []), Ok(0.0), "of nothing");
}

#[test]
fn penalties_and_lasso_have_the_same_bits_on_every_machine() {
    let (data, omega) = gaussians::<f64>([30, 9], 0.25).expect("valid");
    let all = |machine: Machine| {
        let (mut weights, used) = generalized(machine, &data, &omega, 0.125).expect("valid");
        weights.push(used);
        let mut w = vec![0.0; 9];
        let mut scratch = vec![f64::NAN; lasso_scratch_len(30, 9)];
        let design = MatRef::row_major(&data.design, 30, 9).expect("30 by 9");
        let options = LassoOptions { alpha: 0.25, sweep_max: 20, tolerance: 1e-6 };
        let problem = (design, &data.targets[..]);
        let fit = lasso(machine, problem, &options, &mut w, &mut scratch).expect("valid");
        weights.extend(w);
        weights.extend([fit.gap, fit.objective]);
        weights.iter().map(|x| x.to_bits()).collect::<Vec<u64>>()
    };
    let mut first = [None, None];
    for machine in Machine::present() {
        let kind = usize::from(machine.is_fused());
        let here = first[kind].get_or_insert_with(|| all(machine)).clone();
        assert_eq!(all(machine), here, "{machine:?}");
    }
}
