//! The experiment without its command.

use std::path::PathBuf;
use std::sync::Mutex;

use teeter_host::config::{Activation, DataSource, EdgeConfig, Loss, Network, RowOrder};
use teeter_host::data::LabelColumn;
use teeter_host::experiment::edge;
use teeter_host::record::{Glance, Phase, Silent, Watch, summarize};

fn small(rates: Vec<f64>) -> EdgeConfig {
    EdgeConfig {
        data: DataSource::Digits,
        label_column: LabelColumn::Last,
        order: RowOrder::AsGiven,
        train: Some(100),
        network: Network { hidden: vec![8], activation: Activation::Tanh, loss: Loss::HalfSquared },
        rates,
        steps: 25,
        measure_every: 10,
        seed: 0,
        threads: Some(2),
        out: PathBuf::new(),
    }
}

struct Notes(Mutex<Vec<Glance>>);

impl Watch for Notes {
    fn at(&self, glance: Glance) {
        self.0.lock().expect("nobody panics").push(glance);
    }

    fn ended(&self, _: usize) {}
}

#[test]
fn a_glance_is_a_measurement_with_the_step_it_was_taken_at() {
    let notes = Notes(Mutex::new(Vec::new()));
    let record = edge(&small(vec![0.2, 0.5]), &notes).expect("a record");
    let glances = notes.0.into_inner().expect("nobody panics");
    for (index, run) in record.runs.iter().enumerate() {
        let seen = glances.iter().filter(|glance| glance.run == index);
        let seen: Vec<_> = seen.map(|glance| (glance.step, glance.loss, glance.ratio)).collect();
        let measured: Vec<_> =
            run.measurements.iter().map(|at| (at.step, at.loss, at.ratio)).collect();
        assert_eq!(seen, measured);
        assert!(
            seen.iter().all(|&(step, loss, _)| run.losses.get(step) == Some(&loss)),
            "the loss is that of the step"
        );
    }
}

#[test]
fn the_summary_and_the_phases_agree_on_the_edge() {
    let config = EdgeConfig { steps: 60, measure_every: 3, ..small(vec![0.3, 0.46, 0.9]) };
    let record = edge(&config, &Silent).expect("a record");
    let mut in_between = 0;
    for (run, summary) in record.runs.iter().zip(summarize(&record).runs) {
        let first =
            run.measurements.iter().find(|at| matches!(at.phase, Phase::Edge | Phase::Unstable));
        assert_eq!(
            summary.first_step_at_edge,
            first.map(|at| at.step),
            "η = {}",
            run.learning_rate
        );
        in_between += usize::from(first.is_some_and(|at| at.ratio < 1.0));
    }
    assert!(in_between > 0, "in one run at least, 0.95 and 1 give different steps");
}
