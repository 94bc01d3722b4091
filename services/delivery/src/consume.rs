//! What delivery takes in: a released case becomes a send for each destination that may have it, a recalled one a
//! rejection note for each send.

use crate::Deps;
use crate::error::Error;
use crate::recall;
use crate::register::Register;
use crate::store::{self, Origin};
use crate::workflow::{Send, accepts};
use contract::client::Outbox;
use contract::delivery::{DestinationKind, DestinationState, SendState};
use contract::review::Release;
use contract::{Actor, Envelope, Event, RejectionNoteId, ReleaseId, SendId};
use database::consume::{self, Failure, Handler};
use database::repair::{Repair, Source};
use database::{inbox, transaction};
use platform::{Class, telemetry};
use std::collections::HashMap;
use std::sync::Arc;

/// The events that delivery takes in.
pub(crate) static KINDS: [&str; 2] = ["case.released", "case.recalled"];

/// Takes events in.
pub(crate) struct Consumer {
    /// Where releases go.
    pub(crate) register: Arc<Register>,
    /// What delivery works with.
    pub(crate) deps: Deps,
}

#[async_trait::async_trait]
impl Handler for Consumer {
    async fn handle(&self, envelope: &Envelope) -> Result<(), Failure> {
        match &envelope.event {
            Event::CaseReleased { release, .. } => {
                self.case_released(envelope, release).await.map_err(failure)
            }
            Event::CaseRecalled { release, .. } => {
                self.case_recalled(envelope, release).await.map_err(failure)
            }
            _ => Ok(()),
        }
    }

    fn continue_trace(&self, span: &tracing::Span, traceparent: Option<&str>) {
        telemetry::continue_from(span, traceparent);
    }
}

fn failure(error: Error) -> Failure {
    let class = match error.class() {
        Class::Retry => consume::Class::Retry,
        Class::Refuse => consume::Class::Refuse,
        Class::Park => consume::Class::Park,
    };
    Failure::new(class, error)
}

impl Consumer {
    /// Where releases are found whose event did not come over the bus.
    pub(crate) fn repair(&self) -> Repair {
        let review = Source { service: "review", pages: Arc::new(Outbox(self.deps.review.0.clone())) };
        Repair {
            db: self.deps.db.clone(),
            bus: self.deps.bus.clone(),
            service: "delivery",
            kinds: &KINDS,
            sources: vec![review],
        }
    }

    async fn case_released(&self, envelope: &Envelope, id: &ReleaseId) -> Result<(), Error> {
        let release = self.deps.review.release(id).await?;
        let release = release.ok_or_else(|| Error::ReleaseUnknown(id.clone()))?;
        let sends = self.plan(&release).await?;
        if sends.is_empty() {
            tracing::warn!(
                event = "send.no_destination",
                release.id = %release.id,
                stage = release.stage.as_str(),
                "no destination may have this release; it is sent nowhere"
            );
        }
        let (event, random, now) = (envelope.id.clone(), self.deps.random.clone(), self.deps.clock.now());
        transaction(&self.deps.db, |txn| {
            Box::pin(async move {
                if !inbox::first_time(txn, "delivery", &event).await? {
                    return Ok(());
                }
                let actor = Actor::service("delivery");
                let origin = Origin { now, actor, causation: Some(event.to_string()), random: &random };
                for send in sends {
                    store::send_insert(txn, &send, &origin).await?;
                }
                Ok(())
            })
        })
        .await
    }

    /// A release without sends was sent nowhere, and never will be: review says no from now on.
    async fn case_recalled(&self, envelope: &Envelope, release: &ReleaseId) -> Result<(), Error> {
        let kinds: HashMap<String, DestinationKind> =
            self.register.all().await?.into_iter().map(|known| (known.name, known.terms.kind)).collect();
        let (random, now) = (self.deps.random.clone(), self.deps.clock.now());
        let (event, release) = (envelope.id.clone(), release.clone());
        transaction(&self.deps.db, |txn| {
            Box::pin(async move {
                if !inbox::first_time(txn, "delivery", &event).await? {
                    return Ok(());
                }
                let actor = Actor::service("delivery");
                let origin = Origin { now, actor, causation: Some(event.to_string()), random: &random };
                for send in store::send_list_by_release(txn, &release).await? {
                    let kind = kinds.get(&send.destination).copied();
                    let note = recall::opened(kind, &send, random.with(RejectionNoteId::random), now);
                    store::note::insert(txn, &note, &origin).await?;
                }
                Ok(())
            })
        })
        .await
    }

    /// A send to each destination that may have the release. Where sending is paused, it waits.
    async fn plan(&self, release: &Release) -> Result<Vec<Send>, Error> {
        let now = self.deps.clock.now();
        let destinations = self.register.all().await?.into_iter().filter(|destination| {
            destination.terms.state != DestinationState::Closed
                && accepts(destination.terms.kind, release.stage)
        });
        let sends = destinations.map(|destination| Send {
            id: self.deps.random.with(SendId::random),
            release: release.id.clone(),
            case: release.case.clone(),
            destination: destination.name,
            state: SendState::Queued,
            attempts: 0,
            objects: 0,
            objects_stored: 0,
            next_attempt_at: Some(now),
            reason_code: None,
            last_error: None,
            content: None,
            queued_at: now,
            delivered_at: None,
            version: 1,
        });
        Ok(sends.collect())
    }
}
