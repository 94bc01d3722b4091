//! A report set on pages: what stands where, and to which part of the document it belongs. Pure.

mod block;
mod table;

use crate::chart::{Dashed, Ink, Shape};
use crate::faces::{Faces, Weight};
use crate::wrap::{Line, Style, wrapped};
use crate::{Align, Report, Section, Starts, Text, Tone};

/// A4, in points.
pub(crate) const PAGE: (f32, f32) = (595.28, 841.89);
/// Where text begins and ends, in points from the left.
pub(crate) const SIDES: (f32, f32) = (56.64, 538.64);
/// Where text begins and ends, in points from above.
pub(crate) const BODY: (f32, f32) = (68.0, 775.0);
/// Where the line of a page's head stands, and that of its foot.
const HEAD: f32 = 44.0;
const FOOT: f32 = 804.0;

/// From a line to the next, times the size of its letters.
const LEADING: f32 = 1.4;
/// From the upper edge of a line to its baseline, times the size of its letters.
const BASELINE: f32 = 1.05;

pub(super) const TITLE: Style = Style { size: 20.0, weight: Weight::Bold };
pub(super) const SECTION: Style = Style { size: 13.5, weight: Weight::Bold };
pub(super) const HEADING: Style = Style { size: 10.5, weight: Weight::Bold };
pub(super) const TEXT: Style = Style { size: 9.5, weight: Weight::Regular };
pub(super) const STRONG: Style = Style { size: 9.5, weight: Weight::Bold };
pub(super) const SMALL: Style = Style { size: 7.5, weight: Weight::Regular };

/// A part of the document, as those see it who have it read to them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Part {
    /// The whole.
    Document,
    /// A section.
    Section,
    /// A heading of a level with its words.
    Heading(u16, String),
    /// Sentences.
    Paragraph,
    /// Points without an order.
    List,
    /// A point.
    Item,
    /// What stands in it.
    ItemBody,
    /// A table.
    Table,
    /// Its head.
    TableHead,
    /// Its rows.
    TableBody,
    /// A row.
    Row,
    /// A cell of the head.
    HeadCell,
    /// A cell.
    Cell,
    /// A picture with what stands in its place.
    Figure(String),
    /// What stands below a picture.
    Caption,
}

/// A part, by its place in [`Set::parts`].
pub(crate) type PartId = usize;

/// Something on a page.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Mark {
    /// To which part it belongs; nothing for what only guides the eye or is said again.
    pub part: Option<PartId>,
    /// What is drawn.
    pub drawn: Drawn,
}

/// What is drawn.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Drawn {
    /// Words from a place on a baseline; each has a glyph.
    Words { x: f32, y: f32, size: f32, weight: Weight, ink: Ink, words: String },
    /// A shape that is no words.
    Shape(Shape),
}

/// A report on pages.
#[derive(Debug, Default)]
pub(crate) struct Set {
    /// What is drawn on each page, in the order in which it is read.
    pub pages: Vec<Vec<Mark>>,
    /// The parts with the part that each stands in, in the order in which they are read; the first is the document.
    pub parts: Vec<(Part, PartId)>,
    /// The sections: name, page from 0, and height there.
    pub sections: Vec<(String, usize, f32)>,
}

/// Sets a report.
pub(crate) fn set(report: &Report, faces: &Faces) -> Set {
    let mut setter = Setter { faces, set: Set::default(), y: BODY.0 };
    setter.set.pages.push(Vec::new());
    setter.set.parts.push((Part::Document, 0));
    setter.front(report);
    for section in &report.sections {
        setter.section(section);
    }
    setter.heads_and_feet(report);
    setter.set
}

/// Puts one thing below the other.
struct Setter<'f> {
    faces: &'f Faces,
    set: Set,
    /// How far the page is filled, in points from above.
    y: f32,
}

impl Setter<'_> {
    fn front(&mut self, report: &Report) {
        self.heading(0, (1, &report.title.as_str().into()), TITLE);
        let part = self.open(Part::Paragraph, 0);
        let imprint = Text::quiet(report.imprint());
        self.run(part, &imprint, TEXT);
        self.y += 6.0;
        self.rule(self.y, 1.2, Ink::Figure);
        self.y += 8.0;
        self.blocks(0, &report.lead);
    }

    fn section(&mut self, section: &Section) {
        let room = 20.0 + SECTION.size * LEADING + self.least(&section.blocks);
        if section.starts == Starts::OnNewPage || self.left() < room {
            self.turn();
        }
        if self.y > BODY.0 {
            self.y += 14.0;
        }
        self.set.sections.push((section.heading.words(), self.set.pages.len() - 1, self.y));
        let part = self.open(Part::Section, 0);
        self.heading(part, (2, &section.heading), SECTION);
        self.y += 3.0;
        self.blocks(part, &section.blocks);
    }

    /// A heading of a level.
    fn heading(&mut self, inside: PartId, (level, text): (u16, &Text), style: Style) {
        let part = self.open(Part::Heading(level, text.words()), inside);
        self.run(part, text, style);
    }

    /// Begins a part inside another.
    fn open(&mut self, part: Part, inside: PartId) -> PartId {
        self.set.parts.push((part, inside));
        self.set.parts.len() - 1
    }

    /// What is left of the page, in points.
    fn left(&self) -> f32 {
        BODY.1 - self.y
    }

    /// Goes on on the next page, unless this one is empty.
    fn turn(&mut self) {
        if self.y > BODY.0 {
            self.set.pages.push(Vec::new());
            self.y = BODY.0;
        }
    }

    /// Words from side to side, over as many lines and pages as they take.
    fn run(&mut self, part: PartId, text: &Text, style: Style) {
        self.run_within(part, text, style, SIDES);
    }

    fn run_within(&mut self, part: PartId, text: &Text, style: Style, (left, right): (f32, f32)) {
        for line in wrapped(self.faces, text, style, right - left) {
            if self.left() < style.size * LEADING {
                self.turn();
            }
            self.line(Some(part), &line, style, (left, self.y));
            self.y += style.size * LEADING;
        }
    }

    /// A line with its upper left at a place.
    fn line(&mut self, part: Option<PartId>, line: &Line, style: Style, (left, top): (f32, f32)) {
        for piece in &line.pieces {
            let ink = match piece.tone {
                Tone::Plain => Ink::Text,
                Tone::Quiet => Ink::Quiet,
                Tone::Bad => Ink::Bad,
            };
            let (x, y) = (left + piece.x, top + style.size * BASELINE);
            let (weight, words) = (piece.weight, piece.words.clone());
            self.mark(part, Drawn::Words { x, y, size: style.size, weight, ink, words });
        }
    }

    /// A line from side to side at a height.
    fn rule(&mut self, y: f32, height: f32, ink: Ink) {
        let (x, width) = (SIDES.0, SIDES.1 - SIDES.0);
        self.mark(None, Drawn::Shape(Shape::Rect { x, y, width, height, ink }));
    }

    fn mark(&mut self, part: Option<PartId>, drawn: Drawn) {
        self.set.pages.last_mut().expect("there is a first page").push(Mark { part, drawn });
    }

    /// Puts the title above each page but the first, and the number of each below, once it is known how many there are.
    fn heads_and_feet(&mut self, report: &Report) {
        let count = self.set.pages.len();
        let half = (SIDES.1 - SIDES.0) / 2.0;
        let title = self.faces.shortened(&report.title, SMALL.size, half * 1.5);
        let maker = self.faces.shortened(&report.maker, SMALL.size, half);
        for page in 0..count {
            let number = format!("Page {} of {count}", page + 1);
            let mut marks = vec![
                self.margin(Align::Left, FOOT, &maker),
                self.margin(Align::Right, FOOT, &number),
                thin_rule(FOOT - 12.0),
            ];
            if page > 0 {
                marks.extend([self.margin(Align::Left, HEAD, &title), thin_rule(HEAD + 6.0)]);
            }
            self.set.pages[page].extend(marks);
        }
    }

    fn margin(&self, align: Align, y: f32, words: &str) -> Mark {
        let x = match align {
            Align::Left => SIDES.0,
            Align::Right => SIDES.1 - self.faces.width(words, Weight::Regular, SMALL.size),
        };
        let (size, weight, ink, words) = (SMALL.size, Weight::Regular, Ink::Quiet, words.to_owned());
        Mark { part: None, drawn: Drawn::Words { x, y, size, weight, ink, words } }
    }
}

fn thin_rule(y: f32) -> Mark {
    let (from, to) = ((SIDES.0, y), (SIDES.1, y));
    let line = Shape::Line { from, to, ink: Ink::Line, dashed: Dashed::Solid };
    Mark { part: None, drawn: Drawn::Shape(line) }
}
