//! Train and watch the sharpness: a small network on the digits reaches its edge of stability.
//!
//! `cargo run --release -p teeter-host --example sharpness`

use teeter::Machine;
use teeter::krylov::{LanczosOptions, Which, extremal_eigenpair, extremal_eigenpair_scratch_len};
use teeter::matrix::MatRef;
use teeter::objective::{
    Activation, At, Loss, Mlp, MlpShape, mlp_initialize, mlp_param_len, mlp_scratch_len,
};
use teeter::optim::{Momentum, Sgd, SgdState};
use teeter::random::Stream;
use teeter_host::data::{digits, split};

const WIDTHS: [usize; 3] = [64, 16, 10];
const N: usize = mlp_param_len(&WIDTHS);
const ROWS: usize = 300;
const RATE: f64 = 0.5;
const KRYLOV: usize = 12;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let train = split(&digits()?, ROWS)?.train;
    let mut targets = vec![0.0; ROWS * 10];
    for (row, &label) in targets.chunks_exact_mut(10).zip(&train.labels) {
        row[label] = 1.0;
    }
    let data =
        (MatRef::row_major(&train.features, ROWS, 64)?, MatRef::row_major(&targets, ROWS, 10)?);
    let shape = MlpShape { widths: &WIDTHS, activation: Activation::Tanh, loss: Loss::HalfSquared };
    let mut params = [0.0; N];
    mlp_initialize(shape, Stream::new(0, 1), &mut params)?;

    let machine = Machine::detect();
    let mut memory = vec![0.0; mlp_scratch_len(&WIDTHS, ROWS)];
    let mut network = Mlp::new(machine, shape, data, &mut memory)?;
    let mut scratch = vec![0.0; extremal_eigenpair_scratch_len(N, KRYLOV)];
    let which = Which::LargestAlgebraic;
    let options = LanczosOptions { which, krylov_dim: KRYLOV, product_max: 50, tolerance: 1e-3 };
    let rule = Sgd { learning_rate: RATE, momentum: Momentum::None, weight_decay: 0.0 };
    let (mut gradient, mut eigenvector) = ([0.0; N], [1.0; N]);
    for step in 0..=1000 {
        let mut at = At::new(&mut network, &params)?;
        if step % 100 == 0 {
            let (hessian, v) = (&mut at.hessian(), &mut eigenvector);
            let pair = extremal_eigenpair(machine, hessian, &options, v, &mut scratch)?;
            let ratio = RATE * pair.value / 2.0;
            println!(
                "step {step:4}  loss {:.4}  η·λ₁/2 {ratio:.3}  {} products",
                at.loss(),
                pair.products
            );
        }
        at.gradient(&mut gradient)?;
        rule.step(machine, &gradient, &mut SgdState { velocity: &mut [] }, &mut params)?;
    }
    Ok(())
}
