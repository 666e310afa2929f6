//! Small real data for linear models: sources and licences in `verify/data/README.md`.

const DIABETES: &str = include_str!("../../data/diabetes_data_raw.csv");
const PROGRESS: &str = include_str!("../../data/diabetes_target.csv");
const WINE: &str = include_str!("../../data/wine_data.csv");
const BREAST_CANCER: &str = include_str!("../../data/breast_cancer.csv");

/// A design with columns of mean 0 and variance 1, and targets of mean 0 and variance 1.
#[derive(Clone, Debug)]
pub struct Tabular {
    /// Of the set.
    pub name: &'static str,
    /// N × k.
    pub shape: [usize; 2],
    /// Row after row.
    pub design: Vec<f64>,
    /// Progress of the disease, or the number of the class.
    pub targets: Vec<f64>,
}

/// Diabetes, wine and breast cancer.
///
/// # Panics
/// If an embedded file is damaged.
#[must_use]
pub fn all() -> [Tabular; 3] {
    let mut diabetes = numbers(DIABETES);
    for (row, target) in diabetes.iter_mut().zip(numbers(PROGRESS)) {
        row.extend(target);
    }
    let beyond_the_first = |text: &'static str| {
        let (_, rows) = text.split_once('\n').expect("a line of names");
        numbers(rows)
    };
    [
        tabular("diabetes", &diabetes),
        tabular("wine", &beyond_the_first(WINE)),
        tabular("breast cancer", &beyond_the_first(BREAST_CANCER)),
    ]
}

fn numbers(text: &str) -> Vec<Vec<f64>> {
    let number = |word: &str| word.parse().expect("a number");
    let row =
        |line: &str| line.split([',', ' ']).filter(|word| !word.is_empty()).map(number).collect();
    text.lines().filter(|line| !line.trim().is_empty()).map(row).collect()
}

/// The last column is the target.
fn tabular(name: &'static str, rows: &[Vec<f64>]) -> Tabular {
    let (n, all) = (rows.len(), rows[0].len());
    let columns: Vec<Vec<f64>> =
        (0..all).map(|j| standard(rows.iter().map(|row| row[j]).collect())).collect();
    let k = all - 1;
    let design = (0..n * k).map(|e| columns[e % k][e / k]).collect();
    Tabular { name, shape: [n, k], design, targets: columns[k].clone() }
}

fn standard(column: Vec<f64>) -> Vec<f64> {
    let n = column.len() as f64;
    let mean = column.iter().sum::<f64>() / n;
    let variance = column.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
    column.into_iter().map(|x| (x - mean) / variance.sqrt()).collect()
}
