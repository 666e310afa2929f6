//! What records hold.

use crate::config::{Config, SpreadConfig};
use crate::training::{PARAM_TENSORS, TENSORS};

/// Which record; the numbers are part of the layout and never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// [`Start`]: the first record.
    Start = 1,
    /// [`Step`].
    Step = 2,
    /// [`Training::save`](crate::Training::save), before the step that it names.
    Snapshot = 3,
    /// [`Measured`].
    Measured = 4,
    /// [`End`]: the last record of a run that is whole.
    End = 5,
}

impl Kind {
    /// The kind of this number.
    pub(crate) fn of(number: u8) -> Option<Self> {
        let all = [Self::Start, Self::Step, Self::Snapshot, Self::Measured, Self::End];
        all.into_iter().find(|&kind| kind as u8 == number)
    }
}

/// Numbers into a body of known length, one after the other.
struct Put<const N: usize> {
    bytes: [u8; N],
    len: usize,
}

impl<const N: usize> Put<N> {
    fn new() -> Self {
        Self { bytes: [0; N], len: 0 }
    }
    fn bytes(mut self, bytes: &[u8]) -> Self {
        let to = self.bytes.get_mut(self.len..).unwrap_or(&mut []);
        to.iter_mut().zip(bytes).for_each(|(to, &from)| *to = from);
        self.len += bytes.len();
        self
    }
    fn word(self, word: u32) -> Self {
        self.bytes(&word.to_le_bytes())
    }
    fn number(self, x: f32) -> Self {
        self.word(x.to_bits())
    }
    fn long(self, word: u64) -> Self {
        self.bytes(&word.to_le_bytes())
    }
}

/// Numbers out of a body.
struct Take<'a>(&'a [u8]);

impl<'a> Take<'a> {
    /// Of a body that is as long as it must be.
    fn of(bytes: &'a [u8], len: usize) -> Option<Self> {
        (bytes.len() == len).then_some(Self(bytes))
    }
    fn word(&mut self) -> Option<u32> {
        let (word, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u32::from_le_bytes(*word))
    }
    fn number(&mut self) -> Option<f32> {
        self.word().map(f32::from_bits)
    }
    fn long(&mut self) -> Option<u64> {
        let low = self.word()?;
        Some(u64::from(low) | u64::from(self.word()?) << 32)
    }
    fn longs<const N: usize>(&mut self) -> Option<[u64; N]> {
        let mut all = [0; N];
        for long in &mut all {
            *long = self.long()?;
        }
        Some(all)
    }
}

/// Seed and configuration: all that a replay needs beside the program.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Start {
    /// What was asked for.
    pub config: Config,
    /// [`digits::digest`](crate::digits::digest) of what was trained on.
    pub digest: u64,
}

impl Start {
    /// Bytes of its body.
    pub const LEN: usize = 64;

    /// The body.
    #[must_use]
    pub fn encode(&self) -> [u8; Self::LEN] {
        let Config { seed, hidden, samples, steps, snapshot_every, dim_max, .. } = self.config;
        let Config { rate_start, rate_share, rate_growth, spread, .. } = self.config;
        let put = [hidden, samples, steps, snapshot_every, dim_max]
            .into_iter()
            .fold(Put::new().long(seed), Put::word);
        let put = [rate_start, rate_share, rate_growth].into_iter().fold(put, Put::number);
        let put = [spread.order, spread.steps, spread.probes].into_iter().fold(put, Put::word);
        put.word(0).long(self.digest).bytes
    }

    /// From a body; `None` if it is none of a start.
    #[must_use]
    pub fn decode(body: &[u8]) -> Option<Self> {
        let mut take = Take::of(body, Self::LEN)?;
        let seed = take.long()?;
        let config = Config {
            seed,
            hidden: take.word()?,
            samples: take.word()?,
            steps: take.word()?,
            snapshot_every: take.word()?,
            dim_max: take.word()?,
            rate_start: take.number()?,
            rate_share: take.number()?,
            rate_growth: take.number()?,
            spread: SpreadConfig { order: take.word()?, steps: take.word()?, probes: take.word()? },
        };
        let _kept_free = take.word()?;
        Some(Self { config, digest: take.long()? })
    }
}

/// What a step saw, and hashes of what it computed with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// Which, from 0.
    pub step: u32,
    /// L at its parameters.
    pub loss: f32,
    /// λ₁ as the tracker sees it.
    pub sharpness: f32,
    /// η of this step.
    pub learning_rate: f32,
    /// Hashes of [`TENSORS`]; the parameters before the step.
    pub tensors: [u64; TENSORS.len()],
}

impl Step {
    /// Bytes of its body.
    pub const LEN: usize = 16 + 8 * TENSORS.len();

    /// The body.
    #[must_use]
    pub fn encode(&self) -> [u8; Self::LEN] {
        let put = Put::new().word(self.step);
        let put = put.number(self.loss).number(self.sharpness).number(self.learning_rate);
        self.tensors.into_iter().fold(put, Put::long).bytes
    }

    /// From a body; `None` if it is none of a step.
    #[must_use]
    pub fn decode(body: &[u8]) -> Option<Self> {
        let mut take = Take::of(body, Self::LEN)?;
        Some(Self {
            step: take.word()?,
            loss: take.number()?,
            sharpness: take.number()?,
            learning_rate: take.number()?,
            tensors: take.longs()?,
        })
    }
}

/// What [`Spread`](crate::Spread) found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    /// Ticks it took.
    pub ticks: u32,
    /// The largest Ritz value.
    pub top: f32,
    /// An eigenvalue lies within it of `top`.
    pub residual: f32,
    /// Hutchinson's estimate of the trace.
    pub trace: f32,
    /// Its standard error.
    pub trace_error: f32,
    /// Hashes of the diagonal and the off-diagonal of the Lanczos process.
    pub process: [u64; 2],
}

impl Measured {
    /// Bytes of its body.
    pub const LEN: usize = 36;

    /// The body.
    #[must_use]
    pub fn encode(&self) -> [u8; Self::LEN] {
        let numbers = [self.top, self.residual, self.trace, self.trace_error];
        let put = numbers.into_iter().fold(Put::new().word(self.ticks), Put::number);
        self.process.into_iter().fold(put, Put::long).bytes
    }

    /// From a body; `None` if it is none of a measurement.
    #[must_use]
    pub fn decode(body: &[u8]) -> Option<Self> {
        let mut take = Take::of(body, Self::LEN)?;
        Some(Self {
            ticks: take.word()?,
            top: take.number()?,
            residual: take.number()?,
            trace: take.number()?,
            trace_error: take.number()?,
            process: take.longs()?,
        })
    }
}

/// What came of a training.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct End {
    /// Steps done.
    pub steps: u32,
    /// The last loss.
    pub loss: f32,
    /// On what was trained on, and on as many other digits.
    pub accuracy: [f32; 2],
    /// Hashes of the parameters.
    pub params: [u64; PARAM_TENSORS],
}

impl End {
    /// Bytes of its body.
    pub const LEN: usize = 16 + 8 * PARAM_TENSORS;

    /// The body.
    #[must_use]
    pub fn encode(&self) -> [u8; Self::LEN] {
        let [train, test] = self.accuracy;
        let put = Put::new().word(self.steps).number(self.loss).number(train).number(test);
        self.params.into_iter().fold(put, Put::long).bytes
    }

    /// From a body; `None` if it is none of an end.
    #[must_use]
    pub fn decode(body: &[u8]) -> Option<Self> {
        let mut take = Take::of(body, Self::LEN)?;
        Some(Self {
            steps: take.word()?,
            loss: take.number()?,
            accuracy: [take.number()?, take.number()?],
            params: take.longs()?,
        })
    }
}
