//! Charts as SVG text: lines, bands, stems and strips in plain colors that a style sheet may replace.

use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;

use crate::error::HostError;
use crate::report::axis::Axis;

/// Text and axes. The page's style sheet maps these two to light or dark.
pub(crate) const INK: RGBColor = RGBColor(0x33, 0x33, 0x33);
const GRID: RGBColor = RGBColor(0xdd, 0xdd, 0xdd);

type Panel<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Plot<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;
type Outcome = Result<(), DrawingAreaErrorKind<<SVGBackend<'static> as DrawingBackend>::ErrorType>>;

/// Pixels of a chart, and how many numbers fit along it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) x_ticks: usize,
    pub(crate) y_ticks: usize,
}

/// For a column of a wide page.
pub(crate) const WIDE: Size = Size { width: 600, height: 340, x_ticks: 6, y_ticks: 6 };
/// For a telephone.
pub(crate) const NARROW: Size = Size { width: 360, height: 270, x_ticks: 4, y_ticks: 5 };

/// What is drawn, in the places of both axes. Later marks lie over earlier ones.
#[derive(Clone, Debug)]
pub(crate) enum Mark {
    Line {
        points: Vec<(f64, f64)>,
        color: RGBColor,
    },
    /// From the lower to the upper curve.
    Band {
        lower: Vec<(f64, f64)>,
        upper: Vec<(f64, f64)>,
        color: RGBColor,
    },
    /// A dashed level across the whole width.
    Level {
        y: f64,
        color: RGBColor,
    },
    /// A dashed line from bottom to top.
    Upright {
        x: f64,
        color: RGBColor,
    },
    /// From the bottom of the chart up to the point.
    Stems {
        points: Vec<(f64, f64)>,
        color: RGBColor,
    },
    Box {
        from: (f64, f64),
        to: (f64, f64),
        color: RGBColor,
    },
}

/// One entry above the chart.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) text: String,
    pub(crate) color: RGBColor,
    pub(crate) style: KeyStyle,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyStyle {
    Solid,
    Dashed,
    Block,
}

#[derive(Clone, Debug)]
pub(crate) struct Chart {
    pub(crate) title: String,
    pub(crate) x_name: &'static str,
    pub(crate) x: Axis,
    pub(crate) y: Axis,
    pub(crate) marks: Vec<Mark>,
    pub(crate) keys: Vec<Key>,
    /// Names in place of numbers along y, at their heights.
    pub(crate) rows: Vec<(f64, String)>,
}

const TEXT: f64 = 12.0;
const KEY_HEIGHT: i32 = 20;
/// Mean width of a letter of a sans-serif face, in parts of its size; a little too much rather than too little.
const LETTER: f64 = 0.58;

/// Draws a chart as a complete SVG document.
pub(crate) fn svg(chart: &Chart, size: Size) -> Result<String, HostError> {
    let mut text = String::new();
    let drawn = {
        let root =
            SVGBackend::with_string(&mut text, (size.width, size.height)).into_drawing_area();
        draw(&root, chart, size).and_then(|()| root.present())
    };
    drawn.map_err(|error| HostError::Chart {
        title: chart.title.clone(),
        reason: error.to_string(),
    })?;
    Ok(text)
}

fn draw(root: &Panel<'_>, chart: &Chart, size: Size) -> Outcome {
    let keys = key_rows(&chart.keys, size);
    let (top, body) = root.split_vertically(keys.len() as i32 * KEY_HEIGHT + 6);
    draw_keys(&top, &keys)?;
    let longest = chart.y.ticks.iter().map(|&at| chart.y.label(at).chars().count());
    let longest =
        longest.chain(chart.rows.iter().map(|(_, name)| name.chars().count())).max().unwrap_or(1);
    let mut plot = ChartBuilder::on(&body)
        .margin_right(14)
        .x_label_area_size(38)
        .y_label_area_size(letters(longest) + 12)
        .build_cartesian_2d(chart.x.low..chart.x.high, chart.y.low..chart.y.high)?;
    draw_axes(&body, &plot, chart)?;
    for mark in &chart.marks {
        draw_mark(&mut plot, mark, chart)?;
    }
    Ok(())
}

fn letters(count: usize) -> u32 {
    (count as f64 * TEXT * LETTER).ceil() as u32
}

fn font(color: RGBColor) -> TextStyle<'static> {
    // The backend divides sizes by 1.24.
    ("sans-serif", TEXT * 1.24).into_font().color(&color)
}

/// The library's own mesh chooses its ticks, so grid and numbers are drawn here.
fn draw_axes(body: &Panel<'_>, plot: &Plot<'_, '_>, chart: &Chart) -> Outcome {
    use plotters::style::text_anchor::{HPos, Pos, VPos};
    let area = plot.plotting_area();
    let (left, bottom) = (chart.x.low, chart.y.low);
    let line = |from, to, color: RGBColor| area.draw(&PathElement::new(vec![from, to], color));
    let pixel = |at| {
        let (x, y) = area.map_coordinate(&at);
        let (x0, y0) = body.get_base_pixel();
        (x - x0, y - y0)
    };
    let below = font(INK).pos(Pos::new(HPos::Center, VPos::Top));
    let beside = font(INK).pos(Pos::new(HPos::Right, VPos::Center));
    for &x in &chart.x.ticks {
        line((x, bottom), (x, chart.y.high), GRID)?;
        let (px, py) = pixel((x, bottom));
        body.draw(&Text::new(chart.x.label(x), (px, py + 5), below.clone()))?;
    }
    if chart.rows.is_empty() {
        for &y in &chart.y.ticks {
            line((left, y), (chart.x.high, y), GRID)?;
            let (px, py) = pixel((left, y));
            body.draw(&Text::new(chart.y.label(y), (px - 6, py), beside.clone()))?;
        }
    }
    for (y, name) in &chart.rows {
        let (px, py) = pixel((left, *y));
        body.draw(&Text::new(name.clone(), (px - 6, py), beside.clone()))?;
    }
    line((left, bottom), (chart.x.high, bottom), INK)?;
    let (px, py) = pixel(((left + chart.x.high) / 2.0, bottom));
    body.draw(&Text::new(chart.x_name, (px, py + 21), below))
}

fn draw_mark(plot: &mut Plot<'_, '_>, mark: &Mark, chart: &Chart) -> Outcome {
    match mark {
        Mark::Line { points, color } => {
            plot.draw_series(LineSeries::new(points.iter().copied(), color.stroke_width(2)))?;
        }
        Mark::Band { lower, upper, color } => {
            let outline: Vec<_> = lower.iter().chain(upper.iter().rev()).copied().collect();
            plot.draw_series([Polygon::new(outline, color.mix(0.18))])?;
        }
        Mark::Level { y, color } => {
            let ends = [(chart.x.low, *y), (chart.x.high, *y)];
            plot.draw_series(DashedLineSeries::new(ends, 5, 4, color.stroke_width(1)))?;
        }
        Mark::Upright { x, color } => {
            let ends = [(*x, chart.y.low), (*x, chart.y.high)];
            plot.draw_series(DashedLineSeries::new(ends, 5, 4, color.stroke_width(1)))?;
        }
        Mark::Stems { points, color } => {
            let stem =
                |&(x, y): &(f64, f64)| PathElement::new(vec![(x, chart.y.low), (x, y)], *color);
            plot.draw_series(points.iter().map(stem))?;
            plot.draw_series(points.iter().map(|&at| Circle::new(at, 3, color.filled())))?;
        }
        Mark::Box { from, to, color } => {
            plot.draw_series([Rectangle::new([*from, *to], color.filled())])?;
        }
    }
    Ok(())
}

const SAMPLE: i32 = 20;

fn key_width(key: &Key) -> i32 {
    SAMPLE + 6 + letters(key.text.chars().count()) as i32 + 12
}

/// Breaks the keys into rows no wider than the chart, each with its distance from the left.
fn key_rows(keys: &[Key], size: Size) -> Vec<Vec<(i32, &Key)>> {
    let mut rows: Vec<Vec<(i32, &Key)>> = Vec::new();
    let mut x = 0;
    for key in keys {
        let width = key_width(key);
        match rows.last_mut() {
            Some(row) if x + width <= size.width as i32 => row.push((x, key)),
            _ => {
                x = 8;
                rows.push(vec![(x, key)]);
            }
        }
        x += width;
    }
    rows
}

fn draw_keys(top: &Panel<'_>, rows: &[Vec<(i32, &Key)>]) -> Outcome {
    use plotters::style::text_anchor::{HPos, Pos, VPos};
    let style = font(INK).pos(Pos::new(HPos::Left, VPos::Center));
    for (index, row) in rows.iter().enumerate() {
        let y = index as i32 * KEY_HEIGHT + KEY_HEIGHT / 2;
        for (x, key) in row {
            let bar =
                |from, to| Rectangle::new([(x + from, y - 1), (x + to, y + 1)], key.color.filled());
            match key.style {
                KeyStyle::Solid => top.draw(&bar(0, SAMPLE))?,
                KeyStyle::Dashed => {
                    top.draw(&bar(0, 5))?;
                    top.draw(&bar(8, 13))?;
                    top.draw(&bar(16, 21))?;
                }
                KeyStyle::Block => {
                    let block = [(x + 4, y - 6), (x + SAMPLE - 2, y + 6)];
                    top.draw(&Rectangle::new(block, key.color.filled()))?;
                }
            }
            top.draw(&Text::new(key.text.clone(), (x + SAMPLE + 6, y), style.clone()))?;
        }
    }
    Ok(())
}
