//! The life of a case, told as stories, as a table of all verdicts, and as random walks.

use super::*;
use crate::assign;
use crate::case::Slot;
use crate::fixtures::{
    act, adjudicator, case, content, critical_rejection, finding, open, radiologist, reads, settle, signing,
    start,
};
use chrono::TimeDelta;
use contract::review::{CaseState, ReadContent, Severity, Verdict};
use contract::rollout::Stage;
use contract::{Digest, ReadId, ReleaseId};
use proptest::prelude::*;
use std::collections::BTreeSet;

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
    let refused =
        Command::Settle(Settling { may_release: false, release: ReleaseId::from_bits(7), sample: false });
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
    assert_eq!(case.reads[0].content, content(Verdict::Reject));
}

#[test]
fn what_cannot_be_signed_is_refused_with_the_reason() {
    let reader = radiologist(1);
    let mut opened = case();
    open(&mut opened, &reader, start()).unwrap();
    let sound = signing(&opened, &reader, content(Verdict::Accept));
    let with = |content: ReadContent| Signing { content, ..sound.clone() };
    let grave = ReadContent { findings: vec![finding(Severity::Major)], ..content(Verdict::Accept) };
    let silent = ReadContent { comment: " ".into(), ..content(Verdict::AcceptWithLimitation) };
    let table = [
        ("digest_mismatch", Signing { case_digest: Digest::of(b"other"), ..sound.clone() }),
        ("signing_subject", Signing { subject: "case_other".into(), ..sound.clone() }),
        ("verdict_missing", with(ReadContent::default())),
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
    let stranger = Signing { user: radiologist(2).user, ..sound.clone() };
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

const WHY: &str = "for a good reason";

/// One step of a random walk: who (0 to 5: radiologists 0 to 3, adjudicators 4 and 5), what, and how much later.
#[derive(Debug, Clone)]
enum Step {
    Open(u8),
    GiveBack(u8),
    Save(u8),
    Sign(u8, u8),
    SignElse(u8),
    EndLapsed,
    Settle(bool, bool),
    Withdraw(u8),
    Defer(u8),
    Return,
    Revoke,
    HoldByHand(bool),
    ResumeByHand,
    ProposeRecall(u8),
    ConfirmRecall(u8),
    Expire,
    Hold,
    Resume,
    Supersede,
    Wait(i16),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..6_u8).prop_map(Step::Open),
        1 => (0..6_u8).prop_map(Step::GiveBack),
        1 => (0..6_u8).prop_map(Step::Save),
        6 => ((0..6_u8), (0..5_u8)).prop_map(|(who, what)| Step::Sign(who, what)),
        1 => (0..6_u8).prop_map(Step::SignElse),
        2 => Just(Step::EndLapsed),
        4 => (prop::bool::weighted(0.8), any::<bool>()).prop_map(|(may, sample)| Step::Settle(may, sample)),
        2 => (0..6_u8).prop_map(Step::Withdraw),
        1 => (0..6_u8).prop_map(Step::Defer),
        1 => Just(Step::Return),
        1 => prop::bool::weighted(0.3).prop_map(|often| if often { Step::Revoke } else { Step::ResumeByHand }),
        1 => any::<bool>().prop_map(Step::HoldByHand),
        1 => (0..6_u8).prop_map(Step::ProposeRecall),
        1 => (0..6_u8).prop_map(Step::ConfirmRecall),
        1 => prop::bool::weighted(0.05).prop_map(|rare| if rare { Step::Expire } else { Step::EndLapsed }),
        1 => Just(Step::Hold),
        2 => Just(Step::Resume),
        1 => prop::bool::weighted(0.05).prop_map(|rare| if rare { Step::Supersede } else { Step::EndLapsed }),
        // Clocks are set back now and then.
        3 => (-5..30_i16).prop_map(Step::Wait),
    ]
}

fn walker(number: u8) -> Reader {
    if number < 4 { radiologist(u128::from(number)) } else { adjudicator(u128::from(number)) }
}

fn command(case: &Case, step: &Step, serial: u128) -> Option<Command> {
    let signs = |who: u8, digest| {
        let what = |what: u8| match what {
            4 => critical_rejection(),
            other => content(VERDICTS[usize::from(other)]),
        };
        let verdict = if let Step::Sign(_, verdict) = step { *verdict } else { 0 };
        let read = ReadId::from_bits(serial);
        Command::Sign(Box::new(Signing {
            case_digest: digest,
            read,
            ..signing(case, &walker(who), what(verdict))
        }))
    };
    Some(match *step {
        Step::Open(who) => Command::Open { reader: walker(who), lease: LeaseId::from_bits(serial) },
        Step::GiveBack(who) => Command::GiveBack { user: walker(who).user },
        Step::Save(who) => {
            let version = case.draft_of(&walker(who).user).map_or(0, |draft| draft.version);
            let save = SaveDraft { version, content: content(Verdict::Accept) };
            Command::SaveDraft { user: walker(who).user, save }
        }
        Step::Sign(who, _) => signs(who, case.case_digest),
        Step::SignElse(who) => signs(who, Digest::of(b"something else")),
        Step::EndLapsed => Command::EndLapsedLeases,
        Step::Settle(may_release, sample) => {
            Command::Settle(Settling { may_release, release: ReleaseId::from_bits(serial), sample })
        }
        Step::Hold => Command::Hold(HoldReason::DeploymentStage),
        Step::Resume => Command::Resume(HoldReason::DeploymentStage),
        Step::Supersede => Command::Supersede,
        Step::Withdraw(who) => Command::Withdraw { user: walker(who).user, reason: WHY.to_owned() },
        Step::Defer(who) => Command::Defer { user: walker(who).user, reason: WHY.to_owned() },
        Step::Return => Command::Return,
        Step::Revoke => Command::Revoke { words: WHY.to_owned() },
        Step::HoldByHand(defers) => {
            let reason = if defers { HoldReason::Deferred } else { HoldReason::Coordinator };
            Command::HoldByHand { reason, by: walker(9).user, words: WHY.to_owned() }
        }
        Step::ResumeByHand => Command::ResumeByHand,
        Step::ProposeRecall(who) => Command::ProposeRecall { by: walker(who).user, words: WHY.to_owned() },
        Step::ConfirmRecall(who) => Command::ConfirmRecall { by: walker(who).user },
        Step::Wait(_) | Step::Expire => return None,
    })
}

/// I3: a release rests on two accepting signatures of two people over exactly the case's digest, and never on a
/// case whose first reads were not final.
fn release_is_sound(case: &Case, now: Time) {
    let Some(Ending::Released { signers, .. }) = &case.ending else { return };
    assert_ne!(signers[0], signers[1]);
    for signer in signers {
        let read = case.read_of(signer).expect("a signer of the release signed a read");
        assert!(read.verdict.accepts() && read.signature.case_digest == case.case_digest);
    }
    let first = |slot| case.read_in(slot).is_some_and(SignedRead::is_critical_rejection);
    if first(Slot::First) || first(Slot::Second) {
        // Only two adjudicators overrule a critical rejection.
        let slots = signers.each_ref().map(|signer| case.read_of(signer).unwrap().slot);
        assert_eq!(slots, Slot::PANEL);
    }
    assert!(case.is_clinical());
    assert!(case.stage.is_clinical() && now >= case.queued_at);
}

/// I4: no person signs twice or fills two slots; a third read comes from an adjudicator, a first one never.
fn people_are_different(case: &Case) {
    let people: BTreeSet<_> = case.reads.iter().map(SignedRead::reader).collect();
    assert_eq!(people.len(), case.reads.len());
    let adjudicators = [walker(4).user, walker(5).user];
    for read in &case.reads {
        assert_eq!(read.slot.is_adjudication(), adjudicators.contains(read.reader()));
    }
}

fn slots_are_single(case: &Case, now: Time) {
    for slot in Slot::ALL {
        let live = case.leases.iter().filter(|lease| lease.slot == slot && lease.is_live(now)).count();
        let filled =
            case.reads.iter().filter(|r| r.slot == slot && r.verdict != Verdict::CannotJudge).count();
        assert!(live <= 1 && filled <= 1, "{slot:?} is held {live} times and filled {filled} times");
    }
}

/// I12: a case that is not over can be taken by somebody, is being read, waits for reads to become final, waits
/// for the conclusion to be drawn, or is held where an operator sees it.
fn nothing_is_stuck(case: &Case, now: Time) {
    let readers =
        (0..6).map(walker).chain([radiologist(90), radiologist(91), adjudicator(92), adjudicator(93)]);
    let can_go_on = case.is_over()
        || !case.holds.is_empty()
        || readers.into_iter().any(|reader| assign::slot_for(case, &reader, now).is_some())
        || case.leases.iter().any(|lease| lease.is_live(now))
        || case.reads.iter().any(|read| !read.is_final(now))
        || outcome(case, now) != Outcome::Wait;
    assert!(can_go_on, "stuck: {case:?}");
}

/// What was signed and how a case ended never change; a read goes only by being withdrawn before it is final.
fn the_past_stays(before: &Case, after: &Case, now: Time) {
    for old in &before.reads {
        let kept = after.reads.iter().find(|new| new.id == old.id);
        let withdrawn =
            || after.withdrawals.iter().map(|withdrawal| &withdrawal.read).find(|new| new.id == old.id);
        let new = kept.or_else(withdrawn).expect("a signed read is kept");
        assert!(kept.is_some() || now < old.final_at, "a final read was withdrawn");
        assert_eq!((old.slot, old.verdict, old.final_at), (new.slot, new.verdict, new.final_at));
        assert_eq!(
            (&old.content, old.signature.content_digest),
            (&new.content, new.signature.content_digest)
        );
    }
    assert!(before.withdrawals.len() <= after.withdrawals.len());
    assert!(before.ending.is_none() || before.ending == after.ending);
}

/// A passed time, a hold and a lapse never accept: what ended by time is not released, and says so for good.
fn late_is_never_released(case: &Case) {
    if let Some(Ending::Released { at, .. }) = &case.ending {
        assert!(*at < case.expires_at());
    }
}

/// Walks through steps on one case, and looks at everything that must hold after each.
fn walk(steps: &[Step], window: u32) {
    let mut case = case();
    case.policy.finalisation_minutes = window;
    let mut now = start();
    for (serial, step) in steps.iter().enumerate() {
        if let Step::Wait(minutes) = step {
            now += TimeDelta::minutes(i64::from(*minutes));
            now = now.max(start());
        }
        if matches!(step, Step::Expire) {
            now = now.max(case.expires_at());
        }
        // As the shell does before every command.
        act(&mut case, &Command::EndLapsedLeases, now).unwrap();
        let before = case.clone();
        if let Some(command) = command(&case, step, serial as u128) {
            // A refusal changes nothing: `decide` can't, and there is nothing to apply.
            let _ = act(&mut case, &command, now);
            // A repeated command has no second effect.
            if matches!(
                step,
                Step::Settle(..) | Step::Hold | Step::Resume | Step::Supersede | Step::EndLapsed
            ) {
                let again = decide(&case, &command, now).unwrap();
                assert!(again.is_empty() || matches!(step, Step::Settle(..)));
            }
        }
        release_is_sound(&case, now);
        people_are_different(&case);
        slots_are_single(&case, now);
        nothing_is_stuck(&case, now);
        the_past_stays(&before, &case, now);
        late_is_never_released(&case);
    }
}

// In each test walks of 45 steps on average: 1,080,000 steps in all three.
proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_walks_with_reads_final_at_once_keep_the_invariants(
        steps in prop::collection::vec(step(), 30..60)
    ) {
        walk(&steps, 0);
    }

    #[test]
    fn random_walks_with_a_window_of_ten_minutes_keep_the_invariants(
        steps in prop::collection::vec(step(), 30..60)
    ) {
        walk(&steps, 10);
    }

    #[test]
    fn random_walks_with_a_window_of_half_an_hour_keep_the_invariants(
        steps in prop::collection::vec(step(), 30..60)
    ) {
        walk(&steps, 30);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_shadow_case_can_neither_be_opened_nor_released(steps in prop::collection::vec(step(), 1..60)) {
        let mut case = case();
        case.stage = Stage::Shadow;
        for (serial, step) in steps.iter().enumerate() {
            if let Some(command) = command(&case, step, serial as u128) {
                // Refusals are what is wanted here; what counts is that nothing came of any command.
                let _ = act(&mut case, &command, start());
            }
            prop_assert!(case.leases.is_empty() && case.reads.is_empty() && case.ending.is_none());
        }
    }
}
