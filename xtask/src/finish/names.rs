//! The names by which the module and wasm-bindgen's script find each other: some 250 of about 40 bytes, in both files. No
//! person reads them in a bundle, so they become as short as can be.

use std::{collections::HashMap, convert::Infallible};

use wasm_encoder::{
    ExportSection, ImportSection, Module,
    reencode::{Error, Reencode},
};
use wasmparser::{CustomSectionReader, Export, ImportSectionReader, Parser};

/// The names of wasm-bindgen begin so; others (`memory`) are short, and read by people.
const PREFIX: &str = "__";

/// `module` and `script` with short names in both, and `module` without custom sections, which no browser needs. `None`
/// when the module cannot be parsed.
pub(super) fn shorten(module: &[u8], script: &str) -> Option<(Vec<u8>, String)> {
    let mut names = Names::default();
    let mut shortened = Module::new();
    names
        .parse_core_module(&mut shortened, Parser::new(0), module)
        .ok()?;
    Some((shortened.finish(), names.replace_in(script)))
}

/// The names met so far, with what they become.
#[derive(Default)]
struct Names(HashMap<String, String>);

impl Names {
    fn shorten(&mut self, name: &str) -> &str {
        let next = word(self.0.len());
        self.0.entry(name.to_owned()).or_insert(next)
    }

    /// Replaces whole words, and the module names, which stand there as literals.
    fn replace_in(&self, script: &str) -> String {
        let mut replaced = String::with_capacity(script.len());
        let mut rest = script;
        while let Some(first) = rest.chars().next() {
            let length = match first {
                '"' => rest[1..].find('"').map_or(rest.len(), |end| end + 2),
                first if is_word(first) => rest.find(|char| !is_word(char)).unwrap_or(rest.len()),
                first => first.len_utf8(),
            };
            let (token, after) = rest.split_at(length);
            let name = token.trim_matches('"');
            match self.0.get(name) {
                Some(short) => replaced.push_str(&token.replace(name, short)),
                None => replaced.push_str(token),
            }
            rest = after;
        }
        replaced
    }
}

impl Reencode for Names {
    type Error = Infallible;

    fn parse_import_section(
        &mut self,
        section: &mut ImportSection,
        imports: ImportSectionReader<'_>,
    ) -> Result<(), Error> {
        for import in imports.into_imports() {
            let import = import?;
            let module = self.shorten(import.module).to_owned();
            let kind = self.entity_type(import.ty)?;
            section.import(&module, self.shorten(import.name), kind);
        }
        Ok(())
    }

    fn parse_export(
        &mut self,
        section: &mut ExportSection,
        export: Export<'_>,
    ) -> Result<(), Error> {
        let kind = self.export_kind(export.kind)?;
        let index = self.external_index(export.kind, export.index)?;
        let name = if export.name.starts_with(PREFIX) {
            self.shorten(export.name)
        } else {
            export.name
        };
        section.export(name, kind, index);
        Ok(())
    }

    fn parse_custom_section(
        &mut self,
        _: &mut Module,
        _: CustomSectionReader<'_>,
    ) -> Result<(), Error> {
        Ok(())
    }
}

fn is_word(char: char) -> bool {
    char.is_ascii_alphanumeric() || matches!(char, '_' | '$')
}

/// The words of ASCII letters in the order of their length. Two letters are enough for thousands of names.
fn word(number: usize) -> String {
    const LETTERS: &[u8; 52] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let letter = char::from(LETTERS[number % LETTERS.len()]);
    match number / LETTERS.len() {
        0 => letter.to_string(),
        rest => word(rest - 1) + &letter.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use wasm_encoder::{
        CodeSection, EntityType, ExportKind, Function, FunctionSection, TypeSection,
    };
    use wasmparser::{Payload, Validator};

    use super::*;

    const SCRIPT: &str = r#"const imports = { "./app_bg.js": { __wbg_then_0123: function(a) { return a.__wbg_then_01234; } } };
wasm.__wbindgen_malloc(1); wasm.memory; "__wbg_then_0123 in a text";"#;

    fn module() -> Vec<u8> {
        let mut types = TypeSection::new();
        types.ty().function([], []);
        let mut imports = ImportSection::new();
        imports.import("./app_bg.js", "__wbg_then_0123", EntityType::Function(0));
        let mut functions = FunctionSection::new();
        functions.function(0);
        let mut exports = ExportSection::new();
        exports.export("__wbindgen_malloc", ExportKind::Func, 1);
        exports.export("start", ExportKind::Func, 1);
        let mut code = CodeSection::new();
        let mut body = Function::new([]);
        body.instructions().call(0).end();
        code.function(&body);
        let mut module = Module::new();
        module
            .section(&types)
            .section(&imports)
            .section(&functions)
            .section(&exports)
            .section(&code);
        module.finish()
    }

    fn sections(module: &[u8]) -> (Vec<(String, String)>, Vec<String>) {
        let (mut imported, mut exported) = (Vec::new(), Vec::new());
        for payload in Parser::new(0).parse_all(module) {
            match payload.unwrap() {
                Payload::ImportSection(imports) => {
                    imported.extend(imports.into_imports().map(|import| {
                        let import = import.unwrap();
                        (import.module.to_owned(), import.name.to_owned())
                    }))
                }
                Payload::ExportSection(exports) => {
                    exported.extend(
                        exports
                            .into_iter()
                            .map(|export| export.unwrap().name.to_owned()),
                    );
                }
                Payload::CustomSection(section) => panic!("{} is left", section.name()),
                _ => {}
            }
        }
        (imported, exported)
    }

    #[test]
    fn module_and_script_still_agree() {
        let (module, script) = shorten(&module(), SCRIPT).unwrap();
        Validator::new().validate_all(&module).unwrap();
        let (imported, exported) = sections(&module);
        assert_eq!(imported, [("a".to_owned(), "b".to_owned())]);
        assert_eq!(exported, ["c", "start"]);
        assert!(script.contains(r#""a": { b: function(a)"#), "{script}");
        assert!(script.contains("wasm.c(1); wasm.memory;"), "{script}");
    }

    #[test]
    fn longer_words_and_texts_are_left_alone() {
        let (_, script) = shorten(&module(), SCRIPT).unwrap();
        assert!(script.contains("a.__wbg_then_01234"), "{script}");
        assert!(script.contains("__wbg_then_0123 in a text"), "{script}");
    }

    #[test]
    fn what_is_no_module_is_refused() {
        assert!(shorten(b"text", "").is_none());
    }

    #[test]
    fn no_two_numbers_give_the_same_word() {
        let words: HashSet<String> = (0..2_700).map(word).collect();
        assert_eq!(words.len(), 2_700);
        assert!(words.iter().all(|word| word.len() <= 2));
    }
}
