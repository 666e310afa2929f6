//! What a debugger does for a program without an operating system: print, files, an end.
//!
//! Operations and their blocks: *Semihosting for AArch32 and AArch64*, Arm; RISC-V took them over.

use teeter_device::log::{Sink, Source};

use super::target::semihost;

const OPEN: usize = 0x01;
const PRINT: usize = 0x04;
const WRITE: usize = 0x05;
const READ: usize = 0x06;
const EXIT: usize = 0x20;

/// Prints a text that ends in NUL.
pub fn print(text: &str) {
    semihost(PRINT, text.as_ptr() as usize);
}

/// Ends the program.
pub fn exit(ok: bool) -> ! {
    const APPLICATION_EXIT: usize = 0x2_0026;
    let block = [APPLICATION_EXIT, usize::from(!ok)];
    loop {
        semihost(EXIT, block.as_ptr() as usize);
    }
}

/// How a file is opened.
#[derive(Clone, Copy, Debug)]
pub enum Mode {
    /// To read, if it is there.
    Read = 1,
    /// To write, from the beginning.
    Write = 5,
}

/// A file of whoever runs the emulator.
#[derive(Debug)]
pub struct File(usize);

impl File {
    /// Opens a file by a name that ends in NUL; `None` if that fails.
    #[must_use]
    pub fn open(name: &str, mode: Mode) -> Option<Self> {
        let block = [name.as_ptr() as usize, mode as usize, name.len().saturating_sub(1)];
        let handle = semihost(OPEN, block.as_ptr() as usize);
        (handle != usize::MAX).then_some(Self(handle))
    }
}

impl Sink for File {
    fn write(&mut self, bytes: &[u8]) -> bool {
        let block = [self.0, bytes.as_ptr() as usize, bytes.len()];
        // Bytes that were not written.
        semihost(WRITE, block.as_ptr() as usize) == 0
    }
}

impl Source for File {
    fn read(&mut self, bytes: &mut [u8]) -> usize {
        let block = [self.0, bytes.as_mut_ptr() as usize, bytes.len()];
        // Bytes that were not read.
        bytes.len().saturating_sub(semihost(READ, block.as_ptr() as usize))
    }
}

#[unsafe(no_mangle)]
extern "C" fn bare_fault() -> ! {
    print("fault\n\0");
    exit(false)
}
