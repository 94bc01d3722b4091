//! Withdrawals, deferrals, holds, investigations, recalls, credentials, conflicts and rules, over the wire.

use crate::clinic::{Clinic, content, refusal, rules, why};
use chrono::TimeDelta;
use contract::review::{
    CaseState, ChangePolicy, ConflictSubject, DeclareConflict, GrantCredential, HoldCase, HoldKind, Policy,
    Purpose, Reason, Verdict,
};
use contract::rollout::Stage;
use contract::{CaseId, Event, Role, StudyId, UserId};
use database::scratch::Scratch;

database::on_both_databases!(
    a_read_is_withdrawn_and_signed_anew_within_the_window_and_never_after,
    a_deferred_case_comes_back_when_a_coordinator_returns_it,
    a_coordinators_hold_stops_the_case_until_it_is_lifted,
    a_study_under_investigation_holds_its_cases_and_what_was_released,
    a_revoked_hold_keeps_what_was_typed,
    a_draft_on_a_superseded_case_is_offered_on_the_newer_one,
    a_case_that_came_too_late_expires_in_every_open_state,
    a_recall_takes_two_people_and_stops_what_was_not_sent,
    a_critical_rejection_is_overruled_by_two_adjudicators_only,
    credentials_are_for_a_modality_and_a_use_and_run_out,
    a_conflict_of_interest_keeps_a_reader_from_a_study,
    new_rules_hold_for_cases_queued_from_then_on,
    only_those_whose_office_it_is_steer,
);

async fn state(clinic: &Clinic, case: &CaseId) -> CaseState {
    clinic.overview(case).await.state.unwrap()
}

async fn a_read_is_withdrawn_and_signed_anew_within_the_window_and_never_after(scratch: Scratch) {
    let clinic = Clinic::open(&scratch, rules(|_| {})).await;
    let case = clinic.queues_case().await;
    let reader = clinic.radiologist(1);
    let signed = reader.reads(&case, Verdict::Accept).await;
    assert_eq!(signed.withdraw_until, Some(clinic.clock_now() + TimeDelta::minutes(10)));
    let silent = Reason { reason: " ".to_owned() };
    assert_eq!(refusal(reader.review().withdraw(&case, &silent).await), "reason_missing");
    let withdrawn = reader.withdraws(&case).await.unwrap();
    assert!(withdrawn.my_read.is_none());
    assert_eq!(withdrawn.draft.unwrap().content.verdict, Some(Verdict::Accept));
    assert_eq!(refusal(reader.withdraws(&case).await), "unavailable");

    reader.reads(&case, Verdict::Reject).await;
    clinic.radiologist(2).reads(&case, Verdict::Reject).await;
    clinic.clock.advance(TimeDelta::minutes(10));
    assert_eq!(refusal(reader.withdraws(&case).await), "read_final");
    clinic.concludes().await;
    assert_eq!(state(&clinic, &case).await, CaseState::Rejected);
    let told = clinic.events().await;
    let withdrawals = told.iter().filter(|told| told.event.kind() == "read.withdrawn").count();
    assert_eq!(withdrawals, 1);
    let text = serde_json::to_string(&told).unwrap();
    assert!(!text.contains("for a good reason"), "free text stays with review");
}

async fn a_deferred_case_comes_back_when_a_coordinator_returns_it(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let case = clinic.queues_case().await;
    let (reader, other) = (clinic.radiologist(1), clinic.radiologist(2));
    reader.opens(&case).await;
    reader.saves(&case, 0, Verdict::Reject).await;
    other.opens(&case).await;
    let seen = reader.review().defer(&case, &why()).await.unwrap();
    assert_eq!(seen.ended_hold.unwrap().reason_code, "deferred");
    assert!(reader.worklist().await.is_empty());
    assert!(other.review().case(&case).await.unwrap().unwrap().lease.is_some(), "the other reads on");

    let coordinator = clinic.coordinator();
    let listed = coordinator.review().case(&case).await.unwrap().unwrap();
    assert_eq!(listed.deferrals[0].reason, "for a good reason");
    let hold = HoldCase { kind: HoldKind::Deferred, reason: why().reason };
    let held = coordinator.review().hold(&case, &hold).await.unwrap();
    assert_eq!(held.state, Some(CaseState::Deferred));
    assert!(clinic.radiologist(3).worklist().await.is_empty());
    coordinator.review().return_case(&case).await.unwrap();
    assert_eq!(reader.opens(&case).await.draft.unwrap().content, content(Verdict::Reject));
    assert_eq!(refusal(coordinator.review().return_case(&case).await), "not_held");
}

async fn a_coordinators_hold_stops_the_case_until_it_is_lifted(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let case = clinic.queues_case().await;
    clinic.radiologist(1).reads(&case, Verdict::Accept).await;
    clinic.radiologist(2).reads(&case, Verdict::Accept).await;
    let hold = HoldCase { kind: HoldKind::Coordinator, reason: why().reason };
    clinic.coordinator().review().hold(&case, &hold).await.unwrap();
    clinic.concludes().await;
    let held = clinic.overview(&case).await;
    assert_eq!((held.state, held.holds[0].reason_code.as_str()), (Some(CaseState::Held), "coordinator"));
    clinic.coordinator().review().resume(&case).await.unwrap();
    clinic.concludes().await;
    assert_eq!(state(&clinic, &case).await, CaseState::Released);
}

async fn a_study_under_investigation_holds_its_cases_and_what_was_released(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let (open, released) = (clinic.queues_case().await, clinic.queues_case().await);
    clinic.radiologist(1).reads(&released, Verdict::Accept).await;
    clinic.radiologist(2).reads(&released, Verdict::Accept).await;
    clinic.concludes().await;
    let release = clinic.overview(&released).await.release.unwrap();
    let (coordinator, delivery) = (clinic.coordinator().review(), clinic.called_by("delivery"));
    let study = StudyId::from_bits(1);
    coordinator.flag_study(&study, &why()).await.unwrap();
    assert_eq!(refusal(coordinator.flag_study(&study, &why()).await), "study_flagged");
    assert_eq!(state(&clinic, &open).await, CaseState::Held);
    let late = clinic.queues_case().await;
    assert_eq!(state(&clinic, &late).await, CaseState::Held);
    assert!(!delivery.release_check(&release).await.unwrap().may_send);
    assert_eq!(coordinator.study_flags().await.unwrap().len(), 1);
    coordinator.unflag_study(&study).await.unwrap();
    assert_eq!(state(&clinic, &open).await, CaseState::Queued);
    assert!(delivery.release_check(&release).await.unwrap().may_send);
    assert_eq!(refusal(coordinator.unflag_study(&study).await), "not_found");
}

async fn a_revoked_hold_keeps_what_was_typed(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let case = clinic.queues_case().await;
    let reader = clinic.radiologist(1);
    reader.opens(&case).await;
    reader.saves(&case, 0, Verdict::Reject).await;
    clinic.coordinator().review().revoke(&case, &why()).await.unwrap();
    let seen = reader.review().case(&case).await.unwrap().unwrap();
    assert_eq!(seen.ended_hold.unwrap().reason_code, "revoked");
    assert_eq!(seen.draft.unwrap().content, content(Verdict::Reject));
    assert_eq!(refusal(reader.signs(&case, Verdict::Reject).await), "lease_ended");
    assert_eq!(reader.opens(&case).await.draft.unwrap().version, 1);
}

async fn a_draft_on_a_superseded_case_is_offered_on_the_newer_one(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let run = clinic.completes_run(Stage::General).await;
    let case = clinic.case_of(&run).await;
    let reader = clinic.radiologist(1);
    reader.opens(&case).await;
    reader.saves(&case, 0, Verdict::Reject).await;
    clinic.told(Event::RunSuperseded { run: run.id }).await;
    let newer = clinic.completes_run_on(run.series, Stage::General).await;
    let newer = clinic.case_of(&newer).await;
    let opened = reader.opens(&newer).await;
    assert!(opened.draft.is_none());
    assert_eq!(opened.offered_draft.unwrap().content, content(Verdict::Reject));
    assert!(clinic.radiologist(2).opens(&newer).await.offered_draft.is_none());
}

async fn a_case_that_came_too_late_expires_in_every_open_state(scratch: Scratch) {
    let clinic = Clinic::open(&scratch, rules(|policy| policy.finalisation_minutes = 60)).await;
    let (queued, held, accepted) =
        (clinic.queues_case().await, clinic.queues_case().await, clinic.queues_case().await);
    let hold = HoldCase { kind: HoldKind::Coordinator, reason: why().reason };
    clinic.coordinator().review().hold(&held, &hold).await.unwrap();
    clinic.clock.advance(TimeDelta::minutes(7 * 24 * 60 - 30));
    clinic.concludes().await;
    assert_eq!(state(&clinic, &queued).await, CaseState::Queued);
    clinic.radiologist(1).reads(&accepted, Verdict::Accept).await;
    clinic.radiologist(2).reads(&accepted, Verdict::Accept).await;
    clinic.clock.advance(TimeDelta::minutes(90));
    clinic.concludes().await;
    for case in [queued, held, accepted] {
        let seen = clinic.overview(&case).await;
        assert_eq!((seen.state, seen.release), (Some(CaseState::Expired), None));
    }
    let counts = clinic.counts(Stage::Pilot).await;
    assert_eq!(counts.ended, 0);
}

async fn a_recall_takes_two_people_and_stops_what_was_not_sent(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let case = clinic.queues_case().await;
    clinic.radiologist(1).reads(&case, Verdict::Accept).await;
    clinic.radiologist(2).reads(&case, Verdict::Accept).await;
    assert_eq!(refusal(clinic.quality().review().propose_recall(&case, &why()).await), "not_released");
    clinic.concludes().await;
    let release = clinic.overview(&case).await.release.unwrap();
    clinic.quality().review().propose_recall(&case, &why()).await.unwrap();
    assert_eq!(refusal(clinic.quality().review().confirm_recall(&case).await), "recall_same_person");
    assert!(!clinic.called_by("delivery").release_check(&release).await.unwrap().may_send);
    let another = clinic.person(23, &[Role::Quality]);
    let recalled = another.review().confirm_recall(&case).await.unwrap();
    assert_eq!(recalled.state, Some(CaseState::Recalled));
    assert_eq!(recalled.recall.unwrap().confirmed_by, Some(UserId::from_bits(23)));
}

async fn a_critical_rejection_is_overruled_by_two_adjudicators_only(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let case = clinic.queues_case().await;
    clinic.radiologist(1).reads(&case, Verdict::Accept).await;
    clinic.radiologist(2).rejects_critically(&case).await;
    clinic.concludes().await;
    clinic.adjudicator().reads(&case, Verdict::Accept).await;
    clinic.concludes().await;
    assert_eq!(state(&clinic, &case).await, CaseState::Adjudicating);
    let second = clinic.person(8, &[Role::Adjudicator]);
    assert_eq!(second.worklist().await, std::slice::from_ref(&case));
    assert!(second.opens(&case).await.reads.is_empty());
    second.signs(&case, Verdict::Accept).await.unwrap();
    clinic.concludes().await;
    let seen = clinic.overview(&case).await;
    assert_eq!(seen.state, Some(CaseState::Released));
    let release = clinic.called_by("delivery").release(&seen.release.unwrap()).await.unwrap().unwrap();
    assert_eq!(release.reads.len(), 4);
}

async fn credentials_are_for_a_modality_and_a_use_and_run_out(scratch: Scratch) {
    let clinic = Clinic::open(&scratch, rules(|policy| policy.require_credentials = true)).await;
    let case = clinic.queues_case().await;
    let reader = clinic.radiologist(1);
    assert_eq!(refusal(reader.review().open(&case).await), "unavailable");
    let administrator = clinic.administrator().review();
    let valid_until = clinic.clock_now() + TimeDelta::days(1);
    let grant = |reader: u128, modality: &str, task: &str| GrantCredential {
        reader: UserId::from_bits(reader),
        modality: modality.to_owned(),
        task: task.to_owned(),
        purpose: Purpose::Clinical,
        valid_until,
    };
    assert_eq!(refusal(administrator.grant_credential(&grant(21, "CT", "denoise")).await), "own_credential");
    administrator.grant_credential(&grant(1, "MR", "denoise")).await.unwrap();
    administrator.grant_credential(&grant(1, "CT", "translation")).await.unwrap();
    assert!(reader.worklist().await.is_empty(), "another modality, another use");
    let granted = administrator.grant_credential(&grant(1, "ct ", "denoise")).await.unwrap();
    assert_eq!(reader.worklist().await, std::slice::from_ref(&case));
    administrator.revoke_credential(&granted.id).await.unwrap();
    assert!(reader.worklist().await.is_empty());
    assert_eq!(refusal(administrator.revoke_credential(&granted.id).await), "not_found");
    administrator.grant_credential(&grant(1, "CT", "denoise")).await.unwrap();
    assert_eq!(reader.worklist().await.len(), 1);
    clinic.clock.advance(TimeDelta::days(1));
    assert!(reader.worklist().await.is_empty(), "it ran out");
    assert_eq!(
        refusal(administrator.grant_credential(&grant(2, "CT", "denoise")).await),
        "credential_malformed"
    );
}

async fn a_conflict_of_interest_keeps_a_reader_from_a_study(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let (one, other) = (clinic.queues_case().await, clinic.queues_case().await);
    let (reader, second) = (clinic.radiologist(1), clinic.radiologist(2));
    reader.opens(&one).await;
    let declared = reader.review().declare_own_conflict(&one, &why()).await.unwrap();
    assert_eq!(declared.subject, ConflictSubject::Study(StudyId::from_bits(1)));
    assert!(reader.worklist().await.is_empty());
    assert_eq!(refusal(reader.review().open(&other).await), "unavailable");
    second.opens(&other).await;
    let command = DeclareConflict {
        reader: UserId::from_bits(2),
        subject: ConflictSubject::Deployment(contract::DeploymentId::from_bits(1)),
        reason: why().reason,
    };
    clinic.coordinator().review().declare_conflict(&command).await.unwrap();
    assert_eq!(refusal(second.signs(&other, Verdict::Accept).await), "lease_ended");
    assert!(second.worklist().await.is_empty());
    assert_eq!(clinic.quality().review().conflicts().await.unwrap().len(), 2);
}

async fn new_rules_hold_for_cases_queued_from_then_on(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let before = clinic.queues_case().await;
    let quality = clinic.quality().review();
    let mut policy = quality.policies().await.unwrap().remove(0).policy;
    assert_eq!((policy.version.as_str(), policy.finalisation_minutes), ("1", 0));
    policy.finalisation_minutes = 600;
    let change = |policy: &Policy| ChangePolicy { policy: policy.clone(), reason: why().reason };
    assert_eq!(refusal(quality.change_policy(&change(&policy)).await), "policy_limits");
    policy.finalisation_minutes = 30;
    let adopted = quality.change_policy(&change(&policy)).await.unwrap();
    assert_eq!(adopted.policy.version, "2");
    let after = clinic.queues_case().await;
    let reader = clinic.radiologist(1);
    assert!(reader.reads(&before, Verdict::Accept).await.withdraw_until.is_none());
    assert!(reader.reads(&after, Verdict::Accept).await.withdraw_until.is_some());
    let versions: Vec<String> =
        quality.policies().await.unwrap().into_iter().map(|version| version.policy.version).collect();
    assert_eq!(versions, ["2", "1"]);
    assert_eq!(refusal(clinic.administrator().review().change_policy(&change(&policy)).await), "forbidden");
}

async fn only_those_whose_office_it_is_steer(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let case = clinic.queues_case().await;
    let hold = HoldCase { kind: HoldKind::Coordinator, reason: why().reason };
    for person in [clinic.radiologist(1), clinic.adjudicator(), clinic.administrator()] {
        assert_eq!(refusal(person.review().hold(&case, &hold).await), "forbidden");
        assert_eq!(refusal(person.review().flag_study(&StudyId::from_bits(1), &why()).await), "forbidden");
        assert_eq!(refusal(person.review().quality_samples().await), "forbidden");
        assert_eq!(refusal(person.review().mark_sentinel(&case, &why()).await), "forbidden");
    }
    // Who could read the case does not steer it, whatever other offices they hold.
    let both = clinic.person(3, &[Role::Radiologist, Role::Coordinator, Role::Quality]);
    assert_eq!(refusal(both.review().hold(&case, &hold).await), "not_found");
    assert_eq!(refusal(both.review().quality_samples().await), "forbidden");
}
