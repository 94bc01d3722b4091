//! The store over a folder, and over stores that lie.

use super::*;
use object_store::memory::InMemory;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, PutMultipartOptions,
    PutOptions, PutPayload, PutResult,
};
use std::fmt;

fn folder() -> (tempfile::TempDir, Objects) {
    let folder = tempfile::tempdir().unwrap();
    let objects = Objects::open(&format!("file:{}/objects", folder.path().display())).unwrap();
    (folder, objects)
}

fn file_of(folder: &tempfile::TempDir, key: &Digest) -> std::path::PathBuf {
    folder.path().join("objects").join(path_of(key).as_ref())
}

#[tokio::test]
async fn an_object_lies_under_the_digest_of_its_bytes() {
    let (folder, objects) = folder();
    let key = objects.put(Bytes::from_static(b"a slice")).await.unwrap();
    assert_eq!(key, Digest::of(b"a slice"));
    assert_eq!(objects.get(&key).await.unwrap().unwrap(), "a slice");
    assert!(objects.contains(&key).await.unwrap());
    assert_eq!(std::fs::read(file_of(&folder, &key)).unwrap(), b"a slice");
    assert_eq!(objects.put(Bytes::from_static(b"a slice")).await.unwrap(), key);
}

#[tokio::test]
async fn what_is_not_there_is_none_and_no_error() {
    let (_folder, objects) = folder();
    let key = Digest::of(b"never put");
    assert!(objects.get(&key).await.unwrap().is_none());
    assert!(objects.stream(&key).await.unwrap().is_none());
    assert!(!objects.contains(&key).await.unwrap());
}

#[tokio::test]
async fn a_stream_is_kept_under_the_digest_of_its_bytes() {
    let (_folder, objects) = folder();
    let parts = ["first ", "second ", "third"].map(|part| Ok(Bytes::from(part)));
    let (key, bytes) = objects.put_stream(futures::stream::iter(parts)).await.unwrap();
    assert_eq!((key, bytes), (Digest::of(b"first second third"), 18));
    let (size, stream) = objects.stream(&key).await.unwrap().unwrap();
    let back: Vec<Bytes> = stream.try_collect().await.unwrap();
    assert_eq!((size, back.concat()), (18, b"first second third".to_vec()));
}

#[tokio::test]
async fn a_stream_that_breaks_off_leaves_nothing() {
    let (folder, objects) = folder();
    let parts = [Ok(Bytes::from("half")), Err(std::io::Error::other("the sender went away"))];
    let error = objects.put_stream(futures::stream::iter(parts)).await.unwrap_err();
    assert!(matches!(error, Error::Source(_)), "{error}");
    let staging = folder.path().join("objects/staging");
    assert_eq!(std::fs::read_dir(staging).unwrap().count(), 0);
}

#[tokio::test]
async fn a_flipped_bit_is_found_by_every_reader_and_repaired_by_writing_again() {
    let (folder, objects) = folder();
    let key = objects.put(Bytes::from_static(b"a slice")).await.unwrap();
    std::fs::write(file_of(&folder, &key), b"a slicf").unwrap();

    assert!(matches!(objects.get(&key).await, Err(Error::Corrupt { .. })));
    let (_, stream) = objects.stream(&key).await.unwrap().unwrap();
    assert!(matches!(stream.try_collect::<Vec<_>>().await, Err(Error::Corrupt { .. })));

    objects.put(Bytes::from_static(b"a slice")).await.unwrap();
    assert_eq!(objects.get(&key).await.unwrap().unwrap(), "a slice");
}

/// What of the written bytes is kept.
type Keeps = fn(&[u8]) -> Vec<u8>;

/// Answers "written" whatever it does with the bytes (field report R06).
#[derive(Debug)]
struct Liar {
    store: InMemory,
    keeps: Keeps,
}

impl fmt::Display for Liar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("liar")
    }
}

#[async_trait::async_trait]
impl ObjectStore for Liar {
    async fn put_opts(
        &self,
        path: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> object_store::Result<PutResult> {
        let bytes = Bytes::from(payload);
        self.store.put_opts(path, (self.keeps)(&bytes).into(), options).await
    }

    async fn put_multipart_opts(
        &self,
        path: &Path,
        options: PutMultipartOptions,
    ) -> object_store::Result<Box<dyn MultipartUpload>> {
        self.store.put_multipart_opts(path, options).await
    }

    async fn get_opts(&self, path: &Path, options: GetOptions) -> object_store::Result<GetResult> {
        self.store.get_opts(path, options).await
    }

    fn delete_stream(
        &self,
        paths: BoxStream<'static, object_store::Result<Path>>,
    ) -> BoxStream<'static, object_store::Result<Path>> {
        self.store.delete_stream(paths)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, object_store::Result<ObjectMeta>> {
        self.store.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> object_store::Result<ListResult> {
        self.store.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> object_store::Result<()> {
        self.store.copy_opts(from, to, options).await
    }
}

#[tokio::test]
async fn a_store_that_loses_bytes_and_says_written_is_found_out() {
    let lies: [Keeps; 3] = [
        |_| Vec::new(),
        |bytes| bytes[..bytes.len() - 1].to_vec(),
        |bytes| bytes.iter().map(|byte| byte ^ 1).collect(),
    ];
    for keeps in lies {
        let store = Arc::new(Liar { store: InMemory::new(), keeps });
        let objects = Objects { store, folder: None };
        let bytes = Bytes::from(vec![7; 200_000]);
        let key = Digest::of(&bytes);
        assert!(matches!(objects.put(bytes).await, Err(Error::Corrupt { .. })));
        assert!(!objects.contains(&key).await.unwrap(), "the damaged object must not stay");
    }
}

#[tokio::test]
async fn what_a_power_cut_left_broken_is_repaired_by_writing_again() {
    let (folder, objects) = folder();
    let bytes = Bytes::from((0..200_000_u32).flat_map(u32::to_le_bytes).collect::<Vec<u8>>());
    let key = Digest::of(&bytes);
    let prefix = &bytes[..70_000];
    let zeros_behind = [prefix, &vec![0; bytes.len() - prefix.len()]].concat();
    for torn in [&[], prefix, &zeros_behind] {
        std::fs::write(file_of(&folder, &key), torn).unwrap();
        assert_eq!(objects.put(bytes.clone()).await.unwrap(), key);
        assert_eq!(std::fs::read(file_of(&folder, &key)).unwrap(), bytes);
    }
    let beside = file_of(&folder, &key).parent().unwrap().read_dir().unwrap().count();
    assert_eq!(beside, 1, "nothing stays under a passing name");
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_keeps_nothing_and_says_so() {
    let (folder, objects) = folder();
    let key = Digest::of(b"a slice");
    let place = file_of(&folder, &key).parent().unwrap().to_owned();
    std::fs::remove_dir(&place).unwrap();
    std::fs::write(&place, b"in the way").unwrap();
    let staging = folder.path().join("objects/staging");
    let error = objects.put(Bytes::from_static(b"a slice")).await.unwrap_err();
    assert!(error.is_transient(), "{error}");
    assert_eq!(std::fs::read_dir(staging).unwrap().count(), 0);
    std::fs::remove_file(&place).unwrap();
    assert!(!objects.contains(&key).await.unwrap());
}
