//! Holds on slots and the time in which the service was away.

use crate::clinic::{Clinic, refusal};
use chrono::TimeDelta;
use contract::CaseId;
use contract::review::Verdict;
use database::scratch::Scratch;
use review::outage;

database::on_both_databases!(
    a_hold_is_extended_by_an_outage_and_by_nothing_else,
    a_hold_that_had_lapsed_before_the_outage_stays_lapsed,
);

/// The service dies, and starts again after so many minutes.
async fn is_away(clinic: &Clinic, minutes: i64) {
    clinic.clock.advance(TimeDelta::minutes(minutes));
    let seconds = clinic.shell.config.recheck_held_seconds;
    outage::make_up(&clinic.shell.db, clinic.clock_now(), seconds).await.unwrap();
}

async fn lease_end(clinic: &Clinic, case: &CaseId) -> contract::Time {
    clinic.radiologist(1).review().case(case).await.unwrap().unwrap().lease.unwrap().expires_at
}

async fn a_hold_is_extended_by_an_outage_and_by_nothing_else(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let case = clinic.queues_case().await;
    let reader = clinic.radiologist(1);
    reader.opens(&case).await;
    clinic.concludes().await;
    let before = lease_end(&clinic, &case).await;
    is_away(&clinic, 600).await;
    assert_eq!(lease_end(&clinic, &case).await, before + TimeDelta::minutes(600));
    is_away(&clinic, 0).await;
    assert_eq!(lease_end(&clinic, &case).await, before + TimeDelta::minutes(600), "a quick restart");
    reader.saves(&case, 0, Verdict::Accept).await;
    assert_eq!(lease_end(&clinic, &case).await, before + TimeDelta::minutes(600), "the cap cuts nothing");
    reader.signs(&case, Verdict::Accept).await.unwrap();
}

async fn a_hold_that_had_lapsed_before_the_outage_stays_lapsed(scratch: Scratch) {
    let clinic = Clinic::at_once(&scratch).await;
    let case = clinic.queues_case().await;
    let reader = clinic.radiologist(1);
    reader.opens(&case).await;
    clinic.clock.advance(TimeDelta::minutes(16));
    outage::make_up(&clinic.shell.db, clinic.clock_now(), 3_600).await.unwrap();
    is_away(&clinic, 60).await;
    assert_eq!(refusal(reader.signs(&case, Verdict::Accept).await), "lease_ended");
}
