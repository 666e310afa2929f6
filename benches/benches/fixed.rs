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
    const N: usize = 8;
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

/// Products and updates with the lower triangle of ones, symmetric or not: whole numbers, exact in any order.
fn halves(criterion: &mut Criterion) {
    const N: usize = 8;
    type Step<'a> = &'a dyn Fn(&mut [[f64; N]; N]);
    let ones: [[f64; N]; N] = std::array::from_fn(|j| std::array::from_fn(|i| f64::from(i >= j)));
    let counted: [f64; N] = std::array::from_fn(|i| (i + 1) as f64);
    let backwards: [f64; N] = std::array::from_fn(|i| (N - i) as f64);
    let x = [1.0; N];
    let all = |column: [f64; N]| [column; N];
    let first = |column: [f64; N]| std::array::from_fn(|j| if j == 0 { column } else { [0.0; N] });
    let below = |value: f64| ones.map(|column| column.map(|one| value * one));
    let steps: [(&str, Step<'_>, [[f64; N]; N]); 11] = [
        ("symv", &|c| fixed::symv(1.0, &ones, &x, 0.0, &mut c[0]), first([N as f64; N])),
        ("syr", &|c| fixed::syr(2.0, &x, c), below(2.0)),
        ("syr2", &|c| fixed::syr2(1.0, &x, &x, c), below(2.0)),
        ("syrk", &|c| fixed::syrk(1.0, &[x; N], 0.0, c), below(N as f64)),
        ("symm", &|c| fixed::symm(1.0, &ones, &[x; N], 0.0, c), all([N as f64; N])),
        (
            "multiply_lower",
            &|c| {
                c[0] = x;
                fixed::multiply_lower(&ones, &mut c[0]);
            },
            first(counted),
        ),
        (
            "multiply_lower_transposed",
            &|c| {
                c[0] = x;
                fixed::multiply_lower_transposed(&ones, &mut c[0]);
            },
            first(backwards),
        ),
        (
            "multiply_lower_matrix",
            &|c| {
                *c = [x; N];
                fixed::multiply_lower_matrix(&ones, c);
            },
            all(counted),
        ),
        (
            "multiply_lower_transposed_matrix",
            &|c| {
                *c = [x; N];
                fixed::multiply_lower_transposed_matrix(&ones, c);
            },
            all(backwards),
        ),
        (
            "solve_lower_matrix",
            &|c| {
                *c = [counted; N];
                fixed::solve_lower_matrix(&ones, c).expect("ones on the diagonal");
            },
            all(x),
        ),
        (
            "solve_lower_transposed_matrix",
            &|c| {
                *c = [backwards; N];
                fixed::solve_lower_transposed_matrix(&ones, c).expect("ones on the diagonal");
            },
            all(x),
        ),
    ];
    for (name, step, right) in steps {
        let check = |c: &[[f64; N]; N]| {
            all_close(c.as_flattened(), right.as_flattened().iter().copied(), 0.0)
        };
        // The updates add to what is there: from nothing, each time.
        let from_nothing = |c: &mut [[f64; N]; N]| {
            *c = [[0.0; N]; N];
            step(c);
        };
        let name = format!("fixed {name}");
        alone(criterion, (name.as_str(), N), [[0.0; N]; N], from_nothing, check);
    }
}

criterion_group! {
    name = layer;
    config = settings();
    targets = beside_peers::<f64>, beside_peers::<f32>, substitution, halves
}
criterion_main!(layer);
