//! The generalized symmetric-definite eigenproblem; no peer without LAPACK has it.

use criterion::{Criterion, criterion_group, criterion_main};
use teeter::Machine;
use teeter::factor::{generalized_eigen, generalized_eigen_scratch_len};
use teeter::matrix::MatMut;
use teeter_benches::group::{all_close, alone, settings};

const SIZES: [usize; 4] = [4, 8, 32, 128];

const UNIT: f64 = f64::EPSILON / 2.0;

/// G = KKᵀ and A = K·diag(1, …, n)·Kᵀ for the K with ones on the diagonal and −1 below it: the
/// eigenvalues are 1, …, n.
#[derive(Clone)]
struct State {
    n: usize,
    machine: Machine,
    a: Vec<f64>,
    g: Vec<f64>,
    x: Vec<f64>,
    l: Vec<f64>,
    values: Vec<f64>,
    scratch: Vec<f64>,
}

impl State {
    fn new(n: usize) -> Self {
        // Row i of K: −1 at i − 1, 1 at i.
        let product = |weight: &dyn Fn(usize) -> f64| -> Vec<f64> {
            let element = |e: usize| match (e / n, e % n) {
                (i, j) if i == j => weight(i) + if i > 0 { weight(i - 1) } else { 0.0 },
                (i, j) if i + 1 == j || j + 1 == i => -weight(i.min(j)),
                _ => 0.0,
            };
            (0..n * n).map(element).collect()
        };
        let (a, g) = (product(&|i| (i + 1) as f64), product(&|_| 1.0));
        Self {
            n,
            machine: Machine::detect(),
            x: a.clone(),
            l: g.clone(),
            a,
            g,
            values: vec![0.0; n],
            scratch: vec![0.0; generalized_eigen_scratch_len(n)],
        }
    }

    /// c·n·u(‖C‖ + |μ|κ(G)): c = 10, ‖C‖ = n, κ(G) ≤ 4·n² as G is the second difference with one end free.
    fn check(&self) -> Result<(), String> {
        let n = self.n as f64;
        let allowed = 10.0 * n * UNIT * (n + n * 4.0 * n * n);
        all_close(&self.values, (0..self.n).map(|i| (i + 1) as f64), allowed)
    }
}

fn step(s: &mut State) {
    let n = s.n;
    s.x.copy_from_slice(&s.a);
    s.l.copy_from_slice(&s.g);
    let done = MatMut::col_major(&mut s.x, n, n).and_then(|x| {
        let l = MatMut::col_major(&mut s.l, n, n)?;
        generalized_eigen(s.machine, x, l, &mut s.values, &mut s.scratch)
    });
    assert_eq!(done, Ok(()), "G is positive definite");
}

fn pairs(criterion: &mut Criterion) {
    for n in SIZES {
        alone(criterion, ("generalized_eigen", n), State::new(n), step, State::check);
    }
}

criterion_group! {
    name = layer;
    config = settings();
    targets = pairs
}
criterion_main!(layer);
