//! WebAssembly: the loader prints.

#[link(wasm_import_module = "host")]
unsafe extern "C" {
    #[link_name = "print"]
    fn host_print(text: *const u8, len: usize);
}

/// Prints a text that ends in NUL.
pub fn print(text: &str) {
    let text = text.trim_end_matches('\0');
    // SAFETY: the loader reads `len` bytes of the text.
    unsafe { host_print(text.as_ptr(), text.len()) }
}

/// Ends the program: a normal end returns from `main`, so this one is a trap.
pub fn exit(_: bool) -> ! {
    core::arch::wasm32::unreachable()
}

/// Nothing to start.
pub fn start_clock() {}

/// No clock.
#[must_use]
pub fn nanoseconds() -> u64 {
    0
}
