//! The LDLᵀ factorization in place, column by column: that of the portable machine; see `cholesky_plain.rs`.

use crate::factor::cholesky_panel::BadPivot;
use crate::factor::ldlt_panel::{Factored, PANEL};
use crate::factor::plain::{renew_column, subtract_products};
use crate::factor::regularization::Rule;
use crate::fixed::{Pivot, PivotRule};
use crate::float::Float;
use crate::simd::WindowMut;

/// The factors over A, n × n. `None` where a window did not fit: never.
///
/// What a column C = LD gives to the later ones goes there at once, while it is C: products beyond a panel are those of
/// L and LD, as everywhere.
pub(super) fn factor<T: Float>(a: WindowMut<'_, T>, rule: &Rule<'_, T>) -> Option<Factored<T>> {
    // Compiled here, once for each format.
    Some(if T::BITS == 64 {
        factor_f64(a.cast()?, &rule.cast())?.map_err(BadPivot::cast)
    } else {
        factor_f32(a.cast()?, &rule.cast())?.map_err(BadPivot::cast)
    })
}

#[inline(never)]
fn factor_f64(a: WindowMut<'_, f64>, rule: &Rule<'_, f64>) -> Option<Factored<f64>> {
    columns(a, rule)
}

#[inline(never)]
fn factor_f32(a: WindowMut<'_, f32>, rule: &Rule<'_, f32>) -> Option<Factored<f32>> {
    columns(a, rule)
}

#[inline(always)]
fn columns<T: Float>(mut a: WindowMut<'_, T>, rule: &Rule<'_, T>) -> Option<Factored<T>> {
    let (n, mut changed) = (a.rows, 0);
    for k in 0..n {
        let (value, count) = rule.judge(k, a.rb().get(k, k)?);
        let pivot = Pivot::new(value);
        if !pivot.is_good() {
            return Some(Err(BadPivot { index: k, value }));
        }
        changed += count;
        a.set(k, k, value)?;
        let quotient = |c: T| c * pivot.shift * pivot.reciprocal;
        let panel = n.min((k / PANEL + 1) * PANEL);
        subtract_products(&mut a, k, [k + 1, panel], quotient)?;
        renew_column(&mut a, [k + 1, k], quotient)?;
        for j in panel..n {
            let l = a.rb().get(j, k)?;
            for i in j..n {
                let (x, scaled) = (a.rb().get(i, j)?, a.rb().get(i, k)? * value);
                a.set(i, j, x - scaled * l)?;
            }
        }
    }
    Some(Ok(changed))
}
