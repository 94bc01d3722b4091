//! Sending: one task per destination, so that a destination that hangs keeps no other waiting.

use crate::Deps;
use crate::assemble::{self, Outgoing, Stop};
use crate::config::Config;
use crate::destination::{self, Version};
use crate::error::Error;
use crate::figures;
use crate::register::Register;
use crate::store::{self, Answer, Claim, Origin, SentObject};
use crate::workflow::{self, Command, Moment, Pauses, Reason, Send};
use chrono::TimeDelta;
use contract::delivery::DestinationTerms;
use contract::digest::case_digest;
use contract::review::Release;
use contract::{Actor, Time};
use database::transaction;
use dicom_io::scu::{self, Association, Context};
use dicom_io::{read, write};
use platform::{Class, Shutdown, telemetry};
use rand::RngExt;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tracing::Instrument as _;

/// How long a send belongs to a process that has died.
const CLAIM: TimeDelta = TimeDelta::seconds(6);
/// How often a living process renews its claim.
const CLAIM_RENEWAL: Duration = Duration::from_secs(2);
/// How often due sends are looked for.
const POLL: Duration = Duration::from_millis(500);
/// The pause after a fault of our own.
const FAULT_PAUSE: Duration = Duration::from_secs(5);

/// Sends to every destination until `shutdown`.
pub(crate) async fn run(config: Arc<Config>, deps: Deps, register: Arc<Register>, shutdown: Shutdown) {
    if let Err(error) = hold_orphans(&config, &deps, &register).await {
        tracing::error!(
            event = "send.fault",
            error = &error as &dyn std::error::Error,
            "sends to destinations that nobody knows could not be held"
        );
    }
    let holder = format!("{:032x}", deps.random.with(RngExt::random::<u128>));
    let work = |name: String| {
        let span = tracing::info_span!("send", destination = name);
        let (config, deps, register) = (config.clone(), deps.clone(), register.clone());
        let sender = Sender { name, config, deps, register, holder: holder.clone() };
        let shutdown = shutdown.clone();
        async move { sender.run(&shutdown).await }.instrument(span)
    };
    register.for_each(&shutdown, work).await;
}

/// Holds what waits for destinations that are not known any more, so that a person sees it.
async fn hold_orphans(config: &Config, deps: &Deps, register: &Register) -> Result<(), Error> {
    for send in store::send_list_orphaned(&deps.db, &register.names().await?).await? {
        let words = format!("the destination {} is not known any more", send.destination);
        let hold = Command::Hold(Reason::new("destination_unknown", words));
        save(config, deps, &send, hold).await?;
    }
    Ok(())
}

struct Sender {
    /// Of the destination.
    name: String,
    config: Arc<Config>,
    deps: Deps,
    register: Arc<Register>,
    holder: String,
}

impl Sender {
    async fn run(&self, shutdown: &Shutdown) {
        while !shutdown.requested() {
            let pause = match self.send_next(shutdown).await {
                Ok(true) => continue,
                Ok(false) => POLL,
                Err(error) => {
                    tracing::error!(
                        event = "send.fault",
                        parked = error.class() == Class::Park,
                        error = &error as &dyn std::error::Error,
                        "a send could not be worked on; it is looked at again"
                    );
                    FAULT_PAUSE
                }
            };
            shutdown.sleep(pause).await;
        }
    }

    /// Works on the send that is most overdue; `false` when none is due.
    async fn send_next(&self, shutdown: &Shutdown) -> Result<bool, Error> {
        let claim = self.claim();
        let now = self.deps.clock.now();
        let Some(send) = store::send_claim_due(&self.deps.db, &self.name, &claim, now).await? else {
            return Ok(false);
        };
        let span =
            tracing::info_span!("attempt", otel.name = "send", send.id = %send.id, case.id = %send.case);
        telemetry::continue_from(&span, store::send_trace(&self.deps.db, &send).await?.as_deref());
        let ended = tokio::select! {
            ended = self.attempt(&send).instrument(span) => ended,
            lost = self.keep_claim(&send) => lost,
            () = shutdown.wait() => Ok(()),
        };
        if shutdown.requested() || ended.is_err() {
            // Whoever comes next may begin at once.
            let let_go = Claim { until: self.deps.clock.now() - CLAIM, ..self.claim() };
            store::send_claim_set(&self.deps.db, &send, &let_go).await?;
        }
        ended.map(|()| true)
    }

    fn claim(&self) -> Claim {
        Claim { holder: self.holder.clone(), until: self.deps.clock.now() + CLAIM }
    }

    /// Ends only when the claim is lost: another process works on the send then.
    async fn keep_claim(&self, send: &Send) -> Result<(), Error> {
        loop {
            tokio::time::sleep(CLAIM_RENEWAL).await;
            if !store::send_claim_set(&self.deps.db, send, &self.claim()).await? {
                return Ok(());
            }
        }
    }

    async fn attempt(&self, send: &Send) -> Result<(), Error> {
        let permitted = match self.permission(send).await {
            Ok(permitted) => permitted,
            Err(stop) => return self.stop(send, stop).await,
        };
        let sending = save(&self.config, &self.deps, send, Command::Begin).await?;
        match self.transmit(&sending, &permitted).await {
            Ok(end) => drop(save(&self.config, &self.deps, &sending, end).await?),
            Err(stop) => self.stop(&sending, stop).await?,
        }
        Ok(())
    }

    async fn stop(&self, send: &Send, stop: Stop) -> Result<(), Error> {
        match stop {
            Stop::Send(command) => save(&self.config, &self.deps, send, command).await.map(drop),
            Stop::Fault(error) => Err(error),
        }
    }

    /// Asks everybody who may say no. Only a yes of all gives the release.
    async fn permission(&self, send: &Send) -> Result<Permitted, Stop> {
        let release = self.deps.review.release(&send.release).await?.ok_or_else(|| {
            Stop::Send(Command::Hold(Reason::new("release_unknown", "review does not know this release")))
        })?;
        let destination = self.register.current(&self.name).await?;
        let permitted = Permitted { release, destination };
        self.check(&permitted).await?;
        Ok(permitted)
    }

    async fn check(&self, Permitted { release, destination }: &Permitted) -> Result<(), Stop> {
        let deps = &self.deps;
        let now = self.register.current(&self.name).await?;
        destination::may_have(&now).map_err(|reason| Stop::Send(Command::Hold(reason)))?;
        if now.version != destination.version {
            let words = "the destination was changed while objects were on their way";
            return Err(Stop::Send(Command::Interrupt(Reason::new("destination_changed", words))));
        }
        let (review, rollout, intake) = tokio::try_join!(
            deps.review.release_check(&release.id),
            deps.rollout.stage_check(&release.deployment, release.stage),
            deps.intake.source_check(&release.series, release.source_set),
        )?;
        workflow::verdict(now.terms.kind, release.stage, &review, &rollout, &intake)
            .map_err(|reason| Stop::Send(Command::Hold(reason)))
    }

    /// Sends what the destination has not confirmed yet.
    async fn transmit(&self, send: &Send, permitted: &Permitted) -> Result<Command, Stop> {
        let outgoing = assemble::assemble(&self.deps, &self.config.organization, &permitted.release).await?;
        let objects: Vec<SentObject> = outgoing.iter().map(|outgoing| outgoing.object.clone()).collect();
        if !store::object_fix(&self.deps.db, send, &objects).await? {
            let words = "the objects are not those of the first attempt";
            return Ok(Command::Hold(Reason::new("content_changed", words)));
        }
        let stored = store::object_list_stored(&self.deps.db, send).await?;
        let missing: Vec<&Outgoing> =
            outgoing.iter().filter(|outgoing| !stored.contains(&outgoing.object.sop_instance_uid)).collect();
        if !missing.is_empty() {
            self.associate(send, permitted, &missing).await?;
        }
        self.conclude(send, &objects).await
    }

    async fn associate(&self, send: &Send, permitted: &Permitted, missing: &[&Outgoing]) -> Result<(), Stop> {
        let classes: BTreeSet<&str> =
            missing.iter().map(|outgoing| outgoing.object.sop_class_uid.as_str()).collect();
        let contexts: Vec<Context> =
            classes.into_iter().map(|class| Context::new(class, write::TRANSFER_SYNTAX_UID)).collect();
        let peer = peer(&self.config, &permitted.destination.terms);
        let mut association = Association::open(&peer, &contexts).await?;
        let mut outcome = Ok(());
        for outgoing in missing {
            // Refused classes were refused once, by the association; asking for each object tells nothing new.
            let class = &outgoing.object.sop_class_uid;
            if !association.accepts(class, write::TRANSFER_SYNTAX_UID) {
                let words = format!("the destination takes no objects of class {class}");
                let answer = Answer { status: NOT_SUPPORTED, comment: words, stored_at: None };
                let uid = &outgoing.object.sop_instance_uid;
                store::object_record(&self.deps.db, send, uid, answer).await?;
                continue;
            }
            outcome = self.store(send, permitted, outgoing, &mut association).await;
            if outcome.is_err() {
                break;
            }
        }
        match outcome {
            Ok(()) => {
                // Everything was answered; a peer that forgets to confirm the end has the objects all the same.
                let _ = association.release().await;
            }
            Err(_) => association.abort().await,
        }
        outcome
    }

    async fn store(
        &self,
        send: &Send,
        permitted: &Permitted,
        outgoing: &Outgoing,
        association: &mut Association,
    ) -> Result<(), Stop> {
        self.check(permitted).await?;
        let file = assemble::load(&self.deps, outgoing).await?;
        let part10 = read::split(&file).expect("its digest was computed from the same place");
        let object = scu::Object {
            sop_class_uid: &outgoing.object.sop_class_uid,
            sop_instance_uid: &outgoing.object.sop_instance_uid,
            transfer_syntax_uid: write::TRANSFER_SYNTAX_UID,
            dataset: &file[part10.dataset_at..],
        };
        let status = association.store(&object).await?;
        let answer = if status.code == SUCCESS { "success" } else { "other" };
        figures::OBJECTS.with_label_values(&[answer]).inc();
        fail::fail_point!("delivery.after_send");
        let stored_at: Option<Time> = status.is_stored().then(|| self.deps.clock.now());
        if status.code != SUCCESS {
            tracing::warn!(
                event = "send.object_remark",
                status = format!("{:04X}", status.code),
                stored = status.is_stored(),
                role = outgoing.object.role,
                "the destination answered with a status other than success"
            );
        }
        fail::fail_point!("delivery.before_record");
        let answer = Answer { status: status.code, comment: status.comment, stored_at };
        store::object_record(&self.deps.db, send, &outgoing.object.sop_instance_uid, answer).await?;
        Ok(())
    }

    /// Delivered when every object is confirmed; the others are named.
    async fn conclude(&self, send: &Send, objects: &[SentObject]) -> Result<Command, Stop> {
        let stored = store::object_list_stored(&self.deps.db, send).await?;
        if objects.iter().all(|object| stored.contains(&object.sop_instance_uid)) {
            let lines = objects.iter().map(|object| (object.sop_instance_uid.as_str(), object.digest));
            return Ok(Command::Complete { content: case_digest(lines), objects: objects.len() as u32 });
        }
        let remarks = store::object_list_remarks(&self.deps.db, &[send]).await?;
        let refused: BTreeSet<String> = remarks
            .iter()
            .filter(|(_, _, answer)| answer.stored_at.is_none())
            .map(|(_, object, answer)| format!("{} {:04X} {}", object.role, answer.status, answer.comment))
            .collect();
        let words = format!(
            "{} of {} objects were not stored: {}",
            objects.len() - stored.len(),
            objects.len(),
            refused.into_iter().collect::<Vec<_>>().join("; ")
        );
        Ok(Command::Interrupt(Reason::new("objects_refused", words)))
    }
}

/// What may leave, and how its destination is reached.
struct Permitted {
    release: Release,
    destination: Version,
}

/// How a destination is called.
pub(crate) fn peer(config: &Config, terms: &DestinationTerms) -> scu::Destination {
    let DestinationTerms { ae_title, host, port, .. } = terms;
    scu::Destination {
        connect_timeout: Duration::from_secs(config.connect_seconds.into()),
        answer_timeout: Duration::from_secs(config.answer_seconds.into()),
        ..scu::Destination::new(host, *port, ae_title, &config.calling_ae_title)
    }
}

/// PS3.7 C.5.24: what a peer would answer that doesn't know the class.
const NOT_SUPPORTED: u16 = 0x0122;
/// PS3.7 C.1.1.
const SUCCESS: u16 = 0x0000;

impl From<scu::Error> for Stop {
    fn from(error: scu::Error) -> Self {
        let code = match &error {
            scu::Error::Connect { .. } => "unreachable",
            scu::Error::Rejected(_) => "association_rejected",
            _ => "association_broke",
        };
        Self::Send(Command::Interrupt(Reason::new(code, chain(&error))))
    }
}

/// An error and its causes in one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |words, cause| format!("{words}: {cause}"))
}

/// Decides, stores and tells; gives the send as it is now.
async fn save(config: &Config, deps: &Deps, send: &Send, command: Command) -> Result<Send, Error> {
    // Counts of objects were written meanwhile, without a new version.
    let current = store::send_load(&deps.db, &send.id).await?.unwrap_or_else(|| send.clone());
    let moment = Moment { now: deps.clock.now(), jitter: deps.random.with(RngExt::random) };
    let (next, event) = match workflow::decide(&current, command, pauses(config), moment) {
        Ok(decided) => decided,
        Err(refusal) => {
            tracing::warn!(event = "send.refused", %refusal, "a send was changed by somebody else");
            return Ok(current);
        }
    };
    log(&next);
    let (saved, random) = (next.clone(), deps.random.clone());
    transaction(&deps.db, |txn| {
        Box::pin(async move {
            let actor = Actor::service("delivery");
            let origin = Origin { now: moment.now, actor, causation: None, random: &random };
            store::send_save(txn, &saved, event, &origin).await
        })
    })
    .await?;
    Ok(next)
}

fn log(send: &Send) {
    tracing::info!(
        event = "send.state",
        send.state = ?send.state,
        attempts = send.attempts,
        objects = send.objects,
        objects_stored = send.objects_stored,
        reason = send.reason_code.as_deref().unwrap_or_default(),
        "a send changed its state"
    );
}

fn pauses(config: &Config) -> Pauses {
    Pauses {
        retry_min: TimeDelta::seconds(config.retry_seconds_min.into()),
        retry_max: TimeDelta::seconds(config.retry_seconds_max.into()),
        recheck: TimeDelta::seconds(config.recheck_held_seconds.into()),
    }
}
