//! The life of a case, told as stories and as a table of all verdicts.

use super::*;
use crate::fixtures::{
    act, adjudicator, case, content, critical_rejection, finding, open, radiologist, reads, settle, signing,
    start,
};
use chrono::TimeDelta;
use contract::review::{CaseState, ReadContent, Severity, Verdict};
use contract::{Digest, ReleaseId};

const VERDICTS: [Verdict; 4] =
    [Verdict::Accept, Verdict::AcceptWithLimitation, Verdict::Reject, Verdict::CannotJudge];

fn minutes(count: i64) -> Time {
    start() + TimeDelta::minutes(count)
}

fn refusal(case: &mut Case, command: &Command, now: Time) -> String {
    act(case, command, now).unwrap_err().code
}

/// Two first reads and, where wanted, a third: every combination of verdicts, and what the case comes to.
#[test]
fn the_outcome_of_every_combination_of_verdicts() {
    for first in VERDICTS {
        for second in VERDICTS {
            let mut after_two = case();
            reads(&mut after_two, &radiologist(1), content(first), start());
            reads(&mut after_two, &radiologist(2), content(second), start());
            settle(&mut after_two, start());
            let expected = match (first, second) {
                (one, other) if one == other && one.accepts() => CaseState::Released,
                (one, other) if one == other => CaseState::Rejected,
                (Verdict::CannotJudge, _) | (_, Verdict::CannotJudge) => CaseState::Reading,
                _ => CaseState::Discordant,
            };
            assert_eq!(after_two.state(start()), expected, "{first:?} {second:?}");
            if expected == CaseState::Discordant {
                every_third_read(&after_two, [first, second]);
            }
        }
    }
}

fn every_third_read(discordant: &Case, first: [Verdict; 2]) {
    for third in VERDICTS {
        let mut case = discordant.clone();
        reads(&mut case, &adjudicator(9), content(third), start());
        settle(&mut case, start());
        let supported = first.iter().any(|verdict| verdict.accepts());
        let expected = match third {
            Verdict::CannotJudge => CaseState::Discordant,
            _ if third.accepts() && supported => CaseState::Released,
            _ => CaseState::Rejected,
        };
        assert_eq!(case.state(start()), expected, "{first:?} then {third:?}");
    }
}

#[test]
fn a_release_rests_on_two_people_and_the_adjudicator_may_be_one() {
    let mut case = case();
    reads(&mut case, &radiologist(1), content(Verdict::Reject), start());
    reads(&mut case, &radiologist(2), content(Verdict::Accept), start());
    settle(&mut case, start());
    reads(&mut case, &adjudicator(9), content(Verdict::AcceptWithLimitation), start());
    settle(&mut case, start());
    let Some(Ending::Released { signers, .. }) = &case.ending else { panic!("not released") };
    assert_eq!(*signers, [radiologist(2).user, adjudicator(9).user]);
    assert_eq!(case.limitations(), ["not for the apex"]);
}

#[test]
fn after_a_critical_rejection_the_other_reader_reads_on() {
    let mut case = case();
    open(&mut case, &radiologist(2), start()).unwrap();
    reads(&mut case, &radiologist(1), critical_rejection(), start());
    settle(&mut case, start());
    assert!(case.lease_of(&radiologist(2).user, start()).is_some());
    assert_eq!(case.state(start()), CaseState::Reading);
}

#[test]
fn two_who_cannot_judge_end_the_case_only_when_nobody_reads_any_more() {
    let mut case = case();
    open(&mut case, &radiologist(1), start()).unwrap();
    reads(&mut case, &radiologist(2), content(Verdict::CannotJudge), start());
    reads(&mut case, &radiologist(3), content(Verdict::CannotJudge), start());
    settle(&mut case, start());
    assert_eq!(case.state(start()), CaseState::Reading);
    assert_eq!(open(&mut case, &radiologist(4), start()).unwrap_err().code, "unavailable");
    let signing = signing(&case, &radiologist(1), content(Verdict::Accept));
    act(&mut case, &Command::Sign(Box::new(signing)), start()).unwrap();
    settle(&mut case, start());
    assert_eq!(case.state(start()), CaseState::Rejected);
}

#[test]
fn verdicts_meet_only_when_both_are_final() {
    let mut case = case();
    case.policy.finalisation_minutes = 10;
    reads(&mut case, &radiologist(1), content(Verdict::Accept), minutes(0));
    reads(&mut case, &radiologist(2), content(Verdict::Accept), minutes(5));
    settle(&mut case, minutes(14));
    assert_eq!(case.state(minutes(14)), CaseState::Reading);
    settle(&mut case, minutes(15));
    assert_eq!(case.state(minutes(15)), CaseState::Released);
}

#[test]
fn a_release_that_rollout_does_not_allow_is_held_and_follows_when_it_does() {
    let mut case = case();
    reads(&mut case, &radiologist(1), content(Verdict::Accept), start());
    reads(&mut case, &radiologist(2), content(Verdict::Accept), start());
    let refused = Command::Settle(Settling {
        may_release: false,
        identity_certain: true,
        release: ReleaseId::from_bits(7),
        sample: false,
    });
    act(&mut case, &refused, start()).unwrap();
    assert_eq!(case.state(start()), CaseState::Held);
    settle(&mut case, start());
    assert_eq!(case.state(start()), CaseState::Held);
    act(&mut case, &Command::Resume(HoldReason::DeploymentStage), start()).unwrap();
    settle(&mut case, start());
    assert_eq!(case.state(start()), CaseState::Released);
}

#[test]
fn a_hold_on_the_case_ends_the_holds_on_its_slots_and_keeps_drafts() {
    let mut case = case();
    open(&mut case, &radiologist(1), start()).unwrap();
    let save = SaveDraft { version: 0, content: content(Verdict::Accept) };
    act(&mut case, &Command::SaveDraft { user: radiologist(1).user, save }, start()).unwrap();
    act(&mut case, &Command::Hold(HoldReason::DeploymentStage), start()).unwrap();
    let signing = signing(&case, &radiologist(1), content(Verdict::Accept));
    assert_eq!(refusal(&mut case, &Command::Sign(Box::new(signing)), start()), "lease_ended");
    assert_eq!(open(&mut case, &radiologist(1), start()).unwrap_err().code, "unavailable");
    act(&mut case, &Command::Resume(HoldReason::DeploymentStage), start()).unwrap();
    open(&mut case, &radiologist(1), start()).unwrap();
    assert_eq!(case.draft_of(&radiologist(1).user).unwrap().version, 1);
}

#[test]
fn a_superseded_case_takes_no_signature_and_keeps_its_drafts() {
    let mut case = case();
    open(&mut case, &radiologist(1), start()).unwrap();
    let save = SaveDraft { version: 0, content: content(Verdict::Reject) };
    act(&mut case, &Command::SaveDraft { user: radiologist(1).user, save }, start()).unwrap();
    act(&mut case, &Command::Supersede, start()).unwrap();
    assert_eq!(case.state(start()), CaseState::Superseded);
    let signing = signing(&case, &radiologist(1), content(Verdict::Accept));
    assert_eq!(refusal(&mut case, &Command::Sign(Box::new(signing)), start()), "lease_ended");
    assert!(case.draft_of(&radiologist(1).user).is_some());
}

/// R10: a save that arrives after the signature must not touch what was signed, and two tabs must not overwrite
/// each other.
#[test]
fn r10_late_and_conflicting_drafts_are_refused() {
    let mut case = case();
    let reader = radiologist(1);
    open(&mut case, &reader, start()).unwrap();
    let save = |version, verdict| Command::SaveDraft {
        user: reader.user.clone(),
        save: SaveDraft { version, content: content(verdict) },
    };
    act(&mut case, &save(0, Verdict::Accept), start()).unwrap();
    assert_eq!(refusal(&mut case, &save(0, Verdict::Reject), start()), "draft_conflict");
    let conflict = act(&mut case, &save(0, Verdict::Reject), start()).unwrap_err();
    assert!(conflict.message.contains("version 0") && conflict.message.contains("version 1"));
    let signing = signing(&case, &reader, content(Verdict::Reject));
    act(&mut case, &Command::Sign(Box::new(signing)), start()).unwrap();
    assert_eq!(refusal(&mut case, &save(1, Verdict::Accept), start()), "already_signed");
    let signed = ReadContent { viewing: None, ..case.reads[0].content.clone() };
    assert_eq!(signed, content(Verdict::Reject));
}

#[test]
fn what_cannot_be_signed_is_refused_with_the_reason() {
    let reader = radiologist(1);
    let mut opened = case();
    open(&mut opened, &reader, start()).unwrap();
    let sound = signing(&opened, &reader, content(Verdict::Accept));
    let with = |content: ReadContent| signing(&opened, &reader, content);
    let grave = ReadContent { findings: vec![finding(Severity::Major)], ..content(Verdict::Accept) };
    let silent = ReadContent { comment: " ".into(), ..content(Verdict::AcceptWithLimitation) };
    let table = [
        ("digest_mismatch", Signing { case_digest: Digest::of(b"other"), ..sound.clone() }),
        ("signing_subject", Signing { subject: "case_other".into(), ..sound.clone() }),
        ("verdict_missing", with(ReadContent::default())),
        ("viewing_missing", Signing { content: content(Verdict::Accept), ..sound.clone() }),
        ("viewing_missing", Signing { content: content(Verdict::Reject), ..sound.clone() }),
        ("limitation_missing", with(silent)),
        ("finding_against_verdict", with(grave)),
        ("comment_too_long", with(ReadContent { comment: "x".repeat(2_001), ..content(Verdict::Accept) })),
        (
            "too_many_entries",
            with(ReadContent { findings: vec![finding(Severity::Minor); 201], ..content(Verdict::Accept) }),
        ),
    ];
    for (code, signing) in table {
        assert_eq!(refusal(&mut opened, &Command::Sign(Box::new(signing)), start()), code);
    }
    let stranger = Signing { reader: radiologist(2), ..sound.clone() };
    assert_eq!(refusal(&mut opened, &Command::Sign(Box::new(stranger)), start()), "unavailable");
    assert_eq!(refusal(&mut opened, &Command::Sign(Box::new(sound)), minutes(15)), "lease_ended");
}

#[test]
fn regions_must_be_disposed_of_where_policy_says_so() {
    use contract::review::{Disposition, RegionDisposition};
    let mut case = case();
    case.policy.require_region_dispositions = true;
    open(&mut case, &radiologist(1), start()).unwrap();
    let region = |region| RegionDisposition { region, disposition: Disposition::Plausible };
    let with = |regions| ReadContent { regions, ..content(Verdict::Accept) };
    let partial = signing(&case, &radiologist(1), with(vec![region(1)]));
    assert_eq!(refusal(&mut case, &Command::Sign(Box::new(partial)), start()), "regions_open");
    let whole = signing(&case, &radiologist(1), with(vec![region(1), region(0)]));
    act(&mut case, &Command::Sign(Box::new(whole)), start()).unwrap();
}
