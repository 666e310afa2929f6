//! Which machine to run on.

use std::env;
use std::sync::OnceLock;

use teeter::Machine;

/// The fastest machine present, fused: users of BLAS want speed, and have never been promised bits. The
/// variable `TEETER_BLAS_STRICT`, set to anything, asks for the bits of Strict arithmetic instead.
///
/// To ask the processor takes tens of microseconds under a hypervisor, so it is asked once.
#[inline]
pub(crate) fn machine() -> Machine {
    static MACHINE: OnceLock<Machine> = OnceLock::new();
    *MACHINE.get_or_init(|| {
        let strict = Machine::detect();
        if env::var_os("TEETER_BLAS_STRICT").is_some() { strict } else { strict.fused() }
    })
}
