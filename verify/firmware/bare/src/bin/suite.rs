//! The golden suite on every machine of the target: machine, case and hash, a line each; and behind a `#` what the cases
//! took by the emulated clock, which counts instructions where the emulator was asked to.
#![no_std]
#![no_main]

use bare::Line;
use teeter::Machine;
use teeter_cases::{SCRATCH_LEN, Scratch, cases};

static mut SINGLE: [f32; SCRATCH_LEN] = [0.0; SCRATCH_LEN];
static mut DOUBLE: [f64; SCRATCH_LEN] = [0.0; SCRATCH_LEN];

#[unsafe(no_mangle)]
extern "C" fn main() {
    // SAFETY: `main` runs once, and nobody else names these.
    let (single, double) = unsafe { (&mut *&raw mut SINGLE, &mut *&raw mut DOUBLE) };
    let mut scratch = Scratch { single, double };
    bare::start_clock();
    for machine in Machine::present() {
        let mut spent = 0;
        for case in cases() {
            let start = bare::nanoseconds();
            let hash = case.run(machine, &mut scratch);
            spent += bare::nanoseconds() - start;
            let (machine, layer) = (machine.name(), case.layer);
            let (name, format) = (case.name, case.format);
            Line::print(format_args!("{machine}\t{layer}::{name} {format}\t{hash:016x}"));
        }
        Line::print(format_args!("# {} {spent} nanoseconds", machine.name()));
    }
    if cfg!(not(target_arch = "wasm32")) {
        bare::exit(true);
    }
}
