//! Optimizers: each step against its formula, to the bit; the fixed points, symmetries and
//! limits that need no oracle; and that refusing a step changes nothing.

use teeter::optim::{Adam, AdamState, EpsilonPlacement, Momentum, Sam, Sgd, SgdState};
use teeter::random::{Stream, normals_into};
use teeter::{Error, Float, Machine, vector};
use teeter_verify::bound::optim as bound;
use teeter_verify::property;
use teeter_verify::subject::Subject;

#[test]
fn properties_hold() {
    property::assert_all(&property::of_layer("optim"));
}

/// The moving average where Polyak's was asked for, and the other way about.
struct MomentumByAnotherName;
impl Subject<f64> for MomentumByAnotherName {
    fn machine(&self) -> Machine {
        Machine::portable()
    }
    fn descend(
        &self,
        (learning_rate, momentum): (f64, Momentum<f64>),
        gradient: &[f64],
        velocity: &mut [f64],
        params: &mut [f64],
    ) -> Result<(), Error> {
        let momentum = match momentum {
            Momentum::Polyak(beta) => Momentum::Ema(beta),
            Momentum::Ema(beta) => Momentum::Polyak(beta),
            other => other,
        };
        let sgd = Sgd { learning_rate, momentum, weight_decay: 0.0 };
        sgd.step(self.machine(), gradient, &mut SgdState { velocity }, params).map(|_| ())
    }
}

#[test]
fn planted_faults_are_caught() {
    let subject = &MomentumByAnotherName;
    property::assert_caught(&property::optim::descent_converges_below_its_threshold(subject));
    property::assert_caught(&property::optim::descent_diverges_above_its_threshold(subject));
}

fn normals<T: Float>(stream: u64, n: usize) -> Vec<T> {
    let mut x = vec![T::ZERO; n];
    normals_into(Stream::new(2024, stream), &mut x);
    x
}

fn bits<T: Float>(x: &[T]) -> Vec<u64> {
    x.iter().map(|value| value.to_bits_u64()).collect()
}

fn scaled<T: Float>(x: &[T], k: i32) -> Vec<T> {
    x.iter().map(|value| value.scale_by_power(k)).collect()
}

fn momenta<T: Float>() -> [Momentum<T>; 4] {
    let beta = T::from_f64(0.9);
    [Momentum::None, Momentum::Polyak(beta), Momentum::Nesterov(beta), Momentum::Ema(beta)]
}

fn adam<T: Float>(epsilon: f64, epsilon_placement: EpsilonPlacement) -> Adam<T> {
    let of = T::from_f64;
    Adam {
        learning_rate: of(0.01),
        beta1: of(0.9),
        beta2: of(0.999),
        epsilon: of(epsilon),
        epsilon_placement,
        weight_decay: T::ZERO,
    }
}

const LENGTHS: [usize; 12] = [0, 1, 2, 3, 4, 5, 7, 16, 17, 33, 64, 131];

fn sgd_naive<T: Float>(sgd: &Sgd<T>, g: &[T], v: &mut [T], w: &mut [T]) {
    for ((&g, v), w) in g.iter().zip(v).zip(w) {
        let d = g + sgd.weight_decay * *w;
        let direction = match sgd.momentum {
            Momentum::None => d,
            Momentum::Polyak(beta) => {
                *v = beta * *v + d;
                *v
            }
            Momentum::Nesterov(beta) => {
                *v = beta * *v + d;
                d + beta * *v
            }
            Momentum::Ema(beta) => {
                *v = beta * *v + (T::ONE - beta) * d;
                *v
            }
        };
        *w -= sgd.learning_rate * direction;
    }
}

fn check_sgd<T: Float>() {
    for machine in Machine::present() {
        for n in LENGTHS {
            for momentum in momenta() {
                let decay = T::from_f64(0.01);
                let sgd = Sgd { learning_rate: T::from_f64(0.1), momentum, weight_decay: decay };
                let (mut w, mut v) = (normals::<T>(1, n), normals::<T>(2, n));
                let (mut w_naive, mut v_naive) = (w.clone(), v.clone());
                for t in 0..3 {
                    let g = normals::<T>(10 + t, n);
                    let mut state = SgdState { velocity: &mut v };
                    sgd.step(machine, &g, &mut state, &mut w).expect("valid");
                    sgd_naive(&sgd, &g, &mut v_naive, &mut w_naive);
                }
                assert_eq!(bits(&w), bits(&w_naive), "{machine:?} {momentum:?} n = {n}");
                assert_eq!(bits(&v), bits(&v_naive), "{machine:?} {momentum:?} n = {n}: velocity");
            }
        }
    }
}

#[test]
fn sgd_is_its_formula_to_the_bit_on_every_machine() {
    check_sgd::<f32>();
    check_sgd::<f64>();
}

fn check_adam<T: Float>(placement: EpsilonPlacement) {
    for machine in Machine::present() {
        for n in LENGTHS {
            let adam = Adam { weight_decay: T::from_f64(0.1), ..adam::<T>(1e-8, placement) };
            let mut w = normals::<T>(1, n);
            let (mut m, mut v) = (vec![T::ONE; n], vec![T::ONE; n]);
            let mut state = AdamState::new(&mut m, &mut v);
            let mut naive: Vec<[T; 3]> = w.iter().map(|&w| [T::ZERO, T::ZERO, w]).collect();
            let (mut power1, mut power2) = (T::ONE, T::ONE);
            for t in 0..5 {
                let g = normals::<T>(10 + t, n);
                adam.step(machine, &g, &mut state, &mut w).expect("valid");
                power1 *= adam.beta1;
                power2 *= adam.beta2;
                for ([m, v, w], &g) in naive.iter_mut().zip(&g) {
                    *m = adam.beta1 * *m + (T::ONE - adam.beta1) * g;
                    *v = adam.beta2 * *v + (T::ONE - adam.beta2) * (g * g);
                    let corrected = *v / (T::ONE - power2);
                    let denominator = match placement {
                        EpsilonPlacement::Outside => corrected.sqrt() + adam.epsilon,
                        EpsilonPlacement::Inside => (corrected + adam.epsilon).sqrt(),
                    };
                    let rate = adam.learning_rate / (T::ONE - power1);
                    let decay = adam.learning_rate * adam.weight_decay;
                    *w -= rate * *m / denominator + decay * *w;
                }
            }
            assert_eq!(state.steps, 5, "steps are counted");
            let naive: Vec<T> = naive.iter().map(|&[_, _, w]| w).collect();
            assert_eq!(bits(&w), bits(&naive), "{machine:?} {placement:?} n = {n}");
        }
    }
}

#[test]
fn adam_is_its_formula_to_the_bit_on_every_machine() {
    for placement in [EpsilonPlacement::Outside, EpsilonPlacement::Inside] {
        check_adam::<f32>(placement);
        check_adam::<f64>(placement);
    }
}

#[test]
fn adam_first_step_has_size_learning_rate() {
    let (epsilon, machine) = (1e-8, Machine::detect());
    let mut g = normals::<f64>(3, 50);
    g.extend([1e-30, -1e-9, 1e8]);
    for placement in [EpsilonPlacement::Outside, EpsilonPlacement::Inside] {
        let adam = adam::<f64>(epsilon, placement);
        let (mut m, mut v, mut w) = (g.clone(), g.clone(), vec![0.0; g.len()]);
        adam.step(machine, &g, &mut AdamState::new(&mut m, &mut v), &mut w).expect("valid");
        for (&w, &g) in w.iter().zip(&g) {
            let denominator = match placement {
                EpsilonPlacement::Outside => g.abs() + epsilon,
                EpsilonPlacement::Inside => (g * g + epsilon).sqrt(),
            };
            let expected = -adam.learning_rate * g / denominator;
            let error = (w - expected).abs();
            let allowed = bound::first_adam_step::<f64>() * expected.abs();
            assert!(error <= allowed, "g = {g:e}: {w:e} for {expected:e}");
        }
    }
}

#[test]
fn adam_does_not_see_the_scale_of_the_loss() {
    for k in [-40, 7, 60] {
        let run = |k: i32| {
            let adam = adam::<f64>(0.0, EpsilonPlacement::Outside);
            let (mut m, mut v, mut w) = (vec![0.0; 9], vec![0.0; 9], normals::<f64>(1, 9));
            let mut state = AdamState::new(&mut m, &mut v);
            for t in 0..20 {
                let g = scaled(&normals::<f64>(10 + t, 9), k);
                adam.step(Machine::detect(), &g, &mut state, &mut w).expect("valid");
            }
            bits(&w)
        };
        assert_eq!(run(k), run(0), "gradients times 2^{k}");
    }
}

#[test]
fn a_zero_gradient_is_a_fixed_point() {
    let (machine, zero, w0) = (Machine::detect(), vec![0.0; 21], normals::<f64>(1, 21));
    for epsilon in [0.0, 1e-8] {
        let (mut m, mut v, mut w) = (vec![0.0; 21], vec![0.0; 21], w0.clone());
        let mut state = AdamState::new(&mut m, &mut v);
        let adam = adam(epsilon, EpsilonPlacement::Outside);
        let report = adam.step(machine, &zero, &mut state, &mut w).expect("valid");
        assert_eq!(bits(&w), bits(&w0), "Adam with epsilon {epsilon}");
        assert_eq!(report.update_norm, 0.0, "nothing moved");
    }
    for momentum in momenta() {
        let sgd = Sgd { learning_rate: 0.1, momentum, weight_decay: 0.0 };
        let (mut v, mut w) = (vec![0.0; 21], w0.clone());
        sgd.step(machine, &zero, &mut SgdState { velocity: &mut v }, &mut w).expect("valid");
        assert_eq!(bits(&w), bits(&w0), "{momentum:?}");
    }
}

#[test]
fn steps_do_not_care_for_the_order_of_parameters() {
    let (machine, n) = (Machine::detect(), 37);
    let reversed = |x: &[f32]| -> Vec<f32> { x.iter().rev().copied().collect() };
    let (w, g) = (normals::<f32>(1, n), normals::<f32>(2, n));
    let sgd_step = |w: &[f32], g: &[f32]| {
        let sgd = Sgd { learning_rate: 0.3, momentum: Momentum::Nesterov(0.9), weight_decay: 0.1 };
        let (mut v, mut w) = (vec![0.0; n], w.to_vec());
        sgd.step(machine, g, &mut SgdState { velocity: &mut v }, &mut w).expect("valid");
        w
    };
    let adam_step = |w: &[f32], g: &[f32]| {
        let (mut m, mut v, mut w) = (vec![0.0; n], vec![0.0; n], w.to_vec());
        let adam = adam(1e-8, EpsilonPlacement::Inside);
        adam.step(machine, g, &mut AdamState::new(&mut m, &mut v), &mut w).expect("valid");
        w
    };
    let (w_back, g_back) = (reversed(&w), reversed(&g));
    assert_eq!(bits(&reversed(&sgd_step(&w_back, &g_back))), bits(&sgd_step(&w, &g)), "SGD");
    assert_eq!(bits(&reversed(&adam_step(&w_back, &g_back))), bits(&adam_step(&w, &g)), "Adam");
}

#[test]
fn reports_tell_the_norms_at_every_scale() {
    let (machine, n) = (Machine::detect(), 100);
    for k in [-900, -60, 0, 60, 900] {
        let g = scaled(&normals::<f64>(5, n), k);
        let mut w = vec![0.0; n];
        let sgd = Sgd { learning_rate: 0.5, momentum: Momentum::None, weight_decay: 0.0 };
        let mut state = SgdState { velocity: &mut [] };
        let report = sgd.step(machine, &g, &mut state, &mut w).expect("valid");
        let moved = vector::norm2(machine, &w);
        let allowed = bound::moved_norm::<f64>(n) * moved;
        assert!((report.update_norm - moved).abs() <= allowed, "{report:?}, moved {moved:e}");
        assert_eq!(report.gradient_norm, vector::norm2(machine, &g), "gradient times 2^{k}");
    }
}

#[test]
fn sam_moves_by_rho_and_restores_every_bit() {
    for machine in Machine::present() {
        for n in [1, 5, 64, 131] {
            let (g, w0) = (scaled(&normals::<f32>(1, n), 70), normals::<f32>(2, n));
            let (mut w, mut saved) = (vec![0.0; n], vec![0.0; n]);
            let sam = Sam { rho: 0.05_f32 };
            let perturbed = sam.perturb(machine, &g, &mut w, &mut saved).expect("valid");
            let length = f64::from(vector::norm2(machine, perturbed.params()));
            let rho = f64::from(sam.rho);
            assert!(
                (length - rho).abs() <= bound::moved_norm::<f32>(n) * rho,
                "{length} for {rho}"
            );
            perturbed.restore();

            w.copy_from_slice(&w0);
            let perturbed = sam.perturb(machine, &g, &mut w, &mut saved).expect("valid");
            assert_ne!(bits(perturbed.params()), bits(&w0), "it moved");
            perturbed.restore();
            assert_eq!(bits(&w), bits(&w0), "restored");
            drop(sam.perturb(machine, &g, &mut w, &mut saved).expect("valid"));
            assert_eq!(bits(&w), bits(&w0), "dropped");
        }
    }
}

#[test]
fn sam_without_radius_or_gradient_moves_nothing() {
    let (machine, w0) = (Machine::detect(), [-0.0, 1.0, f64::MIN_POSITIVE / 4.0]);
    for (rho, g) in [(0.0, [1.0, -2.0, 3.0]), (0.1, [0.0; 3])] {
        let (mut w, mut saved) = (w0, [0.0; 3]);
        let perturbed = Sam { rho }.perturb(machine, &g, &mut w, &mut saved).expect("valid");
        assert_eq!(bits(perturbed.params()), bits(&w0), "rho = {rho}");
    }
}

#[test]
fn sam_on_a_quadratic_ends_at_its_limit_cycle() {
    let (machine, curvatures, rho) = (Machine::detect(), [3.0, 1.0, 0.2], 0.05);
    for rate in [0.2, 0.4, 0.6] {
        let sgd = Sgd { learning_rate: rate, momentum: Momentum::None, weight_decay: 0.0 };
        let gradient = |w: &[f64]| [0, 1, 2].map(|i| curvatures[i] * w[i]);
        let (mut w, mut saved) = ([0.3, -0.2, 0.5], [0.0; 3]);
        for _ in 0..20_000 {
            let g = gradient(&w);
            let moved = Sam { rho }.perturb(machine, &g, &mut w, &mut saved).expect("valid");
            let there = gradient(moved.params());
            moved.restore();
            let mut state = SgdState { velocity: &mut [] };
            sgd.step(machine, &there, &mut state, &mut w).expect("valid");
        }
        let limit = rate * rho * 3.0 / (2.0 - rate * 3.0);
        let allowed = limit * bound::fixed_point((1.0 - rate * 3.0_f64).abs(), 1_000);
        assert!((w[0].abs() - limit).abs() <= allowed, "rate {rate}: {w:?} for {limit}");
        let rest = w[1].hypot(w[2]);
        assert!(rest <= allowed, "rate {rate}: not along v1, {rest:e}");
    }
}

#[test]
fn a_gradient_that_is_not_finite_changes_nothing() {
    let (machine, n) = (Machine::detect(), 37);
    for (place, bad) in [(0, f32::NAN), (17, f32::INFINITY), (36, f32::NEG_INFINITY)] {
        let mut g = normals::<f32>(1, n);
        g[place] = bad;
        let refusal = Error::NotFinite { argument: "gradient", index: place };
        let start = normals::<f32>(2, n);
        for momentum in momenta() {
            let (mut v, mut w) = (start.clone(), start.clone());
            let sgd = Sgd { learning_rate: 0.1, momentum, weight_decay: 0.0 };
            let done = sgd.step(machine, &g, &mut SgdState { velocity: &mut v }, &mut w);
            assert_eq!(done, Err(refusal), "{momentum:?}");
            assert_eq!([bits(&v), bits(&w)], [bits(&start), bits(&start)], "{momentum:?}");
        }
        let (mut m, mut v, mut w) = (start.clone(), start.clone(), start.clone());
        let mut state = AdamState {
            first: &mut m,
            second: &mut v,
            beta1_power: 0.5,
            beta2_power: 0.25,
            steps: 7,
        };
        let adam = adam(1e-8, EpsilonPlacement::Outside);
        assert_eq!(adam.step(machine, &g, &mut state, &mut w), Err(refusal), "Adam");
        g[place] = 1e30;
        let huge = adam.step(machine, &g, &mut state, &mut w);
        assert!(matches!(huge, Err(Error::Range { argument: "gradient", .. })), "{huge:?}");
        let counters = (state.beta1_power, state.beta2_power, state.steps);
        assert_eq!(counters, (0.5, 0.25, 7), "Adam's counters");
        for x in [&m, &v, &w] {
            assert_eq!(bits(x), bits(&start), "Adam");
        }
        g[place] = bad;
        let mut saved = start.clone();
        let moved = Sam { rho: 0.1 }.perturb(machine, &g, &mut w, &mut saved);
        assert_eq!(moved.map(|_| ()), Err(refusal), "SAM");
        assert_eq!(bits(&w), bits(&start), "SAM");
    }
}

#[test]
fn constants_and_lengths_are_checked_before_anything_changes() {
    let (machine, g) = (Machine::detect(), [1.0, 2.0]);
    let refused = |sgd: Sgd<f64>, velocity: usize| {
        let (mut v, mut w) = (vec![3.0; velocity], [5.0; 2]);
        let done = sgd.step(machine, &g, &mut SgdState { velocity: &mut v }, &mut w);
        assert!(w == [5.0; 2] && v.iter().all(|&v| v == 3.0), "{sgd:?} changed something");
        done.is_err()
    };
    let good = Sgd { learning_rate: 0.1, momentum: Momentum::None, weight_decay: 0.0 };
    for bad in [f64::NAN, -1.0, f64::INFINITY] {
        assert!(refused(Sgd { learning_rate: bad, ..good }, 0), "learning rate {bad}");
        assert!(refused(Sgd { weight_decay: bad, ..good }, 0), "weight decay {bad}");
        assert!(refused(Sgd { momentum: Momentum::Ema(bad), ..good }, 2), "beta {bad}");
        let (mut w, mut saved) = ([5.0; 2], [0.0; 2]);
        let moved = Sam { rho: bad }.perturb(machine, &g, &mut w, &mut saved).map(|_| ());
        assert!(matches!(moved, Err(Error::Range { argument: "rho", .. })), "rho {bad}");
        let adam = Adam { beta2: bad, ..adam(0.0, EpsilonPlacement::Inside) };
        let (mut m, mut v) = ([0.0; 2], [0.0; 2]);
        let done = adam.step(machine, &g, &mut AdamState::new(&mut m, &mut v), &mut w);
        assert!(matches!(done, Err(Error::Range { argument: "beta2", .. })), "{done:?}");
    }
    assert!(refused(Sgd { momentum: Momentum::Polyak(0.9), ..good }, 1), "short velocity");
    let short = good.step(machine, &g, &mut SgdState { velocity: &mut [] }, &mut [0.0; 3]);
    let expected = Error::Length { argument: "gradient", expected: 3, found: 2 };
    assert_eq!(short, Err(expected), "gradient of another length");
}
