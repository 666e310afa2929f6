//! Products with operators: what a wrapper costs beside the product it wraps.

use criterion::{Criterion, criterion_group, criterion_main};
use teeter::Machine;
use teeter::matrix::MatRef;
use teeter::operator::{
    AuditOptions, Congruent, Deflated, Dense, Diagonal, Difference, DifferenceOptions,
    FiniteDifference, FromFn, Kronecker, LinearOperator, LowRankPlusDiagonal, Preconditioned,
    Scaled, Shifted, SubRange, Sum, check_operator, check_operator_scratch_len,
    finite_difference_scratch_len,
};
use teeter::random::Stream;
use teeter_benches::group::{alone, close, settings};
use teeter_benches::reference::gamma;

const SIZES: [usize; 2] = [32, 256];

const UNIT: f64 = f64::EPSILON / 2.0;

/// A = diag(d) + 11ᵀ as a matrix; products known in closed form.
struct Inputs {
    a: Vec<f64>,
    d: Vec<f64>,
    x: Vec<f64>,
}

impl Inputs {
    fn new(n: usize) -> Self {
        let d: Vec<f64> = (1..=n).map(|i| i as f64).collect();
        let x = d.iter().map(|d| 1.0 / d).collect();
        let entry = |k: usize| 1.0 + if k % n == k / n { d[k % n] } else { 0.0 };
        Self { a: (0..n * n).map(entry).collect(), d, x }
    }

    /// What each product is, up to 2γ of the sum of its terms' sizes, all positive here.
    fn check(&self, y: &[f64], right: impl Fn(usize) -> f64) -> Result<(), String> {
        let n = self.d.len();
        (0..n).try_for_each(|i| close(y[i], right(i), 2.0 * gamma(n + 4, UNIT) * right(i)))
    }
}

fn products(criterion: &mut Criterion) {
    let m = Machine::detect();
    for n in SIZES {
        let s = Inputs::new(n);
        let total: f64 = s.x.iter().sum();
        let ax = |i: usize| s.d[i] * s.x[i] + total;
        let Ok(dense) = MatRef::row_major(&s.a, n, n).and_then(|a| Dense::new(m, a)) else {
            panic!("n·n numbers make a square matrix");
        };
        let mut bench =
            |name: &str, operator: &mut dyn LinearOperator<f64>, right: &dyn Fn(usize) -> f64| {
                let step = |y: &mut Vec<f64>| {
                    assert_eq!(operator.apply(&s.x, y), Ok(()), "lengths fit");
                };
                alone(criterion, (name, n), vec![f64::NAN; n], step, |y| s.check(y, right));
            };
        bench("Dense", &mut { dense }, &ax);
        bench("Diagonal", &mut Diagonal::new(&s.d), &|i| s.d[i] * s.x[i]);
        bench("Shifted", &mut Shifted::new(m, dense, 3.0), &|i| ax(i) + 3.0 * s.x[i]);
        bench("Scaled", &mut Scaled::new(m, dense, 3.0), &|i| 3.0 * ax(i));
        let copy = |x: &[f64], y: &mut [f64]| teeter::vector::copy(x, y);
        bench("FromFn", &mut FromFn::new(n, copy), &|i| s.x[i]);
        let mut scratch = vec![0.0; n];
        let Ok(mut scaled) = Preconditioned::new(m, dense, &s.d, &mut scratch) else {
            panic!("n numbers of diagonal and scratch");
        };
        // DADx with Dx = 1: d(d + n).
        bench("Preconditioned", &mut scaled, &|i| s.d[i] * (s.d[i] + n as f64));
    }
}

/// Operators made of A = diag(d) + 11ᵀ and of I, so that products stay known.
fn compositions(criterion: &mut Criterion) {
    let m = Machine::detect();
    for n in SIZES {
        let s = Inputs::new(n);
        let total: f64 = s.x.iter().sum();
        let ax = |i: usize| s.d[i] * s.x[i] + total;
        let view = |a, rows, cols| MatRef::row_major(a, rows, cols).expect("rows·cols numbers");
        let dense = Dense::new(m, view(&s.a, n, n)).expect("a square matrix");
        let ones = vec![1.0; n];
        let mut identity = vec![0.0; n * n];
        (0..n).for_each(|i| identity[i * (n + 1)] = 1.0);
        let basis = view(&identity[..n], n, 1);
        let mut scratch = vec![vec![0.0; 3 * n]; 8];
        let [s0, s1, s2, s3, s4, s5, s6, _] = &mut scratch[..] else { panic!("eight of them") };
        let mut bench =
            |name: &str, operator: &mut dyn LinearOperator<f64>, right: &dyn Fn(usize) -> f64| {
                let step = |y: &mut Vec<f64>| {
                    assert_eq!(operator.apply(&s.x, y), Ok(()), "lengths fit");
                };
                alone(criterion, (name, n), vec![f64::NAN; n], step, |y| s.check(y, right));
            };
        let fits = "lengths fit";
        let mut sum = Sum::new(m, dense, Diagonal::new(&ones), s0).expect(fits);
        bench("Sum", &mut sum, &|i| ax(i) + s.x[i]);
        bench("SubRange", &mut SubRange::new(dense, 0, n, s1).expect(fits), &ax);
        let column = view(&ones, n, 1);
        let mut low = LowRankPlusDiagonal::new(m, &s.d, column, &ones[..1], s2).expect(fits);
        bench("LowRankPlusDiagonal", &mut low, &ax);
        let one = view(&ones[..1], 1, 1);
        let mut product = Kronecker::new(m, one, view(&s.a, n, n), s3).expect(fits);
        bench("Kronecker", &mut product, &ax);
        let mut inside = Congruent::new(m, dense, view(&identity, n, n), s4).expect(fits);
        bench("Congruent", &mut inside, &ax);
        // Without the first coordinate: 0 there, and one term less in each sum.
        let mut deflated = Deflated::new(m, dense, basis, s5).expect(fits);
        bench("Deflated", &mut deflated, &|i| if i == 0 { 0.0 } else { ax(i) - s.x[0] });
        let gradient = |w: &[f64], g: &mut [f64]| teeter::vector::copy(w, g);
        let options = DifferenceOptions {
            difference: Difference::Central,
            noise: f64::EPSILON,
            distance: 1.0,
        };
        let w = vec![0.0; n];
        assert_eq!(s6.len(), finite_difference_scratch_len(n), "3n");
        let mut hessian = FiniteDifference::new(m, gradient, &w, options, s6).expect(fits);
        bench("FiniteDifference", &mut hessian, &|i| s.x[i]);
    }
}

fn audits(criterion: &mut Criterion) {
    let m = Machine::detect();
    for n in SIZES {
        let s = Inputs::new(n);
        let a = MatRef::row_major(&s.a, n, n).expect("n·n numbers");
        let mut dense = Dense::new(m, a).expect("a square matrix");
        let options = AuditOptions::of_sums(n, Stream::new(1, 0));
        let mut scratch = vec![0.0; check_operator_scratch_len(n)];
        let step = |sound: &mut bool| {
            let report = check_operator(m, &mut dense, &options, &mut scratch);
            *sound = report.is_ok_and(|report| report.is_sound());
        };
        let check = |sound: &bool| if *sound { Ok(()) } else { Err("not sound".to_owned()) };
        alone(criterion, ("check_operator", n), false, step, check);
    }
}

criterion_group! {
    name = layer;
    config = settings();
    targets = products, compositions, audits
}
criterion_main!(layer);
