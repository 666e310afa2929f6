//! G-TRACER: its penalty against the exact gradient of the trace, its invariance under a
//! rescaling of parameters and the two ways to lose it, and what it has in common with SAM.

use teeter::optim::{
    Displacement, Momentum, Sam, Sgd, SgdState, Tracer, TracerState, first_difference_distance,
    second_difference_distance, tracer_scratch_len,
};
use teeter::random::{Stream, normals_into};
use teeter::{Error, Machine, vector};
use teeter_verify::bound::optim as bound;

fn normals(stream: u64, n: usize) -> Vec<f64> {
    let mut x = vec![0.0; n];
    normals_into(Stream::new(2024, stream), &mut x);
    x
}

fn bits(x: &[f64]) -> Vec<u64> {
    x.iter().map(|value| value.to_bits()).collect()
}

/// L = ½wᵀAw + ⅙ Σ (bₖᵀw)³, whose third derivative is Σ bₖ⊗bₖ⊗bₖ.
struct Cubic {
    a: Vec<f64>,
    b: [Vec<f64>; 3],
}

const N: usize = 6;

impl Cubic {
    fn new() -> Self {
        Self { a: normals(100, N), b: [101, 102, 103].map(|stream| normals(stream, N)) }
    }
    fn dot(x: &[f64], y: &[f64]) -> f64 {
        x.iter().zip(y).map(|(x, y)| x * y).sum()
    }
    fn gradient(&self, w: &[f64]) -> Vec<f64> {
        let squares = self.b.each_ref().map(|b| 0.5 * Self::dot(b, w).powi(2));
        let of =
            |i: usize| self.b.iter().zip(squares).map(|(b, square)| b[i] * square).sum::<f64>();
        (0..N).map(|i| self.a[i] * w[i] + of(i)).collect()
    }
    /// The largest sum of magnitudes of the terms of one element of the gradient.
    fn magnitude(&self, w: &[f64]) -> f64 {
        let abs = |x: &[f64]| x.iter().map(|x| x.abs()).collect::<Vec<f64>>();
        let positive = Self { a: abs(&self.a), b: self.b.each_ref().map(|b| abs(b)) };
        positive.gradient(&abs(w)).into_iter().fold(0.0, f64::max)
    }
    /// uᵀHu.
    fn curvature(&self, w: &[f64], u: &[f64]) -> f64 {
        let of = |b: &[f64]| Self::dot(b, w) * Self::dot(b, u).powi(2);
        let cubic: f64 = self.b.iter().map(|b| of(b)).sum();
        self.a.iter().zip(u).map(|(a, u)| a * u * u).sum::<f64>() + cubic
    }
    /// Tr(P⁻¹H) and its gradient, P frozen.
    fn trace(&self, w: &[f64], p: &[f64]) -> (f64, Vec<f64>) {
        let (mut value, mut gradient) =
            ((0..N).map(|i| self.a[i] / p[i]).sum::<f64>(), vec![0.0; N]);
        for b in &self.b {
            let weight: f64 = b.iter().zip(p).map(|(b, p)| b * b / p).sum();
            value += weight * Self::dot(b, w);
            gradient.iter_mut().zip(b).for_each(|(sum, b)| *sum += weight * b);
        }
        (value, gradient)
    }
}

#[test]
fn tracer_averaged_over_all_signs_is_the_gradient_of_the_trace() {
    let (machine, cubic, w0) = (Machine::detect(), Cubic::new(), normals(104, N));
    let tracer = Tracer { rho: 1.0, beta: 0.25, damping: 0.5 };
    let (mut metric, mut peak) = (vec![1.0; N], vec![1.0; N]);
    let mut state = TracerState::new(&mut metric, &mut peak);
    let g = cubic.gradient(&w0);
    tracer.update_metric_from_gradient(machine, &g, &mut state).expect("valid");
    let p: Vec<f64> = g.iter().map(|g| 1.5 * g * g).collect();
    let (value, gradient) = cubic.trace(&w0, &p);

    let (mut mean, mut mean_value) = (vec![0.0; N], 0.0);
    let (mut w, mut scratch) = (w0.clone(), vec![f64::NAN; tracer_scratch_len(N)]);
    let count = (1_u32 << N) as f64;
    let (mut smallest, mut size) = (f64::MAX, 0.0_f64);
    for code in 0..1_u32 << N {
        let sign = |i: usize| if code >> i & 1 == 0 { 1.0 } else { -1.0 };
        let mut u: Vec<f64> = (0..N).map(sign).collect();
        tracer.whiten(machine, &state, &mut u).expect("valid");
        let distance = 0.25;
        smallest = smallest.min(distance / vector::norm2(machine, &u));
        let from = Displacement { gradient: &g, direction: &u, distance };
        let ahead = tracer.ahead(machine, from, &mut w, &mut scratch).expect("valid");
        size = size.max(cubic.magnitude(ahead.params()));
        let there = cubic.gradient(ahead.params());
        let behind = ahead.gradient(&there).expect("finite");
        let there_at = behind.params().to_vec();
        let there = cubic.gradient(&there_at);
        size = size.max(cubic.magnitude(&there_at));
        let penalty = behind.gradient(&there).expect("finite");
        vector::axpy(machine, 1.0 / count, penalty.gradient, &mut mean).expect("same length");
        mean_value += penalty.value / count;
        // A one-sided difference would be off by a part that cancels in the mean.
        let exact = cubic.curvature(&w0, &u);
        let epsilon = distance / vector::norm2(machine, &u);
        let length: f64 = u.iter().map(|u| u.abs()).sum();
        let allowed = length * bound::first_difference(size, 13.0 + N as f64, epsilon);
        assert!((penalty.value - exact).abs() <= allowed, "{} for {exact}", penalty.value);
    }
    assert_eq!(bits(&w), bits(&w0), "the parameters are back");
    let allowed = bound::second_difference(size, 13.0, smallest);
    for (mean, exact) in mean.iter().zip(&gradient) {
        assert!((mean - exact).abs() <= allowed, "{mean} for {exact}, allowed {allowed:e}");
    }
    assert!((mean_value - value).abs() <= allowed, "{mean_value} for {value}");
    assert!(allowed <= 1e-3 * value.abs(), "the bound {allowed:e} must say something");
}

/// G and M after five gradients, each divided by `scale` element by element, and the probe.
fn probe_in_coordinates(tracer: &Tracer<f64>, scale: &[f64]) -> [Vec<f64>; 2] {
    let (machine, n) = (Machine::detect(), scale.len());
    let (mut metric, mut peak) = (vec![0.0; n], vec![0.0; n]);
    let mut state = TracerState::new(&mut metric, &mut peak);
    for t in 0..5 {
        let g: Vec<f64> = normals(10 + t, n).iter().zip(scale).map(|(g, s)| g / s).collect();
        tracer.update_metric_from_gradient(machine, &g, &mut state).expect("valid");
    }
    let mut probe = vec![0.0; n];
    tracer.probe_into(machine, Stream::new(7, 7), &state, &mut probe).expect("valid");
    [metric, probe]
}

#[test]
fn trace_in_the_metric_does_not_see_the_coordinates() {
    let n = 21;
    let tracer = Tracer { rho: 0.1, beta: 0.25, damping: 0.125 };
    let scale: Vec<f64> = (0..n).map(|i| 2.0_f64.powi(i % 7 - 3)).collect();
    let [metric, probe] = probe_in_coordinates(&tracer, &vec![1.0; scale.len()]);
    let [metric_there, probe_there] = probe_in_coordinates(&tracer, &scale);
    // w → Dw takes u to Du and H to D⁻¹HD⁻¹; powers of two make it exact.
    let expected: Vec<f64> = probe.iter().zip(&scale).map(|(u, s)| u * s).collect();
    assert_eq!(bits(&probe_there), bits(&expected), "probe");

    let h = normals(50, scale.len());
    let h_there: Vec<f64> = h.iter().zip(&scale).map(|(h, s)| h / (s * s)).collect();
    let sum = |h: &[f64], weight: &dyn Fn(usize) -> f64| {
        h.iter().enumerate().map(|(i, h)| h * weight(i)).sum::<f64>()
    };
    let here = sum(&h, &|i| probe[i] * probe[i]);
    let there = sum(&h_there, &|i| probe_there[i] * probe_there[i]);
    assert_eq!(here.to_bits(), there.to_bits(), "Tr(P⁻¹H)");

    // The two ways to lose it: damping by a multiple of I, and Adam's √v for G.
    let epsilon = 0.1;
    let shifted = sum(&h, &|i| 1.0 / (metric[i] + epsilon));
    let shifted_there = sum(&h_there, &|i| 1.0 / (metric_there[i] + epsilon));
    let change = (shifted_there - shifted).abs() / shifted.abs();
    assert!(change > bound::CHANGED, "damping by a multiple of I kept the trace within {change}");
    let rooted = sum(&h, &|i| 1.0 / metric[i].sqrt());
    let rooted_there = sum(&h_there, &|i| 1.0 / metric_there[i].sqrt());
    let change = (rooted_there - rooted).abs() / rooted.abs();
    assert!(change > bound::CHANGED, "the root of the metric kept the trace within {change}");
}

#[test]
fn metric_is_a_moving_average_that_starts_with_the_first_square() {
    for machine in Machine::present() {
        let tracer = Tracer { rho: 0.0, beta: 0.25, damping: 0.5 };
        let (mut metric, mut peak) = (vec![9.0; 9], vec![9.0; 9]);
        let mut state = TracerState::new(&mut metric, &mut peak);
        let mut naive = [[0.0; 2]; 9];
        for t in 0..4 {
            let g = normals(t, 9);
            tracer.update_metric_from_gradient(machine, &g, &mut state).expect("valid");
            let beta = if t == 0 { 1.0 } else { 0.25 };
            for ([metric, peak], g) in naive.iter_mut().zip(&g) {
                *metric = (1.0 - beta) * *metric + beta * (g * g);
                *peak = metric.max(*peak);
            }
        }
        let mut x = vec![1.0; 9];
        tracer.precondition(machine, &state, &mut x).expect("valid");
        let expected: Vec<f64> = naive.iter().map(|[g, peak]| 1.0 / (g + 0.5 * peak)).collect();
        assert_eq!(bits(&x), bits(&expected), "{machine:?}");
    }
}

#[test]
fn without_penalty_the_step_is_that_of_sgd_to_the_bit() {
    let (machine, n) = (Machine::detect(), 19);
    let (g, start) = (normals(1, n), normals(2, n));
    let sgd = Sgd { learning_rate: 0.1, momentum: Momentum::Polyak(0.9), weight_decay: 0.0 };
    let step = |g: &[f64]| {
        let (mut v, mut w) = (start.clone(), start.clone());
        sgd.step(machine, g, &mut SgdState { velocity: &mut v }, &mut w).expect("valid");
        bits(&w)
    };
    let tracer = Tracer { rho: 0.0, beta: 0.5, damping: 0.0 };
    let mut penalty = normals(3, n);
    penalty[4] = f64::NAN;
    tracer.regularize(machine, &g, &mut penalty).expect("valid");
    assert_eq!(step(&penalty), step(&g), "rho = 0");
    let mut penalty = normals(3, n);
    let expected: Vec<f64> = g.iter().zip(&penalty).map(|(g, p)| g + 0.5 * p).collect();
    let tracer = Tracer { rho: 0.5, ..tracer };
    tracer.regularize(machine, &g, &mut penalty).expect("valid");
    assert_eq!(bits(&penalty), bits(&expected), "rho = 0.5");
}

/// With P = ‖g‖I frozen, the rank-one penalty is twice SAM's.
#[test]
fn rank_one_penalty_is_twice_that_of_sam() {
    let (machine, curvatures, start) = (Machine::detect(), [3.0, -1.0, 0.5], [0.5, 1.0, -0.25]);
    let gradient = |w: &[f64]| [0, 1, 2].map(|i| curvatures[i] * w[i]);
    let g = gradient(&start);
    let norm = vector::norm2(machine, &g);
    let (mut metric, mut peak) = ([norm; 3], [norm; 3]);
    let state = TracerState { metric: &mut metric, peak: &mut peak, updates: 1 };
    let tracer = Tracer { rho: 1.0, beta: 0.5, damping: 0.0 };
    let mut direction = g;
    tracer.precondition(machine, &state, &mut direction).expect("valid");
    let distance = first_difference_distance(machine, &start).expect("not zero");
    let (mut w, mut scratch) = (start, [0.0; tracer_scratch_len(3)]);
    let from = Displacement { gradient: &g, direction: &direction, distance };
    let ahead = tracer.rank_one(machine, from, &mut w, &mut scratch).expect("valid");
    let there = gradient(ahead.params());
    let penalty = ahead.gradient(&there).expect("finite");
    let epsilon = distance / vector::norm2(machine, &direction);
    let allowed = bound::first_difference(norm, 3.0, epsilon);
    let value_allowed = 8.0 * f64::EPSILON * norm;
    assert!((penalty.value - norm).abs() <= value_allowed, "{} for {norm}", penalty.value);

    let rho = 0.5;
    let mut saved = [0.0; 3];
    let moved = Sam { rho }.perturb(machine, &g, &mut w, &mut saved).expect("valid");
    let sam = gradient(moved.params());
    moved.restore();
    for ((penalty, sam), g) in penalty.gradient.iter().zip(sam).zip(g) {
        let twice = 2.0 * (sam - g) / rho;
        assert!((*penalty - twice).abs() <= allowed, "{penalty} for {twice}");
    }
    assert_eq!(w, start, "the parameters are back");
}

#[test]
fn a_penalty_that_fails_gives_the_parameters_back() {
    let (machine, g, start) = (Machine::detect(), [1.0, 2.0, 3.0], [0.1, 0.2, 0.3]);
    let tracer = Tracer { rho: 1.0, beta: 0.5, damping: 0.0 };
    let (mut w, mut scratch) = (start, [f64::NAN; tracer_scratch_len(3)]);
    let from = Displacement { gradient: &g, direction: &g, distance: 0.5 };
    let bad = [1.0, f64::NAN, 1.0];
    let refusal = Error::NotFinite { argument: "gradient", index: 1 };

    let ahead = tracer.ahead(machine, from, &mut w, &mut scratch).expect("valid");
    assert_eq!(ahead.gradient(&bad).map(|_| ()), Err(refusal), "ahead");
    assert_eq!(w, start, "after ahead");
    let ahead = tracer.ahead(machine, from, &mut w, &mut scratch).expect("valid");
    let behind = ahead.gradient(&g).expect("finite");
    assert_eq!(behind.gradient(&bad).map(|_| ()), Err(refusal), "behind");
    assert_eq!(w, start, "after behind");
    let ahead = tracer.rank_one(machine, from, &mut w, &mut scratch).expect("valid");
    assert_eq!(ahead.gradient(&bad).map(|_| ()), Err(refusal), "rank one");
    assert_eq!(w, start, "after rank one");
    for distance in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let from = Displacement { distance, ..from };
        assert!(tracer.ahead(machine, from, &mut w, &mut scratch).is_err(), "{distance}");
    }
    let short = tracer.ahead(machine, from, &mut w, &mut [0.0; 5]).map(|_| ());
    let expected = Error::Short { argument: "scratch", needed: 6, found: 5 };
    assert_eq!(short, Err(expected), "scratch");

    // No direction: nothing moves, and the penalty is zero.
    let from = Displacement { direction: &[0.0; 3], ..from };
    let ahead = tracer.ahead(machine, from, &mut w, &mut scratch).expect("valid");
    assert_eq!(ahead.params(), start, "nothing moves");
    let behind = ahead.gradient(&g).expect("finite");
    let penalty = behind.gradient(&g).expect("finite");
    assert_eq!((penalty.value, &*penalty.gradient), (0.0, &[0.0; 3][..]), "no penalty");
}

#[test]
fn metric_refuses_what_it_cannot_be() {
    let (machine, tracer) = (Machine::detect(), Tracer { rho: 1.0, beta: 0.5, damping: 0.0 });
    let (mut metric, mut peak) = ([1.0; 2], [1.0; 2]);
    let mut state = TracerState { metric: &mut metric, peak: &mut peak, updates: 3 };
    let negative = tracer.update_metric(machine, &[1.0, -1.0], &mut state);
    assert!(matches!(negative, Err(Error::Range { argument: "fisher", .. })), "{negative:?}");
    let refusal = Err(Error::NotFinite { argument: "gradient", index: 1 });
    let infinite = tracer.update_metric_from_gradient(machine, &[1.0, f64::INFINITY], &mut state);
    assert_eq!(infinite, refusal, "infinite gradient");
    let wide = Tracer { beta: 1.5, ..tracer };
    assert!(wide.update_metric(machine, &[1.0, 1.0], &mut state).is_err(), "beta = 1.5");
    assert_eq!(state.updates, 3, "not counted");
    assert_eq!((metric, peak), ([1.0; 2], [1.0; 2]), "untouched");
}

#[test]
fn distances_follow_the_scale_of_the_parameters() {
    let (machine, w) = (Machine::detect(), normals(1, 30));
    let wide: Vec<f64> = w.iter().map(|w| w * 1024.0).collect();
    for distance in [first_difference_distance, second_difference_distance] {
        let [here, there] = [&w, &wide].map(|w| distance(machine, w).expect("not zero"));
        assert_eq!(there, 1024.0 * here, "scale");
        let none = distance(machine, &[0.0; 4]);
        assert_eq!(none, Err(Error::ZeroVector { argument: "params" }), "no scale");
    }
}
