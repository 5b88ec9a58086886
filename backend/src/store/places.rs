//! Opens the place of the blobs: a directory or an S3 bucket.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use object_store::aws::AmazonS3Builder;
use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use object_store::prefix::PrefixStore;
use object_store::{ObjectStoreExt as _, RetryConfig};
use secrecy::ExposeSecret as _;

use super::blobs::Blobs;
use super::{Role, StoreError, StoreOptions, blob, directory_error};
use crate::config::S3Settings;

/// Bytes of one part on disk.
const DISK_PART: usize = 256 * 1024;

/// Bytes of one part in S3, which takes no smaller ones.
const S3_PART: usize = 5 * 1024 * 1024;

/// Time for which a request to S3 is tried again; a user waits for it.
const S3_PATIENCE: Duration = Duration::from_secs(10);

/// Age of an unfinished upload that none of several servers can still be writing.
const STALE: Duration = Duration::from_secs(24 * 3600);

/// Opens the blobs. `alone` says that no other server writes them.
pub(super) async fn open(options: &StoreOptions, alone: bool) -> Result<Blobs, StoreError> {
    match options.blobs.as_deref() {
        Some(url) if url.starts_with("s3://") => s3(url, options).await,
        directory => {
            let directory = directory.map_or_else(|| options.data.join("files"), Into::into);
            disk(&directory, options.role, alone)
        }
    }
}

fn disk(directory: &Path, role: Role, alone: bool) -> Result<Blobs, StoreError> {
    std::fs::create_dir_all(directory).map_err(directory_error(directory))?;
    if role == Role::Server {
        remove_leftovers(directory, if alone { Duration::ZERO } else { STALE })
            .and_then(|()| probe(directory))
            .map_err(directory_error(directory))?;
    }
    let store =
        LocalFileSystem::new_with_prefix(directory).map_err(blob("open the blob directory"))?;
    Ok(Blobs {
        store: Arc::new(store),
        part: DISK_PART,
    })
}

/// Deletes what a crash left of unfinished uploads: the local blob store writes to `name#suffix` and renames.
fn remove_leftovers(directory: &Path, age: Duration) -> std::io::Result<()> {
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        if !entry.file_name().to_string_lossy().contains('#') {
            continue;
        }
        let modified = entry.metadata()?.modified()?;
        // A time in the future is a clock that went back: young, as far as one can tell.
        let old = SystemTime::now()
            .duration_since(modified)
            .unwrap_or_default();
        if old >= age {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Writes a file and deletes it: a directory that is read-only or full is found at the start, not by the first user.
fn probe(directory: &Path) -> std::io::Result<()> {
    let file = directory.join("probe#");
    std::fs::write(&file, b"probe").and_then(|()| std::fs::remove_file(&file))
}

/// What a crash leaves of an upload of several parts is not seen by anybody; the bucket's own rules clear it up.
async fn s3(url: &str, options: &StoreOptions) -> Result<Blobs, StoreError> {
    let failed = |source| StoreError::Bucket {
        url: url.to_owned(),
        source,
    };
    let rest = url.trim_start_matches("s3://").trim_end_matches('/');
    let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    let bucket = builder(&options.s3)
        .with_bucket_name(bucket)
        .build()
        .map_err(failed)?;
    let store = PrefixStore::new(bucket, prefix);
    if options.role == Role::Server {
        let key = Key::from("probe");
        store.put(&key, "probe".into()).await.map_err(failed)?;
        store.delete(&key).await.map_err(failed)?;
    }
    Ok(Blobs {
        store: Arc::new(store),
        part: S3_PART,
    })
}

/// The usual variables first (roles of machines and containers among them), then what is configured.
fn builder(settings: &S3Settings) -> AmazonS3Builder {
    let mut builder = AmazonS3Builder::from_env().with_retry(RetryConfig {
        max_retries: 3,
        retry_timeout: S3_PATIENCE,
        ..RetryConfig::default()
    });
    if let Some(endpoint) = &settings.endpoint {
        builder = builder
            .with_endpoint(endpoint.as_str().trim_end_matches('/'))
            .with_allow_http(endpoint.scheme() == "http");
    }
    if let Some(region) = &settings.region {
        builder = builder.with_region(region);
    }
    if let (Some(id), Some(key)) = (&settings.access_key_id, &settings.secret_access_key) {
        builder = builder
            .with_access_key_id(id)
            .with_secret_access_key(key.expose_secret());
    }
    builder
}
