//! A case that its reads ended, as figures of quality count it. Pure.
//!
//! Only blind reads count as agreement: the two first reads, and only when nobody can still read the same source, so
//! that no figure tells a reader of another's read.

use crate::case::{Case, Ending, SignedRead, Slot};
use crate::concord::matched_count;
use contract::review::{BlindRead, ConfirmedFinding, EndedCase, Finding};

/// The case for figures; `None` while it can't be counted, and for cases that are no patient's.
pub fn ended(case: &Case) -> Option<EndedCase> {
    let ending = case.ending.as_ref().filter(|ending| !matches!(ending, Ending::Expired { .. }))?;
    if !case.is_clinical() || case.kin.has_open_case {
        return None;
    }
    let [first, second] = Slot::FIRST_READS.map(|slot| case.read_in(slot));
    let first_reads = [counted(case, first?), counted(case, second?)];
    let discordant = case.discordant_at.is_some();
    Some(EndedCase {
        id: case.id.clone(),
        run: case.run.clone(),
        series: case.series.clone(),
        model: case.model.clone(),
        deployment: case.deployment.clone(),
        stage: case.stage,
        queued_at: case.queued_at,
        ended_at: ending.at(),
        due_at: case.due_at(),
        accepted: ending.accepts(),
        discordant,
        confirmed: confirmed(case),
        first_reads,
        deciding_read: deciding(case).map(|read| counted(case, read)),
    })
}

fn counted(case: &Case, read: &SignedRead) -> BlindRead {
    let hold = case.leases.iter().rfind(|lease| lease.reader == *read.reader() && lease.slot == read.slot);
    BlindRead {
        id: read.id.clone(),
        reader: read.reader().clone(),
        printed_name: read.signature.printed_name.clone(),
        verdict: read.verdict,
        opened_at: hold.map(|hold| hold.taken_at),
        signed_at: read.signature.signed_at,
    }
}

/// What the deciding reader marked; without one, what both first readers marked, at the severity of the first.
pub(crate) fn confirmed(case: &Case) -> Vec<ConfirmedFinding> {
    let of = |finding: &Finding| ConfirmedFinding {
        kind: finding.kind,
        severity: finding.severity,
        centre_mm: finding.centre_mm,
    };
    if let Some(deciding) = deciding(case) {
        return deciding.content.findings.iter().map(of).collect();
    }
    let [Some(first), Some(second)] = Slot::FIRST_READS.map(|slot| case.read_in(slot)) else {
        return Vec::new();
    };
    let others = &second.content.findings;
    let both = first
        .content
        .findings
        .iter()
        .filter(|finding| matched_count(std::slice::from_ref(*finding), others, |_| true) > 0);
    both.map(of).collect()
}

fn deciding(case: &Case) -> Option<&SignedRead> {
    case.read_in(Slot::Third).filter(|_| case.discordant_at.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{case, content, critical_rejection, radiologist, reads, settle, start};
    use contract::review::{Severity, Verdict};

    #[test]
    fn a_case_counts_when_its_reads_ended_it_and_not_before() {
        let mut case = case();
        reads(&mut case, &radiologist(1), content(Verdict::Accept), start());
        assert!(ended(&case).is_none());
        reads(&mut case, &radiologist(2), content(Verdict::Accept), start());
        settle(&mut case, start());
        let counted = ended(&case).unwrap();
        assert!(counted.accepted && !counted.discordant && counted.deciding_read.is_none());
        assert!(counted.first_reads.iter().all(|read| read.verdict == Verdict::Accept));
        assert!(counted.first_reads.iter().all(|read| read.opened_at.is_some()));
    }

    #[test]
    fn while_somebody_can_still_read_the_same_source_the_case_does_not_count() {
        let mut case = case();
        reads(&mut case, &radiologist(1), content(Verdict::Accept), start());
        reads(&mut case, &radiologist(2), content(Verdict::Accept), start());
        settle(&mut case, start());
        case.kin.has_open_case = true;
        assert!(ended(&case).is_none());
    }

    #[test]
    fn a_finding_stands_when_both_first_readers_marked_it() {
        let mut agreed = case();
        reads(&mut agreed, &radiologist(1), critical_rejection(), start());
        reads(&mut agreed, &radiologist(2), critical_rejection(), start());
        settle(&mut agreed, start());
        let confirmed = ended(&agreed).unwrap().confirmed;
        assert_eq!(confirmed.len(), 1);
        assert_eq!(confirmed[0].severity, Severity::Critical);
    }
}
