//! The keys of the tables refuse what no code may do, whoever tries.

use crate::clinic::Clinic;
use contract::CaseId;
use contract::review::Verdict;
use database::scratch::Scratch;
use sea_orm::{ConnectionTrait as _, DbErr};

database::on_both_databases!(
    a_release_needs_two_accepting_reads_of_two_people_over_the_case_digest,
    two_reads_of_a_case_are_of_two_people_and_two_slots,
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
             authentication, calibrated_display FROM signed_read"
        )
    };
    assert!(attempt(&clinic, &copy(2, 1, "case_digest")).await.is_err(), "the same person");
    assert!(attempt(&clinic, &copy(1, 2, "case_digest")).await.is_err(), "the same slot");
    assert!(attempt(&clinic, &copy(4, 2, "case_digest")).await.is_err(), "a fourth slot");
    assert!(attempt(&clinic, &copy(2, 2, "content_digest")).await.is_err(), "another digest");
    attempt(&clinic, &copy(2, 2, "case_digest")).await.unwrap();
}
