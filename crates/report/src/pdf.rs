//! The PDF: what [`crate::layout`] has set, written out with its parts as tags.

use crate::Report;
use crate::chart::{Dashed, Ink, Shape};
use crate::faces::{FILES, Face, Faces, Weight};
use crate::layout::{Drawn, Mark, PAGE, Part, PartId, Set, set};
use chrono::{Datelike as _, Timelike as _};
use krilla::color::rgb;
use krilla::configure::{Accessibility, Archival, Configuration, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::geom::{Path, PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata};
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke, StrokeDash};
use krilla::surface::Surface;
use krilla::tagging::{
    Artifact, ArtifactType, ContentTag, Identifier, ListNumbering, TableHeaderScope, Tag, TagGroup, TagKind,
    TagTree,
};
use krilla::text::{Font, GlyphId, KrillaGlyph};
use krilla::{Document, SerializeSettings};
use std::num::NonZeroU16;

/// The language of what this crate says itself, and of the reports.
const LANGUAGE: &str = "en";

/// A report that PDF can't hold.
#[derive(Debug, thiserror::Error)]
#[error("the report can't be written as PDF: {0}")]
pub struct Unwritable(String);

/// Writes the report.
pub(crate) fn document(report: &Report) -> Result<Vec<u8>, Unwritable> {
    let faces = Faces::read();
    let set = set(report, &faces);
    let settings = SerializeSettings { configuration: standards(), ..SerializeSettings::default() };
    let mut document = Document::new_with(settings);
    let fonts = FILES.map(|file| Font::new(file.into(), 0).expect("the fonts are part of the program"));
    let mut leaves = vec![Vec::new(); set.parts.len()];
    for marks in &set.pages {
        let size = PageSettings::from_wh(PAGE.0, PAGE.1).expect("A4 is a size");
        let mut page = document.start_page_with(size);
        let mut pen = Pen { surface: page.surface(), faces: &faces, fonts: &fonts };
        for marks in marks.chunk_by(|one, next| one.part == next.part) {
            let leaf = pen.marks(marks);
            leaves[marks[0].part.unwrap_or(0)].extend(leaf);
        }
    }
    document.set_tag_tree(tags(&set, leaves));
    document.set_outline(outline(&set));
    document.set_metadata(metadata(report));
    document.finish().map_err(|error| Unwritable(error.to_string()))
}

/// To be kept (ISO 19005-2, level A) and to be read to people (ISO 14289-1).
fn standards() -> Configuration {
    ConfigurationBuilder::new()
        .with_archival_validator(Archival::A2_A)
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .expect("both are made for PDF 1.7")
}

/// Draws on one page.
struct Pen<'p> {
    surface: Surface<'p>,
    faces: &'p Faces,
    fonts: &'p [Font; 4],
}

impl Pen<'_> {
    /// Draws what belongs to one part; says under which name the part finds it.
    fn marks(&mut self, marks: &[Mark]) -> Option<Identifier> {
        let part = marks[0].part;
        let tag = match part {
            Some(_) => ContentTag::Other,
            None => ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)),
        };
        let leaf = self.surface.start_tagged(tag);
        for mark in marks {
            self.mark(&mark.drawn);
        }
        self.surface.end_tagged();
        part.map(|_| leaf)
    }

    fn mark(&mut self, drawn: &Drawn) {
        match drawn {
            Drawn::Words { x, y, size, weight, ink, words } => {
                self.fill(*ink);
                self.words((*x, *y), (*size, *weight), words);
            }
            Drawn::Shape(Shape::Line { from, to, ink, dashed }) => {
                let dash =
                    (*dashed == Dashed::Dashes).then(|| StrokeDash { array: vec![3.0, 2.0], offset: 0.0 });
                let stroke = Stroke { paint: colour(*ink).into(), width: 0.6, dash, ..Stroke::default() };
                self.surface.set_fill(None);
                self.surface.set_stroke(Some(stroke));
                self.path(line(*from, *to));
                self.surface.set_stroke(None);
            }
            Drawn::Shape(Shape::Rect { x, y, width, height, ink }) => {
                self.fill(*ink);
                self.path(Rect::from_xywh(*x, *y, *width, *height).and_then(rectangle));
            }
            Drawn::Shape(Shape::Dot { x, y, radius, ink }) => {
                self.fill(*ink);
                self.path(circle((*x, *y), *radius));
            }
            Drawn::Shape(Shape::Words { .. }) => unreachable!("words are set by the layout"),
        }
    }

    fn fill(&mut self, ink: Ink) {
        self.surface.set_fill(Some(Fill { paint: colour(ink).into(), ..Fill::default() }));
    }

    fn path(&mut self, path: Option<Path>) {
        if let Some(path) = path {
            self.surface.draw_path(&path);
        }
    }

    /// Words, each stretch of them in the font that has it.
    fn words(&mut self, (mut x, y): (f32, f32), (size, weight): (f32, Weight), words: &str) {
        let glyphs: Vec<_> = words
            .char_indices()
            .filter_map(|(at, char)| Some((at..at + char.len_utf8(), self.faces.glyph(char, weight)?)))
            .collect();
        for stretch in glyphs.chunk_by(|one, next| one.1.face == next.1.face) {
            let Face(face) = stretch[0].1.face;
            let drawn: Vec<KrillaGlyph> = stretch
                .iter()
                .map(|(range, glyph)| {
                    let id = GlyphId::new(glyph.id);
                    KrillaGlyph::new(id, glyph.advance, 0.0, 0.0, 0.0, range.clone(), None)
                })
                .collect();
            let font = self.fonts[face].clone();
            self.surface.draw_glyphs(Point::from_xy(x, y), &drawn, font, words, size, false);
            x += stretch.iter().map(|(_, glyph)| glyph.advance * size).sum::<f32>();
        }
    }
}

fn colour(ink: Ink) -> rgb::Color {
    let (red, green, blue) = ink.rgb();
    rgb::Color::new(red, green, blue)
}

fn line(from: (f32, f32), to: (f32, f32)) -> Option<Path> {
    let mut path = PathBuilder::new();
    path.move_to(from.0, from.1);
    path.line_to(to.0, to.1);
    path.finish()
}

fn rectangle(rect: Rect) -> Option<Path> {
    let mut path = PathBuilder::new();
    path.push_rect(rect);
    path.finish()
}

/// Four curves, which no eye tells from a circle. Source: the usual constant, 4/3 (√2 − 1).
fn circle((x, y): (f32, f32), radius: f32) -> Option<Path> {
    let bend = radius * 0.552_284_8;
    let mut path = PathBuilder::new();
    path.move_to(x + radius, y);
    path.cubic_to(x + radius, y + bend, x + bend, y + radius, x, y + radius);
    path.cubic_to(x - bend, y + radius, x - radius, y + bend, x - radius, y);
    path.cubic_to(x - radius, y - bend, x - bend, y - radius, x, y - radius);
    path.cubic_to(x + bend, y - radius, x + radius, y - bend, x + radius, y);
    path.close();
    path.finish()
}

/// The document's parts as a tree. A part stands behind the one that it is in, so the tree is built from the end.
fn tags(set: &Set, mut leaves: Vec<Vec<Identifier>>) -> TagTree {
    let mut inside: Vec<Vec<TagGroup>> = vec![Vec::new(); set.parts.len()];
    for (id, (part, parent)) in set.parts.iter().enumerate().skip(1).rev() {
        let mut group = TagGroup::new(tag(part));
        for leaf in leaves[id].drain(..) {
            group.push(leaf);
        }
        for child in inside[id].drain(..).rev() {
            group.push(child);
        }
        inside[*parent].push(group);
    }
    let mut tree = TagTree::new();
    let root: PartId = 0;
    for child in inside[root].drain(..).rev() {
        tree.push(child);
    }
    tree.with_lang(Some(LANGUAGE.to_owned()))
}

fn tag(part: &Part) -> TagKind {
    match part {
        Part::Document => Tag::Part.into(),
        Part::Section => Tag::Section.into(),
        Part::Heading(level, words) => {
            let level = NonZeroU16::new(*level).unwrap_or(NonZeroU16::MIN);
            Tag::Hn(level, Some(words.clone())).into()
        }
        Part::Paragraph => Tag::P.into(),
        Part::List => Tag::L(ListNumbering::None).into(),
        Part::Item => Tag::LI.into(),
        Part::ItemBody => Tag::LBody.into(),
        Part::Table => Tag::Table.into(),
        Part::TableHead => Tag::THead.into(),
        Part::TableBody => Tag::TBody.into(),
        Part::Row => Tag::TR.into(),
        Part::HeadCell => Tag::TH(TableHeaderScope::Column).into(),
        Part::Cell => Tag::TD.into(),
        Part::Figure(said) => Tag::Figure(Some(said.clone())).into(),
        Part::Caption => Tag::Caption.into(),
    }
}

fn outline(set: &Set) -> Outline {
    let mut outline = Outline::new();
    for (name, page, y) in &set.sections {
        let place = XyzDestination::new(*page, Point::from_xy(0.0, *y));
        outline.push_child(OutlineNode::new(name.clone(), place));
    }
    outline
}

fn metadata(report: &Report) -> Metadata {
    let at = report.made_at;
    let made_at = DateTime::new(at.year().clamp(0, 9999) as u16)
        .month(at.month() as u8)
        .day(at.day() as u8)
        .hour(at.hour() as u8)
        .minute(at.minute() as u8)
        .second(at.second() as u8)
        .utc_offset_hour(0)
        .utc_offset_minute(0);
    Metadata::new()
        .title(report.title.clone())
        .creator(report.maker.clone())
        .producer(report.maker.clone())
        .authors(vec![report.made_by.clone()])
        .creation_date(made_at)
        .language(LANGUAGE.to_owned())
}
