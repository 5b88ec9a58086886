//! Configuration: defaults, then the file, then the environment, then flags.

mod check;
mod clients;
mod env;
mod load;
mod origin;
mod proxy;
mod settings;
mod upstreams;

pub use check::CheckError;
pub use clients::{ClientSettings, SecretSource};
pub use load::{ConfigError, Flags, load, print};
pub use origin::Origin;
pub use proxy::TrustedProxy;
pub use settings::{
    AiSettings, AiconSettings, AuthMode, AuthSettings, CorsSettings, DemoSettings, Dialect,
    LimitSettings, LogFormat, LogSettings, ProviderSettings, ProxySettings, Settings,
    TimeoutSettings, UsageSettings,
};
pub use upstreams::{Upstream, UpstreamKind};
