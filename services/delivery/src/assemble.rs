//! What a release consists of, and the proof that it is what was signed.

use crate::Deps;
use crate::error::Error;
use crate::store::SentObject;
use crate::workflow::{Command, Reason};
use bytes::Bytes;
use contract::generation::{DerivedInstance, Run};
use contract::intake::Series;
use contract::review::Release;
use contract::{ClientError, Digest, digest};
use dicom_io::derive::{self, DerivedObject, SourceObject};
use dicom_io::sr::{self, Evidence};
use dicom_io::write;

/// Why nothing may be or can be sent now.
#[derive(Debug)]
pub(crate) enum Stop {
    /// A hold or an interruption of this send.
    Send(Command),
    /// A fault of our own.
    Fault(Error),
}

impl Stop {
    fn hold(code: &'static str, words: impl Into<String>) -> Self {
        Self::Send(Command::Hold(Reason::new(code, words)))
    }
}

impl From<ClientError> for Stop {
    /// A service that can't be asked has not said yes.
    fn from(error: ClientError) -> Self {
        Self::Send(Command::Interrupt(Reason::new("check_unanswered", error.to_string())))
    }
}

impl From<objects::Error> for Stop {
    fn from(error: objects::Error) -> Self {
        match error {
            objects::Error::Corrupt { .. } => Self::hold("object_damaged", error.to_string()),
            error => Self::Send(Command::Interrupt(Reason::new("store_unavailable", error.to_string()))),
        }
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Fault(error)
    }
}

/// An object that is to be sent.
#[derive(Debug, Clone)]
pub(crate) struct Outgoing {
    /// What it is.
    pub(crate) object: SentObject,
    /// Where its bytes are.
    content: Content,
}

/// Where the bytes of an object are.
#[derive(Debug, Clone)]
enum Content {
    /// In the `dicom` store, under this key.
    Stored(Digest),
    /// Here: reports are made from what was signed, and come out the same each time.
    Built(Bytes),
}

/// Everything that a release consists of, in the order in which it is sent. Each object was read and its digest
/// compared, and the digest that was signed computed again.
///
/// # Errors
/// A hold when anything differs from what was signed.
pub(crate) async fn assemble(
    deps: &Deps,
    organization: &str,
    release: &Release,
) -> Result<Vec<Outgoing>, Stop> {
    let run = deps.generation.run(&release.run).await?;
    let run =
        run.ok_or_else(|| Stop::hold("run_unknown", "generation does not know the run of this release"))?;
    let series = deps.intake.series_batch(vec![release.series.clone()]).await?.pop();
    let series = series
        .ok_or_else(|| Stop::hold("series_unknown", "intake does not know the series of this release"))?;
    compare_case_digest(release, &run, &series)?;

    let mut outgoing = Vec::new();
    for derived in &run.derived {
        for instance in &derived.instances {
            let object = stored_object(derived.role.as_str(), instance);
            let next = Outgoing { object, content: Content::Stored(instance.object) };
            load(deps, &next).await?;
            outgoing.push(next);
        }
    }
    outgoing.extend(reports(deps, organization, release, &run, &series).await?);
    Ok(outgoing)
}

/// One report for each signed read, and the summary of the release.
async fn reports(
    deps: &Deps,
    organization: &str,
    release: &Release,
    run: &Run,
    series: &Series,
) -> Result<Vec<Outgoing>, Stop> {
    let first = series.instances.first().map(|instance| instance.object);
    let key = first.ok_or_else(|| Stop::hold("series_empty", "the source series has no instance"))?;
    let missing = || Stop::hold("object_missing", format!("object {key} is not in the store"));
    let file = deps.objects.get(&key).await?.ok_or_else(missing)?;
    let evidence = Evidence::of(series, run);
    let (release, organization) = (release.clone(), organization.to_owned());
    let built = deps.cpu.run(move || build(&file, &release, &evidence, &organization)).await;
    let built = built.map_err(|error| Stop::hold("report_impossible", error.to_string()))?;
    Ok(built.into_iter().map(|(role, report)| built_object(role, report)).collect())
}

fn build(
    source: &[u8],
    release: &Release,
    evidence: &Evidence,
    organization: &str,
) -> Result<Vec<(&'static str, DerivedObject)>, derive::Error> {
    let source = SourceObject::read(source)?;
    let reads = release.reads.iter();
    let mut reports = reads
        .map(|read| Ok(("report", sr::read_report(read, &source, evidence, organization)?)))
        .collect::<Result<Vec<_>, derive::Error>>()?;
    reports.push(("summary", sr::release_summary(release, &source, evidence)?));
    Ok(reports)
}

fn built_object(role: &str, report: DerivedObject) -> Outgoing {
    let object = SentObject {
        sop_instance_uid: report.sop_instance_uid,
        sop_class_uid: report.sop_class_uid,
        role: role.to_owned(),
        digest: report.digest,
    };
    Outgoing { object, content: Content::Built(report.file.into()) }
}

/// The bytes of an object, proven to have its digest.
///
/// # Errors
/// A hold when they are gone or have another digest.
pub(crate) async fn load(deps: &Deps, outgoing: &Outgoing) -> Result<Bytes, Stop> {
    let file = match &outgoing.content {
        Content::Built(file) => file.clone(),
        Content::Stored(key) => {
            let missing = || Stop::hold("object_missing", format!("object {key} is not in the store"));
            deps.objects.get(key).await?.ok_or_else(missing)?
        }
    };
    let hashed = file.clone();
    let digest = deps.cpu.run(move || write::profile_digest(&hashed)).await;
    let digest = digest.map_err(|error| Stop::hold("object_damaged", error.to_string()))?;
    if digest == outgoing.object.digest {
        Ok(file)
    } else {
        Err(Stop::hold("digest_differs", "a derived object is not the one that was signed"))
    }
}

/// What readers signed covers derived images, maps and sources; it is computed again from what each owner says now.
fn compare_case_digest(release: &Release, run: &Run, series: &Series) -> Result<(), Stop> {
    let derived = run.derived.iter().flat_map(|derived| &derived.instances);
    let derived = derived.map(|instance| (instance.sop_instance_uid.as_str(), instance.digest));
    let sources = series.instances.iter().map(|source| (source.sop_instance_uid.as_str(), source.digest));
    let computed = digest::case_digest(derived.chain(sources));
    if computed == release.case_digest && run.case_digest == Some(release.case_digest) {
        Ok(())
    } else {
        Err(Stop::hold("digest_differs", "the images are not those that were signed"))
    }
}

fn stored_object(role: &str, instance: &DerivedInstance) -> SentObject {
    SentObject {
        sop_instance_uid: instance.sop_instance_uid.clone(),
        sop_class_uid: instance.sop_class_uid.clone(),
        role: role.to_owned(),
        digest: instance.digest,
    }
}
