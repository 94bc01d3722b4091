//! Signatures over reads, and what may be said after one.

use super::ReadContent;
use crate::{Digest, ReadId, SignatureId, Time, UserId};
use serde::{Deserialize, Serialize};

/// A signature (21 CFR 11.50 and 11.70, technical controls).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Signature {
    /// The signature.
    pub id: SignatureId,
    /// The account.
    pub signer: UserId,
    /// The name as printed when signing.
    pub printed_name: String,
    /// Server's UTC time.
    pub signed_at: Time,
    /// What signing meant: the statement that was shown.
    pub meaning: String,
    /// Digest over the instances that were seen.
    pub case_digest: Digest,
    /// Digest of the canonical JSON of the content.
    pub content_digest: Digest,
    /// The components by which the signer proved who they are.
    pub authentication: Vec<String>,
    /// Whether a display with a current GSDF check was registered; if not the read is marked so.
    pub calibrated_display: bool,
    /// What the signer's own key says, where they signed with a passkey.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub personal_key: Option<PersonalKey>,
}

/// An assertion that a passkey made over exactly what is signed (WebAuthn Level 2, section 6.3.3): whoever has the public
/// key can check it without us. Bytes are base64url without padding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonalKey {
    /// The credential's id.
    pub credential: String,
    /// Its public key as a JSON Web Key (RFC 7517).
    pub public_key: String,
    /// What the server drew for this signature; the challenge derives from it, see [`challenge`].
    pub nonce: String,
    /// `clientDataJSON`.
    pub client_data: String,
    /// `authenticatorData`.
    pub authenticator_data: String,
    /// `signature`, over the authenticator's data and the SHA-256 of the client's.
    pub signature: String,
}

/// The challenge over which a passkey signs a read: the SHA-256 of these lines.
pub fn challenge(nonce: &str, case_digest: &Digest, content_digest: &Digest) -> Digest {
    Digest::of(format!("countersign signature\n{nonce}\n{case_digest}\n{content_digest}\n").as_bytes())
}

/// Signs a read. The caller's token must be a signing token for this case.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SignRead {
    /// What is signed.
    pub content: ReadContent,
    /// The digest over the instances that the browser received and displayed.
    pub case_digest: Digest,
    /// The assertion of the signer's passkey, which the gateway has checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub personal_key: Option<PersonalKey>,
}

/// Signs once more what the caller signed of the same images before the study's identity was corrected (clinical
/// decision 12). The caller's token must be a signing token for the new case.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfirmRead {
    /// The former read.
    pub read: ReadId,
    /// The digest over the new case's instances that the browser received and displayed.
    pub case_digest: Digest,
    /// The assertion of the signer's passkey, which the gateway has checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub personal_key: Option<PersonalKey>,
}

/// The caller's own final read on a case whose place this one took because the study got another identity, where every
/// value of source and result is the same, at the same place.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Confirmable {
    /// The read.
    pub read: ReadId,
    /// When it was signed.
    pub signed_at: Time,
    /// What signing it once more signs: what was signed, and which read that was.
    pub content: ReadContent,
    /// Digest of the canonical JSON of the content.
    pub content_digest: Digest,
}

/// Where a reader stands to what they signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stance {
    /// The read stands, and something is added.
    Keeps,
    /// The reader would not sign it any more.
    Changes,
}

impl Stance {
    /// The stance as it stands in events and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Keeps => "keeps",
            Self::Changes => "changes",
        }
    }
}

/// The most addenda to one read.
pub const ADDENDA_MAX: usize = 20;

/// What a reader wrote after their read was final. It changes nothing of what was signed, and never brings a case nearer
/// to its release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Addendum {
    /// Where the reader stands.
    pub stance: Stance,
    /// In words.
    pub words: String,
    /// When.
    pub written_at: Time,
}

/// Writes an addendum to the caller's own final read.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WriteAddendum {
    /// Where the caller stands.
    pub stance: Stance,
    /// In words, 3 to 500 characters.
    pub words: String,
}
