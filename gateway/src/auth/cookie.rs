//! The sign-in cookie: a secret of 256 bits that nothing but the browser and its digest in the database knows.

use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use contract::Digest;
use platform::Random;
use rand::RngExt;
use secrecy::{ExposeSecret as _, SecretString};

/// Its name.
pub(crate) const NAME: &str = "countersign";

/// Draws a new secret.
pub(crate) fn secret(random: &Random) -> SecretString {
    let bytes: [u8; 32] = random.with(RngExt::random);
    URL_SAFE_NO_PAD.encode(bytes).into()
}

/// The digest of a secret: what the database keeps.
pub(crate) fn digest(secret: &SecretString) -> Digest {
    Digest::of(secret.expose_secret().as_bytes())
}

/// The `Set-Cookie` value that gives the secret to the browser until the browser is closed.
pub(crate) fn give(secret: &SecretString, secure: bool) -> String {
    base(secret.expose_secret(), secure).to_string()
}

/// The `Set-Cookie` value that takes it back.
pub(crate) fn take_back(secure: bool) -> String {
    let mut cookie = base("", secure);
    cookie.set_max_age(Duration::ZERO);
    cookie.to_string()
}

fn base(value: &str, secure: bool) -> Cookie<'static> {
    Cookie::build(NAME, value.to_owned())
        .path("/")
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(secure)
        .finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_and_other_sites_never_get_the_cookie() {
        let text = give(&secret(&Random::seeded(1)), true);
        for flag in ["HttpOnly", "SameSite=Strict", "Secure", "Path=/"] {
            assert!(text.contains(flag), "{flag} is missing");
        }
        assert!(!text.contains("Max-Age"), "it ends with the browser");
    }

    #[test]
    fn signing_out_removes_it() {
        assert!(take_back(false).contains("Max-Age=0"));
    }
}
