//! Gaps in the sequence of a service's events: something that the service told and the ledger does not have.

use std::ops::RangeInclusive;

/// How far the ledger has the events of a service.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    /// Every event up to this `seq` is recorded.
    pub(crate) contiguous: i64,
    /// The highest `seq` that is recorded.
    pub(crate) last: i64,
}

impl Progress {
    /// Progress once `seq` is recorded; `beyond` are the recorded numbers above [`Self::contiguous`], ascending.
    #[must_use]
    pub(crate) fn record(self, seq: i64, beyond: &[i64]) -> Self {
        let last = self.last.max(seq);
        let contiguous =
            beyond.iter().fold(
                self.contiguous,
                |reached, &recorded| {
                    if recorded == reached + 1 { recorded } else { reached }
                },
            );
        Self { contiguous, last }
    }

    /// Whether something below the highest recorded number is missing.
    pub(crate) fn has_gap(self) -> bool {
        self.contiguous < self.last
    }
}

/// The missing numbers between `contiguous` and the last of `beyond`, which are the recorded numbers above it,
/// ascending.
pub(crate) fn missing(contiguous: i64, beyond: &[i64]) -> Vec<RangeInclusive<i64>> {
    let mut gaps = Vec::new();
    let mut reached = contiguous;
    for &recorded in beyond {
        if recorded > reached + 1 {
            gaps.push(reached + 1..=recorded - 1);
        }
        reached = recorded;
    }
    gaps
}

/// A gap in words.
pub(crate) fn describe(service: &str, gap: &RangeInclusive<i64>) -> String {
    let (first, last) = (gap.start(), gap.end());
    if first == last {
        format!("event {first} of {service} is missing")
    } else {
        format!("events {first} to {last} of {service} are missing")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn gaps_are_named_with_their_service() {
        let gaps = missing(2, &[4, 5, 9]);
        let told: Vec<String> = gaps.iter().map(|gap| describe("review", gap)).collect();
        assert_eq!(told, ["event 3 of review is missing", "events 6 to 8 of review are missing"]);
    }

    proptest! {
        #[test]
        fn whatever_the_order_of_arrival_progress_ends_without_a_gap(
            order in Just((1_i64..=30).collect::<Vec<_>>()).prop_shuffle()
        ) {
            let mut progress = Progress::default();
            let mut recorded = std::collections::BTreeSet::new();
            for seq in order {
                recorded.insert(seq);
                let beyond: Vec<i64> =
                    recorded.iter().copied().filter(|number| *number > progress.contiguous).collect();
                progress = progress.record(seq, &beyond);
                let beyond: Vec<i64> =
                    recorded.iter().copied().filter(|number| *number > progress.contiguous).collect();
                prop_assert_eq!(progress.has_gap(), !missing(progress.contiguous, &beyond).is_empty());
            }
            prop_assert_eq!(progress, Progress { contiguous: 30, last: 30 });
        }
    }
}
