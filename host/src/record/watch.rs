//! A glance at the runs while they go on.

/// The last measurement of a run in short; by now the run may have gone on from there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Glance {
    /// Which run, in the order of the learning rates.
    pub run: usize,
    /// Steps taken when it was measured.
    pub step: usize,
    /// Training loss.
    pub loss: f64,
    /// η·λ₁/2.
    pub ratio: f64,
}

/// Someone who looks on. Called from several threads; must not slow them down.
pub trait Watch: Sync {
    /// A run has been measured.
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
