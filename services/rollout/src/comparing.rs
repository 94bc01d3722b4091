//! Takes the declared looks at comparisons, and no other: an answer of a reader is a hint that one may be due, and a
//! sweep finds what no hint told.

use crate::{Error, preference, store};
use contract::ComparisonId;
use contract::generation::{Generation, Run};
use contract::review::{CompletedPair, Review};
use contract::rollout::{Comparison, ComparisonState, LookDecision, ReadPair};
use database::DatabaseConnection;
use platform::{Clock, CpuPool, Random, Shutdown};
use std::sync::Arc;
use std::time::Duration;

/// How many runs generation is asked for at once.
const RUNS_AT_ONCE: usize = 500;

/// What looking needs.
#[derive(Clone)]
pub(crate) struct Comparing {
    pub(crate) db: DatabaseConnection,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Random,
    /// Asked which pairs are complete.
    pub(crate) review: Review,
    /// Asked what runs measure.
    pub(crate) generation: Generation,
    /// Where figures are counted.
    pub(crate) cpu: CpuPool,
}

impl Comparing {
    /// Looks whether something is due again and again until `shutdown`.
    pub(crate) async fn run(self, shutdown: Shutdown, pause: Duration) {
        loop {
            if let Err(error) = self.sweep().await {
                tracing::warn!(
                    event = "comparisons.interrupted",
                    error = &error as &dyn std::error::Error,
                    "a comparison could not be looked at; it is tried again"
                );
            }
            if !shutdown.sleep(pause).await {
                return;
            }
        }
    }

    async fn sweep(&self) -> Result<(), Error> {
        for open in store::comparisons_open(&self.db).await? {
            self.look(&open).await?;
        }
        Ok(())
    }

    /// Looks at one comparison, because a reader answered.
    pub(crate) async fn answered(&self, id: &ComparisonId) -> Result<(), Error> {
        match store::comparison_load(&self.db, id).await? {
            Some(known) if known.state == ComparisonState::Open => self.look(&known).await,
            _ => Ok(()),
        }
    }

    /// Takes every look that is due, one after the other, until one decides.
    async fn look(&self, known: &Comparison) -> Result<(), Error> {
        let complete = self.review.pairs_completed(&known.id).await?;
        let count = u32::try_from(complete.len()).unwrap_or(u32::MAX);
        store::comparison_pairs_set(&self.db, &known.id, count).await?;
        let mut taken = known.looks.len();
        while let Some(number) = preference::due(&known.plan, taken, complete.len()) {
            let rests_on = &complete[..known.plan.looks[taken] as usize];
            let runs = self.runs(rests_on).await?;
            let (plan, pairs, now) = (known.plan.clone(), complete.clone(), self.clock.now());
            let look = self.cpu.run(move || preference::look(&plan, number, &pairs, &runs, now)).await;
            let decision = look.decision;
            if !store::look_save(&self.db, &self.random, &known.id, look).await?
                || decision != LookDecision::GoOn
            {
                return Ok(());
            }
            taken += 1;
        }
        Ok(())
    }

    /// What the runs of pairs measured. What generation doesn't know is left out.
    async fn runs(&self, pairs: &[CompletedPair]) -> Result<Vec<Run>, Error> {
        let ids: Vec<_> =
            pairs.iter().flat_map(|pair| [pair.champion.clone(), pair.challenger.clone()]).collect();
        let mut runs = Vec::with_capacity(ids.len());
        for batch in ids.chunks(RUNS_AT_ONCE) {
            runs.extend(self.generation.run_batch(batch.to_vec()).await?);
        }
        Ok(runs)
    }

    /// The pairs that the result of a decided comparison rests on. One that was given up has no result, and one that
    /// goes on shows nothing.
    pub(crate) async fn with_read(&self, mut known: Comparison) -> Result<Comparison, Error> {
        let (ComparisonState::Decided, Some(last)) = (known.state, known.looks.last()) else {
            return Ok(known);
        };
        let counted = last.pairs as usize;
        let complete = self.review.pairs_completed(&known.id).await?;
        let read = complete.into_iter().take(counted).map(|pair| ReadPair {
            pair: pair.pair,
            champion_case: pair.champion_case,
            challenger_case: pair.challenger_case,
            outcome: pair.outcome,
            errors: Some(pair.errors),
        });
        known.read = read.collect();
        Ok(known)
    }
}
