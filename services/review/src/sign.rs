//! What a signature covers: the canonical text of a read, its digest, and what must hold before anybody signs.

use crate::assign::Reader;
use crate::case::Case;
use crate::viewing;
use contract::generation::Region;
use contract::review::{Finding, PersonalKey, ReadContent, RegionDisposition, Severity, Signature, Verdict};
use contract::{Digest, ReadId, Refusal, SignatureId, Time};
use std::collections::BTreeSet;

/// The most findings one read may carry.
pub const FINDINGS_MAX: usize = 200;
/// The most region dispositions one read may carry.
pub const REGIONS_MAX: usize = 1_000;
/// The longest comment on a read, characters.
pub const COMMENT_CHARS_MAX: usize = 2_000;
/// The longest comment on a finding, characters.
pub const FINDING_COMMENT_CHARS_MAX: usize = 500;

/// A request to sign, with the ids and the proof of identity that the shell brings.
#[derive(Debug, Clone)]
pub struct Signing {
    /// Who signs, in the roles of now.
    pub reader: Reader,
    /// The name as it is printed beside the signature.
    pub printed_name: String,
    /// The components by which the signer proved who they are.
    pub authentication: Vec<String>,
    /// What the signing token was minted for.
    pub subject: String,
    /// What is signed.
    pub content: ReadContent,
    /// The digest over the instances that the browser received and displayed.
    pub case_digest: Digest,
    /// The assertion of the signer's passkey, if they signed with one.
    pub personal_key: Option<PersonalKey>,
    /// Where the run asks a reader to look, as generation lists it.
    pub regions: Vec<Region>,
    /// The id the read gets.
    pub read: ReadId,
    /// The id the signature gets.
    pub signature: SignatureId,
}

impl Signing {
    /// The signature over this request.
    pub fn signature(&self, verdict: Verdict, now: Time) -> Signature {
        Signature {
            id: self.signature.clone(),
            signer: self.reader.user.clone(),
            printed_name: self.printed_name.clone(),
            signed_at: now,
            meaning: self.meaning(verdict),
            case_digest: self.case_digest,
            content_digest: self.content.digest(),
            authentication: self.authentication.clone(),
            calibrated_display: false,
            personal_key: self.personal_key.clone(),
        }
    }

    /// The statement that is signed.
    fn meaning(&self, verdict: Verdict) -> String {
        match self.content.confirms {
            None => meaning(verdict).to_owned(),
            Some(_) => format!("{CONFIRMING} {}", meaning(verdict)),
        }
    }
}

/// What comes before the statement where a read is signed once more under the study's corrected identity.
const CONFIRMING: &str = "The images are, value for value and place for place, those that I read before the study's \
                          identity was corrected, and I confirm that read for the patient who is named now.";

/// The statement a signer sees and signs. It is the same for every slot, so that nobody learns theirs from it.
pub fn meaning(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Accept => {
            "I compared the AI images and uncertainty maps of this case with the original images and judge \
             that they may be released."
        }
        Verdict::AcceptWithLimitation => {
            "I compared the AI images and uncertainty maps of this case with the original images and judge \
             that they may be released with the limitation that I stated."
        }
        Verdict::Reject => {
            "I compared the AI images and uncertainty maps of this case with the original images and judge \
             that they must not be released."
        }
        Verdict::CannotJudge => {
            "I looked at the AI images and uncertainty maps of this case and cannot judge whether they may be \
             released."
        }
    }
}

/// The part of a signature that comes with the signer.
#[derive(Debug, Clone)]
pub struct Signed {
    /// The id the signature gets.
    pub id: SignatureId,
    /// The name as it is printed beside the signature.
    pub printed_name: String,
    /// The components by which the signer proved who they are.
    pub authentication: Vec<String>,
}

/// Refuses content beyond the limits, in a draft as in a signed read.
pub fn check_limits(content: &ReadContent) -> Result<(), Refusal> {
    let findings = &content.findings;
    let viewing_is_bounded = content.viewing.as_ref().is_none_or(viewing::is_bounded);
    if findings.len() > FINDINGS_MAX || content.regions.len() > REGIONS_MAX || !viewing_is_bounded {
        return Err(Refusal::new(
            "too_many_entries",
            format!("a read carries at most {FINDINGS_MAX} findings and {REGIONS_MAX} regions"),
            "join findings that belong together",
        ));
    }
    let too_long = content.comment.chars().count() > COMMENT_CHARS_MAX
        || findings.iter().any(|f| f.comment.chars().count() > FINDING_COMMENT_CHARS_MAX);
    if too_long {
        return Err(Refusal::new(
            "comment_too_long",
            format!(
                "a comment has at most {COMMENT_CHARS_MAX} characters, that of a finding at most \
                 {FINDING_COMMENT_CHARS_MAX}"
            ),
            "shorten the comment",
        ));
    }
    let mut ids = BTreeSet::new();
    if !findings.iter().filter_map(|finding| finding.id.as_ref()).all(|id| ids.insert(id)) {
        return Err(Refusal::new(
            "finding_twice",
            "two findings of a read have the same id: they would be one in its report",
            "remove one of them and mark it again",
        ));
    }
    if !findings.iter().all(has_sound_geometry) {
        return Err(Refusal::new(
            "finding_geometry",
            "a finding's place must be three finite numbers and its diameter finite and not negative",
            "mark the finding again",
        ));
    }
    Ok(())
}

/// The longest reason, characters.
pub const REASON_CHARS_MAX: usize = 500;

/// The words of a reason, or the refusal of one that says nothing.
pub fn check_reason(reason: &str) -> Result<String, Refusal> {
    let words = reason.trim();
    if (3..=REASON_CHARS_MAX).contains(&words.chars().count()) {
        return Ok(words.to_owned());
    }
    Err(Refusal::new(
        "reason_missing",
        format!("this needs a reason of 3 to {REASON_CHARS_MAX} characters"),
        "write in a few words why",
    ))
}

fn has_sound_geometry(finding: &Finding) -> bool {
    finding.centre_mm.is_none_or(|centre| centre.iter().all(|mm| mm.is_finite()))
        && finding.diameter_mm.is_none_or(|mm| mm.is_finite() && mm >= 0.0)
}

/// Refuses content that can't be signed, and gives the verdict of content that can. Who can't judge need not have
/// seen anything.
pub fn check_content(case: &Case, signing: &Signing) -> Result<Verdict, Refusal> {
    let content = &signing.content;
    check_limits(content)?;
    let verdict = content.verdict.ok_or_else(|| {
        Refusal::new("verdict_missing", "a read can't be signed without a verdict", "choose a verdict")
    })?;
    if verdict == Verdict::AcceptWithLimitation && content.comment.trim().is_empty() {
        return Err(Refusal::new(
            "limitation_missing",
            "acceptance with limitation must state the limitation",
            "write the limitation into the comment",
        ));
    }
    let grave = content.findings.iter().any(|finding| finding.severity >= Severity::Major);
    if verdict == Verdict::Accept && grave {
        return Err(Refusal::new(
            "finding_against_verdict",
            "a major or critical finding can't go with acceptance without limitation",
            "accept with limitation, reject, or lower the finding's severity",
        ));
    }
    let must_dispose = case.policy.require_region_dispositions && verdict != Verdict::CannotJudge;
    if must_dispose && !all_regions_disposed(&content.regions, case.region_count) {
        return Err(Refusal::new(
            "regions_open",
            "flagged regions have no disposition yet",
            "walk through the regions and say for each what it is",
        ));
    }
    if verdict != Verdict::CannotJudge {
        viewing::check(content.viewing.as_ref(), &signing.regions)?;
    }
    Ok(verdict)
}

/// Refuses a confirmation of anything but the signer's own read, as it was signed, of the very same images.
pub fn check_confirmed(case: &Case, signing: &Signing, now: Time) -> Result<(), Refusal> {
    if signing.content.confirms.is_none() {
        return Ok(());
    }
    let former = case.former_read_of(&signing.reader.user, now);
    if former.is_some_and(|former| former.confirmed() == signing.content) {
        return Ok(());
    }
    Err(Refusal::new(
        "nothing_to_confirm",
        "there is no final read of yours of these very images that could be confirmed",
        "read the case",
    ))
}

fn all_regions_disposed(dispositions: &[RegionDisposition], region_count: u32) -> bool {
    let disposed: BTreeSet<u32> = dispositions.iter().map(|entry| entry.region).collect();
    (0..region_count).all(|region| disposed.contains(&region))
}

/// The refusal of a digest that is not the case's: what the signer saw is not what would be sent.
pub fn digest_mismatch() -> Refusal {
    Refusal::new(
        "digest_mismatch",
        "the images that were displayed are not the images of this case",
        "load the case again; if it happens again, call quality and do not sign",
    )
}

/// The refusal of a signer who lost the role or the credential since the case was opened, or whose conflict of
/// interest became known.
pub fn not_entitled() -> Refusal {
    Refusal::new(
        "not_entitled",
        "you may no longer read this case: your role, your credential or a conflict of interest stands against it",
        "ask an administrator or quality; your draft is kept",
    )
}

/// The refusal of a token that was minted for signing something else.
pub fn wrong_subject() -> Refusal {
    Refusal::new(
        "signing_subject",
        "this proof of identity was given for something else",
        "enter your password again to sign this case",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;
    use contract::FindingId;

    #[test]
    fn r35_two_findings_under_one_id_are_refused_before_one_swallows_the_other() {
        let finding = |number: Option<u128>| Finding {
            id: number.map(FindingId::from_bits),
            ..fixtures::finding(Severity::Minor)
        };
        let with = |numbers: &[Option<u128>]| {
            let findings = numbers.iter().map(|number| finding(*number)).collect();
            let content = ReadContent { findings, ..ReadContent::default() };
            check_limits(&content).map_err(|refusal| refusal.code)
        };
        assert_eq!(with(&[Some(1), Some(2), Some(3), Some(4)]), Ok(()));
        assert_eq!(with(&[None, None, Some(1)]), Ok(()), "review gives those without one their own");
        assert_eq!(with(&[Some(1), Some(2), Some(1)]), Err("finding_twice".to_owned()));
    }
}
