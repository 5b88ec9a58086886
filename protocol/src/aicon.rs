//! AICON's side (`aicon.md`): login tokens and their claims, user info, record usage, settlement, multi-input answers.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::{ClientId, UserId};
use crate::json::{ReadJson, WriteJson};

/// The claim that holds the user's ID (`aicon.md` 3.4).
pub const USER_DATA_CLAIM: &str =
    "http://schemas.microsoft.com/ws/2008/06/identity/claims/userdata";

/// Path of the token endpoint below `aiConApiEndpoint` (`aicon.md` 3.3).
pub const TOKEN_PATH: &str = "/auth/sso/token";

/// Path of the user info below `aiConApiEndpoint` (`aicon.md` 4).
pub const USERINFO_PATH: &str = "/auth/sso/userinfo";

/// Path of the token exchange below `apiEndPoint`, for a bundle that holds no client secret.
pub const EXCHANGE_PATH: &str = "/auth/token";

/// Path of record usage below `aiConApiEndpoint`, as the guideline says it (`aicon.md` 6).
pub const RECORD_USAGE_PATH: &str = "/Provider/record-usage";

/// Path of record usage below `aiConApiEndpoint`, as the official sample calls it.
pub const RECORD_USAGE_PATH_OF_SAMPLE: &str = "/aiModel/record-usage";

/// The token endpoint's answer (`aicon.md` 3.3). Its lifetime is named and typed three ways and therefore not read:
/// the access token's [`Claims::exp`] counts.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenResponse {
    /// A JWT, for calls to the provider.
    pub access_token: String,
    /// A JWT, for the next access token. Rotates: the old one is dead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// `Bearer`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_type: Option<String>,
}

impl fmt::Debug for TokenResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenResponse(hidden)")
    }
}

/// What we read of the tokens' payload (`aicon.md` 3.4).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Claims {
    /// End of the token's life, seconds since the epoch.
    #[serde(default)]
    pub exp: Option<f64>,
    /// The user's ID.
    #[serde(
        rename = "http://schemas.microsoft.com/ws/2008/06/identity/claims/userdata",
        default
    )]
    pub user_id: Option<UserId>,
}

impl TokenResponse {
    /// Reads the answer; `None` without an access token.
    pub fn read(json: &impl ReadJson) -> Option<Self> {
        Some(Self {
            access_token: json.text_of("access_token")?,
            refresh_token: json.text_of("refresh_token"),
            token_type: json.text_of("token_type"),
        })
    }
}

impl Claims {
    /// Reads a token's payload.
    pub fn read(json: &impl ReadJson) -> Self {
        Self {
            exp: json.member("exp").and_then(|exp| exp.number()),
            user_id: json.text_of(USER_DATA_CLAIM).map(UserId::new),
        }
    }
}

/// The body of `POST /auth/token`, JSON so that no page can send it without a CORS preflight.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "grant_type", rename_all = "snake_case")]
pub enum ExchangeRequest {
    /// Redeems an authorization code.
    AuthorizationCode {
        /// Which of the server's clients.
        client_id: ClientId,
        /// From the redirect.
        code: String,
        /// The SPA's origin, as it was sent with the login.
        redirect_uri: String,
        /// PKCE (RFC 7636); ignored by an AICON that does not know it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code_verifier: Option<String>,
    },
    /// Trades a refresh token for new tokens.
    RefreshToken {
        /// Which of the server's clients.
        client_id: ClientId,
        /// From the answer before.
        refresh_token: String,
    },
}

impl ExchangeRequest {
    /// Writes the body as [`Serialize`] does.
    pub fn write(&self, out: &mut impl WriteJson) {
        match self {
            Self::AuthorizationCode {
                client_id,
                code,
                redirect_uri,
                code_verifier,
            } => {
                out.text("grant_type", "authorization_code");
                out.text("client_id", client_id.as_str());
                out.text("code", code);
                out.text("redirect_uri", redirect_uri);
                if let Some(verifier) = code_verifier {
                    out.text("code_verifier", verifier);
                }
            }
            Self::RefreshToken {
                client_id,
                refresh_token,
            } => {
                out.text("grant_type", "refresh_token");
                out.text("client_id", client_id.as_str());
                out.text("refresh_token", refresh_token);
            }
        }
    }
}

impl fmt::Debug for ExchangeRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AuthorizationCode { .. } => "ExchangeRequest::AuthorizationCode(hidden)",
            Self::RefreshToken { .. } => "ExchangeRequest::RefreshToken(hidden)",
        })
    }
}

/// The user info's answer (`aicon.md` 4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserInfo {
    /// Who calls.
    pub user_id: UserId,
    /// Through which model.
    pub client_id: ClientId,
}

/// One use as AICON is told of it (`aicon.md` 6, "Record usage").
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordUsage {
    /// Who used it.
    pub user_id: UserId,
    /// Which model.
    pub client_id: ClientId,
    /// The model's secret; settlement leaves it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
    /// What it cost.
    pub data_info: DataInfo,
    /// What went in and out.
    #[serde(default)]
    pub parameter_info: ParameterInfo,
}

impl fmt::Debug for RecordUsage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordUsage")
            .field("data_info", &self.data_info)
            .finish_non_exhaustive()
    }
}

/// See [`RecordUsage::data_info`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DataInfo {
    /// UUID v4, one for each use, the same on each try.
    #[serde(rename = "usageGUID")]
    pub usage_guid: String,
    /// Price in won.
    pub amount_for_settlement: u64,
    /// Start, UTC, `%Y/%m/%dT%H:%M:%S.000Z`.
    pub timestamp_start_string: String,
    /// End, UTC, `%Y/%m/%dT%H:%M:%S.000Z`.
    pub timestamp_end_string: String,
    /// Tokens in.
    #[serde(default)]
    pub token_in: u64,
    /// Tokens out.
    #[serde(default)]
    pub token_out: u64,
    /// HTTP status of the use.
    #[serde(default)]
    pub response_code: u16,
}

/// See [`RecordUsage::parameter_info`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ParameterInfo {
    /// What the user sent.
    #[serde(default)]
    pub input_content: String,
    /// What the model answered.
    #[serde(default)]
    pub output_content: String,
}

/// A page of the settlement (`aicon.md` 6, "Get usage for settlement").
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SettlementPage {
    /// From 1.
    pub page_number: u64,
    /// 1 to 1000.
    pub page_size: u64,
    /// Uses in the span asked for.
    pub total_count: u64,
    /// Pages in the span asked for.
    pub total_pages: u64,
    /// The uses, as recorded.
    pub model_usages: Vec<RecordUsage>,
}

/// One output row of a multi-input answer (`aicon.md` 5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct OutputRow {
    /// `Text`, `File` or `Image`, in any case.
    #[serde(rename = "Type")]
    pub kind: OutputKind,
    /// Which output row.
    pub param_name: String,
    /// Text, or a URL for the other two.
    #[serde(default)]
    pub value: String,
}

/// See [`OutputRow::kind`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum OutputKind {
    /// Text or markdown.
    Text,
    /// The URL of a file.
    File,
    /// The URL of a picture.
    Image,
}

impl OutputKind {
    /// The kind of a name, in any case.
    pub fn of_name(name: &str) -> Option<Self> {
        [
            ("text", Self::Text),
            ("file", Self::File),
            ("image", Self::Image),
        ]
        .into_iter()
        .find_map(|(known, kind)| name.eq_ignore_ascii_case(known).then_some(kind))
    }
}

impl<'de> Deserialize<'de> for OutputKind {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::of_name(&name)
            .ok_or_else(|| serde::de::Error::custom("expected `Text`, `File` or `Image`"))
    }
}
