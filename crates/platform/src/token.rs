//! Actor tokens: who acts, minted for one audience and a few minutes (design rule 9).
//!
//! The gateway mints tokens for people; a service mints tokens for itself only. Both are EdDSA JWTs; the
//! verifier takes no other algorithm, requires every claim, and looks the key up by issuer among the names it
//! knows, never by anything else the token says.

use crate::keys::{self, KeyError};
use crate::{Clock, Random, telemetry};
use chrono::TimeDelta;
use contract::client::TokenSource;
use contract::{Actor, RequestId, Time};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Who may issue tokens at all.
const ISSUERS: [&str; 7] = ["gateway", "intake", "rollout", "generation", "review", "delivery", "audit"];
/// The issuer of people's tokens.
const DOOR: &str = "gateway";
const LIFETIME: TimeDelta = TimeDelta::minutes(5);
const SIGNING_LIFETIME: TimeDelta = TimeDelta::seconds(60);
/// How far two machines' clocks may differ.
const LEEWAY: TimeDelta = TimeDelta::seconds(5);

/// What a signing token says besides who acts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SigningClaims {
    /// When the person last proved who they are.
    pub auth_time: Time,
    /// The components used, as in RFC 8176: `pwd`, `hwk`…
    pub amr: Vec<String>,
    /// The id of what is signed: a case or a proposal.
    pub subject: String,
    /// Used once: the signing service keeps it under a unique key.
    pub nonce: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: String,
    iat: i64,
    nbf: i64,
    exp: i64,
    jti: RequestId,
    actor: Actor,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    signing: Option<SigningClaims>,
}

/// What a verified token says.
#[derive(Debug, Clone)]
pub struct Verified {
    /// Who acts.
    pub actor: Actor,
    /// The request at the door that this belongs to.
    pub request: RequestId,
    /// Present in a signing token.
    pub signing: Option<SigningClaims>,
}

/// Mints tokens with one service's key.
#[derive(Clone)]
pub struct TokenIssuer {
    name: &'static str,
    key: Arc<EncodingKey>,
    clock: Arc<dyn Clock>,
    random: Random,
}

impl TokenIssuer {
    /// Loads or makes the key of the service `name` below `keys_dir`.
    ///
    /// # Errors
    /// When the key file can't be used.
    pub fn open(
        keys_dir: &Path,
        name: &'static str,
        clock: Arc<dyn Clock>,
        random: Random,
    ) -> Result<Self, KeyError> {
        use ed25519_dalek::pkcs8::EncodePrivateKey as _;
        let key = keys::load_or_generate(keys_dir, name, &random)?;
        let content = || KeyError::Content { path: keys_dir.join(format!("{name}.key")) };
        let der = key.to_pkcs8_der().map_err(|_| content())?;
        let key = Arc::new(EncodingKey::from_ed_der(der.as_bytes()));
        Ok(Self { name, key, clock, random })
    }

    /// Tokens by which the service acts as itself.
    pub fn as_service(&self) -> Arc<dyn TokenSource> {
        let actor = Actor::service(self.name);
        Arc::new(Acting { issuer: self.clone(), actor, request: None, signing: None })
    }

    /// Tokens by which the gateway acts on behalf of `actor` within one request.
    pub fn on_behalf_of(&self, actor: Actor, request: RequestId) -> Arc<dyn TokenSource> {
        Arc::new(Acting { issuer: self.clone(), actor, request: Some(request), signing: None })
    }

    /// Tokens of 60 s by which a person signs.
    pub fn signing(&self, actor: Actor, request: RequestId, claims: SigningClaims) -> Arc<dyn TokenSource> {
        Arc::new(Acting { issuer: self.clone(), actor, request: Some(request), signing: Some(claims) })
    }

    fn mint(&self, audience: &str, acting: &Acting) -> String {
        let now = self.clock.now();
        let lifetime = if acting.signing.is_some() { SIGNING_LIFETIME } else { LIFETIME };
        let claims = Claims {
            iss: self.name.to_owned(),
            sub: subject(&acting.actor),
            aud: audience.to_owned(),
            iat: now.timestamp(),
            nbf: now.timestamp(),
            exp: (now + lifetime).timestamp(),
            jti: acting.request.clone().unwrap_or_else(|| self.random.with(RequestId::random)),
            actor: acting.actor.clone(),
            signing: acting.signing.clone(),
        };
        jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), &claims, &self.key)
            .expect("claims are plain JSON and the key is an Ed25519 key")
    }
}

struct Acting {
    issuer: TokenIssuer,
    actor: Actor,
    request: Option<RequestId>,
    signing: Option<SigningClaims>,
}

impl TokenSource for Acting {
    fn bearer(&self, audience: &str) -> String {
        self.issuer.mint(audience, self)
    }

    fn traceparent(&self) -> Option<String> {
        telemetry::traceparent()
    }
}

fn subject(actor: &Actor) -> String {
    match actor {
        Actor::Person { user, .. } => user.to_string(),
        Actor::Service { name } => format!("service:{name}"),
        Actor::Operator => "operator".to_owned(),
        Actor::Device { .. } => "device".to_owned(),
        Actor::Anonymous => "anonymous".to_owned(),
    }
}

/// Why a token does not count. What is wrong goes to the log, never to the caller.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// Not a token, of another algorithm, altered, or for somebody else.
    #[error("the token is not valid here")]
    Invalid(#[source] jsonwebtoken::errors::Error),
    /// An issuer that nobody knows, or without a public key.
    #[error("the token's issuer is not known")]
    Issuer,
    /// Not yet, or no longer.
    #[error("the token is not valid at this time")]
    Time,
    /// A service claims to be somebody else.
    #[error("the token's issuer may not speak for its actor")]
    Actor,
}

/// Verifies tokens addressed to one service.
pub struct TokenVerifier {
    audience: &'static str,
    keys_dir: PathBuf,
    clock: Arc<dyn Clock>,
    keys: Mutex<HashMap<&'static str, Arc<DecodingKey>>>,
}

impl TokenVerifier {
    /// Verifies with the public keys below `keys_dir`, each read when it is first needed.
    pub fn open(keys_dir: &Path, audience: &'static str, clock: Arc<dyn Clock>) -> Self {
        Self { audience, keys_dir: keys_dir.to_path_buf(), clock, keys: Mutex::default() }
    }

    /// Verifies a token.
    ///
    /// # Errors
    /// [`TokenError`], for the log only.
    pub fn verify(&self, token: &str) -> Result<Verified, TokenError> {
        let issuer = Self::issuer_of(token)?;
        let key = self.key(issuer)?;
        let mut rules = Validation::new(Algorithm::EdDSA);
        rules.set_audience(&[self.audience]);
        rules.set_issuer(&[issuer]);
        rules.set_required_spec_claims(&["iss", "sub", "aud", "exp", "nbf"]);
        // Checked below against our own clock.
        rules.validate_exp = false;
        let claims = jsonwebtoken::decode::<Claims>(token, &key, &rules).map_err(TokenError::Invalid)?.claims;
        let now = self.clock.now();
        let from = now + LEEWAY;
        let until = now - LEEWAY;
        if claims.nbf > from.timestamp() || claims.exp < until.timestamp() {
            return Err(TokenError::Time);
        }
        let speaks_for_itself = claims.actor.service_name() == Some(issuer);
        if !(issuer == DOOR || speaks_for_itself) || claims.sub != subject(&claims.actor) {
            return Err(TokenError::Actor);
        }
        Ok(Verified { actor: claims.actor, request: claims.jti, signing: claims.signing })
    }

    /// The issuer that the token names, read before any signature is checked and used only to choose a key.
    fn issuer_of(token: &str) -> Result<&'static str, TokenError> {
        #[derive(Deserialize)]
        struct Named {
            iss: String,
        }
        use base64::Engine as _;
        let payload = token.split('.').nth(1).ok_or(TokenError::Issuer)?;
        let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD
            .decode(payload)
            .map_err(|_| TokenError::Issuer)?;
        let named: Named = serde_json::from_slice(&bytes).map_err(|_| TokenError::Issuer)?;
        ISSUERS.into_iter().find(|known| *known == named.iss).ok_or(TokenError::Issuer)
    }

    fn key(&self, issuer: &'static str) -> Result<Arc<DecodingKey>, TokenError> {
        if let Some(key) = self.keys.lock().get(issuer) {
            return Ok(Arc::clone(key));
        }
        let pem =
            std::fs::read(self.keys_dir.join(format!("{issuer}.pub"))).map_err(|_| TokenError::Issuer)?;
        let key = Arc::new(DecodingKey::from_ed_pem(&pem).map_err(TokenError::Invalid)?);
        self.keys.lock().insert(issuer, Arc::clone(&key));
        Ok(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ManualClock;

    struct Fixture {
        dir: tempfile::TempDir,
        clock: Arc<ManualClock>,
    }

    impl Fixture {
        fn new() -> Self {
            let now = "2026-11-25T08:00:00Z".parse().unwrap();
            Self { dir: tempfile::tempdir().unwrap(), clock: Arc::new(ManualClock::new(now)) }
        }

        fn issuer(&self, name: &'static str) -> TokenIssuer {
            TokenIssuer::open(self.dir.path(), name, self.clock.clone(), Random::seeded(3)).unwrap()
        }

        fn review(&self) -> TokenVerifier {
            TokenVerifier::open(self.dir.path(), "review", self.clock.clone())
        }
    }

    fn reader() -> Actor {
        Actor::Person {
            user: contract::UserId::from_bits(1),
            username: "rad1".into(),
            printed_name: "Reader One".into(),
            roles: vec![contract::Role::Radiologist],
            login: contract::LoginSessionId::from_bits(2),
        }
    }

    #[test]
    fn the_gateway_speaks_for_people() {
        let fixture = Fixture::new();
        let tokens = fixture.issuer("gateway").on_behalf_of(reader(), RequestId::from_bits(9));
        let verified = fixture.review().verify(&tokens.bearer("review")).unwrap();
        assert_eq!(verified.actor, reader());
        assert_eq!(verified.request, RequestId::from_bits(9));
    }

    #[test]
    fn a_service_cannot_speak_for_people() {
        let fixture = Fixture::new();
        let tokens = fixture.issuer("generation").on_behalf_of(reader(), RequestId::from_bits(9));
        let refused = fixture.review().verify(&tokens.bearer("review"));
        assert!(matches!(refused, Err(TokenError::Actor)));
    }

    #[test]
    fn a_token_for_another_audience_is_refused() {
        let fixture = Fixture::new();
        let tokens = fixture.issuer("intake").as_service();
        let refused = fixture.review().verify(&tokens.bearer("rollout"));
        assert!(matches!(refused, Err(TokenError::Invalid(_))));
    }

    #[test]
    fn a_token_ends_after_five_minutes_and_a_signing_token_after_one() {
        let fixture = Fixture::new();
        let claims = SigningClaims {
            auth_time: fixture.clock.now(),
            amr: vec!["pwd".into()],
            subject: "case".into(),
            nonce: "n".into(),
        };
        let gateway = fixture.issuer("gateway");
        let plain = gateway.on_behalf_of(reader(), RequestId::from_bits(1)).bearer("review");
        let signing = gateway.signing(reader(), RequestId::from_bits(1), claims).bearer("review");
        fixture.clock.advance(TimeDelta::seconds(70));
        assert!(fixture.review().verify(&plain).is_ok());
        assert!(matches!(fixture.review().verify(&signing), Err(TokenError::Time)));
        fixture.clock.advance(TimeDelta::minutes(5));
        assert!(matches!(fixture.review().verify(&plain), Err(TokenError::Time)));
    }

    #[test]
    fn a_token_without_signature_or_of_another_algorithm_is_refused() {
        let fixture = Fixture::new();
        let token = fixture.issuer("gateway").as_service().bearer("review");
        let payload = token.split('.').nth(1).unwrap();
        for header in ["eyJhbGciOiJub25lIn0", "eyJhbGciOiJIUzI1NiJ9"] {
            assert!(fixture.review().verify(&format!("{header}.{payload}.")).is_err());
        }
        assert!(fixture.review().verify("").is_err());
    }
}
