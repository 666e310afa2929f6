//! Something to look at while it runs.

use std::sync::atomic::{AtomicUsize, Ordering};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::number::{decimal, exact};
use crate::record::{Glance, Watch};

/// A bar per run, for a terminal.
#[derive(Debug)]
pub struct Bars {
    // Drops with the bars: they are drawn through it.
    _all: MultiProgress,
    bars: Vec<ProgressBar>,
}

impl Bars {
    /// One bar for each learning rate.
    pub fn new(rates: &[f64], steps: usize) -> Self {
        let all = MultiProgress::new();
        let style = ProgressStyle::with_template("{prefix:>9} {bar:28} {pos:>5}/{len} {msg}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = |rate: &f64| {
            let bar = all.add(ProgressBar::new(steps as u64));
            bar.set_style(style.clone());
            bar.set_prefix(format!("η = {}", exact(*rate)));
            bar
        };
        let bars = rates.iter().map(bar).collect();
        Self { _all: all, bars }
    }
}

impl Watch for Bars {
    fn at(&self, glance: Glance) {
        if let Some(bar) = self.bars.get(glance.run) {
            bar.set_position(glance.step as u64);
            bar.set_message(message(&glance));
        }
    }

    fn ended(&self, run: usize) {
        if let Some(bar) = self.bars.get(run) {
            bar.abandon();
        }
    }
}

/// Four lines per run, for a log.
#[derive(Debug)]
pub struct Lines {
    rates: Vec<f64>,
    steps: usize,
    quarters: Vec<AtomicUsize>,
}

impl Lines {
    /// For these learning rates.
    pub fn new(rates: &[f64], steps: usize) -> Self {
        let quarters = rates.iter().map(|_| AtomicUsize::new(0)).collect();
        Self { rates: rates.to_vec(), steps, quarters }
    }
}

impl Watch for Lines {
    fn at(&self, glance: Glance) {
        let quarter = 4 * glance.step / self.steps.max(1);
        let (Some(seen), Some(rate)) = (self.quarters.get(glance.run), self.rates.get(glance.run))
        else {
            return;
        };
        if seen.fetch_max(quarter, Ordering::Relaxed) < quarter {
            let rate = exact(*rate);
            eprintln!("η = {rate}  step {}/{}  {}", glance.step, self.steps, message(&glance));
        }
    }

    fn ended(&self, _: usize) {}
}

fn message(glance: &Glance) -> String {
    format!("loss {:.3e}  η·λ₁/2 {}", glance.loss, decimal(glance.ratio))
}
