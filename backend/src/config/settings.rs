//! What can be set. Every key has a default: an empty configuration is a working server.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use serde::{Deserialize, Serialize, Serializer};
use url::Url;

use aicon_protocol::aicon::RECORD_USAGE_PATH;

use super::address::AddressRange;
use super::clients::ClientSettings;
use super::origin::Origin;
use super::settlement::SettlementSettings;
use crate::usage::{ContentLimit, PriceRule, TimeFormat};

macro_rules! settings {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty = $default:expr,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)*
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $default,)* }
            }
        }
    };
}

pub(super) use settings;

settings! {
    /// The whole configuration.
    Settings {
        /// Address and port to listen on; port 0 takes a free one.
        listen: SocketAddr = SocketAddr::from(([127, 0, 0, 1], 3000)),
        /// Directory of the database and the uploaded files; made when it is not there.
        data: PathBuf = PathBuf::from("./data"),
        /// `postgres://…`, or the path of an SQLite file; absent: `aicon.db` in `data`.
        #[serde(serialize_with = "hidden")]
        database: Option<SecretString> = None,
        /// `s3://bucket/prefix`, or a directory; absent: `files` in `data`.
        blobs: Option<String> = None,
        /// Folder of model definitions, `*.toml`; absent: `models` beside the configuration file, or in the working directory, if
        /// there is one.
        definitions: Option<PathBuf> = None,
        /// Where callers reach the server, `https://ai.example.com`: stands before the paths of result files. Absent: what the
        /// request says.
        public_url: Option<Url> = None,
        /// The program that reads PDFs, which takes the arguments that the server gives itself; absent: the server's own.
        pdf_reader: Option<PathBuf> = None,
        /// Files that models make.
        results: ResultSettings = ResultSettings::default(),
        /// S3, where `blobs` is there.
        s3: S3Settings = S3Settings::default(),
        /// Logs.
        log: LogSettings = LogSettings::default(),
        /// Who may use the server.
        auth: AuthSettings = AuthSettings::default(),
        /// AICON, for sign-in.
        aicon: AiconSettings = AiconSettings::default(),
        /// Who may call from a browser.
        cors: CorsSettings = CorsSettings::default(),
        /// The app, where this server hosts it itself.
        site: SiteSettings = SiteSettings::default(),
        /// Which model answers when none is named.
        ai: AiSettings = AiSettings::default(),
        /// Upstream services by name. `openai`, `claude` and `gemini` are known; others need `dialect` and `base_url`.
        providers: BTreeMap<String, ProviderSettings> = BTreeMap::new(),
        /// Models whose provider their name does not tell: model to provider.
        models: BTreeMap<String, String> = BTreeMap::new(),
        /// The built-in provider.
        demo: DemoSettings = DemoSettings::default(),
        /// What stands between callers and the server.
        proxy: ProxySettings = ProxySettings::default(),
        /// What a request may cost.
        limits: LimitSettings = LimitSettings::default(),
        /// AICON's monthly call.
        settlement: SettlementSettings = SettlementSettings::default(),
        /// Figures for whoever runs the server.
        metrics: MetricsSettings = MetricsSettings::default(),
        /// How long things may take.
        timeouts: TimeoutSettings = TimeoutSettings::default(),
    }
}

settings! {
    /// See [`Settings::s3`]. What is absent is looked for where AWS's own tools do: variables, the machine's role.
    S3Settings {
        /// Of a service that is not Amazon's: `http://127.0.0.1:9000`.
        endpoint: Option<Url> = None,
        /// Amazon's region, `ap-northeast-2`.
        region: Option<String> = None,
        /// Access key.
        access_key_id: Option<String> = None,
        /// Secret of the access key.
        #[serde(serialize_with = "hidden")]
        secret_access_key: Option<SecretString> = None,
    }
}

settings! {
    /// See [`Settings::log`].
    LogSettings {
        /// `text` or `json`.
        format: LogFormat = LogFormat::Text,
        /// A level, or a filter of `tracing-subscriber`.
        level: String = "info".to_owned(),
    }
}

settings! {
    /// See [`Settings::auth`].
    AuthSettings {
        /// `none`, `aicon` or `api-key`.
        mode: AuthMode = AuthMode::None,
        /// The key of mode `api-key`.
        #[serde(serialize_with = "hidden")]
        api_key: Option<SecretString> = None,
        /// Longest time for which AICON's word about a token is kept; the token's own end comes first.
        #[serde(with = "humantime_serde")]
        cache: Duration = Duration::from_secs(300),
    }
}

settings! {
    /// See [`Settings::aicon`].
    AiconSettings {
        /// Base of AICON's API, for example `https://api.aicon.or.kr/api`.
        api_endpoint: Option<Url> = None,
        /// The model's client ID.
        client_id: Option<String> = None,
        /// The model's client secret.
        #[serde(serialize_with = "hidden")]
        client_secret: Option<SecretString> = None,
        /// A file with the model's client secret, read again every few seconds.
        client_secret_file: Option<PathBuf> = None,
        /// What a use of the model costs.
        price: PriceRule = PriceRule::default(),
        /// How much of prompt and answer AICON is sent: `whole`, `off` or a number of characters of each.
        content: ContentLimit = ContentLimit::Whole,
        /// Which of the server's models callers through the client may use; absent: all. The first one answers requests
        /// without `model` if the server's own default is not among them.
        models: Option<Vec<String>> = None,
        /// More models of the same provider.
        clients: Vec<ClientSettings> = Vec::new(),
        /// Path of record usage below `api_endpoint`; the official sample's is `/aiModel/record-usage`.
        record_usage_path: String = RECORD_USAGE_PATH.to_owned(),
        /// Times in record usage and settlement, UTC, in `strftime`'s letters.
        record_usage_time_format: TimeFormat = TimeFormat::default(),
        /// How uses are reported.
        usage: UsageSettings = UsageSettings::default(),
        /// 32 bytes, base64 or hexadecimal, that seal the client secrets in the database.
        #[serde(serialize_with = "hidden")]
        key: Option<SecretString> = None,
        /// A file with that key; absent: `secret.key` in the data directory, made when it is needed.
        key_file: Option<PathBuf> = None,
        /// `grant_type` sent to AICON with an authorization code.
        authorization_grant_type: String = "authorization_code".to_owned(),
        /// `grant_type` sent to AICON with a refresh token.
        refresh_grant_type: String = "refresh_token".to_owned(),
    }
}

settings! {
    /// See [`AiconSettings::usage`].
    UsageSettings {
        /// Reports of one client under way at the same time.
        concurrency_per_client: usize = 8,
        /// For AICON to answer one report.
        #[serde(with = "humantime_serde")]
        timeout: Duration = Duration::from_secs(10),
        /// Wait before the second try, at most; it doubles with each try.
        #[serde(with = "humantime_serde")]
        first_backoff: Duration = Duration::from_millis(500),
        /// Wait between two tries, at most.
        #[serde(with = "humantime_serde")]
        longest_backoff: Duration = Duration::from_secs(60),
        /// Failures in a row after which a client's reports pause, but for one at a time that tries whether AICON is back.
        failures_to_pause: u32 = 8,
        /// Wait between two such tries, at most.
        #[serde(with = "humantime_serde")]
        longest_pause: Duration = Duration::from_secs(30),
    }
}

settings! {
    /// See [`Settings::cors`].
    CorsSettings {
        /// Origins of the front ends, exactly.
        origins: Vec<Origin> = Vec::new(),
    }
}

settings! {
    /// See [`Settings::site`].
    SiteSettings {
        /// Folder of the built app; absent: the API alone is served.
        directory: Option<PathBuf> = None,
        /// A file served in place of the folder's `configs/configs.json`, read at each request.
        config: Option<PathBuf> = None,
        /// Origins, besides this one and AICON's own, whose pages may show the app in a frame.
        frame_origins: Vec<Origin> = Vec::new(),
    }
}

settings! {
    /// See [`Settings::ai`].
    AiSettings {
        /// Provider of requests without `model`.
        provider: String = "demo".to_owned(),
        /// Model of requests without `model`; absent: the provider's own default.
        model: Option<String> = None,
    }
}

settings! {
    /// See [`Settings::providers`].
    ProviderSettings {
        /// Wire format; known for `openai`, `claude` and `gemini`.
        dialect: Option<Dialect> = None,
        /// Base URL, version path included where the service has one: `http://127.0.0.1:11434/v1`.
        base_url: Option<Url> = None,
        /// API key; not needed where the base URL is one's own.
        #[serde(serialize_with = "hidden")]
        api_key: Option<SecretString> = None,
        /// Models that error texts list and that need no entry in `models`.
        models: Vec<String> = Vec::new(),
        /// Model used when a request names none.
        default_model: Option<String> = None,
        /// Takes every model that no other provider claims; absent: only an `openai` with an own `base_url` does.
        any_model: Option<bool> = None,
    }
}

settings! {
    /// See [`Settings::demo`].
    DemoSettings {
        /// Pause between the deltas of model `demo`, in milliseconds.
        delay_ms: u64 = 20,
        /// Pause between the deltas of model `echo`, in milliseconds.
        echo_delay_ms: u64 = 0,
    }
}

settings! {
    /// See [`Settings::proxy`].
    ProxySettings {
        /// Proxies whose `X-Forwarded-For` tells the caller's address; from anyone else the header counts nothing.
        trusted: Vec<AddressRange> = Vec::new(),
    }
}

settings! {
    /// See [`Settings::results`].
    ResultSettings {
        /// How long a result file can be fetched.
        #[serde(with = "humantime_serde")]
        life: Duration = Duration::from_secs(24 * 3600),
    }
}

settings! {
    /// See [`Settings::limits`].
    LimitSettings {
        /// Bytes of a JSON body.
        body_bytes: usize = 8 * 1024 * 1024,
        /// Bytes of an uploaded file.
        upload_bytes: usize = 10 * 1024 * 1024,
        /// Pixels of an uploaded picture.
        image_pixels: u64 = 50_000_000,
        /// Pictures that one message may carry.
        images_per_message: usize = 10,
        /// Requests a minute of one user; 0: no limit.
        requests_per_minute_user: u32 = 240,
        /// Requests a minute of one address; 0: no limit. Behind a proxy that is not in `proxy.trusted` all users share its address.
        requests_per_minute_address: u32 = 1200,
        /// Chat streams of one user at the same time; 0: no limit.
        streams_per_user: usize = 4,
        /// Tokens, in and out, of one user a day, which begins as `settlement.time_zone` says; 0: no limit. Absent: two million
        /// where AICON tells users apart, no limit elsewhere.
        tokens_per_day_user: Option<u64> = None,
        /// Characters of all documents of one request that go to a model; more are refused.
        document_chars: usize = 400_000,
        /// Pages of a PDF that goes to a model; a longer one is refused.
        document_pages: usize = 500,
        /// Earlier messages and answers that a follow-up takes along.
        history_turns: usize = 100,
    }
}

settings! {
    /// See [`Settings::metrics`].
    MetricsSettings {
        /// Address and port of `/metrics`, which asks nobody who they are; absent: there is none.
        listen: Option<SocketAddr> = None,
    }
}

settings! {
    /// See [`Settings::timeouts`].
    TimeoutSettings {
        /// Connecting to an upstream or to AICON.
        #[serde(with = "humantime_serde")]
        connect: Duration = Duration::from_secs(10),
        /// From the request to the upstream's response head.
        #[serde(with = "humantime_serde")]
        first_byte: Duration = Duration::from_secs(120),
        /// Between two chunks of an upstream's stream.
        #[serde(with = "humantime_serde")]
        idle: Duration = Duration::from_secs(90),
        /// A whole call to AICON.
        #[serde(with = "humantime_serde")]
        aicon: Duration = Duration::from_secs(15),
        /// A client's request head.
        #[serde(with = "humantime_serde")]
        header: Duration = Duration::from_secs(15),
        /// Between two chunks of a client's body.
        #[serde(with = "humantime_serde")]
        body_idle: Duration = Duration::from_secs(20),
        /// For a client to take in what it asked for, anew with each bit of it.
        #[serde(with = "humantime_serde")]
        write: Duration = Duration::from_secs(30),
        /// Between the comments that keep a stream's connection alive.
        #[serde(with = "humantime_serde")]
        keep_alive: Duration = Duration::from_secs(10),
        /// For running streams to end after a stop signal.
        #[serde(with = "humantime_serde")]
        shutdown: Duration = Duration::from_secs(25),
    }
}

/// See [`LogSettings::format`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogFormat {
    /// A line for people.
    Text,
    /// A line of JSON.
    Json,
}

/// See [`AuthSettings::mode`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AuthMode {
    /// Everyone is the same local user.
    None,
    /// AICON's access token, confirmed by its user info.
    Aicon,
    /// One key, as bearer token or `x-api-key`.
    ApiKey,
}

/// An upstream's wire format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dialect {
    /// OpenAI's Responses API.
    Responses,
    /// OpenAI's Chat Completions API, which Ollama, vLLM, llama.cpp and LiteLLM speak too.
    ChatCompletions,
    /// Anthropic's Messages API.
    Messages,
    /// Gemini's `streamGenerateContent`.
    Gemini,
}

/// What stands for a secret in printed configuration.
const HIDDEN: &str = "(hidden)";

pub(super) fn hidden<S: Serializer>(
    secret: &Option<SecretString>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match secret {
        Some(_) => serializer.serialize_some(HIDDEN),
        None => serializer.serialize_none(),
    }
}
