//! The processes of a measurement: upstream, pass-through, back end with all that belongs to it.

use std::path::Path;

use aicon_crash::servers::{Backend, Sandbox};
use aicon_processes::Process;
use clap::Subcommand;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::plan::Plan;
use super::{pass_through, upstream};
use crate::error::{Error, Result};

const USER: &str = "demo";
const MODEL: &str = "bench";
const ANNOUNCED: &str = "listening ";

/// Processes of this program's that others measure.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum Server {
    /// A model service that answers by plan.
    Upstream,
    /// A proxy that understands nothing.
    PassThrough {
        /// Origin of the upstream.
        upstream: String,
    },
}

impl Server {
    /// Serves until the process is killed; tells where on standard output.
    pub(crate) async fn serve(self) -> Result<()> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        {
            use std::io::Write as _;
            writeln!(std::io::stdout(), "{ANNOUNCED}http://{address}")?;
        }
        match self {
            Self::Upstream => upstream::serve(listener).await,
            Self::PassThrough { upstream } => pass_through::serve(listener, upstream).await,
        }
    }
}

/// Running processes; killed when dropped.
pub(super) struct Servers {
    pub(super) direct: Target,
    pub(super) pass_through: Target,
    pub(super) backend: Target,
    _upstream: Process,
    _pass_through: Process,
    _backend: Backend,
    _sandbox: Sandbox,
}

/// Who is asked.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) process: u32,
    url: String,
    token: Option<String>,
}

impl Servers {
    /// Starts all of them with an empty database; logs and data are below `directory`.
    pub(super) async fn start(directory: &Path) -> Result<Self> {
        std::fs::create_dir_all(directory)?;
        let (upstream, upstream_origin) =
            child(directory, "upstream", &["server", "upstream"]).await?;
        let arguments = ["server", "pass-through", &upstream_origin];
        let (pass_through, origin) = child(directory, "pass-through", &arguments).await?;
        let sandbox = Sandbox::start(directory, &[USER.to_owned()]).await?;
        let token = sandbox.log_in(USER).await?;
        let mut backend = Backend::new(directory, "backend", &sandbox)?;
        backend.set("OPENAI_BASE_URL", &format!("{upstream_origin}/v1"));
        // One user has more tokens here than a day allows; without any limit they would not be counted either.
        backend.set("AICON_LIMIT_TOKENS_PER_DAY_USER", "1000000000000");
        backend.start().await?;
        let process = backend.process_id();
        let process = process.ok_or_else(|| Error::Unexpected("the back end ended".to_owned()))?;
        Ok(Self {
            direct: Target::plain(upstream.id(), &upstream_origin),
            pass_through: Target::plain(pass_through.id(), &origin),
            backend: Target {
                process,
                url: format!("{}/ai/chat", backend.origin),
                token: Some(token),
            },
            _upstream: upstream,
            _pass_through: pass_through,
            _backend: backend,
            _sandbox: sandbox,
        })
    }
}

impl Target {
    fn plain(process: u32, origin: &str) -> Self {
        Self {
            process,
            url: format!("{origin}/v1/chat/completions"),
            token: None,
        }
    }

    /// A chat of that plan, in the words of whoever is asked.
    pub(super) fn ask(&self, client: &reqwest::Client, plan: Plan) -> reqwest::RequestBuilder {
        let request = client.post(&self.url).json(&self.body(plan));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    fn body(&self, plan: Plan) -> Value {
        let message = plan.message();
        if self.token.is_some() {
            return json!({ "message": message, "model": MODEL });
        }
        json!({
            "model": MODEL,
            "messages": [{ "role": "user", "content": message }],
            "stream": true,
            "stream_options": { "include_usage": true },
        })
    }
}

/// This program once more, as one of its servers; and its origin.
async fn child(directory: &Path, name: &str, arguments: &[&str]) -> Result<(Process, String)> {
    let program = std::env::current_exe()?;
    let log = directory.join(format!("{name}.log"));
    let mut process = Process::start(&program, arguments, &[], &log)?;
    let origin = process
        .wait_for_line(|line| line.strip_prefix(ANNOUNCED).map(str::to_owned))
        .await?;
    Ok((process, origin))
}
