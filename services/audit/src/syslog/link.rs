//! One TLS connection a batch, ended in good order.

use crate::{Config, Error};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// How long the receiver may take for a batch.
const PATIENCE: Duration = Duration::from_secs(30);

/// The way to the receiver.
pub(super) struct Link {
    address: String,
    name: ServerName<'static>,
    connector: TlsConnector,
}

fn refused(what: &Path, source: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::Export { path: what.to_owned(), source: io::Error::other(source) }
}

impl Link {
    /// Reads the certificates. The receiver's has to be issued under the configured ones; ours is shown when there is
    /// one.
    pub(super) fn open(config: &Config) -> Result<Self, Error> {
        let authorities = &config.syslog_ca_file;
        let mut roots = RootCertStore::empty();
        for certificate in certificates(authorities)? {
            roots.add(certificate).map_err(|source| refused(authorities, source))?;
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|source| refused(authorities, source))?
            .with_root_certificates(roots);
        let own = &config.syslog_certificate_file;
        let tls = if own.as_os_str().is_empty() {
            builder.with_no_client_auth()
        } else {
            let key = PrivateKeyDer::from_pem_file(&config.syslog_key_file)
                .map_err(|source| refused(&config.syslog_key_file, source))?;
            builder.with_client_auth_cert(certificates(own)?, key).map_err(|source| refused(own, source))?
        };
        let host = config.syslog_address.rsplit_once(':').map_or("", |(host, _)| host);
        let name = ServerName::try_from(host.to_owned())
            .map_err(|source| refused(Path::new(&config.syslog_address), source))?;
        Ok(Self {
            address: config.syslog_address.clone(),
            name,
            connector: TlsConnector::from(Arc::new(tls)),
        })
    }

    /// Where the receiver listens.
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// Sends a batch and waits until the receiver has read all of it.
    pub(super) async fn send(&self, batch: &[u8]) -> Result<(), Error> {
        let failed = |source| Error::Syslog { address: self.address.clone(), source };
        let sent = tokio::time::timeout(PATIENCE, self.exchange(batch)).await;
        sent.map_err(|_| failed(io::ErrorKind::TimedOut.into()))?.map_err(failed)
    }

    async fn exchange(&self, batch: &[u8]) -> io::Result<()> {
        let stream = TcpStream::connect(&self.address).await?;
        let mut stream = self.connector.connect(self.name.clone(), stream).await?;
        stream.write_all(batch).await?;
        stream.shutdown().await?;
        // Receivers say nothing; they close when they have read the end. Some end the connection without ending the
        // TLS stream: had they left anything unread, the connection would be reset instead.
        let mut nothing = [0; 64];
        loop {
            match stream.read(&mut nothing).await {
                Ok(0) => return Ok(()),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<_, _>>);
    read.map_err(|source| refused(path, source))
}
