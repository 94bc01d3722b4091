//! By what cases are grouped.

use super::Names;
use chrono::Timelike as _;
use contract::audit::{Group, GroupBy};
use contract::review::EndedCase;
use std::collections::BTreeMap;

/// Hours of the day that are one group.
const HOURS: u32 = 4;
const UNKNOWN: &str = "unknown";

/// All groups with their cases, in order.
pub(super) fn groups<'c>(cases: &'c [EndedCase], names: &Names) -> BTreeMap<Group, Vec<&'c EndedCase>> {
    let mut groups: BTreeMap<Group, Vec<&EndedCase>> = BTreeMap::new();
    for case in cases {
        for group in groups_of(case, names) {
            groups.entry(group).or_default().push(case);
        }
    }
    groups
}

fn groups_of(case: &EndedCase, names: &Names) -> Vec<Group> {
    let name = |known: Option<&String>| known.map_or_else(|| UNKNOWN.to_owned(), Clone::clone);
    let scanner = name(names.scanners.get(&case.series));
    let month = case.ended_at.format("%Y-%m").to_string();
    let stage = case.stage.as_str().to_owned();
    let (pair, readers) = readers(case);
    let hours = case.queued_at.hour() / HOURS * HOURS;
    let hours = (format!("{hours:02}"), format!("{hours:02}:00–{:02}:00 UTC", hours + HOURS));
    [
        (GroupBy::All, "all".to_owned(), "all cases".to_owned()),
        (GroupBy::ReaderPair, pair, readers),
        (GroupBy::Model, case.model.to_string(), name(names.models.get(&case.model))),
        (GroupBy::Deployment, case.deployment.to_string(), name(names.deployments.get(&case.deployment))),
        (GroupBy::Stage, stage.clone(), stage),
        (GroupBy::Scanner, scanner.clone(), scanner),
        (GroupBy::Month, month.clone(), month),
        (GroupBy::Hours, hours.0, hours.1),
    ]
    .map(|(by, key, label)| Group { by, key, label })
    .into()
}

/// The pair in one order, whoever read first.
fn readers(case: &EndedCase) -> (String, String) {
    let mut pair =
        case.first_reads.each_ref().map(|read| (read.reader.to_string(), read.printed_name.clone()));
    pair.sort();
    let [(one, one_name), (other, other_name)] = pair;
    (format!("{one} {other}"), format!("{one_name}, {other_name}"))
}
