//! The generalized symmetric-definite eigenproblem.

use teeter::matrix::MatMut;
use teeter::{Error, Float};

use super::{Context, Measured, Worst};
use crate::bound::generalized_eigen::{self as bound, Sizes};
use crate::input::{Source, general, matrix};
use crate::oracle::{dense, naive, reference};
use crate::property::factor::{narrow, wide};
use crate::subject::Subject;

/// Every property of it.
#[must_use]
pub fn all<T: Float>(subject: &dyn Subject<T>) -> Vec<Measured> {
    vec![
        generalized_eigen_solves_the_equation(subject),
        generalized_eigenvectors_are_orthonormal_in_the_metric(subject),
        generalized_eigenvalues_are_the_known_ones(subject),
        generalized_eigen_names_the_pivot(subject),
    ]
}

const ORDERS: [usize; 6] = [1, 2, 5, 16, 17, 34];

/// A pair and its decomposition in f64, scaled by powers of two so that nothing overflows.
struct Solved {
    n: usize,
    a: Vec<f64>,
    g: Vec<f64>,
    l: Vec<f64>,
    c: Vec<f64>,
    x: Vec<f64>,
    values: Vec<f64>,
}

/// |A||B|, square.
fn sizes(a: &[f64], b: &[f64], n: usize) -> Vec<f64> {
    naive::multiply(&dense::size(a), &dense::size(b), n)
}

/// AD for diagonal D.
fn columns_scaled(a: &[f64], d: &[f64]) -> Vec<f64> {
    a.iter().enumerate().map(|(e, x)| x * d[e % d.len()]).collect()
}

impl Solved {
    /// `None` if refused, or if the values are not ascending.
    fn new<T: Float>(subject: &dyn Subject<T>, a: &[T], g: &[T], n: usize) -> Option<Self> {
        let (mut x, mut l, mut values) = (a.to_vec(), g.to_vec(), vec![T::NAN; n]);
        let view = MatMut::row_major(&mut l, n, n);
        MatMut::row_major(&mut x, n, n)
            .and_then(|x| subject.generalized_eigen(x, view?, &mut values))
            .ok()?;
        let ordered = values.windows(2).all(|pair| pair[0] <= pair[1]);
        let finite = x.iter().chain(&values).chain(&l).all(|x| x.is_finite());
        if !ordered || !finite {
            return None;
        }
        let (of_a, of_g) = (dense::power(a), dense::power(g) / 2 * 2);
        let mut l = dense::scaled(&l, of_g / 2);
        (0..n * n).filter(|e| e % n > e / n).for_each(|e| l[e] = 0.0);
        let (a, inverse) = (dense::scaled(a, of_a), reference::inverse(&l, n));
        Some(Self {
            n,
            c: naive::triple(&inverse, &a, &naive::transpose(&inverse, n), n),
            g: dense::scaled(g, of_g),
            x: dense::scaled(&x, -of_g / 2),
            values: dense::scaled(&values, of_a - of_g),
            a,
            l,
        })
    }

    /// |L||C||Lᵀ|
    fn reduced(&self) -> Vec<f64> {
        sizes(&sizes(&self.l, &self.c, self.n), &naive::transpose(&self.l, self.n), self.n)
    }

    /// |L||L⁻¹|
    fn conditioned(&self) -> Vec<f64> {
        sizes(&self.l, &reference::inverse(&self.l, self.n), self.n)
    }

    fn sizes(&self) -> Sizes {
        let Self { n, a, g, l, c, x, values } = self;
        let (n, reduced, k) = (*n, self.reduced(), self.conditioned());
        let mirrored = naive::triple(&k, &reduced, &naive::transpose(&k, n), n);
        let (xm, factors) = (columns_scaled(x, values), sizes(l, &naive::transpose(l, n), n));
        let norm = naive::frobenius;
        Sizes {
            reduced: norm(l) * norm(c),
            solves: norm(&sizes(&reduced, x, n)),
            mirrored: norm(&sizes(&mirrored, x, n)),
            metric: norm(&sizes(&factors, &xm, n)),
            oracle: norm(&sizes(a, x, n)) + norm(&sizes(g, &xm, n)),
        }
    }

    /// ‖AX − GXM‖_F
    fn residual(&self) -> f64 {
        let xm = columns_scaled(&self.x, &self.values);
        let left = naive::multiply(&self.a, &self.x, self.n);
        naive::frobenius(&dense::difference(&left, &naive::multiply(&self.g, &xm, self.n)))
    }
}

/// Matrices with these metrics; at the edges of the format both of one size, so that values fit.
#[must_use]
pub fn pairs<T: Float>(n: usize) -> Vec<(&'static str, Vec<T>, Vec<T>)> {
    let (metrics, mut list) = (general::positive::<T>(n), Vec::new());
    for general::Named { name, a } in general::indefinite::<T>(n) {
        for metric in &metrics {
            let at_the_edge = |name: &str| name == "huge" || name == "tiny";
            if name == metric.name || !at_the_edge(name) && !at_the_edge(metric.name) {
                list.push((metric.name, a.clone(), metric.a.clone()));
            }
        }
    }
    list
}

/// ‖AX − GXM‖_F
#[must_use]
pub fn generalized_eigen_solves_the_equation<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    for n in ORDERS {
        for (_, a, g) in pairs::<T>(n) {
            let Some(solved) = Solved::new(subject, &a, &g, n) else {
                worst.see_f64(f64::NAN, 0.0);
                continue;
            };
            worst.see_f64(solved.residual(), bound::residual::<T>(n, solved.sizes()));
        }
    }
    worst.finish(Context::of("factor", subject), "generalized eigenpairs solve AX = GXM")
}

/// ‖XᵀGX − I‖_F
#[must_use]
pub fn generalized_eigenvectors_are_orthonormal_in_the_metric<T: Float>(
    subject: &dyn Subject<T>,
) -> Measured {
    let mut worst = Worst::default();
    for n in ORDERS {
        for (_, a, g) in pairs::<T>(n) {
            let Some(Solved { g, l, x, .. }) = Solved::new(subject, &a, &g, n) else {
                worst.see_f64(f64::NAN, 0.0);
                continue;
            };
            let transposed = naive::transpose(&x, n);
            let gram = naive::triple(&transposed, &g, &x, n);
            let defect = dense::difference(&gram, &dense::identity([n, n]));
            let substituted = sizes(&naive::transpose(&l, n), &x, n);
            let metric = sizes(&naive::transpose(&substituted, n), &substituted, n);
            let oracle = sizes(&sizes(&transposed, &g, n), &x, n);
            let allowed = [&substituted, &metric, &oracle].map(|x| naive::frobenius(x));
            let allowed = bound::orthonormality::<T>(n, allowed);
            worst.see_f64(naive::frobenius(&defect), allowed);
        }
    }
    let name = "generalized eigenvectors are orthonormal in G";
    worst.finish(Context::of("factor", subject), name)
}

/// Whole K with ones on its diagonal and two entries a row beside it.
fn whole_factor(n: usize) -> Vec<f64> {
    let (mut k, source) = (dense::identity([n, n]), &mut Source::new(n as u64));
    for i in 0..n {
        for j in [i.wrapping_sub(1), i.wrapping_sub(3)].into_iter().filter(|&j| j < i) {
            k[i * n + j] = source.whole(-1, 1) as f64;
        }
    }
    k
}

/// A = K·diag(m)·Kᵀ and G = KKᵀ in whole numbers have the eigenvalues m exactly.
#[must_use]
pub fn generalized_eigenvalues_are_the_known_ones<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    for n in ORDERS {
        let k = whole_factor(n);
        for repeated in [1, 3] {
            // −n/2 …, each as often as `repeated` says.
            let values: Vec<f64> = (0..n).map(|i| (i / repeated) as f64 - (n / 2) as f64).collect();
            let transposed = naive::transpose(&k, n);
            let a = naive::multiply(&columns_scaled(&k, &values), &transposed, n);
            let g = narrow::<T>(&naive::multiply(&k, &transposed, n));
            let (mut x, mut l, mut found) = (narrow::<T>(&a), g.clone(), vec![T::NAN; n]);
            let view = MatMut::row_major(&mut l, n, n);
            let done = MatMut::row_major(&mut x, n, n)
                .and_then(|x| subject.generalized_eigen(x, view?, &mut found));
            let inverse = reference::inverse(&k, n);
            let c = naive::triple(&inverse, &a, &naive::transpose(&inverse, n), n);
            let conditioned = sizes(&inverse, &k, n);
            let solves = sizes(&sizes(&conditioned, &c, n), &naive::transpose(&conditioned, n), n);
            let metric = sizes(&conditioned, &naive::transpose(&conditioned, n), n);
            let norm = naive::frobenius;
            for (found, right) in wide(&found).iter().zip(&values) {
                let found = if done.is_ok() { *found } else { f64::NAN };
                let parts = [norm(&c), norm(&solves), right.abs() * norm(&metric)];
                worst.see_f64((found - right).abs(), bound::value::<T>(n, parts));
            }
        }
    }
    worst.finish(Context::of("factor", subject), "generalized eigenvalues are the known ones")
}

/// G = KDKᵀ with a pivot of 0 or −1: named with its index, and A as it was.
#[must_use]
pub fn generalized_eigen_names_the_pivot<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let (mut broken, mut cases) = (0, 0);
    for n in ORDERS {
        for index in [0, n / 2, n - 1] {
            for value in [0.0, -1.0] {
                let (k, mut d) = (whole_factor(n), vec![1.0; n]);
                d[index] = value;
                let g = naive::multiply(&columns_scaled(&k, &d), &naive::transpose(&k, n), n);
                let a = narrow::<T>(&matrix::whole_symmetric(n, 3));
                let (mut x, mut l, mut values) = (a.clone(), narrow::<T>(&g), vec![T::ONE; n]);
                let view = MatMut::row_major(&mut l, n, n);
                let done = MatMut::row_major(&mut x, n, n)
                    .and_then(|x| subject.generalized_eigen(x, view?, &mut values));
                cases += 1;
                let untouched = x == a && values == vec![T::ONE; n];
                broken += usize::from(done != Err(Error::Pivot { index, value }) || !untouched);
            }
        }
    }
    let name = "generalized eigen names the pivot";
    Measured::exact(Context::of("factor", subject), name, broken, cases)
}
