use std::rc::Rc;

use aicon_markdown::Document;
use web_sys::Element;
use yew::prelude::*;

use super::super::icon::{DOWN, icon};
use super::super::ui::{App, Ui};
use super::follow::Follow;
use super::turn::TurnView;
use crate::state::turn::Turn;

#[derive(Properties)]
pub(super) struct TranscriptProps {
    pub(super) ui: Ui,
    pub(super) app: App,
    pub(super) turns: Vec<Rc<Turn>>,
}

impl PartialEq for TranscriptProps {
    fn eq(&self, other: &Self) -> bool {
        self.ui == other.ui
            && self.turns.len() == other.turns.len()
            && self
                .turns
                .iter()
                .zip(&other.turns)
                .all(|(a, b)| Rc::ptr_eq(a, b))
    }
}

/// All turns, oldest first. It is a log whose growth is announced by [`super::announcer`], not token by token.
pub(super) struct Transcript {
    node: NodeRef,
    follow: Follow,
    shown: usize,
}

pub(super) enum Msg {
    Scrolled,
    ToEnd,
}

impl Component for Transcript {
    type Message = Msg;
    type Properties = TranscriptProps;

    fn create(_: &Context<Self>) -> Self {
        Self {
            node: NodeRef::default(),
            follow: Follow::new(),
            shown: 0,
        }
    }

    fn update(&mut self, _: &Context<Self>, msg: Msg) -> bool {
        let Some(element) = self.node.cast::<Element>() else {
            return false;
        };
        let was_following = self.follow.is_following();
        match msg {
            Msg::Scrolled => self.follow.on_scroll(&element),
            Msg::ToEnd => self.follow.go_to_end(&element),
        }
        was_following != self.follow.is_following()
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let TranscriptProps { ui, app, turns } = ctx.props();
        let messages = ui.messages();
        let link = ctx.link();
        let last = turns.len().saturating_sub(1);
        let turns = turns.iter().enumerate().map(|(at, turn)| {
            html! { <TurnView key={turn.key} ui={ui.clone()} app={app.clone()} turn={turn.clone()} is_last={at == last} /> }
        });
        html! {
            <div class="transcript-frame">
                <div ref={self.node.clone()} class="transcript" role="log" aria-live="off" aria-label={messages.chat_title}
                    tabindex="0" onscroll={link.callback(|_: Event| Msg::Scrolled)}>
                    <div class="column">
                        if turns.len() == 0 {
                            { start_message(ui, app) }
                        }
                        { for turns }
                    </div>
                </div>
                if !self.follow.is_following() {
                    <button data-testid="to-end" class="to-end" type="button" aria-label={messages.to_end}
                        title={messages.to_end} onclick={link.callback(|_: MouseEvent| Msg::ToEnd)}>{ icon(DOWN) }</button>
                }
            </div>
        }
    }

    fn rendered(&mut self, ctx: &Context<Self>, _: bool) {
        ctx.props().app.commands.drawn();
        let Some(element) = self.node.cast::<Element>() else {
            return;
        };
        let count = ctx.props().turns.len();
        // A new message is where its author looks; growth moves nobody who has scrolled up.
        if std::mem::replace(&mut self.shown, count) == count {
            self.follow.on_growth(&element);
        } else {
            self.follow.go_to_end(&element);
        }
    }
}

/// The provider's greeting.
fn start_message(ui: &Ui, app: &App) -> Html {
    html! {
        <div class="start-message" data-testid="start-message">
            <h2>{ app.config.title.get(ui.locale) }</h2>
            { ui.markdown(Document::from_text(&app.config.start_message.get(ui.locale)), 2) }
        </div>
    }
}
