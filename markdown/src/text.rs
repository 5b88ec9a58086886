//! The text of nodes, as it is heard and as a cell of a spreadsheet holds it.

use crate::block::{Kind, Node};

/// Appends the text of nodes; blocks, rows and cells end with a line end or a blank, so that words stay apart.
pub(crate) fn push(nodes: &[Node], text: &mut String) {
    for node in nodes {
        match node {
            Node::Text(content) | Node::Code(content) => text.push_str(content),
            Node::Math(math) => text.push_str(&math.source),
            Node::HardBreak => text.push('\n'),
            Node::Rule | Node::Task { .. } | Node::FootnoteReference { .. } => {}
            Node::CodeBlock(code) => code.text.iter().for_each(|piece| text.push_str(piece)),
            Node::Image(image) => text.push_str(&image.alt),
            Node::Truncated => text.push('…'),
            Node::Run(run) => push(&run.0, text),
            Node::Referring(referring) => push(&referring.nodes, text),
            Node::Element(kind, children) => {
                push(children, text);
                end(kind, text);
            }
        }
    }
}

/// The text of nodes.
pub(crate) fn of(nodes: &[Node]) -> String {
    let mut text = String::new();
    push(nodes, &mut text);
    text
}

fn end(kind: &Kind, text: &mut String) {
    let end = match kind {
        Kind::Emphasis | Kind::Strong | Kind::Strikethrough | Kind::Link(_) | Kind::Refused => {
            return;
        }
        Kind::Cell(_) => ' ',
        _ => '\n',
    };
    if !text.ends_with(['\n', end]) {
        text.push(end);
    }
}
