//! A layer as a differentiable map, and the six things that are asked of one.
//!
//! With y = φ(p, x), a bar for ∂L/∂ and R{·} for the derivative along a direction (Rp, Rx):
//!
//! | method           | computes                                                      |
//! |------------------|---------------------------------------------------------------|
//! | `forward`        | y                                                             |
//! | `tangent`        | Ry = φₓRx + φₚRp                                              |
//! | `pull`           | x̄ ← x̄ + φₓᵀȳ                                                  |
//! | `collect`        | p̄ ← p̄ + φₚᵀȳ                                                  |
//! | `pull_tangent`   | Rx̄ ← Rx̄ + φₓᵀRȳ + R{φₓ}ᵀȳ                                     |
//! | `collect_tangent`| Rp̄ ← Rp̄ + φₚᵀRȳ + R{φₚ}ᵀȳ                                     |
//!
//! Hv is Rp̄ (Pearlmutter 1994); the Gauss–Newton product is `collect` after `tangent` and the loss's H_L.

use crate::error::Error;
use crate::float::Float;
use crate::objective::network::Dropout;
use crate::simd::Machine;

/// Parameters of a layer and its input, of some samples; or a direction of both.
#[derive(Clone, Copy)]
pub(super) struct Point<'p, T> {
    pub(super) params: &'p [T],
    pub(super) input: &'p [T],
}

/// What a layer works with.
pub(super) struct Context<'w, T> {
    pub(super) machine: Machine,
    /// Samples that go through together, and the first of them.
    pub(super) samples: usize,
    pub(super) first: usize,
    /// Which layer this is, and what it may leave out.
    pub(super) layer: usize,
    pub(super) dropout: Option<Dropout>,
    pub(super) work: &'w mut [T],
}

/// See the table above.
pub(super) trait Map<T: Float> {
    fn forward(&self, cx: &mut Context<'_, T>, at: Point<'_, T>, y: &mut [T]) -> Result<(), Error>;

    fn tangent(
        &self,
        cx: &mut Context<'_, T>,
        both: [Point<'_, T>; 2],
        ry: &mut [T],
    ) -> Result<(), Error>;

    fn pull(
        &self,
        cx: &mut Context<'_, T>,
        at: Point<'_, T>,
        y_bar: &[T],
        x_bar: &mut [T],
    ) -> Result<(), Error>;

    /// A layer without parameters has nothing to collect, here and below.
    fn collect(
        &self,
        _: &mut Context<'_, T>,
        _: Point<'_, T>,
        _: &[T],
        _: &mut [T],
    ) -> Result<(), Error> {
        Ok(())
    }

    fn pull_tangent(
        &self,
        cx: &mut Context<'_, T>,
        both: [Point<'_, T>; 2],
        bars: [&[T]; 2],
        rx_bar: &mut [T],
    ) -> Result<(), Error>;

    fn collect_tangent(
        &self,
        _: &mut Context<'_, T>,
        _: [Point<'_, T>; 2],
        _: [&[T]; 2],
        _: &mut [T],
    ) -> Result<(), Error> {
        Ok(())
    }
}

/// A linear map without parameters: all of the above is x ↦ Ax and y ↦ Aᵀy.
pub(super) trait Linear<T: Float> {
    fn apply(&self, cx: &mut Context<'_, T>, x: &[T], y: &mut [T]) -> Result<(), Error>;

    /// x̄ ← x̄ + Aᵀȳ.
    fn add_transposed(
        &self,
        cx: &mut Context<'_, T>,
        y_bar: &[T],
        x_bar: &mut [T],
    ) -> Result<(), Error>;
}

/// A [`Linear`] map as a [`Map`].
pub(super) struct NoParams<L>(pub(super) L);

impl<T: Float, L: Linear<T>> Map<T> for NoParams<L> {
    fn forward(&self, cx: &mut Context<'_, T>, at: Point<'_, T>, y: &mut [T]) -> Result<(), Error> {
        self.0.apply(cx, at.input, y)
    }

    fn tangent(
        &self,
        cx: &mut Context<'_, T>,
        [_, along]: [Point<'_, T>; 2],
        ry: &mut [T],
    ) -> Result<(), Error> {
        self.0.apply(cx, along.input, ry)
    }

    fn pull(
        &self,
        cx: &mut Context<'_, T>,
        _: Point<'_, T>,
        y_bar: &[T],
        x_bar: &mut [T],
    ) -> Result<(), Error> {
        self.0.add_transposed(cx, y_bar, x_bar)
    }

    fn pull_tangent(
        &self,
        cx: &mut Context<'_, T>,
        _: [Point<'_, T>; 2],
        [_, ry_bar]: [&[T]; 2],
        rx_bar: &mut [T],
    ) -> Result<(), Error> {
        self.0.add_transposed(cx, ry_bar, rx_bar)
    }
}
