use proc_macro2::{TokenStream, TokenTree};

/// The values of all string literals of Rust source, in order. Of doc comments too, which are strings to the language.
///
/// # Panics
///
/// When the source is none.
pub(crate) fn strings(source: &str) -> Vec<String> {
    let tokens: TokenStream = source.parse().expect("a package's source is Rust");
    let mut found = Vec::new();
    collect(tokens, &mut found);
    found
}

fn collect(tokens: TokenStream, found: &mut Vec<String>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => collect(group.stream(), found),
            TokenTree::Literal(literal) => {
                if let syn::Lit::Str(text) = syn::Lit::new(literal) {
                    found.push(text.value());
                }
            }
            TokenTree::Ident(_) | TokenTree::Punct(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::strings;

    #[test]
    fn strings_are_found_with_the_values_that_they_have() {
        let source = r###"fn f() { g("a\n", [r#"b"c"#, 'd', 1, b"e"]); }"###;
        assert_eq!(strings(source), ["a\n", "b\"c"]);
    }
}
