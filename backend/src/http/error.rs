//! Service errors as HTTP: status, headers, envelope.

use aicon_protocol::ai::Envelope;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::detail::Told;
use crate::provider::ProviderError;
use crate::service::ServiceError;

/// Seconds to wait where nobody said how long.
const RETRY_AFTER: u64 = 10;

/// Seconds after which an answer that is being given may be there.
const RETRY_IN_PROGRESS: u64 = 2;

/// What a handler fails with.
#[derive(Debug)]
pub struct HttpError(pub ServiceError);

impl<E: Into<ServiceError>> From<E> for HttpError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

/// The error of a response, for the log: the answer itself is opaque.
#[derive(Clone, Debug)]
pub struct ErrorText(pub String);

impl IntoResponse for HttpError {
    fn into_response(self) -> Response {
        let error = self.0;
        let status = status(&error);
        let body = error.body();
        let mut response = (status, Json(Envelope::<()>::failure(body.clone()))).into_response();
        let headers = response.headers_mut();
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = retry_after(&error) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(Told(body));
        response
            .extensions_mut()
            .insert(ErrorText(error.to_string()));
        response
    }
}

fn status(error: &ServiceError) -> StatusCode {
    match error {
        ServiceError::Field(error) if error.problem.is_size() => StatusCode::PAYLOAD_TOO_LARGE,
        ServiceError::Field(error) if error.problem.is_ours() => StatusCode::SERVICE_UNAVAILABLE,
        ServiceError::MissingFile
        | ServiceError::Field(_)
        | ServiceError::Template(_)
        | ServiceError::InvalidParams(_)
        | ServiceError::InvalidIdempotencyKey
        | ServiceError::MissingParam(_)
        | ServiceError::UnsupportedFormat(_)
        | ServiceError::InvalidModel(_)
        | ServiceError::BrokenBody
        | ServiceError::InvalidJson
        | ServiceError::InvalidGrant => StatusCode::BAD_REQUEST,
        ServiceError::TooManyPixels { .. }
        | ServiceError::TooManyImages { .. }
        | ServiceError::PayloadTooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        ServiceError::ResponseNotFound(_)
        | ServiceError::FileNotFound(_)
        | ServiceError::NoDefinition
        | ServiceError::UnknownDefinition
        | ServiceError::ResultNotFound
        | ServiceError::NotFound => StatusCode::NOT_FOUND,
        ServiceError::ResultGone => StatusCode::GONE,
        ServiceError::SlowBody => StatusCode::REQUEST_TIMEOUT,
        ServiceError::UnsupportedMediaType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ServiceError::Unauthorized | ServiceError::WrongKey => StatusCode::UNAUTHORIZED,
        ServiceError::Forbidden(_)
        | ServiceError::UnknownClient(_)
        | ServiceError::SettlementClosed
        | ServiceError::ForeignAddress(_) => StatusCode::FORBIDDEN,
        ServiceError::InProgress | ServiceError::IdempotencyMismatch => StatusCode::CONFLICT,
        ServiceError::RateLimited { .. }
        | ServiceError::TooManyStreams
        | ServiceError::TooManyTokens { .. } => StatusCode::TOO_MANY_REQUESTS,
        ServiceError::Provider(error) => {
            StatusCode::from_u16(error.answered()).unwrap_or(StatusCode::BAD_GATEWAY)
        }
        ServiceError::AiconUnavailable(_) | ServiceError::UnusableAnswer { .. } => {
            StatusCode::BAD_GATEWAY
        }
        ServiceError::ExchangeNotConfigured
        | ServiceError::Store(_)
        | ServiceError::Disk(_)
        | ServiceError::Lapsed
        | ServiceError::Stopping => StatusCode::SERVICE_UNAVAILABLE,
        ServiceError::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        ServiceError::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

fn retry_after(error: &ServiceError) -> Option<u64> {
    match error {
        ServiceError::RateLimited { retry_after }
        | ServiceError::TooManyTokens { retry_after, .. } => Some(*retry_after),
        ServiceError::InProgress => Some(RETRY_IN_PROGRESS),
        ServiceError::Provider(
            ProviderError::RateLimited { retry_after } | ProviderError::Overloaded { retry_after },
        ) => Some(retry_after.unwrap_or(RETRY_AFTER)),
        ServiceError::TooManyStreams
        | ServiceError::Store(_)
        | ServiceError::Disk(_)
        | ServiceError::Stopping => Some(RETRY_AFTER),
        _ => None,
    }
}
