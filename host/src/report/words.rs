//! What happened, in sentences.

use crate::number::{decimal, exact};
use crate::record::{Record, RunSummary, summarize};

/// A run is at the edge when the median of λ₁ over its last quarter is within a twentieth of 2/η.
const AT_EDGE: f64 = 0.05;

/// How a run ended with respect to its threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    AtEdge,
    Beyond,
    Left,
    Below,
}

fn ending(run: &RunSummary) -> Ending {
    if (run.ratio - 1.0).abs() <= AT_EDGE {
        Ending::AtEdge
    } else if run.ratio > 1.0 {
        Ending::Beyond
    } else if run.first_step_at_edge.is_some() {
        Ending::Left
    } else {
        Ending::Below
    }
}

/// The answer of the whole experiment in one sentence.
pub(crate) fn headline(record: &Record) -> String {
    let runs = summarize(record).runs;
    let at_edge: Vec<_> = runs.iter().filter(|run| ending(run) == Ending::AtEdge).collect();
    let rates = |runs: &[&RunSummary]| {
        list(&runs.iter().map(|run| exact(run.learning_rate)).collect::<Vec<_>>())
    };
    if at_edge.is_empty() {
        "No run ended at its edge of stability: see below where each one stands.".to_owned()
    } else if at_edge.len() == runs.len() {
        format!(
            "Trained at η = {}, the network sharpened until it reached the edge of stability, λ₁ = 2/η, and stayed there.",
            rates(&at_edge)
        )
    } else {
        format!(
            "The network ended at the edge of stability, λ₁ = 2/η, at η = {}, but not at every learning rate tried.",
            rates(&at_edge)
        )
    }
}

/// One sentence or two per run.
pub(crate) fn sentence(run: &RunSummary) -> String {
    let reached = |step: usize| format!("reached the edge at step {step}");
    let ratio = decimal(run.ratio);
    let story = match (ending(run), run.first_step_at_edge) {
        (Ending::AtEdge, Some(step)) => {
            format!(
                "{} and stayed: η·λ₁/2 has the median {ratio} over the last quarter",
                reached(step)
            )
        }
        (Ending::AtEdge, None) => {
            format!(
                "came within a twentieth of the edge: η·λ₁/2 has the median {ratio} over the last quarter"
            )
        }
        (Ending::Beyond, _) => {
            format!("went beyond the edge: η·λ₁/2 has the median {ratio} over the last quarter")
        }
        (Ending::Left, Some(step)) => {
            format!(
                "{} and left it again: η·λ₁/2 has the median {ratio} over the last quarter",
                reached(step)
            )
        }
        (Ending::Left | Ending::Below, _) => format!(
            "stayed below the edge: η·λ₁/2 has the median {ratio} over the last quarter. More steps or a larger \
             learning rate would bring it closer"
        ),
    };
    format!("η = {} {story}.", exact(run.learning_rate))
}

/// "a, b and c".
pub(crate) fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [init @ .., last] => format!("{} and {last}", init.join(", ")),
    }
}
