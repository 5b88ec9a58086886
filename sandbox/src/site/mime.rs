//! The MIME types that IIS knows without being told, and what a `web.config` makes of them.

use std::collections::BTreeMap;

/// A subset of IIS 10's `applicationHost.config`, as far as web front ends go. Left out because not every
/// installation has them: `.wasm`, `.webp`, `.avif`, `.mjs`, `.webmanifest`, `.map`; never there: `.md`, `.br`, `.gz`.
const KNOWN: &[(&str, &str)] = &[
    (".bmp", "image/bmp"),
    (".css", "text/css"),
    (".csv", "application/octet-stream"),
    (".eot", "application/vnd.ms-fontobject"),
    (".gif", "image/gif"),
    (".htm", "text/html"),
    (".html", "text/html"),
    (".ico", "image/x-icon"),
    (".jpeg", "image/jpeg"),
    (".jpg", "image/jpeg"),
    (".js", "application/javascript"),
    (".json", "application/json"),
    (".mp3", "audio/mpeg"),
    (".mp4", "video/mp4"),
    (".otf", "font/otf"),
    (".pdf", "application/pdf"),
    (".png", "image/png"),
    (".svg", "image/svg+xml"),
    (".tif", "image/tiff"),
    (".tiff", "image/tiff"),
    (".ttf", "application/octet-stream"),
    (".txt", "text/plain"),
    (".wav", "audio/wav"),
    (".webm", "video/webm"),
    (".woff", "font/x-woff"),
    (".woff2", "application/font-woff2"),
    (".xml", "text/xml"),
    (".zip", "application/x-zip-compressed"),
];

/// A change of the table by `web.config`, in its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum MimeChange {
    Add { extension: String, kind: String },
    Remove { extension: String },
    Clear,
}

/// MIME types by extension (with the dot, lower case).
#[derive(Clone, Debug)]
pub(super) struct MimeTable(BTreeMap<String, String>);

impl MimeTable {
    pub(super) fn of_iis() -> Self {
        Self(
            KNOWN
                .iter()
                .map(|&(extension, kind)| (extension.to_owned(), kind.to_owned()))
                .collect(),
        )
    }

    pub(super) fn set(&mut self, extension: &str, kind: &str) {
        self.0
            .insert(extension.to_ascii_lowercase(), kind.to_owned());
    }

    /// The table with the changes, or IIS's complaint: an extension that is known must be removed before it is added.
    pub(super) fn with(&self, changes: &[MimeChange]) -> Result<Self, String> {
        let mut table = self.clone();
        for change in changes {
            match change {
                MimeChange::Clear => table.0.clear(),
                MimeChange::Remove { extension } => {
                    _ = table.0.remove(&extension.to_ascii_lowercase())
                }
                MimeChange::Add { extension, kind } => {
                    if table
                        .0
                        .insert(extension.to_ascii_lowercase(), kind.clone())
                        .is_some()
                    {
                        return Err(format!(
                            "cannot add duplicate collection entry of type `mimeMap` with unique key attribute \
                             `fileExtension` set to `{extension}`: a `<remove>` must come before it"
                        ));
                    }
                }
            }
        }
        Ok(table)
    }

    /// The type of a file by its name; `.` alone stands for a name without extension, which IIS does not know either.
    pub(super) fn of_file(&self, name: &str) -> Option<&str> {
        let file_name = name.rsplit('/').next().unwrap_or(name);
        let extension = file_name.rfind('.').map_or(".", |dot| &file_name[dot..]);
        self.0
            .get(&extension.to_ascii_lowercase())
            .map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(extension: &str) -> MimeChange {
        MimeChange::Add {
            extension: extension.to_owned(),
            kind: "application/x-test".to_owned(),
        }
    }

    #[test]
    fn wasm_is_unknown_until_added() {
        let iis = MimeTable::of_iis();
        assert_eq!(iis.of_file("a/b.wasm"), None);
        assert_eq!(
            iis.with(&[add(".wasm")]).unwrap().of_file("a/b.WASM"),
            Some("application/x-test")
        );
    }

    #[test]
    fn an_extension_that_is_known_must_be_removed_first() {
        let iis = MimeTable::of_iis();
        assert!(iis.with(&[add(".json")]).is_err());
        let remove = MimeChange::Remove {
            extension: ".json".to_owned(),
        };
        assert!(iis.with(&[remove, add(".json")]).is_ok());
        assert!(iis.with(&[MimeChange::Clear, add(".json")]).is_ok());
    }

    #[test]
    fn removing_what_is_unknown_is_no_error() {
        let remove = MimeChange::Remove {
            extension: ".wasm".to_owned(),
        };
        assert!(MimeTable::of_iis().with(&[remove, add(".wasm")]).is_ok());
    }

    #[test]
    fn a_name_without_extension_is_unknown() {
        assert_eq!(MimeTable::of_iis().of_file("LICENSE"), None);
        assert_eq!(MimeTable::of_iis().of_file("a.b/LICENSE"), None);
    }
}
