//! Losses with their derivatives.

use teeter::objective::{
    self, Activation, At, Loss, Mlp, MlpShape, Objective, Quadratic, mlp_initialize, mlp_param_len,
    mlp_scratch_len,
};
use teeter::operator::LinearOperator;
use teeter::random::Stream;
use teeter::{Error, Float};

use crate::Hash;
use crate::input::{Fill, Number, fill};
use crate::krylov::symmetric;
use crate::lab::{Lab, Layout};

/// Everything that can be asked at one point.
fn ask<T: Float, O: Objective<T>>(
    hash: &mut Hash,
    objective: &mut O,
    params: &[T],
    v: &[T],
    out: &mut [T],
) -> Result<(), Error> {
    let mut at = At::new(objective, params)?;
    hash.number(at.loss());
    at.gradient(out)?;
    hash.numbers(out);
    at.hessian().apply(v, out)?;
    hash.numbers(out);
    at.gauss_newton().apply(v, out)?;
    hash.numbers(out);
    at.fisher_diagonal(out)?;
    hash.numbers(out);
    Ok(())
}

pub(crate) fn mlp<T: Number>(lab: &mut Lab<'_, T>) {
    let machine = lab.machine;
    let activations =
        [Activation::Tanh, Activation::Relu, Activation::Softplus, Activation::Identity];
    let networks: [(&[usize], usize); 3] = [(&[2, 3], 4), (&[3, 17, 5], 7), (&[4, 9, 6, 2], 130)];
    for (seed, (widths, samples)) in (0..).zip(networks) {
        for activation in activations {
            for loss in [Loss::HalfSquared, Loss::CrossEntropy] {
                let shape = MlpShape { widths, activation, loss };
                let (inputs, outputs) = (widths[0], widths[widths.len() - 1]);
                let n = mlp_param_len(widths);
                let scratch = mlp_scratch_len(widths, samples);
                let lens = [samples * inputs, samples * outputs, n, n, n, scratch];
                let ([x, t, params, v, out, scratch], hash) = lab.lend(lens);
                fill(x, Fill::Plain, seed);
                t.fill(T::ZERO);
                for i in 0..samples {
                    t[i * outputs + i % outputs] = T::ONE;
                }
                fill(v, Fill::Plain, seed + 1000);
                let done = mlp_initialize(shape, Stream::new(seed, 1), params).and_then(|()| {
                    let x = Layout::Rows.of(x, [samples, inputs]);
                    let t = Layout::Rows.of(t, [samples, outputs]);
                    let mut mlp = Mlp::new(machine, shape, (x, t), scratch)?;
                    ask(hash, &mut mlp, params, v, out)
                });
                hash.outcome(done);
            }
        }
    }
}

pub(crate) fn quadratic<T: Number>(lab: &mut Lab<'_, T>) {
    let machine = lab.machine;
    for (seed, n) in (0..).zip([1, 2, 9, 17, 33]) {
        let lens = [n * n, n, n, n, n, objective::quadratic_scratch_len(n)];
        let ([a, center, params, v, out, scratch], hash) = lab.lend(lens);
        symmetric(a, n, seed);
        fill(center, Fill::Plain, seed + 1000);
        fill(params, Fill::Plain, seed + 2000);
        fill(v, Fill::Plain, seed + 3000);
        let a = Layout::Rows.of(a, [n, n]);
        let done = Quadratic::new(machine, a, center, scratch)
            .and_then(|mut bowl| ask(hash, &mut bowl, params, v, out));
        hash.outcome(done);
    }
}
