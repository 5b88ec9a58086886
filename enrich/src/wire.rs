//! What page and worker say to each other, as bytes: numbers are LEB128, texts UTF-8 behind their length. Both are of one
//! build, so nothing has a version; what cannot be read is `None`.

use crate::Language;

mod read;
mod write;

use read::Reader;

/// From the page.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// Further lines of a code block.
    Code {
        /// Chosen by the page; another one for each code block.
        block: u32,
        /// The same with all lines of a block.
        language: Language,
        /// Whole lines, each with its end; the block's last one may have none.
        text: String,
    },
    /// No more lines of this block will come.
    Forget {
        /// The block.
        block: u32,
    },
    /// A formula.
    Math {
        /// Chosen by the page.
        id: u32,
        /// In lines of its own.
        display: bool,
        /// TeX, without its delimiters.
        source: String,
    },
}

/// From the worker: an answer to each request but [`Request::Forget`], in the order of the requests.
#[derive(Clone, Debug, PartialEq)]
pub enum Response {
    /// What the text of a [`Request::Code`] is made of, without gaps.
    Code {
        /// That of the request.
        block: u32,
        /// Tokens with their lengths in bytes of UTF-8.
        spans: Vec<(Token, usize)>,
    },
    /// A formula, or nothing if it is none or too large.
    Math {
        /// That of the request.
        id: u32,
        /// Its `math` element.
        tree: Option<Tree>,
    },
}

macro_rules! tokens {
    ($($(#[$doc:meta])* $name:ident $class:literal,)*) => {
        /// What a piece of code is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Token { $($(#[$doc])* $name,)* }

        impl Token {
            const ALL: &[Self] = &[$(Self::$name,)*];

            /// The class of its element; empty for [`Token::Plain`], which needs none.
            pub fn class(self) -> &'static str {
                match self { $(Self::$name => $class,)* }
            }
        }
    };
}

tokens! {
    /// Anything else.
    Plain "",
    /// Comment.
    Comment "tok-comment",
    /// Text in quotes.
    String "tok-string",
    /// Number.
    Number "tok-number",
    /// Named constant or an escape in a text.
    Constant "tok-constant",
    /// Word of the language.
    Keyword "tok-keyword",
    /// Name of a type.
    Type "tok-type",
    /// Name of a function.
    Function "tok-function",
    /// Name of an element.
    Tag "tok-tag",
    /// Name of an attribute, a property or a key.
    Attribute "tok-attribute",
    /// Line of a patch that is new.
    Inserted "tok-inserted",
    /// Line of a patch that is gone.
    Deleted "tok-deleted",
    /// Heading.
    Heading "tok-heading",
}

/// Embeddings, overrides and isolates of Unicode's bidirectional algorithm, and what ends them. Marks of a direction (U+200E,
/// U+200F, U+061C), which Arabic and Hebrew texts need, reorder nothing but their neighbours.
pub fn is_reordering(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// MathML that may be shown. No character of it [reorders](is_reordering) others.
#[derive(Clone, Debug, PartialEq)]
pub enum Tree {
    /// Text.
    Text(String),
    /// An element.
    Element {
        /// Place in [`ELEMENTS`].
        name: usize,
        /// Places in [`ATTRIBUTES`], ascending, and values.
        attributes: Vec<(usize, String)>,
        /// What is inside.
        children: Vec<Tree>,
    },
}

/// The elements of MathML Core that a formula may have: none of them loads or runs anything.
pub const ELEMENTS: &[&str] = &[
    "math",
    "mfrac",
    "mi",
    "mmultiscripts",
    "mn",
    "mo",
    "mover",
    "mpadded",
    "mphantom",
    "mprescripts",
    "mroot",
    "mrow",
    "mspace",
    "msqrt",
    "mstyle",
    "msub",
    "msubsup",
    "msup",
    "mtable",
    "mtd",
    "mtext",
    "mtr",
    "munder",
    "munderover",
];

/// The attributes that they may have.
pub const ATTRIBUTES: &[&str] = &[
    "accent",
    "accentunder",
    "class",
    "columnspan",
    "depth",
    "display",
    "displaystyle",
    "fence",
    "form",
    "height",
    "largeop",
    "linethickness",
    "lspace",
    "mathvariant",
    "maxsize",
    "minsize",
    "movablelimits",
    "rowspan",
    "rspace",
    "scriptlevel",
    "separator",
    "stretchy",
    "symmetric",
    "width",
];

/// Deepest nesting of a tree.
pub const MAX_TREE_DEPTH: usize = 80;

impl Request {
    /// As bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        match self {
            Self::Code {
                block,
                language,
                text,
            } => {
                out.push(0);
                write::number(*block as usize, &mut out);
                write::number(language.number(), &mut out);
                write::text(text, &mut out);
            }
            Self::Forget { block } => {
                out.push(1);
                write::number(*block as usize, &mut out);
            }
            Self::Math {
                id,
                display,
                source,
            } => {
                out.push(if *display { 3 } else { 2 });
                write::number(*id as usize, &mut out);
                write::text(source, &mut out);
            }
        }
        out
    }

    /// From bytes.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        let request = match reader.byte()? {
            0 => Self::Code {
                block: reader.id()?,
                language: Language::from_number(reader.number()?)?,
                text: reader.text()?,
            },
            1 => Self::Forget {
                block: reader.id()?,
            },
            kind @ (2 | 3) => Self::Math {
                id: reader.id()?,
                display: kind == 3,
                source: reader.text()?,
            },
            _ => return None,
        };
        reader.is_at_end().then_some(request)
    }
}

impl Response {
    /// As bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        match self {
            Self::Code { block, spans } => {
                out.push(0);
                write::number(*block as usize, &mut out);
                for (token, length) in spans {
                    out.push(*token as u8);
                    write::number(*length, &mut out);
                }
            }
            Self::Math { id, tree } => {
                out.push(1);
                write::number(*id as usize, &mut out);
                if let Some(tree) = tree {
                    write::tree(tree, &mut out);
                }
            }
        }
        out
    }

    /// From bytes.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        let response = match reader.byte()? {
            0 => {
                let block = reader.id()?;
                let mut spans = Vec::new();
                while !reader.is_at_end() {
                    let token = *Token::ALL.get(usize::from(reader.byte()?))?;
                    spans.push((token, reader.number()?));
                }
                Self::Code { block, spans }
            }
            1 => Self::Math {
                id: reader.id()?,
                tree: if reader.is_at_end() {
                    None
                } else {
                    Some(reader.tree(0)?)
                },
            },
            _ => return None,
        };
        reader.is_at_end().then_some(response)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tree() -> impl Strategy<Value = Tree> {
        let leaf = ".{0,8}".prop_map(Tree::Text);
        leaf.prop_recursive(6, 32, 4, |inner| {
            let attribute = (0..ATTRIBUTES.len(), ".{0,6}");
            (
                0..ELEMENTS.len(),
                prop::collection::vec(attribute, 0..3),
                prop::collection::vec(inner, 0..4),
            )
                .prop_map(|(name, attributes, children)| Tree::Element {
                    name,
                    attributes,
                    children,
                })
        })
    }

    fn response() -> impl Strategy<Value = Response> {
        let span = (prop::sample::select(Token::ALL), 0_usize..100_000);
        prop_oneof![
            (any::<u32>(), prop::collection::vec(span, 0..20))
                .prop_map(|(block, spans)| Response::Code { block, spans }),
            (any::<u32>(), prop::option::of(tree()))
                .prop_map(|(id, tree)| Response::Math { id, tree }),
        ]
    }

    fn request() -> impl Strategy<Value = Request> {
        let language = prop::sample::select(vec!["rust", "python", "tex"]);
        prop_oneof![
            (any::<u32>(), language, ".*").prop_map(|(block, label, text)| Request::Code {
                block,
                language: Language::of(label).expect("known"),
                text
            }),
            any::<u32>().prop_map(|block| Request::Forget { block }),
            (any::<u32>(), any::<bool>(), ".*").prop_map(|(id, display, source)| Request::Math {
                id,
                display,
                source
            }),
        ]
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(request in request(), response in response()) {
            prop_assert_eq!(Request::decode(&request.encode()), Some(request));
            prop_assert_eq!(Response::decode(&response.encode()), Some(response));
        }

        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            _ = Request::decode(&bytes);
            _ = Response::decode(&bytes);
        }

        #[test]
        fn a_message_that_was_cut_or_lengthened_is_none_or_another(response in response(), cut in 0_usize..64) {
            let bytes = response.encode();
            if cut < bytes.len() {
                prop_assert_ne!(Response::decode(&bytes[..cut]), Some(response));
            }
        }
    }

    #[test]
    fn a_tree_that_is_too_deep_is_refused() {
        let mut tree = Tree::Text(String::new());
        for _ in 0..MAX_TREE_DEPTH + 1 {
            tree = Tree::Element {
                name: 0,
                attributes: Vec::new(),
                children: vec![tree],
            };
        }
        let bytes = Response::Math {
            id: 1,
            tree: Some(tree),
        }
        .encode();
        assert_eq!(Response::decode(&bytes), None);
    }

    #[test]
    fn what_loads_or_links_or_styles_cannot_be_said() {
        for name in [
            "a",
            "script",
            "style",
            "annotation-xml",
            "semantics",
            "maction",
            "mglyph",
            "img",
            "merror",
        ] {
            assert!(!ELEMENTS.contains(&name), "{name}");
        }
        for name in ["href", "style", "src", "actiontype", "id", "xlink:href"] {
            assert!(!ATTRIBUTES.contains(&name), "{name}");
        }
        assert!(ATTRIBUTES.iter().all(|name| !name.starts_with("on")));
    }
}
