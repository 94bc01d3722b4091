//! What can be done about a kept object, by the reason for which it is kept, and which acts end an entry. Pure.
//!
//! A person may correct attributes of patient and study, and the character set in which they are written: they are known
//! outside the image. What an image shows, where it lies, and which object of which series it is, is known to its maker
//! alone: there the sender has to help.

use contract::intake::{Attribute, Fix, QuarantineGroup, QuarantineState};
use contract::{Digest, QuarantineId, Refusal, StudyId, Time};
use dicom_io::{correct, tags};
use std::collections::{BTreeMap, HashMap};

/// Whose it is, and of which study.
const IDENTITY: &[Attribute] = &[
    Attribute::StudyDate,
    Attribute::StudyTime,
    Attribute::AccessionNumber,
    Attribute::StudyDescription,
    Attribute::PatientName,
    Attribute::PatientId,
    Attribute::IssuerOfPatientId,
    Attribute::PatientBirthDate,
    Attribute::PatientSex,
    Attribute::StudyInstanceUid,
];
/// What is written in words, and in which characters.
const TEXT: &[Attribute] = &[
    Attribute::SpecificCharacterSet,
    Attribute::StudyDate,
    Attribute::StudyTime,
    Attribute::AccessionNumber,
    Attribute::StudyDescription,
    Attribute::PatientName,
    Attribute::PatientId,
    Attribute::IssuerOfPatientId,
    Attribute::PatientBirthDate,
    Attribute::PatientSex,
];
/// Words about the series: another character set makes them readable, nothing else is known of them here.
const CHARACTERS: &[Attribute] = &[Attribute::SpecificCharacterSet];

/// Says what can be done about a reason, and which attributes may be corrected.
pub fn fix(reason_code: &str, attribute: Option<&str>) -> (Fix, &'static [Attribute]) {
    match reason_code {
        "attribute_missing" | "uid" | "attribute_value" => fix_of_attribute(attribute),
        "character_set" => (Fix::Correct, TEXT),
        "study_of_two_patients" | "series_of_two_studies" => (Fix::Correct, IDENTITY),
        "identity_corrected" => (Fix::Study, &[]),
        "object_lost" | "object_damaged" => (Fix::Restore, &[]),
        // Damaged or contradicting bytes, and other bytes under a UID that is taken, stay what they are.
        "not_dicom"
        | "truncated"
        | "structure"
        | "foreign_group"
        | "element_order"
        | "image_attributes"
        | "pixel_length"
        | "same_uid_other_bytes" => (Fix::Sender, &[]),
        // What was announced as something else, and what passes a limit or comes in an encoding of another version.
        _ => (Fix::AsItIs, &[]),
    }
}

fn fix_of_attribute(attribute: Option<&str>) -> (Fix, &'static [Attribute]) {
    let is = |tag: dicom_io::Tag| attribute.is_some_and(|stored| stored == tag.to_string());
    if is(tags::STUDY_INSTANCE_UID) {
        return (Fix::Correct, IDENTITY);
    }
    if TEXT.iter().any(|known| is(correct::tag(*known))) {
        return (Fix::Correct, TEXT);
    }
    let words = [
        tags::MANUFACTURER,
        tags::SERIES_DESCRIPTION,
        tags::MANUFACTURER_MODEL_NAME,
        tags::PROTOCOL_NAME,
        tags::CONVOLUTION_KERNEL,
    ];
    if words.into_iter().any(is) { (Fix::Correct, CHARACTERS) } else { (Fix::Sender, &[]) }
}

/// What a person does with an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// The bytes go through admission once more.
    Readmit,
    /// They are not taken.
    Discard,
}

impl Act {
    /// How far an entry is afterwards.
    pub fn ends_as(self) -> QuarantineState {
        match self {
            Self::Readmit => QuarantineState::Readmitted,
            Self::Discard => QuarantineState::Discarded,
        }
    }
}

/// Decides whether an act may go on from an entry. One that has ended by the same act already is no obstacle: those that
/// stand with it may still wait.
///
/// # Errors
/// Why not, when it has ended otherwise, or the act can't help.
pub fn decide(state: QuarantineState, act: Act, fix: Fix) -> Result<(), Refusal> {
    match (state, act) {
        (QuarantineState::Readmitted, Act::Discard) => Err(Refusal::new(
            "quarantine_readmitted",
            "the object was taken in meanwhile",
            "look at its study; what is wrong with it is decided there",
        )),
        (QuarantineState::Discarded, Act::Readmit) => Err(Refusal::new(
            "quarantine_discarded",
            "the entry was discarded meanwhile",
            "have the sender send the object again once it is right",
        )),
        (QuarantineState::Waiting, Act::Readmit) if fix == Fix::Sender => Err(Refusal::new(
            "quarantine_not_fixable",
            "nothing that is done here makes this object usable",
            "have the sender correct it and send it again, then discard this entry",
        )),
        _ => Ok(()),
    }
}

/// Checks corrected values.
///
/// # Errors
/// Which attribute may not be corrected here, or hasn't a value of its kind.
pub fn check_corrections(
    allowed: &[Attribute],
    corrections: &BTreeMap<Attribute, String>,
) -> Result<(), Refusal> {
    for (attribute, value) in corrections {
        let name = attribute.keyword();
        if !allowed.contains(attribute) {
            return Err(Refusal::new(
                "attribute_not_correctable",
                format!("{name} can't be corrected for this reason"),
                "leave it as it was sent, or have the sender correct it",
            ));
        }
        correct::check(*attribute, value).map_err(|why| {
            let remedy = "write the value as the standard wants it";
            Refusal::new("correction_invalid", format!("the value for {name} can't be taken: {why}"), remedy)
        })?;
    }
    Ok(())
}

/// An entry that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The entry.
    pub id: QuarantineId,
    /// When it came.
    pub received_at: Time,
    /// Who sent it.
    pub sender: String,
    /// UID by which it is put together with others; empty when none can be read.
    pub belongs_to: String,
    /// Stable code of the reason.
    pub reason_code: String,
    /// In words.
    pub reason: String,
    /// What a person can do.
    pub remedy: String,
    /// The attribute that the reason is about.
    pub attribute: Option<String>,
    /// How many bytes are kept.
    pub bytes: u64,
}

/// What an object belongs to that names neither study nor series nor itself. What could be corrected must not be mixed
/// with another patient's; what can't, may stand together.
pub fn alone(reason_code: &str, attribute: Option<&str>, object: Digest) -> String {
    match fix(reason_code, attribute) {
        (Fix::Correct, _) => object.to_string(),
        _ => String::new(),
    }
}

type Key<'w> = (&'w str, &'w str, &'w str, Option<&'w str>);

impl Waiting {
    /// What entries of a group have in common: an act on one is right for all.
    fn key(&self) -> Key<'_> {
        (&self.belongs_to, &self.sender, &self.reason_code, self.attribute.as_deref())
    }
}

/// Puts entries together that wait for the same act; they come and go oldest first.
#[expect(clippy::implicit_hasher, reason = "it is called with the map that a store gives, and with no other")]
pub fn grouped(
    waiting: &[Waiting],
    studies: &HashMap<String, StudyId>,
    overdue_before: Time,
) -> Vec<QuarantineGroup> {
    let mut places: HashMap<Key<'_>, usize> = HashMap::new();
    let mut groups: Vec<QuarantineGroup> = Vec::new();
    for entry in waiting {
        let place = *places.entry(entry.key()).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => {
                group.entries += 1;
                group.bytes += entry.bytes;
                group.newest_received_at = group.newest_received_at.max(entry.received_at);
            }
            None => groups.push(opened(entry, studies, overdue_before)),
        }
    }
    groups
}

fn opened(oldest: &Waiting, studies: &HashMap<String, StudyId>, overdue_before: Time) -> QuarantineGroup {
    let (fix, attributes) = fix(&oldest.reason_code, oldest.attribute.as_deref());
    QuarantineGroup {
        id: oldest.id.clone(),
        entries: 1,
        bytes: oldest.bytes,
        oldest_received_at: oldest.received_at,
        newest_received_at: oldest.received_at,
        is_overdue: oldest.received_at <= overdue_before,
        sender: oldest.sender.clone(),
        study: studies.get(&oldest.belongs_to).cloned(),
        reason_code: oldest.reason_code.clone(),
        reason: oldest.reason.clone(),
        remedy: oldest.remedy.clone(),
        fix,
        attributes: attributes.to_vec(),
    }
}

/// Entries that are overdue, stand together, and of which nobody was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Untold {
    /// They, the oldest first.
    pub entries: Vec<QuarantineId>,
    /// Whether nobody was told of any that stands with them: then somebody has to be.
    pub is_first: bool,
}

/// Finds the overdue entries of which nobody was told, put together; they come oldest first, each with whether somebody
/// was told of it.
pub fn untold(overdue: &[(Waiting, bool)]) -> Vec<Untold> {
    let mut places: HashMap<Key<'_>, usize> = HashMap::new();
    let mut groups: Vec<Untold> = Vec::new();
    for (entry, is_told) in overdue {
        let place = *places.entry(entry.key()).or_insert(groups.len());
        if place == groups.len() {
            groups.push(Untold { entries: Vec::new(), is_first: true });
        }
        if *is_told {
            groups[place].is_first = false;
        } else {
            groups[place].entries.push(entry.id.clone());
        }
    }
    groups.retain(|group| !group.entries.is_empty());
    groups
}

#[cfg(test)]
mod tests;
