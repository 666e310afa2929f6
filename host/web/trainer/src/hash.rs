//! A number for the bits of a vector.

/// FNV-1a over the bytes of `x`, each element's lowest byte first: equal where every bit is.
///
/// # Source
/// Fowler, Noll, Vo; the constants of 64 bits in RFC 9923.
///
/// # Example
/// ```
/// assert_eq!(teeter_web::hash(&[]), 0xcbf2_9ce4_8422_2325);
/// assert_ne!(teeter_web::hash(&[0.0]), teeter_web::hash(&[-0.0]));
/// ```
#[must_use]
pub fn hash(x: &[f64]) -> u64 {
    let bytes = x.iter().flat_map(|x| x.to_bits().to_le_bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
