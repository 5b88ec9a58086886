//! File names from anybody.

use std::fmt;

use unicode_normalization::UnicodeNormalization as _;

/// Bytes (UTF-8) of a safe name. File systems allow 255; the rest is for ` (2)` and what others put before it.
pub const MAX_NAME_BYTES: usize = 200;

/// Bytes of an extension that survives the cutting of a long name, with its dot.
const MAX_EXTENSION_BYTES: usize = 32;

/// What a name without a usable character becomes.
const NAMELESS: &str = "file";

/// A file name that is safe on each system, in a header and on a screen: one path component, no control and no invisible
/// character (so no bidi tricks), none that Windows forbids, no device name, at most [`MAX_NAME_BYTES`] with its extension kept,
/// in NFC (macOS sends Hangul in pieces).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SafeName(String);

impl SafeName {
    /// Makes any name safe. A safe name stays as it is.
    pub fn new(untrusted: &str) -> Self {
        let name = untrusted.rsplit(['/', '\\']).next().unwrap_or_default();
        let name: String = name
            .chars()
            .filter(|char| !is_unseen(*char))
            .map(visible)
            .nfc()
            .collect();
        let name = name.trim_matches(is_edge);
        let name = if name.is_empty() { NAMELESS } else { name };
        let name = if is_device(name) {
            format!("_{name}")
        } else {
            name.to_owned()
        };
        Self(shortened(name))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name with ` (number)` before its extension.
    pub(crate) fn numbered(&self, number: usize) -> Self {
        let (stem, extension) = split(&self.0);
        let suffix = format!(" ({number})");
        let stem = cut(
            stem,
            MAX_NAME_BYTES.saturating_sub(suffix.len() + extension.len()),
        );
        Self(format!("{stem}{suffix}{extension}"))
    }
}

impl fmt::Display for SafeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Controls and format characters: nobody sees them, and some of them turn the text around.
fn is_unseen(char: char) -> bool {
    let is_format = matches!(char,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}');
    char.is_control() || is_format
}

/// What Windows forbids becomes `_`.
fn visible(char: char) -> char {
    match char {
        '<' | '>' | ':' | '"' | '|' | '?' | '*' => '_',
        char if char.is_whitespace() => ' ',
        char => char,
    }
}

/// A dot first hides a file, a dot or a blank last is dropped by Windows.
fn is_edge(char: char) -> bool {
    char == '.' || char == ' '
}

/// Windows opens a device for these, whatever the extension.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end();
    let stem = stem.to_ascii_uppercase();
    let port = stem
        .strip_prefix("COM")
        .or_else(|| stem.strip_prefix("LPT"));
    let is_port = port.is_some_and(|number| {
        let mut chars = number.chars();
        chars
            .next()
            .is_some_and(|char| char.is_ascii_digit() || "¹²³".contains(char))
            && chars.next().is_none()
    });
    is_port
        || matches!(
            stem.as_str(),
            "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$"
        )
}

/// Stem, and extension with its dot.
fn split(name: &str) -> (&str, &str) {
    let dot = name.rfind('.').filter(|at| *at > 0);
    match dot {
        Some(at) if name.len() - at <= MAX_EXTENSION_BYTES => name.split_at(at),
        _ => (name, ""),
    }
}

fn shortened(name: String) -> String {
    if name.len() <= MAX_NAME_BYTES {
        return name;
    }
    let (stem, extension) = split(&name);
    let stem = cut(stem, MAX_NAME_BYTES - extension.len());
    format!("{}{extension}", stem.trim_end_matches(is_edge))
}

fn cut(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn safe(name: &str) -> String {
        SafeName::new(name).0
    }

    #[test]
    fn a_path_loses_its_folders() {
        assert_eq!(safe("../../etc/passwd"), "passwd");
        assert_eq!(safe("C:\\Users\\김\\명단.csv"), "명단.csv");
        assert_eq!(safe("a/.."), "file");
    }

    #[test]
    fn what_nobody_sees_is_gone() {
        assert_eq!(safe("invoice\u{202e}fdp.exe"), "invoicefdp.exe");
        assert_eq!(safe("a\0b\r\nc.txt"), "abc.txt");
        assert_eq!(safe("\u{feff}\u{200b}"), "file");
    }

    #[test]
    fn what_windows_forbids_is_replaced() {
        assert_eq!(safe("a<b>:\"|?*.txt"), "a_b______.txt");
        assert_eq!(safe("con.txt"), "_con.txt");
        assert_eq!(safe("COM¹"), "_COM¹");
        assert_eq!(safe("LPT1 .a.b"), "_LPT1 .a.b");
        assert_eq!(safe("common.txt"), "common.txt");
        assert_eq!(safe(" .name. "), "name");
    }

    #[test]
    fn decomposed_hangul_is_put_together() {
        assert_eq!(safe("\u{1112}\u{1161}\u{11ab}.txt"), "한.txt");
    }

    #[test]
    fn a_long_name_keeps_its_extension() {
        let name = safe(&format!("{}.tar.gz", "가".repeat(200)));
        assert!(name.ends_with(".gz") && name.len() <= MAX_NAME_BYTES);
        let name = safe(&format!("a.{}", "b".repeat(300)));
        assert_eq!(name.len(), MAX_NAME_BYTES);
    }

    #[test]
    fn a_number_stands_before_the_extension() {
        assert_eq!(SafeName::new("a.csv").numbered(2).0, "a (2).csv");
        let long = SafeName::new(&format!("{}.csv", "가".repeat(100))).numbered(10);
        assert!(long.0.ends_with(" (10).csv") && long.0.len() <= MAX_NAME_BYTES);
    }

    proptest! {
        #[test]
        fn any_name_becomes_safe_and_stays_so(name in "\\PC{0,300}|(?s:.{0,300})|[. /\\\\:*a-c가-힣\u{1100}-\u{11ff}\u{202e}]{0,120}") {
            let safe = safe(&name);
            prop_assert!(!safe.is_empty() && safe.len() <= MAX_NAME_BYTES);
            prop_assert!(!safe.contains(['/', '\\', '<', '>', ':', '"', '|', '?', '*']));
            prop_assert!(!safe.chars().any(is_unseen));
            prop_assert!(!safe.starts_with(is_edge) && !safe.ends_with(is_edge));
            prop_assert!(!is_device(&safe));
            prop_assert_eq!(SafeName::new(&safe).0, safe);
        }
    }
}
