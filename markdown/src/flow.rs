use std::mem;

use crate::{block::Node, build, inline::Inline, preview, siblings::Siblings, spans::Spans};

/// Longest piece of plain text in bytes that is one node.
pub(crate) const SLAB: usize = 8 * 1024;
/// From this length on a piece ends at the next blank.
pub(crate) const NEARLY_SLAB: usize = SLAB / 8 * 7;
/// Longest emphasis, link or other span in bytes; where one is longer, its marks are text.
pub const MAX_SPAN: usize = 16 * 1024;

/// Bytes of unfinished spans that are shown as their author means them; what follows is shown as it is.
const MAX_PREVIEW: usize = 4 * 1024;

/// Running text (of a paragraph, a heading, a cell) that arrives character by character.
///
/// Text without marks is taken as it is. From the word on in which a mark stands, text waits until all spans that it began
/// have ended, and is then given to the parser, once. Where that happens depends on the text alone, never on how it was cut.
#[derive(Clone, Debug, Default)]
pub(crate) struct Flow {
    done: Siblings,
    plain: String,
    waiting: String,
    spans: Spans,
}

impl Flow {
    /// The nodes of a complete text.
    pub(crate) fn whole(text: &str, inline: &mut Inline) -> Siblings {
        let mut flow = Self::default();
        flow.text(text, inline);
        flow.finish(inline)
    }

    pub(crate) fn node(&mut self, node: Node) {
        self.flush_plain();
        self.done.push(node);
    }

    /// Appends text without line ends.
    pub(crate) fn text(&mut self, text: &str, inline: &mut Inline) {
        for c in text.chars() {
            if !self.waiting.is_empty() {
                if self.waiting.ends_with([' ', '\t'])
                    && !matches!(c, ' ' | '\t')
                    && self.spans.is_clean()
                {
                    let blanks = self.take_blanks();
                    self.settle(inline);
                    self.plain.push_str(&blanks);
                } else {
                    self.wait(c, inline);
                    continue;
                }
            }
            self.plain_char(c, inline);
        }
    }

    /// Ends a line that is followed by another one of the same paragraph.
    pub(crate) fn line_end(&mut self, inline: &mut Inline) {
        if !self.waiting.is_empty() {
            if !self.spans.is_clean_at('\n') {
                self.wait('\n', inline);
                return;
            }
            let blanks = self.take_blanks();
            self.settle(inline);
            self.plain.push_str(&blanks);
        }
        let text = self.plain.trim_end_matches([' ', '\t']).len();
        let hard = self.plain[text..].ends_with("  ");
        self.plain.truncate(text);
        if hard {
            self.node(Node::HardBreak);
        } else {
            self.plain.push('\n');
        }
    }

    /// The nodes, when no more text comes.
    pub(crate) fn finish(mut self, inline: &mut Inline) -> Siblings {
        if self.waiting.is_empty() {
            let text = self.plain.trim_end_matches([' ', '\t']).len();
            self.plain.truncate(text);
        } else {
            self.take_blanks();
            self.settle(inline);
        }
        self.flush_plain();
        self.done
    }

    /// What follows the settled nodes, unfinished spans as their author means them.
    pub(crate) fn open_nodes(&self) -> Vec<Node> {
        let mut nodes = Vec::new();
        // An exclamation mark at the beginning of a word may be that of an image.
        let before = self.plain.strip_suffix('!').unwrap_or(&self.plain);
        let begins_word = before.is_empty() || before.ends_with([' ', '\n']);
        let plain = if begins_word { before } else { &self.plain };
        build::plain(plain, |node| nodes.push(node));
        let shown = self.waiting.floor_char_boundary(MAX_PREVIEW);
        let (start, rest) = self.waiting.split_at(shown);
        nodes.extend(preview::nodes(start, rest.is_empty()));
        if !rest.is_empty() {
            nodes.push(Node::Text(build::owned(rest)));
        }
        nodes
    }

    pub(crate) fn done(&self) -> &Siblings {
        &self.done
    }

    fn plain_char(&mut self, c: char, inline: &mut Inline) {
        if matches!(c, '\\' | '`' | '*' | '_' | '~' | '[' | '<' | '&' | '$') {
            let word = self
                .plain
                .rfind([' ', '\n', '\t'])
                .map_or(0, |blank| blank + 1);
            let word = self.plain.split_off(word);
            for c in word.chars() {
                self.wait(c, inline);
            }
            self.wait(c, inline);
            return;
        }
        let full = self.plain.len() >= NEARLY_SLAB && c != ' ' && self.plain.ends_with(' ');
        if full || self.plain.len() + c.len_utf8() > SLAB {
            self.flush_plain();
        }
        self.plain.push(c);
    }

    fn wait(&mut self, c: char, inline: &mut Inline) {
        self.waiting.push(c);
        self.spans.read(c);
        if self.waiting.len() >= MAX_SPAN {
            let nodes = self.take_nodes(inline);
            nodes.into_iter().for_each(|node| self.done.push(node));
        }
    }

    fn take_blanks(&mut self) -> String {
        let text = self.waiting.trim_end_matches([' ', '\t']).len();
        self.waiting.split_off(text)
    }

    /// Gives the waiting text to the parser.
    fn settle(&mut self, inline: &mut Inline) {
        let mut nodes = self.take_nodes(inline);
        if let [Node::Text(text)] = nodes.as_slice() {
            self.plain.push_str(text);
            return;
        }
        self.flush_plain();
        nodes.drain(..).for_each(|node| self.done.push(node));
    }

    fn take_nodes(&mut self, inline: &mut Inline) -> Vec<Node> {
        self.spans = Spans::default();
        let source = mem::take(&mut self.waiting);
        if inline.preview {
            return preview::nodes(&source, true);
        }
        inline.parse(&source)
    }

    fn flush_plain(&mut self) {
        let text = mem::take(&mut self.plain);
        build::plain(&text, |node| self.done.push(node));
    }
}
