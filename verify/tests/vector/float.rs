//! Layer `float`.

use teeter::Float;
use teeter_verify::input::{Source, vector};
use teeter_verify::oracle::exact;
use teeter_verify::property;

#[test]
fn properties_hold() {
    property::assert_all(&property::of_layer("float"));
}

fn constants_follow_from_the_format<T: Float>(precision: i32, exponent_min: i32) {
    assert_eq!(T::EPSILON, T::TWO.scale_by_power(-precision), "ε = 2^(1 − p)");
    assert_eq!(T::UNIT_ROUNDOFF, T::ONE.scale_by_power(-precision), "u = 2^−p");
    assert_eq!(T::MIN_POSITIVE, T::ONE.scale_by_power(exponent_min), "smallest normal");
    assert_eq!(T::ONE + T::UNIT_ROUNDOFF, T::ONE, "u is lost beside 1");
    assert!(T::ONE + T::EPSILON > T::ONE, "ε is not");
    assert!(!(T::MAX * T::TWO).is_finite(), "MAX is the last");
    assert!(T::NAN.is_nan() && !T::INFINITY.is_finite() && !T::NAN.is_finite(), "special");
    assert_eq!(T::HALF + T::HALF, T::ONE, "½");
    assert_eq!(
        T::ONE.to_bits_u64() >> (precision - 1),
        (1 << (T::BITS as i32 - precision - 1)) - 1,
        "bits of 1"
    );
}

#[test]
fn both_formats_have_their_constants() {
    constants_follow_from_the_format::<f32>(24, -126);
    constants_follow_from_the_format::<f64>(53, -1022);
}

/// r = √x is correctly rounded: x lies between the squares of the midpoints beside r.
fn root_is_correctly_rounded<T: Float>() {
    let source = &mut Source::new(0x500);
    let mut x: Vec<T> = vector::graded(1500, if T::BITS == 32 { 120 } else { 1000 }, source);
    x.extend(vector::edges::<T>());
    for x in x.into_iter().map(T::abs).filter(|x| *x > T::ZERO) {
        let root = x.sqrt();
        assert!(root.is_finite() && root > T::ZERO, "√{x:e} is {root:e}");
        let half =
            exact::power_of_two((root.exponent() + 1) as isize) * exact::from(T::UNIT_ROUNDOFF);
        let half = half / exact::whole(2);
        // Below a power of two the gap is half as wide; the wider one is enough to be nearest or
        // next to it, and squares of midpoints are never representable, so equality is no case.
        let (low, high) = (exact::from(root) - &half, exact::from(root) + &half);
        let truth = exact::from(x);
        assert!(low.sqr() <= truth && truth <= high.sqr(), "√{x:e} rounded to {root:e}");
    }
    assert!((-T::ONE).sqrt().is_nan(), "√−1");
    assert_eq!((-T::ZERO).sqrt().to_bits_u64(), (-T::ZERO).to_bits_u64(), "√−0 = −0");
    assert!(!T::INFINITY.sqrt().is_finite(), "√∞");
}

#[test]
fn roots_are_correctly_rounded() {
    root_is_correctly_rounded::<f32>();
    root_is_correctly_rounded::<f64>();
}

/// xy + z rounded once, against exact rationals: nearest means within half a unit of the result.
#[test]
fn fused_multiply_add_rounds_once() {
    let source = &mut Source::new(0xFA);
    for _ in 0..2000 {
        let v: Vec<f64> = vector::graded(2, 30, source);
        let z = -(v[0] * v[1]) * (1.0 + source.unit() * 1e-15);
        let once = v[0].fused_mul_add(v[1], z);
        let truth = exact::from(v[0]) * exact::from(v[1]) + exact::from(z);
        let error = exact::abs(&(exact::from(once) - truth));
        let allowed = exact::from(once.abs()) * exact::from(f64::UNIT_ROUNDOFF);
        assert!(error <= allowed, "{} · {} + {z}: {once}", v[0], v[1]);
    }
}

#[test]
fn exponents_and_scaling_reach_the_subnormals() {
    assert_eq!((5e-324_f64).exponent(), -1074);
    assert_eq!((1e-45_f32).exponent(), -149);
    assert_eq!(0.0_f64.exponent(), -1075);
    assert_eq!(0.0_f32.exponent(), -150);
    assert_eq!(1.5_f64.exponent(), 0);
    assert_eq!(f64::MAX.exponent(), 1023);
    assert_eq!(1.0_f64.scale_by_power(-1074), 5e-324);
    assert_eq!(5e-324_f64.scale_by_power(2097), 2.0_f64.powi(1023));
    assert!(1.0_f32.scale_by_power(128).is_infinite());
    assert_eq!(1.0_f32.scale_by_power(-150), 0.0);
    assert_eq!((-12.0_f64).exponent_of_bits(), 3.0);
    assert_eq!(f32::MIN_POSITIVE.exponent_of_bits(), -126.0);
    assert_eq!((-12.0_f64).mantissa_of_bits(), 1.5);
    assert_eq!(f32::MAX.mantissa_of_bits(), 2.0 - f32::EPSILON);
}

#[test]
fn order_and_sign_are_as_documented() {
    assert_eq!(f64::NAN.max_of(3.0), 3.0);
    assert_eq!(f64::NAN.min_of(3.0), 3.0);
    assert_eq!(2.0_f64.max_of(3.0), 3.0);
    assert_eq!(2.0_f64.min_of(3.0), 2.0);
    assert!(Float::copysign(2.0_f64, -0.0) == -2.0 && Float::abs(-2.0_f64) == 2.0);
    let k: f64 = 6_755_399_441_055_744.0 + 10.0;
    assert_eq!(k.power_of_two_from_biased(), 1024.0);
    let k: f32 = 12_582_912.0 - 3.0;
    assert_eq!(k.power_of_two_from_biased(), 0.125);
}

#[test]
fn conversions_are_nearest_or_exact() {
    assert_eq!(<f32 as Float>::from_f64(0.1), 0.1_f32);
    assert_eq!(<f64 as Float>::from_f32(0.5), 0.5);
    assert_eq!(<f32 as Float>::from_usize(1 << 24), 16_777_216.0);
    assert_eq!(Float::to_f64(0.25_f32), 0.25);
    assert_eq!(Float::to_f32(0.25_f64), 0.25);
}

/// NaN, infinities and the ends of each domain.
#[test]
fn elementary_functions_keep_the_special_values() {
    for x in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert!(Float::sin(x).is_nan() && Float::cos(x).is_nan(), "sin, cos of {x}");
    }
    assert_eq!(Float::exp(f64::NEG_INFINITY), 0.0);
    assert_eq!(Float::exp_m1(f64::NEG_INFINITY), -1.0);
    assert_eq!(Float::tanh(f64::INFINITY), 1.0);
    assert_eq!(Float::ln(0.0_f64), f64::NEG_INFINITY);
    assert!(Float::ln(-1.0_f64).is_nan() && Float::ln_1p(-2.0_f64).is_nan());
    for f in [Float::exp, Float::exp_m1, Float::ln, Float::ln_1p, Float::tanh] {
        let f: fn(f64) -> f64 = f;
        assert!(f(f64::NAN).is_nan(), "NaN goes through");
    }
}
