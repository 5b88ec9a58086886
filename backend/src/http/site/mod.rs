//! The app itself, hosted by the provider (types 3 and 4 of `aicon.md` 1): what IIS and `web.config` do at AICON.
//!
//! Files come by `tower-http`'s `ServeDir` out of a [`Folder`]; what [`built`] found in the page at the start becomes headers. The
//! app's own addresses, such as `/chat`, are no files: whoever asks for a page gets the page.

mod built;
mod folder;

use std::convert::Infallible;
use std::path::{Path, PathBuf};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use tower::ServiceExt as _;
use tower_http::services::ServeDir;
use tower_http::services::fs::DefaultServeDirFallback;

use super::error::HttpError;
use crate::app::App;
use crate::config::{Origin, SiteSettings};
use crate::service::ServiceError;
use folder::Folder;

/// The page, in the folder.
const PAGE: &str = "index.html";

/// The app's configuration, in the folder.
const CONFIG: &str = "configs/configs.json";

/// First names of paths that are the API's: an unknown one below them is never a page.
const API: &[&str] = &["ai", "api", "auth"];

/// Pages of AICON may show the app in a frame, as in `assets/web.config`.
const FRAME_ANCESTORS: &str = "frame-ancestors 'self' https://aicon.or.kr https://*.aicon.or.kr";

const HEADERS: [(HeaderName, HeaderValue); 4] = [
    (
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    ),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static(
            "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
        ),
    ),
];

/// A built app that can be hosted.
#[derive(Debug)]
pub struct Site {
    files: ServeDir<DefaultServeDirFallback, Folder>,
    policy: HeaderValue,
}

/// Why an app cannot be hosted.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// No such folder, or not to be read.
    #[error(
        "failed to open the site `{}`: {source} (key `site.directory`, AICON_SITE, --site)",
        .path.display()
    )]
    Folder {
        /// As it was given.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file that the app cannot do without.
    #[error(
        "failed to open the site `{}`: `{file}` is missing or cannot be read; expected what `cargo xtask bundle` leaves in `dist`",
        .path.display()
    )]
    Incomplete {
        /// The folder.
        path: PathBuf,
        /// Inside it.
        file: String,
    },
    /// The page's source in place of the built one.
    #[error(
        "failed to open the site `{}`: its `index.html` is not built; expected what `cargo xtask bundle` leaves in `dist`",
        .0.display()
    )]
    NotBuilt(PathBuf),
    /// The file in place of the folder's configuration.
    #[error(
        "failed to open the app's configuration `{}`: {source} (key `site.config`, AICON_SITE_CONFIG)",
        .path.display()
    )]
    Config {
        /// As it was given.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl Site {
    /// Looks whether the folder holds a whole app; `None` where the settings name none.
    ///
    /// # Errors
    /// Something is missing.
    pub fn open(settings: &SiteSettings) -> Result<Option<Self>, SiteError> {
        let Some(path) = &settings.directory else {
            return Ok(None);
        };
        let folder = Folder::open(path, settings.config.as_deref())?;
        let page = built::read(path, &folder)?;
        let files = ServeDir::with_backend(folder.root(), folder.clone())
            .redirect_to_trailing_slash(false)
            .precompressed_br()
            .precompressed_gzip();
        Ok(Some(Self {
            files,
            policy: policy(path, page.policy, &settings.frame_origins)?,
        }))
    }

    /// The file, or the page where a page is asked for and there is no such file.
    async fn answer(&self, request: Parts) -> Response {
        let path = request.uri.path();
        if is_api(path) || is_packed(path) {
            return not_found();
        }
        let response = self.file(&request, request.uri.clone()).await;
        if response.status() == StatusCode::NOT_FOUND {
            return self.page(&request).await.unwrap_or_else(not_found);
        }
        response
    }

    /// The page, if that is what a browser would show at this address.
    async fn page(&self, request: &Parts) -> Option<Response> {
        let path = request.uri.path();
        let wants_page =
            matches!(request.method, Method::GET | Method::HEAD) && accepts_html(&request.headers);
        if names_file(path) || !wants_page || is_api(path) {
            return None;
        }
        let root = Uri::from(PathAndQuery::from_static("/"));
        Some(self.file(request, root).await)
    }

    async fn file(&self, request: &Parts, uri: Uri) -> Response {
        let mut asked = Request::new(Body::empty());
        *asked.method_mut() = request.method.clone();
        *asked.headers_mut() = request.headers.clone();
        let caching = caching(uri.path());
        *asked.uri_mut() = uri;
        let answered: Result<_, Infallible> = self.files.clone().oneshot(asked).await;
        let mut response = match answered {
            Ok(response) => response.map(Body::new),
            Err(never) => match never {},
        };
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
        headers.insert(header::CONTENT_SECURITY_POLICY, self.policy.clone());
        headers.extend(HEADERS);
        response
    }
}

/// Every path that is no route: a file of the app, the page, or nothing.
pub async fn get(State(app): State<App>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    match &app.site {
        Some(site) if matches!(parts.method, Method::GET | Method::HEAD) => {
            site.answer(parts).await
        }
        _ => not_found(),
    }
}

/// Every route asked with a method that it has not: `/chat` is the samples' endpoint and an address of the app.
pub async fn page(State(app): State<App>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    if let Some(site) = &app.site
        && let Some(page) = site.page(&parts).await
    {
        return page;
    }
    HttpError(ServiceError::MethodNotAllowed).into_response()
}

fn not_found() -> Response {
    HttpError(ServiceError::NotFound).into_response()
}

/// The page's own policy, and who may frame it, which a page cannot say itself (CSP 3, 6.4.2).
fn policy(
    path: &Path,
    policy: Option<String>,
    frame_origins: &[Origin],
) -> Result<HeaderValue, SiteError> {
    let mut text = policy.map_or_else(String::new, |policy| format!("{policy}; "));
    text.push_str(FRAME_ANCESTORS);
    for origin in frame_origins {
        text.push(' ');
        text.push_str(origin.as_str());
    }
    HeaderValue::from_str(&text).map_err(|_| SiteError::NotBuilt(path.to_owned()))
}

/// A name with a hash of the content in it is for ever; all else is asked for again each time.
fn caching(path: &str) -> &'static str {
    let name = path.rsplit('/').next().unwrap_or_default();
    let is_hash = |part: &str| {
        part.len() >= 16
            && part
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    if name.split(['-', '_', '.']).any(is_hash) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    }
}

/// Said in so many words: a script's `fetch`, which takes anything, is to learn that there is no such file.
fn accepts_html(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter();
    accepted
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|range| range.split(';').next())
        .any(|kind| kind.trim().eq_ignore_ascii_case("text/html"))
}

fn is_api(path: &str) -> bool {
    let first = path.split('/').find(|name| !name.is_empty());
    first.is_some_and(|first| API.contains(&first))
}

/// The last name has an extension.
fn names_file(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.contains('.') || name.to_ascii_lowercase().contains("%2e")
}

/// The packed files are there for their plain ones, not by themselves.
fn is_packed(path: &str) -> bool {
    [".br", ".gz"].iter().any(|end| path.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_hash_in_the_name_makes_a_file_immutable() {
        for path in ["/app-871b8935073034f0.css", "/a-5b8a88ccd1cadcbc_bg.bin"] {
            assert!(caching(path).contains("immutable"), "{path}");
        }
        for path in [
            "/",
            "/index.html",
            "/configs/configs.json",
            "/app-871b8935.css",
            "/app-871b8935073034fz.css",
            "/871b8935073034f0/app.css",
        ] {
            assert_eq!(caching(path), "no-cache", "{path}");
        }
    }

    #[test]
    fn html_must_be_named_to_be_accepted() {
        let accepts = |value: &'static str| {
            accepts_html(&HeaderMap::from_iter([(
                header::ACCEPT,
                HeaderValue::from_static(value),
            )]))
        };
        assert!(accepts("text/html,application/xhtml+xml,*/*;q=0.8"));
        assert!(accepts("application/xml;q=0.9, Text/HTML;q=1"));
        assert!(!accepts("*/*") && !accepts("application/json, text/htmlx"));
        assert!(!accepts_html(&HeaderMap::new()));
    }
}
