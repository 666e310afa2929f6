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
            phase: if ratio >= 0.95 { Phase::Edge } else { Phase::Sharpening },
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
    assert_eq!(summary.runs[0].first_step_at_edge, Some(190), "0.95 is the edge, as in the phases");
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
    let refused = |out: &Path| Folder::reserve(out, &FILES).expect_err("not ours").to_string();
    fs::write(home.path().join("thesis.txt"), "years of work").expect("writable");
    let message = refused(home.path());
    let words = "holds the file \"thesis.txt\", which is no part of a result";
    assert!(message.contains(words), "{message}");
    let message = refused(&home.path().join("thesis.txt"));
    let words = "thesis.txt: Not a directory";
    assert!(message.contains("cannot write") && message.contains(words), "{message}");

    // Named as ours, but not ours.
    for (name, make, words) in [
        ("directory", make_directory as fn(&Path), "the directory \"report.html\""),
        ("file", |at| fs::write(at, "<!doctype html>mine").expect("writable"), "the file \"report"),
        ("empty", |at| fs::write(at, "").expect("writable"), "the file \"report.html\""),
        #[cfg(unix)]
        ("link", |at| std::os::unix::fs::symlink("gone", at).expect("writable"), "the link \"rep"),
    ] {
        let out = home.path().join(name);
        let folder = Folder::reserve(&out, &FILES).expect("a free place");
        fs::create_dir(&out).expect("writable");
        make(&out.join("report.html"));
        assert!(refused(&out).contains(words), "{}", refused(&out));
        let message = publish(&folder, &record()).expect_err("taken meanwhile").to_string();
        assert!(message.contains(words), "{message}");
        assert_eq!(names(&out), ["report.html"], "{name}: it is there, and nothing beside it");
    }
    assert_eq!(names(&home.path().join("directory/report.html")), ["years"]);
}

fn make_directory(at: &Path) {
    fs::create_dir(at).and_then(|()| fs::write(at.join("years"), "of work")).expect("writable");
}

#[test]
fn what_appears_while_training_is_kept() {
    let home = tempfile::tempdir().expect("a temporary directory");
    let out = home.path().join("edge");
    let all = ["record.jsonl", "report.html", "summary.json", "thesis.txt"];
    // In place of nothing at first, then of an earlier result.
    for text in ["years of work", "more years of work"] {
        let folder = Folder::reserve(&out, &FILES).expect("a place");
        fs::create_dir_all(&out).expect("writable");
        fs::write(out.join("thesis.txt"), text).expect("writable");
        publish(&folder, &record()).expect("a result");
        assert_eq!(names(&out), all);
        let kept = fs::read_to_string(out.join("thesis.txt")).expect("still there");
        assert_eq!(kept, text);
        fs::remove_file(out.join("thesis.txt")).expect("ours to remove");
    }
}

#[test]
fn a_result_left_half_replaced_by_a_killed_run_is_replaced_and_its_rest_kept() {
    let home = tempfile::tempdir().expect("a temporary directory");
    let out = home.path().join("edge");
    publish(&Folder::reserve(&out, &FILES).expect("a place"), &record()).expect("a result");
    fs::create_dir_all(out.join(".teeter-partial-x/result")).expect("writable");
    fs::remove_file(out.join("summary.json")).expect("ours to remove");
    publish(&Folder::reserve(&out, &FILES).expect("a place"), &record()).expect("a result");
    assert_eq!(names(&out), [".teeter-partial-x", "record.jsonl", "report.html", "summary.json"]);
}

#[test]
fn a_fault_at_the_last_file_brings_the_earlier_result_back() {
    let home = tempfile::tempdir().expect("a temporary directory");
    let out = home.path().join("edge");
    publish(&Folder::reserve(&out, &FILES).expect("a place"), &record()).expect("a result");
    let read = || FILES.map(|file| fs::read(out.join(file.name)).expect("a file of the result"));
    let before = read();
    let folder = Folder::reserve(&out, &FILES).expect("an earlier result");
    let new = |name| (name, b"new".to_vec());
    fs::create_dir_all(out.join("taken/inside")).expect("writable");
    let taken = folder.publish(&[new("record.jsonl"), new("report.html"), new("taken")]);
    assert!(taken.is_err(), "the name is taken");
    assert!(read() == before, "all as it was");
    assert_eq!(names(&out), ["record.jsonl", "report.html", "summary.json", "taken"]);
}

#[cfg(unix)]
#[test]
fn a_link_to_a_directory_stays_a_link() {
    let home = tempfile::tempdir().expect("a temporary directory");
    let link = home.path().join("out");
    for target in ["there", "deep/there"] {
        std::os::unix::fs::symlink(target, &link).expect("writable");
        for _ in ["into nothing", "over an earlier result"] {
            publish(&Folder::reserve(&link, &FILES).expect("a place"), &record())
                .expect("a result");
            assert!(link.is_symlink(), "{target}");
            assert_eq!(names(&home.path().join(target)), FILES.map(|file| file.name));
        }
        fs::remove_file(&link).expect("ours to remove");
    }
}

#[test]
fn a_place_reserved_and_not_used_is_not_made() {
    let home = tempfile::tempdir().expect("a temporary directory");
    Folder::reserve(&home.path().join("deep/edge"), &FILES).expect("a free place");
    assert!(names(home.path()).is_empty(), "a run that fails leaves no trace");
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
        "η = 0.25 reached the edge at step 190 and stayed within a twentieth of it: over the last quarter η·λ₁/2 has the median \
         1.010, from 1.010 to 1.010.",
        "η = 0.5 stayed below the edge: over the last quarter η·λ₁/2 has the median 0.700",
        "<span>8.080 ± 1.0e-6</span>",
        "± the largest residual bound there",
        "The edge is reached at the first measurement with η·λ₁/2 ≥ 0.95.",
        "Steps on which it rose, of 400: 0 at η = 0.25 and 0 at η = 0.5.",
        "Stable: η·λ₁/2 below 0.95",
        "teeter edge --data 'a&lt;b &amp; c.csv' --label-column kind --shuffle --train 15 --hidden 8 --activation tanh --loss half-squared --rates 0.25,0.5 \
         --steps 400 --measure-every 10 --seed 3",
    ] {
        assert!(page.contains(words), "the page does not say: {words}");
    }
}

#[test]
fn a_swatch_has_the_color_of_its_line_by_night_too() {
    let home = tempfile::tempdir().expect("a temporary directory");
    let folder = Folder::reserve(&home.path().join("edge"), &FILES).expect("a free place");
    publish(&folder, &record()).expect("a result");
    let page = fs::read_to_string(folder.path().join("report.html")).expect("a page");
    for (color, night) in [("#0072B2", "#4aa8e0"), ("#D55E00", "#f0803c")] {
        for words in [
            format!("<span class=\"swatch\" style=\"background:{color}\">"),
            format!(".swatch[style$=\"{color}\"] {{ background: {night} !important; }}"),
            format!("svg [stroke=\"{color}\"] {{ stroke: {night}; }}"),
            format!("stroke=\"{color}\""),
        ] {
            assert!(page.contains(&words), "{words}");
        }
    }
}

#[test]
fn the_table_has_a_line_per_learning_rate() {
    let table = table(&record());
    assert!(
        table.contains("η·λ₁/2") && table.contains("1.010") && table.contains("never"),
        "{table}"
    );
    assert!(table.contains("8.080 ± 1.0e-6"), "λ₁ has its bound: {table}");
}

/// The measurements between two steps, raised to a ratio.
fn raise(run: &mut Run, steps: std::ops::Range<usize>, ratio: f64, phase: Phase) {
    for at in run.measurements.iter_mut().filter(|at| steps.contains(&at.step)) {
        (at.ratio, at.sharpness.value, at.phase) = (ratio, ratio * run.threshold, phase);
    }
}

#[test]
fn the_story_of_a_run_is_what_it_did() {
    let told = |change: fn(&mut Run)| {
        let mut record = record();
        record.runs.truncate(1);
        change(&mut record.runs[0]);
        let folder = tempfile::tempdir().expect("a temporary directory");
        let folder = Folder::reserve(&folder.path().join("edge"), &FILES).expect("a free place");
        publish(&folder, &record).expect("a result");
        let page = fs::read_to_string(folder.path().join("report.html")).expect("a page");
        table(&record)
            + page
                .split("<h1>")
                .nth(1)
                .and_then(|rest| rest.split("</h1>").next())
                .expect("a headline")
    };
    let stayed = told(|_| {});
    assert!(stayed.contains("and stayed there."), "{stayed}");
    let overshot = told(|run| {
        raise(run, 210..215, 1.2, Phase::Unstable);
        raise(run, 230..245, 1.33, Phase::Unstable);
        // One measurement of the last quarter is outside the band.
        raise(run, 350..355, 1.06, Phase::Edge);
    });
    for words in [
        "reached the edge at step 190, overshot to 1.330 at step 240 (2 instabilities in all) and ended around it: over the last \
         quarter η·λ₁/2 has the median 1.010, from 1.010 to 1.060.",
        "and ended around it.",
    ] {
        assert!(overshot.contains(words), "{words} is missing in {overshot}");
    }
    assert!(!overshot.contains("stayed"), "{overshot}");
    let beyond = told(|run| raise(run, 0..STEPS + 1, 1.4, Phase::Edge));
    assert!(beyond.contains("began at the edge or beyond, overshot to 1.400"), "{beyond}");
    assert!(
        beyond.contains("and ended beyond it") && beyond.contains("No run ended at"),
        "{beyond}"
    );
    let left = told(|run| raise(run, 300..STEPS + 1, 0.8, Phase::Sharpening));
    assert!(left.contains("reached the edge at step 190 and ended below it"), "{left}");
}
