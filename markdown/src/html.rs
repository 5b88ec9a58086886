//! Where HTML blocks begin and end.

/// What ends an HTML block.
#[derive(Clone, Copy, Debug)]
pub(crate) enum HtmlEnd {
    BlankLine,
    Text(&'static str),
}

/// Elements whose tags begin an HTML block wherever they stand (CommonMark 0.31, start condition 6).
const BLOCK_TAGS: &str = "address article aside base basefont blockquote body caption center col colgroup dd details dialog \
    dir div dl dt fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 head header hr html iframe legend li \
    link main menu menuitem nav noframes ol optgroup option p param search section summary table tbody td tfoot th thead \
    title tr track ul";

/// Whether an HTML block begins with this line even where a paragraph is open.
pub(crate) fn begins(line: &str) -> bool {
    let Some(inside) = line.strip_prefix('<') else {
        return false;
    };
    if inside.starts_with("!--") || inside.starts_with('?') || inside.starts_with("![CDATA[") {
        return true;
    }
    if let Some(declaration) = inside.strip_prefix('!') {
        return declaration.starts_with(|c: char| c.is_ascii_alphabetic());
    }
    if matches!(end(line), HtmlEnd::Text(_)) {
        return true;
    }
    let name = inside.strip_prefix('/').unwrap_or(inside);
    let end = name
        .find(|c: char| !c.is_ascii_alphanumeric())
        .unwrap_or(name.len());
    let (name, after) = name.split_at(end);
    let ends = after.is_empty() || after.starts_with([' ', '\t', '>']) || after.starts_with("/>");
    ends && BLOCK_TAGS
        .split(' ')
        .any(|tag| tag.eq_ignore_ascii_case(name))
}

/// What ends the HTML block that begins with `text`.
pub(crate) fn end(text: &str) -> HtmlEnd {
    for (start, end) in [("<!--", "-->"), ("<?", "?>"), ("<![CDATA[", "]]>")] {
        if text.starts_with(start) {
            return HtmlEnd::Text(end);
        }
    }
    if text.starts_with("<!") && text[2..].starts_with(|c: char| c.is_ascii_alphabetic()) {
        return HtmlEnd::Text(">");
    }
    let name_end = |name: &str| {
        let after = text.as_bytes().get(1 + name.len());
        matches!(after, None | Some(b' ' | b'\t' | b'>'))
    };
    for (name, end) in [
        ("pre", "</pre>"),
        ("style", "</style>"),
        ("script", "</script>"),
        ("textarea", "</textarea>"),
    ] {
        let found = text.as_bytes().get(1..=name.len());
        if found.is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes())) && name_end(name)
        {
            return HtmlEnd::Text(end);
        }
    }
    HtmlEnd::BlankLine
}
