//! What reacts to the reader: code blocks, images, links and footnotes.

use std::rc::Rc;

use yew::{AttrValue, virtual_dom::VNode};

use super::{
    action::{Action, Event, On},
    node::View,
    tag::{keyed, list, listening, plain, tag, text, with},
};
use crate::{
    block::{CodeBlock, Image},
    link::Link,
};

impl View<'_> {
    /// A code block with its language and a copy button.
    pub(super) fn code(&self, code: &Rc<CodeBlock>) -> VNode {
        let labels = &self.shared.labels;
        let number = self.codes.get();
        self.codes.set(number + 1);
        let outcome = match self.part.copied {
            Some((copied, true)) if copied == number => &labels.copied,
            Some((copied, false)) if copied == number => &labels.copy_failed,
            _ => &AttrValue::Static(""),
        };
        let status = with(
            "span",
            &["role", "class"],
            [
                Some(&AttrValue::Static("status")),
                Some(&AttrValue::Static("md-code-outcome")),
            ],
            text(outcome),
        );
        let copy = Action::Copy(number, Rc::clone(code), self.scope.clone());
        let bar = vec![
            tag("bdi", "md-code-language", text(&code.language)),
            status,
            button("md-code-copy", text(&labels.copy), copy),
        ];
        let pieces = code.text.iter().enumerate();
        let shown = pieces.map(|(i, piece)| keyed(i, text(piece))).collect();
        let label = if code.language.is_empty() {
            &labels.code
        } else {
            &code.language
        };
        let pre = with(
            "pre",
            &["tabindex", "role", "aria-label"],
            [
                Some(&AttrValue::Static("0")),
                Some(&AttrValue::Static("region")),
                Some(label),
            ],
            plain("code", list(shown)),
        );
        let parts = vec![tag("div", "md-code-bar", list(bar)), pre];
        tag("div", "md-code", list(parts))
    }

    /// A remote image: a button until the reader asks for it, because loading it tells its host who reads.
    pub(super) fn image(&self, image: &Image) -> VNode {
        let labels = &self.shared.labels;
        let address = &image.source.href;
        let known = self.part.images.iter().find(|known| known.0 == *address);
        let intact = known.is_some_and(|(_, intact)| *intact);
        let action = Action::Image(address.clone(), !intact, self.scope.clone());
        if intact {
            return listening(
                "img",
                &["alt", "referrerpolicy", "decoding", "src", "class"],
                [
                    Some(&image.alt),
                    Some(&AttrValue::Static("no-referrer")),
                    Some(&AttrValue::Static("async")),
                    Some(address),
                    Some(&AttrValue::Static("md-image")),
                ],
                VNode::default(),
                vec![On(Event::Error, action)],
            );
        }
        let host = list(vec![
            text(&labels.image_from),
            text(&AttrValue::Static(" ")),
            plain("bdi", text(&image.source.host)),
        ]);
        let mut parts = vec![
            tag("bdi", "md-image-alt", text(&image.alt)),
            tag("span", "md-image-host", host),
        ];
        if known.is_some() {
            parts.push(tag("span", "md-image-failed", text(&labels.image_failed)));
        }
        parts.push(tag("span", "md-image-action", text(&labels.load_image)));
        button("md-image-load", list(parts), action)
    }

    pub(super) fn link(&self, link: &Rc<Link>, inside: VNode) -> VNode {
        let follow = || Action::Follow(Rc::clone(link), Rc::clone(self.shared));
        listening(
            "a",
            &["href", "target", "rel", "title"],
            [
                Some(&link.href),
                Some(&AttrValue::Static("_blank")),
                Some(&AttrValue::Static("noopener noreferrer nofollow")),
                Some(&link.host),
            ],
            plain("bdi", inside),
            vec![On(Event::Click, follow()), On(Event::AuxClick, follow())],
        )
    }

    pub(super) fn reference(&self, number: u32, first: bool) -> VNode {
        let id = first.then(|| self.anchor_id("fnref", number));
        let target = self.anchor_id("fn", number);
        let shown = number.to_string().into();
        plain("sup", anchor("md-footnote", id, target, None, shown))
    }

    pub(super) fn footnote(&self, number: u32, referenced: bool, inside: VNode) -> VNode {
        let mut parts = vec![inside];
        if referenced {
            let label = &self.shared.labels.footnote_back;
            let target = self.anchor_id("fnref", number);
            let shown = AttrValue::Static("↩");
            parts.push(anchor("md-footnote-back", None, target, Some(label), shown));
        }
        with(
            "li",
            &["id", "value", "tabindex"],
            [
                Some(&self.anchor_id("fn", number)),
                Some(&number.to_string().into()),
                Some(&AttrValue::Static("-1")),
            ],
            list(parts),
        )
    }

    fn anchor_id(&self, kind: &str, number: u32) -> AttrValue {
        let mut id = String::from(kind);
        for part in [self.shared.document, number] {
            id.push('-');
            id.push_str(&part.to_string());
        }
        id.into()
    }
}

fn button(class: &'static str, child: VNode, action: Action) -> VNode {
    listening(
        "button",
        &["type", "class"],
        [
            Some(&AttrValue::Static("button")),
            Some(&AttrValue::Static(class)),
        ],
        child,
        vec![On(Event::Click, action)],
    )
}

/// A link to an anchor of the same document.
fn anchor(
    class: &'static str,
    id: Option<AttrValue>,
    target: AttrValue,
    label: Option<&AttrValue>,
    shown: AttrValue,
) -> VNode {
    let mut href = String::from("#");
    href.push_str(&target);
    listening(
        "a",
        &["id", "href", "aria-label", "class"],
        [
            id.as_ref(),
            Some(&href.into()),
            label,
            Some(&AttrValue::Static(class)),
        ],
        text(&shown),
        vec![On(Event::Click, Action::GoTo(target))],
    )
}
