//! Arrays as `numpy.save` writes them.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use npyz::{Deserialize, NpyFile, Order};

use crate::data::table::Table;
use crate::data::{Dataset, LabelColumn};
use crate::error::HostError;

pub(crate) fn read(path: &Path, label: &LabelColumn) -> Result<Dataset, HostError> {
    let unreadable = |source| HostError::Read { path: path.to_owned(), source };
    let damaged = |reason: String| HostError::Array { path: path.to_owned(), reason };
    let file = File::open(path).map_err(unreadable)?;
    let bytes = file.metadata().map_err(unreadable)?.len();
    let array = NpyFile::new(BufReader::new(file)).map_err(|error| damaged(error.to_string()))?;
    let &[rows, columns] = array.shape() else {
        return Err(damaged(format!("the array has {} dimension(s)", array.shape().len())));
    };
    // A damaged header must not ask for more memory than the file could fill: each number takes at least one byte.
    if rows.checked_mul(columns).is_none_or(|count| count > bytes) {
        return Err(damaged(format!("{rows} × {columns} numbers do not fit into {bytes} bytes")));
    }
    let (rows, columns) = (rows as usize, columns as usize);
    let order = array.order();
    let values = numbers(array).map_err(damaged)?;
    let values = match order {
        Order::C => values,
        Order::Fortran => row_major(&values, rows, columns),
    };
    let source = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    let row_numbers = (1..=rows as u64).collect();
    Table { source, row_word: "row", row_numbers, names: Vec::new(), columns, values }
        .into_dataset(label)
}

fn row_major(values: &[f64], rows: usize, columns: usize) -> Vec<f64> {
    let down = |row: usize| values.iter().skip(row).step_by(rows.max(1)).take(columns).copied();
    (0..rows).flat_map(down).collect()
}

/// Any of numpy's number types, as f64. Integers beyond 2⁵³ are rounded, as numpy's own conversion does.
fn numbers<R: Read>(array: NpyFile<R>) -> Result<Vec<f64>, String> {
    let kind = array.dtype().descr();
    let array = attempt(array, |value: f64| value)?;
    let array = next(array, |value: f32| f64::from(value))?;
    let array = next(array, |value: i64| value as f64)?;
    let array = next(array, |value: i32| f64::from(value))?;
    let array = next(array, |value: i16| f64::from(value))?;
    let array = next(array, |value: i8| f64::from(value))?;
    let array = next(array, |value: u64| value as f64)?;
    let array = next(array, |value: u32| f64::from(value))?;
    let array = next(array, |value: u16| f64::from(value))?;
    let array = next(array, |value: u8| f64::from(value))?;
    match array {
        Attempt::Read(values) => Ok(values),
        Attempt::OtherType(_) => Err(format!("elements of type {kind} are not numbers")),
    }
}

enum Attempt<R: Read> {
    Read(Vec<f64>),
    OtherType(NpyFile<R>),
}

fn attempt<R: Read, N: Deserialize>(
    array: NpyFile<R>,
    convert: fn(N) -> f64,
) -> Result<Attempt<R>, String> {
    match array.try_data::<N>() {
        Err(array) => Ok(Attempt::OtherType(array)),
        Ok(reader) => reader
            .map(|value| value.map(convert).map_err(|error| error.to_string()))
            .collect::<Result<_, _>>()
            .map(Attempt::Read),
    }
}

fn next<R: Read, N: Deserialize>(
    state: Attempt<R>,
    convert: fn(N) -> f64,
) -> Result<Attempt<R>, String> {
    match state {
        Attempt::OtherType(array) => attempt(array, convert),
        done @ Attempt::Read(_) => Ok(done),
    }
}
