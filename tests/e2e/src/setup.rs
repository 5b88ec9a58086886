//! What a world is to be like.

use std::path::PathBuf;

use serde_json::{Map, Value, json};

use crate::paths;
use crate::upstream::Upstream;

/// The user's language, as the browser tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// ko-KR
    Korean,
    /// en-US
    English,
}

impl Language {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Korean, Self::English];

    /// For the `lang` attribute and for file names.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Korean => "ko",
            Self::English => "en",
        }
    }

    /// For the browser's command line.
    pub fn locale(self) -> &'static str {
        match self {
            Self::Korean => "ko-KR",
            Self::English => "en-US",
        }
    }

    /// The text of this language.
    pub fn pick<T>(self, korean: T, english: T) -> T {
        match self {
            Self::Korean => korean,
            Self::English => english,
        }
    }
}

/// How the app gets its tokens (decision 3 of the design).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Login {
    /// By AICON's redirect; the back end holds the secret and redeems the code.
    ThroughBackend,
    /// By AICON's redirect; the bundle holds the secret, as with AICON's samples.
    Direct,
    /// None.
    None,
}

/// What a world is to be like; Korean, login through the back end, and no faults unless said otherwise.
#[derive(Clone, Debug)]
pub struct Setup {
    pub(crate) language: Language,
    pub(crate) login: Login,
    pub(crate) config: Map<String, Value>,
    pub(crate) raw_config: Option<Vec<u8>>,
    pub(crate) config_file: Option<PathBuf>,
    pub(crate) site: Option<PathBuf>,
    pub(crate) sandbox_flags: Vec<String>,
    pub(crate) backend_environment: Vec<(String, String)>,
    pub(crate) starts_backend: bool,
    pub(crate) is_self_hosted: bool,
    pub(crate) is_phone: bool,
    pub(crate) is_dark: bool,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            language: Language::Korean,
            login: Login::ThroughBackend,
            config: Map::new(),
            raw_config: None,
            config_file: None,
            site: None,
            sandbox_flags: Vec::new(),
            backend_environment: Vec::new(),
            starts_backend: true,
            is_self_hosted: false,
            is_phone: false,
            is_dark: false,
        }
    }
}

impl Setup {
    /// The user's language.
    pub fn language(mut self, language: Language) -> Self {
        self.language = language;
        self
    }

    /// How the app gets its tokens.
    pub fn login(mut self, login: Login) -> Self {
        self.login = login;
        self
    }

    /// A key of `configs.json` besides those that the harness writes, or another value for one of those.
    pub fn config(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.config.insert(key.to_owned(), value.into());
        self
    }

    /// Bytes in place of the whole `configs.json`.
    pub fn raw_config(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.raw_config = Some(bytes.into());
        self
    }

    /// A file in place of `configs.json`, unchanged.
    pub fn config_file(mut self, path: PathBuf) -> Self {
        self.config_file = Some(path);
        self
    }

    /// A bundle in place of the built one.
    pub fn site(mut self, path: PathBuf) -> Self {
        self.site = Some(path);
        self
    }

    /// Flags of the sandbox.
    pub fn sandbox(mut self, flags: &[&str]) -> Self {
        self.sandbox_flags
            .extend(flags.iter().map(|&flag| flag.to_owned()));
        self
    }

    /// An environment variable of the back end.
    pub fn backend(mut self, name: &str, value: &str) -> Self {
        self.backend_environment
            .push((name.to_owned(), value.to_owned()));
        self
    }

    /// Lets this service answer, as the model `scripted`.
    pub fn upstream(self, upstream: &Upstream) -> Self {
        self.config("model", "scripted")
            .backend("OPENAI_BASE_URL", &upstream.base_url)
    }

    /// Leaves the back end off, for tests that start it later or never.
    pub fn backend_down(mut self) -> Self {
        self.starts_backend = false;
        self
    }

    /// Gives the back end the model definitions that are shipped as examples.
    pub fn examples(self) -> Self {
        let folder = paths::workspace().join("examples").join("models");
        self.backend("AICON_MODELS", &folder.display().to_string())
    }

    /// Lets the provider's server host the app, as its own end point; AICON hosts nothing.
    pub fn self_hosted(mut self) -> Self {
        self.is_self_hosted = true;
        self.config("apiEndPoint", "/")
    }

    /// A phone's screen (390×844) in place of a desktop's (1280×800).
    pub fn phone(mut self, is_phone: bool) -> Self {
        self.is_phone = is_phone;
        self
    }

    /// Whether the user prefers dark colours.
    pub fn dark(mut self, is_dark: bool) -> Self {
        self.is_dark = is_dark;
        self
    }

    /// The `configs.json` of this world.
    pub(crate) fn config_json(&self, servers: &Servers<'_>) -> Value {
        let login_page = match self.login {
            Login::None => String::new(),
            Login::ThroughBackend | Login::Direct => format!("{}/auth/login", servers.aicon),
        };
        let secret = if self.login == Login::Direct {
            servers.client_secret
        } else {
            ""
        };
        let mut config = json!({
            "apiEndPoint": servers.backend,
            "aiConApiEndpoint": format!("{}/api", servers.aicon),
            "clientID": servers.client_id,
            "clientSecret": secret,
            "authenGrantType": "authorization_code",
            "refreshGrantType": "refresh_token",
            "aiConLogin": login_page,
            "title": "Test model",
            "description": "A model for tests",
        });
        for (key, value) in &self.config {
            config[key] = value.clone();
        }
        config
    }
}

/// Where the servers of a world are.
pub(crate) struct Servers<'a> {
    pub(crate) backend: &'a str,
    pub(crate) aicon: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) client_secret: &'a str,
}
