//! Training and test part.

use crate::data::Dataset;
use crate::error::HostError;

/// A data set cut in two.
#[derive(Clone, Debug, PartialEq)]
pub struct Split {
    /// The first rows, standardized.
    pub train: Dataset,
    /// The rest, shifted and scaled as the training part was.
    pub test: Dataset,
}

/// The first `train` rows to train on, the rest to test on; each feature shifted and scaled to mean 0 and variance 1 over the
/// training part. A feature that is constant there is only shifted: it has no scale to divide by.
///
/// # Errors
/// [`HostError::TooFewRows`] if no row is left to test on, [`HostError::UnseenClass`] if a class occurs only in the test part,
/// [`HostError::Scale`] if the spread of a feature overflows or underflows.
pub fn split(data: &Dataset, train: usize) -> Result<Split, HostError> {
    let rows = data.rows();
    if train == 0 || train >= rows {
        return Err(HostError::TooFewRows { source_name: data.name.clone(), rows, train });
    }
    let (train_labels, test_labels) = data.labels.split_at(train);
    let (train_features, test_features) = data.features.split_at(train * data.columns);
    if let Some(&unseen) = test_labels.iter().find(|&label| !train_labels.contains(label)) {
        let label = data.classes.get(unseen).copied().unwrap_or_default();
        return Err(HostError::UnseenClass { source_name: data.name.clone(), label, train });
    }
    let part = |features: &[f64], labels: &[usize]| Dataset {
        name: data.name.clone(),
        features: features.to_vec(),
        columns: data.columns,
        labels: labels.to_vec(),
        classes: data.classes.clone(),
    };
    let mut both =
        Split { train: part(train_features, train_labels), test: part(test_features, test_labels) };
    for column in 0..data.columns {
        let (mean, scale) = moments(&both.train, column)?;
        for features in [&mut both.train.features, &mut both.test.features] {
            for value in features.iter_mut().skip(column).step_by(data.columns) {
                *value = (*value - mean) / scale;
            }
        }
    }
    Ok(both)
}

/// Mean and standard deviation of one feature; the value and 1 for a constant one.
fn moments(data: &Dataset, column: usize) -> Result<(f64, f64), HostError> {
    let values = || data.features.iter().skip(column).step_by(data.columns).copied();
    let n = data.rows() as f64;
    let first = values().next().unwrap_or_default();
    // Compared, not computed: the rounded mean of equal numbers can differ from them.
    if values().all(|value| value == first) {
        return Ok((first, 1.0));
    }
    let mean = values().sum::<f64>() / n;
    let scale = (values().map(|value| (value - mean).powi(2)).sum::<f64>() / n).sqrt();
    if scale.is_normal() {
        Ok((mean, scale))
    } else {
        Err(HostError::Scale { source_name: data.name.clone(), feature: column + 1, scale })
    }
}

/// The rows in an order drawn by `below`, which returns a number under its argument (Fisher and Yates).
pub fn shuffled(data: &Dataset, mut below: impl FnMut(usize) -> usize) -> Dataset {
    let mut order: Vec<usize> = (0..data.rows()).collect();
    for last in (1..order.len()).rev() {
        order.swap(last, below(last + 1).min(last));
    }
    let row = |&index: &usize| data.features.iter().skip(index * data.columns).take(data.columns);
    Dataset {
        features: order.iter().flat_map(row).copied().collect(),
        labels: order.iter().filter_map(|&index| data.labels.get(index).copied()).collect(),
        ..data.clone()
    }
}
