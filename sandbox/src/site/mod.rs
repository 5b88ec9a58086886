//! Hosting of the uploaded bundle as IIS does it (`aicon.md` 3.8): its own MIME table, `web.config`, no compression.
//!
//! A configuration that IIS would refuse (an extension mapped twice, an unknown rewrite) answers every request with
//! 500.19 here as there, and says why.

mod files;
mod http;
mod mime;
mod web_config;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderName, HeaderValue};
use tower_http::set_header::SetResponseHeaderLayer;

use crate::cli::Options;
use files::Files;
use mime::MimeTable;
use web_config::WebConfig;

/// Where the app looks for its configuration.
const CONFIG_PATH: &str = "configs/configs.json";

/// Why a bundle cannot be hosted.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// A path given cannot be read.
    #[error("failed to read `{path}`: {source}")]
    Read {
        /// The path given.
        path: PathBuf,
        /// The operating system's reason.
        source: io::Error,
    },
    /// The ZIP is broken, or nothing that AICON could unpack safely.
    #[error("failed to read the ZIP `{path}`: {reason}")]
    Zip {
        /// The path given.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A flag's value has the wrong form.
    #[error("`{0}` is not of the form .EXT=TYPE")]
    IisMime(String),
}

/// A bundle, ready to be served.
pub(crate) struct Site {
    files: Files,
    /// Read at each request, like the files of a directory.
    config_override: Option<PathBuf>,
    base_mime: MimeTable,
}

/// What `web.config` makes of the site.
struct Rules {
    mime: MimeTable,
    web_config: WebConfig,
}

impl Site {
    pub(crate) fn open(options: &Options) -> Result<Self, SiteError> {
        let files = match &options.site {
            Some(path) => Files::open(path)?,
            None => Files::None,
        };
        let config_override = options.site_config.clone();
        if let Some(path) = &config_override {
            std::fs::metadata(path).map_err(|source| SiteError::Read {
                path: path.clone(),
                source,
            })?;
        }
        let mut base_mime = MimeTable::of_iis();
        for entry in options.iis_mime.iter().filter(|entry| !entry.is_empty()) {
            let (extension, kind) = entry
                .split_once('=')
                .ok_or_else(|| SiteError::IisMime(entry.clone()))?;
            base_mime.set(extension, kind);
        }
        let site = Self {
            files,
            config_override,
            base_mime,
        };
        site.warn();
        Ok(site)
    }

    /// Read at each request from a directory, so that a changed `web.config` counts at once, as with IIS.
    fn rules(&self) -> Result<Rules, String> {
        let web_config = match self.files.read("web.config") {
            Some(bytes) => WebConfig::parse(&bytes).map_err(|error| error.to_string())?,
            None => WebConfig::default(),
        };
        let mime = self.base_mime.with(&web_config.mime_changes)?;
        Ok(Rules { mime, web_config })
    }

    /// The bytes of a file; names are compared without case, as on Windows.
    fn read(&self, path: &str) -> Option<Vec<u8>> {
        match &self.config_override {
            Some(config) if path.eq_ignore_ascii_case(CONFIG_PATH) => std::fs::read(config).ok(),
            _ => self.files.read(path),
        }
    }

    fn is_directory(&self, path: &str) -> bool {
        self.files.is_directory(path)
    }

    fn warn(&self) {
        if let Files::None = self.files {
            return;
        }
        if self.files.read("index.html").is_none() {
            tracing::warn!(
                "the bundle has no index.html at its root; in a ZIP, the files must not be in a folder"
            );
        }
        if let Err(error) = self.rules() {
            tracing::warn!("the bundle's web.config would stop IIS from serving it: {error}");
        }
    }
}

/// Serves the bundle at every path.
pub(crate) fn router(site: Arc<Site>) -> Router {
    let server = SetResponseHeaderLayer::if_not_present(
        HeaderName::from_static("server"),
        HeaderValue::from_static("Microsoft-IIS/10.0 (aicon-sandbox)"),
    );
    Router::new()
        .fallback(http::handle)
        .with_state(site)
        .layer(server)
}
