//! The table on the terminal, and what it comes to.

use comfy_table::{CellAlignment, ContentArrangement, Table, presets};

use crate::measure::{Ratio, Row};

const HEADER: [&str; 12] = [
    "operation",
    "type",
    "layout",
    "n",
    "size",
    "ours ns",
    "best peer",
    "its ns",
    "ratio",
    "quartiles",
    "strict/fused",
    "% of peak",
];

/// Columns that hold numbers.
const RIGHT: [usize; 6] = [3, 5, 7, 8, 10, 11];

/// All rows as one table.
#[must_use]
pub fn render(rows: &[Row]) -> String {
    let mut table = Table::new();
    table.load_style(presets::UTF8_BORDERS_ONLY);
    table.set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(HEADER);
    for row in rows {
        let ratio = row.ratio();
        let or_empty =
            |x: Option<Ratio>, f: fn(f64) -> String| x.map_or_else(String::new, |x| f(x.median));
        table.add_row([
            row.shape.operation.name().to_owned(),
            row.number.to_owned(),
            row.shape.layout.to_string(),
            row.shape.n.to_string(),
            row.known.name().to_owned(),
            nanoseconds(row.ours_ns),
            row.best.to_owned(),
            nanoseconds(row.best_ns),
            decimals(ratio.median),
            format!("{:.2} – {:.2}", ratio.low, ratio.high),
            or_empty(row.strict_over_fused, decimals),
            or_empty(row.of_peak, |x| format!("{:.0}", 100.0 * x)),
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

fn nanoseconds(x: f64) -> String {
    if x < 100.0 { format!("{x:.1}") } else { format!("{x:.0}") }
}

/// Geometric mean and minimum of the ratios, a line for each operation; of strict over fused
/// the mean and the maximum.
#[must_use]
pub fn summary(rows: &[Row]) -> String {
    let mut names: Vec<&str> = rows.iter().map(|row| row.shape.operation.name()).collect();
    names.dedup();
    let width = names.iter().map(|name| name.len()).max().unwrap_or_default();
    let head = ["rows", "below 1", "geometric mean", "minimum", "strict/fused", "at most", "at"];
    let [count, below, mean, least, strict, most, at] = head;
    let mut lines =
        vec![format!("{:width$} {count} {below} {mean} {least} {strict} {most}  minimum {at}", "")];
    for name in names {
        let of_name: Vec<&Row> =
            rows.iter().filter(|row| row.shape.operation.name() == name).collect();
        let by_ratio = |a: &&&Row, b: &&&Row| a.ratio().median.total_cmp(&b.ratio().median);
        let Some(worst) = of_name.iter().min_by(by_ratio) else { continue };
        let slower = of_name.iter().filter(|row| row.ratio().median < 1.0).count();
        let mean = geometric_mean(of_name.iter().map(|row| row.ratio().median));
        let strict: Vec<f64> =
            of_name.iter().filter_map(|row| row.strict_over_fused).map(|r| r.median).collect();
        let [strict_mean, strict_most] = if strict.is_empty() {
            [String::new(), String::new()]
        } else {
            let most = strict.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            [geometric_mean(strict.iter().copied()), most].map(decimals)
        };
        lines.push(format!(
            "{name:width$} {:>4} {slower:>7} {mean:>14.2} {:>7.2} {strict_mean:>12} {strict_most:>7}  \
             {} {} n = {} {}, {}",
            of_name.len(),
            worst.ratio().median,
            worst.number,
            worst.shape.layout,
            worst.shape.n,
            worst.known.name(),
            worst.best
        ));
    }
    lines.join("\n")
}

fn geometric_mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len() as f64;
    (values.map(f64::ln).sum::<f64>() / count).exp()
}

#[cfg(test)]
mod tests {
    use super::{render, summary};
    use crate::measure::{Known, Ratio, Row};
    use crate::operation::{Layout, Operation, Shape};

    fn rows() -> [Row; 2] {
        let ratio = |x| Ratio { median: x, low: x, high: x };
        let row = |n, strict, fused: Option<f64>| Row {
            shape: Shape { operation: Operation::Gemm, layout: Layout::Row, n },
            known: Known::AtRunTime,
            number: "f64",
            best: "peer",
            best_ns: 30.0,
            ours: "teeter",
            ours_ns: 15.0,
            strict: ratio(strict),
            fused: fused.map(ratio),
            strict_over_fused: fused.map(|fused| ratio(fused / strict)),
            of_peak: Some(ratio(0.934)),
            rounds: 9,
        };
        [row(8, 1.6, Some(2.0)), row(32, 0.5, None)]
    }

    #[test]
    fn the_summary_counts_the_fused_ratio_where_there_is_one() {
        let text = summary(&rows());
        let line = text.lines().last().unwrap_or_default();
        let words: Vec<&str> = line.split_whitespace().collect();
        let expected = "gemm 2 1 1.00 0.50 1.25 1.25 f64 row n = 32 dynamic, peer";
        assert_eq!(words.join(" "), expected, "√(2·½) and ½, one below 1");
    }

    #[test]
    fn the_table_has_a_line_for_each_row() {
        let text = render(&rows());
        assert!(text.contains("93") && text.contains("1.25"), "{text}");
        assert_eq!(text.lines().filter(|line| line.contains("peer ")).count(), 3, "{text}");
    }
}
