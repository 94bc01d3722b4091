//! Load, decide, save: every command on a case goes through here, in one transaction each.

mod campaign;
mod discussion;
mod pair;
mod queue;
mod steer;

pub(crate) use steer::Asked;

use crate::assign::Reader;
use crate::blind;
use crate::case::{Case, HoldReason};
use crate::config::Config;
use crate::error::Error;
use crate::sign::Signing;
use crate::store::{self, EventIds, Origin};
use crate::workflow::{self, Command, Outcome, Settling, decide, outcome};
use contract::generation::{Generation, Region};
use contract::intake::{Intake, SourceCheck};
use contract::review::{Case as CaseView, Draft, SaveDraft};
use contract::rollout::{Rollout, StageCheck};
use contract::{Actor, CaseId, ClientError, Event, LeaseId, Refusal, ReleaseId, RequestId, Time};
use database::{DatabaseConnection, DatabaseTransaction, transaction};
use platform::{Clock, Random, telemetry};
use std::sync::Arc;
use tokio::sync::Notify;
use tracing::Instrument as _;

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
    /// Asked whether whose a study is, is in question.
    pub intake: Intake,
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
        let mut case = opened.filter(|case| case.purpose().is_some()).ok_or(Error::NotFound)?;
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

    /// Where the interval of a case's run is wide, as its owner lists it.
    pub(crate) async fn regions_of(&self, case: &Case) -> Result<Vec<Region>, Error> {
        let run = self.generation.run(&case.run).await?;
        let unknown = || ClientError::Unavailable { service: "generation", source: None };
        Ok(run.ok_or_else(unknown)?.regions)
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
        let mut case = case.filter(|case| case.purpose().is_some()).ok_or(Error::NotFound)?;
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
                    let mut case = case.filter(|case| case.purpose().is_some()).ok_or(Error::NotFound)?;
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

    /// Carries out a reader's command and gives the case as the reader sees it now.
    pub(crate) async fn change(&self, request: &Request, command: Command) -> Result<CaseView, Error> {
        let (case, now) = self.command(request, command).await?;
        blind::view(&case, &request.actor, now).ok_or(Error::NotFound)
    }

    /// Carries out a step of a recall, by somebody who may know how the case ended.
    pub(crate) async fn recall(&self, request: &Request, command: Command) -> Result<CaseView, Error> {
        let case = store::case_load(&self.db, &request.case).await?.ok_or(Error::NotFound)?;
        let shown = blind::view(&case, &request.actor, self.now()).ok_or(Error::NotFound)?;
        if shown.state.is_none() {
            return Err(Error::NotFound);
        }
        self.change(request, command).await
    }

    /// Ends what lapsed on a case.
    pub(crate) async fn end_lapsed(&self, id: &CaseId) -> Result<(), Error> {
        let (shell, id) = (self.clone(), id.clone());
        transaction(&self.db, move |txn| {
            Box::pin(async move { shell.locked(txn, &id, &shell.review(None)).await.map(drop) })
        })
        .await
    }

    /// Tells of a case that it should have ended by now.
    pub(crate) async fn note_overdue(&self, id: &CaseId) -> Result<(), Error> {
        let (shell, id) = (self.clone(), id.clone());
        transaction(&self.db, move |txn| {
            Box::pin(async move {
                let origin = shell.review(None);
                let Some(mut case) = shell.locked(txn, &id, &origin).await? else { return Ok(()) };
                perform(txn, &mut case, &Command::NoteOverdue, &origin).await
            })
        })
        .await
    }

    /// Draws the conclusion from a case's final reads, if there is one to draw. A release is written only after
    /// rollout said that it may be, and intake that whose it is is not in question.
    pub(crate) async fn settle(&self, case: &Case) -> Result<(), Error> {
        if matches!(outcome(case, self.now()), Outcome::Wait) {
            return Ok(());
        }
        // What follows belongs to the study's way and to none of the readers' requests.
        let span = tracing::info_span!("settle", case.id = %case.id);
        telemetry::continue_from(&span, store::case_trace(&self.db, &case.id).await?.as_deref());
        self.conclude(case).instrument(span).await
    }

    async fn conclude(&self, case: &Case) -> Result<(), Error> {
        let allowed = match outcome(case, self.now()) {
            Outcome::Wait => return Ok(()),
            Outcome::Release(_) => {
                let (stage, source) = tokio::try_join!(self.stage_check(case), self.source_check(case))?;
                Some((stage.may_release, source.identity_certain))
            }
            Outcome::Discordant
            | Outcome::Panel
            | Outcome::Reject
            | Outcome::Expire
            | Outcome::Evaluated { .. } => None,
        };
        let (shell, id) = (self.clone(), case.id.clone());
        transaction(&self.db, move |txn| {
            Box::pin(async move {
                let origin = shell.review(None);
                let Some(mut case) = shell.locked(txn, &id, &origin).await? else { return Ok(()) };
                let releases = matches!(outcome(&case, origin.now), Outcome::Release(_));
                if releases && allowed.is_none() {
                    // The facts changed since others would have been asked: next time.
                    shell.bell.notify_one();
                    return Ok(());
                }
                let (may_release, identity_certain) = allowed.unwrap_or_default();
                let settling = Settling {
                    may_release,
                    identity_certain,
                    release: shell.random.with(ReleaseId::random),
                    sample: shell.draws(case.policy.decoy_per_mille),
                };
                perform(txn, &mut case, &Command::Settle(settling), &origin).await
            })
        })
        .await
    }

    /// Lets a held case go on when rollout allows the stage it was made under again, and when it is settled that the
    /// identity it was made under holds.
    pub(crate) async fn recheck(&self, case: &Case) -> Result<(), Error> {
        let stage = HoldReason::DeploymentStage;
        if case.is_held_for(stage) && self.stage_check(case).await?.may_release {
            self.resume(case, stage).await?;
        }
        // What was made under another identity stays held until its run is superseded.
        if case.is_held_for(HoldReason::Identity) && self.source_check(case).await?.unchanged {
            self.resume(case, HoldReason::Identity).await?;
        }
        Ok(())
    }

    async fn resume(&self, case: &Case, reason: HoldReason) -> Result<(), Error> {
        let (shell, id) = (self.clone(), case.id.clone());
        transaction(&self.db, move |txn| {
            Box::pin(async move {
                let origin = shell.review(None);
                let Some(mut case) = shell.locked(txn, &id, &origin).await? else { return Ok(()) };
                perform(txn, &mut case, &Command::Resume(reason), &origin).await
            })
        })
        .await?;
        self.bell.notify_one();
        Ok(())
    }

    /// Asks intake whether the sources and the identity that the case was made under still hold.
    async fn source_check(&self, case: &Case) -> Result<SourceCheck, Error> {
        Ok(self.intake.source_check(&case.series, case.source_set).await?)
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
