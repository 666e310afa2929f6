//! Layer normalization.
//!
//! With x̂ = s(x − μ), s = 1/√(σ² + ε), means ⟨·⟩ over the features of one position, g = γ ⊙ ȳ:
//!
//! ```text
//! Rx̂ = s(Rx − ⟨Rx⟩ − x̂⟨x̂ Rx⟩)          Rs = −s²⟨x̂ Rx⟩
//! x̄  = s(g − ⟨g⟩ − x̂⟨g x̂⟩)              γ̄ = ȳ ⊙ x̂        β̄ = ȳ
//! Rx̄ = Rs(g − ⟨g⟩ − x̂⟨g x̂⟩) + s(Rg − ⟨Rg⟩ − Rx̂⟨g x̂⟩ − x̂⟨Rg x̂ + g Rx̂⟩)
//! ```
//!
//! Every loop reads x, Rx, ȳ, Rȳ again and keeps nothing: x̂ costs two flops.

use crate::error::Error;
use crate::float::Float;
use crate::objective::network::map::{Context, Map, Point};
use crate::objective::shape::{part, part_mut};
use crate::simd::{pieces, pieces_mut};

/// See [`NetworkLayer::LayerNorm`](crate::objective::NetworkLayer::LayerNorm).
#[derive(Clone, Copy)]
pub(super) struct Normalization {
    pub(super) features: usize,
    pub(super) epsilon: f64,
}

/// μ and s of one position.
#[derive(Clone, Copy)]
struct Scale<T> {
    mean: T,
    scale: T,
}

impl<T: Float> Scale<T> {
    fn hat(self, x: T) -> T {
        (x - self.mean) * self.scale
    }
}

/// ⟨·⟩ of `n` terms.
fn mean<T: Float>(n: usize, terms: impl Iterator<Item = T>) -> T {
    terms.fold(T::ZERO, |sum, term| sum + term) / T::from_usize(n)
}

/// ⟨Rx⟩ and ⟨x̂ Rx⟩.
#[derive(Clone, Copy)]
struct Drift<T> {
    mean: T,
    along: T,
}

impl<T: Float> Drift<T> {
    /// Rx̂.
    fn hat(self, scale: Scale<T>, x: T, rx: T) -> T {
        scale.scale * (rx - self.mean - scale.hat(x) * self.along)
    }
}

impl Normalization {
    fn scale<T: Float>(&self, x: &[T]) -> Scale<T> {
        let mu = mean(self.features, x.iter().copied());
        let variance = mean(self.features, x.iter().map(|&x| (x - mu) * (x - mu)));
        let scale = T::ONE / (variance + T::from_f64(self.epsilon)).sqrt();
        Scale { mean: mu, scale }
    }

    fn drift<T: Float>(&self, scale: Scale<T>, x: &[T], rx: &[T]) -> Drift<T> {
        Drift {
            mean: mean(self.features, rx.iter().copied()),
            along: mean(self.features, x.iter().zip(rx).map(|(&x, &rx)| scale.hat(x) * rx)),
        }
    }

    /// γ and β.
    fn params<'p, T>(&self, params: &'p [T]) -> Result<(&'p [T], &'p [T]), Error> {
        let n = self.features;
        Ok((part(params, 0, n)?, part(params, n, n)?))
    }
}

impl<T: Float> Map<T> for Normalization {
    fn forward(&self, _: &mut Context<'_, T>, at: Point<'_, T>, y: &mut [T]) -> Result<(), Error> {
        let (gamma, beta) = self.params(at.params)?;
        let n = self.features.max(1);
        for (x, y) in pieces(at.input, n).zip(pieces_mut(y, n)) {
            let scale = self.scale(x);
            for ((y, &x), (&gamma, &beta)) in y.iter_mut().zip(x).zip(gamma.iter().zip(beta)) {
                *y = gamma * scale.hat(x) + beta;
            }
        }
        Ok(())
    }

    fn tangent(
        &self,
        _: &mut Context<'_, T>,
        [at, along]: [Point<'_, T>; 2],
        ry: &mut [T],
    ) -> Result<(), Error> {
        let n = self.features.max(1);
        let ((gamma, _), (r_gamma, r_beta)) = (self.params(at.params)?, self.params(along.params)?);
        let rows = pieces(at.input, n).zip(pieces(along.input, n));
        for ((x, rx), ry) in rows.zip(pieces_mut(ry, n)) {
            let scale = self.scale(x);
            let drift = self.drift(scale, x, rx);
            let params = gamma.iter().zip(r_gamma).zip(r_beta);
            for ((ry, (&x, &rx)), ((&gamma, &r_gamma), &r_beta)) in
                ry.iter_mut().zip(x.iter().zip(rx)).zip(params)
            {
                *ry = r_gamma * scale.hat(x) + gamma * drift.hat(scale, x, rx) + r_beta;
            }
        }
        Ok(())
    }

    fn pull(
        &self,
        _: &mut Context<'_, T>,
        at: Point<'_, T>,
        y_bar: &[T],
        x_bar: &mut [T],
    ) -> Result<(), Error> {
        let n = self.features.max(1);
        let (gamma, _) = self.params(at.params)?;
        let rows = pieces(at.input, n).zip(pieces(y_bar, n));
        for ((x, y_bar), x_bar) in rows.zip(pieces_mut(x_bar, n)) {
            let scale = self.scale(x);
            let g = || gamma.iter().zip(y_bar).map(|(&gamma, &y_bar)| gamma * y_bar);
            let plain = mean(n, g());
            let along = mean(n, g().zip(x).map(|(g, &x)| g * scale.hat(x)));
            for ((x_bar, &x), g) in x_bar.iter_mut().zip(x).zip(g()) {
                *x_bar += scale.scale * (g - plain - scale.hat(x) * along);
            }
        }
        Ok(())
    }

    fn collect(
        &self,
        _: &mut Context<'_, T>,
        at: Point<'_, T>,
        y_bar: &[T],
        p_bar: &mut [T],
    ) -> Result<(), Error> {
        let n = self.features.max(1);
        for (x, y_bar) in pieces(at.input, n).zip(pieces(y_bar, n)) {
            let scale = self.scale(x);
            let gamma_bar = part_mut(p_bar, 0, n)?;
            for ((gamma_bar, &x), &y_bar) in gamma_bar.iter_mut().zip(x).zip(y_bar) {
                *gamma_bar += y_bar * scale.hat(x);
            }
            let beta_bar = part_mut(p_bar, n, n)?;
            beta_bar.iter_mut().zip(y_bar).for_each(|(beta_bar, &y_bar)| *beta_bar += y_bar);
        }
        Ok(())
    }

    fn pull_tangent(
        &self,
        _: &mut Context<'_, T>,
        [at, along]: [Point<'_, T>; 2],
        [y_bar, ry_bar]: [&[T]; 2],
        rx_bar: &mut [T],
    ) -> Result<(), Error> {
        let n = self.features.max(1);
        let ((gamma, _), (r_gamma, _)) = (self.params(at.params)?, self.params(along.params)?);
        let inputs = pieces(at.input, n).zip(pieces(along.input, n));
        let bars = pieces(y_bar, n).zip(pieces(ry_bar, n));
        for (((x, rx), (y_bar, ry_bar)), rx_bar) in inputs.zip(bars).zip(pieces_mut(rx_bar, n)) {
            let scale = self.scale(x);
            let drift = self.drift(scale, x, rx);
            let g = || gamma.iter().zip(y_bar).map(|(&gamma, &y_bar)| gamma * y_bar);
            let rg = || {
                let turned = r_gamma.iter().zip(y_bar).map(|(&r_gamma, &y_bar)| r_gamma * y_bar);
                let straight = gamma.iter().zip(ry_bar).map(|(&gamma, &ry_bar)| gamma * ry_bar);
                turned.zip(straight).map(|(turned, straight)| turned + straight)
            };
            let hats = || x.iter().zip(rx).map(|(&x, &rx)| (scale.hat(x), drift.hat(scale, x, rx)));
            let (plain, r_plain) = (mean(n, g()), mean(n, rg()));
            let with_hat = mean(n, g().zip(hats()).map(|(g, (hat, _))| g * hat));
            let r_with_hat = mean(
                n,
                g().zip(rg()).zip(hats()).map(|((g, rg), (hat, r_hat))| rg * hat + g * r_hat),
            );
            let r_scale = -(scale.scale * scale.scale * drift.along);
            for ((rx_bar, (g, rg)), (hat, r_hat)) in
                rx_bar.iter_mut().zip(g().zip(rg())).zip(hats())
            {
                let bent = rg - r_plain - r_hat * with_hat - hat * r_with_hat;
                *rx_bar += r_scale * (g - plain - hat * with_hat) + scale.scale * bent;
            }
        }
        Ok(())
    }

    fn collect_tangent(
        &self,
        _: &mut Context<'_, T>,
        [at, along]: [Point<'_, T>; 2],
        [y_bar, ry_bar]: [&[T]; 2],
        rp_bar: &mut [T],
    ) -> Result<(), Error> {
        let n = self.features.max(1);
        let inputs = pieces(at.input, n).zip(pieces(along.input, n));
        let bars = pieces(y_bar, n).zip(pieces(ry_bar, n));
        for ((x, rx), (y_bar, ry_bar)) in inputs.zip(bars) {
            let scale = self.scale(x);
            let drift = self.drift(scale, x, rx);
            let gamma_bar = part_mut(rp_bar, 0, n)?;
            for ((gamma_bar, (&x, &rx)), (&y_bar, &ry_bar)) in
                gamma_bar.iter_mut().zip(x.iter().zip(rx)).zip(y_bar.iter().zip(ry_bar))
            {
                *gamma_bar += ry_bar * scale.hat(x) + y_bar * drift.hat(scale, x, rx);
            }
            let beta_bar = part_mut(rp_bar, n, n)?;
            beta_bar.iter_mut().zip(ry_bar).for_each(|(beta_bar, &ry_bar)| *beta_bar += ry_bar);
        }
        Ok(())
    }
}
