//! Cases that test readers: sentinels and repeats. What they are made of, and what quality is told of them. Pure.

use crate::case::{Case, Kind, Slot};
use crate::concord::{self, Concord};
use contract::review::{CaseKind, QualitySample, Verdict};
use contract::{CaseId, Priority, Refusal, Time, UserId};

/// A new case over the run of another one, with nothing of what happened to that one.
pub fn made_from(of: &Case, id: CaseId, kind: Kind, now: Time) -> Case {
    Case {
        id,
        kind,
        // What tests a reader keeps nobody waiting whom it is urgent for.
        priority: Priority::Routine,
        priority_change: None,
        overdue_at: None,
        queued_at: now,
        leases: Vec::new(),
        drafts: Vec::new(),
        reads: Vec::new(),
        withdrawals: Vec::new(),
        invalidated: Vec::new(),
        holds: Vec::new(),
        deferrals: Vec::new(),
        discordant_at: None,
        panel_at: None,
        sampled_at: None,
        superseded_at: None,
        ending: None,
        recall: None,
        version: 0,
        ..of.clone()
    }
}

/// Whether the run of a case may become a source of sentinels: its reads ended it unreleased.
///
/// # Errors
/// The refusal otherwise.
pub fn check_sentinel_source(case: &Case) -> Result<(), Refusal> {
    let bad = case.is_clinical()
        && case.superseded_at.is_none()
        && matches!(case.ending, Some(crate::case::Ending::Rejected { .. }));
    if bad {
        return Ok(());
    }
    Err(Refusal::new(
        "not_known_bad",
        "only a case that its readers rejected is known to be bad",
        "choose a rejected case whose images did not change",
    ))
}

/// Who may be asked to read a case once more: who signed one of its first reads with a verdict.
pub fn repeat_readers(case: &Case) -> Vec<UserId> {
    Slot::FIRST_READS
        .iter()
        .filter_map(|&slot| case.read_in(slot))
        .map(|read| read.reader().clone())
        .collect()
}

/// What quality is told of the final reads on a sentinel or a repeat. `of` is the case it was made from.
pub fn samples(case: &Case, of: Option<&Case>, now: Time) -> Vec<QualitySample> {
    let (kind, source) = match &case.kind {
        Kind::Clinical => return Vec::new(),
        Kind::Sentinel { of } => (CaseKind::Sentinel, of),
        Kind::Repeat { of, .. } => (CaseKind::Repeat, of),
    };
    let first_time = |reader: &UserId| of.and_then(|of| of.read_of(reader));
    let reads = case.reads.iter().filter(|read| read.is_final(now));
    reads
        .map(|read| QualitySample {
            case: case.id.clone(),
            kind,
            of: source.clone(),
            run: case.run.clone(),
            series: case.series.clone(),
            reader: read.reader().clone(),
            printed_name: read.signature.printed_name.clone(),
            verdict: read.verdict,
            agrees: match (read.verdict, kind) {
                (Verdict::CannotJudge, _) => None,
                (verdict, CaseKind::Sentinel) => Some(verdict == Verdict::Reject),
                _ => first_time(read.reader())
                    .map(|before| concord::compare(&before.content, &read.content) != Concord::Discordant),
            },
            signed_at: read.signature.signed_at,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{
        adjudicator, case, content, critical_rejection, open, radiologist, reads, settle, start,
    };
    use contract::review::CaseState;

    fn rejected() -> Case {
        let mut case = case();
        reads(&mut case, &radiologist(1), critical_rejection(), start());
        reads(&mut case, &radiologist(2), content(Verdict::Reject), start());
        settle(&mut case, start());
        case
    }

    fn sentinel(source: &Case) -> Case {
        let kind = Kind::Sentinel { of: source.id.clone() };
        let mut case = made_from(source, CaseId::from_bits(50), kind, start());
        case.kin.readers.extend(source.reads.iter().map(|read| read.reader().clone()));
        case
    }

    #[test]
    fn only_a_case_that_its_reads_rejected_becomes_a_source_of_sentinels() {
        check_sentinel_source(&rejected()).unwrap();
        let mut released = case();
        reads(&mut released, &radiologist(1), content(Verdict::Accept), start());
        reads(&mut released, &radiologist(2), content(Verdict::Accept), start());
        settle(&mut released, start());
        for other in [case(), released, Case { superseded_at: Some(start()), ..rejected() }] {
            assert_eq!(check_sentinel_source(&other).unwrap_err().code, "not_known_bad");
        }
    }

    #[test]
    fn a_sentinel_is_never_released_whatever_is_signed_and_goes_to_nobody_who_knows_it() {
        for (one, other) in [(Verdict::Accept, Verdict::Accept), (Verdict::Accept, Verdict::Reject)] {
            let source = rejected();
            let mut case = sentinel(&source);
            assert_eq!(open(&mut case, &radiologist(1), start()).unwrap_err().code, "unavailable");
            reads(&mut case, &radiologist(3), content(one), start());
            reads(&mut case, &radiologist(4), content(other), start());
            settle(&mut case, start());
            assert_eq!(case.state(start()), CaseState::Rejected);
            assert!(open(&mut case, &adjudicator(9), start()).is_err());
            let told = samples(&case, Some(&source), start());
            let found: Vec<_> = told.iter().map(|sample| sample.agrees).collect();
            assert_eq!(found, [one, other].map(|verdict| Some(verdict == Verdict::Reject)));
        }
    }

    #[test]
    fn a_repeat_is_for_one_reader_and_is_compared_with_that_readers_first_time() {
        let source = rejected();
        assert_eq!(repeat_readers(&source), [radiologist(1).user, radiologist(2).user]);
        for (verdict, agrees) in
            [(Verdict::Reject, Some(true)), (Verdict::Accept, Some(false)), (Verdict::CannotJudge, None)]
        {
            let kind = Kind::Repeat { of: source.id.clone(), reader: radiologist(1).user };
            let mut case = made_from(&source, CaseId::from_bits(51), kind, start());
            assert_eq!(open(&mut case, &radiologist(2), start()).unwrap_err().code, "unavailable");
            reads(&mut case, &radiologist(1), content(verdict), start());
            settle(&mut case, start());
            assert_eq!(samples(&case, Some(&source), start())[0].agrees, agrees);
            assert_eq!(case.state(start()), CaseState::Rejected, "{verdict:?}");
        }
    }

    #[test]
    fn a_patients_case_tells_no_sample() {
        assert!(samples(&rejected(), None, start()).is_empty());
    }
}
