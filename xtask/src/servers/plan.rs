use std::{
    fs,
    path::{Path, PathBuf},
};

use base64ct::{Base64UrlUnpadded, Encoding as _};
use serde_json::json;

use super::{DEFAULT_PORT_BASE, Ports, origin};
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
    directory: PathBuf,
    client_secret: String,
    /// Of AICON, when it reads the settlement.
    settlement_key: String,
}

impl Plan {
    /// Everything of the set called `name` lies below `target/{name}/`; another port base has its own directory, because
    /// two sets may run at once.
    pub(crate) fn new(name: &str, base: u16) -> Result<Self> {
        let directory = if base == DEFAULT_PORT_BASE {
            name.to_owned()
        } else {
            format!("{name}-{base}")
        };
        let directory = workspace::target().join(directory);
        workspace::create_dir(&directory)?;
        Ok(Self {
            ports: Ports::from_base(base)?,
            directory,
            client_secret: random_secret()?,
            settlement_key: random_secret()?,
        })
    }

    /// Writes the `configs.json` of this set; answers its path.
    pub(crate) fn write_config(&self) -> Result<PathBuf> {
        let path = self.directory.join("configs.json");
        let config =
            serde_json::to_string_pretty(&config(self.ports)).expect("a JSON value can be written");
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
        for origin in site_origins(self.ports) {
            command.args(["--redirect-uri", &origin]);
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

    /// Starts the provider's back end.
    pub(crate) fn start_backend(&self, toolbox: &Toolbox) -> Result<Group> {
        let mut command = toolbox.command(workspace::binary("aicon-backend"));
        command
            .arg("serve")
            .env("AICON_LISTEN", address(self.ports.backend))
            .env("AICON_DATA", self.directory.join("data"))
            .env("AICON_AUTH", "aicon")
            .env(
                "AICON_API_ENDPOINT",
                format!("{}/api", origin(self.ports.aicon)),
            )
            .env("AICON_CLIENT_ID", CLIENT_ID)
            .env("AICON_CLIENT_SECRET", &self.client_secret)
            .env("AICON_SETTLEMENT_ACCESS", "api-key")
            .env("AICON_SETTLEMENT_API_KEY", &self.settlement_key)
            .env("AICON_CORS_ORIGINS", site_origins(self.ports).join(","));
        Group::spawn(
            "the back end",
            &mut command,
            &self.directory.join("backend.log"),
        )
    }

    /// The address of the login page, as the app builds it.
    pub(crate) fn login_url(&self) -> String {
        let id = CLIENT_ID.replace('=', "%3D");
        let back = origin(self.ports.site)
            .replace(':', "%3A")
            .replace('/', "%2F");
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

/// The site under both names of this machine: people type either.
fn site_origins(ports: Ports) -> Vec<String> {
    vec![
        origin(ports.site),
        format!("http://localhost:{}", ports.site),
    ]
}

fn address(port: u16) -> String {
    format!("127.0.0.1:{port}")
}

fn config(ports: Ports) -> serde_json::Value {
    json!({
        "apiEndPoint": origin(ports.backend),
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
    use super::*;

    #[test]
    fn the_demo_keeps_the_secret_out_of_the_bundle() {
        assert_eq!(config(Ports::from_base(8790).unwrap())["clientSecret"], "");
    }
}
