//! `coverage` as a picture: how often intervals hold the trace, and how wide they are, against products.

use std::fmt::Display;
use std::io;
use std::ops::Range;

use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::bound::trace as bound;
use crate::property::coverage::{PRODUCTS, Row};

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Plot<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;
type Outcome = Result<(), DrawingAreaErrorKind<<SVGBackend<'static> as DrawingBackend>::ErrorType>>;

const INK: RGBColor = RGBColor(0x33, 0x33, 0x33);
const GRID: RGBColor = RGBColor(0xdd, 0xdd, 0xdd);
const BAND: RGBColor = RGBColor(0xe4, 0xf1, 0xe4);
/// Okabe and Ito's, told apart by every eye.
const COLORS: [RGBColor; 5] = [
    RGBColor(0x00, 0x72, 0xb2),
    RGBColor(0xd5, 0x5e, 0x00),
    RGBColor(0x00, 0x9e, 0x73),
    RGBColor(0xcc, 0x79, 0xa7),
    RGBColor(0x8a, 0x6d, 0x00),
];

const SIZE: (u32, u32) = (860, 600);
const KEYS: u32 = 34;

/// One of the four: what is drawn of a row, and between which levels it may lie.
struct Panel<'a> {
    title: String,
    rows: Vec<&'a Row>,
    value: fn(&Row) -> f64,
    allowed: [f64; 2],
    /// What was asked for, and what no interval can go below.
    aim: f64,
    shown: Range<f64>,
    step: f64,
    places: usize,
}

/// The whole picture; `caption` is short, as it shares a line with the names.
///
/// # Errors
/// If it cannot be drawn.
pub(super) fn svg(rows: &[Row], caption: &str) -> io::Result<String> {
    let mut text = String::new();
    let drawn = {
        let root = SVGBackend::with_string(&mut text, SIZE).into_drawing_area();
        draw(&root, rows, caption).and_then(|()| root.present())
    };
    drawn.map_err(|error| io::Error::other(error.to_string()))?;
    let opening = "<svg role=\"img\" aria-label=\"How often intervals hold the trace, and how wide they are\" ";
    Ok(text.replacen("<svg ", opening, 1))
}

fn font(size: f64, anchor: (HPos, VPos)) -> TextStyle<'static> {
    // The backend divides sizes by 1.24.
    let (h, v) = anchor;
    ("sans-serif", size * 1.24).into_font().color(&INK).pos(Pos::new(h, v))
}

fn draw(root: &Area<'_>, rows: &[Row], caption: &str) -> Outcome {
    root.fill(&WHITE)?;
    let (keys, body) = root.split_vertically(KEYS);
    let mut names: Vec<&str> = Vec::new();
    for row in rows {
        if !names.contains(&row.spectrum) {
            names.push(row.spectrum);
        }
    }
    let mut x = 54;
    for (name, color) in names.iter().zip(COLORS) {
        keys.draw(&Rectangle::new([(x, 16), (x + 20, 18)], color.filled()))?;
        keys.draw(&Circle::new((x + 10, 17), 3, color.filled()))?;
        let style = font(12.0, (HPos::Left, VPos::Center));
        keys.draw(&Text::new((*name).to_owned(), (x + 26, 17), style))?;
        x += 44 + 7 * name.chars().count() as i32;
    }
    let style = font(11.0, (HPos::Right, VPos::Center));
    keys.draw(&Text::new(caption.to_owned(), (SIZE.0 as i32 - 16, 17), style))?;
    for (index, area) in body.split_evenly((2, 2)).iter().enumerate() {
        let confidence = [0.95, 0.99][index % 2];
        let of = rows.iter().filter(|row| row.confidence == confidence).collect();
        let panel = if index < 2 { covered(confidence, of) } else { width(confidence, of) };
        draw_panel(area, &panel, &names)?;
    }
    Ok(())
}

fn covered(confidence: f64, rows: Vec<&Row>) -> Panel<'_> {
    let allowed = bound::coverage(confidence).map(|share| 100.0 * share);
    let shown = if confidence < 0.97 { 92.5..98.0 } else { 97.25..100.0 };
    let step = if confidence < 0.97 { 1.0 } else { 0.5 };
    let title = format!("{:.0} % intervals: % of runs that hold the trace", 100.0 * confidence);
    let (aim, places) = (100.0 * confidence, usize::from(confidence > 0.97));
    Panel { title, rows, value: |row| 100.0 * row.covered, allowed, aim, shown, step, places }
}

fn width(confidence: f64, rows: Vec<&Row>) -> Panel<'_> {
    let title = format!("{:.0} % intervals: width / ideal width", 100.0 * confidence);
    let (allowed, shown) = ([1.0, bound::WIDTH], 0.95..1.35);
    Panel { title, rows, value: |row| row.width, allowed, aim: 1.0, shown, step: 0.1, places: 1 }
}

/// Equal distances for each doubling of the products.
fn place(products: usize) -> f64 {
    (products as f64).log2()
}

fn draw_panel(area: &Area<'_>, panel: &Panel<'_>, names: &[&str]) -> Outcome {
    // A number that left the picture would be a number not shown.
    let values = || panel.rows.iter().map(|row| (panel.value)(row));
    let low = values().fold(panel.shown.start, f64::min);
    let high = values().fold(panel.shown.end, f64::max);
    let (from, to) = (place(PRODUCTS[0]) - 0.15, place(PRODUCTS[PRODUCTS.len() - 1]) + 0.15);
    let mut plot = ChartBuilder::on(area)
        .margin_right(16)
        .margin_top(34)
        .x_label_area_size(40)
        .y_label_area_size(50)
        .build_cartesian_2d(from..to, low..high)?;
    let [least, most] = panel.allowed;
    plot.draw_series([Rectangle::new([(from, least), (to, most)], BAND.filled())])?;
    draw_axes(area, &plot, panel, (from..to, low..high))?;
    let aim = [(from, panel.aim), (to, panel.aim)];
    plot.draw_series(DashedLineSeries::new(aim, 5, 4, INK.stroke_width(1)))?;
    for (name, color) in names.iter().zip(COLORS) {
        let of = || panel.rows.iter().filter(|row| row.spectrum == *name);
        let points = || of().map(|row| (place(row.products), (panel.value)(row)));
        plot.draw_series(LineSeries::new(points(), color.stroke_width(2)))?;
        plot.draw_series(points().map(|at| Circle::new(at, 3, color.filled())))?;
    }
    Ok(())
}

fn draw_axes(
    area: &Area<'_>,
    plot: &Plot<'_, '_>,
    panel: &Panel<'_>,
    (across, up): (Range<f64>, Range<f64>),
) -> Outcome {
    let inner = plot.plotting_area();
    let pixel = |at: (f64, f64)| {
        let (x, y) = inner.map_coordinate(&at);
        let (x0, y0) = area.get_base_pixel();
        (x - x0, y - y0)
    };
    let write = |text: &dyn Display, at: (i32, i32), style: TextStyle<'static>| {
        area.draw(&Text::new(text.to_string(), at, style))
    };
    let first = (up.start / panel.step).ceil() as i64;
    let last = (up.end / panel.step + 1e-9).floor() as i64;
    for tick in first..=last {
        let y = tick as f64 * panel.step;
        inner.draw(&PathElement::new(vec![(across.start, y), (across.end, y)], GRID))?;
        let (x, y_pixel) = pixel((across.start, y));
        let label = format!("{y:.*}", panel.places);
        write(&label, (x - 6, y_pixel), font(12.0, (HPos::Right, VPos::Center)))?;
    }
    for products in PRODUCTS {
        let (x, y) = pixel((place(products), up.start));
        write(&products, (x, y + 5), font(12.0, (HPos::Center, VPos::Top)))?;
    }
    let ends = vec![(across.start, up.start), (across.end, up.start)];
    inner.draw(&PathElement::new(ends, INK))?;
    let (x, y) = pixel(((across.start + across.end) / 2.0, up.start));
    write(&"products", (x, y + 21), font(12.0, (HPos::Center, VPos::Top)))?;
    write(&panel.title, (44, 14), font(13.0, (HPos::Left, VPos::Center)))
}
