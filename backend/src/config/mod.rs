//! Configuration: defaults, then the file, then the environment, then flags.

mod address;
mod check;
mod clients;
mod env;
mod load;
mod origin;
mod settings;
mod settlement;
mod upstreams;

pub use address::AddressRange;
pub use check::CheckError;
pub use clients::{ClientSettings, SecretSource};
pub use load::{ConfigError, Flags, load, print};
pub use origin::Origin;
pub use settings::{
    AiSettings, AiconSettings, AuthMode, AuthSettings, CorsSettings, DemoSettings, Dialect,
    LimitSettings, LogFormat, LogSettings, MetricsSettings, ProviderSettings, ProxySettings,
    ResultSettings, S3Settings, Settings, SiteSettings, TimeoutSettings, UsageSettings,
};
pub use settlement::{SettlementAccess, SettlementSettings};
pub use upstreams::{Upstream, UpstreamKind};
