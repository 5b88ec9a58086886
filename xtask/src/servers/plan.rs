use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use base64ct::{Base64UrlUnpadded, Encoding as _};
use serde_json::json;

use super::{DEFAULT_PORT_BASE, Kind, Ports, origin};
use crate::{
    error::{Error, Result},
    process::Group,
    setup::Toolbox,
    workspace,
};

/// The base64 of `aicon-microsite-demo`: shaped like the IDs that AICON gives out.
const CLIENT_ID: &str = "YWljb24tbWljcm9zaXRlLWRlbW8=";

/// How one set of servers is laid out: ports, files, credentials.
pub(crate) struct Plan {
    pub(crate) ports: Ports,
    pub(crate) kind: Kind,
    directory: PathBuf,
    client_secret: String,
    /// Of AICON, when it reads the settlement.
    settlement_key: String,
    /// Of callers without AICON's login.
    api_key: String,
}

impl Plan {
    /// Everything of the set called `name` lies below `target/{name}/`; another port base has its own directory, because
    /// two sets may run at once.
    pub(crate) fn new(name: &str, base: u16, kind: Kind) -> Result<Self> {
        let directory = if base == DEFAULT_PORT_BASE {
            name.to_owned()
        } else {
            format!("{name}-{base}")
        };
        let directory = workspace::target().join(directory);
        workspace::create_dir(&directory)?;
        Ok(Self {
            ports: Ports::from_base(base)?,
            kind,
            directory,
            client_secret: random_secret()?,
            settlement_key: random_secret()?,
            api_key: random_secret()?,
        })
    }

    /// Writes the `configs.json` of this set; answers its path.
    pub(crate) fn write_config(&self) -> Result<PathBuf> {
        let path = self.directory.join("configs.json");
        let config = config(self.ports, self.kind);
        let config = serde_json::to_string_pretty(&config).expect("a JSON value can be written");
        fs::write(&path, config + "\n").map_err(Error::path("write", &path))?;
        Ok(path)
    }

    /// Starts AICON's stand-in. `dist` is what it hosts, on `hosting`; users are sent back to the site's port.
    pub(crate) fn start_sandbox(
        &self,
        toolbox: &Toolbox,
        dist: Option<&Path>,
        hosting: u16,
    ) -> Result<Group> {
        let mut command = toolbox.command(workspace::binary("aicon-sandbox"));
        command.arg("serve").args([
            "--listen",
            &address(self.ports.aicon),
            "--site-listen",
            &address(hosting),
        ]);
        command
            .arg("--site-config")
            .arg(self.write_config()?)
            .args(["--client-id", CLIENT_ID]);
        command
            .args(["--provider", &origin(self.ports.backend)])
            .env("SANDBOX_CLIENT_SECRET", &self.client_secret)
            .env("SANDBOX_SETTLEMENT_KEY", &self.settlement_key);
        for origin in self.app_origins() {
            command.args(["--redirect-uri", &origin]);
        }
        if self.kind == Kind::Outlink {
            command.args(["--outlink", &self.app()]);
        }
        if let Some(dist) = dist {
            command.arg("--site").arg(dist);
        }
        Group::spawn(
            "AICON's sandbox",
            &mut command,
            &self.directory.join("sandbox.log"),
        )
    }

    /// Starts the provider's back end. `dist` is what it hosts, where it does.
    pub(crate) fn start_backend(&self, toolbox: &Toolbox, dist: Option<&Path>) -> Result<Group> {
        let mut command = self.backend(toolbox, self.ports.backend, "data");
        command
            .env("AICON_AUTH", "aicon")
            .env("AICON_SETTLEMENT_ACCESS", "api-key")
            .env("AICON_SETTLEMENT_API_KEY", &self.settlement_key);
        if self.kind.is_microsite() {
            let definitions = workspace::root().join("examples").join("models");
            command.arg("--models").arg(definitions);
        }
        match dist.filter(|_| self.kind.is_self_hosted()) {
            Some(dist) => {
                command.arg("--site").arg(dist);
                command.env("AICON_SITE_CONFIG", self.write_config()?);
            }
            None => {
                command.env("AICON_CORS_ORIGINS", self.app_origins().join(","));
            }
        }
        let log = self.directory.join("backend.log");
        Group::spawn("the back end", &mut command, &log)
    }

    /// Starts the back end once more, for callers who bring an API key in place of AICON's login.
    pub(crate) fn start_backend_by_key(&self, toolbox: &Toolbox) -> Result<Group> {
        let mut command = self.backend(toolbox, self.ports.by_key, "data-by-key");
        command
            .env("AICON_AUTH", "api-key")
            .env("AICON_API_KEY", &self.api_key);
        let log = self.directory.join("backend-by-key.log");
        Group::spawn("the back end for API keys", &mut command, &log)
    }

    fn backend(&self, toolbox: &Toolbox, port: u16, data: &str) -> Command {
        let mut command = toolbox.command(workspace::binary("aicon-backend"));
        command
            .arg("serve")
            .env("AICON_LISTEN", address(port))
            .env("AICON_DATA", self.directory.join(data))
            .env(
                "AICON_API_ENDPOINT",
                format!("{}/api", origin(self.ports.aicon)),
            )
            .env("AICON_CLIENT_ID", CLIENT_ID)
            .env("AICON_CLIENT_SECRET", &self.client_secret);
        command
    }

    /// Where users begin.
    pub(crate) fn entrance(&self) -> String {
        match self.kind {
            Kind::Hosted | Kind::OwnSite => self.app(),
            Kind::Chat | Kind::MultiInput => format!("{}/microsite", origin(self.ports.aicon)),
            Kind::Outlink => format!("{}/outlink", origin(self.ports.aicon)),
        }
    }

    /// The origin of the app, where there is one.
    pub(crate) fn app(&self) -> String {
        origin(self.app_port())
    }

    /// The question of somebody who brings an API key, for a shell.
    pub(crate) fn curl(&self) -> String {
        format!(
            "curl -N {}/ai/chat -H 'X-Api-Key: {}' -H 'Content-Type: application/json' -d '{{\"message\":\"안녕하세요\"}}'",
            origin(self.ports.by_key),
            self.api_key
        )
    }

    fn app_port(&self) -> u16 {
        if self.kind.is_self_hosted() {
            self.ports.backend
        } else {
            self.ports.site
        }
    }

    /// The app under both names of this machine: people type either.
    fn app_origins(&self) -> [String; 2] {
        let port = self.app_port();
        [origin(port), format!("http://localhost:{port}")]
    }

    /// The address of the login page, as the app builds it.
    pub(crate) fn login_url(&self) -> String {
        let id = CLIENT_ID.replace('=', "%3D");
        let back = self.app().replace(':', "%3A").replace('/', "%2F");
        format!(
            "{}/auth/login?client_id={id}&redirect_uri={back}",
            origin(self.ports.aicon)
        )
    }
}

fn random_secret() -> Result<String> {
    let mut secret = [0; 24];
    getrandom::fill(&mut secret)
        .map_err(|error| Error::io("read", "random bytes")(error.into()))?;
    Ok(Base64UrlUnpadded::encode_string(&secret))
}

fn address(port: u16) -> String {
    format!("127.0.0.1:{port}")
}

fn config(ports: Ports, kind: Kind) -> serde_json::Value {
    let end_point = match kind.is_self_hosted() {
        true => "/".to_owned(),
        false => origin(ports.backend),
    };
    json!({
        "apiEndPoint": end_point,
        "aiConApiEndpoint": format!("{}/api", origin(ports.aicon)),
        "clientID": CLIENT_ID,
        "clientSecret": "",
        "authenGrantType": "authorization_code",
        "refreshGrantType": "refresh_token",
        "aiConLogin": format!("{}/auth/login", origin(ports.aicon)),
        "title": { "ko": "AICON 데모 모델", "en": "AICON demo model" },
        "description": {
            "ko": "키 없이 동작하는 내장 모델입니다. 로그인, 이미지 첨부, 스트리밍 답변을 그대로 체험해 보세요.",
            "en": "A built-in model that needs no key. Try the login, attaching an image and the streamed answer."
        },
        "startMessage": {
            "ko": "안녕하세요! 무엇이든 물어보세요. 이미지도 함께 보낼 수 있습니다.",
            "en": "Hello! Ask me anything. You can send images along."
        },
        "model": "demo",
        "maxTextLength": 4000,
        "maxFiles": 3
    })
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum as _;

    use super::*;

    #[test]
    fn the_demo_keeps_the_secret_out_of_the_bundle() {
        for kind in Kind::value_variants() {
            let config = config(Ports::from_base(8790).unwrap(), *kind);
            assert_eq!(config["clientSecret"], "");
        }
    }
}
