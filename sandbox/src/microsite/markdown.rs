//! Foreign markdown as markup of ours: each tag is written here, each text escaped by maud, and nothing else gets through.
//! Pictures are not loaded: they become links.

use maud::{Markup, PreEscaped, Render as _, html};
use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

/// Which constructs are marked up; the text of all others stays.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Subset {
    /// What AICON's editor of start messages has: bold, italic, lists, links.
    StartMessage,
    /// An answer of output type "Markdown (rich text)".
    Answer,
}

/// The markup of a markdown text.
pub(super) fn render(text: &str, subset: Subset) -> Markup {
    let mut options = Options::empty();
    if subset == Subset::Answer {
        options =
            Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    }
    let mut writer = Writer {
        html: String::with_capacity(text.len() * 2),
        subset,
        open_links: Vec::new(),
        in_head: false,
    };
    for event in Parser::new_ext(text, options) {
        writer.event(event);
    }
    PreEscaped(writer.html)
}

struct Writer {
    html: String,
    subset: Subset,
    /// Whether the links and pictures that are open were written as links.
    open_links: Vec<bool>,
    in_head: bool,
}

impl Writer {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Code(text) if self.is_full() => {
                self.html.push_str(&html! { code { (&*text) } }.0)
            }
            // Markup in a text is text.
            Event::Text(text)
            | Event::Code(text)
            | Event::Html(text)
            | Event::InlineHtml(text)
            | Event::InlineMath(text)
            | Event::DisplayMath(text)
            | Event::FootnoteReference(text) => text.render_to(&mut self.html),
            Event::SoftBreak => self.html.push('\n'),
            Event::HardBreak => self.html.push_str("<br>"),
            Event::Rule => self
                .html
                .push_str(if self.is_full() { "<hr>" } else { "<br>" }),
            Event::TaskListMarker(done) => self.html.push_str(if done { "☑ " } else { "☐ " }),
        }
    }

    fn is_full(&self) -> bool {
        self.subset == Subset::Answer
    }

    fn start(&mut self, tag: Tag<'_>) {
        let open = match tag {
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => {
                return self.open_link(&dest_url);
            }
            Tag::CodeBlock(kind) if self.is_full() => return self.open_code(&kind),
            Tag::TableHead => {
                self.in_head = true;
                "<thead><tr>"
            }
            Tag::TableCell if self.in_head => "<th>",
            Tag::List(Some(first)) => {
                let list = html! { ol start=(first) {} }.0;
                self.html.push_str(list.trim_end_matches("</ol>"));
                return;
            }
            other => self.name(&other.to_end()).map_or("", |(open, _)| open),
        };
        self.html.push_str(open);
    }

    fn end(&mut self, tag: TagEnd) {
        let close = match tag {
            TagEnd::Link | TagEnd::Image => match self.open_links.pop() {
                Some(true) => "</a>",
                _ => "",
            },
            TagEnd::TableHead => {
                self.in_head = false;
                "</tr></thead>"
            }
            TagEnd::TableCell if self.in_head => "</th>",
            TagEnd::List(true) => "</ol>",
            other => self.name(&other).map_or("", |(_, close)| close),
        };
        self.html.push_str(close);
    }

    /// Both tags of what is marked up the same way each time.
    fn name(&self, tag: &TagEnd) -> Option<(&'static str, &'static str)> {
        let simple = match tag {
            TagEnd::Paragraph => ("<p>", "</p>"),
            TagEnd::Strong => ("<strong>", "</strong>"),
            TagEnd::Emphasis => ("<em>", "</em>"),
            TagEnd::List(_) => ("<ul>", "</ul>"),
            TagEnd::Item => ("<li>", "</li>"),
            // Blocks that the subset has no name for are paragraphs.
            TagEnd::Heading(_) | TagEnd::CodeBlock | TagEnd::HtmlBlock if !self.is_full() => {
                ("<p>", "</p>")
            }
            _ if !self.is_full() => return None,
            // The page has its own first and second headings.
            TagEnd::Heading(HeadingLevel::H1 | HeadingLevel::H2) => ("<h3>", "</h3>"),
            TagEnd::Heading(_) => ("<h4>", "</h4>"),
            TagEnd::BlockQuote(_) => ("<blockquote>", "</blockquote>"),
            TagEnd::CodeBlock => ("<pre><code>", "</code></pre>"),
            TagEnd::HtmlBlock => ("<p>", "</p>"),
            TagEnd::Strikethrough => ("<s>", "</s>"),
            TagEnd::Table => ("<div class=\"scroll\"><table>", "</table></div>"),
            TagEnd::TableRow => ("<tr>", "</tr>"),
            TagEnd::TableCell => ("<td>", "</td>"),
            _ => return None,
        };
        Some(simple)
    }

    fn open_code(&mut self, kind: &CodeBlockKind<'_>) {
        let language = match kind {
            CodeBlockKind::Fenced(language) => &**language,
            CodeBlockKind::Indented => "",
        };
        let block = html! { pre data-language=(language) { code {} } }.0;
        self.html.push_str(block.trim_end_matches("</code></pre>"));
    }

    fn open_link(&mut self, url: &str) {
        let is_safe = is_safe_link(url);
        self.open_links.push(is_safe);
        if is_safe {
            let link =
                html! { a href=(url) rel="noopener noreferrer nofollow" target="_blank" {} }.0;
            self.html.push_str(link.trim_end_matches("</a>"));
        }
    }
}

/// Somewhere else, by name: nothing relative, nothing that runs.
fn is_safe_link(url: &str) -> bool {
    url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https" | "mailto"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_answer_keeps_its_structure() {
        let html = render(
            "# A\n\n**b** *c* `d`\n\n1. e\n\n| f |\n|---|\n| g |\n\n```rust\nh<i>\n```\n",
            Subset::Answer,
        )
        .0;
        for part in [
            "<h3>A</h3>",
            "<strong>b</strong> <em>c</em> <code>d</code>",
            "<ol start=\"1\"><li>e</li>",
            "<th>f</th>",
            "<td>g</td>",
            "<pre data-language=\"rust\"><code>h&lt;i&gt;\n</code></pre>",
        ] {
            assert!(html.contains(part), "{part} is missing in {html}");
        }
    }

    #[test]
    fn a_start_message_has_bold_italic_lists_and_links_and_no_more() {
        let html = render(
            "# A\n\n**b** *c* [d](https://e.example)\n\n- f\n\n> g\n\n`h`",
            Subset::StartMessage,
        )
        .0;
        assert_eq!(
            html,
            "<p>A</p><p><strong>b</strong> <em>c</em> <a href=\"https://e.example\" rel=\"noopener noreferrer nofollow\" \
             target=\"_blank\">d</a></p><ul><li>f</li></ul><p>g</p><p>h</p>"
        );
    }

    #[test]
    fn what_runs_or_loads_stays_text() {
        for hostile in [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "a <svg onload=alert(1)> b",
            "[x](javascript:alert(1))",
            "[x](JaVaScRiPt:alert(1))",
            "[x](java&#10;script:alert(1))",
            "[x](data:text/html,1)",
            "![x](https://tracker.example/p.png)",
            "<https://a.example/\"onclick=alert(1)>",
            "```\"><script>\nx\n```",
        ] {
            for subset in [Subset::StartMessage, Subset::Answer] {
                assert_harmless(&render(hostile, subset).0, hostile);
            }
        }
    }

    /// Reads the markup back: only our tags, and links to elsewhere.
    fn assert_harmless(html: &str, from: &str) {
        let mut rest = html;
        while let Some((_, after)) = rest.split_once('<') {
            let (tag, after) = after.split_once('>').expect("every tag is closed");
            let name: String = tag
                .trim_start_matches('/')
                .chars()
                .take_while(char::is_ascii_alphanumeric)
                .collect();
            let known = [
                "p",
                "strong",
                "em",
                "ul",
                "ol",
                "li",
                "a",
                "br",
                "hr",
                "h3",
                "h4",
                "blockquote",
                "pre",
                "code",
                "s",
                "div",
                "table",
                "thead",
                "tr",
                "th",
                "td",
            ];
            assert!(known.contains(&name.as_str()), "{tag} from {from}");
            if let Some(url) = tag.strip_prefix("a href=\"") {
                let is_elsewhere = ["http://", "https://", "mailto:"]
                    .iter()
                    .any(|scheme| url.to_ascii_lowercase().starts_with(scheme));
                assert!(is_elsewhere, "{tag} from {from}");
            }
            rest = after;
        }
    }

    proptest! {
        #[test]
        fn whatever_is_written_only_our_tags_come_out(text in "[\\[\\]()<>\"'`*_#!|&;:/a-z \n-]{0,200}") {
            for subset in [Subset::StartMessage, Subset::Answer] {
                assert_harmless(&render(&text, subset).0, &text);
            }
        }
    }
}
