//! What a replay says.

use std::fmt;

use teeter_device::Config;
use teeter_device::log::{End, Flaw, Kind, Measured, Step};

/// The first thing that is not the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// At which step, if at one.
    pub step: Option<u32>,
    /// Which tensor or number.
    pub what: String,
    /// What the log says.
    pub logged: String,
    /// What was computed here.
    pub replayed: String,
}

/// Something about the log itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// Bytes that are not there, or not what they were.
    Flaw(Flaw),
    /// Records that are not there, or not in their place.
    Gap {
        /// Where the record stands that came instead.
        offset: u64,
        /// The number that was to come.
        expected: u32,
        /// The number that came.
        found: u32,
    },
    /// A sound record of a kind or length that this program does not know.
    Unknown {
        /// Where it begins.
        offset: u64,
    },
    /// A sound record of a step that was before, or will never come.
    Misplaced {
        /// That step.
        step: u32,
    },
}

/// What came of a replay.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// What was run.
    pub config: Config,
    /// Steps that were compared and are the same.
    pub steps: u32,
    /// The last of them.
    pub last: Option<Step>,
    /// Snapshots that are the same.
    pub snapshots: u32,
    /// The measurement in ticks, if it is the same.
    pub measured: Option<Measured>,
    /// What came of the training, if it is the same.
    pub end: Option<End>,
    /// The first thing that is not the same; what comes after it is not compared.
    pub difference: Option<Difference>,
    /// What is wrong with the log, in its order.
    pub findings: Vec<Finding>,
    /// The step at which the training here could not go on, and why.
    pub stopped: Option<(u32, String)>,
}

impl Verdict {
    /// Before the first record.
    pub(super) fn new(config: Config) -> Self {
        Self {
            config,
            steps: 0,
            last: None,
            snapshots: 0,
            measured: None,
            end: None,
            difference: None,
            findings: Vec::new(),
            stopped: None,
        }
    }

    /// Whether all that can be read is the same, and nothing was changed. A log that ends too early is one of a run that
    /// was interrupted, and may well be identical as far as it goes.
    #[must_use]
    pub fn is_identical(&self) -> bool {
        let cut = |finding: &Finding| matches!(finding, Finding::Flaw(Flaw::Truncated { .. }));
        self.difference.is_none() && self.stopped.is_none() && self.findings.iter().all(cut)
    }

    /// Whether it is identical, and the run came to its end.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.is_identical() && self.findings.is_empty() && self.end.is_some()
    }
}

/// Why a log cannot be opened.
pub(super) fn beginning(flaw: Flaw) -> String {
    match flaw {
        Flaw::NotALog => "it does not begin with TEETLOG, so it is no log of a device".to_owned(),
        Flaw::Version { found } => format!(
            "its layout has version {found}, and this program reads version {}. Replay it with the version that built \
             the device's image",
            teeter_device::log::VERSION
        ),
        Flaw::Truncated { missing, .. } => {
            format!("it ends {missing} bytes before the end of its first line: nothing was logged")
        }
        _ => "its first bytes do not have their checksum: the beginning is damaged. Take the log anew from the \
              device"
            .to_owned(),
    }
}

fn kind_name(kind: Option<Kind>) -> &'static str {
    match kind {
        Some(Kind::Start) => "start",
        Some(Kind::Step) => "step",
        Some(Kind::Snapshot) => "snapshot",
        Some(Kind::Measured) => "measurement",
        Some(Kind::End) => "end",
        None => "unknown kind",
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Flaw(Flaw::Truncated { offset, missing }) => write!(
                f,
                "cut off: the record at byte {offset} lacks its last {missing} bytes or more; the run was interrupted, \
                 or the log was"
            ),
            Self::Flaw(Flaw::Head { offset }) => write!(
                f,
                "damaged: the record at byte {offset} has lost its length; what follows counts from the next sound one on"
            ),
            Self::Flaw(Flaw::Body { offset, number, kind }) => write!(
                f,
                "damaged: record {number} ({}) at byte {offset} does not have its checksum; it is left out",
                kind_name(kind)
            ),
            Self::Flaw(Flaw::Large { offset, len }) => {
                write!(f, "damaged: the record at byte {offset} claims {len} bytes; it is left out")
            }
            Self::Flaw(Flaw::NotALog | Flaw::Version { .. }) => write!(f, "damaged: no beginning"),
            Self::Gap { offset, expected, found } if found > expected => write!(
                f,
                "missing: records {expected} to {} are not there, before byte {offset}",
                found - 1
            ),
            Self::Gap { offset, expected, found } => write!(
                f,
                "out of order: record {found} stands at byte {offset}, where {expected} was to come"
            ),
            Self::Unknown { offset } => {
                write!(f, "not understood: the record at byte {offset}; it is left out")
            }
            Self::Misplaced { step } => {
                write!(
                    f,
                    "out of order: a record of step {step}, which is not to come; it is left out"
                )
            }
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Config { seed, hidden, samples, steps, .. } = self.config;
        writeln!(f, "seed {seed}, 64-{hidden}-10 on {samples} digits, {steps} steps")?;
        for finding in &self.findings {
            writeln!(f, "{finding}")?;
        }
        match &self.last {
            Some(last) => {
                let Step { step, loss, sharpness, learning_rate, .. } = last;
                let edge = f64::from(*learning_rate) * f64::from(*sharpness) / 2.0;
                writeln!(
                    f,
                    "identical to step {step}: {} steps compared, and {} snapshots; there the loss is {loss}, λ₁ {sharpness}, \
                     η·λ₁/2 {edge:.3}",
                    self.steps, self.snapshots
                )?;
            }
            None => writeln!(f, "no step was the same")?,
        }
        if let Some(Measured { ticks, top, residual, trace, trace_error, .. }) = self.measured {
            writeln!(
                f,
                "identical measurement in {ticks} ticks: λ₁ {top} ± {residual}, trace {trace} ± {trace_error}"
            )?;
        }
        if let Some((step, reason)) = &self.stopped {
            return write!(f, "the training here stopped at step {step}: {reason}");
        }
        if let Some(Difference { step, what, logged, replayed }) = &self.difference {
            let at = step.map_or(String::new(), |step| format!(" at step {step}"));
            return write!(f, "differs{at}: {what}; logged {logged}, replayed {replayed}");
        }
        match self.end {
            Some(End { accuracy: [train, test], .. }) => write!(
                f,
                "identical to the end: {:.1} % of what was trained on are right, and {:.1} % of other digits",
                100.0 * train,
                100.0 * test
            ),
            None => write!(f, "the log has no end: the run was interrupted"),
        }
    }
}
