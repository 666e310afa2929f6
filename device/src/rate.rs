//! The learning rate, held at a share of what the sharpness allows.

use teeter::Error;
use teeter::curvature::{UpdateRule, largest_learning_rate};
use teeter::krylov::TrackedSharpness;

use crate::Config;

/// η of each step: down at once, up slowly, never beyond its share of 2/λ₁.
///
/// Up slowly because the first estimates of λ₁ are far too small, and a single step at the rate that they
/// allow would end the training.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// η of the last step; of the first one before it.
    pub value: f32,
    share: f32,
    growth: f32,
}

impl Rate {
    /// Before the first step.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        Self { value: config.rate_start, share: config.rate_share, growth: config.rate_growth }
    }

    /// η of this step, from what is known of λ₁.
    ///
    /// # Errors
    /// None in practice: a λ₁ that is not positive allows any rate.
    pub fn next(&mut self, sharpness: &TrackedSharpness<f32>) -> Result<f32, Error> {
        let grown = self.value * self.growth;
        let top = sharpness.value;
        self.value = if top >= f32::MIN_POSITIVE {
            let allowed = self.share * largest_learning_rate(UpdateRule::GradientDescent, top)?;
            if allowed < grown { allowed } else { grown }
        } else {
            grown
        };
        Ok(self.value)
    }
}
