//! Cases come, are held by what others tell, and are mixed with cases that test readers.

use super::{Shell, perform};
use crate::case::{Case, HoldReason, Kin, Kind};
use crate::error::Error;
use crate::sample;
use crate::store::{self, Origin};
use crate::workflow::Command;
use chrono::TimeDelta;
use contract::generation::{Run, RunState};
use contract::review::Policy;
use contract::rollout::Stage;
use contract::{CaseId, ClientError, DeploymentId, Digest, Event, EventId, RunId, UserId};
use database::{DatabaseTransaction, transaction};
use std::collections::BTreeSet;

/// What others know of a run.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    /// (0008,0060) that the deployment takes; with the task it decides which credential a reader needs.
    pub(crate) modality: String,
    /// The model's task.
    pub(crate) task: String,
    /// Whether whose the study is, is not in question.
    pub(crate) identity_certain: bool,
}

impl Shell {
    /// Asks rollout what a run is for, and intake whether whose it is is in question.
    pub(crate) async fn known_of(&self, run: &Run) -> Result<Known, Error> {
        let unknown = || ClientError::Unavailable { service: "rollout", source: None };
        let deployment = self.rollout.deployment(&run.deployment).await?.ok_or_else(unknown)?;
        let models = self.rollout.models().await?;
        let model = models.into_iter().find(|model| model.id == run.model).ok_or_else(unknown)?;
        let source = self.intake.source_check(&run.series, run.source_set).await?;
        Ok(Known {
            modality: deployment.rule.modality,
            task: model.task,
            identity_certain: source.identity_certain,
        })
    }

    /// The rules for cases that are queued now: the newest that quality put in force, else the configuration's.
    pub(crate) async fn policy(&self, txn: &DatabaseTransaction) -> Result<Policy, Error> {
        let newest = store::policy_list(txn).await?.into_iter().next();
        Ok(newest.map_or_else(|| self.config.policy.clone(), |version| version.policy))
    }

    /// Queues the case of a completed run. A run that was superseded meanwhile gets none.
    pub(crate) async fn queue_in_txn(
        &self,
        txn: &DatabaseTransaction,
        run: Run,
        known: Known,
        origin: &Origin,
    ) -> Result<(), Error> {
        let has_case = !store::cases_of_run(txn, &run.id).await?.is_empty();
        let (Some(case_digest), RunState::Completed, false) = (run.case_digest, run.state, has_case) else {
            return Ok(());
        };
        let policy = self.policy(txn).await?;
        let case = Case {
            id: self.random.with(CaseId::random),
            requester: store::requester_of(txn, &run.id).await?,
            run: run.id,
            series: run.series,
            study: run.study,
            model: run.model,
            deployment: run.deployment,
            stage: run.stage,
            case_digest,
            source_set: run.source_set,
            volumes: run.volumes,
            region_count: u32::try_from(run.regions.len()).unwrap_or(u32::MAX),
            kind: Kind::Clinical,
            is_drawn: run.stage == Stage::Shadow && self.draws(policy.evaluation_per_mille),
            modality: known.modality,
            task: known.task,
            policy,
            priority: run.priority,
            priority_change: None,
            overdue_at: None,
            queued_at: origin.now,
            leases: Vec::new(),
            drafts: Vec::new(),
            reads: Vec::new(),
            withdrawals: Vec::new(),
            invalidated: Vec::new(),
            holds: Vec::new(),
            deferrals: Vec::new(),
            conflicted: BTreeSet::new(),
            credentials: Vec::new(),
            discordant_at: None,
            panel_at: None,
            sampled_at: None,
            superseded_at: None,
            ending: None,
            recall: None,
            kin: Kin::default(),
            version: 0,
        };
        self.insert_in_txn(txn, case.clone(), origin).await?;
        if !known.identity_certain
            && let Some(mut queued) = store::case_load_locked(txn, &case.id).await?
        {
            perform(txn, &mut queued, &Command::Hold(HoldReason::Identity), origin).await?;
        }
        self.pairs_in_txn(txn, &case, origin).await?;
        if case.stage.is_clinical() && self.draws(case.policy.sentinel_per_mille) {
            self.plant_in_txn(txn, &case.policy, origin).await?;
        }
        Ok(())
    }

    async fn insert_in_txn(
        &self,
        txn: &DatabaseTransaction,
        mut case: Case,
        origin: &Origin,
    ) -> Result<(), Error> {
        store::case_insert(txn, &case, origin.now).await?;
        let queued = Event::CaseQueued { case: case.id.clone(), run: case.run.clone() };
        store::tell(txn, origin, case.id.as_str(), queued).await?;
        // The deployment may have been moved down while the run was at work.
        let stage = store::deployment_stage(txn, &case.deployment).await?;
        if stage.is_some_and(|now| now < case.stage) {
            perform(txn, &mut case, &Command::Hold(HoldReason::DeploymentStage), origin).await?;
        }
        if store::study_is_flagged(txn, &case.study).await? {
            perform(txn, &mut case, &Command::Hold(HoldReason::Investigation), origin).await?;
        }
        Ok(())
    }

    /// Mixes in a sentinel, if a run is known to be bad and none of it waits.
    async fn plant_in_txn(
        &self,
        txn: &DatabaseTransaction,
        policy: &Policy,
        origin: &Origin,
    ) -> Result<(), Error> {
        let sources = store::sentinel_sources(txn).await?;
        let Some(source) = self.one_of(&sources) else { return Ok(()) };
        let Some(source) = store::case_load(txn, source).await? else { return Ok(()) };
        let kind = Kind::Sentinel { of: source.id.clone() };
        self.mix_in_txn(txn, &source, kind, policy, origin).await
    }

    async fn mix_in_txn(
        &self,
        txn: &DatabaseTransaction,
        of: &Case,
        kind: Kind,
        policy: &Policy,
        origin: &Origin,
    ) -> Result<(), Error> {
        let id = self.random.with(CaseId::random);
        let case = Case { policy: policy.clone(), ..sample::made_from(of, id, kind, origin.now) };
        self.insert_in_txn(txn, case, origin).await
    }

    /// Decides which of the cases that ended long enough ago one of their readers reads once more.
    pub(crate) async fn draw_repeats(&self) -> Result<(), Error> {
        let shell = self.clone();
        transaction(&self.db, move |txn| {
            Box::pin(async move {
                let origin = shell.review(None);
                let policy = shell.policy(txn).await?;
                let before = origin.now - TimeDelta::days(i64::from(policy.repeat_after_days));
                for case in store::repeat_candidates(txn, before).await? {
                    shell.draw_repeat_in_txn(txn, &case, &policy, &origin).await?;
                }
                Ok(())
            })
        })
        .await
    }

    async fn draw_repeat_in_txn(
        &self,
        txn: &DatabaseTransaction,
        case: &Case,
        policy: &Policy,
        origin: &Origin,
    ) -> Result<(), Error> {
        let first = store::repeat_drawn(txn, &case.id, origin.now).await?;
        let usable = case.stage.is_clinical() && case.superseded_at.is_none();
        if !(first && usable && self.draws(policy.repeat_per_mille)) {
            return Ok(());
        }
        let readers: Vec<UserId> = sample::repeat_readers(case);
        let Some(reader) = self.one_of(&readers) else { return Ok(()) };
        let kind = Kind::Repeat { of: case.id.clone(), reader: reader.clone() };
        self.mix_in_txn(txn, case, kind, policy, origin).await
    }

    /// Whether a draw of so many of a thousand wins.
    pub(crate) fn draws(&self, per_mille: u32) -> bool {
        self.number() % 1_000 < u128::from(per_mille)
    }

    fn one_of<'t, T>(&self, choices: &'t [T]) -> Option<&'t T> {
        let count = u128::try_from(choices.len()).ok().filter(|count| *count > 0)?;
        choices.get(usize::try_from(self.number() % count).ok()?)
    }

    fn number(&self) -> u128 {
        Digest::of(self.random.with(EventId::random).as_str().as_bytes()).leading_bits()
    }

    /// Ends the cases of a superseded run.
    pub(crate) async fn supersede_in_txn(
        &self,
        txn: &DatabaseTransaction,
        run: &RunId,
        origin: &Origin,
    ) -> Result<(), Error> {
        let mut ids: Vec<CaseId> =
            store::cases_of_run(txn, run).await?.into_iter().map(|case| case.id).collect();
        ids.sort();
        for id in &ids {
            let Some(mut case) = store::case_load_locked(txn, id).await? else { continue };
            perform(txn, &mut case, &Command::Supersede, origin).await?;
        }
        self.pairs_superseded_in_txn(txn, &ids, origin).await
    }

    /// Holds what was made under a stage that the deployment no longer has, and lets go what it has again.
    pub(crate) async fn follow_stage_in_txn(
        &self,
        txn: &DatabaseTransaction,
        deployment: &DeploymentId,
        stage: Stage,
        origin: &Origin,
    ) -> Result<(), Error> {
        let mut ids = store::deployment_cases_open(txn, deployment).await?;
        ids.sort();
        for id in ids {
            let Some(mut case) = self.locked(txn, &id, origin).await? else { continue };
            let reason = HoldReason::DeploymentStage;
            let command = if stage < case.stage { Command::Hold(reason) } else { Command::Resume(reason) };
            perform(txn, &mut case, &command, origin).await?;
        }
        self.bell.notify_one();
        Ok(())
    }
}
