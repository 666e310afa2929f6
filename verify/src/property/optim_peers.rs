//! Optimizer steps beside PyTorch's on the same gradients, as `benches/peers/optimizers.py` wrote them.

use serde::Serialize;
use teeter::{Float, Machine};

use super::format_name;
use super::optim_steps::{rules, ulps};
use crate::bound::optim as bound;
use crate::oracle::steps::{Element, Rule, Running};
use crate::oracle::tracked::{Number, Tracked};

/// Written by `benches/peers/optimizers.py`.
const RECORD: &str = include_str!("../../../benches/peers/optimizers.csv");

/// Parameters of PyTorch after some steps, beside ours.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// The rule.
    pub rule: String,
    /// "f32" or "f64".
    pub format: &'static str,
    /// Steps taken.
    pub steps: u64,
    /// The largest difference, in units in the last place of the parameter.
    pub difference: f64,
    /// What both may differ by, in the same unit, where that difference is.
    pub bound: f64,
}

impl Row {
    /// Within the bound.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.difference <= self.bound
    }
}

/// The version that wrote the record.
#[must_use]
pub fn version() -> &'static str {
    RECORD.lines().find_map(|line| line.strip_prefix("PyTorch,")).unwrap_or("of no record")
}

/// The exact gradients: whole numbers over 256, times a power of two for each element.
fn gradients<T: Float>() -> Vec<Vec<T>> {
    let row = |line: &str| {
        let whole = line.split(',').filter_map(|word| word.parse::<f64>().ok());
        let scaled = |(i, g): (i32, f64)| T::from_f64(g).scale_by_power(3 * i - 6 - 8);
        (0..).zip(whole).map(scaled).collect()
    };
    RECORD.lines().filter_map(|line| line.strip_prefix("gradient,")).map(row).collect()
}

/// The recorded parameters of a rule, by steps.
fn recorded(rule: &str, format: &str) -> Vec<(u64, Vec<f64>)> {
    // A comma separates the cells.
    let head = format!("params,{},{format},", rule.replace(',', ";"));
    let read = |line: &str| {
        let mut words = line.split(',');
        let steps = words.next()?.parse().ok()?;
        Some((steps, words.filter_map(|word| word.parse().ok()).collect()))
    };
    RECORD.lines().filter_map(|line| line.strip_prefix(&head)).filter_map(read).collect()
}

/// Every recorded row of one format.
#[must_use]
pub fn measure<T: Float + Number>() -> Vec<Row> {
    let gradients = gradients::<T>();
    rules::<T>().into_iter().flat_map(|(name, rule)| beside::<T>(name, &rule, &gradients)).collect()
}

fn beside<T: Float + Number>(name: &str, rule: &Rule<T>, gradients: &[Vec<T>]) -> Vec<Row> {
    let record = recorded(name, format_name::<T>());
    let width = gradients.first().map_or(0, Vec::len);
    let start: Vec<T> = (0..width).map(|i| T::from_f64(1.0 - i as f64 / 4.0)).collect();
    let (mut ours, mut clock) = (Running::new(&start), rule.clock::<Tracked>());
    let zero = <Tracked as Number>::of(T::ZERO);
    let at = |&w: &T| Element { memory: [zero; 3], param: <Tracked as Number>::of(w) };
    let mut tracked: Vec<Element<Tracked>> = start.iter().map(at).collect();
    let mut rows = Vec::new();
    for (t, g) in (1..).zip(gradients) {
        if ours.step(Machine::detect(), rule, [g, g]).is_err() {
            return Vec::new();
        }
        clock = rule.tick(clock);
        for (element, &g) in tracked.iter_mut().zip(g) {
            let g = <Tracked as Number>::of(g);
            *element = rule.formula(clock, *element, [g, g]);
        }
        for (steps, theirs) in record.iter().filter(|(steps, _)| *steps == t) {
            let each = ours.params.iter().zip(theirs).zip(&tracked);
            let (difference, bound) = each.fold((0.0_f64, f64::INFINITY), |worst, ((a, b), e)| {
                let in_ulps = |x: f64| ulps::<T>(x, e.param.value.high);
                let here = in_ulps((a.to_f64() - b).abs());
                let allowed = in_ulps(bound::two_programs(e.param.error));
                let sound = here / allowed <= worst.0 / worst.1 || here == 0.0;
                if sound { worst } else { (here, allowed) }
            });
            let (rule, format) = (name.to_owned(), format_name::<T>());
            rows.push(Row { rule, format, steps: *steps, difference, bound });
        }
    }
    rows
}
