//! Signatures that don't count, on both databases.

use crate::clinic::{Clinic, Person, refusal, why};
use contract::review::{Availability, CaseState, HoldCase, HoldKind, InvalidateSignature, Verdict};
use contract::{CaseId, Event, Role};
use database::scratch::Scratch;

database::on_both_databases!(
    a_slot_whose_signature_does_not_count_is_filled_by_somebody_else,
    only_quality_invalidates_and_only_what_another_person_holds,
);

fn signature_of(person: &Person<'_>) -> InvalidateSignature {
    let signer = person.actor.user().unwrap().clone();
    InvalidateSignature { signer, reason: "for a good reason".to_owned() }
}

async fn holds(person: &Person<'_>, case: &CaseId) {
    let command = HoldCase { kind: HoldKind::Coordinator, reason: why().reason };
    person.review().hold(case, &command).await.unwrap();
}

async fn a_slot_whose_signature_does_not_count_is_filled_by_somebody_else(scratch: Scratch) {
    let clinic = Clinic::open(&scratch, crate::clinic::rules(|_| {})).await;
    let case = clinic.queues_case().await;
    let (first, second) = (clinic.radiologist(1), clinic.radiologist(2));
    first.reads(&case, Verdict::Accept).await;
    second.reads(&case, Verdict::Accept).await;
    holds(&clinic.coordinator(), &case).await;
    // Both are final: the invalidation comes after the window in which they could be withdrawn.
    clinic.clock.advance(chrono::TimeDelta::minutes(11));
    let before = serde_json::to_string(&second.review().case(&case).await.unwrap()).unwrap();
    clinic.quality().review().invalidate(&case, &signature_of(&first)).await.unwrap();
    let after = serde_json::to_string(&second.review().case(&case).await.unwrap()).unwrap();
    assert_eq!(before, after, "the other reader learns nothing");
    clinic.coordinator().review().resume(&case).await.unwrap();
    clinic.concludes().await;
    assert_eq!(clinic.overview(&case).await.state, Some(CaseState::Reading));
    assert_eq!(refusal(first.review().open(&case).await), "unavailable");
    let own = first.review().case(&case).await.unwrap().unwrap();
    assert_eq!((own.availability, own.my_read.is_none()), (Availability::Unavailable, true));

    clinic.radiologist(3).reads(&case, Verdict::Accept).await;
    clinic.clock.advance(chrono::TimeDelta::minutes(11));
    clinic.concludes().await;
    let seen = clinic.overview(&case).await;
    assert_eq!(seen.state, Some(CaseState::Released));
    let release = clinic.called_by("delivery").release(&seen.release.unwrap()).await.unwrap().unwrap();
    let signers: Vec<_> = release.reads.iter().map(|read| &read.signature.signer).collect();
    assert!(!signers.contains(&first.actor.user().unwrap()), "nothing rests on it");
    let told = clinic.events().await;
    let count = told.iter().filter(|told| matches!(told.event, Event::SignatureInvalidated { .. })).count();
    assert_eq!(count, 1);
    assert!(!serde_json::to_string(&told).unwrap().contains("for a good reason"));
}

async fn only_quality_invalidates_and_only_what_another_person_holds(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let case = clinic.queues_case().await;
    let reader = clinic.radiologist(1);
    reader.reads(&case, Verdict::Reject).await;
    let command = signature_of(&reader);
    let quality = clinic.quality();
    assert_eq!(refusal(quality.review().invalidate(&case, &command).await), "invalidation_needs_another");
    holds(&quality, &case).await;
    assert_eq!(refusal(quality.review().invalidate(&case, &command).await), "invalidation_needs_another");
    assert!(clinic.coordinator().review().invalidate(&case, &command).await.is_err());
    // Whoever may read the case finds nothing about it, whatever else they are.
    let both = clinic.person(30, &[Role::Quality, Role::Radiologist]);
    assert!(both.review().invalidate(&case, &command).await.is_err());
    clinic.person(31, &[Role::Quality]).review().invalidate(&case, &command).await.unwrap();
}
