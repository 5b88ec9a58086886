//! Code to tokens, line by line: each code block has a parser of its own, so that no line is read twice.

use std::collections::BTreeMap;

use syntect::{
    dumps,
    parsing::{ParseState, ScopeStack, SyntaxSet},
    util::LinesWithEndings,
};

use crate::{Language, scopes::Rules, wire::Token};

/// Longest line in bytes that is read; a longer one is plain.
pub const MAX_LINE: usize = 4 * 1024;
/// Milliseconds that all lines of a block may take together; the rest of it is plain.
pub const MAX_TIME: f64 = 4_000.0;
/// Code blocks to which further lines may come; beyond them the oldest is forgotten.
pub const MAX_BLOCKS: usize = 256;

static GRAMMARS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/grammars.bin"));

/// Lengths in bytes and what they are.
pub(crate) type Spans = Vec<(Token, usize)>;

/// The grammars, and the parsers of the blocks that are being written.
pub(crate) struct Highlighter {
    grammars: SyntaxSet,
    rules: Rules,
    blocks: BTreeMap<u32, Block>,
}

struct Block {
    parser: ParseState,
    stack: ScopeStack,
    /// Milliseconds so far.
    spent: f64,
}

impl Highlighter {
    pub(crate) fn new() -> Self {
        Self {
            grammars: dumps::from_uncompressed_data(GRAMMARS).unwrap_or_default(),
            rules: Rules::new(),
            blocks: BTreeMap::new(),
        }
    }

    /// Goes on with a block; `now` tells the time in milliseconds.
    pub(crate) fn lines(
        &mut self,
        block: u32,
        language: Language,
        text: &str,
        now: impl Fn() -> f64,
    ) -> Spans {
        let mut spans = Spans::new();
        let name = match language.grammar() {
            // A block may begin inside of the marks that PHP has around it.
            "PHP" if !text.contains("<?") => "PHP Source",
            name => name,
        };
        let Some(grammar) = self.grammars.find_syntax_by_name(name) else {
            push(&mut spans, Token::Plain, text.len());
            return spans;
        };
        let begin = || Block {
            parser: ParseState::new(grammar),
            stack: ScopeStack::new(),
            spent: 0.0,
        };
        let state = self.blocks.entry(block).or_insert_with(begin);
        for line in LinesWithEndings::from(text) {
            if line.len() > MAX_LINE || state.spent > MAX_TIME {
                push(&mut spans, Token::Plain, line.len());
                continue;
            }
            let start = now();
            state.line(line, &self.grammars, &self.rules, &mut spans);
            state.spent += now() - start;
        }
        while self.blocks.len() > MAX_BLOCKS {
            self.blocks.pop_first();
        }
        spans
    }

    pub(crate) fn forget(&mut self, block: u32) {
        self.blocks.remove(&block);
    }
}

impl Block {
    fn line(&mut self, line: &str, grammars: &SyntaxSet, rules: &Rules, spans: &mut Spans) {
        // Where a grammar refers to one that is not here, the line is plain.
        let changes = self.parser.parse_line(line, grammars).unwrap_or_default();
        let mut at = 0;
        for (place, change) in changes {
            if place > at && line.is_char_boundary(place) {
                push(spans, rules.token(&self.stack), place - at);
                at = place;
            }
            // Fails only for changes that the parser does not make.
            _ = self.stack.apply(&change);
        }
        push(spans, rules.token(&self.stack), line.len() - at);
    }
}

fn push(spans: &mut Spans, token: Token, length: usize) {
    match spans.last_mut() {
        _ if length == 0 => {}
        Some(last) if last.0 == token => last.1 += length,
        _ => spans.push((token, length)),
    }
}
