//! The account under which a PostgreSQL server runs: it refuses to run as root.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::{
    error::{Error, Result},
    setup, workspace,
};

/// The accounts that root takes, the better one first.
const ACCOUNTS: [&str; 2] = ["postgres", "nobody"];

/// Who runs the server.
pub(super) enum Account {
    /// Whoever runs us.
    Own,
    /// Another, because we are root.
    Other { uid: u32, gid: u32 },
}

impl Account {
    /// # Errors
    /// When we are root and there is no account, or no `setpriv`, to step down to.
    pub(super) fn for_servers() -> Result<Self> {
        if id(&["-u"]) != Some(0) {
            return Ok(Self::Own);
        }
        let account = ACCOUNTS.iter().find_map(|name| {
            Some(Self::Other {
                uid: id(&["-u", name])?,
                gid: id(&["-g", name])?,
            })
        });
        match account {
            Some(account) if setup::find_program("setpriv").is_some() => Ok(account),
            _ => Err(Error::Unmet(
                "PostgreSQL refuses to run as root, and this machine lacks `setpriv` (of util-linux) or an account \
                 `postgres` or `nobody` to run it as"
                    .to_owned(),
            )),
        }
    }

    /// A command that runs `program` as this account. Where the system can, it ends with us, however we end.
    pub(super) fn command(&self, program: &Path) -> Command {
        if setup::find_program("setpriv").is_none() {
            return Command::new(program);
        }
        let mut command = Command::new("setpriv");
        if let Self::Other { uid, gid } = self {
            command.args([
                &format!("--reuid={uid}"),
                &format!("--regid={gid}"),
                "--clear-groups",
            ]);
        }
        command.args(["--pdeathsig", "QUIT"]).arg(program);
        command
    }

    /// Makes an empty directory that only this account can read: below `target/`, or with the system's temporary files where
    /// the account cannot enter `target/`, as in root's home.
    pub(super) fn make_directory(&self, name: &str) -> Result<PathBuf> {
        let below_target = workspace::target().join("xtask").join(name);
        let elsewhere = std::env::temp_dir().join(format!("aicon-{name}"));
        for directory in [&below_target, &elsewhere] {
            // Left by a process of the same number that was killed.
            let _ = fs::remove_dir_all(directory);
            workspace::create_dir(directory)?;
            self.own(directory)?;
            close(directory)?;
            if self.can_write(directory) {
                return Ok(directory.clone());
            }
            let _ = fs::remove_dir(directory);
        }
        Err(Error::Unmet(format!(
            "the account of the PostgreSQL server can write neither to {} nor to {}",
            below_target.display(),
            elsewhere.display()
        )))
    }

    /// Gives a file or directory to this account.
    pub(super) fn own(&self, path: &Path) -> Result<()> {
        #[cfg(unix)]
        if let Self::Other { uid, gid } = self {
            return std::os::unix::fs::chown(path, Some(*uid), Some(*gid))
                .map_err(Error::path("give away", path));
        }
        let _ = path;
        Ok(())
    }

    fn can_write(&self, directory: &Path) -> bool {
        let mut test = self.command(Path::new("test"));
        let test = test.arg("-w").arg(directory);
        test.status().is_ok_and(|status| status.success())
    }
}

#[cfg(unix)]
fn close(directory: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(directory, fs::Permissions::from_mode(0o700))
        .map_err(Error::path("close", directory))
}

#[cfg(not(unix))]
fn close(_directory: &Path) -> Result<()> {
    Ok(())
}

fn id(arguments: &[&str]) -> Option<u32> {
    let mut id = Command::new("id");
    let output = id.args(arguments).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().parse().ok())?
}
