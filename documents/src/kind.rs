//! The closed list of types.

use std::fmt;

use crate::{FileError, Problem};

/// What a file is. The list is closed; SVG and HTML are not on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Plain text.
    Text,
    /// Markdown.
    Markdown,
    /// Comma-separated values.
    Csv,
    /// JSON.
    Json,
    /// PDF.
    Pdf,
    /// PNG.
    Png,
    /// JPEG.
    Jpeg,
    /// WebP.
    Webp,
}

/// Extension, kind; the first of a kind is the one that it is written with.
const EXTENSIONS: [(&str, Kind); 10] = [
    ("txt", Kind::Text),
    ("md", Kind::Markdown),
    ("markdown", Kind::Markdown),
    ("csv", Kind::Csv),
    ("json", Kind::Json),
    ("pdf", Kind::Pdf),
    ("png", Kind::Png),
    ("jpg", Kind::Jpeg),
    ("jpeg", Kind::Jpeg),
    ("webp", Kind::Webp),
];

impl Kind {
    /// The type that a file name claims, in any case.
    ///
    /// # Errors
    /// [`Problem::Unsupported`].
    pub fn of_name(name: &str) -> Result<Self, FileError> {
        let extension = extension(name);
        Self::of_extension(&extension)
            .ok_or_else(|| FileError::of(name)(Problem::Unsupported { extension }))
    }

    /// The type of an extension: lower case, no dot.
    pub fn of_extension(extension: &str) -> Option<Self> {
        EXTENSIONS
            .iter()
            .find(|(known, _)| *known == extension)
            .map(|(_, kind)| *kind)
    }

    /// The usual extension, without a dot.
    pub fn extension(self) -> &'static str {
        EXTENSIONS
            .iter()
            .find(|(_, kind)| *kind == self)
            .map(|(extension, _)| *extension)
            .expect("each kind has an extension")
    }

    /// The media type (RFC 6838), with `charset=utf-8` where text is meant, which is what this crate writes.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Text => "text/plain; charset=utf-8",
            Self::Markdown => "text/markdown; charset=utf-8",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Json => "application/json",
            Self::Pdf => "application/pdf",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Webp => "image/webp",
        }
    }

    /// Whether a model is shown it as a picture. All others have text: see [`Extractor`](crate::Extractor).
    pub fn is_image(self) -> bool {
        matches!(self, Self::Png | Self::Jpeg | Self::Webp)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.extension())
    }
}

/// What stands after the last dot, fit to be shown.
fn extension(name: &str) -> String {
    let extension = name
        .rsplit_once('.')
        .map_or("", |(_, extension)| extension)
        .chars();
    extension
        .filter(char::is_ascii_alphanumeric)
        .map(|char| char.to_ascii_lowercase())
        .take(16)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extension_decides_in_any_case() {
        assert_eq!(Kind::of_name("사진.JPG").unwrap(), Kind::Jpeg);
        assert_eq!(Kind::of_name("a.b.csv").unwrap(), Kind::Csv);
    }

    #[test]
    fn what_is_not_on_the_list_is_named() {
        for (name, shown) in [
            ("a.svg", "svg"),
            ("none", ""),
            ("a.<script>\0", "script"),
            ("a.png.exe", "exe"),
        ] {
            let Problem::Unsupported { extension } = Kind::of_name(name).unwrap_err().problem
            else {
                panic!("another problem")
            };
            assert_eq!(extension, shown);
        }
    }

    #[test]
    fn each_kind_is_found_by_the_extension_that_it_is_written_with() {
        for (_, kind) in EXTENSIONS {
            assert_eq!(Kind::of_extension(kind.extension()), Some(kind));
        }
    }
}
