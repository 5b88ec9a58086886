//! Flags, each with its environment variable.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Parser, Subcommand, ValueEnum};

/// AICON in a box.
#[derive(Debug, Parser)]
#[command(name = "aicon-sandbox", version, about)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the sandbox can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve AICON and the hosting of a bundle until interrupted
    Serve(Options),
}

/// How the sandbox behaves. The texts are the command's help.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// Address of AICON itself: login page, API below /api, console at /; port 0 takes a free one
    #[arg(long, env = "SANDBOX_LISTEN", default_value = "127.0.0.1:8790")]
    pub listen: SocketAddr,

    /// Address of the bundle's hosting, an origin of its own; port 0 takes a free one
    #[arg(long, env = "SANDBOX_SITE_LISTEN", default_value = "127.0.0.1:8791")]
    pub site_listen: SocketAddr,

    /// The bundle: its upload ZIP or a directory
    #[arg(long, env = "SANDBOX_SITE", value_name = "PATH")]
    pub site: Option<PathBuf>,

    /// Served in place of the bundle's configs/configs.json, as if edited inside the bundle
    #[arg(long, env = "SANDBOX_SITE_CONFIG", value_name = "FILE")]
    pub site_config: Option<PathBuf>,

    /// An extension that this IIS knows besides its usual ones, such as .wasm=application/wasm (repeatable)
    #[arg(
        long,
        env = "SANDBOX_IIS_MIME",
        value_name = ".EXT=TYPE",
        value_delimiter = ','
    )]
    pub iis_mime: Vec<String>,

    /// Client ID of the registered model
    #[arg(
        long,
        env = "SANDBOX_CLIENT_ID",
        default_value = "c2FuZGJveC1tb2RlbA=="
    )]
    pub client_id: String,

    /// Client secret of the registered model; a random one when not given
    #[arg(long, env = "SANDBOX_CLIENT_SECRET", hide_env_values = true)]
    pub client_secret: Option<String>,

    /// A further model of the same provider, for record usage alone: client ID and secret (repeatable)
    #[arg(
        long = "more-client",
        env = "SANDBOX_MORE_CLIENTS",
        hide_env_values = true,
        value_delimiter = ',',
        value_name = "ID:SECRET",
        value_parser = MoreClient::parse
    )]
    pub more_clients: Vec<MoreClient>,

    /// Address of the provider's back end, for "Run model" and "Settle month"
    #[arg(
        long,
        env = "SANDBOX_PROVIDER",
        value_name = "URL",
        default_value = "http://127.0.0.1:8792"
    )]
    pub provider: String,

    /// A model of type 2 that is registered at the start: JSON in the words of configs.json, as the provider's GET /ui
    /// answers it
    #[arg(long, env = "SANDBOX_MICROSITE", value_name = "FILE")]
    pub microsite: Option<PathBuf>,

    /// Address of the provider's own site, for a model of type 4: AICON leads its users there
    #[arg(long, env = "SANDBOX_OUTLINK", value_name = "URL")]
    pub outlink: Option<url::Url>,

    /// Key that the provider asks for when AICON reads the settlement, sent as X-Api-Key
    #[arg(
        long,
        env = "SANDBOX_SETTLEMENT_KEY",
        hide_env_values = true,
        value_name = "KEY"
    )]
    pub settlement_key: Option<String>,

    /// IDs of the users that can log in
    #[arg(
        long,
        env = "SANDBOX_USERS",
        value_delimiter = ',',
        default_value = "demo,second,한글-사용자"
    )]
    pub users: Vec<String>,

    /// A redirect URI besides the hosted site's origin, compared exactly (repeatable)
    #[arg(
        long = "redirect-uri",
        env = "SANDBOX_REDIRECT_URIS",
        value_delimiter = ',',
        value_name = "URI"
    )]
    pub redirect_uris: Vec<String>,

    /// Lifetime of access tokens
    #[arg(long, env = "SANDBOX_ACCESS_TTL", default_value = "1h", value_parser = humantime::parse_duration)]
    pub access_ttl: Duration,

    /// Lifetime of refresh tokens
    #[arg(long, env = "SANDBOX_REFRESH_TTL", default_value = "14d", value_parser = humantime::parse_duration)]
    pub refresh_ttl: Duration,

    /// Lifetime of authorization codes
    #[arg(long, env = "SANDBOX_CODE_TTL", default_value = "60s", value_parser = humantime::parse_duration)]
    pub code_ttl: Duration,

    /// How the token answer names the lifetime; AICON's samples differ
    #[arg(long, env = "SANDBOX_LIFETIME_STYLE", value_enum, default_value_t = LifetimeStyle::Seconds)]
    pub lifetime_style: LifetimeStyle,

    /// Whether the redirect carries the state it was asked with
    #[arg(long, env = "SANDBOX_ECHO_STATE", action = ArgAction::Set, default_value_t = true)]
    pub echo_state: bool,

    /// Share of API calls that fail with 500, 0 to 1
    #[arg(long, env = "SANDBOX_ERROR_RATE", default_value_t = 0.0)]
    pub error_rate: f64,

    /// Time that every API call takes longer, in milliseconds
    #[arg(long, env = "SANDBOX_LATENCY_MS", default_value_t = 0)]
    pub latency_ms: u64,

    /// Issue access tokens that have expired already
    #[arg(long, env = "SANDBOX_EXPIRED_TOKENS")]
    pub expired_tokens: bool,

    /// A fault of record usage (repeatable). In percent of the calls: error, too_many_requests, timeout, lost_answer,
    /// commit_timeout, garbage, garbage_uncommitted, reset, delay_percent. Besides: seed, retry_after_s, delay_ms,
    /// refuse_user, refuse_status, outage_s
    #[arg(
        long,
        env = "SANDBOX_FAULTS",
        value_delimiter = ',',
        value_name = "NAME=VALUE"
    )]
    pub fault: Vec<String>,
}

/// A further model's credentials.
#[derive(Clone)]
pub struct MoreClient {
    /// Client ID.
    pub id: String,
    /// Client secret.
    pub secret: String,
}

impl MoreClient {
    /// Reads `ID:SECRET`.
    ///
    /// # Errors
    ///
    /// When a part is missing. The text does not repeat the secret.
    fn parse(value: &str) -> Result<Self, String> {
        match value.split_once(':') {
            Some((id, secret)) if !id.is_empty() && !secret.is_empty() => Ok(Self {
                id: id.to_owned(),
                secret: secret.to_owned(),
            }),
            _ => Err("expected ID:SECRET".to_owned()),
        }
    }
}

impl fmt::Debug for MoreClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MoreClient").field(&self.id).finish()
    }
}

/// How the token answer names and types the lifetime (`aicon.md` 3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LifetimeStyle {
    /// `"expires_in": 3600`
    Seconds,
    /// `"expires_in": "2025-10-23T04:05:06Z"`
    DateTime,
    /// `"expired_in": 3600`
    ExpiredIn,
}
