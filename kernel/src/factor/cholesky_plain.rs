//! The Cholesky factorization in place, column by column: that of the portable machine, which has neither vectors to
//! pack for nor flash for tiles of many shapes.
//!
//! The chains are those of `cholesky_panel.rs`, so that neither changes a bit.

use crate::factor::cholesky_panel::{BadPivot, Factored};
use crate::factor::plain::{renew_column, subtract_products};
use crate::fixed::is_cholesky_pivot;
use crate::float::{Float, reciprocal_root};
use crate::simd::{WindowMut, own};

/// Rows of a block where a target has a loop of its own; what n is short of it stands in front, where chains are short.
const BLOCK: usize = 4;

/// A ← L, n × n. `None` where a window did not fit: never.
pub(super) fn factor<T: Float>(a: WindowMut<'_, T>) -> Option<Factored<T>> {
    // Compiled here, once for each format.
    Some(if T::BITS == 64 {
        factor_f64(a.cast()?)?.map_err(BadPivot::cast)
    } else {
        factor_f32(a.cast()?)?.map_err(BadPivot::cast)
    })
}

#[inline(never)]
fn factor_f64(a: WindowMut<'_, f64>) -> Option<Factored<f64>> {
    columns_and_blocks(a)
}

#[inline(never)]
fn factor_f32(a: WindowMut<'_, f32>) -> Option<Factored<f32>> {
    columns_and_blocks(a)
}

#[inline(always)]
fn columns_and_blocks<T: Float>(mut a: WindowMut<'_, T>) -> Option<Factored<T>> {
    let n = a.rows;
    let first = n % BLOCK;
    let done = columns(&mut a, 0, first)?;
    if done.is_err() || first == n {
        return Some(done);
    }
    match own::cholesky(&mut a, first, is_cholesky_pivot) {
        Some(done) => Some(done.map_err(|(index, value)| BadPivot { index, value })),
        None => {
            for k in 0..first {
                subtract_products(&mut a, k, [first, n], |l| l)?;
            }
            columns(&mut a, first, n)
        }
    }
}

/// The columns from `first` to `end`, each with what it does to the later ones of them. Once for both calls: not inlined.
#[inline(never)]
fn columns<T: Float>(a: &mut WindowMut<'_, T>, first: usize, end: usize) -> Option<Factored<T>> {
    for k in first..end {
        let value = a.rb().get(k, k)?;
        if !is_cholesky_pivot(value) {
            return Some(Err(BadPivot { index: k, value }));
        }
        let root = value.sqrt();
        let reciprocal = reciprocal_root(value, root);
        a.set(k, k, root)?;
        renew_column(a, [k + 1, k], |x| x * reciprocal)?;
        subtract_products(a, k, [k + 1, end], |l| l)?;
    }
    Some(Ok(()))
}
