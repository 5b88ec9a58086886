//! XML elements as a tree: names, attributes and children; texts do not occur in a `web.config`.

use std::fmt;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::WebConfigError;

/// Nesting that no `web.config` needs.
const MAX_DEPTH: usize = 64;

#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) name: String,
    attributes: Vec<(String, String)>,
    pub(super) children: Vec<Element>,
}

/// The root element.
pub(super) fn parse(text: &str) -> Result<Element, WebConfigError> {
    let mut reader = Reader::from_str(text);
    let mut open = vec![Element::default()];
    loop {
        match reader.read_event().map_err(xml)? {
            Event::Start(_) if open.len() > MAX_DEPTH => {
                return Err(xml("it is nested too deeply"));
            }
            Event::Start(start) => open.push(Element::read(&start)?),
            Event::Empty(start) => adopt(&mut open, Element::read(&start)?),
            Event::End(_) => {
                let element = open.pop().unwrap_or_default();
                adopt(&mut open, element);
            }
            Event::Eof => break,
            _ => {}
        }
    }
    match open.as_mut_slice() {
        [document] if !document.children.is_empty() => Ok(document.children.swap_remove(0)),
        _ => Err(xml("it has no complete root element")),
    }
}

fn adopt(open: &mut [Element], child: Element) {
    if let Some(parent) = open.last_mut() {
        parent.children.push(child);
    }
}

fn xml(reason: impl ToString) -> WebConfigError {
    WebConfigError::Xml(reason.to_string())
}

impl Element {
    fn read(start: &BytesStart<'_>) -> Result<Self, WebConfigError> {
        let mut element = Self {
            name: start.name().0.to_owned(),
            ..Self::default()
        };
        for attribute in start.attributes() {
            let attribute = attribute.map_err(xml)?;
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(xml)?;
            element
                .attributes
                .push((attribute.key.0.to_owned(), value.into_owned()));
        }
        Ok(element)
    }

    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    pub(super) fn required(&self, attribute: &'static str) -> Result<&str, WebConfigError> {
        let missing = || WebConfigError::MissingAttribute {
            element: self.name.clone(),
            attribute,
        };
        self.attribute(attribute).ok_or_else(missing)
    }

    pub(super) fn is_true(&self, attribute: &str) -> bool {
        self.attribute(attribute)
            .is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    pub(super) fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    /// All elements that the path of names leads to.
    pub(super) fn descend<'a>(
        &'a self,
        path: &'a [&'a str],
    ) -> Box<dyn Iterator<Item = &'a Element> + 'a> {
        match path {
            [] => Box::new(std::iter::once(self)),
            [name, rest @ ..] => Box::new(
                self.children
                    .iter()
                    .filter(move |child| child.name == *name)
                    .flat_map(move |child| child.descend(rest)),
            ),
        }
    }
}

/// The start tag, for error texts.
impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}", self.name)?;
        for (name, value) in &self.attributes {
            write!(f, " {name}=\"{value}\"")?;
        }
        f.write_str(">")
    }
}
