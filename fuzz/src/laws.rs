//! What holds for any text in any cut.

use std::rc::Rc;

use aicon_markdown::{Block, Document, PARSE_LIMIT};

use crate::{input::Input, page};

/// Holds an input against all laws.
///
/// # Panics
///
/// When one does not hold.
pub fn check(input: &Input) {
    let text = input.text.as_str();
    let whole = Document::from_text(text);
    let streamed = stream(input);
    assert!(
        same(&streamed, &whole),
        "streamed: {streamed:#?}\nwhole: {whole:#?}"
    );
    assert!(
        same(&finished_on_the_way(input), &whole),
        "went on after an end"
    );
    page::check(&streamed, text);
}

/// The document that grew piece by piece. On the way, what is frozen stays frozen, and nothing costs more than it may.
fn stream(input: &Input) -> Document {
    let mut document = Document::new();
    let mut received = 0;
    let mut frozen: Vec<Rc<Block>> = Vec::new();
    let may_be_defined = input.text.contains("]:");
    for piece in input.pieces() {
        document.push(piece);
        received += piece.len();
        within_limit(&document, received);
        let count = document.frozen();
        assert!(count >= frozen.len(), "what was frozen is open again");
        let blocks = document.blocks().zip(&frozen);
        let stays = blocks.into_iter().all(|(now, then)| Rc::ptr_eq(now, then));
        assert!(may_be_defined || stays, "a frozen block is another object");
        frozen = document.blocks().take(count).cloned().collect();
    }
    document.finish();
    within_limit(&document, received);
    assert_eq!(document.text(), input.text);
    let keys = document.blocks().map(|block| block.key());
    assert!(keys.eq(0..document.blocks().len()), "blocks are counted");
    document
}

/// The document whose text was taken for complete in the middle and after all was not.
fn finished_on_the_way(input: &Input) -> Document {
    let mut document = Document::new();
    let pieces = input.pieces();
    for (i, piece) in pieces.iter().enumerate() {
        document.push(piece);
        if i == pieces.len() / 2 {
            document.finish();
        }
    }
    document.finish();
    document
}

fn within_limit(document: &Document, received: usize) {
    let parsed = document.bytes_parsed();
    assert!(
        parsed <= PARSE_LIMIT * received,
        "{parsed} bytes were parsed of {received} received"
    );
}

fn same(a: &Document, b: &Document) -> bool {
    a.blocks()
        .map(|block| &**block)
        .eq(b.blocks().map(|block| &**block))
}
