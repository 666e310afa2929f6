//! Matrix views: a slice, a shape and two strides, checked once at construction.

use crate::error::Error;
use crate::simd::{Window, WindowMut, extent};

/// A matrix to read: element (i, j) of a slice lies at i·row_stride + j·col_stride.
///
/// # Example
/// ```
/// use teeter::matrix::MatRef;
/// let a = MatRef::row_major(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 2, 3)?;
/// assert_eq!(a.get(1, 0), Some(4.0));
/// assert_eq!(a.t().get(0, 1), Some(4.0));
/// # Ok::<(), teeter::Error>(())
/// ```
#[derive(Debug)]
pub struct MatRef<'a, T>(Window<'a, T>);

/// A matrix to write; no two of its elements share an address.
#[derive(Debug)]
pub struct MatMut<'a, T>(WindowMut<'a, T>);

impl<T> Clone for MatRef<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for MatRef<'_, T> {}

/// For callers who hold a pointer and not a slice, because others own what lies between the elements.
impl<'a, T> From<Window<'a, T>> for MatRef<'a, T> {
    #[inline(always)]
    fn from(window: Window<'a, T>) -> Self {
        Self(window)
    }
}

/// As for [`MatRef`].
impl<'a, T> From<WindowMut<'a, T>> for MatMut<'a, T> {
    #[inline(always)]
    fn from(window: WindowMut<'a, T>) -> Self {
        Self(window)
    }
}

/// Why a view of `found` elements cannot have this shape and these strides.
#[cold]
fn misfit(shape: [usize; 2], strides: [usize; 2], found: usize) -> Error {
    match extent(shape, strides) {
        Some(needed) if needed > found => Error::Short { argument: "data", needed, found },
        Some(_) => Error::Overlap { row_stride: strides[0], col_stride: strides[1] },
        None => Error::Short { argument: "data", needed: usize::MAX, found },
    }
}

impl<'a, T> MatRef<'a, T> {
    /// A matrix whose rows are adjacent: strides (cols, 1).
    ///
    /// # Errors
    /// `Error::Short` if `data` has fewer than rows·cols elements.
    #[inline]
    pub fn row_major(data: &'a [T], rows: usize, cols: usize) -> Result<Self, Error> {
        Self::strided(data, [rows, cols], [cols, 1])
    }

    /// A matrix whose columns are adjacent: strides (1, rows).
    ///
    /// # Errors
    /// `Error::Short` if `data` has fewer than rows·cols elements.
    #[inline]
    pub fn col_major(data: &'a [T], rows: usize, cols: usize) -> Result<Self, Error> {
        Self::strided(data, [rows, cols], [1, rows])
    }

    /// A matrix of `shape` [rows, cols] at `strides` [row, col], in elements.
    ///
    /// # Errors
    /// `Error::Short` if the last element lies beyond `data`, or its place overflows.
    #[inline]
    pub fn strided(data: &'a [T], shape: [usize; 2], strides: [usize; 2]) -> Result<Self, Error> {
        Window::new(data, shape, strides)
            .map(Self)
            .ok_or_else(|| misfit(shape, strides, data.len()))
    }

    /// Number of rows.
    #[inline(always)]
    #[must_use]
    pub fn rows(&self) -> usize {
        self.0.rows
    }

    /// Number of columns.
    #[inline(always)]
    #[must_use]
    pub fn cols(&self) -> usize {
        self.0.cols
    }

    /// Elements between one row and the next.
    #[inline(always)]
    #[must_use]
    pub fn row_stride(&self) -> usize {
        self.0.row_stride
    }

    /// Elements between one column and the next.
    #[inline(always)]
    #[must_use]
    pub fn col_stride(&self) -> usize {
        self.0.col_stride
    }

    /// The transpose: the same elements, strides exchanged.
    #[inline(always)]
    #[must_use]
    pub fn t(self) -> Self {
        Self(self.0.t())
    }

    /// The part of `shape` [rows, cols] that begins at `at` [row, col].
    ///
    /// # Errors
    /// `Error::Range` if it sticks out.
    #[inline]
    pub fn sub(self, at: [usize; 2], shape: [usize; 2]) -> Result<Self, Error> {
        let found = self.0;
        found
            .sub(at, shape)
            .map(Self)
            .ok_or_else(|| sticks_out(at, shape, [found.rows, found.cols]))
    }

    /// Element (i, j), if there is one.
    #[inline(always)]
    #[must_use]
    pub fn get(&self, i: usize, j: usize) -> Option<T>
    where
        T: Copy,
    {
        self.0.get(i, j)
    }

    /// Row i as a slice, if its elements are adjacent.
    #[inline(always)]
    #[must_use]
    pub fn row(&self, i: usize) -> Option<&'a [T]> {
        self.0.t().column(i)
    }

    /// Column j as a slice, if its elements are adjacent.
    #[inline(always)]
    #[must_use]
    pub fn column(&self, j: usize) -> Option<&'a [T]> {
        self.0.column(j)
    }

    #[inline(always)]
    pub(crate) fn window(self) -> Window<'a, T> {
        self.0
    }
}

/// Why a part cannot be cut out.
#[cold]
fn sticks_out(at: [usize; 2], shape: [usize; 2], whole: [usize; 2]) -> Error {
    let rows = at[0].saturating_add(shape[0]);
    if rows > whole[0] {
        beyond("rows", rows, whole[0])
    } else {
        beyond("cols", at[1].saturating_add(shape[1]), whole[1])
    }
}

/// More rows or columns asked for than there are.
#[cold]
fn beyond(argument: &'static str, found: usize, high: usize) -> Error {
    Error::Range { argument, found: found as f64, low: 0.0, high: high as f64 }
}

impl<'a, T> MatMut<'a, T> {
    /// A matrix whose rows are adjacent: strides (cols, 1).
    ///
    /// # Errors
    /// `Error::Short` if `data` has fewer than rows·cols elements.
    #[inline]
    pub fn row_major(data: &'a mut [T], rows: usize, cols: usize) -> Result<Self, Error> {
        Self::strided(data, [rows, cols], [cols, 1])
    }

    /// A matrix whose columns are adjacent: strides (1, rows).
    ///
    /// # Errors
    /// `Error::Short` if `data` has fewer than rows·cols elements.
    #[inline]
    pub fn col_major(data: &'a mut [T], rows: usize, cols: usize) -> Result<Self, Error> {
        Self::strided(data, [rows, cols], [1, rows])
    }

    /// A matrix of `shape` [rows, cols] at `strides` [row, col], in elements.
    ///
    /// # Errors
    /// `Error::Short` if the last element lies beyond `data`; `Error::Overlap` unless the longer
    /// stride steps over a whole line of the shorter one, so that no two elements share an address.
    #[inline]
    pub fn strided(
        data: &'a mut [T],
        shape: [usize; 2],
        strides: [usize; 2],
    ) -> Result<Self, Error> {
        let found = data.len();
        WindowMut::new(data, shape, strides).map(Self).ok_or_else(|| misfit(shape, strides, found))
    }

    /// Number of rows.
    #[inline(always)]
    #[must_use]
    pub fn rows(&self) -> usize {
        self.0.rows
    }

    /// Number of columns.
    #[inline(always)]
    #[must_use]
    pub fn cols(&self) -> usize {
        self.0.cols
    }

    /// The same matrix to read, while this view rests.
    #[inline(always)]
    #[must_use]
    pub fn rb(&self) -> MatRef<'_, T> {
        MatRef(self.0.rb())
    }

    /// The same matrix to write, while this view rests.
    #[inline(always)]
    #[must_use]
    pub fn rb_mut(&mut self) -> MatMut<'_, T> {
        MatMut(self.0.rb_mut())
    }

    /// The transpose: the same elements, strides exchanged.
    #[inline(always)]
    #[must_use]
    pub fn t(self) -> Self {
        Self(self.0.t())
    }

    /// The part of `shape` [rows, cols] that begins at `at` [row, col].
    ///
    /// # Errors
    /// `Error::Range` if it sticks out.
    #[inline]
    pub fn sub(self, at: [usize; 2], shape: [usize; 2]) -> Result<Self, Error> {
        let whole = [self.rows(), self.cols()];
        self.0.sub(at, shape).map(Self).ok_or_else(|| sticks_out(at, shape, whole))
    }

    /// The rows before `row`, and the rest.
    ///
    /// # Errors
    /// `Error::Range` if there are not so many.
    #[inline]
    pub fn split_at_row(self, row: usize) -> Result<(Self, Self), Error> {
        let found = self.rows();
        match self.0.split_at_row(row) {
            Some((above, below)) => Ok((Self(above), Self(below))),
            None => Err(beyond("rows", row, found)),
        }
    }

    /// The columns before `col`, and the rest.
    ///
    /// # Errors
    /// `Error::Range` if there are not so many.
    #[inline]
    pub fn split_at_col(self, col: usize) -> Result<(Self, Self), Error> {
        let found = self.cols();
        match self.0.split_at_col(col) {
            Some((left, right)) => Ok((Self(left), Self(right))),
            None => Err(beyond("cols", col, found)),
        }
    }

    /// Element (i, j), if there is one.
    #[inline(always)]
    #[must_use]
    pub fn get(&self, i: usize, j: usize) -> Option<T>
    where
        T: Copy,
    {
        self.rb().get(i, j)
    }

    /// Writes element (i, j); `None` if there is none.
    #[inline(always)]
    pub fn set(&mut self, i: usize, j: usize, value: T) -> Option<()> {
        self.0.set(i, j, value)
    }

    /// Row i as a slice, if its elements are adjacent.
    #[inline(always)]
    #[must_use]
    pub fn row(&mut self, i: usize) -> Option<&mut [T]> {
        self.0.row(i)
    }

    /// Column j as a slice, if its elements are adjacent.
    #[inline(always)]
    #[must_use]
    pub fn column(&mut self, j: usize) -> Option<&mut [T]> {
        self.0.column(j)
    }

    #[inline(always)]
    pub(crate) fn window(self) -> WindowMut<'a, T> {
        self.0
    }
}
