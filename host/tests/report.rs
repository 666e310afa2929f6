//! The result directory and the page, from a record made up here.

use std::fs;
use std::path::Path;

use teeter_host::config::{Activation, Loss, Network, RowOrder};
use teeter_host::record::{
    Configuration, Estimate, Event, Folder, Measurement, Phase, Record, Run, Sharpness, Spectrum,
    Traces, summarize,
};
use teeter_host::report::{FILES, publish, table};

const STEPS: usize = 400;

fn configuration() -> Configuration {
    Configuration {
        version: "0.0.0".to_owned(),
        data: "a<b & c.csv".to_owned(),
        label_column: Some("kind".to_owned()),
        order: RowOrder::Shuffled,
        train_rows: 15,
        test_rows: 5,
        features: 4,
        classes: vec![0, 1],
        network: Network { hidden: vec![8], activation: Activation::Tanh, loss: Loss::HalfSquared },
        parameters: 58,
        rates: vec![0.25, 0.5],
        steps: STEPS,
        measure_every: 10,
        trace_every: 40,
        seed: 3,
        confidence: 0.95,
        probes: 8,
        fisher_decay: 0.9,
        fisher_damping: 0.001,
    }
}

/// Rises to `height` times the threshold within half the run, and stays.
fn run(learning_rate: f64, height: f64) -> Run {
    let threshold = 2.0 / learning_rate;
    let measurement = |index: usize| {
        let step = 10 * index;
        let ratio = height * (2.0 * step as f64 / STEPS as f64).min(1.0);
        let estimate = |value: f64| Estimate {
            value,
            standard_error: 0.1 * value,
            lower: 0.8 * value,
            upper: 1.2 * value,
        };
        Measurement {
            step,
            loss: 0.5 / (1.0 + step as f64),
            train_accuracy: 0.9,
            test_accuracy: 0.8,
            sharpness: Sharpness { value: ratio * threshold, residual: 1e-6, products: 9 },
            ratio,
            traces: index.is_multiple_of(4).then(|| Traces {
                trace: estimate(20.0 + ratio),
                trace_ratio: estimate(5.0 + ratio),
                effective_parameters: estimate(3.0 + ratio),
            }),
            rotation: (index > 0).then_some(90.0 / (1.0 + index as f64)),
            phase: if ratio >= 1.0 { Phase::Edge } else { Phase::Sharpening },
        }
    };
    let spectrum = |step, scale: f64| Spectrum {
        step,
        values: vec![-0.1 * scale, 0.0, 0.3 * scale, scale],
        weights: vec![0.01, 0.9, 0.08, 0.01],
        residuals: vec![1e-3; 4],
    };
    Run {
        learning_rate,
        threshold,
        losses: (0..=STEPS).map(|step| 0.5 / (1.0 + step as f64)).collect(),
        measurements: (0..=STEPS / 10).map(measurement).collect(),
        before: spectrum(0, 1.0),
        after: spectrum(STEPS, threshold),
    }
}

fn record() -> Record {
    Record { configuration: configuration(), runs: vec![run(0.25, 1.01), run(0.5, 0.7)] }
}

fn names(path: &Path) -> Vec<String> {
    let entry = |entry: std::io::Result<fs::DirEntry>| {
        entry.expect("readable").file_name().to_string_lossy().into_owned()
    };
    let mut names: Vec<_> = fs::read_dir(path).expect("a directory").map(entry).collect();
    names.sort();
    names
}

#[test]
fn the_summary_is_the_median_over_the_last_quarter() {
    let summary = summarize(&record());
    assert_eq!(summary.runs.iter().map(|run| run.ratio).collect::<Vec<_>>(), [1.01, 0.7]);
    assert_eq!(summary.runs[0].sharpness_tail_median, 1.01 * 8.0);
    assert_eq!(summary.runs[0].first_step_at_edge, Some(200));
    assert_eq!(summary.runs[1].first_step_at_edge, None);
    let mut record = record();
    record.runs[0].measurements.last_mut().expect("measured").sharpness.value = 1e9;
    assert_eq!(summarize(&record).runs[0].ratio, 1.01, "one outlier moves no median");
    for at in record.runs[0].measurements.iter_mut().filter(|at| at.step < 300) {
        at.sharpness.value = 0.0;
    }
    assert_eq!(summarize(&record).runs[0].ratio, 1.01, "nothing before the last quarter counts");
}

#[test]
fn a_result_holds_its_three_files_and_leaves_nothing_else() {
    let home = tempfile::tempdir().expect("a temporary directory");
    let out = home.path().join("deep/edge");
    let folder = Folder::reserve(&out, &FILES).expect("a free place");
    assert!(!out.exists(), "nothing is there before it is whole");
    publish(&folder, &record()).expect("a result");
    assert_eq!(names(&out), ["record.jsonl", "report.html", "summary.json"]);
    assert_eq!(names(&home.path().join("deep")), ["edge"]);

    let mut other = record();
    other.runs.truncate(1);
    publish(&Folder::reserve(&out, &FILES).expect("an earlier result"), &other).expect("a result");
    let lines = fs::read_to_string(out.join("record.jsonl")).expect("a record");
    let events: Vec<Event> =
        lines.lines().map(|line| serde_json::from_str(line).expect("an event")).collect();
    assert!(
        events == teeter_host::record::events(&other),
        "the later result takes the place of the earlier, and reads back to the same bits"
    );
    assert_eq!(names(&home.path().join("deep")), ["edge"]);
}

#[test]
fn a_directory_with_other_things_in_it_is_not_touched() {
    let home = tempfile::tempdir().expect("a temporary directory");
    fs::write(home.path().join("thesis.txt"), "years of work").expect("writable");
    let message = Folder::reserve(home.path(), &FILES).expect_err("not ours").to_string();
    assert!(message.contains("holds \"thesis.txt\", which is no part of a result"), "{message}");
    let file = home.path().join("thesis.txt");
    let message = Folder::reserve(&file, &FILES).expect_err("a file").to_string();
    assert!(
        message.contains("cannot write") && message.contains("thesis.txt: Not a directory"),
        "{message}"
    );
    assert_eq!(names(home.path()), ["thesis.txt"]);
}

#[test]
fn the_page_needs_nothing_but_itself() {
    let home = tempfile::tempdir().expect("a temporary directory");
    let folder = Folder::reserve(&home.path().join("edge"), &FILES).expect("a free place");
    publish(&folder, &record()).expect("a result");
    let page = fs::read_to_string(folder.path().join("report.html")).expect("a page");
    for foreign in ["src=", "href=", "url(", "@import", "<script"] {
        assert!(!page.contains(foreign), "{foreign} would fetch something");
    }
    assert_eq!(
        page.matches("http").count(),
        page.matches("xmlns=\"http://www.w3.org/2000/svg\"").count()
    );
    assert_eq!(
        page.matches("<svg ").count(),
        2 * 11,
        "nine charts of all runs and one of each, in two widths"
    );
    assert!(!page.contains("NaN") && !page.contains("inf,"), "every mark has a place");
    assert!(page.contains("a&lt;b &amp; c.csv"), "names from outside are escaped");
    for words in [
        "ended at the edge of stability, <span class=\"word\">λ₁ = 2/η</span>, at η = 0.25, but not at every learning rate tried",
        "η = 0.25 reached the edge at step 200 and stayed: η·λ₁/2 has the median 1.010 over the last quarter.",
        "η = 0.5 stayed below the edge: η·λ₁/2 has the median 0.700",
        "teeter edge --data 'a&lt;b &amp; c.csv' --label-column kind --shuffle --train 15 --hidden 8 --activation tanh --loss half-squared --rates 0.25,0.5 \
         --steps 400 --measure-every 10 --seed 3",
    ] {
        assert!(page.contains(words), "the page does not say: {words}");
    }
}

#[test]
fn the_table_has_a_line_per_learning_rate() {
    let table = table(&record());
    assert!(
        table.contains("η·λ₁/2") && table.contains("1.010") && table.contains("never"),
        "{table}"
    );
}
