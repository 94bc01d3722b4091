//! Passkeys at the door: a device of our own making registers and signs, and everything that isn't its answer to the
//! challenge is refused.

use crate::cases::{SIGN, WithStudy as _, signature};
use crate::commands::Command;
use crate::entries::Entry;
use crate::site::{Browser, PASSWORD, Site};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64_URL;
use chrono::TimeDelta;
use contract::event::{AccountChange, AccountChanged};
use contract::review::{PersonalKey, challenge};
use contract::{Digest, Event, Role};
use database::on_both_databases;
use database::scratch::Scratch;
use gateway::Config;
use p256::ecdsa::signature::{Signer as _, Verifier as _};
use p256::ecdsa::{DerSignature, SigningKey};
use serde_json::{Value, json};

on_both_databases! {
    a_passkey_signs_exactly_what_is_sent_and_what_it_says_is_kept,
    a_passkey_signs_nothing_else_and_nothing_twice,
    a_passkey_belongs_to_who_registered_it_until_it_is_revoked,
}

const ORIGIN: &str = "http://localhost:8443";
const START: &str = "mutation ($input: StartPasskeySignatureInput!) { startPasskeySignature(input: $input) {
    options refusal { code } } }";

/// The commands about passkeys; the tests here show what they leave in the ledger.
pub(crate) fn mutations() -> Vec<Command> {
    let case = contract::CaseId::from_bits(1);
    let start = json!({ "caseId": case, "verdict": "ACCEPT", "caseDigest": Digest::of(b"case") });
    let register = json!({ "name": "my key", "answer": "{}", "password": PASSWORD });
    let revoke = json!({ "passkeyId": Digest::of(b"a key") });
    let here = || Entry::None("a device answers: `passkeys.rs` shows what is told");
    vec![
        ("startPasskeyRegistration", (None, here())),
        ("registerPasskey", (Some(register), here())),
        ("startPasskeySignature", (Some(start), here())),
        ("revokePasskey", (Some(revoke), here())),
    ]
}

/// A device that holds one key.
struct Device {
    key: SigningKey,
    credential: Vec<u8>,
    count: u32,
}

impl Device {
    fn new(number: u8) -> Self {
        let key = SigningKey::from_slice(&[number; 32]).unwrap();
        Self { key, credential: vec![number; 16], count: 0 }
    }

    /// `authenticatorData` (WebAuthn, section 6.1): present and verified, with a counter.
    fn data(&mut self, flags: u8) -> Vec<u8> {
        self.count += 1;
        let mut data = Digest::of(b"localhost").as_bytes().to_vec();
        data.push(flags);
        data.extend(self.count.to_be_bytes());
        data
    }

    /// The answer to `navigator.credentials.create`, without attestation.
    fn makes(&mut self, options: &str) -> String {
        let client_data = client_data("webauthn.create", options, ORIGIN);
        let mut data = self.data(0x45);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.credential.len()).unwrap().to_be_bytes());
        data.extend(&self.credential);
        let point = self.key.verifying_key().to_sec1_point(false);
        // {1: 2, 3: -7, -1: 1, -2: x, -3: y} (RFC 9053, section 7.1)
        data.extend([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]);
        data.extend(point.x().unwrap());
        data.extend([0x22, 0x58, 0x20]);
        data.extend(point.y().unwrap());
        let mut attestation = vec![0xa3, 0x63];
        attestation.extend(b"fmt\x64none\x67attStmt\xa0\x68authData\x58");
        attestation.push(u8::try_from(data.len()).unwrap());
        attestation.extend(data);
        let response = json!({ "clientDataJSON": text(client_data.as_bytes()),
            "attestationObject": text(&attestation), "transports": ["internal"] });
        self.answer(&response)
    }

    /// The answer to `navigator.credentials.get`.
    fn signs(&mut self, options: &str) -> String {
        self.signs_on(options, ORIGIN)
    }

    fn signs_on(&mut self, options: &str, origin: &str) -> String {
        let client_data = client_data("webauthn.get", options, origin);
        let data = self.data(0x05);
        let signature: DerSignature = self.key.sign(&signed(&data, client_data.as_bytes()));
        let response = json!({ "clientDataJSON": text(client_data.as_bytes()),
            "authenticatorData": text(&data), "signature": text(signature.as_bytes()), "userHandle": null });
        self.answer(&response)
    }

    fn answer(&self, response: &Value) -> String {
        let id = text(&self.credential);
        json!({ "id": id, "rawId": id, "type": "public-key", "response": response,
            "clientExtensionResults": {} })
        .to_string()
    }
}

fn text(bytes: &[u8]) -> String {
    BASE64_URL.encode(bytes)
}

fn client_data(kind: &str, options: &str, origin: &str) -> String {
    let options: Value = serde_json::from_str(options).unwrap();
    json!({ "type": kind, "challenge": options["challenge"], "origin": origin, "crossOrigin": false })
        .to_string()
}

/// What a signature is over (WebAuthn, section 6.3.3).
fn signed(authenticator_data: &[u8], client_data: &[u8]) -> Vec<u8> {
    [authenticator_data, Digest::of(client_data).as_bytes()].concat()
}

async fn named_site(scratch: &Scratch) -> Site {
    let site =
        Site::open_with(scratch, Config { public_origin: ORIGIN.to_owned(), ..Config::default() }).await;
    site.has_cases(1);
    site
}

/// Asks as the page under its name does.
async fn asks(browser: &Browser<'_>, query: &str, input: &Value) -> Value {
    let body = json!({ "query": query, "variables": { "input": input } }).to_string();
    let headers = [("content-type", "application/json"), ("origin", ORIGIN)];
    let mut answer: Value = browser.sends(body, &headers).await.json().await.unwrap();
    assert_eq!(answer["errors"], Value::Null);
    answer["data"].take()
}

async fn registers(browser: &Browser<'_>, device: &mut Device) -> Value {
    let start = "mutation { startPasskeyRegistration { options refusal { code } } }";
    let started = asks(browser, start, &Value::Null).await;
    let options = started["startPasskeyRegistration"]["options"].as_str().unwrap().to_owned();
    let register = "mutation ($input: RegisterPasskeyInput!) { registerPasskey(input: $input) {
        passkey { id name } refusal { code } } }";
    let input = json!({ "name": "Ring", "answer": device.makes(&options), "password": PASSWORD });
    asks(browser, register, &input).await["registerPasskey"].take()
}

/// What is signed in these tests, without how.
fn read() -> Value {
    let mut input = signature(None, "")["input"].take();
    input.as_object_mut().unwrap().remove("password");
    input.as_object_mut().unwrap().remove("username");
    input
}

async fn challenged(browser: &Browser<'_>, input: &Value) -> Value {
    asks(browser, START, input).await["startPasskeySignature"].take()
}

async fn sends(browser: &Browser<'_>, answer: &str, name: Option<&str>) -> Value {
    let mut input = read();
    input["passkey"] = answer.into();
    input["username"] = name.into();
    asks(browser, SIGN, &input).await["signRead"].take()
}

async fn a_passkey_signs_exactly_what_is_sent_and_what_it_says_is_kept(scratch: Scratch) {
    let site = named_site(&scratch).await;
    let browser = site.reader().await;
    let mut device = Device::new(7);
    assert_eq!(challenged(&browser, &read()).await["refusal"]["code"], "no_passkey");
    let before = site.told_since(0).await.len();
    let passkey = registers(&browser, &mut device).await;
    assert_eq!(passkey["passkey"]["name"], "Ring", "{passkey}");
    let id = Digest::of(&device.credential);
    assert_eq!(passkey["passkey"]["id"], json!(id));
    let told = site.told_since(before).await;
    let registered = |event: &Event| {
        matches!(event, Event::AccountChanged(AccountChanged { change, .. })
            if *change == AccountChange::PasskeyAdded { passkey: id })
    };
    assert_eq!(told.iter().filter(|told| registered(&told.event)).count(), 1);

    let options = challenged(&browser, &read()).await["options"].as_str().unwrap().to_owned();
    let refused = sends(&browser, &device.signs(&options), None).await;
    assert_eq!(refused["refusal"]["code"], "first_signature_wants_the_name");
    let options = challenged(&browser, &read()).await["options"].as_str().unwrap().to_owned();
    let done = sends(&browser, &device.signs(&options), Some("rad1")).await;
    assert!(done["case"]["id"].is_string(), "{done}");
    // Without us: the key alone says what was signed.
    let (command, claims) = site.behind.signed.lock().unwrap().pop().unwrap();
    assert_eq!(claims.amr, ["username", "passkey"]);
    let PersonalKey { nonce, client_data, authenticator_data, signature, public_key, .. } =
        command.personal_key.unwrap();
    let bytes = |text: &str| BASE64_URL.decode(text).unwrap();
    let stated: Value = serde_json::from_slice(&bytes(&client_data)).unwrap();
    let expected = challenge(&nonce, &command.case_digest, &command.content.digest());
    assert_eq!(stated["challenge"], json!(text(expected.as_bytes())));
    let over = signed(&bytes(&authenticator_data), &bytes(&client_data));
    let signature = DerSignature::try_from(bytes(&signature).as_slice()).unwrap();
    device.key.verifying_key().verify(&over, &signature).unwrap();
    let point = device.key.verifying_key().to_sec1_point(false);
    let key =
        json!({ "kty": "EC", "crv": "P-256", "x": text(point.x().unwrap()), "y": text(point.y().unwrap()) });
    assert_eq!(serde_json::from_str::<Value>(&public_key).unwrap(), key);
    site.closes().await;
}

async fn a_passkey_signs_nothing_else_and_nothing_twice(scratch: Scratch) {
    let site = named_site(&scratch).await;
    let browser = site.reader().await;
    let mut device = Device::new(7);
    registers(&browser, &mut device).await;
    let code = |answer: &Value| answer["refusal"]["code"].as_str().unwrap_or("none").to_owned();
    let start =
        async |input: &Value| challenged(&browser, input).await["options"].as_str().unwrap().to_owned();
    let mut other = read();
    other["verdict"] = "REJECT".into();
    let answer = device.signs(&start(&other).await);
    assert_eq!(code(&sends(&browser, &answer, Some("rad1")).await), "passkey_other_content");
    assert_eq!(code(&sends(&browser, &answer, Some("rad1")).await), "passkey_not_challenged", "once only");
    let options = start(&read()).await;
    let elsewhere = device.signs_on(&options, "http://localhost.example.org:8443");
    assert_eq!(code(&sends(&browser, &elsewhere, Some("rad1")).await), "passkey_refused");
    let options = start(&read()).await;
    let stranger =
        Device { credential: device.credential.clone(), count: 50, ..Device::new(8) }.signs(&options);
    assert_eq!(code(&sends(&browser, &stranger, Some("rad1")).await), "passkey_refused");
    let late = device.signs(&start(&read()).await);
    site.clock.advance(TimeDelta::minutes(2));
    assert_eq!(code(&sends(&browser, &late, Some("rad1")).await), "passkey_not_challenged");
    for hostile in ["", "{}", "[1]", "nonsense"] {
        start(&read()).await;
        assert_eq!(code(&sends(&browser, hostile, Some("rad1")).await), "passkey_malformed");
    }
    let answer = device.signs(&start(&read()).await);
    assert_eq!(code(&sends(&browser, &answer, Some("rad2")).await), "wrong_password", "another name");
    let answer = device.signs(&start(&read()).await);
    assert_eq!(code(&sends(&browser, &answer, Some("rad1")).await), "none");
    assert_eq!(code(&sends(&browser, &answer, None).await), "passkey_not_challenged", "a replay");
    // A copy of the device that counts less than the device has counted.
    device.count = 1;
    let copied = device.signs(&start(&read()).await);
    assert_eq!(code(&sends(&browser, &copied, None).await), "passkey_refused");
    assert_eq!(site.behind.signed.lock().unwrap().len(), 1, "one of them signed");
    site.closes().await;
}

async fn a_passkey_belongs_to_who_registered_it_until_it_is_revoked(scratch: Scratch) {
    let site = named_site(&scratch).await;
    site.knows("colleague", &[Role::Radiologist]).await;
    let browser = site.reader_who_is(&[Role::Radiologist, Role::Administrator]).await;
    let mut device = Device::new(7);
    let own = registers(&browser, &mut device).await["passkey"]["id"].clone();
    // A device that is asked for another key than it has gives none; one that lies is refused.
    assert_eq!(registers(&browser, &mut device).await["refusal"]["code"], "passkey_refused");
    let mut colleague = site.browser();
    colleague.signs_in("colleague", PASSWORD).await;
    assert_eq!(registers(&colleague, &mut device).await["refusal"]["code"], "passkey_known", "nobody else's");
    assert_eq!(challenged(&colleague, &read()).await["refusal"]["code"], "no_passkey");
    let revoke = "mutation ($input: RevokePasskeyInput!) { revokePasskey(input: $input) {
        passkeys { id } refusal { code } } }";
    let refused = asks(&colleague, revoke, &json!({ "passkeyId": own })).await;
    assert_eq!(refused["revokePasskey"]["refusal"]["code"], "not_found");
    let options = challenged(&browser, &read()).await["options"].as_str().unwrap().to_owned();
    let answer = device.signs(&options);
    let revoked = asks(&browser, revoke, &json!({ "passkeyId": own })).await;
    assert_eq!(revoked["revokePasskey"]["passkeys"], json!([]));
    assert_eq!(sends(&browser, &answer, Some("rad1")).await["refusal"]["code"], "no_passkey");
    assert!(site.behind.signed.lock().unwrap().is_empty());

    // Whose password somebody else had made registers anew: who had the account may have registered a key.
    let mut other = Device::new(9);
    registers(&colleague, &mut other).await;
    let own = "{ passkeys { name } }";
    assert_eq!(colleague.asks(own, Value::Null).await["passkeys"], json!([{ "name": "Ring" }]));
    let reset = "mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) {
        issued { password } refusal { code } } }";
    let input = json!({ "username": "colleague", "reason": "a reason" });
    let issued = asks(&browser, reset, &input).await["resetPassword"]["issued"]["password"].take();
    let mut anew = site.browser();
    anew.signs_in("colleague", issued.as_str().unwrap()).await;
    assert_eq!(anew.asks(own, Value::Null).await["passkeys"], json!([]));
    site.closes().await;
}
