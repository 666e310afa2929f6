//! Which machine to run on, as a number.

use teeter::Machine;

use crate::status::{TEETER_MACHINE, teeter_status};

/// A machine; made by [`teeter_machine_detect`] or [`teeter_machine_portable`].
pub type teeter_machine = u32;

/// The best machine present. Call once and keep the number.
#[unsafe(no_mangle)]
pub extern "C" fn teeter_machine_detect() -> teeter_machine {
    Machine::detect().code()
}

/// The machine that is present everywhere.
#[unsafe(no_mangle)]
pub extern "C" fn teeter_machine_portable() -> teeter_machine {
    Machine::portable().code()
}

/// The same machine, fusing multiply and add in level 3 and factorizations where it can: faster, and
/// the same bits on all machines that fuse, but not those of the others. 0, which every call
/// refuses, if `machine` is none.
#[unsafe(no_mangle)]
pub extern "C" fn teeter_machine_fused(machine: teeter_machine) -> teeter_machine {
    machine_of(machine).map_or(0, |machine| machine.fused().code())
}

/// The value behind the number.
pub(crate) fn machine_of(code: teeter_machine) -> Result<Machine, teeter_status> {
    // SAFETY: the header demands a number from this processor's `teeter_machine_detect`.
    unsafe { Machine::from_code(code) }.ok_or(TEETER_MACHINE)
}
