//! Which cases a criterion counts, so that each number of a gate leads to them. Pure.

use super::{Evidence, subgroup};
use contract::Digest;
use contract::review::CountedCase;
use contract::rollout::{Bounds, COUNTED_NAMED_MAX, CountedBy, CountedCases, CountedPart, CountedQuery};

/// What an address calls a group: a digest, as the words of a scanner come from outside.
pub(super) fn group_key(label: &str) -> String {
    format!("{:032x}", Digest::of(label.as_bytes()).leading_bits())
}

/// Parts that are no group, each with how many cases there are.
pub(super) fn parts(evidence: &Evidence, bounds: &Bounds, by: &[CountedBy]) -> Vec<CountedPart> {
    let part = |by: &CountedBy| {
        let query = CountedQuery { by: *by, group: None };
        let cases = cases(evidence, bounds, &query).count() as u32;
        CountedPart { by: *by, group: None, label: String::new(), cases }
    };
    by.iter().map(part).collect()
}

/// The cases of a part, those that were not accepted first.
pub fn counted(evidence: &Evidence, bounds: &Bounds, query: &CountedQuery) -> CountedCases {
    let mut found: Vec<&CountedCase> = cases(evidence, bounds, query).collect();
    found.sort_by_key(|case| case.accepted);
    let group = subgroup::group_of(query.by);
    let label = found.first().zip(group).map(|(case, of)| evidence.group(case, of).to_owned());
    CountedCases {
        label: label.unwrap_or_default(),
        total: found.len() as u32,
        cases: found.into_iter().take(COUNTED_NAMED_MAX).map(|case| case.case.clone()).collect(),
    }
}

fn cases<'e>(
    evidence: &'e Evidence,
    bounds: &Bounds,
    query: &'e CountedQuery,
) -> impl Iterator<Item = &'e CountedCase> {
    // The own cases come first.
    let own = evidence.own.cases.len();
    let wanted = move |(at, case): &(usize, &CountedCase)| match query.by {
        CountedBy::Here => *at < own,
        CountedBy::HereNotAccepted => *at < own && !case.accepted,
        CountedBy::All => true,
        CountedBy::NotAccepted => !case.accepted,
        CountedBy::Discordant => case.discordant,
        CountedBy::Critical => case.critical_findings > 0,
        CountedBy::Marked => !case.findings_mm.is_empty(),
        CountedBy::Unflagged => case.findings_mm.iter().any(|place| !evidence.had_flagged(case, *place)),
        CountedBy::Sex | CountedBy::Age | CountedBy::Scanner => {
            let label = subgroup::group_of(query.by).map(|of| evidence.group(case, of));
            query.group.is_some() && query.group == label.map(group_key)
        }
    };
    evidence.cases(bounds).enumerate().filter(wanted).map(|(_, case)| case)
}

#[cfg(test)]
mod tests {
    use super::super::gate;
    use super::*;
    use contract::generation::{Region, RegionKind};
    use contract::intake::Subgroups;
    use contract::review::ReadCounts;
    use contract::rollout::{Gate, GatePolicy, Stage};
    use contract::{CaseId, RunId, SeriesId};
    use proptest::prelude::*;

    /// A case of a woman or a man; its run has one flagged region around the origin.
    fn case(number: usize, kind: u8) -> CountedCase {
        let bits = number as u128;
        CountedCase {
            case: CaseId::from_bits(bits),
            run: RunId::from_bits(bits),
            series: SeriesId::from_bits(bits),
            accepted: !kind.is_multiple_of(3),
            discordant: kind.is_multiple_of(5),
            critical_findings: u32::from(kind.is_multiple_of(7)) * 2,
            findings_mm: match kind % 4 {
                0 => vec![[0.0; 3]],
                1 => vec![[0.0; 3], [80.0, 0.0, 0.0]],
                _ => Vec::new(),
            },
        }
    }

    fn reads(cases: Vec<CountedCase>) -> ReadCounts {
        let number =
            |wanted: fn(&CountedCase) -> bool| cases.iter().filter(|case| wanted(case)).count() as u32;
        ReadCounts {
            ended: cases.len() as u32,
            accepted: number(|case| case.accepted),
            discordant: number(|case| case.discordant),
            critical_findings: cases.iter().map(|case| case.critical_findings).sum(),
            readers: 3,
            cases,
        }
    }

    fn evidence(here: &[u8], elsewhere: &[u8]) -> Evidence {
        let all: Vec<CountedCase> =
            here.iter().chain(elsewhere).enumerate().map(|(number, kind)| case(number, *kind)).collect();
        let group = |case: &CountedCase| {
            let sex = ["F", "M", "O", ""][case.findings_mm.len() + usize::from(case.accepted)];
            let (age, scanner) = (String::new(), "Maker One".to_owned());
            let of = Subgroups { series: case.series.clone(), sex: sex.to_owned(), age, scanner };
            (case.series.clone(), of)
        };
        let kind = RegionKind::Width;
        let region =
            Region { kind, centre_mm: [0.0; 3], diameter_mm: 6.0, half_width_max: 40.0, slices: (0, 1) };
        let (own, other) = all.split_at(here.len());
        Evidence {
            days: 365,
            groups: all.iter().map(group).collect(),
            regions: all.iter().map(|case| (case.run.clone(), vec![region.clone()])).collect(),
            own: reads(own.to_vec()),
            elsewhere: vec![reads(other.to_vec())],
            ..Evidence::default()
        }
    }

    fn leads(gate: &Gate) -> impl Iterator<Item = (&str, &CountedPart)> {
        gate.criteria
            .iter()
            .flat_map(|criterion| criterion.parts.iter().map(|part| (criterion.name.as_str(), part)))
    }

    proptest! {
        /// Every number of a gate is the number of cases behind it, and those that were not accepted come first.
        #[test]
        fn each_number_leads_to_as_many_cases_as_it_says(
            here in proptest::collection::vec(0_u8..210, 0..60),
            elsewhere in proptest::collection::vec(0_u8..210, 0..60),
        ) {
            let (evidence, policy) = (evidence(&here, &elsewhere), GatePolicy::default());
            let bounds = policy.bounds(Stage::Pilot).unwrap();
            let gate = gate(Stage::Pilot, &evidence, &policy);
            let accepted = |id: &CaseId| evidence.cases(bounds).any(|case| case.case == *id && case.accepted);
            for (name, part) in leads(&gate) {
                let query = CountedQuery { by: part.by, group: part.group.clone() };
                let found = counted(&evidence, bounds, &query);
                prop_assert_eq!(found.total, part.cases, "{}: {:?}", name, part);
                prop_assert_eq!(&found.label, &part.label);
                prop_assert!(found.cases.is_sorted_by_key(accepted));
            }
            let of = |by| leads(&gate).find(|(_, part)| part.by == by).map_or(0, |(_, part)| part.cases);
            let (own, others) = (&evidence.own, &evidence.elsewhere[0]);
            prop_assert_eq!(of(CountedBy::Here), own.ended);
            prop_assert_eq!(of(CountedBy::All), own.ended + others.ended);
            prop_assert_eq!(of(CountedBy::NotAccepted), of(CountedBy::All) - own.accepted - others.accepted);
            prop_assert_eq!(of(CountedBy::Discordant), own.discordant + others.discordant);
            let groups = leads(&gate).filter(|(_, part)| part.by == CountedBy::Sex);
            prop_assert_eq!(groups.map(|(_, part)| part.cases).sum::<u32>(), of(CountedBy::All));
        }
    }

    #[test]
    fn what_no_part_names_leads_nowhere() {
        let (evidence, policy) = (evidence(&[1, 2, 3], &[]), GatePolicy::default());
        let bounds = policy.bounds(Stage::Pilot).unwrap();
        for group in [None, Some("F".to_owned()), Some(group_key("X"))] {
            let found = counted(&evidence, bounds, &CountedQuery { by: CountedBy::Sex, group });
            assert_eq!((found.total, found.cases.len()), (0, 0));
        }
        let many = self::evidence(&[3; 600], &[]);
        let found = counted(&many, bounds, &CountedQuery { by: CountedBy::NotAccepted, group: None });
        assert_eq!((found.total, found.cases.len()), (600, COUNTED_NAMED_MAX), "more are counted only");
    }
}
