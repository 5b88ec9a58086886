//! TeX to MathML. The renderer writes text, of which a tree is made that can hold nothing but allowed elements.

use std::io::{self, Write};

use pulldown_latex::{Event as Tex, Parser, RenderConfig, Storage, config::DisplayMode};
use quick_xml::{
    Reader,
    events::{BytesRef, BytesStart, Event},
};

use crate::wire::{ATTRIBUTES, ELEMENTS, MAX_TREE_DEPTH, Tree, is_reordering};

/// Longest formula in bytes.
pub const MAX_SOURCE: usize = 8 * 1024;
/// Largest MathML in bytes.
pub const MAX_OUTPUT: usize = 256 * 1024;
/// Deepest nesting of groups and commands.
pub const MAX_DEPTH: usize = 96;
/// Most events of one formula: definitions can make a thousand of one character.
const MAX_EVENTS: usize = 32 * 1024;

/// The `math` element of a formula; nothing if it has an error or goes beyond a limit.
pub(crate) fn convert(source: &str, display: bool) -> Option<Tree> {
    if source.len() > MAX_SOURCE || depth(source) > MAX_DEPTH {
        return None;
    }
    // The renderer has no boxes; what models put into them are results.
    let source = source
        .replace(r"\boxed{", "{")
        .replace(r"\fbox{", r"\text{");
    let storage = Storage::new();
    let mut events = Vec::new();
    for event in Parser::new(&source, &storage) {
        if events.len() >= MAX_EVENTS {
            return None;
        }
        events.push(event.ok()?);
    }
    let config = RenderConfig {
        display_mode: if display {
            DisplayMode::Block
        } else {
            DisplayMode::Inline
        },
        ..RenderConfig::default()
    };
    let mut markup = Bounded(Vec::new());
    let events = events.into_iter().map(Ok::<Tex<'_>, io::Error>);
    pulldown_latex::write_mathml(&mut markup, events, config).ok()?;
    tree(&well_formed(&String::from_utf8(markup.0).ok()?))
}

/// The renderer writes HTML: it escapes no operator, and forgets a blank before an attribute.
fn well_formed(markup: &str) -> String {
    markup
        .replace("\"minsize=", "\" minsize=")
        .replace("><</", ">&lt;</")
        .replace("><\u{338}</", ">&lt;\u{338}</")
        .replace(">&</", ">&amp;</")
}

/// Refuses what goes beyond [`MAX_OUTPUT`].
struct Bounded(Vec<u8>);

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MAX_OUTPUT {
            return Err(io::ErrorKind::OutOfMemory.into());
        }
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The nesting, at least: a command may take the next one as its argument.
fn depth(source: &str) -> usize {
    let mut deepest = 0;
    let mut depth = 0;
    let mut groups = Vec::new();
    let mut rest = source.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\\' => {
                depth += 1;
                while rest.next_if(char::is_ascii_alphabetic).is_some() {}
            }
            '{' => {
                groups.push(depth);
                depth += 1;
            }
            '}' => depth = groups.pop().unwrap_or(0),
            '^' | '_' => depth += 1,
            c if c.is_whitespace() => {}
            _ => depth = groups.last().map_or(0, |group| group + 1),
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// An element that is open: place, attributes, children.
type Open = (usize, Vec<(usize, String)>, Vec<Tree>);

fn tree(markup: &str) -> Option<Tree> {
    let mut reader = Reader::from_str(markup);
    let mut open: Vec<Open> = Vec::new();
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) if open.len() < MAX_TREE_DEPTH => open.push(element(&start)?),
            Event::Empty(start) => {
                let element = closed(element(&start)?);
                open.last_mut()?.2.push(element);
            }
            Event::End(_) => {
                let element = closed(open.pop()?);
                match open.last_mut() {
                    Some(parent) => parent.2.push(element),
                    None => return Some(element),
                }
            }
            Event::Text(text) => push_text(open.last_mut()?, &text)?,
            Event::GeneralRef(reference) => {
                let c = character(&reference)?;
                push_text(open.last_mut()?, c.encode_utf8(&mut [0; 4]))?;
            }
            _ => return None,
        }
    }
}

fn element(start: &BytesStart<'_>) -> Option<Open> {
    let name = start.name();
    let name = ELEMENTS
        .iter()
        .position(|known| **known == *name.as_ref())?;
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.ok()?;
        let key = attribute.key.as_ref();
        // `style` is left out: it colours and moves, and the page's policy refuses it.
        let Some(key) = ATTRIBUTES.iter().position(|known| **known == *key) else {
            continue;
        };
        let value = attribute.value.into_owned();
        if is_harmless(&value) {
            attributes.push((key, value));
        }
    }
    attributes.sort_unstable();
    attributes.dedup_by_key(|attribute| attribute.0);
    Some((name, attributes, Vec::new()))
}

/// Lengths, words and numbers: what the attributes of MathML Core are made of.
fn is_harmless(value: &str) -> bool {
    let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '.' | '-' | '+' | '%');
    value.len() <= 64 && value.chars().all(known)
}

fn closed((name, attributes, children): Open) -> Tree {
    Tree::Element {
        name,
        attributes,
        children,
    }
}

/// A formula has no use for a character that reorders others; its source shows it for what it is.
fn push_text(parent: &mut Open, text: &str) -> Option<()> {
    if text.contains(is_reordering) {
        return None;
    }
    match parent.2.last_mut() {
        Some(Tree::Text(last)) => last.push_str(text),
        _ => parent.2.push(Tree::Text(text.to_owned())),
    }
    Some(())
}

fn character(reference: &BytesRef<'_>) -> Option<char> {
    if let Some(c) = reference.resolve_char_ref().ok()? {
        return Some(c);
    }
    match reference.as_ref() {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => None,
    }
}
