//! State as bytes: what a process remembers, saved, moved to another machine, and gone on with.
//!
//! A state goes through its fields once, in one method ([`Saved::visit`]); length, saving, checking and
//! restoring all follow it, so they cannot disagree. What is restored goes on bit for bit as what was
//! saved would have.
//!
//! Little-endian, whatever the machine:
//!
//! | bytes      | what                                                                     |
//! |------------|--------------------------------------------------------------------------|
//! | 4          | `TEET`                                                                   |
//! | 2          | version of this layout: [`VERSION`]                                      |
//! | 2          | which state: [`Kind`]                                                    |
//! | 4          | bits of a number: 32 or 64                                               |
//! | 4          | bytes in all                                                             |
//! | 8 each     | counts, in the order of the fields; before each array its length         |
//! | 4 or 8 each | numbers                                                                 |
//! | 4          | CRC-32 of all before (IEEE 802.3)                                        |
//!
//! The checksum finds every change of up to 32 bits in a row and all but one in 4·10⁹ of the others; it
//! keeps no adversary out.

use crate::check;
use crate::error::Error;
use crate::float::Float;

/// Version of the layout that this crate writes and reads.
pub const VERSION: u16 = 1;

const MAGIC: [u8; 4] = *b"TEET";
const HEADER: usize = 16;
const CHECKSUM: usize = 4;

/// Which state the bytes hold; the numbers are part of the layout and never change.
///
/// Steppers of other layers take numbers from 100 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[repr(u16)]
pub enum Kind {
    /// `optim::SgdState`
    Sgd = 1,
    /// `optim::AdamState`
    Adam = 2,
    /// `optim::PadamState`
    Padam = 3,
    /// `optim::RmsPropState`
    RmsProp = 4,
    /// `optim::SophiaState`
    Sophia = 5,
    /// `optim::TracerState`
    Tracer = 6,
    /// `optim::LookSamState`
    LookSam = 7,
    /// `optim::AverageState`
    Average = 8,
    /// `optim::LookaheadState`
    Lookahead = 9,
    /// `optim::PenaltyMean`
    PenaltyMean = 10,
    /// `optim::TracePenaltyState`
    TracePenalty = 11,
    /// `curvature::RateControllerState`
    RateController = 120,
}

/// What is done with each field of a state, in turn.
pub trait Visitor<T: Float> {
    /// A count, a code or a flag.
    ///
    /// # Errors
    /// Those of what is done: memory that is too short, a count that does not fit.
    fn count(&mut self, value: &mut u64) -> Result<(), Error>;
    /// A number.
    ///
    /// # Errors
    /// As [`Visitor::count`].
    fn number(&mut self, value: &mut T) -> Result<(), Error>;
    /// Memory that was lent: its length belongs to the state and must be the same when it is restored.
    ///
    /// # Errors
    /// As [`Visitor::count`]; `Error::Saved` for another length.
    fn array(&mut self, values: &mut [T]) -> Result<(), Error>;

    /// A count of things in memory.
    ///
    /// # Errors
    /// As [`Visitor::count`]; `Error::Saved` for one that this machine cannot address.
    fn size(&mut self, value: &mut usize) -> Result<(), Error> {
        let mut wide = *value as u64;
        self.count(&mut wide)?;
        let expected = usize::MAX as u64;
        *value = usize::try_from(wide).map_err(|_| Error::Saved {
            part: "count",
            expected,
            found: wide,
        })?;
        Ok(())
    }
}

/// A state that can be saved as bytes and restored from them.
///
/// # Example
/// ```
/// use teeter::Machine;
/// use teeter::optim::{Momentum, Sgd, SgdState};
/// use teeter::state::Saved;
/// let sgd = Sgd { learning_rate: 0.5, momentum: Momentum::Polyak(0.5), weight_decay: 0.0 };
/// let (mut velocity, mut params) = ([0.0_f64; 2], [1.0, 2.0]);
/// let mut state = SgdState { velocity: &mut velocity };
/// sgd.step(Machine::detect(), &[1.0, -1.0], &mut state, &mut params)?;
///
/// let mut bytes = [0; 64];
/// let len = state.save(&mut bytes)?;
/// let mut elsewhere = [0.0; 2];
/// let mut restored = SgdState { velocity: &mut elsewhere };
/// restored.restore(&bytes[..len])?;
/// assert_eq!(restored.velocity, [1.0, -1.0]);
/// # Ok::<(), teeter::Error>(())
/// ```
pub trait Saved<T: Float> {
    /// Which state this is.
    const KIND: Kind;

    /// Shows every field to `visitor`, always in the same order.
    ///
    /// # Errors
    /// The visitor's.
    fn visit<V: Visitor<T>>(&mut self, visitor: &mut V) -> Result<(), Error>;

    /// Bytes that [`Saved::save`] writes; it changes nothing.
    fn saved_len(&mut self) -> usize {
        let mut length = Length { bytes: HEADER + CHECKSUM };
        match self.visit(&mut length) {
            Ok(()) => length.bytes,
            // A count of bytes has no errors to give.
            Err(_) => usize::MAX,
        }
    }

    /// Writes the state to the front of `bytes`, and how many it took; the state stays as it is.
    ///
    /// # Accuracy
    /// Every bit, NaN payloads aside.
    ///
    /// # Errors
    /// `Error::Short` if `bytes` are fewer than [`Saved::saved_len`], nothing is written then;
    /// `Error::Range` for a state of 4 GiB or more.
    ///
    /// # Cost
    /// One pass over the state, one over the bytes for the checksum.
    fn save(&mut self, bytes: &mut [u8]) -> Result<usize, Error> {
        let len = self.saved_len();
        check::at_least("bytes", len, bytes.len())?;
        let total = u32::try_from(len).map_err(|_| Error::Range {
            argument: "saved_len",
            found: len as f64,
            low: 0.0,
            high: f64::from(u32::MAX),
        })?;
        let body = len.saturating_sub(CHECKSUM);
        let mut writer = Writer { rest: &mut *bytes };
        writer.put(&MAGIC)?;
        writer.put(&VERSION.to_le_bytes())?;
        writer.put(&(Self::KIND as u16).to_le_bytes())?;
        writer.put(&T::BITS.to_le_bytes())?;
        writer.put(&total.to_le_bytes())?;
        self.visit(&mut writer)?;
        let sum = checksum(bytes.get(..body).unwrap_or(&[]));
        Writer { rest: bytes.get_mut(body..).unwrap_or(&mut []) }.put(&sum.to_le_bytes())?;
        Ok(len)
    }

    /// Makes this state the one that `bytes` hold.
    ///
    /// The memory lent must be as long as it was when they were saved; its contents do not matter.
    ///
    /// # Errors
    /// `Error::Short` for fewer bytes than a state of this size has; `Error::Saved` for bytes that do not
    /// begin as they must, of another version, state or format, of another length, with another length
    /// of memory, or with another checksum than theirs: it says which, what was expected and what
    /// was found. The state is untouched then, to the bit.
    ///
    /// # Cost
    /// One pass over the bytes for the checksum, two over the state.
    fn restore(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let mut reader = Reader { rest: bytes };
        let same = |part, expected: u64, found: u64| {
            if expected == found { Ok(()) } else { Err(Error::Saved { part, expected, found }) }
        };
        let mark = u32::from_le_bytes(reader.take()?);
        same("beginning", u64::from(u32::from_le_bytes(MAGIC)), u64::from(mark))?;
        let version = u16::from_le_bytes(reader.take()?);
        same("version", u64::from(VERSION), u64::from(version))?;
        let kind = u16::from_le_bytes(reader.take()?);
        same("kind", u64::from(Self::KIND as u16), u64::from(kind))?;
        let bits = u32::from_le_bytes(reader.take()?);
        same("bits of a number", u64::from(T::BITS), u64::from(bits))?;
        let total = u32::from_le_bytes(reader.take()?);
        same("number of bytes", bytes.len() as u64, u64::from(total))?;
        let body = bytes.len().saturating_sub(CHECKSUM);
        let (body, sum) = bytes.split_at_checked(body).unwrap_or((bytes, &[]));
        let sum = u32::from_le_bytes(Reader { rest: sum }.take()?);
        same("checksum", u64::from(checksum(body)), u64::from(sum))?;
        // All lengths, before the first field is written.
        let mut checker = Checker(Reader { rest: reader.rest });
        self.visit(&mut checker)?;
        same("number of bytes after the state", CHECKSUM as u64, checker.0.rest.len() as u64)?;
        self.visit(&mut reader)
    }
}

/// Bytes of a number.
const fn width<T: Float>() -> usize {
    if T::BITS == 32 { 4 } else { 8 }
}

struct Length {
    bytes: usize,
}

impl<T: Float> Visitor<T> for Length {
    fn count(&mut self, _: &mut u64) -> Result<(), Error> {
        self.bytes = self.bytes.saturating_add(8);
        Ok(())
    }
    fn number(&mut self, _: &mut T) -> Result<(), Error> {
        self.bytes = self.bytes.saturating_add(width::<T>());
        Ok(())
    }
    fn array(&mut self, values: &mut [T]) -> Result<(), Error> {
        let bytes = values.len().saturating_mul(width::<T>()).saturating_add(8);
        self.bytes = self.bytes.saturating_add(bytes);
        Ok(())
    }
}

struct Writer<'a> {
    rest: &'a mut [u8],
}

impl Writer<'_> {
    fn put(&mut self, source: &[u8]) -> Result<(), Error> {
        let (found, needed) = (self.rest.len(), source.len());
        let rest = core::mem::take(&mut self.rest);
        let Some((front, rest)) = rest.split_at_mut_checked(needed) else {
            return Err(Error::Short { argument: "bytes", needed, found });
        };
        for (target, &byte) in front.iter_mut().zip(source) {
            *target = byte;
        }
        self.rest = rest;
        Ok(())
    }
}

impl<T: Float> Visitor<T> for Writer<'_> {
    fn count(&mut self, value: &mut u64) -> Result<(), Error> {
        self.put(&value.to_le_bytes())
    }
    fn number(&mut self, value: &mut T) -> Result<(), Error> {
        let bytes = value.to_bits_u64().to_le_bytes();
        self.put(bytes.get(..width::<T>()).unwrap_or(&bytes))
    }
    fn array(&mut self, values: &mut [T]) -> Result<(), Error> {
        self.put(&(values.len() as u64).to_le_bytes())?;
        for value in values {
            self.number(value)?;
        }
        Ok(())
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let found = self.rest.len();
        let Some((front, rest)) = self.rest.split_first_chunk() else {
            return Err(Error::Short { argument: "bytes", needed: N, found });
        };
        self.rest = rest;
        Ok(*front)
    }

    fn word<T: Float>(&mut self) -> Result<T, Error> {
        Ok(if T::BITS == 32 {
            T::from_f32(f32::from_bits(u32::from_le_bytes(self.take()?)))
        } else {
            T::from_f64(f64::from_bits(u64::from_le_bytes(self.take()?)))
        })
    }

    fn length(&mut self, expected: usize) -> Result<(), Error> {
        let (expected, found) = (expected as u64, u64::from_le_bytes(self.take()?));
        let part = "length of an array";
        if expected == found { Ok(()) } else { Err(Error::Saved { part, expected, found }) }
    }
}

impl<T: Float> Visitor<T> for Reader<'_> {
    fn count(&mut self, value: &mut u64) -> Result<(), Error> {
        *value = u64::from_le_bytes(self.take()?);
        Ok(())
    }
    fn number(&mut self, value: &mut T) -> Result<(), Error> {
        *value = self.word()?;
        Ok(())
    }
    fn array(&mut self, values: &mut [T]) -> Result<(), Error> {
        self.length(values.len())?;
        for value in values {
            *value = self.word()?;
        }
        Ok(())
    }
}

/// Goes through the bytes as [`Reader`] does and writes nothing.
struct Checker<'a>(Reader<'a>);

impl<T: Float> Visitor<T> for Checker<'_> {
    fn count(&mut self, _: &mut u64) -> Result<(), Error> {
        self.0.take::<8>().map(|_| ())
    }
    fn number(&mut self, _: &mut T) -> Result<(), Error> {
        self.0.word::<T>().map(|_| ())
    }
    fn array(&mut self, values: &mut [T]) -> Result<(), Error> {
        self.0.length(values.len())?;
        let (found, needed) = (self.0.rest.len(), values.len().saturating_mul(width::<T>()));
        let Some((_, rest)) = self.0.rest.split_at_checked(needed) else {
            return Err(Error::Short { argument: "bytes", needed, found });
        };
        self.0.rest = rest;
        Ok(())
    }
    fn size(&mut self, _: &mut usize) -> Result<(), Error> {
        let found = u64::from_le_bytes(self.0.take()?);
        let expected = usize::MAX as u64;
        match usize::try_from(found) {
            Ok(_) => Ok(()),
            Err(_) => Err(Error::Saved { part: "count", expected, found }),
        }
    }
}

/// CRC-32 of IEEE 802.3, bit by bit: no table in flash, and states are saved seldom.
fn checksum(bytes: &[u8]) -> u32 {
    let mut sum = u32::MAX;
    for &byte in bytes {
        sum ^= u32::from(byte);
        for _ in 0..8 {
            let carry = 0_u32.wrapping_sub(sum & 1);
            sum = (sum >> 1) ^ (0xEDB8_8320 & carry);
        }
    }
    !sum
}
