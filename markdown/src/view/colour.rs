//! Coloured code. The lines of a code block are sent to the worker once, and what comes back is a chunk that is built once.

use std::rc::Rc;

use aicon_enrich::{Language, wire::Token};
use yew::{AttrValue, Callback, virtual_dom::VNode};

use super::{
    direction::{foreign, is_hidden},
    part::{Shared, Shown, part},
    tag::{keyed, list, tag},
};
use crate::{
    block::CodeBlock,
    enricher::{Enricher, Spans},
};

/// Most bytes that are sent at once: what comes back is built in one go.
const MAX_REQUEST: usize = 4 * 1024;
/// A chunk of fewer bytes takes in the next one.
const SMALL_CHUNK: usize = 1024;
/// Bytes of a code block that are coloured; the rest stays plain.
const MAX_COLOURED: usize = 256 * 1024;
/// Keys of plain pieces begin here: there are fewer chunks.
const PLAIN_KEYS: usize = 1 << 20;

/// How far a code block is coloured.
pub(super) struct Colouring {
    /// Of the code block among those of its part.
    pub(super) number: usize,
    /// What the worker calls it.
    pub(super) block: u32,
    pub(super) language: Language,
    /// That of the worker which knows the block.
    era: u32,
    chunks: Vec<Rc<Chunk>>,
    /// Bytes of the chunks.
    done: usize,
    /// What the worker has not answered yet.
    asked: String,
    is_over: bool,
}

/// Coloured lines.
pub(super) struct Chunk {
    text: String,
    spans: Spans,
}

impl Colouring {
    pub(super) fn new(number: usize, language: Language, enricher: &Enricher) -> Self {
        Self {
            number,
            block: enricher.block(),
            language,
            era: enricher.era(),
            chunks: Vec::new(),
            done: 0,
            asked: String::new(),
            is_over: false,
        }
    }

    /// Whether anything is coloured.
    pub(super) fn has_begun(&self) -> bool {
        !self.chunks.is_empty()
    }

    /// Has the worker read what is coloured, if the one that coloured it has gone to rest since.
    fn repeat(&mut self, enricher: &Enricher) {
        if self.era == enricher.era() {
            return;
        }
        self.era = enricher.era();
        for chunk in &self.chunks {
            let text = chunk.text.clone();
            enricher.colour(self.block, self.language, text, Callback::noop());
        }
    }

    /// Whether the code begins with what was coloured: what stands in its place may be another block by now.
    pub(super) fn fits(&self, code: &CodeBlock) -> bool {
        let mut pieces = code.text.iter().map(AttrValue::as_str);
        let mut rest = "";
        let texts = self.chunks.iter().map(|chunk| chunk.text.as_str());
        let same = |mut text: &str| {
            while !text.is_empty() {
                if rest.is_empty() {
                    match pieces.next() {
                        Some(piece) => rest = piece,
                        None => return false,
                    }
                }
                let length = text.len().min(rest.len());
                if text.as_bytes()[..length] != rest.as_bytes()[..length] {
                    return false;
                }
                // The bytes are the same, and so are the ends of characters.
                (text, rest) = (&text[length..], &rest[length..]);
            }
            true
        };
        Language::of(&code.language) == Some(self.language)
            && texts.chain([self.asked.as_str()]).all(same)
    }

    /// The next lines to send, none if the worker has not answered yet.
    pub(super) fn next(&self, code: &CodeBlock) -> Option<String> {
        if self.is_over || !self.asked.is_empty() || self.done >= MAX_COLOURED {
            return None;
        }
        let (_, rest) = self.plain(code).find(|(_, rest)| !rest.is_empty())?;
        let limit = rest.floor_char_boundary(MAX_REQUEST);
        let end = rest[..limit].rfind('\n').or_else(|| rest.find('\n'))?;
        Some(rest[..=end].to_owned())
    }

    /// Whether as many lines as can be sent at once are there.
    pub(super) fn is_behind(&self, code: &CodeBlock) -> bool {
        let rest: usize = self.plain(code).map(|(_, rest)| rest.len()).sum();
        self.chunks.is_empty() || rest > MAX_REQUEST
    }

    /// Has lines coloured that are the [`next`](Self::next).
    pub(super) fn ask(&mut self, text: String, enricher: &Enricher, done: Callback<Spans>) {
        self.repeat(enricher);
        self.asked.clone_from(&text);
        enricher.colour(self.block, self.language, text, done);
    }

    pub(super) fn receive(&mut self, spans: Spans) {
        let text = std::mem::take(&mut self.asked);
        if !covers(&spans, &text) {
            self.is_over = true;
            return;
        }
        self.done += text.len();
        let last = self.chunks.pop_if(|last| last.text.len() < SMALL_CHUNK);
        self.chunks.push(Rc::new(match last {
            Some(last) => Chunk {
                text: last.text.clone() + &text,
                spans: last.spans.iter().copied().chain(spans).collect(),
            },
            None => Chunk { text, spans },
        }));
    }

    /// The whole code.
    pub(super) fn nodes(&self, shared: &Rc<Shared>, code: &CodeBlock) -> VNode {
        let chunks = self.chunks.iter().enumerate();
        let mut nodes: Vec<VNode> = chunks
            .map(|(i, chunk)| part(shared, Shown::Code(Rc::clone(chunk)), i))
            .collect();
        for (i, rest) in self.plain(code).filter(|(_, rest)| !rest.is_empty()) {
            let text = foreign(&AttrValue::from(rest.to_owned()), is_hidden);
            nodes.push(keyed(PLAIN_KEYS + i, text));
        }
        list(nodes)
    }

    /// What of each piece is not coloured.
    fn plain<'a>(&self, code: &'a CodeBlock) -> impl Iterator<Item = (usize, &'a str)> {
        let mut done = self.done;
        code.text.iter().enumerate().map(move |(i, piece)| {
            let skipped = done.min(piece.len());
            done -= skipped;
            (i, piece.get(skipped..).unwrap_or_default())
        })
    }
}

impl Chunk {
    pub(super) fn nodes(&self) -> VNode {
        let mut rest = self.text.as_str();
        let pieces = self.spans.iter().map(|(token, length)| {
            let (piece, after) = rest.split_at(*length);
            rest = after;
            let text = foreign(&AttrValue::from(piece.to_owned()), is_hidden);
            match token {
                Token::Plain => text,
                token => tag("span", token.class(), text),
            }
        });
        list(pieces.collect())
    }
}

/// Whether the spans are the text's, and end between its characters.
fn covers(spans: &Spans, text: &str) -> bool {
    let mut at = 0_usize;
    let fits = spans.iter().all(|(_, length)| {
        at = at.saturating_add(*length);
        text.is_char_boundary(at)
    });
    fits && at == text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(pieces: &[&str]) -> CodeBlock {
        CodeBlock {
            language: "rust".into(),
            text: pieces
                .iter()
                .map(|piece| AttrValue::from((*piece).to_owned()))
                .collect(),
        }
    }

    fn colouring() -> Colouring {
        Colouring::new(0, Language::of("rust").expect("known"), &enricher())
    }

    fn enricher() -> Enricher {
        Enricher::failed()
    }

    fn answer(colouring: &mut Colouring, code: &CodeBlock) -> Option<String> {
        let text = colouring.next(code)?;
        colouring.ask(text.clone(), &enricher(), Callback::noop());
        assert_eq!(colouring.next(code), None, "one question at a time");
        colouring.receive(vec![(Token::Keyword, text.len())]);
        Some(text)
    }

    #[test]
    fn each_whole_line_is_sent_once_and_the_open_one_not_at_all() {
        let mut colouring = colouring();
        let mut sent = String::new();
        for pieces in [
            &["let a"][..],
            &["let a;\nlet"],
            &["let a;\nlet b;\n", "let c;\n값"],
            &["let a;\nlet b;\n", "let c;\n값;\n"],
        ] {
            let code = code(pieces);
            assert!(colouring.fits(&code));
            while let Some(text) = answer(&mut colouring, &code) {
                sent.push_str(&text);
            }
        }
        assert_eq!(sent, "let a;\nlet b;\nlet c;\n값;\n");
        assert_eq!(colouring.chunks.len(), 1, "small chunks are one");
    }

    #[test]
    fn another_text_or_language_in_its_place_does_not_fit() {
        let mut colouring = colouring();
        answer(&mut colouring, &code(&["let a;\nx\n"]));
        assert!(colouring.fits(&code(&["let", " a;\nx\nmore"])));
        assert!(!colouring.fits(&code(&["let b;\nx\n"])));
        assert!(!colouring.fits(&code(&["let a;\n"])));
        let other = CodeBlock {
            language: "python".into(),
            ..code(&["let a;\nx\n"])
        };
        assert!(!colouring.fits(&other));
    }

    #[test]
    fn long_code_goes_in_pieces_up_to_the_limit() {
        let line = "let a = 1; // 값\n".repeat(MAX_COLOURED / 16);
        let code = code(&[&line]);
        let mut colouring = colouring();
        let mut sent = 0;
        while let Some(text) = answer(&mut colouring, &code) {
            assert!(text.len() <= MAX_REQUEST && text.ends_with('\n'));
            sent += text.len();
        }
        assert!((MAX_COLOURED..MAX_COLOURED + MAX_REQUEST).contains(&sent));
    }

    #[test]
    fn spans_that_are_not_the_texts_end_the_colouring() {
        for spans in [
            vec![(Token::Keyword, 3)],
            vec![(Token::Keyword, 99)],
            vec![(Token::Keyword, 1), (Token::Plain, 3)],
        ] {
            let mut colouring = colouring();
            let code = code(&["값\n"]);
            let text = colouring.next(&code).expect("a line");
            colouring.ask(text, &enricher(), Callback::noop());
            colouring.receive(spans);
            assert!(colouring.chunks.is_empty());
            assert_eq!(colouring.next(&code), None);
        }
    }
}
