//! The experiment without its command.

use std::path::PathBuf;
use std::sync::Mutex;

use teeter_host::config::{Activation, DataSource, EdgeConfig, Loss, Network, RowOrder};
use teeter_host::data::LabelColumn;
use teeter_host::experiment::edge;
use teeter_host::record::{Glance, Watch};

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
