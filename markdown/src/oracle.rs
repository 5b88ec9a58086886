//! Blocks read line by line against blocks of one parse of the whole by pulldown-cmark.

use aicon_corpora::examples::suite;
use proptest::prelude::*;
use pulldown_cmark::{CodeBlockKind, Event, LinkType, Options, Parser, Tag, TagEnd};

use crate::{
    Document,
    block::{Align, Kind, Node},
    build,
    guard::{self, GUARD},
    link::Link,
};

/// What both say, without what they may differ in: footnotes' numbers, how text is cut, line ends at the end of code.
fn ours(text: &str) -> String {
    let document = Document::from_text(text);
    let mut out = String::new();
    for block in document.blocks() {
        dump(std::slice::from_ref(block.root()), false, &mut out);
        out.push('\n');
    }
    out
}

fn dump(nodes: &[Node], tight: bool, out: &mut String) {
    for node in nodes {
        match node {
            Node::Text(text) => out.push_str(text),
            Node::Code(code) => wrap("code", code, out),
            Node::Math(math) => wrap("math", &math.source, out),
            Node::HardBreak => out.push_str("<br>"),
            Node::Rule => out.push_str("<hr>"),
            Node::Task { done } => out.push_str(if *done { "<x>" } else { "<o>" }),
            Node::CodeBlock(code) => {
                let text: String = code.text.iter().map(|piece| piece.as_str()).collect();
                wrap(
                    &format!("pre {}", code.language),
                    text.trim_end_matches('\n'),
                    out,
                );
            }
            Node::Image(image) => wrap(&format!("img {}", image.source.href), &image.alt, out),
            Node::FootnoteReference { .. } => out.push_str("<^>"),
            Node::Truncated => out.push('…'),
            Node::Run(run) => dump(&run.0, tight, out),
            Node::Referring(referring) => dump(&referring.nodes, false, out),
            Node::Element(kind, children) => element(kind, children, tight, out),
        }
    }
}

fn element(kind: &Kind, children: &[Node], tight: bool, out: &mut String) {
    let inside = |tight: bool| {
        let mut text = String::new();
        dump(children, tight, &mut text);
        text
    };
    let name = match kind {
        Kind::List { start, tight } => {
            return wrap(&format!("list {start:?}"), &inside(*tight), out);
        }
        Kind::Item => return wrap("item", &inside(tight), out),
        Kind::Paragraph if tight => return out.push_str(&inside(false)),
        Kind::Html => return wrap("html", inside(false).trim_end_matches('\n'), out),
        Kind::Footnote { .. } => "footnote".to_owned(),
        Kind::Link(link) => format!("a {}", link.href),
        kind => format!("{kind:?}"),
    };
    wrap(&name, &inside(false), out);
}

fn wrap(name: &str, inside: &str, out: &mut String) {
    out.push_str(&format!("<{name}>{inside}</>"));
}

/// The blocks of the whole text in one parse.
fn theirs(text: &str) -> String {
    let guarding = !text.contains(GUARD);
    let mut guarded = String::new();
    for line in text.split_inclusive('\n') {
        if guarding {
            guard::guard_marks(line, &mut guarded);
        } else {
            guarded.push_str(line);
        }
    }
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_MATH;
    let mut builder = Builder::default();
    for event in Parser::new_ext(&guarded, options) {
        builder.event(event);
    }
    builder.flush();
    let done: String = builder.stack.into_iter().map(|(_, text)| text).collect();
    if guarding {
        done.replace(GUARD, "")
    } else {
        done
    }
}

#[derive(Default)]
struct Builder {
    /// Names and contents of the open elements.
    stack: Vec<(String, String)>,
    text: String,
    links: usize,
    alt: Option<(String, String, usize)>,
    columns: Vec<Align>,
    cell: usize,
    code: bool,
}

impl Builder {
    fn event(&mut self, event: Event<'_>) {
        if let Some((_, alt, depth)) = &mut self.alt {
            match event {
                Event::Start(_) => *depth += 1,
                Event::End(_) if *depth > 0 => *depth -= 1,
                Event::End(_) => self.end_image(),
                Event::Text(text) | Event::Code(text) | Event::InlineHtml(text) => {
                    alt.push_str(&text)
                }
                Event::SoftBreak | Event::HardBreak => alt.push('\n'),
                _ => {}
            }
            return;
        }
        match event {
            Event::Start(tag) => self.start(&tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => {
                self.text.push_str(&text)
            }
            Event::SoftBreak => self.text.push('\n'),
            Event::Code(code) => self.leaf(|out| wrap("code", &code, out)),
            Event::InlineMath(source) | Event::DisplayMath(source) => {
                self.leaf(|out| wrap("math", &source.replace(GUARD, ""), out));
            }
            Event::HardBreak => self.leaf(|out| out.push_str("<br>")),
            Event::Rule => {
                self.leaf(|out| out.push_str("<hr>"));
                self.block_end();
            }
            Event::TaskListMarker(done) => {
                self.leaf(|out| out.push_str(if done { "<x>" } else { "<o>" }))
            }
            Event::FootnoteReference(_) => self.leaf(|out| out.push_str("<^>")),
        }
    }

    fn start(&mut self, tag: &Tag<'_>) {
        self.flush();
        let name = match tag {
            Tag::Paragraph => "Paragraph".to_owned(),
            Tag::Heading { level, .. } => format!("Heading({})", *level as u8),
            Tag::BlockQuote(_) => "Quote".to_owned(),
            Tag::CodeBlock(kind) => {
                self.code = true;
                let language = match kind {
                    CodeBlockKind::Fenced(info) => {
                        info.split([' ', ',', '\t']).next().unwrap_or_default()
                    }
                    CodeBlockKind::Indented => "",
                };
                format!("pre {language}")
            }
            Tag::HtmlBlock => {
                self.code = true;
                "html".to_owned()
            }
            Tag::List(start) => format!("list {start:?}"),
            Tag::Item => "item".to_owned(),
            Tag::FootnoteDefinition(_) => "footnote".to_owned(),
            Tag::Table(columns) => {
                self.columns = columns.iter().map(align).collect();
                "Table".to_owned()
            }
            Tag::TableHead => {
                self.cell = 0;
                "TableHead".to_owned()
            }
            Tag::TableRow => {
                self.cell = 0;
                "TableRow".to_owned()
            }
            Tag::TableCell => {
                let align = self.columns[self.cell];
                self.cell += 1;
                format!("Cell({align:?})")
            }
            Tag::Emphasis => "Emphasis".to_owned(),
            Tag::Strong => "Strong".to_owned(),
            Tag::Strikethrough => "Strikethrough".to_owned(),
            Tag::Link {
                link_type,
                dest_url,
                ..
            } => {
                let address = match link_type {
                    LinkType::Email => format!("mailto:{dest_url}"),
                    _ => dest_url.to_string(),
                };
                match Link::judge(&address.replace(GUARD, "")) {
                    Some(link) => {
                        self.links += 1;
                        format!("a {}", link.href)
                    }
                    None => "Refused".to_owned(),
                }
            }
            Tag::Image { dest_url, .. } => {
                self.alt = Some((dest_url.replace(GUARD, ""), String::new(), 0));
                return;
            }
            _ => "?".to_owned(),
        };
        self.stack.push((name, String::new()));
    }

    fn end(&mut self, tag: TagEnd) {
        let verbatim = matches!(tag, TagEnd::CodeBlock | TagEnd::HtmlBlock);
        if verbatim {
            let text = std::mem::take(&mut self.text);
            self.out().push_str(text.trim_end_matches('\n'));
            self.code = false;
        }
        self.flush();
        let Some((name, inside)) = self.stack.pop() else {
            return;
        };
        if name.starts_with("a ") {
            self.links -= 1;
        }
        wrap(&name, &inside, self.out());
        self.block_end();
    }

    /// At the top level.
    fn block_end(&mut self) {
        if self.stack.len() <= 1 && self.stack.iter().all(|(name, _)| name.is_empty()) {
            self.out().push('\n');
        }
    }

    fn end_image(&mut self) {
        if let Some((destination, alt, _)) = self.alt.take() {
            match build::image(&destination, &alt) {
                Some(image) => {
                    self.flush();
                    let mut out = String::new();
                    dump(&[image], false, &mut out);
                    self.out().push_str(&out);
                }
                None => self.text.push_str(&alt),
            }
        }
    }

    fn leaf(&mut self, write: impl FnOnce(&mut String)) {
        self.flush();
        write(self.out());
    }

    fn out(&mut self) -> &mut String {
        if self.stack.is_empty() {
            self.stack.push(Default::default());
        }
        let last = self.stack.len() - 1;
        &mut self.stack[last].1
    }

    fn flush(&mut self) {
        let text = std::mem::take(&mut self.text);
        if text.is_empty() {
            return;
        }
        let mut out = String::new();
        if self.links > 0 || self.code {
            out.push_str(&text);
        } else {
            build::plain(&text.replace(GUARD, ""), |node| {
                dump(&[node], false, &mut out)
            });
        }
        self.out().push_str(&out);
    }
}

fn align(alignment: &pulldown_cmark::Alignment) -> Align {
    match alignment {
        pulldown_cmark::Alignment::None => Align::None,
        pulldown_cmark::Alignment::Left => Align::Left,
        pulldown_cmark::Alignment::Center => Align::Center,
        pulldown_cmark::Alignment::Right => Align::Right,
    }
}

/// Examples that are read otherwise: a table whose head ends in a backslash (GFM has it, pulldown-cmark does not), a link
/// whose label only looks like a footnote's, and blanks at the beginning of a tag's second line (CommonMark strips them).
const DIFFERENT: [&str; 3] = [
    "a | b\\\n- | -\n1 | 2",
    "[^foo\n]: https://rust-lang.org\n\n[^foo\n]",
    "<foo bar =\n \"hi\">",
];

#[test]
fn the_examples_of_the_specifications_are_read_as_one_parse_reads_them() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for name in [
        "spec",
        "gfm_table",
        "gfm_tasklist",
        "gfm_strikethrough",
        "table",
        "footnotes",
        "strikethrough",
        "regression",
    ] {
        for example in suite(name) {
            count += 1;
            let (name, markdown) = (&example.name, &example.markdown);
            let (a, b) = (ours(markdown), theirs(markdown));
            if a.trim() != b.trim() && !DIFFERENT.contains(&markdown.trim()) {
                wrong.push(format!(
                    "{name}\n{markdown}\n--- ours\n{a}\n--- theirs\n{b}\n"
                ));
            }
        }
    }
    assert!(count > 800, "{count}");
    assert!(
        wrong.is_empty(),
        "{} of {count}\n{}",
        wrong.len(),
        wrong.join("\n=====\n")
    );
}

/// Inline text as people and models write it.
fn words() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "word",
        "가나다",
        "**bold**",
        "*em*",
        "_em_",
        "`code`",
        "`` a`b ``",
        "~~del~~",
        "[text](https://e.com/a_b \"t\")",
        "[ref]",
        "[text][ref]",
        "[x] y",
        "![i](https://e.com/i.png)",
        "<https://e.com>",
        "https://e.com/x.",
        "a_b_c",
        "2 * 3",
        "5*3",
        "R&D",
        "&amp;",
        "a < b",
        "<b>",
        "**굵은 *안* 글**",
        "***both***",
        "**\"인용\"**은",
        "은**(괄호)**",
        "\\*",
        "!",
        "[^1]",
        "[a *b* c](https://e.com)",
        "*",
        "**",
        "_",
        "[",
        "]",
        "(x)",
        ":",
        "😀",
        "**a",
        "b**",
        "$x^2$",
        "$a_1 * b_2$",
        "**$y$**",
        "값$z$은",
        "$$w$$ x",
        "*c",
        "`",
    ]);
    prop::collection::vec(piece, 1..7).prop_map(|words| words.join(" "))
}

/// Blocks of which answers are made.
fn block() -> impl Strategy<Value = String> {
    let paragraph = prop::collection::vec(words(), 1..4).prop_map(|lines| lines.join("\n"));
    let leaf = prop_oneof![
        4 => paragraph,
        1 => words().prop_map(|text| format!("## {text}")),
        1 => words().prop_map(|text| format!("{text}\n---")),
        1 => Just("```rust\nlet *a* = 1;\n\n  b\n```".to_owned()),
        1 => Just("    indented\n\n    code".to_owned()),
        1 => Just("---".to_owned()),
        1 => Just("<div>\n*raw*\n</div>".to_owned()),
        1 => Just("[ref]: https://e.com/ref".to_owned()),
        1 => Just("[^1]: note".to_owned()),
        1 => (words(), words()).prop_map(|(a, b)| format!("| {} | b |\n|---|:-:|\n| {} |", a.replace('|', ""), b)),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let indented = |blocks: Vec<String>, mark: &'static str, gap: &'static str| {
            let indent = " ".repeat(mark.len());
            let items = blocks.into_iter().map(|block| {
                let lines: Vec<_> = block
                    .lines()
                    .map(|line| {
                        if line.is_empty() {
                            String::new()
                        } else {
                            format!("{indent}{line}")
                        }
                    })
                    .collect();
                format!("{mark}{}", lines.join("\n").trim_start())
            });
            items.collect::<Vec<_>>().join(gap)
        };
        let several = || prop::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            several().prop_map(move |blocks| indented(blocks, "- ", "\n")),
            several().prop_map(move |blocks| indented(blocks, "1. ", "\n\n")),
            several().prop_map(|blocks| {
                let text = blocks.join("\n\n");
                text.lines()
                    .map(|line| format!("> {line}"))
                    .collect::<Vec<_>>()
                    .join("\n")
            }),
        ]
    })
}

/// A tag alone on a line of a table: there cmark-gfm begins a block of HTML, as we do, and pulldown-cmark a row.
/// A row needs no bar of its own, so all lines up to the next blank one may be rows.
fn has_tag_in_table(text: &str) -> bool {
    let mut in_table = false;
    text.lines()
        .map(|line| line.trim_start_matches(['>', ' ']).trim_end())
        .any(|line| {
            in_table = !line.is_empty() && (in_table || line.contains('|'));
            in_table && line == "<b>"
        })
}

#[test]
fn a_tag_below_a_row_without_bars_begins_html() {
    let text = "> | word | b |\n> |---|:-:|\n> word\n> <b>";
    assert!(has_tag_in_table(text));
    assert!(ours(text).contains("</><html><b></>"), "{}", ours(text));
}

#[test]
fn code_over_several_lines_keeps_its_blanks_and_gets_none() {
    for (text, code) in [
        ("1. `\n   *\n   `", "*"),
        ("1. `a     b\n   *\n   c`", "a     b * c"),
        ("1. `\n   1.\n   #`", " 1. #"),
    ] {
        let shown = ours(text);
        assert!(shown.contains(&format!("<code>{code}</>")), "{shown}");
        assert_eq!(shown.trim(), theirs(text).trim());
    }
    assert!(!ours("1. ![`\n   *`](u)").contains('\t'));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 1024, ..ProptestConfig::default() })]

    #[test]
    fn answers_are_read_as_one_parse_reads_them(
        blocks in prop::collection::vec((block(), prop::sample::select(vec!["\n", "\n\n"])), 1..6),
    ) {
        let text: String = blocks.into_iter().map(|(block, gap)| block + gap).collect();
        prop_assume!(!has_tag_in_table(&text));
        let (a, b) = (ours(&text), theirs(&text));
        prop_assert_eq!(a.trim(), b.trim(), "{}", text);
        let mut streamed = Document::new();
        for (i, c) in text.char_indices() {
            streamed.push(&text[i..i + c.len_utf8()]);
        }
        streamed.finish();
        prop_assert!(streamed.blocks().eq(Document::from_text(&text).blocks()), "{}", text);
    }
}
