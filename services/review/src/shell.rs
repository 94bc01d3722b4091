//! Load, decide, save: every command on a case goes through here, in one transaction each.

use crate::assign::Reader;
use crate::blind;
use crate::case::{Case, HoldReason, Kin};
use crate::config::Config;
use crate::error::Error;
use crate::sign::Signing;
use crate::store::{self, EventIds, Origin};
use crate::workflow::{self, Command, Outcome, decide, outcome};
use contract::generation::{Generation, Run, RunState};
use contract::review::{Case as CaseView, Draft, SaveDraft};
use contract::rollout::{Rollout, Stage, StageCheck};
use contract::{Actor, CaseId, DeploymentId, Event, LeaseId, Refusal, ReleaseId, RequestId, RunId, Time};
use database::{DatabaseConnection, DatabaseTransaction, transaction};
use platform::{Clock, Random};
use std::sync::Arc;
use tokio::sync::Notify;

/// How often a command is tried again when somebody else was quicker.
const RACES_MAX: u32 = 5;

/// What review works with.
#[derive(Clone)]
pub struct Shell {
    /// Review's tables.
    pub db: DatabaseConnection,
    /// The present instant.
    pub clock: Arc<dyn Clock>,
    /// Draws ids.
    pub random: Random,
    /// Asked for the stage before a release.
    pub rollout: Rollout,
    /// Asked for runs.
    pub generation: Generation,
    /// Configuration.
    pub config: Arc<Config>,
    /// Rings when reads may have become final. What follows happens in a task and never in a reader's own
    /// request, whose duration would tell whether the other read is there.
    pub bell: Arc<Notify>,
}

/// A person's command on a case.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// The case.
    pub(crate) case: CaseId,
    /// Who.
    pub(crate) actor: Actor,
    /// The request at the door that it came with.
    pub(crate) causation: RequestId,
}

impl Shell {
    /// Now.
    pub(crate) fn now(&self) -> Time {
        self.clock.now()
    }

    /// The origin of what a person does.
    pub(crate) fn person(&self, actor: &Actor, request: &RequestId) -> Origin {
        let random = EventIds(self.random.clone());
        Origin { actor: actor.clone(), now: self.now(), causation: Some(request.to_string()), random }
    }

    /// The origin of what review does by itself, or because of an event.
    pub(crate) fn review(&self, causation: Option<String>) -> Origin {
        let random = EventIds(self.random.clone());
        Origin { actor: Actor::service("review"), now: self.now(), causation, random }
    }

    /// Takes a slot or renews the hold on it; a hold on another case is given back.
    pub(crate) async fn open(&self, request: &Request) -> Result<CaseView, Error> {
        let reader = Reader::of(&request.actor).ok_or_else(|| Error::Refused(Refusal::forbidden()))?;
        let (case, now) = self
            .racing(|| {
                let (shell, request, reader) = (self.clone(), request.clone(), reader.clone());
                transaction(&self.db, move |txn| {
                    Box::pin(async move { shell.open_in_txn(txn, &request, reader).await })
                })
            })
            .await?;
        blind::view(&case, &request.actor, now).ok_or(Error::NotFound)
    }

    async fn open_in_txn(
        &self,
        txn: &DatabaseTransaction,
        request: &Request,
        reader: Reader,
    ) -> Result<(Case, Time), Error> {
        let origin = self.person(&request.actor, &request.causation);
        let held = store::case_held_by(txn, &reader.user).await?.filter(|held| *held != request.case);
        // Rows are always locked in the order of ids, so that two openings never wait for each other.
        let mut ids: Vec<CaseId> = held.iter().cloned().chain([request.case.clone()]).collect();
        ids.sort();
        let mut opened = None;
        for id in ids {
            let case = self.locked(txn, &id, &origin).await?;
            if id == request.case {
                opened = case;
            } else if let Some(mut other) = case {
                let give_back = Command::GiveBack { user: reader.user.clone() };
                perform(txn, &mut other, &give_back, &origin).await?;
            }
        }
        let mut case = opened.filter(|case| case.stage.is_clinical()).ok_or(Error::NotFound)?;
        let lease = self.random.with(LeaseId::random);
        perform(txn, &mut case, &Command::Open { reader, lease }, &origin).await?;
        Ok((case, origin.now))
    }

    /// Saves a draft.
    pub(crate) async fn save_draft(&self, request: &Request, save: SaveDraft) -> Result<Draft, Error> {
        let user = request.actor.user().cloned().ok_or_else(|| Error::Refused(Refusal::forbidden()))?;
        let command = Command::SaveDraft { user: user.clone(), save };
        let (case, now) = self.command(request, command).await?;
        let view = blind::view(&case, &request.actor, now).ok_or(Error::NotFound)?;
        view.draft.ok_or(Error::NotFound)
    }

    /// Signs a read. The signing token is used up whether or not the signature is refused; a refusal is told.
    pub(crate) async fn sign(
        &self,
        request: &Request,
        signing: Signing,
        nonce: &str,
    ) -> Result<CaseView, Error> {
        let signed = self
            .racing(|| {
                let (shell, request) = (self.clone(), request.clone());
                let (signing, nonce) = (signing.clone(), nonce.to_owned());
                transaction(&self.db, move |txn| {
                    Box::pin(async move { shell.sign_in_txn(txn, &request, signing, &nonce).await })
                })
            })
            .await;
        match signed {
            Ok((case, now)) => {
                self.bell.notify_one();
                blind::view(&case, &request.actor, now).ok_or(Error::NotFound)
            }
            Err(Error::Refused(refusal)) => {
                self.refuse_signature(request, &refusal, nonce).await?;
                Err(Error::Refused(refusal))
            }
            Err(other) => Err(other),
        }
    }

    async fn sign_in_txn(
        &self,
        txn: &DatabaseTransaction,
        request: &Request,
        signing: Signing,
        nonce: &str,
    ) -> Result<(Case, Time), Error> {
        let origin = self.person(&request.actor, &request.causation);
        let case = self.locked(txn, &request.case, &origin).await?;
        let mut case = case.filter(|case| case.stage.is_clinical()).ok_or(Error::NotFound)?;
        if !store::nonce_use(txn, nonce, origin.now).await? {
            return Err(token_used().into());
        }
        perform(txn, &mut case, &Command::Sign(Box::new(signing)), &origin).await?;
        Ok((case, origin.now))
    }

    async fn refuse_signature(&self, request: &Request, refusal: &Refusal, nonce: &str) -> Result<(), Error> {
        let origin = self.person(&request.actor, &request.causation);
        let (case, nonce) = (request.case.clone(), nonce.to_owned());
        let reason_code = refusal.code.clone();
        transaction(&self.db, move |txn| {
            Box::pin(async move {
                store::nonce_use(txn, &nonce, origin.now).await?;
                let event = Event::SignatureRefused { case: case.clone(), reason_code };
                store::tell(txn, &origin, case.as_str(), event).await
            })
        })
        .await
    }

    async fn command(&self, request: &Request, command: Command) -> Result<(Case, Time), Error> {
        self.racing(|| {
            let (shell, request, command) = (self.clone(), request.clone(), command.clone());
            transaction(&self.db, move |txn| {
                Box::pin(async move {
                    let origin = shell.person(&request.actor, &request.causation);
                    let case = shell.locked(txn, &request.case, &origin).await?;
                    let mut case = case.filter(|case| case.stage.is_clinical()).ok_or(Error::NotFound)?;
                    perform(txn, &mut case, &command, &origin).await?;
                    Ok((case, origin.now))
                })
            })
        })
        .await
    }

    /// Loads a case for a change and ends the holds on it that lapsed.
    async fn locked(
        &self,
        txn: &DatabaseTransaction,
        id: &CaseId,
        origin: &Origin,
    ) -> Result<Option<Case>, Error> {
        let Some(mut case) = store::case_load_locked(txn, id).await? else { return Ok(None) };
        perform(txn, &mut case, &Command::EndLapsedLeases, &origin.by_review()).await?;
        Ok(Some(case))
    }

    async fn racing<T, F>(&self, attempt: impl Fn() -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        for _ in 1..RACES_MAX {
            match attempt().await {
                Err(error) if error.lost_a_race() => {}
                done => return done,
            }
        }
        attempt().await
    }

    /// Queues the case of a completed run. A run that was superseded meanwhile gets none.
    pub(crate) async fn queue_in_txn(
        &self,
        txn: &DatabaseTransaction,
        run: Run,
        origin: &Origin,
    ) -> Result<(), Error> {
        let known = store::case_of_run(txn, &run.id).await?.is_some();
        let (Some(case_digest), RunState::Completed, false) = (run.case_digest, run.state, known) else {
            return Ok(());
        };
        let mut case = Case {
            id: self.random.with(CaseId::random),
            run: run.id,
            series: run.series,
            study: run.study,
            model: run.model,
            deployment: run.deployment,
            stage: run.stage,
            case_digest,
            source_set: run.source_set,
            region_count: u32::try_from(run.regions.len()).unwrap_or(u32::MAX),
            policy: self.config.policy.clone(),
            queued_at: origin.now,
            leases: Vec::new(),
            drafts: Vec::new(),
            reads: Vec::new(),
            holds: Vec::new(),
            discordant_at: None,
            superseded_at: None,
            ending: None,
            kin: Kin::default(),
            version: 0,
        };
        store::case_insert(txn, &case, origin.now).await?;
        let queued = Event::CaseQueued { case: case.id.clone(), run: case.run.clone() };
        store::tell(txn, origin, case.id.as_str(), queued).await?;
        // The deployment may have been moved down while the run was at work.
        let stage = store::deployment_stage(txn, &case.deployment).await?;
        if stage.is_some_and(|now| now < case.stage) {
            perform(txn, &mut case, &Command::Hold(HoldReason::DeploymentStage), origin).await?;
        }
        Ok(())
    }

    /// Ends the case of a superseded run.
    pub(crate) async fn supersede_in_txn(
        &self,
        txn: &DatabaseTransaction,
        run: &RunId,
        origin: &Origin,
    ) -> Result<(), Error> {
        let Some(case) = store::case_of_run(txn, run).await? else { return Ok(()) };
        let Some(mut case) = store::case_load_locked(txn, &case.id).await? else { return Ok(()) };
        perform(txn, &mut case, &Command::Supersede, origin).await
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

    /// Ends what lapsed on a case.
    pub(crate) async fn end_lapsed(&self, id: &CaseId) -> Result<(), Error> {
        let (shell, id) = (self.clone(), id.clone());
        transaction(&self.db, move |txn| {
            Box::pin(async move { shell.locked(txn, &id, &shell.review(None)).await.map(drop) })
        })
        .await
    }

    /// Draws the conclusion from a case's final reads, if there is one to draw. A release is written only after
    /// rollout said that it may be.
    pub(crate) async fn settle(&self, case: &Case) -> Result<(), Error> {
        let may_release = match outcome(case, self.now()) {
            Outcome::Wait => return Ok(()),
            Outcome::Release(_) => Some(self.stage_check(case).await?.may_release),
            Outcome::Discordant | Outcome::Reject => None,
        };
        let (shell, id) = (self.clone(), case.id.clone());
        transaction(&self.db, move |txn| {
            Box::pin(async move {
                let origin = shell.review(None);
                let Some(mut case) = shell.locked(txn, &id, &origin).await? else { return Ok(()) };
                let releases = matches!(outcome(&case, origin.now), Outcome::Release(_));
                if releases && may_release.is_none() {
                    // The facts changed since rollout would have been asked: next time.
                    shell.bell.notify_one();
                    return Ok(());
                }
                let release = shell.random.with(ReleaseId::random);
                let settle = Command::Settle { may_release: may_release == Some(true), release };
                perform(txn, &mut case, &settle, &origin).await
            })
        })
        .await
    }

    /// Lets a held case go on when rollout allows the stage it was made under again.
    pub(crate) async fn recheck(&self, case: &Case) -> Result<(), Error> {
        if !self.stage_check(case).await?.may_release {
            return Ok(());
        }
        let (shell, id) = (self.clone(), case.id.clone());
        transaction(&self.db, move |txn| {
            Box::pin(async move {
                let origin = shell.review(None);
                let Some(mut case) = shell.locked(txn, &id, &origin).await? else { return Ok(()) };
                let resume = Command::Resume(HoldReason::DeploymentStage);
                perform(txn, &mut case, &resume, &origin).await
            })
        })
        .await?;
        self.bell.notify_one();
        Ok(())
    }

    async fn stage_check(&self, case: &Case) -> Result<StageCheck, Error> {
        Ok(self.rollout.stage_check(&case.deployment, case.stage).await?)
    }
}

async fn perform(
    txn: &DatabaseTransaction,
    case: &mut Case,
    command: &Command,
    origin: &Origin,
) -> Result<(), Error> {
    let decision: workflow::Decision = decide(case, command, origin.now)?;
    store::case_save(txn, case, decision, origin).await
}

fn token_used() -> Refusal {
    Refusal::new(
        "signing_token_used",
        "this proof of identity was used before",
        "enter your password again to sign this case",
    )
}
