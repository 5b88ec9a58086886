//! What Trunk leaves open in the bundle: the hashes in the page's policy, and the size of wasm-bindgen's script.

mod csp;
mod glue;

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use crate::error::{Error, Result};

/// The hook: completes the bundle in Trunk's staging directory.
///
/// # Errors
/// When Trunk has not set `TRUNK_STAGING_DIR`, or the page is not what is expected.
pub(crate) fn run() -> Result<ExitCode> {
    let Some(staging) = env::var_os("TRUNK_STAGING_DIR").map(PathBuf::from) else {
        return Err(Error::Unmet(
            "`finish` is a hook of Trunk, which sets `TRUNK_STAGING_DIR`".to_owned(),
        ));
    };
    let page = staging.join("index.html");
    let mut html = fs::read_to_string(&page).map_err(Error::path("read", &page))?;
    if env::var_os("TRUNK_PROFILE").is_some_and(|profile| profile == "release") {
        html = trim_scripts(&staging, html)?;
    }
    let html = csp::complete(&html).ok_or_else(|| {
        let token = csp::TOKEN;
        Error::Unmet(format!(
            "the content security policy of `index.html` has no `{token}` among its `script-src`"
        ))
    })?;
    fs::write(&page, html).map_err(Error::path("write", &page))?;
    Ok(ExitCode::SUCCESS)
}

/// Trims the scripts at the bundle's root, which are wasm-bindgen's; answers the page with their new integrity values.
fn trim_scripts(staging: &Path, mut html: String) -> Result<String> {
    for entry in fs::read_dir(staging)
        .map_err(Error::path("read", staging))?
        .flatten()
    {
        let path = entry.path();
        if path.extension().is_none_or(|extension| extension != "js") {
            continue;
        }
        let script = fs::read_to_string(&path).map_err(Error::path("read", &path))?;
        let Some(trimmed) = glue::trim(&script) else {
            continue;
        };
        let (old, new) = (glue::integrity(&script), glue::integrity(&trimmed));
        if !html.contains(&old) {
            return Err(Error::Unmet(format!(
                "`index.html` has no integrity value for `{}`",
                path.display()
            )));
        }
        html = html.replace(&old, &new);
        fs::write(&path, trimmed).map_err(Error::path("write", &path))?;
    }
    Ok(html)
}
