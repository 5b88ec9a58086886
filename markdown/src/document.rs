use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
    sync::atomic::{AtomicU32, Ordering},
};

use unicase::UniCase;

use crate::{
    block::{Block, Node},
    parser::Parser,
    resolve, scan,
};

/// Bytes that are given to the parser of running text, per byte received, at most. See [`Document::push`].
pub const PARSE_LIMIT: usize = 3;

/// A line that may still turn out to be anything is shown up to here.
const MAX_PREVIEW: usize = 4 * 1024;
/// So many bytes of a line decide whether it is text.
const MAX_DECISION: usize = 1024;

/// Growing markdown text: frozen blocks that never change again, and the blocks that further text may change.
///
/// A clone shares text and blocks; pushing to a document of which a clone is still alive copies the text once.
#[derive(Clone, Debug)]
pub struct Document {
    id: u32,
    text: Rc<String>,
    /// Frozen blocks, then open ones.
    blocks: Rc<Vec<Rc<Block>>>,
    reader: Rc<Reader>,
    /// Where the text was finished: what to go on from if it grows after all.
    unfinished: Option<Rc<Vec<Rc<Block>>>>,
    bytes_parsed: usize,
}

impl Document {
    /// An empty document.
    pub fn new() -> Self {
        static NEXT_ID: AtomicU32 = AtomicU32::new(1);
        Self {
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
            text: Rc::default(),
            blocks: Rc::default(),
            reader: Rc::default(),
            unfinished: None,
            bytes_parsed: 0,
        }
    }

    /// A finished document.
    pub fn from_text(text: &str) -> Self {
        let mut document = Self::new();
        document.text = Rc::new(text.to_owned());
        document.finish();
        document
    }

    /// Appends text as it arrives. It is shown at once, apart from marks whose meaning is still open and from what lies
    /// beyond 4 KiB of a line that may still turn out to be anything.
    ///
    /// Each line is read once. Running text is given to its parser once, when its spans have ended, and once more if it names
    /// a reference that is defined later; a few lines whose kind only the parser knows, once before. So the bytes parsed are
    /// at most [`PARSE_LIMIT`] times the bytes received, [`Document::finish`] included.
    pub fn push(&mut self, delta: &str) {
        if delta.is_empty() {
            return;
        }
        if let Some(blocks) = self.unfinished.take() {
            self.blocks = blocks;
        }
        match Rc::get_mut(&mut self.text) {
            Some(text) => text.push_str(delta),
            // A copy that is to grow would take twice the memory.
            None => self.text = Rc::new([&self.text, delta].concat()),
        }
        let reader = Rc::make_mut(&mut self.reader);
        let blocks = Rc::make_mut(&mut self.blocks);
        blocks.truncate(reader.frozen);
        reader.read(&self.text);
        reader.allow(self.text.len(), self.bytes_parsed);
        reader.freeze(blocks);
        self.bytes_parsed += reader.take_bytes_parsed();
        for node in reader.open_nodes(&self.text) {
            blocks.push(Rc::new(Block::new(blocks.len(), node)));
        }
    }

    /// Ends the text: what is still open ends, and references that nothing defines become text. Blocks that stay the same are
    /// kept.
    pub fn finish(&mut self) {
        if self.unfinished.is_some() {
            return;
        }
        let mut reader = Reader::clone(&self.reader);
        let mut blocks = self.blocks[..reader.frozen].to_vec();
        reader.finish(&self.text);
        reader.freeze(&mut blocks);
        self.bytes_parsed += reader.take_bytes_parsed();
        for (block, shown) in blocks.iter_mut().zip(self.blocks.iter()) {
            if !Rc::ptr_eq(block, shown) && block == shown {
                *block = Rc::clone(shown);
            }
        }
        self.unfinished = Some(std::mem::replace(&mut self.blocks, Rc::new(blocks)));
    }

    /// The text as it was received, unchanged.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The blocks in reading order: frozen ones, then open ones.
    pub fn blocks(&self) -> impl ExactSizeIterator<Item = &Rc<Block>> {
        self.blocks.iter()
    }

    /// How many of the blocks, from the first one on, are frozen: they stay the same objects until a reference that one of them
    /// names is defined.
    pub fn frozen(&self) -> usize {
        match self.unfinished {
            Some(_) => self.blocks.len(),
            None => self.reader.frozen,
        }
    }

    /// Bytes of the text that were given to the parser of running text since the document began, for measuring.
    pub fn bytes_parsed(&self) -> usize {
        self.bytes_parsed
    }

    /// Distinguishes the footnote anchors of documents on one page.
    pub(crate) fn id(&self) -> u32 {
        self.id
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
    }
}

/// Gives the text to the parser, line by line.
#[derive(Clone, Debug, Default)]
struct Reader {
    parser: Parser,
    /// Bytes of text that the parser has read.
    read: usize,
    /// Bytes in which no further line end stands.
    searched: usize,
    /// The parser has read the beginning of the line.
    has_begun: bool,
    frozen: usize,
    /// Frozen blocks that name labels nobody has defined yet.
    waiting: Rc<BTreeMap<UniCase<String>, Vec<usize>>>,
    /// Frozen blocks that name labels which are defined now.
    stale: Rc<BTreeSet<usize>>,
}

impl Reader {
    fn read(&mut self, text: &str) {
        while let Some((line, next)) = self.next_line(text) {
            self.line(line);
            (self.read, self.searched) = (next, next);
        }
        // A line feed may follow.
        let end = text.strip_suffix('\r').unwrap_or(text).len();
        let rest = &text[self.read..end.max(self.read)];
        let is_text = || {
            let start = &rest[..rest.floor_char_boundary(MAX_DECISION)];
            self.parser.takes_beginnings() && scan::is_surely_text(start)
        };
        if !rest.is_empty() && (self.has_begun || is_text()) {
            self.line(rest);
            self.has_begun = true;
            self.read = end;
        }
    }

    /// The next complete line, as far as it was not read, and where the one after it begins.
    fn next_line<'a>(&mut self, text: &'a str) -> Option<(&'a str, usize)> {
        let found = text.as_bytes()[self.searched..]
            .iter()
            .position(|b| matches!(b, b'\n' | b'\r'));
        let Some(found) = found else {
            self.searched = text.len();
            return None;
        };
        let end = self.searched + found;
        let line = &text[self.read..end];
        match &text.as_bytes()[end..] {
            [b'\r'] => {
                self.searched = end;
                None
            }
            [b'\r', b'\n', ..] => Some((line, end + 2)),
            _ => Some((line, end + 1)),
        }
    }

    fn line(&mut self, text: &str) {
        if self.has_begun {
            self.has_begun = false;
            self.parser.more(text);
        } else {
            self.parser.line(text);
        }
    }

    fn finish(&mut self, text: &str) {
        self.read(text);
        let rest = text[self.read..].trim_end_matches('\r');
        if !self.has_begun && self.read < text.len() {
            self.parser.line(rest);
        }
        self.parser.finish();
        self.parser.inline.complete = true;
    }

    /// Moves settled blocks to the frozen ones, and resolves what became known.
    fn freeze(&mut self, blocks: &mut Vec<Rc<Block>>) {
        for (node, labels) in std::mem::take(&mut self.parser.settled) {
            for label in labels {
                let is_known = self.parser.inline.is_known(&label);
                if is_known {
                    Rc::make_mut(&mut self.stale).insert(blocks.len());
                }
                if !is_known || label.starts_with('^') {
                    let waiting = Rc::make_mut(&mut self.waiting);
                    let label = UniCase::new(label.into_string());
                    waiting.entry(label).or_default().push(blocks.len());
                }
            }
            blocks.push(Rc::new(Block::new(blocks.len(), node)));
        }
        self.frozen = blocks.len();
        for label in std::mem::take(&mut self.parser.inline.defined) {
            let label = UniCase::new(label.into_string());
            let Some(named) = self.waiting.get(&label) else {
                continue;
            };
            Rc::make_mut(&mut self.stale).extend(named);
            // What looks like a footnote may be one still.
            if !label.starts_with('^') {
                Rc::make_mut(&mut self.waiting).remove(&label);
            }
        }
        if self.parser.inline.complete {
            let stale = Rc::make_mut(&mut self.stale);
            for (label, named) in self.waiting.iter() {
                if label.starts_with('^') {
                    stale.extend(named);
                }
            }
        }
        if !self.stale.is_empty() {
            self.resolve(blocks);
        }
    }

    /// What is parsed again before the end must leave enough for the end, where all may be.
    fn allow(&mut self, received: usize, parsed: usize) {
        let inline = &mut self.parser.inline;
        inline.allowance =
            ((PARSE_LIMIT - 1) * received).saturating_sub(parsed + inline.bytes_parsed);
    }

    fn resolve(&mut self, blocks: &mut [Rc<Block>]) {
        for place in std::mem::take(Rc::make_mut(&mut self.stale)) {
            self.parser.inline.is_short = false;
            let root = resolve::node(blocks[place].root(), &mut self.parser.inline);
            if let Some(root) = root {
                blocks[place] = Rc::new(Block::new(place, root));
            }
            if self.parser.inline.is_short {
                Rc::make_mut(&mut self.stale).insert(place);
            }
        }
    }

    /// The open blocks as they are shown.
    fn open_nodes(&self, text: &str) -> Vec<Node> {
        let rest = text[self.read..].trim_end_matches('\r');
        let is_hidden = self.has_begun
            || match self.parser.fence() {
                Some(mark) => rest.trim_matches([' ', mark]).is_empty(),
                None => scan::may_be_marks(rest),
            };
        if is_hidden {
            return self.parser.open_nodes();
        }
        let mut parser = self.parser.clone();
        parser.inline.preview = true;
        parser.line(&rest[..rest.floor_char_boundary(MAX_PREVIEW)]);
        let mut nodes: Vec<Node> = parser.settled.drain(..).map(|(node, _)| node).collect();
        nodes.extend(parser.open_nodes());
        nodes
    }

    fn take_bytes_parsed(&mut self) -> usize {
        std::mem::take(&mut self.parser.inline.bytes_parsed)
    }
}
