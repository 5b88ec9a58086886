//! The folder as `ServeDir` sees it: nothing outside it, nothing hidden, and perhaps another configuration.

use std::io::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;

use tower_http::services::fs::{Backend, TokioBackend, TokioFile};

use super::{CONFIG, SiteError};

/// Read by IIS alone.
const WEB_CONFIG: &str = "web.config";

/// Files below a root, wherever links in it may lead.
#[derive(Clone, Debug)]
pub(super) struct Folder {
    root: Arc<Path>,
    config: Option<Arc<Path>>,
}

impl Folder {
    pub(super) fn open(path: &Path, config: Option<&Path>) -> std::result::Result<Self, SiteError> {
        let root = std::fs::canonicalize(path).and_then(|root| {
            if root.is_dir() {
                Ok(root)
            } else {
                Err(ErrorKind::NotADirectory.into())
            }
        });
        let root = root.map_err(|source| SiteError::Folder {
            path: path.to_owned(),
            source,
        })?;
        let config = config.map(|path| {
            // Read once, so that a file nobody may read is told now and not to the first visitor.
            let read = std::fs::read(path).and_then(|_| std::path::absolute(path));
            read.map_err(|source| SiteError::Config {
                path: path.to_owned(),
                source,
            })
        });
        Ok(Self {
            root: root.into(),
            config: config.transpose()?.map(Into::into),
        })
    }

    /// Without links.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Where the file is that a path below the root stands for.
    pub(super) fn find(&self, path: &Path) -> Result<PathBuf> {
        let inside = path.strip_prefix(&self.root).map_err(|_| missing())?;
        if inside.iter().any(|name| is_hidden(&name.to_string_lossy())) {
            return Err(missing());
        }
        if let Some(config) = &self.config
            && let Some(rest) = inside
                .to_str()
                .and_then(|inside| inside.strip_prefix(CONFIG))
        {
            // A packed form of the other file is none of this one.
            return if rest.is_empty() {
                Ok(config.to_path_buf())
            } else {
                Err(missing())
            };
        }
        let found = std::fs::canonicalize(path)?;
        if found.starts_with(&self.root) {
            Ok(found)
        } else {
            Err(missing())
        }
    }

    /// [`Folder::find`] apart from the threads that answer.
    async fn found(self, path: PathBuf) -> Result<PathBuf> {
        let found = tokio::task::spawn_blocking(move || self.find(&path)).await;
        found.map_err(Error::other)?
    }
}

impl Backend for Folder {
    type File = TokioFile;
    type Metadata = std::fs::Metadata;
    type OpenFuture = Pin<Box<dyn Future<Output = Result<TokioFile>> + Send>>;
    type MetadataFuture = Pin<Box<dyn Future<Output = Result<std::fs::Metadata>> + Send>>;

    fn open(&self, path: PathBuf) -> Self::OpenFuture {
        let folder = self.clone();
        Box::pin(async move { TokioBackend.open(folder.found(path).await?).await })
    }

    fn metadata(&self, path: PathBuf) -> Self::MetadataFuture {
        let folder = self.clone();
        Box::pin(async move { TokioBackend.metadata(folder.found(path).await?).await })
    }
}

fn is_hidden(name: &str) -> bool {
    name.starts_with('.') || name.eq_ignore_ascii_case(WEB_CONFIG)
}

fn missing() -> Error {
    ErrorKind::NotFound.into()
}
