use std::rc::Rc;

use yew::{AttrValue, Callback, Html, Properties, component, html};

use super::{BlockRef, Labels, PendingText, code::Code, image::RemoteImage, link};
use crate::{
    block::{Align, Kind, Node},
    link::Link,
};

#[derive(Clone, PartialEq, Properties)]
pub(super) struct BlockProps {
    pub(super) block: BlockRef,
    pub(super) document: u32,
    pub(super) labels: Rc<Labels>,
    pub(super) onlink: Callback<Link>,
    /// The document's pending text belongs to the end of this block.
    pub(super) open: bool,
}

/// One block; renders again only when it is another one.
#[component]
pub(super) fn BlockView(props: &BlockProps) -> Html {
    let root = props.block.0.root();
    match root {
        Node::Rule if props.open => html! { <><hr /><p class="md-pending"><PendingText /></p></> },
        root => node(root, props.open, props),
    }
}

/// `open`: the pending text belongs to the end of this node.
fn node(node: &Node, open: bool, props: &BlockProps) -> Html {
    let labels = &props.labels;
    match node {
        Node::Text(text) => html! { {text} },
        Node::Code(text) => html! { <code>{text}</code> },
        Node::HardBreak => html! { <br /> },
        Node::Rule => html! { <hr /> },
        Node::Task { done } => {
            let label = if *done {
                &labels.task_done
            } else {
                &labels.task_open
            };
            html! { <input type="checkbox" disabled=true checked={*done} aria-label={label} /> }
        }
        Node::CodeBlock(code) => html! { <Code code={code.clone()} {labels} {open} /> },
        Node::Image(image) => html! { <RemoteImage image={image.clone()} {labels} /> },
        Node::FootnoteReference { number, first } => reference(*number, *first, props),
        Node::Truncated => {
            html! { <span class="md-truncated" role="note" title={&labels.truncated}>{"…"}</span> }
        }
        Node::Element(kind, children) => element(kind, children, open, props),
    }
}

fn element(kind: &Kind, children: &[Node], open: bool, props: &BlockProps) -> Html {
    let inside = || contents(children, open, props);
    match kind {
        Kind::Paragraph => html! { <p>{inside()}</p> },
        Kind::Heading(1) => html! { <h1>{inside()}</h1> },
        Kind::Heading(2) => html! { <h2>{inside()}</h2> },
        Kind::Heading(3) => html! { <h3>{inside()}</h3> },
        Kind::Heading(4) => html! { <h4>{inside()}</h4> },
        Kind::Heading(5) => html! { <h5>{inside()}</h5> },
        Kind::Heading(_) => html! { <h6>{inside()}</h6> },
        Kind::Quote => html! { <blockquote>{inside()}</blockquote> },
        Kind::List(None) => html! { <ul>{rows(children, open, props)}</ul> },
        Kind::List(Some(1)) => html! { <ol>{rows(children, open, props)}</ol> },
        Kind::List(Some(start)) => {
            html! { <ol start={start.to_string()}>{rows(children, open, props)}</ol> }
        }
        Kind::Item | Kind::TableRow => html! { {inside()} },
        Kind::Table => table(children, open, props),
        Kind::TableHead => {
            html! { { for children.iter().map(|cell| self::cell(cell, true, false, props)) } }
        }
        Kind::Cell(_) => html! { {inside()} },
        Kind::Html => html! { <p class="md-html">{inside()}</p> },
        Kind::Footnote { number, referenced } => footnote(*number, *referenced, inside(), props),
        Kind::Emphasis => html! { <em>{inside()}</em> },
        Kind::Strong => html! { <strong>{inside()}</strong> },
        Kind::Strikethrough => html! { <del>{inside()}</del> },
        Kind::Refused => html! { <bdi>{inside()}</bdi> },
        Kind::Link(link) => link::foreign(link, &props.onlink, inside()),
    }
}

/// The children, and at the end of the innermost open one the pending text.
///
/// Keyed by place: without keys the diff matches from the end, so that a growing paragraph would be rewritten and an image in
/// it would forget that it was loaded.
fn contents(children: &[Node], open: bool, props: &BlockProps) -> Html {
    let descend = open && children.last().is_some_and(holds_pending);
    let last = children.len().saturating_sub(1);
    let child = |(i, child)| html! { <key={i}>{ node(child, descend && i == last, props) }</> };
    let keyed: Html = children.iter().enumerate().map(child).collect();
    html! {
        <>
            {keyed}
            if open && !descend {
                <PendingText />
            }
        </>
    }
}

fn holds_pending(node: &Node) -> bool {
    match node {
        Node::CodeBlock(_) => true,
        Node::Element(kind, _) => !matches!(
            kind,
            Kind::Emphasis | Kind::Strong | Kind::Strikethrough | Kind::Link(_) | Kind::Refused
        ),
        _ => false,
    }
}

fn rows(items: &[Node], open: bool, props: &BlockProps) -> Html {
    let last = items.len().saturating_sub(1);
    let item = |(i, item): (usize, &Node)| {
        let task = has_task(item).then_some("md-task");
        html! { <li key={i} class={task}>{node(item, open && i == last, props)}</li> }
    };
    html! { { for items.iter().enumerate().map(item) } }
}

fn has_task(item: &Node) -> bool {
    let Node::Element(_, children) = item else {
        return false;
    };
    match children.first() {
        Some(Node::Task { .. }) => true,
        Some(Node::Element(Kind::Paragraph, inline)) => {
            matches!(inline.first(), Some(Node::Task { .. }))
        }
        _ => false,
    }
}

fn table(rows: &[Node], open: bool, props: &BlockProps) -> Html {
    let Some((head, body)) = rows.split_first() else {
        return Html::default();
    };
    let last = body.len().saturating_sub(1);
    let row = |(i, row): (usize, &Node)| {
        let Node::Element(_, cells) = row else {
            return Html::default();
        };
        let open = open && i == last;
        let end = cells.len().saturating_sub(1);
        let cells = cells
            .iter()
            .enumerate()
            .map(|(j, cell)| self::cell(cell, false, open && j == end, props));
        html! { <tr key={i}>{ for cells }</tr> }
    };
    html! {
        <div class="md-table" role="region" tabindex="0" aria-label={&props.labels.table}>
            <table>
                <thead><tr>{node(head, false, props)}</tr></thead>
                <tbody>{ for body.iter().enumerate().map(row) }</tbody>
            </table>
        </div>
    }
}

fn cell(cell: &Node, head: bool, open: bool, props: &BlockProps) -> Html {
    let Node::Element(Kind::Cell(align), children) = cell else {
        return Html::default();
    };
    let class = match align {
        Align::None => None,
        Align::Left => Some("md-left"),
        Align::Center => Some("md-center"),
        Align::Right => Some("md-right"),
    };
    let inside = contents(children, open, props);
    match head {
        true => html! { <th scope="col" {class}>{inside}</th> },
        false => html! { <td {class}>{inside}</td> },
    }
}

fn reference(number: u32, first: bool, props: &BlockProps) -> Html {
    let id = first.then(|| anchor_id("fnref", props.document, number));
    let target = anchor_id("fn", props.document, number);
    html! { <sup>{link::anchor("md-footnote", id, target, None, number.to_string().into())}</sup> }
}

fn footnote(number: u32, referenced: bool, inside: Html, props: &BlockProps) -> Html {
    let back = referenced.then(|| {
        let label = Some(props.labels.footnote_back.clone());
        link::anchor(
            "md-footnote-back",
            None,
            anchor_id("fnref", props.document, number),
            label,
            "↩".into(),
        )
    });
    html! {
        <li id={anchor_id("fn", props.document, number)} value={number.to_string()} tabindex="-1">{inside}{back}</li>
    }
}

fn anchor_id(kind: &str, document: u32, number: u32) -> AttrValue {
    let mut id = String::from(kind);
    for part in [document, number] {
        id.push('-');
        id.push_str(&part.to_string());
    }
    id.into()
}
