//! An object store that answers over the S3 interface that all is well, and loses bytes.

use actix_web::http::Method;
use actix_web::web::{self, Data, Path, PayloadConfig};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use bytes::Bytes;
use contract::Digest;
use objects::Objects;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// What the store keeps of an object that it says it has written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lie {
    /// Nothing.
    Empty,
    /// All but the last 64 KiB.
    Cut,
}

#[derive(Default)]
struct Shelves {
    kept: Mutex<BTreeMap<String, Bytes>>,
    lies: Mutex<BTreeMap<String, Lie>>,
}

/// The store, and what it is told to lie about.
pub(crate) struct Shim {
    shelves: Arc<Shelves>,
    address: String,
    folder: tempfile::TempDir,
}

impl Shim {
    pub(crate) fn start() -> Self {
        let shelves = Arc::new(Shelves::default());
        let served = Data::from(shelves.clone());
        let server = HttpServer::new(move || {
            App::new()
                .app_data(served.clone())
                .app_data(PayloadConfig::new(64 << 20))
                .route("/{bucket}", web::to(remove_many))
                .route("/{bucket}/{key:.*}", web::to(object))
        });
        let server = server.workers(1).bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", server.addrs()[0]);
        tokio::spawn(server.disable_signals().run());
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("credentials"), "id:secret\n").unwrap();
        Self { shelves, address, folder }
    }

    pub(crate) fn objects(&self) -> Objects {
        let credentials = self.folder.path().join("credentials");
        let url = format!(
            "s3://bucket?endpoint={}&region=us-east-1&retry_seconds=0&credentials={}",
            self.address,
            credentials.display()
        );
        Objects::open(&url).unwrap()
    }

    /// From now on the store lies about an object.
    pub(crate) fn lies_about(&self, object: Digest, lie: Lie) {
        self.shelves.lies.lock().unwrap().insert(object.to_string(), lie);
    }

    /// From now on the store keeps what it says.
    pub(crate) fn is_honest(&self) {
        self.shelves.lies.lock().unwrap().clear();
    }

    /// The store loses an object that it had.
    pub(crate) fn loses(&self, object: Digest) {
        let mut kept = self.shelves.kept.lock().unwrap();
        let before = kept.len();
        kept.retain(|key, _| !key.ends_with(&object.to_string()));
        assert_eq!(kept.len(), before - 1, "it had the object");
    }

    /// The store flips a bit of an object that it had.
    pub(crate) fn damages(&self, object: Digest) {
        let mut kept = self.shelves.kept.lock().unwrap();
        let name = object.to_string();
        let bytes = kept.iter_mut().find(|(key, _)| key.ends_with(&name)).expect("it had the object").1;
        let mut other = bytes.to_vec();
        *other.last_mut().unwrap() ^= 1;
        *bytes = other.into();
    }
}

impl Shelves {
    fn put(&self, key: &str, bytes: Bytes) {
        let name = key.rsplit('/').next().unwrap_or_default();
        let kept = match self.lies.lock().unwrap().get(name) {
            None => bytes,
            Some(Lie::Empty) => Bytes::new(),
            Some(Lie::Cut) => bytes.slice(..bytes.len().saturating_sub(64 << 10)),
        };
        self.kept.lock().unwrap().insert(key.to_owned(), kept);
    }
}

async fn object(
    request: HttpRequest,
    path: Path<(String, String)>,
    shelves: Data<Shelves>,
    body: Bytes,
) -> HttpResponse {
    let key = &path.1;
    match *request.method() {
        Method::PUT => {
            shelves.put(key, body);
            HttpResponse::Ok().insert_header(("ETag", "\"1\"")).finish()
        }
        Method::DELETE => {
            shelves.kept.lock().unwrap().remove(key);
            HttpResponse::NoContent().finish()
        }
        _ => match shelves.kept.lock().unwrap().get(key) {
            Some(bytes) => HttpResponse::Ok()
                .insert_header(("ETag", "\"1\""))
                .insert_header(("Last-Modified", "Wed, 25 Nov 2026 08:00:00 GMT"))
                .body(bytes.clone()),
            None => HttpResponse::NotFound().finish(),
        },
    }
}

/// The request that removes a list of objects.
async fn remove_many(shelves: Data<Shelves>, body: String) -> HttpResponse {
    let keys = body.split("<Key>").skip(1).filter_map(|rest| rest.split("</Key>").next());
    let removed = keys.map(|key| {
        shelves.kept.lock().unwrap().remove(key);
        format!("<Deleted><Key>{key}</Key></Deleted>")
    });
    let answer = removed.collect::<Vec<_>>().concat();
    HttpResponse::Ok().content_type("application/xml").body(format!("<DeleteResult>{answer}</DeleteResult>"))
}
