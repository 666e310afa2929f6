//! Scalar functions: `libm`'s, or the machine's root.

use crate::input::{FILLS, Fill, Number, element};
use crate::lab::Lab;

/// Arguments of each kind.
const COUNT: u64 = 400;

fn each<T: Number>(lab: &mut Lab<'_, T>, f: impl Fn(T) -> T) {
    let hash = lab.hash();
    for kind in FILLS {
        for index in 0..COUNT {
            hash.number(f(element(kind, 1, index)));
        }
    }
}

pub(crate) fn sqrt<T: Number>(lab: &mut Lab<'_, T>) {
    each(lab, T::sqrt);
    // Next to squares, where rounding decides.
    each(lab, |x| (x * x).sqrt());
    each(lab, |x| (x * x + x * x * T::EPSILON).sqrt());
}

pub(crate) fn fused_mul_add<T: Number>(lab: &mut Lab<'_, T>) {
    let hash = lab.hash();
    for kind in FILLS {
        for index in 0..COUNT {
            let [x, y, z] = [1, 2, 3].map(|seed| element::<T>(kind, seed, index));
            hash.number(x.fused_mul_add(y, z));
            hash.number(x.fused_mul_add(y, -(x * y)));
        }
    }
}

pub(crate) fn exp<T: Number>(lab: &mut Lab<'_, T>) {
    each(lab, T::exp);
}

pub(crate) fn exp_m1<T: Number>(lab: &mut Lab<'_, T>) {
    each(lab, T::exp_m1);
}

pub(crate) fn ln<T: Number>(lab: &mut Lab<'_, T>) {
    each(lab, T::ln);
}

pub(crate) fn ln_1p<T: Number>(lab: &mut Lab<'_, T>) {
    each(lab, T::ln_1p);
}

pub(crate) fn tanh<T: Number>(lab: &mut Lab<'_, T>) {
    each(lab, T::tanh);
}

pub(crate) fn sin<T: Number>(lab: &mut Lab<'_, T>) {
    each(lab, T::sin);
}

pub(crate) fn cos<T: Number>(lab: &mut Lab<'_, T>) {
    each(lab, T::cos);
}

/// By powers of two that reach the subnormals, and back as exponents.
pub(crate) fn powers<T: Number>(lab: &mut Lab<'_, T>) {
    let hash = lab.hash();
    for index in 0..COUNT {
        let x = element::<T>(Fill::Plain, 1, index);
        let scaled = x.scale_by_power((index as i32 - 200) * T::BITS as i32 / 6);
        hash.number(scaled);
        hash.word(i64::from(scaled.exponent()) as u64);
    }
}
