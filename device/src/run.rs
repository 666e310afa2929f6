//! A whole run into a log, and from a log onward.

use teeter::Error;

use crate::Training;
use crate::log::{Kind, Reader, Sink, Source, Start, Writer};

/// Why a run ended before its end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Failure {
    /// The kernel refused: the training has diverged.
    Kernel(Error),
    /// The log takes no more.
    Sink,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Kernel(error)
    }
}

/// All steps that are left, each logged, and a snapshot where one is due: a run that goes on from one begins with it.
///
/// # Errors
/// [`Failure`]; what was logged before is whole.
pub fn record<S: Sink>(
    training: &mut Training<'_>,
    log: &mut Writer<S>,
    bytes: &mut [u8],
) -> Result<(), Failure> {
    while !training.is_done() {
        if training.is_snapshot_due() {
            let len = training.save(bytes)?;
            put(log, Kind::Snapshot, bytes.get(..len).unwrap_or(&[]))?;
        }
        let step = training.step()?;
        put(log, Kind::Step, &step.encode())?;
    }
    Ok(())
}

/// Writes a record.
///
/// # Errors
/// [`Failure::Sink`].
pub fn put<S: Sink>(log: &mut Writer<S>, kind: Kind, body: &[u8]) -> Result<(), Failure> {
    if log.write(kind, body) { Ok(()) } else { Err(Failure::Sink) }
}

/// Takes up the last sound snapshot of an earlier run of the same configuration; how many there were.
///
/// A log without a sound beginning, or of another configuration, leaves the training as it is, and so does a snapshot
/// that is damaged: the one before it counts.
pub fn resume<S: Source>(
    training: &mut Training<'_>,
    source: S,
    start: &Start,
    bytes: &mut [u8],
) -> u32 {
    let Ok(mut log) = Reader::open(source) else { return 0 };
    let (mut is_same, mut snapshots) = (false, 0);
    loop {
        let found = match log.next(bytes) {
            Ok(Some(found)) => found,
            Ok(None) => return snapshots,
            Err(flaw) if flaw.ends() => return snapshots,
            Err(_) => continue,
        };
        let body = bytes.get(..found.len).unwrap_or(&[]);
        match found.kind {
            Some(Kind::Start) => is_same = Start::decode(body).as_ref() == Some(start),
            Some(Kind::Snapshot) if is_same && training.restore(body).is_ok() => snapshots += 1,
            _ => {}
        }
    }
}
