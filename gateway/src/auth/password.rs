//! Passwords: argon2id, 19 MiB, two passes, one lane (OWASP's second recommendation).

use crate::error::Error;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use platform::{CpuPool, Random};
use rand::RngExt;
use secrecy::{ExposeSecret as _, SecretString};

const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Longer ones are refused unread: they only make the hash slow.
pub(crate) const PASSWORD_BYTES_MAX: usize = 256;

fn argon2() -> Argon2<'static> {
    let params =
        Params::new(MEMORY_KIB, PASSES, LANES, None).expect("the constants are within argon2's limits");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// The PHC string of `password` under a new salt.
pub(crate) async fn hash(cpu: &CpuPool, random: &Random, password: SecretString) -> Result<String, Error> {
    let salt: [u8; 16] = random.with(RngExt::random);
    cpu.run(move || {
        let hash: PasswordHash = argon2()
            .hash_password_with_salt(password.expose_secret().as_bytes(), &salt)
            .map_err(Error::Password)?;
        Ok(hash.to_string())
    })
    .await
}

/// Whether `password` is the one behind the PHC string `hash`.
pub(crate) async fn matches(cpu: &CpuPool, hash: String, password: SecretString) -> bool {
    if password.expose_secret().len() > PASSWORD_BYTES_MAX {
        return false;
    }
    cpu.run(move || {
        PasswordHash::new(&hash)
            .is_ok_and(|hash| argon2().verify_password(password.expose_secret().as_bytes(), &hash).is_ok())
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_matches() {
        let cpu = CpuPool::new(1).unwrap();
        let hash = hash(&cpu, &Random::seeded(1), "correct horse battery".into()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(matches(&cpu, hash.clone(), "correct horse battery".into()).await);
        assert!(!matches(&cpu, hash.clone(), "correct horse batterY".into()).await);
        assert!(!matches(&cpu, hash, "x".repeat(1 << 20).into()).await);
    }
}
