//! Uniforms and standard normals.

use crate::float::Float;
use crate::random::Stream;

impl Stream {
    /// Two uniforms in the open interval (0, 1), from block `index`.
    ///
    /// The odd multiples of 2⁻²⁴ (f32) or 2⁻⁵³ (f64): never 0, never 1.
    #[inline]
    fn uniform_pair<T: Float>(self, index: u64) -> [T; 2] {
        let [a, b, c, d] = self.block(index);
        if T::BITS == 32 {
            let open = |word: u32| T::from_f32(((word >> 9) as f32 + 0.5) * (1.0 / 8_388_608.0));
            [open(a), open(c)]
        } else {
            let open = |low: u32, high: u32| {
                let word = u64::from(high) << 32 | u64::from(low);
                T::from_f64(((word >> 12) as f64 + 0.5) * (1.0 / 4_503_599_627_370_496.0))
            };
            [open(a, b), open(c, d)]
        }
    }

    /// Two independent standard normals, from block `index` (Box and Muller 1958).
    #[inline]
    fn normal_pair<T: Float>(self, index: u64) -> [T; 2] {
        let [u, v] = self.uniform_pair::<T>(index);
        let radius = (-(T::TWO * u.ln())).sqrt();
        let angle = T::TWO * T::PI * v;
        [radius * angle.cos(), radius * angle.sin()]
    }
}

/// Fills `out` with uniforms of the open interval (0, 1).
///
/// # Method
/// Elements 2j and 2j + 1 come from block j: the odd multiples of 2⁻²⁴ (f32) or 2⁻⁵³ (f64).
///
/// # Accuracy
/// Exact; the same on every target; never 0, never 1.
pub fn uniforms_into<T: Float>(stream: Stream, out: &mut [T]) {
    for (index, chunk) in out.chunks_mut(2).enumerate() {
        for (value, uniform) in chunk.iter_mut().zip(stream.uniform_pair::<T>(index as u64)) {
            *value = uniform;
        }
    }
}

/// Fills `out` with independent standard normals.
///
/// # Method
/// Box and Muller: elements 2j and 2j + 1 are r cos φ and r sin φ with r = √(−2 log u),
/// φ = 2πv, (u, v) the uniforms of block j, all in the format of `out`.
///
/// # Accuracy
/// The same on every target. |value| ≤ √(−2 log 2⁻²⁴) < 5.8 in f32, < 8.6 in f64: the tail
/// beyond has chance below 1e−8 and 1e−17.
///
/// # Source
/// Box, Muller 1958, doi:10.1214/aoms/1177706645.
pub fn normals_into<T: Float>(stream: Stream, out: &mut [T]) {
    for (index, chunk) in out.chunks_mut(2).enumerate() {
        for (value, normal) in chunk.iter_mut().zip(stream.normal_pair::<T>(index as u64)) {
            *value = normal;
        }
    }
}
