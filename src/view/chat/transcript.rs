use std::rc::Rc;
use std::slice::Chunks;

use aicon_markdown::Document;
use gloo::timers::callback::Timeout;
use wasm_bindgen::prelude::*;
use web_sys::{Element, ResizeObserver};
use yew::prelude::*;

use super::super::icon::{DOWN, icon};
use super::super::ui::{App, Ui};
use super::follow::Follow;
use super::turn::TurnView;
use crate::state::turn::Turn;

/// Turns of a group: those of a long conversation cost a comparison of pointers each.
const GROUP: usize = 32;
/// Groups of a conversation that are built when it comes back, from its end: the end of a long one is there at once.
const AT_ONCE: usize = 2;
/// Groups that are then built in one go: the page stays at its user's hand.
const STEP: usize = 4;

#[derive(Properties, PartialEq)]
pub(super) struct TranscriptProps {
    pub(super) ui: Ui,
    pub(super) app: App,
    pub(super) turns: Turns,
}

/// Oldest first; equal if they are the same ones.
#[derive(Clone)]
pub(super) struct Turns(pub(super) Vec<Rc<Turn>>);

impl Turns {
    fn groups(&self) -> Chunks<'_, Rc<Turn>> {
        self.0.chunks(GROUP)
    }
}

impl PartialEq for Turns {
    fn eq(&self, other: &Self) -> bool {
        let mut pairs = self.0.iter().zip(&other.0);
        self.0.len() == other.0.len() && pairs.all(|(a, b)| Rc::ptr_eq(a, b))
    }
}

/// All turns, oldest first. It is a log whose growth is announced by [`super::announcer`], not token by token.
pub(super) struct Transcript {
    node: NodeRef,
    column: NodeRef,
    resized: Option<Resized>,
    follow: Follow,
    shown: usize,
    /// Groups at the beginning that are not built yet.
    hidden: usize,
    building: Option<Timeout>,
    /// Pixels from the upper edge to the end, before something was built above it.
    below: Option<i32>,
}

/// Says when what is shown takes another height, by itself too: boxes that come into sight are as high as their content, code
/// gets its colours, pictures come.
struct Resized {
    observer: ResizeObserver,
    _callback: Closure<dyn FnMut()>,
}

impl Resized {
    fn watch(element: &Element, callback: Callback<()>) -> Option<Self> {
        let callback = Closure::<dyn FnMut()>::new(move || callback.emit(()));
        let observer = ResizeObserver::new(callback.as_ref().unchecked_ref()).ok()?;
        observer.observe(element);
        Some(Self {
            observer,
            _callback: callback,
        })
    }
}

impl Drop for Resized {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

pub(super) enum Msg {
    BuildNext,
    Resized,
    Scrolled,
    ToEnd,
}

impl Component for Transcript {
    type Message = Msg;
    type Properties = TranscriptProps;

    fn create(ctx: &Context<Self>) -> Self {
        Self {
            node: NodeRef::default(),
            column: NodeRef::default(),
            resized: None,
            follow: Follow::new(),
            shown: 0,
            hidden: ctx.props().turns.groups().len().saturating_sub(AT_ONCE),
            building: None,
            below: None,
        }
    }

    fn changed(&mut self, ctx: &Context<Self>, before: &TranscriptProps) -> bool {
        let groups = ctx.props().turns.groups().len();
        self.hidden = match before.turns.0.is_empty() {
            true => groups.saturating_sub(AT_ONCE),
            false => self.hidden.min(groups),
        };
        true
    }

    fn update(&mut self, _: &Context<Self>, msg: Msg) -> bool {
        let Some(element) = self.node.cast::<Element>() else {
            return false;
        };
        let was_following = self.follow.is_following();
        match msg {
            Msg::BuildNext => {
                self.hidden = self.hidden.saturating_sub(STEP);
                self.below = Some(element.scroll_height() - element.scroll_top());
                return true;
            }
            Msg::Resized => self.follow.on_growth(&element),
            Msg::Scrolled => self.follow.on_scroll(&element),
            Msg::ToEnd => self.follow.go_to_end(&element),
        }
        was_following != self.follow.is_following()
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let TranscriptProps { ui, app, turns } = ctx.props();
        let messages = ui.messages();
        let link = ctx.link();
        let last = turns.0.last().map(|turn| turn.key);
        let count = turns.groups().len();
        let groups = turns.groups().enumerate().skip(self.hidden);
        let groups = groups.map(|(at, turns)| {
            let last = last.filter(|_| at + 1 == count);
            let turns = Turns(turns.to_vec());
            html! { <TurnGroup key={at} ui={ui.clone()} app={app.clone()} {turns} {last} /> }
        });
        html! {
            <div class="transcript-frame">
                <div ref={self.node.clone()} class="transcript" role="log" aria-live="off" aria-label={messages.chat_title}
                    tabindex="0" onscroll={link.callback(|_: Event| Msg::Scrolled)}>
                    <div ref={self.column.clone()} class="column">
                        if turns.0.is_empty() {
                            { start_message(ui, app) }
                        }
                        { for groups }
                    </div>
                </div>
                if !self.follow.is_following() {
                    <button data-testid="to-end" class="to-end" type="button" aria-label={messages.to_end}
                        title={messages.to_end} onclick={link.callback(|_: MouseEvent| Msg::ToEnd)}>{ icon(DOWN) }</button>
                }
            </div>
        }
    }

    fn rendered(&mut self, ctx: &Context<Self>, is_first: bool) {
        ctx.props().app.commands.drawn();
        if is_first && let Some(column) = self.column.cast::<Element>() {
            let resized = ctx.link().callback(|()| Msg::Resized);
            self.resized = Resized::watch(&column, resized);
        }
        if self.hidden > 0 {
            let link = ctx.link().clone();
            self.building = Some(Timeout::new(0, move || link.send_message(Msg::BuildNext)));
        }
        let Some(element) = self.node.cast::<Element>() else {
            return;
        };
        if let Some(below) = self.below.take() {
            element.set_scroll_top(element.scroll_height() - below);
        }
        let count = ctx.props().turns.0.len();
        // A new message is where its author looks; growth moves nobody who has scrolled up.
        if std::mem::replace(&mut self.shown, count) == count {
            self.follow.on_growth(&element);
        } else {
            self.follow.go_to_end(&element);
        }
    }
}

#[derive(Properties, PartialEq)]
struct TurnGroupProps {
    ui: Ui,
    app: App,
    turns: Turns,
    /// The conversation's last turn, if it is one of these.
    last: Option<u32>,
}

#[component]
fn TurnGroup(props: &TurnGroupProps) -> Html {
    let TurnGroupProps {
        ui,
        app,
        turns,
        last,
    } = props;
    let turn = |turn: &Rc<Turn>| {
        let is_last = *last == Some(turn.key);
        html! { <TurnView key={turn.key} ui={ui.clone()} app={app.clone()} turn={turn.clone()} {is_last} /> }
    };
    turns.0.iter().map(turn).collect()
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
