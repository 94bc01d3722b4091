//! The page.

use crate::chart::{Anchor, Chart, Dashed, Ink, Picture, SIZE, Shape, WIDTH};
use crate::faces::Faces;
use crate::{Align, Block, Definition, KeyFigure, Report, Row, RowKind, Section, Starts, Table, Text, Tone};
use maud::{DOCTYPE, Markup, PreEscaped, html};

const STYLE: &str = "
:root { --line: #c9cdd2; --bad: #b3261e; --ink: #1b1f24; --quiet: #5a6472 }
body { font: 14px/1.5 system-ui, sans-serif; color: var(--ink); background: #fff; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere }
h2 { margin-top: 2rem } h3 { margin: 1.2rem 0 .2rem }
table { border-collapse: collapse; width: 100%; margin: .4rem 0 1rem; break-inside: auto }
tr { break-inside: avoid } thead { display: table-header-group }
th, td { border-bottom: 1px solid var(--line); padding: .25rem .5rem; text-align: left; vertical-align: top }
td, th { overflow-wrap: break-word } td.n, th.n { text-align: right; font-variant-numeric: tabular-nums }
tr.sum td { font-weight: 600; border-top: 2px solid var(--ink) }
.quiet { color: var(--quiet); font-weight: 400 } .bad { color: var(--bad); font-weight: 600 }
.key { display: flex; flex-wrap: wrap; gap: .5rem 2rem; padding: 0; list-style: none } .key b { display: block; font-size: 1.3em }
figure { margin: 1rem 0; break-inside: avoid } svg { width: 100%; max-width: 46rem; height: auto; font: 7.5px system-ui, sans-serif }
dt { font-weight: 600; margin-top: .6rem } dd { margin: 0 }
@media print { body { margin: 0; max-width: none } .new-page { break-before: page } }
";

/// Makes the page.
pub(crate) fn page(report: &Report) -> String {
    let faces = Faces::read();
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="generator" content=(report.maker);
                title { (report.title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                h1 { (report.title) }
                p.quiet { (report.imprint()) }
                @for block in &report.lead { (of_block(block, &faces)) }
                @for section in &report.sections { (of_section(section, &faces)) }
            }
        }
    };
    page.into_string()
}

fn of_section(section: &Section, faces: &Faces) -> Markup {
    html! {
        section class=[(section.starts == Starts::OnNewPage).then_some("new-page")] {
            h2 { (of_text(&section.heading)) }
            @for block in &section.blocks { (of_block(block, faces)) }
        }
    }
}

fn of_block(block: &Block, faces: &Faces) -> Markup {
    match block {
        Block::Heading(words) => html! { h3 { (words) } },
        Block::Paragraph(text) => html! { p { (of_text(text)) } },
        Block::List(points) => html! { ul { @for point in points { li { (of_text(point)) } } } },
        Block::KeyFigures(figures) => html! { ul.key { @for figure in figures { (of_key_figure(figure)) } } },
        Block::Table(table) => of_table(table),
        Block::Chart(chart) => of_chart(chart, faces),
        Block::Definitions(definitions) => html! {
            dl { @for Definition { name, text } in definitions { dt { (name) } dd { (text) } } }
        },
    }
}

fn of_text(text: &Text) -> Markup {
    html! {
        @for (words, tone) in text.runs() {
            @match tone {
                Tone::Plain => (words),
                Tone::Quiet => span.quiet { (words) },
                Tone::Bad => span.bad { (words) },
            }
        }
    }
}

fn of_key_figure(figure: &KeyFigure) -> Markup {
    html! { li { (figure.name) b { (of_text(&figure.value)) } (of_text(&figure.note)) } }
}

fn of_table(table: &Table) -> Markup {
    let side = |align: Align| (align == Align::Right).then_some("n");
    html! {
        table {
            thead { tr { @for column in &table.columns { th scope="col" class=[side(column.align)] { (column.name) } } } }
            tbody {
                @for Row { cells, kind } in &table.rows {
                    tr class=[(*kind == RowKind::Sum).then_some("sum")] {
                        @for (cell, column) in cells.iter().zip(&table.columns) {
                            td class=[side(column.align)] { (of_text(cell)) }
                        }
                    }
                }
            }
        }
    }
}

fn of_chart(chart: &Chart, faces: &Faces) -> Markup {
    let Picture { height, shapes } = chart.picture(faces);
    html! {
        figure {
            svg viewBox={ "0 0 " (WIDTH) " " (height) } role="img" aria-label=(chart.said()) {
                @for shape in &shapes { (of_shape(shape)) }
            }
            figcaption { (chart.said()) }
        }
    }
}

fn of_shape(shape: &Shape) -> Markup {
    html! {
        @match shape {
            Shape::Line { from, to, ink, dashed } => {
                line x1=(from.0) y1=(from.1) x2=(to.0) y2=(to.1) stroke=(colour(*ink)) stroke-width="0.6"
                    stroke-dasharray=[(*dashed == Dashed::Dashes).then_some("3 2")] {}
            }
            Shape::Rect { x, y, width, height, ink } => {
                rect x=(x) y=(y) width=(width) height=(height) fill=(colour(*ink)) {}
            }
            Shape::Dot { x, y, radius, ink } => { circle cx=(x) cy=(y) r=(radius) fill=(colour(*ink)) {} }
            Shape::Words { x, y, anchor, words } => {
                text x=(x) y=(y) font-size=(SIZE) text-anchor=(anchored(*anchor)) fill=(colour(Ink::Text)) { (words) }
            }
        }
    }
}

fn anchored(anchor: Anchor) -> &'static str {
    match anchor {
        Anchor::Middle => "middle",
        Anchor::End => "end",
    }
}

fn colour(ink: Ink) -> String {
    let (red, green, blue) = ink.rgb();
    format!("#{red:02x}{green:02x}{blue:02x}")
}
