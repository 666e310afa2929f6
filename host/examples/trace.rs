//! The trace of a Hessian never formed, with its error bar, beside the exact one.
//!
//! `cargo run --release -p teeter-host --example trace`

use teeter::Machine;
use teeter::matrix::MatRef;
use teeter::objective::{
    Activation, At, Loss, Mlp, MlpShape, mlp_initialize, mlp_param_len, mlp_scratch_len,
};
use teeter::random::Stream;
use teeter::trace::{
    HutchinsonOptions, Probe, hutchinson, hutchinson_scratch_len, trace_exact,
    trace_exact_scratch_len,
};
use teeter_host::data::{digits, split};

const WIDTHS: [usize; 3] = [64, 8, 10];
const N: usize = mlp_param_len(&WIDTHS);
const ROWS: usize = 300;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let train = split(&digits()?, ROWS)?.train;
    let mut targets = vec![0.0; ROWS * 10];
    for (row, &label) in targets.chunks_exact_mut(10).zip(&train.labels) {
        row[label] = 1.0;
    }
    let data =
        (MatRef::row_major(&train.features, ROWS, 64)?, MatRef::row_major(&targets, ROWS, 10)?);
    let shape =
        MlpShape { widths: &WIDTHS, activation: Activation::Tanh, loss: Loss::CrossEntropy };
    let mut params = [0.0; N];
    mlp_initialize(shape, Stream::new(0, 1), &mut params)?;

    let machine = Machine::detect();
    let mut memory = vec![0.0; mlp_scratch_len(&WIDTHS, ROWS)];
    let mut network = Mlp::new(machine, shape, data, &mut memory)?;
    let mut at = At::new(&mut network, &params)?;

    let mut scratch = vec![0.0; hutchinson_scratch_len(N).max(trace_exact_scratch_len(N))];
    let exact = trace_exact(&mut at.hessian(), &mut scratch)?;
    println!("exact, {N} products: Tr H = {exact:.4}");
    for products in [4, 16, 64, 256] {
        let (probe, confidence, stream) = (Probe::Rademacher, 0.95, Stream::new(0, 2));
        let options = HutchinsonOptions { probe, products, confidence, stream };
        let trace = hutchinson(machine, &mut at.hessian(), &options, &mut scratch)?;
        let (value, lower, upper) = (trace.value, trace.lower, trace.upper);
        println!(
            "{products:3} probes: {value:.4}, with 95 % confidence in [{lower:.4}, {upper:.4}]"
        );
    }
    Ok(())
}
