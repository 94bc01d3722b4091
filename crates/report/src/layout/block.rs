//! The blocks of a section but tables.

use super::{BODY, Drawn, HEADING, LEADING, Part, PartId, SIDES, SMALL, STRONG, Setter, TEXT};
use crate::chart::{Anchor, Chart, Ink, Picture, SIZE, Shape};
use crate::faces::Weight;
use crate::wrap::{Line, Style, wrapped};
use crate::{Block, Definition, KeyFigure, Text};

/// Key figures in a row.
const ABREAST: usize = 3;
const VALUE: Style = Style { size: 15.0, weight: Weight::Bold };
/// Room between two blocks.
const BETWEEN: f32 = 6.0;
/// How far a point's words stand from the side.
const INDENT: f32 = 12.0;

/// A key figure as lines: its name, itself, what belongs beside it.
type Tile = [(Vec<Line>, Style); 3];

impl Setter<'_> {
    /// Blocks one below the other; a heading never stays behind on a page.
    pub(super) fn blocks(&mut self, inside: PartId, blocks: &[Block]) {
        for (at, block) in blocks.iter().enumerate() {
            if self.left() < self.least(&blocks[at..]) {
                self.turn();
            }
            match block {
                Block::Heading(words) => {
                    if self.y > BODY.0 {
                        self.y += BETWEEN;
                    }
                    self.heading(inside, (3, &words.as_str().into()), HEADING);
                    self.y += 2.0;
                }
                Block::Paragraph(text) => {
                    let part = self.open(Part::Paragraph, inside);
                    self.run(part, text, TEXT);
                    self.y += BETWEEN;
                }
                Block::List(points) => self.list(inside, points),
                Block::KeyFigures(figures) => self.key_figures(inside, figures),
                Block::Table(table) => self.table(inside, table),
                Block::Chart(chart) => self.chart(inside, chart),
                Block::Definitions(definitions) => self.definitions(inside, definitions),
            }
        }
    }

    /// How much of a page the first of these blocks has to have to begin there, in points.
    pub(super) fn least(&self, blocks: &[Block]) -> f32 {
        let Some((first, rest)) = blocks.split_first() else { return 0.0 };
        let least = match first {
            Block::Heading(_) => BETWEEN + HEADING.size * LEADING + 2.0 + self.least(rest),
            Block::Paragraph(_) | Block::List(_) => TEXT.size * LEADING * 2.0,
            Block::KeyFigures(figures) => figures.chunks(ABREAST).next().map_or(0.0, |row| self.tiles(row).1),
            Block::Table(table) => self.table_least(table),
            Block::Chart(chart) => self.chart_height(chart),
            Block::Definitions(_) => STRONG.size * LEADING * 3.0,
        };
        least.min(BODY.1 - BODY.0)
    }

    fn list(&mut self, inside: PartId, points: &[Text]) {
        if points.is_empty() {
            return;
        }
        let list = self.open(Part::List, inside);
        for point in points {
            if self.left() < TEXT.size * LEADING {
                self.turn();
            }
            let item = self.open(Part::Item, list);
            let dot =
                Shape::Dot { x: SIDES.0 + 4.0, y: self.y + TEXT.size * 0.75, radius: 1.5, ink: Ink::Text };
            self.mark(None, Drawn::Shape(dot));
            let part = self.open(Part::ItemBody, item);
            self.run_within(part, point, TEXT, (SIDES.0 + INDENT, SIDES.1));
        }
        self.y += BETWEEN;
    }

    fn definitions(&mut self, inside: PartId, definitions: &[Definition]) {
        for Definition { name, text } in definitions {
            if self.left() < STRONG.size * LEADING * 3.0 {
                self.turn();
            }
            let part = self.open(Part::Paragraph, inside);
            self.run(part, &name.as_str().into(), STRONG);
            let part = self.open(Part::Paragraph, inside);
            self.run(part, &text.as_str().into(), TEXT);
            self.y += 4.0;
        }
    }

    fn key_figures(&mut self, inside: PartId, figures: &[KeyFigure]) {
        let list = self.open(Part::List, inside);
        for row in figures.chunks(ABREAST) {
            let (tiles, height) = self.tiles(row);
            if self.left() < height {
                self.turn();
            }
            for (column, tile) in tiles.iter().enumerate() {
                let item = self.open(Part::Item, list);
                let part = self.open(Part::ItemBody, item);
                let left = SIDES.0 + column as f32 * tile_width();
                let mut top = self.y;
                for (lines, style) in tile {
                    for line in lines {
                        self.line(Some(part), line, *style, (left, top));
                        top += style.size * LEADING;
                    }
                }
            }
            self.y += height;
        }
        self.y += BETWEEN;
    }

    /// Key figures that stand side by side, each as lines, and how high the highest is.
    fn tiles(&self, row: &[KeyFigure]) -> (Vec<Tile>, f32) {
        let width = tile_width() - 12.0;
        let tiles: Vec<_> = row
            .iter()
            .map(|figure| {
                let name = Text::quiet(figure.name.as_str());
                [(&name, SMALL), (&figure.value, VALUE), (&figure.note, SMALL)]
                    .map(|(text, style)| (wrapped(self.faces, text, style, width), style))
            })
            .collect();
        let height = |tile: &Tile| -> f32 {
            tile.iter().map(|(lines, style)| lines.len() as f32 * style.size * LEADING).sum()
        };
        let highest = tiles.iter().map(height).fold(0.0, f32::max);
        (tiles, highest + 8.0)
    }

    fn chart_height(&self, chart: &Chart) -> f32 {
        let caption = wrapped(self.faces, &chart.said().into(), SMALL, SIDES.1 - SIDES.0);
        chart.picture(self.faces).height + 4.0 + caption.len() as f32 * SMALL.size * LEADING + 2.0 * BETWEEN
    }

    fn chart(&mut self, inside: PartId, chart: &Chart) {
        self.y += BETWEEN;
        let Picture { height, shapes } = chart.picture(self.faces);
        let part = self.open(Part::Figure(chart.said().to_owned()), inside);
        let top = self.y;
        for shape in shapes {
            let drawn = self.placed(shape, top);
            self.mark(Some(part), drawn);
        }
        self.y += height + 4.0;
        let caption = self.open(Part::Caption, inside);
        self.run(caption, &Text::quiet(chart.said()), SMALL);
        self.y += BETWEEN;
    }

    /// A shape of a picture that begins at the left side at a height.
    fn placed(&self, shape: Shape, top: f32) -> Drawn {
        let at = |(x, y): (f32, f32)| (SIDES.0 + x, top + y);
        match shape {
            Shape::Words { x, y, anchor, words } => {
                let width = self.faces.width(&words, Weight::Regular, SIZE);
                let (x, y) = at((x, y));
                let x = match anchor {
                    Anchor::Middle => x - width / 2.0,
                    Anchor::End => x - width,
                };
                Drawn::Words { x, y, size: SIZE, weight: Weight::Regular, ink: Ink::Text, words }
            }
            Shape::Line { from, to, ink, dashed } => {
                Drawn::Shape(Shape::Line { from: at(from), to: at(to), ink, dashed })
            }
            Shape::Rect { x, y, width, height, ink } => {
                let (x, y) = at((x, y));
                Drawn::Shape(Shape::Rect { x, y, width, height, ink })
            }
            Shape::Dot { x, y, radius, ink } => {
                let (x, y) = at((x, y));
                Drawn::Shape(Shape::Dot { x, y, radius, ink })
            }
        }
    }
}

fn tile_width() -> f32 {
    (SIDES.1 - SIDES.0) / ABREAST as f32
}
