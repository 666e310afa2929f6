//! A record shown to people: a table on the terminal, and a page to keep.
//!
//! | file | what |
//! |---|---|
//! | `progress.rs` | bars while it runs; a line now and then where there is no terminal |
//! | `words.rs` | what happened, in sentences |
//! | `table.rs` | the result on the terminal |
//! | `axis.rs` | round numbers along an axis |
//! | `chart.rs` | lines, bands, stems and strips as SVG |
//! | `figures.rs` | which charts the record gives |
//! | `page.rs` | `report.html` |

mod axis;
mod chart;
mod figures;
mod page;
mod progress;
mod table;
mod words;

use crate::error::HostError;
use crate::record::{Folder, OwnFile, Record, events, summarize, write_events};

pub use crate::report::progress::{Bars, Lines};
pub use crate::report::table::table;

/// The files of a result, and no others. The summary comes last: whoever waits for it finds the others there.
pub const FILES: [OwnFile; 3] = [
    OwnFile { name: "record.jsonl", opening: "{\"event\":\"configuration\"," },
    OwnFile { name: "report.html", opening: page::OPENING },
    OwnFile { name: "summary.json", opening: "{\n  \"experiment\": \"edge\"," },
];

/// Writes the whole result.
///
/// # Errors
/// [`HostError::Chart`] if a chart cannot be drawn, [`HostError::Write`] and [`HostError::Occupied`] if the files cannot be put in
/// place.
pub fn publish(folder: &Folder, record: &Record) -> Result<(), HostError> {
    let failed = |source| HostError::Write { path: folder.path().to_owned(), source };
    let mut lines = Vec::new();
    write_events(&events(record), &mut lines).map_err(failed)?;
    let mut summary = serde_json::to_vec_pretty(&summarize(record))
        .map_err(|error| failed(std::io::Error::other(error)))?;
    summary.push(b'\n');
    let page = page::page(record)?.into_bytes();
    let [record_file, page_file, summary_file] = FILES.map(|file| file.name);
    folder.publish(&[(record_file, lines), (page_file, page), (summary_file, summary)])
}
