//! The command as a user meets it: results, messages, exit codes, and what is left on disk.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use teeter_host::record::{Event, Summary};

fn teeter(arguments: &[&str], home: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_teeter"))
        .args(arguments)
        .current_dir(home)
        .output()
        .expect("the binary was built for this test")
}

/// A small run on the digits, with more flags.
fn small<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let mut arguments =
        vec!["edge", "--train", "200", "--hidden", "8", "--steps", "30", "--measure-every", "10"];
    arguments.extend(["--out", "out"]);
    arguments.extend(more);
    arguments
}

#[test]
fn a_run_leaves_a_complete_result() {
    let home = tempfile::tempdir().expect("a temporary directory");
    let output = teeter(&small(&["--rates", "0.2,0.4"]), home.path());
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(told.contains("η·λ₁/2") && told.contains("report.html"), "{told}");
    assert!(errors.contains("η = 0.2  step 30/30  loss "), "progress without a terminal: {errors}");

    let text = fs::read_to_string(home.path().join("out/summary.json")).expect("a summary");
    let summary: Summary = serde_json::from_str(&text).expect("a summary");
    let raw: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    for key in [
        "learning_rate",
        "threshold",
        "sharpness_tail_median",
        "ratio",
        "test_accuracy",
        "loss_final",
    ] {
        assert!(raw["runs"][0][key].is_number(), "{key} in {text}");
    }
    let run = &summary.runs[1];
    assert_eq!((run.learning_rate, run.threshold), (0.4, 5.0));
    assert_eq!(run.ratio, run.sharpness_tail_median / 5.0);
    assert_eq!(summary.configuration.parameters, 64 * 8 + 8 + 8 * 10 + 10);

    let lines = fs::read_to_string(home.path().join("out/record.jsonl")).expect("a record");
    let events: Vec<Event> =
        lines.lines().map(|line| serde_json::from_str(line).expect("an event")).collect();
    let measured = events.iter().filter_map(|event| match event {
        Event::Measurement { learning_rate, measurement } => {
            Some((*learning_rate, measurement.step))
        }
        _ => None,
    });
    let expected = [0.2, 0.4].into_iter().flat_map(|rate| [0, 10, 20, 30].map(|step| (rate, step)));
    assert!(measured.eq(expected), "{lines}");
    let finished = events.iter().filter_map(|event| match event {
        Event::Finished(run) => Some(run),
        _ => None,
    });
    assert!(finished.eq(&summary.runs), "the record ends each run with its line of the summary");
}

#[test]
fn the_same_flags_give_the_same_bits_and_another_seed_others() {
    let home = tempfile::tempdir().expect("a temporary directory");
    let run = |name: &str, more: &[&str]| {
        let output = teeter(&[&small(&["--rates", "0.2,0.4,0.7"]), more].concat(), home.path());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        fs::rename(home.path().join("out"), home.path().join(name)).expect("a result");
        let read =
            |file: &str| fs::read(home.path().join(name).join(file)).expect("a file of the result");
        (read("record.jsonl"), read("summary.json"), read("report.html"))
    };
    let first = run("first", &["--threads", "2"]);
    assert!(
        first == run("again", &["--threads", "1"]),
        "neither chance nor the number of threads shows"
    );
    // The record names the seed; what was trained must differ too.
    let losses = |record: &[u8]| -> Vec<String> {
        let text = String::from_utf8_lossy(record);
        text.lines().filter(|line| line.contains("\"losses\"")).map(str::to_owned).collect()
    };
    let other = run("other", &["--seed", "1"]);
    assert_eq!(losses(&first.0).len(), 3, "the losses of every run are recorded");
    assert!(losses(&first.0) != losses(&other.0), "another seed, another start");
}

#[test]
fn a_table_of_the_users_own_is_trained_on() {
    let home = tempfile::tempdir().expect("a temporary directory");
    // Two classes apart in the first feature, sorted by class.
    let row = |index: usize| {
        let kind = index / 30;
        format!("{kind},{},{}\n", (index % 7) as f64 + 10.0 * kind as f64, index % 5)
    };
    fs::write(
        home.path().join("two.csv"),
        "kind,size,noise\n".to_owned() + &(0..60).map(row).collect::<String>(),
    )
    .expect("writable");
    let own = ["--data", "two.csv", "--label-column", "kind", "--train", "40"];
    let sorted = [&["edge", "--steps", "20", "--rates", "0.3", "--out", "out"], &own[..]].concat();
    let output = teeter(&sorted, home.path());
    assert!(output.status.success(), "both classes are in the first 40 rows");
    let shuffled = [&sorted[..], &["--shuffle", "--seed", "4"]].concat();
    assert!(teeter(&shuffled, home.path()).status.success(), "and in any order");
}

#[test]
fn every_mistake_is_told_and_leaves_nothing() {
    let home = tempfile::tempdir().expect("a temporary directory");
    for (name, text) in [
        ("malformed.csv", "1,2,0\n1,x,1\n2,3,0\n"),
        ("infinite.csv", "1,2,0\n1,inf,1\n2,3,0\n"),
        ("sorted.csv", "1,2,0\n1,3,0\n2,3,1\n"),
        ("empty.csv", ""),
    ] {
        fs::write(home.path().join(name), text).expect("writable");
    }
    for (arguments, code, message) in [
        (&["--data", "no.csv"][..], 1, "cannot read no.csv: No such file"),
        (&["--data", "malformed.csv"], 1, "malformed.csv, line 2, column 2: found \"x\""),
        (&["--data", "infinite.csv"], 1, "infinite.csv, line 2, column 2: found inf"),
        (&["--data", "empty.csv"], 1, "empty.csv holds no rows"),
        (
            &["--data", "sorted.csv", "--train", "2"],
            1,
            "class 1 occurs only after the first 2 rows",
        ),
        (&["--train", "1797"], 1, "digits has 1797 rows; 1797 to train on leave none to test"),
        (
            &["--measure-every", "5000"],
            1,
            "the measuring interval is 5000; it must be from 1 to the number of steps",
        ),
        (&["--rates", "0.3,0.3"], 1, "a learning rate is 0.3; it must be given only once"),
        (&["--rates", "0"], 2, "a learning rate is 0; it must be a finite number above 0"),
        (&["--rates", "-0.1"], 2, "a learning rate is -0.1; it must be"),
        (&["--rates", "1.7e308"], 2, "a learning rate is 1.7e308; it must be"),
        (&["--rates", "NaN"], 2, "a learning rate is NaN; it must be"),
        (&["--rates", "0.3;0.5"], 2, "not a number; write for example 0.3,0.5"),
        (&["--steps", "0"], 2, "it must be at least 1"),
        (&["--steps", "1e3"], 2, "not a whole number above 0"),
        (&["--hidden", "32,0"], 2, "it must be at least 1"),
        (
            &["--hidden", "100000"],
            2,
            "the width of a hidden layer is 100000; it must be from 1 to 4096",
        ),
        (&["--activation", "sine"], 2, "possible values: tanh, relu, softplus, identity"),
        (&["--label-column", "3"], 2, "--data <FILE>"),
        (&["--sharpness"], 2, "unexpected argument '--sharpness'"),
    ] {
        let output = teeter(&[&["edge", "--out", "out"], arguments].concat(), home.path());
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {told}");
        assert!(told.contains(message), "{arguments:?} says: {told}");
        assert!(!home.path().join("out").exists(), "{arguments:?} left a result");
    }
    let left = fs::read_dir(home.path()).expect("readable").count();
    assert_eq!(left, 4, "nothing but the four tables is there");
}

#[test]
fn a_divergence_says_when_and_what_to_do_and_keeps_the_earlier_result() {
    let home = tempfile::tempdir().expect("a temporary directory");
    assert!(teeter(&small(&["--rates", "0.2"]), home.path()).status.success(), "a sound run");
    let before = fs::read(home.path().join("out/record.jsonl")).expect("a record");
    // Finite to the last step, all of them; the loss of the second ends above its start without having exploded.
    for (rates, steps, words) in [
        (
            "0.2,5",
            "30",
            &["error: training at η = 5 diverged: at step ", "Lower the learning rate"][..],
        ),
        (
            "2,0.2",
            "8",
            &[
                "error: training at η = 2 did not lower the loss: from step 6 to step 8",
                "more --steps",
            ],
        ),
        ("2", "1", &["did not lower the loss: at the last step, 1, it is 1.228"]),
        (
            "1e300",
            "30",
            &[
                "training at η = 1e300 diverged: at step 1 the loss is inf",
                "e300 when last measured",
            ],
        ),
        ("0.2,5,90", "30", &[". Also, training at η = 90 diverged: at step "]),
    ] {
        let mut arguments = small(&["--seed", "2", "--rates", rates]);
        arguments[6] = steps;
        arguments[8] = "1";
        let output = teeter(&arguments, home.path());
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{rates}: {told}");
        assert!(output.stdout.is_empty(), "{rates} is no success");
        let always = [
            "where it began at 1.",
            "η·λ₁/2 was ",
            " when last measured, at step ",
            "Nothing was written",
        ];
        for words in words.iter().chain(&always) {
            assert!(told.contains(words), "\"{words}\" is missing in: {told}");
        }
        let longest = told.split_whitespace().map(|word| word.chars().count()).max();
        assert!(longest < Some(24), "no number of a hundred digits: {told}");
    }
    let after = fs::read(home.path().join("out/record.jsonl")).expect("the earlier record");
    assert!(before == after, "the earlier result is untouched");
    let left = fs::read_dir(home.path()).expect("readable").count();
    assert_eq!(left, 1, "nothing half-written is there");
}

#[test]
fn a_catapult_is_no_divergence() {
    let home = tempfile::tempdir().expect("a temporary directory");
    let run = |steps: &str| {
        let flags = ["--train", "100", "--hidden", "64", "--activation", "relu", "--rates", "0.8"];
        let more = ["--steps", steps, "--measure-every", steps, "--out", "out"];
        teeter(&[&["edge"], &flags[..], &more].concat(), home.path())
    };
    assert_eq!(run("3").status.code(), Some(1), "up there it cannot be told from a divergence");
    assert!(run("40").status.success(), "it came back");
    let text = fs::read_to_string(home.path().join("out/record.jsonl")).expect("a record");
    let losses = text.lines().find_map(|line| match serde_json::from_str(line) {
        Ok(Event::Losses { losses, .. }) => Some(losses),
        _ => None,
    });
    let losses = losses.expect("losses");
    assert!(losses[3] > 4.0 * losses[0], "the case is what it is meant to be: {losses:?}");
}

#[test]
fn edge_need_not_be_named() {
    let home = tempfile::tempdir().expect("a temporary directory");
    let run = |arguments: &[&str]| {
        let output = teeter(arguments, home.path());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let record = fs::read(home.path().join("out/record.jsonl")).expect("a record");
        fs::remove_dir_all(home.path().join("out")).expect("ours to remove");
        record
    };
    let named = small(&["--rates", "0.2"]);
    assert!(run(&named) == run(&named[1..]), "the same flags, the same record");
    let twice = [&["--rates", "0.3"], &named[..]].concat();
    let output = teeter(&twice, home.path());
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "flags on both sides: {told}");
}

#[test]
fn help_shows_the_way() {
    let home = tempfile::tempdir().expect("a temporary directory");
    let help = |arguments: &[&str]| {
        let output = teeter(arguments, home.path());
        assert!(output.status.success(), "{arguments:?}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let top = help(&["--help"]);
    assert!(top.contains("edge of stability") && top.contains("Examples:"), "{top}");
    let edge = help(&["edge", "--help"]);
    assert!(top.contains("--rates") && top.contains("--out"), "its flags are shown: {top}");
    for flag in [
        "--data",
        "--label-column",
        "--train",
        "--shuffle",
        "--hidden",
        "--activation",
        "--loss",
        "--rates",
        "--steps",
        "--measure-every",
        "--seed",
        "--threads",
        "--out",
        "Examples:",
    ] {
        assert!(edge.contains(flag), "{flag} is missing in: {edge}");
    }
}
