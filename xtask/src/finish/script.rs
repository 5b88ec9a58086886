//! The script that wasm-bindgen writes is indented and named for people, which a server that does not compress sends to
//! every visitor. Trunk's own minifier cannot read it.

use base64ct::{Base64, Encoding as _};
use oxc_allocator::Allocator;
use oxc_codegen::{Codegen, CodegenOptions};
use oxc_minifier::{Minifier, MinifierOptions};
use oxc_parser::Parser;
use oxc_span::SourceType;
use sha2::{Digest as _, Sha384};

/// The ES module `script` in fewer bytes. `None` when it cannot be parsed.
pub(super) fn minify(script: &str) -> Option<String> {
    let allocator = Allocator::default();
    let parsed = Parser::new(&allocator, script, SourceType::mjs()).parse();
    if !parsed.diagnostics.is_empty() {
        return None;
    }
    let mut program = parsed.program;
    let minified = Minifier::new(MinifierOptions::default()).minify(&allocator, &mut program);
    let printer = Codegen::new()
        .with_options(CodegenOptions::minify())
        .with_scoping(minified.scoping);
    Some(printer.build(&program).code.to_string())
}

/// The integrity value that Trunk gives a file with this content (Subresource Integrity, SHA-384).
pub(super) fn integrity(content: &[u8]) -> String {
    format!("sha384-{}", Base64::encode_string(&Sha384::digest(content)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_people_read_goes_and_what_others_use_stays() {
        let script = "/** Doc. */\nfunction longName(argument) {\n    // why\n    return argument.property + `a  ${argument}`;\n}\nexport { longName as start };\n";
        let minified = minify(script).unwrap();
        assert!(minified.len() < script.len() / 2, "{minified}");
        for kept in [".property", "`a  ${", "start"] {
            assert!(minified.contains(kept), "{kept} is missing in {minified}");
        }
        for gone in ["Doc", "why", "longName", "argument"] {
            assert!(!minified.contains(gone), "{gone} is left in {minified}");
        }
    }

    #[test]
    fn what_is_no_script_is_refused() {
        assert_eq!(minify("function ("), None);
    }

    #[test]
    fn the_integrity_value_is_that_of_the_specification() {
        // The example of SRI, section 3.1: the digest of `alert('Hello, world.');`.
        let value = "sha384-H8BRh8j48O9oYatfu5AZzq6A9RINhZO5H16dQZngK7T62em8MUt1FLm52t+eX6xO";
        assert_eq!(integrity(b"alert('Hello, world.');"), value);
    }
}
