//! Elementary functions: each number of f32, and a dense sample of f64.

use teeter::{Float, Machine, vector};

use crate::bound::elementary as bound;
use crate::input::Source;
use crate::oracle::double::Double;

/// A function of level 1 that is not a rational one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// `vector::exp_in_place`
    Exp,
    /// `vector::log1p_in_place`
    Log1p,
    /// `vector::sigmoid_in_place`
    Sigmoid,
    /// `vector::softplus_in_place`
    Softplus,
    /// `vector::tanh_in_place`
    Tanh,
}

/// x ← f(x) on a machine: ours, or a broken one.
pub type Apply<T> = fn(Function, Machine, &mut [T]);

/// The kernel's own.
pub fn kernel<T: Float>(function: Function, machine: Machine, x: &mut [T]) {
    match function {
        Function::Exp => vector::exp_in_place(machine, x),
        Function::Log1p => vector::log1p_in_place(machine, x),
        Function::Sigmoid => vector::sigmoid_in_place(machine, x),
        Function::Softplus => vector::softplus_in_place(machine, x),
        Function::Tanh => vector::tanh_in_place(machine, x),
    }
}

/// Numbers of f32 in order, from −∞ to ∞; both zeros count.
pub const SINGLES: u64 = 2 * (INFINITE + 1);

/// The bits of ∞ in f32.
const INFINITE: u64 = 0x7F80_0000;

/// Number `index` of f32, in order.
#[must_use]
pub fn single(index: u64) -> f32 {
    let negative = index <= INFINITE;
    f32::from_bits(if negative {
        0x8000_0000 | (INFINITE - index) as u32
    } else {
        (index - INFINITE - 1) as u32
    })
}

impl Function {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Exp, Self::Log1p, Self::Sigmoid, Self::Softplus, Self::Tanh];

    /// The name in tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Exp => "exp",
            Self::Log1p => "log1p",
            Self::Sigmoid => "sigmoid",
            Self::Softplus => "softplus",
            Self::Tanh => "tanh",
        }
    }

    /// Units in the last place allowed.
    #[must_use]
    pub fn bound(self) -> f64 {
        match self {
            Self::Exp => bound::EXP,
            Self::Log1p => bound::LOG1P,
            Self::Sigmoid => bound::SIGMOID,
            Self::Softplus => bound::SOFTPLUS,
            Self::Tanh => bound::TANH,
        }
    }

    /// Units in the last place allowed at a number, which may be fewer.
    fn bound_at<T: Float>(self, x: f64) -> f64 {
        let r = x - (x * std::f64::consts::LOG2_E).round() * std::f64::consts::LN_2;
        let [single, double] = bound::EXP_NEAR;
        // log of the smallest normal number.
        let lowest = f64::from(if T::BITS == 32 { -126 } else { -1022 }) * std::f64::consts::LN_2;
        match self {
            Self::Exp if x > lowest && bound::EXP_NEAR_R.contains(&r) => {
                if T::BITS == 32 {
                    single
                } else {
                    double
                }
            }
            Self::Tanh if x.abs() >= bound::TANH_NEAR_ONE_X => bound::TANH_NEAR_ONE,
            _ => self.bound(),
        }
    }

    /// The true value for x in f32, within four units of f64: 2⁻²⁷ units of f32.
    fn truth_single(self, x: f64) -> f64 {
        match self {
            Self::Exp => Float::exp(x),
            Self::Log1p => Float::ln_1p(x),
            Self::Sigmoid if x >= 0.0 => 1.0 / (1.0 + Float::exp(-x)),
            Self::Sigmoid => Float::exp(x) / (1.0 + Float::exp(x)),
            Self::Softplus => x.max(0.0) + Float::ln_1p(Float::exp(-x.abs())),
            Self::Tanh => Float::tanh(x),
        }
    }

    /// The true value for finite x in f64, times 2^shift, to 2⁻⁸⁰; NaN where there is none.
    fn truth_double(self, x: f64, shift: i32) -> Double {
        let one = Double::new(1.0);
        let minus = Double::new(-x.abs().min(800.0));
        let scale = 2.0_f64.powi(shift);
        match self {
            Self::Exp => Double::new(x.clamp(-800.0, 800.0)).exp_shifted(shift),
            Self::Log1p => Double::new(x).log1p(),
            Self::Sigmoid => {
                let numerator = if x < 0.0 { minus.exp_shifted(shift) } else { one };
                numerator / (one + minus.exp_shifted(0))
            }
            Self::Softplus if x >= 0.0 => Double::new(x) + minus.exp_shifted(0).log1p(),
            Self::Softplus if x < -100.0 => minus.exp_shifted(shift),
            Self::Softplus => {
                let value = minus.exp_shifted(0).log1p();
                Double { high: value.high * scale, low: value.low * scale }
            }
            Self::Tanh => {
                let a = x.abs();
                // Below 2⁻¹⁰⁰ tanh a is a to far more than two words.
                let value = if a < 2.0_f64.powi(-100) {
                    Double::new(a)
                } else if a < 20.0 {
                    Double::new(a).tanh()
                } else {
                    one + (minus.exp_shifted(0) * minus.exp_shifted(0) * Double::new(-2.0))
                };
                if x < 0.0 { value.negated() } else { value }
            }
        }
    }
}

/// What a sweep found.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sweep {
    /// Numbers tried.
    pub cases: u64,
    /// The largest error in units in the last place.
    pub worst: f64,
    /// Where.
    pub at: f64,
    /// Errors above the bound at their place, which may be sharper than the one for all.
    pub beyond: u64,
    /// Values less than that of the number before.
    pub falls: u64,
    /// Symmetries broken: tanh is odd; sigmoid(x) + sigmoid(−x) = 1 within its bound.
    pub asymmetries: u64,
    /// Bits that differ from the portable machine's.
    pub differences: u64,
    /// NaN or ∞ where there is none, and the reverse.
    pub wrong: u64,
}

impl Sweep {
    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let (worst, at) =
            if other.worst > self.worst { (other.worst, other.at) } else { (self.worst, self.at) };
        Self {
            cases: self.cases + other.cases,
            worst,
            at,
            beyond: self.beyond + other.beyond,
            falls: self.falls + other.falls,
            asymmetries: self.asymmetries + other.asymmetries,
            differences: self.differences + other.differences,
            wrong: self.wrong + other.wrong,
        }
    }

    /// Whether the bound holds and nothing else broke; no cases, no pass.
    #[must_use]
    pub fn passes(&self, function: Function) -> bool {
        let broken = self.beyond + self.falls + self.asymmetries + self.differences + self.wrong;
        self.cases > 0 && broken == 0 && self.worst <= function.bound()
    }

    fn see(&mut self, x: f64, error: f64) {
        self.cases += 1;
        if error.is_nan() {
            self.wrong += 1;
        } else if error > self.worst {
            (self.worst, self.at) = (error, x);
        }
    }

    fn symmetry<T: Float>(&mut self, function: Function, plus: T, minus: T) {
        let broken = match function {
            Function::Tanh => plus.to_bits_u64() != (-minus).to_bits_u64() && !plus.is_nan(),
            Function::Sigmoid => {
                // Exact: both are at most 1, and one of them at least ½.
                let (large, small) = (plus.max_of(minus), plus.min_of(minus));
                let defect = ((large - T::ONE) + small).abs().to_f64();
                defect > bound::SIGMOID_SYMMETRY * T::UNIT_ROUNDOFF.to_f64()
            }
            _ => false,
        };
        self.asymmetries += u64::from(broken);
    }
}

fn same<T: Float>(a: T, b: T) -> bool {
    a.to_bits_u64() == b.to_bits_u64() || (a.is_nan() && b.is_nan())
}

fn negated<T: Float>(x: &[T]) -> Vec<T> {
    x.iter().map(|&x| -x).collect()
}

/// The error in units in the last place of f32; NaN if one is NaN and the other not.
fn error_single(computed: f32, truth: f64) -> f64 {
    let computed = f64::from(computed);
    if truth.is_nan() || computed.is_nan() {
        return if truth.is_nan() && computed.is_nan() { 0.0 } else { f64::NAN };
    }
    if computed == truth {
        return 0.0;
    }
    let exponent = Float::exponent(truth).clamp(-126, 127);
    // Beyond the format, ∞ stands for 2¹²⁸.
    let limit = 2.0_f64.powi(128);
    let distance = computed.clamp(-limit, limit) - truth.clamp(-limit, limit);
    distance.abs() / 2.0_f64.powi(exponent - 23)
}

/// Numbers `range` of f32, and the one after them for the order.
#[must_use]
pub fn sweep_singles(
    function: Function,
    machine: Machine,
    apply: Apply<f32>,
    range: std::ops::Range<u64>,
) -> Sweep {
    let mut sweep = Sweep::default();
    let x: Vec<f32> = (range.start..(range.end + 1).min(SINGLES)).map(single).collect();
    let (mut y, mut portable, mut mirrored) = (x.clone(), x.clone(), negated(&x));
    apply(function, machine, &mut y);
    kernel(function, Machine::portable(), &mut portable);
    apply(function, machine, &mut mirrored);
    for (pair, &x) in y.windows(2).zip(&x) {
        // Falling, or NaN after a number.
        let rises = pair[1] >= pair[0] || pair[0].is_nan();
        sweep.falls += u64::from(!rises);
        debug_assert!(!x.is_nan(), "the numbers in order hold no NaN");
    }
    let results = y.iter().zip(&portable).zip(&mirrored);
    let count = (range.end.min(SINGLES) - range.start) as usize;
    for (&x, ((&y, &portable), &mirrored)) in x.iter().zip(results).take(count) {
        let error = error_single(y, function.truth_single(f64::from(x)));
        sweep.see(f64::from(x), error);
        sweep.beyond += u64::from(error > function.bound_at::<f32>(f64::from(x)));
        sweep.differences += u64::from(!same(y, portable));
        sweep.symmetry(function, y, mirrored);
    }
    sweep
}

/// Each NaN of f32, every `stride`-th of them.
#[must_use]
pub fn sweep_nans(function: Function, machine: Machine, stride: usize) -> Sweep {
    let mut sweep = Sweep::default();
    let list = (0x7F80_0001_u32..=0x7FFF_FFFF).step_by(stride);
    let mut x: Vec<f32> =
        list.flat_map(|bits| [bits, bits | 0x8000_0000]).map(f32::from_bits).collect();
    kernel(function, machine, &mut x);
    for y in x {
        sweep.see(f64::NAN, if y.is_nan() { 0.0 } else { f64::NAN });
    }
    sweep
}

/// f64: `density` numbers of each binade and sign, and both sides of where the reductions change.
#[must_use]
pub fn sample_doubles(density: usize) -> Vec<f64> {
    let source = &mut Source::new(0xE1E);
    let mut x = vec![0.0, -0.0, f64::from_bits(1), -f64::from_bits(1), f64::MAX, -f64::MAX];
    for exponent in 0..0x7FF_u64 {
        for _ in 0..density {
            let bits = exponent << 52 | source.bits() >> 12;
            x.extend([f64::from_bits(bits), -f64::from_bits(bits)]);
        }
    }
    for _ in 0..4000 * density {
        x.push(709.8 + 0.1 * source.unit());
        x.extend([45.0 * source.unit(), 2.0 * source.unit(), 750.0 * source.unit()]);
    }
    for k in -1100..1100 {
        let half = (f64::from(k) + 0.5) * std::f64::consts::LN_2;
        let root = 2.0_f64.powi(k.clamp(-52, 1022)) * std::f64::consts::SQRT_2 - 1.0;
        for x0 in [half, half / 2.0, root] {
            for step in -2..=2_i64 {
                x.push(f64::from_bits(x0.to_bits().wrapping_add_signed(step)));
            }
        }
    }
    x
}

/// The sample against 106 bits; not the order, which is promised for f32.
#[must_use]
pub fn sweep_doubles(
    function: Function,
    machine: Machine,
    apply: Apply<f64>,
    sample: &[f64],
) -> Sweep {
    let mut sweep = Sweep::default();
    let (mut y, mut portable, mut mirrored) = (sample.to_vec(), sample.to_vec(), negated(sample));
    apply(function, machine, &mut y);
    kernel(function, Machine::portable(), &mut portable);
    apply(function, machine, &mut mirrored);
    let results = y.iter().zip(&portable).zip(&mirrored);
    for (&x, ((&y, &portable), &mirrored)) in sample.iter().zip(results) {
        let error = error_double(function, x, y);
        sweep.see(x, error);
        sweep.beyond += u64::from(error > function.bound_at::<f64>(x));
        sweep.differences += u64::from(!same(y, portable));
        sweep.symmetry(function, y, mirrored);
    }
    sweep
}

fn error_double(function: Function, x: f64, computed: f64) -> f64 {
    // Where the value has a special form.
    if function == Function::Log1p && x <= -1.0 {
        let fits = if x == -1.0 { computed == f64::NEG_INFINITY } else { computed.is_nan() };
        return if fits { 0.0 } else { f64::NAN };
    }
    // What may be subnormal is compared 2²⁰⁰ higher, what may overflow 2²⁰⁰ lower; ∞ stands for 2¹⁰²⁴.
    let small =
        x < -600.0 && matches!(function, Function::Exp | Function::Sigmoid | Function::Softplus);
    let large = x > 600.0 && function == Function::Exp;
    let shift = if small {
        200
    } else if large {
        -200
    } else {
        0
    };
    let mut truth = function.truth_double(x, shift);
    let mut computed = computed * 2.0_f64.powi(shift);
    if large {
        let limit = 2.0_f64.powi(1024 + shift);
        computed = if computed > limit { limit } else { computed };
        truth = if truth.high < limit { truth } else { Double::new(limit) };
    }
    let error = truth.minus(computed).abs();
    if error == 0.0 {
        return 0.0;
    }
    let unit = (Float::exponent(truth.high).min(1023 + shift) - 52).max(shift - 1074);
    // In two steps: the unit itself may be no normal number.
    error * 2.0_f64.powi(-unit / 2) * 2.0_f64.powi(-unit - (-unit / 2))
}
