//! The singular value decomposition.

use teeter::Float;
use teeter::matrix::{MatMut, MatRef};

use super::{Context, Measured, Worst};
use crate::bound::svd as bound;
use crate::input::general;
use crate::oracle::exact::{self, Exact};
use crate::oracle::{dense, inertia, naive, reference};
use crate::property::factor::{narrow, wide};
use crate::subject::Subject;

/// Every property of it.
#[must_use]
pub fn all<T: Float>(subject: &dyn Subject<T>) -> Vec<Measured> {
    vec![
        svd_reconstructs(subject),
        singular_vectors_are_orthonormal(subject),
        singular_values_agree_with_faer(subject),
        graded_singular_values_are_relatively_accurate(subject),
        svd_of_scaled_permutations_is_exact(subject),
    ]
}

/// Tall, square and wide.
pub const SHAPES: [[usize; 2]; 12] = [
    [1, 1],
    [4, 1],
    [1, 3],
    [2, 2],
    [5, 3],
    [3, 5],
    [9, 9],
    [16, 16],
    [20, 17],
    [33, 8],
    [12, 40],
    [34, 34],
];

/// U, Σ and V in f64, values times 2ᵖ.
#[derive(Debug)]
pub struct Decomposed {
    /// m × r
    pub u: Vec<f64>,
    /// r
    pub values: Vec<f64>,
    /// n × r
    pub v: Vec<f64>,
}

/// What the subject makes of A, its values scaled by `power`; `None` if it refuses, if a value is no
/// number or negative, or if they are not descending.
pub fn decomposed<T: Float>(
    subject: &dyn Subject<T>,
    a: &[T],
    [m, n]: [usize; 2],
    power: i32,
) -> Option<Decomposed> {
    let r = m.min(n);
    let (mut u, mut values, mut v) = (vec![T::NAN; m * r], vec![T::NAN; r], vec![T::NAN; n * r]);
    let (left, right) = (MatMut::row_major(&mut u, m, r), MatMut::col_major(&mut v, n, r));
    MatRef::row_major(a, m, n).and_then(|a| subject.svd(a, left?, &mut values, right?)).ok()?;
    let ordered = values.windows(2).all(|pair| pair[0] >= pair[1]);
    let sound = values.iter().all(|x| x.is_finite() && *x >= T::ZERO);
    let v: Vec<T> = (0..n * r).map(|e| v[e % r * n + e / r]).collect();
    (ordered && sound).then(|| Decomposed {
        u: wide(&u),
        values: dense::scaled(&values, power),
        v: wide(&v),
    })
}

/// ‖A − UΣVᵀ‖_F over ‖A‖_F.
#[must_use]
pub fn svd_reconstructs<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    for shape in SHAPES {
        let [m, n] = shape;
        let r = m.min(n);
        for general::Named { a, .. } in general::rectangular::<T>(m, n) {
            let power = dense::power(&a);
            let Some(found) = decomposed(subject, &a, shape, power) else {
                worst.see_f64(f64::NAN, 0.0);
                continue;
            };
            let a = dense::scaled(&a, power);
            let scaled: Vec<f64> =
                found.u.iter().enumerate().map(|(e, x)| x * found.values[e % r]).collect();
            let rebuilt = dense::product(&scaled, &dense::transpose(&found.v, [n, r]), [m, r, n]);
            let error = naive::frobenius(&dense::difference(&a, &rebuilt));
            worst.see_f64(error, bound::residual::<T>(shape) * naive::frobenius(&a));
        }
    }
    worst.finish(Context::of("factor", subject), "the SVD reconstructs the matrix")
}

/// ‖UᵀU − I‖_F and ‖VᵀV − I‖_F, rank deficient or not.
#[must_use]
pub fn singular_vectors_are_orthonormal<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    for shape in SHAPES {
        let [m, n] = shape;
        let r = m.min(n);
        let mut list = general::rectangular::<T>(m, n);
        list.push(general::subnormal(m, n));
        for general::Named { a, .. } in list {
            let Some(found) = decomposed(subject, &a, shape, dense::power(&a)) else {
                worst.see_f64(f64::NAN, 0.0);
                continue;
            };
            // The side that the rotations made, and that of what they made orthogonal.
            let (rotated, orthogonal) = (bound::rotated::<T>(r), bound::orthogonal::<T>(shape));
            let bounds = if m < n { [rotated, orthogonal] } else { [orthogonal, rotated] };
            for ((q, rows), allowed) in [(&found.u, m), (&found.v, n)].into_iter().zip(bounds) {
                let gram = dense::product(&dense::transpose(q, [rows, r]), q, [r, rows, r]);
                let defect = dense::difference(&gram, &dense::identity([r, r]));
                worst.see_f64(naive::frobenius(&defect), allowed);
            }
        }
    }
    worst.finish(Context::of("factor", subject), "singular vectors are orthonormal")
}

/// Against faer's, over ‖A‖_F; each within its bound of the truth, faer's in f64 as ours.
#[must_use]
pub fn singular_values_agree_with_faer<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    for shape in SHAPES {
        for general::Named { a, .. } in general::rectangular::<T>(shape[0], shape[1]) {
            let power = dense::power(&a);
            let found = decomposed(subject, &a, shape, power);
            let a = dense::scaled(&a, power);
            let (right, _, _) = reference::svd(&a, shape);
            let allowed = bound::residual::<T>(shape) + bound::residual::<f64>(shape);
            for (i, right) in right.iter().enumerate() {
                let value = found.as_ref().map_or(f64::NAN, |found| found.values[i]);
                worst.see_f64((value - right).abs(), allowed * naive::frobenius(&a));
            }
        }
    }
    worst.finish(Context::of("factor", subject), "singular values agree with faer's")
}

/// B of unit columns, whole numbers over their length, well conditioned; and the D that spoils it.
fn graded<T: Float>([m, n]: [usize; 2], step: i32, seed: u64) -> (Vec<T>, f64) {
    let mut b = general::uniform(m, n, seed);
    (0..n).for_each(|j| b[j * n + j] += 3.0);
    let norms = dense::column_norms(&b, [m, n]);
    let a: Vec<T> = (0..m * n)
        .map(|e| {
            T::from_f64(b[e] / norms[e % n]).scale_by_power(-step * ((5 * (e % n)) % n) as i32)
        })
        .collect();
    let unit: Vec<f64> = (0..m * n).map(|e| b[e] / norms[e % n]).collect();
    let (values, _, _) = reference::svd(&unit, [m, n]);
    (a, values[n - 1])
}

/// Columns of sizes far beyond 1/ε apart: value i lies where the inertia of AᵀA − τ²I, in exact
/// rationals, says, within a few units of itself.
#[must_use]
pub fn graded_singular_values_are_relatively_accurate<T: Float>(
    subject: &dyn Subject<T>,
) -> Measured {
    let mut worst = Worst::default();
    for ([m, n], step, transposed) in [
        ([4, 4], 11, false),
        ([6, 6], 12, false),
        ([6, 6], 30, false),
        ([9, 7], 14, false),
        ([9, 7], 14, true),
    ] {
        let step = if T::BITS == 32 { step / 2 } else { step };
        let (a, least) = graded::<T>([m, n], step, (m * n) as u64);
        let shape = if transposed { [n, m] } else { [m, n] };
        let laid: Vec<T> =
            if transposed { (0..m * n).map(|e| a[e % m * n + e / m]).collect() } else { a.clone() };
        let found = decomposed(subject, &laid, shape, 0);
        let gram: Vec<Exact> = (0..n * n)
            .map(|e| {
                let column = |j: usize| (0..m).map(|i| a[i * n + j]).collect::<Vec<T>>();
                exact::dot(&column(e / n), &column(e % n)).0
            })
            .collect();
        let allowed = bound::relative::<T>(shape, least);
        for i in 0..n {
            let value = found.as_ref().map_or(f64::NAN, |found| found.values[i]);
            worst.see_f64(distance(&gram, n, i, value, allowed), allowed);
        }
    }
    let name = "graded singular values are relatively accurate";
    worst.finish(Context::of("factor", subject), name)
}

/// A relative error between |σ̂ − σ|/σ and twice that, to the resolution of 1/64 of what is allowed: the first of
/// these steps at which exact counts find singular value i (descending) between the ends.
fn distance(gram: &[Exact], n: usize, i: usize, value: f64, allowed: f64) -> f64 {
    if !value.is_finite() || value <= 0.0 {
        return f64::NAN;
    }
    let below = |sigma: f64| {
        let square = exact::from(sigma).sqr();
        let mut shifted = gram.to_vec();
        (0..n).for_each(|k| shifted[k * n + k] -= &square);
        inertia::of(&shifted, n)[0]
    };
    let mut step = allowed / 64.0;
    for _ in 0..8 {
        let [low, high] = [value * (1.0 - step), value * (1.0 + step)];
        if below(low) <= n - 1 - i && below(high) > n - 1 - i {
            return step;
        }
        step *= 2.0;
    }
    f64::INFINITY
}

/// One whole number in each row and column: values, signs and places exactly, at every scale.
#[must_use]
pub fn svd_of_scaled_permutations_is_exact<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let (mut broken, mut cases) = (0, 0);
    let edge = general::extreme_power::<T>();
    for [m, n] in [[1, 1], [3, 3], [7, 4], [4, 7], [17, 17]] {
        let r = m.min(n);
        for power in [0, edge, -edge] {
            let mut a = vec![0.0; m * n];
            for k in 0..r {
                let place = (5 * k + 2) % r;
                a[k * n + place] = (k + 1) as f64 * if k % 2 == 0 { 1.0 } else { -1.0 };
            }
            let scaled: Vec<T> = narrow::<T>(&a).iter().map(|x| x.scale_by_power(power)).collect();
            cases += 1;
            let right: Vec<f64> = (1..=r).rev().map(|k| k as f64).collect();
            broken += usize::from(!decomposed(subject, &scaled, [m, n], -power).is_some_and(|f| {
                let product = |e: usize| {
                    let (i, j) = (e / n, e % n);
                    (0..r).map(|k| f.u[i * r + k] * f.values[k] * f.v[j * r + k]).sum::<f64>()
                };
                // Reflections divide by lengths, and so round what they form.
                let close = |e: usize| m != n || product(e) == a[e];
                f.values == right && (0..m * n).all(close)
            }));
        }
    }
    let name = "the SVD of scaled permutations is exact";
    Measured::exact(Context::of("factor", subject), name, broken, cases)
}
