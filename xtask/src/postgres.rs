//! A PostgreSQL of one's own: a fresh cluster on a free loopback port, gone when its task ends.
//!
//! The system's cluster (Debian starts one when the package is installed) is neither needed nor touched.

mod account;
mod programs;

use std::{
    fs,
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
    time::{Duration, Instant},
};

use account::Account;
use base64ct::{Base64UrlUnpadded, Encoding as _};
pub(crate) use programs::find as programs;

use crate::{
    error::{Error, Result},
    process::{self, Group},
    progress, setup, workspace,
};

/// The variable that names the PostgreSQL for tests: `postgres://USER:PASSWORD@HOST:PORT/DATABASE` of a role that may
/// create databases.
pub(crate) const VARIABLE: &str = "AICON_TEST_POSTGRES";

/// How long a cluster may take from its start to its first answer.
const START_LIMIT: Duration = Duration::from_secs(30);
/// Another process may take the port between our look and the server's: so often we look again.
const PORT_TRIES: usize = 3;
const LINES_SHOWN_OF_A_DEAD_SERVER: usize = 15;

/// What a commit costs.
#[derive(Clone, Copy)]
pub(crate) enum Durability {
    /// It is on the disk: for measurements, and for work by hand.
    Full,
    /// It is in memory, which is all that a test of a throw-away cluster needs.
    None,
}

/// A running cluster. Dropping it stops the server and deletes the data.
pub(crate) struct Cluster {
    server: Option<Group>,
    programs: PathBuf,
    account: Account,
    directory: PathBuf,
    url: String,
}

/// The PostgreSQL that [`VARIABLE`] names, or a new cluster and its URL.
///
/// # Errors
/// When there is no PostgreSQL on this machine, or it does not start.
pub(crate) fn given_or_started(durability: Durability) -> Result<(Option<Cluster>, String)> {
    match std::env::var(VARIABLE) {
        Ok(url) if !url.is_empty() => Ok((None, url)),
        _ => {
            let cluster = Cluster::start(durability)?;
            let url = cluster.url.clone();
            Ok((Some(cluster), url))
        }
    }
}

/// The `postgres` command: a cluster until the user stops it. Stdout gets its variable as the shell wants it.
pub(crate) fn run() -> Result<ExitCode> {
    setup::for_postgres()?;
    let cluster = Cluster::start(Durability::Full)?;
    println!("export {VARIABLE}={}", cluster.url);
    while !process::interrupted() {
        std::thread::sleep(process::POLL);
    }
    Ok(ExitCode::SUCCESS)
}

impl Cluster {
    /// Makes a cluster and waits until it answers.
    ///
    /// # Errors
    /// As [`given_or_started`].
    fn start(durability: Durability) -> Result<Self> {
        progress::say("starting a PostgreSQL of our own");
        let programs = programs::find().ok_or_else(|| {
            Error::Unmet(format!(
                "this machine has no PostgreSQL server any more; install it, or name one in `{VARIABLE}`"
            ))
        })?;
        let account = Account::for_servers()?;
        let directory = account.make_directory(&format!("postgres-{}", std::process::id()))?;
        let mut cluster = Self {
            server: None,
            programs,
            account,
            directory,
            url: String::new(),
        };
        let password = cluster.init()?;
        let port = cluster.serve(durability)?;
        cluster.url = format!("postgres://postgres:{password}@127.0.0.1:{port}/postgres");
        Ok(cluster)
    }

    /// Makes the data directory; answers the password of its superuser `postgres`.
    fn init(&self) -> Result<String> {
        let mut random = [0; 18];
        getrandom::fill(&mut random)
            .map_err(|error| Error::io("read", "random bytes")(error.into()))?;
        let password = Base64UrlUnpadded::encode_string(&random);
        let file = self.directory.join("password");
        fs::write(&file, &password).map_err(Error::path("write", &file))?;
        self.account.own(&file)?;
        let mut initdb = self.command("initdb");
        initdb
            .arg("--pgdata")
            .arg(self.data())
            .arg("--pwfile")
            .arg(&file);
        initdb.args([
            "--username=postgres",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
        ]);
        let output = initdb
            .stdin(Stdio::null())
            .output()
            .map_err(Error::io("start", "initdb"))?;
        if output.status.success() {
            return Ok(password);
        }
        Err(Error::Command {
            command: progress::display(&initdb),
            status: output.status,
            log: format!("; it said: {}", String::from_utf8_lossy(&output.stderr)),
        })
    }

    /// Starts the server on a free port; answers the port.
    fn serve(&mut self, durability: Durability) -> Result<u16> {
        let log = workspace::target().join("xtask").join("postgres.log");
        for _ in 0..PORT_TRIES {
            let port = free_port()?;
            let mut command = self.server_command(port, durability);
            self.server = Some(Group::spawn("PostgreSQL", &mut command, &log)?);
            if self.wait_until_ready(port)? {
                return Ok(port);
            }
        }
        let tail = process::log_tail(&log, LINES_SHOWN_OF_A_DEAD_SERVER);
        Err(Error::Unmet(format!(
            "PostgreSQL did not start; its last words:{tail}"
        )))
    }

    fn server_command(&self, port: u16, durability: Durability) -> Command {
        let mut command = self.command("postgres");
        command
            .arg("-D")
            .arg(self.data())
            .args(["-p", &port.to_string()]);
        let settings = [
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "max_connections=300",
            "log_min_messages=fatal",
        ];
        let quick = [
            "fsync=off",
            "full_page_writes=off",
            "synchronous_commit=off",
        ];
        for setting in settings {
            command.args(["-c", setting]);
        }
        if matches!(durability, Durability::None) {
            for setting in quick {
                command.args(["-c", setting]);
            }
        }
        command
    }

    /// Whether the server answers; `false` when it has ended.
    fn wait_until_ready(&mut self, port: u16) -> Result<bool> {
        let deadline = Instant::now() + START_LIMIT;
        while Instant::now() < deadline {
            process::check_interrupted()?;
            let server = self.server.as_mut().expect("the caller has started it");
            if server.try_wait()?.is_some() {
                return Ok(false);
            }
            let mut ask = Command::new(self.programs.join("pg_isready"));
            ask.args(["--quiet", "--host=127.0.0.1", &format!("--port={port}")]);
            if ask.status().is_ok_and(|status| status.success()) {
                return Ok(true);
            }
            std::thread::sleep(process::POLL);
        }
        Ok(false)
    }

    fn command(&self, program: &str) -> Command {
        let mut command = self.account.command(&self.programs.join(program));
        // Somebody's PGDATA, PGPORT and so on mean another cluster.
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("PG") {
                command.env_remove(&name);
            }
        }
        // The current directory may be closed to the account.
        command.current_dir(&self.directory);
        command
    }

    fn data(&self) -> PathBuf {
        self.directory.join("data")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if self.server.is_some() {
            let mut stop = self.command("pg_ctl");
            stop.arg("--pgdata").arg(self.data());
            stop.args(["--mode=immediate", "--silent", "stop"]);
            // When that fails, the group is killed, which is the next line's work.
            let _ = stop.stdout(Stdio::null()).stderr(Stdio::null()).status();
        }
        self.server = None;
        remove(&self.directory);
    }
}

/// The server's children may still be writing their last words: a second try finds them gone.
fn remove(directory: &Path) {
    for _ in 0..20 {
        match fs::remove_dir_all(directory) {
            Ok(()) => return,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return,
            Err(_) => std::thread::sleep(process::POLL),
        }
    }
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    let address = listener.and_then(|listener| listener.local_addr());
    Ok(address.map_err(Error::io("find", "a free port"))?.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_answers_with_its_password_alone_and_leaves_nothing() {
        let Some(programs) = programs::find() else {
            panic!("`cargo xtask setup` brings PostgreSQL");
        };
        let cluster = Cluster::start(Durability::None).unwrap();
        let directory = cluster.directory.clone();
        let ask = |url: &str| {
            let mut psql = Command::new(programs.join("psql"));
            psql.args(["--no-password", "--no-psqlrc", "-Atc", "select 6 * 7", url]);
            psql.output().unwrap()
        };
        assert_eq!(ask(&cluster.url).stdout.trim_ascii(), b"42");
        let wrong = cluster.url.replacen("postgres:", "postgres:x", 2);
        assert!(
            !ask(&wrong.replace("postgres:x//", "postgres://"))
                .status
                .success()
        );
        drop(cluster);
        assert!(!directory.exists());
    }
}
