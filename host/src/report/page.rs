//! `report.html`: one file that needs nothing else.

use std::fmt::Write;

use crate::config::{Activation, Loss, RowOrder};
use crate::error::HostError;
use crate::number::exact;
use crate::record::{Configuration, Record, RunSummary, summarize};
use crate::report::chart::{NARROW, Size, WIDE, svg};
use crate::report::figures::{Figure, color, figures};
use crate::report::{table, words};

const STYLE: &str = include_str!("page.css");

/// How every page begins, and no other file.
pub(crate) const OPENING: &str = "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
    <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>teeter: ";

/// The page, complete.
pub(crate) fn page(record: &Record) -> Result<String, HostError> {
    let summary = summarize(record);
    let headline = words::headline(record);
    let mut charts = String::new();
    for figure in figures(record) {
        charts.push_str(&figure_html(record, &figure)?);
    }
    Ok(format!(
        "{OPENING}the edge of stability</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <header>\n<p class=\"kicker\">teeter edge · {data}</p>\n<h1>{headline}</h1>\n{sentences}</header>\n\
         <main>\n<h2>Result</h2>\n{result}\
         <h2>Along the way</h2>\n<div class=\"figures\">\n{charts}</div>\n\
         <h2>How it was done</h2>\n{configuration}</main>\n\
         <footer>\n<h2>To repeat it</h2>\n<pre><code>{command}</code></pre>\n\
         <p>The same version and flags give the same record, bit for bit. Every number shown here is in \
         <code>record.jsonl</code> beside this page.</p>\n</footer>\n</body>\n</html>\n",
        data = escape(&summary.configuration.data),
        // The threshold is one word.
        headline = escape(&headline).replace("λ₁ = 2/η", "<span class=\"word\">λ₁ = 2/η</span>"),
        sentences = sentences_html(&summary.runs),
        result = result_html(&summary.runs),
        configuration = configuration_html(&summary.configuration),
        command = escape(command(&summary.configuration)),
    ))
}

fn figure_html(record: &Record, figure: &Figure) -> Result<String, HostError> {
    let draw = |class: &str, size: Size| {
        let text = svg(&figure.draw(record, size), size)?;
        let opening = format!(
            "<svg class=\"{class}\" role=\"img\" aria-label=\"{}\" ",
            escape(&figure.title)
        );
        Ok::<_, HostError>(text.replacen("<svg ", &opening, 1))
    };
    Ok(format!(
        "<figure>\n<h3>{}</h3>\n{}{}<figcaption>{}</figcaption>\n</figure>\n",
        escape(&figure.title),
        draw("wide", WIDE)?,
        draw("narrow", NARROW)?,
        escape(&figure.caption)
    ))
}

fn swatch(run: usize) -> String {
    let color = color(run);
    format!(
        "<span class=\"swatch\" style=\"background:#{:02X}{:02X}{:02X}\"></span>",
        color.0, color.1, color.2
    )
}

fn sentences_html(runs: &[RunSummary]) -> String {
    let item = |run| format!("<li>{}</li>\n", escape(words::sentence(run)));
    format!("<ul>\n{}</ul>\n", runs.iter().map(item).collect::<String>())
}

fn result_html(runs: &[RunSummary]) -> String {
    let header: String =
        table::HEADER.iter().map(|name| format!("<th>{}</th>", escape(name))).collect();
    let mut rows = String::new();
    for (index, run) in runs.iter().enumerate() {
        let mut cells = String::new();
        for (column, (name, cell)) in table::HEADER.iter().zip(table::row(run)).enumerate() {
            let swatch = if column == 0 { swatch(index) } else { String::new() };
            // On a narrow screen a row becomes a block, and each cell carries its own heading.
            // Writing to a string cannot fail.
            let _ = write!(
                cells,
                "<td data-name=\"{}\"><span>{swatch}{}</span></td>",
                escape(name),
                escape(cell)
            );
        }
        let _ = writeln!(rows, "<tr>{cells}</tr>");
    }
    format!(
        "<table>\n<thead><tr>{header}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n\
         <p class=\"kicker\">{}</p>\n",
        escape(words::legend())
    )
}

fn configuration_html(configuration: &Configuration) -> String {
    let c = configuration;
    let order = match c.order {
        RowOrder::AsGiven => "in the order of the source",
        RowOrder::Shuffled => "shuffled by the seed",
    };
    let loss = match c.network.loss {
        Loss::HalfSquared => "½‖f − onehot‖², averaged over the training rows",
        Loss::CrossEntropy => "cross-entropy of the softmax, averaged over the training rows",
    };
    let entries = [
        (
            "Data",
            format!(
                "{}: {} rows to train on, {} to test on, {order}; {} features, standardized on the training rows; {} classes",
                c.data,
                c.train_rows,
                c.test_rows,
                c.features,
                c.classes.len()
            ),
        ),
        ("Network", format!("{}, {} parameters", layers(c), c.parameters)),
        ("Loss", loss.to_owned()),
        (
            "Training",
            format!("full-batch gradient descent in f64, {} steps, seed {}", c.steps, c.seed),
        ),
        (
            "Sharpness",
            format!(
                "every {} steps, by Lanczos on the exact Hessian product, started near the eigenvector found before",
                c.measure_every
            ),
        ),
        (
            "Traces",
            format!(
                "every {} steps, {} random sign probes each; {} % confidence intervals",
                c.trace_every,
                c.probes,
                c.confidence * 100.0
            ),
        ),
        (
            "G",
            format!(
                "diagonal empirical Fisher matrix, running mean that keeps {} at each measurement, plus {} times its mean entry; \
                 with that addition Tr(G⁻¹H) is invariant under a change of parameters only nearly",
                c.fisher_decay, c.fisher_damping
            ),
        ),
        ("Version", c.version.clone()),
    ];
    let entry =
        |(name, text): &(&str, String)| format!("<dt>{name}</dt><dd>{}</dd>\n", escape(text));
    format!("<dl>\n{}</dl>\n", entries.iter().map(entry).collect::<String>())
}

fn layers(configuration: &Configuration) -> String {
    let inner = configuration.network.hidden.iter().map(ToString::to_string);
    let widths: Vec<_> = [configuration.features.to_string()]
        .into_iter()
        .chain(inner)
        .chain([configuration.classes.len().to_string()])
        .collect();
    format!("{} {}", widths.join("–"), activation_name(configuration.network.activation))
}

fn activation_name(activation: Activation) -> &'static str {
    match activation {
        Activation::Tanh => "tanh",
        Activation::Relu => "relu",
        Activation::Softplus => "softplus",
        Activation::Identity => "identity",
    }
}

/// The flags that give this record again.
fn command(configuration: &Configuration) -> String {
    let c = configuration;
    let join = |items: Vec<String>| items.join(",");
    let mut text = "teeter edge".to_owned();
    if c.data != "digits" {
        text += &format!(" --data {}", quoted(&c.data));
    }
    if let Some(column) = &c.label_column {
        text += &format!(" --label-column {}", quoted(column));
    }
    if c.order == RowOrder::Shuffled {
        text += " --shuffle";
    }
    let loss = match c.network.loss {
        Loss::HalfSquared => "half-squared",
        Loss::CrossEntropy => "cross-entropy",
    };
    text += &format!(
        " --train {} --hidden {} --activation {} --loss {loss} --rates {} --steps {} --measure-every {} --seed {}",
        c.train_rows,
        join(c.network.hidden.iter().map(ToString::to_string).collect()),
        activation_name(c.network.activation),
        join(c.rates.iter().map(|&rate| exact(rate)).collect()),
        c.steps,
        c.measure_every,
        c.seed
    );
    text
}

/// As a shell takes it for one word.
fn quoted(word: &str) -> String {
    let plain = |letter: char| letter.is_alphanumeric() || "._-/".contains(letter);
    if word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

fn escape(text: impl AsRef<str>) -> String {
    let mut out = String::new();
    for letter in text.as_ref().chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            other => out.push(other),
        }
    }
    out
}
