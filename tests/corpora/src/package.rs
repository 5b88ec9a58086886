//! Where a package's sources are.

use std::{env, fs, path::PathBuf, process::Command, sync::OnceLock};

use serde::Deserialize;

/// A package that the workspace names, whether it is compiled or not.
#[derive(Debug, Deserialize)]
pub struct Package {
    /// As the registry has it.
    pub name: String,
    /// Three numbers.
    pub version: String,
    manifest_path: PathBuf,
    source: Option<String>,
}

impl Package {
    /// The latest version of a package.
    ///
    /// # Panics
    ///
    /// When there is no such package.
    pub fn named(name: &str) -> &'static Self {
        let found = all().iter().filter(|package| package.name == name);
        found
            .max_by(|a, b| a.version.cmp(&b.version))
            .unwrap_or_else(|| panic!("no package is called `{name}`"))
    }

    /// A text file of the package.
    ///
    /// # Panics
    ///
    /// When it cannot be read.
    pub fn read(&self, path: &str) -> String {
        let path = self.folder().join(path);
        fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("failed to read `{}`: {error}", path.display()))
    }

    /// The folder of its manifest.
    pub fn folder(&self) -> PathBuf {
        self.manifest_path
            .parent()
            .map_or_else(PathBuf::new, Into::into)
    }

    /// From a registry, not of this workspace.
    pub fn is_foreign(&self) -> bool {
        self.source.is_some()
    }
}

/// All packages of the workspace's lock file.
///
/// # Panics
///
/// When cargo does not tell.
pub fn all() -> &'static [Package] {
    static ALL: OnceLock<Vec<Package>> = OnceLock::new();
    ALL.get_or_init(|| {
        #[derive(Deserialize)]
        struct Metadata {
            packages: Vec<Package>,
        }
        let metadata: Metadata =
            serde_json::from_slice(&metadata()).expect("cargo's metadata are JSON");
        metadata.packages
    })
}

/// Without a filter for the machine: what is only read is no machine's.
fn metadata() -> Vec<u8> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--manifest-path"])
        .arg(manifest)
        .output()
        .expect("cargo runs");
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{message}");
    output.stdout
}
