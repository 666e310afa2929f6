//! Which machine to run on, as a number.

use teeter::Machine;

use crate::status::{TEETER_MACHINE, TeeterStatus};

/// A machine; made by [`teeter_machine_detect`] or [`teeter_machine_portable`].
pub type TeeterMachine = u32;

/// The best machine present. Call once and keep the number.
#[unsafe(no_mangle)]
pub extern "C" fn teeter_machine_detect() -> TeeterMachine {
    Machine::detect().code()
}

/// The machine that is present everywhere.
#[unsafe(no_mangle)]
pub extern "C" fn teeter_machine_portable() -> TeeterMachine {
    Machine::portable().code()
}

/// The value behind the number.
pub(crate) fn machine_of(code: TeeterMachine) -> Result<Machine, TeeterStatus> {
    // SAFETY: the header demands a number from this processor's `teeter_machine_detect`.
    unsafe { Machine::from_code(code) }.ok_or(TEETER_MACHINE)
}
