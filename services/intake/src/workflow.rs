//! The decisions of intake, as functions of values: what becomes of a received object, and of a series.

use chrono::TimeDelta;
use contract::digest::case_digest;
use contract::intake::{Patient, SeriesState};
use contract::{Digest, Refusal, SeriesId, StudyId, Time};
use dicom_io::geometry::{Slice, Stack, stack};
use dicom_io::scan::{Header, Image};
use dicom_io::volume::check_slice;

/// Status of C-STORE, and failure reason of STOW-RS, when the same UID comes with other bytes.
pub const CONFLICT: u16 = 0xC001;
/// The same when one study has two patients, an image two identities, or one series two studies.
pub const DISPUTED: u16 = 0xC002;

/// What is stored under the UIDs of a received object.
#[derive(Debug, Clone, Default)]
pub struct Standing {
    /// The instance that has this SOP Instance UID.
    pub instance: Option<InstanceStanding>,
    /// The study that has this Study Instance UID.
    pub study: Option<StudyStanding>,
    /// The series that has this Series Instance UID.
    pub series: Option<SeriesStanding>,
}

/// A stored instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceStanding {
    /// Of its bytes after group 0002, as received.
    pub digest: Digest,
    /// Key of its file in the `dicom` store.
    pub object: Digest,
    /// Its study.
    pub study: StudyId,
}

/// What was found out about an object whose SOP Instance UID stands with other bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compared {
    /// The digest of the stored instance that it was compared with.
    pub with: Digest,
    /// Whether it is that image under another identity.
    pub is_correction: bool,
}

/// Why the identity of a stored study is in question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dispute {
    /// An image of it came under another identity.
    Correction(StudyId),
    /// An object of another patient says that it belongs to it.
    TwoPatients(StudyId),
}

/// A stored study.
#[derive(Debug, Clone)]
pub struct StudyStanding {
    /// Our id.
    pub id: StudyId,
    /// Whose it is.
    pub patient: Patient,
}

/// A stored series.
#[derive(Debug, Clone)]
pub struct SeriesStanding {
    /// Our id.
    pub id: SeriesId,
    /// Its study.
    pub study: StudyId,
    /// How far it is.
    pub state: SeriesState,
    /// The set a run may be bound to.
    pub source_set: Option<Digest>,
}

/// What becomes of a received object.
#[derive(Debug, Clone, PartialEq)]
pub enum Admission {
    /// These very bytes are stored already.
    Repeated,
    /// It is stored; a ready series that it adds to has changed, and its former set no longer holds.
    Store {
        /// The set that no longer holds.
        former_source_set: Option<Digest>,
    },
    /// Other bytes stand under its UID: whether they are the same image under another identity decides.
    Compare(InstanceStanding),
    /// It is kept for a person.
    Quarantine {
        /// Why, and what to do.
        refusal: Refusal,
        /// For the sender.
        status: u16,
        /// Why the identity of a stored study is in question from now on, if it is.
        dispute: Option<Dispute>,
    },
}

/// Decides about a received object (clinical.md 10 and 12).
pub fn decide_admission(
    header: &Header,
    digest: Digest,
    standing: &Standing,
    compared: Option<Compared>,
) -> Admission {
    if let Some(stored) = &standing.instance {
        return match compared.filter(|compared| compared.with == stored.digest) {
            _ if stored.digest == digest => Admission::Repeated,
            Some(Compared { is_correction: true, .. }) => other_identity(stored.study.clone()),
            Some(_) => other_bytes(),
            None => Admission::Compare(stored.clone()),
        };
    }
    if let Some(study) = &standing.study
        && (&study.patient.id, &study.patient.issuer) != (&header.patient.id, &header.patient.issuer)
    {
        return two_patients(study.id.clone());
    }
    let Some(series) = &standing.series else { return Admission::Store { former_source_set: None } };
    if standing.study.as_ref().is_none_or(|study| study.id != series.study) {
        return two_studies();
    }
    // Only images make a set of source instances.
    let former_source_set = series.source_set.filter(|_| header.image.is_some());
    Admission::Store { former_source_set }
}

fn other_bytes() -> Admission {
    let refusal = Refusal::new(
        "same_uid_other_bytes",
        "an instance with this SOP Instance UID is stored with other bytes",
        "find out which of the two is right; the sender has to give the other one a UID of its own",
    );
    Admission::Quarantine { refusal, status: CONFLICT, dispute: None }
}

fn other_identity(study: StudyId) -> Admission {
    let refusal = Refusal::new(
        "identity_corrected",
        "this image is stored under another patient, accession number or study attribute",
        "a coordinator decides on the page of the study: keep what stands, or take what came; nothing of the study is \
         released until then",
    );
    Admission::Quarantine { refusal, status: DISPUTED, dispute: Some(Dispute::Correction(study)) }
}

fn two_patients(study: StudyId) -> Admission {
    let refusal = Refusal::new(
        "study_of_two_patients",
        "a study with this Study Instance UID is stored under another patient",
        "find out whose study it is; nothing of it is released until then",
    );
    Admission::Quarantine { refusal, status: DISPUTED, dispute: Some(Dispute::TwoPatients(study)) }
}

fn two_studies() -> Admission {
    let refusal = Refusal::new(
        "series_of_two_studies",
        "a series with this Series Instance UID is stored under another study",
        "find out to which study it belongs; the sender has to correct the other one",
    );
    Admission::Quarantine { refusal, status: DISPUTED, dispute: None }
}

/// An instance of a series that may be complete.
#[derive(Debug, Clone)]
pub struct Member {
    /// (0008,0018).
    pub sop_instance_uid: String,
    /// Of the bytes as received after group 0002.
    pub digest: Digest,
    /// (0020,0013).
    pub instance_number: Option<i32>,
    /// (0008,0008).
    pub image_type: Vec<String>,
    /// Description of the pixels; `None` when there are none.
    pub image: Option<Image>,
}

/// How long a series is waited for.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Without a new instance.
    pub quiet: TimeDelta,
    /// After its association ended.
    pub settle: TimeDelta,
    /// The largest volume, voxels.
    pub voxels_max: u64,
}

/// When the newest instance of a series came, and how.
#[derive(Debug, Clone, Copy)]
pub struct Arrival {
    /// When.
    pub changed_at: Time,
    /// Whether its association has ended.
    pub association_closed: bool,
    /// Whether one of our programs made the series.
    pub ours: bool,
}

/// What becomes of a series.
#[derive(Debug, Clone, PartialEq)]
pub enum Completion {
    /// More may come.
    Wait,
    /// It is no single volume.
    Park {
        /// Stable code.
        code: String,
        /// In words.
        reason: String,
    },
    /// It is one volume, made of the members in the stack's order.
    Convert {
        /// The grid.
        stack: Stack,
        /// The members that are slices: indices of the stack refer to this list.
        slices: Vec<usize>,
        /// Digest of the set of source instances.
        source_set: Digest,
    },
}

/// Decides about a series that receives instances.
///
/// A regular stack is taken as soon as its association ended; everything else waits for the quiet time, because the
/// missing slices may still be on their way.
pub fn decide_completion(arrival: Arrival, members: &[Member], patience: Patience, now: Time) -> Completion {
    let age = now - arrival.changed_at;
    let quiet = age >= patience.quiet;
    let settled = arrival.association_closed && age >= patience.settle;
    if !(quiet || settled) {
        return Completion::Wait;
    }
    match convertible(arrival, members, patience) {
        Ok(convert) => convert,
        Err((code, reason)) if quiet => Completion::Park { code, reason },
        Err(_) => Completion::Wait,
    }
}

fn convertible(
    arrival: Arrival,
    members: &[Member],
    patience: Patience,
) -> Result<Completion, (String, String)> {
    let no = |code: &str, reason: String| Err((code.to_owned(), reason));
    if arrival.ours {
        return no("own_objects", "the series was made by Countersign: it is never an input".into());
    }
    let slices: Vec<usize> = (0..members.len()).filter(|index| members[*index].image.is_some()).collect();
    if slices.is_empty() {
        return no("no_images", "the series has no images".into());
    }
    let localizer = |index: &&usize| members[**index].image_type.iter().any(|value| value == "LOCALIZER");
    if slices.iter().all(|index| localizer(&index)) {
        return no("localizer", "the series is a localizer".into());
    }
    let mut geometry = Vec::with_capacity(slices.len());
    for index in &slices {
        let member = &members[*index];
        let image = member.image.as_ref().expect("only members with an image are slices");
        let number = member.instance_number.unwrap_or(0);
        check_slice(image)
            .map_err(|why| ("slice_unusable".to_owned(), format!("slice {number} can't be used: {why}")))?;
        geometry.push(Slice::of(number, image));
    }
    let stack = stack(&geometry).map_err(|irregular| {
        (irregular.code().to_owned(), format!("the series is no single volume: {irregular}"))
    })?;
    let voxels: u64 = stack.dims.iter().map(|dim| *dim as u64).product();
    if voxels > patience.voxels_max {
        return no(
            "volume_too_large",
            format!("the series has {voxels} voxels, the limit is {}", patience.voxels_max),
        );
    }
    let source_set = case_digest(slices.iter().map(|index| {
        let member = &members[*index];
        (member.sop_instance_uid.as_str(), member.digest)
    }));
    Ok(Completion::Convert { stack, slices, source_set })
}

#[cfg(test)]
mod tests;
