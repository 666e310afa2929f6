//! Which charts a record gives.

use plotters::style::RGBColor;

use crate::number::exact;
use crate::record::{Estimate, Measurement, Phase, Record, Run, Traces};
use crate::report::axis::{Axis, Scale};
use crate::report::chart::{Chart, INK, Key, KeyStyle, Mark, Size};
use crate::report::words;

/// Okabe and Ito's colors, told apart by color-blind readers too. One per run, then over again.
const PALETTE: [RGBColor; 6] = [
    RGBColor(0x00, 0x72, 0xb2),
    RGBColor(0xd5, 0x5e, 0x00),
    RGBColor(0x00, 0x9e, 0x73),
    RGBColor(0xcc, 0x79, 0xa7),
    RGBColor(0xe6, 0x9f, 0x00),
    RGBColor(0x56, 0xb4, 0xe9),
];
const BEFORE: RGBColor = RGBColor(0x99, 0x99, 0x99);

pub(crate) fn color(run: usize) -> RGBColor {
    PALETTE[run % PALETTE.len()]
}

/// A chart and the sentence under it.
pub(crate) struct Figure {
    pub(crate) title: String,
    pub(crate) caption: String,
    pub(crate) chart: fn(&Record, usize, Size) -> Chart,
    /// Which run, for charts of a single one.
    pub(crate) run: usize,
}

impl Figure {
    fn of_all(title: &str, caption: &str, chart: fn(&Record, usize, Size) -> Chart) -> Self {
        Self { title: title.to_owned(), caption: caption.to_owned(), chart, run: 0 }
    }

    pub(crate) fn draw(&self, record: &Record, size: Size) -> Chart {
        (self.chart)(record, self.run, size)
    }
}

/// All charts of the page, the answer first.
pub(crate) fn figures(record: &Record) -> Vec<Figure> {
    let percent = record.configuration.confidence * 100.0;
    let mut all = vec![
        Figure::of_all(
            "Distance from the edge, η·λ₁/2",
            "At 1 the largest curvature λ₁ equals 2/η: gradient descent on a quadratic would just not diverge.",
            distance,
        ),
        Figure::of_all(
            "Sharpness λ₁",
            "Largest eigenvalue of the Hessian. Dashed: the threshold 2/η of each learning rate.",
            sharpness,
        ),
        Figure::of_all("Training loss", &words::rises(record), loss),
        Figure::of_all("Phases", &words::phases(), phases),
        Figure::of_all(
            "Trace of the Hessian, Tr H",
            &format!("Sum of all curvatures, by random probes. Band: {percent} % confidence."),
            trace,
        ),
        Figure::of_all(
            "Trace in the Fisher metric, Tr(G⁻¹H)",
            &format!(
                "The same in units that the gradients set: G is the running diagonal Fisher matrix, damped. As gradients \
                 shrink, so does G, and the ratio grows. Band: {percent} % confidence."
            ),
            trace_ratio,
        ),
        Figure::of_all(
            "Effective parameters",
            &format!(
                "Directions with curvature comparable to the largest: Tr |H|(|H| + αI)⁻¹ with α = λ₁/2, by Lanczos quadrature. \
                 Band: {percent} % confidence."
            ),
            effective,
        ),
        Figure::of_all(
            "Rotation of the top eigenvector",
            "Angle in degrees between the most curved direction now and one measurement before. Where two curvatures are nearly equal \
             the direction turns freely between them.",
            rotation,
        ),
        Figure::of_all(
            "Test error",
            "Share of unseen rows classified wrongly, in percent.",
            test_error,
        ),
    ];
    all.extend(record.runs.iter().enumerate().map(|(index, run)| Figure {
        title: format!("Spectrum before and after, η = {}", exact(run.learning_rate)),
        caption: "Ritz values of the Hessian from one random start; height: share of the spectral density. Dashed: 2/η."
            .to_owned(),
        chart: spectrum,
        run: index,
    }));
    all
}

fn steps_axis(record: &Record, size: Size) -> Axis {
    Axis::exactly(Scale::Linear, 0.0, record.configuration.steps as f64, size.x_ticks)
}

fn run_keys(record: &Record) -> Vec<Key> {
    let key = |(index, run): (usize, &Run)| Key {
        text: format!("η = {}", exact(run.learning_rate)),
        color: color(index),
        style: KeyStyle::Solid,
    };
    record.runs.iter().enumerate().map(key).collect()
}

/// Points of one quantity along a run, in places of the scale.
fn curve(run: &Run, scale: Scale, value: impl Fn(&Measurement) -> Option<f64>) -> Vec<(f64, f64)> {
    let point = |at: &Measurement| Some((at.step as f64, scale.place(value(at)?)?));
    run.measurements.iter().filter_map(point).collect()
}

fn heights(marks: &[Mark]) -> impl Iterator<Item = f64> {
    marks.iter().flat_map(|mark| match mark {
        Mark::Line { points, .. } | Mark::Stems { points, .. } => {
            points.iter().map(|&(_, y)| y).collect()
        }
        Mark::Band { lower, upper, .. } => lower.iter().chain(upper).map(|&(_, y)| y).collect(),
        Mark::Level { y, .. } => vec![*y],
        Mark::Box { from, to, .. } => vec![from.1, to.1],
        Mark::Upright { .. } => Vec::new(),
    })
}

fn along_training(
    record: &Record,
    size: Size,
    scale: Scale,
    title: &str,
    marks: Vec<Mark>,
) -> Chart {
    Chart {
        title: title.to_owned(),
        x_name: "step",
        x: steps_axis(record, size),
        y: Axis::around(scale, heights(&marks), size.y_ticks),
        marks,
        keys: run_keys(record),
        rows: Vec::new(),
    }
}

fn lines(record: &Record, scale: Scale, value: fn(&Measurement) -> Option<f64>) -> Vec<Mark> {
    let line = |(index, run): (usize, &Run)| Mark::Line {
        points: curve(run, scale, value),
        color: color(index),
    };
    record.runs.iter().enumerate().map(line).collect()
}

pub(crate) fn distance(record: &Record, _: usize, size: Size) -> Chart {
    let mut marks = vec![Mark::Level { y: 1.0, color: INK }];
    marks.extend(lines(record, Scale::Linear, |at| Some(at.ratio)));
    let mut chart = along_training(record, size, Scale::Linear, "distance from the edge", marks);
    chart.keys.push(Key { text: "edge".to_owned(), color: INK, style: KeyStyle::Dashed });
    chart
}

fn sharpness(record: &Record, _: usize, size: Size) -> Chart {
    let level = |(index, run): (usize, &Run)| Mark::Level { y: run.threshold, color: color(index) };
    let mut marks: Vec<_> = record.runs.iter().enumerate().map(level).collect();
    marks.extend(lines(record, Scale::Linear, |at| Some(at.sharpness.value)));
    let mut chart = along_training(record, size, Scale::Linear, "sharpness", marks);
    chart.keys.push(Key { text: "2/η".to_owned(), color: INK, style: KeyStyle::Dashed });
    chart
}

fn loss(record: &Record, _: usize, size: Size) -> Chart {
    let line = |(index, run): (usize, &Run)| Mark::Line {
        points: thinned(&run.losses, size.width as usize),
        color: color(index),
    };
    let marks = record.runs.iter().enumerate().map(line).collect();
    along_training(record, size, Scale::Log, "loss", marks)
}

/// Least and greatest of each of `count` stretches, so that no spike is lost and no pixel drawn twice.
fn thinned(losses: &[f64], count: usize) -> Vec<(f64, f64)> {
    let stretch = losses.len().div_ceil(count).max(1);
    let mut points = Vec::new();
    for (index, values) in losses.chunks(stretch).enumerate() {
        let step = (index * stretch) as f64;
        let least = values.iter().copied().fold(f64::INFINITY, f64::min);
        let greatest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        points.extend(Scale::Log.place(greatest).map(|place| (step, place)));
        if least < greatest {
            points.extend(Scale::Log.place(least).map(|place| (step, place)));
        }
    }
    points
}

fn banded(record: &Record, scale: Scale, value: fn(&Traces) -> &Estimate) -> Vec<Mark> {
    let band = |(index, run): (usize, &Run)| {
        let part = |part: fn(&Estimate) -> f64| {
            curve(run, scale, |at| at.traces.as_ref().map(|traces| part(value(traces))))
        };
        let color = color(index);
        let (lower, upper) = (part(|estimate| estimate.lower), part(|estimate| estimate.upper));
        [
            Mark::Band { lower, upper, color },
            Mark::Line { points: part(|estimate| estimate.value), color },
        ]
    };
    record.runs.iter().enumerate().flat_map(band).collect()
}

fn trace(record: &Record, _: usize, size: Size) -> Chart {
    let marks = banded(record, Scale::Linear, |traces| &traces.trace);
    along_training(record, size, Scale::Linear, "trace", marks)
}

fn trace_ratio(record: &Record, _: usize, size: Size) -> Chart {
    let marks = banded(record, Scale::Log, |traces| &traces.trace_ratio);
    along_training(record, size, Scale::Log, "trace in the Fisher metric", marks)
}

fn effective(record: &Record, _: usize, size: Size) -> Chart {
    let marks = banded(record, Scale::Linear, |traces| &traces.effective_parameters);
    along_training(record, size, Scale::Linear, "effective parameters", marks)
}

fn rotation(record: &Record, _: usize, size: Size) -> Chart {
    let marks = lines(record, Scale::Linear, |at| at.rotation);
    along_training(record, size, Scale::Linear, "rotation", marks)
}

fn test_error(record: &Record, _: usize, size: Size) -> Chart {
    let marks = lines(record, Scale::Log, |at| Some(100.0 * (1.0 - at.test_accuracy)));
    along_training(record, size, Scale::Log, "test error", marks)
}

pub(crate) const PHASES: [(Phase, RGBColor); 4] = [
    (Phase::Stable, RGBColor(0xbb, 0xbb, 0xbb)),
    (Phase::Sharpening, RGBColor(0x88, 0xc0, 0xe8)),
    (Phase::Edge, RGBColor(0x2c, 0xa0, 0x5a)),
    (Phase::Unstable, RGBColor(0xd6, 0x45, 0x3d)),
];

fn phases(record: &Record, _: usize, size: Size) -> Chart {
    let count = record.runs.len() as f64;
    let mut marks = Vec::new();
    let mut rows = Vec::new();
    for (index, run) in record.runs.iter().enumerate() {
        let middle = count - index as f64 - 0.5;
        rows.push((middle, format!("η = {}", exact(run.learning_rate))));
        let stretches = run.measurements.chunk_by(|one, next| one.phase == next.phase);
        let starts = stretches.filter_map(|stretch| stretch.first());
        let ends = starts.clone().skip(1).map(|at| at.step).chain([record.configuration.steps]);
        for (at, end) in starts.zip(ends) {
            let color = PHASES
                .iter()
                .find(|(phase, _)| *phase == at.phase)
                .map_or(INK, |(_, color)| *color);
            let (from, to) = ((at.step as f64, middle - 0.35), (end as f64, middle + 0.35));
            marks.push(Mark::Box { from, to, color });
        }
    }
    let occurs =
        |phase| record.runs.iter().flat_map(|run| &run.measurements).any(|at| at.phase == phase);
    let keys = PHASES.into_iter().filter(|(phase, _)| occurs(*phase)).map(|(phase, color)| Key {
        text: phase.name().to_owned(),
        color,
        style: KeyStyle::Block,
    });
    Chart {
        title: "phases".to_owned(),
        x_name: "step",
        x: steps_axis(record, size),
        y: Axis { scale: Scale::Linear, low: 0.0, high: count.max(1.0), ticks: Vec::new() },
        marks,
        keys: keys.collect(),
        rows,
    }
}

fn spectrum(record: &Record, index: usize, size: Size) -> Chart {
    let empty = Chart {
        title: "spectrum".to_owned(),
        x_name: "curvature (eigenvalue of the Hessian)",
        x: Axis::exactly(Scale::Linear, 0.0, 1.0, size.x_ticks),
        y: Axis::exactly(Scale::Log, -6.0, 0.0, size.y_ticks),
        marks: Vec::new(),
        keys: Vec::new(),
        rows: Vec::new(),
    };
    let Some(run) = record.runs.get(index) else { return empty };
    // Below a millionth of the density a node is a residue of rounding.
    let floor = 1e-6;
    let points = |spectrum: &crate::record::Spectrum| -> Vec<(f64, f64)> {
        let pairs = spectrum.values.iter().zip(&spectrum.weights);
        pairs
            .filter_map(|(&value, &weight)| Some((value, Scale::Log.place(weight.max(floor))?)))
            .collect()
    };
    let (before, after) = (points(&run.before), points(&run.after));
    let places = before.iter().chain(&after).map(|&(x, _)| x).chain([0.0, run.threshold]);
    let key = |text: &str, color, style| Key { text: text.to_owned(), color, style };
    Chart {
        x: Axis::around(Scale::Linear, places, size.x_ticks),
        keys: vec![
            key(&format!("step {}", run.before.step), BEFORE, KeyStyle::Solid),
            key(&format!("step {}", run.after.step), color(index), KeyStyle::Solid),
            key("2/η", INK, KeyStyle::Dashed),
        ],
        marks: vec![
            Mark::Upright { x: run.threshold, color: INK },
            Mark::Stems { points: before, color: BEFORE },
            Mark::Stems { points: after, color: color(index) },
        ],
        ..empty
    }
}
