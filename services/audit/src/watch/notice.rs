//! What is unusual this week, and why: three to seven sentences, the least expected first.

use super::chart::week_of;
use super::{Gathered, WEEK, came_out};
use contract::audit::{Chart, ChartBy, DriftAlarm, Notice, NoticeKind, Outcome, Statistic};
use contract::review::{EndedCase, Severity};
use contract::{CaseId, Time};
use evaluation::agreement::percentile;
use evaluation::drift::compare::ks;

const NOTICES_MIN: usize = 3;
const NOTICES_MAX: usize = 7;
/// Below this chance times of this week and before are told apart.
const TIMES_DIFFER: f64 = 0.001;
const SECONDS_PER_HOUR: f64 = 3_600.0;

/// The sentences about the week before `to`.
pub(super) fn notices(
    gathered: &Gathered,
    charts: &[Chart],
    alarms: &[DriftAlarm],
    to: Time,
    minimum: u32,
) -> Vec<Notice> {
    let (before, week): (Vec<&EndedCase>, Vec<&EndedCase>) =
        gathered.cases.iter().partition(|case| case.ended_at < to - WEEK);
    let mut notices = critical(&week);
    notices.extend(alarms.iter().filter(|alarm| alarm.at >= to - WEEK).map(drifted));
    notices.extend(outside(charts, &week));
    notices.extend(slower(&before, &week, minimum));
    if notices.is_empty() {
        notices.push(plain(NoticeKind::Calm, 0.0, week.len(), Vec::new()));
    }
    // How things stand fills up what is unusual.
    let standing = [volume(&before, &week), agreement(&week, minimum)];
    let room = NOTICES_MIN.max(notices.len() + 1).saturating_sub(notices.len());
    notices.truncate(NOTICES_MAX);
    notices.extend(standing.into_iter().flatten().take(room.min(NOTICES_MAX - notices.len())));
    for notice in &mut notices {
        notice.sentence = sentence(notice);
    }
    notices
}

fn plain(kind: NoticeKind, value: f64, count: usize, cases: Vec<CaseId>) -> Notice {
    Notice {
        kind,
        is_unusual: false,
        outcome: None,
        statistic: None,
        label: String::new(),
        value,
        count: count as u32,
        low: None,
        high: None,
        sentence: String::new(),
        cases,
    }
}

fn ids<'c>(cases: impl IntoIterator<Item = &'c EndedCase>) -> Vec<CaseId> {
    cases.into_iter().map(|case| case.id.clone()).collect()
}

/// One confirmed critical finding is unusual, whatever the numbers.
fn critical(week: &[&EndedCase]) -> Vec<Notice> {
    let is_critical =
        |case: &EndedCase| case.confirmed.iter().any(|finding| finding.severity == Severity::Critical);
    let with = ids(week.iter().copied().filter(|case| is_critical(case)));
    if with.is_empty() {
        return Vec::new();
    }
    vec![Notice { is_unusual: true, ..plain(NoticeKind::Critical, with.len() as f64, week.len(), with) }]
}

fn drifted(alarm: &DriftAlarm) -> Notice {
    Notice {
        is_unusual: true,
        statistic: Some(alarm.statistic),
        ..plain(NoticeKind::Drift, alarm.share, 1, vec![alarm.case.clone()])
    }
}

/// Points outside their limits: of weeks only the newest, of groups all that had a case this week.
fn outside(charts: &[Chart], week: &[&EndedCase]) -> Vec<Notice> {
    let newest = week.last().map(|case| week_of(case));
    let recent: std::collections::HashSet<&CaseId> = week.iter().map(|case| &case.id).collect();
    let mut found = Vec::new();
    for chart in charts {
        for point in chart.points.iter().filter(|point| point.is_outside) {
            let is_meant = if chart.by == ChartBy::Week {
                newest.as_ref() == Some(&point.label)
            } else {
                point.cases.iter().any(|case| recent.contains(case)) || point.found < point.low
            };
            if !is_meant {
                continue;
            }
            let kind =
                if point.found > point.high { NoticeKind::OutcomeHigh } else { NoticeKind::OutcomeLow };
            found.push(Notice {
                is_unusual: true,
                outcome: Some(chart.outcome),
                label: point.label.clone(),
                low: Some(f64::from(point.low)),
                high: Some(f64::from(point.high)),
                ..plain(kind, f64::from(point.found), point.count as usize, point.cases.clone())
            });
        }
    }
    found
}

fn slower(before: &[&EndedCase], week: &[&EndedCase], minimum: u32) -> Option<Notice> {
    let seconds = |cases: &[&EndedCase]| -> Vec<f64> {
        cases.iter().map(|case| (case.ended_at - case.queued_at).as_seconds_f64()).collect()
    };
    let (mut former, mut now) = (seconds(before), seconds(week));
    if former.len().min(now.len()) < minimum.max(1) as usize || ks(&former, &now)?.p >= TIMES_DIFFER {
        return None;
    }
    let (low, high) = (percentile(&mut former, 0.05)?, percentile(&mut former, 0.95)?);
    let (usual, median) = (percentile(&mut former, 0.5)?, percentile(&mut now, 0.5)?);
    let kind = if median > usual { NoticeKind::Slower } else { NoticeKind::Faster };
    let mut slowest: Vec<&EndedCase> = week.to_vec();
    slowest.sort_by_key(|case| std::cmp::Reverse(case.ended_at - case.queued_at));
    Some(Notice {
        is_unusual: true,
        low: Some(low),
        high: Some(high),
        ..plain(kind, median, week.len(), ids(slowest))
    })
}

fn volume(before: &[&EndedCase], week: &[&EndedCase]) -> Option<Notice> {
    let (first, last) = (before.first()?, before.last()?);
    let weeks = ((last.ended_at - first.ended_at).as_seconds_f64() / WEEK.as_seconds_f64()).max(1.0);
    let usual = before.len() as f64 / weeks;
    Some(Notice {
        low: Some(usual),
        ..plain(NoticeKind::Volume, week.len() as f64, week.len(), ids(week.iter().copied()))
    })
}

fn agreement(week: &[&EndedCase], minimum: u32) -> Option<Notice> {
    if week.len() < minimum.max(1) as usize {
        return None;
    }
    let differing = ids(week.iter().copied().filter(|case| came_out(case, Outcome::Discordant)));
    let same = week.len() - differing.len();
    Some(plain(NoticeKind::Agreement, same as f64, week.len(), differing))
}

fn sentence(notice: &Notice) -> String {
    let Notice { value, count, low, high, .. } = notice;
    let (low, high) = (low.unwrap_or_default(), high.unwrap_or_default());
    let whose = if notice.label.is_empty() { String::new() } else { format!("{}: ", notice.label) };
    let outcome = notice.outcome.map_or("", outcome_words);
    let hours = |seconds: f64| seconds / SECONDS_PER_HOUR;
    match notice.kind {
        NoticeKind::OutcomeHigh => {
            format!("{whose}{value} of {count} cases {outcome}; at most {high} were to be expected.")
        }
        NoticeKind::OutcomeLow => {
            format!("{whose}{value} of {count} cases {outcome}; at least {low} were to be expected.")
        }
        NoticeKind::Drift => {
            let statistic = notice.statistic.map_or("something", statistic_words);
            format!("Cases are no longer like those before: {statistic} changed.")
        }
        NoticeKind::Slower | NoticeKind::Faster => format!(
            "Half of the cases ended within {:.1} h; before, nine in ten took {:.1} to {:.1} h.",
            hours(*value),
            hours(low),
            hours(high)
        ),
        NoticeKind::Critical => format!("A critical finding was confirmed in {value} of {count} cases."),
        NoticeKind::Volume => format!("{value} cases ended this week; {low:.0} do in a usual week."),
        NoticeKind::Agreement => {
            format!("The first readers gave the same verdict on {value} of {count} cases.")
        }
        NoticeKind::Calm => "Nothing lies outside its limits this week.".to_owned(),
    }
}

fn outcome_words(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Discordant => "were read differently",
        Outcome::Rejected => "ended unreleased",
        Outcome::Invented => "had something invented",
        Outcome::Lost => "had something lost",
        Outcome::Distorted => "had something distorted",
    }
}

fn statistic_words(statistic: Statistic) -> &'static str {
    match statistic {
        Statistic::Scanner => "the scanner",
        Statistic::Software => "the version of the scanner's software",
        Statistic::Kernel => "the convolution kernel",
        Statistic::Protocol => "the protocol",
        Statistic::SliceThickness => "the slice thickness",
        Statistic::PixelSpacing => "the pixel spacing",
        Statistic::Noise => "the noise",
        Statistic::DomainScore => "the domain score",
        Statistic::ConsistencyScore => "the consistency score",
        Statistic::AgreementScore => "the agreement score",
        Statistic::ReadingTime => "the time per read",
        Statistic::Discordant => "how often the first reads differ",
        Statistic::Rejected => "how often cases end unreleased",
    }
}
