//! QR, with and without pivoting, and least squares.

use teeter::Float;
use teeter::factor::qr_rank;
use teeter::matrix::{MatMut, MatRef};

use super::{Context, Measured, Worst};
use crate::bound;
use crate::input::general;
use crate::oracle::{dense, naive, reference};
use crate::property::factor::{narrow, wide};
use crate::subject::Subject;

/// Every property of QR.
#[must_use]
pub fn all<T: Float>(subject: &dyn Subject<T>) -> Vec<Measured> {
    vec![
        qr_residual_stays_within_its_bound(subject),
        q_is_orthogonal(subject),
        pivoted_qr_stays_within_its_bound(subject),
        pivoted_qr_reveals_the_rank(subject),
        least_squares_find_the_known_solution(subject),
        least_squares_agree_with_faer(subject),
    ]
}

/// On both sides of the block of 16, tall, wide and square.
const SHAPES: [[usize; 2]; 9] =
    [[1, 1], [2, 2], [5, 3], [3, 5], [16, 16], [17, 17], [40, 18], [18, 33], [34, 34]];

/// Q (m × r), R (r × n) in f64, R scaled by the power of two beside it, and the order of columns.
pub struct Factored {
    /// Thin Q.
    pub q: Vec<f64>,
    /// 2ᵏR.
    pub r: Vec<f64>,
    /// 2ᵏAP.
    pub a: Vec<f64>,
    /// k
    pub power: i32,
    /// Column j of AP is column `columns[j]` of A.
    pub columns: Vec<usize>,
}

/// Whether columns are exchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pivoting {
    /// A = QR
    None,
    /// AP = QR
    Columns,
}

/// Factors a row-major matrix; `None` if refused or if anything is not finite.
#[must_use]
pub fn factored<T: Float>(
    subject: &dyn Subject<T>,
    pivoting: Pivoting,
    a: &[T],
    [m, n]: [usize; 2],
) -> Option<Factored> {
    let r = m.min(n);
    let (mut qr, mut tau, mut q) = (a.to_vec(), vec![T::NAN; r], vec![T::NAN; m * r]);
    let mut columns: Vec<usize> = (0..n).collect();
    let view = MatMut::row_major(&mut qr, m, n).ok()?;
    match pivoting {
        Pivoting::None => subject.qr_in_place(view, &mut tau),
        Pivoting::Columns => subject.qr_pivoted_in_place(view, &mut tau, &mut columns),
    }
    .ok()?;
    let view = MatMut::row_major(&mut q, m, r).ok()?;
    subject.qr_form(MatRef::row_major(&qr, m, n).ok()?, &tau, view).ok()?;
    let mut seen = columns.clone();
    seen.sort_unstable();
    let sound = seen.iter().enumerate().all(|(j, &column)| j == column);
    if !sound || qr.iter().chain(&q).any(|x| !x.is_finite()) {
        return None;
    }
    let power = dense::power(a);
    let scaled = dense::scaled(a, power);
    let a = (0..m * n).map(|e| scaled[e / n * n + columns[e % n]]).collect();
    let r = dense::scaled(&dense::upper(&qr, [m, n]), power);
    Some(Factored { q: wide(&q), r, a, power, columns })
}

/// ‖aⱼ − Q̂r̂ⱼ‖/‖aⱼ‖ for each column that is not zero.
fn see_residual<T: Float>(worst: &mut Worst, found: Option<&Factored>, [m, n]: [usize; 2]) {
    let Some(Factored { q, r, a, .. }) = found else {
        worst.see_f64(f64::NAN, 0.0);
        return;
    };
    let rebuilt = dense::product(q, r, [m, m.min(n), n]);
    let residual = dense::column_norms(&dense::difference(a, &rebuilt), [m, n]);
    for (residual, norm) in residual.iter().zip(dense::column_norms(a, [m, n])) {
        if norm == 0.0 {
            worst.see_f64(*residual, 0.0);
        } else {
            worst.see_f64(residual / norm, bound::factor::qr::<T>(m, m.min(n)));
        }
    }
}

/// ‖aⱼ − Q̂r̂ⱼ‖ ≤ γ̃(1 + √n)‖aⱼ‖ for matrices of every kind.
#[must_use]
pub fn qr_residual_stays_within_its_bound<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    for shape in SHAPES {
        for general::Named { a, .. } in general::rectangular::<T>(shape[0], shape[1]) {
            let found = factored(subject, Pivoting::None, &a, shape);
            see_residual::<T>(&mut worst, found.as_ref(), shape);
        }
    }
    worst.finish(Context::of("factor", subject), "QR residual stays within its bound")
}

/// ‖Q̂ᵀQ̂ − I‖_F of the thin Q, also where A has hardly any digits.
#[must_use]
pub fn q_is_orthogonal<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    for [m, n] in SHAPES {
        let list = general::rectangular::<T>(m, n);
        for general::Named { a, .. } in list.into_iter().chain([general::subnormal(m, n)]) {
            for pivoting in [Pivoting::None, Pivoting::Columns] {
                let found = factored(subject, pivoting, &a, [m, n]);
                let defect = found.map_or(f64::NAN, |found| {
                    let (r, q) = (m.min(n), found.q);
                    let gram = dense::product(&dense::transpose(&q, [m, r]), &q, [r, m, r]);
                    naive::norm(&dense::difference(&gram, &dense::identity([r, r])))
                });
                worst.see_f64(defect, bound::factor::orthogonality::<T>(m, m.min(n)));
            }
        }
    }
    worst.finish(Context::of("factor", subject), "Q is orthogonal")
}

/// The residual of AP = QR, and a diagonal that does not grow beyond what norms carried along allow.
#[must_use]
pub fn pivoted_qr_stays_within_its_bound<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    for [m, n] in SHAPES {
        for general::Named { a, .. } in general::rectangular::<T>(m, n) {
            let found = factored(subject, Pivoting::Columns, &a, [m, n]);
            see_residual::<T>(&mut worst, found.as_ref(), [m, n]);
            let Some(Factored { r, a, .. }) = found else { continue };
            let r: Vec<f64> = (0..m.min(n)).map(|i| r[i * n + i].abs()).collect();
            // Below the rounding of the whole matrix the order means nothing.
            let floor = bound::factor::qr::<T>(m, m.min(n)) * naive::norm(&a);
            for pair in r.windows(2) {
                let growth = pair[1] - pair[0];
                let allowed = bound::factor::pivoted_decrease::<T>() * pair[1] + floor;
                worst.see_f64(growth.max(0.0), allowed);
            }
        }
    }
    worst.finish(Context::of("factor", subject), "pivoted QR stays within its bound")
}

/// Whole-number matrices of known rank: diagonal entries beyond it are rounding.
#[must_use]
pub fn pivoted_qr_reveals_the_rank<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let (mut broken, mut cases) = (0, 0);
    for [m, n] in [[1, 1], [6, 4], [4, 6], [20, 20], [33, 20], [20, 33]] {
        for rank in [0, 1, 2, 3, 4, 11, 20] {
            if rank > m.min(n) {
                continue;
            }
            let a = general::of_rank(m, n, rank, 7 + rank as u64);
            // Factors of full rank make a product of that rank; faer counts it for us.
            let exact = reference::rank(&a, [m, n]);
            let (mut qr, mut tau) = (narrow::<T>(&a), vec![T::NAN; m.min(n)]);
            let mut columns = vec![0; n];
            let tolerance = T::EPSILON * T::from_usize(4 * m.max(n));
            let found = MatMut::row_major(&mut qr, m, n)
                .and_then(|a| subject.qr_pivoted_in_place(a, &mut tau, &mut columns))
                .and_then(|()| qr_rank(MatRef::row_major(&qr, m, n)?, tolerance));
            cases += 1;
            broken += usize::from(found != Ok(exact));
        }
    }
    let name = "pivoted QR reveals the rank";
    Measured::exact(Context::of("factor", subject), name, broken, cases)
}

/// B = AX with whole numbers: no residual, so the error is κ times the bound.
#[must_use]
pub fn least_squares_find_the_known_solution<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    for [m, n] in [[1, 1], [3, 2], [17, 5], [20, 16], [40, 17], [34, 34]] {
        let a = general::whole(m, n, 3);
        let truth: Vec<f64> = (0..n).map(|j| (j as f64) - 3.0).collect();
        let b = dense::product(&a, &truth, [m, n, 1]);
        see_solution(subject, &mut worst, (&a, &b, &truth), [m, n]);
    }
    worst.finish(Context::of("factor", subject), "least squares find the known solution")
}

/// Equations that contradict each other, against faer's QR in f64.
#[must_use]
pub fn least_squares_agree_with_faer<T: Float>(subject: &dyn Subject<T>) -> Measured {
    let mut worst = Worst::default();
    for [m, n] in [[2, 1], [3, 2], [17, 5], [40, 17]] {
        let (a, b) = (general::uniform(m, n, 4), general::whole(m, 1, 5));
        let truth = reference::least_squares(&a, &b, [m, n]);
        see_solution(subject, &mut worst, (&a, &b, &truth), [m, n]);
    }
    worst.finish(Context::of("factor", subject), "least squares agree with faer")
}

/// ‖x̂ − x‖ within the bound of both solvers.
fn see_solution<T: Float>(
    subject: &dyn Subject<T>,
    worst: &mut Worst,
    (a, b, truth): (&[f64], &[f64], &[f64]),
    [m, n]: [usize; 2],
) {
    let (mut qr, mut x) = (narrow::<T>(a), narrow::<T>(b));
    let done = MatMut::row_major(&mut qr, m, n)
        .and_then(|a| subject.least_squares(a, MatMut::col_major(&mut x, m, 1)?));
    let error = dense::difference(&wide(&x[..n]), truth);
    let error = if done.is_ok() { naive::norm(&error) } else { f64::NAN };
    let residual = dense::difference(b, &dense::product(a, truth, [m, n, 1]));
    let condition = naive::norm(&reference::pseudo_inverse(a, [m, n]));
    let size = naive::norm(a);
    // In units of ‖A‖ = 1: κ = ‖A⁺‖‖A‖ and sizes over ‖A‖.
    let sizes = [naive::norm(b) / size, naive::norm(truth), naive::norm(&residual) / size];
    let allowed = bound::factor::least_squares::<T>([m, n], condition * size, sizes)
        + bound::factor::least_squares::<f64>([m, n], condition * size, sizes);
    worst.see_f64(error, allowed);
}
