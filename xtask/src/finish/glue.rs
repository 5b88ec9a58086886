//! The script that wasm-bindgen writes is indented for people, and Trunk's own minifier cannot read it. A quarter of its
//! bytes is indentation, which a server that does not compress sends to every visitor.

use base64ct::{Base64, Encoding as _};
use sha2::{Digest as _, Sha384};

/// `script` without indentation, empty lines and comments that have lines of their own. `None` when it has a template
/// literal that spans lines, where indentation is text.
pub(super) fn trim(script: &str) -> Option<String> {
    if script
        .lines()
        .any(|line| line.matches('`').count() % 2 == 1)
    {
        return None;
    }
    let mut trimmed = String::with_capacity(script.len());
    let mut in_comment = false;
    for line in script.lines().map(str::trim) {
        if in_comment || line.starts_with("/*") {
            in_comment = !line.contains("*/");
            // Code after the end of a comment is not what wasm-bindgen writes: better no trimming than a wrong one.
            if !in_comment && !line.ends_with("*/") {
                return None;
            }
        } else if !line.is_empty() && !line.starts_with("//") {
            trimmed.push_str(line);
            trimmed.push('\n');
        }
    }
    Some(trimmed)
}

/// The integrity value that Trunk gives a file with this content (Subresource Integrity, SHA-384).
pub(super) fn integrity(content: &str) -> String {
    format!(
        "sha384-{}",
        Base64::encode_string(&Sha384::digest(content.as_bytes()))
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indentation_empty_lines_and_comment_lines_go_and_code_stays() {
        let script = "/**\n * Doc.\n */\nfunction a() {\n    // why\n    return `x ${b}  y`; // kept\n\n}\n/* one line */\n";
        assert_eq!(
            trim(script).unwrap(),
            "function a() {\nreturn `x ${b}  y`; // kept\n}\n"
        );
    }

    #[test]
    fn line_ends_stay_because_javascript_may_end_statements_there() {
        assert_eq!(trim("a = b\n  c()\n").unwrap(), "a = b\nc()\n");
    }

    #[test]
    fn a_template_literal_over_several_lines_forbids_trimming() {
        assert_eq!(trim("a = `\n  text`;\n"), None);
    }

    #[test]
    fn code_after_a_comment_on_its_line_forbids_trimming() {
        assert_eq!(trim("/* a */ b();\n"), None);
    }

    #[test]
    fn the_integrity_value_is_that_of_the_specification() {
        // The example of SRI, section 3.1: the digest of `alert('Hello, world.');`.
        let value = "sha384-H8BRh8j48O9oYatfu5AZzq6A9RINhZO5H16dQZngK7T62em8MUt1FLm52t+eX6xO";
        assert_eq!(integrity("alert('Hello, world.');"), value);
    }
}
