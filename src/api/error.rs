//! What can go wrong with a call, as the user has to be told.

use aicon_protocol::ai::{ErrorBody, ErrorCode};
use aicon_protocol::json::{ReadJson, WriteJson};
use thiserror::Error;

use crate::json::{Json, Object};

/// Why a call failed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ApiError {
    /// The session is over; [`crate::auth::Session`] says why.
    #[error("the session is over")]
    SignedOut,
    /// The user stopped it.
    #[error("stopped")]
    Aborted,
    /// Everything else.
    #[error("{0:?}")]
    Fault(Fault),
}

/// A failure that is shown where it happened; kept with the conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing came back.
    Network,
    /// The answer began and broke off, or ended without its terminal event.
    Broken,
    /// The connection is open and silent.
    Silent,
    /// What came back is not what the API promises.
    Unreadable,
    /// The page was left or loaded anew while the answer came.
    Left,
    /// The server said what is wrong.
    Told {
        /// HTTP status; 200 for an error inside the stream.
        status: u16,
        /// Code and text.
        body: ErrorBody,
        /// Seconds to wait, where the server says so.
        retry_after: Option<u32>,
    },
}

impl Fault {
    /// The fault that an error answer tells of.
    pub(super) fn of_answer(status: u16, text: &str, retry_after: Option<u32>) -> Self {
        let json = Json::parse(text).ok();
        let body = json.as_ref().and_then(ErrorBody::read);
        let body = body.unwrap_or_else(|| ErrorBody {
            code: code_of(status),
            message: json.as_ref().map(validation_text).unwrap_or_default(),
        });
        Self::Told {
            status,
            body,
            retry_after,
        }
    }

    /// To be kept with the conversation.
    pub fn to_object(&self) -> Object {
        let mut object = Object::new();
        match self {
            Self::Network => object.text("kind", "network"),
            Self::Broken => object.text("kind", "broken"),
            Self::Silent => object.text("kind", "silent"),
            Self::Unreadable => object.text("kind", "unreadable"),
            Self::Left => object.text("kind", "left"),
            Self::Told { status, body, .. } => {
                object.count("status", u64::from(*status));
                object.text("code", body.code.as_str());
                object.text("message", &body.message);
            }
        }
        object
    }

    /// As it was kept. How long to wait is no longer true then.
    pub fn of_json(json: &Json) -> Self {
        match json.text_of("kind").as_deref() {
            Some("network") => Self::Network,
            Some("silent") => Self::Silent,
            Some("unreadable") => Self::Unreadable,
            Some("left") => Self::Left,
            Some(_) => Self::Broken,
            None => {
                let status = json.count_of("status").unwrap_or_default() as u16;
                match ErrorBody::read(json) {
                    Some(body) => Self::Told {
                        status,
                        body,
                        retry_after: None,
                    },
                    None => Self::Broken,
                }
            }
        }
    }

    /// The error's code, where the server told one.
    pub fn code(&self) -> Option<&ErrorCode> {
        match self {
            Self::Told { body, .. } => Some(&body.code),
            _ => None,
        }
    }
}

/// What FastAPI, on which the official sample is built, says of a request that does not fit:
/// `{"detail":[{"loc":["body","prompt"],"msg":"Field required"}]}`.
fn validation_text(json: &Json) -> String {
    let problems = json.member("detail").and_then(|detail| detail.items());
    let text = |problem: &Json| {
        let place = problem.member("loc")?.items()?.last()?.text()?;
        Some([&place, ": ", &problem.text_of("msg")?].concat())
    };
    let texts: Vec<String> = problems.iter().flatten().filter_map(text).collect();
    texts.join(", ")
}

/// A proxy in between answers with a page of its own: the status still says what is meant.
fn code_of(status: u16) -> ErrorCode {
    match status {
        401 => ErrorCode::Unauthorized,
        403 => ErrorCode::Forbidden,
        404 => ErrorCode::NotFound,
        413 => ErrorCode::PayloadTooLarge,
        415 => ErrorCode::UnsupportedMediaType,
        429 => ErrorCode::RateLimited,
        502..=504 => ErrorCode::ProviderUnavailable,
        _ => ErrorCode::InternalError,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(status: u16, text: &str) -> (ErrorCode, String) {
        match Fault::of_answer(status, text, None) {
            Fault::Told { body, .. } => (body.code, body.message),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn both_dialects_and_the_samples_errors_are_read() {
        let ours =
            r#"{"success":false,"data":null,"error":{"code":"FILE_NOT_FOUND","message":"x"}}"#;
        assert_eq!(told(404, ours), (ErrorCode::FileNotFound, "x".to_owned()));
        let hub = r#"{"errorCode":"STREAM_TIMEOUT","message":"y","details":{},"timestamp":"z"}"#;
        assert_eq!(told(504, hub), (ErrorCode::StreamTimeout, "y".to_owned()));
        assert_eq!(told(422, r#"{"detail":"no"}"#).1, "no");
        let invalid = r#"{"detail":[{"type":"missing","loc":["body","prompt"],"msg":"Field required","input":null},
            {"loc":["body",0],"msg":"x"},{"loc":["body","files"],"msg":"Too many"}]}"#;
        let (code, message) = told(422, invalid);
        assert_eq!(code, ErrorCode::InternalError);
        assert_eq!(message, "prompt: Field required, files: Too many");
    }

    #[test]
    fn a_proxys_own_page_is_told_by_its_status() {
        assert_eq!(
            told(413, "<html>too big</html>").0,
            ErrorCode::PayloadTooLarge
        );
        assert_eq!(told(502, "").0, ErrorCode::ProviderUnavailable);
    }

    #[test]
    fn a_fault_survives_storage() {
        let told = Fault::of_answer(
            429,
            r#"{"error":{"code":"RATE_LIMITED","message":"m"}}"#,
            None,
        );
        for fault in [
            told,
            Fault::Network,
            Fault::Broken,
            Fault::Silent,
            Fault::Unreadable,
            Fault::Left,
        ] {
            let json = Json::parse(&fault.to_object().into_text()).unwrap();
            assert_eq!(Fault::of_json(&json), fault);
        }
    }
}
