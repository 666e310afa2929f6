//! Bits folded into one number: FNV-1a, 64 bits (RFC 9923). Against accident, not against intent.

const OFFSET: u64 = 0xCBF2_9CE4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01B3;

/// Of bytes, in order.
#[must_use]
pub fn of_bytes(bytes: &[u8]) -> u64 {
    bytes.iter().fold(OFFSET, fold)
}

/// Of numbers by their bits, the lowest byte first; any NaN is one and the same.
#[must_use]
pub fn of_numbers(x: &[f32]) -> u64 {
    and_numbers(OFFSET, x)
}

/// Of what `hash` is of, and then of these numbers.
#[must_use]
pub fn and_numbers(hash: u64, x: &[f32]) -> u64 {
    x.iter().fold(hash, |hash, &x| {
        let bits = if x.is_nan() { u32::MAX } else { x.to_bits() };
        bits.to_le_bytes().iter().fold(hash, fold)
    })
}

fn fold(hash: u64, byte: &u8) -> u64 {
    (hash ^ u64::from(*byte)).wrapping_mul(PRIME)
}
