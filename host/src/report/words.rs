//! What happened, in sentences.

use crate::number::{decimal, exact};
use crate::record::{EDGE_BAND, Record, Run, RunSummary, summarize};

/// How a run ended with respect to its edge, over its last quarter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    /// Every measurement in the band.
    Stayed,
    /// The median in the band.
    Around,
    Beyond,
    Left,
    Below,
}

fn ending(run: &RunSummary) -> Ending {
    let in_band = |ratio: f64| (ratio - 1.0).abs() <= EDGE_BAND;
    if in_band(run.ratio_tail_min) && in_band(run.ratio_tail_max) {
        Ending::Stayed
    } else if in_band(run.ratio) {
        Ending::Around
    } else if run.ratio > 1.0 {
        Ending::Beyond
    } else if run.first_step_at_edge.is_some() {
        Ending::Left
    } else {
        Ending::Below
    }
}

/// What the columns of the table mean.
pub(crate) fn legend() -> String {
    format!(
        "λ₁ is the median over the last quarter of the steps, ± the largest residual bound there. The edge is reached at the first \
         measurement with η·λ₁/2 ≥ {:.2}. Loss and accuracies are those of the last step.",
        1.0 - EDGE_BAND
    )
}

/// The answer of the whole experiment in one sentence.
pub(crate) fn headline(record: &Record) -> String {
    let runs = summarize(record).runs;
    let ended = |run: &&RunSummary| matches!(ending(run), Ending::Stayed | Ending::Around);
    let at_edge: Vec<_> = runs.iter().filter(ended).collect();
    let rates = |runs: &[&RunSummary]| {
        list(&runs.iter().map(|run| exact(run.learning_rate)).collect::<Vec<_>>())
    };
    if at_edge.is_empty() {
        "No run ended at its edge of stability: see below where each one stands.".to_owned()
    } else if at_edge.len() == runs.len() {
        let stayed = runs.iter().all(|run| ending(run) == Ending::Stayed);
        let end = if stayed { "stayed there" } else { "ended around it" };
        format!(
            "Trained at η = {}, the network reached the edge of stability, λ₁ = 2/η, and {end}.",
            rates(&at_edge)
        )
    } else {
        format!(
            "The network ended at the edge of stability, λ₁ = 2/η, at η = {}, but not at every learning rate tried.",
            rates(&at_edge)
        )
    }
}

/// What one run did, in the order in which it did it.
pub(crate) fn sentence(run: &RunSummary) -> String {
    let mut story = match run.first_step_at_edge {
        None => "stayed below the edge".to_owned(),
        Some(0) => "began at the edge or beyond".to_owned(),
        Some(step) => format!("reached the edge at step {step}"),
    };
    if run.ratio_max > 1.0 + EDGE_BAND {
        story +=
            &format!(", overshot to {} at step {}", decimal(run.ratio_max), run.ratio_max_step);
        story += &match run.instabilities {
            0 => String::new(),
            1 => " (1 instability in all)".to_owned(),
            count => format!(" ({count} instabilities in all)"),
        };
    }
    story += match ending(run) {
        Ending::Stayed => " and stayed within a twentieth of it",
        Ending::Around => " and ended around it",
        Ending::Beyond => " and ended beyond it",
        Ending::Left => " and ended below it",
        Ending::Below => "",
    };
    let advice = match ending(run) {
        Ending::Below => " More steps or a larger learning rate may bring it there.",
        _ => "",
    };
    format!(
        "η = {} {story}: over the last quarter η·λ₁/2 has the median {}, from {} to {}.{advice}",
        exact(run.learning_rate),
        decimal(run.ratio),
        decimal(run.ratio_tail_min),
        decimal(run.ratio_tail_max)
    )
}

/// Under the chart of the loss: on how many steps it rose.
pub(crate) fn rises(record: &Record) -> String {
    let of_run = |run: &Run| {
        let rose = run.losses.windows(2).filter(|pair| pair[1] > pair[0]).count();
        format!("{rose} at η = {}", exact(run.learning_rate))
    };
    format!(
        "At every step; at the edge it may leap from step to step and still fall in the long run. Steps on which it rose, of {}: {}.",
        record.configuration.steps,
        list(&record.runs.iter().map(of_run).collect::<Vec<_>>())
    )
}

/// Under the chart of the phases: what tells them apart.
pub(crate) fn phases() -> String {
    let (low, high) = (1.0 - EDGE_BAND, 1.0 + EDGE_BAND);
    format!(
        "Stable: η·λ₁/2 below {low:.2} and falling, or just begun. Progressive sharpening: below {low:.2} and not falling. Edge of \
         stability: {low:.2} and above, unless unstable. Instability: above {high:.2}, the loss higher than at the measurement before."
    )
}

/// "a, b and c".
pub(crate) fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [init @ .., last] => format!("{} and {last}", init.join(", ")),
    }
}
