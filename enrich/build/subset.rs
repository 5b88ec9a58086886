use std::{
    collections::{BTreeMap, HashMap},
    env, fs,
    io::{Read as _, Write as _},
    path::PathBuf,
};

use flate2::{Compression, read::ZlibDecoder, write::ZlibEncoder};
use serde::{Deserialize, Serialize};
use syntect::{
    dumps,
    parsing::{Scope, SyntaxDefinition, SyntaxSet, SyntaxSetBuilder, syntax_definition::Context},
};

use crate::grammars::GRAMMARS;

/// Writes `grammars.bin` into cargo's output directory.
///
/// The grammars of a set refer to each other by their places, and so do the parts of a grammar. So those that are left out
/// keep their places, with as many empty parts as the others refer to.
pub(crate) fn write() {
    let all = two_face::syntax::extra_newlines().into_builder();
    let mut needed: HashMap<usize, usize> = HashMap::new();
    for syntax in all.syntaxes().iter().filter(|syntax| is_wanted(syntax)) {
        note_references(syntax, &mut needed);
    }
    let mut subset = SyntaxSetBuilder::new();
    for (place, syntax) in all.syntaxes().iter().enumerate() {
        if is_wanted(syntax) {
            subset.add(syntax.clone());
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
    fs::write(file, unpacked(&subset.build())).expect("the file can be written");
}

/// A set as `syntect` writes it.
#[derive(Serialize, Deserialize)]
struct Set {
    grammars: Vec<Grammar>,
    paths: Vec<(String, usize)>,
}

#[derive(Serialize, Deserialize)]
struct Grammar {
    name: String,
    file_extensions: Vec<String>,
    scope: Scope,
    first_line_match: Option<String>,
    hidden: bool,
    variables: BTreeMap<String, String>,
    /// Packed on their own, which would keep the worker's files from being packed as a whole: a third larger.
    parts: Vec<u8>,
}

/// The set with its parts stored as they are, in the same format.
fn unpacked(set: &SyntaxSet) -> Vec<u8> {
    const FORMAT: &str = "the set is in the format of this version of `syntect`";
    let bytes = bincode::serialize(set).expect(FORMAT);
    let mut set: Set = bincode::deserialize(&bytes).expect(FORMAT);
    for grammar in &mut set.grammars {
        let mut parts = Vec::new();
        ZlibDecoder::new(&grammar.parts[..])
            .read_to_end(&mut parts)
            .expect(FORMAT);
        let mut stored = ZlibEncoder::new(Vec::new(), Compression::none());
        stored.write_all(&parts).expect("memory takes all");
        grammar.parts = stored.finish().expect("memory takes all");
    }
    let bytes = bincode::serialize(&set).expect(FORMAT);
    dumps::from_uncompressed_data::<SyntaxSet>(&bytes).expect(FORMAT);
    bytes
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
