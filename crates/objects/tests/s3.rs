//! The store over the S3 interface that `COUNTERSIGN_TEST_S3` names.

use bytes::Bytes;
use contract::Digest;
use futures::TryStreamExt as _;
use objects::{Error, Objects};

fn open(extra: &str) -> Objects {
    let url = std::env::var("COUNTERSIGN_TEST_S3").expect(
        "COUNTERSIGN_TEST_S3 names an S3 interface: `eval \"$(infra/test-services start DIR)\"` gives one",
    );
    Objects::open(&format!("{url}{extra}")).expect("an address of a store")
}

#[tokio::test]
async fn an_object_lies_under_the_digest_of_its_bytes() {
    let objects = open("&prefix=volumes");
    let bytes = Bytes::from(vec![7; 300_000]);
    let key = objects.put(bytes.clone()).await.expect("kept");
    assert_eq!(key, Digest::of(&bytes));
    assert_eq!(objects.put(bytes.clone()).await.expect("kept again"), key);
    assert_eq!(objects.get(&key).await.expect("read"), Some(bytes));
    let elsewhere = open("&prefix=dicom");
    assert!(!elsewhere.contains(&key).await.expect("asked"), "two stores of one bucket are two stores");
}

#[tokio::test]
async fn a_stream_of_several_parts_is_kept_whole() {
    let objects = open("");
    let parts: Vec<_> = (0..13_u8).map(|part| Ok(Bytes::from(vec![part; 1 << 20]))).collect();
    let (key, length) = objects.put_stream(futures::stream::iter(parts)).await.expect("kept");
    assert_eq!(length, 13 << 20);
    let (size, stream) = objects.stream(&key).await.expect("read").expect("there");
    let back: Vec<Bytes> = stream.try_collect().await.expect("proven");
    assert_eq!((size, Digest::of(&back.concat())), (13 << 20, key));
}

#[tokio::test]
async fn what_is_not_there_is_none_and_no_error() {
    let objects = open("");
    let key = Digest::of(b"never put");
    assert!(objects.get(&key).await.expect("asked").is_none());
    assert!(!objects.contains(&key).await.expect("asked"));
}

#[tokio::test]
async fn a_store_that_is_not_there_is_a_passing_failure() {
    let folder = tempfile::tempdir().expect("a folder");
    let credentials = folder.path().join("credentials");
    std::fs::write(&credentials, "id:secret\n").expect("written");
    let url = format!(
        "s3://bucket?endpoint=http://127.0.0.1:9&region=us-east-1&retry_seconds=0&credentials={}",
        credentials.display()
    );
    let objects = Objects::open(&url).expect("an address of a store");
    let error = objects.contains(&Digest::of(b"any")).await.expect_err("nobody answers");
    assert!(matches!(error, Error::Store { .. }) && error.is_transient(), "{error}");
}
