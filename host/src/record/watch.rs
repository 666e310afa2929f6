//! A glance at the runs while they go on.

/// What there is to see of a run at some step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Glance {
    /// Which run, in the order of the learning rates.
    pub run: usize,
    /// Steps taken.
    pub step: usize,
    /// Training loss.
    pub loss: f64,
    /// η·λ₁/2 when last measured.
    pub ratio: f64,
}

/// Someone who looks on. Called from several threads; must not slow them down.
pub trait Watch: Sync {
    /// A run has come to this step.
    fn at(&self, glance: Glance);
    /// A run is over.
    fn ended(&self, run: usize);
}

/// Nobody looks on.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Watch for Silent {
    fn at(&self, _: Glance) {}
    fn ended(&self, _: usize) {}
}
