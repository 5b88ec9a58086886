//! Where a command takes a client's secret from; never from its own arguments, which everybody on the machine can read.

use std::io::{BufRead as _, IsTerminal as _};
use std::path::PathBuf;

use aicon_protocol::id::ClientId;
use clap::Args;
use secrecy::{ExposeSecret as _, SecretString};

use crate::cli::CliError;
use crate::config::Settings;
use crate::service::sealing::Seal;
use crate::service::secret::StoredSecret;

#[derive(Args, Debug)]
#[group(multiple = false)]
pub(super) struct SecretArgs {
    /// File that holds the client secret; only its name is kept, and it is read again every few seconds
    #[arg(long)]
    secret_file: Option<PathBuf>,
    /// Environment variable of the server that holds the client secret; only its name is kept
    #[arg(long)]
    secret_env: Option<String>,
}

impl SecretArgs {
    /// The secret as its row keeps it.
    pub(super) fn column(&self, settings: &Settings, id: &ClientId) -> Result<String, CliError> {
        if let Some(file) = &self.secret_file {
            let path = std::path::absolute(file).map_err(CliError::io("find the secret's file"))?;
            let path = path.to_str().ok_or_else(|| {
                CliError::Refused("the path of the secret's file is not UTF-8".to_owned())
            })?;
            return Ok(StoredSecret::of_file(path));
        }
        if let Some(name) = &self.secret_env {
            return Ok(StoredSecret::of_variable(name));
        }
        // The key first: nobody should type a secret that cannot be kept.
        let seal = Seal::open_or_create(settings)?;
        Ok(seal.seal(id, &ask()?))
    }
}

/// Reads a secret without showing it, or the first line of what is piped in.
fn ask() -> Result<SecretString, CliError> {
    let secret = if std::io::stdin().is_terminal() {
        rpassword::prompt_password("client secret: ").map_err(CliError::io("read the secret"))?
    } else {
        let mut line = String::new();
        std::io::stdin()
            .lock()
            .read_line(&mut line)
            .map_err(CliError::io("read the secret"))?;
        line
    };
    let secret = SecretString::from(secret.trim_matches(['\r', '\n']));
    if secret.expose_secret().is_empty() {
        return Err(CliError::Refused(
            "no secret was given: expected it on standard input, or --secret-file, or --secret-env"
                .to_owned(),
        ));
    }
    Ok(secret)
}
