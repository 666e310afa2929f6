//! The record of a CPU: a CSV file of ratios, the only source of figures quoted elsewhere.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;

use crate::measure::{Ratio, Row};

/// Where and when a run took place.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The processor, as a file name.
    pub cpu: String,
    /// Day of the run, UTC.
    pub date: String,
    /// The commit checked out.
    pub commit: String,
    /// "clean", or "changed" if files differed from the commit.
    pub tree: &'static str,
}

impl Origin {
    /// This machine, now.
    #[must_use]
    pub fn here() -> Self {
        let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |t| t.as_secs());
        let commit = git(&["rev-parse", "--short=12", "HEAD"]);
        // The record itself is what a run changes.
        let status =
            git(&["status", "--porcelain", "--untracked-files=no", "--", ":/", ":!record"]);
        let tree = match (&commit, status.as_deref()) {
            (Some(_), Some("")) => "clean",
            (Some(_), Some(_)) => "changed",
            _ => "unknown",
        };
        Self {
            cpu: cpu_name(&cpuinfo),
            date: civil_date(seconds / 86_400),
            commit: commit.unwrap_or_else(|| "unknown".into()),
            tree,
        }
    }

    /// Where the record of this CPU lies.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("record").join(format!("{}.csv", self.cpu))
    }
}

/// What git says, run where this crate lies; `None` if it cannot tell.
fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(arguments)
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

/// Model name with family and model number, lowercase, words joined by dashes. Virtual
/// machines often hide the name but not the numbers.
fn cpu_name(cpuinfo: &str) -> String {
    let field = |name: &str| {
        let line = cpuinfo.lines().find(|line| line.split(':').next().map(str::trim) == Some(name));
        line.and_then(|line| line.split(':').nth(1)).map(str::trim)
    };
    let name = match (field("model name"), field("cpu family"), field("model")) {
        (Some(name), Some(family), Some(model)) => format!("{name} family {family} model {model}"),
        (Some(name), _, _) => name.to_owned(),
        _ => std::env::consts::ARCH.to_owned(),
    };
    let plain = name.to_lowercase().replace("(r)", " ").replace("(tm)", " ");
    let words = plain.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-")
}

/// Year-month-day of a day counted from 1970-01-01.
///
/// Years begin in March, so that the leap day comes last and a month begins on day
/// (153m + 2)/5 of its year.
fn civil_date(day: u64) -> String {
    let shifted = day + 719_468; // days from 0000-03-01
    let (era, in_era) = (shifted / 146_097, shifted % 146_097);
    let year_in_era = (in_era - in_era / 1_460 + in_era / 36_524 - in_era / 146_096) / 365;
    let in_year = in_era - (365 * year_in_era + year_in_era / 4 - year_in_era / 100);
    let from_march = (5 * in_year + 2) / 153;
    let day_of_month = in_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = era * 400 + year_in_era + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day_of_month:02}")
}

/// One line of the file. Ratios are the best peer's time over ours.
#[derive(Serialize)]
struct Line<'a> {
    cpu: &'a str,
    machine: &'a str,
    date: &'a str,
    commit: &'a str,
    tree: &'a str,
    operation: &'a str,
    #[serde(rename = "type")]
    number: &'a str,
    n: usize,
    /// "static" where the size is known when compiling, and all may be called.
    size: &'a str,
    layout: String,
    best_peer: &'a str,
    /// Fused where that is another computation, else strict.
    ratio: String,
    lower_quartile: String,
    upper_quartile: String,
    strict_ratio: String,
    strict_lower_quartile: String,
    strict_upper_quartile: String,
    /// Our strict time over our fused time, where there are two.
    strict_over_fused: String,
    /// Our flops over those of multiply-adds in registers, where they are counted.
    of_peak: String,
    rounds: usize,
}

/// Writes the rows as CSV; the file appears whole or not at all.
///
/// # Errors
/// What the file system refused.
pub fn write(path: &Path, origin: &Origin, machine: &str, rows: &[Row]) -> Result<(), csv::Error> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let unfinished = path.with_extension("csv.unfinished");
    let mut writer = csv::Writer::from_path(&unfinished)?;
    for row in rows {
        let or_empty = |ratio: Option<Ratio>| {
            ratio.map_or_else(String::new, |ratio| format!("{:.3}", ratio.median))
        };
        let ([ratio, lower_quartile, upper_quartile], [strict, strict_low, strict_high]) =
            (decimals(row.ratio()), decimals(row.strict));
        writer.serialize(Line {
            cpu: &origin.cpu,
            machine,
            date: &origin.date,
            commit: &origin.commit,
            tree: origin.tree,
            operation: row.shape.operation.name(),
            number: row.number,
            n: row.shape.n,
            size: row.known.name(),
            layout: row.shape.layout.to_string(),
            best_peer: row.best,
            ratio,
            lower_quartile,
            upper_quartile,
            strict_ratio: strict,
            strict_lower_quartile: strict_low,
            strict_upper_quartile: strict_high,
            strict_over_fused: or_empty(row.strict_over_fused),
            of_peak: or_empty(row.of_peak),
            rounds: row.rounds,
        })?;
    }
    writer.flush()?;
    fs::rename(unfinished, path)?;
    Ok(())
}

fn decimals(ratio: Ratio) -> [String; 3] {
    [ratio.median, ratio.low, ratio.high].map(|x| format!("{x:.3}"))
}

#[cfg(test)]
mod tests {
    use super::{civil_date, cpu_name};

    #[test]
    fn days_become_dates() {
        for (day, date) in [(0, "1970-01-01"), (59, "1970-03-01"), (11_016, "2000-02-29")] {
            assert_eq!(civil_date(day), date, "day {day}");
        }
        assert_eq!(civil_date(20_454), "2026-01-01", "a year after a leap year");
    }

    #[test]
    fn a_processor_becomes_a_file_name() {
        let text = "cpu family\t: 6\nmodel\t\t: 85\nmodel name\t: Intel(R) Xeon(R) CPU @ 2.00GHz\n";
        assert_eq!(cpu_name(text), "intel-xeon-cpu-2-00ghz-family-6-model-85", "the usual fields");
        let arch = std::env::consts::ARCH.replace('_', "-");
        assert_eq!(cpu_name(""), arch, "no file: the architecture");
    }
}
