//! Products with operators: what a wrapper costs beside the product it wraps.

use criterion::{Criterion, criterion_group, criterion_main};
use teeter::Machine;
use teeter::matrix::MatRef;
use teeter::operator::{Dense, Diagonal, FromFn, LinearOperator, Preconditioned, Scaled, Shifted};
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

criterion_group! {
    name = layer;
    config = settings();
    targets = products
}
criterion_main!(layer);
