//! From a URL to a store.

use crate::Error;
use crate::folder::Folder;
use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::prefix::PrefixStore;
use object_store::{ClientOptions, ObjectStore, RetryConfig};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// How long one request to an S3 interface may take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a request is repeated before its failure is told.
const RETRY_TIMEOUT: Duration = Duration::from_mins(1);

/// Opens a store; and once more as a folder, when it is one.
pub(crate) fn open(url: &str) -> Result<(Arc<dyn ObjectStore>, Option<Folder>), Error> {
    let (scheme, rest) = url.split_once(':').unwrap_or((url, ""));
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    match scheme {
        "file" if !rest.is_empty() => file(Path::new(rest)),
        "s3" => Ok((s3(url, rest)?, None)),
        _ => Err(address(url, "it is neither 'file:<folder>' nor 's3://<bucket>?…'")),
    }
}

fn file(folder: &Path) -> Result<(Arc<dyn ObjectStore>, Option<Folder>), Error> {
    let opened = std::fs::create_dir_all(folder).and_then(|()| Folder::open(folder));
    let opened = opened.map_err(|source| Error::File {
        what: "folder",
        path: folder.display().to_string(),
        source,
    })?;
    let store = LocalFileSystem::new_with_prefix(folder)
        .map_err(|source| Error::Store { attempt: "open its folder", source })?;
    Ok((Arc::new(store.with_fsync(true)), Some(opened)))
}

fn s3(url: &str, rest: &str) -> Result<Arc<dyn ObjectStore>, Error> {
    let (bucket, query) = rest.split_once('?').unwrap_or((rest, ""));
    if bucket.is_empty() || bucket.contains('/') {
        return Err(address(url, "it names no bucket; a folder inside goes into 'prefix='"));
    }
    let client = ClientOptions::new().with_timeout(REQUEST_TIMEOUT);
    let mut retry = RetryConfig { retry_timeout: RETRY_TIMEOUT, ..RetryConfig::default() };
    let mut builder = AmazonS3Builder::from_env().with_bucket_name(bucket).with_client_options(client);
    let mut prefix = None;
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("endpoint", endpoint)) => {
                // Plain HTTP only where the operator has written it out.
                builder = builder.with_allow_http(endpoint.starts_with("http://")).with_endpoint(endpoint);
            }
            Some(("region", region)) => builder = builder.with_region(region),
            Some(("retry_seconds", seconds)) => {
                let seconds = seconds.parse().map_err(|_| address(url, "retry_seconds is no number"))?;
                retry.retry_timeout = Duration::from_secs(seconds);
            }
            Some(("prefix", folder)) => prefix = Some(folder.to_owned()),
            Some(("credentials", file)) => builder = with_credentials(builder, url, file)?,
            _ => {
                return Err(address(
                    url,
                    "it may have 'endpoint', 'region', 'prefix' and 'credentials' only",
                ));
            }
        }
    }
    let store = builder
        .with_retry(retry)
        .build()
        .map_err(|source| Error::Store { attempt: "set itself up", source })?;
    Ok(match prefix {
        Some(prefix) => Arc::new(PrefixStore::new(store, prefix)),
        None => Arc::new(store),
    })
}

fn with_credentials(builder: AmazonS3Builder, url: &str, file: &str) -> Result<AmazonS3Builder, Error> {
    let text = std::fs::read_to_string(file).map_err(|source| Error::File {
        what: "credentials file",
        path: file.to_owned(),
        source,
    })?;
    let (id, secret) = text
        .trim()
        .split_once(':')
        .ok_or_else(|| address(url, "its credentials file is not one line 'access-key-id:secret'"))?;
    Ok(builder.with_access_key_id(id).with_secret_access_key(secret))
}

fn address(url: &str, problem: &str) -> Error {
    Error::Address { url: url.to_owned(), problem: problem.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::open;

    #[test]
    fn an_address_that_nobody_understands_says_what_would_be_understood() {
        for url in ["", "ftp://host/x", "file:", "s3://", "s3://bucket/folder", "s3://bucket?colour=red"] {
            let error = open(url).err().expect("refused").to_string();
            assert!(error.contains(url) && error.contains("object store"), "{error}");
        }
    }
}
