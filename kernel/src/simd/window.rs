//! Strided memory, checked once at construction and never again.
//!
//! A window is the part of a slice that a matrix view covers: element (i, j) lies at
//! i·row_stride + j·col_stride. Its invariant makes every access inside it sound, so that
//! loops over it need no check of their own; and windows, unlike slices, can be split
//! along both directions, and turned to run backwards: strides are then negative numbers modulo
//! 2^bits, and addresses wrap.

#![allow(unsafe_code, reason = "pointers into a slice whose extent was checked; see `Window`")]

use core::marker::PhantomData;

use crate::float::Float;
use crate::simd::extent::{extent, is_injective};

/// A window to read.
///
/// Invariant: `data` is valid for reads of every element (i, j), i < rows, j < cols, for
/// the lifetime 'a, and nothing writes there meanwhile.
#[derive(Debug)]
pub struct Window<'a, T> {
    data: *const T,
    pub(crate) rows: usize,
    pub(crate) cols: usize,
    pub(crate) row_stride: usize,
    pub(crate) col_stride: usize,
    borrow: PhantomData<&'a [T]>,
}

/// A window to write.
///
/// Invariant: that of [`Window`], for writes too; besides, no two elements share an
/// address, and no other window or reference reaches them for the lifetime 'a.
#[derive(Debug)]
pub struct WindowMut<'a, T> {
    data: *mut T,
    pub(crate) rows: usize,
    pub(crate) cols: usize,
    pub(crate) row_stride: usize,
    pub(crate) col_stride: usize,
    borrow: PhantomData<&'a mut [T]>,
}

impl<T> Clone for Window<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Window<'_, T> {}

// SAFETY: a window is a shared borrow of a slice of T.
unsafe impl<T: Sync> Send for Window<'_, T> {}
// SAFETY: a window is a shared borrow of a slice of T.
unsafe impl<T: Sync> Sync for Window<'_, T> {}
// SAFETY: a mutable window is an exclusive borrow of elements of T.
unsafe impl<T: Send> Send for WindowMut<'_, T> {}
// SAFETY: a shared mutable window only reads.
unsafe impl<T: Sync> Sync for WindowMut<'_, T> {}

impl<'a, T> Window<'a, T> {
    /// The window of `shape` [rows, cols] at `strides` [row, col]; `None` if it does not fit.
    #[inline]
    pub(crate) fn new(data: &'a [T], shape: [usize; 2], strides: [usize; 2]) -> Option<Self> {
        if extent(shape, strides)? > data.len() {
            return None;
        }
        // SAFETY: every element lies in the slice.
        Some(unsafe { Self::from_raw(data.as_ptr(), shape, strides) })
    }

    /// As [`WindowMut::from_raw`], to read.
    ///
    /// # Safety
    /// - Every element is valid for reads, and nothing writes there during 'a.
    #[inline(always)]
    pub unsafe fn from_raw(data: *const T, shape: [usize; 2], strides: [usize; 2]) -> Self {
        let ([rows, cols], [row_stride, col_stride]) = (shape, strides);
        Self { data, rows, cols, row_stride, col_stride, borrow: PhantomData }
    }

    /// The columns of an array.
    #[inline(always)]
    pub(crate) fn of_columns<const R: usize>(columns: &'a [[T; R]]) -> Self {
        let data = columns.as_ptr().cast();
        let (rows, cols) = (R, columns.len());
        Self { data, rows, cols, row_stride: 1, col_stride: R, borrow: PhantomData }
    }

    /// Where element (i, j) lies from element (0, 0), modulo 2^bits.
    #[inline(always)]
    fn offset(&self, i: usize, j: usize) -> usize {
        i.wrapping_mul(self.row_stride).wrapping_add(j.wrapping_mul(self.col_stride))
    }

    /// The columns from the last to the first.
    #[inline(always)]
    pub(crate) fn backwards(self) -> Self {
        let last = self.offset(0, self.cols.wrapping_sub(1));
        // With no column there is no element to point at.
        let data = if self.cols == 0 { self.data } else { self.data.wrapping_add(last) };
        Self { data, col_stride: self.col_stride.wrapping_neg(), ..self }
    }

    /// Rows become columns.
    #[inline(always)]
    pub(crate) fn t(self) -> Self {
        Self {
            rows: self.cols,
            cols: self.rows,
            row_stride: self.col_stride,
            col_stride: self.row_stride,
            ..self
        }
    }

    /// The part of `shape` that begins at `at` [row, col]; `None` if it sticks out.
    #[inline(always)]
    pub(crate) fn sub(self, at: [usize; 2], shape: [usize; 2]) -> Option<Self> {
        let ([row, col], [rows, cols]) = (at, shape);
        if row > self.rows || rows > self.rows - row || col > self.cols || cols > self.cols - col {
            return None;
        }
        if rows == 0 || cols == 0 {
            return Some(Self { rows, cols, ..self });
        }
        let data = self.data.wrapping_add(self.offset(row, col));
        Some(Self { data, rows, cols, ..self })
    }

    /// Element (i, j).
    #[inline(always)]
    pub(crate) fn get(self, i: usize, j: usize) -> Option<T>
    where
        T: Copy,
    {
        if i < self.rows && j < self.cols {
            // SAFETY: (i, j) is an element of this window.
            Some(unsafe { self.data.wrapping_add(self.offset(i, j)).read() })
        } else {
            None
        }
    }

    /// Column j as a slice, if its elements are adjacent.
    #[inline(always)]
    pub(crate) fn column(self, j: usize) -> Option<&'a [T]> {
        if j >= self.cols || (self.row_stride != 1 && self.rows > 1) {
            return None;
        }
        if self.rows == 0 {
            return Some(&[]);
        }
        // SAFETY: the elements (0, j)…(rows − 1, j) are adjacent and in this window.
        Some(unsafe {
            core::slice::from_raw_parts(self.data.wrapping_add(self.offset(0, j)), self.rows)
        })
    }

    /// Columns j … j + N − 1 as slices, if their elements are adjacent.
    #[inline(always)]
    pub(crate) fn columns<const N: usize>(self, j: usize) -> Option<[&'a [T]; N]> {
        if j > self.cols || N > self.cols - j || (self.row_stride != 1 && self.rows > 1) {
            return None;
        }
        if self.rows == 0 {
            // Without rows strides may be any number, and lead to no address.
            return Some([&[]; N]);
        }
        Some(core::array::from_fn(|k| {
            let start = self.data.wrapping_add(self.offset(0, j + k));
            // SAFETY: the elements (0, j + k)…(rows − 1, j + k) are adjacent and in this window.
            unsafe { core::slice::from_raw_parts(start, self.rows) }
        }))
    }

    /// All elements as a slice, column after column, if they are adjacent.
    #[inline(always)]
    pub(crate) fn adjacent(self) -> Option<&'a [T]> {
        if self.row_stride != 1 || self.col_stride != self.rows {
            return None;
        }
        // SAFETY: element (i, j) lies at i + j·rows: so many adjacent elements, all of this window.
        Some(unsafe { core::slice::from_raw_parts(self.data, self.rows * self.cols) })
    }

    /// Address of element (0, 0), for this folder's loops.
    #[inline(always)]
    pub(super) fn pointer(self) -> *const T {
        self.data
    }
}

impl<'a, T: Float> Window<'a, T> {
    /// The same window, if U is T: by it a generic function reaches code that is compiled once.
    #[inline(always)]
    pub(crate) fn cast<U: Float>(self) -> Option<Window<'a, U>> {
        // `Float` is sealed: two formats of as many bits are the same.
        (T::BITS == U::BITS).then_some(Window {
            data: self.data.cast(),
            rows: self.rows,
            cols: self.cols,
            row_stride: self.row_stride,
            col_stride: self.col_stride,
            borrow: PhantomData,
        })
    }
}

impl<'a, T: Float> WindowMut<'a, T> {
    /// The same window, if U is T.
    #[inline(always)]
    pub(crate) fn cast<U: Float>(self) -> Option<WindowMut<'a, U>> {
        // `Float` is sealed: two formats of as many bits are the same.
        (T::BITS == U::BITS).then_some(WindowMut {
            data: self.data.cast(),
            rows: self.rows,
            cols: self.cols,
            row_stride: self.row_stride,
            col_stride: self.col_stride,
            borrow: PhantomData,
        })
    }
}

impl<'a, T> WindowMut<'a, T> {
    /// The window of `shape` [rows, cols] at `strides` [row, col]; `None` if it does not
    /// fit or two elements would share an address.
    #[inline]
    pub(crate) fn new(data: &'a mut [T], shape: [usize; 2], strides: [usize; 2]) -> Option<Self> {
        if extent(shape, strides)? > data.len() || !is_injective(shape, strides) {
            return None;
        }
        // SAFETY: every element lies in the slice, at an address of its own.
        Some(unsafe { Self::from_raw(data.as_mut_ptr(), shape, strides) })
    }

    /// The window of `shape` [rows, cols] at `strides` [row, col]; what lies between its elements may be another's.
    ///
    /// # Safety
    /// - Every element is valid for reads and writes and reached by nothing else during 'a; no two
    ///   share an address.
    #[inline(always)]
    pub unsafe fn from_raw(data: *mut T, shape: [usize; 2], strides: [usize; 2]) -> Self {
        let ([rows, cols], [row_stride, col_stride]) = (shape, strides);
        Self { data, rows, cols, row_stride, col_stride, borrow: PhantomData }
    }

    /// Address of element (0, 0); only `tile` writes through it.
    #[inline(always)]
    pub(super) fn pointer(&mut self) -> *mut T {
        self.data
    }

    /// The same window to read, while this one rests.
    #[inline(always)]
    pub(crate) fn rb(&self) -> Window<'_, T> {
        Window {
            data: self.data,
            rows: self.rows,
            cols: self.cols,
            row_stride: self.row_stride,
            col_stride: self.col_stride,
            borrow: PhantomData,
        }
    }

    /// The same window to write, while this one rests.
    #[inline(always)]
    pub(crate) fn rb_mut(&mut self) -> WindowMut<'_, T> {
        WindowMut {
            data: self.data,
            rows: self.rows,
            cols: self.cols,
            row_stride: self.row_stride,
            col_stride: self.col_stride,
            borrow: PhantomData,
        }
    }

    /// Where element (i, j) lies from element (0, 0), modulo 2^bits.
    #[inline(always)]
    fn offset(&self, i: usize, j: usize) -> usize {
        i.wrapping_mul(self.row_stride).wrapping_add(j.wrapping_mul(self.col_stride))
    }

    /// The columns from the last to the first.
    #[inline(always)]
    pub(crate) fn backwards(self) -> Self {
        let last = self.offset(0, self.cols.wrapping_sub(1));
        // With no column there is no element to point at.
        let data = if self.cols == 0 { self.data } else { self.data.wrapping_add(last) };
        Self { data, col_stride: self.col_stride.wrapping_neg(), ..self }
    }

    /// Rows become columns.
    #[inline(always)]
    pub(crate) fn t(self) -> Self {
        Self {
            rows: self.cols,
            cols: self.rows,
            row_stride: self.col_stride,
            col_stride: self.row_stride,
            ..self
        }
    }

    /// The part of `shape` that begins at `at` [row, col]; `None` if it sticks out.
    #[inline(always)]
    pub(crate) fn sub(self, at: [usize; 2], shape: [usize; 2]) -> Option<Self> {
        let ([row, col], [rows, cols]) = (at, shape);
        if row > self.rows || rows > self.rows - row || col > self.cols || cols > self.cols - col {
            return None;
        }
        if rows == 0 || cols == 0 {
            return Some(Self { rows, cols, ..self });
        }
        let data = self.data.wrapping_add(self.offset(row, col));
        Some(Self { data, rows, cols, ..self })
    }

    /// The rows before `row` and the rest; `None` if there are not so many.
    #[inline(always)]
    pub(crate) fn split_at_row(self, row: usize) -> Option<(Self, Self)> {
        if row > self.rows {
            return None;
        }
        let (rows, cols) = (self.rows, self.cols);
        let twin = Self { ..self };
        // The halves share no element, so the invariant of both holds.
        Some((self.sub([0, 0], [row, cols])?, twin.sub([row, 0], [rows - row, cols])?))
    }

    /// The columns before `col` and the rest; `None` if there are not so many.
    #[inline(always)]
    pub(crate) fn split_at_col(self, col: usize) -> Option<(Self, Self)> {
        let (left, right) = self.t().split_at_row(col)?;
        Some((left.t(), right.t()))
    }

    /// Writes element (i, j); `None` if there is none.
    #[inline(always)]
    pub(crate) fn set(&mut self, i: usize, j: usize, value: T) -> Option<()> {
        if i < self.rows && j < self.cols {
            // SAFETY: (i, j) is an element of this window.
            unsafe { self.data.wrapping_add(self.offset(i, j)).write(value) }
            Some(())
        } else {
            None
        }
    }

    /// Column j as a slice, if its elements are adjacent.
    #[inline(always)]
    pub(crate) fn column(&mut self, j: usize) -> Option<&mut [T]> {
        if j >= self.cols || (self.row_stride != 1 && self.rows > 1) {
            return None;
        }
        if self.rows == 0 {
            return Some(&mut []);
        }
        // SAFETY: the elements (0, j)…(rows − 1, j) are adjacent and in this window.
        Some(unsafe {
            core::slice::from_raw_parts_mut(self.data.wrapping_add(self.offset(0, j)), self.rows)
        })
    }

    /// Columns j … j + N − 1 as slices, if their elements are adjacent.
    #[inline(always)]
    pub(crate) fn columns<const N: usize>(&mut self, j: usize) -> Option<[&mut [T]; N]> {
        if j > self.cols || N > self.cols - j || (self.row_stride != 1 && self.rows > 1) {
            return None;
        }
        if self.rows == 0 {
            // Without rows strides may be any number, and lead to no address.
            return Some(core::array::from_fn(|_| -> &mut [T] { &mut [] }));
        }
        Some(core::array::from_fn(|k| {
            let start = self.data.wrapping_add(self.offset(0, j + k));
            // SAFETY: the elements (0, j + k)…(rows − 1, j + k) are adjacent and in this window; no other
            // column has any of them.
            unsafe { core::slice::from_raw_parts_mut(start, self.rows) }
        }))
    }

    /// Row i as a slice, if its elements are adjacent.
    #[inline(always)]
    pub(crate) fn row(&mut self, i: usize) -> Option<&mut [T]> {
        if i >= self.rows || (self.col_stride != 1 && self.cols > 1) {
            return None;
        }
        if self.cols == 0 {
            return Some(&mut []);
        }
        // SAFETY: the elements (i, 0)…(i, cols − 1) are adjacent and in this window.
        Some(unsafe {
            core::slice::from_raw_parts_mut(self.data.wrapping_add(self.offset(i, 0)), self.cols)
        })
    }
}
