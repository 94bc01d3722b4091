//! What delivery may load, whether it may be sent now, and what gates are computed from. Pure.

use crate::blind;
use crate::case::{Case, Ending, SignedRead, Slot};
use crate::concord::matched_count;
use crate::ended;
use contract::review::{CountedCase, Finding, Read, ReadCounts, Release, ReleaseCheck, Severity};
use contract::rollout::Stage;
use contract::{Time, UserId};
use std::collections::BTreeSet;

/// The release of a case; `None` for every case that is not released.
pub fn release(case: &Case) -> Option<Release> {
    let Some(Ending::Released { release, at, .. }) = &case.ending else { return None };
    Some(Release {
        id: release.clone(),
        case: case.id.clone(),
        run: case.run.clone(),
        series: case.series.clone(),
        study: case.study.clone(),
        source_set: case.source_set,
        model: case.model.clone(),
        deployment: case.deployment.clone(),
        stage: case.stage,
        case_digest: case.case_digest,
        reads: case.deciding_reads().map(|read| as_signed(case, read, *at)).collect(),
        limitations: case.limitations(),
        released_at: *at,
    })
}

/// A read as it was signed: what its reader wrote since is no part of what is sent, which never changes.
fn as_signed(case: &Case, read: &SignedRead, at: Time) -> Read {
    Read { addenda: Vec::new(), ..blind::told(case, read, at) }
}

/// What stands around a released case that it doesn't know itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct Around {
    /// The deployment's stage as last told by rollout, if it ever changed since the case was queued.
    pub stage: Option<Stage>,
    /// Its study is under investigation.
    pub investigated: bool,
    /// A recall of a selection that it belongs to is proposed, or confirmed and on its way to it.
    pub wanted_back: bool,
}

/// Whether a released case may be sent now.
pub fn check(case: &Case, around: Around) -> ReleaseCheck {
    let Around { stage, investigated, wanted_back } = around;
    let reason = if release(case).is_none() {
        "the case is not released"
    } else if case.recall.is_some() {
        "the case is recalled, or its recall is proposed"
    } else if wanted_back {
        "a recall of everything that the case belongs to is proposed"
    } else if investigated {
        "the study is under investigation"
    } else if case.superseded_at.is_some() {
        "the source changed after the release"
    } else if stage.is_some_and(|now| now < case.stage) {
        "the deployment stands below the stage under which the run was made"
    } else {
        ""
    };
    ReleaseCheck { may_send: reason.is_empty(), reason: reason.to_owned() }
}

/// Counts over cases that their reads ended; open cases never count.
pub fn counts(ended: &[Case]) -> ReadCounts {
    let by_reads = |case: &&Case| {
        case.is_clinical() && case.ending.is_some() && !matches!(case.ending, Some(Ending::Expired { .. }))
    };
    let cases = || ended.iter().filter(by_reads);
    let people: BTreeSet<&UserId> = cases().flat_map(|case| &case.reads).map(SignedRead::reader).collect();
    ReadCounts {
        ended: number(cases().count()),
        accepted: number(cases().filter(|case| case.ending.as_ref().is_some_and(Ending::accepts)).count()),
        discordant: number(cases().filter(|case| case.discordant_at.is_some()).count()),
        critical_findings: number(cases().map(critical_findings).sum()),
        readers: number(people.len()),
        cases: cases().map(counted).collect(),
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn counted(case: &Case) -> CountedCase {
    let findings = ended::confirmed(case);
    CountedCase {
        case: case.id.clone(),
        run: case.run.clone(),
        series: case.series.clone(),
        accepted: case.ending.as_ref().is_some_and(Ending::accepts),
        discordant: case.discordant_at.is_some(),
        critical_findings: number(critical_findings(case)),
        findings_mm: findings.into_iter().filter_map(|finding| finding.centre_mm).collect(),
    }
}

/// Critical findings of the third read where there is one, else those that both first readers marked.
fn critical_findings(case: &Case) -> usize {
    let critical = |finding: &Finding| finding.severity == Severity::Critical;
    if let Some(third) = case.read_in(Slot::Third) {
        return third.content.findings.iter().filter(|finding| critical(finding)).count();
    }
    let (Some(first), Some(second)) = (case.read_in(Slot::First), case.read_in(Slot::Second)) else {
        return 0;
    };
    matched_count(&first.content.findings, &second.content.findings, critical)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{
        adjudicator, case, content, critical_rejection, radiologist, reads, settle, start,
    };
    use contract::review::Verdict;

    fn released() -> Case {
        let mut case = case();
        reads(&mut case, &radiologist(1), content(Verdict::AcceptWithLimitation), start());
        reads(&mut case, &radiologist(2), content(Verdict::AcceptWithLimitation), start());
        settle(&mut case, start());
        case
    }

    #[test]
    fn a_release_carries_every_read_and_the_union_of_limitations() {
        let release = release(&released()).unwrap();
        assert_eq!(release.reads.len(), 2);
        assert_eq!(release.limitations, ["not for the apex"]);
        assert!(release.reads.iter().all(|read| read.signature.case_digest == release.case_digest));
    }

    #[test]
    fn a_case_that_is_not_released_has_no_release() {
        let mut case = case();
        reads(&mut case, &radiologist(1), content(Verdict::Accept), start());
        settle(&mut case, start());
        assert!(release(&case).is_none());
        assert!(!check(&case, Around::default()).may_send);
    }

    #[test]
    fn what_was_released_is_not_sent_below_its_stage_or_after_its_source_changed() {
        let mut case = released();
        assert!(check(&case, Around::default()).may_send);
        assert!(!check(&case, Around { investigated: true, ..Around::default() }).may_send);
        assert!(!check(&case, Around { wanted_back: true, ..Around::default() }).may_send);
        let at = |stage| check(&case, Around { stage: Some(stage), ..Around::default() });
        assert!(at(Stage::General).may_send);
        assert!(!at(Stage::Supervised).may_send);
        assert!(!at(Stage::Suspended).may_send);
        case.superseded_at = Some(start());
        assert!(!check(&case, Around::default()).may_send);
    }

    #[test]
    fn counts_take_agreed_and_adjudicated_critical_findings_of_ended_cases() {
        let mut agreed = case();
        reads(&mut agreed, &radiologist(1), critical_rejection(), start());
        reads(&mut agreed, &radiologist(2), critical_rejection(), start());
        settle(&mut agreed, start());
        let mut alone = case();
        reads(&mut alone, &radiologist(1), critical_rejection(), start());
        reads(&mut alone, &radiologist(2), content(Verdict::Accept), start());
        settle(&mut alone, start());
        let open = alone.clone();
        reads(&mut alone, &adjudicator(9), content(Verdict::Reject), start());
        settle(&mut alone, start());
        let counts = counts(&[agreed, alone, open, released()]);
        assert_eq!((counts.ended, counts.accepted, counts.discordant), (3, 1, 1));
        assert_eq!((counts.critical_findings, counts.readers), (1, 3));
        let told: Vec<_> = counts.cases.iter().map(|case| (case.accepted, case.findings_mm.len())).collect();
        assert_eq!(told, [(false, 1), (false, 0), (true, 0)], "what one of two marked is not confirmed");
        let worse: Vec<_> =
            counts.cases.iter().map(|case| (case.discordant, case.critical_findings)).collect();
        assert_eq!(worse, [(false, 1), (true, 0), (false, 0)], "each case says what the sums count");
    }
}
