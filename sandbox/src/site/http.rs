//! From a request to a file, in IIS's order: configuration, rewrite, file, default document, MIME type.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use percent_encoding::percent_decode_str;
use sha2::{Digest, Sha256};

use super::web_config::{Requested, WebConfig};
use super::{Rules, Site};

/// What IIS looks for in a folder, of its defaults those that a bundle may have.
const DEFAULT_DOCUMENTS: &[&str] = &["default.htm", "index.htm", "index.html"];

/// Names that IIS's request filtering hides.
const HIDDEN: &[&str] = &["web.config", "bin", "app_data", "app_code"];

/// A request's fate: a file, or a status with IIS's sub-status and a reason.
enum Answer {
    File {
        path: String,
        bytes: Vec<u8>,
        kind: String,
    },
    Moved {
        location: String,
    },
    Error {
        status: StatusCode,
        sub_status: u8,
        reason: String,
    },
}

pub(super) async fn handle(
    State(site): State<Arc<Site>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let answered =
        tokio::task::spawn_blocking(move || answer(&site, &method, &uri, &headers)).await;
    answered.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

fn answer(site: &Site, method: &Method, uri: &Uri, headers: &HeaderMap) -> Response {
    let rules = match site.rules() {
        Ok(rules) => rules,
        Err(reason) => return error(StatusCode::INTERNAL_SERVER_ERROR, 19, &reason),
    };
    if method != Method::GET && method != Method::HEAD {
        return error(
            StatusCode::METHOD_NOT_ALLOWED,
            0,
            "only GET and HEAD are served",
        );
    }
    let mut response = match find(site, &rules, uri.path()) {
        Answer::File { path, bytes, kind } => {
            let mut response = file(&path, bytes, &kind, headers);
            add_caching(&rules.web_config, &path, &mut response);
            response
        }
        Answer::Moved { location } => (
            StatusCode::MOVED_PERMANENTLY,
            [(header::LOCATION, location)],
        )
            .into_response(),
        Answer::Error {
            status,
            sub_status,
            reason,
        } => error(status, sub_status, &reason),
    };
    add_headers(&rules.web_config, &mut response);
    response
}

fn find(site: &Site, rules: &Rules, raw_path: &str) -> Answer {
    let Some(path) = safe_path(raw_path) else {
        return refuse(StatusCode::BAD_REQUEST, 0, "the path is not one of a file");
    };
    let wants_folder = path.is_empty() || raw_path.ends_with('/');
    let requested = Requested {
        path: &path,
        is_file: !wants_folder && site.read(&path).is_some(),
        is_directory: site.is_directory(&path),
    };
    let path = rules.web_config.rewrite(requested).unwrap_or(&path);
    if path
        .split('/')
        .any(|name| HIDDEN.contains(&name.to_ascii_lowercase().as_str()))
    {
        return refuse(
            StatusCode::NOT_FOUND,
            8,
            "request filtering hides this path",
        );
    }
    if !site.is_directory(path) {
        return serve(site, rules, path);
    }
    if !path.is_empty() && !raw_path.ends_with('/') {
        return Answer::Moved {
            location: format!("{raw_path}/"),
        };
    }
    let prefix = if path.is_empty() {
        String::new()
    } else {
        format!("{path}/")
    };
    let mut documents = DEFAULT_DOCUMENTS
        .iter()
        .map(|name| format!("{prefix}{name}"));
    match documents.find(|document| site.read(document).is_some()) {
        Some(document) => serve(site, rules, &document),
        None => refuse(StatusCode::FORBIDDEN, 14, "folders are not listed"),
    }
}

fn serve(site: &Site, rules: &Rules, path: &str) -> Answer {
    let Some(bytes) = site.read(path) else {
        return refuse(
            StatusCode::NOT_FOUND,
            0,
            "there is no such file, and no rewrite rule for its path",
        );
    };
    match rules.mime.of_file(path) {
        Some(kind) => Answer::File {
            path: path.to_owned(),
            bytes,
            kind: kind.to_owned(),
        },
        None => refuse(
            StatusCode::NOT_FOUND,
            3,
            "the extension has no MIME type: add a <mimeMap> to web.config",
        ),
    }
}

/// The decoded path without slashes at its ends; nothing when a name in it is none.
fn safe_path(raw_path: &str) -> Option<String> {
    let decoded = percent_decode_str(raw_path).decode_utf8().ok()?;
    let path = decoded.strip_prefix('/')?;
    let path = path.strip_suffix('/').unwrap_or(path);
    let is_bad = |name: &str| matches!(name, "" | "." | "..") || name.contains(['\\', ':', '\0']);
    let is_safe = path.is_empty() || !path.split('/').any(is_bad);
    is_safe.then(|| path.to_owned())
}

fn file(path: &str, bytes: Vec<u8>, kind: &str, request: &HeaderMap) -> Response {
    let etag = format!("\"{:x}\"", Sha256::digest(&bytes));
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::ETAG, etag.clone()),
    ];
    let is_known = request
        .get(header::IF_NONE_MATCH)
        .is_some_and(|known| known.as_bytes() == etag.as_bytes());
    tracing::debug!(site.path = path, site.not_modified = is_known, "served");
    if is_known {
        (StatusCode::NOT_MODIFIED, headers).into_response()
    } else {
        (headers, bytes).into_response()
    }
}

fn refuse(status: StatusCode, sub_status: u8, reason: &str) -> Answer {
    Answer::Error {
        status,
        sub_status,
        reason: reason.to_owned(),
    }
}

/// In plain text, which no browser runs whatever the reason quotes.
fn error(status: StatusCode, sub_status: u8, reason: &str) -> Response {
    let number = status.as_u16();
    let name = status.canonical_reason().unwrap_or_default();
    let text = match sub_status {
        0 => format!("HTTP Error {number} - {name}\n{reason}\n"),
        _ => format!("HTTP Error {number}.{sub_status} - {name}\n{reason}\n"),
    };
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers, text).into_response()
}

/// Without a `<clientCache>` IIS leaves it to the browser; without `Last-Modified`, as here, it asks each time.
fn add_caching(config: &WebConfig, path: &str, response: &mut Response) {
    if let Some(Ok(value)) = config.cache_control(path).map(HeaderValue::from_str) {
        response.headers_mut().insert(header::CACHE_CONTROL, value);
    }
}

/// `customHeaders` apply to every answer, IIS's own `X-Powered-By` is one of them.
fn add_headers(config: &WebConfig, response: &mut Response) {
    let headers = response.headers_mut();
    if !config
        .removed_headers
        .iter()
        .any(|name| name.eq_ignore_ascii_case("X-Powered-By"))
    {
        headers.insert("x-powered-by", HeaderValue::from_static("ASP.NET"));
    }
    for (name, value) in &config.added_headers {
        match (HeaderName::try_from(name), HeaderValue::from_str(value)) {
            (Ok(name), Ok(value)) => _ = headers.insert(name, value),
            _ => tracing::warn!(
                site.header = name,
                "web.config adds a header that cannot be sent"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_lead_out_are_refused() {
        for path in [
            "/../a",
            "/a/%2e%2e/b",
            "/a/%2E%2E%2Fb",
            "/a\\b",
            "/%5c",
            "/c:/a",
            "/a//b",
            "/%00",
            "/%ff",
            "*",
        ] {
            assert_eq!(safe_path(path), None, "{path}");
        }
    }

    #[test]
    fn paths_are_decoded_once() {
        assert_eq!(
            safe_path("/%ED%95%9C/a%2520b.js").as_deref(),
            Some("한/a%20b.js")
        );
        assert_eq!(safe_path("/").as_deref(), Some(""));
        assert_eq!(safe_path("/a/").as_deref(), Some("a"));
    }
}
