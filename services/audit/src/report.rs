//! The report of a period: figures, charts and what was unusual, as one page that needs nothing else and prints well.
//! Pure. It names no patient.

mod chart;

use chrono::TimeDelta;
use contract::Time;
use contract::audit::{
    AgreementFigure, Definition, Figures, Group, GroupBy, Measured, Outcome, OverdueFigure, RateFigure, Span,
    Statistic, TimeFigure, Watched,
};
use contract::review::{FindingKind, Severity};
use maud::{DOCTYPE, Markup, PreEscaped, html};

const STYLE: &str = "
:root { --line: #8887; --bad: #b3261e; --ink: #1b1f24; --quiet: #5a6472 }
body { font: 14px/1.5 system-ui, sans-serif; color: var(--ink); max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h2 { margin-top: 2rem } h3 { margin: 1.2rem 0 .2rem }
table { border-collapse: collapse; width: 100%; margin: .4rem 0 1rem; break-inside: auto }
tr { break-inside: avoid } thead { display: table-header-group }
th, td { border-bottom: 1px solid var(--line); padding: .25rem .5rem; text-align: left; vertical-align: top }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums }
.quiet { color: var(--quiet) } .bad { color: var(--bad); font-weight: 600 }
figure { margin: 1rem 0; break-inside: avoid } svg { width: 100%; height: auto; font: 11px system-ui, sans-serif }
dt { font-weight: 600; margin-top: .6rem } dd { margin: 0 }
@media print { body { margin: 0; max-width: none } a { color: inherit; text-decoration: none } }
";

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

/// Makes the page.
pub fn page(head: &Head, figures: &Figures, watched: &Watched) -> String {
    let day = |at: Time| at.format("%Y-%m-%d").to_string();
    // The period ends before its end: the last day is the one before.
    let title = format!("Quality report, {} to {}", day(head.from), day(head.to - TimeDelta::seconds(1)));
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                h1 { (title) }
                p {
                    (figures.cases) " cases ended in the period. Made " (head.made_at.format("%Y-%m-%d %H:%M UTC"))
                    " for " (head.made_by) ". Groups of fewer than " (figures.minimum)
                    " cases show their number and nothing else."
                }
                @if figures.cases > 0 { (found(figures, watched)) }
                h2 { "What each figure is" }
                (definitions(&figures.definitions, &watched.definitions))
            }
        }
    };
    page.into_string()
}

fn found(figures: &Figures, watched: &Watched) -> Markup {
    html! {
        h2 { "The last week of the period" }
        (unusual(watched))
        h2 { "Agreement of the two blind first reads" }
        (agreement(&figures.agreement))
        h2 { "Invented, lost, distorted" }
        (rates(&figures.rates))
        h2 { "Uncertainty against what readers found" }
        (flagged(watched))
        h2 { "Times" }
        (times(&figures.times))
        h2 { "Ended too late" }
        (overdue(&figures.overdue))
        h2 { "Control charts" }
        (charts(watched))
        h2 { "Drift" }
        (drift(watched))
    }
}

fn unusual(watched: &Watched) -> Markup {
    html! {
        ul {
            @for notice in &watched.unusual {
                li class=[notice.is_unusual.then_some("bad")] { (notice.sentence) }
            }
        }
    }
}

/// The groups of figures by what they are grouped, each under its heading.
fn grouped<T>(figures: &[T], group: impl Fn(&T) -> &Group) -> Vec<(&'static str, Vec<&T>)> {
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
    ORDER
        .into_iter()
        .map(|(by, heading)| (heading, figures.iter().filter(|figure| group(figure).by == by).collect()))
        .filter(|(_, figures): &(_, Vec<&T>)| !figures.is_empty())
        .collect()
}

fn overdue(figures: &[OverdueFigure]) -> Markup {
    let figures: Vec<&OverdueFigure> =
        figures.iter().filter(|figure| figure.group.by != GroupBy::ReaderPair).collect();
    html! {
        @for (heading, figures) in grouped(&figures, |figure| &figure.group) {
            h3 { (heading) }
            table {
                thead { tr { th { "Group" } th.n { "Cases" } th.n { "Too late" } th.n { "Share" } } }
                @for figure in figures {
                    tr {
                        td { (figure.group.label) }
                        td.n { (figure.count) }
                        td.n { @if figure.rate.is_some() { (figure.cases.len()) } @else { "–" } }
                        td.n { (share(figure.rate)) }
                    }
                }
            }
        }
    }
}

fn agreement(figures: &[AgreementFigure]) -> Markup {
    // Pairs of readers are people: they belong on the page of quality, not in a report that is handed round.
    let figures: Vec<&AgreementFigure> =
        figures.iter().filter(|figure| figure.group.by != GroupBy::ReaderPair).collect();
    html! {
        @for (heading, figures) in grouped(&figures, |figure| &figure.group) {
            h3 { (heading) }
            table {
                thead { tr {
                    th { "Group" } th.n { "Cases" } th.n { "Differing" } th.n { "Same verdict" } th.n { "Cohen's κ" }
                    th.n { "κ, weighted" } th.n { "Gwet's AC1" }
                } }
                @for figure in figures {
                    tr {
                        td { (figure.group.label) }
                        td.n { (figure.count) }
                        td.n { @if figure.observed.is_some() { (figure.differing.len()) } @else { "–" } }
                        td.n { (share(figure.observed)) }
                        @for value in [figure.kappa, figure.kappa_weighted, figure.ac1] { td.n { (value_of(value)) } }
                    }
                }
            }
        }
    }
}

fn rates(figures: &[RateFigure]) -> Markup {
    let shown: Vec<&RateFigure> =
        figures.iter().filter(|figure| matches!(figure.group.by, GroupBy::All | GroupBy::Model)).collect();
    html! {
        @for (heading, figures) in grouped(&shown, |figure| &figure.group) {
            h3 { (heading) }
            table {
                thead { tr {
                    th { "Group" } th { "Finding" } th { "At least" } th.n { "Found" } th.n { "Cases" } th.n { "Share" }
                } }
                @for figure in figures {
                    tr {
                        td { (figure.group.label) }
                        td { (kind(figure.kind)) }
                        td { (severity(figure.severity)) }
                        td.n { @if figure.rate.is_some() { (figure.cases.len()) } @else { "–" } }
                        td.n { (figure.count) }
                        td.n { (share(figure.rate)) }
                    }
                }
            }
        }
    }
}

fn flagged(watched: &Watched) -> Markup {
    html! {
        @if watched.flagged.is_empty() { p.quiet { "No group is large enough." } } @else {
            table {
                thead { tr {
                    th { "Model version" } th.n { "Cases" } th.n { "Findings with a place" }
                    th.n { "Inside flagged regions" } th.n { "Flagged in a case (cm³, median)" }
                } }
                @for figure in &watched.flagged {
                    tr {
                        td { (figure.label) }
                        td.n { (figure.count) }
                        td.n { (figure.findings) }
                        td.n { (share(figure.inside)) }
                        td.n { (figure.flagged_cm3.map_or("–".to_owned(), |volume| format!("{volume:.1}"))) }
                    }
                }
            }
        }
    }
}

fn times(figures: &[TimeFigure]) -> Markup {
    let all: Vec<&TimeFigure> = figures.iter().filter(|figure| figure.group.by == GroupBy::All).collect();
    html! {
        table {
            thead { tr { th { "Span" } th.n { "Number" } th.n { "Median" } th.n { "90 %" } th.n { "95 %" } } }
            @for figure in all {
                tr {
                    td { (span(figure.span)) }
                    td.n { (figure.count) }
                    @for seconds in [figure.median_s, figure.p90_s, figure.p95_s] { td.n { (duration(seconds)) } }
                }
            }
        }
    }
}

fn charts(watched: &Watched) -> Markup {
    html! {
        @if watched.charts.iter().all(|chart| chart.points.is_empty()) {
            p.quiet { "No group is large enough." }
        }
        @for chart in watched.charts.iter().filter(|chart| !chart.points.is_empty()) { (chart::drawn(chart)) }
    }
}

fn drift(watched: &Watched) -> Markup {
    html! {
        @if watched.drift.is_empty() { p.quiet { "There are too few cases to compare." } } @else {
            table {
                thead { tr {
                    th { "Statistic" } th.n { "Before" } th.n { "Last quarter" } th.n { "PSI" } th.n { "q" } th { "" }
                } }
                @for figure in &watched.drift {
                    tr {
                        td { (statistic(figure.statistic)) }
                        td.n { (figure.reference) }
                        td.n { (figure.recent) }
                        td.n { (format!("{:.2}", figure.psi)) }
                        td.n { (format!("{:.3}", figure.q)) }
                        td class=[figure.is_changed.then_some("bad")] {
                            (if figure.is_changed { "changed" } else { "as before" })
                        }
                    }
                }
            }
        }
        @for alarm in &watched.alarms {
            p.bad {
                "The sequential watch found a change on " (alarm.at.format("%Y-%m-%d")) ", most of all in "
                (statistic(alarm.statistic)) "."
            }
        }
    }
}

fn definitions(figures: &[Definition], watched: &[Definition]) -> Markup {
    html! {
        dl {
            @for definition in figures.iter().chain(watched.iter().filter(|one| one.name != "minimum")) {
                dt { (definition.name) }
                dd { (definition.text) }
            }
        }
    }
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
        None => "–".to_owned(),
    }
}

fn duration(seconds: Option<f64>) -> String {
    match seconds {
        None => "–".to_owned(),
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
        Statistic::Kernel => "convolution kernel",
        Statistic::Protocol => "protocol",
        Statistic::SliceThickness => "slice thickness",
        Statistic::DomainScore => "domain score",
        Statistic::ConsistencyScore => "consistency score",
        Statistic::ReadingTime => "reading time",
        Statistic::Discordant => "differing first reads",
        Statistic::Rejected => "cases ended unreleased",
    }
}

#[cfg(test)]
mod tests;
