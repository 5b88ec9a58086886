//! Raw HTML, which is text here.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// The HTML that an example expects, with the raw HTML of its markdown as text: a block of it is a paragraph.
///
/// What of the markdown is raw HTML, pulldown-cmark tells; it stands in the expected HTML as it is, in the same order.
pub(crate) fn as_text(markdown: &str, html: &str) -> String {
    let mut out = String::new();
    let mut rest = html;
    let mut block: Option<String> = None;
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    for event in Parser::new_ext(markdown, options) {
        match event {
            Event::Start(Tag::HtmlBlock) => block = Some(String::new()),
            Event::Html(text) => block.get_or_insert_default().push_str(&text),
            Event::InlineHtml(text) => replace(&text, "", &mut rest, &mut out),
            Event::End(TagEnd::HtmlBlock) => {
                let text = block.take().unwrap_or_default();
                replace(text.trim_end_matches('\n'), "p", &mut rest, &mut out);
            }
            _ => {}
        }
    }
    out + rest
}

/// Moves what stands before `raw` from `rest` to `out`, and `raw` as text inside of an element.
fn replace(raw: &str, element: &str, rest: &mut &str, out: &mut String) {
    let (before, after) = rest
        .split_once(raw)
        .unwrap_or_else(|| panic!("{raw:?} is not in {rest:?}"));
    out.push_str(before);
    let text = raw.replace('&', "&amp;").replace('<', "&lt;");
    out.push_str(&match element {
        "" => text,
        element => format!("<{element}>{text}</{element}>"),
    });
    *rest = after;
}
