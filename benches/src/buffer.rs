//! Memory at a fixed place of a page.

use std::ops::{Deref, DerefMut};

use teeter::Float;

/// Bytes in a page: what has the same place in its page as something just written is not read before that has
/// reached the cache (seen: `axpy` eleven times as slow).
const PAGE_BYTES: usize = 4096;

/// A vector of numbers that begins at the same place of a page for everyone, so that no implementation is lucky
/// or unlucky with where the allocator put it.
#[derive(Debug)]
pub struct Buffer<T> {
    memory: Vec<T>,
    start: usize,
    len: usize,
    /// Bytes from the start of a page, a multiple of the size of a cache line.
    place: usize,
}

impl<T: Float> Buffer<T> {
    /// `len` numbers, number i being f(i).
    pub fn new(len: usize, f: impl FnMut(usize) -> T) -> Self {
        Self::at(0, len, f)
    }

    fn at(place: usize, len: usize, f: impl FnMut(usize) -> T) -> Self {
        let (page, inside) = (PAGE_BYTES / size_of::<T>(), place / size_of::<T>());
        let mut memory = vec![T::ZERO; len + page + inside];
        // `align_offset` may give up and say usize::MAX; the buffer is then merely unaligned.
        let offset = memory.as_ptr().align_offset(PAGE_BYTES);
        let start = if offset <= page { offset + inside } else { 0 };
        let part = memory.iter_mut().skip(start).take(len);
        part.zip((0..len).map(f)).for_each(|(element, value)| *element = value);
        Self { memory, start, len, place }
    }

    /// The same numbers, so many cache lines from the start of a page.
    #[must_use]
    pub fn placed(&self, lines: usize) -> Self {
        Self::at(64 * lines, self.len, |i| self[i])
    }

    /// `len` zeros.
    #[must_use]
    pub fn zeros(len: usize) -> Self {
        Self::new(len, |_| T::ZERO)
    }

    /// The numbers, as `f64`.
    #[must_use]
    pub fn to_f64(&self) -> Vec<f64> {
        self.iter().map(|&x| x.to_f64()).collect()
    }
}

impl<T: Float> Clone for Buffer<T> {
    fn clone(&self) -> Self {
        Self::at(self.place, self.len, |i| self[i])
    }
}

impl<T> Deref for Buffer<T> {
    type Target = [T];

    #[inline(always)]
    fn deref(&self) -> &[T] {
        &self.memory[self.start..self.start + self.len]
    }
}

impl<T> DerefMut for Buffer<T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.memory[self.start..self.start + self.len]
    }
}
