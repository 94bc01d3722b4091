//! Whether the ledger is as it should be: what is missing, and whether checkpoints are made and kept.

use crate::store::Witnessed;
use crate::witness::Problem;
use crate::{Error, gaps, store};
use chrono::TimeDelta;
use contract::Time;
use contract::audit::{LedgerHealth, SourceHealth, WitnessHealth};
use database::DatabaseConnection;
use std::sync::PoisonError;

/// When it is looked, and how long a checkpoint may be due.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    pub(crate) patience: TimeDelta,
    pub(crate) now: Time,
}

/// The state of the ledger, and of its witness where there is one.
pub(crate) async fn health(
    db: &DatabaseConnection,
    Look { patience, now }: Look,
    witness: Option<&(String, Problem)>,
) -> Result<LedgerHealth, Error> {
    let size = store::head_load(db).await?.size();
    let checkpoint = store::checkpoint_latest(db).await?;
    let exported = store::checkpoint_exported_size(db).await?;
    let sources = store::source_list(db).await?;
    let mut alarms = gaps::all_gaps(&sources);
    let (signed, signed_at) = checkpoint.map_or((0, None), |last| (last.size, Some(last.signed_at)));
    let waiting = store::entry_range(db, signed, size, 1).await?;
    let waiting_since = waiting.first().map(|oldest| oldest.entry.recorded_at);
    let state = Signatures { size, signed, signed_at, waiting_since, exported };
    alarms.extend(checkpoint_alarms(&state, patience, now));
    let witness = self::witness(db, witness).await?;
    alarms.extend(witness.as_ref().and_then(|witness| witness_alarm(witness, &state, patience, now)));
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
        witness,
        sources: sources.into_iter().map(source).collect(),
        alarms,
    })
}

/// How far the witness has cosigned, where there is one.
pub(crate) async fn witness(
    db: &DatabaseConnection,
    named: Option<&(String, Problem)>,
) -> Result<Option<WitnessHealth>, Error> {
    let Some((name, problem)) = named else { return Ok(None) };
    let last = store::cosignature_latest(db, name).await?;
    let problem = problem.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let (size, cosigned_at) = last.map_or((0, None), |Witnessed { size, at }| (size, Some(at)));
    Ok(Some(WitnessHealth { name: name.clone(), size, cosigned_at, problem }))
}

/// A witness that doesn't cosign, as soon as it is known why, or when it takes too long.
fn witness_alarm(
    witness: &WitnessHealth,
    state: &Signatures,
    patience: TimeDelta,
    now: Time,
) -> Option<String> {
    let late = state.signed > witness.size && state.signed_at.is_some_and(|at| now - at > patience);
    let why = match &witness.problem {
        Some(problem) => problem,
        None if late => "it was not asked or has not answered",
        None => return None,
    };
    let since = match witness.cosigned_at {
        Some(at) => format!("since {}", at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)),
        None => "yet".to_owned(),
    };
    Some(format!("{} has not cosigned {since}: {why}", witness.name))
}

/// How far the ledger is signed.
struct Signatures {
    size: u64,
    signed: u64,
    signed_at: Option<Time>,
    /// When the oldest entry that no checkpoint covers was recorded.
    waiting_since: Option<Time>,
    exported: u64,
}

fn checkpoint_alarms(state: &Signatures, patience: TimeDelta, now: Time) -> Vec<String> {
    let late = |since: Option<Time>| since.is_some_and(|at| now - at > patience);
    let mut alarms = Vec::new();
    if state.signed > state.size {
        alarms.push(format!(
            "the ledger has {} entries and {} were signed: it was set back",
            state.size, state.signed
        ));
    } else if late(state.waiting_since) {
        alarms.push(format!("{} entries wait too long for a checkpoint", state.size - state.signed));
    }
    if state.exported < state.signed && late(state.signed_at) {
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

    const NOW: Time = Time::UNIX_EPOCH;

    fn ago(seconds: i64) -> Time {
        NOW - TimeDelta::seconds(seconds)
    }

    fn alarms(state: &Signatures) -> Vec<String> {
        checkpoint_alarms(state, TimeDelta::seconds(120), NOW)
    }

    #[test]
    fn a_ledger_that_is_signed_in_time_raises_no_alarm() {
        let mut quiet = Signatures {
            size: 10,
            signed: 10,
            signed_at: Some(ago(100_000)),
            waiting_since: None,
            exported: 10,
        };
        assert!(alarms(&quiet).is_empty());
        // The first entry after a long silence has only just come.
        (quiet.size, quiet.waiting_since) = (11, Some(ago(1)));
        assert!(alarms(&quiet).is_empty());
    }

    #[test]
    fn late_unkept_and_set_back_checkpoints_are_told_apart() {
        let late = Signatures {
            size: 15,
            signed: 10,
            signed_at: Some(ago(300)),
            waiting_since: Some(ago(121)),
            exported: 10,
        };
        assert_eq!(alarms(&late), ["5 entries wait too long for a checkpoint"]);
        let never =
            Signatures { size: 5, signed: 0, signed_at: None, waiting_since: Some(ago(121)), exported: 0 };
        assert_eq!(alarms(&never), ["5 entries wait too long for a checkpoint"]);
        let unkept =
            Signatures { size: 10, signed: 10, signed_at: Some(ago(121)), waiting_since: None, exported: 7 };
        assert!(alarms(&unkept)[0].contains("3 entries behind"));
        let set_back =
            Signatures { size: 9, signed: 10, signed_at: Some(ago(1)), waiting_since: None, exported: 10 };
        assert!(alarms(&set_back)[0].contains("set back"));
    }
}
