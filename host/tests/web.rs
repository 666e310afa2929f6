//! What the page trains is what the laboratory trains.

use std::path::PathBuf;

use teeter::objective;
use teeter::{Error, Machine};
use teeter_host::config::{Activation, DataSource, EdgeConfig, Loss, Network, RowOrder};
use teeter_host::data::{LabelColumn, digits};
use teeter_host::experiment::edge;
use teeter_host::record::Silent;
use teeter_web::numbers::{self, CONFIG_LEN};
use teeter_web::{Config, Data, Rule, Survey, Trainer, data_len, survey_len, trainer_len};

const RATE: f64 = 0.5;
const STEPS: usize = 40;

fn config() -> Config {
    Config {
        seed: 3,
        train: 300,
        test: 1497,
        batch: 300,
        widths: [64, 16, 12, 10, 0, 0],
        activation: objective::Activation::Tanh,
        loss: objective::Loss::HalfSquared,
        rule: Rule::GradientDescent,
        learning_rate: RATE,
    }
}

/// The digits as the page has them: bytes.
fn rows() -> (Vec<u8>, Vec<u8>) {
    let digits = digits().expect("the digits");
    let byte = |&x: &f64| {
        assert!((0.0..=16.0).contains(&x) && x.fract() == 0.0, "{x} is no value of a pixel");
        x as u8
    };
    let labels = digits.labels.iter().map(|&label| u8::try_from(label).expect("a digit"));
    (digits.features.iter().map(byte).collect(), labels.collect())
}

/// The promise of equal bits is that of strict arithmetic.
fn strict() -> impl Iterator<Item = Machine> {
    Machine::present().filter(|machine| !machine.is_fused())
}

/// Trains on one machine and hands the trainer over.
fn on<X>(machine: Machine, config: &Config, then: impl FnOnce(Data<'_>, Trainer<'_>) -> X) -> X {
    let (pixels, labels) = rows();
    let count = config.train + config.test;
    let (pixels, labels) = (&pixels[..count * config.columns()], &labels[..count]);
    let mut memory = vec![f64::NAN; data_len(config)];
    let data = Data::new(config, pixels, labels, &mut memory).expect("data");
    let mut memory = vec![f64::NAN; trainer_len(config)];
    let trainer = Trainer::new(machine, config, data, &mut memory).expect("a trainer");
    then(data, trainer)
}

#[test]
fn losses_are_those_of_the_laboratory_to_the_bit() {
    let config = config();
    let asked = EdgeConfig {
        data: DataSource::Digits,
        label_column: LabelColumn::Last,
        order: RowOrder::AsGiven,
        train: Some(config.train),
        network: Network {
            hidden: vec![16, 12],
            activation: Activation::Tanh,
            loss: Loss::HalfSquared,
        },
        rates: vec![RATE],
        steps: STEPS,
        measure_every: 20,
        seed: config.seed,
        threads: Some(1),
        out: PathBuf::new(),
    };
    let record = edge(&asked, &Silent).expect("a record");
    let run = record.runs.first().expect("one run");
    for machine in strict() {
        on(machine, &config, |_, mut trainer| {
            let step = |_| trainer.step().expect("a step");
            let reports: Vec<_> = (0..=STEPS).map(step).collect();
            let losses: Vec<_> = reports.iter().map(|report| report.loss).collect();
            assert_eq!(losses, run.losses, "{}", machine.name());
            // The laboratory's λ₁ by 16 products of Lanczos: the tracker's two products a step come close to it.
            for at in &run.measurements {
                let tracked = reports[at.step].sharpness;
                let lower = tracked.measured - tracked.measured_residual;
                let (value, residual) = (at.sharpness.value, at.sharpness.residual);
                assert!(lower <= value + residual, "step {}: {lower}, {value}", at.step);
                assert_eq!(at.train_accuracy, reports[at.step].accuracy);
            }
        });
    }
}

/// Everything a survey and a step tell, and the parameters behind them, on every machine; with mini-batches and momentum too.
#[test]
fn trainings_and_surveys_have_the_same_bits_on_every_machine() {
    let batches = Config { train: 100, test: 50, batch: 30, rule: Rule::Nesterov(0.5), ..config() };
    for config in [Config { test: 97, ..config() }, batches] {
        let mut first = None;
        for machine in strict() {
            let bits = on(machine, &config, |data, mut trainer| {
                let mut numbers = Vec::new();
                for _ in 0..12 {
                    numbers.extend(numbers::step(&trainer.step().expect("a step")));
                }
                trainer.set_learning_rate(0.9).expect("another rate");
                let mut memory = vec![f64::NAN; survey_len(&config)];
                let snapshot = trainer.snapshot();
                let mut survey =
                    Survey::new(machine, &config, data, snapshot, &mut memory).expect("a survey");
                while survey.advance(5).expect("products").left > 0 {
                    numbers.extend(numbers::step(&trainer.step().expect("a step")));
                }
                numbers.extend(numbers::survey(&survey.report().expect("a report")));
                let mut curves = [[0.0; 32]; 3];
                survey
                    .spectrum_into(curves.each_mut().map(|curve| &mut curve[..]))
                    .expect("curves");
                numbers.extend(curves.as_flattened());
                (numbers.iter().map(|x| x.to_bits()).collect::<Vec<_>>(), trainer.hash())
            });
            let expected = first.get_or_insert_with(|| bits.clone());
            assert_eq!(*expected, bits, "{}", machine.name());
        }
    }
}

/// Products for λ₁ and surveys watch; they move nothing.
#[test]
fn a_survey_does_not_change_the_training() {
    let config = Config { train: 60, test: 20, batch: 60, ..config() };
    let machine = Machine::detect();
    let alone = on(machine, &config, |_, mut trainer| {
        for _ in 0..10 {
            trainer.step().expect("a step");
        }
        trainer.hash()
    });
    let watched = on(machine, &config, |data, mut trainer| {
        let mut memory = vec![0.0; survey_len(&config)];
        for _ in 0..10 {
            let snapshot = trainer.snapshot();
            let mut survey =
                Survey::new(machine, &config, data, snapshot, &mut memory).expect("a survey");
            while survey.advance(100).expect("products").left > 0 {}
            let report = survey.report().expect("a report");
            assert!(report.trace_ratio.lower < report.trace_ratio.upper, "an interval");
            trainer.step().expect("a step");
        }
        trainer.hash()
    });
    assert_eq!(alone, watched);
}

#[test]
fn a_divergence_is_told_and_stays_told() {
    let config = Config { train: 60, test: 20, batch: 60, ..config() };
    on(Machine::detect(), &config, |data, mut trainer| {
        trainer.set_learning_rate(1e6).expect("a rate");
        let end = (0..100).find_map(|_| trainer.step().err()).expect("a divergence");
        let (hash, again) = (trainer.hash(), trainer.step().expect_err("still diverged"));
        assert!(Trainer::is_divergence(&end) && again == end, "{end}, then {again}");
        assert_eq!(trainer.hash(), hash, "the parameters stay");
        let refused = trainer.set_learning_rate(-1.0).expect_err("a negative rate");
        assert!(!Trainer::is_divergence(&refused), "{refused}");
        let mut memory = vec![0.0; survey_len(&config) - 1];
        let snapshot = trainer.snapshot();
        let short = Survey::new(Machine::detect(), &config, data, snapshot, &mut memory);
        assert!(matches!(short, Err(Error::Short { .. })), "an element too few");
    });
}

#[test]
fn refusals_name_the_number() {
    let good = [0.0, 60.0, 20.0, 60.0, 64.0, 10.0, 0.0, 0.0, 0.0, 0.9, 0.3, 32.0, 32.0, 0.0, 0.0];
    assert!(numbers::config(&good).is_ok(), "the numbers of the page");
    let spoilt: [(usize, f64, &str); 14] = [
        (0, 0.5, "seed"),
        (1, 0.0, "train"),
        (1, f64::NAN, "train"),
        (2, -1.0, "test"),
        (3, 61.0, "batch"),
        (4, 1e9, "width"),
        (4, 0.0, "columns"),
        (5, 0.0, "classes"),
        (6, 4.0, "activation"),
        (7, 2.0, "loss"),
        (8, 3.0, "rule"),
        (10, 0.0, "learning_rate"),
        (10, f64::INFINITY, "learning_rate"),
        (11, 1e300, "width"),
    ];
    for (place, value, name) in spoilt {
        let mut numbers: [f64; CONFIG_LEN] = good;
        numbers[place] = value;
        let error = numbers::config(&numbers).expect_err(name);
        assert!(error.to_string().contains(name), "{error}, for {name}");
    }
    let config = numbers::config(&good).expect("good numbers");
    let short = Data::new(&config, &[0; 5], &[0; 80], &mut []).expect_err("too few pixels");
    assert!(short.to_string().contains("5120"), "{short}");
    let pixels = vec![0; 80 * 64];
    let mut memory = vec![0.0; data_len(&config)];
    let label = Data::new(&config, &pixels, &[10; 80], &mut memory).expect_err("no such class");
    assert!(label.to_string().contains("10"), "{label}");
}
