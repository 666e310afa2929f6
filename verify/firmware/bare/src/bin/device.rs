//! Firmware: trains on the digits in its flash and logs it, then measures an operator, a row of a product per tick.
//!
//! Where an earlier log, `before.log`, holds a snapshot of the same configuration, it goes on from there. It links neither
//! panic nor formatting: what it says is a name and a number a line, all else is in `device.log`.
#![no_std]
#![no_main]

use bare::semihosting::{File, Mode};
use bare::{nanoseconds, say, stack};
use teeter::{Error, Machine};
use teeter_device::log::{Kind, Measured, Start, Writer};
use teeter_device::run::{Failure, put, record, resume};
use teeter_device::spread::{Spread, gram_row, spread_memory_len};
use teeter_device::{Config, Training, digits};

const CONFIG: Config = if cfg!(small) { Config::SMALL } else { Config::STANDARD };

/// The period of the timer.
const TICK: u64 = 1_000_000;

static mut MEMORY: [f32; CONFIG.memory_len()] = [0.0; CONFIG.memory_len()];
static mut BYTES: [u8; CONFIG.snapshot_len()] = [0; CONFIG.snapshot_len()];
static mut SPREAD: [f32; spread_memory_len(&CONFIG.spread)] =
    [0.0; spread_memory_len(&CONFIG.spread)];

#[unsafe(no_mangle)]
extern "C" fn main() {
    stack::paint();
    bare::start_clock();
    let done = run();
    say("stack", stack::painted() as u64);
    match done {
        Ok(()) => bare::exit(true),
        Err(Failure::Sink) => bare::print("the log takes no more\n\0"),
        Err(Failure::Kernel(_)) => bare::print("the kernel refused\n\0"),
    }
    bare::exit(false)
}

fn run() -> Result<(), Failure> {
    // SAFETY: called once, by `main`, and nobody else names these.
    let (memory, bytes, spread) =
        unsafe { (&mut *&raw mut MEMORY, &mut *&raw mut BYTES, &mut *&raw mut SPREAD) };
    let start = Start { config: CONFIG, digest: digits::digest() };
    let mut training = Training::new(Machine::native(), CONFIG, memory)?;
    if let Some(before) = File::open("before.log\0", Mode::Read) {
        resume(&mut training, before, &start, bytes);
        say("resumed", u64::from(training.next_step()));
    }
    let file = File::open("device.log\0", Mode::Write).ok_or(Failure::Sink)?;
    let mut log = Writer::begin(file).ok_or(Failure::Sink)?;
    put(&mut log, Kind::Start, &start.encode())?;
    let begun = nanoseconds();
    record(&mut training, &mut log, bytes)?;
    say("training", nanoseconds() - begun);
    let measured = measure(spread)?;
    put(&mut log, Kind::Measured, &measured.encode())?;
    put(&mut log, Kind::End, &training.finish()?.encode())
}

/// Lanczos and Hutchinson between ticks; what a tick took at most, and how many took longer than there was.
fn measure(memory: &mut [f32]) -> Result<Measured, Error> {
    let mut work = Spread::new(Machine::native(), CONFIG.spread, CONFIG.seed, gram_row, memory)?;
    let (mut longest, mut late) = (0, 0);
    let mut next = nanoseconds();
    loop {
        next += TICK;
        while nanoseconds() < next {
            core::hint::spin_loop();
        }
        if !work.tick()? {
            break;
        }
        let spent = nanoseconds() - next;
        longest = spent.max(longest);
        while next + TICK < nanoseconds() {
            next += TICK;
            late += 1;
        }
    }
    say("longest tick", longest);
    say("ticks missed", late);
    work.finish()
}
