//! Curvature as batches and steps see it: batch sharpness, variability, the line of an update, the box.

use teeter::curvature::{
    BatchMean, BatchSharpness, BoxMaximizer, BoxOptions, HessianVariability, NoiseDamping,
    UpdateLine, box_maximizer_len, curvature_along, hessian_variability_len,
};
use teeter::random::{Stream, normals_into};
use teeter::{Error, Machine, Stop};
use teeter_verify::bound::edge as bound;
use teeter_verify::oracle::naive;

fn portable() -> Machine {
    Machine::portable()
}

fn normals(stream: u64, n: usize) -> Vec<f64> {
    let mut x = vec![0.0; n];
    normals_into(Stream::new(78, stream), &mut x);
    x
}

#[test]
fn batch_sharpness_is_a_mean_of_quotients() {
    let (n, m) = (40, 30);
    let mut sharpness = BatchSharpness::<f64>::default();
    let mut values = Vec::new();
    for i in 0..m {
        let (g, hg) = (normals(2 * i, n), normals(2 * i + 1, n));
        let right = naive::dot(&g, &hg) / naive::dot(&g, &g);
        let found = sharpness.push(portable(), &g, &hg).expect("valid");
        let size = naive::norm(&hg) / naive::norm(&g);
        assert!((found - right).abs() <= bound::quotient::<f64>(n) * size, "{found}");
        values.push(found);
    }
    let mean = values.iter().sum::<f64>() / m as f64;
    let square: f64 = values.iter().map(|x| (x - mean).powi(2)).sum();
    let error = (square / (m * (m - 1)) as f64).sqrt();
    let found = sharpness.estimate().expect("valid");
    let allowed = bound::scatter::<f64>(m as usize, n, 4.0);
    assert!((found.value - mean).abs() <= allowed && found.batches == m as usize, "{found:?}");
    assert!((found.standard_error / error - 1.0).abs() <= allowed / error, "{found:?}");

    let mut fresh = BatchSharpness::<f64>::new();
    assert_eq!(fresh.estimate(), Err(Error::Empty { argument: "batches" }), "of none");
    let zero = fresh.push(portable(), &[0.0, 0.0], &[1.0, 0.0]);
    assert_eq!(zero, Err(Error::ZeroVector { argument: "direction" }), "no gradient");
    assert!(fresh.push(portable(), &[1.0, f64::NAN], &[1.0, 0.0]).is_err(), "NaN");
    assert!(fresh.push(portable(), &[1.0, 1.0], &[f64::INFINITY, 0.0]).is_err(), "infinite");
    assert_eq!(fresh, BatchSharpness::new(), "a refused batch changes nothing");
    fresh.push(portable(), &[1.0], &[3.0]).expect("valid");
    let one = BatchMean { value: 3.0, standard_error: f64::INFINITY, batches: 1 };
    assert_eq!(fresh.estimate(), Ok(one), "one batch has no error to tell");
    assert_eq!(curvature_along(portable(), &[2.0_f64.powi(500)], &[2.0_f64.powi(501)]), Ok(2.0));
}

#[test]
fn variability_and_damping_follow_the_products() {
    let (n, m) = (25, 12);
    let mut memory = vec![f64::NAN; hessian_variability_len(n)];
    let mut noise = HessianVariability::new(n, &mut memory).expect("valid");
    assert!(matches!(noise.estimate(portable()), Err(Error::Empty { .. })), "of none");
    let products: Vec<Vec<f64>> = (0..m)
        .map(|i| normals(100 + i, n).iter().enumerate().map(|(j, x)| 0.1 * x + j as f64).collect())
        .collect();
    for product in &products {
        noise.push(portable(), product).expect("valid");
    }
    let mean: Vec<f64> =
        (0..n).map(|j| products.iter().map(|p| p[j]).sum::<f64>() / m as f64).collect();
    let variance: f64 = products
        .iter()
        .map(|p| p.iter().zip(&mean).map(|(a, b)| (a - b).powi(2)).sum::<f64>())
        .sum::<f64>()
        / (m - 1) as f64;
    let [found, square] = noise.estimate(portable()).expect("valid");
    let size = naive::dot(&mean, &mean);
    let allowed = bound::scatter::<f64>(m as usize, n, size);
    assert!((found - variance).abs() <= allowed && (square - size).abs() <= allowed, "{found}");
    // z = e₀ · 3: the part of H̄z along it is left out, whatever its length.
    let mut z = vec![0.0; n];
    z[0] = 3.0;
    let rest = size - mean[0] * mean[0];
    let kappa = 1.0 - variance / m as f64 / rest;
    let NoiseDamping { shrinkage, damping } = noise.damping(portable(), &z).expect("valid");
    let allowed = allowed / rest;
    assert!((shrinkage - kappa).abs() <= allowed, "{shrinkage} for {kappa}");
    assert!((damping - (1.0 - kappa) / kappa).abs() <= 2.0 * allowed, "{damping}");
    assert!(noise.push(portable(), &[1.0]).is_err(), "length");
    assert!(noise.push(portable(), &vec![f64::NAN; n]).is_err(), "NaN");
    assert!(noise.damping(portable(), &vec![0.0; n]).is_err(), "no direction");
    assert!(HessianVariability::new(n, &mut [0.0; 3]).is_err(), "memory");

    let mut memory = [0.0; hessian_variability_len(2)];
    let mut only = HessianVariability::new(2, &mut memory).expect("valid");
    for sign in [1.0, -1.0] {
        only.push(portable(), &[sign, sign]).expect("valid");
    }
    let all = only.damping(portable(), &[1.0, 0.0]).expect("valid");
    assert_eq!(all, NoiseDamping { shrinkage: 0.0, damping: f64::INFINITY }, "nothing but noise");
    let mut memory = [0.0; hessian_variability_len(2)];
    let mut none = HessianVariability::new(2, &mut memory).expect("valid");
    for _ in 0..2 {
        none.push(portable(), &[2.0, 1.0]).expect("valid");
    }
    let none = none.damping(portable(), &[1.0, 0.0]).expect("valid");
    assert_eq!(none, NoiseDamping { shrinkage: 1.0, damping: 0.0 }, "no noise at all");
}

#[test]
fn loss_along_an_update_is_exact_on_quadratics() {
    let (g, loss) = ([3.0, 2.0], |w: [f64; 2]| 1.5 * w[0] * w[0] + 0.5 * w[1] * w[1]);
    for eta in [0.25, 0.5, 1.0] {
        let d = g.map(|g| -eta * g);
        let line = UpdateLine::new(portable(), &g, &d, &[3.0 * d[0], d[1]]).expect("valid");
        for t in [0.0, 0.5, 1.0, -2.0] {
            let there = loss([1.0 + t * d[0], 2.0 + t * d[1]]);
            assert_eq!(line.change(t), there - loss([1.0, 2.0]), "η = {eta}, t = {t}");
        }
        let right = eta / 2.0 * 31.0 / 13.0 - 1.0;
        let allowed = bound::formula::<f64>(8) * (right + 2.0);
        assert!((line.progress() - right).abs() <= allowed, "relative progress");
    }
    assert!(UpdateLine::new(portable(), &g, &[f64::NAN, 0.0], &g).is_err(), "NaN");
    assert!(UpdateLine::new(portable(), &g, &g[..1], &g).is_err(), "length");
    assert!(UpdateLine { slope: 0.0_f64, curvature: 0.0 }.progress().is_nan(), "no update");
}

#[test]
fn box_sharpness_of_a_quadratic_has_its_closed_form() {
    let (h, x, epsilon) = ([3.0, 1.0, 0.2], [0.5, -2.0, 1.0], 1e-3);
    let run = |signs: &[f64], curvature: [f64; 3], shift: f64, evaluation_max: usize| {
        let mut memory = vec![f64::NAN; box_maximizer_len(3)];
        let options = BoxOptions { epsilon, evaluation_max };
        let start = (&x[..], 0.0);
        let mut search = BoxMaximizer::new(options, start, signs, &mut memory).expect("valid");
        assert_eq!(search.point(), x, "before the first rise");
        while let Some(z) = search.wants() {
            let apart: Vec<f64> = z.iter().zip(&x).map(|(z, x)| z - x).collect();
            let gradient: Vec<f64> =
                apart.iter().zip(&curvature).map(|(d, h)| h * d + shift * h).collect();
            let loss = apart.iter().zip(&curvature).map(|(d, h)| 0.5 * h * d * d + shift * h * d);
            search.push(loss.sum(), &gradient).expect("valid");
        }
        let late = search.push(1.0, &[0.0; 3]);
        assert_eq!(late, Err(Error::State { expected: "estimate" }), "done is done");
        search.estimate()
    };
    let half = |x: f64| epsilon * (x.abs() + 1.0);
    let right: f64 = 100.0 * 0.5 * h.iter().zip(&x).map(|(h, x)| h * half(*x).powi(2)).sum::<f64>();
    // z − x cancels: the corner is within u|x| of its place, which is 1/ε of its distance.
    let allowed = bound::formula::<f64>(16) * right * 4.0 / epsilon;
    for signs in [[1.0, 1.0, 1.0], [-1.0, 1.0, -1.0], [0.0, -0.0, -1.0]] {
        let found = run(&signs, h, 0.0, 10);
        assert!((found.value - right).abs() <= allowed, "{found:?} for {right}");
        assert_eq!((found.stop, found.evaluations), (Stop::Converged, 1), "a corner at once");
    }
    // Losses from ¼ on: the rise is over 1 + f(x), and adding ¼ costs a unit of it, a hundredfold.
    let base = 0.25;
    let mut memory = vec![f64::NAN; box_maximizer_len(3)];
    let options = BoxOptions { epsilon, evaluation_max: 2 };
    let mut search = BoxMaximizer::new(options, (&x, base), &[1.0; 3], &mut memory).expect("valid");
    let corner: f64 = h.iter().zip(&x).map(|(h, x)| 0.5 * h * half(*x).powi(2)).sum();
    search.push(base + corner, &h.map(|h| h * epsilon)).expect("wanted");
    let (found, over) = (search.estimate().value, right / (1.0 + base));
    let rounded = bound::formula::<f64>(16) * (over + 100.0 * base);
    assert!((found - over).abs() <= rounded, "{found} for {over}");
    // With a slope the other corners are lower: the search goes to that of the slope.
    let found = run(&[-1.0, 1.0, -1.0], h, 0.5, 10);
    let slope: f64 = 100.0 * h.iter().zip(&x).map(|(h, x)| 0.5 * h * half(*x)).sum::<f64>();
    let allowed = bound::formula::<f64>(16) * (right + slope) * 4.0 / epsilon;
    assert!((found.value - right - slope).abs() <= allowed, "{found:?}");
    let down = run(&[1.0; 3], [-1.0; 3], 0.0, 7);
    assert_eq!(
        (down.value, down.evaluations, down.stop),
        (0.0, 7, Stop::LimitReached),
        "a maximum"
    );

    let mut memory = [0.0; 6];
    let options = BoxOptions { epsilon, evaluation_max: 3 };
    let mut search = BoxMaximizer::new(options, (&x, 0.0), &[1.0; 3], &mut memory).expect("valid");
    assert!(search.push(f64::NAN, &[0.0; 3]).is_err() && search.push(1.0, &[0.0; 2]).is_err());
    assert!(search.push(1.0, &[f64::NAN; 3]).is_err() && search.estimate().evaluations == 0);
    let mut memory = [0.0; 6];
    let bad = [
        BoxMaximizer::new(BoxOptions { epsilon: 0.0, ..options }, (&x, 0.0), &h, &mut memory).err(),
        BoxMaximizer::new(options, (&x, -1.0), &h, &mut [0.0; 6]).err(),
        BoxMaximizer::new(options, (&x, 0.0), &h[..2], &mut [0.0; 6]).err(),
        BoxMaximizer::new(options, (&x, 0.0), &h, &mut [0.0; 5]).err(),
        BoxMaximizer::new(
            BoxOptions { evaluation_max: 0, ..options },
            (&x, 0.0),
            &h,
            &mut [0.0; 6],
        )
        .err(),
    ];
    assert!(bad.iter().all(Option::is_some), "{bad:?}");
}
