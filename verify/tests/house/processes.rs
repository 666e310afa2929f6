//! Step machines as bytes: restored at any product into another machine they end as if never stopped.

use teeter::curvature::{CurvatureReport, ReportOptions, curvature_report_machine_scratch_len};
use teeter::krylov::{
    ConjugateGradient, Floor, Lanczos, LanczosRecurrence, Lobpcg, LobpcgOptions, LobpcgWants,
    LowMemoryLanczos, LowMemoryOptions, SharpnessTracker, SharpnessTrackerOptions, SolveOptions,
    SpectrumEnd, ThickRestart, ThickRestartOptions, Which, conjugate_gradient_machine_scratch_len,
    lanczos_recurrence_scratch_len, lanczos_scratch_len, lobpcg_machine_scratch_len,
    low_memory_machine_scratch_len, sharpness_tracker_scratch_len, thick_restart_scratch_len,
};
use teeter::random::Stream;
use teeter::state::Saved;
use teeter::trace::{
    DiagonalEstimator, DiagonalOptions, HutchPp, Hutchinson, HutchinsonOptions, NaHutchPp, Probe,
    RatioProduct, Slq, SlqOptions, TraceRatioOptions, TraceRatioSolve, XNysTrace, XTrace,
    diagonal_estimator_scratch_len, hutch_pp_machine_scratch_len, na_hutch_pp_machine_scratch_len,
    quadrature_scratch_len, slq_scratch_len, trace_ratio_solve_machine_scratch_len,
    xnystrace_estimate_scratch_len, xnystrace_machine_scratch_len, xtrace_estimate_scratch_len,
    xtrace_machine_scratch_len,
};
use teeter::{Error, Machine};
use teeter_verify::input::matrix;
use teeter_verify::oracle::naive;

const N: usize = 14;

/// A positive definite matrix with a few large eigenvalues.
fn a() -> Vec<f64> {
    let spectrum: Vec<f64> = (0..N).map(|i| 0.5 + 9.0 * 0.6_f64.powi(i as i32)).collect();
    matrix::with_spectrum_mixed(&spectrum, 4)
}

/// Another one.
fn g() -> Vec<f64> {
    let spectrum: Vec<f64> = (0..N).map(|i| 1.0 + i as f64 / 3.0).collect();
    matrix::with_spectrum_mixed(&spectrum, 9)
}

/// A start for each seed.
fn start(seed: u64) -> Vec<f64> {
    (0..N).map(|i| 1.0 + ((i as u64 * 7 + seed * 3) % 5) as f64).collect()
}

fn saved(state: &mut impl Saved<f64>) -> Vec<u8> {
    let mut bytes = vec![0; state.saved_len()];
    state.save(&mut bytes).expect("enough room");
    bytes
}

/// `new` in memory lent, from one of two seeds; a step of it, false when there is none; what it tells.
///
/// Uninterrupted, and moved at every step through bytes into one that was started otherwise: the same bytes and the same
/// answer in the end.
macro_rules! resumes {
    ($len:expr, |$memory:ident, $seed:ident| $new:expr, $step:expr, $tell:expr) => {{
        let (len, step, tell) = ($len, &mut $step, &mut $tell);
        let mut lent = vec![0.0; len];
        let ($memory, $seed) = (&mut lent[..], 1_u64);
        let mut plain = $new.expect("arguments that fit");
        let mut steps = 0;
        while step(&mut plain) {
            steps += 1;
        }
        assert!(steps > 2, "a process worth interrupting");
        let (bytes, told) = (saved(&mut plain), format!("{:?}", tell(&mut plain)));
        for at in 0..=steps {
            let mut lent = vec![0.0; len];
            let ($memory, $seed) = (&mut lent[..], 1_u64);
            let mut first = $new.expect("arguments that fit");
            for _ in 0..at {
                assert!(step(&mut first), "as many steps as before");
            }
            let moved = saved(&mut first);
            let mut elsewhere = vec![0.0; len];
            let ($memory, $seed) = (&mut elsewhere[..], 2_u64);
            let mut second = $new.expect("arguments that fit");
            second.restore(&moved).expect("whole");
            assert!(saved(&mut second) == moved, "what was restored at {at}");
            while step(&mut second) {}
            assert!(saved(&mut second) == bytes, "the state after a move at {at}");
            assert_eq!(format!("{:?}", tell(&mut second)), told, "after a move at {at}");
        }
    }};
}

/// One product with A, for processes that want vectors.
macro_rules! step {
    ($type:ty, $a:expr) => {
        |process: &mut $type| {
            let Some(product) = process.wants().map(|q| naive::apply(&$a, q)) else {
                return false;
            };
            process.push(&product).expect("a product");
            true
        }
    };
}

#[test]
fn lanczos_processes_resume_from_bytes() {
    let (machine, a) = (Machine::detect(), a());
    resumes!(
        lanczos_scratch_len(N, 9),
        |memory, seed| Lanczos::new(machine, &start(seed), 9, memory),
        step!(Lanczos<'_, f64>, a),
        |p: &mut Lanczos<'_, f64>| (p.diagonal().to_vec(), p.norm_estimate(), p.is_invariant())
    );
    resumes!(
        lanczos_recurrence_scratch_len(N, 9),
        |memory, seed| LanczosRecurrence::new(machine, &start(seed), 9, memory),
        step!(LanczosRecurrence<'_, f64>, a),
        |p: &mut LanczosRecurrence<'_, f64>| (p.jacobi().diagonal.to_vec(), p.is_closed())
    );
}

#[test]
fn a_low_memory_process_resumes_from_bytes() {
    let (machine, a, from) = (Machine::detect(), a(), start(1));
    let options =
        |seed| LowMemoryOptions { which: ends(seed), steps_max: 8, tolerance: 1e-3 / seed as f64 };
    let own = low_memory_machine_scratch_len(N, 8);
    resumes!(
        own + N,
        |memory, seed| {
            let (vector, scratch) = memory.split_at_mut(N);
            LowMemoryLanczos::new(machine, &options(seed), &from, vector, scratch)
        },
        step!(LowMemoryLanczos<'_, f64>, a),
        |p: &mut LowMemoryLanczos<'_, f64>| p.pair()
    );
}

/// Options that differ with the seed, so that forgetting one shows.
fn ends(seed: u64) -> Which {
    if seed == 1 { Which::LargestAlgebraic } else { Which::BothEnds }
}

#[test]
fn searches_resume_from_bytes() {
    let (machine, a) = (Machine::detect(), a());
    let options = |seed| ThickRestartOptions {
        count: 2,
        limit: if seed == 1 { Some(1.0) } else { None },
        which: ends(seed),
        krylov_dim: 6,
        block: 1,
        tolerance: 1e-9 / seed as f64,
        checked: 2,
        product_max: 60 + seed as usize,
        seed,
    };
    resumes!(
        thick_restart_scratch_len(N, 6),
        |memory, seed| ThickRestart::new(machine, N, &options(seed), &[], memory),
        step!(ThickRestart<'_, f64>, a),
        |p: &mut ThickRestart<'_, f64>| (p.pair(0), p.pair(1), p.completeness(), p.restarts())
    );
    let end = |seed| if seed == 1 { SpectrumEnd::Smallest } else { SpectrumEnd::Largest };
    let options = |seed| LobpcgOptions {
        end: end(seed),
        count: 2,
        starts: 0,
        tolerance: 1e-9 / seed as f64,
        product_max: 60 + seed as usize,
        seed,
    };
    resumes!(
        lobpcg_machine_scratch_len(N, 2),
        |memory, seed| Lobpcg::new(machine, N, &options(seed), &[], memory),
        |process: &mut Lobpcg<'_, f64>| {
            let answer = match process.wants() {
                None => return false,
                Some(LobpcgWants::Product(x)) => naive::apply(&a, x),
                Some(LobpcgWants::Preconditioned(x)) => {
                    x.iter().enumerate().map(|(i, x)| x / a[i * N + i]).collect()
                }
            };
            process.push(&answer).expect("an answer");
            true
        },
        |p: &mut Lobpcg<'_, f64>| (p.pair(0), p.pair(1), p.rounds())
    );
}

#[test]
fn a_tracker_resumes_from_bytes() {
    let (machine, a) = (Machine::detect(), a());
    let options = |seed| SharpnessTrackerOptions {
        dim_max: 5,
        products_per_step: 1 + seed as usize,
        limit: if seed == 1 { Some(3.0) } else { None },
        seed,
    };
    resumes!(
        sharpness_tracker_scratch_len(N, 5),
        |memory, seed| SharpnessTracker::new(machine, N, &options(seed), &[], memory),
        |process: &mut SharpnessTracker<'_, f64>| {
            if process.estimate().products == 16 {
                return false;
            }
            if process.wants().is_none() {
                process.advance().expect("a step");
            }
            let product = naive::apply(&a, process.wants().expect("a vector"));
            process.push(&product).expect("a product");
            true
        },
        |p: &mut SharpnessTracker<'_, f64>| p.estimate()
    );
}

#[test]
fn solves_resume_from_bytes() {
    let (machine, a, g) = (Machine::detect(), a(), g());
    let solve = |seed: u64| SolveOptions {
        tolerance: 1e-7 / seed as f64,
        product_max: 40 + seed as usize,
        floor: 0.5 / seed as f64,
        preconditioner: None,
    };
    let side = |seed: u64| -> Vec<f64> { start(seed).iter().map(|x| x * 1e-9).collect() };
    resumes!(
        conjugate_gradient_machine_scratch_len(N),
        |memory, seed| ConjugateGradient::new(machine, &side(seed), &solve(seed), memory),
        step!(ConjugateGradient<'_, f64>, a),
        |p: &mut ConjugateGradient<'_, f64>| {
            let mut x = [0.0; N];
            (p.solution_into(&mut x), x, p.estimate())
        }
    );
    let options = |seed: u64| TraceRatioOptions {
        probe: if seed == 1 { Probe::Gaussian } else { Probe::Rademacher },
        probes: 2 + seed as usize,
        confidence: 0.9,
        stream: Stream::new(seed, seed),
        solve: solve(seed),
    };
    resumes!(
        trace_ratio_solve_machine_scratch_len(N),
        |memory, seed| TraceRatioSolve::new(machine, N, &options(seed), memory),
        |process: &mut TraceRatioSolve<'_, f64>| {
            let product = match process.wants() {
                None => return false,
                Some(RatioProduct::Hessian(x)) => naive::apply(&a, x),
                Some(RatioProduct::Metric(x)) => naive::apply(&g, x),
            };
            process.push(&product).expect("a product");
            true
        },
        |p: &mut TraceRatioSolve<'_, f64>| p.estimate(0.9)
    );
}

/// Draws that differ with the seed.
fn draws(seed: u64, products: usize) -> HutchinsonOptions<f64> {
    let probe = if seed == 1 { Probe::Gaussian } else { Probe::Rademacher };
    HutchinsonOptions { probe, products, confidence: 0.9, stream: Stream::new(seed, 5 + seed) }
}

#[test]
fn traces_resume_from_bytes() {
    let (machine, a) = (Machine::detect(), a());
    // It lends itself the probe: no memory of its own.
    resumes!(
        0,
        |memory, seed| {
            assert!(memory.is_empty(), "nothing is lent");
            let HutchinsonOptions { stream, probe, .. } = draws(seed, 7);
            Ok::<_, Error>(Hutchinson::<f64>::new(stream, probe))
        },
        |process: &mut Hutchinson<f64>| {
            let mut z = [0.0; N];
            process.probe_into(&mut z);
            if process.products() < 7 {
                process.push(machine, &z, &naive::apply(&a, &z)).expect("a product");
                return true;
            }
            false
        },
        |p: &mut Hutchinson<f64>| p.estimate(0.9)
    );
    for products in [9, 40] {
        resumes!(
            hutch_pp_machine_scratch_len(N, products),
            |memory, seed| HutchPp::new(machine, N, &draws(seed, products), memory),
            step!(HutchPp<'_, f64>, a),
            |p: &mut HutchPp<'_, f64>| (p.estimate(0.9), p.rank())
        );
        resumes!(
            na_hutch_pp_machine_scratch_len(N, products),
            |memory, seed| NaHutchPp::new(machine, N, &draws(seed, products), memory),
            step!(NaHutchPp<'_, f64>, a),
            |p: &mut NaHutchPp<'_, f64>| p.estimate(0.9)
        );
        let mut small = vec![0.0; xtrace_estimate_scratch_len(N, products)];
        resumes!(
            xtrace_machine_scratch_len(N, products),
            |memory, seed| XTrace::new(machine, N, &draws(seed, products), memory),
            step!(XTrace<'_, f64>, a),
            |p: &mut XTrace<'_, f64>| (p.estimate(0.9, &mut small), p.rank())
        );
        let mut small = vec![0.0; xnystrace_estimate_scratch_len(N, products)];
        resumes!(
            xnystrace_machine_scratch_len(N, products),
            |memory, seed| XNysTrace::deflated(machine, N, &draws(seed, products), 4, memory),
            step!(XNysTrace<'_, f64>, a),
            |p: &mut XNysTrace<'_, f64>| (p.estimate(0.9, &mut small), p.rank())
        );
        let options = |seed| DiagonalOptions { products, stream: Stream::new(seed, 1) };
        resumes!(
            diagonal_estimator_scratch_len(N),
            |memory, seed| DiagonalEstimator::new(machine, N, options(seed), memory),
            step!(DiagonalEstimator<'_, f64>, a),
            |p: &mut DiagonalEstimator<'_, f64>| {
                let mut errors = [0.0; N];
                (p.standard_errors_into(&mut errors), errors, p.diagonal().to_vec())
            }
        );
    }
}

#[test]
fn quadratures_and_reports_resume_from_bytes() {
    let (machine, a) = (Machine::detect(), a());
    let options = |seed: u64| SlqOptions {
        probe: draws(seed, 1).probe,
        probes: 3,
        steps: 4,
        stream: Stream::new(seed, 2),
    };
    let mut small = vec![0.0; quadrature_scratch_len(4)];
    resumes!(
        slq_scratch_len(N, 3, 4),
        |memory, seed| Slq::new(machine, N, &options(seed), memory),
        step!(Slq<'_, f64>, a),
        |p: &mut Slq<'_, f64>| (p.estimate_of(|x| x * x, 0.9, &mut small), p.products())
    );
    let options = |seed: u64| ReportOptions {
        quadrature: options(seed),
        confidence: 0.9 + 0.01 * seed as f64,
        floor: if seed == 1 { Floor::AtLeast(0.25) } else { Floor::Unknown },
    };
    let damping = teeter::curvature::Damping::OfLargest(0.1);
    resumes!(
        curvature_report_machine_scratch_len(N, 3, 4),
        |memory, seed| CurvatureReport::new(machine, N, &options(seed), memory),
        step!(CurvatureReport<'_, f64>, a),
        |p: &mut CurvatureReport<'_, f64>| p.summary(damping, &mut small)
    );
}

/// Memory of the same length, but for other sizes: refused, and nothing is changed. So is a place in a list that is none.
#[test]
fn another_size_is_refused() {
    let machine = Machine::detect();
    let mut lent = [0.0; 64];
    let mut process = Lanczos::new(machine, &[1.0; 4], 5, &mut lent).expect("fits");
    let bytes = saved(&mut process);
    let mut lent = [0.0; 64];
    let mut other = Lanczos::new(machine, &[1.0; 6], 3, &mut lent).expect("fits");
    let before = saved(&mut other);
    let refused = Err(Error::Saved { part: "size", expected: 6, found: 4 });
    assert_eq!(other.restore(&bytes), refused, "n = 4 for n = 6");
    assert!(saved(&mut other) == before, "untouched");
    let mut lent = [0.0; 64];
    let mut quadrature = LanczosRecurrence::new(machine, &[1.0; 4], 5, &mut lent).expect("fits");
    let kind = quadrature.restore(&bytes);
    assert!(matches!(kind, Err(Error::Saved { part: "kind", .. })), "{kind:?}");

    // The flag behind two sizes and a count, set to 2, with a checksum that is right for it.
    let mut forged = bytes.clone();
    forged[16 + 3 * 8] = 2;
    let body = forged.len() - 4;
    let sum = crc32(&forged[..body]).to_le_bytes();
    forged[body..].copy_from_slice(&sum);
    let mut lent = [0.0; 64];
    let mut same = Lanczos::new(machine, &[1.0; 4], 5, &mut lent).expect("fits");
    let refused = Err(Error::Saved { part: "place in a list", expected: 1, found: 2 });
    assert_eq!(same.restore(&forged), refused, "a flag of 2");
}

/// By the definition: the remainder of the reflected polynomial division.
fn crc32(bytes: &[u8]) -> u32 {
    let mut sum = u32::MAX;
    for byte in bytes {
        for bit in 0..8 {
            let carry = (sum ^ u32::from(byte >> bit)) & 1;
            sum = (sum >> 1) ^ (0xEDB8_8320 * carry);
        }
    }
    !sum
}
