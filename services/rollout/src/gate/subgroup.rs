//! Whether a model serves groups of patients and scanners alike. Pure.
//!
//! Each group is held against everybody else, by the interval of the difference and a margin (clinical decision 29): two
//! small groups that are equal differ by chance, and two that differ look alike. All groups have to hold, so that
//! asking of several lets none pass by luck.

use super::counted::group_key;
use super::{CONFIDENCE, Evidence, Verdict, judge};
use contract::intake::Subgroups;
use contract::review::CountedCase;
use contract::rollout::{Bounds, CountedBy, CountedPart, Criterion};
use evaluation::statistics::{Interval, difference, margin_power};
use std::collections::BTreeMap;

/// Which group of an attribute a series belongs to; empty when it isn't known.
pub(super) type GroupOf = fn(&Subgroups) -> &str;

/// What groups are made by.
const ATTRIBUTES: [(&str, CountedBy, GroupOf); 3] = [
    ("sex", CountedBy::Sex, |groups| &groups.sex),
    ("age", CountedBy::Age, |groups| &groups.age),
    ("scanner", CountedBy::Scanner, |groups| &groups.scanner),
];

/// How a part that is a group is found; `None` for every other part.
pub(super) fn group_of(by: CountedBy) -> Option<GroupOf> {
    ATTRIBUTES.into_iter().find(|(_, known, _)| *known == by).map(|(_, _, of)| of)
}

impl Evidence {
    /// The group of a case; empty when it isn't known.
    pub(super) fn group(&self, case: &CountedCase, of: GroupOf) -> &str {
        self.groups.get(&case.series).map_or("", of)
    }
}

/// Accepted and ended cases.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    accepted: u32,
    ended: u32,
}

impl Tally {
    fn pair(self) -> (u64, u64) {
        (u64::from(self.accepted), u64::from(self.ended))
    }

    fn share(self) -> f64 {
        f64::from(self.accepted) / f64::from(self.ended)
    }

    fn less(self, part: Self) -> Self {
        Self { accepted: self.accepted - part.accepted, ended: self.ended - part.ended }
    }
}

/// A group that is large enough, beside everybody else.
struct Compared<'a> {
    group: &'a str,
    tally: Tally,
    others: Tally,
    gap: f64,
    interval: Interval,
}

/// One criterion for each attribute.
pub(super) fn criteria(evidence: &Evidence, bounds: &Bounds) -> Vec<Criterion> {
    ATTRIBUTES.into_iter().map(|attribute| criterion(attribute, evidence, bounds)).collect()
}

fn criterion(
    (attribute, by, of): (&str, CountedBy, GroupOf),
    evidence: &Evidence,
    bounds: &Bounds,
) -> Criterion {
    let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
    for case in evidence.cases(bounds) {
        let tally = tallies.entry(evidence.group(case, of)).or_default();
        tally.ended += 1;
        tally.accepted += u32::from(case.accepted);
    }
    let mut parts: Vec<CountedPart> = tallies.iter().map(|(group, tally)| part(by, group, *tally)).collect();
    let unknown = tallies.remove("").unwrap_or_default().ended;
    let compared = compared(&tallies, bounds.subgroup_ended_min);
    let small: Vec<String> = tallies
        .iter()
        .filter(|(group, _)| compared.iter().all(|other| other.group != **group))
        .map(|(group, tally)| format!("{group} ({})", tally.ended))
        .collect();
    let worst = compared.iter().min_by(|a, b| a.interval.low.total_cmp(&b.interval.low));
    // The group that decides first, the unknown ones last.
    parts.sort_by_key(|part| (worst.is_none_or(|worst| worst.group != part.label), part.label.is_empty()));
    let bound = -bounds.subgroup_gap_max;
    let (criterion, said) = match worst {
        Some(worst) => judged(attribute, worst, &compared, bounds),
        None => (nothing_to_compare(attribute, bound), "held: no two groups are large enough".to_owned()),
    };
    let left_out = [
        (!small.is_empty()).then(|| format!("not judged, too few: {}", small.join(", "))),
        (unknown > 0).then(|| format!("unknown in {unknown} cases")),
    ];
    let note = [said].into_iter().chain(left_out.into_iter().flatten()).collect::<Vec<_>>().join("; ");
    Criterion { note, parts, ..criterion }
}

fn part(by: CountedBy, group: &str, tally: Tally) -> CountedPart {
    CountedPart { by, group: Some(group_key(group)), label: group.to_owned(), cases: tally.ended }
}

/// The groups that have enough cases, and enough others beside them.
fn compared<'a>(tallies: &BTreeMap<&'a str, Tally>, ended_min: u32) -> Vec<Compared<'a>> {
    let whole = tallies.values().fold(Tally::default(), |sum, tally| Tally {
        accepted: sum.accepted + tally.accepted,
        ended: sum.ended + tally.ended,
    });
    let large = |tally: Tally| tally.ended > 0 && tally.ended >= ended_min;
    let pairs = tallies.iter().map(|(group, tally)| (*group, *tally, whole.less(*tally)));
    pairs
        .filter(|(_, tally, others)| large(*tally) && large(*others))
        .map(|(group, tally, others)| Compared {
            group,
            tally,
            others,
            gap: tally.share() - others.share(),
            interval: difference(tally.pair(), others.pair(), CONFIDENCE),
        })
        .collect()
}

fn judged(attribute: &str, worst: &Compared, compared: &[Compared], bounds: &Bounds) -> (Criterion, String) {
    let bound = -bounds.subgroup_gap_max;
    let truth = f64::midpoint(bounds.accepted_share_min, 1.0);
    let sizes = (u64::from(worst.tally.ended), u64::from(worst.others.ended));
    let power = margin_power(sizes, bounds.subgroup_gap_max, truth, CONFIDENCE);
    let beyond = compared.iter().all(|group| group.gap >= bound);
    let verdict = judge(worst.interval.low >= bound, beyond);
    let word = match verdict {
        Verdict::Held => "held: the near end of the 95 % interval keeps the margin in each group",
        Verdict::Failing => "failing: a group falls short of the others by more than the margin",
        Verdict::Insufficient => "insufficient evidence: the gap keeps the margin, its interval does not yet",
    };
    let note = format!(
        "{word}; {} and {} cases that are equal at a true share of {:.1} % pass in {:.0} % of tries",
        worst.tally.ended,
        worst.others.ended,
        truth * 100.0,
        power * 100.0
    );
    let criterion = Criterion {
        name: format!("accepted share by {attribute}: {} less all others", worst.group),
        value: Some(worst.gap),
        interval: Some((worst.interval.low, worst.interval.high)),
        bound,
        held: matches!(verdict, Verdict::Held),
        note: String::new(),
        parts: Vec::new(),
    };
    (criterion, note)
}

fn nothing_to_compare(attribute: &str, bound: f64) -> Criterion {
    let name = format!("accepted share by {attribute}");
    Criterion { name, value: None, interval: None, bound, held: true, note: String::new(), parts: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::super::gate;
    use super::*;
    use contract::review::ReadCounts;
    use contract::rollout::{Gate, GatePolicy, Stage};
    use contract::{CaseId, RunId, SeriesId};

    /// So many ended and accepted cases of a sex.
    type Group = (&'static str, u32, u32);

    fn of(groups: &[Group]) -> Gate {
        let mut evidence = Evidence { days: 365, ..Evidence::default() };
        for &(sex, ended, accepted) in groups {
            for number in 0..ended {
                let series = SeriesId::from_bits(evidence.own.cases.len() as u128);
                let run = RunId::from_bits(1);
                let case = CountedCase {
                    case: CaseId::from_bits(1),
                    run,
                    series: series.clone(),
                    accepted: number < accepted,
                    discordant: false,
                    critical_findings: 0,
                    findings_mm: Vec::new(),
                };
                evidence.own.cases.push(case);
                let (age, scanner) = (String::new(), "Maker One".to_owned());
                let group = Subgroups { series: series.clone(), sex: sex.to_owned(), age, scanner };
                evidence.groups.insert(series, group);
            }
            let own = &mut evidence.own;
            *own = ReadCounts { ended: own.ended + ended, accepted: own.accepted + accepted, ..own.clone() };
        }
        gate(Stage::Pilot, &evidence, &GatePolicy::default())
    }

    fn by<'g>(gate: &'g Gate, attribute: &str) -> &'g Criterion {
        let name = format!("accepted share by {attribute}");
        gate.criteria.iter().find(|criterion| criterion.name.starts_with(&name)).unwrap()
    }

    #[test]
    fn groups_that_are_served_alike_hold() {
        let gate = of(&[("F", 120, 119), ("M", 150, 148)]);
        let sex = by(&gate, "sex");
        assert!(sex.held && sex.note.contains("150 and 120"), "{sex:?}");
    }

    #[test]
    fn a_group_that_is_served_worse_fails_however_well_the_whole_does() {
        let gate = of(&[("F", 60, 48), ("M", 2_000, 1_990)]);
        let sex = by(&gate, "sex");
        assert!(!sex.held && sex.name.contains("F less all others") && sex.note.starts_with("failing"));
        assert!((sex.value.unwrap() + 0.195).abs() < 1e-9);
        let leads: Vec<_> = sex.parts.iter().map(|part| (part.label.as_str(), part.cases)).collect();
        assert_eq!(leads, [("F", 60), ("M", 2_000)], "to the group that decides first");
    }

    #[test]
    fn equal_shares_of_few_cases_are_no_proof() {
        let sex = by(&of(&[("F", 31, 30), ("M", 31, 30)]), "sex").clone();
        assert!(!sex.held && sex.note.starts_with("insufficient evidence"), "{sex:?}");
    }

    #[test]
    fn too_small_a_group_is_named_and_stops_nobody() {
        let gate = of(&[("F", 120, 119), ("M", 150, 148), ("O", 3, 1), ("", 7, 7)]);
        let sex = by(&gate, "sex");
        assert!(sex.held, "{sex:?}");
        assert!(sex.note.contains("not judged, too few: O (3)") && sex.note.contains("unknown in 7 cases"));
        let leads: Vec<_> = sex.parts.iter().map(|part| (part.label.as_str(), part.cases)).collect();
        assert!(leads.contains(&("O", 3)) && leads[3] == ("", 7), "{leads:?}");
    }

    #[test]
    fn one_group_alone_has_nobody_to_fall_short_of() {
        let gate = of(&[("F", 120, 119), ("M", 150, 148)]);
        let scanner = by(&gate, "scanner");
        assert!(scanner.held && scanner.value.is_none() && scanner.note.contains("Maker One (270)"));
        assert!(by(&gate, "age").note.contains("unknown in 270 cases"));
    }
}
