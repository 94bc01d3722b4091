//! The coded concepts of our reports. Verdicts, kinds and the rest that no standard scheme has are declared in
//! the private one.

use crate::derive::Code;
use contract::review::{Disposition, FindingKind, Severity, Verdict};

pub(super) const REPORT: Code = Code::dcm("126000", "Imaging Measurement Report");
pub(super) const REJECTED_FOR_SAFETY: Code = Code::dcm("113037", "Rejected for Patient Safety Reasons");
pub(super) const REJECTED_FOR_QUALITY: Code = Code::dcm("113001", "Rejected for Quality Reasons");
pub(super) const KEY_OBJECT_DESCRIPTION: Code = Code::dcm("113012", "Key Object Description");
pub(super) const LANGUAGE: Code = Code::dcm("121049", "Language of Content Item and Descendants");
pub(super) const ENGLISH: Code =
    Code { value: "en-US", scheme: "RFC5646", meaning: "English (United States)" };
pub(super) const OBSERVER_TYPE: Code = Code::dcm("121005", "Observer Type");
pub(super) const PERSON: Code = Code::dcm("121006", "Person");
pub(super) const DEVICE: Code = Code::dcm("121007", "Device");
pub(super) const PERSON_NAME: Code = Code::dcm("121008", "Person Observer Name");
pub(super) const DEVICE_UID: Code = Code::dcm("121012", "Device Observer UID");
pub(super) const DEVICE_NAME: Code = Code::dcm("121013", "Device Observer Name");
pub(super) const DEVICE_MANUFACTURER: Code = Code::dcm("121014", "Device Observer Manufacturer");
pub(super) const PROCEDURE: Code = Code::dcm("121058", "Procedure reported");
pub(super) const MEASUREMENTS: Code = Code::dcm("126010", "Imaging Measurements");
pub(super) const MEASUREMENT_GROUP: Code = Code::dcm("125007", "Measurement Group");
pub(super) const QUALITATIVE: Code =
    Code { value: "C0034375", scheme: "UMLS", meaning: "Qualitative Evaluations" };
pub(super) const TRACKING_IDENTIFIER: Code = Code::dcm("112039", "Tracking Identifier");
pub(super) const TRACKING_UID: Code = Code::dcm("112040", "Tracking Unique Identifier");
pub(super) const FINDING: Code = Code::dcm("121071", "Finding");
pub(super) const COMMENT: Code = Code::dcm("121106", "Comment");
pub(super) const IMAGE_REGION: Code = Code::dcm("111030", "Image Region");
pub(super) const VOLUME_SURFACE: Code = Code::dcm("121231", "Volume Surface");
pub(super) const SOURCE_SERIES: Code = Code::dcm("121232", "Source series for segmentation");
pub(super) const DIAMETER: Code = Code::sct("81827009", "Diameter");
pub(super) const MILLIMETRE: Code = Code::ucum("mm", "mm");

pub(super) const VERDICT: Code = Code::private("VERDICT", "Verdict on the AI image");
pub(super) const SEVERITY: Code = Code::private("SEVERITY", "Severity of the finding");
pub(super) const DISPOSITION: Code = Code::private("DISPOSITION", "Disposition of a flagged region");
pub(super) const MEANING: Code = Code::private("MEANING", "Meaning of the signature");
pub(super) const CASE_DIGEST: Code = Code::private("CASE-DIGEST", "SHA-256 of what was seen and signed");
pub(super) const CONTENT_DIGEST: Code = Code::private("CONTENT-DIGEST", "SHA-256 of the signed content");
pub(super) const DISPLAY: Code = Code::private("DISPLAY", "Display the read was made on");
pub(super) const OUTCOME: Code = Code::private("OUTCOME", "Outcome of the review");
pub(super) const LIMITATION: Code = Code::private("LIMITATION", "Stated limitation");
pub(super) const REVIEWER: Code = Code::private("REVIEWER", "Signed read");

/// The procedure that was reported, by the modality of its images.
pub(super) fn procedure(modality: &str) -> Code {
    match modality {
        "CT" => Code::sct("77477000", "Computed tomography"),
        _ => Code::sct("113091000", "Magnetic resonance imaging"),
    }
}

pub(super) fn verdict(verdict: Verdict) -> Code {
    match verdict {
        Verdict::Accept => Code::private("ACCEPT", "Accepted"),
        Verdict::AcceptWithLimitation => Code::private("ACCEPT-LIMITED", "Accepted with limitation"),
        Verdict::Reject => Code::private("REJECT", "Rejected"),
        Verdict::CannotJudge => Code::private("CANNOT-JUDGE", "Cannot be judged"),
    }
}

pub(super) fn kind(kind: FindingKind) -> Code {
    match kind {
        FindingKind::Invented => Code::private("INVENTED", "Structure invented by the model"),
        FindingKind::Lost => Code::private("LOST", "Structure lost by the model"),
        FindingKind::Distorted => Code::private("DISTORTED", "Structure distorted by the model"),
        FindingKind::Texture => Code::private("TEXTURE", "Unnatural texture"),
        FindingKind::Artefact => Code::private("ARTEFACT", "Artefact of the model"),
        FindingKind::Intensity => Code::private("INTENSITY", "Wrong values"),
    }
}

pub(super) fn severity(severity: Severity) -> Code {
    match severity {
        Severity::Minor => Code::private("MINOR", "No consequence"),
        Severity::Major => Code::private("MAJOR", "May change the report"),
        Severity::Critical => Code::private("CRITICAL", "May hurt the patient"),
    }
}

pub(super) fn disposition(disposition: Disposition) -> Code {
    match disposition {
        Disposition::Plausible => Code::private("PLAUSIBLE", "Believable"),
        Disposition::Artefact => Code::private("REGION-ARTEFACT", "Artefact"),
        Disposition::Invented => Code::private("REGION-INVENTED", "Something was invented"),
        Disposition::Lost => Code::private("REGION-LOST", "Something was lost"),
        Disposition::CannotTell => Code::private("CANNOT-TELL", "Cannot be told"),
    }
}
