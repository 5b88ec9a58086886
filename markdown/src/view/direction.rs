//! Characters that reorder the text around them (Unicode's bidirectional controls), shown as what they are.

pub(super) use aicon_enrich::wire::is_reordering;
use yew::{
    AttrValue,
    virtual_dom::{VNode, VText},
};

use super::tag::{keyed, list, text, with};

/// Text of somebody else. Each character that `is_control` stands in a box of its own, named: its effect ends there, and the
/// text stays the same for whoever copies it.
pub(super) fn foreign(content: &AttrValue, is_control: fn(char) -> bool) -> VNode {
    // What all of them begin with in UTF-8, and hardly any other text does.
    let may_have = content.as_bytes().iter().any(|b| matches!(b, 0xe2 | 0xd8));
    if !may_have || !content.contains(is_control) {
        return text(content);
    }
    let mut nodes = Vec::new();
    let mut rest = content.as_str();
    while let Some(at) = rest.find(is_control) {
        let (before, from) = rest.split_at(at);
        let (control, after) = from.split_at(from.ceil_char_boundary(1));
        nodes.push(VText::new(before.to_owned()).into());
        nodes.push(named(control));
        rest = after;
    }
    nodes.push(VText::new(rest.to_owned()).into());
    list(
        nodes
            .into_iter()
            .enumerate()
            .map(|(i, node)| keyed(i, node))
            .collect(),
    )
}

/// In code, where no character may do what is not seen.
pub(super) fn is_hidden(c: char) -> bool {
    is_reordering(c) || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}')
}

fn named(control: &str) -> VNode {
    let code = control.chars().next().map_or(0, u32::from);
    let digit = |shift: u32| {
        char::from_digit(code >> shift & 15, 16)
            .unwrap_or_default()
            .to_ascii_uppercase()
    };
    let name: String = ['U', '+', digit(12), digit(8), digit(4), digit(0)]
        .iter()
        .collect();
    with(
        "span",
        &["title", "class"],
        [Some(&name.into()), Some(&AttrValue::Static("md-control"))],
        VText::new(control.to_owned()).into(),
    )
}
