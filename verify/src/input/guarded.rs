//! Memory between pages that nobody may touch: a read or a write beyond it ends the process.
//!
//! The only `unsafe` outside the kernel: no safe interface lets a page be forbidden.

#![allow(unsafe_code, reason = "maps pages and forbids two of them; see `Guarded`")]

use std::ptr;

use teeter::Float;

/// Bits of what stands around the elements: a NaN whose payload nothing computes.
#[must_use]
pub fn canary<T: Float>() -> T {
    let bits = if T::BITS == 32 { 0x7FC0_DEAD_u64 } else { 0x7FF8_DEAD_DEAD_DEAD };
    let (single, double) = (f32::from_bits(bits as u32), f64::from_bits(bits));
    // SAFETY: `Float` is sealed: T is the format of as many bits.
    unsafe {
        if T::BITS == 32 {
            ptr::from_ref(&single).cast::<T>().read()
        } else {
            ptr::from_ref(&double).cast::<T>().read()
        }
    }
}

/// Which end of a slice lies at a forbidden page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The page before the first element.
    First,
    /// The page after the last element.
    Last,
}

/// Elements kept on either side of a slice to show what was written there.
const MARGIN: usize = 64;

/// Pages to read and write, a forbidden one on either side.
///
/// Invariant: `memory` is a mapping of `bytes` bytes, of which all but the first and the last page may be
/// read and written, by nobody else.
#[derive(Debug)]
pub struct Guarded {
    memory: *mut u8,
    bytes: usize,
    page: usize,
}

impl Guarded {
    /// Room for `len` elements of at most eight bytes.
    ///
    /// # Panics
    /// If the system has no memory.
    #[must_use]
    pub fn new(len: usize) -> Self {
        // SAFETY: asks for a number.
        let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) } as usize;
        let bytes = (8 * (len + 2 * MARGIN)).next_multiple_of(page) + 2 * page;
        // SAFETY: a new mapping, which covers nobody's memory; then two pages of it are forbidden.
        let (memory, forbidden) = unsafe {
            let access = libc::PROT_READ | libc::PROT_WRITE;
            let kind = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
            let memory = libc::mmap(ptr::null_mut(), bytes, access, kind, -1, 0);
            assert!(memory != libc::MAP_FAILED, "no memory for {bytes} bytes");
            let last = memory.cast::<u8>().add(bytes - page);
            let first = libc::mprotect(memory, page, libc::PROT_NONE);
            (memory.cast::<u8>(), [first, libc::mprotect(last.cast(), page, libc::PROT_NONE)])
        };
        assert!(forbidden == [0, 0], "pages cannot be forbidden here");
        Self { memory, bytes, page }
    }

    /// What lies at one end: canaries, and `len` elements that touch the forbidden page.
    fn margin_and_slice<T: Float>(&mut self, len: usize, end: End) -> &mut [T] {
        let inner = self.bytes - 2 * self.page;
        let all = len + MARGIN;
        let size = all * size_of::<T>();
        assert!(size <= inner, "{len} elements do not fit");
        let skip = if end == End::First { 0 } else { inner - size };
        // SAFETY: `size` bytes that may be read and written, by us alone while `self` is borrowed; any
        // bits are a T, and pages are aligned as `size_of::<T>()` demands.
        unsafe {
            let first = self.memory.add(self.page + skip).cast::<T>();
            std::slice::from_raw_parts_mut(first, all)
        }
    }

    /// `values` at that end, canaries beside them.
    pub fn hold<T: Float>(&mut self, values: &[T], end: End) -> &mut [T] {
        let len = values.len();
        let all = self.margin_and_slice(len, end);
        all.fill(canary());
        let slice = if end == End::First { &mut all[..len] } else { &mut all[MARGIN..] };
        slice.copy_from_slice(values);
        slice
    }

    /// The `len` elements at that end.
    pub fn held<T: Float>(&mut self, len: usize, end: End) -> &[T] {
        let all = self.margin_and_slice(len, end);
        if end == End::First { &all[..len] } else { &all[MARGIN..] }
    }

    /// Whether the canaries beside `len` elements at that end are alive.
    pub fn is_whole<T: Float>(&mut self, len: usize, end: End) -> bool {
        let all = self.margin_and_slice::<T>(len, end);
        let margin = if end == End::First { &all[len..] } else { &all[..MARGIN] };
        margin.iter().all(|value| value.to_bits_u64() == canary::<T>().to_bits_u64())
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        // SAFETY: the whole mapping, which nobody borrows any more.
        let done = unsafe { libc::munmap(self.memory.cast(), self.bytes) };
        debug_assert!(done == 0, "the mapping was ours");
    }
}
