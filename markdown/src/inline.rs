use std::{collections::BTreeMap, rc::Rc};

use pulldown_cmark::{BrokenLink, CodeBlockKind, CowStr, Event, LinkType, Options, Parser, Tag};
use unicase::UniCase;
use yew::AttrValue;

use crate::{
    block::{Node, Referring},
    build::{Builder, FOOTNOTE, owned},
    footnote::{self, Footnotes},
    guard::{INDENT, guard, guard_lines},
    math::{self, Hidden},
};

/// Missing where the brackets of a reference are left out until the end; no label is like this.
const PROVISIONAL: &str = "^]";

/// Turns running text into nodes and knows what its references mean.
///
/// The parser sees text only, never blocks; references are resolved here, because their definitions come at any time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Inline {
    definitions: Rc<BTreeMap<UniCase<String>, Rc<str>>>,
    pub(crate) footnotes: Rc<Footnotes>,
    /// Bytes of the document that were given to the parser.
    pub(crate) bytes_parsed: usize,
    /// Shows unfinished text: nothing is given to the parser.
    pub(crate) preview: bool,
    /// Bytes that may be parsed again before the document is complete.
    pub(crate) allowance: usize,
    /// Something was not parsed again for want of that.
    pub(crate) is_short: bool,
    /// The document is complete: what is not defined now is text.
    pub(crate) complete: bool,
    /// Labels that were not defined when they were met, since they were last taken.
    pub(crate) missing: Vec<Box<str>>,
    /// Labels that were defined since they were last taken.
    pub(crate) defined: Vec<Box<str>>,
}

impl Inline {
    /// Parses a piece of a paragraph, a heading or a cell.
    pub(crate) fn parse(&mut self, source: &str) -> Vec<Node> {
        let (nodes, lookup) = self.run(source);
        if !lookup.asked {
            return nodes;
        }
        self.missing.extend(lookup.missing.iter().cloned());
        vec![Node::Referring(Rc::new(Referring {
            nodes,
            source: source.into(),
            missing: lookup.missing,
            first: lookup.first,
        }))]
    }

    /// Parses again what could not be resolved, if it can now.
    pub(crate) fn resolve(&mut self, old: &Referring) -> Option<Rc<Referring>> {
        if !old.missing.iter().any(|label| self.changed(label)) {
            return None;
        }
        if !self.complete && old.source.len() > self.allowance {
            self.is_short = true;
            return None;
        }
        self.allowance = self.allowance.saturating_sub(old.source.len());
        for number in &old.first {
            footnote::forget(&mut self.footnotes, *number);
        }
        let (nodes, lookup) = self.run(&old.source);
        Some(Rc::new(Referring {
            nodes,
            source: old.source.clone(),
            missing: lookup.missing,
            first: lookup.first,
        }))
    }

    /// Notes a link reference definition; the first one of a label holds.
    pub(crate) fn define(&mut self, label: &str, destination: &str) {
        let key = UniCase::new(label.to_owned());
        if !self.preview && !self.definitions.contains_key(&key) {
            Rc::make_mut(&mut self.definitions).insert(key, destination.into());
            self.defined.push(label.into());
        }
    }

    /// Splits link reference definitions off a paragraph and returns what follows them.
    pub(crate) fn take_definitions<'a>(&mut self, paragraph: &'a str) -> &'a str {
        let guarded = guard_lines(paragraph);
        self.bytes_parsed += paragraph.len();
        let parser = Parser::new(&guarded);
        let found: Vec<(String, String)> = parser
            .reference_definitions()
            .iter()
            .map(|(label, definition)| (label.to_owned(), definition.dest.to_string()))
            .collect();
        let rest = match parser.into_offset_iter().next() {
            Some((_, range)) => guarded.len() - range.start,
            None => 0,
        };
        if found.is_empty() {
            return paragraph;
        }
        for (label, destination) in found {
            self.define(&label, &destination);
        }
        let inserted = guarded[guarded.len() - rest..]
            .matches(&format!("\n{INDENT}"))
            .count()
            * INDENT.len();
        let rest = rest.saturating_sub(inserted).min(paragraph.len());
        paragraph[paragraph.ceil_char_boundary(paragraph.len() - rest)..].trim_start()
    }

    /// For unfinished text.
    pub(crate) fn previewing() -> Self {
        Self {
            preview: true,
            ..Self::default()
        }
    }

    /// The first word of a fence's info string.
    pub(crate) fn language(&mut self, info: &str) -> AttrValue {
        let end = info.find([' ', ',', '\t']);
        let word = &info[..end.unwrap_or(info.len())];
        if !word.contains(['\\', '&']) || self.preview {
            return owned(word);
        }
        self.bytes_parsed += word.len();
        let mut text = String::from("~~~ ");
        text.push_str(word);
        match Parser::new(&text).next() {
            Some(Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info)))) => owned(&info),
            _ => owned(word),
        }
    }

    /// Whether an HTML block begins with this line, which is nothing but a tag.
    pub(crate) fn begins_html(&mut self, line: &str) -> bool {
        let tag = line
            .strip_prefix('<')
            .is_some_and(|tag| tag.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/'));
        if self.preview || !tag || !line.trim_end_matches([' ', '\t']).ends_with('>') {
            return false;
        }
        self.bytes_parsed += line.len();
        let first = Parser::new(line).next();
        matches!(first, Some(Event::Start(Tag::HtmlBlock)))
    }

    /// The number of the footnote that is defined now, and whether it was referred to before.
    pub(crate) fn define_footnote(&mut self, label: &str) -> Option<(u32, bool)> {
        let number = footnote::number(&mut self.footnotes, label)?;
        footnote::define(&mut self.footnotes, number);
        Some((number, footnote::is_referenced(&self.footnotes, number)))
    }

    /// Whether a link's label is defined.
    pub(crate) fn is_known(&self, label: &str) -> bool {
        self.destination(label).is_some()
    }

    fn changed(&self, label: &str) -> bool {
        match label.strip_prefix('^') {
            Some(note) if self.complete => !self.is_footnote(note) || self.is_known(label),
            _ => self.is_known(label),
        }
    }

    fn is_footnote(&self, label: &str) -> bool {
        footnote::find(&self.footnotes, label)
            .is_some_and(|number| footnote::is_defined(&self.footnotes, number))
    }

    fn destination(&self, label: &str) -> Option<&Rc<str>> {
        self.definitions.get(&UniCase::new(label.to_owned()))
    }

    fn run(&mut self, source: &str) -> (Vec<Node>, Lookup) {
        self.bytes_parsed += source.len();
        let hidden = Rc::new(math::hide(source).unwrap_or_default());
        let source = hidden.text_or(source);
        let guarded = guard(source);
        let mut lookup = Lookup::default();
        let answer = |link: BrokenLink<'_>| self.answer(&link, &hidden, &mut lookup);
        let mut builder = Builder::new(source, &guarded, Rc::clone(&hidden));
        let options = Options::ENABLE_STRIKETHROUGH;
        let mut noted = Vec::new();
        let parser = Parser::new_with_broken_link_callback(&guarded, options, Some(answer));
        for event in parser {
            builder.event(&event, &mut noted);
        }
        let mut nodes = builder.done;
        self.number(&mut nodes, &noted, &mut lookup);
        (nodes, lookup)
    }

    /// What a reference leads to.
    fn answer<'a>(
        &self,
        link: &BrokenLink<'_>,
        hidden: &Hidden,
        lookup: &mut Lookup,
    ) -> Option<(CowStr<'a>, CowStr<'a>)> {
        lookup.asked = true;
        let label = &*hidden.restored(&link.reference);
        let known = match label.strip_prefix('^') {
            Some(note)
                if link.link_type == LinkType::Shortcut
                    && note.trim() == note
                    && !note.is_empty() =>
            {
                return self.answer_footnote(note, label, lookup);
            }
            _ => self.destination(label),
        };
        if let Some(known) = known {
            return Some((CowStr::from(String::from(&**known)), CowStr::Borrowed("")));
        }
        lookup.missing.push(label.into());
        // Two pairs of brackets are meant as a link: its text is shown until it is clear that nothing defines it.
        let is_meant = !self.complete && link.link_type != LinkType::Shortcut;
        is_meant.then(|| {
            lookup.missing.push(PROVISIONAL.into());
            (CowStr::Borrowed(""), CowStr::Borrowed(""))
        })
    }

    fn answer_footnote<'a>(
        &self,
        note: &str,
        label: &str,
        lookup: &mut Lookup,
    ) -> Option<(CowStr<'a>, CowStr<'a>)> {
        let defined = self.is_footnote(note);
        if !defined {
            lookup.missing.push(label.into());
        }
        let shown = defined || !self.complete && footnote::has_room(&self.footnotes);
        shown.then_some((CowStr::Borrowed(FOOTNOTE), CowStr::Borrowed("")))
    }

    /// Gives the footnotes that were referred to their numbers.
    fn number(&mut self, nodes: &mut [Node], noted: &[String], lookup: &mut Lookup) {
        if noted.is_empty() {
            return;
        }
        let numbers: Vec<_> = noted
            .iter()
            .map(|label| {
                let number = footnote::number(&mut self.footnotes, label)?;
                let first = footnote::refer(&mut self.footnotes, number);
                if first {
                    lookup.first.push(number);
                }
                Some((number, first))
            })
            .collect();
        number_nodes(nodes, noted, &numbers);
    }
}

#[derive(Default)]
struct Lookup {
    asked: bool,
    missing: Vec<Box<str>>,
    first: Vec<u32>,
}

/// Replaces references that carry their place in `noted` by those that carry their number.
fn number_nodes(nodes: &mut [Node], noted: &[String], numbers: &[Option<(u32, bool)>]) {
    for node in nodes {
        match node {
            Node::FootnoteReference { number, .. } => {
                let place = *number as usize;
                *node = match numbers[place] {
                    Some((number, first)) => Node::FootnoteReference { number, first },
                    None => {
                        let mut text = String::from("[^");
                        text.push_str(&noted[place]);
                        text.push(']');
                        Node::Text(text.into())
                    }
                };
            }
            Node::Element(kind, children) => {
                let mut inside = children.to_vec();
                number_nodes(&mut inside, noted, numbers);
                *node = Node::Element(kind.clone(), inside.into());
            }
            _ => {}
        }
    }
}
