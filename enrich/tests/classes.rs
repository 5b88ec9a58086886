//! What the build does to the patterns of the grammars.

#![cfg(feature = "engine")]

#[path = "../build/classes.rs"]
mod classes;

use syntect::parsing::{Regex, Region, syntax_definition::Pattern};

/// Names that the patterns tell apart, marks, and ends of lines.
const TEXT: &str = "pub fn main_2<T>(a: &[u8], _b: Option<Vec<i64>>) -> String { let x = 0x1F_u8 + 1.5e-3; }\n\
    @decorator(name='value', n=10)\nasync def mean(values: list[float]) -> float:\n\treturn sum(values) / len(values)  # note\n\
    for f in *.txt; do echo \"${f%.txt}\" | grep -v x > /tmp/out && rm -f \"$f\"; done\n\
    <p class=\"a-b\" id=x1>text &amp; more</p>\n.card > a:hover { color: #fff; margin: 0 -1.5em !important; --var-x: calc(1px + 2%) }\n\
    export const load = async (id: string): Promise<Item[]> => (await fetch(`/api/${id}`)).json();\n\
    SELECT u.id, COUNT(*) AS n FROM users u WHERE name LIKE '%x%' GROUP BY u.id;\n";

/// Patterns of a grammar, and how many of them are others afterwards.
fn compare(grammar: &str) -> (usize, usize) {
    let all = two_face::syntax::extra_newlines().into_builder();
    let mut grammars = all.syntaxes().iter();
    let grammar = grammars.find(|one| one.name == grammar).expect("known");
    let (mut patterns, mut changed) = (0, 0);
    for pattern in grammar
        .contexts
        .values()
        .flat_map(|context| &context.patterns)
    {
        let Pattern::Match(found) = pattern else {
            continue;
        };
        let before = found.regex.regex_str();
        // Refers to what another pattern found.
        let is_whole = Regex::try_compile(before).is_none();
        if !is_whole {
            continue;
        }
        let after = classes::narrowed(before);
        assert!(
            Regex::try_compile(&after).is_none(),
            "{before:?} became {after:?}"
        );
        patterns += 1;
        changed += usize::from(before != after);
        assert_eq!(
            matches(before),
            matches(&after),
            "{before:?} became {after:?}"
        );
    }
    (patterns, changed)
}

/// The places of a pattern and its groups in each line.
fn matches(pattern: &str) -> Vec<Vec<Option<(usize, usize)>>> {
    let regex = Regex::new(pattern.to_owned());
    let mut region = Region::new();
    let find = |line: &str| {
        let is_found = regex.search(line, 0, line.len(), Some(&mut region));
        (0..9)
            .map(|group| region.pos(group).filter(|_| is_found))
            .collect()
    };
    TEXT.split_inclusive('\n').map(find).collect()
}

#[test]
fn in_ascii_a_pattern_finds_what_it_found() {
    for grammar in ["Rust", "Bourne Again Shell (bash)", "SQL", "Java"] {
        let (patterns, changed) = compare(grammar);
        assert!(
            patterns > 40 && changed * 5 > patterns,
            "{grammar}: {changed} of {patterns}"
        );
    }
}

#[test]
fn beyond_ascii_a_class_takes_all_or_nothing() {
    for (pattern, word, other) in [
        (r"\w+", "이름", " "),
        (r"[\p{L}_][\p{L}\p{N}_]*", "변수1", "1"),
        (r"[^\w$]", " ", "이"),
        (r"\W", ".", "가"),
        (r"\S", "。", " "),
        (r"\d", "7", "٧"),
        (r"[[:^ascii:]\p{Lu}&&[^A]]", "é", "A"),
    ] {
        let regex = Regex::new(classes::narrowed(pattern));
        assert!(regex.is_match(word), "{pattern} finds {word}");
        assert!(!regex.is_match(other), "{pattern} finds no {other}");
    }
}

#[test]
fn what_names_few_characters_or_stands_in_a_comment_stays_as_it_is() {
    for pattern in [
        r"[a-z]+\b",
        r"[^\\\]]",
        r"[\x{2190}→]",
        r"[]\[]",
        r"\h{2}",
        "(?x)a # \\w [\nb",
        r"\\w",
        r"\x{41}",
    ] {
        assert_eq!(classes::narrowed(pattern), pattern);
    }
    assert_eq!(classes::narrowed(r"[\d]\\\d"), r"[0-9]\\[0-9]");
}
