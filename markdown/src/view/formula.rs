//! Formulas: MathML from the worker, of which only elements and attributes of a fixed set can come.

use std::rc::Rc;

use aicon_enrich::wire::{ELEMENTS, Tree};
use yew::virtual_dom::VNode;

use super::{
    direction::{foreign, is_hidden},
    node::View,
    tag::{keyed, list, mathml, tag, text},
};
use crate::block::Math;

impl View<'_> {
    /// Until it is set, and where it cannot be, a formula is its source.
    pub(super) fn math(&self, math: &Rc<Math>) -> VNode {
        let set = match &self.shared.enricher {
            Some(enricher) if !math.is_open => enricher.formula(math),
            _ => Some(None),
        };
        let shown = match set {
            Some(Some(tree)) => node(&tree),
            known => {
                if known.is_none() {
                    self.formulas.borrow_mut().push(Rc::clone(math));
                }
                tag("code", "md-tex", foreign(&math.source, is_hidden))
            }
        };
        // Keyed apart: the source and the formula are no versions of each other.
        let shown = list(vec![keyed(0, shown)]);
        if math.is_display {
            tag("span", "md-math", shown)
        } else {
            shown
        }
    }
}

fn node(tree: &Tree) -> VNode {
    match tree {
        Tree::Text(content) => text(&content.clone().into()),
        Tree::Element {
            name,
            attributes,
            children,
        } => {
            let children = children.iter().map(node).collect();
            mathml(ELEMENTS[*name], attributes, list(children))
        }
    }
}
