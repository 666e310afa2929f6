//! Sizes known when compiled, beside everyone who may be called there.

use criterion::{Criterion, criterion_group, criterion_main};
use teeter::fixed;
use teeter_benches::case::{Case, Layout, Operation, Shape};
use teeter_benches::group::{all_close, alone, settings};
use teeter_benches::peer::{Number, Peer, TeeterFixed};
use teeter_benches::reference::{Reference, gamma};

/// What the table measures too, here alone and with its answer checked.
fn beside_peers<T: Number>(criterion: &mut Criterion) {
    for operation in Operation::ALL {
        for n in [4, 8, 12] {
            let layout = if operation.class() == teeter_benches::operation::Class::Vector {
                Layout::Vector
            } else {
                Layout::Col
            };
            let case = Case::<T>::new(Shape { operation, layout, n });
            let Some(mut task) = TeeterFixed.task(&case) else { continue };
            task.run(1);
            let verdict = Reference::new(&case).check(&task.answer());
            assert!(verdict.is_ok(), "{} at n = {n}: {verdict:?}", operation.name());
            let name = format!("fixed {} {}", operation.name(), T::NAME);
            criterion
                .benchmark_group(name)
                .bench_function(n.to_string(), |bencher| bencher.iter(|| task.run(1)));
        }
    }
}

/// Both substitutions with L of ones, whose solutions are known: Lx = (1, 2, …) has x = 1.
fn substitution(criterion: &mut Criterion) {
    let l: [[f64; N]; N] = std::array::from_fn(|j| std::array::from_fn(|i| f64::from(i >= j)));
    let rising: [f64; N] = std::array::from_fn(|i| (i + 1) as f64);
    let falling: [f64; N] = std::array::from_fn(|i| (N - i) as f64);
    let check = |x: &[f64; N]| all_close(x, [1.0; N], gamma(N, f64::EPSILON / 2.0));
    let forward = |x: &mut [f64; N]| {
        *x = rising;
        fixed::solve_lower(&l, x).expect("ones on the diagonal");
    };
    alone(criterion, ("fixed solve_lower", N), [0.0; N], forward, check);
    let backward = |x: &mut [f64; N]| {
        *x = falling;
        fixed::solve_lower_transposed(&l, x).expect("ones on the diagonal");
    };
    alone(criterion, ("fixed solve_lower_transposed", N), [0.0; N], backward, check);
}

/// The order of the matrices below.
const N: usize = 8;
type Square = [[f64; N]; N];
/// A name, what it does to zeros, and what then stands there.
type Step<'a> = (&'a str, &'a dyn Fn(&mut Square), Square);

/// Each step from zeros, for the updates add to what is there; whole numbers, so every answer is exact.
fn exact(criterion: &mut Criterion, steps: &[Step<'_>]) {
    for (name, step, right) in steps {
        let check =
            |c: &Square| all_close(c.as_flattened(), right.as_flattened().iter().copied(), 0.0);
        let from_zeros = |c: &mut Square| {
            *c = [[0.0; N]; N];
            step(c);
        };
        let name = format!("fixed {name}");
        alone(criterion, (name.as_str(), N), [[0.0; N]; N], from_zeros, check);
    }
}

/// A triangle of ones, and nothing above it.
fn ones_below(scale: f64) -> Square {
    std::array::from_fn(|j| std::array::from_fn(|i| if i >= j { scale } else { 0.0 }))
}

/// Only the first column.
fn first(column: [f64; N]) -> Square {
    std::array::from_fn(|j| if j == 0 { column } else { [0.0; N] })
}

/// Products with a symmetric matrix of ones, and updates of one.
fn symmetric(criterion: &mut Criterion) {
    let (a, x, n) = (ones_below(1.0), [1.0; N], N as f64);
    exact(
        criterion,
        &[
            ("symv", &|c| fixed::symv(1.0, &a, &x, 0.0, &mut c[0]), first([n; N])),
            ("syr", &|c| fixed::syr(2.0, &x, c), ones_below(2.0)),
            ("syr2", &|c| fixed::syr2(1.0, &x, &x, c), ones_below(2.0)),
            ("syrk", &|c| fixed::syrk(1.0, &[x; N], 0.0, c), ones_below(n)),
            ("symm", &|c| fixed::symm(1.0, &a, &[x; N], 0.0, c), [[n; N]; N]),
        ],
    );
}

/// Products and solves with L of ones: L·1 = (1, 2, …), Lᵀ·1 = (…, 2, 1).
fn triangular(criterion: &mut Criterion) {
    let (l, x) = (ones_below(1.0), [1.0; N]);
    let rising: [f64; N] = std::array::from_fn(|i| (i + 1) as f64);
    let falling: [f64; N] = std::array::from_fn(|i| (N - i) as f64);
    let product = |c: &mut Square| {
        c[0] = x;
        fixed::multiply_lower(&l, &mut c[0]);
    };
    let transposed = |c: &mut Square| {
        c[0] = x;
        fixed::multiply_lower_transposed(&l, &mut c[0]);
    };
    let products = |c: &mut Square| {
        *c = [x; N];
        fixed::multiply_lower_matrix(&l, c);
    };
    let all_transposed = |c: &mut Square| {
        *c = [x; N];
        fixed::multiply_lower_transposed_matrix(&l, c);
    };
    let solve = |c: &mut Square| {
        *c = [rising; N];
        fixed::solve_lower_matrix(&l, c).expect("ones on the diagonal");
    };
    let solve_transposed = |c: &mut Square| {
        *c = [falling; N];
        fixed::solve_lower_transposed_matrix(&l, c).expect("ones on the diagonal");
    };
    exact(
        criterion,
        &[
            ("multiply_lower", &product, first(rising)),
            ("multiply_lower_transposed", &transposed, first(falling)),
            ("multiply_lower_matrix", &products, [rising; N]),
            ("multiply_lower_transposed_matrix", &all_transposed, [falling; N]),
            ("solve_lower_matrix", &solve, [x; N]),
            ("solve_lower_transposed_matrix", &solve_transposed, [x; N]),
        ],
    );
}

criterion_group! {
    name = layer;
    config = settings();
    targets = beside_peers::<f64>, beside_peers::<f32>, substitution, symmetric, triangular
}
criterion_main!(layer);
