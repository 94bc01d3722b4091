//! Commands of coordinators, quality and administrators: on cases, studies, credentials, conflicts and rules.

use super::{Request, Shell, perform};
use crate::blind;
use crate::case::{Case, HoldReason};
use crate::error::Error;
use crate::sample;
use crate::sign;
use crate::store;
use crate::workflow::{self, Command};
use contract::review::{
    Case as CaseView, ChangePolicy, Conflict, ConflictSubject, Credential, DeclareConflict, GrantCredential,
    PolicyVersion, StudyFlag,
};
use contract::{Actor, ConflictId, CredentialId, Digest, Event, Refusal, RequestId, StudyId, UserId};
use database::{DatabaseTransaction, transaction};

/// A person's command on something that is no case.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// Who.
    pub(crate) actor: Actor,
    /// The account.
    pub(crate) user: UserId,
    /// The request at the door that it came with.
    pub(crate) causation: RequestId,
}

impl Shell {
    /// Carries out a command of somebody who steers cases and reads none of them.
    pub(crate) async fn steer(&self, request: &Request, command: Command) -> Result<CaseView, Error> {
        let (case, now) = self
            .racing(|| {
                let (shell, request, command) = (self.clone(), request.clone(), command.clone());
                transaction(&self.db, move |txn| {
                    Box::pin(async move {
                        let origin = shell.person(&request.actor, &request.causation);
                        let mut case = shell.steered(txn, &request, &origin).await?;
                        perform(txn, &mut case, &command, &origin).await?;
                        Ok((case, origin.now))
                    })
                })
            })
            .await?;
        self.bell.notify_one();
        blind::view(&case, &request.actor, now).ok_or(Error::NotFound)
    }

    async fn steered(
        &self,
        txn: &DatabaseTransaction,
        request: &Request,
        origin: &store::Origin,
    ) -> Result<Case, Error> {
        let case = self.locked(txn, &request.case, origin).await?;
        case.filter(|case| blind::may_steer(case, &request.actor)).ok_or(Error::NotFound)
    }

    /// Marks the run of a rejected case as known to be bad.
    pub(crate) async fn mark_sentinel(&self, request: &Request, words: &str) -> Result<CaseView, Error> {
        let words = sign::check_reason(words)?;
        let (shell, asked) = (self.clone(), request.clone());
        let (case, now) = transaction(&self.db, move |txn| {
            Box::pin(async move {
                let origin = shell.person(&asked.actor, &asked.causation);
                let case = shell.steered(txn, &asked, &origin).await?;
                sample::check_sentinel_source(&case)?;
                let by = asked.actor.user().ok_or(Error::NotFound)?;
                if store::sentinel_source_insert(txn, &case, &words, by, origin.now).await? {
                    let event = Event::SentinelMarked { case: case.id.clone(), run: case.run.clone() };
                    store::tell(txn, &origin, case.id.as_str(), event).await?;
                }
                Ok::<_, Error>((case, origin.now))
            })
        })
        .await?;
        blind::view(&case, &request.actor, now).ok_or(Error::NotFound)
    }

    /// A reader is too close to the patient of a case: the hold ends and no case of the study comes back.
    pub(crate) async fn declare_own_conflict(
        &self,
        request: &Request,
        words: &str,
    ) -> Result<Conflict, Error> {
        let words = sign::check_reason(words)?;
        let (shell, asked) = (self.clone(), request.clone());
        self.racing(|| {
            let (shell, asked, words) = (shell.clone(), asked.clone(), words.clone());
            transaction(&self.db, move |txn| {
                Box::pin(async move {
                    let origin = shell.person(&asked.actor, &asked.causation);
                    let case = shell.locked(txn, &asked.case, &origin).await?;
                    let user = asked.actor.user().ok_or(Error::NotFound)?;
                    let shows = |case: &Case| blind::view(case, &asked.actor, origin.now).is_some();
                    let mut case = case.filter(shows).ok_or(Error::NotFound)?;
                    if case.read_of(user).is_some() {
                        return Err(workflow::unavailable().into());
                    }
                    perform(txn, &mut case, &Command::GiveBack { user: user.clone() }, &origin).await?;
                    let subject = ConflictSubject::Study(case.study.clone());
                    let declared = DeclareConflict { reader: user.clone(), subject, reason: words };
                    shell.conflict_in_txn(txn, declared, user, &origin).await
                })
            })
        })
        .await
    }

    /// Registers a conflict of interest. Who holds a case of the kind loses the hold.
    pub(crate) async fn declare_conflict(
        &self,
        asked: &Asked,
        command: DeclareConflict,
    ) -> Result<Conflict, Error> {
        let reason = sign::check_reason(&command.reason)?;
        let (shell, asked) = (self.clone(), asked.clone());
        self.racing(|| {
            let (shell, asked, command, reason) =
                (shell.clone(), asked.clone(), command.clone(), reason.clone());
            transaction(&self.db, move |txn| {
                Box::pin(async move {
                    let origin = shell.person(&asked.actor, &asked.causation);
                    let command = DeclareConflict { reason, ..command };
                    let reader = command.reader.clone();
                    let declared = shell.conflict_in_txn(txn, command, &asked.user, &origin).await?;
                    if let Some(held) = store::case_held_by(txn, &reader).await?
                        && let Some(mut case) = shell.locked(txn, &held, &origin).await?
                        && case.conflicted.contains(&reader)
                    {
                        perform(txn, &mut case, &Command::GiveBack { user: reader }, &origin).await?;
                    }
                    Ok(declared)
                })
            })
        })
        .await
    }

    async fn conflict_in_txn(
        &self,
        txn: &DatabaseTransaction,
        command: DeclareConflict,
        by: &UserId,
        origin: &store::Origin,
    ) -> Result<Conflict, Error> {
        let declared = Conflict {
            id: self.random.with(ConflictId::random),
            reader: command.reader,
            subject: command.subject,
            reason: command.reason,
            declared_at: origin.now,
        };
        store::conflict_insert(txn, &declared, by).await?;
        let event =
            Event::ConflictDeclared { conflict: declared.id.clone(), reader: declared.reader.clone() };
        store::tell(txn, origin, declared.id.as_str(), event).await?;
        Ok(declared)
    }

    /// Puts a study under investigation, which holds its cases, or ends that.
    pub(crate) async fn flag_study(
        &self,
        asked: &Asked,
        study: &StudyId,
        words: &str,
    ) -> Result<StudyFlag, Error> {
        let reason = sign::check_reason(words)?;
        let (shell, asked, study) = (self.clone(), asked.clone(), study.clone());
        self.racing(|| {
            let (shell, asked, study, reason) = (shell.clone(), asked.clone(), study.clone(), reason.clone());
            transaction(&self.db, move |txn| {
                Box::pin(async move {
                    let origin = shell.person(&asked.actor, &asked.causation);
                    if store::study_is_flagged(txn, &study).await? {
                        return Err(flagged().into());
                    }
                    let event =
                        Event::StudyFlagged { study: study.clone(), reason: Digest::of(reason.as_bytes()) };
                    let flag = StudyFlag { study: study.clone(), reason, placed_at: origin.now };
                    store::study_flag_insert(txn, &flag, &asked.user).await?;
                    store::tell(txn, &origin, study.as_str(), event).await?;
                    let hold = Command::Hold(HoldReason::Investigation);
                    shell.study_in_txn(txn, &study, &hold, &origin).await?;
                    Ok(flag)
                })
            })
        })
        .await
    }

    /// Ends the investigation of a study.
    pub(crate) async fn unflag_study(&self, asked: &Asked, study: &StudyId) -> Result<StudyFlag, Error> {
        let (shell, asked, study) = (self.clone(), asked.clone(), study.clone());
        let lifted = self
            .racing(|| {
                let (shell, asked, study) = (shell.clone(), asked.clone(), study.clone());
                transaction(&self.db, move |txn| {
                    Box::pin(async move {
                        let origin = shell.person(&asked.actor, &asked.causation);
                        let lifted = store::study_flag_lift(txn, &study, &asked.user, origin.now).await?;
                        let lifted = lifted.ok_or(Error::NotFound)?;
                        store::tell(
                            txn,
                            &origin,
                            study.as_str(),
                            Event::StudyUnflagged { study: study.clone() },
                        )
                        .await?;
                        let resume = Command::Resume(HoldReason::Investigation);
                        shell.study_in_txn(txn, &study, &resume, &origin).await?;
                        Ok::<_, Error>(lifted)
                    })
                })
            })
            .await?;
        self.bell.notify_one();
        Ok(lifted)
    }

    /// Carries out a command on each open case of a study.
    pub(crate) async fn study_in_txn(
        &self,
        txn: &DatabaseTransaction,
        study: &StudyId,
        command: &Command,
        origin: &store::Origin,
    ) -> Result<(), Error> {
        let mut ids = store::study_cases_open(txn, study).await?;
        ids.sort();
        for id in ids {
            let Some(mut case) = self.locked(txn, &id, origin).await? else { continue };
            perform(txn, &mut case, command, origin).await?;
        }
        Ok(())
    }

    /// Grants a credential to somebody else.
    pub(crate) async fn grant_credential(
        &self,
        asked: &Asked,
        command: GrantCredential,
    ) -> Result<Credential, Error> {
        let now = self.now();
        if command.reader == asked.user {
            return Err(own_credential().into());
        }
        let (modality, task) = (command.modality.trim().to_uppercase(), command.task.trim().to_lowercase());
        if command.valid_until <= now || modality.is_empty() || task.is_empty() {
            return Err(credential_malformed().into());
        }
        let granted = Credential {
            id: self.random.with(CredentialId::random),
            reader: command.reader,
            modality,
            task,
            purpose: command.purpose,
            valid_from: now,
            valid_until: command.valid_until,
            revoked_at: None,
        };
        let (shell, asked) = (self.clone(), asked.clone());
        transaction(&self.db, move |txn| {
            Box::pin(async move {
                let origin = shell.person(&asked.actor, &asked.causation);
                store::credential_insert(txn, &granted, &asked.user).await?;
                let (credential, reader) = (granted.id.clone(), granted.reader.clone());
                let event = Event::CredentialGranted { credential, reader };
                store::tell(txn, &origin, granted.id.as_str(), event).await?;
                Ok(granted)
            })
        })
        .await
    }

    /// Takes a credential back.
    pub(crate) async fn revoke_credential(
        &self,
        asked: &Asked,
        id: &CredentialId,
    ) -> Result<Credential, Error> {
        let (shell, asked, id) = (self.clone(), asked.clone(), id.clone());
        transaction(&self.db, move |txn| {
            Box::pin(async move {
                let origin = shell.person(&asked.actor, &asked.causation);
                let revoked = store::credential_revoke(txn, &id, &asked.user, origin.now).await?;
                let revoked = revoked.ok_or(Error::NotFound)?;
                let event =
                    Event::CredentialRevoked { credential: id.clone(), reader: revoked.reader.clone() };
                store::tell(txn, &origin, id.as_str(), event).await?;
                Ok(revoked)
            })
        })
        .await
    }

    /// Puts new rules in force for the cases that are queued from now on.
    pub(crate) async fn change_policy(
        &self,
        asked: &Asked,
        command: ChangePolicy,
    ) -> Result<PolicyVersion, Error> {
        let reason = sign::check_reason(&command.reason)?;
        command.policy.check().map_err(policy_limits)?;
        self.racing(|| {
            let (shell, asked) = (self.clone(), asked.clone());
            let (policy, reason) = (command.policy.clone(), reason.clone());
            transaction(&self.db, move |txn| {
                Box::pin(async move {
                    let origin = shell.person(&asked.actor, &asked.causation);
                    let adopted = store::policy_insert(txn, policy, &reason, &asked.user, origin.now).await?;
                    let text = serde_json::to_string(&adopted.policy).expect("rules are plain data");
                    let version = adopted.policy.version.clone();
                    let content = Digest::of(text.as_bytes());
                    let event = Event::PolicyChanged { version: version.clone(), content };
                    store::tell(txn, &origin, &format!("review policy {version}"), event).await?;
                    Ok(adopted)
                })
            })
        })
        .await
    }
}

fn flagged() -> Refusal {
    Refusal::new("study_flagged", "this study is under investigation already", "nothing has to be done")
}

fn own_credential() -> Refusal {
    Refusal::new(
        "own_credential",
        "nobody grants a credential to themselves",
        "ask another administrator or quality",
    )
}

fn credential_malformed() -> Refusal {
    Refusal::new(
        "credential_malformed",
        "a credential names a modality, a use and a time to come",
        "fill in all three",
    )
}

fn policy_limits(problem: String) -> Refusal {
    Refusal::new("policy_limits", problem, "choose a value within the bounds")
}
