//! Formulas.

use yew::virtual_dom::VNode;

use super::{
    direction::{foreign, is_hidden},
    node::View,
    tag::tag,
};
use crate::block::Math;

impl View<'_> {
    /// Until it is set, a formula is its source.
    pub(super) fn math(&self, math: &Math) -> VNode {
        let source = tag("code", "md-tex", foreign(&math.source, is_hidden));
        if math.is_display {
            tag("span", "md-math", source)
        } else {
            source
        }
    }
}
