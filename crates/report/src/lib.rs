//! What a report says, and its two renderings: a page of HTML that needs nothing else, and a PDF. It knows nothing of
//! what is reported. A service describes a [`Report`] once; both renderings come from that description, so they can't
//! say different things.
//!
//! The PDF is A4, tagged, and made to PDF/A-2a and PDF/UA-1. Its text is set in subsets of the fonts in `fonts/`, which
//! are part of the program: nothing of the machine's comes in, and the same report gives the same bytes.
//! Scripts whose letters change by their neighbours (Arabic, Devanagari, Thai …) aren't set. A character that no font
//! has isn't lost: it stands as its code point, `[U+1F600]`.

mod chart;
mod faces;
mod html;
mod layout;
mod pdf;
mod text;
mod wrap;

pub use chart::{Bar, BarChart, Chart, ControlChart, ControlPoint};
pub use pdf::Unwritable;
pub use text::{Text, Tone};

use chrono::{DateTime, Utc};

/// What a report says.
#[derive(Debug, Clone)]
pub struct Report {
    /// Its title, with the period.
    pub title: String,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// Who had it made.
    pub made_by: String,
    /// The program that made it, with its version.
    pub maker: String,
    /// What stands before the first section.
    pub lead: Vec<Block>,
    /// Its parts, in order.
    pub sections: Vec<Section>,
}

/// A part of a report, under a heading of its own.
#[derive(Debug, Clone)]
pub struct Section {
    /// The heading.
    pub heading: Text,
    /// Whether it stands on a page of its own.
    pub starts: Starts,
    /// What it says.
    pub blocks: Vec<Block>,
}

/// Where a section begins on paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Starts {
    /// After what comes before it.
    Below,
    /// On a new page.
    OnNewPage,
}

/// What a section is made of.
#[derive(Debug, Clone)]
pub enum Block {
    /// A heading inside the section.
    Heading(String),
    /// Sentences.
    Paragraph(Text),
    /// Points without an order.
    List(Vec<Text>),
    /// The few figures that matter most, large.
    KeyFigures(Vec<KeyFigure>),
    /// A table.
    Table(Table),
    /// A picture of figures.
    Chart(Chart),
    /// What words mean.
    Definitions(Vec<Definition>),
}

/// A figure that is shown large.
#[derive(Debug, Clone)]
pub struct KeyFigure {
    /// What it is.
    pub name: String,
    /// The figure.
    pub value: Text,
    /// What belongs beside it: an interval, how it is known.
    pub note: Text,
}

/// Rows under a head, which is repeated on each page.
#[derive(Debug, Clone)]
pub struct Table {
    /// The columns. Each row has as many cells.
    pub columns: Vec<Column>,
    /// The rows.
    pub rows: Vec<Row>,
}

/// A column.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its head.
    pub name: String,
    /// To which side its cells stand.
    pub align: Align,
}

impl Column {
    /// A column of words.
    pub fn words(name: &str) -> Self {
        Self { name: name.to_owned(), align: Align::Left }
    }

    /// A column of figures.
    pub fn figures(name: &str) -> Self {
        Self { name: name.to_owned(), align: Align::Right }
    }
}

/// To which side something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Words.
    Left,
    /// Figures.
    Right,
}

/// A row.
#[derive(Debug, Clone)]
pub struct Row {
    /// Its cells, one a column.
    pub cells: Vec<Text>,
    /// What it is.
    pub kind: RowKind,
}

impl Row {
    /// A row like the others.
    pub fn of<const N: usize>(cells: [Text; N]) -> Self {
        Self { cells: cells.into(), kind: RowKind::Item }
    }

    /// A row that sums up those above.
    pub fn sum<const N: usize>(cells: [Text; N]) -> Self {
        Self { cells: cells.into(), kind: RowKind::Sum }
    }
}

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowKind {
    /// One of many.
    Item,
    /// The sum of those above, under a line.
    Sum,
}

/// What a word means.
#[derive(Debug, Clone)]
pub struct Definition {
    /// The word.
    pub name: String,
    /// Its meaning.
    pub text: String,
}

impl Report {
    /// The report as one page of HTML that needs nothing else.
    pub fn html(&self) -> String {
        html::page(self)
    }

    /// The report as a PDF.
    ///
    /// # Errors
    /// A report that PDF can't hold: more than eight million objects.
    pub fn pdf(&self) -> Result<Vec<u8>, Unwritable> {
        pdf::document(self)
    }

    /// The line under the title.
    fn imprint(&self) -> String {
        format!("Made {} for {}.", self.made_at.format("%Y-%m-%d %H:%M UTC"), self.made_by)
    }
}

#[cfg(test)]
mod tests;
