//! Which paths the server has: ours or those of AICON's official sample back end.

use aicon_protocol::ai::{ErrorCode, UPLOAD_FORMATS};

use super::{ApiError, Fault};
use crate::browser::storage;
use crate::config::{ApiProtocol, Config};

const KNOWN: &str = "aicon.dialect";

/// A family of paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// The AI API and the guideline's paths.
    Ai,
    /// The official sample's.
    Sample,
}

/// The dialect, where the config or an earlier call tells it.
pub fn known_dialect(config: &Config) -> Option<Dialect> {
    match config.api_protocol {
        ApiProtocol::Ai => Some(Dialect::Ai),
        ApiProtocol::Aicon => Some(Dialect::Sample),
        // It is one of ours, which speaks both: ours streams.
        ApiProtocol::Auto if config.is_described => Some(Dialect::Ai),
        ApiProtocol::Auto => match storage::local().get(KNOWN)?.split_once(' ')? {
            ("ai", end_point) if end_point == config.api_end_point => Some(Dialect::Ai),
            ("sample", end_point) if end_point == config.api_end_point => Some(Dialect::Sample),
            _ => None,
        },
    }
}

/// Extensions of the files that a message may have. Where nobody says: the AI API takes images, the official sample what the
/// guideline names (`aicon.md` 1).
pub fn attachment_formats(config: &Config) -> Vec<&str> {
    const SAMPLE: [&str; 7] = ["jpg", "jpeg", "png", "webp", "csv", "txt", "pdf"];
    if !config.accept.is_empty() {
        return config.accept.iter().map(|one| &**one).collect();
    }
    match known_dialect(config) {
        Some(Dialect::Sample) => SAMPLE.into(),
        Some(Dialect::Ai) | None => UPLOAD_FORMATS.into(),
    }
}

/// Whether a file goes to the AI API's upload, which takes images only; any other goes along with its message.
pub(super) fn is_image(name: &str) -> bool {
    has_extension(name, UPLOAD_FORMATS)
}

/// Whether a file's name ends in a dot and one of these.
pub fn has_extension(name: &str, formats: impl IntoIterator<Item = impl AsRef<str>>) -> bool {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    let is = |format: &str| extension.is_some_and(|found| format.eq_ignore_ascii_case(found));
    formats.into_iter().any(|format| is(format.as_ref()))
}

/// Makes a call in the server's dialect. Where it is not known, ours is tried first, and what the server turns out to speak is
/// remembered in this browser. A server that has lost the paths that were found is asked anew.
pub(super) async fn in_dialect<T>(
    config: &Config,
    mut call: impl AsyncFnMut(Dialect) -> Result<T, ApiError>,
) -> Result<T, ApiError> {
    if let Some(known) = known_dialect(config) {
        let outcome = call(known).await;
        let is_guess = config.api_protocol == ApiProtocol::Auto;
        if !is_guess || !matches!(&outcome, Err(ApiError::Fault(fault)) if has_no_path(fault)) {
            return outcome;
        }
    }
    let first = call(Dialect::Ai).await;
    if !is_missing(&first) {
        if !matches!(first, Err(ApiError::Aborted | ApiError::SignedOut)) {
            remember("ai", config);
        }
        return first;
    }
    let second = call(Dialect::Sample).await;
    if is_missing(&second) {
        return first;
    }
    remember("sample", config);
    second
}

fn remember(dialect: &str, config: &Config) {
    storage::local().set(KNOWN, &[dialect, " ", &config.api_end_point].concat());
}

/// The server has no such path. One that does not answer the preflight of an unknown path looks like no server at all.
fn is_missing<T>(outcome: &Result<T, ApiError>) -> bool {
    match outcome {
        Err(ApiError::Fault(fault)) => *fault == Fault::Network || has_no_path(fault),
        _ => false,
    }
}

fn has_no_path(fault: &Fault) -> bool {
    let codes_of_ours = [ErrorCode::FileNotFound, ErrorCode::ResponseNotFound];
    match fault {
        Fault::Told {
            status: 404 | 405,
            body,
            ..
        } => !codes_of_ours.contains(&body.code),
        _ => false,
    }
}
