//! Time in which nobody could read doesn't count against a reader: holds on slots are extended by an outage (clinical
//! decision 7).
//!
//! While the service lives it notes the time in one row. What is missing between the last note and the start is the outage.

use crate::error::Error;
use crate::store;
use chrono::TimeDelta;
use contract::Time;
use database::{DatabaseConnection, transaction};

/// A pause of the service that is no outage: a note may be this much older than it should be.
const NOTE_SLACK: TimeDelta = TimeDelta::seconds(30);

/// How long the service was away, if it was.
fn outage(last_noted: Time, now: Time, note_every: TimeDelta) -> Option<TimeDelta> {
    let away = now - last_noted;
    (away > note_every + NOTE_SLACK).then_some(away)
}

/// Extends the holds that were live when the service was last there, by as long as it was away. Called once at the start,
/// before anybody is answered.
///
/// # Errors
/// When the database doesn't do its part: then the service must not start, since holds would lapse.
pub async fn make_up(db: &DatabaseConnection, now: Time, note_every_seconds: u32) -> Result<(), Error> {
    let note_every = TimeDelta::seconds(i64::from(note_every_seconds));
    transaction(db, move |txn| {
        Box::pin(async move {
            let noted = store::presence_load(txn).await?;
            let away = noted.and_then(|noted| Some((noted, outage(noted, now, note_every)?)));
            if let Some((noted, away)) = away {
                let extended = store::leases_extend(txn, noted, away).await?;
                tracing::info!(
                    event = "leases.extended",
                    outage_s = away.num_seconds(),
                    count = extended,
                    "the service was away; holds on slots are extended by that time"
                );
            }
            store::presence_note(txn, now).await
        })
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::start;

    #[test]
    fn a_late_note_is_no_outage() {
        let every = TimeDelta::seconds(5);
        let away = |seconds| outage(start(), start() + TimeDelta::seconds(seconds), every);
        assert_eq!(away(0), None);
        assert_eq!(away(35), None);
        assert_eq!(away(36), Some(TimeDelta::seconds(36)));
        assert_eq!(away(-600), None, "a clock that was set back");
    }
}
