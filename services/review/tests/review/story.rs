//! Cases from the completed run to their end.

use crate::clinic::{Clinic, content, refusal, rules, signed};
use chrono::TimeDelta;
use contract::review::{Availability, CaseState, SaveDraft, SignRead, Verdict};
use contract::rollout::Stage;
use contract::{Digest, Event, PageRequest, RunId};
use database::scratch::Scratch;

database::on_both_databases!(
    two_accepting_reads_release_the_case,
    two_rejections_end_it,
    differing_reads_go_to_an_adjudicator_who_sees_no_names,
    a_demotion_holds_what_was_made_above_the_new_stage_until_it_is_back,
    a_release_below_its_stage_may_not_be_sent,
    a_superseded_run_ends_its_case_and_keeps_drafts,
    opening_another_case_gives_the_first_one_back,
    a_lapsed_hold_frees_the_slot_and_keeps_the_draft,
    parallel_readers_get_two_slots_and_no_more,
    a_signature_needs_the_case_digest_and_a_proof_of_identity_used_once,
    verdicts_do_not_meet_within_the_finalisation_window,
    a_stage_that_rollout_does_not_allow_holds_the_release_until_it_does,
);

async fn two_accepting_reads_release_the_case(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let case = clinic.queues_case().await;
    clinic.radiologist(1).reads(&case, Verdict::AcceptWithLimitation).await;
    clinic.concludes().await;
    assert_eq!(clinic.overview(&case).await.state, Some(CaseState::Reading));
    clinic.radiologist(2).reads(&case, Verdict::AcceptWithLimitation).await;
    clinic.concludes().await;

    let seen = clinic.overview(&case).await;
    assert_eq!(seen.state, Some(CaseState::Released));
    let delivery = clinic.called_by("delivery");
    let release = delivery.release(&seen.release.unwrap()).await.unwrap().unwrap();
    assert_eq!(release.reads.len(), 2);
    assert_eq!(release.limitations, ["not for the apex"]);
    assert!(delivery.release_check(&release.id).await.unwrap().may_send);
    assert!(clinic.called_by("intake").release(&release.id).await.is_err());

    let counts = clinic.counts(Stage::Pilot).await;
    assert_eq!((counts.ended, counts.accepted, counts.discordant, counts.readers), (1, 1, 0, 2));
    let kinds: Vec<_> = clinic.events().await.iter().map(|envelope| envelope.event.kind()).collect();
    let expected =
        ["case.queued", "case.leased", "read.signed", "case.leased", "read.signed", "case.released"];
    assert_eq!(kinds, expected);
}

async fn two_rejections_end_it(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let case = clinic.queues_case().await;
    clinic.radiologist(1).reads(&case, Verdict::Reject).await;
    clinic.radiologist(2).reads(&case, Verdict::Reject).await;
    clinic.concludes().await;
    let seen = clinic.overview(&case).await;
    assert_eq!((seen.state, seen.release), (Some(CaseState::Rejected), None));
    assert!(clinic.radiologist(3).worklist().await.is_empty());
}

async fn differing_reads_go_to_an_adjudicator_who_sees_no_names(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let case = clinic.queues_case().await;
    let adjudicator = clinic.adjudicator();
    assert!(adjudicator.worklist().await.is_empty());
    assert_eq!(refusal(adjudicator.review().open(&case).await), "unavailable");
    clinic.radiologist(1).reads(&case, Verdict::Accept).await;
    clinic.radiologist(2).reads(&case, Verdict::Reject).await;
    clinic.concludes().await;

    assert_eq!(adjudicator.worklist().await, std::slice::from_ref(&case));
    let opened = adjudicator.opens(&case).await;
    assert_eq!((opened.availability, opened.state), (Availability::Mine, None));
    assert!(opened.reads.is_empty());
    let signed = adjudicator.signs(&case, Verdict::Accept).await.unwrap();
    let names: Vec<_> = signed.reads.iter().map(|read| read.signature.printed_name.as_str()).collect();
    assert_eq!(names, ["Reader α", "Reader β"]);
    clinic.concludes().await;
    assert_eq!(clinic.overview(&case).await.state, Some(CaseState::Released));
}

async fn a_demotion_holds_what_was_made_above_the_new_stage_until_it_is_back(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let case = clinic.queues_case().await;
    let reader = clinic.radiologist(1);
    reader.opens(&case).await;
    reader.saves(&case, 0, Verdict::Accept).await;
    clinic.rollout_allows(false);
    clinic.stage_changes(Stage::General, Stage::Suspended).await;
    assert_eq!(clinic.overview(&case).await.state, Some(CaseState::Held));
    assert!(reader.worklist().await.is_empty());
    assert_eq!(refusal(reader.signs(&case, Verdict::Accept).await), "lease_ended");
    // A run that was under way when the deployment was moved down is held from the start.
    let late = clinic.completes_run(Stage::General).await;
    let late = clinic.case_of(&late).await;
    assert_eq!(clinic.overview(&late).await.state, Some(CaseState::Held));

    clinic.stage_changes(Stage::Suspended, Stage::Shadow).await;
    assert_eq!(clinic.overview(&case).await.state, Some(CaseState::Held));
    clinic.stage_changes(Stage::Shadow, Stage::General).await;
    assert_eq!(clinic.overview(&case).await.state, Some(CaseState::Queued));
    assert_eq!(reader.opens(&case).await.draft.unwrap().version, 1);
}

async fn a_release_below_its_stage_may_not_be_sent(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let case = clinic.queues_case().await;
    clinic.radiologist(1).reads(&case, Verdict::Accept).await;
    clinic.radiologist(2).reads(&case, Verdict::Accept).await;
    clinic.concludes().await;
    let release = clinic.overview(&case).await.release.unwrap();
    let delivery = clinic.called_by("delivery");
    assert!(delivery.release_check(&release).await.unwrap().may_send);
    clinic.stage_changes(Stage::General, Stage::Pilot).await;
    let check = delivery.release_check(&release).await.unwrap();
    assert!(!check.may_send && !check.reason.is_empty());
    clinic.stage_changes(Stage::Pilot, Stage::General).await;
    assert!(delivery.release_check(&release).await.unwrap().may_send);
}

async fn a_superseded_run_ends_its_case_and_keeps_drafts(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let run = clinic.completes_run(Stage::General).await;
    let case = clinic.case_of(&run).await;
    let reader = clinic.radiologist(1);
    reader.opens(&case).await;
    reader.saves(&case, 0, Verdict::Reject).await;
    clinic.told(Event::RunSuperseded { run: run.id }).await;
    let seen = reader.review().case(&case).await.unwrap().unwrap();
    assert_eq!(seen.state, Some(CaseState::Superseded));
    assert_eq!(seen.draft.unwrap().content, content(Verdict::Reject));
    assert_eq!(refusal(reader.review().open(&case).await), "unavailable");
    clinic.told(Event::RunSuperseded { run: RunId::from_bits(404) }).await;
}

async fn opening_another_case_gives_the_first_one_back(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let (one, other) = (clinic.queues_case().await, clinic.queues_case().await);
    let reader = clinic.radiologist(1);
    reader.opens(&one).await;
    reader.saves(&one, 0, Verdict::Accept).await;
    reader.opens(&other).await;
    let seen = reader.review().case(&one).await.unwrap().unwrap();
    assert_eq!((seen.availability, seen.lease.is_some()), (Availability::Available, false));
    assert_eq!(seen.draft.unwrap().version, 1);
    assert_eq!(reader.worklist().await.first(), Some(&other));
}

async fn a_lapsed_hold_frees_the_slot_and_keeps_the_draft(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let case = clinic.queues_case().await;
    let (first, second, third) = (clinic.radiologist(1), clinic.radiologist(2), clinic.radiologist(3));
    first.opens(&case).await;
    first.saves(&case, 0, Verdict::Accept).await;
    second.opens(&case).await;
    assert_eq!(refusal(third.review().open(&case).await), "unavailable");
    clinic.clock.advance(TimeDelta::minutes(10));
    second.saves(&case, 0, Verdict::Accept).await;
    clinic.clock.advance(TimeDelta::minutes(6));
    assert_eq!(refusal(third.review().open(&case).await), "unavailable");
    second.saves(&case, 1, Verdict::Accept).await;
    // The former holder has first call for 15 minutes from when the hold lapsed.
    clinic.clock.advance(TimeDelta::minutes(14));
    third.opens(&case).await;
    let late = SaveDraft { version: 1, content: content(Verdict::Reject) };
    assert_eq!(refusal(first.review().save_draft(&case, &late).await), "lease_ended");
    let kept = first.review().case(&case).await.unwrap().unwrap();
    assert_eq!((kept.availability, kept.draft.unwrap().version), (Availability::Unavailable, 1));
    clinic.clock.advance(TimeDelta::minutes(60));
    clinic.concludes().await;
    assert_eq!(clinic.overview(&case).await.state, Some(CaseState::Queued));
}

async fn parallel_readers_get_two_slots_and_no_more(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let case = clinic.queues_case().await;
    let people = [1, 2, 3, 4].map(|number| clinic.radiologist(number).review());
    let [a, b, c, d] = &people;
    let (a, b, c, d) = tokio::join!(a.open(&case), b.open(&case), c.open(&case), d.open(&case));
    let opened = [a, b, c, d].into_iter().flatten().count();
    assert_eq!(opened, 2);
    // A double click signs once.
    let holders = [1, 2, 3, 4].map(|number| clinic.radiologist(number));
    let mut signed = 0;
    for holder in &holders {
        let (one, two) =
            tokio::join!(holder.signs(&case, Verdict::Accept), holder.signs(&case, Verdict::Accept));
        signed += usize::from(one.is_ok()) + usize::from(two.is_ok());
    }
    assert_eq!(signed, 2);
    clinic.concludes().await;
    assert_eq!(clinic.overview(&case).await.reads.len(), 2);
}

async fn a_signature_needs_the_case_digest_and_a_proof_of_identity_used_once(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let (case, other) = (clinic.queues_case().await, clinic.queues_case().await);
    let reader = clinic.radiologist(1);
    reader.opens(&case).await;
    let read = signed(content(Verdict::Accept));
    let forged = SignRead { case_digest: Digest::of(b"another image"), ..read.clone() };
    assert_eq!(refusal(reader.review().sign(&case, &read).await), "signing_token_missing");
    assert_eq!(refusal(reader.proving(&other, "n1").sign(&case, &read).await), "signing_subject");
    assert_eq!(refusal(reader.proving(&case, "n2").sign(&case, &forged).await), "digest_mismatch");
    assert_eq!(refusal(reader.proving(&case, "n2").sign(&case, &read).await), "signing_token_used");
    let signed = reader.proving(&case, "n3").sign(&case, &read).await.unwrap();
    let own = signed.my_read.unwrap();
    assert_eq!(own.signature.printed_name, "Dr Number 1");
    assert_eq!(own.signature.authentication, ["pwd"]);
    assert_eq!(refusal(reader.proving(&case, "n4").sign(&case, &read).await), "already_signed");
    let refused = clinic.events().await;
    let refused = refused.iter().filter(|told| told.event.kind() == "signature.refused").count();
    assert_eq!(refused, 4);
}

async fn verdicts_do_not_meet_within_the_finalisation_window(scratch: Scratch) {
    let clinic = Clinic::open(&scratch, rules(|_| {})).await;
    let case = clinic.queues_case().await;
    clinic.radiologist(1).reads(&case, Verdict::Accept).await;
    clinic.radiologist(2).reads(&case, Verdict::Accept).await;
    clinic.clock.advance(TimeDelta::minutes(9));
    clinic.concludes().await;
    assert_eq!(clinic.overview(&case).await.state, Some(CaseState::Reading));
    clinic.clock.advance(TimeDelta::minutes(1));
    clinic.concludes().await;
    assert_eq!(clinic.overview(&case).await.state, Some(CaseState::Released));
}

async fn a_stage_that_rollout_does_not_allow_holds_the_release_until_it_does(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let case = clinic.queues_case().await;
    clinic.radiologist(1).reads(&case, Verdict::Accept).await;
    clinic.radiologist(2).reads(&case, Verdict::Accept).await;
    clinic.rollout_allows(false);
    clinic.concludes().await;
    let seen = clinic.overview(&case).await;
    assert_eq!((seen.state, seen.release), (Some(CaseState::Held), None));
    clinic.rollout_allows(true);
    clinic.concludes().await;
    clinic.concludes().await;
    assert_eq!(clinic.overview(&case).await.state, Some(CaseState::Released));
    let first = PageRequest { first: Some(1), after: None };
    assert_eq!(clinic.quality().review().cases(&first).await.unwrap().items.len(), 1);
}
