//! The table on the terminal, and what it comes to.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use crate::measure::{Ratio, Row};

const HEADER: [&str; 9] =
    ["operation", "type", "n", "layout", "strict", "fused", "best peer", "ratio", "quartiles"];

/// Columns that hold numbers.
const RIGHT: [usize; 4] = [2, 4, 5, 7];

/// All rows as one table.
#[must_use]
pub fn render(rows: &[Row]) -> String {
    let mut table = Table::new();
    table.load_style(presets::UTF8_BORDERS_ONLY);
    table.set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(HEADER);
    for row in rows {
        let ratio = row.ratio();
        table.add_row([
            row.shape.operation.name().to_owned(),
            row.number.to_owned(),
            row.shape.n.to_string(),
            row.shape.layout.to_string(),
            decimals(row.strict.median),
            row.fused.map_or_else(String::new, |fused| decimals(fused.median)),
            row.best.to_owned(),
            decimals(ratio.median),
            spread(ratio),
        ]);
    }
    for index in RIGHT {
        if let Some(column) = table.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.to_string()
}

fn decimals(x: f64) -> String {
    format!("{x:.2}")
}

fn spread(ratio: Ratio) -> String {
    format!("{:.2} – {:.2}", ratio.low, ratio.high)
}

/// Geometric mean and minimum of the ratios, a line for each operation.
#[must_use]
pub fn summary(rows: &[Row]) -> String {
    let mut names: Vec<&str> = rows.iter().map(|row| row.shape.operation.name()).collect();
    names.dedup();
    let mut lines = vec![format!("{:<20} {:>14} {:>8}  {}", "", "geometric mean", "minimum", "at")];
    for name in names {
        let of_name: Vec<&Row> =
            rows.iter().filter(|row| row.shape.operation.name() == name).collect();
        let logs: f64 = of_name.iter().map(|row| row.ratio().median.ln()).sum();
        let mean = (logs / of_name.len() as f64).exp();
        let least = |a: &&&Row, b: &&&Row| a.ratio().median.total_cmp(&b.ratio().median);
        if let Some(row) = of_name.iter().min_by(least) {
            let minimum = row.ratio().median;
            lines.push(format!(
                "{name:<20} {mean:>14.2} {minimum:>8.2}  {} n = {} {}",
                row.number, row.shape.n, row.shape.layout
            ));
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::summary;
    use crate::case::{Layout, Operation, Shape};
    use crate::measure::{Ratio, Row};

    #[test]
    fn the_summary_counts_the_fused_ratio_where_there_is_one() {
        let ratio = |x| Ratio { median: x, low: x, high: x };
        let row = |n, strict, fused: Option<f64>| Row {
            shape: Shape { operation: Operation::Gemm, layout: Layout::Row, n },
            number: "f64",
            best: "peer",
            strict: ratio(strict),
            fused: fused.map(ratio),
            rounds: 9,
        };
        let text = summary(&[row(8, 100.0, Some(2.0)), row(32, 0.5, None)]);
        let line = text.lines().last().unwrap_or_default();
        let words: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(words, ["gemm", "1.00", "0.50", "f64", "n", "=", "32", "row"], "√(2·½) and ½");
    }
}
