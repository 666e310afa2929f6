//! SAM's kin: where they move, what they keep orthogonal, and that a radius of 0 is no SAM at all.

use teeter::optim::{
    Adam, AdamState, Asam, Gsam, LookSam, LookSamState, Momentum, Perturbed, Sam, Sgd, SgdState,
    UnnormalizedSam,
};
use teeter::random::{Stream, normals_into};
use teeter::{Error, Float, Machine};
use teeter_verify::bound::optim as bound;
use teeter_verify::property::optim_steps;

fn normals<T: Float>(stream: u64, n: usize) -> Vec<T> {
    let mut x = vec![T::ZERO; n];
    normals_into(Stream::new(2026, stream), &mut x);
    x
}

fn bits<T: Float>(x: &[T]) -> Vec<u64> {
    x.iter().map(|value| value.to_bits_u64()).collect()
}

fn dot<T: Float>(x: &[T], y: &[T]) -> f64 {
    x.iter().zip(y).map(|(x, y)| x.to_f64() * y.to_f64()).sum()
}

const LENGTHS: [usize; 9] = [0, 1, 2, 5, 16, 17, 33, 64, 131];

fn check_moves<T: Float>() {
    let (rho, eta) = (T::from_f64(0.05), T::from_f64(0.25));
    for machine in Machine::present() {
        for n in LENGTHS {
            let (g, start) = (normals::<T>(1, n), normals::<T>(2, n));
            let (mut w, mut saved) = (start.clone(), vec![T::NAN; n]);
            let sam = UnnormalizedSam { rho };
            let moved = sam.perturb(machine, &g, &mut w, &mut saved).expect("valid");
            let right: Vec<T> = start.iter().zip(&g).map(|(&w, &g)| w + rho * g).collect();
            assert_eq!(bits(moved.params()), bits(&right), "{machine:?} n = {n}: w + ρg");
            moved.restore();
            assert_eq!(bits(&w), bits(&start), "{machine:?} n = {n}: restored");

            let moved = Asam { rho, eta }.perturb(machine, &g, &mut w, &mut saved).expect("valid");
            let scaled: Vec<T> = start.iter().zip(&g).map(|(&w, &g)| (w.abs() + eta) * g).collect();
            let norm = teeter::vector::norm2(machine, &scaled);
            let right: Vec<T> = (start.iter().zip(&scaled))
                .map(|(&w, &scaled)| w + rho * ((w.abs() + eta) * (scaled / norm)))
                .collect();
            assert_eq!(bits(moved.params()), bits(&right), "{machine:?} n = {n}: ASAM");
            drop(moved);
            assert_eq!(bits(&w), bits(&start), "{machine:?} n = {n}: restored by dropping");
        }
    }
}

#[test]
fn kin_of_sam_move_as_their_formulas_and_restore_every_bit() {
    check_moves::<f32>();
    check_moves::<f64>();
}

/// w → Dw takes g to D⁻¹g and the move to D times itself: oracle 10.
#[test]
fn asam_moves_with_the_scale_of_each_weight() {
    let (machine, n, rho) = (Machine::detect(), 37, 0.5);
    let (g, w) = (normals::<f64>(3, n), normals::<f64>(4, n));
    let scale: Vec<f64> = (0..n as i32).map(|i| 2.0_f64.powi(i % 9 - 4)).collect();
    let there_w: Vec<f64> = w.iter().zip(&scale).map(|(w, s)| w * s).collect();
    let there_g: Vec<f64> = g.iter().zip(&scale).map(|(g, s)| g / s).collect();
    let moved = |asam: Asam<f64>, g: &[f64], w: &[f64]| {
        let (mut w, mut saved) = (w.to_vec(), vec![0.0; n]);
        let moved = asam.perturb(machine, g, &mut w, &mut saved).expect("valid");
        moved.params().to_vec()
    };
    let asam = Asam { rho, eta: 0.0 };
    let here = moved(asam, &g, &w);
    let scaled: Vec<f64> = here.iter().zip(&scale).map(|(w, s)| w * s).collect();
    assert_eq!(bits(&moved(asam, &there_g, &there_w)), bits(&scaled), "covariance");

    // ‖(move)/|w|‖ = ρ; reading the move off the parameters costs a rounding of each.
    let length = here.iter().zip(&w).map(|(m, w)| ((m - w) / w).powi(2)).sum::<f64>().sqrt();
    let allowed = bound::adaptive_move(n, rho);
    assert!((length - rho).abs() <= allowed, "{length} for {rho}");

    // What breaks it: η.
    let asam = Asam { rho, eta: 0.25 };
    let (here, there) = (moved(asam, &g, &w), moved(asam, &there_g, &there_w));
    let change = here.iter().zip(&scale).zip(&there).map(|((w, s), t)| (w * s - t).abs());
    let change = change.fold(0.0, f64::max);
    assert!(change > bound::CHANGED, "with η it is covariant within {change}");
}

/// A step of descent on ½Σλᵢwᵢ² with the gradient at w + ρg.
#[test]
fn unnormalized_sam_has_the_edge_of_its_formula() {
    let (machine, rate, rho) = (Machine::detect(), 0.125, 0.5);
    let edge = ((1.0_f64 + 8.0 * rho / rate).sqrt() - 1.0) / (2.0 * rho);
    for (part, stable) in [(0.99, true), (1.01, false)] {
        let curvature = [part * edge, 0.3 * edge];
        let gradient = |w: &[f64]| [curvature[0] * w[0], curvature[1] * w[1]];
        let sgd = Sgd { learning_rate: rate, momentum: Momentum::None, weight_decay: 0.0 };
        let (mut w, mut saved) = ([1.0; 2], [0.0; 2]);
        for _ in 0..bound::TURNS {
            let g = gradient(&w);
            let sam = UnnormalizedSam { rho };
            let moved = sam.perturb(machine, &g, &mut w, &mut saved).expect("valid");
            let there = gradient(moved.params());
            moved.restore();
            sgd.step(machine, &there, &mut SgdState { velocity: &mut [] }, &mut w).expect("valid");
            if w[0].abs() > 1.0 / bound::AT_REST {
                break;
            }
        }
        let (left, rest) = (w[0].abs(), bound::AT_REST);
        assert!(if stable { left <= rest } else { left >= 1.0 / rest }, "{part}: {left:e}");
    }
}

fn check_gsam<T: Float>() {
    for machine in Machine::present() {
        for (n, k) in [(1, 0), (5, 0), (64, 40), (131, -50)] {
            let scaled = |x: Vec<T>| x.iter().map(|x| x.scale_by_power(k)).collect::<Vec<T>>();
            let (g, p) = (scaled(normals(5, n)), scaled(normals(6, n)));
            let alpha = T::from_f64(0.4);
            let mut out = p.clone();
            Gsam { alpha }.combine(machine, &g, &mut out).expect("valid");
            // What was taken away, over α: orthogonal to gₚ, and g less its share.
            let away: Vec<f64> =
                p.iter().zip(&out).map(|(p, o)| (p.to_f64() - o.to_f64()) / 0.4).collect();
            let along = away.iter().zip(&p).map(|(a, p)| a * p.to_f64()).sum::<f64>().abs();
            let sizes = [dot(&g, &g).sqrt(), dot(&p, &p).sqrt()];
            let allowed = bound::orthogonal::<T>(n, sizes, 0.4);
            assert!(along <= allowed, "{machine:?} n = {n}: {along:e} of {allowed:e}");
            let share = dot(&g, &p) / dot(&p, &p);
            for ((a, g), p) in away.iter().zip(&g).zip(&p) {
                let right = g.to_f64() - share * p.to_f64();
                assert!((a - right).abs() * sizes[1] <= allowed, "{a} for {right}");
            }
            // Pythagoras, from the parts.
            let whole = dot(&out, &out);
            let parts = dot(&p, &p) + 0.16 * away.iter().map(|a| a * a).sum::<f64>();
            assert!((whole - parts).abs() <= 2.0 * allowed, "{whole:e} for {parts:e}");
        }
    }
}

#[test]
fn gsam_takes_away_what_is_orthogonal() {
    check_gsam::<f32>();
    check_gsam::<f64>();
    let machine = Machine::detect();
    let (g, p) = (normals::<f64>(5, 9), normals::<f64>(6, 9));
    let mut out = p.clone();
    Gsam { alpha: 0.0 }.combine(machine, &g, &mut out).expect("valid");
    assert_eq!(bits(&out), bits(&p), "α = 0");
    let mut none = vec![0.0; 9];
    Gsam { alpha: 0.5 }.combine(machine, &g, &mut none).expect("valid");
    assert_eq!(bits(&none), bits(&[0.0; 9]), "gₚ = 0");
    for (bad, index) in [(f64::NAN, 3), (f64::INFINITY, 8)] {
        let mut wrong = p.clone();
        wrong[index] = bad;
        let before = bits(&wrong);
        let refusal = Err(Error::NotFinite { argument: "perturbed", index });
        assert_eq!(Gsam { alpha: 0.5 }.combine(machine, &g, &mut wrong), refusal, "{bad} there");
        assert_eq!(bits(&wrong), before, "untouched");
        let mut out = p.clone();
        let refusal = Err(Error::NotFinite { argument: "gradient", index });
        assert_eq!(Gsam { alpha: 0.5 }.combine(machine, &wrong, &mut out), refusal, "{bad} here");
        assert_eq!(bits(&out), bits(&p), "untouched");
        let alpha = Gsam { alpha: bad }.combine(machine, &g, &mut out);
        assert!(matches!(alpha, Err(Error::Range { argument: "alpha", .. })), "{alpha:?}");
    }
}

#[test]
fn looksam_keeps_what_is_orthogonal_and_adds_it_at_its_length() {
    for machine in Machine::present() {
        for n in [2, 17, 131] {
            let rule = LookSam { interval: 3, alpha: 0.7 };
            let (g, p) = (normals::<f64>(7, n), normals::<f64>(8, n));
            let mut sideways = vec![9.0; n];
            let mut state = LookSamState::new(&mut sideways);
            let early = rule.reuse(machine, &mut state, &mut g.clone());
            assert_eq!(early, Err(Error::State { expected: "keep" }), "first");
            rule.keep(machine, &g, &p, &mut state).expect("valid");
            let again = rule.keep(machine, &g, &p, &mut state);
            assert_eq!(again, Err(Error::State { expected: "reuse" }), "second");
            let sizes = [dot(&p, &p).sqrt(), dot(&g, &g).sqrt()];
            let along = dot(state.sideways, &g).abs();
            let allowed = bound::orthogonal::<f64>(n, sizes, 1.0);
            assert!(along <= allowed, "n = {n}: {along:e} of {allowed:e}");

            // Two steps of it, then SAM's again.
            for turn in 0..2 {
                let fresh = normals::<f64>(20 + turn, n);
                let mut out = fresh.clone();
                rule.reuse(machine, &mut state, &mut out).expect("valid");
                let more: Vec<f64> = out.iter().zip(&fresh).map(|(o, f)| o - f).collect();
                let (length, size) = (dot(&more, &more).sqrt(), dot(&fresh, &fresh).sqrt());
                let allowed = bound::adaptive_move(n, 0.7) * size;
                assert!((length - 0.7 * size).abs() <= allowed, "{length} for 0.7·{size}");
                let with = dot(&more, state.sideways) / dot(state.sideways, state.sideways).sqrt();
                assert!((with - length).abs() <= allowed, "along what was kept");
            }
            assert!(rule.is_due(&state) && state.steps == 3, "every third");
        }
    }
    let never = LookSam { interval: 0, alpha: 0.7 };
    let done = never.keep(Machine::detect(), &[1.0], &[1.0], &mut LookSamState::new(&mut [0.0]));
    assert!(matches!(done, Err(Error::Range { argument: "interval", .. })), "{done:?}");
}

/// Moves parameters with the memory lent, and gives the gradient to step with.
type Kin<'a> = dyn FnMut(&mut Vec<f64>, &mut Vec<f64>) -> Vec<f64> + 'a;

/// Where SAM's kin lead with a radius of 0, from the same start on ½Σcᵢwᵢ².
fn trained(kin: &mut Kin<'_>) -> Vec<u64> {
    let (machine, n) = (Machine::detect(), 23);
    let adam = Adam { weight_decay: 0.0625, ..optim_steps::adam::<f64>() };
    let (mut first, mut second) = (vec![0.0; n], vec![0.0; n]);
    let mut state = AdamState::new(&mut first, &mut second);
    let (mut w, mut saved) = (normals::<f64>(9, n), vec![f64::NAN; n]);
    for _ in 0..40 {
        let g = kin(&mut w, &mut saved);
        adam.step(machine, &g, &mut state, &mut w).expect("valid");
    }
    bits(&w)
}

#[test]
fn without_radius_all_kin_are_the_base_optimizer_to_the_bit() {
    let machine = Machine::detect();
    let curvature = normals::<f64>(10, 23);
    let gradient =
        |w: &[f64]| -> Vec<f64> { curvature.iter().zip(w).map(|(c, w)| c * w).collect() };
    let there = |moved: Result<Perturbed<'_, f64>, Error>| gradient(moved.expect("valid").params());
    let base = trained(&mut |w, _| gradient(w));
    let rho = 0.0;
    let sam = trained(&mut |w, saved| there(Sam { rho }.perturb(machine, &gradient(w), w, saved)));
    assert_eq!(sam, base, "SAM");
    let unnormalized = trained(&mut |w, saved| {
        there(UnnormalizedSam { rho }.perturb(machine, &gradient(w), w, saved))
    });
    assert_eq!(unnormalized, base, "un-normalized SAM");
    let asam = trained(&mut |w, saved| {
        there(Asam { rho, eta: 0.0 }.perturb(machine, &gradient(w), w, saved))
    });
    assert_eq!(asam, base, "ASAM");
    let gsam = trained(&mut |w, saved| {
        let here = gradient(w);
        let mut g = there(Sam { rho }.perturb(machine, &here, w, saved));
        Gsam { alpha: 0.4 }.combine(machine, &here, &mut g).expect("valid");
        g
    });
    assert_eq!(gsam, base, "GSAM");
    let mut sideways = vec![0.0; 23];
    let mut state = LookSamState::new(&mut sideways);
    let rule = LookSam { interval: 5, alpha: 0.7 };
    let look_sam = trained(&mut |w, saved| {
        let mut here = gradient(w);
        if !rule.is_due(&state) {
            rule.reuse(machine, &mut state, &mut here).expect("valid");
            return here;
        }
        let g = there(Sam { rho }.perturb(machine, &here, w, saved));
        rule.keep(machine, &here, &g, &mut state).expect("valid");
        g
    });
    assert_eq!(look_sam, base, "LookSAM");
    let some =
        trained(&mut |w, saved| there(Sam { rho: 0.05 }.perturb(machine, &gradient(w), w, saved)));
    assert_ne!(some, base, "a radius is seen");
}

#[test]
fn kin_of_sam_move_nothing_without_gradient_and_refuse_what_is_not_finite() {
    let (machine, start) = (Machine::detect(), [-0.0, 1.0, f64::MIN_POSITIVE / 4.0]);
    let (zero, mut saved) = ([0.0; 3], [0.0; 3]);
    for (rho, g) in [(0.0, [1.0, -2.0, 3.0]), (0.1, zero)] {
        let mut w = start;
        let moved = Asam { rho, eta: 0.0 }.perturb(machine, &g, &mut w, &mut saved).expect("valid");
        assert_eq!(bits(moved.params()), bits(&start), "ASAM, rho = {rho}");
        drop(moved);
        assert_eq!(bits(&w), bits(&start), "ASAM, rho = {rho}");
    }
    let mut w = start;
    let moved = UnnormalizedSam { rho: 0.0 }.perturb(machine, &[1.0; 3], &mut w, &mut saved);
    assert_eq!(bits(moved.expect("valid").params()), bits(&start), "un-normalized");
    for bad in [f64::NAN, f64::INFINITY, -1.0] {
        let range = |done: Result<(), Error>, name: &str| {
            let named = matches!(done, Err(Error::Range { argument, .. }) if argument == name);
            assert!(named, "{done:?}");
        };
        let g = [1.0; 3];
        let asam = Asam { rho: bad, eta: 0.0 };
        range(asam.perturb(machine, &g, &mut w, &mut saved).map(|_| ()), "rho");
        let asam = Asam { rho: 0.1, eta: bad };
        range(asam.perturb(machine, &g, &mut w, &mut saved).map(|_| ()), "eta");
        let sam = UnnormalizedSam { rho: bad };
        range(sam.perturb(machine, &g, &mut w, &mut saved).map(|_| ()), "rho");
        assert_eq!(bits(&w), bits(&start), "untouched");
    }
    let g = [1.0, f64::NAN, 1.0];
    let refusal = Err(Error::NotFinite { argument: "gradient", index: 1 });
    let asam = Asam { rho: 0.1, eta: 0.0 };
    assert_eq!(asam.perturb(machine, &g, &mut w, &mut saved).map(|_| ()), refusal, "ASAM");
    let sam = UnnormalizedSam { rho: 0.1 };
    assert_eq!(sam.perturb(machine, &g, &mut w, &mut saved).map(|_| ()), refusal, "un-normalized");
    let mut broken = [1.0, 2.0, f64::INFINITY];
    let refusal = Err(Error::NotFinite { argument: "params", index: 2 });
    let moved = asam.perturb(machine, &[1.0; 3], &mut broken, &mut saved).map(|_| ());
    assert_eq!((moved, broken), (refusal, [1.0, 2.0, f64::INFINITY]), "weights");
}
