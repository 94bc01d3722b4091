//! From a worker's result to derived objects, fixed once: load, check, build, store, save.

mod build;

use crate::store::{self, Accepted, Change, Reported, Run};
use crate::workflow::{Command, Effect, Failure, Life, Step, decide};
use crate::{Error, Shell, figures};
use build::{Built, Material};
use bytes::Bytes;
use chrono::TimeDelta;
use contract::generation::{DerivedInstance, DerivedRole};
use contract::intake::Series;
use contract::{Digest, digest};
use dicom_io::derive::DerivedObject;
use futures::{StreamExt as _, TryStreamExt as _};
use objects::Objects;
use platform::{Class, Shutdown, telemetry};
use std::time::Duration;
use tracing::Instrument as _;

/// How often results are looked for when nobody rings.
const LOOK: Duration = Duration::from_secs(1);
/// A result that can't be taken now is tried again after so long.
const REST: TimeDelta = TimeDelta::seconds(5);
/// Objects read or written at a time.
const OBJECTS_AT_ONCE: usize = 8;

/// Takes in results until `shutdown`.
pub(crate) async fn run(shell: Shell, shutdown: Shutdown) {
    while !shutdown.requested() {
        if let Err(error) = look(&shell, &shutdown).await {
            tracing::error!(
                event = "accept.failed",
                error = &error as &dyn std::error::Error,
                "results can't be looked for now"
            );
        }
        tokio::select! {
            () = shell.accept.notified() => {}
            _ = shutdown.sleep(LOOK) => {}
        }
    }
}

async fn look(shell: &Shell, shutdown: &Shutdown) -> Result<(), Error> {
    for run in store::run_reported_list(&shell.deps.db, shell.deps.clock.now()).await? {
        let span = tracing::info_span!("accept", run.id = %run.id);
        telemetry::continue_from(&span, run.trace.as_deref());
        tokio::select! {
            taken = take(shell, &run).instrument(span) => taken?,
            // Nothing is lost: the result stays recorded and is taken after the next start.
            () = shutdown.wait() => return Ok(()),
        }
    }
    Ok(())
}

/// Takes one result in: accepted, rejected, superseded, or tried again later.
async fn take(shell: &Shell, run: &Run) -> Result<(), Error> {
    let verdict = match judge(shell, run).await {
        Ok(verdict) => verdict,
        Err(error) if error.class() == Class::Retry => {
            tracing::warn!(
                event = "result.postponed",
                error = &error as &dyn std::error::Error,
                "a result can't be taken now; it is tried again"
            );
            return postpone(shell, run).await;
        }
        Err(error) => {
            tracing::error!(
                event = "result.unusable",
                error = &error as &dyn std::error::Error,
                "nothing can be made of a result: its run fails"
            );
            Verdict::Step(Command::Reject(Failure::new("internal", error.to_string())))
        }
    };
    let now = shell.deps.clock.now();
    let (command, accepted) = match verdict {
        Verdict::Step(command) => (command, None),
        Verdict::Accept(accepted) => (Command::Accept, Some(accepted)),
    };
    if let Command::Reject(failure) = &command {
        tracing::warn!(
            event = "result.rejected",
            reason = failure.code,
            "a result failed a check: no case is made of it"
        );
    }
    let Ok(step) = decide(&run.life, &command, shell.config.patience(), now) else { return Ok(()) };
    let change = Change { run, step, fraction: None, reported: None, now };
    let (db, random) = (&shell.deps.db, &shell.deps.random);
    let saved = match accepted {
        Some(accepted) => {
            fail::fail_point!("generation.before_accept");
            let fixed = store::result_fix(db, random, change, *accepted).await;
            if let (Ok(()), Some(Reported { cost, .. })) = (&fixed, &run.reported) {
                figures::JOB_SECONDS.with_label_values(&[&cost.device]).observe(cost.seconds);
            }
            fail::fail_point!("generation.after_accept");
            fixed
        }
        None => store::run_change(db, random, change).await,
    };
    match saved {
        // Another process was first, or the run was superseded meanwhile: what stands is looked at again.
        Err(Error::Database(error)) if error.is_unique_violation() || error.is_transient() => {
            tracing::info!(event = "result.outrun", "a run changed while its result was taken");
            Ok(())
        }
        saved => saved,
    }
}

async fn postpone(shell: &Shell, run: &Run) -> Result<(), Error> {
    let now = shell.deps.clock.now();
    let step = Step { life: Life { due_at: now + REST, ..run.life }, effect: Effect::Nothing };
    let change = Change { run, step, fraction: None, reported: None, now };
    store::run_change(&shell.deps.db, &shell.deps.random, change).await
}

enum Verdict {
    Step(Command),
    Accept(Box<Accepted>),
}

/// Loads, checks, builds and stores.
async fn judge(shell: &Shell, run: &Run) -> Result<Verdict, Error> {
    let report = run.reported.as_ref().ok_or(Error::Unknown { what: "the worker's report" })?;
    let series = shell.deps.intake.series_batch(vec![run.series.clone()]).await?;
    let series = series.into_iter().next().ok_or(Error::Unknown { what: "the source series" })?;
    if series.source_set != Some(run.source_set) {
        return Ok(Verdict::Step(Command::Supersede));
    }
    let material = match material(shell, run, report, &series).await? {
        Ok(material) => material,
        Err(failure) => return Ok(Verdict::Step(Command::Reject(failure))),
    };
    match shell.deps.cpu.run(move || build::build(&material)).await {
        Ok(built) => keep(shell, built, &series).await.map(|kept| Verdict::Accept(Box::new(kept))),
        Err(failure) => Ok(Verdict::Step(Command::Reject(failure))),
    }
}

/// Everything that the objects are built from.
async fn material(
    shell: &Shell,
    run: &Run,
    report: &Reported,
    series: &Series,
) -> Result<Result<Material, Failure>, Error> {
    let mut outputs = Vec::new();
    for role in ["image", "lower", "upper"] {
        let named: Vec<_> = report.outputs.iter().filter(|output| output.role == role).collect();
        let &[output] = named.as_slice() else {
            let words = format!("the result has {} volumes '{role}', not 1", named.len());
            return Ok(Err(Failure::new("output_missing", words)));
        };
        let Some(bytes) = shell.deps.volumes.get(&output.volume).await? else {
            let words = format!("the volume '{role}' is not in the store");
            return Ok(Err(Failure::new("output_missing", words)));
        };
        outputs.push(bytes);
    }
    let input = shell.deps.volumes.get(&run.volume).await?;
    let [image, lower, upper]: [Bytes; 3] = outputs.try_into().expect("one volume was pushed for each role");
    let mut instances: Vec<_> = series.instances.iter().collect();
    instances.sort_by_key(|instance| instance.slice);
    let files = instances.into_iter().map(|instance| source_file(shell.deps.dicom.clone(), instance.object));
    let files: Vec<_> = files.collect();
    let sources = futures::stream::iter(files).buffered(OBJECTS_AT_ONCE).try_collect().await?;
    let model = shell.model(&run.model).await?;
    let texture_percent = shell.deployment(&run.deployment).await?.texture_percent;
    Ok(Ok(Material {
        input: input.ok_or(Error::Unknown { what: "the input volume" })?,
        image,
        lower,
        upper,
        modality: series.modality.clone(),
        sources,
        scores: report.scores.clone(),
        suspects: report.suspects.clone(),
        domain_min: shell.config.domain_min,
        provenance: build::provenance(shell, run, report, (model, texture_percent)),
    }))
}

/// Stores what was built and computes what readers sign.
async fn keep(shell: &Shell, built: Built, series: &Series) -> Result<Accepted, Error> {
    let stored_bytes = built.objects.iter().map(|(_, object)| object.file.len() as u64).sum();
    let kept =
        built.objects.into_iter().map(|(role, object)| keep_one(shell.deps.dicom.clone(), role, object));
    let kept: Vec<_> = kept.collect();
    let instances: Vec<_> = futures::stream::iter(kept).buffered(OBJECTS_AT_ONCE).try_collect().await?;
    let case_digest = case_digest(&instances, series);
    Ok(Accepted { case_digest, instances, regions: built.regions, stored_bytes })
}

async fn source_file(dicom: Objects, key: Digest) -> Result<Bytes, Error> {
    dicom.get(&key).await?.ok_or(Error::Unknown { what: "a source instance" })
}

async fn keep_one(
    dicom: Objects,
    role: DerivedRole,
    object: DerivedObject,
) -> Result<(DerivedRole, String, DerivedInstance), Error> {
    let key = dicom.put(Bytes::from(object.file)).await?;
    let instance = DerivedInstance {
        sop_instance_uid: object.sop_instance_uid,
        sop_class_uid: object.sop_class_uid,
        digest: object.digest,
        object: key,
        slice: object.slice,
    };
    Ok((role, object.series_instance_uid, instance))
}

/// Derived images, maps and source instances together (design rule 4).
fn case_digest(instances: &[(DerivedRole, String, DerivedInstance)], series: &Series) -> Digest {
    let derived = instances.iter().map(|(_, _, derived)| (derived.sop_instance_uid.as_str(), derived.digest));
    let sources = series.instances.iter().map(|source| (source.sop_instance_uid.as_str(), source.digest));
    digest::case_digest(derived.chain(sources))
}
