//! The handwritten digits the program carries inside itself.

use std::io::Read;

use flate2::read::GzDecoder;

use crate::data::text::parse;
use crate::data::{Dataset, LabelColumn};
use crate::error::HostError;

/// Source and licence: `host/data/README.md`.
const BYTES: &[u8] = include_bytes!("../../data/digits.csv.gz");

/// 1,797 digits of 8×8 pixels, values 0–16, ten classes.
///
/// # Errors
/// None in a sound build; a damaged embedded file reports its place like any other.
pub fn digits() -> Result<Dataset, HostError> {
    let mut text = Vec::new();
    GzDecoder::new(BYTES)
        .read_to_end(&mut text)
        .map_err(|source| HostError::Read { path: "digits".into(), source })?;
    parse("digits".to_owned(), &text, &LabelColumn::Last)
}
