//! The result on the terminal.

use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{CellAlignment, ContentArrangement, Table};

use crate::number::{bound, decimal, exact};
use crate::record::{Record, RunSummary, summarize};
use crate::report::words;

/// The columns of the final table, here and on the page.
pub(crate) const HEADER: [&str; 8] =
    ["η", "2/η", "λ₁ ± bound", "η·λ₁/2", "edge at step", "loss", "train", "test"];

pub(crate) fn row(run: &RunSummary) -> [String; 8] {
    let percent = |share: f64| format!("{:.1} %", 100.0 * share);
    [
        exact(run.learning_rate),
        decimal(run.threshold),
        format!(
            "{} ± {}",
            decimal(run.sharpness_tail_median),
            bound(run.sharpness_residual_tail_max)
        ),
        decimal(run.ratio),
        run.first_step_at_edge.map_or("never".to_owned(), |step| step.to_string()),
        format!("{:.3e}", run.loss_final),
        percent(run.train_accuracy),
        percent(run.test_accuracy),
    ]
}

/// The final table, and what it says.
pub fn table(record: &Record) -> String {
    let mut table = Table::new();
    table
        .load_style(UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(HEADER);
    let runs = summarize(record).runs;
    for run in &runs {
        table.add_row(row(run));
    }
    for column in table.column_iter_mut() {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let sentences: Vec<_> = runs.iter().map(words::sentence).collect();
    format!("{table}\n{}\n\n{}", words::legend(), sentences.join("\n"))
}
