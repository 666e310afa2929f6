//! Layer `trace`: quadrature, and what is read off it.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails, in helpers too")]

use teeter::operator::Diagonal;
use teeter::trace::{
    Probe, SlqEstimate, SlqOptions, SpectralFunction, SpectrumBounds, SpectrumEnds, TraceEstimate,
    quadrature_scratch_len, stochastic_lanczos_quadrature,
    stochastic_lanczos_quadrature_scratch_len,
};
use teeter::{Float, Machine};
use teeter_verify::bound::{self, quadrature as own};
use teeter_verify::input::matrix;
use teeter_verify::input::quadrature::{known, options, with};
use teeter_verify::oracle::naive;
use teeter_verify::property::coverage::spectra;
use teeter_verify::property::{assert_all, quadrature as properties};
use teeter_verify::subject::Teeter;

#[test]
fn properties_hold() {
    for machine in Machine::present() {
        assert_all(&properties::all::<f64>(&Teeter(machine)));
        assert_all(&properties::all::<f32>(&Teeter(machine)));
    }
}

/// A on positive spectra; f as a network's curvature is asked about.
type Question = (SpectralFunction<f64>, fn(f64) -> f64);

fn questions() -> [Question; 4] {
    [
        (SpectralFunction::Log { shift: 0.1 }, |x| (x + 0.1).ln()),
        (SpectralFunction::Share { shift: 0.1 }, |x| x / (x + 0.1)),
        (SpectralFunction::ShareMagnitude { shift: 0.1 }, |x| x.abs() / (x.abs() + 0.1)),
        (SpectralFunction::Square, |x| x * x),
    ]
}

/// Intervals at 95 % hold Tr f(A) at least as often as they may, on five spectra, 8 probes of 12 steps.
#[test]
fn intervals_hold_the_traces_of_functions() {
    const SEEDS: u64 = 1000;
    let n = 100;
    let [low, _] = bound::trace::coverage(0.95);
    for (number, (name, values)) in spectra(n).into_iter().enumerate() {
        let a = matrix::with_spectrum_mixed(&values, 71 + number as u64);
        let mut covered = [0_u32; 4];
        let floor = if name == "indefinite" { -1.0 } else { 0.0 };
        for seed in 0..SEEDS {
            with(Machine::detect(), &a, &options(8, 12, seed), |slq, small| {
                for ((function, f), covered) in questions().into_iter().zip(&mut covered) {
                    // A logarithm has no meaning there, and a corner no bracket.
                    if name == "indefinite" && function != SpectralFunction::Square {
                        *covered += 1;
                        continue;
                    }
                    let truth: f64 = values.iter().map(|&x| f(x)).sum();
                    let e = slq.estimate(function, known(floor), 0.95, small).unwrap().trace;
                    *covered += u32::from(e.lower <= truth && truth <= e.upper);
                }
            });
        }
        let shares = covered.map(|count| f64::from(count) / SEEDS as f64);
        assert!(shares.iter().all(|&share| share >= low), "{name}: {shares:?}");
    }
}

/// The sums by which these agree with Hutchinson's: value, error and the interval from Tr A itself.
#[test]
fn identity_function_gives_the_trace_of_hutchinson() {
    let (n, probes) = (20, 6);
    let a = matrix::whole_symmetric(n, 5);
    let size = naive::frobenius(&a);
    let asked = options(probes, 3, 1);
    let e = with(Machine::detect(), &a, &asked, |slq, small| slq.estimate_of(|x| x, 0.9, small));
    let e = e.unwrap();
    let mut mean = 0.0;
    for j in 0..probes {
        let mut z = vec![f64::NAN; n];
        teeter::random::signs_into(asked.stream.child(j as u64), &mut z);
        mean += naive::dot(&z, &naive::apply(&a, &z)) / probes as f64;
    }
    let allowed = n as f64 * size * (own::first_moments::<f64>(n) + 4.0 * bound::eigen::<f64>(3));
    assert!((e.value - mean).abs() <= allowed, "{e:?}, not {mean}");
    assert_eq!((e.products, e.confidence), (probes * 3, 0.9));
    assert!(e.lower < e.value && e.value < e.upper);
}

/// A → cA + dI: values and errors of polynomials of degree 2 follow; rounding as in moments of two steps.
#[test]
fn shifts_and_factors_are_followed() {
    let n = 24;
    let a = matrix::whole_symmetric(n, 8);
    let read = |a: &[f64]| {
        with(Machine::detect(), a, &options(5, 4, 3), |slq, small| {
            slq.estimate_of(|x| x, 0.95, small).unwrap()
        })
    };
    let plain = read(&a);
    for (c, d) in [(3.0, 0.0), (1.0, 7.0), (-2.0, 5.0), (0.25, -30.0)] {
        let mut moved: Vec<f64> = a.iter().map(|x| c * x).collect();
        (0..n).for_each(|i| moved[i * n + i] += d);
        let e = read(&moved);
        let size = naive::frobenius(&moved) + c.abs() * naive::frobenius(&a);
        let unit = own::first_moments::<f64>(n) + 4.0 * bound::eigen::<f64>(4);
        let expected = c * plain.value + d * n as f64;
        assert!((e.value - expected).abs() <= n as f64 * unit * size, "{c} {d}: {e:?}");
        // The scatter of the samples is that of c·samples: d adds the same to each.
        let allowed = 2.0 * n as f64 * unit * size;
        assert!((e.sample_error - c.abs() * plain.sample_error).abs() <= allowed, "{c} {d}: {e:?}");
    }
}

/// Everything that has a unit carries 2ᵏ, and everything that has none does not see it.
#[test]
fn powers_of_two_change_no_bit() {
    let n = 16;
    let a = matrix::whole_positive(n, 3);
    let read = |k: i32| {
        let scaled: Vec<f64> = a.iter().map(|x| x.scale_by_power(k)).collect();
        with(Machine::detect(), &scaled, &options(3, 6, 9), |slq, small| {
            let shift = 5.0_f64.scale_by_power(k);
            let share = SpectralFunction::Share { shift };
            let share = slq.estimate(share, known(0.0), 0.95, small).unwrap();
            let trace = slq.estimate_of(|x| x, 0.95, small).unwrap();
            let ends = slq.ends(small).unwrap();
            let mut grid = [f64::NAN; 9];
            let sigma = slq.spectral_grid_into(0.05, &mut grid, small).unwrap();
            let (mut density, mut cumulative) = ([f64::NAN; 9], [f64::NAN; 9]);
            slq.density_into(&grid, sigma, &mut density, small).unwrap();
            slq.cumulative_into(&grid, sigma, &mut cumulative, small).unwrap();
            let back = |x: f64| x.scale_by_power(-k);
            let TraceEstimate { value, standard_error, lower, upper, .. } = trace;
            let SpectrumEnds { largest, largest_residual, smallest, smallest_residual } = ends;
            let united = [value, standard_error, lower, upper].map(back);
            let ends = [largest, largest_residual, smallest, smallest_residual].map(back);
            let density = density.map(|x| x.scale_by_power(k));
            (share, united, ends, (grid.map(back), density, cumulative))
        })
    };
    let plain = read(0);
    for k in [-300, -1, 7, 300] {
        assert_eq!(read(k), plain, "2^{k}");
    }
}

#[test]
fn machines_agree_bit_for_bit() {
    let n = 37;
    let a: Vec<f32> = matrix::whole_positive(n, 6).iter().map(|&x| x as f32).collect();
    let read = |machine| {
        with(machine, &a, &options(3, 9, 4), |slq, small| {
            let log = SpectralFunction::Log { shift: 1.0 };
            let bounds = SpectrumBounds { floor: 0.0, ceiling: f32::INFINITY };
            (slq.estimate(log, bounds, 0.95, small).unwrap(), slq.ends(small).unwrap())
        })
    };
    for fused in [false, true] {
        let list: Vec<_> = Machine::present().filter(|m| m.is_fused() == fused).map(read).collect();
        assert!(list.windows(2).all(|pair| pair[0] == pair[1]), "fused {fused}: {list:?}");
    }
}

/// Signs have the same weight on every eigenvector of a diagonal matrix: with k = n all is exact.
#[test]
fn diagonal_matrices_are_exact() {
    let d: [f64; 5] = [1.0, 2.0, 4.0, 8.0, 3.0];
    let (n, machine) = (d.len(), Machine::detect());
    let asked = options(2, n, 5);
    let mut scratch = vec![f64::NAN; stochastic_lanczos_quadrature_scratch_len(n, 2, n)];
    let mut operator = Diagonal::new(&d);
    let slq = stochastic_lanczos_quadrature(machine, &mut operator, &asked, &mut scratch).unwrap();
    let mut small = vec![f64::NAN; quadrature_scratch_len(n)];
    // Vectors of so few steps on so even a spectrum are orthonormal within a step's own bound for each step.
    let seen = [naive::norm(&d), n as f64 * bound::lanczos_orthogonality::<f64>(n, n), 0.0];
    let allowed = n as f64 * own::full_process::<f64>(n, seen, [3.0, 1.0]);
    let log = SpectralFunction::Log { shift: 0.0 };
    let e = slq.estimate(log, known(0.5), 0.95, &mut small).unwrap();
    assert!((e.trace.value - 192.0_f64.ln()).abs() <= allowed, "{e:?}");
    assert!(e.bracket.upper - e.bracket.lower <= allowed, "{e:?}");
    let ends = slq.ends(&mut small).unwrap();
    let allowed = own::full_process::<f64>(n, seen, [8.0, 1.0]);
    assert!((ends.largest - 8.0).abs() <= allowed && (ends.smallest - 1.0).abs() <= allowed);
    let grid = [0.5, 1.5, 2.5, 3.5, 6.0, 9.0];
    let mut steps = [f64::NAN; 6];
    slq.cumulative_into(&grid, 0.0, &mut steps, &mut small).unwrap();
    // A weight is f(λ) = 1 at one eigenvalue and 0 at the others, which are 1 apart: slope 1.
    let allowed = n as f64 * own::full_process::<f64>(n, seen, [1.0, 1.0]);
    for (i, step) in steps.iter().enumerate() {
        assert!((step - i as f64 / 5.0).abs() <= allowed, "{steps:?}");
    }
}

/// Density: not negative, its sum over a grid that is fine and wide is 1; the blurred count rises from 0 to 1.
#[test]
fn density_is_a_density() {
    let a = matrix::with_spectrum_mixed(&spectra(60)[2].1, 4);
    with(Machine::detect(), &a, &options(4, 10, 6), |slq, small| {
        let mut grid = vec![f64::NAN; 2001];
        let sigma = slq.spectral_grid_into(0.02, &mut grid, small).unwrap();
        let (mut density, mut cumulative) = (vec![f64::NAN; 2001], vec![f64::NAN; 2001]);
        slq.density_into(&grid, sigma, &mut density, small).unwrap();
        slq.cumulative_into(&grid, sigma, &mut cumulative, small).unwrap();
        assert!(density.iter().all(|&x| x >= 0.0) && sigma > 0.0);
        let step = grid[1] - grid[0];
        let integral: f64 = density.iter().map(|x| x * step).sum();
        // Beyond four deviations on either side lie 6.4e-5 of a Gaussian; the sum itself is spectrally exact.
        let beyond = 2.0 * bound::quadrature::beyond_margin() + bound::gamma_f64::<f64>(4000);
        assert!((integral - 1.0).abs() <= beyond, "{integral}");
        let rounding = bound::gamma_f64::<f64>(200);
        assert!(cumulative.windows(2).all(|pair| pair[0] <= pair[1] + rounding));
        assert!(cumulative[0] <= beyond && cumulative[2000] >= 1.0 - beyond);
    });
}

/// Two steps leave much open, and say so: the bracket holds the quadratic forms of the probes, with both ends away from
/// them, the interval reaches beyond it by as much as it would beyond the value, and nodes have residuals.
#[test]
fn few_steps_are_owned_up_to() {
    let (n, probes, seed) = (30, 3, 5);
    let values: Vec<f64> = (0..n).map(|i| 1.0 + f64::from(i)).collect();
    let n = values.len();
    let a = matrix::with_spectrum_mixed(&values, seed);
    let logs: Vec<f64> = values.iter().map(|x| (x + 0.1).ln()).collect();
    let log_a = matrix::with_spectrum_mixed(&logs, seed);
    let asked = options(probes, 2, seed);
    let mut mean = 0.0;
    for j in 0..probes {
        let mut z = vec![f64::NAN; n];
        teeter::random::signs_into(asked.stream.child(j as u64), &mut z);
        mean += naive::dot(&z, &naive::apply(&log_a, &z)) / probes as f64;
    }
    let (answer, plain, ends) = with(Machine::detect(), &a, &asked, |slq, small| {
        let log = SpectralFunction::Log { shift: 0.1 };
        (
            slq.estimate(log, known(0.5), 0.95, small).unwrap(),
            slq.estimate_of(|x| log.value(x), 0.95, small).unwrap(),
            slq.ends(small).unwrap(),
        )
    });
    let seen = [naive::norm(&values), 2.0 * bound::lanczos_orthogonality::<f64>(n, 2), 0.0];
    let allowed = n as f64 * own::full_process::<f64>(n, seen, [4.0, 1.0]);
    let SlqEstimate { trace, bracket } = answer;
    assert!(
        bracket.lower + allowed < mean && mean < bracket.upper - allowed,
        "{bracket:?}, {mean}"
    );
    assert_eq!(trace.lower, plain.lower - (plain.value - bracket.lower));
    assert_eq!(trace.upper, plain.upper + (bracket.upper - plain.value));
    for (node, residual) in
        [(ends.largest, ends.largest_residual), (ends.smallest, ends.smallest_residual)]
    {
        let nearest = values.iter().map(|x| (x - node).abs()).fold(f64::MAX, f64::min);
        assert!(allowed < residual && nearest <= residual, "{ends:?}");
    }
}

/// A multiple of the identity closes after one product; the width is what the doubt about the center leaves.
#[test]
fn a_multiple_of_the_identity_closes_at_once() {
    let n = 50;
    let d = vec![3.0_f64; n];
    let asked = options(4, 7, 1);
    let mut scratch = vec![f64::NAN; stochastic_lanczos_quadrature_scratch_len(n, 4, 7)];
    let machine = Machine::detect();
    let slq = stochastic_lanczos_quadrature(machine, &mut Diagonal::new(&d), &asked, &mut scratch);
    let slq = slq.unwrap();
    assert_eq!((slq.products(), slq.probes()), (4, 4));
    let mut small = vec![f64::NAN; quadrature_scratch_len(7)];
    let function = SpectralFunction::Reciprocal { shift: 1.0 };
    let SlqEstimate { trace, bracket } =
        slq.estimate(function, SpectrumBounds::unknown(), 0.95, &mut small).unwrap();
    let allowed = n as f64 * own::rule::<f64>(n, 1.0, 1.0, 3.0);
    assert!((trace.value - 12.5).abs() <= allowed && bracket.upper - bracket.lower <= allowed);
    // √(2F/m) with F = 2F₀/(nm), F₀ = n/16.
    let expected = (2.0 / 4.0 * (2.0 / 16.0) / 4.0_f64).sqrt();
    assert!((trace.standard_error - expected).abs() <= allowed, "{trace:?}, not {expected}");
    let mut grid = [f64::NAN; 3];
    let sigma = slq.spectral_grid_into(0.01, &mut grid, &mut small).unwrap();
    assert!(sigma <= allowed);
}

/// Two probes of ones(2 × 2) agree with chance ½, on 4 or on 0, while the trace is 2.
#[test]
fn probes_that_agree_prove_nothing() {
    let mut agreed = 0;
    for seed in 0..64 {
        let e = with(Machine::detect(), &[1.0; 4], &options(2, 2, seed), |slq, small| {
            slq.estimate_of(|x| x, 0.95, small).unwrap()
        });
        agreed += u32::from(e.value > 3.0);
        assert!(e.value < 1.0 || (e.lower <= 2.0 && 2.0 <= e.upper), "seed {seed}: {e:?}");
    }
    assert!(agreed > 0, "no seed showed the case");
}

/// Normals: f(A) = I gives the mean length, and the width of √2‖I‖_F.
#[test]
fn normals_have_lengths_of_their_own() {
    let n = 30;
    let a = matrix::whole_positive(n, 2);
    let asked = SlqOptions { probe: Probe::Gaussian, ..options(16, 3, 2) };
    let e = with(Machine::detect(), &a, &asked, |slq, small| {
        slq.estimate_of(|_| 1.0, 0.999_999, small).unwrap()
    });
    assert!(e.value != n as f64 && e.lower <= n as f64 && n as f64 <= e.upper, "{e:?}");
    let truth = 2.0 * e.value / 16.0;
    let allowed =
        bound::trace::root_of_squares::<f64>(16) + 2.0 * own::rule::<f64>(3, 1.0, 0.0, 1.0);
    assert!((e.standard_error.powi(2) / truth - 1.0).abs() <= allowed, "{e:?}");
}
