//! What comes from the operating system. On Debian and its relatives we install it, elsewhere we say what is missing.

use std::{
    io::IsTerminal as _,
    path::Path,
    process::{Command, Stdio},
};

use super::find_program;
use crate::{
    error::{Error, Result},
    postgres, progress,
};

/// A C and a C++ compiler: SQLite and `wasm-opt` are compiled from source.
pub(super) fn ensure_compilers() -> Result<()> {
    let mut needs = Vec::new();
    if find_program("cc").is_none() {
        needs.push(Need {
            what: "a C compiler (`cc`)",
            packages: &["gcc", "libc6-dev"],
        });
    }
    if find_program("c++").is_none() {
        needs.push(Need {
            what: "a C++ compiler (`c++`)",
            packages: &["g++"],
        });
    }
    ensure(&needs)
}

/// Chromium, its WebDriver server and a font with Hangul.
pub(super) fn ensure_browser() -> Result<()> {
    let mut needs = Vec::new();
    if !["chromium", "chromium-browser", "google-chrome"]
        .iter()
        .any(|name| find_program(name).is_some())
    {
        needs.push(Need {
            what: "Chromium (`chromium`) on the PATH",
            packages: &["chromium"],
        });
    }
    if chromedriver().is_none() {
        needs.push(Need {
            what: "ChromeDriver (`chromedriver`) of the same version on the PATH, or its path in `CHROMEDRIVER`",
            packages: &["chromium-driver"],
        });
    }
    if !has_korean_font() {
        needs.push(Need {
            what: "a font with Hangul, such as Noto Sans CJK",
            packages: &["fonts-noto-cjk"],
        });
    }
    ensure(&needs)
}

/// A PostgreSQL server's programs; a server that runs elsewhere does as well.
pub(super) fn ensure_postgres() -> Result<()> {
    let given = std::env::var(postgres::VARIABLE).is_ok_and(|url| !url.is_empty());
    if given || postgres::programs().is_some() {
        return Ok(());
    }
    ensure(&[Need {
        what: "a PostgreSQL server (`postgres`, `initdb`, `pg_ctl`) on the PATH or where distributions keep it, or the URL of \
               a running one in `AICON_TEST_POSTGRES`",
        packages: &["postgresql"],
    }])
}

/// The WebDriver server: `CHROMEDRIVER`, or the one on the `PATH`.
pub(crate) fn chromedriver() -> Option<std::path::PathBuf> {
    match std::env::var_os("CHROMEDRIVER") {
        Some(path) => Some(path.into()),
        None => find_program("chromedriver"),
    }
}

struct Need {
    what: &'static str,
    packages: &'static [&'static str],
}

fn ensure(needs: &[Need]) -> Result<()> {
    if needs.is_empty() {
        return Ok(());
    }
    if find_program("apt-get").is_none() {
        return Err(Error::Unmet(format!(
            "this machine lacks {}; install it and try again",
            listed(needs)
        )));
    }
    let packages: Vec<&str> = needs
        .iter()
        .flat_map(|need| need.packages)
        .copied()
        .collect();
    let Some(prefix) = root_prefix() else {
        return Err(Error::Unmet(format!(
            "this machine lacks {}; as root, type\n    apt-get update && apt-get install -y --no-install-recommends {}",
            listed(needs),
            packages.join(" ")
        )));
    };
    apt_get(prefix, &["update"], "updating the list of system packages")?;
    let title = format!("installing the system packages {}", packages.join(", "));
    apt_get(
        prefix,
        &[
            &["install", "-y", "--no-install-recommends"],
            packages.as_slice(),
        ]
        .concat(),
        &title,
    )
}

fn listed(needs: &[Need]) -> String {
    needs
        .iter()
        .map(|need| need.what)
        .collect::<Vec<_>>()
        .join(" and ")
}

fn has_korean_font() -> bool {
    if find_program("fc-list").is_some() {
        let output = Command::new("fc-list")
            .args([":lang=ko", "family"])
            .output();
        return output.is_ok_and(|output| !output.stdout.trim_ascii().is_empty());
    }
    Path::new("/usr/share/fonts/opentype/noto").is_dir()
}

/// The words that make the rest of a command run as root; `None` when that is not possible here.
fn root_prefix() -> Option<&'static [&'static str]> {
    if is_root() {
        return Some(&[]);
    }
    find_program("sudo")?;
    if succeeds(Command::new("sudo").args(["-n", "true"])) {
        return Some(&["sudo", "-n"]);
    }
    // A password can only be asked for where someone sits. Asking now keeps the prompt out of the progress display.
    let someone_there = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    (someone_there
        && Command::new("sudo")
            .arg("-v")
            .status()
            .is_ok_and(|status| status.success()))
    .then_some(&["sudo", "-n"][..])
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output();
    output.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn succeeds(command: &mut Command) -> bool {
    let quiet = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

fn apt_get(prefix: &[&str], arguments: &[&str], title: &str) -> Result<()> {
    // `env` because sudo does not pass the environment on.
    let start = [
        "env",
        "DEBIAN_FRONTEND=noninteractive",
        "apt-get",
        "-o",
        "Acquire::Retries=3",
    ];
    let words: Vec<&str> = prefix
        .iter()
        .chain(&start)
        .chain(arguments)
        .copied()
        .collect();
    progress::run(title, Command::new(words[0]).args(&words[1..]), "apt-get")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_installed_when_nothing_is_missing() {
        ensure(&[]).unwrap();
    }
}
