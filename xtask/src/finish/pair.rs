use std::{
    fs,
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};

use super::{names, packed, script};
use crate::error::{Error, Result};

/// The two files that wasm-bindgen writes: the module `name_bg.wasm`, and the script `name.js` that loads it.
pub(super) struct Pair {
    name: String,
    script: Vec<u8>,
    module: Vec<u8>,
}

impl Pair {
    /// All pairs in a directory.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn all_in(dir: &Path) -> Result<Vec<Self>> {
        let entries = fs::read_dir(dir).map_err(Error::path("read", dir))?;
        entries
            .flatten()
            .filter_map(|entry| {
                let name = entry.file_name().to_str()?.strip_suffix(".js")?.to_owned();
                let [script, module] = paths(dir, &name);
                module.is_file().then(|| Self::read(name, &script, &module))
            })
            .collect()
    }

    fn read(name: String, script: &Path, module: &Path) -> Result<Self> {
        let read = |path| fs::read(path).map_err(Error::path("read", path));
        Ok(Self {
            name,
            script: read(script)?,
            module: read(module)?,
        })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn module(&self) -> &[u8] {
        &self.module
    }

    pub(super) fn is_named(&self, name: &str) -> bool {
        self.name == name
    }

    pub(super) fn begins_with(&self, name: &str) -> bool {
        self.name.starts_with(name)
    }

    pub(super) fn named(self, name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..self
        }
    }

    /// Adds to the end of the script.
    pub(super) fn append(&mut self, code: &str) {
        self.script.extend_from_slice(code.as_bytes());
    }

    pub(super) fn replace_in_script(&mut self, from: &str, to: &str) {
        self.script = String::from_utf8_lossy(&self.script)
            .replace(from, to)
            .into_bytes();
    }

    /// Removes the two files.
    ///
    /// # Errors
    /// When one cannot be removed.
    pub(super) fn remove_from(&self, dir: &Path) -> Result<()> {
        for path in paths(dir, &self.name) {
            fs::remove_file(&path).map_err(Error::path("remove", &path))?;
        }
        Ok(())
    }

    /// Writes the two files.
    ///
    /// # Errors
    /// When one cannot be written.
    pub(super) fn write_to(&self, dir: &Path) -> Result<()> {
        for (path, content) in paths(dir, &self.name)
            .iter()
            .zip([&self.script, &self.module])
        {
            fs::write(path, content).map_err(Error::path("write", path))?;
        }
        Ok(())
    }

    /// The same in fewer bytes. It has a name of its own: names are cached for ever (`web.config`), and these bytes depend
    /// on more than those that Trunk has made the name from.
    ///
    /// # Errors
    /// When the files are not what wasm-bindgen writes.
    pub(super) fn shrink(&self) -> Result<Self> {
        let (script, module) = self.shrunk_files().ok_or_else(|| {
            let name = &self.name;
            Error::Unmet(format!(
                "`{name}.js` and its module are not what wasm-bindgen writes"
            ))
        })?;
        let package = self
            .name
            .rsplit_once('-')
            .map_or(&*self.name, |(package, _)| package);
        let digest = Sha256::new()
            .chain_update(&script)
            .chain_update(&module)
            .finalize();
        let hash: String = digest[..8]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Ok(Self {
            name: format!("{package}-{hash}"),
            script: script.into_bytes(),
            module,
        })
    }

    fn shrunk_files(&self) -> Option<(String, Vec<u8>)> {
        let (module, script) = names::shorten(&self.module, str::from_utf8(&self.script).ok()?)?;
        Some((script::minify(&script)?, module))
    }

    /// Takes the place of `old` in the directory and in the page; answers the page.
    ///
    /// # Errors
    /// When a file cannot be written, or the page does not know the old ones.
    pub(super) fn replace(&self, old: &Self, dir: &Path, page: &str) -> Result<String> {
        let mut page = page.to_owned();
        for (old_file, new_file) in [(&old.script, &self.script), (&old.module, &self.module)] {
            let integrity = script::integrity(old_file);
            if !page.contains(&integrity) {
                let name = &old.name;
                return Err(Error::Unmet(format!(
                    "`index.html` lacks an integrity value of `{name}`"
                )));
            }
            page = page.replace(&integrity, &script::integrity(new_file));
        }
        old.remove_from(dir)?;
        self.write_to(dir)?;
        let page = page.replace(&old.name, &self.name);
        packed::pack(dir, &page, &self.name, &self.module)
    }
}

fn paths(dir: &Path, name: &str) -> [PathBuf; 2] {
    [".js", "_bg.wasm"].map(|end| dir.join(format!("{name}{end}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The shortest module: magic number and version.
    const MODULE: &[u8] = b"\0asm\x01\0\0\0";

    fn bundle(script: &str) -> (tempfile::TempDir, String) {
        let dir = tempfile::tempdir().unwrap();
        let [script_path, module_path] = paths(dir.path(), "the-app-0123");
        fs::write(script_path, script).unwrap();
        fs::write(module_path, MODULE).unwrap();
        fs::write(dir.path().join("other.js"), "1").unwrap();
        let (script, module) = (
            script::integrity(script.as_bytes()),
            script::integrity(MODULE),
        );
        let page = format!(
            "<script src=the-app-0123.js integrity={script}>await init({{ module_or_path: 'the-app-0123_bg.wasm' }});\
             <link href=the-app-0123_bg.wasm integrity={module}>"
        );
        (dir, page)
    }

    fn shrink(dir: &Path, page: &str) -> Result<String> {
        let pairs = Pair::all_in(dir)?;
        assert_eq!(pairs.len(), 1, "a script without a module is none of ours");
        pairs[0].shrink()?.replace(&pairs[0], dir, page)
    }

    #[test]
    fn files_page_names_and_integrity_values_agree() {
        let (dir, page) = bundle("export default function load() {}\n");
        let page = shrink(dir.path(), &page).unwrap();
        let [pair] = &Pair::all_in(dir.path()).unwrap()[..] else {
            panic!("the old files are still there");
        };
        assert!(pair.name.starts_with("the-app-") && pair.name != "the-app-0123");
        for expected in [
            format!(
                "{}.js integrity={}>",
                pair.name,
                script::integrity(&pair.script)
            ),
            format!(
                "{}_bg.bin integrity={}>",
                pair.name,
                script::integrity(&packed::densest_gzip(&pair.module))
            ),
        ] {
            assert!(page.contains(&expected), "{expected} is missing in {page}");
        }
    }

    #[test]
    fn another_content_has_another_name() {
        let name = |script| {
            let (dir, page) = bundle(script);
            shrink(dir.path(), &page).unwrap();
            Pair::all_in(dir.path()).unwrap().remove(0).name
        };
        assert_eq!(name("export default 1"), name("export default 1;\n"));
        assert_ne!(name("export default 1"), name("export default 2"));
    }

    #[test]
    fn a_page_that_does_not_know_the_files_is_refused() {
        let (dir, _) = bundle("export default 1");
        let error = shrink(dir.path(), "<html>").unwrap_err();
        assert!(error.to_string().contains("the-app-0123"), "{error}");
    }
}
