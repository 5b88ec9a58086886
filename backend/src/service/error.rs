//! Why a use case was refused or failed, with what the user is told.

use std::net::IpAddr;

use aicon_protocol::ai::{ErrorBody, ErrorCode, UPLOAD_FORMATS};
use aicon_protocol::id::{ClientId, FileId, ResponseId};

use super::field::FieldError;
use crate::models::PromptError;
use crate::provider::{ProviderError, UnknownModel};
use crate::settlement::Mistake;
use crate::store::StoreError;

/// Characters of the longest idempotency key.
pub(super) const LONGEST_KEY: usize = 255;

/// Refusals and failures. [`ServiceError::body`] is what travels; sources are for logs.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// No `file` field, or an empty one.
    #[error("the upload has no file")]
    MissingFile,
    /// A required parameter is missing or blank.
    #[error("parameter `{0}` is missing")]
    MissingParam(&'static str),
    /// Parameters of the settlement that are wrong.
    #[error("parameters {} are missing or wrong", names(.0))]
    InvalidParams(Vec<Mistake>),
    /// Not a picture of an allowed format.
    #[error("the upload's format is not supported")]
    UnsupportedFormat(String),
    /// More pixels than the limit.
    #[error("the picture has more than {limit} pixels")]
    TooManyPixels {
        /// The limit.
        limit: u64,
    },
    /// More pictures in one message than the limit.
    #[error("the message has more than {limit} pictures")]
    TooManyImages {
        /// The limit.
        limit: usize,
    },
    /// A field of a form that is not as its definition says.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// The server has no form.
    #[error(
        "no model definition of kind `multi-input` (key `definitions`, AICON_MODELS, --models)"
    )]
    NoDefinition,
    /// No definition at all, for who asks what there is.
    #[error("no such model definition")]
    UnknownDefinition,
    /// A template that these values are too much for.
    #[error("failed to fill in a template: {0}")]
    Template(String),
    /// An answer that an output cannot be made of.
    #[error("failed to make output `{output}`: {problem}")]
    UnusableAnswer {
        /// Its parameter name.
        output: String,
        /// What is wrong with the answer; it holds nothing of it.
        problem: String,
    },
    /// A result file that was there.
    #[error("the result file has expired")]
    ResultGone,
    /// No such result file.
    #[error("no such result file")]
    ResultNotFound,
    /// The disk takes no upload.
    #[error("failed to keep an upload: {0}")]
    Disk(std::io::Error),
    /// No provider has the model.
    #[error("no provider has the model")]
    InvalidModel(#[from] UnknownModel),
    /// Unknown answer, or another user's.
    #[error("no such response")]
    ResponseNotFound(ResponseId),
    /// Unknown or expired file, or another user's.
    #[error("no such file")]
    FileNotFound(FileId),
    /// More bytes than the limit.
    #[error("the body has more than {limit} bytes")]
    PayloadTooLarge {
        /// The limit.
        limit: usize,
    },
    /// The body ended early or is not what its type says.
    #[error("failed to read the body")]
    BrokenBody,
    /// The body came too slowly.
    #[error("the body stayed out")]
    SlowBody,
    /// The body is not the JSON that was expected.
    #[error("the body is not the expected JSON")]
    InvalidJson,
    /// Not of the type that the path takes.
    #[error("the body's type is not `{0}`")]
    UnsupportedMediaType(&'static str),
    /// Not signed in.
    #[error("not signed in")]
    Unauthorized,
    /// Signed in, or of an origin, that is not allowed.
    #[error("not allowed: {0}")]
    Forbidden(&'static str),
    /// The token is of a client that the server does not answer for.
    #[error(
        "the token is of client `{0}`, which is not known (key `aicon.client_id`, or `aicon-backend client add`)"
    )]
    UnknownClient(ClientId),
    /// The provider has not said yet who may ask for the settlement.
    #[error("the settlement is closed (key `settlement.access`, AICON_SETTLEMENT_ACCESS)")]
    SettlementClosed,
    /// No key for the settlement, or a wrong one.
    #[error("no key for the settlement, or a wrong one")]
    WrongKey,
    /// An address that may not ask for the settlement, where it is known.
    #[error("the address may not ask for the settlement (key `settlement.addresses`)")]
    ForeignAddress(Option<IpAddr>),
    /// Not a key that tries of one message could share.
    #[error("the idempotency key cannot be one")]
    InvalidIdempotencyKey,
    /// An earlier try of the same message is being answered.
    #[error("an earlier try is being answered")]
    InProgress,
    /// The idempotency key belongs to another message.
    #[error("the idempotency key belongs to another message")]
    IdempotencyMismatch,
    /// The user's tokens of the day are used up.
    #[error("the tokens of the day are used up")]
    TooManyTokens {
        /// Tokens a day.
        limit: u64,
        /// Seconds until the next day.
        retry_after: u64,
    },
    /// Too many requests.
    #[error("too many requests")]
    RateLimited {
        /// Seconds.
        retry_after: u64,
    },
    /// Too many streams of the same user.
    #[error("too many streams at the same time")]
    TooManyStreams,
    /// The provider gave no answer.
    #[error("the provider failed: {0}")]
    Provider(#[from] ProviderError),
    /// The server stops.
    #[error("the server stops")]
    Stopping,
    /// AICON refused a code or a refresh token.
    #[error("AICON refused the grant")]
    InvalidGrant,
    /// AICON cannot be reached or fails.
    #[error("AICON is not available: {0}")]
    AiconUnavailable(&'static str),
    /// The server has no AICON endpoint, client or secret.
    #[error("the AICON login is not configured")]
    ExchangeNotConfigured,
    /// Database or blobs.
    #[error("the store is not available: {0}")]
    Store(#[from] StoreError),
    /// The answer's row was ended by another server, which took this one for dead.
    #[error("the answer was ended by another server")]
    Lapsed,
    /// No such path.
    #[error("no such path")]
    NotFound,
    /// Right path, wrong method.
    #[error("no such method on this path")]
    MethodNotAllowed,
    /// A fault of ours.
    #[error("internal error")]
    Internal,
}

impl From<PromptError> for ServiceError {
    /// The kind of the mistake only: minijinja's own words can hold values, which are no business of a log's.
    fn from(error: PromptError) -> Self {
        Self::Template(match error {
            PromptError::Template(error) => error.kind().to_string(),
            unknown @ PromptError::UnknownInput(_) => unknown.to_string(),
        })
    }
}

impl ServiceError {
    /// Code and text as they travel, in the envelope and in the stream.
    pub fn body(&self) -> ErrorBody {
        ErrorBody {
            code: self.code(),
            message: self.message(),
        }
    }

    fn code(&self) -> ErrorCode {
        match self {
            Self::MissingFile => ErrorCode::MissingFile,
            Self::MissingParam(_) => ErrorCode::MissingParam,
            Self::InvalidParams(mistakes) if mistakes.iter().all(Mistake::is_missing) => {
                ErrorCode::MissingParam
            }
            Self::InvalidParams(_) | Self::InvalidIdempotencyKey => ErrorCode::InvalidParam,
            Self::UnsupportedFormat(_) => ErrorCode::UnsupportedFormat,
            Self::TooManyPixels { .. }
            | Self::TooManyImages { .. }
            | Self::PayloadTooLarge { .. } => ErrorCode::PayloadTooLarge,
            Self::Field(error) => error.problem.code(),
            Self::NoDefinition
            | Self::UnknownDefinition
            | Self::ResultGone
            | Self::ResultNotFound => ErrorCode::NotFound,
            Self::Template(_) => ErrorCode::InvalidParam,
            Self::UnusableAnswer { .. } => ErrorCode::ChatError,
            Self::Disk(_) => ErrorCode::StorageUnavailable,
            Self::InvalidModel(_) => ErrorCode::InvalidModel,
            Self::ResponseNotFound(_) => ErrorCode::ResponseNotFound,
            Self::FileNotFound(_) => ErrorCode::FileNotFound,
            Self::BrokenBody | Self::SlowBody | Self::InvalidJson => ErrorCode::InvalidJson,
            Self::UnsupportedMediaType(_) => ErrorCode::UnsupportedMediaType,
            Self::Unauthorized | Self::WrongKey => ErrorCode::Unauthorized,
            Self::UnknownClient(_) => ErrorCode::UnknownClient,
            Self::InProgress => ErrorCode::InProgress,
            Self::IdempotencyMismatch => ErrorCode::IdempotencyMismatch,
            Self::SettlementClosed | Self::ForeignAddress(_) | Self::Forbidden(_) => {
                ErrorCode::Forbidden
            }
            Self::RateLimited { .. } | Self::TooManyStreams | Self::TooManyTokens { .. } => {
                ErrorCode::RateLimited
            }
            Self::Provider(ProviderError::RateLimited { .. }) => ErrorCode::RateLimited,
            Self::Provider(_) | Self::Stopping => ErrorCode::ChatError,
            Self::InvalidGrant => ErrorCode::InvalidGrant,
            Self::AiconUnavailable(_) | Self::ExchangeNotConfigured => ErrorCode::AiconUnavailable,
            Self::Store(_) | Self::Lapsed => ErrorCode::StorageUnavailable,
            Self::NotFound => ErrorCode::NotFound,
            Self::MethodNotAllowed => ErrorCode::MethodNotAllowed,
            Self::Internal => ErrorCode::InternalError,
        }
    }

    fn message(&self) -> String {
        match self {
            Self::MissingFile => "파일이 제공되지 않았습니다".to_owned(),
            Self::MissingParam("id") => "응답 ID가 제공되지 않았습니다".to_owned(),
            Self::MissingParam(name) => format!("필수 파라미터가 제공되지 않았습니다: {name}"),
            Self::InvalidParams(mistakes) => mistakes
                .iter()
                .map(Mistake::to_string)
                .collect::<Vec<_>>()
                .join(" / "),
            Self::InvalidIdempotencyKey => format!(
                "Idempotency-Key는 공백 없는 ASCII 문자 1~{LONGEST_KEY}자여야 하며, 헤더와 본문(idempotency_key)에 함께 보낼 때는 같아야 합니다"
            ),
            Self::InProgress => "같은 요청에 대한 답변이 진행 중입니다. 잠시 후 다시 시도하세요".to_owned(),
            Self::IdempotencyMismatch => {
                "이미 다른 메시지에 사용된 Idempotency-Key입니다. 새 키로 다시 보내세요".to_owned()
            }
            Self::TooManyTokens { limit, retry_after } => format!(
                "하루에 사용할 수 있는 토큰({limit})을 모두 사용했습니다. {} 후 다시 사용할 수 있습니다",
                wait(*retry_after)
            ),
            Self::SettlementClosed => "정산 조회가 닫혀 있습니다. 모델 제공자가 서버 설정 settlement.access (환경 변수 \
                AICON_SETTLEMENT_ACCESS)를 api-key, addresses, open 중 하나로 지정해야 합니다"
                .to_owned(),
            Self::WrongKey => {
                "정산 조회용 API 키가 없거나 올바르지 않습니다. X-Api-Key 헤더 또는 Authorization: Bearer로 보내세요".to_owned()
            }
            Self::ForeignAddress(address) => format!(
                "정산 조회가 허용되지 않은 주소입니다: {}. 모델 제공자가 서버 설정 settlement.addresses에 추가해야 합니다",
                address.map_or_else(|| "알 수 없음".to_owned(), |address| address.to_string())
            ),
            Self::UnsupportedFormat(found) => {
                format!("지원하지 않는 형식: {found}. 지원되는 형식: {}", UPLOAD_FORMATS.join(", "))
            }
            Self::TooManyPixels { limit } => format!("이미지가 너무 큽니다. 최대 {limit}픽셀까지 보낼 수 있습니다"),
            Self::TooManyImages { limit } => format!("이미지는 한 번에 {limit}개까지 보낼 수 있습니다"),
            Self::Field(error) => error.korean(),
            Self::NoDefinition => "이 서버에는 입력 양식(multi-input) 모델이 정의되어 있지 않습니다".to_owned(),
            Self::UnknownDefinition => "이 서버에 정의된 모델이 없습니다".to_owned(),
            Self::Template(_) => "입력값으로 요청을 만들 수 없습니다. 입력을 바꾸어 다시 시도하세요".to_owned(),
            Self::UnusableAnswer { output, .. } => {
                format!("모델의 답변에서 {output} 결과를 만들 수 없습니다. 다시 시도하세요")
            }
            Self::ResultGone => "결과 파일의 보관 기간이 지났습니다. 다시 실행하세요".to_owned(),
            Self::ResultNotFound => "결과 파일을 찾을 수 없습니다".to_owned(),
            Self::InvalidModel(unknown) => {
                format!("지원하지 않는 모델: {}. 지원 모델: {}", short(&unknown.model), unknown.supported.join(", "))
            }
            Self::ResponseNotFound(id) => format!("응답을 찾을 수 없습니다: {}", short(id.as_str())),
            Self::FileNotFound(id) => {
                format!("파일을 찾을 수 없습니다: {}. 업로드한 파일은 7일 후 만료됩니다", short(id.as_str()))
            }
            Self::PayloadTooLarge { limit } => format!("요청이 너무 큽니다. 최대 {limit}바이트까지 보낼 수 있습니다"),
            Self::BrokenBody => "요청 본문을 읽을 수 없습니다".to_owned(),
            Self::SlowBody => "요청 본문이 제시간에 도착하지 않았습니다".to_owned(),
            Self::InvalidJson => "요청 본문이 올바른 JSON이 아닙니다".to_owned(),
            Self::UnsupportedMediaType(expected) => format!("Content-Type은 {expected}이어야 합니다"),
            Self::Unauthorized => "로그인이 필요합니다".to_owned(),
            Self::Forbidden(_) => "허용되지 않은 요청입니다".to_owned(),
            Self::UnknownClient(_) => {
                "이 서버에 등록되지 않은 모델의 로그인입니다. 모델 제공자에게 문의하세요".to_owned()
            }
            Self::RateLimited { retry_after } => format!("요청이 너무 많습니다. {retry_after}초 후 다시 시도하세요"),
            Self::TooManyStreams => "동시에 받을 수 있는 답변 수를 넘었습니다. 진행 중인 답변이 끝난 후 다시 시도하세요".to_owned(),
            Self::Provider(error) => provider_message(error).to_owned(),
            Self::Stopping => "서버가 종료되어 답변이 중단되었습니다. 잠시 후 다시 시도하세요".to_owned(),
            Self::InvalidGrant => "AICON 로그인이 만료되었거나 거부되었습니다. 다시 로그인하세요".to_owned(),
            Self::AiconUnavailable(_) => "AICON에 연결할 수 없습니다. 잠시 후 다시 시도하세요".to_owned(),
            Self::ExchangeNotConfigured => {
                "이 서버에는 AICON 로그인이 설정되어 있지 않습니다 (aicon.api_endpoint, aicon.client_id, aicon.client_secret)".to_owned()
            }
            Self::Lapsed => "답변을 저장하지 못했습니다. 다시 시도하세요".to_owned(),
            Self::Store(_) | Self::Disk(_) => "저장소를 사용할 수 없습니다. 잠시 후 다시 시도하세요".to_owned(),
            Self::NotFound => "요청한 경로를 찾을 수 없습니다".to_owned(),
            Self::MethodNotAllowed => "허용되지 않은 메서드입니다".to_owned(),
            Self::Internal => "서버 오류가 발생했습니다".to_owned(),
        }
    }
}

fn provider_message(error: &ProviderError) -> &'static str {
    match error {
        ProviderError::Unauthorized { .. } => {
            "AI 제공자 인증에 실패했습니다. 서버의 API 키 설정을 확인하세요"
        }
        ProviderError::RateLimited { .. } => {
            "AI 제공자의 요청 한도를 넘었습니다. 잠시 후 다시 시도하세요"
        }
        ProviderError::UnknownModel => "AI 제공자에 없는 모델입니다",
        ProviderError::TooLarge => {
            "대화나 이미지가 모델이 받을 수 있는 크기를 넘었습니다. 새 대화를 시작하세요"
        }
        ProviderError::Overloaded { .. } => "AI 제공자가 혼잡합니다. 잠시 후 다시 시도하세요",
        ProviderError::Refused { .. } => "AI 제공자가 요청을 거부했습니다",
        ProviderError::Failed { .. } => {
            "AI 제공자에서 오류가 발생했습니다. 잠시 후 다시 시도하세요"
        }
        ProviderError::Unreachable => "AI 제공자에 연결할 수 없습니다. 잠시 후 다시 시도하세요",
        ProviderError::Timeout(_) => {
            "AI 제공자가 제시간에 응답하지 않았습니다. 잠시 후 다시 시도하세요"
        }
        ProviderError::Broken => "AI 제공자와의 연결이 끊어져 답변이 중단되었습니다",
        ProviderError::Garbage => "AI 제공자의 응답을 해석할 수 없습니다",
        ProviderError::Filtered => {
            "AI 제공자의 안전 정책에 따라 답변이 거부되었습니다. 질문을 바꿔 다시 시도하세요"
        }
        ProviderError::CutShort => {
            "답변이 모델의 최대 길이에 도달하여 중간에 끝났습니다. 이어서 답해 달라고 요청하세요"
        }
        ProviderError::Empty => "AI 제공자가 빈 답변을 보냈습니다. 다시 시도하세요",
    }
}

fn names(mistakes: &[Mistake]) -> String {
    let names: Vec<_> = mistakes
        .iter()
        .map(|mistake| format!("`{}`", mistake.name()))
        .collect();
    names.join(", ")
}

/// Seconds as people count them, rounded up.
fn wait(seconds: u64) -> String {
    match seconds.div_ceil(60) {
        minutes @ 0..=90 => format!("{minutes}분"),
        minutes => format!("{}시간", minutes.div_ceil(60)),
    }
}

/// A client's text as it is given back: its beginning, without control characters.
fn short(text: &str) -> String {
    text.chars()
        .filter(|character| !character.is_control())
        .take(100)
        .collect()
}
