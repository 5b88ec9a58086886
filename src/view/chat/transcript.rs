use std::rc::Rc;

use aicon_markdown::{Document, Link, Markdown};
use web_sys::Element;
use yew::prelude::*;

use super::super::context::{use_app, use_labels, use_ui};
use super::super::icon::{Icon, IconView};
use super::follow::Follow;
use super::turn::TurnView;
use crate::state::chat::Turn;

#[derive(Properties)]
pub(super) struct TranscriptProps {
    pub(super) turns: Vec<Rc<Turn>>,
    pub(super) onlink: Callback<Link>,
}

impl PartialEq for TranscriptProps {
    fn eq(&self, other: &Self) -> bool {
        self.turns.len() == other.turns.len() && self.turns.iter().zip(&other.turns).all(|(a, b)| Rc::ptr_eq(a, b))
    }
}

/// All turns, oldest first. It is a log whose growth is announced by [`super::announcer`], not token by token.
#[component]
pub(super) fn Transcript(props: &TranscriptProps) -> Html {
    let (ui, node) = (use_ui(), use_node_ref());
    let messages = ui.messages();
    let follow = use_memo((), |()| Follow::new());
    let is_away = use_state_eq(|| false);
    use_effect({
        let (node, follow) = (node.clone(), follow.clone());
        move || {
            if let Some(element) = node.cast::<Element>() {
                follow.on_growth(&element);
            }
        }
    });
    let count = props.turns.len();
    use_effect_with(count, {
        let (node, follow) = (node.clone(), follow.clone());
        // A new message is where its author looks.
        move |_| {
            if let Some(element) = node.cast::<Element>() {
                follow.to_end(&element);
            }
        }
    });
    let onscroll = {
        let (follow, is_away) = (follow.clone(), is_away.setter());
        Callback::from(move |event: Event| {
            if let Some(element) = event.target_dyn_into::<Element>() {
                follow.on_scroll(&element);
                is_away.set(!follow.is_following());
            }
        })
    };
    let to_end = {
        let (node, follow, is_away) = (node.clone(), follow, is_away.setter());
        Callback::from(move |_: MouseEvent| {
            if let Some(element) = node.cast::<Element>() {
                follow.to_end(&element);
                is_away.set(false);
            }
        })
    };
    let last = count.saturating_sub(1);
    let turns = props.turns.iter().enumerate().map(|(at, turn)| {
        html! { <TurnView key={turn.key} turn={turn.clone()} is_last={at == last} onlink={props.onlink.clone()} /> }
    });
    html! {
        <div class="transcript-frame">
            <div ref={node} class="transcript" role="log" aria-live="off" aria-label={messages.chat_title} tabindex="0" {onscroll}>
                <div class="column">
                    if count == 0 {
                        <StartMessage onlink={props.onlink.clone()} />
                    }
                    { for turns }
                </div>
            </div>
            if *is_away {
                <button data-testid="to-end" class="to-end" type="button" aria-label={messages.to_end} title={messages.to_end} onclick={to_end}>
                    <IconView icon={Icon::Down} />
                </button>
            }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct StartMessageProps {
    onlink: Callback<Link>,
}

/// The provider's greeting.
#[component]
fn StartMessage(props: &StartMessageProps) -> Html {
    let (ui, app, labels) = (use_ui(), use_app(), use_labels());
    let text = app.config.start_message.get(ui.locale);
    let document = use_memo(text, |text| Document::from_text(text));
    html! {
        <div class="start-message" data-testid="start-message">
            <h2>{ app.config.title.get(ui.locale) }</h2>
            <Markdown document={(*document).clone()} {labels} onlink={props.onlink.clone()} />
        </div>
    }
}
