//! Withdrawal, deferral, panel, decoys, expiry and recall, told as stories.

use super::*;
use crate::assign::slot_for;
use crate::case::{Credential, Kind, Slot};
use crate::fixtures::{
    act, adjudicator, case, content, critical_rejection, open, radiologist, reads, settle, settle_sampling,
    start,
};
use chrono::TimeDelta;
use contract::review::{CaseState, Verdict};

const WHY: &str = "for a good reason";

fn minutes(count: i64) -> Time {
    start() + TimeDelta::minutes(count)
}

fn withdraw(case: &mut Case, number: u128, now: Time) -> Result<Decision, Refusal> {
    act(case, &Command::Withdraw { user: radiologist(number).user, reason: WHY.to_owned() }, now)
}

fn defer(case: &mut Case, number: u128, now: Time) -> Result<Decision, Refusal> {
    act(case, &Command::Defer { user: radiologist(number).user, reason: WHY.to_owned() }, now)
}

fn with_window() -> Case {
    let mut case = case();
    case.policy.finalisation_minutes = 10;
    case
}

#[test]
fn a_read_is_withdrawn_within_the_window_and_what_was_signed_becomes_the_draft() {
    let mut case = with_window();
    reads(&mut case, &radiologist(1), content(Verdict::Accept), minutes(0));
    let decision = withdraw(&mut case, 1, minutes(9)).unwrap();
    assert_eq!(decision.events[0].kind(), "read.withdrawn");
    assert!(case.reads.is_empty() && case.withdrawals.len() == 1);
    assert_eq!(case.draft_of(&radiologist(1).user).unwrap().content, content(Verdict::Accept));
    reads(&mut case, &radiologist(1), content(Verdict::Reject), minutes(10));
    assert_eq!(case.read_of(&radiologist(1).user).unwrap().verdict, Verdict::Reject);
}

#[test]
fn a_final_read_a_strangers_wish_and_an_empty_reason_withdraw_nothing() {
    let mut case = with_window();
    reads(&mut case, &radiologist(1), content(Verdict::Accept), minutes(0));
    assert_eq!(withdraw(&mut case, 2, minutes(1)).unwrap_err().code, "unavailable");
    let silent = Command::Withdraw { user: radiologist(1).user, reason: "  ".to_owned() };
    assert_eq!(act(&mut case, &silent, minutes(1)).unwrap_err().code, "reason_missing");
    assert_eq!(withdraw(&mut case, 1, minutes(10)).unwrap_err().code, "read_final");
    assert_eq!(case.reads.len(), 1);
}

#[test]
fn a_withdrawn_read_supports_no_release() {
    let mut case = with_window();
    reads(&mut case, &radiologist(1), content(Verdict::Accept), minutes(0));
    reads(&mut case, &radiologist(2), content(Verdict::Accept), minutes(0));
    withdraw(&mut case, 1, minutes(5)).unwrap();
    settle(&mut case, minutes(60));
    assert_eq!(case.state(minutes(60)), CaseState::Reading);
}

#[test]
fn who_withdrew_or_lost_a_hold_has_first_call_for_a_quarter_of_an_hour() {
    let mut case = with_window();
    reads(&mut case, &radiologist(1), content(Verdict::Accept), minutes(0));
    open(&mut case, &radiologist(2), minutes(0)).unwrap();
    withdraw(&mut case, 1, minutes(5)).unwrap();
    assert_eq!(slot_for(&case, &radiologist(3), minutes(14)), None);
    assert_eq!(slot_for(&case, &radiologist(1), minutes(14)), Some(Slot::First));
    // The second reader's hold lapsed at 15 minutes and is kept until 30; the first slot is free again at 20.
    assert_eq!(slot_for(&case, &radiologist(3), minutes(21)), Some(Slot::First));
    assert_eq!(slot_for(&case, &radiologist(2), minutes(19)), Some(Slot::Second));
}

#[test]
fn a_deferral_frees_the_slot_for_others_and_keeps_the_case_from_that_reader_until_it_is_returned() {
    let mut case = case();
    open(&mut case, &radiologist(1), start()).unwrap();
    open(&mut case, &radiologist(2), start()).unwrap();
    defer(&mut case, 1, start()).unwrap();
    assert!(case.lease_of(&radiologist(2).user, start()).is_some(), "the other reads on");
    assert_eq!(open(&mut case, &radiologist(1), start()).unwrap_err().code, "unavailable");
    assert_eq!(slot_for(&case, &radiologist(3), start()), Some(Slot::First));
    act(&mut case, &Command::Return, start()).unwrap();
    assert_eq!(slot_for(&case, &radiologist(1), start()), Some(Slot::First));
    assert_eq!(act(&mut case, &Command::Return, start()).unwrap_err().code, "not_held");
}

#[test]
fn a_coordinators_deferral_takes_the_case_out_of_all_queues_until_it_is_returned() {
    let mut case = case();
    open(&mut case, &radiologist(1), start()).unwrap();
    let by = radiologist(80).user;
    let hold = Command::HoldByHand { reason: HoldReason::Deferred, by, words: WHY.to_owned() };
    act(&mut case, &hold, start()).unwrap();
    assert_eq!(case.state(start()), CaseState::Deferred);
    assert_eq!(slot_for(&case, &radiologist(2), start()), None);
    assert_eq!(act(&mut case, &Command::ResumeByHand, start()).unwrap_err().code, "not_held");
    act(&mut case, &Command::Return, start()).unwrap();
    assert_eq!(case.state(start()), CaseState::Queued);
}

#[test]
fn a_revoked_hold_is_announced_with_its_reason_and_keeps_the_draft() {
    let mut case = case();
    open(&mut case, &radiologist(1), start()).unwrap();
    let save = SaveDraft { version: 0, content: content(Verdict::Reject) };
    let save = Command::SaveDraft { user: radiologist(1).user, save };
    act(&mut case, &save, start()).unwrap();
    act(&mut case, &Command::Revoke { words: WHY.to_owned() }, start()).unwrap();
    let refusal = act(&mut case, &save, start()).unwrap_err();
    assert_eq!(refusal.code, "lease_ended");
    assert!(refusal.message.contains("coordinator"), "{}", refusal.message);
    assert_eq!(case.draft_of(&radiologist(1).user).unwrap().version, 1);
}

/// A critical rejection, an accepting read and an accepting adjudicator: what each verdict of the second one comes to.
#[test]
fn only_two_adjudicators_overrule_a_critical_rejection() {
    for (fourth, expected) in [
        (Verdict::Accept, CaseState::Released),
        (Verdict::AcceptWithLimitation, CaseState::Released),
        (Verdict::Reject, CaseState::Rejected),
        (Verdict::CannotJudge, CaseState::Adjudicating),
    ] {
        let mut case = case();
        reads(&mut case, &radiologist(1), critical_rejection(), start());
        reads(&mut case, &radiologist(2), content(Verdict::Accept), start());
        settle(&mut case, start());
        reads(&mut case, &adjudicator(9), content(Verdict::Accept), start());
        settle(&mut case, start());
        assert_eq!(case.state(start()), CaseState::Adjudicating);
        assert_eq!(slot_for(&case, &adjudicator(9), start()), None, "not the same one");
        reads(&mut case, &adjudicator(8), content(fourth), start());
        settle(&mut case, start());
        assert_eq!(case.state(start()), expected, "{fourth:?}");
        if let Some(Ending::Released { signers, .. }) = &case.ending {
            assert_eq!(*signers, [adjudicator(9).user, adjudicator(8).user]);
        }
    }
}

#[test]
fn the_first_adjudicator_alone_ends_a_critically_rejected_case_by_rejecting_it() {
    let mut case = case();
    reads(&mut case, &radiologist(1), critical_rejection(), start());
    reads(&mut case, &radiologist(2), content(Verdict::Accept), start());
    settle(&mut case, start());
    reads(&mut case, &adjudicator(9), content(Verdict::Reject), start());
    settle(&mut case, start());
    assert_eq!(case.state(start()), CaseState::Rejected);
}

#[test]
fn a_drawn_case_is_released_at_once_and_its_third_read_changes_nothing() {
    for third in [Verdict::Accept, Verdict::Reject, Verdict::CannotJudge] {
        let mut case = case();
        reads(&mut case, &radiologist(1), content(Verdict::Accept), start());
        reads(&mut case, &radiologist(2), content(Verdict::Accept), start());
        settle_sampling(&mut case, true, start());
        assert_eq!(case.state(start()), CaseState::Released);
        assert_eq!(slot_for(&case, &radiologist(3), start()), None);
        reads(&mut case, &adjudicator(9), content(third), start());
        settle_sampling(&mut case, true, start());
        assert_eq!(case.state(start()), CaseState::Released);
        assert_eq!(case.deciding_reads().count(), 2);
        assert_eq!(case.needs_recall_evaluation(), third == Verdict::Reject);
        assert_eq!(slot_for(&case, &adjudicator(8), start()).is_some(), third == Verdict::CannotJudge);
    }
}

#[test]
fn time_alone_ends_a_case_unreleased_in_every_open_state_and_is_never_acceptance() {
    let late = minutes(7 * 24 * 60);
    let queued = case();
    let mut held = case();
    act(&mut held, &Command::Hold(HoldReason::Investigation), start()).unwrap();
    let mut accepted = case();
    reads(&mut accepted, &radiologist(1), content(Verdict::Accept), start());
    reads(&mut accepted, &radiologist(2), content(Verdict::Accept), start());
    let mut discordant = case();
    reads(&mut discordant, &radiologist(1), content(Verdict::Accept), start());
    reads(&mut discordant, &radiologist(2), content(Verdict::Reject), start());
    settle(&mut discordant, start());
    for mut case in [queued, held, accepted, discordant] {
        assert_ne!(outcome(&case, late - TimeDelta::seconds(1)), Outcome::Expire);
        settle(&mut case, late);
        assert_eq!(case.state(late), CaseState::Expired);
        assert_eq!(open(&mut case, &radiologist(5), late).unwrap_err().code, "unavailable");
    }
}

#[test]
fn nothing_is_signed_after_the_deadline_even_on_a_live_hold() {
    let mut case = case();
    case.policy.expires_after_hours = 1;
    open(&mut case, &radiologist(1), minutes(50)).unwrap();
    let signing = crate::fixtures::signing(&case, &radiologist(1), content(Verdict::Accept));
    let sign = Command::Sign(Box::new(signing));
    assert_eq!(act(&mut case, &sign, minutes(60)).unwrap_err().code, "lease_ended");
    act(&mut case, &sign, minutes(59)).unwrap();
}

#[test]
fn a_recall_takes_two_people_and_a_released_case() {
    let mut case = case();
    let propose = |number| Command::ProposeRecall { by: radiologist(number).user, words: WHY.to_owned() };
    let confirm = |number| Command::ConfirmRecall { by: radiologist(number).user };
    assert_eq!(act(&mut case, &propose(20), start()).unwrap_err().code, "not_released");
    reads(&mut case, &radiologist(1), content(Verdict::Accept), start());
    reads(&mut case, &radiologist(2), content(Verdict::Accept), start());
    settle(&mut case, start());
    assert_eq!(act(&mut case, &confirm(21), start()).unwrap_err().code, "recall_not_proposed");
    act(&mut case, &propose(20), start()).unwrap();
    assert_eq!(act(&mut case, &propose(21), start()).unwrap_err().code, "recall_known");
    assert_eq!(act(&mut case, &confirm(20), start()).unwrap_err().code, "recall_same_person");
    assert_eq!(case.state(start()), CaseState::Released);
    act(&mut case, &confirm(21), start()).unwrap();
    assert_eq!(case.state(start()), CaseState::Recalled);
}

#[test]
fn a_released_case_whose_source_changed_stays_released_and_asks_for_an_evaluation() {
    let mut case = case();
    reads(&mut case, &radiologist(1), content(Verdict::Accept), start());
    reads(&mut case, &radiologist(2), content(Verdict::Accept), start());
    settle(&mut case, start());
    assert!(!case.needs_recall_evaluation());
    act(&mut case, &Command::Supersede, start()).unwrap();
    assert_eq!(case.state(start()), CaseState::Released);
    assert!(case.needs_recall_evaluation());
}

/// Who may take a first slot, by what is known of the person.
#[test]
fn requesters_the_conflicted_and_the_uncredentialed_take_no_slot() {
    let reader = radiologist(1);
    let free = |case: &Case, now| slot_for(case, &reader, now).is_some();
    assert!(free(&case(), start()));
    assert!(!free(&Case { requester: Some(reader.user.clone()), ..case() }, start()));
    assert!(!free(&Case { conflicted: [reader.user.clone()].into(), ..case() }, start()));
    let mut guarded = case();
    guarded.policy.require_credentials = true;
    assert!(!free(&guarded, start()));
    let valid = Credential { reader: reader.user.clone(), valid_from: start(), valid_until: minutes(30) };
    guarded.credentials.push(Credential { reader: radiologist(2).user, ..valid.clone() });
    assert!(!free(&guarded, start()), "somebody else's");
    guarded.credentials.push(valid);
    assert!(free(&guarded, start()) && free(&guarded, minutes(29)));
    assert!(!free(&guarded, minutes(30)), "it ran out");
    assert!(!free(&guarded, minutes(-1)), "it has not begun");
}

#[test]
fn a_repeat_waits_for_its_reader_alone() {
    let kind = Kind::Repeat { of: contract::CaseId::from_bits(2), reader: radiologist(1).user };
    let repeat = Case { kind, ..case() };
    assert_eq!(slot_for(&repeat, &radiologist(1), start()), Some(Slot::First));
    assert_eq!(slot_for(&repeat, &radiologist(2), start()), None);
}

/// What changes between opening and signing counts when signing.
#[test]
fn who_lost_the_role_or_the_credential_or_has_a_conflict_signs_nothing_on_a_live_hold() {
    use crate::fixtures::signing;
    let refused = |case: &mut Case, reader: &Reader| {
        let sign = Command::Sign(Box::new(signing(case, reader, content(Verdict::Accept))));
        act(case, &sign, minutes(1)).map(drop).map_err(|refusal| refusal.code)
    };
    let opened = |reader: &Reader| {
        let mut case = case();
        case.policy.require_credentials = true;
        let (valid_from, valid_until) = (start(), minutes(30));
        case.credentials.push(Credential { reader: reader.user.clone(), valid_from, valid_until });
        open(&mut case, reader, start()).unwrap();
        case
    };
    let reader = radiologist(1);
    let not_entitled = Err("not_entitled".to_owned());
    let mut revoked = opened(&reader);
    revoked.credentials.clear();
    assert_eq!(refused(&mut revoked, &reader), not_entitled);
    let mut conflicted = opened(&reader);
    conflicted.conflicted.insert(reader.user.clone());
    assert_eq!(refused(&mut conflicted, &reader), not_entitled);
    let elsewhere = Reader { is_radiologist: false, ..reader.clone() };
    assert_eq!(refused(&mut opened(&reader), &elsewhere), not_entitled);
    assert_eq!(refused(&mut opened(&reader), &reader), Ok(()));

    let mut discordant = case();
    reads(&mut discordant, &radiologist(1), content(Verdict::Accept), start());
    reads(&mut discordant, &radiologist(2), content(Verdict::Reject), start());
    settle(&mut discordant, start());
    open(&mut discordant, &adjudicator(9), start()).unwrap();
    let former = Reader { is_adjudicator: false, ..adjudicator(9) };
    assert_eq!(refused(&mut discordant, &former), not_entitled);
    assert_eq!(refused(&mut discordant, &adjudicator(9)), Ok(()));
}

/// Found by a walk: two who both lost the same slot kept each other, and everybody else, away from it.
#[test]
fn two_who_both_have_first_call_do_not_keep_each_other_away() {
    let mut case = with_window();
    reads(&mut case, &radiologist(1), content(Verdict::CannotJudge), minutes(0));
    reads(&mut case, &radiologist(2), content(Verdict::Accept), minutes(0));
    withdraw(&mut case, 1, minutes(2)).unwrap();
    withdraw(&mut case, 2, minutes(3)).unwrap();
    assert_eq!(slot_for(&case, &radiologist(1), minutes(4)), Some(Slot::First));
    assert_eq!(slot_for(&case, &radiologist(2), minutes(4)), Some(Slot::First));
    assert_eq!(slot_for(&case, &radiologist(3), minutes(4)), Some(Slot::Second), "nobody lost that one");
    open(&mut case, &radiologist(2), minutes(4)).unwrap();
    assert_eq!(slot_for(&case, &radiologist(1), minutes(5)), Some(Slot::Second));
}
