//! Records on their way back, and what may be wrong with them.

use crate::log::{HEAD, Kind, MAGIC, PREFACE, TAIL, VERSION, checksum};

/// Where bytes come from.
pub trait Source {
    /// Fills the front of `bytes` and tells how many there were: fewer than asked for only at the end.
    fn read(&mut self, bytes: &mut [u8]) -> usize;
}

impl Source for &[u8] {
    fn read(&mut self, bytes: &mut [u8]) -> usize {
        let len = bytes.len().min(self.len());
        let (front, back) = self.split_at_checked(len).unwrap_or((self, &[]));
        bytes.iter_mut().zip(front).for_each(|(to, &from)| *to = from);
        *self = back;
        len
    }
}

/// What is wrong with a log. Offsets are bytes from its beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// It does not begin as a log does.
    NotALog,
    /// It is of another version of the layout.
    Version {
        /// Its version.
        found: u8,
    },
    /// It ends within the record that begins at `offset`.
    Truncated {
        /// Where the record begins.
        offset: u64,
        /// Bytes that are not there.
        missing: u64,
    },
    /// Kind, length or number of a record were changed: where the next one begins is not known.
    Head {
        /// Where the record begins.
        offset: u64,
    },
    /// The contents of a record were changed. The next one can be read.
    Body {
        /// Where the record begins.
        offset: u64,
        /// Its number.
        number: u32,
        /// What it was, if that is known.
        kind: Option<Kind>,
    },
    /// A record that is larger than the memory lent for it. The next one can be read.
    Large {
        /// Where it begins.
        offset: u64,
        /// Bytes of its body.
        len: usize,
    },
}

impl Flaw {
    /// Whether nothing behind it can be read.
    #[must_use]
    pub fn ends(&self) -> bool {
        matches!(
            self,
            Self::NotALog | Self::Version { .. } | Self::Truncated { .. } | Self::Head { .. }
        )
    }
}

/// A record whose checksums are right. Its body is in the memory lent, at the front.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// Which record; `None` for one that this version does not know.
    pub kind: Option<Kind>,
    /// Its number.
    pub number: u32,
    /// The number that was to come: another one, where records are gone.
    pub expected: u32,
    /// Where it begins.
    pub offset: u64,
    /// Bytes of its body.
    pub len: usize,
}

/// Reads a log, record by record. Bounded: each call reads on.
#[derive(Debug)]
pub struct Reader<S> {
    source: S,
    offset: u64,
    /// The number that comes next.
    number: u32,
    ended: bool,
}

impl<S: Source> Reader<S> {
    /// Reads the first bytes.
    ///
    /// # Errors
    /// [`Flaw::NotALog`], [`Flaw::Version`], [`Flaw::Truncated`].
    pub fn open(mut source: S) -> Result<Self, Flaw> {
        let mut preface = [0; PREFACE];
        let found = source.read(&mut preface);
        let [start @ .., v, a, b, c, d] = preface;
        let known = found.min(MAGIC.len());
        if !start.iter().zip(&MAGIC).take(known).all(|(x, y)| x == y) {
            return Err(Flaw::NotALog);
        }
        if found < PREFACE {
            return Err(Flaw::Truncated { offset: 0, missing: (PREFACE - found) as u64 });
        }
        if u32::from_le_bytes([a, b, c, d]) != checksum(checksum(0, &start), &[v]) {
            return Err(Flaw::Head { offset: 0 });
        }
        if v != VERSION {
            return Err(Flaw::Version { found: v });
        }
        Ok(Self { source, offset: PREFACE as u64, number: 0, ended: false })
    }

    /// Goes on at a record that [`next_head`] found in what is left.
    pub fn at(source: S, offset: u64, number: u32) -> Self {
        Self { source, offset, number, ended: false }
    }

    /// The next record, its body at the front of `body`; `None` at the end.
    ///
    /// # Errors
    /// What is wrong with it. Unless that [ends](Flaw::ends) the log, the next call reads the next one.
    pub fn next(&mut self, body: &mut [u8]) -> Result<Option<Found>, Flaw> {
        if self.ended {
            return Ok(None);
        }
        let offset = self.offset;
        let mut bytes = [0; HEAD];
        let found = self.source.read(&mut bytes);
        if found == 0 {
            return Ok(None);
        }
        if found < HEAD {
            return Err(self.end(Flaw::Truncated { offset, missing: (HEAD - found) as u64 }));
        }
        let Some(head) = Head::parse(&bytes) else {
            return Err(self.end(Flaw::Head { offset }));
        };
        let read = self.body(&head, body)?;
        self.offset = offset.saturating_add((HEAD + TAIL + head.len) as u64);
        let expected = self.number;
        self.number = head.number.wrapping_add(1);
        read?;
        let (kind, Head { number, len, .. }) = (Kind::of(head.kind), head);
        Ok(Some(Found { kind, number, expected, offset, len }))
    }

    fn end(&mut self, flaw: Flaw) -> Flaw {
        self.ended = true;
        flaw
    }

    /// Reads a body and its checksum. The outer error ends the log, the inner one is of this record alone.
    fn body(&mut self, head: &Head, body: &mut [u8]) -> Result<Result<(), Flaw>, Flaw> {
        let offset = self.offset;
        let fits = head.len <= body.len();
        let (mut sum, mut left) = (0, head.len);
        while left > 0 {
            let most = left.min(body.len());
            let mut few = [0; HEAD];
            // Without any memory lent, a few bytes at a time.
            let part = match body.get_mut(..most) {
                Some(part) if most > 0 => part,
                _ => few.get_mut(..left.min(HEAD)).unwrap_or(&mut []),
            };
            let asked = part.len();
            let found = self.source.read(part);
            if found < asked || asked == 0 {
                let missing = (left - found + TAIL) as u64;
                return Err(self.end(Flaw::Truncated { offset, missing }));
            }
            sum = checksum(sum, part);
            left -= asked;
        }
        let mut tail = [0; TAIL];
        let found = self.source.read(&mut tail);
        if found < TAIL {
            return Err(self.end(Flaw::Truncated { offset, missing: (TAIL - found) as u64 }));
        }
        Ok(if sum != u32::from_le_bytes(tail) {
            Err(Flaw::Body { offset, number: head.number, kind: Kind::of(head.kind) })
        } else if fits {
            Ok(())
        } else {
            Err(Flaw::Large { offset, len: head.len })
        })
    }
}

/// The first bytes of a record.
struct Head {
    kind: u8,
    len: usize,
    number: u32,
}

impl Head {
    /// `None` if the checksum is another.
    fn parse(bytes: &[u8; HEAD]) -> Option<Self> {
        let &[kind, l0, l1, l2, n0, n1, n2, n3, a, b, c, d] = bytes;
        let sum = checksum(0, &[kind, l0, l1, l2, n0, n1, n2, n3]);
        let len = u32::from_le_bytes([l0, l1, l2, 0]) as usize;
        let number = u32::from_le_bytes([n0, n1, n2, n3]);
        (sum == u32::from_le_bytes([a, b, c, d])).then_some(Self { kind, len, number })
    }
}

/// Where in `bytes` a record begins that has number `least` or a later one, and which; for what stands behind a head that was
/// changed. Twelve bytes pass for a head by chance once in 4·10⁹.
#[must_use]
pub fn next_head(bytes: &[u8], least: u32) -> Option<(usize, u32)> {
    let head = |(at, bytes): (usize, &[u8])| {
        let head = Head::parse(bytes.first_chunk()?)?;
        let later = head.number.wrapping_sub(least) < u32::MAX / 2;
        (Kind::of(head.kind).is_some() && later).then_some((at, head.number))
    };
    bytes.windows(HEAD).enumerate().find_map(head)
}
