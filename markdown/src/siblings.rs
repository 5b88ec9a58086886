use std::{mem, rc::Rc};

use crate::block::{Node, Run};

/// So many nodes are direct children, and so many are in each run behind them.
const RUN: usize = 32;

/// Children of a node that is still growing.
///
/// A settled child keeps its place: the first ones stand in the parent itself, later ones in runs, each a shared object that
/// the view skips once it is full. So a snapshot of a parent with n children costs n / [`RUN`], and moves none of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Siblings {
    nodes: Vec<Node>,
    run: Vec<Node>,
}

impl Siblings {
    pub(crate) fn push(&mut self, node: Node) {
        if self.run.is_empty() && self.nodes.len() < RUN {
            self.nodes.push(node);
            return;
        }
        self.run.push(node);
        if self.run.len() == RUN {
            let full = mem::take(&mut self.run);
            self.nodes.push(Node::Run(Rc::new(Run(full))));
        }
    }

    /// The children, and behind them nodes that may still change.
    pub(crate) fn with(&self, open: Vec<Node>) -> Rc<[Node]> {
        if open.is_empty() && self.run.is_empty() {
            return self.nodes.as_slice().into();
        }
        let mut all = self.clone();
        for node in open {
            all.push(node);
        }
        all.into_nodes()
    }

    pub(crate) fn into_nodes(mut self) -> Rc<[Node]> {
        if !self.run.is_empty() {
            self.nodes.push(Node::Run(Rc::new(Run(self.run))));
        }
        self.nodes.into()
    }
}
