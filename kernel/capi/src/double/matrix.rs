//! Levels 2 and 3. A vector has as many elements as its matrix asks for.

use teeter::matrix::{self, SymmetricRef};

use super::view::{
    side, teeter_matrix_f64, teeter_matrix_mut_f64, teeter_triangular_f64, triangle,
};
use crate::machine::{machine_of, teeter_machine};
use crate::memory::{Memory, status};
use crate::status::{TEETER_RANGE, status_of, teeter_status};

/// y ← αAx + βy. `x`: a.cols elements, `y`: a.rows. β = 0 does not read y.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_gemv_f64(
    machine: teeter_machine,
    alpha: f64,
    a: teeter_matrix_f64,
    x: *const f64,
    beta: f64,
    y: *mut f64,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches, as the header says, of what length each is.
        let (y, x, a) =
            unsafe { (memory.output(y, a.rows)?, memory.input(x, a.cols)?, a.view(&mut memory)?) };
        matrix::gemv(machine, alpha, a, x, beta, y).map_err(status_of)
    })
}

/// A ← αxyᵀ + A. `x`: a.rows elements, `y`: a.cols.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_ger_f64(
    machine: teeter_machine,
    alpha: f64,
    x: *const f64,
    y: *const f64,
    a: teeter_matrix_mut_f64,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches, as the header says, of what length each is.
        let (x, y, a) =
            unsafe { (memory.input(x, a.rows)?, memory.input(y, a.cols)?, a.view(&mut memory)?) };
        matrix::ger(machine, alpha, x, y, a).map_err(status_of)
    })
}

/// y ← αAx + βy, A symmetric, of which one triangle is read; `diagonal` of `a` must be 0.
/// β = 0 does not read y.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_symv_f64(
    machine: teeter_machine,
    alpha: f64,
    a: teeter_triangular_f64,
    x: *const f64,
    beta: f64,
    y: *mut f64,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        let n = a.matrix.rows;
        // SAFETY: the caller vouches, as the header says, of what length each is.
        let (x, y, a) =
            unsafe { (memory.input(x, n)?, memory.output(y, n)?, symmetric(&a, &mut memory)?) };
        matrix::symv(machine, alpha, a, x, beta, y).map_err(status_of)
    })
}

/// A ← αxxᵀ + A in one triangle of A; the other is left alone. `x`: a.rows elements.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_syr_f64(
    machine: teeter_machine,
    alpha: f64,
    x: *const f64,
    triangle: u32,
    a: teeter_matrix_mut_f64,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        let which = self::triangle(triangle)?;
        // SAFETY: the caller vouches, as the header says, of what length each is.
        let (x, a) = unsafe { (memory.input(x, a.rows)?, a.view(&mut memory)?) };
        matrix::syr(machine, alpha, x, a.symmetric(which)).map_err(status_of)
    })
}

/// x ← Ax, A triangular. `x`: n elements.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_trmv_f64(
    machine: teeter_machine,
    a: teeter_triangular_f64,
    x: *mut f64,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches, as the header says, of what length each is.
        let (x, a) = unsafe { (memory.output(x, a.matrix.rows)?, a.view(&mut memory)?) };
        matrix::trmv(machine, a, x).map_err(status_of)
    })
}

/// x ← A⁻¹x, A triangular. `x`: n elements. A diagonal element of 0 is TEETER_PIVOT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_trsv_f64(
    machine: teeter_machine,
    a: teeter_triangular_f64,
    x: *mut f64,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches, as the header says, of what length each is.
        let (x, a) = unsafe { (memory.output(x, a.matrix.rows)?, a.view(&mut memory)?) };
        matrix::trsv(machine, a, x).map_err(status_of)
    })
}

/// C ← αAB + βC. β = 0 does not read C.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_gemm_f64(
    machine: teeter_machine,
    alpha: f64,
    a: teeter_matrix_f64,
    b: teeter_matrix_f64,
    beta: f64,
    c: teeter_matrix_mut_f64,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches, as the header says, of what length each is.
        let (a, b, c) =
            unsafe { (a.view(&mut memory)?, b.view(&mut memory)?, c.view(&mut memory)?) };
        matrix::gemm(machine, alpha, a, b, beta, c).map_err(status_of)
    })
}

/// C ← αAAᵀ + βC in one triangle of C; the other is left alone. β = 0 does not read C.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_syrk_f64(
    machine: teeter_machine,
    alpha: f64,
    a: teeter_matrix_f64,
    beta: f64,
    triangle: u32,
    c: teeter_matrix_mut_f64,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        let which = self::triangle(triangle)?;
        // SAFETY: the caller vouches, as the header says, of what length each is.
        let (a, c) = unsafe { (a.view(&mut memory)?, c.view(&mut memory)?) };
        matrix::syrk(machine, alpha, a, beta, c.symmetric(which)).map_err(status_of)
    })
}

/// B ← αAB for `side` TEETER_LEFT, αBA for TEETER_RIGHT; A triangular.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_trmm_f64(
    machine: teeter_machine,
    side: u32,
    alpha: f64,
    a: teeter_triangular_f64,
    b: teeter_matrix_mut_f64,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches, as the header says, of what length each is.
        let (a, b) = unsafe { (a.view(&mut memory)?, b.view(&mut memory)?) };
        let a = self::side(side, a)?;
        matrix::trmm(machine, alpha, a, b).map_err(status_of)
    })
}

/// B ← αA⁻¹B for `side` TEETER_LEFT, αBA⁻¹ for TEETER_RIGHT; A triangular. A diagonal element
/// of 0 is TEETER_PIVOT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn teeter_trsm_f64(
    machine: teeter_machine,
    side: u32,
    alpha: f64,
    a: teeter_triangular_f64,
    b: teeter_matrix_mut_f64,
) -> teeter_status {
    status(|| {
        let (machine, mut memory) = (machine_of(machine)?, Memory::new());
        // SAFETY: the caller vouches, as the header says, of what length each is.
        let (a, b) = unsafe { (a.view(&mut memory)?, b.view(&mut memory)?) };
        let a = self::side(side, a)?;
        matrix::trsm(machine, alpha, a, b).map_err(status_of)
    })
}

/// The symmetric matrix of which a triangle is given.
///
/// # Safety
/// - That of its matrix.
unsafe fn symmetric<'a>(
    a: &teeter_triangular_f64,
    memory: &mut Memory,
) -> Result<SymmetricRef<'a, f64>, teeter_status> {
    if a.diagonal != 0 {
        return Err(TEETER_RANGE);
    }
    // SAFETY: as the caller vouches.
    Ok(unsafe { a.matrix.view(memory)? }.symmetric(triangle(a.triangle)?))
}
