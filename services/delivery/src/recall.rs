//! Takes releases back: tells each destination by a rejection note, and asks it until it shows none of the objects.
//!
//! One loop per destination, beside its sender: a destination that hangs keeps no other waiting. What several processes
//! do twice is the same note with the same UID.

use crate::Deps;
use crate::config::Config;
use crate::error::Error;
use crate::register::Register;
use crate::send::{chain, peer};
use crate::store::{self, Origin, SentObject};
use crate::workflow::recall::{self, Command, RejectionNote, is_settled};
use crate::workflow::{Moment, Pauses, Send};
use chrono::TimeDelta;
use contract::delivery::{DestinationKind, RejectionNoteState};
use contract::generation::Run;
use contract::review::Release;
use contract::{Actor, Digest, RejectionNoteId, Time};
use database::transaction;
use dicom_io::derive::{DerivedObject, SourceObject};
use dicom_io::dimse::Status;
use dicom_io::scu::{self, Association, Context};
use dicom_io::sr::{self, Evidence, EvidenceInstance, EvidenceSeries, Rejection, RejectionTitle};
use dicom_io::{read, write};
use platform::Shutdown;
use rand::RngExt;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// How long nobody else looks at a note that is worked on.
const CLAIM: TimeDelta = TimeDelta::minutes(5);
/// How often due notes are looked for.
const POLL: Duration = Duration::from_secs(2);
/// The pause after a fault of our own.
const FAULT_PAUSE: Duration = Duration::from_secs(10);

/// A note for a send whose release was recalled; `kind` of its destination, when it is known.
pub(crate) fn opened(
    kind: Option<DestinationKind>,
    send: &Send,
    id: RejectionNoteId,
    now: Time,
) -> RejectionNote {
    RejectionNote {
        id,
        send: send.id.clone(),
        release: send.release.clone(),
        case: send.case.clone(),
        destination: send.destination.clone(),
        state: RejectionNoteState::Queued,
        // Care may be at stake wherever it isn't known to be none.
        title: match kind {
            Some(DestinationKind::Research) => RejectionTitle::Quality,
            Some(DestinationKind::Clinical) | None => RejectionTitle::PatientSafety,
        },
        objects: 0,
        objects_shown: None,
        objects_shown_max: 0,
        attempts: 0,
        next_look_at: Some(now),
        last_error: None,
        opened_at: now,
        sent_at: None,
        looked_at: None,
        closed: None,
        version: 1,
    }
}

/// Works on notes for every destination until `shutdown`. A recall concerns what is paused or closed too.
pub(crate) async fn run(config: Arc<Config>, deps: Deps, register: Arc<Register>, shutdown: Shutdown) {
    if let Err(error) = tell_orphans(&config, &deps, &register).await {
        tracing::error!(
            event = "recall.fault",
            error = &error as &dyn std::error::Error,
            "rejection notes for destinations that nobody knows could not be looked at"
        );
    }
    let work = |destination| {
        let (config, deps, register) = (config.clone(), deps.clone(), register.clone());
        let recaller = Recaller { destination, config, deps, register };
        let shutdown = shutdown.clone();
        async move { recaller.run(&shutdown).await }
    };
    register.for_each(&shutdown, work).await;
}

/// Says on notes for destinations that are not known any more that a person has to close them.
async fn tell_orphans(config: &Config, deps: &Deps, register: &Register) -> Result<(), Error> {
    for note in store::note::list_orphaned(&deps.db, &register.names().await?).await? {
        let words = format!("the destination {} is not known any more", note.destination);
        let command = match note.state {
            RejectionNoteState::Queued => Command::Wait(words),
            RejectionNoteState::Following | RejectionNoteState::Closed => Command::Looked(Err(words)),
        };
        save(config, deps, &note, command, Actor::service("delivery")).await?;
    }
    Ok(())
}

struct Recaller {
    /// Its name.
    destination: String,
    config: Arc<Config>,
    deps: Deps,
    register: Arc<Register>,
}

impl Recaller {
    async fn run(&self, shutdown: &Shutdown) {
        while !shutdown.requested() {
            let worked = tokio::select! {
                worked = self.work_next() => worked,
                () = shutdown.wait() => return,
            };
            let pause = match worked {
                Ok(true) => continue,
                Ok(false) => POLL,
                Err(error) => {
                    tracing::error!(
                        event = "recall.fault",
                        error = &error as &dyn std::error::Error,
                        "a rejection note could not be worked on; it is looked at again"
                    );
                    FAULT_PAUSE
                }
            };
            shutdown.sleep(pause).await;
        }
    }

    /// Works on the note that is most overdue; `false` when none is due.
    async fn work_next(&self) -> Result<bool, Error> {
        let now = self.deps.clock.now();
        let Some(note) = store::note::claim_due(&self.deps.db, &self.destination, now, now + CLAIM).await?
        else {
            return Ok(false);
        };
        let peer = peer(&self.config, &self.register.current(&self.destination).await?.terms);
        let command = match note.state {
            RejectionNoteState::Queued => self.tell(&note, &peer).await?,
            RejectionNoteState::Following | RejectionNoteState::Closed => self.look(&note, &peer).await?,
        };
        save(&self.config, &self.deps, &note, command, Actor::service("delivery")).await?;
        Ok(true)
    }

    /// Stores the note, once no object can follow it any more.
    async fn tell(&self, note: &RejectionNote, peer: &scu::Destination) -> Result<Command, Error> {
        let send = store::send_load(&self.deps.db, &note.send).await?;
        if send.is_none_or(|send| !is_settled(send.state)) {
            return Ok(Command::Wait("the send has not come to its end yet".to_owned()));
        }
        let objects = store::object_list(&self.deps.db, &note.send).await?;
        if objects.is_empty() {
            return Ok(Command::NothingSent);
        }
        let named = match self.name(note, &objects).await? {
            Ok(named) => named,
            Err(words) => return Ok(Command::Wait(words)),
        };
        let built = match self.build(note, &named).await {
            Ok(built) => built,
            Err(words) => return Ok(Command::Wait(words)),
        };
        // An association of its own: what is left of an answer that can't be used would be taken for that to the note.
        let shown = ask(peer, &named.evidence).await.ok();
        Ok(match store_note(peer, &built).await {
            Ok(status) if status.is_stored() => {
                Command::Stored { content: built.digest, objects: objects.len() as u32, shown }
            }
            Ok(status) => Command::Wait(format!(
                "the destination refuses the rejection note: {:04X} {}",
                status.code, status.comment
            )),
            Err(error) => Command::Wait(chain(&error)),
        })
    }

    /// Asks how many of the objects the destination still shows.
    async fn look(&self, note: &RejectionNote, peer: &scu::Destination) -> Result<Command, Error> {
        let objects = store::object_list(&self.deps.db, &note.send).await?;
        let looked = match self.name(note, &objects).await? {
            Ok(named) => ask(peer, &named.evidence).await.map_err(|error| chain(&error)),
            Err(words) => Err(words),
        };
        Ok(Command::Looked(looked))
    }

    /// What the note names; in words why it can't be said, when it can't.
    async fn name(
        &self,
        note: &RejectionNote,
        objects: &[SentObject],
    ) -> Result<Result<Named, String>, Error> {
        let deps = &self.deps;
        let release = deps.review.release(&note.release).await?;
        let release = release.ok_or_else(|| Error::ReleaseUnknown(note.release.clone()))?;
        let Some(run) = deps.generation.run(&release.run).await? else {
            return Ok(Err("generation does not know the run of this release".to_owned()));
        };
        let series = deps.intake.series_batch(vec![release.series.clone()]).await?.pop();
        let sent = run.derived.iter().flat_map(|derived| &derived.instances).next();
        let (Some(series), Some(sent)) = (series, sent.map(|instance| instance.object)) else {
            return Ok(Err("the series or the run of this release is gone".to_owned()));
        };
        Ok(match evidence(&series.study_instance_uid, objects, &run, &release) {
            Some(evidence) => Ok(Named { sent, evidence }),
            None => Err("an object that was sent belongs to no series of this release".to_owned()),
        })
    }

    /// The note itself; in words why it can't be built, when it can't.
    async fn build(&self, note: &RejectionNote, named: &Named) -> Result<DerivedObject, String> {
        let Named { sent, evidence } = named.clone();
        let file = self.deps.objects.get(&sent).await.map_err(|error| chain(&error))?;
        let file = file.ok_or_else(|| format!("object {sent} is not in the store"))?;
        let (release, title, at) = (note.release.clone(), note.title, note.opened_at);
        let build = move || {
            let sent = SourceObject::read(&file)?;
            sr::rejection_note(&Rejection { release: &release, title, at, objects: &evidence }, &sent)
        };
        let built: Result<_, dicom_io::derive::Error> = self.deps.cpu.run(build).await;
        built.map_err(|error| chain(&error))
    }
}

async fn ask(peer: &scu::Destination, evidence: &Evidence) -> Result<u32, scu::Error> {
    let mut association = Association::open(peer, &scu::query_contexts()).await?;
    let shown = shown(&mut association, evidence).await?;
    // It has answered; a peer that forgets to confirm the end has said it all the same.
    let _ = association.release().await;
    Ok(shown)
}

async fn store_note(peer: &scu::Destination, note: &DerivedObject) -> Result<Status, scu::Error> {
    let context = Context::new(&note.sop_class_uid, write::TRANSFER_SYNTAX_UID);
    let mut association = Association::open(peer, &[context]).await?;
    let part10 = read::split(&note.file).expect("it was written here");
    let object = scu::Object {
        sop_class_uid: &note.sop_class_uid,
        sop_instance_uid: &note.sop_instance_uid,
        transfer_syntax_uid: write::TRANSFER_SYNTAX_UID,
        dataset: &note.file[part10.dataset_at..],
    };
    let status = association.store(&object).await?;
    let _ = association.release().await;
    Ok(status)
}

/// What a note names.
#[derive(Debug, Clone)]
struct Named {
    /// Key of one of the objects, in the `dicom` store.
    sent: Digest,
    evidence: Evidence,
}

/// The objects by series; `None` when one belongs to no series of the release.
fn evidence(study: &str, objects: &[SentObject], run: &Run, release: &Release) -> Option<Evidence> {
    let derived = run.derived.iter().flat_map(|series| {
        let uid = &series.series_instance_uid;
        series.instances.iter().map(move |instance| (instance.sop_instance_uid.clone(), uid.clone()))
    });
    let reports = release.reads.iter().map(|read| sr::report_uids(&read.id));
    let summary = std::iter::once(sr::summary_uids(&release.id));
    let series_of: BTreeMap<String, String> = derived.chain(reports).chain(summary).collect();
    let mut series: BTreeMap<&String, Vec<EvidenceInstance>> = BTreeMap::new();
    for object in objects {
        let instance = EvidenceInstance {
            sop_class_uid: object.sop_class_uid.clone(),
            sop_instance_uid: object.sop_instance_uid.clone(),
        };
        series.entry(series_of.get(&object.sop_instance_uid)?).or_default().push(instance);
    }
    let series = series
        .into_iter()
        .map(|(uid, instances)| EvidenceSeries { series_instance_uid: uid.clone(), instances });
    Some(Evidence { study_instance_uid: study.to_owned(), series: series.collect() })
}

/// How many of the objects a destination shows as available.
async fn shown(association: &mut Association, evidence: &Evidence) -> Result<u32, scu::Error> {
    let mut count = 0;
    for series in &evidence.series {
        let found =
            association.find_instances(&evidence.study_instance_uid, &series.series_instance_uid).await?;
        let available: BTreeSet<&str> = found
            .iter()
            .filter(|shown| shown.is_available())
            .map(|shown| shown.sop_instance_uid.as_str())
            .collect();
        let named = series.instances.iter().map(|instance| instance.sop_instance_uid.as_str());
        count += named.filter(|uid| available.contains(uid)).count() as u32;
    }
    Ok(count)
}

/// Decides, stores and tells; gives the note as it is now.
pub(crate) async fn save(
    config: &Config,
    deps: &Deps,
    note: &RejectionNote,
    command: Command,
    actor: Actor,
) -> Result<RejectionNote, Error> {
    let moment = Moment { now: deps.clock.now(), jitter: deps.random.with(RngExt::random) };
    let pauses = pauses(config, note, &command);
    let (next, event) = recall::decide(note, command, pauses, moment).map_err(Error::Refused)?;
    tracing::info!(
        event = "recall.state",
        note.id = %next.id,
        case.id = %next.case,
        destination = next.destination,
        note.state = ?next.state,
        objects = next.objects,
        objects_shown = next.objects_shown,
        "a rejection note was looked at"
    );
    let (saved, random) = (next.clone(), deps.random.clone());
    transaction(&deps.db, |txn| {
        Box::pin(async move {
            let origin = Origin { now: moment.now, actor, causation: None, random: &random };
            store::note::save(txn, &saved, event, &origin).await
        })
    })
    .await?;
    Ok(next)
}

/// Storing is tried like a send; what is stored is asked about less and less often.
fn pauses(config: &Config, note: &RejectionNote, command: &Command) -> Pauses {
    let storing = note.state == RejectionNoteState::Queued && !matches!(command, Command::Stored { .. });
    let (min, max) = if storing {
        (config.retry_seconds_min, config.retry_seconds_max)
    } else {
        (config.recall_look_seconds_min, config.recall_look_seconds_max)
    };
    Pauses {
        retry_min: TimeDelta::seconds(min.into()),
        retry_max: TimeDelta::seconds(max.into()),
        recheck: TimeDelta::seconds(config.recheck_held_seconds.into()),
    }
}
