//! A run as bytes: records, each with its own length and checksums.
//!
//! Little-endian, whatever the machine. First 12 bytes: `TEETLOG`, the version of this layout ([`VERSION`]), CRC-32 of both. Then
//! records:
//!
//! | bytes | what |
//! |---|---|
//! | 1 | which record: [`Kind`] |
//! | 3 | bytes of the body |
//! | 4 | number of the record, from 0 |
//! | 4 | CRC-32 of these 8 bytes: the length can be trusted, or nothing behind it can |
//! | … | body |
//! | 4 | CRC-32 of the body |
//!
//! So it can be told apart whether a log ends too early (a length that is right, and bytes that are missing), a body was
//! changed (all others are still good), or a record is gone (its number is missing). A run that is whole ends with
//! [`Kind::End`].
//!
//! CRC-32 is that of IEEE 802.3: it finds every change of up to 32 bits in a row, and keeps no adversary out.

mod reader;
mod record;
mod writer;

pub use reader::{Flaw, Found, Reader, Source, next_head};
pub use record::{End, Kind, Measured, Start, Step};
pub use writer::{Sink, Writer};

/// Version of the layout that this crate writes and reads.
pub const VERSION: u8 = 1;

const MAGIC: [u8; 7] = *b"TEETLOG";

/// Bytes before the first record.
pub const PREFACE: usize = 12;

/// Bytes of a record before its body.
pub const HEAD: usize = 12;

/// Bytes behind the body.
pub const TAIL: usize = 4;

/// Largest body.
pub const BODY_MAX: usize = 0xFF_FFFF;

/// CRC-32 of IEEE 802.3, bit by bit: no table in flash. `sum` is that of the bytes before, 0 at the beginning.
#[must_use]
pub fn checksum(sum: u32, bytes: &[u8]) -> u32 {
    let mut sum = !sum;
    for &byte in bytes {
        sum ^= u32::from(byte);
        for _ in 0..8 {
            let carry = 0_u32.wrapping_sub(sum & 1);
            sum = (sum >> 1) ^ (0xEDB8_8320 & carry);
        }
    }
    !sum
}
