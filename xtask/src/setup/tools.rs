//! The programs from crates.io that turn the SPA into a bundle.

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
    process::Command,
};

use super::find_program;
use crate::{
    error::{Error, Result},
    progress, workspace,
};

/// Finds or installs all tools; answers the directories that must be on the `PATH`.
pub(super) fn ensure() -> Result<Vec<PathBuf>> {
    let tools = all()?;
    let cache = cache_dir()?;
    tools
        .iter()
        .filter_map(|tool| ensure_one(tool, &cache).transpose())
        .collect()
}

struct Tool {
    /// The crate's name.
    package: &'static str,
    /// The crate's version.
    version: String,
    /// The programs that we use.
    programs: &'static [&'static str],
    /// The word of `--version` that tells the right version.
    version_word: String,
    /// Further arguments of `cargo install`.
    arguments: &'static [&'static str],
}

fn all() -> Result<[Tool; 3]> {
    // The program must be of the very version of the library that the SPA is linked with.
    let wasm_bindgen = workspace::locked_version("wasm-bindgen")?;
    Ok([
        Tool {
            package: "wasm-bindgen-cli",
            version: wasm_bindgen.clone(),
            programs: &["wasm-bindgen", "wasm-bindgen-test-runner"],
            version_word: wasm_bindgen,
            arguments: &[],
        },
        Tool {
            package: "trunk",
            version: "0.21.14".to_owned(),
            programs: &["trunk"],
            version_word: "0.21.14".to_owned(),
            arguments: &["--no-default-features", "--features", "rustls"],
        },
        Tool {
            package: "wasm-opt",
            version: "0.116.1".to_owned(),
            programs: &["wasm-opt"],
            version_word: "116".to_owned(),
            arguments: &[],
        },
    ])
}

impl Tool {
    fn is_on_the_path(&self) -> bool {
        self.programs
            .iter()
            .all(|program| find_program(program).is_some_and(|file| self.has_version(&file)))
    }

    fn is_in(&self, bin: &Path) -> bool {
        let file = |program: &&str| bin.join(format!("{program}{}", env::consts::EXE_SUFFIX));
        self.programs
            .iter()
            .map(file)
            .all(|file| self.has_version(&file))
    }

    fn has_version(&self, file: &Path) -> bool {
        let Ok(output) = Command::new(file).arg("--version").output() else {
            return false;
        };
        output.status.success()
            && names_version(&String::from_utf8_lossy(&output.stdout), &self.version_word)
    }
}

fn names_version(output: &str, word: &str) -> bool {
    output.split_whitespace().any(|found| found == word)
}

/// `None` when the tool is on the caller's `PATH` already.
fn ensure_one(tool: &Tool, cache: &Path) -> Result<Option<PathBuf>> {
    if tool.is_on_the_path() {
        return Ok(None);
    }
    let root = cache
        .join("tools")
        .join(format!("{}-{}", tool.package, tool.version));
    let bin = root.join("bin");
    if !tool.is_in(&bin) {
        workspace::create_dir(&root)?;
        let waiting = format!("waiting for another set-up that installs {}", tool.package);
        let _lock = workspace::lock(&root.join(".lock"), &waiting)?;
        if !tool.is_in(&bin) {
            install(tool, &root)?;
        }
    }
    if !tool.is_in(&bin) {
        return Err(Error::Unmet(format!(
            "`cargo install {}` ended well, but `{}` holds no program of version {}; remove that directory and try again",
            tool.package,
            bin.display(),
            tool.version_word
        )));
    }
    Ok(Some(bin))
}

fn install(tool: &Tool, root: &Path) -> Result<()> {
    let title = format!(
        "installing {} {} (once per machine)",
        tool.package, tool.version
    );
    match progress::run(
        &title,
        &mut install_command(tool, root, &["--locked"]),
        tool.package,
    ) {
        // The lock file that a crate was published with can name versions that the registry no longer gives out.
        Err(Error::Command { .. }) => {
            let title = format!(
                "installing {} {} with newer dependencies",
                tool.package, tool.version
            );
            progress::run(&title, &mut install_command(tool, root, &[]), tool.package)
        }
        done => done,
    }
}

fn install_command(tool: &Tool, root: &Path, locked: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command
        .args([
            "install",
            tool.package,
            "--force",
            "--version",
            &format!("={}", tool.version),
            "--root",
        ])
        .arg(root)
        .args(locked)
        .args(tool.arguments)
        // Tools that run for seconds need no link-time optimisation, which would cost minutes.
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .current_dir(workspace::root());
    command
}

fn cache_dir() -> Result<PathBuf> {
    cache_in(env::var_os("XDG_CACHE_HOME"), env::home_dir()).ok_or_else(|| {
        Error::Unmet(
            "there is no home directory to keep the tools in: set `XDG_CACHE_HOME` or `HOME`"
                .to_owned(),
        )
    })
}

fn cache_in(xdg: Option<OsString>, home: Option<PathBuf>) -> Option<PathBuf> {
    // The XDG specification: a relative path is invalid and is to be ignored.
    let xdg = xdg.map(PathBuf::from).filter(|dir| dir.is_absolute());
    let cache = xdg.or_else(|| {
        home.filter(|dir| dir.is_absolute())
            .map(|dir| dir.join(".cache"))
    })?;
    Some(cache.join("aicon-microsite"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_must_stand_as_a_word_of_its_own() {
        assert!(names_version("wasm-opt version 116 (version_116)", "116"));
        assert!(names_version("trunk 0.21.14\n", "0.21.14"));
        assert!(!names_version("wasm-bindgen 0.2.1300", "0.2.130"));
        assert!(!names_version("", "116"));
    }

    #[test]
    #[cfg(unix)]
    fn the_cache_follows_the_xdg_specification() {
        let home = Some(PathBuf::from("/home/user"));
        assert_eq!(
            cache_in(Some("/cache".into()), home.clone()),
            Some("/cache/aicon-microsite".into())
        );
        assert_eq!(
            cache_in(Some("cache".into()), home.clone()),
            Some("/home/user/.cache/aicon-microsite".into())
        );
        assert_eq!(
            cache_in(None, home),
            Some("/home/user/.cache/aicon-microsite".into())
        );
        assert_eq!(cache_in(None, None), None);
    }

    #[test]
    fn a_missing_program_is_not_of_the_right_version() {
        let dir = tempfile::tempdir().unwrap();
        for tool in all().unwrap() {
            assert!(!tool.is_in(dir.path()));
        }
    }
}
