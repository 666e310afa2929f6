//! Automatic differentiation on a tape, with a bound of rounding errors: the reference for networks of layers.
//!
//! Every operation is recorded with its partial derivatives; one sweep back gives the gradient, and, since each
//! number carries its derivative along a direction, the Hessian product. Nothing here knows a layer. Each number
//! also carries how much rounding may have moved it, in units of the format under test (running error analysis:
//! Higham 2002, §3.3).

use std::ops::{Add, Mul, Neg, Sub};

/// A number, and a bound of what rounding did to it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Running {
    /// The number.
    pub value: f64,
    /// The bound, in units of the format's roundoff.
    pub error: f64,
}

impl Running {
    /// A number without error.
    #[must_use]
    pub const fn exact(value: f64) -> Self {
        Self { value, error: 0.0 }
    }

    /// A number with the error it inherits and that of its own rounding.
    fn rounded(value: f64, inherited: f64) -> Self {
        Self { value, error: inherited + value.abs() }
    }

    /// f(x): |f′| times the error of x, and two units of the result for an elementary function.
    fn elementary(self, value: f64, slope: f64) -> Self {
        Self { value, error: slope.abs() * self.error + 2.0 * value.abs() }
    }
}

impl Add for Running {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self::rounded(self.value + other.value, self.error + other.error)
    }
}

impl Neg for Running {
    type Output = Self;
    fn neg(self) -> Self {
        Self { value: -self.value, ..self }
    }
}

impl Sub for Running {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Mul for Running {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        let inherited = self.value.abs() * other.error + other.value.abs() * self.error;
        Self::rounded(self.value * other.value, inherited)
    }
}

/// A number and its derivative along the direction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dual {
    /// The number.
    pub value: Running,
    /// Its derivative.
    pub along: Running,
}

impl Dual {
    /// A constant.
    #[must_use]
    pub const fn constant(value: f64) -> Self {
        Self { value: Running::exact(value), along: Running::exact(0.0) }
    }

    /// A number that moves.
    #[must_use]
    pub const fn moving(value: f64, along: f64) -> Self {
        Self { value: Running::exact(value), along: Running::exact(along) }
    }

    /// f(x), given f, f′ and f″ there.
    fn map(self, [f, first, second]: [f64; 3]) -> Self {
        let slope = self.value.elementary(first, second);
        Self { value: self.value.elementary(f, first), along: slope * self.along }
    }
}

impl Add for Dual {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self { value: self.value + other.value, along: self.along + other.along }
    }
}

impl Mul for Dual {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        Self {
            value: self.value * other.value,
            along: self.along * other.value + self.value * other.along,
        }
    }
}

/// A number on the tape.
#[derive(Clone, Copy, Debug)]
pub struct Var(usize);

/// The record.
#[derive(Debug, Default)]
pub struct Tape {
    values: Vec<Dual>,
    /// Of each number: what it was made of, and the partial derivatives.
    made_of: Vec<Vec<(usize, Dual)>>,
}

impl Tape {
    /// A number that is made of nothing.
    pub fn push(&mut self, value: Dual) -> Var {
        self.record(value, vec![])
    }

    fn record(&mut self, value: Dual, made_of: Vec<(usize, Dual)>) -> Var {
        self.values.push(value);
        self.made_of.push(made_of);
        Var(self.values.len() - 1)
    }

    /// The number.
    #[must_use]
    pub fn value(&self, x: Var) -> Dual {
        self.values[x.0]
    }

    /// x + y
    pub fn add(&mut self, x: Var, y: Var) -> Var {
        let one = Dual::constant(1.0);
        self.record(self.value(x) + self.value(y), vec![(x.0, one), (y.0, one)])
    }

    /// xy
    pub fn mul(&mut self, x: Var, y: Var) -> Var {
        let (a, b) = (self.value(x), self.value(y));
        self.record(a * b, vec![(x.0, b), (y.0, a)])
    }

    /// cx
    pub fn scale(&mut self, factor: f64, x: Var) -> Var {
        let factor = Dual::constant(factor);
        self.record(factor * self.value(x), vec![(x.0, factor)])
    }

    /// x − y
    pub fn sub(&mut self, x: Var, y: Var) -> Var {
        let minus = self.scale(-1.0, y);
        self.add(x, minus)
    }

    /// Σ x
    pub fn sum(&mut self, terms: &[Var]) -> Var {
        let zero = self.push(Dual::constant(0.0));
        terms.iter().fold(zero, |sum, &term| self.add(sum, term))
    }

    /// Σ xy
    pub fn dot(&mut self, x: &[Var], y: &[Var]) -> Var {
        let products: Vec<Var> = x.iter().zip(y).map(|(&x, &y)| self.mul(x, y)).collect();
        self.sum(&products)
    }

    /// f(x), given f and its three derivatives there.
    fn map(&mut self, x: Var, [f, first, second, third]: [f64; 4]) -> Var {
        let at = self.value(x);
        self.record(at.map([f, first, second]), vec![(x.0, at.map([first, second, third]))])
    }

    /// eˣ
    pub fn exp(&mut self, x: Var) -> Var {
        self.map(x, [self.value(x).value.value.exp(); 4])
    }

    /// log x
    pub fn ln(&mut self, x: Var) -> Var {
        let at = self.value(x).value.value;
        self.map(x, [at.ln(), 1.0 / at, -1.0 / (at * at), 2.0 / (at * at * at)])
    }

    /// 1/x
    pub fn reciprocal(&mut self, x: Var) -> Var {
        let r = 1.0 / self.value(x).value.value;
        self.map(x, [r, -r * r, 2.0 * r * r * r, -6.0 * r * r * r * r])
    }

    /// √x
    pub fn sqrt(&mut self, x: Var) -> Var {
        let (at, root) = (self.value(x).value.value, self.value(x).value.value.sqrt());
        self.map(x, [root, 0.5 / root, -0.25 / (at * root), 0.375 / (at * at * root)])
    }

    /// tanh x
    pub fn tanh(&mut self, x: Var) -> Var {
        let t = self.value(x).value.value.tanh();
        let slope = 1.0 - t * t;
        let result = self.map(x, [t, slope, -2.0 * t * slope, slope * (6.0 * t * t - 2.0)]);
        // Whoever reads 1 − t² off t inherits two units of t, however small the slope: 2t·2t, and R of it.
        let along = self.value(x).along.value.abs();
        for (_, partial) in self.made_of.last_mut().into_iter().flatten() {
            partial.value.error += 4.0 * t * t;
            partial.along.error += 2.0 * t.abs() * 4.0 * t * t * along;
        }
        if let Some(value) = self.values.last_mut() {
            value.along.error += 4.0 * t * t * along;
        }
        result
    }

    /// max(x, 0)
    pub fn relu(&mut self, x: Var) -> Var {
        let at = self.value(x).value.value;
        self.map(x, [at.max(0.0), f64::from(at > 0.0), 0.0, 0.0])
    }

    /// Σ over the outputs of their bars times their derivatives by every number of the tape.
    #[must_use]
    pub fn pull(&self, seeds: &[(Var, Dual)]) -> Vec<Dual> {
        let mut bars = vec![Dual::constant(0.0); self.values.len()];
        for &(x, bar) in seeds {
            bars[x.0] = bars[x.0] + bar;
        }
        for index in (0..bars.len()).rev() {
            for &(from, partial) in &self.made_of[index] {
                bars[from] = bars[from] + partial * bars[index];
            }
        }
        bars
    }

    /// The bars of some numbers.
    #[must_use]
    pub fn bars_of(&self, bars: &[Dual], of: &[Var]) -> Vec<Dual> {
        of.iter().map(|x| bars[x.0]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// x³y and its derivatives at (2, 3) along (1, −1): exact in whole numbers.
    #[test]
    fn a_cubic_is_exact() {
        let mut tape = Tape::default();
        let (x, y) = (tape.push(Dual::moving(2.0, 1.0)), tape.push(Dual::moving(3.0, -1.0)));
        let square = tape.mul(x, x);
        let cube = tape.mul(square, x);
        let f = tape.mul(cube, y);
        let bars = tape.bars_of(&tape.pull(&[(f, Dual::constant(1.0))]), &[x, y]);
        let found = bars.iter().map(|bar| (bar.value.value, bar.along.value)).collect::<Vec<_>>();
        // ∇f = (3x²y, x³); H = ((6xy, 3x²), (3x², 0)).
        assert_eq!(found, [(36.0, 36.0 - 12.0), (8.0, 12.0)], "gradient and Hessian product");
    }

    /// Every function against differences of itself: its three derivatives fit together.
    #[test]
    fn derivatives_are_those_of_the_function() {
        type Function = fn(&mut Tape, Var) -> Var;
        let functions: [(&str, Function); 5] = [
            ("exp", Tape::exp),
            ("ln", Tape::ln),
            ("reciprocal", Tape::reciprocal),
            ("sqrt", Tape::sqrt),
            ("tanh", Tape::tanh),
        ];
        let at = |function: Function, x: f64| {
            let mut tape = Tape::default();
            let x = tape.push(Dual::moving(x, 1.0));
            let f = function(&mut tape, x);
            let bar = tape.bars_of(&tape.pull(&[(f, Dual::constant(1.0))]), &[x])[0];
            let value = tape.value(f);
            [value.value.value, value.along.value, bar.value.value, bar.along.value]
        };
        let h = 2.0_f64.powi(-12);
        for (name, function) in functions {
            let ([f0, ..], [f1, s1, b1, c1], [f2, ..]) =
                (at(function, 0.7 - h), at(function, 0.7), at(function, 0.7 + h));
            let (first, second) = ((f2 - f0) / (2.0 * h), (f2 - 2.0 * f1 + f0) / (h * h));
            // h²/6 and h²/12 times a derivative of at most 400 at 0.7, and rounding 4u/h².
            let (near, far) = (400.0 * h * h, 400.0 * h * h + 8.0 * f64::EPSILON / (h * h));
            assert!((s1 - first).abs() <= near, "{name}′ forward");
            assert!((b1 - first).abs() <= near, "{name}′ back");
            assert!((c1 - second).abs() <= far, "{name}″");
        }
    }
}
