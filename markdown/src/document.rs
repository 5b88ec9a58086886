use std::{
    rc::Rc,
    sync::atomic::{AtomicU32, Ordering},
};

use crate::{
    block::{Block, Kind, Node},
    footnote::Footnotes,
    tree::{self, Parsed},
};

/// Bytes that may be parsed while text streams in, per byte received. See [`Document::push`].
pub const PARSE_CREDIT: usize = 16;

/// A tail of up to this many bytes is parsed at each push as long as there is credit; a longer one only when it grew by
/// 1/[`PARSE_CREDIT`], so that no single frame pays for a long tail again and again.
const SMALL_TAIL: usize = 16 * 1024;

/// Growing markdown text: finished blocks that never change again, an open tail that is parsed again as it grows, and
/// pending text that was received since and is shown as it is.
///
/// A clone shares text and blocks; pushing to a document of which a clone is still alive copies the text once.
#[derive(Clone, Debug)]
pub struct Document {
    id: u32,
    text: Rc<String>,
    /// Frozen blocks, then the blocks of the tail.
    blocks: Rc<Vec<Rc<Block>>>,
    frozen: usize,
    footnotes: Rc<Footnotes>,
    /// Bytes of text that belong to frozen blocks.
    tail_start: usize,
    /// Bytes of text that `blocks` cover.
    parsed: usize,
    bytes_parsed: usize,
    finished: bool,
}

impl Document {
    /// An empty document.
    pub fn new() -> Self {
        static NEXT_ID: AtomicU32 = AtomicU32::new(1);
        Self {
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
            text: Rc::default(),
            blocks: Rc::default(),
            frozen: 0,
            footnotes: Rc::default(),
            tail_start: 0,
            parsed: 0,
            bytes_parsed: 0,
            finished: false,
        }
    }

    /// A finished document.
    pub fn from_text(text: &str) -> Self {
        let mut document = Self::new();
        document.text = Rc::new(text.to_owned());
        document.finish();
        document
    }

    /// Appends text as it arrives.
    ///
    /// Only the tail is parsed, and only while this law holds: bytes parsed ≤ [`PARSE_CREDIT`] × bytes received. Otherwise
    /// the text waits, shown unformatted at the end of the last block, until the tail has grown by 1/[`PARSE_CREDIT`].
    /// [`Document::finish`] adds at most one parse of the whole, so that the sum stays linear for any text in any chunking.
    pub fn push(&mut self, delta: &str) {
        if delta.is_empty() {
            return;
        }
        self.finished = false;
        Rc::make_mut(&mut self.text).push_str(delta);
        if self.may_parse() {
            self.parse_tail();
        }
    }

    /// Ends the text: the blocks are now those of a parse of the whole. That differs from what was shown where text refers
    /// forward (link reference definitions and footnotes that came later); blocks that stay the same are kept.
    pub fn finish(&mut self) {
        if self.finished {
            return;
        }
        self.finished = true;
        let whole_was_parsed = self.tail_start == 0 && self.parsed == self.text.len();
        if !whole_was_parsed {
            (self.tail_start, self.frozen) = (0, 0);
            self.footnotes = Rc::default();
            let blocks = self.parse();
            self.replace_from(0, blocks);
        }
    }

    /// The text as it was received, unchanged.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The blocks in reading order: frozen ones, then those of the tail.
    pub fn blocks(&self) -> impl ExactSizeIterator<Item = &Rc<Block>> {
        self.blocks.iter()
    }

    /// Bytes that were given to the parser since the document began, for measuring.
    pub fn bytes_parsed(&self) -> usize {
        self.bytes_parsed
    }

    /// Distinguishes the footnote anchors of documents on one page.
    pub(crate) fn id(&self) -> u32 {
        self.id
    }

    /// Received but not yet parsed, to be shown after the last block's text.
    pub(crate) fn pending(&self) -> &str {
        if self.parsed == self.text.len() {
            return "";
        }
        let parsed = &self.text[..self.parsed];
        let code = self
            .blocks
            .last()
            .is_some_and(|block| ends_with_code(block.root()));
        // Outside of code the tree has no trailing blanks; without them the next word would stick to the last one.
        let start = if code {
            self.parsed
        } else {
            parsed.trim_end().len()
        };
        &self.text[start..]
    }

    /// More text may come.
    pub(crate) fn is_open(&self) -> bool {
        !self.finished
    }

    fn may_parse(&self) -> bool {
        let tail = self.text.len() - self.tail_start;
        let grown = self.text.len() - self.parsed;
        let has_credit = self.bytes_parsed + tail <= self.text.len() * PARSE_CREDIT;
        has_credit && (tail <= SMALL_TAIL || grown * PARSE_CREDIT >= tail)
    }

    fn parse_tail(&mut self) {
        let blocks = self.parse();
        let freeze = self.freezable(&blocks);
        let cut = freeze.checked_sub(1).map(|last| {
            (
                blocks[freeze].line_start,
                Rc::clone(&blocks[last].footnotes),
            )
        });
        self.replace_from(self.frozen, blocks);
        if let Some((tail_start, footnotes)) = cut {
            self.frozen += freeze;
            self.tail_start += tail_start;
            self.footnotes = footnotes;
        }
    }

    fn parse(&mut self) -> Vec<Parsed> {
        let tail = &self.text[self.tail_start..];
        self.bytes_parsed += tail.len();
        self.parsed = self.text.len();
        tree::parse(tail, Rc::clone(&self.footnotes))
    }

    /// How many of the parsed blocks are settled. The last one may still grow, and while its first line is incomplete it may
    /// turn out to continue the one before (`*` after a list item can become `**bold**`, a lazy continuation).
    fn freezable(&self, blocks: &[Parsed]) -> usize {
        let Some(last) = blocks.last() else { return 0 };
        let tail = &self.text[self.tail_start..];
        let line_is_complete = tail.as_bytes()[last.line_start..].contains(&b'\n');
        blocks
            .len()
            .saturating_sub(if line_is_complete { 1 } else { 2 })
    }

    fn replace_from(&mut self, index: usize, parsed: Vec<Parsed>) {
        let blocks = Rc::make_mut(&mut self.blocks);
        blocks.truncate(index + parsed.len());
        for (key, Parsed { root, .. }) in (index..).zip(parsed) {
            let block = Block::new(key, root);
            match blocks.get_mut(key) {
                Some(old) if **old == block => {}
                Some(old) => *old = Rc::new(block),
                None => blocks.push(Rc::new(block)),
            }
        }
    }
}

impl Default for Document {
    fn default() -> Self {
        Self::new()
    }
}

/// Same text object in the same state: never compares content.
impl PartialEq for Document {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.text, &other.text)
            && Rc::ptr_eq(&self.blocks, &other.blocks)
            && self.id == other.id
            && self.finished == other.finished
    }
}

fn ends_with_code(node: &Node) -> bool {
    match node {
        Node::CodeBlock(_) | Node::Element(Kind::Html, _) => true,
        Node::Element(_, children) => children.last().is_some_and(ends_with_code),
        _ => false,
    }
}
