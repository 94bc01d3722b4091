//! What both renderings must hold, whatever is reported.

use super::*;
use crate::chart::{Shape, WIDTH};
use crate::faces::Faces;
use crate::layout::{BODY, Drawn, Mark, PAGE, SIDES};
use std::process::Command;

fn at(time: &str) -> DateTime<Utc> {
    time.parse().unwrap()
}

fn report_of(blocks: Vec<Block>) -> Report {
    Report {
        title: "Quality report, 2026-01-01 to 2026-03-31".to_owned(),
        made_at: at("2026-04-02T08:15:30Z"),
        made_by: "Ada Lovelace".to_owned(),
        maker: "Countersign 0.1.0".to_owned(),
        lead: vec![Block::Paragraph("What it rests on.".into())],
        sections: vec![Section { heading: "Found".into(), starts: Starts::Below, blocks }],
    }
}

fn row(index: usize) -> Row {
    let cells =
        [format!("group {index}"), format!("{index}"), format!("{index}.5 % ({index} to {})", index + 2)];
    Row::of(cells.map(Text::from))
}

fn table(rows: usize) -> Block {
    let columns = vec![Column::words("Group"), Column::figures("Cases"), Column::figures("Share")];
    Block::Table(Table { columns, rows: (0..rows).map(row).collect() })
}

fn control(points: usize) -> Chart {
    let point = |index: usize| ControlPoint {
        label: format!("2026-W{index:02}"),
        found: (index % 7) as f64 / 20.0,
        low: 0.02,
        high: 0.25,
        is_outside: index % 7 > 5,
    };
    let said = format!("Something invented, by week: 5.0 % of all; 1 of {points} outside their limits");
    Chart::Control(ControlChart { said, centre: 0.05, points: (0..points).map(point).collect() })
}

fn bars() -> Chart {
    let bar = |(label, from, to): (&str, f64, f64)| Bar { label: label.to_owned(), from, to };
    let bars = [
        ("minutes a read", -1_230.0, 4_400.0),
        ("a name that is so long that no picture has room for all of it, and then some more", 90.0, -310.0),
    ];
    Chart::Bars(BarChart {
        said: "What a month leaves".to_owned(),
        unit: "EUR".to_owned(),
        bars: bars.map(bar).into(),
    })
}

/// Everything that a report can hold, with names of people and houses of several scripts.
fn everything() -> Report {
    let long = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft".repeat(3);
    let mut report = report_of(vec![
        Block::List(vec!["a point".into(), Text::bad("what should not be")]),
        Block::KeyFigures(
            ["Cost", "Benefit, likeliest", "Result", "A released study"]
                .map(|name| KeyFigure {
                    name: name.to_owned(),
                    value: "1,234,567.89 EUR".into(),
                    note: Text::quiet("\u{2212}12.00 to 40.00, estimated"),
                })
                .into(),
        ),
        Block::Heading("By model version".to_owned()),
        table(90),
        Block::Chart(control(30)),
        Block::Chart(bars()),
        Block::Paragraph(long.into()),
        Block::Definitions(vec![Definition {
            name: "Cohen's κ".to_owned(),
            text: "agreement ≥ chance. ".repeat(40),
        }]),
    ]);
    report.made_by = "山田 太郎 (東京都立病院、髙﨑𠮷)".to_owned();
    report
}

fn set(report: &Report) -> layout::Set {
    layout::set(report, &Faces::read())
}

fn words(marks: &[Mark]) -> String {
    let drawn = marks.iter().filter_map(|mark| match &mark.drawn {
        Drawn::Words { words, .. } => Some(words.trim_end()),
        Drawn::Shape(_) => None,
    });
    drawn.collect::<Vec<_>>().join(" ")
}

/// From the left, from above, to the right, to below.
fn extent(mark: &Mark, faces: &Faces) -> [f32; 4] {
    match &mark.drawn {
        Drawn::Words { x, y, size, weight, words, .. } => {
            let width = faces.width(words.trim_end(), *weight, *size);
            [*x, y - 1.07 * size, x + width, y + 0.3 * size]
        }
        Drawn::Shape(Shape::Line { from, to, .. }) => {
            [from.0.min(to.0), from.1.min(to.1), from.0.max(to.0), from.1.max(to.1)]
        }
        Drawn::Shape(Shape::Rect { x, y, width, height, .. }) => [*x, *y, x + width, y + height],
        Drawn::Shape(Shape::Dot { x, y, radius, .. }) => [x - radius, y - radius, x + radius, y + radius],
        Drawn::Shape(Shape::Words { .. }) => panic!("words are set by the layout"),
    }
}

#[test]
fn a_table_over_several_pages_says_its_head_on_each_and_each_row_once() {
    let set = set(&report_of(vec![table(200)]));
    assert!(set.pages.len() > 3);
    for page in &set.pages {
        assert!(words(page).contains("Group Cases Share"), "{}", words(page));
    }
    let heads = set.pages.iter().flatten().filter(|mark| mark.part.is_some());
    let heads = heads.filter(|mark| words(std::slice::from_ref(mark)) == "Cases").count();
    assert_eq!(heads, 1, "who has it read to them hears the head once");
    let all: Vec<String> = set.pages.iter().map(|page| words(page)).collect();
    for index in 0..200 {
        let name = format!(" group {index} ");
        assert_eq!(all.iter().filter(|page| page.contains(&name)).count(), 1, "{name}");
    }
}

#[test]
fn nothing_leaves_the_page() {
    let faces = Faces::read();
    let huge = "x".repeat(4_000);
    let mut cases = vec![everything()];
    for text in [huge.as_str(), "many words ", "日本語の長い名前、"] {
        let text = text.repeat(1 + 4_000 / text.len());
        let columns = vec![Column::words(&text[..30]), Column::figures(&text[..30]), Column::words("c")];
        let rows = vec![Row::of([text.as_str().into(), "1".into(), text.as_str().into()]), row(1)];
        cases.push(report_of(vec![Block::Table(Table { columns, rows }), Block::Paragraph(text.into())]));
    }
    let columns = (0..14).map(|index| Column::figures(&format!("quantity {index}"))).collect();
    let rows = vec![Row { cells: vec!["123,456.78 (measured)".into(); 14], kind: RowKind::Sum }];
    cases.push(report_of(vec![Block::Table(Table { columns, rows })]));
    for report in &cases {
        for (number, page) in set(report).pages.iter().enumerate() {
            for mark in page {
                let [left, top, right, bottom] = extent(mark, &faces);
                let inside =
                    left >= SIDES.0 - 0.1 && right <= SIDES.1 + 0.1 && top > 30.0 && bottom < PAGE.1 - 30.0;
                assert!(inside, "page {number}: {mark:?} is at {left} {top} {right} {bottom}");
                assert!(mark.part.is_none() || (top >= BODY.0 - 4.0 && bottom <= BODY.1 + 4.0), "{mark:?}");
            }
        }
    }
}

#[test]
fn no_two_words_of_a_page_lie_on_each_other() {
    let faces = Faces::read();
    for page in &set(&everything()).pages {
        let boxes: Vec<_> = page
            .iter()
            .filter(|mark| matches!(mark.drawn, Drawn::Words { .. }))
            .map(|mark| (extent(mark, &faces), mark))
            .collect();
        for (index, ([left, top, right, bottom], one)) in boxes.iter().enumerate() {
            for ([other_left, other_top, other_right, other_bottom], other) in &boxes[index + 1..] {
                let apart = *right <= other_left + 0.1
                    || *other_right <= left + 0.1
                    || bottom - 3.0 <= *other_top
                    || other_bottom - 3.0 <= *top;
                assert!(apart, "{one:?} lies on {other:?}");
            }
        }
    }
}

#[test]
fn no_heading_stays_behind() {
    let faces = Faces::read();
    for filled in 0..60 {
        let filling = (0..filled).map(|_| Block::Paragraph("a line".into()));
        let blocks = filling.chain([Block::Heading("Below it".to_owned()), table(3)]).collect();
        let set = layout::set(&report_of(blocks), &faces);
        let page = set.pages.iter().find(|page| words(page).contains("Below it")).unwrap();
        assert!(words(page).contains("group 0"), "after {filled} lines");
    }
}

#[test]
fn what_no_font_has_stands_as_its_code_point() {
    let faces = Faces::read();
    assert_eq!(
        faces.readable("日本 ≥ Ω\u{200b}\u{ad} 髙\u{fe00}\n\u{1F600}\u{e000}"),
        "日本 ≥ Ω 髙 [U+1F600][U+E000]"
    );
    assert_eq!(faces.readable("ا"), "[U+0627]");
}

#[test]
fn the_same_report_is_the_same_bytes_and_another_is_not() {
    let mut report = everything();
    let bytes = report.pdf().unwrap();
    assert_eq!(bytes, report.pdf().unwrap());
    report.made_at = at("2026-04-02T08:15:31Z");
    assert_ne!(bytes, report.pdf().unwrap());
}

fn read_by((tool, options): (&str, &[&str]), output: &[&str], pdf: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.pdf");
    std::fs::write(&file, pdf).unwrap();
    let output = Command::new(tool).args(options).arg(&file).args(output).output();
    let output = output.unwrap_or_else(|error| panic!("{tool} is needed, infra/setup installs it: {error}"));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    said
}

/// The readers are poppler's and qpdf's.
#[test]
fn other_readers_find_a_sound_document_with_all_its_words() {
    let report = everything();
    let pdf = report.pdf().unwrap();
    assert!(read_by(("qpdf", &["--check"]), &[], &pdf).contains("No syntax or stream encoding errors"));
    let facts = read_by(("pdfinfo", &[]), &[], &pdf);
    for fact in [
        "Title:           Quality report, 2026-01-01 to 2026-03-31",
        "Tagged:          yes",
        "(A4)",
        "Countersign 0.1.0",
    ] {
        assert!(facts.contains(fact), "{fact} is not in {facts}");
    }
    let claims = read_by(("pdfinfo", &["-meta"]), &[], &pdf);
    for claim in [
        "<pdfaid:part>2</pdfaid:part>",
        "<pdfaid:conformance>A</pdfaid:conformance>",
        "<pdfuaid:part>1</pdfuaid:part>",
    ] {
        assert!(claims.contains(claim), "{claim} is not in {claims}");
    }
    let fonts = read_by(("pdffonts", &[]), &[], &pdf);
    assert_eq!(
        fonts.lines().filter(|line| line.contains("yes yes yes")).count(),
        4,
        "embedded, subset, readable: {fonts}"
    );
    let text = read_by(("pdftotext", &["-layout"]), &["-"], &pdf);
    for words in [
        "山田 太郎 (東京都立病院、髙﨑𠮷)",
        "group 89",
        "89.5 % (89 to 91)",
        "≥ chance",
        "\u{2212}12.00 to 40.00",
        "Cohen's κ",
    ] {
        assert!(text.contains(words), "{words} is not in {text}");
    }
    let pages = set(&report).pages.len();
    for page in 1..=pages {
        assert!(text.contains(&format!("Page {page} of {pages}")));
    }
}

/// The words of a page: what stands between its tags.
fn words_of_page(page: &str) -> Vec<String> {
    let body = page.split_once("<body>").unwrap().1;
    let mut text = String::new();
    for (index, part) in body.split('<').enumerate() {
        let said = if index == 0 { part } else { part.split_once('>').unwrap().1 };
        text.push(' ');
        text.push_str(said);
    }
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
    text.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn each_figure_of_the_page_stands_as_often_in_the_pdf() {
    let report = everything();
    let text = read_by(("pdftotext", &["-raw"]), &["-"], &report.pdf().unwrap());
    let mut printed = std::collections::BTreeMap::<&str, usize>::new();
    for word in text.split_whitespace() {
        *printed.entry(word).or_default() += 1;
    }
    let page = words_of_page(&report.html());
    let figures = page.iter().filter(|word| word.chars().any(|char| char.is_ascii_digit()));
    let mut count = 0;
    for figure in figures {
        let left =
            printed.get_mut(figure.as_str()).unwrap_or_else(|| panic!("{figure} is not in the PDF: {text}"));
        *left = left.checked_sub(1).unwrap_or_else(|| panic!("{figure} stands too seldom in the PDF"));
        count += 1;
    }
    assert!(count > 400, "{count}");
}

#[test]
fn axes_have_round_figures_and_hold_every_point() {
    let faces = Faces::read();
    let written = |chart: Chart| -> Vec<String> {
        let shapes = chart.picture(&faces).shapes.into_iter();
        shapes
            .filter_map(|shape| if let Shape::Words { words, .. } = shape { Some(words) } else { None })
            .collect()
    };
    assert_eq!(written(control(30))[..4], ["0 %", "10 %", "20 %", "30 %"]);
    let axis = ["\u{2212}2,000", "\u{2212}1,000", "0", "1,000", "2,000", "3,000", "4,000", "5,000"];
    assert_eq!(written(bars())[..8], axis);
    let small = Bar { label: "little".to_owned(), from: 0.000_2, to: 0.001_1 };
    let nothing = Bar { label: "nothing".to_owned(), from: 0.0, to: 0.0 };
    for (bars, last) in [(vec![small], "0.0012"), (vec![nothing], "1.2"), (Vec::new(), "1.2")] {
        let chart = BarChart { said: String::new(), unit: "EUR".to_owned(), bars };
        let words = written(Chart::Bars(chart));
        assert!(words.iter().any(|word| word == last), "{words:?}");
    }
}

#[test]
fn the_page_escapes_what_people_typed() {
    let mut report = everything();
    report.sections[0].heading = "<script>alert(1)</script>".into();
    report.made_by = "\"Ada\" <ada@example.org>".to_owned();
    let page = report.html();
    assert!(!page.contains("<script>") && page.contains("&lt;script&gt;"));
    assert!(page.contains("&quot;Ada&quot; &lt;ada@example.org&gt;"));
    assert!(page.contains(&format!("viewBox=\"0 0 {WIDTH} ")));
}
