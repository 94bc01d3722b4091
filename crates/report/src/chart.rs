//! Charts, and the one picture of each that both renderings draw.

mod axis;

use crate::faces::Faces;
use axis::Axis;

/// A picture of figures.
#[derive(Debug, Clone)]
pub enum Chart {
    /// Shares against limits.
    Control(ControlChart),
    /// Spans from one figure to another.
    Bars(BarChart),
}

/// Shares along time or beside each other, each with the limits within which chance alone leaves it.
#[derive(Debug, Clone)]
pub struct ControlChart {
    /// What it shows and what is to be seen, in a sentence: it stands below the picture and in its place.
    pub said: String,
    /// The share of all, 0 to 1.
    pub centre: f64,
    /// The points, in order.
    pub points: Vec<ControlPoint>,
}

/// A point of a control chart.
#[derive(Debug, Clone)]
pub struct ControlPoint {
    /// What it stands for.
    pub label: String,
    /// The share found, 0 to 1.
    pub found: f64,
    /// The lower limit, 0 to 1.
    pub low: f64,
    /// The upper limit, 0 to 1.
    pub high: f64,
    /// Whether the share is beyond a limit.
    pub is_outside: bool,
}

/// Bars from one figure to another around nothing, one below the other. Source: a tornado diagram.
#[derive(Debug, Clone)]
pub struct BarChart {
    /// What it shows, in a sentence: it stands below the picture and in its place.
    pub said: String,
    /// The unit of the figures.
    pub unit: String,
    /// The bars, from above.
    pub bars: Vec<Bar>,
}

/// A bar.
#[derive(Debug, Clone)]
pub struct Bar {
    /// What it stands for.
    pub label: String,
    /// One end.
    pub from: f64,
    /// The other.
    pub to: f64,
}

/// What is drawn in which colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ink {
    /// What is said.
    Text,
    /// Beside the matter.
    Quiet,
    /// Lines that guide the eye.
    Line,
    /// Limits behind what was found.
    Limits,
    /// Against what should be.
    Bad,
    /// The figures.
    Figure,
}

impl Ink {
    /// Its colour on white, sRGB; all that is read has a contrast of at least 4.5 (WCAG AA).
    pub(crate) fn rgb(self) -> (u8, u8, u8) {
        match self {
            Self::Text => (0x1b, 0x1f, 0x24),
            Self::Quiet => (0x5a, 0x64, 0x72),
            Self::Line => (0xd5, 0xd9, 0xdd),
            Self::Limits => (0xc3, 0xd9, 0xd7),
            Self::Bad => (0xb3, 0x26, 0x1e),
            Self::Figure => (0x0f, 0x76, 0x6e),
        }
    }
}

/// To which side of its place a word stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    /// Its middle is there.
    Middle,
    /// It ends there.
    End,
}

/// A part of a picture. Places are in points from the upper left.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Shape {
    /// A line.
    Line { from: (f32, f32), to: (f32, f32), ink: Ink, dashed: Dashed },
    /// A filled rectangle.
    Rect { x: f32, y: f32, width: f32, height: f32, ink: Ink },
    /// A filled circle.
    Dot { x: f32, y: f32, radius: f32, ink: Ink },
    /// Words on a baseline, of size [`SIZE`].
    Words { x: f32, y: f32, anchor: Anchor, words: String },
}

/// How a line is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dashed {
    /// Through.
    Solid,
    /// In dashes.
    Dashes,
}

/// A picture.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Picture {
    /// Its height, in points.
    pub height: f32,
    /// What is drawn, from behind.
    pub shapes: Vec<Shape>,
}

/// How wide every picture is, in points: as the text of a page of A4.
pub(crate) const WIDTH: f32 = 482.0;
/// The size of words in pictures, in points.
pub(crate) const SIZE: f32 = 7.5;
/// No two words in a picture stand closer, in points.
const GAP: f32 = 6.0;

impl Chart {
    /// What it shows, in a sentence.
    pub(crate) fn said(&self) -> &str {
        match self {
            Self::Control(chart) => &chart.said,
            Self::Bars(chart) => &chart.said,
        }
    }

    /// Its picture.
    pub(crate) fn picture(&self, faces: &Faces) -> Picture {
        match self {
            Self::Control(chart) => control(chart, faces),
            Self::Bars(chart) => bars(chart, faces),
        }
    }
}

/// A dashed line for the share of all, a bar for what the limits leave, a dot for what was found. A point outside is a
/// square, so that it is told without colour.
fn control(chart: &ControlChart, faces: &Faces) -> Picture {
    const HEIGHT: f32 = 138.0;
    const LEFT: f32 = 34.0;
    const ABOVE: f32 = 8.0;
    const BELOW: f32 = 20.0;
    let highest = chart.points.iter().map(|point| point.high.max(point.found)).fold(0.01, f64::max);
    let axis = Axis::of(0.0, highest * 100.0, 4);
    let y = |share: f64| ABOVE + (HEIGHT - ABOVE - BELOW) * (1.0 - axis.part(share * 100.0));
    let step = (WIDTH - LEFT) / chart.points.len().max(1) as f32;
    let x = |index: usize| LEFT + (index as f32 + 0.5) * step;
    let mut shapes = Vec::new();
    for tick in axis.ticks() {
        let at = y(tick / 100.0);
        shapes.push(rule((LEFT, at), (WIDTH, at)));
        let words = format!("{} %", axis.written(tick));
        shapes.push(Shape::Words { x: LEFT - GAP, y: at + 2.6, anchor: Anchor::End, words });
    }
    let centre = y(chart.centre);
    let (from, to) = ((LEFT, centre), (WIDTH, centre));
    for (index, point) in chart.points.iter().enumerate() {
        let (top, bottom) = (y(point.high), y(point.low));
        let height = (bottom - top).max(1.0);
        shapes.push(Shape::Rect { x: x(index) - 3.5, y: top, width: 7.0, height, ink: Ink::Limits });
    }
    shapes.push(Shape::Line { from, to, ink: Ink::Text, dashed: Dashed::Dashes });
    for (index, point) in chart.points.iter().enumerate() {
        let (x, y) = (x(index), y(point.found));
        shapes.push(if point.is_outside {
            Shape::Rect { x: x - 3.0, y: y - 3.0, width: 6.0, height: 6.0, ink: Ink::Bad }
        } else {
            Shape::Dot { x, y, radius: 2.6, ink: Ink::Figure }
        });
    }
    shapes.extend(names(chart, faces, (step, &x), HEIGHT - 6.0));
    Picture { height: HEIGHT, shapes }
}

/// Names below points, as many as have room to be read; a long one is shortened.
fn names(
    chart: &ControlChart,
    faces: &Faces,
    (step, x): (f32, &impl Fn(usize) -> f32),
    y: f32,
) -> Vec<Shape> {
    const ROOM: f32 = 46.0;
    let every = (ROOM / step).ceil().max(1.0);
    let name = |(index, point): (usize, &ControlPoint)| {
        let words = faces.shortened(&point.label, SIZE, step * every - GAP);
        Shape::Words { x: x(index), y, anchor: Anchor::Middle, words }
    };
    chart.points.iter().enumerate().step_by(every as usize).map(name).collect()
}

fn bars(chart: &BarChart, faces: &Faces) -> Picture {
    const LABEL: f32 = 170.0;
    const ROW: f32 = 15.0;
    const BELOW: f32 = 16.0;
    /// Room for half of the last figure of the axis.
    const RIGHT: f32 = 24.0;
    let ends = || chart.bars.iter().flat_map(|bar| [bar.from, bar.to]).chain([0.0]);
    let axis = Axis::of(ends().fold(f64::MAX, f64::min), ends().fold(f64::MIN, f64::max), 6);
    let x = |value: f64| LABEL + axis.part(value) * (WIDTH - LABEL - RIGHT);
    let bottom = ROW * chart.bars.len() as f32;
    let mut shapes = Vec::new();
    for tick in axis.ticks() {
        shapes.push(rule((x(tick), 0.0), (x(tick), bottom)));
        let words = axis.written(tick);
        shapes.push(Shape::Words { x: x(tick), y: bottom + 10.0, anchor: Anchor::Middle, words });
    }
    for (index, bar) in chart.bars.iter().enumerate() {
        let top = ROW * index as f32;
        let (left, right) = (x(bar.from.min(bar.to)), x(bar.from.max(bar.to)));
        let words = faces.shortened(&bar.label, SIZE, LABEL - 4.0 * GAP);
        shapes.push(Shape::Words { x: LABEL - 3.0 * GAP, y: top + 10.0, anchor: Anchor::End, words });
        let (y, width, height) = (top + 3.0, (right - left).max(1.0), ROW - 6.0);
        shapes.push(Shape::Rect { x: left, y, width, height, ink: Ink::Figure });
    }
    let (from, to) = ((x(0.0), 0.0), (x(0.0), bottom));
    shapes.push(Shape::Line { from, to, ink: Ink::Text, dashed: Dashed::Solid });
    let unit = faces.shortened(&chart.unit, SIZE, LABEL - 4.0 * GAP);
    shapes.push(Shape::Words { x: LABEL - 3.0 * GAP, y: bottom + 10.0, anchor: Anchor::End, words: unit });
    Picture { height: bottom + BELOW, shapes }
}

fn rule(from: (f32, f32), to: (f32, f32)) -> Shape {
    Shape::Line { from, to, ink: Ink::Line, dashed: Dashed::Solid }
}
