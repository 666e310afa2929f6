//! Numbers: libm against the platform's functions of twice the width.

use teeter::Float;

use super::{Context, Measured, Worst};
use crate::bound;
use crate::input::Source;

/// Every property of the layer.
#[must_use]
pub fn all() -> Vec<Measured> {
    vec![elementary_functions_stay_within_one_unit(), powers_of_two_are_exact()]
}

const CONTEXT: Context = Context { layer: "float", machine: "any", format: "f32" };

/// The f32 functions against the f64 functions of the platform, whose own error is 2⁻²⁹ units.
#[must_use]
pub fn elementary_functions_stay_within_one_unit() -> Measured {
    type Case = (fn(f32) -> f32, fn(f64) -> f64, [f64; 2]);
    let cases: [Case; 7] = [
        (Float::exp, f64::exp, [-80.0, 80.0]),
        (Float::exp_m1, f64::exp_m1, [-15.0, 80.0]),
        (Float::ln, f64::ln, [1e-30, 1e30]),
        (Float::ln_1p, f64::ln_1p, [-0.999, 50.0]),
        (Float::tanh, f64::tanh, [-9.0, 9.0]),
        (Float::sin, f64::sin, [-100.0, 100.0]),
        (Float::cos, f64::cos, [-100.0, 100.0]),
    ];
    let mut worst = Worst::default();
    let source = &mut Source::new(0xF);
    for (ours, reference, [low, high]) in cases {
        for _ in 0..4000 {
            let t = 0.5 + 0.5 * source.unit();
            let x = (low + (high - low) * t) as f32;
            let truth = reference(f64::from(x));
            // One unit in the last place is at most 2u relative to a normal result.
            worst.see_f64((f64::from(ours(x)) - truth).abs() / truth.abs(), bound::libm::<f32>());
        }
    }
    worst.finish(CONTEXT, "elementary functions stay within one unit")
}

/// x·2ᵏ and back is x, and ⌊log₂|x|⌋ moves by k.
#[must_use]
pub fn powers_of_two_are_exact() -> Measured {
    let source = &mut Source::new(0x2);
    let (mut broken, mut cases) = (0, 0);
    for _ in 0..2000 {
        let x = source.unit() as f32;
        let k = source.whole(-60, 60) as i32;
        let scaled = x.scale_by_power(k);
        cases += 1;
        let back = scaled.scale_by_power(-k) == x;
        broken += usize::from(!(back && scaled.exponent() == x.exponent() + k));
    }
    Measured::exact(CONTEXT, "scaling by powers of two is exact", broken, cases)
}
