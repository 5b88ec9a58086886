//! The provider's AI API (`ai-api.md`): what is asked, the envelope, what is answered, error codes.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::id::{FileId, ResponseId};
use crate::json::{ReadJson, WriteJson};

/// File name extensions that `POST /ai/upload` takes, in the order in which error texts list them.
pub const UPLOAD_FORMATS: [&str; 4] = ["jpg", "jpeg", "png", "webp"];

/// Days that an uploaded file lives (`ai-api.md` 1).
pub const UPLOAD_DAYS: u32 = 7;

/// The body of `POST /ai/chat` (`ai-api.md` 2).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatRequest {
    /// What the user says. Required: absent and blank are both `MISSING_PARAM`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Picks the provider; absent: the server's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// An image uploaded before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_id: Option<FileId>,
    /// More images; our server's addition to the specification, which knows one `file_id`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub file_ids: Vec<FileId>,
    /// The answer that this message continues.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_response_id: Option<ResponseId>,
    /// One key for all tries of one message, at most 255 visible ASCII characters: a try whose answer was lost gets the answer
    /// that is stored, no second use. Our server's addition; the same as the header `Idempotency-Key`, which servers with a
    /// narrow CORS policy would not let pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
}

/// Tokens that one answer cost, as the provider counts them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens of the question, with all that went along.
    #[serde(default)]
    pub input_tokens: u64,
    /// Tokens of the answer.
    #[serde(default)]
    pub output_tokens: u64,
    /// The sum; read as sent, which may differ from the sum of the two.
    #[serde(default)]
    pub total_tokens: u64,
}

impl Usage {
    /// Usage whose total is the sum of both.
    pub fn new(input_tokens: u64, output_tokens: u64) -> Self {
        Self {
            input_tokens,
            output_tokens,
            total_tokens: input_tokens.saturating_add(output_tokens),
        }
    }
}

/// Every JSON answer of the AI API (`ai-api.md`, "Envelope"). `error` is there on failure only, `metadata` on success
/// only, `data` always (`null` on failure).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope<T> {
    /// Whether the status is 2xx.
    pub success: bool,
    /// The answer itself.
    pub data: Option<T>,
    /// Who answered and when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Metadata>,
    /// What went wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorBody>,
}

impl<T> Envelope<T> {
    /// A success.
    pub fn success(data: T, metadata: Metadata) -> Self {
        Self {
            success: true,
            data: Some(data),
            metadata: Some(metadata),
            error: None,
        }
    }

    /// A failure.
    pub fn failure(error: ErrorBody) -> Self {
        Self {
            success: false,
            data: None,
            metadata: None,
            error: Some(error),
        }
    }
}

/// The envelope's second half.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// The provider in charge: `openai`, `claude`, `gemini`, `demo`, or a configured name.
    #[serde(default)]
    pub provider: String,
    /// Time of this answer: ISO 8601, UTC, milliseconds, `Z`.
    #[serde(default)]
    pub timestamp: String,
}

/// The `data` of `POST /ai/upload`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadedFile {
    /// To be named in [`ChatRequest::file_id`].
    pub file_id: FileId,
}

/// The `data` of `GET /ai/response`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredResponse {
    /// The answer's ID.
    pub id: ResponseId,
    /// The answer's text, markdown.
    #[serde(default)]
    pub content: String,
    /// The model that answered.
    #[serde(default)]
    pub model: String,
    /// The provider that answered.
    #[serde(default)]
    pub provider: String,
    /// What it cost.
    #[serde(default)]
    pub usage: Usage,
    /// When the answer was completed: ISO 8601, UTC, milliseconds, `Z`.
    #[serde(default)]
    pub timestamp: String,
}

/// An error as it travels, in the envelope and in the stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// What a program tells errors apart by.
    #[serde(default)]
    pub code: ErrorCode,
    /// What a person reads.
    #[serde(default)]
    pub message: String,
}

impl ErrorBody {
    /// Reads an error in either dialect: the envelope of ours (`{"error":{"code","message"}}`), the bare one of the AI-HUB
    /// dialect (`{"errorCode","message"}`), OpenAI's (`{"code","message"}`), FastAPI's (`{"detail"}`, `aicon.md` 5).
    /// `None` when the value is none of them.
    pub fn read(json: &impl ReadJson) -> Option<Self> {
        let wrapped = json.member("error");
        let (code, message) = match &wrapped {
            Some(error) => (error.text_of("code"), error.text_of("message")),
            None => (
                json.text_of("errorCode").or_else(|| json.text_of("code")),
                json.text_of("message").or_else(|| json.text_of("detail")),
            ),
        };
        if wrapped.is_none() && code.is_none() && message.is_none() {
            return None;
        }
        let code = code.map_or(ErrorCode::ChatError, |code| ErrorCode::from(code.as_str()));
        Some(Self {
            code,
            message: message.unwrap_or_default(),
        })
    }
}

impl ChatRequest {
    /// Writes the body as [`Serialize`] does.
    pub fn write(&self, out: &mut impl WriteJson) {
        let mut text = |name: &str, value: Option<&str>| {
            if let Some(value) = value {
                out.text(name, value);
            }
        };
        text("message", self.message.as_deref());
        text("model", self.model.as_deref());
        text("file_id", self.file_id.as_ref().map(FileId::as_str));
        if !self.file_ids.is_empty() {
            out.texts("file_ids", self.file_ids.iter().map(FileId::as_str));
        }
        if let Some(id) = &self.previous_response_id {
            out.text("previous_response_id", id.as_str());
        }
        if let Some(key) = &self.idempotency_key {
            out.text("idempotency_key", key);
        }
    }
}

impl Usage {
    /// Reads usage; what is missing is 0.
    pub fn read(json: &impl ReadJson) -> Self {
        let count = |name| json.count_of(name).unwrap_or_default();
        Self {
            input_tokens: count("input_tokens"),
            output_tokens: count("output_tokens"),
            total_tokens: count("total_tokens"),
        }
    }
}

impl UploadedFile {
    /// Reads the envelope's `data`.
    pub fn read(json: &impl ReadJson) -> Option<Self> {
        json.text_of("file_id").map(|id| Self {
            file_id: FileId::new(id),
        })
    }
}

macro_rules! error_codes {
    ($($(#[$doc:meta])* $variant:ident = $text:literal,)*) => {
        /// Error codes of both dialects (`ai-api.md`). An unknown one is kept as it came.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum ErrorCode {
            $($(#[$doc])* $variant,)*
            /// A code of a newer or another server.
            Unknown(String),
        }

        impl ErrorCode {
            /// The code as it travels.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Unknown(code) => code,
                }
            }
        }

        impl From<&str> for ErrorCode {
            fn from(code: &str) -> Self {
                match code {
                    $($text => Self::$variant,)*
                    other => Self::Unknown(other.to_owned()),
                }
            }
        }
    };
}

error_codes! {
    /// No `file` field in the upload.
    MissingFile = "MISSING_FILE",
    /// A required parameter is missing or blank.
    MissingParam = "MISSING_PARAM",
    /// A parameter is there and wrong.
    InvalidParam = "INVALID_PARAM",
    /// Not an allowed image format.
    UnsupportedFormat = "UNSUPPORTED_FORMAT",
    /// Unknown model; the text lists the supported ones.
    InvalidModel = "INVALID_MODEL",
    /// The chat failed.
    ChatError = "CHAT_ERROR",
    /// Unknown answer, or another user's.
    ResponseNotFound = "RESPONSE_NOT_FOUND",
    /// Unknown or expired file, or another user's.
    FileNotFound = "FILE_NOT_FOUND",
    /// A body over the limit (413).
    PayloadTooLarge = "PAYLOAD_TOO_LARGE",
    /// The body is not the JSON that was expected.
    InvalidJson = "INVALID_JSON",
    /// Not signed in, or no longer (401).
    Unauthorized = "UNAUTHORIZED",
    /// Signed in, and still not allowed (403).
    Forbidden = "FORBIDDEN",
    /// The token is of a client that the server does not know: its use could not be recorded (403).
    UnknownClient = "UNKNOWN_CLIENT",
    /// An earlier try with the same idempotency key is being answered; `Retry-After` says when to ask again (409).
    InProgress = "IN_PROGRESS",
    /// The idempotency key belongs to another message (409).
    IdempotencyMismatch = "IDEMPOTENCY_MISMATCH",
    /// Too many requests, or too many tokens today; `Retry-After` says when (429).
    RateLimited = "RATE_LIMITED",
    /// No such path (404).
    NotFound = "NOT_FOUND",
    /// The path is right, the method is not (405).
    MethodNotAllowed = "METHOD_NOT_ALLOWED",
    /// A body of another type than the path takes (415).
    UnsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE",
    /// AICON refused the authorization code or the refresh token (`POST /auth/token`, 400).
    InvalidGrant = "INVALID_GRANT",
    /// AICON cannot be reached or fails (502).
    AiconUnavailable = "AICON_UNAVAILABLE",
    /// The store cannot take the use: the model was not called (503).
    StorageUnavailable = "STORAGE_UNAVAILABLE",
    /// A fault of the server (500).
    InternalError = "INTERNAL_ERROR",
    /// AI-HUB dialect: empty message.
    EmptyMessage = "EMPTY_MESSAGE",
    /// AI-HUB dialect: unknown provider.
    InvalidProvider = "INVALID_PROVIDER",
    /// AI-HUB dialect: not an allowed image format.
    UnsupportedFileFormat = "UNSUPPORTED_FILE_FORMAT",
    /// AI-HUB dialect: not by this provider (501).
    OperationNotSupported = "OPERATION_NOT_SUPPORTED",
    /// AI-HUB dialect: the provider's stream did not open (502).
    StreamConnectionFailed = "STREAM_CONNECTION_FAILED",
    /// AI-HUB dialect: a service behind the server failed (502).
    ExternalServiceFailed = "EXTERNAL_SERVICE_FAILED",
    /// AI-HUB dialect: the provider is down (503).
    ProviderUnavailable = "PROVIDER_UNAVAILABLE",
    /// AI-HUB dialect: the provider went silent (504).
    StreamTimeout = "STREAM_TIMEOUT",
    /// AI-HUB dialect: the stream broke off.
    StreamInterrupted = "STREAM_INTERRUPTED",
    /// AI-HUB dialect: the provider's stream could not be read.
    StreamParsingFailed = "STREAM_PARSING_FAILED",
    /// AI-HUB dialect: the file could not be used.
    FileProcessingFailed = "FILE_PROCESSING_FAILED",
    /// AI-HUB dialect: a fault of the server (500).
    InternalServerError = "INTERNAL_SERVER_ERROR",
}

impl Default for ErrorCode {
    fn default() -> Self {
        Self::Unknown(String::new())
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for ErrorCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for ErrorCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|code| Self::from(code.as_str()))
    }
}
