//! Reads: what is typed in, and what was signed.

use async_graphql::{Enum, ID, InputObject, SimpleObject};
use chrono::{DateTime, Utc};
use contract::{Refusal, review};

#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "review::Verdict")]
pub(crate) enum Verdict {
    Accept,
    AcceptWithLimitation,
    Reject,
    CannotJudge,
}

#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "review::FindingKind")]
pub(crate) enum FindingKind {
    Invented,
    Lost,
    Distorted,
    Texture,
    Artefact,
    Intensity,
}

#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "review::Severity")]
pub(crate) enum Severity {
    Minor,
    Major,
    Critical,
}

#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "review::Disposition")]
pub(crate) enum Disposition {
    Plausible,
    Artefact,
    Invented,
    Lost,
    CannotTell,
}

#[derive(SimpleObject)]
pub(crate) struct Finding {
    id: Option<ID>,
    kind: FindingKind,
    severity: Severity,
    /// Patient coordinates (LPS), mm.
    centre_mm: Option<Vec<f64>>,
    diameter_mm: Option<f64>,
    comment: String,
}

impl From<review::Finding> for Finding {
    fn from(finding: review::Finding) -> Self {
        Self {
            id: finding.id.map(|id| id.to_string().into()),
            kind: finding.kind.into(),
            severity: finding.severity.into(),
            centre_mm: finding.centre_mm.map(Vec::from),
            diameter_mm: finding.diameter_mm,
            comment: finding.comment,
        }
    }
}

#[derive(SimpleObject)]
pub(crate) struct RegionDisposition {
    region: u32,
    disposition: Disposition,
}

impl From<review::RegionDisposition> for RegionDisposition {
    fn from(region: review::RegionDisposition) -> Self {
        Self { region: region.region, disposition: region.disposition.into() }
    }
}

/// The viewer's unsigned draft.
#[derive(SimpleObject)]
pub(crate) struct Draft {
    version: u32,
    verdict: Option<Verdict>,
    findings: Vec<Finding>,
    regions: Vec<RegionDisposition>,
    comment: String,
    saved_at: DateTime<Utc>,
}

impl From<review::Draft> for Draft {
    fn from(draft: review::Draft) -> Self {
        Self {
            version: draft.version,
            verdict: draft.content.verdict.map(Verdict::from),
            findings: draft.content.findings.into_iter().map(Finding::from).collect(),
            regions: draft.content.regions.into_iter().map(RegionDisposition::from).collect(),
            comment: draft.content.comment,
            saved_at: draft.saved_at,
        }
    }
}

#[derive(SimpleObject)]
pub(crate) struct Signature {
    printed_name: String,
    signed_at: DateTime<Utc>,
    meaning: String,
    case_digest: String,
    /// Of the canonical JSON of what was signed.
    content_digest: String,
    /// Where it was signed with a passkey.
    personal_key: Option<PersonalKey>,
}

/// What a passkey said over exactly what was signed: whoever has the key can check it. Bytes are base64url.
#[derive(SimpleObject)]
pub(crate) struct PersonalKey {
    /// A JSON Web Key (RFC 7517).
    public_key: String,
    /// The challenge is the SHA-256 of "countersign signature", this, the case's digest and the content's, each on a line
    /// of its own.
    nonce: String,
    client_data: String,
    authenticator_data: String,
    signature: String,
}

impl From<review::PersonalKey> for PersonalKey {
    fn from(key: review::PersonalKey) -> Self {
        Self {
            public_key: key.public_key,
            nonce: key.nonce,
            client_data: key.client_data,
            authenticator_data: key.authenticator_data,
            signature: key.signature,
        }
    }
}

#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "review::Stance")]
pub(crate) enum Stance {
    /// The read stands, and something is added.
    Keeps,
    /// The reader would not sign it any more.
    Changes,
}

/// What a reader wrote after their read was final.
#[derive(SimpleObject)]
pub(crate) struct Addendum {
    stance: Stance,
    words: String,
    written_at: DateTime<Utc>,
}

impl From<review::Addendum> for Addendum {
    fn from(addendum: review::Addendum) -> Self {
        Self { stance: addendum.stance.into(), words: addendum.words, written_at: addendum.written_at }
    }
}

/// The viewer's own read of the very same images before the study's identity was corrected.
#[derive(SimpleObject)]
pub(crate) struct Confirmable {
    read_id: ID,
    verdict: Verdict,
    findings: Vec<Finding>,
    regions: Vec<RegionDisposition>,
    comment: String,
    signed_at: DateTime<Utc>,
}

impl Confirmable {
    pub(crate) fn new(confirmable: review::Confirmable) -> Option<Self> {
        let review::Confirmable { read, signed_at, content, .. } = confirmable;
        Some(Self {
            read_id: read.to_string().into(),
            verdict: content.verdict?.into(),
            findings: content.findings.into_iter().map(Finding::from).collect(),
            regions: content.regions.into_iter().map(RegionDisposition::from).collect(),
            comment: content.comment,
            signed_at,
        })
    }
}

#[derive(SimpleObject)]
pub(crate) struct Read {
    id: ID,
    verdict: Verdict,
    findings: Vec<Finding>,
    regions: Vec<RegionDisposition>,
    comment: String,
    /// Whether it can no longer be withdrawn.
    is_final: bool,
    signature: Signature,
    /// What its reader wrote since, the oldest first.
    addenda: Vec<Addendum>,
    /// Whether it confirms what its reader signed of the same images under the study's former identity.
    is_confirmation: bool,
}

impl Read {
    /// What is shown of a read; `None` for one without a verdict, which is never signed.
    pub(crate) fn new(read: review::Read) -> Option<Self> {
        Some(Self {
            id: read.id.to_string().into(),
            verdict: read.content.verdict?.into(),
            findings: read.content.findings.into_iter().map(Finding::from).collect(),
            regions: read.content.regions.into_iter().map(RegionDisposition::from).collect(),
            comment: read.content.comment,
            is_final: read.is_final,
            signature: Signature {
                printed_name: read.signature.printed_name,
                signed_at: read.signature.signed_at,
                meaning: read.signature.meaning,
                case_digest: read.signature.case_digest.to_string(),
                content_digest: read.signature.content_digest.to_string(),
                personal_key: read.signature.personal_key.map(PersonalKey::from),
            },
            addenda: read.addenda.into_iter().map(Addendum::from).collect(),
            is_confirmation: read.content.confirms.is_some(),
        })
    }
}

#[derive(InputObject)]
pub(crate) struct FindingInput {
    id: Option<ID>,
    kind: FindingKind,
    severity: Severity,
    /// Patient coordinates (LPS), mm.
    centre_mm: Option<Vec<f64>>,
    diameter_mm: Option<f64>,
    comment: Option<String>,
}

#[derive(InputObject)]
pub(crate) struct RegionDispositionInput {
    region: u32,
    disposition: Disposition,
}

/// The parts of a read as a mutation's input brings them.
pub(crate) struct Typed {
    pub(crate) verdict: Option<Verdict>,
    pub(crate) findings: Option<Vec<FindingInput>>,
    pub(crate) regions: Option<Vec<RegionDispositionInput>>,
    pub(crate) comment: Option<String>,
}

impl TryFrom<Typed> for review::ReadContent {
    type Error = Refusal;

    fn try_from(typed: Typed) -> Result<Self, Refusal> {
        let findings = typed.findings.unwrap_or_default().into_iter().map(review::Finding::try_from);
        let region = |region: RegionDispositionInput| review::RegionDisposition {
            region: region.region,
            disposition: region.disposition.into(),
        };
        Ok(Self {
            verdict: typed.verdict.map(review::Verdict::from),
            findings: findings.collect::<Result<_, _>>()?,
            regions: typed.regions.unwrap_or_default().into_iter().map(region).collect(),
            comment: typed.comment.unwrap_or_default(),
            viewing: None,
            confirms: None,
        })
    }
}

impl TryFrom<FindingInput> for review::Finding {
    type Error = Refusal;

    fn try_from(finding: FindingInput) -> Result<Self, Refusal> {
        let malformed = |what: &str| {
            Refusal::new("finding_malformed", format!("a finding has {what}"), "mark the finding anew")
        };
        let id = finding.id.map(|id| id.parse().map_err(|_| malformed("an id of another kind")));
        let centre_mm = finding.centre_mm.map(|centre| {
            <[f64; 3]>::try_from(centre).map_err(|_| malformed("a centre without three numbers"))
        });
        Ok(Self {
            id: id.transpose()?,
            kind: finding.kind.into(),
            severity: finding.severity.into(),
            centre_mm: centre_mm.transpose()?,
            diameter_mm: finding.diameter_mm,
            comment: finding.comment.unwrap_or_default(),
        })
    }
}
