//! What goes to the clipboard beside the markdown: HTML for documents, tab-separated values for spreadsheets.
//!
//! The HTML is built from the block tree, every text escaped. It has no class, no script and nothing that loads: an image is
//! a link to it, because whoever pastes it would fetch it otherwise.

use std::rc::Rc;

use crate::{
    block::{Align, Block, CodeBlock, Kind, Node},
    document::Document,
    link::Link,
    text,
};

impl Document {
    /// The text as HTML, for the clipboard: only elements of running text, lists and tables, and the addresses that
    /// [`Link::judge`] let pass.
    pub fn to_html(&self) -> String {
        let mut rich = Rich::default();
        let mut last_note = 0;
        for block in self.blocks() {
            match block.footnote() {
                Some(number) => last_note = last_note.max(number),
                None => rich.node(block.root(), false),
            }
        }
        if last_note == 0 {
            return rich.html;
        }
        rich.html.push_str("<hr><ol>");
        // Numbered by their references, defined in any order; there are few, and sorting them costs the bundle 3 kB.
        for number in 1..=last_note {
            let same = |block: &&Rc<Block>| block.footnote() == Some(number);
            self.blocks()
                .filter(same)
                .for_each(|note| rich.node(note.root(), false));
        }
        rich.html.push_str("</ol>");
        rich.html
    }

    /// The text as it is read aloud: without marks, each block on a line of its own. No more than so many characters.
    pub fn to_plain_text(&self, most: usize) -> String {
        let mut plain = String::new();
        let mut blocks = self.blocks();
        // A character has four bytes at most.
        while plain.len() < 4 * most
            && let Some(block) = blocks.next()
        {
            text::push(std::slice::from_ref(block.root()), &mut plain);
        }
        if let Some((end, _)) = plain.char_indices().nth(most) {
            plain.truncate(end);
        }
        plain
    }
}

/// A table as tab-separated values and as HTML. In both, cells that a spreadsheet would run are made text.
pub(crate) fn table(rows: &[Node]) -> (String, String) {
    let mut values = String::new();
    push_rows(rows, &mut values);
    let mut rich = Rich {
        is_for_spreadsheet: true,
        ..Rich::default()
    };
    rich.table(rows);
    (values, rich.html)
}

fn push_rows(rows: &[Node], values: &mut String) {
    for row in rows {
        match row {
            Node::Run(run) => push_rows(&run.0, values),
            Node::Element(_, cells) => {
                for (i, cell) in cells.iter().enumerate() {
                    if i > 0 {
                        values.push('\t');
                    }
                    let cell = text::of(std::slice::from_ref(cell));
                    let words: Vec<&str> = cell.split(['\t', '\n', '\r']).map(str::trim).collect();
                    let cell = words.join(" ");
                    let cell = cell.trim();
                    values.push_str(if runs_as_formula(cell) { "'" } else { "" });
                    values.push_str(cell);
                }
                values.push_str("\r\n");
            }
            _ => {}
        }
    }
}

/// Whether a spreadsheet takes a cell for a formula (as `documents` judges it for CSV), and not for a number or a dash.
fn runs_as_formula(cell: &str) -> bool {
    let begins = cell.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    let number = cell.strip_prefix(['+', '-']).unwrap_or(cell);
    let number = number.strip_suffix('%').unwrap_or(number);
    let is_number = number
        .bytes()
        .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b','));
    begins
        && !is_number
        && cell
            .chars()
            .any(|c| c.is_ascii_alphanumeric() || !c.is_ascii())
}

#[derive(Default)]
struct Rich {
    html: String,
    is_for_spreadsheet: bool,
}

impl Rich {
    /// `tight`: a paragraph is the text of a tight list's item.
    fn node(&mut self, node: &Node, tight: bool) {
        match node {
            Node::Text(content) => self.escaped(content),
            Node::Code(content) => self.wrapped("code", |rich| rich.escaped(content)),
            Node::Math(math) => self.wrapped("code", |rich| rich.escaped(&math.source)),
            Node::HardBreak => self.html.push_str("<br>"),
            Node::Rule => self.html.push_str("<hr>"),
            Node::Task { done } => self.html.push_str(if *done { "☑ " } else { "☐ " }),
            Node::CodeBlock(code) => self.code(code),
            Node::Image(image) => self.link(&image.source, |rich| {
                rich.escaped(if image.alt.is_empty() {
                    &image.source.host
                } else {
                    &image.alt
                });
            }),
            Node::FootnoteReference { number, .. } => {
                let number = number.to_string();
                self.wrapped("sup", |rich| rich.escaped(&number));
            }
            Node::Truncated => self.html.push('…'),
            Node::Run(run) => self.nodes(&run.0, tight),
            Node::Referring(referring) => self.nodes(&referring.nodes, tight),
            Node::Element(kind, children) => self.element(kind, children, tight),
        }
    }

    fn nodes(&mut self, nodes: &[Node], tight: bool) {
        for node in nodes {
            self.node(node, tight);
        }
    }

    fn element(&mut self, kind: &Kind, children: &[Node], tight: bool) {
        let mut inside_is_tight = false;
        let name = match kind {
            Kind::Table => return self.table(children),
            Kind::List { start, tight } => return self.list(*start, children, *tight),
            Kind::Link(link) => return self.link(link, |rich| rich.nodes(children, false)),
            Kind::Footnote { number, .. } => {
                self.html.push_str("<li value=\"");
                self.html.push_str(&number.to_string());
                self.html.push_str("\">");
                self.nodes(children, false);
                return self.html.push_str("</li>");
            }
            Kind::Paragraph if tight => return self.nodes(children, false),
            Kind::Refused => return self.nodes(children, false),
            Kind::Item => {
                inside_is_tight = tight;
                "li"
            }
            Kind::Paragraph | Kind::Html => "p",
            Kind::Heading(1) => "h1",
            Kind::Heading(2) => "h2",
            Kind::Heading(3) => "h3",
            Kind::Heading(4) => "h4",
            Kind::Heading(5) => "h5",
            Kind::Heading(_) => "h6",
            Kind::Quote => "blockquote",
            Kind::Emphasis => "em",
            Kind::Strong => "strong",
            Kind::Strikethrough => "del",
            // Made by their table.
            Kind::TableHead | Kind::TableRow | Kind::Cell(_) => "span",
        };
        self.wrapped(name, |rich| rich.nodes(children, inside_is_tight));
    }

    fn list(&mut self, start: Option<u32>, items: &[Node], tight: bool) {
        let name = if start.is_some() { "ol" } else { "ul" };
        self.html.push('<');
        self.html.push_str(name);
        if let Some(start) = start.filter(|start| *start != 1) {
            self.html.push_str(" start=\"");
            self.html.push_str(&start.to_string());
            self.html.push('"');
        }
        self.html.push('>');
        self.nodes(items, tight);
        self.close(name);
    }

    fn table(&mut self, rows: &[Node]) {
        // Without the attribute, word processors draw no lines.
        self.html.push_str("<table border=\"1\">");
        self.rows(rows);
        self.html.push_str("</table>");
    }

    fn rows(&mut self, rows: &[Node]) {
        for row in rows {
            match row {
                Node::Run(run) => self.rows(&run.0),
                Node::Element(kind, cells) => self.wrapped("tr", |rich| {
                    let name = if *kind == Kind::TableHead { "th" } else { "td" };
                    cells.iter().for_each(|cell| rich.cell(name, cell));
                }),
                _ => {}
            }
        }
    }

    fn cell(&mut self, name: &str, cell: &Node) {
        let Node::Element(Kind::Cell(align), children) = cell else {
            return;
        };
        self.html.push('<');
        self.html.push_str(name);
        self.html.push_str(match align {
            Align::None => ">",
            Align::Left => " align=\"left\">",
            Align::Center => " align=\"center\">",
            Align::Right => " align=\"right\">",
        });
        if self.is_for_spreadsheet && runs_as_formula(text::of(children).trim()) {
            self.html.push('\'');
        }
        self.nodes(children, false);
        self.close(name);
    }

    fn code(&mut self, code: &CodeBlock) {
        self.html.push_str("<pre><code>");
        for piece in &code.text {
            self.escaped(piece);
        }
        self.html.push_str("</code></pre>");
    }

    fn link(&mut self, link: &Link, inside: impl FnOnce(&mut Self)) {
        self.html.push_str("<a href=\"");
        self.escaped(&link.href);
        self.html.push_str("\">");
        inside(self);
        self.close("a");
    }

    fn wrapped(&mut self, name: &str, inside: impl FnOnce(&mut Self)) {
        self.html.push('<');
        self.html.push_str(name);
        self.html.push('>');
        inside(self);
        self.close(name);
    }

    fn close(&mut self, name: &str) {
        self.html.push_str("</");
        self.html.push_str(name);
        self.html.push('>');
    }

    fn escaped(&mut self, text: &str) {
        let mut rest = text;
        while let Some(at) = rest.find(['&', '<', '>', '"']) {
            self.html.push_str(&rest[..at]);
            self.html.push_str(match rest.as_bytes()[at] {
                b'&' => "&amp;",
                b'<' => "&lt;",
                b'>' => "&gt;",
                _ => "&quot;",
            });
            rest = &rest[at + 1..];
        }
        self.html.push_str(rest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(markdown: &str) -> String {
        Document::from_text(markdown).to_html()
    }

    fn table_of(markdown: &str) -> (String, String) {
        let document = Document::from_text(markdown);
        let block = document.blocks().next().expect("a block");
        match block.root() {
            Node::Element(Kind::Table, rows) => table(rows),
            other => panic!("no table: {other:?}"),
        }
    }

    #[test]
    fn an_answer_is_html_of_a_few_elements() {
        for (markdown, expected) in [
            (
                "# a *b*\n\nc  \nd `<e>`",
                "<h1>a <em>b</em></h1><p>c<br>d <code>&lt;e&gt;</code></p>",
            ),
            (
                "3. a\n4. b\n   - c",
                "<ol start=\"3\"><li>a</li><li>b<ul><li>c</li></ul></li></ol>",
            ),
            (
                "- [x] a\n\n- [ ] b",
                "<ul><li><p>☑ a</p></li><li><p>☐ b</p></li></ul>",
            ),
            (
                "```rust\n<a> & \"b\"\n```",
                "<pre><code>&lt;a&gt; &amp; &quot;b&quot;\n</code></pre>",
            ),
            (
                "> **q** ~~r~~\n\n---",
                "<blockquote><p><strong>q</strong> <del>r</del></p></blockquote><hr>",
            ),
            (
                "[x](https://e.com/?a=1&b=\"2\")",
                "<p><a href=\"https://e.com/?a=1&amp;b=&quot;2&quot;\">x</a></p>",
            ),
            (
                "a[^n]\n\n[^n]: note\n\nb",
                "<p>a<sup>1</sup></p><p>b</p><hr><ol><li value=\"1\"><p>note</p></li></ol>",
            ),
            (
                "a[^n] b[^m]\n\n[^m]: second\n\n[^n]: first",
                "<p>a<sup>1</sup> b<sup>2</sup></p><hr><ol><li value=\"1\"><p>first</p></li><li value=\"2\"><p>second</p></li></ol>",
            ),
            (
                "| a | b |\n|--:|---|\n| 1 | =x |",
                "<table border=\"1\"><tr><th align=\"right\">a</th><th>b</th></tr><tr><td align=\"right\">1</td><td>=x</td></tr></table>",
            ),
        ] {
            assert_eq!(html(markdown), expected, "{markdown:?}");
        }
    }

    #[test]
    fn nothing_of_an_answer_loads_or_runs_where_it_is_pasted() {
        let pasted = html(
            "<script>x</script> <img src=x onerror=y>\n\n![cat \"](https://e.com/c.png) [a](javascript:1) [b](data:x) <javascript:1>\n\n<iframe src=//e.com>\n",
        );
        for element in ["<script", "<img", "<iframe", "javascript:1\"", "data:x\""] {
            assert!(!pasted.contains(element), "{pasted}");
        }
        assert_eq!(pasted.matches("<a ").count(), 1, "{pasted}");
        assert!(
            pasted.contains("<a href=\"https://e.com/c.png\">cat &quot;</a>"),
            "{pasted}"
        );
    }

    #[test]
    fn a_table_is_cells_between_tabs() {
        let (values, _) = table_of(
            "| 이름 | b |\n|---|---|\n| **a**&#9;`x\\|y`&#10;c | [l](https://e.com) |\n| ![alt](https://e.com/i) |",
        );
        assert_eq!(values, "이름\tb\r\na x|y c\tl\r\nalt\t\r\n");
    }

    #[test]
    fn no_cell_of_a_copied_table_runs_in_a_spreadsheet() {
        let rows = [
            "=1+1",
            "+82-2-123",
            "-cmd",
            "@sum",
            "＝1+a",
            "`=HYPERLINK(1)`",
            "**=a**",
            "-5%",
            "-1,234.5",
            "+7",
            "-",
            "--",
            "a=b",
        ];
        let mut markdown = String::from("| h |\n|---|\n");
        for row in rows {
            markdown.push_str(&["| ", row, " |\n"].concat());
        }
        let (values, html) = table_of(&markdown);
        let cells: Vec<&str> = values.lines().skip(1).collect();
        assert_eq!(
            cells,
            [
                "'=1+1",
                "'+82-2-123",
                "'-cmd",
                "'@sum",
                "'＝1+a",
                "'=HYPERLINK(1)",
                "'=a",
                "-5%",
                "-1,234.5",
                "+7",
                "-",
                "--",
                "a=b"
            ]
        );
        assert_eq!(html.matches("<td>'").count(), 7, "{html}");
    }

    #[test]
    fn long_tables_are_copied_whole() {
        let mut markdown = String::from("| h |\n|---|\n");
        (0..100).for_each(|row| markdown.push_str(&["| ", &row.to_string(), " |\n"].concat()));
        let (values, html) = table_of(&markdown);
        assert_eq!(values.lines().count(), 101);
        assert_eq!(html.matches("<td>").count(), 100);
    }

    #[test]
    fn an_answer_is_heard_without_marks() {
        let document = Document::from_text(
            "# 제목\n\n- **a** `b`\n- [c](https://e.com)[^1]\n\n| d | e |\n|---|---|\n| f | g |\n\n[^1]: h",
        );
        assert_eq!(document.to_plain_text(3), "제목\n");
        assert_eq!(
            document.to_plain_text(usize::MAX / 4),
            "제목\na b\nc\nd e \nf g \nh\n"
        );
    }

    #[test]
    fn depth_and_size_are_no_danger() {
        for markdown in [
            ">".repeat(10_000) + "x",
            "*a ".repeat(20_000) + &" a*".repeat(20_000),
        ] {
            let document = Document::from_text(&markdown);
            assert!(document.to_html().contains('a') || document.to_html().contains('x'));
            assert!(!document.to_plain_text(1).is_empty());
        }
    }
}
