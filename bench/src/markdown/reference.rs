//! What a reader must see in the end: the text of one parse by pulldown-cmark.

use pulldown_cmark::{Event, Options, Parser};

/// The text of the rendered document without blanks.
pub(crate) fn shown(text: &str) -> String {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_FOOTNOTES;
    let events = Parser::new_ext(text, options);
    let shown: String = events
        .filter_map(|event| match event {
            Event::Text(text) | Event::Code(text) => Some(text.into_string()),
            _ => None,
        })
        .collect();
    source(&shown)
}

/// The text itself without blanks.
pub(crate) fn source(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}
