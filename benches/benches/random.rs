//! Counter-based random numbers.

use criterion::{Criterion, criterion_group, criterion_main};
use teeter::random::{Stream, normals_into, philox4x32, signs_into, uniforms_into};
use teeter_benches::group::{alone, close, settings};

const SIZES: [usize; 2] = [64, 4096];

const STREAM: Stream = Stream::new(1, 2);

/// Known answer of the generator: its published vector for zeros.
const ZERO_BLOCK: [u32; 4] = [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8];

fn generator(criterion: &mut Criterion) {
    alone(
        criterion,
        ("philox4x32", 1),
        ([0; 4], [0; 4]),
        |(counter, out)| *out = philox4x32(*counter, [0, 0]),
        |(_, out)| if *out == ZERO_BLOCK { Ok(()) } else { Err(format!("{out:x?}")) },
    );
}

fn fills(criterion: &mut Criterion) {
    for n in SIZES {
        let fill = |f: fn(Stream, &mut [f64])| move |x: &mut Vec<f64>| f(STREAM, x);
        alone(criterion, ("signs_into", n), vec![0.0; n], fill(signs_into), |x| {
            all(x, |x| x == 1.0 || x == -1.0)
        });
        alone(criterion, ("uniforms_into", n), vec![0.0; n], fill(uniforms_into), |x| {
            all(x, |x| x > 0.0 && x < 1.0)
        });
        // What Box and Muller's method can reach in f64, as its document says; and a mean
        // within six of its standard deviations 1/√n.
        alone(criterion, ("normals_into", n), vec![f64::NAN; n], fill(normals_into), |x| {
            all(x, |x| x.abs() < 8.6)?;
            let mean = x.iter().sum::<f64>() / n as f64;
            close(mean, 0.0, 6.0 / (n as f64).sqrt())
        });
    }
}

fn all(x: &[f64], right: impl Fn(f64) -> bool) -> Result<(), String> {
    let wrong = x.iter().find(|&&x| !right(x));
    wrong.map_or(Ok(()), |x| Err(format!("{x:e} cannot be drawn")))
}

criterion_group! {
    name = layer;
    config = settings();
    targets = generator, fills
}
criterion_main!(layer);
