//! A block of samples through all layers: forward, along a direction, and back.

use crate::error::Error;
use crate::float::Float;
use crate::objective::Loss;
use crate::objective::loss::read_row;
use crate::objective::network::attention::Attention;
use crate::objective::network::layer::{NetworkLayer, Site};
use crate::objective::network::map::{Context, Map, NoParams, Point};
use crate::objective::network::normalization::Normalization;
use crate::objective::network::pointwise::{Dropped, Identity, Mean, Pointwise};
use crate::objective::network::{Dropout, Memory, Network};
use crate::objective::shape::{Rows, part, part_mut};
use crate::simd::{Machine, pieces, pieces_mut};
use crate::vector;

/// Which matrix: it decides whether ȳ or Rȳ of the last layer is H_L Ry.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Curvature {
    Hessian,
    GaussNewton,
}

/// Does `$body` with `$map`, the [`Map`] of a layer: its type depends on the layer, and no memory is at hand for a
/// box.
macro_rules! with_map {
    ($site:expr, $map:ident => $body:expr) => {{
        let site: &Site = $site;
        if let Some($map) = site.layer.affine(site.inputs)? {
            $body
        } else {
            match site.layer {
                NetworkLayer::LayerNorm { features, epsilon } => {
                    let $map = Normalization { features, epsilon };
                    $body
                }
                NetworkLayer::Attention { features, heads, mask } => {
                    let tokens = site.outputs / features.max(1);
                    let $map = Attention { tokens, features, heads, mask };
                    $body
                }
                NetworkLayer::Pointwise(activation) => {
                    let $map = Pointwise::Plain(activation);
                    $body
                }
                NetworkLayer::Gelu => {
                    let $map = Pointwise::Gelu;
                    $body
                }
                NetworkLayer::Mean { features } => {
                    let positions = site.inputs / features.max(1);
                    let $map = NoParams(Mean { features, positions });
                    $body
                }
                NetworkLayer::Dropout { rate } => {
                    let $map = NoParams(Dropped { rate, len: site.inputs });
                    $body
                }
                _ => {
                    let $map = NoParams(Identity);
                    $body
                }
            }
        }
    }};
}

impl Site {
    /// Its input of `count` samples.
    fn input<'d, T>(&self, data: &'d [T], count: usize) -> Result<&'d [T], Error> {
        part(data, self.start * count, self.inputs * count)
    }

    /// Everything before its output, and its output.
    fn split<'d, T>(
        &self,
        data: &'d mut [T],
        count: usize,
    ) -> Result<(&'d mut [T], &'d mut [T]), Error> {
        let (before, rest) = crate::check::split(data, (self.start + self.inputs) * count)?;
        Ok((before, part_mut(rest, 0, self.outputs * count)?))
    }

    /// Its parameters.
    fn params<'p, T>(&self, params: &'p [T]) -> Result<&'p [T], Error> {
        part(params, self.params, self.param_len)
    }
}

impl<T: Float> Network<'_, T> {
    /// The blocks of samples, in order.
    pub(super) fn blocks(&self, block: usize) -> impl Iterator<Item = Rows> + use<T> {
        let (samples, block) = (self.inputs.rows(), block.max(1));
        (0..samples)
            .step_by(block)
            .map(move |start| Rows { start, count: block.min(samples - start) })
    }

    /// The outputs of one block.
    pub(super) fn last(&self, rows: Rows) -> &[T] {
        let len = rows.count * self.lengths.outputs;
        let end = rows.count * self.lengths.units;
        self.memory.values.get(end.saturating_sub(len)..end).unwrap_or_default()
    }

    /// x and y of all layers.
    pub(super) fn forward(&mut self, params: &[T], rows: Rows) -> Result<(), Error> {
        let (shape, setting) = (self.shape, self.setting(rows));
        let Memory { values, work, .. } = &mut self.memory;
        let d = shape.inputs.max(1);
        let into = part_mut(values, 0, rows.count * d)?;
        for (i, row) in pieces_mut(into, d).enumerate() {
            read_row(self.inputs, rows.start + i, row);
        }
        for site in shape.sites() {
            let site = site?;
            let mut cx = setting.context(&site, work);
            let (before, y) = site.split(values, rows.count)?;
            let input = site.input(before, rows.count)?;
            let at = Point { params: site.params(params)?, input };
            with_map!(&site, map => map.forward(&mut cx, at, y))?;
            if let NetworkLayer::Residual { back } = site.layer {
                let start = shape.skipped(&site, back)? * rows.count;
                vector::axpy(setting.machine, T::ONE, part(before, start, y.len())?, y)?;
            }
        }
        Ok(())
    }

    /// Rx and Ry of all layers along `v`; the data do not move.
    fn tangent(&mut self, params: &[T], v: &[T], rows: Rows) -> Result<(), Error> {
        let (shape, setting) = (self.shape, self.setting(rows));
        let Memory { values, tangents, work, .. } = &mut self.memory;
        part_mut(tangents, 0, rows.count * shape.inputs)?.fill(T::ZERO);
        for site in shape.sites() {
            let site = site?;
            let mut cx = setting.context(&site, work);
            let (before, ry) = site.split(tangents, rows.count)?;
            let input = site.input(values, rows.count)?;
            let at = Point { params: site.params(params)?, input };
            let along = Point { params: site.params(v)?, input: site.input(before, rows.count)? };
            with_map!(&site, map => map.tangent(&mut cx, [at, along], ry))?;
            if let NetworkLayer::Residual { back } = site.layer {
                let start = shape.skipped(&site, back)? * rows.count;
                vector::axpy(setting.machine, T::ONE, part(before, start, ry.len())?, ry)?;
            }
        }
        Ok(())
    }

    /// ȳ of the last layer, over `divisor`; adds what the samples lose to `total`.
    pub(super) fn differentiate(
        &mut self,
        rows: Rows,
        divisor: T,
        total: &mut T,
    ) -> Result<(), Error> {
        let (machine, loss, outputs) = (self.machine, self.shape.loss, self.lengths.outputs);
        let start = rows.count * (self.lengths.units - outputs);
        let Memory { values, bars, kept, .. } = &mut self.memory;
        let (f, bars) = (
            part(values, start, rows.count * outputs)?,
            part_mut(bars, start, rows.count * outputs)?,
        );
        let n = outputs.max(1);
        let each = pieces(f, n).zip(pieces_mut(kept, n)).zip(pieces_mut(bars, n));
        for (i, ((f, kept), bar)) in each.enumerate() {
            read_row(self.targets, rows.start + i, kept);
            let lost = loss.differentiate(machine, divisor, f, kept, bar);
            *total += match loss {
                Loss::CrossEntropy => lost,
                Loss::HalfSquared => T::HALF * kept.iter().fold(T::ZERO, |sum, &r| sum + r * r),
            };
        }
        Ok(())
    }

    /// `into` ← H_L Ry of the last layer, over N.
    fn curve(&mut self, rows: Rows, into: Curvature) -> Result<(), Error> {
        let (loss, outputs) = (self.shape.loss, self.lengths.outputs);
        let (start, len) = (rows.count * (self.lengths.units - outputs), rows.count * outputs);
        let (n, samples) = (outputs.max(1), T::from_usize(self.samples()));
        let Memory { tangents, bars, tangent_bars, kept, .. } = &mut self.memory;
        let bars = match into {
            Curvature::Hessian => tangent_bars,
            Curvature::GaussNewton => bars,
        };
        let bars = part_mut(bars, start, len)?;
        vector::copy(part(tangents, start, len)?, bars)?;
        for (i, (bar, kept)) in pieces_mut(bars, n).zip(pieces(kept, n)).enumerate() {
            loss.curve(samples, kept, loss.mass(self.targets, rows.start + i), bar);
        }
        Ok(())
    }

    /// x̄ of all layers from ȳ of the last, and p̄ added to `out`.
    fn backward(&mut self, params: &[T], rows: Rows, out: &mut [T]) -> Result<(), Error> {
        let (shape, setting) = (self.shape, self.setting(rows));
        let inner = rows.count * (self.lengths.units - self.lengths.outputs);
        let Memory { values, bars, work, .. } = &mut self.memory;
        part_mut(bars, 0, inner)?.fill(T::ZERO);
        for site in shape.sites_reversed() {
            let site = site?;
            let mut cx = setting.context(&site, work);
            let input = site.input(values, rows.count)?;
            let at = Point { params: site.params(params)?, input };
            let (before, y_bar) = site.split(bars, rows.count)?;
            let p_bar = part_mut(out, site.params, site.param_len)?;
            with_map!(&site, map => map.collect(&mut cx, at, y_bar, p_bar))?;
            if site.index > 0 {
                let x_bar = part_mut(before, site.start * rows.count, input.len())?;
                with_map!(&site, map => map.pull(&mut cx, at, y_bar, x_bar))?;
            }
            if let NetworkLayer::Residual { back } = site.layer {
                let start = shape.skipped(&site, back)? * rows.count;
                let skipped = part_mut(before, start, y_bar.len())?;
                vector::axpy(setting.machine, T::ONE, y_bar, skipped)?;
            }
        }
        Ok(())
    }

    /// x̄ and Rx̄ of all layers, and Rp̄ added to `out`.
    fn backward_tangent(
        &mut self,
        params: &[T],
        v: &[T],
        rows: Rows,
        out: &mut [T],
    ) -> Result<(), Error> {
        let (shape, setting) = (self.shape, self.setting(rows));
        let inner = rows.count * (self.lengths.units - self.lengths.outputs);
        let Memory { values, tangents, bars, tangent_bars, work, .. } = &mut self.memory;
        part_mut(bars, 0, inner)?.fill(T::ZERO);
        part_mut(tangent_bars, 0, inner)?.fill(T::ZERO);
        for site in shape.sites_reversed() {
            let site = site?;
            let mut cx = setting.context(&site, work);
            let [at, along] = [(params, &**values), (v, &**tangents)].map(|(params, data)| {
                let input = site.input(data, rows.count);
                input.and_then(|input| Ok(Point { params: site.params(params)?, input }))
            });
            let both = [at?, along?];
            let (before, y_bar) = site.split(bars, rows.count)?;
            let (r_before, ry_bar) = site.split(tangent_bars, rows.count)?;
            let p_bar = part_mut(out, site.params, site.param_len)?;
            let (y_bars, start) = ([&*y_bar, &*ry_bar], site.start * rows.count);
            with_map!(&site, map => map.collect_tangent(&mut cx, both, y_bars, p_bar))?;
            if site.index > 0 {
                let len = site.inputs * rows.count;
                let (x_bar, rx_bar) =
                    (part_mut(before, start, len)?, part_mut(r_before, start, len)?);
                with_map!(&site, map => map.pull_tangent(&mut cx, both, y_bars, rx_bar))?;
                let [at, _] = both;
                with_map!(&site, map => map.pull(&mut cx, at, y_bar, x_bar))?;
            }
            if let NetworkLayer::Residual { back } = site.layer {
                let start = shape.skipped(&site, back)? * rows.count;
                for (bar, before) in [(&*y_bar, before), (&*ry_bar, r_before)] {
                    let skipped = part_mut(before, start, bar.len())?;
                    vector::axpy(setting.machine, T::ONE, bar, skipped)?;
                }
            }
        }
        Ok(())
    }

    /// out ← ∇L.
    pub(super) fn gradient_into(&mut self, params: &[T], out: &mut [T]) -> Result<(), Error> {
        out.fill(T::ZERO);
        let samples = T::from_usize(self.samples());
        for rows in self.blocks(self.block) {
            self.forward(params, rows)?;
            self.differentiate(rows, samples, &mut { T::ZERO })?;
            self.backward(params, rows, out)?;
        }
        Ok(())
    }

    /// out ← out + ∇ℓ of one sample.
    pub(super) fn add_sample_gradient(
        &mut self,
        params: &[T],
        index: usize,
        out: &mut [T],
    ) -> Result<(), Error> {
        let rows = Rows { start: index, count: 1 };
        self.forward(params, rows)?;
        self.differentiate(rows, T::ONE, &mut { T::ZERO })?;
        self.backward(params, rows, out)
    }

    /// out ← Hv.
    pub(super) fn hessian_product_into(
        &mut self,
        params: &[T],
        v: &[T],
        out: &mut [T],
    ) -> Result<(), Error> {
        out.fill(T::ZERO);
        let samples = T::from_usize(self.samples());
        for rows in self.blocks(self.block) {
            self.forward(params, rows)?;
            self.differentiate(rows, samples, &mut { T::ZERO })?;
            self.tangent(params, v, rows)?;
            self.curve(rows, Curvature::Hessian)?;
            self.backward_tangent(params, v, rows, out)?;
        }
        Ok(())
    }

    /// out ← JᵀH_L Jv / N.
    pub(super) fn gauss_newton_product_into(
        &mut self,
        params: &[T],
        v: &[T],
        out: &mut [T],
    ) -> Result<(), Error> {
        out.fill(T::ZERO);
        let samples = T::from_usize(self.samples());
        for rows in self.blocks(self.block) {
            self.forward(params, rows)?;
            self.differentiate(rows, samples, &mut { T::ZERO })?;
            self.tangent(params, v, rows)?;
            self.curve(rows, Curvature::GaussNewton)?;
            self.backward(params, rows, out)?;
        }
        Ok(())
    }

    /// out ← (1/N) Σₙ gₙ ⊙ gₙ.
    pub(super) fn fisher_diagonal_into(
        &mut self,
        params: &[T],
        out: &mut [T],
    ) -> Result<(), Error> {
        out.fill(T::ZERO);
        let sample = core::mem::take(&mut self.memory.sample);
        let outcome = (0..self.samples()).try_for_each(|index| {
            sample.fill(T::ZERO);
            self.add_sample_gradient(params, index, sample)?;
            out.iter_mut().zip(&*sample).for_each(|(out, &g)| *out += g * g);
            Ok(())
        });
        self.memory.sample = sample;
        let samples = T::from_usize(self.samples());
        out.iter_mut().for_each(|out| *out /= samples);
        outcome
    }

    fn setting(&self, rows: Rows) -> Setting {
        Setting { machine: self.machine, dropout: self.dropout, rows }
    }
}

/// What all layers of a pass share.
#[derive(Clone, Copy)]
struct Setting {
    machine: Machine,
    dropout: Option<Dropout>,
    rows: Rows,
}

impl Setting {
    fn context<'w, T>(&self, site: &Site, work: &'w mut [T]) -> Context<'w, T> {
        let Self { machine, dropout, rows } = *self;
        Context {
            machine,
            samples: rows.count,
            first: rows.start,
            layer: site.index,
            dropout,
            work,
        }
    }
}
