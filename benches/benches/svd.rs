//! The singular value decomposition, beside faer's and nalgebra's bidiagonal ones.

use criterion::{Criterion, criterion_group, criterion_main};
use faer::diag::DiagMut;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::svd::{ComputeSvdVectors, SvdParams, svd as faer_svd, svd_scratch};
use faer::{Auto, MatMut as FaerMut, MatRef as FaerRef, Par, Spec};
use nalgebra::DMatrix;
use teeter::Machine;
use teeter::factor::{svd, svd_rank, svd_scratch_len};
use teeter::matrix::{MatMut, MatRef};
use teeter_benches::group::{alone, close, settings};
use teeter_benches::reference::gamma;

const SIZES: [usize; 4] = [4, 8, 32, 128];

const UNIT: f64 = f64::EPSILON / 2.0;

/// n × n by columns, whole numbers in [−4, 4] without a pattern; the decomposition beside it.
#[derive(Clone)]
struct State {
    n: usize,
    machine: Machine,
    a: Vec<f64>,
    u: Vec<f64>,
    values: Vec<f64>,
    v: Vec<f64>,
    scratch: Vec<f64>,
    rank: usize,
}

impl State {
    fn new(n: usize) -> Self {
        let element = |e: usize| {
            let x = (e as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            ((x ^ x >> 29) % 9) as f64 - 4.0
        };
        Self {
            n,
            machine: Machine::detect(),
            a: (0..n * n).map(element).collect(),
            u: vec![0.0; n * n],
            values: vec![0.0; n],
            v: vec![0.0; n * n],
            scratch: vec![0.0; svd_scratch_len(n, n)],
            rank: 0,
        }
    }

    /// ‖A − UΣVᵀ‖_F within (1 + √n)γ₁₂₀ₙ‖A‖_F, ours and generous for the others; descending.
    fn check(&self) -> Result<(), String> {
        let (n, mut error, mut size) = (self.n, 0.0, 0.0);
        for j in 0..n {
            for i in 0..n {
                let product: f64 =
                    (0..n).map(|k| self.u[k * n + i] * self.values[k] * self.v[k * n + j]).sum();
                error += (product - self.a[j * n + i]).powi(2);
                size += self.a[j * n + i].powi(2);
            }
        }
        let allowed = (2.0 + (n as f64).sqrt()) * gamma(120 * n, UNIT) * size.sqrt();
        let ordered = self.values.windows(2).all(|pair| pair[0] >= pair[1]);
        close(error.sqrt(), 0.0, if ordered { allowed } else { 0.0 })
    }
}

fn ours(s: &mut State) {
    let n = s.n;
    let views = MatRef::col_major(&s.a, n, n).and_then(|a| {
        let (u, v) = (MatMut::col_major(&mut s.u, n, n)?, MatMut::col_major(&mut s.v, n, n)?);
        svd(s.machine, a, u, &mut s.values, v, &mut s.scratch)
    });
    assert_eq!(views, Ok(()), "Jacobi converges");
}

fn faer(criterion: &mut Criterion, n: usize) {
    let params: Spec<SvdParams, f64> = <SvdParams as Auto<f64>>::auto().into();
    let thin = ComputeSvdVectors::Thin;
    let mut memory = MemBuffer::new(svd_scratch::<f64>(n, n, thin, thin, Par::Seq, params));
    let step = move |s: &mut State| {
        let u = FaerMut::from_column_major_slice_mut(&mut s.u, n, n);
        let v = FaerMut::from_column_major_slice_mut(&mut s.v, n, n);
        let (a, values) =
            (FaerRef::from_column_major_slice(&s.a, n, n), DiagMut::from_slice_mut(&mut s.values));
        let stack = MemStack::new(&mut memory);
        faer_svd(a, values, Some(u), Some(v), Par::Seq, stack, params).expect("faer converges");
    };
    alone(criterion, ("svd faer", n), State::new(n), step, State::check);
}

fn nalgebra(s: &mut State) {
    let n = s.n;
    let found = DMatrix::from_column_slice(n, n, &s.a).svd(true, true);
    s.values.copy_from_slice(found.singular_values.as_slice());
    s.u.copy_from_slice(found.u.as_ref().expect("asked for").as_slice());
    let v_t = found.v_t.as_ref().expect("asked for");
    s.v.iter_mut().enumerate().for_each(|(e, x)| *x = v_t[(e / n, e % n)]);
}

fn decompositions(criterion: &mut Criterion) {
    for n in SIZES {
        alone(criterion, ("svd", n), State::new(n), ours, State::check);
        faer(criterion, n);
        alone(criterion, ("svd nalgebra", n), State::new(n), nalgebra, State::check);
        let mut state = State::new(n);
        ours(&mut state);
        let rank = |s: &mut State| s.rank = svd_rank(&s.values, f64::EPSILON).unwrap_or(0);
        alone(criterion, ("svd_rank", n), state, rank, |s| close(s.rank as f64, n as f64, 0.0));
    }
}

criterion_group! {
    name = layer;
    config = settings();
    targets = decompositions
}
criterion_main!(layer);
