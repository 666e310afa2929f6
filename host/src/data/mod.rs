//! Tables of numbers with a class each: read, checked, split, standardized.
//!
//! | file | what |
//! |---|---|
//! | `table.rs` | the common last step of every reader: numbers become a [`Dataset`], or a place and a reason |
//! | `text.rs` | `.csv` |
//! | `array.rs` | `.npy` |
//! | `digits.rs` | the built-in handwritten digits |
//! | `split.rs` | training and test part; standardization by the training part |

mod array;
mod digits;
mod split;
mod table;
mod text;

use std::path::Path;

use crate::error::HostError;

pub use crate::data::digits::digits;
pub use crate::data::split::{Split, shuffled, split};

/// n rows of d finite features, row-major, and a class index for each row.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    /// File name, or the name of the built-in set.
    pub name: String,
    /// n × d, row-major.
    pub features: Vec<f64>,
    /// d.
    pub columns: usize,
    /// Class index of each row, below `classes.len()`.
    pub labels: Vec<usize>,
    /// The label in the source of each class index, ascending.
    pub classes: Vec<i64>,
}

impl Dataset {
    /// n.
    pub fn rows(&self) -> usize {
        self.labels.len()
    }
}

/// Where a table keeps its labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LabelColumn {
    /// In its last column.
    Last,
    /// In this column, counted from one.
    Number(usize),
    /// In the column of this name; only for files with a header.
    Name(String),
}

/// Reads a `.csv` or `.npy` file.
///
/// # Errors
/// [`HostError`] with the place of the first fault: an unreadable or empty file, rows of different lengths, a field that is no
/// finite number, labels that are no integers or all equal.
pub fn read(path: &Path, label: &LabelColumn) -> Result<Dataset, HostError> {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some(extension) if extension.eq_ignore_ascii_case("csv") => text::read(path, label),
        Some(extension) if extension.eq_ignore_ascii_case("npy") => array::read(path, label),
        _ => Err(HostError::Format { path: path.to_owned() }),
    }
}
