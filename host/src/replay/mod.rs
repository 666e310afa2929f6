//! A log of a device, computed again: the same training with the same kernel, compared record by record.
//!
//! The kernel gives the same bits on every machine, so there is no tolerance: a bit that is another one is a
//! difference, and the first one is named.

mod verdict;

use std::fs;
use std::path::Path;

use teeter::Machine;
use teeter_device::log::{
    End, Flaw, Found, Kind, Measured, PREFACE, Reader, Start, Step, next_head,
};
use teeter_device::spread::{Spread, gram_row, spread_memory_len};
use teeter_device::training::{PARAM_TENSORS, TENSORS, Training, tensor_lens};
use teeter_device::{Config, digits};

use crate::error::HostError;

pub use verdict::{Difference, Finding, Verdict};

/// Replays the log in a file, with another seed than its own if one is given.
///
/// # Errors
/// If the file cannot be read, is no log, or has lost its beginning, without which nothing can be replayed.
pub fn replay(path: &Path, seed: Option<u64>) -> Result<Verdict, HostError> {
    let bytes =
        fs::read(path).map_err(|source| HostError::LogRead { path: path.to_owned(), source })?;
    replay_bytes(&bytes, seed).map_err(|reason| HostError::Log { path: path.to_owned(), reason })
}

/// Replays a log.
///
/// # Errors
/// Why it cannot be replayed at all, as a sentence.
pub fn replay_bytes(bytes: &[u8], seed: Option<u64>) -> Result<Verdict, String> {
    let mut reader = Reader::open(bytes).map_err(verdict::beginning)?;
    let mut body = vec![0; bytes.len()];
    let start = first(&mut reader, &mut body)?;
    let mut config = start.config;
    config.seed = seed.unwrap_or(config.seed);
    config.check().map_err(|error| format!("its configuration is not to be run: {error}"))?;
    if start.digest != digits::digest() {
        let (theirs, ours) = (start.digest, digits::digest());
        return Err(format!(
            "its device trained on other digits (hash {theirs:016x}) than this program has ({ours:016x}). Replay it with \
             the version that built the device's image"
        ));
    }
    let mut memory = vec![0.0; config.memory_len()];
    let training = Training::new(Machine::detect(), config, &mut memory)
        .map_err(|error| format!("its training cannot begin: {error}"))?;
    let mut verdict = Verdict::new(config);
    let mut replayer = Replayer { training: Some(training), config, verdict: &mut verdict };
    replayer.read(reader, bytes, &mut body);
    Ok(verdict)
}

/// The first record.
fn first(reader: &mut Reader<&[u8]>, body: &mut [u8]) -> Result<Start, String> {
    let lost = "its first record, which holds seed and configuration,";
    let found = match reader.next(body) {
        Ok(Some(found)) => found,
        Ok(None) | Err(Flaw::Truncated { .. }) => {
            return Err(format!("{lost} is not there: the log was cut off at its beginning"));
        }
        Err(_) => return Err(format!("{lost} is damaged. Take the log anew from the device")),
    };
    let start = (found.kind == Some(Kind::Start)).then(|| Start::decode(&body[..found.len]));
    start.flatten().ok_or_else(|| format!("{lost} is not there: another one came first"))
}

/// The training again, beside what the log says of it.
struct Replayer<'a, 'v> {
    /// `None` once it has been finished, or failed.
    training: Option<Training<'a>>,
    config: Config,
    verdict: &'v mut Verdict,
}

impl Replayer<'_, '_> {
    /// Every record, whatever lies between them.
    fn read<'b>(&mut self, mut reader: Reader<&'b [u8]>, bytes: &'b [u8], body: &mut [u8]) {
        let mut next = 1;
        loop {
            match reader.next(body) {
                Ok(None) => return,
                Ok(Some(found)) => {
                    if found.number != next {
                        self.verdict.findings.push(Finding::Gap {
                            offset: found.offset,
                            expected: next,
                            found: found.number,
                        });
                    }
                    next = found.number.wrapping_add(1);
                    self.compare(&found, &body[..found.len]);
                }
                Err(flaw) => {
                    self.verdict.findings.push(Finding::Flaw(flaw));
                    match flaw {
                        Flaw::Head { offset } => {
                            let from = usize::try_from(offset).unwrap_or(PREFACE) + 1;
                            let rest = bytes.get(from..).unwrap_or(&[]);
                            let Some((at, number)) = next_head(rest, next) else { return };
                            let here = (from + at) as u64;
                            reader = Reader::at(&rest[at..], here, number);
                        }
                        Flaw::Body { number, .. } => next = number.wrapping_add(1),
                        _ => {}
                    }
                }
            }
        }
    }

    /// One sound record; nothing more is compared once something differed.
    fn compare(&mut self, found: &Found, body: &[u8]) {
        if self.verdict.difference.is_some() {
            return;
        }
        let understood = match found.kind {
            Some(Kind::Step) => Step::decode(body).map(|step| self.step(&step)),
            Some(Kind::Snapshot) => self.snapshot(body),
            Some(Kind::Measured) => Measured::decode(body).map(|logged| self.measured(&logged)),
            Some(Kind::End) => End::decode(body).map(|logged| self.end(&logged)),
            Some(Kind::Start) | None => None,
        };
        if understood.is_none() {
            self.verdict.findings.push(Finding::Unknown { offset: found.offset });
        }
    }

    /// Trains until `step` comes next; false if there is no way there.
    fn advance(&mut self, step: u32) -> bool {
        let Some(training) = &mut self.training else { return false };
        if step < training.next_step() || step > self.config.steps {
            return false;
        }
        while training.next_step() < step {
            if let Err(error) = training.step() {
                self.verdict.stopped = Some((training.next_step(), error.to_string()));
                self.training = None;
                return false;
            }
        }
        true
    }

    fn step(&mut self, logged: &Step) {
        if !self.advance(logged.step) || logged.step == self.config.steps {
            self.misplaced(logged.step);
            return;
        }
        let Some(training) = &mut self.training else { return };
        match training.step() {
            Ok(replayed) => {
                let difference = step_difference(logged, &replayed);
                if difference.is_none() {
                    self.verdict.steps += 1;
                    self.verdict.last = Some(*logged);
                }
                self.verdict.difference = difference;
            }
            Err(error) => {
                self.verdict.stopped = Some((logged.step, error.to_string()));
                self.training = None;
            }
        }
    }

    fn misplaced(&mut self, step: u32) {
        if self.verdict.stopped.is_none() {
            self.verdict.findings.push(Finding::Misplaced { step });
        }
    }

    fn snapshot(&mut self, logged: &[u8]) -> Option<()> {
        let step = u32::from_le_bytes(*logged.first_chunk()?);
        if !self.advance(step) {
            self.misplaced(step);
            return Some(());
        }
        let mut replayed = vec![0; self.config.snapshot_len()];
        let saved = self.training.as_mut()?.save(&mut replayed);
        if let Err(error) = saved {
            self.verdict.stopped = Some((step, error.to_string()));
            return Some(());
        }
        let at = logged.iter().zip(&replayed).position(|(logged, replayed)| logged != replayed);
        let at = at.or((logged.len() != replayed.len()).then_some(logged.len()));
        self.verdict.difference = at.map(|at| Difference {
            step: Some(step),
            what: format!("the snapshot: {}", snapshot_part(&self.config, at)),
            logged: word(logged, at),
            replayed: word(&replayed, at),
        });
        self.verdict.snapshots += u32::from(at.is_none());
        Some(())
    }

    fn measured(&mut self, logged: &Measured) {
        let spread = self.config.spread;
        let mut memory = vec![0.0; spread_memory_len(&spread)];
        let seed = self.config.seed;
        let mut work = match Spread::new(Machine::detect(), spread, seed, gram_row, &mut memory) {
            Ok(work) => work,
            Err(error) => return self.verdict.stopped = Some((0, error.to_string())),
        };
        let replayed = loop {
            match work.tick() {
                Ok(true) => {}
                Ok(false) => break work.finish(),
                Err(error) => break Err(error),
            }
        };
        let replayed = match replayed {
            Ok(replayed) => replayed,
            Err(error) => return self.verdict.stopped = Some((0, error.to_string())),
        };
        let counts = [("ticks", u64::from(logged.ticks), u64::from(replayed.ticks))];
        let hashes = ["diagonal of the Lanczos process", "off-diagonal of the Lanczos process"];
        let hashes = hashes.into_iter().zip(logged.process).zip(replayed.process);
        let numbers = [
            ("largest Ritz value", logged.top, replayed.top),
            ("its residual", logged.residual, replayed.residual),
            ("trace", logged.trace, replayed.trace),
            ("its standard error", logged.trace_error, replayed.trace_error),
        ];
        let different = first_count(&counts)
            .or_else(|| hashes.into_iter().find_map(|((what, a), b)| hash(what, a, b)))
            .or_else(|| numbers.into_iter().find_map(|(what, a, b)| number(what, a, b)));
        if different.is_none() {
            self.verdict.measured = Some(*logged);
        }
        self.verdict.difference = different.map(|difference| Difference {
            what: format!("the measurement in ticks: {}", difference.what),
            ..difference
        });
    }

    fn end(&mut self, logged: &End) {
        if !self.advance(logged.steps) || logged.steps != self.config.steps {
            self.misplaced(logged.steps);
            return;
        }
        let Some(training) = self.training.take() else { return };
        let replayed = match training.finish() {
            Ok(replayed) => replayed,
            Err(error) => {
                return self.verdict.stopped = Some((logged.steps, error.to_string()));
            }
        };
        let params = TENSORS.into_iter().take(PARAM_TENSORS);
        let params = params.zip(logged.params).zip(replayed.params);
        let [[train, test], [our_train, our_test]] = [logged.accuracy, replayed.accuracy];
        let numbers = [
            ("loss", logged.loss, replayed.loss),
            ("accuracy on what was trained on", train, our_train),
            ("accuracy on other digits", test, our_test),
        ];
        let different = params
            .into_iter()
            .find_map(|((what, a), b)| hash(what, a, b))
            .or_else(|| numbers.into_iter().find_map(|(what, a, b)| number(what, a, b)));
        if different.is_none() {
            self.verdict.end = Some(*logged);
        }
        self.verdict.difference =
            different.map(|difference| Difference { step: Some(logged.steps), ..difference });
    }
}

/// The first part of a step that is not the same, in the order in which a step computes them.
fn step_difference(logged: &Step, replayed: &Step) -> Option<Difference> {
    let hashes = |range: std::ops::Range<usize>| {
        range.into_iter().find_map(|i| hash(TENSORS[i], logged.tensors[i], replayed.tensors[i]))
    };
    let different = hashes(0..PARAM_TENSORS)
        .or_else(|| number("loss", logged.loss, replayed.loss))
        .or_else(|| hashes(PARAM_TENSORS..TENSORS.len()))
        .or_else(|| number("λ₁", logged.sharpness, replayed.sharpness))
        .or_else(|| number("learning rate", logged.learning_rate, replayed.learning_rate));
    different.map(|difference| Difference { step: Some(logged.step), ..difference })
}

fn difference(what: &str, logged: String, replayed: String) -> Difference {
    Difference { step: None, what: what.to_owned(), logged, replayed }
}

fn hash(what: &str, logged: u64, replayed: u64) -> Option<Difference> {
    let show = |hash| format!("hash {hash:016x}");
    (logged != replayed).then(|| difference(what, show(logged), show(replayed)))
}

fn number(what: &str, logged: f32, replayed: f32) -> Option<Difference> {
    let same = logged.to_bits() == replayed.to_bits() || (logged.is_nan() && replayed.is_nan());
    (!same).then(|| difference(what, logged.to_string(), replayed.to_string()))
}

fn first_count(counts: &[(&str, u64, u64)]) -> Option<Difference> {
    let other = counts.iter().find(|(_, logged, replayed)| logged != replayed);
    other.map(|(what, a, b)| difference(what, a.to_string(), b.to_string()))
}

/// What byte `at` of a snapshot belongs to.
fn snapshot_part(config: &Config, at: usize) -> String {
    let Some(mut element) = (at / 4).checked_sub(2) else {
        return if at < 4 { "the step".to_owned() } else { "the learning rate".to_owned() };
    };
    for (name, len) in TENSORS.iter().zip(tensor_lens(config)) {
        if element < len {
            return format!("element {element} of the {name}");
        }
        element -= len;
    }
    "the sharpness tracker".to_owned()
}

/// The four bytes that `at` is one of, as a number.
fn word(bytes: &[u8], at: usize) -> String {
    let word = bytes.get(at / 4 * 4..).and_then(|bytes| bytes.first_chunk());
    word.map_or("nothing".to_owned(), |word| format!("bits {:08x}", u32::from_le_bytes(*word)))
}
