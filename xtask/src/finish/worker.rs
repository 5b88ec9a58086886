//! The worker that colours code and sets formulas: a pair of files as the app's, which the app loads when it needs them.

use std::{env, path::Path};

use super::{packed, pair::Pair};
use crate::error::{Error, Result};

/// Its program's name.
pub(crate) const NAME: &str = "aicon-enricher";

/// Stands in the page where the script's address goes.
const TOKEN: &str = "__ENRICHER__";

/// Stands in the script where the name goes that the files get from their content, which is known last.
const STEM: &str = "__STEM__";

/// The page's address in front of the file's name; Trunk sets it for its hooks.
const PUBLIC_URL: &str = "TRUNK_PUBLIC_URL";

/// Starts the module, packed if the browser can unpack it. What fails here is told to the page, which would not hear of a
/// promise.
const START: &str = "
const beside = end => new URL('__STEM__' + end, import.meta.url);
fetch(beside('_bg.bin'))
.then(packed => { if (packed.ok) return packed.body.pipeThrough(new DecompressionStream('gzip')); throw packed.status; })
.then(body => __wbg_init({ module_or_path: new Response(body, { headers: { 'Content-Type': 'application/wasm' } }) }))
.catch(() => __wbg_init({ module_or_path: beside('_bg.wasm') }))
.catch(error => setTimeout(() => { throw error; }));
";

/// Completes the worker's files in `dir`; answers the page that knows them.
///
/// # Errors
/// When Trunk has not built them, or they cannot be written.
pub(super) fn finish(dir: &Path, page: &str, is_release: bool) -> Result<String> {
    let pairs = Pair::all_in(dir)?;
    let Some(mut pair) = pairs.into_iter().find(|pair| pair.is_named(NAME)) else {
        return Err(Error::Unmet(format!("Trunk has not built `{NAME}`")));
    };
    pair.append(START);
    pair.remove_from(dir)?;
    if is_release {
        pair = pair.named(&format!("{NAME}-0")).shrink()?;
    }
    let name = pair.name().to_owned();
    pair.replace_in_script(STEM, &name);
    pair.write_to(dir)?;
    if is_release {
        packed::write(dir, pair.name(), &packed::gzip(pair.module()))?;
    }
    let public = env::var(PUBLIC_URL).unwrap_or_else(|_| "/".to_owned());
    Ok(page.replace(TOKEN, &format!("{public}{}.js", pair.name())))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn bundle() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        let script = "async function __wbg_init(options) { return options; }\nexport { __wbg_init as default };\n";
        fs::write(dir.path().join(format!("{NAME}.js")), script).unwrap();
        fs::write(
            dir.path().join(format!("{NAME}_bg.wasm")),
            b"\0asm\x01\0\0\0",
        )
        .unwrap();
        dir
    }

    fn names(dir: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(dir)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn the_page_the_script_and_the_files_agree_on_a_name_with_a_hash() {
        let dir = bundle();
        let page = finish(
            dir.path(),
            "<meta name=enricher content=__ENRICHER__>",
            true,
        )
        .unwrap();
        let names = names(dir.path());
        let stem = names[0].strip_suffix(".js").unwrap();
        assert!(stem.len() > NAME.len() + 8, "{names:?}");
        assert_eq!(
            names,
            [
                format!("{stem}.js"),
                format!("{stem}_bg.bin"),
                format!("{stem}_bg.wasm")
            ]
        );
        assert_eq!(page, format!("<meta name=enricher content=/{stem}.js>"));
        let script = fs::read_to_string(dir.path().join(&names[0])).unwrap();
        assert!(script.contains(stem) && !script.contains(STEM), "{script}");
        assert!(script.contains("DecompressionStream"), "{script}");
    }

    #[test]
    fn a_build_for_development_keeps_its_names_and_starts_too() {
        let dir = bundle();
        let page = finish(dir.path(), "content=__ENRICHER__", false).unwrap();
        assert_eq!(page, format!("content=/{NAME}.js"));
        let script = fs::read_to_string(dir.path().join(format!("{NAME}.js"))).unwrap();
        assert!(script.contains(&format!("new URL('{NAME}'")), "{script}");
    }

    #[test]
    fn a_bundle_without_the_worker_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        assert!(
            finish(dir.path(), "", true)
                .unwrap_err()
                .to_string()
                .contains(NAME)
        );
    }
}
