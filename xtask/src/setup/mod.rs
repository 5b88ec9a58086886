//! Brings what builds and tests need, and only what is missing.

mod system;
mod toolchain;
mod tools;

use std::{
    env,
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

pub(crate) use system::chromedriver;
pub(crate) use toolchain::{WASM, ensure_std_sources};

use crate::{error::Result, progress, workspace};

/// Where to find the programs that set-up has found or installed.
pub(crate) struct Toolbox {
    path: OsString,
    variables: Vec<(&'static str, String)>,
}

impl Toolbox {
    /// A command that runs in the workspace's root and finds the tools first on its `PATH`.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(workspace::root())
            .env("PATH", &self.path)
            .envs(self.variables.iter().map(|(name, value)| (name, value)));
        // What `cargo run` has set for us says nothing about the children, and cargo would rebuild for some of it.
        for (name, _) in env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("CARGO_PKG_")
                || text == "CARGO_MANIFEST_DIR"
                || text == "CARGO_MANIFEST_PATH"
            {
                command.env_remove(&name);
            }
        }
        command
    }

    /// The same with one more directory, which comes first.
    pub(crate) fn and(&self, directory: PathBuf) -> Self {
        let all = std::iter::once(directory).chain(env::split_paths(&self.path));
        Self {
            path: env::join_paths(all).unwrap_or_else(|_| self.path.clone()),
            variables: self.variables.clone(),
        }
    }

    /// The same with one more variable in the environment of its commands.
    pub(crate) fn set(mut self, name: &'static str, value: String) -> Self {
        self.variables.push((name, value));
        self
    }

    fn with(directories: &[PathBuf]) -> Self {
        let inherited = env::var_os("PATH").unwrap_or_default();
        let all = directories
            .iter()
            .cloned()
            .chain(env::split_paths(&inherited));
        // A directory with the separator in its name cannot be on a PATH: the inherited one is the best that is left.
        Self {
            path: env::join_paths(all).unwrap_or(inherited),
            variables: Vec::new(),
        }
    }
}

/// The `setup` command: everything that the other commands need.
pub(crate) fn run() -> Result<ExitCode> {
    for_tests()?;
    progress::say("everything is there");
    Ok(ExitCode::SUCCESS)
}

/// What building the servers needs.
pub(crate) fn for_servers() -> Result<Toolbox> {
    system::ensure_compilers()?;
    Ok(Toolbox::with(&[]))
}

/// What building the servers and the SPA needs.
pub(crate) fn for_builds() -> Result<Toolbox> {
    for_servers()?;
    toolchain::ensure_wasm_target()?;
    Ok(Toolbox::with(&tools::ensure()?))
}

/// What the whole test command needs.
pub(crate) fn for_tests() -> Result<Toolbox> {
    toolchain::ensure_components()?;
    let toolbox = for_builds()?;
    system::ensure_browser()?;
    system::ensure_postgres()?;
    Ok(toolbox)
}

/// What a PostgreSQL of our own needs.
pub(crate) fn for_postgres() -> Result<()> {
    system::ensure_postgres()
}

/// The file of `program` on the caller's `PATH`.
pub(crate) fn find_program(program: &str) -> Option<PathBuf> {
    find_in(&env::var_os("PATH")?, program)
}

fn find_in(path: &OsStr, program: &str) -> Option<PathBuf> {
    let name = format!("{program}{}", env::consts::EXE_SUFFIX);
    env::split_paths(path)
        .map(|dir| dir.join(&name))
        .find(|file| is_program(file))
}

fn is_program(file: &Path) -> bool {
    file.is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_reaches_the_commands() {
        let toolbox = Toolbox::with(&[]).set("AICON_TEST", "1".to_owned());
        let command = toolbox.and(PathBuf::from("more")).command("cargo");
        assert!(
            command
                .get_envs()
                .any(|pair| pair == ("AICON_TEST".as_ref(), Some("1".as_ref())))
        );
    }

    #[test]
    fn a_program_is_found_in_the_first_directory_that_has_it() {
        let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let name = format!("tool{}", env::consts::EXE_SUFFIX);
        std::fs::write(second.path().join(&name), "").unwrap();
        let path = env::join_paths([first.path(), second.path()]).unwrap();
        assert_eq!(find_in(&path, "tool"), Some(second.path().join(&name)));
        std::fs::write(first.path().join(&name), "").unwrap();
        assert_eq!(find_in(&path, "tool"), Some(first.path().join(&name)));
        assert_eq!(find_in(&path, "other"), None);
    }

    #[test]
    fn the_tools_come_first_on_the_path_of_a_child() {
        let toolbox = Toolbox::with(&[PathBuf::from("tool-directory")]);
        let command = toolbox.command("cargo");
        let path = command
            .get_envs()
            .find(|(name, _)| *name == "PATH")
            .unwrap()
            .1
            .unwrap();
        assert_eq!(
            env::split_paths(path).next(),
            Some(PathBuf::from("tool-directory"))
        );
    }
}
