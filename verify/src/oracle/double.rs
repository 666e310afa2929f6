//! Pairs of f64, about 106 bits: the reference for elementary functions of f64.

use std::ops::{Add, Div, Mul};

use teeter::Float;

/// high + low, |low| ≤ half a unit of high.
#[derive(Clone, Copy, Debug)]
pub struct Double {
    /// The leading part.
    pub high: f64,
    /// What it leaves.
    pub low: f64,
}

/// a + b exactly, for |a| ≥ |b| (Dekker 1971).
fn quick_sum(a: f64, b: f64) -> Double {
    let high = a + b;
    Double { high, low: b - (high - a) }
}

/// a + b exactly (Knuth, *Seminumerical Algorithms*, §4.2.2).
fn two_sum(a: f64, b: f64) -> Double {
    let high = a + b;
    let part = high - a;
    Double { high, low: (a - (high - part)) + (b - part) }
}

impl Double {
    /// x itself.
    #[must_use]
    pub fn new(x: f64) -> Self {
        Self { high: x, low: 0.0 }
    }

    /// (high + low) − x, rounded once at the end: the error of an f64 against the reference.
    #[must_use]
    pub fn minus(self, x: f64) -> f64 {
        (self.high - x) + self.low
    }

    /// eˣ − 1 by the Taylor series of x/2¹⁰ and ten times m ← m(m + 2), relative error < 2⁻⁹⁰.
    #[must_use]
    pub fn exp_m1(self) -> Self {
        const HALVINGS: i32 = 10;
        let shrink = 2.0_f64.powi(-HALVINGS);
        let t = Self { high: self.high * shrink, low: self.low * shrink };
        // t(1 + t/2(1 + t/3(…))): sixteen terms leave t¹⁶/17! < 2⁻¹²⁰ for |x| ≤ 40.
        let mut series = Self::new(1.0);
        for j in (2..=16).rev() {
            series = Self::new(1.0) + t * series / Self::new(f64::from(j));
        }
        let mut m = t * series;
        for _ in 0..HALVINGS {
            m = m * (m + Self::new(2.0));
        }
        m
    }

    /// tanh x for x ≥ 0, from m = exp(2x) − 1: m/(m + 2).
    #[must_use]
    pub fn tanh(self) -> Self {
        let m = Self { high: 2.0 * self.high, low: 2.0 * self.low }.exp_m1();
        m / (m + Self::new(2.0))
    }
}

/// Arguments below this many binades are their own tanh and log(1 + x) to 2⁻¹⁰⁰.
const TINY: f64 = 1e-31;

impl Double {
    /// √x for x ≥ 0 by one step of Newton's method from the nearest f64, relative error < 2⁻¹⁰⁰.
    #[must_use]
    pub fn root(self) -> Self {
        let start = self.high.sqrt();
        if start == 0.0 {
            return Self::new(0.0);
        }
        let start = Self::new(start);
        let rest = self + (start * start).negated();
        start + rest / (start + start)
    }

    /// −x
    #[must_use]
    pub fn negated(self) -> Self {
        Self { high: -self.high, low: -self.low }
    }

    /// eˣ·2^shift for −800 ≤ x ≤ 710, relative error < 2⁻⁸⁵: x = k·log 2 + r, log 2 to 106 bits.
    #[must_use]
    pub fn exp_shifted(self, shift: i32) -> Self {
        let log2 = Self { high: std::f64::consts::LN_2, low: 2.319_046_813_846_299_6e-17 };
        let k = (self.high / std::f64::consts::LN_2).round();
        let rest = self + (log2 * Self::new(k)).negated();
        let value = if rest.high.abs() < TINY { rest } else { rest.exp_m1() };
        let value = value + Self::new(1.0);
        // Two steps: 2^1024 is no number.
        let power = k as i32 + shift;
        let [first, second] = [power / 2, power - power / 2].map(|k| 2.0_f64.powi(k));
        Self { high: value.high * first * second, low: value.low * first * second }
    }

    /// log(1 + x) for x > −1 by one step of Newton's method from libm's, relative error < 2⁻⁹⁰.
    #[must_use]
    pub fn log1p(self) -> Self {
        if self.high.abs() < TINY {
            return self;
        }
        let start = Float::ln_1p(self.high);
        let y = Self::new(start);
        let correction = if start < 30.0 {
            let m = y.exp_m1();
            (self + m.negated()) / (m + Self::new(1.0))
        } else {
            // Scaled, so that nothing overflows.
            let e = y.exp_shifted(-20);
            let shrink = 2.0_f64.powi(-20);
            let x = Self { high: self.high * shrink, low: self.low * shrink };
            (x + Self::new(shrink) + e.negated()) / e
        };
        y + correction
    }
}

impl Add for Double {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        let (high, low) = (two_sum(self.high, other.high), two_sum(self.low, other.low));
        let first = quick_sum(high.high, high.low + low.high);
        quick_sum(first.high, first.low + low.low)
    }
}

impl Mul for Double {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        let high = self.high * other.high;
        let low = self.high.mul_add(other.high, -high);
        quick_sum(high, low + (self.high * other.low + self.low * other.high))
    }
}

impl Div for Double {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        // Long division, three digits of 53 bits.
        let mut rest = self;
        let mut quotient = Self::new(0.0);
        for _ in 0..3 {
            let digit = rest.high / other.high;
            quotient = quotient + Self::new(digit);
            rest = rest + other * Self::new(-digit);
        }
        quotient
    }
}
