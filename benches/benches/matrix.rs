//! Levels 2 and 3; their symmetric and triangular forms have files of their own.

use criterion::{Criterion, criterion_group, criterion_main};
use teeter_benches::case::{Layout, Operation};
use teeter_benches::group::{settings, with_peers};
use teeter_benches::peer::Number;

const SIZES: [usize; 3] = [8, 32, 128];

fn beside_peers<T: Number>(criterion: &mut Criterion) {
    let layouts = &[Layout::Row, Layout::Col];
    with_peers::<T>(criterion, "gemv", (Operation::Gemv, layouts), &SIZES);
    with_peers::<T>(criterion, "gemv transposed", (Operation::GemvT, layouts), &SIZES);
    with_peers::<T>(criterion, "ger", (Operation::Ger, layouts), &SIZES);
    with_peers::<T>(criterion, "gemm", (Operation::Gemm, layouts), &SIZES);
    with_peers::<T>(criterion, "gemm transposed", (Operation::GemmTn, layouts), &SIZES);
}

criterion_group! {
    name = layer;
    config = settings();
    targets = beside_peers::<f64>, beside_peers::<f32>
}
criterion_main!(layer);
