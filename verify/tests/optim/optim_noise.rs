//! Noise, its explicit regularizer, and the proximal step: exact where they can be.

use teeter::optim::{
    Momentum, Sgd, SgdState, add_noise, add_noise_along, noise_penalty, perturb_with_noise,
    soft_threshold,
};
use teeter::random::{Stream, normals_into};
use teeter::{Error, Float, Machine};
use teeter_verify::bound::optim as bound;
use teeter_verify::oracle::signs;

fn normals<T: Float>(stream: u64, n: usize) -> Vec<T> {
    let mut x = vec![T::ZERO; n];
    normals_into(Stream::new(2028, stream), &mut x);
    x
}

fn bits<T: Float>(x: &[T]) -> Vec<u64> {
    x.iter().map(|value| value.to_bits_u64()).collect()
}

fn check_noise<T: Float>() {
    let sigma = T::from_f64(0.3);
    for machine in Machine::present() {
        for n in [0, 1, 2, 17, 64, 131] {
            let (start, stream) = (normals::<T>(1, n), Stream::new(3, 4));
            let mut z = vec![T::ZERO; n];
            normals_into(stream, &mut z);
            let right: Vec<T> = start.iter().zip(&z).map(|(&x, &z)| x + sigma * z).collect();
            let (mut x, mut scratch) = (start.clone(), vec![T::NAN; n]);
            add_noise(machine, sigma, stream, &mut x, &mut scratch).expect("valid");
            assert_eq!(bits(&x), bits(&right), "{machine:?} n = {n}");
            assert_eq!(bits(&scratch), bits(&z), "{machine:?} n = {n}: z is handed out");

            let (mut w, mut saved) = (start.clone(), vec![T::NAN; n]);
            let moved =
                perturb_with_noise(machine, sigma, stream, &mut w, &mut saved).expect("valid");
            assert_eq!(bits(moved.params()), bits(&right), "{machine:?} n = {n}: weights");
            moved.restore();
            assert_eq!(bits(&w), bits(&start), "{machine:?} n = {n}: restored");
        }
    }
}

#[test]
fn noise_is_its_formula_to_the_bit_and_weights_come_back() {
    check_noise::<f32>();
    check_noise::<f64>();
    let (machine, start, stream) = (Machine::detect(), [-0.0, 1.0], Stream::new(1, 1));
    let (mut x, mut scratch) = (start, [0.0; 2]);
    add_noise(machine, 0.0, stream, &mut x, &mut scratch).expect("valid");
    assert_eq!(bits(&x), bits(&start), "σ = 0");
    let moved = perturb_with_noise(machine, 0.0, stream, &mut x, &mut scratch).expect("valid");
    assert_eq!(bits(moved.params()), bits(&start), "σ = 0");
    drop(moved);
    for bad in [f64::NAN, -1.0, f64::INFINITY] {
        let refused = [
            add_noise(machine, bad, stream, &mut x, &mut scratch),
            perturb_with_noise(machine, bad, stream, &mut x, &mut scratch).map(|_| ()),
            noise_penalty(machine, bad, &[1.0]).map(|_| ()),
        ];
        for done in refused {
            assert!(matches!(done, Err(Error::Range { argument: "sigma", .. })), "{done:?}");
        }
    }
    let mut broken = [1.0, f64::NAN];
    let done = perturb_with_noise(machine, 0.1, stream, &mut broken, &mut scratch).map(|_| ());
    assert_eq!(done, Err(Error::NotFinite { argument: "params", index: 1 }), "NaN");
    assert_eq!(
        noise_penalty::<f64>(machine, 1.0, &[]),
        Err(Error::Empty { argument: "forms" }),
        "no probes"
    );
}

/// Along unit axes: the directions not named stay, and the mean loss grows by ½Σσ²λ.
#[test]
fn noise_along_directions_stays_in_their_span() {
    const RUNS: u64 = 20_000;
    let (machine, n) = (Machine::detect(), 5);
    let mut directions = vec![0.0; 2 * n];
    (directions[1], directions[n + 3]) = (1.0, 1.0);
    let (sigmas, curvature) = ([0.5, 0.25], [1.0, 40.0, 1.0, 100.0, 1.0]);
    let mut mean = 0.0;
    for run in 0..RUNS {
        let (mut w, mut z) = (vec![0.0; n], [0.0; 2]);
        let stream = Stream::new(11, run);
        add_noise_along(machine, &sigmas, stream, &directions, &mut w, &mut z).expect("valid");
        assert_eq!(w, [0.0, 0.5 * z[0], 0.0, 0.25 * z[1], 0.0], "run {run}");
        let loss: f64 = w.iter().zip(curvature).map(|(w, c)| 0.5 * c * w * w).sum();
        mean += loss / RUNS as f64;
    }
    let right = 0.5 * (0.25 * 40.0 + 0.0625 * 100.0);
    let allowed = bound::sample_variance(RUNS as usize) * right;
    assert!((mean - right).abs() <= allowed, "{mean} for {right}");
    let short = add_noise_along(
        machine,
        &sigmas,
        Stream::new(1, 1),
        &[0.0; 9],
        &mut [0.0; 5],
        &mut [0.0; 2],
    );
    assert_eq!(
        short,
        Err(Error::Length { argument: "directions", expected: 10, found: 9 }),
        "short directions"
    );
}

/// A linear net under half the squared error: what noise on its input adds to the mean loss, exactly
/// ½σ²‖J‖² for every σ; by all signs for the penalty, by normals for the noise (oracle 22).
#[test]
fn noise_on_a_linear_layer_costs_its_explicit_regularizer() {
    const RUNS: u64 = 40_000;
    let (machine, n, m, sigma) = (Machine::detect(), 6, 3, 0.7);
    let jacobian = normals::<f64>(30, m * n);
    let apply = |z: &[f64]| -> Vec<f64> {
        jacobian.chunks(n).map(|row| row.iter().zip(z).map(|(j, z)| j * z).sum()).collect()
    };
    let square = |y: &[f64]| y.iter().map(|y| y * y).sum::<f64>();
    let mut forms = Vec::new();
    signs::for_each(n, |z| forms.push(square(&apply(z))));
    let penalty = noise_penalty(machine, sigma, &forms).expect("valid");
    let right = 0.5 * sigma * sigma * square(&jacobian);
    assert!(
        (penalty - right).abs() <= bound::noise_penalty(forms.len(), m * n) * right,
        "{penalty}"
    );

    // Antithetic pairs: the linear part of the loss cancels.
    let (h, residual) = (normals::<f64>(31, n), normals::<f64>(32, m));
    let loss = |h: &[f64]| {
        let y = apply(h);
        0.5 * y.iter().zip(&residual).map(|(y, r)| (y - r).powi(2)).sum::<f64>()
    };
    let (mut mean, here) = (0.0, loss(&h));
    for run in 0..RUNS {
        let (mut ahead, mut z) = (h.clone(), vec![0.0; n]);
        add_noise(machine, sigma, Stream::new(12, run), &mut ahead, &mut z).expect("valid");
        let behind: Vec<f64> = h.iter().zip(&z).map(|(h, z)| h - sigma * z).collect();
        mean += (0.5 * (loss(&ahead) + loss(&behind)) - here) / RUNS as f64;
    }
    // A quadratic form of normals varies no more than if all weight lay on one.
    let allowed = bound::sample_variance(RUNS as usize) * right;
    assert!((mean - right).abs() <= allowed, "{mean} for {right}");
}

fn check_threshold<T: Float>() {
    let t = T::from_f64(0.4);
    for machine in Machine::present() {
        for n in [0, 1, 3, 16, 33, 131] {
            let start = normals::<T>(40, n);
            let mut x = start.clone();
            let zeros = soft_threshold(machine, t, &mut x).expect("valid");
            let right: Vec<T> = (start.iter())
                .map(|&x| if x.abs() > t { (x.abs() - t).copysign(x) } else { T::ZERO })
                .collect();
            assert_eq!(bits(&x), bits(&right), "{machine:?} n = {n}");
            assert_eq!(zeros, right.iter().filter(|&&x| x == T::ZERO).count(), "n = {n}");
        }
    }
}

#[test]
fn soft_threshold_is_its_formula_and_nothing_for_no_threshold() {
    check_threshold::<f32>();
    check_threshold::<f64>();
    let machine = Machine::detect();
    let mut x = [-0.0, 2.0, -3.0];
    assert_eq!(soft_threshold(machine, 0.0, &mut x), Ok(1), "counted");
    assert_eq!(bits(&x), bits(&[-0.0, 2.0, -3.0]), "t = 0");
    let refusal = Err(Error::NotFinite { argument: "x", index: 0 });
    assert_eq!(soft_threshold(machine, 1.0, &mut [f64::NAN]), refusal, "NaN");
    for bad in [f64::NAN, -1.0, f64::INFINITY] {
        let done = soft_threshold(machine, bad, &mut x);
        assert!(matches!(done, Err(Error::Range { argument: "threshold", .. })), "{done:?}");
    }
}

/// Proximal descent on ½Σλᵢ(wᵢ − cᵢ)² + t‖w‖₁ ends where the closed form says: S(cᵢ, t/λᵢ).
#[test]
fn proximal_descent_ends_at_the_lasso() {
    let (machine, rate, penalty) = (Machine::detect(), 0.25, 1.5);
    let (curvature, center) = ([4.0, 2.0, 1.0, 0.5], [1.0, -1.0, 1.0, -8.0]);
    let sgd = Sgd { learning_rate: rate, momentum: Momentum::None, weight_decay: 0.0 };
    let mut w = [3.0; 4];
    for _ in 0..bound::TURNS {
        let mut g = [0.0; 4];
        for ((g, w), (l, c)) in g.iter_mut().zip(&w).zip(curvature.iter().zip(center)) {
            *g = l * (w - c);
        }
        sgd.step(machine, &g, &mut SgdState { velocity: &mut [] }, &mut w).expect("valid");
        soft_threshold(machine, rate * penalty, &mut w).expect("valid");
    }
    for ((w, l), c) in w.iter().zip(curvature).zip(center) {
        let t: f64 = penalty / l;
        let right = if c.abs() > t { (c.abs() - t).copysign(c) } else { 0.0 };
        let allowed = bound::proximal_limit(rate * l) * c.abs();
        assert!((w - right).abs() <= allowed, "{w} for {right}");
    }
}
