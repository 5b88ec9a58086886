use std::{collections::HashMap, env, path::PathBuf};

use syntect::{
    dumps,
    parsing::{
        Regex, SyntaxDefinition, SyntaxSetBuilder,
        syntax_definition::{Context, Pattern},
    },
};

use crate::{classes, grammars::GRAMMARS};

/// Writes `grammars.bin` into cargo's output directory.
///
/// The grammars of a set refer to each other by their places, and so do the parts of a grammar. So those that are left out
/// keep their places, with as many empty parts as the others refer to. Each is packed on its own and
/// unpacked when it is needed: the browser would hold all of them four times over.
pub(crate) fn write() {
    let all = two_face::syntax::extra_newlines().into_builder();
    let mut needed: HashMap<usize, usize> = HashMap::new();
    for syntax in all.syntaxes().iter().filter(|syntax| is_wanted(syntax)) {
        note_references(syntax, &mut needed);
    }
    let mut subset = SyntaxSetBuilder::new();
    for (place, syntax) in all.syntaxes().iter().enumerate() {
        if is_wanted(syntax) {
            subset.add(narrowed(syntax));
        } else {
            subset.add(emptied(syntax, needed.get(&place).copied().unwrap_or(0)));
        }
    }
    for name in GRAMMARS {
        let is_there = all.syntaxes().iter().any(|syntax| syntax.name == *name);
        assert!(is_there, "no grammar has the name `{name}`");
    }
    let directory = env::var_os("OUT_DIR").expect("cargo names the output directory");
    let file = PathBuf::from(directory).join("grammars.bin");
    dumps::dump_to_uncompressed_file(&subset.build(), file).expect("the file can be written");
}

/// Patterns of this grammar that are longer are left out: each looks ahead through all that may follow a name, to tell whether it is a
/// function's, and costs 4 MiB when it is first tried; a shorter one behind it takes the name for any other.
const LONGEST: (&str, usize) = ("TypeScriptReact", 8_000);

fn narrowed(syntax: &SyntaxDefinition) -> SyntaxDefinition {
    let mut syntax = syntax.clone();
    for context in syntax.contexts.values_mut() {
        for pattern in &mut context.patterns {
            if let Pattern::Match(found) = pattern {
                found.regex = Regex::new(classes::narrowed(found.regex.regex_str()));
            }
        }
        if syntax.name == LONGEST.0 {
            context
                .patterns
                .retain(|pattern| length(pattern) <= LONGEST.1);
        }
    }
    syntax
}

fn length(pattern: &Pattern) -> usize {
    match pattern {
        Pattern::Match(found) => found.regex.regex_str().len(),
        Pattern::Include(_) => 0,
    }
}

fn is_wanted(syntax: &SyntaxDefinition) -> bool {
    GRAMMARS.contains(&syntax.name.as_str())
}

/// Notes how many parts of each grammar this one refers to, at least. What `syntect` does not let be read it still prints.
fn note_references(syntax: &SyntaxDefinition, needed: &mut HashMap<usize, usize>) {
    let printed = format!("{syntax:?}");
    for reference in printed.split("ContextId { syntax_index: ").skip(1) {
        let reference = reference.split(" }").next().unwrap_or_default();
        let (grammar, part) = reference
            .split_once(", context_index: ")
            .expect("a reference has two numbers");
        let number = |text: &str| text.parse::<usize>().expect("a number");
        let parts = needed.entry(number(grammar)).or_default();
        *parts = (*parts).max(number(part) + 1);
    }
}

fn emptied(syntax: &SyntaxDefinition, parts: usize) -> SyntaxDefinition {
    let part = |i: usize| (format!("{i:04}"), Context::new(false));
    SyntaxDefinition {
        name: String::new(),
        file_extensions: Vec::new(),
        first_line_match: None,
        hidden: true,
        contexts: (0..parts).map(part).collect(),
        variables: HashMap::new(),
        ..syntax.clone()
    }
}
