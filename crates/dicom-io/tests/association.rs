//! The port: our own caller, dcmtk's, and callers that break every rule. The next good object is always served.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

use bytes::Bytes;
use dicom_io::dimse::{CANNOT_UNDERSTAND, Status};
use dicom_io::fixture::CtSeries;
use dicom_io::scp::{self, Config, StoreHandler, StoreRequest};
use dicom_io::scu::{self, Association, Context, Destination, Object};
use dicom_io::{TransferSyntax, scan};
use parking_lot::Mutex;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

const CT: &str = "1.2.840.10008.5.1.4.1.1.2";
const EXPLICIT: &str = "1.2.840.10008.1.2.1";

/// Keeps what passes the scan.
#[derive(Default)]
struct Keeper {
    stored: Mutex<Vec<(String, Bytes)>>,
    ended: Mutex<Vec<u64>>,
}

impl StoreHandler for Keeper {
    async fn store(&self, request: StoreRequest) -> Status {
        match scan::scan(&request.dataset, &request.transfer_syntax_uid) {
            Ok(_) => {
                self.stored.lock().push((request.sop_instance_uid, request.dataset.clone()));
                Status::success()
            }
            Err(unusable) => Status::failure(unusable.status(), &unusable.to_string()),
        }
    }

    async fn association_ended(&self, association: u64) {
        self.ended.lock().push(association);
    }
}

struct Port {
    number: u16,
    keeper: Arc<Keeper>,
    stop: Option<oneshot::Sender<()>>,
    served: tokio::task::JoinHandle<()>,
}

impl Port {
    async fn open(config: Config) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let number = listener.local_addr().unwrap().port();
        let keeper = Arc::new(Keeper::default());
        let (stop, stopped) = oneshot::channel::<()>();
        let handler = Arc::clone(&keeper);
        let served = tokio::spawn(scp::serve(listener, config, handler, async move { drop(stopped.await) }));
        Self { number, keeper, stop: Some(stop), served }
    }

    fn destination(&self) -> Destination {
        Destination::new("127.0.0.1", self.number, "COUNTERSIGN", "TEST")
    }

    async fn raw(&self) -> TcpStream {
        TcpStream::connect(("127.0.0.1", self.number)).await.unwrap()
    }

    async fn close(mut self) {
        self.stop.take().unwrap().send(()).unwrap();
        tokio::time::timeout(Duration::from_secs(5), self.served).await.unwrap().unwrap();
    }
}

fn contexts() -> Vec<Context> {
    vec![Context::verification(), Context::new(CT, EXPLICIT)]
}

async fn store(
    association: &mut Association,
    sop_instance_uid: &str,
    dataset: &[u8],
) -> Result<Status, scu::Error> {
    let object = Object { sop_class_uid: CT, sop_instance_uid, transfer_syntax_uid: EXPLICIT, dataset };
    association.store(&object).await
}

/// A good object is served within a second.
async fn serves_the_next(port: &Port, what: &str) {
    let started = Instant::now();
    let mut association = Association::open(&port.destination(), &contexts()).await.expect(what);
    let slice = CtSeries::new("1.2.3").slice(0).encode(TransferSyntax::ExplicitLittle);
    assert_eq!(store(&mut association, "1.2.3.1.1", &slice).await.expect(what), Status::success(), "{what}");
    association.release().await.expect(what);
    assert!(started.elapsed() < Duration::from_secs(1), "{what}: {:?}", started.elapsed());
}

#[tokio::test]
async fn echo_store_and_release() {
    let port = Port::open(Config::default()).await;
    let mut association = Association::open(&port.destination(), &contexts()).await.unwrap();
    assert_eq!(association.accepted(CT), [EXPLICIT]);
    assert_eq!(association.echo().await.unwrap(), Status::success());
    let slice = CtSeries::new("1.2.3").slice(0).encode(TransferSyntax::ExplicitLittle);
    assert_eq!(store(&mut association, "1.2.3.1.1", &slice).await.unwrap(), Status::success());
    association.release().await.unwrap();
    assert_eq!(*port.keeper.stored.lock(), [("1.2.3.1.1".to_owned(), Bytes::from(slice))]);
    let keeper = Arc::clone(&port.keeper);
    port.close().await;
    assert_eq!(keeper.ended.lock().len(), 1);
}

#[tokio::test]
async fn one_odd_object_does_not_end_the_association() {
    let port = Port::open(Config::default()).await;
    let mut association = Association::open(&port.destination(), &contexts()).await.unwrap();
    let series = CtSeries::new("1.2.3");
    for index in 0..10_u16 {
        let mut dataset = series.slice(index).encode(TransferSyntax::ExplicitLittle);
        if index == 3 || index == 5 {
            dataset.truncate(dataset.len() - 7);
        }
        let status = store(&mut association, &series.sop_instance_uid(index), &dataset).await.unwrap();
        let expected = if index == 3 || index == 5 { CANNOT_UNDERSTAND } else { 0 };
        assert_eq!(status.code, expected, "{}", status.comment);
        assert_eq!(status.comment.is_empty(), expected == 0);
    }
    association.release().await.unwrap();
    assert_eq!(port.keeper.stored.lock().len(), 8);
}

#[tokio::test]
async fn hostile_data_sets_are_answered_one_by_one() {
    let port = Port::open(Config::default()).await;
    let mut association = Association::open(&port.destination(), &contexts()).await.unwrap();
    for (what, dataset) in dicom_io::fixture::hostile() {
        let status = store(&mut association, "1.2.3.1.1", &dataset).await.expect(what);
        assert!(!status.is_stored(), "{what}: {status:?}");
    }
    association.release().await.unwrap();
    serves_the_next(&port, "after hostile data sets").await;
}

#[tokio::test]
async fn too_large_an_object_is_refused_and_the_association_goes_on() {
    let port = Port::open(Config { instance_bytes_max: 2000, ..Config::default() }).await;
    let mut association = Association::open(&port.destination(), &contexts()).await.unwrap();
    assert_eq!(store(&mut association, "1.2", &vec![0; 1 << 20]).await.unwrap().code, 0xA700);
    association.release().await.unwrap();
    serves_the_next(&port, "after a large object").await;
}

#[tokio::test]
async fn idle_associations_give_way() {
    let config =
        Config { associations_max: 4, gives_way_after: Duration::from_millis(50), ..Config::default() };
    let port = Port::open(config).await;
    let mut idle = Vec::new();
    for _ in 0..4 {
        idle.push(port.raw().await);
    }
    tokio::time::timeout(Duration::from_secs(5), async {
        while Association::open(&port.destination(), &contexts()).await.is_err() {}
    })
    .await
    .expect("an idle association gives way");
    // The one that gave way was told so.
    let mut ended = [0; 16];
    let told = tokio::time::timeout(Duration::from_secs(1), idle[0].read(&mut ended)).await.unwrap().unwrap();
    assert_eq!((told, ended[0]), (10, 0x07));
}

#[tokio::test]
async fn callers_who_are_not_on_the_list_are_rejected() {
    let port = Port::open(Config { calling_ae_titles: vec!["SCANNER".into()], ..Config::default() }).await;
    let mut destination = port.destination();
    let rejected = Association::open(&destination, &contexts()).await.err().unwrap().to_string();
    assert!(rejected.contains("calling AE title not recognized"), "{rejected}");
    destination.calling_ae = "SCANNER".into();
    destination.called_ae = "OTHER".into();
    let rejected = Association::open(&destination, &contexts()).await.err().unwrap().to_string();
    assert!(rejected.contains("called AE title not recognized"), "{rejected}");
    destination.called_ae = "COUNTERSIGN".into();
    Association::open(&destination, &contexts()).await.unwrap().release().await.unwrap();
}

#[tokio::test]
async fn only_storage_and_known_transfer_syntaxes_are_accepted() {
    let port = Port::open(Config::default()).await;
    let mut contexts = contexts();
    contexts.push(Context::new(CT, "1.2.840.10008.1.2.4.80"));
    contexts.push(Context::new("1.2.840.10008.5.1.4.1.2.2.1", EXPLICIT));
    contexts.extend(TransferSyntax::ALL.map(|syntax| Context::new(CT, syntax.uid())));
    let association = Association::open(&port.destination(), &contexts).await.unwrap();
    assert!(!association.accepts(CT, "1.2.840.10008.1.2.4.80"));
    assert!(!association.accepts("1.2.840.10008.5.1.4.1.2.2.1", EXPLICIT));
    assert!(TransferSyntax::ALL.iter().all(|syntax| association.accepts(CT, syntax.uid())));
}

/// An association request with the given titles, one context and the user items.
fn request(called: &[u8; 16], version: u16, contexts: &[u8]) -> Vec<u8> {
    let mut body = version.to_be_bytes().to_vec();
    body.extend([0, 0]);
    body.extend(called);
    body.extend(b"TEST            ");
    body.extend([0; 32]);
    let item = |kind: u8, content: &[u8]| {
        let mut item = vec![kind, 0];
        item.extend((content.len() as u16).to_be_bytes());
        item.extend(content);
        item
    };
    body.extend(item(0x10, b"1.2.840.10008.3.1.1.1"));
    for id in contexts {
        let mut context = vec![*id, 0, 0, 0];
        context.extend(item(0x30, CT.as_bytes()));
        context.extend(item(0x40, EXPLICIT.as_bytes()));
        body.extend(item(0x20, &context));
    }
    body.extend(item(0x50, &item(0x51, &16384_u32.to_be_bytes())));
    pdu(0x01, &body)
}

fn pdu(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut pdu = vec![kind, 0];
    pdu.extend((body.len() as u32).to_be_bytes());
    pdu.extend(body);
    pdu
}

fn pdv(context: u8, header: u8, data: &[u8]) -> Vec<u8> {
    let mut pdv = (data.len() as u32 + 2).to_be_bytes().to_vec();
    pdv.extend([context, header]);
    pdv.extend(data);
    pdv
}

const CALLED: &[u8; 16] = b"COUNTERSIGN     ";

/// Abuses of the port: what comes instead of, or after, an association request.
fn abuses() -> Vec<(&'static str, Vec<u8>)> {
    let after = |bytes: Vec<u8>| [request(CALLED, 1, &[1]), bytes].concat();
    vec![
        ("a PDU of 4 GiB", vec![0x01, 0, 0xFF, 0xFF, 0xFF, 0xFF]),
        ("a PDU of unknown type", pdu(0xEE, b"hello")),
        ("an HTTP request", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n".to_vec()),
        ("a TLS client hello", vec![0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xFC, 0x03, 0x03]),
        ("data before an association", pdu(0x04, &pdv(1, 3, b""))),
        ("a release before an association", pdu(0x05, &[0; 4])),
        ("an empty request", pdu(0x01, &[])),
        ("a request cut in an item", pdu(0x01, &request(CALLED, 1, &[1])[6..90])),
        ("protocol version 0", request(CALLED, 0, &[1])),
        ("an empty called AE title", request(b"                ", 1, &[1])),
        ("a called AE title of control bytes", request(b"COUNTERSIGN\x07\x00   ", 1, &[1])),
        (
            "a called AE title beyond ASCII",
            request("COUNTERSIGNÄ   ".as_bytes().try_into().unwrap(), 1, &[1]),
        ),
        ("an even presentation context", request(CALLED, 1, &[2])),
        ("a doubled presentation context", request(CALLED, 1, &[1, 1])),
        (
            "more than 128 presentation contexts",
            request(CALLED, 1, &(0..=255).chain(0..45).collect::<Vec<u8>>()),
        ),
        ("a context that was not negotiated", after(pdu(0x04, &pdv(9, 3, &[0; 8])))),
        ("a PDV longer than its PDU", after(pdu(0x04, &[0, 0, 0xFF, 0xFF, 1, 3, 0, 0]))),
        ("a PDV of length 0", after(pdu(0x04, &[0, 0, 0, 0]))),
        ("a PDV of length 1", after(pdu(0x04, &[0, 0, 0, 1, 1]))),
        ("a data set without command", after(pdu(0x04, &pdv(1, 2, &[0; 8])))),
        ("a command set of lies", after(pdu(0x04, &pdv(1, 3, &[0, 0, 2, 0, 0xFF, 0xFF, 0xFF, 0x7F, 0])))),
        ("a second request", after(request(CALLED, 1, &[1]))),
        ("a PDU longer than negotiated", after(pdu(0x04, &vec![0; 200_000]))),
        ("an abort", after(pdu(0x07, &[0, 0, 0, 0]))),
        ("an endless command", after((0..400).flat_map(|_| pdu(0x04, &pdv(1, 1, &[0; 100]))).collect())),
    ]
}

#[tokio::test]
async fn abuses_of_the_port_end_their_connection_and_nothing_else() {
    let port = Port::open(Config { pdu_timeout: Duration::from_secs(2), ..Config::default() }).await;
    for (what, bytes) in abuses() {
        let mut stream = port.raw().await;
        // The port may hang up before everything is written.
        let _ = stream.write_all(&bytes).await;
        let _ = stream.shutdown().await;
        let mut answer = Vec::new();
        let read = tokio::time::timeout(Duration::from_secs(3), stream.read_to_end(&mut answer)).await;
        assert!(read.is_ok(), "{what}: the connection stays open");
        serves_the_next(&port, what).await;
    }
}

#[tokio::test]
async fn silence_is_not_waited_for() {
    let config = Config {
        pdu_timeout: Duration::from_millis(200),
        idle_timeout: Duration::from_millis(200),
        ..Config::default()
    };
    let port = Port::open(config).await;
    for start in [&[][..], &[0x01, 0, 0, 0, 1, 0], &request(CALLED, 1, &[1])] {
        let mut stream = port.raw().await;
        stream.write_all(start).await.unwrap();
        let mut answer = Vec::new();
        let read = tokio::time::timeout(Duration::from_secs(3), stream.read_to_end(&mut answer)).await;
        assert!(read.is_ok(), "{start:?}: the connection stays open");
    }
    serves_the_next(&port, "after silence").await;
}

#[tokio::test]
async fn dcmtk_sends_over_one_association() {
    let port = Port::open(Config::default()).await;
    let folder = tempfile::tempdir().unwrap();
    for (index, file) in CtSeries::new("1.2.3").files(12).into_iter().enumerate() {
        std::fs::write(folder.path().join(format!("{index}.dcm")), file).unwrap();
    }
    let send = tokio::process::Command::new("storescu")
        .env("TCP_NODELAY", "1")
        .args(["-aec", "COUNTERSIGN", "+sd", "127.0.0.1", &port.number.to_string()])
        .arg(folder.path())
        .output()
        .await
        .expect("storescu; install dcmtk");
    assert!(send.status.success(), "{}", String::from_utf8_lossy(&send.stderr));
    assert_eq!(port.keeper.stored.lock().len(), 12);
    port.close().await;
}

#[tokio::test]
async fn a_port_with_tls_serves_callers_who_trust_it_and_nobody_in_plain_text() {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = (folder.path().join("certificate.pem"), folder.path().join("key.pem"));
    let made = std::process::Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "2",
        ])
        .args([
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=DNS:localhost",
            "-addext",
            "basicConstraints=CA:FALSE",
        ])
        .args(["-keyout".as_ref(), key.as_os_str(), "-out".as_ref(), certificate.as_os_str()])
        .output()
        .expect("openssl");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let server =
        dicom_io::tls::server(dicom_io::tls::Identity { certificate: &certificate, key: &key }).unwrap();
    let port = Port::open(Config { tls: Some(server), ..Config::default() }).await;

    let mut destination = port.destination();
    assert!(Association::open(&destination, &contexts()).await.is_err());
    destination.host = "localhost".into();
    destination.tls = Some(dicom_io::tls::client(&certificate).unwrap());
    let mut association = Association::open(&destination, &contexts()).await.unwrap();
    let slice = CtSeries::new("1.2.3").slice(0).encode(TransferSyntax::ExplicitLittle);
    assert_eq!(store(&mut association, "1.2.3.1.1", &slice).await.unwrap(), Status::success());
    association.release().await.unwrap();
}
