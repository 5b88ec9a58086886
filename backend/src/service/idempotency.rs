//! One answer for all tries of one message (R14): a double click, a retry after an answer that never arrived.

use aicon_protocol::ai::ChatRequest;
use aicon_protocol::id::ResponseId;
use sha2::{Digest as _, Sha256};

use super::ServiceError;
use super::chat::AnswerEvent;
use super::error::LONGEST_KEY;
use super::identity::Caller;
use crate::app::App;
use crate::store::{Idempotency, Status, UseRecord};

/// An answer that was given before, to be given again as it was.
#[derive(Clone, Debug)]
pub struct StoredAnswer {
    /// The answer's ID.
    pub id: ResponseId,
    /// The model that answered.
    pub model: String,
    /// One delta with all of the text, and the end.
    pub events: Vec<AnswerEvent>,
}

/// What makes tries of one message the same: the key, from the header or the body, and what is asked.
///
/// # Errors
/// [`ServiceError::InvalidIdempotencyKey`]: empty, too long, blanks or other than ASCII in it, or two different keys.
pub fn of(
    header: Option<&[u8]>,
    request: &ChatRequest,
) -> Result<Option<Idempotency>, ServiceError> {
    let body = request.idempotency_key.as_deref().map(str::as_bytes);
    let key = match (header, body) {
        (Some(header), Some(body)) if header != body => {
            return Err(ServiceError::InvalidIdempotencyKey);
        }
        (header, body) => header.or(body),
    };
    keyed(key, || fingerprint(request))
}

/// [`of`] for what is not JSON; `fingerprint` is a digest of all that is asked.
///
/// # Errors
/// As there.
pub(super) fn keyed(
    key: Option<&[u8]>,
    fingerprint: impl FnOnce() -> String,
) -> Result<Option<Idempotency>, ServiceError> {
    let Some(key) = key else {
        return Ok(None);
    };
    let is_visible = key.iter().all(u8::is_ascii_graphic);
    if key.is_empty() || key.len() > LONGEST_KEY || !is_visible {
        return Err(ServiceError::InvalidIdempotencyKey);
    }
    Ok(Some(Idempotency {
        key: String::from_utf8_lossy(key).into_owned(),
        fingerprint: fingerprint(),
    }))
}

/// What an earlier try with the same key has come to.
///
/// # Errors
/// It asked something else, or is being answered.
pub(super) fn replay(
    earlier: UseRecord,
    idempotency: Option<&Idempotency>,
) -> Result<StoredAnswer, ServiceError> {
    settled(earlier, idempotency).map(stored)
}

fn stored(earlier: UseRecord) -> StoredAnswer {
    let completed = AnswerEvent::Completed {
        content: earlier.content.clone(),
        usage: earlier.usage,
    };
    StoredAnswer {
        id: earlier.id,
        model: earlier.model,
        events: vec![AnswerEvent::Delta(earlier.content), completed],
    }
}

/// The row of an earlier try with the same key, once it is answered.
///
/// # Errors
/// It asked something else, or is being answered.
pub(super) fn settled(
    earlier: UseRecord,
    idempotency: Option<&Idempotency>,
) -> Result<UseRecord, ServiceError> {
    let asked = idempotency.map(|idempotency| &idempotency.fingerprint);
    let before = earlier.idempotency.as_ref();
    if before.map(|idempotency| &idempotency.fingerprint) != asked {
        return Err(ServiceError::IdempotencyMismatch);
    }
    if earlier.status != Status::Completed {
        return Err(ServiceError::InProgress);
    }
    tracing::info!(response.id = %earlier.id, "a stored answer is given again");
    Ok(earlier)
}

/// Whether a refusal may be due to what has come since an earlier try: a limit that its answer reached, a picture that has
/// expired.
pub(super) fn may_have_come_since(refusal: &ServiceError) -> bool {
    matches!(
        refusal,
        ServiceError::TooManyTokens { .. }
            | ServiceError::FileNotFound(_)
            | ServiceError::ResponseNotFound(_)
    )
}

/// The answer of an earlier try where there is one, else the refusal.
///
/// # Errors
/// See [`earlier_instead`].
pub(super) async fn replay_instead(
    app: &App,
    caller: &Caller,
    idempotency: Option<&Idempotency>,
    refusal: ServiceError,
) -> Result<StoredAnswer, ServiceError> {
    let earlier = earlier_instead(app, caller, idempotency, refusal);
    earlier.await.map(stored)
}

/// The row of an earlier try where there is one that is answered, else the refusal.
///
/// # Errors
/// The refusal; the store does not answer; see [`settled`].
pub(super) async fn earlier_instead(
    app: &App,
    caller: &Caller,
    idempotency: Option<&Idempotency>,
    refusal: ServiceError,
) -> Result<UseRecord, ServiceError> {
    let Some(idempotency) = idempotency else {
        return Err(refusal);
    };
    match app.store.use_by_key(&caller.user, &idempotency.key).await? {
        Some(earlier) => settled(earlier, Some(idempotency)),
        None => Err(refusal),
    }
}

/// A digest of all that is asked: what is kept of it tells nothing.
fn fingerprint(request: &ChatRequest) -> String {
    let asked = ChatRequest {
        idempotency_key: None,
        ..request.clone()
    };
    let json = serde_json::to_vec(&asked).expect("texts and lists of texts are JSON");
    hex::encode(Sha256::digest(json))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(message: &str, key: Option<&str>) -> ChatRequest {
        ChatRequest {
            message: Some(message.to_owned()),
            idempotency_key: key.map(str::to_owned),
            ..ChatRequest::default()
        }
    }

    #[test]
    fn a_key_comes_by_header_or_body_and_is_visible_ascii() {
        let longest = "k".repeat(LONGEST_KEY);
        let too_long = "k".repeat(LONGEST_KEY + 1);
        for (header, body, expected) in [
            (None, None, Ok(None)),
            (Some("a"), None, Ok(Some("a"))),
            (None, Some("b"), Ok(Some("b"))),
            (Some("c"), Some("c"), Ok(Some("c"))),
            (None, Some(longest.as_str()), Ok(Some(longest.as_str()))),
            (Some("c"), Some("d"), Err(())),
            (None, Some(""), Err(())),
            (Some(""), None, Err(())),
            (None, Some("a b"), Err(())),
            (None, Some("키"), Err(())),
            (None, Some("a\n"), Err(())),
            (None, Some(too_long.as_str()), Err(())),
        ] {
            let found = of(header.map(str::as_bytes), &request("hi", body));
            let found = found
                .map(|found| found.map(|found| found.key))
                .map_err(drop);
            assert_eq!(
                found,
                expected.map(|key| key.map(str::to_owned)),
                "{header:?} {body:?}"
            );
        }
    }

    #[test]
    fn the_fingerprint_is_of_what_is_asked_however_the_key_comes() {
        let of = |header: Option<&[u8]>, request: &ChatRequest| {
            of(header, request).unwrap().unwrap().fingerprint
        };
        let by_body = of(None, &request("hi", Some("k")));
        assert_eq!(by_body, of(Some(b"k"), &request("hi", None)));
        assert_ne!(by_body, of(None, &request("hi!", Some("k"))));
        let with_model = ChatRequest {
            model: Some("echo".to_owned()),
            ..request("hi", Some("k"))
        };
        assert_ne!(by_body, of(None, &with_model));
    }
}
