//! The keys of the tables refuse what no code may do, whoever tries.

use crate::clinic::{Clinic, rules};
use contract::CaseId;
use contract::review::{Stance, Verdict, WriteAddendum};
use contract::rollout::Stage;
use database::scratch::Scratch;
use sea_orm::{ConnectionTrait as _, DbErr};

database::on_both_databases!(
    a_release_needs_two_accepting_reads_of_two_people_over_the_case_digest,
    two_reads_of_a_case_are_of_two_people_and_two_slots,
    a_withdrawn_read_carries_no_release_and_a_final_one_is_not_withdrawn,
    a_doubted_read_carries_no_release,
    a_sentinel_is_never_released,
    nobody_reads_a_run_that_they_asked_for,
);

const TIME: &str = "'2026-11-25T08:00:00+00:00'";

async fn attempt(clinic: &Clinic, sql: &str) -> Result<(), DbErr> {
    clinic.shell.db.execute_unprepared(sql).await.map(drop)
}

async fn release(clinic: &Clinic, case: &CaseId, digest: &str, people: [u128; 2]) -> Result<(), DbErr> {
    let [first, second] = people.map(contract::UserId::from_bits);
    let sql = format!(
        "INSERT INTO release (id, case_id, case_digest, first_signer, second_signer, verdict_class, released_at) \
         VALUES ('release_{first}', '{case}', '{digest}', '{first}', '{second}', 'accept', {TIME})"
    );
    attempt(clinic, &sql).await
}

async fn a_release_needs_two_accepting_reads_of_two_people_over_the_case_digest(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let case = clinic.queues_case().await;
    let digest = clinic.overview(&case).await.case_digest.to_string();
    let other = contract::Digest::of(b"another image").to_string();
    clinic.radiologist(1).reads(&case, Verdict::Accept).await;
    assert!(release(&clinic, &case, &digest, [1, 2]).await.is_err(), "one read is missing");
    clinic.radiologist(2).reads(&case, Verdict::Reject).await;
    assert!(release(&clinic, &case, &digest, [1, 2]).await.is_err(), "one read rejects");
    clinic.concludes().await;
    clinic.adjudicator().reads(&case, Verdict::Accept).await;
    assert!(release(&clinic, &case, &digest, [1, 1]).await.is_err(), "the same person twice");
    assert!(release(&clinic, &case, &other, [1, 9]).await.is_err(), "another digest");
    assert!(release(&clinic, &case, "", [1, 9]).await.is_err(), "no digest");
    release(&clinic, &case, &digest, [1, 9]).await.unwrap();
    assert!(release(&clinic, &case, &digest, [9, 1]).await.is_err(), "a second release");
}

async fn two_reads_of_a_case_are_of_two_people_and_two_slots(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let case = clinic.queues_case().await;
    clinic.radiologist(1).reads(&case, Verdict::Accept).await;
    let copy = |slot: u8, reader: u128, digest: &str| {
        let reader = contract::UserId::from_bits(reader);
        format!(
            "INSERT INTO signed_read SELECT '{reader}', case_id, {slot}, '{reader}', verdict, verdict_class, \
             content, '{reader}', printed_name, signed_at, final_at, meaning, {digest}, content_digest, \
             authentication, calibrated_display, requester, withdrawal, withdrawn_at, withdrawal_reason, \
             invalidated_at, invalidated_by, invalidation_reason, personal_key \
             FROM signed_read"
        )
    };
    assert!(attempt(&clinic, &copy(2, 1, "case_digest")).await.is_err(), "the same person");
    assert!(attempt(&clinic, &copy(1, 2, "case_digest")).await.is_err(), "the same slot");
    assert!(attempt(&clinic, &copy(5, 2, "case_digest")).await.is_err(), "a fifth slot");
    assert!(attempt(&clinic, &copy(2, 2, "content_digest")).await.is_err(), "another digest");
    attempt(&clinic, &copy(2, 2, "case_digest")).await.unwrap();
}

async fn a_withdrawn_read_carries_no_release_and_a_final_one_is_not_withdrawn(scratch: Scratch) {
    let clinic = Clinic::open(&scratch, rules(|_| {})).await;
    let case = clinic.queues_case().await;
    let digest = clinic.overview(&case).await.case_digest.to_string();
    clinic.radiologist(1).reads(&case, Verdict::Accept).await;
    clinic.radiologist(2).reads(&case, Verdict::Accept).await;
    clinic.radiologist(1).withdraws(&case).await.unwrap();
    assert!(release(&clinic, &case, &digest, [1, 2]).await.is_err(), "one read is withdrawn");
    let late = "UPDATE signed_read SET withdrawal = id, withdrawn_at = final_at WHERE withdrawal = ''";
    assert!(attempt(&clinic, late).await.is_err(), "it is final by then");
    let half = "UPDATE signed_read SET withdrawal = id WHERE withdrawal = ''";
    assert!(attempt(&clinic, half).await.is_err(), "without a time");
    clinic.radiologist(1).reads(&case, Verdict::Accept).await;
    release(&clinic, &case, &digest, [1, 2]).await.unwrap();
    let under_a_release =
        format!("UPDATE signed_read SET withdrawal = id, withdrawn_at = {TIME} WHERE withdrawal = ''");
    assert!(attempt(&clinic, &under_a_release).await.is_err(), "a release stands on it");
}

async fn a_doubted_read_carries_no_release(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let case = clinic.queues_case().await;
    let digest = clinic.overview(&case).await.case_digest.to_string();
    for reader in [1, 2] {
        clinic.radiologist(reader).reads(&case, Verdict::Accept).await;
    }
    let words = "not on a second look".to_owned();
    let doubt = WriteAddendum { stance: Stance::Changes, words };
    clinic.radiologist(1).review().write_addendum(&case, &doubt).await.unwrap();
    assert!(release(&clinic, &case, &digest, [1, 2]).await.is_err(), "whatever the program would do");
}

async fn a_sentinel_is_never_released(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let case = clinic.queues_case().await;
    let digest = clinic.overview(&case).await.case_digest.to_string();
    attempt(&clinic, "UPDATE review_case SET kind = 'sentinel', repeat_of = id").await.unwrap();
    clinic.radiologist(1).reads(&case, Verdict::Accept).await;
    clinic.radiologist(2).reads(&case, Verdict::Accept).await;
    assert!(release(&clinic, &case, &digest, [1, 2]).await.is_err());
    attempt(&clinic, "UPDATE review_case SET kind = 'clinical', repeat_of = NULL").await.unwrap();
    release(&clinic, &case, &digest, [1, 2]).await.unwrap();
    let afterwards = "UPDATE review_case SET kind = 'sentinel'";
    assert!(attempt(&clinic, afterwards).await.is_err(), "a released case becomes no sentinel");
}

async fn nobody_reads_a_run_that_they_asked_for(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let run = clinic.run_on(contract::SeriesId::from_bits(77), Stage::General);
    clinic.told_by(clinic.radiologist(1).actor, clinic.requested(&run)).await;
    clinic.completes(&run).await;
    let case = clinic.case_of(&run).await;
    assert_eq!(crate::clinic::refusal(clinic.radiologist(1).review().open(&case).await), "unavailable");
    clinic.radiologist(2).reads(&case, Verdict::Accept).await;
    let requester = contract::UserId::from_bits(1);
    let forged = format!("UPDATE signed_read SET reader = '{requester}'");
    assert!(attempt(&clinic, &forged).await.is_err(), "who asked for the run signs nothing on it");
    let nobody = "UPDATE signed_read SET requester = ''";
    assert!(attempt(&clinic, nobody).await.is_err(), "the read names who asked, as the case does");
}
