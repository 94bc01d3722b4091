//! Gaps in the sequence of a service's events: something that the service told and the ledger does not have.

use contract::Time;
use contract::audit::Gap;
use std::collections::BTreeMap;

/// How far the ledger has the events of a service.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    /// The highest `seq` that is recorded.
    pub(crate) last: i64,
    /// What is missing below it, ascending; none touches another.
    pub(crate) gaps: Vec<Gap>,
}

impl Progress {
    /// Whether `seq` is recorded.
    pub(crate) fn has(&self, seq: i64) -> bool {
        seq <= self.last && !self.gaps.iter().any(|gap| gap.first <= seq && seq <= gap.last)
    }

    /// Every event up to this `seq` is recorded.
    pub(crate) fn contiguous(&self) -> i64 {
        self.gaps.first().map_or(self.last, |gap| gap.first - 1)
    }

    /// Takes note that `seq` is recorded now.
    pub(crate) fn record(&mut self, seq: i64, now: Time) {
        if seq > self.last {
            if seq > self.last + 1 {
                self.gaps.push(Gap { first: self.last + 1, last: seq - 1, since: now });
            }
            self.last = seq;
            return;
        }
        let Some(at) = self.gaps.iter().position(|gap| gap.first <= seq && seq <= gap.last) else { return };
        let gap = self.gaps.remove(at);
        let rest = [Gap { last: seq - 1, ..gap.clone() }, Gap { first: seq + 1, ..gap }];
        self.gaps.splice(at..at, rest.into_iter().filter(|part| part.first <= part.last));
    }

    /// How many events are missing.
    pub(crate) fn missing_count(&self) -> i64 {
        self.gaps.iter().map(|gap| gap.last - gap.first + 1).sum()
    }
}

/// A gap in words.
pub(crate) fn describe(service: &str, gap: &Gap) -> String {
    let (first, last) = (gap.first, gap.last);
    if first == last {
        format!("event {first} of {service} is missing")
    } else {
        format!("events {first} to {last} of {service} are missing")
    }
}

/// Every gap of every service, in words.
pub(crate) fn all_gaps(sources: &BTreeMap<String, Progress>) -> Vec<String> {
    let told = |(service, progress): (&String, &Progress)| -> Vec<String> {
        progress.gaps.iter().map(|gap| describe(service, gap)).collect()
    };
    sources.iter().flat_map(told).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn after(order: &[i64]) -> Progress {
        let mut progress = Progress::default();
        for seq in order {
            progress.record(*seq, Time::UNIX_EPOCH);
        }
        progress
    }

    #[test]
    fn gaps_are_named_with_their_service() {
        let progress = after(&[1, 2, 4, 5, 9]);
        let told: Vec<String> = progress.gaps.iter().map(|gap| describe("review", gap)).collect();
        assert_eq!(told, ["event 3 of review is missing", "events 6 to 8 of review are missing"]);
        assert_eq!((progress.contiguous(), progress.missing_count()), (2, 4));
    }

    #[test]
    fn a_gap_remembers_since_when_it_is_open_while_it_is_filled() {
        let mut progress = after(&[1, 9]);
        let later: Time = "2026-11-25T08:00:00Z".parse().unwrap();
        progress.record(5, later);
        let expected = [(2, 4), (6, 8)].map(|(first, last)| Gap { first, last, since: Time::UNIX_EPOCH });
        assert_eq!(progress.gaps, expected);
    }

    proptest! {
        #[test]
        fn whatever_the_order_of_arrival_exactly_what_is_not_recorded_is_missing(
            order in Just((1_i64..=30).collect::<Vec<_>>()).prop_shuffle(),
            kept in 0_usize..=30,
        ) {
            let recorded: BTreeSet<i64> = order[..kept].iter().copied().collect();
            let progress = after(&order[..kept]);
            for seq in 1..=30 {
                prop_assert_eq!(progress.has(seq), recorded.contains(&seq));
            }
            let last = recorded.last().copied().unwrap_or_default();
            prop_assert_eq!(progress.missing_count(), last - recorded.len() as i64);
            let full = after(&order);
            prop_assert_eq!(full, Progress { last: 30, gaps: Vec::new() });
        }
    }
}
