//! Factorizations by faer: by columns in either layout, since it has no fast path for rows.

use faer::diag::DiagMut;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::ldlt::factor as ldlt_of;
use faer::linalg::cholesky::llt::factor as llt;
use faer::linalg::evd::{
    ComputeEigenvectors, SelfAdjointEvdParams, self_adjoint_evd, self_adjoint_evd_scratch,
};
use faer::linalg::householder;
use faer::linalg::lu::partial_pivoting::factor as lu_of;
use faer::linalg::qr::no_pivoting::factor as qr_of;
use faer::traits::RealField;
use faer::{Auto, Conj, Mat, Par, Spec};
use teeter::Float;

use crate::case::{Case, Layout};
use crate::peer::faer::{view, view_mut};
use crate::peer::{
    Task, copy_by_columns, eigen_answer, factor_answer, lu_answer, task, upper_triangle,
};

/// A is symmetric, so its rows are its columns. The answer is turned round where rows were asked
/// for.
pub(super) fn cholesky<T: Float + RealField>(case: &Case<T>) -> Option<Box<dyn Task>> {
    let n = case.shape.n;
    let params: Spec<llt::LltParams, T> = Spec::default();
    let memory = MemBuffer::new(llt::cholesky_in_place_scratch::<T>(n, Par::Seq, params));
    task(
        (case.clone(), memory),
        move |(s, memory)| {
            s.c.copy_from_slice(&s.a);
            let (a, stack) = (view_mut(Layout::Col, &mut s.c, n), MemStack::new(memory));
            let none = llt::LltRegularization::default();
            let done = llt::cholesky_in_place(a, none, Par::Seq, stack, params);
            done.expect("A is positive definite");
        },
        |(s, _)| factor_answer(s.shape, &s.c.to_f64()),
    )
}

/// Without pivots: faer's pivoting one is another function, and slower.
pub(super) fn ldlt<T: Float + RealField>(case: &Case<T>) -> Option<Box<dyn Task>> {
    let n = case.shape.n;
    let params: Spec<ldlt_of::LdltParams, T> = Spec::default();
    let memory = MemBuffer::new(ldlt_of::cholesky_in_place_scratch::<T>(n, Par::Seq, params));
    task(
        (case.clone(), memory),
        move |(s, memory)| {
            s.c.copy_from_slice(&s.a);
            let (a, stack) = (view_mut(Layout::Col, &mut s.c, n), MemStack::new(memory));
            let none = ldlt_of::LdltRegularization::default();
            let done = ldlt_of::cholesky_in_place(a, none, Par::Seq, stack, params);
            done.expect("A has no zero pivot");
        },
        |(s, _)| factor_answer(s.shape, &s.c.to_f64()),
    )
}

pub(super) fn lu<T: Float + RealField>(case: &Case<T>) -> Option<Box<dyn Task>> {
    let n = case.shape.n;
    let params: Spec<lu_of::PartialPivLuParams, T> = Spec::default();
    let memory = MemBuffer::new(lu_of::lu_in_place_scratch::<usize, T>(n, n, Par::Seq, params));
    task(
        (case.clone(), [vec![0_usize; n], vec![0_usize; n]], memory),
        move |(s, [source, inverse], memory)| {
            copy_by_columns(s);
            let (a, stack) = (view_mut(Layout::Col, &mut s.c, n), MemStack::new(memory));
            lu_of::lu_in_place(a, source, inverse, Par::Seq, stack, params);
        },
        |(s, [source, _], _)| lu_answer(s.shape, &s.c.to_f64(), source.iter().copied()),
    )
}

pub(super) fn qr<T: Float + RealField>(case: &Case<T>) -> Option<Box<dyn Task>> {
    let n = case.shape.n;
    let params: Spec<qr_of::QrParams, T> = Spec::default();
    let block = qr_of::recommended_block_size::<T>(n, n);
    let needed = qr_of::qr_in_place_scratch::<T>(n, n, block, Par::Seq, params);
    let coefficients: Mat<T> = Mat::zeros(block, n);
    task(
        (case.clone(), coefficients, MemBuffer::new(needed)),
        move |(s, coefficients, memory)| {
            copy_by_columns(s);
            let (a, stack) = (view_mut(Layout::Col, &mut s.c, n), MemStack::new(memory));
            qr_of::qr_in_place(a, coefficients.as_mut(), Par::Seq, stack, params);
        },
        move |(s, coefficients, _)| {
            let scratch =
                householder::apply_block_householder_sequence_on_the_left_in_place_scratch::<T>;
            let mut memory = MemBuffer::new(scratch(n, block, n));
            let mut q: Mat<T> = Mat::identity(n, n);
            householder::apply_block_householder_sequence_on_the_left_in_place_with_conj(
                view(Layout::Col, &s.c, n),
                coefficients.as_ref(),
                Conj::No,
                q.as_mut(),
                Par::Seq,
                MemStack::new(&mut memory),
            );
            let by_columns = (0..n * n).map(|k| Float::to_f64(q[(k % n, k / n)]));
            by_columns.chain(upper_triangle(&s.c.to_f64(), n)).collect()
        },
    )
}

pub(super) fn eigen<T: Float + RealField>(case: &Case<T>) -> Option<Box<dyn Task>> {
    let n = case.shape.n;
    let params: Spec<SelfAdjointEvdParams, T> = <SelfAdjointEvdParams as Auto<T>>::auto().into();
    let needed = self_adjoint_evd_scratch::<T>(n, ComputeEigenvectors::Yes, Par::Seq, params);
    task(
        (case.clone(), MemBuffer::new(needed)),
        move |(s, memory)| {
            let vectors = view_mut(Layout::Col, &mut s.c, n);
            let (a, values) = (view(Layout::Col, &s.a, n), DiagMut::from_slice_mut(&mut s.y));
            let stack = MemStack::new(memory);
            self_adjoint_evd(a, values, Some(vectors), Par::Seq, stack, params)
                .expect("the eigen-solver converges");
        },
        |(s, _)| eigen_answer(s),
    )
}
