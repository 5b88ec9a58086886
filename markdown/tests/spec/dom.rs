//! HTML as a reader gets it: two texts are equal here when they show the same.
//!
//! What this leaves out, because it is ours everywhere and has tests of its own: how a link opens, that its text is isolated
//! and where a misleading one leads; that a table scrolls; the bars of code and tables; anchors of headings; names for screen
//! readers. And what of an address and of markup is refused everywhere:
//!
//! | in the specification | here |
//! | --- | --- |
//! | a link to anything but `http`, `https` or `mailto`, a relative one too | its text: an answer has no page of ours to refer to |
//! | an image | a button with its description and its host; one that could not be loaded is its description |
//! | the blank behind a task's box | a margin |
//! | the title of a link or an image | absent: what is shown beside a link is where it leads |

use percent_encoding::percent_decode_str;
use scraper::{ElementRef, Html, Node, Selector};

/// A node without what nobody sees.
#[derive(Debug)]
enum Dom {
    Text(String),
    Element {
        name: String,
        attributes: String,
        children: Vec<Dom>,
    },
}

/// What our HTML shows.
pub(crate) fn shown(html: &str) -> String {
    canonical(html, ours)
}

/// What the HTML of a specification is to show.
pub(crate) fn expected(html: &str) -> String {
    canonical(html, theirs)
}

type Rule = fn(ElementRef<'_>, Vec<Dom>) -> Vec<Dom>;

fn canonical(html: &str, rule: Rule) -> String {
    let html = Html::parse_fragment(html);
    let mut out = String::new();
    write(&read(html.root_element(), rule), Edge::Block, &mut out);
    out
}

fn read(parent: ElementRef<'_>, rule: Rule) -> Vec<Dom> {
    let mut nodes: Vec<Dom> = Vec::new();
    for child in parent.children() {
        let found = match child.value() {
            Node::Text(text) => vec![Dom::Text(text.to_string())],
            Node::Element(_) => ElementRef::wrap(child)
                .map(|element| rule(element, read(element, rule)))
                .unwrap_or_default(),
            _ => Vec::new(),
        };
        for node in found {
            match (nodes.last_mut(), node) {
                (Some(Dom::Text(before)), Dom::Text(text)) => before.push_str(&text),
                (_, node) => nodes.push(node),
            }
        }
    }
    nodes
}

fn ours(element: ElementRef<'_>, children: Vec<Dom>) -> Vec<Dom> {
    let class = element.attr("class").unwrap_or_default();
    let class = class.split(' ').next().unwrap_or_default();
    match (element.value().name(), class) {
        ("bdi", _) | ("span", "md-slab" | "md-control") => children,
        ("div", "md-group" | "md-table" | "md-table-frame" | "md-heading") => children,
        ("a", "md-anchor") | ("div", "md-table-bar") | ("span", "md-link-host") => Vec::new(),
        ("a", _) => vec![link(element, children)],
        ("div", "md-code") => vec![code_block(element)],
        ("button", "md-image-load") => {
            let text = |class| part(element, class).unwrap_or_default();
            image(&text(".md-image-alt"), &text(".md-image-host bdi"))
        }
        _ => plain(element, children),
    }
}

fn theirs(element: ElementRef<'_>, children: Vec<Dom>) -> Vec<Dom> {
    let is_web = |address: &str| address.starts_with("http://") || address.starts_with("https://");
    match element.value().name() {
        "a" => {
            let address = element.attr("href").unwrap_or_default().to_lowercase();
            if is_web(&address) || address.starts_with("mailto:") {
                vec![link(element, children)]
            } else {
                children
            }
        }
        "img" => {
            let alt = element.attr("alt").unwrap_or_default();
            let source = element.attr("src").unwrap_or_default();
            if !is_web(source) {
                return vec![Dom::Text(alt.to_owned())];
            }
            image(alt, source.split('/').nth(2).unwrap_or_default())
        }
        _ => plain(element, children),
    }
}

fn link(element: ElementRef<'_>, children: Vec<Dom>) -> Dom {
    let address = element.attr("href").unwrap_or_default();
    let address = percent_decode_str(address).decode_utf8_lossy();
    // Browsers read a scheme in any case.
    let address = match address.split_once(':') {
        Some((scheme, rest)) => format!("{}:{rest}", scheme.to_lowercase()),
        None => address.into_owned(),
    };
    Dom::Element {
        name: "a".to_owned(),
        attributes: format!(" href={address:?}"),
        children,
    }
}

fn image(alt: &str, host: &str) -> Vec<Dom> {
    vec![Dom::Element {
        name: "img".to_owned(),
        attributes: format!(" alt={alt:?} host={host:?}"),
        children: Vec::new(),
    }]
}

/// The text of the first element in `element` that a selector finds.
fn part(element: ElementRef<'_>, selector: &str) -> Option<String> {
    let selector = Selector::parse(selector).expect("a selector");
    let found = element.select(&selector).next()?;
    Some(found.text().collect())
}

fn code_block(element: ElementRef<'_>) -> Dom {
    let language = part(element, ".md-code-language").unwrap_or_default();
    let text = part(element, "pre code").expect("code");
    let attributes = match language.as_str() {
        "" => String::new(),
        language => format!(" class=\"language-{language}\""),
    };
    let code = Dom::Element {
        name: "code".to_owned(),
        attributes,
        children: vec![Dom::Text(text)],
    };
    Dom::Element {
        name: "pre".to_owned(),
        attributes: String::new(),
        children: vec![code],
    }
}

/// An element with those of its attributes that say something.
fn plain(element: ElementRef<'_>, children: Vec<Dom>) -> Vec<Dom> {
    let name = element.value().name();
    let is_element = |node: &Dom| matches!(node, Dom::Element { .. });
    if name == "tbody" && !children.iter().any(is_element) {
        return Vec::new();
    }
    let attribute = |name: &str| match element.attr(name) {
        Some(value) => format!(" {name}={value:?}"),
        None => String::new(),
    };
    let attributes = match name {
        "ol" => attribute("start"),
        "code" => attribute("class"),
        "td" | "th" => align(element),
        "input" => attribute("type") + element.attr("checked").map_or("", |_| " checked"),
        _ => String::new(),
    };
    vec![Dom::Element {
        name: name.to_owned(),
        attributes,
        children,
    }]
}

fn align(cell: ElementRef<'_>) -> String {
    let said = ["align", "style", "class"].map(|name| cell.attr(name).unwrap_or_default());
    let side = ["left", "center", "right"];
    let found = side.into_iter().find(|side| said.concat().contains(side));
    found.map_or_else(String::new, |side| format!(" align={side}"))
}

/// What stands beside a node, on which it depends whether blanks between them show.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Edge {
    Block,
    Inline,
    /// Inside of preformatted text.
    Verbatim,
}

fn write(nodes: &[Dom], edge: Edge, out: &mut String) {
    for (i, node) in nodes.iter().enumerate() {
        match node {
            Dom::Text(text) if edge == Edge::Verbatim => out.push_str(text),
            Dom::Text(text) => {
                let before = i.checked_sub(1).and_then(|i| nodes.get(i));
                let text = collapsed(text);
                let text = if ends_line(before, edge) {
                    text.trim_start()
                } else {
                    &text
                };
                let after = nodes.get(i + 1);
                out.push_str(if ends_line(after, edge) {
                    text.trim_end()
                } else {
                    text
                });
            }
            Dom::Element {
                name,
                attributes,
                children,
            } => {
                let is_block = !is_inline(name);
                out.push_str(&format!("<{name}{attributes}>"));
                let inside = match edge {
                    Edge::Verbatim => edge,
                    _ if name == "pre" || name == "code" => Edge::Verbatim,
                    _ if is_block => Edge::Block,
                    _ => Edge::Inline,
                };
                write(children, inside, out);
                out.push_str(&format!("</{name}>"));
                if is_block {
                    out.push('\n');
                }
            }
        }
    }
}

/// Whether blanks beside `neighbour` are not shown; beside nothing it depends on the element around.
fn ends_line(neighbour: Option<&Dom>, edge: Edge) -> bool {
    match neighbour {
        Some(Dom::Element { name, .. }) => {
            matches!(name.as_str(), "br" | "input") || !is_inline(name)
        }
        Some(Dom::Text(_)) => false,
        None => edge == Edge::Block,
    }
}

fn is_inline(name: &str) -> bool {
    matches!(
        name,
        "a" | "em" | "strong" | "del" | "code" | "img" | "br" | "input" | "sup" | "span"
    )
}

fn collapsed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let is_blank = matches!(c, ' ' | '\n' | '\t' | '\r');
        if !is_blank {
            out.push(c);
        } else if !out.ends_with(' ') {
            out.push(' ');
        }
    }
    out
}

#[test]
fn texts_that_show_the_same_are_equal_and_others_are_not() {
    assert_eq!(
        expected("<ul>\n<li>\n<p>a\nb</p>\n</li>\n</ul>"),
        expected("<ul><li><p>a b </p></li></ul>")
    );
    for (a, b) in [
        ("<p>a<em> b</em></p>", "<p>a<em>b</em></p>"),
        ("<pre><code>a\n</code></pre>", "<pre><code>a</code></pre>"),
        ("<ul><li>a</li></ul>", "<ul><li><p>a</p></li></ul>"),
        ("<p>a<br>b</p>", "<p>a b</p>"),
        ("<td align=\"left\">a</td>", "<td>a</td>"),
        ("<p><a href=\"http://a\">a</a></p>", "<p>a</p>"),
    ] {
        let table = |html: &str| match html.strip_prefix("<td") {
            Some(cell) => format!("<table><tr><td{cell}</tr></table>"),
            None => html.to_owned(),
        };
        assert_ne!(expected(&table(a)), expected(&table(b)), "{a}");
    }
}
