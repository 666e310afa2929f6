//! Products and solves of half a matrix, and the factorizations that leave triangles.

use teeter::factor::{ldlt_in_place, lu_in_place, qr_form, qr_in_place, qr_scratch_len};
use teeter::matrix::{Diagonal, MatMut, MatRef, Side, Triangle, syrk, trsm};
use teeter::{Error, Float, Machine};

use super::{FITS, view, view_mut};
use crate::buffer::Buffer;
use crate::case::Case;
use crate::peer::{Task, factor_answer, lower_answer, on, sources, task, upper_triangle};

/// The lower triangle of C ← AAᵀ.
pub(super) fn products<T: Float>(m: Machine, case: &Case<T>) -> Option<Box<dyn Task>> {
    fn step<T: Float>(m: Machine, s: &mut Case<T>) -> Result<(), Error> {
        let (layout, n) = (s.shape.layout, s.shape.n);
        let c = view_mut(layout, &mut s.c, n)?.symmetric(Triangle::Lower);
        syrk(m, T::ONE, view(layout, &s.a, n)?, T::ZERO, c)
    }
    on(case, move |s| step(m, s).expect(FITS), lower_answer)
}

/// C ← L⁻¹B, L the lower triangle of A.
pub(super) fn solves<T: Float>(m: Machine, case: &Case<T>) -> Option<Box<dyn Task>> {
    fn step<T: Float>(m: Machine, s: &mut Case<T>) -> Result<(), Error> {
        let (layout, n) = (s.shape.layout, s.shape.n);
        s.c.copy_from_slice(&s.b);
        let l = view(layout, &s.a, n)?.triangular(Triangle::Lower, Diagonal::NonUnit);
        trsm(m, T::ONE, Side::Left(l), view_mut(layout, &mut s.c, n)?)
    }
    on(case, move |s| step(m, s).expect("the diagonal has no zero"), |s| s.c.to_f64())
}

/// D on the diagonal and L below it, in C.
pub(super) fn ldlt<T: Float>(m: Machine, case: &Case<T>) -> Option<Box<dyn Task>> {
    fn step<T: Float>(m: Machine, s: &mut Case<T>) -> Result<usize, Error> {
        s.c.copy_from_slice(&s.a);
        ldlt_in_place(m, view_mut(s.shape.layout, &mut s.c, s.shape.n)?, None)
    }
    on(
        case,
        move |s| {
            step(m, s).expect("A needs no exchange");
        },
        |s| s.c.to_f64(),
    )
}

/// U and L in C, then for each row of PA its row in A.
pub(super) fn lu<T: Float>(m: Machine, case: &Case<T>) -> Option<Box<dyn Task>> {
    task(
        (case.clone(), vec![0; case.shape.n]),
        move |(s, pivots)| {
            s.c.copy_from_slice(&s.a);
            let c = view_mut(s.shape.layout, &mut s.c, s.shape.n).expect(FITS);
            lu_in_place(m, c, pivots).expect("A is finite");
        },
        |(s, pivots)| {
            let mut answer = s.c.to_f64();
            answer.extend(sources(pivots.iter().copied()).into_iter().map(|row| row as f64));
            answer
        },
    )
}

/// R and the reflectors in C; the answer is Q, formed outside the time, then R, both by columns.
pub(super) fn qr<T: Float>(m: Machine, case: &Case<T>) -> Option<Box<dyn Task>> {
    let n = case.shape.n;
    let scratch = Buffer::<T>::zeros(qr_scratch_len(n, n));
    task(
        (case.clone(), vec![T::ZERO; n], scratch),
        move |(s, tau, scratch)| {
            s.c.copy_from_slice(&s.a);
            let c = view_mut(s.shape.layout, &mut s.c, n).expect(FITS);
            qr_in_place(m, c, tau, scratch).expect("A is finite and of moderate size");
        },
        move |(s, tau, _)| {
            let (mut q, mut scratch) = (vec![T::ZERO; n * n], vec![T::ZERO; qr_scratch_len(n, n)]);
            let factors: MatRef<'_, T> = view(s.shape.layout, &s.c, n).expect(FITS);
            let target = MatMut::col_major(&mut q, n, n).expect(FITS);
            qr_form(m, factors, tau, target, &mut scratch).expect(FITS);
            let mut answer: Vec<f64> = q.iter().map(|q| q.to_f64()).collect();
            // The map from rows to columns is its own inverse.
            answer.extend(upper_triangle(&factor_answer(s.shape, &s.c.to_f64()), n));
            answer
        },
    )
}
