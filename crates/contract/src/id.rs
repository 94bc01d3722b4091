//! Typed ids: a prefix and 128 random bits in base32. They tell neither time nor sequence, so an id that leaks
//! says nothing about when or in which order things happened.

use rand::{Rng, RngExt as _};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
const CHARS: usize = 26;

/// Text that is not an id of the expected kind.
#[derive(Debug, thiserror::Error)]
#[error("'{text}' is not an id of the form {prefix}_<26 base32 characters>")]
pub struct ParseIdError {
    prefix: &'static str,
    text: String,
}

fn encode(prefix: &str, mut bits: u128) -> String {
    let mut text = String::with_capacity(prefix.len() + 1 + CHARS);
    text.push_str(prefix);
    text.push('_');
    for _ in 0..CHARS {
        text.push(char::from(ALPHABET[(bits & 31) as usize]));
        bits >>= 5;
    }
    text
}

fn parse(prefix: &'static str, text: &str) -> Result<String, ParseIdError> {
    let well_formed = text
        .strip_prefix(prefix)
        .and_then(|rest| rest.strip_prefix('_'))
        .is_some_and(|body| body.len() == CHARS && body.bytes().all(|b| ALPHABET.contains(&b)));
    if well_formed {
        Ok(text.to_owned())
    } else {
        Err(ParseIdError { prefix, text: text.chars().take(64).collect() })
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// What every id of this kind starts with.
            pub const PREFIX: &'static str = $prefix;

            /// Draws a new id.
            pub fn random(rng: &mut impl Rng) -> Self {
                Self(encode($prefix, rng.random::<u128>()))
            }

            /// The id that belongs to `bits`: for ids which must be the same however often they are made.
            pub fn from_bits(bits: u128) -> Self {
                Self(encode($prefix, bits))
            }

            /// The id as text, as it stands in databases, URLs and messages.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                parse($prefix, text).map(Self)
            }
        }

        impl TryFrom<String> for $name {
            type Error = ParseIdError;

            fn try_from(text: String) -> Result<Self, ParseIdError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }
    )*};
}

ids! {
    /// A study as intake knows it; the Study Instance UID is an attribute of it.
    StudyId = "study";
    /// A received series.
    SeriesId = "series";
    /// Received bytes that could not be used, kept for a person.
    QuarantineId = "quarantine";
    /// One version of a model: it can never change.
    ModelVersionId = "model";
    /// A model version for one use at one site, with a stage of its own.
    DeploymentId = "deployment";
    /// A site with its scanners.
    SiteId = "site";
    /// A proposed promotion of a deployment.
    ProposalId = "proposal";
    /// A proposal of other rules.
    RulesProposalId = "rules";
    /// Something that a stop rule told.
    AlarmId = "alarm";
    /// Whether what was released before a stop must be taken back.
    RecallEvaluationId = "evaluation";
    /// A challenger beside the champion, read under a declared plan.
    ComparisonId = "comparison";
    /// Two AI images of one original that are compared.
    PairId = "pair";
    /// One application of a model version to one set of source instances.
    RunId = "run";
    /// What a worker is asked to do; all attempts of a run share it.
    JobId = "job";
    /// The review of one run's output.
    CaseId = "case";
    /// One reader's hold on a slot of a case.
    LeaseId = "lease";
    /// One signed read.
    ReadId = "read";
    /// One marked finding.
    FindingId = "finding";
    /// A wish to take every release of a selection back.
    RecallCampaignId = "campaign";
    /// A conversation about a case that is over, from which people learn.
    DiscussionId = "discussion";
    /// Images of a case that was discussed, without whose they are, for teaching.
    TeachingSetId = "teaching";
    /// One delivery's way back: what a destination is told when a release is recalled.
    RejectionNoteId = "note";
    /// One signature.
    SignatureId = "signature";
    /// That somebody may read a modality for a use.
    CredentialId = "credential";
    /// That somebody is too close to something to read it.
    ConflictId = "conflict";
    /// What delivery may send.
    ReleaseId = "release";
    /// The delivery of one release to one destination.
    SendId = "send";
    /// Where releases are sent.
    DestinationId = "destination";
    /// A person with an account.
    UserId = "user";
    /// One signed-in browser.
    LoginSessionId = "login";
    /// Somebody's wish that personal content of the ledger be erased.
    ErasureId = "erasure";
    /// One event, and the ledger entry about it.
    EventId = "event";
    /// One HTTP request, from the door to the last service.
    RequestId = "request";
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    #[test]
    fn an_id_survives_text() {
        let id = CaseId::random(&mut rand::rngs::SmallRng::seed_from_u64(1));
        assert_eq!(id.as_str().parse::<CaseId>().unwrap(), id);
        assert!(id.as_str().starts_with("case_"));
    }

    #[test]
    fn an_id_of_another_kind_is_refused() {
        let id = RunId::from_bits(7);
        assert!(id.as_str().parse::<CaseId>().is_err());
        assert!("case_../../etc/passwd".parse::<CaseId>().is_err());
    }
}
