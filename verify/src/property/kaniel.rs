//! How fast Lanczos must find the largest eigenvalue: the inequality of Kaniel, Paige and Saad.

use teeter::Float;

use super::{Context, Measured, Worst};
use crate::bound;
use crate::input::matrix;
use crate::oracle::{naive, reference};
use crate::subject::Subject;

/// Every property of it.
#[must_use]
pub fn all<T: Float>(subject: &dyn Subject<T>) -> Vec<Measured> {
    vec![ritz_values_keep_to_kaniel_paige_saad(subject)]
}

/// T_m(x) for x ≥ 1.
fn chebyshev(m: usize, x: f64) -> f64 {
    let (mut before, mut now) = (1.0, x);
    for _ in 1..m {
        (before, now) = (now, 2.0 * x * now - before);
    }
    if m == 0 { 1.0 } else { now }
}

/// 0 ≤ λ₁ − θ₁ ≤ (λ₁ − λₙ) tan²∠(v, u₁)/T²ₖ₋₁(1 + 2γ), γ = (λ₁ − λ₂)/(λ₂ − λₙ), on diagonal matrices, whose eigenvectors
/// are known; k steps err by `bound::lanczos` each, and faer's eigenvalues of T by theirs (oracle 21).
#[must_use]
pub fn ritz_values_keep_to_kaniel_paige_saad<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    let n = 24_i32;
    let spectra: [Vec<f64>; 3] = [
        (0..n).map(|i| f64::from(i) / 23.0).collect(),
        (0..n).map(|i| 0.75_f64.powi(n - i)).collect(),
        (0..n).map(|i| if i == n - 1 { 64.0 } else { f64::from(i) - 12.0 }).collect(),
    ];
    for spectrum in spectra {
        let values: Vec<T> = spectrum.iter().map(|&x| T::from_f64(x)).collect();
        let wide: Vec<f64> = values.iter().map(|x| x.to_f64()).collect();
        let start: Vec<T> = (0..n).map(|i| T::from_f64(1.0 + f64::from(i % 5) / 4.0)).collect();
        let square: f64 = start.iter().map(|x| x.to_f64().powi(2)).sum();
        let last = n as usize - 1;
        let [top, second, low] = [wide[last], wide[last - 1], wide[0]];
        let top_square = start[last].to_f64().powi(2);
        let tangent = (square - top_square) / top_square;
        let gap = (top - second) / (second - low);
        for k in [1, 2, 4, 8, 12] {
            let mut apply = |x: &[T], y: &mut [T]| {
                for ((y, &x), &value) in y.iter_mut().zip(x).zip(&values) {
                    *y = value * x;
                }
            };
            let Ok(process) = subject.lanczos(&mut apply, &start, k) else {
                worst.see_f64(f64::NAN, 0.0);
                continue;
            };
            let [d, e] = [&process.diagonal, &process.off_diagonal]
                .map(|list| list.iter().map(|x| x.to_f64()).collect::<Vec<f64>>());
            let steps = d.len();
            let t = matrix::dense(&d, &e[..steps - 1]);
            let ritz = reference::eigenvalues(&t, steps)[steps - 1];
            let norm = naive::norm(&wide);
            let defect = bound::lanczos_orthogonality::<T>(n as usize, steps);
            let rounded = (steps as f64).sqrt() * bound::lanczos::<T>(n as usize, steps, defect)
                + bound::eigen::<f64>(steps);
            let limit = (top - low) * tangent / chebyshev(k - 1, 1.0 + 2.0 * gap).powi(2);
            let beyond = (top - ritz - limit).max(ritz - top);
            let error = if beyond.is_nan() { beyond } else { beyond.max(0.0) };
            worst.see_f64(error, 2.0 * rounded * norm);
        }
    }
    worst.finish(Context::of("krylov", subject), "Ritz values keep to Kaniel, Paige and Saad")
}
