//! What Trunk leaves open in the bundle: the hashes in the page's policy, and bytes that no browser needs.

mod csp;
mod names;
mod script;

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
        html = shrink(&staging, html)?;
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

/// Shrinks each pair of files that wasm-bindgen has written; answers the page with their new integrity values.
fn shrink(staging: &Path, mut html: String) -> Result<String> {
    for entry in fs::read_dir(staging)
        .map_err(Error::path("read", staging))?
        .flatten()
    {
        let script = entry.path();
        let Some(module) = module_of(&script) else {
            continue;
        };
        let read = |path| fs::read(path).map_err(Error::path("read", path));
        let (old_script, old_module) = (read(&script)?, read(&module)?);
        let (new_script, new_module) = shrunk(&old_script, &old_module).ok_or_else(|| {
            let script = script.display();
            Error::Unmet(format!(
                "`{script}` and its module are not what wasm-bindgen writes"
            ))
        })?;
        for (path, old, new) in [
            (&script, old_script, new_script.into_bytes()),
            (&module, old_module, new_module),
        ] {
            html = with_integrity(&html, &old, &new).ok_or_else(|| {
                Error::Unmet(format!(
                    "`index.html` has no integrity value for `{}`",
                    path.display()
                ))
            })?;
            fs::write(path, new).map_err(Error::path("write", path))?;
        }
    }
    Ok(html)
}

/// The module that belongs to a script of wasm-bindgen's: `x_bg.wasm` to `x.js`.
fn module_of(script: &Path) -> Option<PathBuf> {
    let name = script.file_name()?.to_str()?.strip_suffix(".js")?;
    let module = script.with_file_name(format!("{name}_bg.wasm"));
    module.is_file().then_some(module)
}

fn shrunk(script: &[u8], module: &[u8]) -> Option<(String, Vec<u8>)> {
    let (module, script) = names::shorten(module, str::from_utf8(script).ok()?)?;
    Some((script::minify(&script)?, module))
}

fn with_integrity(html: &str, old: &[u8], new: &[u8]) -> Option<String> {
    let old = script::integrity(old);
    html.contains(&old)
        .then(|| html.replace(&old, &script::integrity(new)))
}
