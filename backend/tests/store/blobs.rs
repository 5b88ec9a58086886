//! Blobs in S3: a server of another crate that speaks the protocol, over a directory.

use std::path::Path;
use std::time::Duration;

use aicon_backend::config::S3Settings;
use aicon_backend::store::{FileRecord, Role, Store};
use aicon_protocol::id::{FileId, UserId};
use hyper_util::rt::TokioIo;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use tempfile::TempDir;
use tokio::net::TcpListener;

use crate::engines::{NOW, Place, sqlite};

/// Of which S3 makes two parts and a rest.
const LARGE: usize = 11 * 1024 * 1024;

struct S3 {
    root: TempDir,
    endpoint: String,
}

impl S3 {
    async fn start() -> Self {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("bucket")).unwrap();
        let mut builder = S3ServiceBuilder::new(s3s_fs::FileSystem::new(root.path()).unwrap());
        builder.set_auth(SimpleAuth::from_single("the-id", "the-secret"));
        let service = builder.build();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let connection = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service.clone());
                tokio::spawn(connection);
            }
        });
        Self { root, endpoint }
    }

    fn place(&self, secret: &str) -> Place {
        let mut place = sqlite();
        place.blobs = Some("s3://bucket/some/prefix".into());
        place.s3 = S3Settings {
            endpoint: Some(self.endpoint.parse().unwrap()),
            region: Some("us-east-1".into()),
            access_key_id: Some("the-id".into()),
            secret_access_key: Some(secret.into()),
        };
        place
    }

    /// Whatever is there: objects, parts, notes.
    fn files(&self) -> Vec<String> {
        let mut files = Vec::new();
        list(self.root.path(), &mut files);
        files.sort();
        files
    }
}

fn list(directory: &Path, files: &mut Vec<String>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            list(&path, files);
        } else {
            files.push(path.display().to_string());
        }
    }
}

async fn put(store: &Store, name: &str, bytes: &[u8], expires_at: i64) {
    let id = FileId::new(name);
    let mut blob = store.write_blob(&id);
    for chunk in bytes.chunks(64 * 1024) {
        blob.write(chunk).await.unwrap();
    }
    blob.finish().await.unwrap();
    let file = FileRecord {
        id,
        owner: UserId::new("a"),
        media_type: "image/png".into(),
        bytes: bytes.len() as u64,
        width: 1,
        height: 1,
        created_at: NOW,
        expires_at,
    };
    store.insert_file(&file).await.unwrap();
}

#[tokio::test]
async fn small_and_large_files_go_to_the_bucket_come_back_and_expire() {
    let s3 = S3::start().await;
    let store = s3.place("the-secret").open().await;
    let large: Vec<u8> = (0..LARGE).map(|number| (number % 251) as u8).collect();
    put(&store, "file-small", b"small", NOW + 1).await;
    put(&store, "file-large", &large, NOW + 2).await;
    assert!(
        s3.files()
            .iter()
            .any(|file| file.ends_with("bucket/some/prefix/file-small"))
    );
    assert_eq!(
        store.read_blob(&FileId::new("file-small")).await.unwrap(),
        "small"
    );
    assert_eq!(
        store.read_blob(&FileId::new("file-large")).await.unwrap(),
        large
    );
    assert_eq!(store.sweep_files(NOW + 1).await.unwrap(), 1);
    assert!(store.read_blob(&FileId::new("file-small")).await.is_err());
    assert!(store.read_blob(&FileId::new("file-large")).await.is_ok());
    store.delete_blob(&FileId::new("file-large")).await.unwrap();
    store.delete_blob(&FileId::new("file-large")).await.unwrap();
    assert!(
        s3.files().iter().all(|file| !file.contains("file-")),
        "{:?}",
        s3.files()
    );
}

#[tokio::test]
async fn an_upload_that_is_aborted_or_dropped_leaves_nothing_in_the_bucket() {
    let s3 = S3::start().await;
    let store = s3.place("the-secret").open().await;
    let before = s3.files();
    for drop_it in [false, true] {
        let mut blob = store.write_blob(&FileId::new("file-1"));
        blob.write(&vec![7; LARGE]).await.unwrap();
        assert_ne!(s3.files(), before, "no part was sent");
        if drop_it {
            drop(blob);
        } else {
            blob.abort().await;
        }
        let gone = async {
            while s3.files() != before {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let gone = tokio::time::timeout(Duration::from_secs(10), gone).await;
        gone.unwrap_or_else(|_| panic!("left behind: {:?}", s3.files()));
    }
}

#[tokio::test]
async fn a_bucket_that_cannot_be_used_is_named_at_the_start_and_no_secret_is_told() {
    let s3 = S3::start().await;
    let wrong = s3.place("canary-secret");
    let mut nobody = s3.place("the-secret");
    nobody.s3.endpoint = Some("http://127.0.0.1:1".parse().unwrap());
    for place in [wrong, nobody] {
        let error = Store::open(&place.options(Role::Server)).await.unwrap_err();
        let text = error.to_string();
        for part in [
            "failed to use bucket",
            "s3://bucket/some/prefix",
            "AICON_BLOBS",
        ] {
            assert!(text.contains(part), "{text}");
        }
        assert!(!text.contains("canary"), "{text}");
    }
}
