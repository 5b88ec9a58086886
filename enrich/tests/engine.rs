//! What the worker answers, without a browser.

#![cfg(feature = "engine")]

use std::{cell::Cell, thread};

use aicon_enrich::{
    Engine, Language, MAX_BLOCKS, MAX_DEPTH, MAX_LINE, MAX_SOURCE, MAX_TIME,
    wire::{ATTRIBUTES, ELEMENTS, Request, Response, Token, Tree},
};

fn engine() -> Engine<impl Fn() -> f64> {
    Engine::new(|| 0.0)
}

fn spans(
    engine: &mut Engine<impl Fn() -> f64>,
    block: u32,
    label: &str,
    text: &str,
) -> Vec<(Token, usize)> {
    let language = Language::of(label).expect("a language");
    let request = Request::Code {
        block,
        language,
        text: text.to_owned(),
    };
    match engine.answer(&request) {
        Some(Response::Code {
            block: answered,
            spans,
        }) => {
            assert_eq!(answered, block);
            let length: usize = spans.iter().map(|span| span.1).sum();
            assert_eq!(length, text.len(), "{spans:?}");
            spans
        }
        other => panic!("{other:?}"),
    }
}

/// The pieces of a text that are of one kind.
fn pieces<'a>(text: &'a str, spans: &[(Token, usize)], wanted: Token) -> Vec<&'a str> {
    let mut found = Vec::new();
    let mut rest = text;
    for (token, length) in spans {
        let (piece, after) = rest.split_at(*length);
        if *token == wanted {
            found.push(piece.trim());
        }
        rest = after;
    }
    found
}

fn check(label: &str, text: &str, wanted: &[(Token, &str)]) {
    let spans = spans(&mut engine(), 1, label, text);
    for (token, piece) in wanted {
        let found = pieces(text, &spans, *token);
        assert!(
            found.contains(piece),
            "{label}: {piece:?} is no {token:?}, but {found:?} are"
        );
    }
}

#[test]
fn the_usual_languages_have_their_words_texts_and_comments() {
    use Token::{Attribute, Comment, Function, Keyword, Number, String, Tag};
    check(
        "rust",
        "fn main() { let s = \"값\"; // 주석\n let n = 42; }\n",
        &[
            (Keyword, "fn"),
            (Function, "main"),
            (String, "\"값\""),
            (Comment, "// 주석"),
            (Number, "42"),
        ],
    );
    check(
        "python",
        "def f(x):\n    \"\"\"doc\"\"\"\n    return f'{x}' # c\n",
        &[
            (Keyword, "def"),
            (Function, "f"),
            (Keyword, "return"),
            (Comment, "# c"),
        ],
    );
    check(
        "js",
        "const a = async () => `x ${b}`; // c\n",
        &[(Keyword, "const"), (Comment, "// c")],
    );
    check(
        "ts",
        "interface A { b: string }\nconst c: A = { b: 'x' };\n",
        &[(Keyword, "interface"), (String, "'x'")],
    );
    check(
        "tsx",
        "const A = () => <div className=\"a\">{b}</div>;\n",
        &[(Tag, "div"), (String, "\"a\"")],
    );
    check(
        "bash",
        "for f in *.txt; do echo \"$f\"; done # c\n",
        &[(Keyword, "for"), (Comment, "# c")],
    );
    check(
        "json",
        "{\"a\": [1, true, \"b\"]}\n",
        &[(Number, "1"), (String, "\"b\"")],
    );
    check(
        "html",
        "<p class=\"a\">x</p><!-- c -->\n",
        &[(Tag, "p"), (Attribute, "class"), (Comment, "<!-- c -->")],
    );
    check(
        "sql",
        "SELECT a FROM b WHERE c = 'd'; -- e\n",
        &[(Keyword, "SELECT"), (String, "'d'"), (Comment, "-- e")],
    );
    check("yaml", "a: 1 # c\n", &[(Number, "1"), (Comment, "# c")]);
    check(
        "java",
        "public class A { int b = 1; }\n",
        &[(Keyword, "public"), (Number, "1")],
    );
    check(
        "go",
        "func main() { x := \"y\" }\n",
        &[(Keyword, "func"), (String, "\"y\"")],
    );
    check(
        "diff",
        "-old\n+new\n",
        &[(Token::Deleted, "-old"), (Token::Inserted, "+new")],
    );
}

/// Text of the kinds that grammars react to.
const SAMPLE: &str = "a { b: 'c', \"d\": 1.5e3 } // e\n/* f\n g */ <h i=\"j\">k</h> # l\n`m ${n} o`\n```p\nq\n```\n<?php $r = <<<S\nt\nS;\n\
    <script>let u = 1;</script><style>v { w: x }</style>\n--- y\n%z \\begin{a} \u{1f600} 한글 \u{0}\n";

#[test]
fn every_language_has_its_grammar_and_takes_any_text() {
    let mut engine = engine();
    for label in LABELS {
        spans(&mut engine, 1, label, SAMPLE);
        spans(&mut engine, 1, label, "\n\n\u{feff}");
        engine.answer(&Request::Forget { block: 1 });
    }
    for label in [
        "rust", "python", "java", "kotlin", "swift", "c", "cpp", "csharp", "php", "ruby", "go",
        "sql", "toml",
    ] {
        let text = "// if x\nreturn \"a\" + 1 # b\n-- c\n";
        let spans = spans(&mut engine, 2, label, text);
        assert!(spans.iter().any(|span| span.0 != Token::Plain), "{label}");
        engine.answer(&Request::Forget { block: 2 });
    }
}

const LABELS: &[&str] = &[
    "rust",
    "python",
    "js",
    "ts",
    "bash",
    "json",
    "html",
    "css",
    "scss",
    "sql",
    "yaml",
    "toml",
    "xml",
    "java",
    "kotlin",
    "swift",
    "go",
    "c",
    "cpp",
    "csharp",
    "php",
    "ruby",
    "r",
    "dart",
    "scala",
    "haskell",
    "perl",
    "lua",
    "elixir",
    "groovy",
    "zig",
    "solidity",
    "nix",
    "make",
    "cmake",
    "dockerfile",
    "nginx",
    "ini",
    "properties",
    "env",
    "bat",
    "diff",
    "graphql",
    "proto",
    "terraform",
    "vue",
    "svelte",
    "markdown",
    "latex",
];

#[test]
fn lines_that_come_one_by_one_are_read_as_those_that_come_at_once() {
    let text = include_str!("../src/code.rs");
    let mut whole = spans(&mut engine(), 1, "rust", text);
    let mut engine = engine();
    let mut joined: Vec<(Token, usize)> = Vec::new();
    for line in text.split_inclusive('\n') {
        for (token, length) in spans(&mut engine, 7, "rust", line) {
            match joined.last_mut() {
                Some(last) if last.0 == token => last.1 += length,
                _ => joined.push((token, length)),
            }
        }
    }
    assert_eq!(joined.len(), whole.len());
    assert_eq!(joined, std::mem::take(&mut whole));
}

#[test]
fn a_block_remembers_what_its_lines_began_until_it_is_forgotten() {
    let mut engine = engine();
    spans(&mut engine, 1, "rust", "/* begun\n");
    assert_eq!(
        spans(&mut engine, 1, "rust", "let a;\n"),
        [(Token::Comment, 7)]
    );
    assert_ne!(
        spans(&mut engine, 2, "rust", "let a;\n"),
        [(Token::Comment, 7)]
    );
    assert_eq!(engine.answer(&Request::Forget { block: 1 }), None);
    assert_ne!(
        spans(&mut engine, 1, "rust", "let a;\n"),
        [(Token::Comment, 7)]
    );
}

#[test]
fn endless_lines_slow_blocks_and_many_blocks_are_bounded() {
    let line = "a".repeat(MAX_LINE) + "\n";
    assert_eq!(
        spans(&mut engine(), 1, "rust", &line),
        [(Token::Plain, line.len())]
    );
    let clock = Cell::new(0.0);
    let mut slow = Engine::new(|| {
        clock.set(clock.get() + MAX_TIME / 2.0 + 1.0);
        clock.get()
    });
    let text = "let a;\n".repeat(3);
    let found = spans(&mut slow, 1, "rust", &text);
    assert_eq!(
        pieces(&text, &found, Token::Keyword).len(),
        2,
        "the third line is too late"
    );
    let mut engine = engine();
    for block in 0..2 * MAX_BLOCKS {
        spans(
            &mut engine,
            u32::try_from(block).expect("small"),
            "rust",
            "/*\n",
        );
    }
    let first = spans(&mut engine, 0, "rust", "let\n");
    assert_ne!(first, [(Token::Comment, 4)], "the oldest was forgotten");
}

fn formula(source: &str, display: bool) -> Option<Tree> {
    let request = Request::Math {
        id: 3,
        display,
        source: source.to_owned(),
    };
    match engine().answer(&request) {
        Some(Response::Math { id: 3, tree }) => tree,
        other => panic!("{other:?}"),
    }
}

/// A tree as markup without attributes.
fn written(tree: &Tree, out: &mut String) {
    match tree {
        Tree::Text(text) => out.push_str(text),
        Tree::Element {
            name,
            attributes,
            children,
        } => {
            assert!(attributes.iter().all(|(name, _)| *name < ATTRIBUTES.len()));
            let name = ELEMENTS[*name];
            out.push_str(&format!("<{name}>"));
            children.iter().for_each(|child| written(child, out));
            out.push_str("</>");
        }
    }
}

fn markup(source: &str) -> String {
    let mut out = String::new();
    let tree = formula(source, true).unwrap_or_else(|| panic!("{source} is no formula"));
    written(&tree, &mut out);
    out
}

#[test]
fn formulas_become_trees() {
    assert_eq!(markup("x^2"), "<math><msup><mi>x</><mn>2</></></>");
    assert!(markup(r"\frac{a}{b}").contains("<mfrac>"));
}

#[test]
fn what_models_write_is_understood() {
    for source in [
        r"\frac{-b \pm \sqrt{b^2 - 4ac}}{2a}",
        r"\sum_{i=1}^{n} i = \frac{n(n+1)}{2}",
        r"\int_0^\infty e^{-x^2} \, dx = \frac{\sqrt{\pi}}{2}",
        r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}",
        r"\begin{aligned} x &= 1 \\ y &= 2 \end{aligned}",
        r"\begin{cases} 1 & x > 0 \\ 0 & \text{그 외} \end{cases}",
        r"\left( \frac{a}{b} \right)^n",
        r"\mathbb{R}^n \to \mathcal{L}(\mathbf{x})",
        r"\lim_{n \to \infty} a_n",
        r"\hat{y} = \sigma(\mathbf{w}^\top \mathbf{x} + b)",
        r"\text{softmax}(z_i) = \frac{e^{z_i}}{\sum_j e^{z_j}}",
        r"P(A \mid B) = \frac{P(B \mid A)P(A)}{P(B)}",
        r"\nabla \cdot \mathbf{E} = \frac{\rho}{\varepsilon_0}",
        r"O(n \log n)",
        r"\big( x \big)",
        r"a \le b \quad \forall x \in \mathbb{N}",
        r"\operatorname{argmax}_{\theta} \; \ell(\theta)",
        r"\underbrace{a + b}_{n}",
        r"\overline{AB} \parallel \vec{v}",
        r"\boxed{x = 1}",
        "a < b \\not< c",
        r"\left\langle a \right\rangle",
        r"R \& D",
        r"x' + y''",
        r"\dfrac{1}{2} \binom{n}{k} \tbinom{n}{k}",
        r"\color{red} x",
    ] {
        let markup = markup(source);
        assert!(
            markup.starts_with("<math>") && markup.ends_with("</>"),
            "{source}: {markup}"
        );
    }
}

#[test]
fn what_is_no_formula_or_wants_more_than_a_formula_is_refused() {
    for source in [
        r"\href{javascript:alert(1)}{x}",
        r"\url{https://e.com}",
        r"\style{color:red}{x}",
        r"\class{a}{x}",
        r"\includegraphics{https://e.com/a.png}",
        r"\htmlData{a=b}{x}",
        r"\unknowncommand",
        r"\frac{a",
        "{",
        "}",
        r"\begin{nonsense}x\end{nonsense}",
        r"\input{/etc/passwd}",
    ] {
        assert_eq!(formula(source, false), None, "{source}");
    }
}

#[test]
fn a_formula_with_a_character_that_reorders_others_is_refused() {
    for c in ('\u{202a}'..='\u{202e}').chain('\u{2066}'..='\u{2069}') {
        for source in [
            format!("a {c} b"),
            format!(r"\text{{a{c}b}}"),
            format!(r"\sqrt{{{c}}}"),
            format!(r#"\char"{:X}"#, u32::from(c)),
        ] {
            assert_eq!(formula(&source, false), None, "{source:?}");
        }
    }
    assert!(formula("\\text{\u{5e9}\u{200f}}", false).is_some());
}

#[test]
fn text_in_a_formula_stays_text() {
    let markup = markup(r"\text{<script>alert(1)</script> & \&}");
    assert!(
        markup.contains("<script>alert(1)</script>"),
        "as text: {markup}"
    );
    assert!(ELEMENTS.iter().all(|name| *name != "script"));
}

#[test]
fn bombs_are_refused_in_time_on_a_small_stack() {
    let nested =
        |open: &str, close: &str, count: usize| open.repeat(count) + "x" + &close.repeat(count);
    let mut bombs = vec![
        "x".repeat(MAX_SOURCE + 1),
        nested("{", "}", MAX_DEPTH + 1),
        nested("{", "}", 4_000),
        nested(r"\sqrt{", "}", 1_000),
        nested(r"\left(", r"\right)", 500),
        nested(r"\begin{matrix}", r"\end{matrix}", 250),
        r"\sqrt".repeat(1_600) + "x",
        r"\frac".repeat(1_600),
        "x^".repeat(4_000),
        "x_{".repeat(2_000),
        r"\def\a{\a\a}\a".to_owned(),
        r"\newcommand{\a}{\a x}\a".to_owned(),
        r"\def\a{xxxxxxxxxx}\def\b{\a\a\a\a\a\a\a\a\a\a}\def\c{\b\b\b\b\b\b\b\b\b\b}\def\d{\c\c\c\c\c\c\c\c\c\c}\def\e{\d\d\d\d\d\d\d\d\d\d}\e\e\e\e".to_owned(),
        r"\let\a\b\let\b\a\a".to_owned(),
    ];
    bombs.push(
        r"\begin{array}{".to_owned()
            + &"c|".repeat(2_000)
            + "}"
            + &"&".repeat(3_000)
            + r"\end{array}",
    );
    // The stack that a worker's module has.
    let thread = thread::Builder::new().stack_size(1024 * 1024);
    let refused = thread.spawn(move || {
        let mut refused = 0;
        for bomb in &bombs {
            refused += usize::from(formula(bomb, true).is_none());
        }
        (refused, bombs.len())
    });
    let (refused, all) = refused.expect("started").join().expect("no overflow");
    assert!(refused + 1 >= all, "{refused} of {all}");
}
