/// A language that the worker can colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Language(usize);

impl Language {
    /// The language of a code block's label, as people and models write it; upper and lower case are the same.
    pub fn of(label: &str) -> Option<Self> {
        let is_it = |name: &str| name.eq_ignore_ascii_case(label);
        let place = LABELS
            .iter()
            .position(|(_, labels)| labels.split(' ').any(is_it))?;
        (!label.is_empty()).then_some(Self(place))
    }

    pub(crate) fn from_number(number: usize) -> Option<Self> {
        (number < LABELS.len()).then_some(Self(number))
    }

    pub(crate) fn number(self) -> usize {
        self.0
    }

    /// The name of its grammar.
    #[cfg(feature = "engine")]
    pub(crate) fn grammar(self) -> &'static str {
        LABELS[self.0].0
    }
}

/// Grammars and the labels that choose them.
const LABELS: &[(&str, &str)] = &[
    ("Rust", "rust rs"),
    ("Python", "python py python3 py3"),
    ("JavaScript", "javascript js mjs cjs node"),
    ("TypeScriptReact", "typescript ts tsx jsx mts cts"),
    ("Bourne Again Shell (bash)", "bash sh shell zsh console"),
    ("JSON", "json jsonc json5 jsonl"),
    ("HTML", "html htm xhtml"),
    ("CSS", "css"),
    ("SCSS", "scss sass"),
    ("SQL", "sql mysql postgresql postgres sqlite plsql"),
    ("YAML", "yaml yml"),
    ("TOML", "toml"),
    ("XML", "xml svg xsd xslt xaml"),
    ("Java", "java"),
    ("Kotlin", "kotlin kt kts"),
    ("Swift", "swift"),
    ("Go", "go golang"),
    ("C", "c h"),
    ("C++", "cpp c++ cc cxx hpp arduino cuda"),
    ("C#", "csharp cs c#"),
    ("PHP", "php"),
    ("Ruby", "ruby rb"),
    ("R", "r"),
    ("Dart", "dart"),
    ("Scala", "scala"),
    ("Haskell", "haskell hs"),
    ("Perl", "perl pl"),
    ("Lua", "lua"),
    ("Elixir", "elixir ex exs"),
    ("Groovy", "groovy gradle"),
    ("Zig", "zig"),
    ("Solidity", "solidity sol"),
    ("Nix", "nix"),
    ("Makefile", "makefile make mk"),
    ("CMake", "cmake"),
    ("Dockerfile", "dockerfile docker"),
    ("nginx", "nginx"),
    ("INI", "ini cfg conf"),
    ("Java Properties", "properties"),
    ("DotENV", "dotenv env"),
    ("Batch File", "batch bat cmd"),
    ("Diff", "diff patch"),
    ("GraphQL", "graphql gql"),
    ("Protocol Buffer", "protobuf proto"),
    ("Terraform", "terraform tf hcl"),
    ("Vue Component", "vue"),
    ("Svelte", "svelte"),
    ("Markdown", "markdown md"),
    ("LaTeX", "latex tex"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_found_in_any_case_and_only_whole() {
        assert_eq!(Language::of("Rust"), Language::of("rs"));
        assert!(Language::of("c++").is_some() && Language::of("C#").is_some());
        for label in ["", " ", "rus", "rust python", "text", "mermaid"] {
            assert_eq!(Language::of(label), None, "{label:?}");
        }
    }

    #[test]
    #[cfg(feature = "engine")]
    fn every_language_has_a_grammar() {
        for (grammar, _) in LABELS {
            assert!(crate::grammars::GRAMMARS.contains(grammar), "{grammar}");
        }
    }

    #[test]
    fn no_label_stands_twice() {
        let mut labels: Vec<_> = LABELS
            .iter()
            .flat_map(|(_, labels)| labels.split(' '))
            .collect();
        labels.sort_unstable();
        let all = labels.len();
        labels.dedup();
        assert_eq!(labels.len(), all);
    }
}
