//! Numbers as people read them: no more digits than tell something, and never three hundred.

/// The digits that read back to the same bits, as a power of ten where that is shorter by far.
pub fn exact(value: f64) -> String {
    if value == 0.0 || !value.is_finite() || (1e-5..1e7).contains(&value.abs()) {
        value.to_string()
    } else {
        format!("{value:e}")
    }
}

/// Three decimals, for a number of the order of 1; a power of ten for any other.
pub fn decimal(value: f64) -> String {
    if value == 0.0 || !value.is_finite() || (1e-3..1e5).contains(&value.abs()) {
        format!("{value:.3}")
    } else {
        format!("{value:.3e}")
    }
}

/// A bound in two digits, rounded up, so that it stays one.
pub fn bound(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return value.to_string();
    }
    let unit = 10_f64.powi(value.abs().log10().floor() as i32 - 1);
    let up = (value / unit).ceil() * unit;
    if (1e-3..1e2).contains(&up.abs()) {
        let decimals = (1.0 - up.abs().log10().floor()).max(0.0) as usize;
        format!("{up:.decimals$}")
    } else {
        format!("{up:.1e}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_is_rounded_up() {
        for (value, expected) in [
            (0.069_994, "0.070"),
            (0.0701, "0.071"),
            (0.0999, "0.10"),
            (1.872e-6, "1.9e-6"),
            (99.9, "1.0e2"),
            (1.2, "1.2"),
            (0.0, "0"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(bound(value), expected);
        }
    }

    #[test]
    fn no_number_is_longer_than_its_digits() {
        for (value, expected) in [
            (0.3, "0.3"),
            (0.0, "0"),
            (20.0, "20"),
            (1e300, "1e300"),
            (-1e300, "-1e300"),
            (5e-324, "5e-324"),
            (f64::INFINITY, "inf"),
        ] {
            assert_eq!(exact(value), expected);
        }
        for (value, expected) in [
            (1.0189, "1.019"),
            (0.0, "0.000"),
            (9.9e299, "9.900e299"),
            (2e-300, "2.000e-300"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(decimal(value), expected);
        }
        let value = std::f64::consts::PI * 1e-200;
        assert_eq!(exact(value).parse(), Ok(value), "nothing is lost");
    }
}
