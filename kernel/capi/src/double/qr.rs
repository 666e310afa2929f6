//! QR factors, least squares.

use teeter::factor;

use super::scratch::teeter_scratch_f64;
use super::view::{teeter_matrix_f64, teeter_matrix_mut_f64};
use crate::machine::{machine_of, teeter_machine};
use crate::memory::{Memory, status};
use crate::status::{status_of, teeter_status};

/// A ← R and reflections with A = QR. `a`: m × n, `tau`: min(m, n) elements, `scratch`:
/// `teeter_qr_scratch_len(m, n)`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_qr_f64(
    machine: teeter_machine,
    a: teeter_matrix_mut_f64,
    tau: *mut f64,
    scratch: teeter_scratch_f64,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches, as the header says, of what length each is.
        let (tau, a, scratch) = unsafe {
            (
                memory.output(tau, a.rows.min(a.cols))?,
                a.view(&mut memory)?,
                scratch.view(&mut memory)?,
            )
        };
        factor::qr_in_place(machine, a, tau, scratch).map_err(status_of)
    })
}

/// C ← QC, `qr` and `tau` as `teeter_qr_f64` left them. `scratch`: `teeter_qr_scratch_len(m, c.cols)`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_qr_apply_f64(
    machine: teeter_machine,
    qr: teeter_matrix_f64,
    tau: *const f64,
    c: teeter_matrix_mut_f64,
    scratch: teeter_scratch_f64,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches, as the header says, of what length each is.
        let (tau, qr, c, scratch) = unsafe {
            (
                memory.input(tau, qr.rows.min(qr.cols))?,
                qr.view(&mut memory)?,
                c.view(&mut memory)?,
                scratch.view(&mut memory)?,
            )
        };
        factor::qr_apply(machine, qr, tau, c, scratch).map_err(status_of)
    })
}

/// C ← QᵀC, `qr` and `tau` as `teeter_qr_f64` left them. `scratch`: `teeter_qr_scratch_len(m, c.cols)`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_qr_apply_t_f64(
    machine: teeter_machine,
    qr: teeter_matrix_f64,
    tau: *const f64,
    c: teeter_matrix_mut_f64,
    scratch: teeter_scratch_f64,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches, as the header says, of what length each is.
        let (tau, qr, c, scratch) = unsafe {
            (
                memory.input(tau, qr.rows.min(qr.cols))?,
                qr.view(&mut memory)?,
                c.view(&mut memory)?,
                scratch.view(&mut memory)?,
            )
        };
        factor::qr_apply_t(machine, qr, tau, c, scratch).map_err(status_of)
    })
}

/// `q` ← the first q.cols columns of Q; min(m, n) of them are the thin Q. `scratch`:
/// `teeter_qr_scratch_len(m, q.cols)`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_qr_form_f64(
    machine: teeter_machine,
    qr: teeter_matrix_f64,
    tau: *const f64,
    q: teeter_matrix_mut_f64,
    scratch: teeter_scratch_f64,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches, as the header says, of what length each is.
        let (tau, qr, q, scratch) = unsafe {
            (
                memory.input(tau, qr.rows.min(qr.cols))?,
                qr.view(&mut memory)?,
                q.view(&mut memory)?,
                scratch.view(&mut memory)?,
            )
        };
        factor::qr_form(machine, qr, tau, q, scratch).map_err(status_of)
    })
}

/// Least squares, min ‖AX − B‖, m ≥ n. `a`: m × n of full rank, used up. `b`: m × p; its first n rows become X, and
/// what is below them has the norm of the residual. `scratch`: `teeter_least_squares_scratch_len(m, n, p)`.
/// `TEETER_PIVOT`: columns depend on one another.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_least_squares_f64(
    machine: teeter_machine,
    a: teeter_matrix_mut_f64,
    b: teeter_matrix_mut_f64,
    scratch: teeter_scratch_f64,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches, as the header says, of what length each is.
        let (a, b, scratch) =
            unsafe { (a.view(&mut memory)?, b.view(&mut memory)?, scratch.view(&mut memory)?) };
        factor::least_squares(machine, a, b, scratch).map_err(status_of)
    })
}
