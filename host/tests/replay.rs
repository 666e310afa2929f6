//! Logs of a device: written, changed in every way, and replayed.

use std::process::Command;

use teeter::Machine;
use teeter_device::config::SpreadConfig;
use teeter_device::log::{
    End, Flaw, HEAD, Kind, Measured, PREFACE, Reader, Sink, Start, Step, TAIL, Writer, checksum,
};
use teeter_device::run::{put, record, resume};
use teeter_device::spread::{Spread, gram_row, spread_memory_len};
use teeter_device::{Config, Training, digits};
use teeter_host::replay::{Finding, Verdict, replay_bytes};

/// A training of a few milliseconds.
const TINY: Config = Config {
    hidden: 3,
    samples: 10,
    steps: 7,
    snapshot_every: 3,
    dim_max: 2,
    spread: SpreadConfig { order: 6, steps: 3, probes: 4 },
    ..Config::STANDARD
};

struct Bytes(Vec<u8>);

impl Sink for Bytes {
    fn write(&mut self, bytes: &[u8]) -> bool {
        self.0.extend(bytes);
        true
    }
}

fn start(config: Config) -> Start {
    Start { config, digest: digits::digest() }
}

fn measure(config: &Config) -> Measured {
    let mut memory = vec![0.0; spread_memory_len(&config.spread)];
    let machine = Machine::detect();
    let work = Spread::new(machine, config.spread, config.seed, gram_row, &mut memory);
    let mut work = work.expect("a sound configuration");
    while work.tick().expect("a finite operator") {}
    work.finish().expect("all products")
}

/// What a device does, from an earlier log if there is one.
fn log_of(config: Config, before: Option<&[u8]>) -> Vec<u8> {
    let mut memory = vec![f32::NAN; config.memory_len()];
    let mut bytes = vec![0; config.snapshot_len()];
    let mut training = Training::new(Machine::detect(), config, &mut memory).expect("sound");
    if let Some(before) = before {
        resume(&mut training, before, &start(config), &mut bytes);
    }
    let mut log = Writer::begin(Bytes(Vec::new())).expect("memory takes all");
    put(&mut log, Kind::Start, &start(config).encode()).expect("memory takes all");
    record(&mut training, &mut log, &mut bytes).expect("no divergence");
    put(&mut log, Kind::Measured, &measure(&config).encode()).expect("memory takes all");
    let end = training.finish().expect("a trained network");
    put(&mut log, Kind::End, &end.encode()).expect("memory takes all");
    log.into_sink().0
}

fn tiny() -> Vec<u8> {
    log_of(TINY, None)
}

fn verdict(log: &[u8]) -> Verdict {
    replay_bytes(log, None).expect("a log with a sound beginning")
}

/// The records of a sound log: kind and body.
fn records(log: &[u8]) -> Vec<(Kind, Vec<u8>)> {
    let mut reader = Reader::open(log).expect("a log");
    let mut body = vec![0; log.len()];
    let mut all = Vec::new();
    while let Some(found) = reader.next(&mut body).expect("sound records") {
        all.push((found.kind.expect("a known kind"), body[..found.len].to_vec()));
    }
    all
}

/// A log of these records, all checksums right.
fn rewritten(records: &[(Kind, Vec<u8>)]) -> Vec<u8> {
    let mut log = Writer::begin(Bytes(Vec::new())).expect("memory takes all");
    for (kind, body) in records {
        assert!(log.write(*kind, body), "memory takes all");
    }
    log.into_sink().0
}

/// Where each record begins, and the end.
fn offsets(log: &[u8]) -> Vec<usize> {
    let lens = records(log).into_iter().map(|(_, body)| HEAD + body.len() + TAIL);
    let mut all = vec![PREFACE];
    all.extend(lens.scan(PREFACE, |at, len| {
        *at += len;
        Some(*at)
    }));
    all
}

#[test]
fn records_read_back_as_they_were_written() {
    let log = tiny();
    let all = records(&log);
    assert_eq!(rewritten(&all), log, "the same bytes");
    let kinds: String = all
        .iter()
        .map(|(kind, _)| match kind {
            Kind::Start => 'S',
            Kind::Step => '.',
            Kind::Snapshot => '#',
            Kind::Measured => 'm',
            Kind::End => 'E',
        })
        .collect();
    assert_eq!(kinds, "S...#...#.mE");
    assert_eq!(Start::decode(&all[0].1), Some(start(TINY)));
    for (kind, body) in &all {
        let again = match kind {
            Kind::Start => Start::decode(body).map(|x| x.encode().to_vec()),
            Kind::Step => Step::decode(body).map(|x| x.encode().to_vec()),
            Kind::Snapshot => {
                assert_eq!(body.len(), TINY.snapshot_len(), "as long as it was said");
                Some(body.clone())
            }
            Kind::Measured => Measured::decode(body).map(|x| x.encode().to_vec()),
            Kind::End => End::decode(body).map(|x| x.encode().to_vec()),
        };
        assert_eq!(again.as_ref(), Some(body), "{kind:?}");
        assert_eq!(Step::decode(&body[1..]), None, "of another length");
    }
}

#[test]
fn a_log_is_identical_to_its_end() {
    let verdict = verdict(&tiny());
    assert!(verdict.is_complete(), "{verdict}");
    assert_eq!((verdict.steps, verdict.snapshots), (TINY.steps, 2));
    assert!(verdict.measured.is_some() && verdict.end.is_some(), "both compared");
    let said = verdict.to_string();
    assert!(
        said.contains("identical to step 6") && said.contains("identical to the end"),
        "{said}"
    );
}

/// The training does what it is for: the loss falls, and η·λ₁/2 ends at its share of the edge.
#[test]
fn the_training_learns_and_holds_its_rate() {
    let all = records(&log_of(Config::STANDARD, None));
    let steps = all.iter().filter(|(kind, _)| *kind == Kind::Step);
    let steps: Vec<Step> = steps.filter_map(|(_, body)| Step::decode(body)).collect();
    let end = all.iter().rev().find_map(|(_, body)| End::decode(body)).expect("an end");
    assert!(end.loss < 0.5 * steps[0].loss, "{} was {}", end.loss, steps[0].loss);
    let [train, test] = end.accuracy;
    assert!(train > 0.8 && test > 0.6, "{train} of its own, {test} of others");
    // Where the rate is not still growing, it is the share of 2/λ₁ that was asked for.
    let held = steps.iter().filter(|step| {
        let share = f64::from(step.learning_rate) * f64::from(step.sharpness) / 2.0;
        (share / f64::from(Config::STANDARD.rate_share) - 1.0).abs() < 4.0 * f64::from(f32::EPSILON)
    });
    assert!(held.count() > steps.len() / 2, "most steps are at their share");
}

/// Every byte of a log with a bit flipped: it never passes for whole, and never for a difference of the device.
#[test]
fn a_flipped_bit_does_not_go_unnoticed() {
    let log = log_of(Config { steps: 3, snapshot_every: 0, ..TINY }, None);
    let first = offsets(&log)[1];
    for bit in 0..8 * log.len() {
        // A bit of each byte, and all bits of what comes first.
        if bit / 8 > first && bit % 8 != bit / 8 % 8 {
            continue;
        }
        let mut changed = log.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        match replay_bytes(&changed, None) {
            Err(reason) => assert!(bit / 8 < first, "bit {bit}: {reason}"),
            Ok(verdict) => {
                assert!(!verdict.is_identical(), "bit {bit}: {verdict}");
                assert!(!verdict.findings.is_empty(), "bit {bit}: told");
                assert_eq!(verdict.difference, None, "bit {bit}: the device was right");
                assert!(bit / 8 >= first && verdict.steps >= 2, "bit {bit}: the others count");
            }
        }
    }
}

/// A log cut in every record, at all lengths near its ends and some between: what is there is compared, and it is said that more
/// was to come.
#[test]
fn a_log_may_end_anywhere() {
    let log = log_of(Config { steps: 3, snapshot_every: 2, ..TINY }, None);
    let ends = offsets(&log);
    let near = |len: usize| ends.iter().any(|&end| end.abs_diff(len) <= HEAD + 1);
    for len in (0..log.len()).filter(|&len| near(len) || len % 97 == 0) {
        match replay_bytes(&log[..len], None) {
            Err(_) => assert!(len < ends[1], "{len}: the beginning is there"),
            Ok(verdict) => {
                assert!(verdict.is_identical() && !verdict.is_complete(), "{len}: {verdict}");
                let whole = ends.iter().filter(|&&end| end <= len).count();
                let kinds = &records(&log)[..whole - 1];
                let steps = kinds.iter().filter(|(kind, _)| *kind == Kind::Step).count();
                assert_eq!(verdict.steps as usize, steps, "{len}: what is whole is compared");
                let cut = matches!(verdict.findings[..], [Finding::Flaw(Flaw::Truncated { .. })]);
                assert_eq!(cut, !ends.contains(&len), "{len}: {verdict}");
                let missing = match verdict.findings.first() {
                    Some(Finding::Flaw(Flaw::Truncated { missing, .. })) => *missing as usize,
                    _ => 0,
                };
                let end = ends.iter().find(|&&end| end >= len).expect("the last");
                assert!(len + missing <= *end, "{len}: no more than the record has");
            }
        }
    }
}

#[test]
fn another_seed_differs_from_the_first_tensor_on() {
    let log = tiny();
    let said = replay_bytes(&log, Some(TINY.seed + 1)).expect("a log");
    let difference = said.difference.clone().expect("another seed, other weights");
    assert_eq!(difference.step, Some(0));
    assert_eq!(difference.what, "weights of the hidden layer");
    assert!(said.to_string().contains("differs at step 0: weights of the hidden layer"), "{said}");
    // The log itself may say so, with checksums that are right.
    let mut all = records(&log);
    let other = Start { config: Config { seed: 9, ..TINY }, ..start(TINY) };
    all[0].1 = other.encode().to_vec();
    assert_eq!(verdict(&rewritten(&all)).difference.map(|d| d.step), Some(Some(0)));
}

/// A device that computed something else, with checksums that are right: step and tensor are named.
#[test]
fn the_first_difference_is_named() {
    let log = tiny();
    let change = |index: usize, byte: usize| {
        let mut all = records(&log);
        all[index].1[byte] ^= 4;
        verdict(&rewritten(&all))
    };
    // Step 2 is record 3; step, loss, λ₁, η, then hashes.
    for (byte, what) in [
        (4, "loss"),
        (8, "λ₁"),
        (12, "learning rate"),
        (16, "weights of the hidden layer"),
        (24, "biases of the hidden layer"),
        (32, "weights of the output layer"),
        (40, "biases of the output layer"),
        (48, "gradient"),
        (56, "vectors of the sharpness tracker"),
    ] {
        let said = change(3, byte);
        let difference = said.difference.clone().expect("it was changed");
        assert_eq!((difference.step, difference.what.as_str()), (Some(2), what), "{said}");
        assert_eq!(said.steps, 2, "what was before is the same");
    }
    // The snapshot before step 3 is record 4; step, η, then parameters: 64 × 3 weights, 3 biases, 3 × 10 weights, …
    for (byte, what) in [
        (4, "the snapshot: the learning rate"),
        (8 + 4 * 5 + 1, "the snapshot: element 5 of the weights of the hidden layer"),
        (8 + 4 * (192 + 3 + 7), "the snapshot: element 7 of the weights of the output layer"),
        (8 + 4 * (192 + 3 + 30 + 10) + 90, "the snapshot: the sharpness tracker"),
    ] {
        let difference = change(4, byte).difference.expect("it was changed");
        assert_eq!((difference.step, difference.what.as_str()), (Some(3), what));
    }
    let measured = change(10, 4).difference.expect("it was changed").what;
    assert_eq!(measured, "the measurement in ticks: largest Ritz value");
    let end = change(11, 16).difference.expect("it was changed");
    assert_eq!((end.step, end.what.as_str()), (Some(7), "weights of the hidden layer"));
}

#[test]
fn what_is_missing_or_out_of_place_is_told() {
    let log = tiny();
    let ends = offsets(&log);
    // Records 2 and 3 cut out whole.
    let said = verdict(&[&log[..ends[2]], &log[ends[4]..]].concat());
    let gap = Finding::Gap { offset: ends[2] as u64, expected: 2, found: 4 };
    assert_eq!(said.findings, [gap], "{said}");
    assert!(said.difference.is_none() && said.steps == 5 && !said.is_identical(), "{said}");
    assert!(said.to_string().contains("records 2 to 3 are not there"), "{said}");
    // A record twice.
    let said = verdict(&[&log[..ends[3]], &log[ends[2]..]].concat());
    assert!(said.findings.contains(&Finding::Misplaced { step: 1 }), "{said}");
    // A head damaged, and a body: the rest is compared.
    let mut changed = log.clone();
    changed[ends[2] + 1] ^= 0x10;
    changed[ends[6] + HEAD + 3] ^= 1;
    let said = verdict(&changed);
    assert_eq!(said.steps, 5, "{said}");
    let head = Finding::Flaw(Flaw::Head { offset: ends[2] as u64 });
    let body = Flaw::Body { offset: ends[6] as u64, number: 6, kind: Some(Kind::Step) };
    assert!(
        said.findings.contains(&head) && said.findings.contains(&Finding::Flaw(body)),
        "{said}"
    );
    // More behind the end.
    assert!(!verdict(&[&log[..], b"and more"].concat()).is_complete(), "not a record");
}

#[test]
fn what_is_no_log_is_refused_with_a_reason() {
    let log = tiny();
    let mut version = log.clone();
    version[7] = 9;
    let sum = checksum(0, &version[..8]);
    version[8..12].copy_from_slice(&sum.to_le_bytes());
    let mut endless = records(&log);
    let config = Config { steps: u32::MAX, ..TINY };
    endless[0].1 = start(config).encode().to_vec();
    let mut foreign = records(&log);
    foreign[0].1 = Start { digest: 1, ..start(TINY) }.encode().to_vec();
    for (bytes, words) in [
        (&b""[..], "ends 12 bytes before the end of its first line"),
        (b"step,loss\n0,1\n", "does not begin with TEETLOG"),
        (&version, "version 9, and this program reads version 1"),
        (&log[..PREFACE], "is not there: the log was cut off"),
        (&rewritten(&records(&log)[1..]), "another one came first"),
        (&rewritten(&endless), "`steps` is 4.294967295e9"),
        (&rewritten(&foreign), "trained on other digits"),
    ] {
        let reason = replay_bytes(bytes, None).expect_err(words);
        assert!(reason.contains(words), "{reason}");
    }
}

#[test]
fn an_interrupted_run_goes_on_bit_for_bit() {
    let whole = tiny();
    let ends = offsets(&whole);
    // In the middle of the record of step 5, behind the first snapshot.
    let cut = &whole[..ends[7] - 30];
    let resumed = log_of(TINY, Some(cut));
    let (all, rest) = (records(&whole), records(&resumed));
    assert_eq!(rest[0], all[0], "the same configuration");
    assert_eq!(rest[1..], all[4..], "from the snapshot before step 3 on, to the last bit");
    let said = verdict(&resumed);
    assert!(said.is_complete() && said.steps == 4, "{said}");
    // The last snapshot damaged: it goes on from the one before. None left, or another configuration: anew.
    let mut damaged = whole.clone();
    damaged[ends[8] + HEAD + 100] ^= 1;
    assert_eq!(records(&log_of(TINY, Some(&damaged)))[1..], all[4..]);
    assert_eq!(log_of(TINY, Some(&whole[..ends[4]])), whole);
    let other = Config { seed: 8, ..TINY };
    assert_eq!(log_of(other, Some(&whole)), log_of(other, None));
}

#[test]
fn the_command_ends_as_it_says() {
    let home = tempfile::tempdir().expect("a temporary directory");
    let log = tiny();
    let mut flipped = log.clone();
    flipped[offsets(&log)[3] + HEAD + 9] ^= 0x20;
    for (bytes, more, code, words) in [
        (&log[..], &[][..], 0, "identical to the end"),
        (&log[..log.len() - 9], &[], 0, "cut off: the record at byte "),
        (&flipped, &[], 1, "damaged: record 3 (step) at byte "),
        (&log, &["--seed", "8"], 1, "differs at step 0: weights of the hidden layer"),
        (&log[..5], &[], 1, "cannot be replayed: it ends 7 bytes before"),
    ] {
        let path = home.path().join("device.log");
        std::fs::write(&path, bytes).expect("writable");
        let output = Command::new(env!("CARGO_BIN_EXE_teeter"))
            .arg("replay")
            .arg(&path)
            .args(more)
            .output()
            .expect("the binary was built for this test");
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert!(said.contains(words), "{said}");
    }
}
