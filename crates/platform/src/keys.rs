//! Ed25519 keys on disk: `<name>.key` (PKCS#8, readable by its owner only) and `<name>.pub` (SPKI).

use crate::Random;
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, EncodePublicKey as _};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// A key that can't be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file can't be read or written.
    #[error("key file {} can't be used", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file does not hold an Ed25519 key.
    #[error("{} does not hold an Ed25519 key", path.display())]
    Content {
        /// Which.
        path: PathBuf,
    },
    /// Others than the owner may read a private key.
    #[error("{} is readable by others; make it so that only its owner can read it (mode 0600)", path.display())]
    Readable {
        /// Which.
        path: PathBuf,
    },
}

/// Loads the private key `<dir>/<name>.key`; when there is none, makes the pair.
///
/// # Errors
/// A key that others may read is refused.
pub fn load_or_generate(dir: &Path, name: &str, random: &Random) -> Result<SigningKey, KeyError> {
    let path = dir.join(format!("{name}.key"));
    if path.exists() {
        return load(&path);
    }
    let io = |path: &Path| {
        let path = path.to_path_buf();
        move |source| KeyError::File { path, source }
    };
    std::fs::create_dir_all(dir).map_err(io(dir))?;
    let key = random.with(SigningKey::generate);
    let public = key
        .verifying_key()
        .to_public_key_pem(LineEnding::LF)
        .map_err(|_| KeyError::Content { path: path.clone() })?;
    let public_path = dir.join(format!("{name}.pub"));
    std::fs::write(&public_path, public).map_err(io(&public_path))?;
    let private = key.to_pkcs8_pem(LineEnding::LF).map_err(|_| KeyError::Content { path: path.clone() })?;
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)
        .map_err(io(&path))?;
    file.write_all(private.as_bytes()).and_then(|()| file.sync_all()).map_err(io(&path))?;
    Ok(key)
}

fn load(path: &Path) -> Result<SigningKey, KeyError> {
    use std::os::unix::fs::PermissionsExt as _;
    let io = |source| KeyError::File { path: path.to_path_buf(), source };
    let mode = std::fs::metadata(path).map_err(io)?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(KeyError::Readable { path: path.to_path_buf() });
    }
    let pem = std::fs::read_to_string(path).map_err(io)?;
    SigningKey::from_pkcs8_pem(&pem).map_err(|_| KeyError::Content { path: path.to_path_buf() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_key_is_made_once() {
        let dir = tempfile::tempdir().unwrap();
        let first = load_or_generate(dir.path(), "review", &Random::seeded(1)).unwrap();
        let again = load_or_generate(dir.path(), "review", &Random::seeded(2)).unwrap();
        assert_eq!(first.to_bytes(), again.to_bytes());
    }

    #[test]
    fn a_key_that_others_may_read_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        load_or_generate(dir.path(), "review", &Random::seeded(1)).unwrap();
        let path = dir.path().join("review.key");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        let refused = load_or_generate(dir.path(), "review", &Random::seeded(1));
        assert!(matches!(refused, Err(KeyError::Readable { .. })));
    }
}
