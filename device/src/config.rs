//! What a run is asked to do. A log begins with it, so that a replay needs nothing else.

use teeter::Error;
use teeter::krylov::sharpness_tracker_scratch_len;
use teeter::objective::{mlp_param_len, mlp_scratch_len};

use crate::digits::{CLASSES, COUNT, PIXELS};

/// Hessian products of a step.
pub const PRODUCTS_PER_STEP: usize = 2;

/// A training and its measurement in ticks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Config {
    /// Initial parameters, the tracker's start and the probes follow from it.
    pub seed: u64,
    /// Units of the hidden layer.
    pub hidden: u32,
    /// Digits trained on, the first there are; as many of the last are tested on.
    pub samples: u32,
    /// Steps of full-batch gradient descent.
    pub steps: u32,
    /// Steps between two snapshots of the state; 0 for none.
    pub snapshot_every: u32,
    /// Vectors of the sharpness tracker.
    pub dim_max: u32,
    /// η of the first step.
    pub rate_start: f32,
    /// η is held at this share of 2/λ₁.
    pub rate_share: f32,
    /// η grows at most by this factor in a step.
    pub rate_growth: f32,
    /// The measurement in ticks.
    pub spread: SpreadConfig,
}

/// Lanczos and Hutchinson on the Gram matrix of digits, a row of a product per tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpreadConfig {
    /// Digits: the order of the matrix.
    pub order: u32,
    /// Lanczos steps.
    pub steps: u32,
    /// Probes of the trace.
    pub probes: u32,
}

impl Config {
    /// For 256 KiB of memory and a floating-point unit.
    pub const STANDARD: Self = Self {
        seed: 7,
        hidden: 16,
        samples: 100,
        steps: 120,
        snapshot_every: 25,
        dim_max: 4,
        rate_start: 0.05,
        rate_share: 0.9,
        rate_growth: 1.125,
        spread: SpreadConfig { order: 48, steps: 12, probes: 16 },
    };

    /// For a core that has no floating-point unit, and 128 KiB.
    pub const SMALL: Self = Self {
        hidden: 8,
        samples: 30,
        steps: 60,
        snapshot_every: 20,
        spread: SpreadConfig { order: 24, steps: 6, probes: 8 },
        ..Self::STANDARD
    };

    /// Widths of the network.
    #[must_use]
    pub const fn widths(&self) -> [usize; 3] {
        [PIXELS, self.hidden as usize, CLASSES]
    }

    /// Parameters of the network.
    #[must_use]
    pub const fn param_len(&self) -> usize {
        mlp_param_len(&self.widths())
    }

    /// Elements of memory that [`Training::new`](crate::Training::new) needs.
    #[must_use]
    pub const fn memory_len(&self) -> usize {
        let samples = self.samples as usize;
        samples
            .saturating_mul(PIXELS + CLASSES)
            .saturating_add(self.param_len().saturating_mul(3))
            .saturating_add(mlp_scratch_len(&self.widths(), samples))
            .saturating_add(self.tracker_len())
    }

    /// Elements of the tracker's memory.
    #[must_use]
    pub const fn tracker_len(&self) -> usize {
        sharpness_tracker_scratch_len(self.param_len(), self.dim_max as usize)
    }

    /// Bytes of a snapshot: step and rate, parameters, and of the tracker its vectors with their products, three numbers for
    /// each, and 168 bytes of counts and checksum.
    #[must_use]
    pub const fn snapshot_len(&self) -> usize {
        let n = self.param_len();
        let dim = self.dim_max as usize;
        let dim = if dim < n { dim } else { n };
        let numbers = n.saturating_add(dim.saturating_mul(n.saturating_mul(2).saturating_add(3)));
        numbers.saturating_mul(4).saturating_add(8 + 168)
    }

    /// Whether a run of it ends, and fits: a log may say anything.
    ///
    /// # Errors
    /// `Error::Range` for what is out of range.
    pub fn check(&self) -> Result<(), Error> {
        let half = (COUNT / 2) as u32;
        let counts = [
            ("hidden", self.hidden, 1, 256),
            ("samples", self.samples, 1, half),
            ("steps", self.steps, 1, 100_000),
            ("snapshot_every", self.snapshot_every, 0, 100_000),
            ("dim_max", self.dim_max, 2, 32),
            ("spread.order", self.spread.order, 1, half),
            ("spread.steps", self.spread.steps, 1, 64),
            ("spread.probes", self.spread.probes, 1, 1024),
        ];
        for (argument, found, low, high) in counts {
            within(argument, f64::from(found), [f64::from(low), f64::from(high)])?;
        }
        within("rate_start", f64::from(self.rate_start), [f64::from(f32::MIN_POSITIVE), 1e6])?;
        within("rate_share", f64::from(self.rate_share), [f64::from(f32::MIN_POSITIVE), 4.0])?;
        within("rate_growth", f64::from(self.rate_growth), [1.0, 4.0])
    }
}

fn within(argument: &'static str, found: f64, [low, high]: [f64; 2]) -> Result<(), Error> {
    if found >= low && found <= high {
        Ok(())
    } else {
        Err(Error::Range { argument, found, low, high })
    }
}
