//! What Trunk leaves open in the bundle: the hashes in the page's policy, and bytes that no browser needs.

mod csp;
mod names;
pub(crate) mod packed;
mod pair;
pub(crate) mod precompressed;
mod script;
pub(crate) mod worker;

use std::{env, fs, path::PathBuf, process::ExitCode};

use pair::Pair;

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
    let is_release = env::var_os("TRUNK_PROFILE").is_some_and(|profile| profile == "release");
    html = worker::finish(&staging, &html, is_release)?;
    if is_release {
        let pairs = Pair::all_in(&staging)?;
        for pair in pairs.iter().filter(|pair| !pair.begins_with(worker::NAME)) {
            html = pair.shrink()?.replace(pair, &staging, &html)?;
        }
    }
    let html = csp::complete(&html).ok_or_else(|| {
        let token = csp::TOKEN;
        Error::Unmet(format!(
            "the content security policy of `index.html` has no `{token}` among its `script-src`"
        ))
    })?;
    fs::write(&page, html).map_err(Error::path("write", &page))?;
    if is_release {
        precompressed::write_all(&staging)?;
    }
    Ok(ExitCode::SUCCESS)
}
