//! What strides a shape may have: how many elements they span, and whether any is met twice.

/// Elements that a slice must have to hold the window; `None` if that overflows.
#[inline]
pub(crate) const fn extent(shape: [usize; 2], strides: [usize; 2]) -> Option<usize> {
    let ([rows, cols], [row_stride, col_stride]) = (shape, strides);
    if rows == 0 || cols == 0 {
        return Some(0);
    }
    let (Some(down), Some(across)) =
        ((rows - 1).checked_mul(row_stride), (cols - 1).checked_mul(col_stride))
    else {
        return None;
    };
    match down.checked_add(across) {
        Some(last) => last.checked_add(1),
        None => None,
    }
}

/// Whether no two elements share an address: the longer stride steps over a whole line
/// of the shorter one.
#[inline]
pub(super) const fn is_injective(shape: [usize; 2], strides: [usize; 2]) -> bool {
    let ([rows, cols], [row_stride, col_stride]) = (shape, strides);
    if rows <= 1 && cols <= 1 || rows == 0 || cols == 0 {
        return true;
    }
    if rows == 1 {
        return col_stride > 0;
    }
    if cols == 1 {
        return row_stride > 0;
    }
    let columns_apart = row_stride > 0 && col_stride > (rows - 1).saturating_mul(row_stride);
    let rows_apart = col_stride > 0 && row_stride > (cols - 1).saturating_mul(col_stride);
    columns_apart || rows_apart
}
