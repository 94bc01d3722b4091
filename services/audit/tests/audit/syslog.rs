//! The ledger goes on to a syslog receiver over TLS: rsyslog as Debian ships it, started and stopped at will.

use crate::desk::Desk;
use base64::Engine as _;
use database::scratch::Scratch;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(40);

/// An authority, and certificates under it for both sides.
struct Certificates {
    folder: PathBuf,
}

impl Certificates {
    fn make(folder: &Path) -> Self {
        let made = Self { folder: folder.to_owned() };
        made.openssl(
            &["req", "-x509", "-subj", "/CN=authority", "-keyout", "ca.key", "-out", "ca.pem"],
            true,
        );
        std::fs::write(folder.join("san"), "subjectAltName=DNS:localhost\n").unwrap();
        for name in ["receiver", "sender"] {
            let (key, request, certificate) =
                (format!("{name}.key"), format!("{name}.csr"), format!("{name}.pem"));
            made.openssl(&["req", "-subj", "/CN=localhost", "-keyout", &key, "-out", &request], true);
            let sign =
                ["x509", "-req", "-in", &request, "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"];
            let rest = ["-days", "2", "-extfile", "san", "-out", &certificate];
            made.openssl(&[&sign[..], &rest[..]].concat(), false);
        }
        made
    }

    fn openssl(&self, arguments: &[&str], with_key: bool) {
        let mut command = Command::new("openssl");
        command.current_dir(&self.folder).args(arguments);
        if with_key {
            command.args(["-newkey", "rsa:2048", "-nodes", "-days", "2"]);
        }
        let output = command.output().expect("openssl");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

/// A receiver that demands a certificate of the sender and writes each message to a line of a file.
struct Receiver {
    port: u16,
    configuration: PathBuf,
    log: PathBuf,
    process: Option<Child>,
}

impl Receiver {
    fn new(certificates: &Certificates) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let (configuration, log) = (certificates.path("rsyslog.conf"), certificates.path("received"));
        let file = |name: &str| certificates.path(name).display().to_string();
        let text = format!(
            r#"global(workDirectory="{work}" maxMessageSize="256k" defaultNetstreamDriver="gtls"
  defaultNetstreamDriverCAFile="{ca}" defaultNetstreamDriverCertFile="{own}" defaultNetstreamDriverKeyFile="{key}")
module(load="imtcp" streamDriver.mode="1" streamDriver.authMode="x509/certvalid" maxSessions="20")
input(type="imtcp" port="{port}" address="127.0.0.1" ruleset="keep")
template(name="line" type="string" string="%msg%\n")
ruleset(name="keep") {{ action(type="omfile" file="{log}" template="line") }}
"#,
            work = certificates.folder.display(),
            ca = file("ca.pem"),
            own = file("receiver.pem"),
            key = file("receiver.key"),
            log = log.display(),
        );
        std::fs::write(&configuration, text).unwrap();
        Self { port, configuration, log, process: None }
    }

    fn starts(&mut self) {
        let process = Command::new("/usr/sbin/rsyslogd")
            .args(["-n", "-i", "NONE", "-f"])
            .arg(&self.configuration)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("rsyslogd; install rsyslog and rsyslog-gnutls");
        self.process = Some(process);
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(Instant::now() < deadline, "rsyslogd does not listen");
            std::thread::yield_now();
        }
    }

    /// Ends as on a power cut.
    fn is_killed(&mut self) {
        let mut process = self.process.take().unwrap();
        process.kill().unwrap();
        process.wait().unwrap();
    }

    /// The places of the entries that were received, in their order.
    fn places(&self) -> Vec<u64> {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        let place = |line: &str| {
            assert!(line.contains("<AuditMessage>") && line.ends_with("</AuditMessage>"), "{line}");
            let encoded = line.split("type=\"ledger-index\" value=\"").nth(1)?.split('"').next()?;
            let bytes = base64::engine::general_purpose::STANDARD.decode(encoded).ok()?;
            String::from_utf8(bytes).ok()?.parse().ok()
        };
        text.lines().map(|line| place(line).expect("a message says its place")).collect()
    }

    async fn has_every_one_of(&self, size: u64) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let mut places = self.places();
            places.sort_unstable();
            places.dedup();
            if places.iter().copied().take(size as usize).eq(0..size) {
                return;
            }
            assert!(Instant::now() < deadline, "of {size} entries only {places:?} came");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        if self.process.is_some() {
            self.is_killed();
        }
    }
}

async fn the_ledger_reaches_a_receiver_that_was_down_with_nothing_lost(scratch: Scratch) {
    let folder = tempfile::tempdir().unwrap();
    let certificates = Certificates::make(folder.path());
    let mut receiver = Receiver::new(&certificates);
    let desk = Desk::open_with(&scratch, |config| {
        config.syslog_address = format!("localhost:{}", receiver.port);
        config.syslog_ca_file = certificates.path("ca.pem");
        config.syslog_certificate_file = certificates.path("sender.pem");
        config.syslog_key_file = certificates.path("sender.key");
    })
    .await;
    // Nobody listens yet.
    desk.records(5).await;
    receiver.starts();
    receiver.has_every_one_of(5).await;
    receiver.is_killed();
    for seq in 6..=9 {
        desk.publishes(&desk.writes(seq)).await;
    }
    desk.reaches(9).await;
    receiver.starts();
    receiver.has_every_one_of(9).await;
    let places = receiver.places();
    assert_eq!(places, (0..places.len() as u64).collect::<Vec<_>>(), "a confirmed batch is not sent again");
}

async fn a_receiver_that_nobody_vouches_for_is_sent_nothing(scratch: Scratch) {
    let folder = tempfile::tempdir().unwrap();
    let certificates = Certificates::make(folder.path());
    let mut receiver = Receiver::new(&certificates);
    receiver.starts();
    let elsewhere = tempfile::tempdir().unwrap();
    let others = Certificates::make(elsewhere.path());
    let desk = Desk::open_with(&scratch, |config| {
        config.syslog_address = format!("localhost:{}", receiver.port);
        config.syslog_ca_file = others.path("ca.pem");
    })
    .await;
    desk.records(2).await;
    desk.counts("audit_syslog_failed_attempts 1").await;
    assert!(receiver.places().is_empty());
}

database::on_both_databases!(
    the_ledger_reaches_a_receiver_that_was_down_with_nothing_lost,
    a_receiver_that_nobody_vouches_for_is_sent_nothing,
);
