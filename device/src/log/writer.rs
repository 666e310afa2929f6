//! Records on their way out.

use crate::log::{BODY_MAX, HEAD, Kind, MAGIC, PREFACE, VERSION, checksum};

/// Where bytes go: a wire, a file, flash.
pub trait Sink {
    /// Takes all of `bytes`; false if it could not.
    fn write(&mut self, bytes: &[u8]) -> bool;
}

/// Writes a log, record by record; each call hands on a whole record, so that an interruption cuts at most one.
#[derive(Debug)]
pub struct Writer<S> {
    sink: S,
    records: u32,
}

impl<S: Sink> Writer<S> {
    /// Writes the first bytes; `None` if the sink does not take them.
    pub fn begin(mut sink: S) -> Option<Self> {
        let mut preface = [0; PREFACE];
        let mut sum = 0;
        for (index, part) in [&MAGIC[..], &[VERSION]].into_iter().enumerate() {
            sum = checksum(sum, part);
            put(&mut preface, index * MAGIC.len(), part);
        }
        put(&mut preface, PREFACE - 4, &sum.to_le_bytes());
        sink.write(&preface).then_some(Self { sink, records: 0 })
    }

    /// Writes a record; false if the body is larger than [`BODY_MAX`] or the sink does not take it.
    pub fn write(&mut self, kind: Kind, body: &[u8]) -> bool {
        if body.len() > BODY_MAX {
            return false;
        }
        let word = (body.len() as u32) << 8 | u32::from(kind as u8);
        let mut head = [0; HEAD];
        put(&mut head, 0, &word.to_le_bytes());
        put(&mut head, 4, &self.records.to_le_bytes());
        let (front, _) = head.split_at(HEAD - 4);
        let sum = checksum(0, front);
        put(&mut head, HEAD - 4, &sum.to_le_bytes());
        self.records = self.records.wrapping_add(1);
        let tail = checksum(0, body).to_le_bytes();
        self.sink.write(&head) && self.sink.write(body) && self.sink.write(&tail)
    }

    /// The sink back.
    pub fn into_sink(self) -> S {
        self.sink
    }
}

fn put(to: &mut [u8], at: usize, from: &[u8]) {
    let to = to.get_mut(at..).unwrap_or(&mut []);
    to.iter_mut().zip(from).for_each(|(to, &from)| *to = from);
}
