//! Signatures that don't count.

use super::*;
use crate::fixtures::{
    act, adjudicator, case, content, critical_rejection, open, radiologist, reads, settle, start,
};
use contract::review::{CaseState, Verdict};

fn hold(case: &mut Case, by: u128) {
    let by = radiologist(by).user;
    let words = "looks odd".to_owned();
    act(case, &Command::HoldByHand { reason: HoldReason::Coordinator, by, words }, start()).unwrap();
}

fn invalidate(case: &mut Case, signer: &Reader, by: u128) -> Result<Decision, Refusal> {
    let (signer, by) = (signer.user.clone(), radiologist(by).user);
    act(case, &Command::Invalidate { signer, by, words: "the account was stolen".to_owned() }, start())
}

#[test]
fn a_signature_that_does_not_count_opens_its_slot_to_somebody_else() {
    let mut case = case();
    reads(&mut case, &radiologist(1), content(Verdict::Accept), start());
    reads(&mut case, &radiologist(2), content(Verdict::Accept), start());
    hold(&mut case, 20);
    let decision = invalidate(&mut case, &radiologist(1), 21).unwrap();
    assert_eq!(decision.events[0].kind(), "signature.invalidated");
    act(&mut case, &Command::ResumeByHand, start()).unwrap();
    settle(&mut case, start());
    assert_eq!(case.state(start()), CaseState::Reading, "one accepting signature releases nothing");
    assert_eq!(open(&mut case, &radiologist(1), start()).unwrap_err().code, "unavailable");
    reads(&mut case, &radiologist(3), content(Verdict::Accept), start());
    settle(&mut case, start());
    let Some(Ending::Released { signers, .. }) = &case.ending else { panic!("{case:?}") };
    assert_eq!(*signers, [radiologist(3).user, radiologist(2).user], "in the order of the slots");
    assert_eq!(case.invalidated.len(), 1, "what was signed is kept");
}

#[test]
fn it_takes_two_people_neither_of_them_the_signer() {
    let mut case = case();
    reads(&mut case, &radiologist(1), critical_rejection(), start());
    let code = |case: &mut Case, by| invalidate(case, &radiologist(1), by).unwrap_err().code;
    assert_eq!(code(&mut case, 21), "invalidation_needs_another", "nobody holds the case");
    hold(&mut case, 20);
    assert_eq!(code(&mut case, 20), "invalidation_needs_another", "the same person holds it");
    assert_eq!(code(&mut case, 1), "invalidation_needs_another", "the signer's own");
    assert_eq!(invalidate(&mut case, &radiologist(2), 21).unwrap_err().code, "not_signed");
    invalidate(&mut case, &radiologist(1), 21).unwrap();
    assert_eq!(code(&mut case, 21), "not_signed");
}

#[test]
fn a_discordance_ends_with_the_read_that_made_it_unless_it_was_decided_on() {
    let mut case = case();
    reads(&mut case, &radiologist(1), content(Verdict::Accept), start());
    reads(&mut case, &radiologist(2), content(Verdict::Reject), start());
    settle(&mut case, start());
    let mut decided = case.clone();
    hold(&mut case, 20);
    invalidate(&mut case, &radiologist(2), 21).unwrap();
    act(&mut case, &Command::ResumeByHand, start()).unwrap();
    assert_eq!(case.state(start()), CaseState::Reading);
    assert_eq!(open(&mut case, &adjudicator(9), start()).unwrap_err().code, "unavailable");
    reads(&mut case, &radiologist(3), content(Verdict::Accept), start());
    settle(&mut case, start());
    assert_eq!(case.state(start()), CaseState::Released);

    reads(&mut decided, &adjudicator(9), content(Verdict::CannotJudge), start());
    hold(&mut decided, 20);
    assert_eq!(invalidate(&mut decided, &radiologist(2), 21).unwrap_err().code, "adjudicated");
    invalidate(&mut decided, &adjudicator(9), 21).unwrap();
    act(&mut decided, &Command::ResumeByHand, start()).unwrap();
    assert_eq!(open(&mut decided, &adjudicator(9), start()).unwrap_err().code, "unavailable");
    open(&mut decided, &adjudicator(8), start()).unwrap();
}

#[test]
fn what_has_ended_is_recalled_instead() {
    let mut case = case();
    reads(&mut case, &radiologist(1), content(Verdict::Accept), start());
    reads(&mut case, &radiologist(2), content(Verdict::Accept), start());
    settle(&mut case, start());
    assert_eq!(invalidate(&mut case, &radiologist(1), 21).unwrap_err().code, "case_over");
}
