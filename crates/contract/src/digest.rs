//! SHA-256 digests, and the case digest that is signed.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::str::FromStr;

/// A SHA-256 digest; as text, 64 lower-case hexadecimal characters.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest([u8; 32]);

/// Text that is not a SHA-256 digest.
#[derive(Debug, thiserror::Error)]
#[error("'{0}' is not a SHA-256 digest of 64 hexadecimal characters")]
pub struct ParseDigestError(String);

impl Digest {
    /// The digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Wraps a digest that was computed elsewhere, for instance over a stream.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The first 128 bits, for ids which must be the same however often they are made.
    pub fn leading_bits(&self) -> u128 {
        let (head, _) = self.0.split_at(16);
        u128::from_be_bytes(head.try_into().expect("half of 32 bytes is 16"))
    }
}

/// The digest a reader signs (design rule 4): SHA-256 over the lines `SOPInstanceUID digest\n`, sorted, of the
/// derived images, the uncertainty maps and the source instances.
pub fn case_digest<'a>(instances: impl IntoIterator<Item = (&'a str, Digest)>) -> Digest {
    let mut lines: Vec<String> =
        instances.into_iter().map(|(uid, digest)| format!("{uid} {digest}\n")).collect();
    lines.sort_unstable();
    Digest::of(lines.concat().as_bytes())
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Digest {
    type Err = ParseDigestError;

    fn from_str(text: &str) -> Result<Self, ParseDigestError> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes)
            .map_err(|_| ParseDigestError(text.chars().take(64).collect()))?;
        Ok(Self(bytes))
    }
}

impl TryFrom<String> for Digest {
    type Error = ParseDigestError;

    fn try_from(text: String) -> Result<Self, ParseDigestError> {
        text.parse()
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> String {
        digest.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_case_digest_does_not_depend_on_the_order_of_instances() {
        let (a, b) = (Digest::of(b"a"), Digest::of(b"b"));
        assert_eq!(case_digest([("1.2", a), ("1.3", b)]), case_digest([("1.3", b), ("1.2", a)]));
        assert_ne!(case_digest([("1.2", a), ("1.3", b)]), case_digest([("1.2", b), ("1.3", a)]));
    }

    #[test]
    fn the_empty_digest_is_the_published_one() {
        // `printf '' | sha256sum`
        let expected = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(Digest::of(b"").to_string(), expected);
    }
}
