//! Cholesky, LDLᵀ and LU factors, and what is solved with them.

use teeter::factor;

use super::scratch::teeter_scratch_f64;
use super::view::{teeter_matrix_f64, teeter_matrix_mut_f64};
use crate::machine::{machine_of, teeter_machine};
use crate::memory::{Memory, status};
use crate::status::{status_of, teeter_status};

/// A ← L with A = LLᵀ: the lower triangle is read and overwritten, the upper left alone.
///
/// `TEETER_PIVOT`: A is not positive definite; rows before the pivot then hold L, the rest of the lower
/// triangle is unspecified.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_cholesky_f64(
    machine: teeter_machine,
    a: teeter_matrix_mut_f64,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches, as the header says, of what length each is.
        let a = unsafe { a.view(&mut memory)? };
        factor::cholesky_in_place(machine, a).map_err(status_of)
    })
}

/// B ← A⁻¹B, `l` as `teeter_cholesky_f64` left it. A vector is a matrix of one column.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_cholesky_solve_f64(
    machine: teeter_machine,
    l: teeter_matrix_f64,
    b: teeter_matrix_mut_f64,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches, as the header says, of what length each is.
        let (l, b) = unsafe { (l.view(&mut memory)?, b.view(&mut memory)?) };
        factor::cholesky_solve_matrix(machine, l, b).map_err(status_of)
    })
}

/// inverse ← A⁻¹, both triangles, `l` as `teeter_cholesky_f64` left it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_cholesky_inverse_f64(
    machine: teeter_machine,
    l: teeter_matrix_f64,
    inverse: teeter_matrix_mut_f64,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches, as the header says, of what length each is.
        let (l, inverse) = unsafe { (l.view(&mut memory)?, inverse.view(&mut memory)?) };
        factor::cholesky_inverse(machine, l, inverse).map_err(status_of)
    })
}

/// result ← log det A, `l` as `teeter_cholesky_f64` left it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_cholesky_log_determinant_f64(
    l: teeter_matrix_f64,
    result: *mut f64,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches, as the header says, of what length each is.
        let (l, result) = unsafe { (l.view(&mut memory)?, memory.place(result)?) };
        result.write(factor::cholesky_log_determinant(l).map_err(status_of)?);
        Ok(())
    })
}

/// L of A + xxᵀ from L of A. `x`: n elements, used up.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_cholesky_update_f64(
    machine: teeter_machine,
    l: teeter_matrix_mut_f64,
    x: *mut f64,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches, as the header says, of what length each is.
        let (x, l) = unsafe { (memory.output(x, l.rows)?, l.view(&mut memory)?) };
        factor::cholesky_update(machine, l, x).map_err(status_of)
    })
}

/// L of A − xxᵀ from L of A. `x`: n elements, used up. `scratch`:
/// `teeter_cholesky_downdate_scratch_len(n)`. `TEETER_PIVOT`: A − xxᵀ is not positive definite.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_cholesky_downdate_f64(
    machine: teeter_machine,
    l: teeter_matrix_mut_f64,
    x: *mut f64,
    scratch: teeter_scratch_f64,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches, as the header says, of what length each is.
        let (x, l, scratch) = unsafe {
            (memory.output(x, l.rows)?, l.view(&mut memory)?, scratch.view(&mut memory)?)
        };
        factor::cholesky_downdate(machine, l, x, scratch).map_err(status_of)
    })
}

/// A ← L and D with A = LDLᵀ, without pivoting: for quasidefinite matrices. The lower triangle is
/// read and overwritten, D on the diagonal. `TEETER_PIVOT`: a pivot is 0; A is unspecified then.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_ldlt_f64(
    machine: teeter_machine,
    a: teeter_matrix_mut_f64,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches, as the header says, of what length each is.
        let a = unsafe { a.view(&mut memory)? };
        factor::ldlt_in_place(machine, a, None).map_err(status_of)?;
        Ok(())
    })
}

/// B ← A⁻¹B, `ld` as `teeter_ldlt_f64` left it. A vector is a matrix of one column.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_ldlt_solve_f64(
    machine: teeter_machine,
    ld: teeter_matrix_f64,
    b: teeter_matrix_mut_f64,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches, as the header says, of what length each is.
        let (ld, b) = unsafe { (ld.view(&mut memory)?, b.view(&mut memory)?) };
        factor::ldlt_solve(machine, ld, b).map_err(status_of)
    })
}

/// A ← L and U with PA = LU. `pivots`: min(m, n), the row exchanged with row i. A singular A has a 0 on the
/// diagonal of U, which `teeter_lu_solve_f64` refuses.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_lu_f64(
    machine: teeter_machine,
    a: teeter_matrix_mut_f64,
    pivots: *mut usize,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches, as the header says, of what length each is.
        let (pivots, a) =
            unsafe { (memory.output(pivots, a.rows.min(a.cols))?, a.view(&mut memory)?) };
        factor::lu_in_place(machine, a, pivots).map_err(status_of)
    })
}

/// B ← A⁻¹B, `lu` and `pivots` as `teeter_lu_f64` left them. `TEETER_PIVOT`: A is singular.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_lu_solve_f64(
    machine: teeter_machine,
    lu: teeter_matrix_f64,
    pivots: *const usize,
    b: teeter_matrix_mut_f64,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches, as the header says, of what length each is.
        let (pivots, lu, b) = unsafe {
            (memory.input(pivots, lu.rows)?, lu.view(&mut memory)?, b.view(&mut memory)?)
        };
        factor::lu_solve(machine, lu, pivots, b).map_err(status_of)
    })
}

/// B ← A⁻ᵀB, `lu` and `pivots` as `teeter_lu_f64` left them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_lu_solve_t_f64(
    machine: teeter_machine,
    lu: teeter_matrix_f64,
    pivots: *const usize,
    b: teeter_matrix_mut_f64,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches, as the header says, of what length each is.
        let (pivots, lu, b) = unsafe {
            (memory.input(pivots, lu.rows)?, lu.view(&mut memory)?, b.view(&mut memory)?)
        };
        factor::lu_solve_t(machine, lu, pivots, b).map_err(status_of)
    })
}

/// sign, log ← det A = sign·e^log, `lu` and `pivots` as `teeter_lu_f64` left them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_lu_log_determinant_f64(
    lu: teeter_matrix_f64,
    pivots: *const usize,
    sign: *mut f64,
    log: *mut f64,
) -> teeter_status {
    status(|| {
        let mut memory = Memory::new();
        // SAFETY: the caller vouches, as the header says, of what length each is.
        let (pivots, lu, sign, log) = unsafe {
            (
                memory.input(pivots, lu.rows)?,
                lu.view(&mut memory)?,
                memory.place(sign)?,
                memory.place(log)?,
            )
        };
        let determinant = factor::lu_log_determinant(lu, pivots).map_err(status_of)?;
        sign.write(determinant.sign);
        log.write(determinant.log);
        Ok(())
    })
}
