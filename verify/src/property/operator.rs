//! Operators: adapters are what they say, and symmetric ones are symmetric.

use teeter::Float;
use teeter::matrix::MatRef;
use teeter::operator::{Dense, Diagonal, FromFn, LinearOperator, Preconditioned, Scaled, Shifted};

use super::{Context, Measured};
use crate::input::{Source, matrix, vector};
use crate::subject::Subject;

/// Every property of the layer.
#[must_use]
pub fn all<T: Float>(subject: &dyn Subject<T>) -> Vec<Measured> {
    vec![operators_are_exact_on_whole_numbers(subject)]
}

/// Each operator against whole-number arithmetic, and uᵀ(Aw) = wᵀ(Au), with no rounding at all.
#[must_use]
pub fn operators_are_exact_on_whole_numbers<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let machine = subject.machine();
    let (mut broken, mut cases) = (0, 0);
    for n in [1, 2, 5, 17, 33] {
        let source = &mut Source::new(n as u64);
        let wide = matrix::whole_symmetric(n, 11);
        let a: Vec<T> = wide.iter().map(|&x| T::from_f64(x)).collect();
        let d: Vec<T> = vector::lattice(n, source);
        let x: Vec<T> = vector::lattice(n, source);
        let w: Vec<T> = vector::lattice(n, source);
        let entry = |i: usize, j: usize| wide[i * n + j];
        let at = |v: &[T], i: usize| v[i].to_f64();
        let mut scratch = vec![T::NAN; n];
        let Ok(dense) = MatRef::row_major(&a, n, n).and_then(|a| Dense::new(machine, a)) else {
            broken += 1;
            continue;
        };
        let product = |x: &[T], y: &mut [T]| {
            for (y, &x) in y.iter_mut().zip(x) {
                *y = x + x;
            }
            Ok(())
        };
        let mut diagonal = Diagonal::new(&d);
        let mut closure = FromFn::new(n, product);
        let mut shifted = Shifted::new(machine, dense, T::from_f64(-3.0));
        let mut scaled = Scaled::new(machine, dense, T::from_f64(-2.0));
        let Ok(mut conditioned) = Preconditioned::new(machine, dense, &d, &mut scratch) else {
            broken += 1;
            continue;
        };
        let mut dense = dense;
        let unit = |i: usize, j: usize| f64::from(u8::from(i == j));
        type Truth<'a> = &'a dyn Fn(usize, usize) -> f64;
        let list: [(&mut dyn LinearOperator<T>, Truth); 6] = [
            (&mut dense, &entry),
            (&mut diagonal, &|i, j| at(&d, i) * unit(i, j)),
            (&mut closure, &|i, j| 2.0 * unit(i, j)),
            (&mut shifted, &|i, j| entry(i, j) - 3.0 * unit(i, j)),
            (&mut scaled, &|i, j| -2.0 * entry(i, j)),
            (&mut conditioned, &|i, j| at(&d, i) * entry(i, j) * at(&d, j)),
        ];
        for (operator, truth) in list {
            let (mut ax, mut aw) = (vec![T::NAN; n], vec![T::NAN; n]);
            let done = operator.apply(&x, &mut ax).and_then(|()| operator.apply(&w, &mut aw));
            broken += usize::from(done.is_err() || operator.dim() != n);
            for (i, computed) in ax.iter().enumerate() {
                let exact: f64 = (0..n).map(|j| truth(i, j) * at(&x, j)).sum();
                cases += 1;
                // Written so that NaN counts as broken.
                broken += usize::from(computed.to_f64() != exact);
            }
            let inner = |u: &[T], v: &[T]| (0..n).map(|i| at(u, i) * at(v, i)).sum::<f64>();
            broken += usize::from(inner(&w, &ax) != inner(&x, &aw));
        }
    }
    let context = Context::of("operator", subject);
    Measured::exact(context, "operators are exact on whole numbers", broken, cases)
}
