//! The trace penalty: its gradient against directional differences of the whole objective, over every
//! probe there is, and the fault of released code, which has no gradient at all.

use teeter::optim::{
    Displacement, Penalty, PenaltyMean, TracePenalty, TracePenaltyState, TraceProbe, Tracer,
    TracerState, first_difference_distance, second_difference_distance, tracer_scratch_len,
};
use teeter::random::{Stream, normals_into};
use teeter::{Error, Machine};
use teeter_verify::bound::optim as bound;
use teeter_verify::oracle::signs;

fn normals(stream: u64, n: usize) -> Vec<f64> {
    let mut x = vec![0.0; n];
    normals_into(Stream::new(2029, stream), &mut x);
    x
}

fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(x, y)| x * y).sum()
}

/// ½Σaᵢwᵢ² + Σ(tₖᵀw)³/6: of third degree, with all derivatives in closed form.
struct Cubic {
    squares: Vec<f64>,
    directions: Vec<Vec<f64>>,
}

const N: usize = 4;

impl Cubic {
    fn new() -> Self {
        Self { squares: normals(1, N), directions: (2..5).map(|k| normals(k, N)).collect() }
    }
    fn loss(&self, w: &[f64]) -> f64 {
        let squares: f64 = self.squares.iter().zip(w).map(|(a, w)| 0.5 * a * w * w).sum();
        squares + self.directions.iter().map(|t| dot(t, w).powi(3) / 6.0).sum::<f64>()
    }
    fn gradient(&self, w: &[f64]) -> Vec<f64> {
        let mut g: Vec<f64> = self.squares.iter().zip(w).map(|(a, w)| a * w).collect();
        for t in &self.directions {
            let half = 0.5 * dot(t, w).powi(2);
            g.iter_mut().zip(t).for_each(|(g, t)| *g += half * t);
        }
        g
    }
    fn hessian(&self, w: &[f64], i: usize, j: usize) -> f64 {
        let square = if i == j { self.squares[i] } else { 0.0 };
        square + self.directions.iter().map(|t| dot(t, w) * t[i] * t[j]).sum::<f64>()
    }
    fn trace(&self, w: &[f64]) -> f64 {
        (0..N).map(|i| self.hessian(w, i, i)).sum()
    }
    /// A bound on the magnitudes of the terms of a gradient near w.
    fn size(&self, w: &[f64]) -> f64 {
        let t: f64 = self.directions.iter().map(|t| dot(t, t).sqrt().powi(3)).sum();
        let a: f64 = self.squares.iter().map(|a| a.abs()).sum();
        let w = dot(w, w).sqrt();
        2.0 * (a * w + t * w * w)
    }
}

/// The penalty along one probe.
fn along(
    cubic: &Cubic,
    rule: &TracePenalty<f64>,
    z: &[f64],
    w: &mut [f64],
    mut seen: impl FnMut(&Penalty<'_, f64>),
) {
    let machine = Machine::detect();
    let gradient = cubic.gradient(w);
    let mut scratch = [f64::NAN; tracer_scratch_len(N)];
    // A length of the size of w: the loss is a cubic, and all that is left is rounding.
    let from = Displacement { gradient: &gradient, direction: z, distance: 1.0 };
    let ahead = rule.ahead(machine, from, w, &mut scratch).expect("valid");
    let there = cubic.gradient(ahead.params());
    let behind = ahead.gradient(&there).expect("finite");
    let there = cubic.gradient(behind.params());
    seen(&behind.gradient(&there).expect("finite"));
}

fn rule(probe: TraceProbe<f64>) -> TracePenalty<f64> {
    TracePenalty { lambda: 0.75, probe, probes: 3, interval: 2 }
}

/// Every sign vector in turn through the public doors: the mean is Tr H and its gradient that of the
/// objective, by differences of L + λTr H along random directions (oracle 7).
#[test]
fn gradient_is_that_of_the_whole_objective() {
    let (machine, cubic) = (Machine::detect(), Cubic::new());
    let all = TracePenalty { probes: 1 << N, interval: 1, ..rule(TraceProbe::Signs) };
    let mut w = normals(9, N);
    let start = w.clone();
    let mut memory = [f64::NAN; N];
    let mut state = TracePenaltyState { mean: PenaltyMean::new(&mut memory), steps: 0 };
    assert_eq!(all.probes_due(&state), 16, "all are due");
    signs::for_each(N, |z| {
        along(&cubic, &all, z, &mut w, |penalty| {
            all.push(machine, penalty, &mut state).expect("due");
        });
    });
    assert_eq!(w, start, "the parameters are back");
    let size = cubic.size(&w) + cubic.size(&[1.0; N]);
    let epsilon = 1.0 / (N as f64).sqrt();
    let allowed = bound::second_difference(size, 25.0, epsilon);
    let trace = cubic.trace(&w);
    assert!((state.mean.value - trace).abs() <= allowed * 2.0, "{} for {trace}", state.mean.value);

    let plain = cubic.gradient(&w);
    let mut whole = plain.clone();
    all.regularize(machine, &mut state, &mut whole).expect("complete");
    let objective = |w: &[f64]| cubic.loss(w) + all.lambda * cubic.trace(w);
    let mut seen = false;
    for k in 0..6 {
        let d = normals(20 + k, N);
        let h = 2.0_f64.powi(-16);
        let at =
            |s: f64| objective(&w.iter().zip(&d).map(|(w, d)| w + s * h * d).collect::<Vec<_>>());
        let slope = (at(1.0) - at(-1.0)) / (2.0 * h);
        // The third derivative is constant, so the truncation is known.
        let third: f64 = cubic.directions.iter().map(|t| dot(t, &d).powi(3)).sum();
        let slope = slope - h * h * third / 6.0;
        let length = dot(&d, &d).sqrt();
        let rounding = bound::directional_difference(size * (1.0 + length), h);
        let error = (dot(&whole, &d) - slope).abs();
        let reach = rounding + all.lambda * allowed * length * 2.0;
        assert!(error <= reach, "along {k}: {error:e} of {reach:e}");
        // A penalty without a gradient, as released code has it, is seen.
        seen |= (dot(&plain, &d) - slope).abs() > reach;
        // And one with the factor of a metric that was differentiated too.
        let twice: f64 =
            plain.iter().zip(&whole).zip(&d).map(|((p, w), d)| (2.0 * w - p) * d).sum();
        seen &= (twice - slope).abs() > reach || k > 0;
    }
    assert!(seen, "a detached or doubled penalty went unseen");
}

/// All 3ⁿ vectors of SEHT-D with their chances: unbiased, and of the variance that the document names.
#[test]
fn dropout_probes_are_unbiased_and_vary_as_documented() {
    let (cubic, p) = (Cubic::new(), 0.1_f64);
    let rule = rule(TraceProbe::Dropout(p));
    let mut w = normals(9, N);
    let (mut mean, mut square, mut gradient) = (0.0, 0.0, [0.0; N]);
    for code in 0..3_usize.pow(N as u32) {
        let digits: Vec<usize> = (0..N).map(|i| code / 3_usize.pow(i as u32) % 3).collect();
        let z: Vec<f64> = digits.iter().map(|&d| (d as f64 - 1.0) / (2.0 * p).sqrt()).collect();
        let chance: f64 = digits.iter().map(|&d| if d == 1 { 1.0 - 2.0 * p } else { p }).product();
        along(&cubic, &rule, &z, &mut w, |penalty| {
            mean += chance * penalty.value;
            square += chance * penalty.value * penalty.value;
            for (sum, g) in gradient.iter_mut().zip(penalty.gradient.iter()) {
                *sum += chance * g;
            }
        });
    }
    let h = |i: usize, j: usize| cubic.hessian(&w, i, j);
    let trace = cubic.trace(&w);
    // A probe may be as long as √(n/2p), and ε as short as its inverse.
    let epsilon = (2.0 * p / N as f64).sqrt();
    let size = cubic.size(&w) + cubic.size(&[1.0; N]);
    let allowed = bound::second_difference(size, 25.0, epsilon);
    assert!((mean - trace).abs() <= allowed, "{mean} for {trace}");
    let pairs = || (0..N).flat_map(|i| (0..N).map(move |j| (i, j)));
    let right: f64 = pairs()
        .map(|(i, j)| {
            let factor = if i == j { 1.0 / (2.0 * p) - 1.0 } else { 2.0 };
            factor * h(i, j) * h(i, j)
        })
        .sum();
    let variance = square - mean * mean;
    assert!(
        (variance - right).abs() <= allowed * (1.0 + square.sqrt()) * 8.0,
        "{variance} for {right}"
    );
    for (i, found) in gradient.iter().enumerate() {
        let right: f64 = cubic.directions.iter().map(|t| dot(t, t) * t[i]).sum();
        assert!((found - right).abs() <= allowed, "element {i}: {found} for {right}");
    }
}

/// Drawn probes: values, and E zzᵀ = I, off the diagonal too: one draw for all would fail there.
#[test]
fn drawn_probes_are_independent_element_by_element() {
    const RUNS: u64 = 40_000;
    for (probe, p) in [
        (TraceProbe::Signs, 0.5_f64),
        (TraceProbe::Dropout(0.5), 0.5),
        (TraceProbe::Dropout(0.125), 0.125),
    ] {
        let (rule, mut sums) = (rule(probe), [[0.0; N]; N]);
        for run in 0..RUNS {
            let mut z = [f64::NAN; N];
            rule.probe_into(Stream::new(41, run), &mut z).expect("valid");
            for (z, row) in z.iter().zip(&mut sums) {
                let size = 1.0 / (2.0 * p).sqrt();
                assert!(z.abs() == size || (*z == 0.0 && p < 0.5), "{probe:?}: {z}");
                row[0] += z / RUNS as f64;
            }
            for i in 0..N {
                for j in 1..N {
                    sums[i][j] += z[i] * z[j] / RUNS as f64;
                }
            }
        }
        let allowed = bound::sample_mean(RUNS as usize, 1.0 / (2.0 * p).sqrt());
        for (i, row) in sums.iter().enumerate() {
            assert!(row[0].abs() <= allowed, "{probe:?}: mean {}", row[0]);
            for (j, found) in row.iter().enumerate().skip(1) {
                let right = if i == j { 1.0 } else { 0.0 };
                assert!((found - right).abs() <= allowed, "{probe:?}: {i} {j}: {found}");
            }
        }
    }
}

/// Three probes every second step, in turn; out of turn is refused and changes nothing.
#[test]
fn probes_come_in_turn() {
    let (machine, cubic) = (Machine::detect(), Cubic::new());
    let rule = rule(TraceProbe::Signs);
    let (mut memory, mut w) = ([9.0; N], normals(9, N));
    let mut state = TracePenaltyState { mean: PenaltyMean::new(&mut memory), steps: 0 };
    for step in 0..5 {
        let mut gradient = [1.0; N];
        let due = if step % 2 == 0 { 3 } else { 0 };
        assert_eq!(rule.probes_due(&state), due, "step {step}");
        for probe in 0..due {
            let early = rule.regularize(machine, &mut state, &mut gradient);
            assert_eq!(early, Err(Error::State { expected: "push" }), "probe {probe}");
            assert_eq!(gradient, [1.0; N], "untouched");
            along(&cubic, &rule, &[1.0, -1.0, 1.0, 1.0], &mut w, |penalty| {
                rule.push(machine, penalty, &mut state).expect("due");
            });
        }
        along(&cubic, &rule, &[1.0; N], &mut w, |penalty| {
            let late = rule.push(machine, penalty, &mut state);
            assert_eq!(late, Err(Error::State { expected: "regularize" }), "step {step}");
        });
        let before = state.mean.gradient.to_vec();
        rule.regularize(machine, &mut state, &mut gradient).expect("complete");
        let right: Vec<f64> = before.iter().map(|p| 1.0 + 0.75 * p).collect();
        assert_eq!(gradient.to_vec(), right, "step {step}");
    }
    assert_eq!(state.steps, 5, "counted");
    let none = TracePenalty { lambda: 0.0, ..rule };
    let mut gradient = [-0.0; N];
    none.regularize(machine, &mut state, &mut gradient).expect("not due");
    assert!(gradient.iter().all(|g| g.to_bits() == (-0.0_f64).to_bits()), "λ = 0");
    for wrong in [
        TracePenalty { lambda: f64::NAN, ..rule },
        TracePenalty { probe: TraceProbe::Dropout(0.0), ..rule },
        TracePenalty { probe: TraceProbe::Dropout(0.6), ..rule },
        TracePenalty { probes: 0, ..rule },
        TracePenalty { interval: 0, ..rule },
    ] {
        let done = wrong.probe_into(Stream::new(1, 1), &mut [0.0; N]);
        assert!(matches!(done, Err(Error::Range { .. })), "{wrong:?}: {done:?}");
    }
}

/// The penalty over the parts of a split batch (E4): (1/m)Σgⱼᵀ P⁻¹gⱼ with the mean of 2HⱼP⁻¹gⱼ.
#[test]
fn a_split_batch_has_the_mean_of_its_parts() {
    let machine = Machine::detect();
    let tracer = Tracer { rho: 1.0, beta: 0.5, damping: 0.0 };
    let curvature = [[2.0, 1.0, 3.0], [1.0, 4.0, 0.5]];
    // The parts pull to opposite sides: at 0 their mean gradient vanishes, the penalty does not.
    let center = [[1.0, -1.0, 0.5], [-2.0, 0.25, -3.0]];
    let mut w = [0.125, 0.5, -0.25];
    let gradient = |j: usize, w: &[f64]| -> [f64; 3] {
        [0, 1, 2].map(|i| curvature[j][i] * (w[i] - center[j][i]))
    };
    let parts = [gradient(0, &w), gradient(1, &w)];
    // G from the parts: the mean of their squares, the empirical Fisher of the split.
    let fisher = [0, 1, 2].map(|i| 0.5 * (parts[0][i].powi(2) + parts[1][i].powi(2)));
    let (mut metric, mut peak) = ([0.0; 3], [0.0; 3]);
    let mut metric = TracerState::new(&mut metric, &mut peak);
    tracer.update_metric(machine, &fisher, &mut metric).expect("valid");
    let mut memory = [0.0; 3];
    let mut mean = PenaltyMean::new(&mut memory);
    let distance = first_difference_distance(machine, &w).expect("not zero");
    let (mut right_value, mut right, mut reach) = (0.0, [0.0; 3], 0.0_f64);
    for (j, g) in parts.iter().enumerate() {
        let mut direction = *g;
        tracer.precondition(machine, &metric, &mut direction).expect("valid");
        let from = Displacement { gradient: g, direction: &direction, distance };
        let mut scratch = [0.0; tracer_scratch_len(3)];
        let moved = tracer.rank_one(machine, from, &mut w, &mut scratch).expect("valid");
        let there = gradient(j, moved.params());
        mean.push(machine, &moved.gradient(&there).expect("finite")).expect("finite");
        right_value += 0.5 * dot(g, &direction);
        for i in 0..3 {
            right[i] += 0.5 * 2.0 * curvature[j][i] * direction[i];
        }
        let epsilon = distance / dot(&direction, &direction).sqrt();
        let size = 4.0 * (dot(g, g).sqrt() + 4.0 * dot(&center[j], &center[j]).sqrt());
        reach = reach.max(bound::first_difference(size, 4.0, epsilon));
    }
    assert_eq!(mean.taken, 2, "two parts");
    // With G the mean of the parts' squares the value is the number of parameters, always (I7).
    assert!(
        (mean.value - 3.0).abs() <= reach && (right_value - 3.0).abs() <= reach,
        "{}",
        mean.value
    );
    for (found, right) in mean.gradient.iter().zip(right) {
        assert!((found - right).abs() <= 2.0 * reach, "{found} for {right}");
    }
    let distance = second_difference_distance(machine, &w).expect("not zero");
    assert!(distance > 0.0, "of the other kind");
    let bad = Penalty { gradient: &mut [f64::NAN; 3], value: 1.0 };
    let before = mean.value;
    assert!(matches!(mean.push(machine, &bad), Err(Error::NotFinite { .. })), "NaN");
    assert_eq!((mean.value, mean.taken), (before, 2), "untouched");
}
