//! Handwritten digits in flash. Source and licence: `device/data/README.md`.

use crate::hash;

const BYTES: &[u8] = include_bytes!("../data/digits.bin");

/// Pixels of a digit: 8 × 8.
pub const PIXELS: usize = 64;

/// Classes.
pub const CLASSES: usize = 10;

/// Digits there are.
pub const COUNT: usize = BYTES.len() / ROW;

const ROW: usize = PIXELS + 1;

/// Pixels of digit `index`, int8 from −8 to 8, and what it shows.
#[must_use]
pub fn digit(index: usize) -> Option<(&'static [u8], u8)> {
    let start = index.checked_mul(ROW)?;
    let (&label, pixels) = BYTES.get(start..start.checked_add(ROW)?)?.split_last()?;
    Some((pixels, label))
}

/// Of all digits: two programs with the same number train on the same.
#[must_use]
pub fn digest() -> u64 {
    hash::of_bytes(BYTES)
}

/// Digits from `first` on as rows of numbers from −1 to 1, exactly, and their classes as rows with a single 1.
pub fn load(first: usize, inputs: &mut [f32], targets: &mut [f32]) {
    let rows = inputs.chunks_exact_mut(PIXELS).zip(targets.chunks_exact_mut(CLASSES));
    for (index, (input, target)) in rows.enumerate() {
        let (pixels, label) = digit(first.saturating_add(index)).unwrap_or((&[], 0));
        for (x, &pixel) in input.iter_mut().zip(pixels) {
            *x = f32::from(pixel.cast_signed()) * 0.125;
        }
        for (class, t) in target.iter_mut().enumerate() {
            *t = if class == usize::from(label) { 1.0 } else { 0.0 };
        }
    }
}
