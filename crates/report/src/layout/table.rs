//! Tables: how wide each column is, and rows over as many pages as they take, under a head that is said again.

use super::{BODY, LEADING, Part, PartId, SIDES, Setter, Style, Weight};
use crate::chart::Ink;
use crate::wrap::{Line, widths, wrapped};
use crate::{Align, Column, Row, RowKind, Table, Text};

const CELL: Style = Style { size: 8.5, weight: Weight::Regular };
const CELL_BOLD: Style = Style { size: 8.5, weight: Weight::Bold };
/// Room above and below the lines of a row, and between columns.
const PAD: f32 = 3.0;
const GUTTER: f32 = 10.0;
const LINE: f32 = CELL.size * LEADING;

/// A column as it is set.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Place {
    left: f32,
    width: f32,
    align: Align,
}

impl Setter<'_> {
    /// How much of a page the head and the first row take, in points.
    pub(super) fn table_least(&self, table: &Table) -> f32 {
        let places = self.places(table);
        let first =
            table.rows.first().map_or(0.0, |row| height(&self.cells(&row.cells, &places, style(row))));
        height(&self.head(table, &places)) + first.min((BODY.1 - BODY.0) / 4.0)
    }

    pub(super) fn table(&mut self, inside: PartId, table: &Table) {
        let places = self.places(table);
        let part = self.open(Part::Table, inside);
        let head = self.head(table, &places);
        let row = self.open(Part::TableHead, part);
        let row = self.open(Part::Row, row);
        let cells = places.iter().map(|_| Some(self.open(Part::HeadCell, row))).collect::<Vec<_>>();
        self.row((&head, CELL_BOLD), &places, &cells);
        let body = self.open(Part::TableBody, part);
        for row in &table.rows {
            let lines = self.cells(&row.cells, &places, style(row));
            let part = self.open(Part::Row, body);
            let cells = places.iter().map(|_| Some(self.open(Part::Cell, part))).collect::<Vec<_>>();
            if row.kind == RowKind::Sum {
                self.rule(self.y, 0.9, Ink::Text);
            }
            self.row_over_pages((lines, style(row)), &places, (&head, &cells));
        }
        self.y += 8.0;
    }

    /// A row, on the next page under the head if it has no room here, and over several if it has no room on one.
    fn row_over_pages(
        &mut self,
        (mut lines, style): (Vec<Vec<Line>>, Style),
        places: &[Place],
        (head, cells): (&[Vec<Line>], &[Option<PartId>]),
    ) {
        let page = BODY.1 - BODY.0 - height(head);
        if self.left() < height(&lines).min(page) {
            self.turn_table(places, head);
        }
        while height(&lines) > self.left() {
            let fit = (((self.left() - 2.0 * PAD) / LINE).floor() as usize).max(1);
            let rest = lines.iter_mut().map(|cell| cell.split_off(fit.min(cell.len()))).collect();
            self.row((&lines, style), places, cells);
            self.turn_table(places, head);
            lines = rest;
        }
        self.row((&lines, style), places, cells);
    }

    /// The next page, with the head again: who has the table read to them hears it once.
    fn turn_table(&mut self, places: &[Place], head: &[Vec<Line>]) {
        self.turn();
        self.row((head, CELL_BOLD), places, &vec![None; places.len()]);
    }

    fn row(&mut self, (lines, style): (&[Vec<Line>], Style), places: &[Place], cells: &[Option<PartId>]) {
        for ((cell, place), part) in lines.iter().zip(places).zip(cells) {
            for (index, line) in cell.iter().enumerate() {
                let shift = match place.align {
                    Align::Left => 0.0,
                    Align::Right => place.width - line.width,
                };
                let top = self.y + PAD + index as f32 * LINE;
                self.line(*part, line, style, (place.left + shift, top));
            }
        }
        self.y += height(lines);
        self.rule(self.y - 0.5, 0.5, Ink::Line);
    }

    fn cells(&self, cells: &[Text], places: &[Place], style: Style) -> Vec<Vec<Line>> {
        cells.iter().zip(places).map(|(text, place)| wrapped(self.faces, text, style, place.width)).collect()
    }

    fn head(&self, table: &Table, places: &[Place]) -> Vec<Vec<Line>> {
        let names: Vec<Text> = table.columns.iter().map(|column| Text::quiet(column.name.as_str())).collect();
        self.cells(&names, places, CELL_BOLD)
    }

    /// From side to side: each column as wide as it would be without breaking, and a share of what is left; where that
    /// doesn't fit, heads break before words do, words before figures, and figures before a word is cut.
    fn places(&self, table: &Table) -> Vec<Place> {
        let room = SIDES.1 - SIDES.0 - GUTTER * table.columns.len().saturating_sub(1) as f32;
        let columns: Vec<[f32; 4]> = (0..table.columns.len()).map(|at| self.column(table, at)).collect();
        let level = |level: usize| columns.iter().map(|widths| widths[level]).collect::<Vec<_>>();
        let mut left = SIDES.0;
        let place = |(width, column): (f32, &Column)| {
            let place = Place { left, width, align: column.align };
            left += width + GUTTER;
            place
        };
        shared(room, &[level(0), level(1), level(2), level(3)])
            .into_iter()
            .zip(&table.columns)
            .map(place)
            .collect()
    }

    /// How wide a column would be with nothing broken, with its head broken, with its words broken too, and with its
    /// figures, in points.
    fn column(&self, table: &Table, at: usize) -> [f32; 4] {
        let Column { name, align } = &table.columns[at];
        let head = widths(self.faces, &name.as_str().into(), CELL_BOLD);
        let cells = table.rows.iter().filter_map(|row| Some((row.cells.get(at)?, style(row))));
        let cells = cells.map(|(cell, style)| widths(self.faces, cell, style));
        let (whole, word) =
            cells.fold((0.0_f32, 0.0_f32), |most, one| (most.0.max(one.0), most.1.max(one.1)));
        let unbroken = match align {
            Align::Left => word,
            Align::Right => whole,
        };
        // A hair more, so that what was measured as a whole fits when it is summed up in parts.
        [head.0.max(whole), head.1.max(whole), head.1.max(unbroken), head.1.max(word)]
            .map(|width| width + 0.01)
    }
}

/// How wide columns are, given how wide they would be, from nothing broken to everything.
fn shared(room: f32, levels: &[Vec<f32>; 4]) -> Vec<f32> {
    let sum = |widths: &[f32]| widths.iter().sum::<f32>();
    let fits = levels.iter().position(|widths| sum(widths) <= room);
    let (least, most) = match fits {
        Some(0) | None => {
            let widths = if fits.is_some() { &levels[0] } else { &levels[3] };
            let times = room / sum(widths).max(f32::EPSILON);
            return widths.iter().map(|width| width * times).collect();
        }
        Some(level) => (&levels[level], &levels[level - 1]),
    };
    let part = (room - sum(least)) / (sum(most) - sum(least)).max(f32::EPSILON);
    least.iter().zip(most).map(|(least, most)| least + (most - least) * part).collect()
}

fn style(row: &Row) -> Style {
    match row.kind {
        RowKind::Item => CELL,
        RowKind::Sum => CELL_BOLD,
    }
}

fn height(cells: &[Vec<Line>]) -> f32 {
    let lines = cells.iter().map(Vec::len).max().unwrap_or(0);
    lines as f32 * LINE + 2.0 * PAD
}
