//! Looks references up again that were not defined when they were read.

use std::rc::Rc;

use crate::{
    block::{Node, Run},
    inline::Inline,
};

/// The node with what is known now; nothing if that changes nothing.
pub(crate) fn node(old: &Node, inline: &mut Inline) -> Option<Node> {
    match old {
        Node::Element(kind, children) => {
            nodes(children, inline).map(|children| Node::Element(kind.clone(), children.into()))
        }
        Node::Run(run) => nodes(&run.0, inline).map(|nodes| Node::Run(Rc::new(Run(nodes)))),
        Node::Referring(referring) => inline.resolve(referring).map(Node::Referring),
        _ => None,
    }
}

fn nodes(old: &[Node], inline: &mut Inline) -> Option<Vec<Node>> {
    let mut new: Option<Vec<Node>> = None;
    for (place, child) in old.iter().enumerate() {
        if let Some(child) = node(child, inline) {
            new.get_or_insert_with(|| old.to_vec())[place] = child;
        }
    }
    new
}
