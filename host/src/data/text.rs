//! Comma-separated text.

use std::fs;
use std::path::Path;

use csv::{ByteRecord, Position, ReaderBuilder, Trim};

use crate::data::table::Table;
use crate::data::{Dataset, LabelColumn};
use crate::error::{HostError, Place};

const ADVICE: &str =
    "Fields are separated by commas, and a decimal point is a point; complete or remove the line";
const HEADER_ADVICE: &str = "The first line is taken for a header only if none of its fields is a number; correct or remove it";

pub(crate) fn read(path: &Path, label: &LabelColumn) -> Result<Dataset, HostError> {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    let bytes =
        fs::read(path).map_err(|source| HostError::Read { path: path.to_owned(), source })?;
    parse(name, &bytes, label)
}

pub(crate) fn parse(
    source: String,
    bytes: &[u8],
    label: &LabelColumn,
) -> Result<Dataset, HostError> {
    let mut reader =
        ReaderBuilder::new().has_headers(false).flexible(true).trim(Trim::All).from_reader(bytes);
    let mut table = Table {
        source,
        row_word: "line",
        row_numbers: Vec::new(),
        names: Vec::new(),
        columns: 0,
        values: Vec::new(),
    };
    let mut record = ByteRecord::new();
    // Neither kind of fault remains: the bytes are in memory, and rows of any length are taken.
    while reader.read_byte_record(&mut record).unwrap_or(false) {
        let line = record.position().map_or(0, |position| line_of(position, bytes));
        if table.columns == 0 {
            table.columns = record.len();
            if record.iter().all(|field| number(field).is_none()) {
                table.names = record.iter().map(text).collect();
                continue;
            }
        }
        add_row(&mut table, &record, line)?;
    }
    table.into_dataset(label)
}

/// The reader puts the start of a record before the empty lines it skips; people count those.
fn line_of(position: &Position, bytes: &[u8]) -> u64 {
    let start = usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let rest = bytes.get(start..).unwrap_or_default();
    let skipped = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    position.line() + skipped.filter(|&&byte| byte == b'\n').count() as u64
}

fn add_row(table: &mut Table, record: &ByteRecord, line: u64) -> Result<(), HostError> {
    if record.len() != table.columns {
        return Err(HostError::Ragged {
            source_name: table.source.clone(),
            line,
            expected: table.columns,
            found: record.len(),
        });
    }
    let first = table.row_numbers.is_empty() && table.names.is_empty();
    for (column, field) in record.iter().enumerate() {
        let value = number(field).ok_or_else(|| HostError::NotANumber {
            place: Place {
                source: table.source.clone(),
                row_word: "line",
                row: line,
                column: column + 1,
            },
            found: text(field),
            advice: if first { HEADER_ADVICE } else { ADVICE },
        })?;
        table.values.push(value);
    }
    table.row_numbers.push(line);
    Ok(())
}

fn number(field: &[u8]) -> Option<f64> {
    std::str::from_utf8(field).ok()?.parse().ok()
}

fn text(field: &[u8]) -> String {
    String::from_utf8_lossy(field).into_owned()
}
