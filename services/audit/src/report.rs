//! The report of a period: figures, charts and what was unusual. Pure. It names no patient and no reader.

mod chart;

use chrono::TimeDelta;
use contract::Time;
use contract::audit::{
    AgreementFigure, Definition, Figures, Group, GroupBy, Measured, Outcome, OverdueFigure, RateFigure, Span,
    Statistic, TimeFigure, Watched,
};
use contract::review::{FindingKind, Severity};
use report::{Block, Column, Report, Row, Section, Starts, Table, Text};

/// The program that makes it.
const MAKER: &str = concat!("Countersign ", env!("CARGO_PKG_VERSION"));
/// Stands where a figure can't be said.
const NOTHING: &str = "–";

/// What stands at the head of a report.
#[derive(Debug, Clone)]
pub struct Head {
    /// The period's begin.
    pub from: Time,
    /// The period's end.
    pub to: Time,
    /// When it was made.
    pub made_at: Time,
    /// Who had it made.
    pub made_by: String,
}

/// What the report says.
pub fn report(head: &Head, figures: &Figures, watched: &Watched) -> Report {
    let day = |at: Time| at.format("%Y-%m-%d").to_string();
    let lead = format!(
        "{} cases ended in the period. Groups of fewer than {} cases show their number and nothing else.",
        figures.cases, figures.minimum
    );
    let mut sections = if figures.cases > 0 { found(figures, watched) } else { Vec::new() };
    sections.push(section("What each figure is", definitions(&figures.definitions, &watched.definitions)));
    Report {
        // The period ends before its end: the last day is the one before.
        title: format!("Quality report, {} to {}", day(head.from), day(head.to - TimeDelta::seconds(1))),
        made_at: head.made_at,
        made_by: head.made_by.clone(),
        maker: MAKER.to_owned(),
        lead: vec![Block::Paragraph(lead.into())],
        sections,
    }
}

fn section(heading: &str, blocks: Vec<Block>) -> Section {
    Section { heading: heading.into(), starts: Starts::Below, blocks }
}

fn found(figures: &Figures, watched: &Watched) -> Vec<Section> {
    vec![
        section("The last week of the period", unusual(watched)),
        section("Agreement of the two blind first reads", agreement(&figures.agreement)),
        section("Invented, lost, distorted", rates(&figures.rates)),
        section("Uncertainty against what readers found", flagged(watched)),
        section("Times", times(&figures.times)),
        section("Ended too late", overdue(&figures.overdue)),
        section("Control charts", charts(watched)),
        section("Drift", drift(watched)),
    ]
}

fn unusual(watched: &Watched) -> Vec<Block> {
    let told = watched.unusual.iter().map(|notice| {
        if notice.is_unusual { Text::bad(&notice.sentence) } else { notice.sentence.as_str().into() }
    });
    vec![Block::List(told.collect())]
}

/// A table for each kind of group, under its heading.
fn grouped<T>(
    figures: &[T],
    group: impl Fn(&T) -> &Group,
    columns: &[Column],
    row: impl Fn(&T) -> Row,
) -> Vec<Block> {
    const ORDER: [(GroupBy, &str); 8] = [
        (GroupBy::All, "All cases"),
        (GroupBy::Model, "By model version"),
        (GroupBy::Deployment, "By deployment"),
        (GroupBy::Stage, "By stage"),
        (GroupBy::Scanner, "By scanner"),
        (GroupBy::Month, "By month"),
        (GroupBy::Hours, "By time of day"),
        (GroupBy::ReaderPair, "By pair of readers"),
    ];
    let mut blocks = Vec::new();
    for (by, heading) in ORDER {
        let rows: Vec<Row> = figures.iter().filter(|figure| group(figure).by == by).map(&row).collect();
        if !rows.is_empty() {
            blocks.push(Block::Heading(heading.to_owned()));
            blocks.push(Block::Table(Table { columns: columns.to_vec(), rows }));
        }
    }
    blocks
}

/// A count that is said only where its share is.
fn counted(count: usize, measured: Option<Measured>) -> Text {
    measured.map_or_else(|| NOTHING.into(), |_| count.to_string().into())
}

fn overdue(figures: &[OverdueFigure]) -> Vec<Block> {
    let figures: Vec<_> = figures.iter().filter(|figure| figure.group.by != GroupBy::ReaderPair).collect();
    let columns = [
        Column::words("Group"),
        Column::figures("Cases"),
        Column::figures("Too late"),
        Column::figures("Share"),
    ];
    grouped(
        &figures,
        |figure| &figure.group,
        &columns,
        |figure| {
            Row::of([
                figure.group.label.as_str().into(),
                figure.count.to_string().into(),
                counted(figure.cases.len(), figure.rate),
                share(figure.rate).into(),
            ])
        },
    )
}

fn agreement(figures: &[AgreementFigure]) -> Vec<Block> {
    // Pairs of readers are people: they belong on the page of quality, not in a report that is handed round.
    let figures: Vec<_> = figures.iter().filter(|figure| figure.group.by != GroupBy::ReaderPair).collect();
    let columns = [
        Column::words("Group"),
        Column::figures("Cases"),
        Column::figures("Differing"),
        Column::figures("Same verdict"),
        Column::figures("Cohen's κ"),
        Column::figures("κ, weighted"),
        Column::figures("Gwet's AC1"),
    ];
    grouped(
        &figures,
        |figure| &figure.group,
        &columns,
        |figure| {
            Row::of([
                figure.group.label.as_str().into(),
                figure.count.to_string().into(),
                counted(figure.differing.len(), figure.observed),
                share(figure.observed).into(),
                value_of(figure.kappa).into(),
                value_of(figure.kappa_weighted).into(),
                value_of(figure.ac1).into(),
            ])
        },
    )
}

fn rates(figures: &[RateFigure]) -> Vec<Block> {
    let shown: Vec<_> =
        figures.iter().filter(|figure| matches!(figure.group.by, GroupBy::All | GroupBy::Model)).collect();
    let columns = [
        Column::words("Group"),
        Column::words("Finding"),
        Column::words("At least"),
        Column::figures("Found"),
        Column::figures("Cases"),
        Column::figures("Share"),
    ];
    grouped(
        &shown,
        |figure| &figure.group,
        &columns,
        |figure| {
            Row::of([
                figure.group.label.as_str().into(),
                kind(figure.kind).into(),
                severity(figure.severity).into(),
                counted(figure.cases.len(), figure.rate),
                figure.count.to_string().into(),
                share(figure.rate).into(),
            ])
        },
    )
}

fn flagged(watched: &Watched) -> Vec<Block> {
    if watched.flagged.is_empty() {
        return vec![Block::Paragraph(Text::quiet("No group is large enough."))];
    }
    let columns = vec![
        Column::words("Model version"),
        Column::figures("Cases"),
        Column::figures("Findings with a place"),
        Column::figures("Inside regions of wide interval"),
        Column::figures("Flagged in a case (cm³, median)"),
    ];
    let row = |figure: &contract::audit::FlaggedFigure| {
        let volume = figure.flagged_cm3.map_or(NOTHING.to_owned(), |volume| format!("{volume:.1}"));
        Row::of([
            figure.label.as_str().into(),
            figure.count.to_string().into(),
            figure.findings.to_string().into(),
            share(figure.inside).into(),
            volume.into(),
        ])
    };
    vec![Block::Table(Table { columns, rows: watched.flagged.iter().map(row).collect() })]
}

fn times(figures: &[TimeFigure]) -> Vec<Block> {
    let columns = vec![
        Column::words("Span"),
        Column::figures("Number"),
        Column::figures("Median"),
        Column::figures("90 %"),
        Column::figures("95 %"),
    ];
    let row = |figure: &TimeFigure| {
        Row::of([
            span(figure.span).into(),
            figure.count.to_string().into(),
            duration(figure.median_s).into(),
            duration(figure.p90_s).into(),
            duration(figure.p95_s).into(),
        ])
    };
    let rows = figures.iter().filter(|figure| figure.group.by == GroupBy::All).map(row).collect();
    vec![Block::Table(Table { columns, rows })]
}

fn charts(watched: &Watched) -> Vec<Block> {
    let charts: Vec<Block> = watched
        .charts
        .iter()
        .filter(|chart| !chart.points.is_empty())
        .map(|one| Block::Chart(chart::described(one)))
        .collect();
    if charts.is_empty() {
        return vec![Block::Paragraph(Text::quiet("No group is large enough."))];
    }
    charts
}

fn drift(watched: &Watched) -> Vec<Block> {
    let mut blocks = if watched.drift.is_empty() {
        vec![Block::Paragraph(Text::quiet("There are too few cases to compare."))]
    } else {
        vec![Block::Table(drift_table(watched))]
    };
    blocks.extend(watched.alarms.iter().map(|alarm| {
        let (day, most) = (alarm.at.format("%Y-%m-%d"), statistic(alarm.statistic));
        let told = format!("The sequential watch found a change on {day}, most of all in {most}.");
        Block::Paragraph(Text::bad(told))
    }));
    blocks
}

fn drift_table(watched: &Watched) -> Table {
    let columns = vec![
        Column::words("Statistic"),
        Column::figures("Before"),
        Column::figures("Last quarter"),
        Column::figures("PSI"),
        Column::figures("q"),
        Column::words("Found"),
    ];
    let row = |figure: &contract::audit::DriftFigure| {
        Row::of([
            statistic(figure.statistic).into(),
            figure.reference.to_string().into(),
            figure.recent.to_string().into(),
            format!("{:.2}", figure.psi).into(),
            format!("{:.3}", figure.q).into(),
            if figure.is_changed { Text::bad("changed") } else { "as before".into() },
        ])
    };
    Table { columns, rows: watched.drift.iter().map(row).collect() }
}

fn definitions(figures: &[Definition], watched: &[Definition]) -> Vec<Block> {
    let all = figures.iter().chain(watched.iter().filter(|one| one.name != "minimum"));
    let definition = |one: &Definition| report::Definition { name: one.name.clone(), text: one.text.clone() };
    vec![Block::Definitions(all.map(definition).collect())]
}

fn share(measured: Option<Measured>) -> String {
    shown(measured, |value| format!("{:.1} %", value * 100.0))
}

fn value_of(measured: Option<Measured>) -> String {
    shown(measured, |value| format!("{value:.2}"))
}

fn shown(measured: Option<Measured>, print: impl Fn(f64) -> String) -> String {
    match measured {
        Some(Measured { value, low: Some(low), high: Some(high) }) => {
            format!("{} ({} to {})", print(value), print(low), print(high))
        }
        Some(Measured { value, .. }) => print(value),
        None => NOTHING.to_owned(),
    }
}

fn duration(seconds: Option<f64>) -> String {
    match seconds {
        None => NOTHING.to_owned(),
        Some(seconds) if seconds < 120.0 => format!("{seconds:.0} s"),
        Some(seconds) if seconds < 7_200.0 => format!("{:.0} min", seconds / 60.0),
        Some(seconds) => format!("{:.1} h", seconds / 3_600.0),
    }
}

fn kind(kind: FindingKind) -> &'static str {
    match kind {
        FindingKind::Invented => "invented",
        FindingKind::Lost => "lost",
        FindingKind::Distorted => "distorted",
        FindingKind::Texture => "unnatural texture",
        FindingKind::Artefact => "artefact",
        FindingKind::Intensity => "wrong values",
    }
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Minor => "minor",
        Severity::Major => "major",
        Severity::Critical => "critical",
    }
}

fn span(span: Span) -> &'static str {
    match span {
        Span::Turnaround => "From queueing to the end",
        Span::FirstReader => "Waiting for the first reader",
        Span::SecondReader => "Waiting for the second reader",
        Span::Adjudication => "Adjudication",
        Span::Reading => "Reading, each first read",
        Span::AdjudicatorWait => "Waiting for the adjudicator",
        Span::Machine => "The machine's time",
    }
}

fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Discordant => "First reads differ",
        Outcome::Rejected => "Ended unreleased",
        Outcome::Invented => "Something invented",
        Outcome::Lost => "Something lost",
        Outcome::Distorted => "Something distorted",
    }
}

fn statistic(statistic: Statistic) -> &'static str {
    match statistic {
        Statistic::Scanner => "scanner",
        Statistic::Software => "software of the scanner",
        Statistic::Kernel => "convolution kernel",
        Statistic::Protocol => "protocol",
        Statistic::SliceThickness => "slice thickness",
        Statistic::PixelSpacing => "pixel spacing",
        Statistic::Noise => "noise",
        Statistic::DomainScore => "domain score",
        Statistic::ConsistencyScore => "consistency score",
        Statistic::AgreementScore => "agreement score",
        Statistic::ReadingTime => "reading time",
        Statistic::Discordant => "differing first reads",
        Statistic::Rejected => "cases ended unreleased",
    }
}

#[cfg(test)]
mod tests;
