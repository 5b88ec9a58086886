use std::rc::Rc;

use yew::{
    AttrValue,
    virtual_dom::{AttributeOrProperty, Attributes, Key, Listener, VList, VNode, VTag, VText},
};

/// An element without attributes.
pub(super) fn plain(name: &'static str, child: VNode) -> VNode {
    with(name, &[], [], child)
}

/// An element of one class.
pub(super) fn tag(name: &'static str, class: &'static str, child: VNode) -> VNode {
    with(name, &["class"], [Some(class.into())], child)
}

/// An element with those of the attributes that have a value.
pub(super) fn with<const N: usize>(
    name: &'static str,
    keys: &'static [&'static str; N],
    mut values: [Option<AttrValue>; N],
    child: VNode,
) -> VNode {
    element(VTag::new(name), keys, &mut values, child)
}

/// An element with listeners too.
pub(super) fn listening<const N: usize>(
    name: &'static str,
    keys: &'static [&'static str; N],
    mut values: [Option<AttrValue>; N],
    child: VNode,
    listeners: Vec<impl Listener + 'static>,
) -> VNode {
    let mut tag = VTag::new(name);
    let listener = |listener| Some(Rc::new(listener) as Rc<dyn Listener>);
    tag.set_listeners(listeners.into_iter().map(listener).collect());
    element(tag, keys, &mut values, child)
}

/// A checkbox that nobody can change.
pub(super) fn checkbox(checked: bool, label: &AttrValue) -> VNode {
    let mut tag = VTag::new("input");
    tag.set_checked(checked);
    let keys = &["type", "disabled", "aria-label"];
    let mut values = [
        Some("checkbox".into()),
        Some("".into()),
        Some(label.clone()),
    ];
    element(tag, keys, &mut values, VNode::default())
}

/// Apart from the generic functions, so that it is compiled once.
fn element(
    mut tag: VTag,
    keys: &'static [&'static str],
    values: &mut [Option<AttrValue>],
    child: VNode,
) -> VNode {
    let value = |value: &mut Option<AttrValue>| value.take().map(AttributeOrProperty::Attribute);
    tag.attributes = Attributes::Dynamic {
        keys,
        values: values.iter_mut().map(value).collect(),
    };
    if let Some(children) = tag.children_mut() {
        *children = child;
    }
    tag.into()
}

pub(super) fn text(text: &AttrValue) -> VNode {
    VText::new(text.clone()).into()
}

pub(super) fn list(children: Vec<VNode>) -> VNode {
    VList::with_children(children, None).into()
}

/// A node that keeps its DOM node as long as its key and its siblings' keys stay.
pub(super) fn keyed(key: usize, node: VNode) -> VNode {
    VList::with_children(vec![node], Some(Key::from(key))).into()
}
