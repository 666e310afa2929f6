//! Symmetric eigenproblems and singular values.

use teeter::factor;

use super::scratch::teeter_scratch_f32;
use super::view::{teeter_matrix_f32, teeter_matrix_mut_f32};
use crate::machine::{machine_of, teeter_machine};
use crate::memory::{Memory, status};
use crate::status::{status_of, teeter_status};

/// `a` (n × n, lower triangle read) ← eigenvectors in its columns; `values`: n, ascending. `scratch`:
/// `teeter_symmetric_eigen_scratch_len(n)`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_symmetric_eigen_f32(
    machine: teeter_machine,
    a: teeter_matrix_mut_f32,
    values: *mut f32,
    scratch: teeter_scratch_f32,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches, as the header says, of what length each is.
        let (values, a, scratch) = unsafe {
            (memory.output(values, a.rows)?, a.view(&mut memory)?, scratch.view(&mut memory)?)
        };
        factor::symmetric_eigen(machine, a, values, scratch).map_err(status_of)
    })
}

/// Av = λGv: `a` ← vectors in its columns, `g` (positive definite) ← its Cholesky factor, `values`: n,
/// ascending. `scratch`: `teeter_generalized_eigen_scratch_len(n)`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_generalized_eigen_f32(
    machine: teeter_machine,
    a: teeter_matrix_mut_f32,
    g: teeter_matrix_mut_f32,
    values: *mut f32,
    scratch: teeter_scratch_f32,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches, as the header says, of what length each is.
        let (values, a, g, scratch) = unsafe {
            (
                memory.output(values, a.rows)?,
                a.view(&mut memory)?,
                g.view(&mut memory)?,
                scratch.view(&mut memory)?,
            )
        };
        factor::generalized_eigen(machine, a, g, values, scratch).map_err(status_of)
    })
}

/// A = U diag(values) Vᵀ. `a`: m × n, `u`: m × r, `v`: n × r, `values`: r, descending, r = min(m, n).
/// `scratch`: `teeter_svd_scratch_len(m, n)`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_svd_f32(
    machine: teeter_machine,
    a: teeter_matrix_f32,
    u: teeter_matrix_mut_f32,
    values: *mut f32,
    v: teeter_matrix_mut_f32,
    scratch: teeter_scratch_f32,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches, as the header says, of what length each is.
        let (values, a, u, v, scratch) = unsafe {
            (
                memory.output(values, a.rows.min(a.cols))?,
                a.view(&mut memory)?,
                u.view(&mut memory)?,
                v.view(&mut memory)?,
                scratch.view(&mut memory)?,
            )
        };
        factor::svd(machine, a, u, values, v, scratch).map_err(status_of)
    })
}

/// rank ← how many of r singular values, descending, exceed tolerance times the first.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_svd_rank_f32(
    r: usize,
    values: *const f32,
    tolerance: f32,
    rank: *mut usize,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches, as the header says, of what length each is.
        let (values, rank) = unsafe { (memory.input(values, r)?, memory.place(rank)?) };
        rank.write(factor::svd_rank(values, tolerance).map_err(status_of)?);
        Ok(())
    })
}

/// `diagonal`: n elements ← eigenvalues, ascending, of the symmetric tridiagonal matrix with this diagonal
/// and `off_diagonal`: n − 1 elements, used up.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_tridiagonal_values_f32(
    n: usize,
    diagonal: *mut f32,
    off_diagonal: *mut f32,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches, as the header says, of what length each is.
        let (diagonal, off_diagonal) = unsafe {
            (memory.output(diagonal, n)?, memory.output(off_diagonal, n.saturating_sub(1))?)
        };
        factor::tridiagonal_values(diagonal, off_diagonal).map_err(status_of)
    })
}
