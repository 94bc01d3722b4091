//! TLS for the DICOM port, from PEM files: TLS 1.2 or later, no fall-back (PS3.15 B.9, BCP 195 profile).

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Why TLS can't be set up.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A PEM file can't be read.
    #[error("can't read {}", path.display())]
    Pem {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        #[source]
        source: rustls::pki_types::pem::Error,
    },
    /// The certificates don't fit together.
    #[error("the certificate and key can't be used")]
    Certificate(#[source] rustls::Error),
    /// The certificates of the accepted peers can't be used.
    #[error("the certificates of accepted peers can't be used")]
    Verifier(#[source] rustls::server::VerifierBuilderError),
}

/// A certificate chain and its key, as PEM files.
#[derive(Debug, Clone, Copy)]
pub struct Identity<'a> {
    /// The chain, leaf first.
    pub certificate: &'a Path,
    /// The private key.
    pub key: &'a Path,
}

fn chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let pem = |source| Error::Pem { path: path.to_owned(), source };
    CertificateDer::pem_file_iter(path).map_err(pem)?.collect::<Result<_, _>>().map_err(pem)
}

fn key(path: &Path) -> Result<PrivateKeyDer<'static>, Error> {
    PrivateKeyDer::from_pem_file(path).map_err(|source| Error::Pem { path: path.to_owned(), source })
}

fn roots(path: &Path) -> Result<RootCertStore, Error> {
    let mut store = RootCertStore::empty();
    for certificate in chain(path)? {
        store.add(certificate).map_err(Error::Certificate)?;
    }
    Ok(store)
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

/// Sets up the listening side; callers need no certificate.
pub fn server(identity: Identity<'_>) -> Result<Arc<ServerConfig>, Error> {
    let config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(Error::Certificate)?
        .with_no_client_auth()
        .with_single_cert(chain(identity.certificate)?, key(identity.key)?)
        .map_err(Error::Certificate)?;
    Ok(Arc::new(config))
}

/// Sets up the listening side; callers need a certificate issued under `callers`.
pub fn mutual_server(identity: Identity<'_>, callers: &Path) -> Result<Arc<ServerConfig>, Error> {
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots(callers)?), provider())
        .build()
        .map_err(Error::Verifier)?;
    let config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(Error::Certificate)?
        .with_client_cert_verifier(verifier)
        .with_single_cert(chain(identity.certificate)?, key(identity.key)?)
        .map_err(Error::Certificate)?;
    Ok(Arc::new(config))
}

/// Sets up the calling side: the peer's certificate has to be issued under `peers`.
pub fn client(peers: &Path) -> Result<Arc<ClientConfig>, Error> {
    let config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(Error::Certificate)?
        .with_root_certificates(roots(peers)?)
        .with_no_client_auth();
    Ok(Arc::new(config))
}
