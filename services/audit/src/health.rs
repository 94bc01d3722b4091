//! Whether the ledger is as it should be: what is missing, and whether checkpoints are made and kept.

use crate::{Error, gaps, store};
use chrono::TimeDelta;
use contract::Time;
use contract::audit::{LedgerHealth, SourceHealth};
use database::DatabaseConnection;

/// The state at `now`; a checkpoint may be due for `patience`.
pub(crate) async fn health(
    db: &DatabaseConnection,
    patience: TimeDelta,
    now: Time,
) -> Result<LedgerHealth, Error> {
    let size = store::head_load(db).await?.size();
    let checkpoint = store::checkpoint_latest(db).await?;
    let exported = store::checkpoint_exported_size(db).await?;
    let sources = store::source_list(db).await?;
    let mut alarms = gaps::all_gaps(&sources);
    let (signed, signed_at) = checkpoint.map_or((0, None), |last| (last.size, Some(last.signed_at)));
    alarms.extend(checkpoint_alarms(&Signatures { size, signed, signed_at, exported }, patience, now));
    let source = |(service, progress): (String, crate::gaps::Progress)| SourceHealth {
        service,
        last: progress.last,
        gaps: progress.gaps,
    };
    Ok(LedgerHealth {
        size,
        signed,
        signed_at,
        exported,
        sources: sources.into_iter().map(source).collect(),
        alarms,
    })
}

/// How far the ledger is signed.
struct Signatures {
    size: u64,
    signed: u64,
    signed_at: Option<Time>,
    exported: u64,
}

fn checkpoint_alarms(state: &Signatures, patience: TimeDelta, now: Time) -> Vec<String> {
    let late = state.signed_at.is_some_and(|at| now - at > patience);
    let mut alarms = Vec::new();
    if state.signed > state.size {
        alarms.push(format!(
            "the ledger has {} entries and {} were signed: it was set back",
            state.size, state.signed
        ));
    } else if state.signed < state.size && late {
        alarms.push(format!("{} entries wait too long for a checkpoint", state.size - state.signed));
    }
    if state.exported < state.signed && late {
        alarms.push(format!(
            "the second place of the checkpoints is {} entries behind: it can't be written",
            state.signed - state.exported
        ));
    }
    alarms
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alarms(size: u64, signed: u64, exported: u64, age_s: i64) -> Vec<String> {
        let now = Time::UNIX_EPOCH + TimeDelta::days(1);
        let signed_at = Some(now - TimeDelta::seconds(age_s));
        checkpoint_alarms(&Signatures { size, signed, signed_at, exported }, TimeDelta::seconds(120), now)
    }

    #[test]
    fn a_ledger_that_is_signed_in_time_raises_no_alarm() {
        assert!(alarms(10, 10, 10, 100_000).is_empty());
        assert!(alarms(11, 10, 10, 60).is_empty());
    }

    #[test]
    fn late_unkept_and_set_back_checkpoints_are_told_apart() {
        assert_eq!(alarms(15, 10, 10, 121), ["5 entries wait too long for a checkpoint"]);
        assert!(alarms(10, 10, 7, 121)[0].contains("3 entries behind"));
        assert!(alarms(9, 10, 10, 1)[0].contains("set back"));
    }
}
