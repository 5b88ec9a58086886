//! Environment variables, each a source of its own so that errors name the variable.

use figment::value::{Dict, Map, Value};
use figment::{Error, Metadata, Profile, Provider};

use Shape::{Flag, List, Number, Text};

/// Variable, key, and how its text is read.
pub(super) const VARIABLES: &[(&str, &str, Shape)] = &[
    ("AICON_LISTEN", "listen", Text),
    ("AICON_DATA", "data", Text),
    ("AICON_DATABASE", "database", Text),
    ("AICON_BLOBS", "blobs", Text),
    ("AICON_MODELS", "definitions", Text),
    ("AICON_PUBLIC_URL", "public_url", Text),
    ("AICON_RESULT_LIFE", "results.life", Text),
    ("AWS_ENDPOINT_URL", "s3.endpoint", Text),
    ("AWS_REGION", "s3.region", Text),
    ("AWS_ACCESS_KEY_ID", "s3.access_key_id", Text),
    ("AWS_SECRET_ACCESS_KEY", "s3.secret_access_key", Text),
    ("AICON_LOG", "log.level", Text),
    ("AICON_LOG_FORMAT", "log.format", Text),
    ("AICON_AUTH", "auth.mode", Text),
    ("AICON_API_KEY", "auth.api_key", Text),
    ("AICON_API_ENDPOINT", "aicon.api_endpoint", Text),
    ("AICON_CLIENT_ID", "aicon.client_id", Text),
    ("AICON_CLIENT_SECRET", "aicon.client_secret", Text),
    ("AICON_CLIENT_SECRET_FILE", "aicon.client_secret_file", Text),
    ("AICON_PRICE", "aicon.price", Text),
    ("AICON_CONTENT", "aicon.content", Text),
    ("AICON_RECORD_USAGE_PATH", "aicon.record_usage_path", Text),
    (
        "AICON_RECORD_USAGE_TIME_FORMAT",
        "aicon.record_usage_time_format",
        Text,
    ),
    ("AICON_KEY", "aicon.key", Text),
    ("AICON_KEY_FILE", "aicon.key_file", Text),
    (
        "AICON_AUTHORIZATION_GRANT_TYPE",
        "aicon.authorization_grant_type",
        Text,
    ),
    ("AICON_REFRESH_GRANT_TYPE", "aicon.refresh_grant_type", Text),
    ("AICON_CORS_ORIGINS", "cors.origins", List),
    ("AICON_SITE", "site.directory", Text),
    ("AICON_SITE_CONFIG", "site.config", Text),
    ("AICON_SITE_FRAME_ORIGINS", "site.frame_origins", List),
    ("AI_PROVIDER", "ai.provider", Text),
    ("AICON_DEFAULT_MODEL", "ai.model", Text),
    ("OPENAI_API_KEY", "providers.openai.api_key", Text),
    ("OPENAI_BASE_URL", "providers.openai.base_url", Text),
    ("ANTHROPIC_API_KEY", "providers.claude.api_key", Text),
    ("ANTHROPIC_BASE_URL", "providers.claude.base_url", Text),
    ("GOOGLE_API_KEY", "providers.gemini.api_key", Text),
    ("GEMINI_API_KEY", "providers.gemini.api_key", Text),
    ("GEMINI_BASE_URL", "providers.gemini.base_url", Text),
    ("AICON_DEMO_DELAY_MS", "demo.delay_ms", Number),
    ("AICON_ECHO_DELAY_MS", "demo.echo_delay_ms", Number),
    ("AICON_TRUSTED_PROXIES", "proxy.trusted", List),
    ("AICON_LIMIT_BODY_BYTES", "limits.body_bytes", Number),
    ("AICON_LIMIT_UPLOAD_BYTES", "limits.upload_bytes", Number),
    ("AICON_LIMIT_IMAGE_PIXELS", "limits.image_pixels", Number),
    (
        "AICON_LIMIT_REQUESTS_PER_MINUTE_USER",
        "limits.requests_per_minute_user",
        Number,
    ),
    (
        "AICON_LIMIT_REQUESTS_PER_MINUTE_ADDRESS",
        "limits.requests_per_minute_address",
        Number,
    ),
    (
        "AICON_LIMIT_STREAMS_PER_USER",
        "limits.streams_per_user",
        Number,
    ),
    (
        "AICON_LIMIT_TOKENS_PER_DAY_USER",
        "limits.tokens_per_day_user",
        Number,
    ),
    ("AICON_SETTLEMENT_ACCESS", "settlement.access", Text),
    ("AICON_SETTLEMENT_API_KEY", "settlement.api_key", Text),
    (
        "AICON_SETTLEMENT_API_KEY_FILE",
        "settlement.api_key_file",
        Text,
    ),
    ("AICON_SETTLEMENT_ADDRESSES", "settlement.addresses", List),
    ("AICON_SETTLEMENT_TIME_ZONE", "settlement.time_zone", Text),
    (
        "AICON_SETTLEMENT_INCLUDE_SECRET",
        "settlement.include_secret",
        Flag,
    ),
    ("AICON_METRICS_LISTEN", "metrics.listen", Text),
    ("AICON_TIMEOUT_CONNECT", "timeouts.connect", Text),
    ("AICON_TIMEOUT_FIRST_BYTE", "timeouts.first_byte", Text),
    ("AICON_TIMEOUT_IDLE", "timeouts.idle", Text),
    ("AICON_TIMEOUT_AICON", "timeouts.aicon", Text),
    ("AICON_TIMEOUT_HEADER", "timeouts.header", Text),
    ("AICON_TIMEOUT_BODY_IDLE", "timeouts.body_idle", Text),
    ("AICON_TIMEOUT_WRITE", "timeouts.write", Text),
    ("AICON_TIMEOUT_KEEP_ALIVE", "timeouts.keep_alive", Text),
    ("AICON_TIMEOUT_SHUTDOWN", "timeouts.shutdown", Text),
];

/// How the text of a source is read.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    /// As it is.
    Text,
    /// A whole number.
    Number,
    /// `true` or `false`.
    Flag,
    /// Texts separated by commas.
    List,
}

/// One value from a place with a name.
pub(super) struct Single {
    pub(super) source: String,
    pub(super) key: &'static str,
    pub(super) value: Value,
}

impl Single {
    pub(super) fn new(source: String, key: &'static str, shape: Shape, text: &str) -> Self {
        let value = match shape {
            Text => Value::from(text),
            // A text that is no number goes on as text: the error then shows what was found.
            Number => text
                .trim()
                .parse::<u64>()
                .map_or_else(|_| Value::from(text), Value::from),
            // Likewise.
            Flag => text
                .trim()
                .parse::<bool>()
                .map_or_else(|_| Value::from(text), Value::from),
            List => Value::from(
                text.split(',')
                    .map(str::trim)
                    .filter(|item| !item.is_empty())
                    .map(Value::from)
                    .collect::<Vec<_>>(),
            ),
        };
        Self { source, key, value }
    }
}

impl Provider for Single {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.source.clone())
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        let nested = figment::util::nest(self.key, self.value.clone());
        let dict = nested.into_dict().unwrap_or_default();
        Ok(Profile::Default.collect(dict))
    }
}
