//! One eigenvalue as firmware would find it: f32, every buffer an array whose length is known when compiling, one product per call.
//!
//! `cargo run --release -p teeter-host --example firmware_sized`

use teeter::krylov::{Lanczos, lanczos_scratch_len, ritz_scratch_len, ritz_values};
use teeter::matrix::MatRef;
use teeter::objective::{
    Activation, At, Loss, Mlp, MlpShape, mlp_initialize, mlp_param_len, mlp_scratch_len,
};
use teeter::operator::LinearOperator;
use teeter::random::{Stream, normals_into};
use teeter::{Error, Machine};

const WIDTHS: [usize; 3] = [4, 8, 2];
const N: usize = mlp_param_len(&WIDTHS);
const SAMPLES: usize = 16;
const STEPS: usize = 12;

fn main() -> Result<(), Error> {
    let (mut inputs, mut targets) = ([0.0_f32; SAMPLES * 4], [0.0_f32; SAMPLES * 2]);
    normals_into(Stream::new(0, 1), &mut inputs);
    for (target, input) in targets.chunks_exact_mut(2).zip(inputs.chunks_exact(4)) {
        target.copy_from_slice(&[input[0] * input[1], input[2].abs()]);
    }
    let data = (MatRef::row_major(&inputs, SAMPLES, 4)?, MatRef::row_major(&targets, SAMPLES, 2)?);
    let shape = MlpShape { widths: &WIDTHS, activation: Activation::Tanh, loss: Loss::HalfSquared };
    let mut params = [0.0; N];
    mlp_initialize(shape, Stream::new(0, 2), &mut params)?;

    // What a microcontroller would set aside, nothing more.
    let mut network_memory = [0.0; mlp_scratch_len(&WIDTHS, SAMPLES)];
    let mut lanczos_memory = [0.0; lanczos_scratch_len(N, STEPS)];
    let (mut start, mut product) = ([0.0; N], [0.0; N]);
    let bytes = 4 * (3 * N + network_memory.len() + lanczos_memory.len());
    println!("{N} parameters, {bytes} bytes of working memory");

    let mut network = Mlp::new(Machine::native(), shape, data, &mut network_memory)?;
    let mut at = At::new(&mut network, &params)?;
    normals_into(Stream::new(0, 3), &mut start);
    let mut lanczos = Lanczos::new(Machine::native(), &start, STEPS, &mut lanczos_memory)?;
    // One turn of this loop is one tick: a product, and nothing that could take longer.
    while let Some(q) = lanczos.wants() {
        at.hessian().apply(q, &mut product)?;
        lanczos.push(&product)?;
        let k = lanczos.steps();
        let (mut values, mut weights, mut residuals) = ([0.0; STEPS], [0.0; STEPS], [0.0; STEPS]);
        let parts = (&mut values[..k], &mut weights[..k], &mut residuals[..k]);
        ritz_values(&lanczos, parts.0, parts.1, parts.2, &mut [0.0; ritz_scratch_len(STEPS)])?;
        println!(
            "tick {k}: λ₁ = {:.5}, an eigenvalue within {:.1e}",
            values[k - 1],
            residuals[k - 1]
        );
    }
    Ok(())
}
