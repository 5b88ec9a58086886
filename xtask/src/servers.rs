//! The three servers of `demo` and `dev`: who listens where, and how each is started.

use std::{
    fs,
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use base64ct::{Base64UrlUnpadded, Encoding as _};
use serde_json::json;

use crate::{
    error::{Error, Result},
    process::{self, Group},
    progress,
    setup::Toolbox,
    workspace,
};

/// The ports start here unless `--port-base` says otherwise.
pub(crate) const DEFAULT_PORT_BASE: u16 = 8790;

/// How long a server may take from its start to its first answer.
const START_LIMIT: Duration = Duration::from_secs(30);
/// How long running answers may take to end after the user has asked to stop.
const STOP_LIMIT: Duration = Duration::from_secs(5);
const LINES_SHOWN_OF_A_DEAD_SERVER: usize = 15;

/// The base64 of `aicon-microsite-demo`: shaped like the IDs that AICON gives out.
const CLIENT_ID: &str = "YWljb24tbWljcm9zaXRlLWRlbW8=";

/// The ports of one running set, counted from the base.
#[derive(Clone, Copy)]
pub(crate) struct Ports {
    /// AICON itself: login, API, console.
    pub(crate) aicon: u16,
    /// What the user opens.
    pub(crate) site: u16,
    /// The provider's back end.
    pub(crate) backend: u16,
    /// `dev` only: AICON's hosting, from which Trunk's server takes `configs.json`.
    pub(crate) hosting: u16,
}

impl Ports {
    pub(crate) fn from_base(base: u16) -> Result<Self> {
        let last = base.checked_add(3).filter(|_| base > 0);
        let hosting = last.ok_or_else(|| {
            Error::Unmet(format!(
                "`--port-base {base}` leaves no room for four ports"
            ))
        })?;
        Ok(Self {
            aicon: base,
            site: base + 1,
            backend: base + 2,
            hosting,
        })
    }
}

/// The origin of a port of this machine, as a browser writes it.
pub(crate) fn origin(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

/// Fails when something listens on one of `ports` already.
pub(crate) fn check_free(command: &str, base: u16, ports: &[(u16, &str)]) -> Result<()> {
    for &(port, what) in ports {
        if let Err(error) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            return Err(Error::Unmet(format!(
                "port {port}, meant for {what}, cannot be used: {error}; choose others with `cargo xtask {command} --port-base \
                 {}`",
                suggested_base(base)
            )));
        }
    }
    Ok(())
}

/// How one set of servers is laid out: ports, files, credentials.
pub(crate) struct Plan {
    pub(crate) ports: Ports,
    directory: PathBuf,
    client_secret: String,
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
        let mut secret = [0; 24];
        getrandom::fill(&mut secret)
            .map_err(|error| Error::io("read", "random bytes")(error.into()))?;
        let client_secret = Base64UrlUnpadded::encode_string(&secret);
        Ok(Self {
            ports: Ports::from_base(base)?,
            directory,
            client_secret,
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
        command.env("SANDBOX_CLIENT_SECRET", &self.client_secret);
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

/// Builds both servers in the dev profile.
pub(crate) fn build(toolbox: &Toolbox) -> Result<()> {
    let mut cargo = toolbox.command("cargo");
    cargo.args([
        "build",
        "--package",
        "aicon-backend",
        "--package",
        "aicon-sandbox",
    ]);
    progress::run(
        "building the back end and AICON's sandbox",
        &mut cargo,
        "servers",
    )
}

/// The running set. Dropping it ends all of it.
pub(crate) struct Running {
    groups: Vec<Group>,
}

impl Running {
    pub(crate) fn new(groups: Vec<Group>) -> Self {
        Self { groups }
    }

    /// Waits until `url` answers with a 2xx status; answers its body.
    ///
    /// # Errors
    /// When a server dies, the time is up, or the user stops the task.
    pub(crate) fn wait_for(&mut self, url: &str) -> Result<String> {
        let deadline = Instant::now() + START_LIMIT;
        loop {
            let error = match get(url) {
                Ok(body) => return Ok(body),
                Err(error) => error,
            };
            self.check()?;
            if Instant::now() > deadline {
                return Err(Error::Unmet(format!(
                    "{url} does not answer after {} s: {error}",
                    START_LIMIT.as_secs()
                )));
            }
            std::thread::sleep(process::POLL);
        }
    }

    /// Fails when a server has died, or the user stops the task.
    pub(crate) fn check(&mut self) -> Result<()> {
        process::check_interrupted()?;
        for group in &mut self.groups {
            if let Some(status) = group.try_wait()? {
                // Ctrl-C in a terminal may reach a child before us: that is no death to report.
                process::check_interrupted()?;
                let tail = process::log_tail(group.log(), LINES_SHOWN_OF_A_DEAD_SERVER);
                return Err(Error::Unmet(format!(
                    "{} has ended ({status}); its last words:{tail}",
                    group.name()
                )));
            }
        }
        Ok(())
    }

    /// Replaces the server called `name` by the one that `start` starts, once the old one has ended.
    pub(crate) fn replace(
        &mut self,
        name: &str,
        start: impl FnOnce() -> Result<Group>,
    ) -> Result<()> {
        let (old, kept) = self
            .groups
            .drain(..)
            .partition(|group| group.name() == name);
        self.groups = kept;
        Group::stop_all(old, STOP_LIMIT);
        self.groups.push(start()?);
        Ok(())
    }

    /// Ends all servers, politely first.
    pub(crate) fn stop(self) {
        Group::stop_all(self.groups, STOP_LIMIT);
    }
}

fn get(url: &str) -> std::result::Result<String, ureq::Error> {
    let config = ureq::Agent::config_builder()
        .timeout_global(Some(Duration::from_secs(5)))
        .proxy(None);
    ureq::Agent::new_with_config(config.build())
        .get(url)
        .call()?
        .body_mut()
        .read_to_string()
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

fn suggested_base(base: u16) -> u16 {
    base.checked_add(1000)
        .filter(|next| *next < 60_000)
        .unwrap_or(DEFAULT_PORT_BASE)
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
    fn a_busy_port_is_named_with_its_purpose_and_the_way_out() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let text = check_free("demo", 8790, &[(port, "the app")])
            .unwrap_err()
            .to_string();
        for part in [
            port.to_string().as_str(),
            "the app",
            "cargo xtask demo --port-base 9790",
        ] {
            assert!(text.contains(part), "{part} is missing in `{text}`");
        }
    }

    #[test]
    fn the_four_ports_are_different_and_fit() {
        let ports = Ports::from_base(65_532).unwrap();
        assert_eq!(
            [ports.aicon, ports.site, ports.backend, ports.hosting],
            [65_532, 65_533, 65_534, 65_535]
        );
        assert!(Ports::from_base(65_533).is_err());
        assert!(Ports::from_base(0).is_err());
    }

    #[test]
    fn the_demo_keeps_the_secret_out_of_the_bundle() {
        assert_eq!(config(Ports::from_base(8790).unwrap())["clientSecret"], "");
    }
}
