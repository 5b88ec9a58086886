use std::rc::Rc;

use aicon_enrich::wire::ATTRIBUTES;
use yew::{
    AttrValue, NodeRef,
    virtual_dom::{AttributeOrProperty, Attributes, Key, VList, VNode, VTag, VText},
};

use super::{
    action::On,
    direction::{foreign, is_reordering},
};
use crate::flow::SLAB;

/// An element without attributes.
pub(super) fn plain(name: &'static str, child: VNode) -> VNode {
    with(name, &[], [], child)
}

/// An element of one class.
pub(super) fn tag(name: &'static str, class: &'static str, child: VNode) -> VNode {
    with(name, &["class"], [Some(&AttrValue::Static(class))], child)
}

/// An element of one class that is found again by its place.
pub(super) fn placed(
    name: &'static str,
    class: &'static str,
    child: VNode,
    place: NodeRef,
) -> VNode {
    let class = [Some(&AttrValue::Static(class))];
    let mut tag = element(name, &["class"], &class, child, Vec::new());
    tag.node_ref = place;
    tag.into()
}

/// An element with those of the attributes that have a value.
pub(super) fn with<const N: usize>(
    name: &'static str,
    keys: &'static [&'static str; N],
    values: [Option<&AttrValue>; N],
    child: VNode,
) -> VNode {
    element(name, keys, &values, child, Vec::new()).into()
}

/// An element with listeners too.
pub(super) fn listening<const N: usize>(
    name: &'static str,
    keys: &'static [&'static str; N],
    values: [Option<&AttrValue>; N],
    child: VNode,
    listeners: Vec<On>,
) -> VNode {
    element(name, keys, &values, child, listeners).into()
}

/// A checkbox that nobody can change.
pub(super) fn checkbox(checked: bool, label: &AttrValue) -> VNode {
    let keys = &["type", "disabled", "aria-label"];
    let values = [
        Some(&AttrValue::Static("checkbox")),
        Some(&AttrValue::Static("")),
        Some(label),
    ];
    let mut tag = element("input", keys, &values, VNode::default(), Vec::new());
    tag.set_checked(checked);
    tag.into()
}

/// Apart from the generic functions, so that it is compiled once.
fn element(
    name: &'static str,
    keys: &'static [&'static str],
    values: &[Option<&AttrValue>],
    child: VNode,
    listeners: Vec<On>,
) -> VTag {
    let mut tag = VTag::new(name);
    let value = |value: &Option<&AttrValue>| {
        let value = value.cloned();
        value.map(AttributeOrProperty::Attribute)
    };
    tag.attributes = Attributes::Dynamic {
        keys,
        values: values.iter().map(value).collect(),
    };
    for listener in listeners {
        tag.add_listener(Rc::new(listener));
    }
    if let Some(children) = tag.children_mut() {
        *children = child;
    }
    tag
}

/// An element of a formula: the attributes are places in [`ATTRIBUTES`] and values.
pub(super) fn mathml(name: &'static str, attributes: &[(usize, String)], child: VNode) -> VNode {
    if attributes.is_empty() {
        return plain(name, child);
    }
    let mut values = vec![None; ATTRIBUTES.len()];
    for (place, value) in attributes {
        if let Some(empty) = values.get_mut(*place) {
            *empty = Some(AttrValue::from(value.clone()));
        }
    }
    let values: Vec<_> = values.iter().map(Option::as_ref).collect();
    element(name, ATTRIBUTES, &values, child, Vec::new()).into()
}

/// Text of ours.
pub(super) fn text(text: &AttrValue) -> VNode {
    VText::new(text.clone()).into()
}

/// Plain text of any length. A long run is cut into slabs, each a box of its own that the browser lays out alone: one that
/// grows in a single box would be laid out from its beginning at each push.
pub fn long_text(content: &str) -> VNode {
    if content.len() <= 2 * SLAB {
        return foreign(&AttrValue::from(content.to_owned()), is_reordering);
    }
    slabs(content)
}

pub(super) fn slabs(content: &str) -> VNode {
    let mut slabs = Vec::with_capacity(content.len() / SLAB + 1);
    let mut rest = content;
    while !rest.is_empty() {
        let (slab, after) = rest.split_at(slab_end(rest));
        let slab = foreign(&AttrValue::from(slab.to_owned()), is_reordering);
        slabs.push(keyed(slabs.len(), tag("span", "md-slab", slab)));
        rest = after;
    }
    list(slabs)
}

/// Behind the last blank of a slab, if it has one near its end: words stay whole.
fn slab_end(text: &str) -> usize {
    if text.len() <= SLAB {
        return text.len();
    }
    let end = text.floor_char_boundary(SLAB);
    let blank = text.as_bytes()[end - SLAB / 8..end]
        .iter()
        .rposition(u8::is_ascii_whitespace);
    blank.map_or(end, |blank| end - SLAB / 8 + blank + 1)
}

pub(super) fn list(children: Vec<VNode>) -> VNode {
    VList::with_children(children, None).into()
}

/// A node that keeps its DOM node as long as its key and its siblings' keys stay.
///
/// Tens of thousands of these stand in a long answer: a list around one costs as much as what is inside.
pub(super) fn keyed(key: usize, node: VNode) -> VNode {
    let key = Some(self::key(key));
    match node {
        VNode::VTag(tag) if tag.key.is_none() => match Rc::try_unwrap(tag) {
            Ok(mut tag) => {
                tag.key = key;
                tag.into()
            }
            Err(tag) => VList::with_children(vec![VNode::VTag(tag)], key).into(),
        },
        node => VList::with_children(vec![node], key).into(),
    }
}

/// The same object for the same small number.
fn key(number: usize) -> Key {
    thread_local! {
        static SMALL: [Key; 64] = std::array::from_fn(Key::from);
    }
    match SMALL.with(|small| small.get(number).cloned()) {
        Some(key) => key,
        None => Key::from(number),
    }
}
