//! What reacts to the reader: code blocks, images, links, headings and footnotes.

use std::rc::Rc;

use yew::{AttrValue, NodeRef, virtual_dom::VNode};

use super::{
    action::{Action, Event, On},
    direction::{foreign, is_hidden, is_reordering},
    node::View,
    painter::ShownCode,
    tag::{keyed, list, listening, placed, plain, tag, text, with},
};
use crate::{
    block::{CodeBlock, Image, Node},
    claim::is_misleading,
    link::Link,
};

impl View<'_> {
    /// A code block with its language and buttons that wrap its lines and copy it.
    pub(super) fn code(&self, code: &Rc<CodeBlock>) -> VNode {
        let labels = &self.shared.labels;
        let number = self.number();
        let is_wrapped = self.part.wrapped.contains(&number);
        let bar = vec![
            tag(
                "bdi",
                "md-code-language",
                foreign(&code.language, is_hidden),
            ),
            self.outcome(number),
            self.wrap(number, is_wrapped),
            button(
                "md-copy",
                text(&labels.copy),
                Action::Copy(number, Rc::clone(code), self.scope.clone()),
            ),
        ];
        let place = NodeRef::default();
        self.codes.borrow_mut().push(ShownCode {
            number,
            code: Rc::clone(code),
            place: place.clone(),
        });
        let shown = match self.part.painter.colouring(number, code) {
            Some(colouring) => colouring.nodes(self.shared, code),
            None => {
                let pieces = code.text.iter().enumerate();
                let shown = pieces.map(|(i, piece)| keyed(i, foreign(piece, is_hidden)));
                list(shown.collect())
            }
        };
        let label = match code.language.is_empty() {
            true => labels.code.clone(),
            false => [&*labels.code, " ", &code.language].concat().into(),
        };
        let pre = with(
            "pre",
            &["tabindex", "role", "aria-label"],
            [
                Some(&AttrValue::Static("0")),
                Some(&AttrValue::Static("region")),
                Some(&label),
            ],
            plain("code", shown),
        );
        let parts = vec![tag("div", "md-code-bar", list(bar)), pre];
        let class = if is_wrapped {
            "md-code md-wrapped"
        } else {
            "md-code"
        };
        placed("div", class, list(parts), place)
    }

    fn wrap(&self, number: usize, is_wrapped: bool) -> VNode {
        let pressed = if is_wrapped { "true" } else { "false" };
        listening(
            "button",
            &["type", "aria-pressed", "class"],
            [
                Some(&AttrValue::Static("button")),
                Some(&AttrValue::Static(pressed)),
                Some(&AttrValue::Static("md-wrap")),
            ],
            text(&self.shared.labels.wrap),
            vec![On(Event::Click, Action::Wrap(number, self.scope.clone()))],
        )
    }

    /// Says for a moment whether copying worked.
    pub(super) fn outcome(&self, number: usize) -> VNode {
        let labels = &self.shared.labels;
        let outcome = match self.part.copied {
            Some((copied, true)) if copied == number => &labels.copied,
            Some((copied, false)) if copied == number => &labels.copy_failed,
            _ => &AttrValue::Static(""),
        };
        with(
            "span",
            &["role", "class"],
            [
                Some(&AttrValue::Static("status")),
                Some(&AttrValue::Static("md-outcome")),
            ],
            text(outcome),
        )
    }

    /// A heading; one of the text's own blocks (`key`) with a link to itself. That stands beside it, or it would be read as a
    /// part of each heading, and its `#` is the style sheet's, or it would be a part of the text.
    pub(super) fn heading(&self, level: u8, children: &[Node], key: Option<usize>) -> VNode {
        const NAMES: [&str; 6] = ["h1", "h2", "h3", "h4", "h5", "h6"];
        const LOOKS: [&str; 6] = [
            "md-heading md-1",
            "md-heading md-2",
            "md-heading md-3",
            "md-heading md-4",
            "md-heading md-5",
            "md-heading md-6",
        ];
        let level = usize::from(level.clamp(1, 6));
        let name = NAMES[(level + usize::from(self.shared.level)).min(6) - 1];
        let inside = self.nodes(children, false);
        let parts = match key.and_then(|key| u32::try_from(key).ok()) {
            None => vec![plain(name, inside)],
            Some(key) => {
                let id = self.anchor_id("md-h", key);
                let focus = AttrValue::Static("-1");
                let heading = with(name, &["id", "tabindex"], [Some(&id), Some(&focus)], inside);
                let label = &self.shared.labels.heading_link;
                vec![
                    heading,
                    anchor("md-anchor", None, id, Some(label), AttrValue::Static("")),
                ]
            }
        };
        tag("div", LOOKS[level - 1], list(parts))
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
            tag("bdi", "md-image-alt", foreign(&image.alt, is_reordering)),
            tag("span", "md-image-host", host),
        ];
        if known.is_some() {
            parts.push(tag("span", "md-image-failed", text(&labels.image_failed)));
        }
        parts.push(tag("span", "md-image-action", text(&labels.load_image)));
        button("md-image-load", list(parts), action)
    }

    /// A link; where its text names another host, the real one follows.
    pub(super) fn link(&self, link: &Rc<Link>, children: &[Node], inside: VNode) -> VNode {
        let follow = || Action::Follow(Rc::clone(link), Rc::clone(self.shared));
        let mut parts = vec![plain("bdi", inside)];
        let shown = crate::text::of(children);
        if is_misleading(&shown, link) {
            let host = list(vec![
                text(&AttrValue::Static(" (")),
                plain("bdi", text(&link.host)),
                text(&AttrValue::Static(")")),
            ]);
            parts.push(tag("span", "md-link-host", host));
        }
        // On paper, the address that follows a link would be there twice.
        let is_bare = shown == *link.href;
        listening(
            "a",
            &["class", "href", "target", "rel", "title"],
            [
                is_bare.then_some(&AttrValue::Static("md-bare")),
                Some(&link.href),
                Some(&AttrValue::Static("_blank")),
                Some(&AttrValue::Static("noopener noreferrer nofollow")),
                Some(&link.host),
            ],
            list(parts),
            vec![On(Event::Click, follow()), On(Event::AuxClick, follow())],
        )
    }

    pub(super) fn reference(&self, number: u32, first: bool) -> VNode {
        let id = first.then(|| self.anchor_id("md-fnref", number));
        let target = self.anchor_id("md-fn", number);
        let shown = number.to_string().into();
        plain("sup", anchor("md-footnote", id, target, None, shown))
    }

    pub(super) fn footnote(&self, number: u32, referenced: bool, inside: VNode) -> VNode {
        let mut parts = vec![inside];
        if referenced {
            let label = &self.shared.labels.footnote_back;
            let target = self.anchor_id("md-fnref", number);
            let shown = AttrValue::Static("↩");
            parts.push(anchor("md-footnote-back", None, target, Some(label), shown));
        }
        with(
            "li",
            &["id", "value", "tabindex"],
            [
                Some(&self.anchor_id("md-fn", number)),
                Some(&number.to_string().into()),
                Some(&AttrValue::Static("-1")),
            ],
            list(parts),
        )
    }

    /// Of this document on this page; the prefix is no name that a page gives to anything else.
    fn anchor_id(&self, kind: &str, number: u32) -> AttrValue {
        let mut id = String::from(kind);
        for part in [self.shared.document, number] {
            id.push('-');
            id.push_str(&part.to_string());
        }
        id.into()
    }
}

pub(super) fn button(class: &'static str, child: VNode, action: Action) -> VNode {
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
