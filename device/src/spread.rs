//! Lanczos and Hutchinson on an operator of the caller's, spread over ticks: a row of a product in each.

use teeter::krylov::{Lanczos, lanczos_scratch_len, ritz_scratch_len, ritz_values};
use teeter::random::{Stream, signs_into};
use teeter::trace::{Hutchinson, Probe};
use teeter::{Error, Machine};

use crate::config::SpreadConfig;
use crate::digits;
use crate::hash;
use crate::log::Measured;

/// What the next tick does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Lanczos,
    Hutchinson,
    Done,
}

/// λ₁ and Tr A of a symmetric operator that is known by a callback: (i, v) ↦ (Av)ᵢ.
///
/// The callback is called once in a tick at most, so a tick takes no longer than a row of a product, or the arithmetic
/// between two products.
#[derive(Debug)]
pub struct Spread<'a, F> {
    machine: Machine,
    config: SpreadConfig,
    row: F,
    /// Rows of the product that are done.
    done: usize,
    stage: Stage,
    ticks: u32,
    lanczos: Lanczos<'a, f32>,
    hutchinson: Hutchinson<f32>,
    probe: &'a mut [f32],
    product: &'a mut [f32],
    small: &'a mut [f32],
}

/// Elements of memory that [`Spread::new`] needs.
#[must_use]
pub const fn spread_memory_len(config: &SpreadConfig) -> usize {
    let (n, steps) = (config.order as usize, config.steps as usize);
    let small = steps.saturating_mul(3).saturating_add(ritz_scratch_len(steps));
    lanczos_scratch_len(n, steps).saturating_add(n.saturating_mul(2)).saturating_add(small)
}

impl<'a, F: FnMut(usize, &[f32]) -> f32> Spread<'a, F> {
    /// Before the first tick.
    ///
    /// # Errors
    /// `Error::Short` for fewer elements of memory than [`spread_memory_len`]; `Error::Empty` for an order or
    /// steps of 0.
    pub fn new(
        machine: Machine,
        config: SpreadConfig,
        seed: u64,
        row: F,
        memory: &'a mut [f32],
    ) -> Result<Self, Error> {
        let (n, steps) = (config.order as usize, config.steps as usize);
        let (needed, found) = (spread_memory_len(&config), memory.len());
        let short = Error::Short { argument: "memory", needed, found };
        let (probe, rest) = memory.split_at_mut_checked(n).ok_or(short)?;
        let (product, rest) = rest.split_at_mut_checked(n).ok_or(short)?;
        let len = lanczos_scratch_len(n, steps);
        let (process, small) = rest.split_at_mut_checked(len).ok_or(short)?;
        let stream = Stream::new(seed, 2);
        signs_into(stream.child(0), probe);
        Ok(Self {
            machine,
            config,
            row,
            done: 0,
            stage: Stage::Lanczos,
            ticks: 0,
            lanczos: Lanczos::new(machine, probe, steps, process)?,
            hutchinson: Hutchinson::new(stream.child(1), Probe::Rademacher),
            probe,
            product,
            small,
        })
    }

    /// The work of one tick; false once there was none.
    ///
    /// # Errors
    /// `Error::NotFinite` for an operator that is not.
    pub fn tick(&mut self) -> Result<bool, Error> {
        if self.stage == Stage::Done {
            return Ok(false);
        }
        self.ticks = self.ticks.saturating_add(1);
        let vector = match self.stage {
            Stage::Lanczos => self.lanczos.wants().unwrap_or(&[]),
            _ => &*self.probe,
        };
        if let Some(x) = self.product.get_mut(self.done) {
            *x = (self.row)(self.done, vector);
            self.done += 1;
            return Ok(true);
        }
        self.done = 0;
        if self.stage == Stage::Lanczos {
            self.lanczos.push(self.product)?;
            if self.lanczos.wants().is_none() {
                self.stage = Stage::Hutchinson;
                self.hutchinson.probe_into(self.probe);
            }
        } else {
            self.hutchinson.push(self.machine, self.probe, self.product)?;
            if self.hutchinson.products() >= self.config.probes as usize {
                self.stage = Stage::Done;
            }
            self.hutchinson.probe_into(self.probe);
        }
        Ok(true)
    }

    /// What was found.
    ///
    /// # Errors
    /// `Error::Empty` before the first product with a probe.
    pub fn finish(self) -> Result<Measured, Error> {
        let k = self.lanczos.steps();
        let short = Error::Short { argument: "memory", needed: 3 * k, found: self.small.len() };
        let (values, rest) = self.small.split_at_mut_checked(k).ok_or(short)?;
        let (weights, rest) = rest.split_at_mut_checked(k).ok_or(short)?;
        let (residuals, scratch) = rest.split_at_mut_checked(k).ok_or(short)?;
        let alphas = hash::of_numbers(self.lanczos.diagonal());
        let betas = hash::of_numbers(self.lanczos.off_diagonal());
        ritz_values(&self.lanczos, values, weights, residuals, scratch)?;
        let trace = self.hutchinson.estimate(0.95)?;
        let last = |x: &[f32]| x.last().copied().unwrap_or(f32::NAN);
        Ok(Measured {
            ticks: self.ticks,
            top: last(values),
            residual: last(residuals),
            trace: trace.value,
            trace_error: trace.standard_error,
            process: [alphas, betas],
        })
    }
}

/// A row of the product with the Gram matrix of digits: (Av)ᵢ = Σⱼ xᵢᵀxⱼ vⱼ/64, pixels as whole numbers.
///
/// xᵢᵀxⱼ is a whole number below 2¹² · 2 and exact; the sum over j is a chain in index order.
#[must_use]
pub fn gram_row(index: usize, v: &[f32]) -> f32 {
    let (x, _) = digits::digit(index).unwrap_or((&[], 0));
    let mut sum = 0.0;
    for (j, &v) in v.iter().enumerate() {
        let (y, _) = digits::digit(j).unwrap_or((&[], 0));
        let products =
            x.iter().zip(y).map(|(&x, &y)| i16::from(x.cast_signed()) * i16::from(y.cast_signed()));
        let inner: i16 = products.fold(0, i16::wrapping_add);
        sum += f32::from(inner) * v * 0.015_625;
    }
    sum
}
