//! Does training reach the edge of stability, and what is found there?
//!
//! The same network is trained from the same start at several learning rates, each measured along the way. Runs share nothing but
//! the data, so neither their number nor the threads can change a bit of any of them.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::config::{DataSource, EdgeConfig, RowOrder};
use crate::data::{Dataset, LabelColumn, digits, read, shuffled, split};
use crate::error::{Divergence, HostError};
use crate::record::{Configuration, Glance, Measurement, Record, Run, Watch};
use crate::train::{
    CONFIDENCE, Descent, FISHER_DAMPING, FISHER_DECAY, PROBES, Problem, Schedule, shuffle_below,
};

/// Runs the experiment. Nothing is written.
///
/// # Errors
/// [`HostError`]: a setting outside its range, faulty data, [`HostError::Diverged`] with every run that did.
pub fn edge(config: &EdgeConfig, watch: &dyn Watch) -> Result<Record, HostError> {
    config.check()?;
    let data = load(config)?;
    let split = split(&data, config.train_rows(data.rows()))?;
    let (train_rows, test_rows) = (split.train.rows(), split.test.rows());
    let schedule = Schedule { steps: config.steps, measure_every: config.measure_every };
    let problem = Problem::new(split, &config.network, config.seed);
    let configuration = Configuration {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        data: data.name,
        label_column: match &config.label_column {
            LabelColumn::Last => None,
            LabelColumn::Number(number) => Some(number.to_string()),
            LabelColumn::Name(name) => Some(name.clone()),
        },
        order: config.order,
        train_rows,
        test_rows,
        features: data.columns,
        classes: data.classes,
        network: config.network.clone(),
        parameters: problem.parameters(),
        rates: config.rates.clone(),
        steps: config.steps,
        measure_every: config.measure_every,
        trace_every: schedule.trace_every(),
        seed: config.seed,
        confidence: CONFIDENCE,
        probes: PROBES,
        fisher_decay: FISHER_DECAY,
        fisher_damping: FISHER_DAMPING,
    };
    Ok(Record { configuration, runs: train_all(config, &problem, schedule, watch)? })
}

fn load(config: &EdgeConfig) -> Result<Dataset, HostError> {
    let data = match &config.data {
        DataSource::Digits => digits()?,
        DataSource::File(path) => read(path, &config.label_column)?,
    };
    Ok(match config.order {
        RowOrder::AsGiven => data,
        RowOrder::Shuffled => shuffled(&data, shuffle_below(config.seed)),
    })
}

/// The runs not being worked on, and those at their end.
struct Board {
    waiting: VecDeque<(usize, Descent)>,
    finished: Vec<(usize, Run)>,
    diverged: Vec<Divergence>,
    failed: Option<HostError>,
}

/// Every run goes on for one stretch, then waits at the end of the queue: any number of runs keeps any number of threads busy to
/// the end, where a thread per run would leave some idle.
fn train_all(
    config: &EdgeConfig,
    problem: &Problem,
    schedule: Schedule,
    watch: &dyn Watch,
) -> Result<Vec<Run>, HostError> {
    let start = |(index, &rate): (usize, &f64)| Ok((index, Descent::new(problem, rate, schedule)?));
    let waiting = config.rates.iter().enumerate().map(start).collect::<Result<_, HostError>>()?;
    let board =
        Mutex::new(Board { waiting, finished: Vec::new(), diverged: Vec::new(), failed: None });
    let available = thread::available_parallelism().map_or(1, usize::from);
    let threads = config.threads.unwrap_or(available).min(config.rates.len());
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| while work(&board, problem, watch) {});
        }
    });
    let mut board = board.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let Some(error) = board.failed {
        return Err(error);
    }
    if !board.diverged.is_empty() {
        board.diverged.sort_by(|one, other| one.learning_rate.total_cmp(&other.learning_rate));
        return Err(HostError::Diverged(board.diverged));
    }
    board.finished.sort_by_key(|(index, _)| *index);
    Ok(board.finished.into_iter().map(|(_, run)| run).collect())
}

/// Takes one run one stretch further; `false` when there is nothing left to take.
fn work(board: &Mutex<Board>, problem: &Problem, watch: &dyn Watch) -> bool {
    let lock = || board.lock().unwrap_or_else(PoisonError::into_inner);
    let Some((index, mut descent)) = lock().waiting.pop_front() else { return false };
    let outcome = descent.advance(problem);
    if let Some(latest) = descent.latest() {
        let &Measurement { step, loss, ratio, .. } = latest;
        watch.at(Glance { run: index, step, loss, ratio });
    }
    let mut board = lock();
    match outcome {
        Ok(()) if descent.is_finished() => {
            watch.ended(index);
            board.finished.extend(descent.into_run().map(|run| (index, run)));
        }
        Ok(()) => board.waiting.push_back((index, descent)),
        Err(HostError::Diverged(divergences)) => {
            // The others run on: whoever lowers one learning rate wants to know about all of them.
            watch.ended(index);
            board.diverged.extend(divergences);
        }
        Err(error) => {
            board.failed = Some(error);
            board.waiting.clear();
        }
    }
    true
}
