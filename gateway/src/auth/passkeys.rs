//! Passkeys: keys of their own with which people sign, if they want to (WebAuthn Level 2).
//!
//! What a passkey signs is a challenge that derives from the digests of what is read and of what is said of it, so that
//! the assertion, which is kept with the signature, says by itself what its maker signed.

use super::Viewer;
use crate::error::Error;
use crate::store::{self, By, Passkey};
use crate::users;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64_URL;
use chrono::TimeDelta;
use contract::review::{PersonalKey, challenge};
use contract::{Digest, Refusal, RequestId};
use database::DatabaseConnection;
use platform::{Clock, Random};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;
use webauthn_rs::prelude::{
    COSEKey, COSEKeyType, ECDSACurve, EDDSACurve, PasskeyAuthentication, PasskeyRegistration,
    PublicKeyCredential, RegisterPublicKeyCredential, Url, Uuid, WebauthnError,
};
use webauthn_rs::{Webauthn, WebauthnBuilder};

/// How long a challenge may be answered.
const CHALLENGE_LIFETIME: TimeDelta = TimeDelta::minutes(2);
/// The most keys of one person.
const PASSKEYS_MAX: usize = 10;
/// The longest name of a key, characters.
const NAME_CHARS_MAX: usize = 60;
/// The longest answer of an authenticator, bytes.
const ANSWER_BYTES_MAX: usize = 16 * 1024;

/// What is signed, as digests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Over {
    /// Over the instances that the browser received and displayed.
    pub(crate) case_digest: Digest,
    /// Over the canonical JSON of what the reader says.
    pub(crate) content_digest: Digest,
}

/// What a login session was challenged with.
#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Ceremony {
    Registration { state: PasskeyRegistration, origin: Url },
    Signature { state: PasskeyAuthentication, origin: Url, nonce: String, over: Over },
}

/// Registers passkeys, and has people sign with them.
pub(crate) struct Passkeys {
    db: DatabaseConnection,
    clock: Arc<dyn Clock>,
    random: Random,
}

impl Passkeys {
    pub(crate) fn new(db: DatabaseConnection, clock: Arc<dyn Clock>, random: Random) -> Self {
        Self { db, clock, random }
    }

    /// The options for `navigator.credentials.create`, as JSON (WebAuthn, section 5.4).
    pub(crate) async fn registration(&self, viewer: &Viewer, origin: Url) -> Result<String, Error> {
        let known = store::passkey_list(&self.db, &viewer.user).await?;
        if known.len() >= PASSKEYS_MAX {
            return Err(too_many_passkeys().into());
        }
        let known = known.iter().map(|passkey| passkey.credential.cred_id().clone()).collect();
        let owner = Uuid::from_u128(Digest::of(viewer.user.as_str().as_bytes()).leading_bits());
        let (options, state) = party(&origin)?
            .start_passkey_registration(owner, &viewer.username, &viewer.printed_name, Some(known))
            .map_err(|error| refused(&error))?;
        self.keep(viewer, &Ceremony::Registration { state, origin }).await?;
        Ok(json!(options)["publicKey"].to_string())
    }

    /// Registers what an authenticator made. Its owner has just proved who they are.
    ///
    /// # Errors
    /// A refusal when nobody was challenged, or the answer is not the answer to the challenge.
    pub(crate) async fn register(
        &self,
        viewer: &Viewer,
        (name, answer): (&str, &str),
        request: RequestId,
    ) -> Result<Passkey, Error> {
        let name = name.trim();
        if name.is_empty() || name.chars().count() > NAME_CHARS_MAX {
            return Err(name_missing().into());
        }
        let answer: RegisterPublicKeyCredential = parsed(answer)?;
        let now = self.clock.now();
        let taken = store::ceremony_take(&self.db, &viewer.login, now).await?;
        let Some(Ceremony::Registration { state, origin }) = taken else {
            return Err(not_challenged().into());
        };
        let credential =
            party(&origin)?.finish_passkey_registration(&answer, &state).map_err(|error| refused(&error))?;
        let new = Passkey {
            id: Digest::of(credential.cred_id()),
            name: name.to_owned(),
            credential,
            registered_at: now,
            last_used_at: None,
        };
        let by = By { actor: viewer.actor(), at: now, reason: String::new(), request: Some(request) };
        let owner = self.owner(viewer).await?;
        match store::passkey_insert(&self.db, &self.random, owner, new.clone(), by).await {
            Ok(true) => Ok(new),
            Ok(false) => Err(users::overtaken().into()),
            Err(error) if error.is_unique_violation() => Err(known_already().into()),
            Err(error) => Err(error.into()),
        }
    }

    /// Revokes a key of the viewer's own.
    pub(crate) async fn revoke(
        &self,
        viewer: &Viewer,
        id: Digest,
        request: RequestId,
    ) -> Result<Vec<Passkey>, Error> {
        let by =
            By { actor: viewer.actor(), at: self.clock.now(), reason: String::new(), request: Some(request) };
        let owner = self.owner(viewer).await?;
        if !store::passkey_revoke(&self.db, &self.random, owner, id, by).await? {
            return Err(Refusal::not_found().into());
        }
        self.list(viewer).await
    }

    /// The viewer's own keys.
    pub(crate) async fn list(&self, viewer: &Viewer) -> Result<Vec<Passkey>, Error> {
        Ok(store::passkey_list(&self.db, &viewer.user).await?)
    }

    /// The options for `navigator.credentials.get`, as JSON (WebAuthn, section 5.5), with a challenge over what is signed.
    pub(crate) async fn challenge(&self, viewer: &Viewer, over: Over, origin: Url) -> Result<String, Error> {
        let known = store::passkey_list(&self.db, &viewer.user).await?;
        let known: Vec<_> = known.into_iter().map(|passkey| passkey.credential).collect();
        if known.is_empty() {
            return Err(no_passkey().into());
        }
        let (mut options, state) =
            party(&origin)?.start_passkey_authentication(&known).map_err(|error| refused(&error))?;
        let nonce = self.random.with(RequestId::random).to_string();
        let challenge = challenge(&nonce, &over.case_digest, &over.content_digest).as_bytes().to_vec();
        let state = challenged_with(&state, &challenge);
        options.public_key.challenge = challenge;
        self.keep(viewer, &Ceremony::Signature { state, origin, nonce, over }).await?;
        Ok(json!(options)["publicKey"].to_string())
    }

    /// Checks that one of the viewer's keys signed exactly `over`, and gives what shows it.
    ///
    /// # Errors
    /// A refusal when nobody was challenged, or with something else, or the answer is not one of the viewer's keys'.
    pub(crate) async fn check(
        &self,
        viewer: &Viewer,
        over: Over,
        answer: &str,
    ) -> Result<PersonalKey, Error> {
        let answer: PublicKeyCredential = parsed(answer)?;
        let now = self.clock.now();
        let taken = store::ceremony_take(&self.db, &viewer.login, now).await?;
        let Some(Ceremony::Signature { state, origin, nonce, over: challenged }) = taken else {
            return Err(not_challenged().into());
        };
        if challenged != over {
            return Err(other_content().into());
        }
        let result = party(&origin)?
            .finish_passkey_authentication(&answer, &state)
            .map_err(|error| refused(&error))?;
        // It may have been revoked since the challenge.
        let known = store::passkey_list(&self.db, &viewer.user).await?;
        let mut used = known
            .into_iter()
            .find(|passkey| passkey.credential.cred_id() == result.cred_id())
            .ok_or_else(no_passkey)?;
        used.credential.update_credential(&result);
        store::passkey_used(&self.db, &used, now).await?;
        Ok(PersonalKey {
            credential: BASE64_URL.encode(&answer.raw_id),
            public_key: web_key(used.credential.get_public_key()),
            nonce,
            client_data: BASE64_URL.encode(&answer.response.client_data_json),
            authenticator_data: BASE64_URL.encode(&answer.response.authenticator_data),
            signature: BASE64_URL.encode(&answer.response.signature),
        })
    }

    /// Forgets challenges that nobody answered.
    pub(crate) async fn sweep(&self) -> Result<(), Error> {
        Ok(store::ceremonies_forget(&self.db, self.clock.now()).await?)
    }

    async fn keep(&self, viewer: &Viewer, ceremony: &Ceremony) -> Result<(), Error> {
        let expires_at = self.clock.now() + CHALLENGE_LIFETIME;
        Ok(store::ceremony_keep(&self.db, &viewer.login, ceremony, expires_at).await?)
    }

    async fn owner(&self, viewer: &Viewer) -> Result<store::Account, Error> {
        let account = store::account_by_username(&self.db, &viewer.username).await?;
        account.filter(|account| account.id == viewer.user).ok_or_else(|| Refusal::not_found().into())
    }
}

/// The relying party of the page's origin. Browsers give passkeys to names, not to addresses.
fn party(origin: &Url) -> Result<Webauthn, Refusal> {
    let name = origin.domain().ok_or_else(no_name)?;
    let party = WebauthnBuilder::new(name, origin).map_err(|_| no_name())?;
    party.rp_name("Countersign").build().map_err(|_| no_name())
}

/// The library draws challenges at random. Ours says what is signed and is as little to be foreseen: it is put in the
/// place of the drawn one, in the state that the library lets callers write down.
fn challenged_with(state: &PasskeyAuthentication, challenge: &[u8]) -> PasskeyAuthentication {
    let mut written = serde_json::to_value(state).expect("the state is plain data");
    written["ast"]["challenge"] = BASE64_URL.encode(challenge).into();
    serde_json::from_value(written).expect("the state has the same form as before")
}

/// A public key as a JSON Web Key (RFC 7517; RFC 8037 for Ed25519).
fn web_key(key: &COSEKey) -> String {
    let text = |bytes: &[u8]| BASE64_URL.encode(bytes);
    let key: Value = match &key.key {
        COSEKeyType::EC_EC2(key) => {
            let curve = match key.curve {
                ECDSACurve::SECP256R1 => "P-256",
                ECDSACurve::SECP384R1 => "P-384",
                ECDSACurve::SECP521R1 => "P-521",
            };
            json!({ "kty": "EC", "crv": curve, "x": text(&key.x), "y": text(&key.y) })
        }
        COSEKeyType::EC_OKP(key) => {
            let curve = match key.curve {
                EDDSACurve::ED25519 => "Ed25519",
                EDDSACurve::ED448 => "Ed448",
            };
            json!({ "kty": "OKP", "crv": curve, "x": text(&key.x) })
        }
        COSEKeyType::RSA(key) => json!({ "kty": "RSA", "n": text(&key.n), "e": text(&key.e) }),
    };
    key.to_string()
}

fn parsed<T: serde::de::DeserializeOwned>(answer: &str) -> Result<T, Refusal> {
    if answer.len() > ANSWER_BYTES_MAX {
        return Err(malformed());
    }
    serde_json::from_str(answer).map_err(|_| malformed())
}

fn refused(error: &WebauthnError) -> Refusal {
    tracing::warn!(event = "passkey.refused", error = %error, "an authenticator's answer was refused");
    Refusal::new(
        "passkey_refused",
        "the passkey's answer does not hold",
        "try again, or sign with your password",
    )
}

fn malformed() -> Refusal {
    Refusal::new("passkey_malformed", "the passkey's answer can't be read", "try again, or use your password")
}

fn not_challenged() -> Refusal {
    Refusal::new(
        "passkey_not_challenged",
        "the passkey was asked too long ago, or its answer was used before",
        "try again",
    )
}

fn other_content() -> Refusal {
    Refusal::new(
        "passkey_other_content",
        "the passkey signed something else than what is sent",
        "sign again: nothing was recorded",
    )
}

fn no_passkey() -> Refusal {
    Refusal::new(
        "no_passkey",
        "this passkey is not one of yours that may sign",
        "register one on your account's page, or sign with your password",
    )
}

fn known_already() -> Refusal {
    Refusal::new("passkey_known", "this passkey is registered already", "nothing has to be done")
}

fn too_many_passkeys() -> Refusal {
    Refusal::new(
        "too_many_passkeys",
        format!("you have {PASSKEYS_MAX} passkeys, and more can't be registered"),
        "revoke one that you no longer use",
    )
}

fn name_missing() -> Refusal {
    Refusal::new(
        "passkey_name",
        format!("a passkey has a name of 1 to {NAME_CHARS_MAX} characters"),
        "call it by the device that holds it",
    )
}

fn no_name() -> Refusal {
    Refusal::new(
        "passkey_origin",
        "browsers give passkeys only to pages under a host name",
        "open the page by its name instead of by an address, and have gateway.public_origin set",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passkeys_belong_to_names_and_not_to_addresses() {
        let of = |origin: &str| party(&origin.parse().unwrap()).map(drop).map_err(|refusal| refusal.code);
        assert_eq!(of("https://countersign.example.org"), Ok(()));
        assert_eq!(of("http://localhost:8080"), Ok(()));
        assert_eq!(of("http://127.0.0.1:8080"), Err("passkey_origin".to_owned()));
    }

    #[test]
    fn hostile_answers_are_refused() {
        for answer in ["", "{}", "[]", "null", "{\"id\":1}", &"x".repeat(ANSWER_BYTES_MAX + 1)] {
            assert_eq!(parsed::<PublicKeyCredential>(answer).unwrap_err().code, "passkey_malformed");
            assert_eq!(parsed::<RegisterPublicKeyCredential>(answer).unwrap_err().code, "passkey_malformed");
        }
    }
}
