//! Memory on cache-line boundaries.

use std::ops::{Deref, DerefMut};

use teeter::Float;

/// Bytes in a cache line.
const LINE_BYTES: usize = 64;

/// A vector of numbers that begins on a cache line, so that no implementation is lucky or
/// unlucky with where the allocator put it.
#[derive(Debug)]
pub struct Buffer<T> {
    memory: Vec<T>,
    start: usize,
    len: usize,
}

impl<T: Float> Buffer<T> {
    /// `len` numbers, number i being f(i).
    pub fn new(len: usize, f: impl FnMut(usize) -> T) -> Self {
        let spare = LINE_BYTES / size_of::<T>();
        let mut memory = vec![T::ZERO; len + spare];
        // `align_offset` may give up and say usize::MAX; the buffer is then merely unaligned.
        let offset = memory.as_ptr().align_offset(LINE_BYTES);
        let start = if offset <= spare { offset } else { 0 };
        let part = memory.iter_mut().skip(start).take(len);
        part.zip((0..len).map(f)).for_each(|(element, value)| *element = value);
        Self { memory, start, len }
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
        Self::new(self.len, |i| self[i])
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
