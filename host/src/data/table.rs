//! Numbers in rows become a data set.

use std::collections::BTreeMap;

use crate::data::{Dataset, LabelColumn};
use crate::error::{HostError, Place};

/// More classes than this are taken for a measurement in the label column. The network has one output per class, so the
/// limit also keeps a mistake from asking for a gigantic model.
const CLASS_LIMIT: usize = 1000;

/// The largest integer up to which f64 holds every integer: a label beyond has lost digits.
const LABEL_LIMIT: f64 = 9_007_199_254_740_992.0;

/// A full table of numbers and where its rows came from.
pub(crate) struct Table {
    pub(crate) source: String,
    pub(crate) row_word: &'static str,
    /// Row numbers in the source, counted from one.
    pub(crate) row_numbers: Vec<u64>,
    /// Empty without a header.
    pub(crate) names: Vec<String>,
    pub(crate) columns: usize,
    /// Row-major.
    pub(crate) values: Vec<f64>,
}

impl Table {
    fn place(&self, index: usize, column: usize) -> Place {
        Place {
            source: self.source.clone(),
            row_word: self.row_word,
            row: self.row_numbers.get(index).copied().unwrap_or(0),
            column: column + 1,
        }
    }

    /// Splits off the labels and numbers the classes.
    pub(crate) fn into_dataset(self, label: &LabelColumn) -> Result<Dataset, HostError> {
        if self.row_numbers.is_empty() {
            return Err(HostError::NoRows { source_name: self.source });
        }
        if self.columns < 2 {
            return Err(HostError::TooNarrow { source_name: self.source, columns: self.columns });
        }
        let label_column = self.label_column(label)?;
        let mut features = Vec::with_capacity(self.row_numbers.len() * (self.columns - 1));
        let mut raw_labels = Vec::with_capacity(self.row_numbers.len());
        for (index, row) in self.values.chunks_exact(self.columns).enumerate() {
            for (column, &value) in row.iter().enumerate() {
                if !value.is_finite() {
                    return Err(HostError::NotFinite {
                        place: self.place(index, column),
                        found: value,
                    });
                }
                if column != label_column {
                    features.push(value);
                } else if value.fract() == 0.0 && value.abs() <= LABEL_LIMIT {
                    // Exact: an integer of at most 53 bits.
                    raw_labels.push(value as i64);
                } else {
                    return Err(HostError::Label {
                        place: self.place(index, column),
                        found: value,
                    });
                }
            }
        }
        let (labels, classes) = number_classes(&raw_labels);
        if classes.len() > CLASS_LIMIT {
            return Err(HostError::ManyClasses {
                source_name: self.source,
                classes: classes.len(),
                limit: CLASS_LIMIT,
            });
        }
        if let [label] = classes[..] {
            return Err(HostError::OneClass { source_name: self.source, label });
        }
        Ok(Dataset { name: self.source, features, columns: self.columns - 1, labels, classes })
    }

    fn label_column(&self, label: &LabelColumn) -> Result<usize, HostError> {
        let (found, wanted) = match label {
            LabelColumn::Last => (self.columns.checked_sub(1), String::new()),
            LabelColumn::Number(number) => {
                (number.checked_sub(1).filter(|&index| index < self.columns), number.to_string())
            }
            LabelColumn::Name(name) => {
                (self.names.iter().position(|other| other == name), format!("\"{name}\""))
            }
        };
        found.ok_or_else(|| HostError::LabelColumn {
            source_name: self.source.clone(),
            wanted,
            available: if self.names.is_empty() {
                format!("numbers 1 to {}; there is no header with names", self.columns)
            } else {
                format!("numbers 1 to {}, or {}", self.columns, self.names.join(", "))
            },
        })
    }
}

fn number_classes(raw: &[i64]) -> (Vec<usize>, Vec<i64>) {
    let mut index_of: BTreeMap<i64, usize> = raw.iter().map(|&label| (label, 0)).collect();
    for (index, slot) in index_of.values_mut().enumerate() {
        *slot = index;
    }
    let labels = raw.iter().filter_map(|label| index_of.get(label).copied()).collect();
    (labels, index_of.into_keys().collect())
}
