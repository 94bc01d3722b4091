//! What comes after a signature, on both databases: addenda, and confirmation under a corrected identity.

use crate::clinic::{Clinic, Person, refusal, rules, signed};
use chrono::TimeDelta;
use contract::generation::Run;
use contract::review::{
    ADDENDA_MAX, Case, CaseState, ConfirmRead, ReadContent, Stance, Verdict, WriteAddendum,
};
use contract::rollout::Stage;
use contract::{CaseId, ClientError, Digest, Event, ReadId, Role, SeriesId};
use database::scratch::Scratch;

database::on_both_databases!(
    an_addendum_stands_beside_the_read_and_changes_nothing_of_it,
    who_would_not_sign_any_more_carries_no_release,
    what_is_written_after_the_release_asks_whether_to_recall_and_is_never_sent,
    an_addendum_shows_to_nobody_before_the_reads_do,
    the_same_readers_confirm_the_same_images_under_a_corrected_identity,
    nothing_but_the_own_final_read_of_the_very_same_images_is_confirmed,
);

async fn adds(person: &Person<'_>, case: &CaseId, stance: Stance) -> Result<Case, ClientError> {
    let words = "the apex, on looking at the report once more".to_owned();
    person.review().write_addendum(case, &WriteAddendum { stance, words }).await
}

async fn an_addendum_stands_beside_the_read_and_changes_nothing_of_it(scratch: Scratch) {
    let clinic = Clinic::open(&scratch, rules(|_| {})).await;
    let case = clinic.queues_case().await;
    let reader = clinic.radiologist(1);
    assert_eq!(refusal(adds(&reader, &case, Stance::Keeps).await), "unavailable");
    let read = reader.reads(&case, Verdict::Accept).await.my_read.unwrap();
    assert_eq!(refusal(adds(&reader, &case, Stance::Keeps).await), "read_not_final");
    clinic.clock.advance(TimeDelta::minutes(10));
    let after = adds(&reader, &case, Stance::Keeps).await.unwrap().my_read.unwrap();
    assert_eq!(
        (after.content, after.signature.content_digest),
        (read.content, read.signature.content_digest)
    );
    assert_eq!(after.addenda.len(), 1);
    assert_eq!((after.addenda[0].stance, after.addenda[0].written_at), (Stance::Keeps, clinic.clock_now()));
    let short = WriteAddendum { stance: Stance::Keeps, words: "no".to_owned() };
    assert_eq!(refusal(reader.review().write_addendum(&case, &short).await), "reason_missing");
    for _ in 1..ADDENDA_MAX {
        adds(&reader, &case, Stance::Keeps).await.unwrap();
    }
    assert_eq!(refusal(adds(&reader, &case, Stance::Keeps).await), "too_many_addenda");
    // Nobody else adds to it, whatever they are.
    assert_eq!(refusal(adds(&clinic.radiologist(2), &case, Stance::Keeps).await), "unavailable");
    assert!(adds(&clinic.quality(), &case, Stance::Keeps).await.is_err());
    let told = clinic.events().await;
    assert!(!serde_json::to_string(&told).unwrap().contains("the apex"), "the words stay with review");
    assert_eq!(told.iter().filter(|told| told.event.kind() == "addendum.written").count(), ADDENDA_MAX);
}

async fn who_would_not_sign_any_more_carries_no_release(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let case = clinic.queues_case().await;
    let (first, second) = (clinic.radiologist(1), clinic.radiologist(2));
    first.reads(&case, Verdict::Accept).await;
    adds(&first, &case, Stance::Changes).await.unwrap();
    // It is not taken back: a read that was doubted carries nothing again.
    adds(&first, &case, Stance::Keeps).await.unwrap();
    second.reads(&case, Verdict::Accept).await;
    clinic.concludes().await;
    assert_eq!(clinic.overview(&case).await.state, Some(CaseState::Discordant), "two accept, one doubts");
    clinic.adjudicator().reads(&case, Verdict::Accept).await;
    clinic.concludes().await;
    let seen = clinic.overview(&case).await;
    assert_eq!(seen.state, Some(CaseState::Released));
    let release = clinic.called_by("delivery").release(&seen.release.unwrap()).await.unwrap().unwrap();
    assert!(release.reads.iter().all(|read| read.addenda.is_empty()), "what is sent is what was signed");

    // Where nobody else accepts there are not two signatures.
    let case = clinic.queues_case().await;
    first.reads(&case, Verdict::Accept).await;
    second.reads(&case, Verdict::Reject).await;
    adds(&first, &case, Stance::Changes).await.unwrap();
    clinic.concludes().await;
    clinic.adjudicator().reads(&case, Verdict::Accept).await;
    clinic.concludes().await;
    assert_eq!(clinic.overview(&case).await.state, Some(CaseState::Rejected));

    // A rejection that is doubted stays one.
    let case = clinic.queues_case().await;
    first.reads(&case, Verdict::Reject).await;
    adds(&first, &case, Stance::Changes).await.unwrap();
    second.reads(&case, Verdict::Reject).await;
    clinic.concludes().await;
    assert_eq!(clinic.overview(&case).await.state, Some(CaseState::Rejected));
}

async fn what_is_written_after_the_release_asks_whether_to_recall_and_is_never_sent(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let case = clinic.queues_case().await;
    let (first, second) = (clinic.radiologist(1), clinic.radiologist(2));
    first.reads(&case, Verdict::Accept).await;
    second.reads(&case, Verdict::Accept).await;
    clinic.concludes().await;
    let release = clinic.overview(&case).await.release.unwrap();
    let delivery = clinic.called_by("delivery");
    let before = serde_json::to_string(&delivery.release(&release).await.unwrap()).unwrap();
    adds(&first, &case, Stance::Keeps).await.unwrap();
    assert!(!clinic.overview(&case).await.needs_recall_evaluation);
    adds(&second, &case, Stance::Changes).await.unwrap();
    clinic.concludes().await;
    let seen = clinic.overview(&case).await;
    assert_eq!(seen.state, Some(CaseState::Released), "a person decides");
    assert!(seen.needs_recall_evaluation);
    assert_eq!(seen.reads.iter().map(|read| read.addenda.len()).sum::<usize>(), 2);
    let after = serde_json::to_string(&delivery.release(&release).await.unwrap()).unwrap();
    assert_eq!(before, after, "what was released stays what it was");
}

async fn an_addendum_shows_to_nobody_before_the_reads_do(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let case = clinic.queues_case().await;
    let (first, second) = (clinic.radiologist(1), clinic.radiologist(2));
    first.reads(&case, Verdict::Accept).await;
    second.opens(&case).await;
    let coordinator = clinic.coordinator();
    let seen = async |person: &Person<'_>| {
        serde_json::to_string(&person.review().case(&case).await.unwrap()).unwrap()
    };
    let before = [seen(&second).await, seen(&coordinator).await, seen(&clinic.quality()).await];
    adds(&first, &case, Stance::Changes).await.unwrap();
    clinic.concludes().await;
    let after = [seen(&second).await, seen(&coordinator).await, seen(&clinic.quality()).await];
    assert_eq!(before, after);
    second.signs(&case, Verdict::Accept).await.unwrap();
    clinic.concludes().await;
    let adjudicator = clinic.adjudicator();
    adjudicator.opens(&case).await;
    assert!(!seen(&adjudicator).await.contains("the apex"), "it arrives as an ordinary read");
    adjudicator.signs(&case, Verdict::Accept).await.unwrap();
    let shown = adjudicator.review().case(&case).await.unwrap().unwrap();
    assert_eq!(shown.reads.iter().map(|read| read.addenda.len()).sum::<usize>(), 1);
    clinic.concludes().await;
    assert!(seen(&second).await.contains("the apex"), "once the case is over it is told");
}

/// A run on a series, of these values.
fn run_of(clinic: &Clinic, series: SeriesId, volumes: &[u8]) -> Run {
    Run { volumes: Some(Digest::of(volumes)), ..clinic.run_on(series, Stage::General) }
}

/// Two readers accept; the study gets another identity, and a run makes what `volumes` says anew.
async fn corrected(clinic: &Clinic, number: u128, volumes: &[u8]) -> (CaseId, CaseId) {
    let series = SeriesId::from_bits(number);
    let former = run_of(clinic, series.clone(), b"volumes");
    clinic.completes(&former).await;
    let former_case = clinic.case_of(&former).await;
    for reader in [1, 2] {
        clinic.radiologist(reader).reads(&former_case, Verdict::AcceptWithLimitation).await;
    }
    clinic.told(Event::RunSuperseded { run: former.id.clone() }).await;
    let newer = run_of(clinic, series, volumes);
    let newer = Run { case_digest: Some(Digest::of(b"what is seen now")), ..newer };
    clinic.completes(&newer).await;
    (former_case, clinic.case_of(&newer).await)
}

async fn confirms(person: &Person<'_>, case: &CaseId, read: &ReadId) -> Result<Case, ClientError> {
    let case_digest = Digest::of(b"what is seen now");
    let command = ConfirmRead { read: read.clone(), case_digest, personal_key: None };
    let nonce = format!("{case} {read} {}", person.actor.user().unwrap());
    person.proving(case, &nonce).confirm(case, &command).await
}

async fn the_same_readers_confirm_the_same_images_under_a_corrected_identity(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let (former, case) = corrected(&clinic, 70, b"volumes").await;
    let (first, second) = (clinic.radiologist(1), clinic.radiologist(2));
    let before = first.review().case(&case).await.unwrap().unwrap();
    assert!(before.confirmable.is_none(), "who holds no slot is offered nothing");
    for person in [&first, &second] {
        let offered = person.opens(&case).await.confirmable.expect("it is offered");
        let own = person.review().case(&former).await.unwrap().unwrap().my_read.unwrap();
        assert_eq!((&offered.read, offered.signed_at), (&own.id, own.signature.signed_at));
        assert_eq!(ReadContent { confirms: None, ..offered.content }, own.content);
        let read = confirms(person, &case, &offered.read).await.unwrap().my_read.unwrap();
        assert_eq!(read.content.confirms.as_ref(), Some(&own.id));
        assert_eq!(read.signature.content_digest, offered.content_digest);
        assert_eq!(read.signature.case_digest, Digest::of(b"what is seen now"), "over the new objects");
        assert!(read.signature.meaning.starts_with("The images are, value for value"));
        assert!(read.signature.meaning.contains("with the limitation that I stated"));
    }
    clinic.concludes().await;
    let seen = clinic.overview(&case).await;
    assert_eq!(seen.state, Some(CaseState::Released), "two people signed the bytes that are sent");
    let release = clinic.called_by("delivery").release(&seen.release.unwrap()).await.unwrap().unwrap();
    assert_eq!(release.limitations, ["not for the apex"]);
}

async fn nothing_but_the_own_final_read_of_the_very_same_images_is_confirmed(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let (former, case) = corrected(&clinic, 71, b"volumes").await;
    let (first, second, third) = (clinic.radiologist(1), clinic.radiologist(2), clinic.radiologist(3));
    let own = async |person: &Person<'_>, case: &CaseId| {
        person.review().case(case).await.unwrap().unwrap().my_read.unwrap().id
    };
    let reads = [own(&first, &former).await, own(&second, &former).await];
    assert!(third.opens(&case).await.confirmable.is_none(), "who read nothing has nothing to confirm");
    assert_eq!(refusal(confirms(&third, &case, &reads[0]).await), "nothing_to_confirm");
    first.opens(&case).await;
    assert_eq!(refusal(confirms(&first, &case, &reads[1]).await), "nothing_to_confirm", "another's");
    // A browser can't say that it confirms something else than what was signed.
    let other = ReadContent { confirms: Some(reads[0].clone()), ..crate::clinic::content(Verdict::Accept) };
    let mut command = signed(other);
    command.case_digest = Digest::of(b"what is seen now");
    let forged = first.proving(&case, "forged").sign(&case, &command).await;
    assert_eq!(refusal(forged), "nothing_to_confirm");
    // Who would not sign it any more has nothing to confirm either.
    adds(&first, &former, Stance::Changes).await.unwrap();
    assert!(first.review().case(&case).await.unwrap().unwrap().confirmable.is_none());
    assert_eq!(refusal(confirms(&first, &case, &reads[0]).await), "nothing_to_confirm");
    let refused = clinic.events().await;
    let refused = refused.iter().filter(|told| told.event.kind() == "signature.refused").count();
    assert_eq!(refused, 4, "each of them is told");

    let (former, case) = corrected(&clinic, 72, b"other volumes").await;
    let read = own(&first, &former).await;
    assert!(first.opens(&case).await.confirmable.is_none(), "one value is another one");
    assert_eq!(refusal(confirms(&first, &case, &read).await), "nothing_to_confirm");
    // An adjudicator's former read is confirmed by nobody: the third read hides among ordinary ones.
    assert!(clinic.person(9, &[Role::Adjudicator]).review().open(&case).await.is_err());
}
