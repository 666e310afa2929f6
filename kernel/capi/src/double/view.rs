//! Matrices in the caller's memory.

use teeter::matrix::{Diagonal, MatMut, MatRef, Side, Triangle, TriangularRef};

use crate::memory::Memory;
use crate::status::{TEETER_LENGTH, TEETER_RANGE, status_of, teeter_status};

/// A matrix to read: element (i, j) is `data[i * row_stride + j * col_stride]`.
///
/// Row-major: strides (cols, 1); column-major: (1, rows); exchanging rows with cols and the strides
/// with one another transposes. See `teeter_rows_f64`, `teeter_columns_f64`, `teeter_t_f64`.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_matrix_f64 {
    /// Element (0, 0).
    pub data: *const f64,
    /// Rows.
    pub rows: usize,
    /// Columns.
    pub cols: usize,
    /// Elements from one row to the next.
    pub row_stride: usize,
    /// Elements from one column to the next.
    pub col_stride: usize,
}

/// A matrix to write, laid out alike. No two of its elements may share an address. The addresses
/// from its first to its last element must not meet those of another argument: two blocks of
/// one array whose rows interleave are refused.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_matrix_mut_f64 {
    /// Element (0, 0).
    pub data: *mut f64,
    /// Rows.
    pub rows: usize,
    /// Columns.
    pub cols: usize,
    /// Elements from one row to the next.
    pub row_stride: usize,
    /// Elements from one column to the next.
    pub col_stride: usize,
}

/// A square matrix of which one triangle counts; the other is not read.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct teeter_triangular_f64 {
    /// The matrix.
    pub matrix: teeter_matrix_f64,
    /// `TEETER_LOWER` or `TEETER_UPPER`.
    pub triangle: u32,
    /// `TEETER_NON_UNIT`, or `TEETER_UNIT` for ones in place of the diagonal.
    pub diagonal: u32,
}

/// Elements from the first to the last, both counted.
fn extent(shape: [usize; 2], strides: [usize; 2]) -> Result<usize, teeter_status> {
    let ([rows, cols], [row_stride, col_stride]) = (shape, strides);
    let (Some(down), Some(across)) = (rows.checked_sub(1), cols.checked_sub(1)) else {
        return Ok(0);
    };
    let down = down.checked_mul(row_stride);
    let across = across.checked_mul(col_stride);
    down.zip(across)
        .and_then(|(down, across)| down.checked_add(across)?.checked_add(1))
        .ok_or(TEETER_LENGTH)
}

impl teeter_matrix_f64 {
    /// # Safety
    /// - `data` is valid for reading as many elements as the shape reaches.
    pub(crate) unsafe fn view<'a>(
        &self,
        memory: &mut Memory,
    ) -> Result<MatRef<'a, f64>, teeter_status> {
        let shape = [self.rows, self.cols];
        let strides = [self.row_stride, self.col_stride];
        // SAFETY: as the caller vouches.
        let data = unsafe { memory.input(self.data, extent(shape, strides)?)? };
        MatRef::strided(data, shape, strides).map_err(status_of)
    }
}

impl teeter_matrix_mut_f64 {
    /// # Safety
    /// - `data` is valid for writing as many elements as the shape reaches, and nothing but this
    ///   call reaches them.
    pub(crate) unsafe fn view<'a>(
        &self,
        memory: &mut Memory,
    ) -> Result<MatMut<'a, f64>, teeter_status> {
        let shape = [self.rows, self.cols];
        let strides = [self.row_stride, self.col_stride];
        // SAFETY: as the caller vouches.
        let data = unsafe { memory.output(self.data, extent(shape, strides)?)? };
        MatMut::strided(data, shape, strides).map_err(status_of)
    }
}

impl teeter_triangular_f64 {
    /// # Safety
    /// - That of its matrix.
    pub(crate) unsafe fn view<'a>(
        &self,
        memory: &mut Memory,
    ) -> Result<TriangularRef<'a, f64>, teeter_status> {
        let triangle = triangle(self.triangle)?;
        let diagonal = match self.diagonal {
            0 => Diagonal::NonUnit,
            1 => Diagonal::Unit,
            _ => return Err(TEETER_RANGE),
        };
        // SAFETY: as the caller vouches.
        Ok(unsafe { self.matrix.view(memory)? }.triangular(triangle, diagonal))
    }
}

/// Which triangle a number names.
pub(crate) fn triangle(number: u32) -> Result<Triangle, teeter_status> {
    match number {
        0 => Ok(Triangle::Lower),
        1 => Ok(Triangle::Upper),
        _ => Err(TEETER_RANGE),
    }
}

/// On which side a number puts a matrix.
pub(crate) fn side<M>(number: u32, matrix: M) -> Result<Side<M>, teeter_status> {
    match number {
        0 => Ok(Side::Left(matrix)),
        1 => Ok(Side::Right(matrix)),
        _ => Err(TEETER_RANGE),
    }
}
