//! Start-up, and which page is shown.

use std::cell::OnceCell;
use std::rc::Rc;

use aicon_markdown::{Enricher, Link};
use gloo::events::EventListener;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::auth::{Auth, Reason, Session};
use crate::browser::frame::{Framing, framing};
use crate::browser::{document, location, policy, theme, window, worker};
use crate::config::{self, Config, LoadError};
use crate::i18n::Locale;
use crate::route::Route;
use crate::state::chat::Chat;
use crate::state::commands::Commands;
use crate::state::store::Store;
use crate::view::{
    App, ChatPage, FormPage, Ui, config_error_page, config_error_title, dialog, labels, pages,
    shell,
};

/// AICON's own hosts may show the app in a frame (`aicon.md` 1).
const AICON_HOST: &str = "aicon.or.kr";

/// Mounts the app.
pub fn run() {
    theme::restore();
    match document().get_element_by_id("app") {
        Some(root) => yew::Renderer::<Main>::with_root(root).render(),
        None => yew::Renderer::<Main>::new().render(),
    };
}

/// The root: one message for each thing that can happen to the app as a whole.
pub struct Main {
    boot: Boot,
    session: Session,
    route: Route,
    /// Where a login leads.
    wanted: Route,
    ui: Ui,
    link: Option<Link>,
    link_node: NodeRef,
    main_node: NodeRef,
    moved: bool,
    _on_pop: EventListener,
}

/// How far start-up is.
enum Boot {
    Loading,
    Failed(LoadError),
    Framed,
    Ready(App),
}

/// What can happen.
pub enum Msg {
    /// The config is to be loaded once more.
    Retry,
    /// The config is there, or cannot be had.
    Loaded(Result<Rc<Config>, LoadError>),
    /// The session changed.
    Session(Session),
    /// The user goes to a place.
    Go(Route),
    /// The browser went to a place: back or forward.
    Popped,
    /// The user chose a language.
    Locale(Locale),
    /// A link was clicked, or its dialog closed.
    Link(Option<Link>),
}

impl Component for Main {
    type Message = Msg;
    type Properties = ();

    fn create(ctx: &Context<Self>) -> Self {
        let link = ctx.link();
        load(ctx);
        let popped = link.callback(|()| Msg::Popped);
        let locale = Locale::detect();
        describe_document(locale, None);
        Self {
            boot: Boot::Loading,
            session: Session::Starting,
            route: Route::of(&location::path()),
            wanted: Route::Home,
            ui: Ui {
                locale,
                labels: labels(locale),
                go: link.callback(Msg::Go),
                set_locale: link.callback(Msg::Locale),
                ask_link: link.callback(|link| Msg::Link(Some(link))),
                enricher: Enricher::new(worker::enricher()),
            },
            link: None,
            link_node: NodeRef::default(),
            main_node: NodeRef::default(),
            moved: false,
            _on_pop: EventListener::new(&window(), "popstate", move |_| popped.emit(())),
        }
    }

    fn update(&mut self, ctx: &Context<Self>, msg: Msg) -> bool {
        match msg {
            Msg::Retry => {
                self.boot = Boot::Loading;
                load(ctx);
            }
            Msg::Loaded(Err(error)) => self.boot = Boot::Failed(error),
            Msg::Loaded(Ok(config)) if !may_be_framed(&config) => self.boot = Boot::Framed,
            Msg::Loaded(Ok(config)) => self.start(ctx, config),
            Msg::Session(session) => self.session = session,
            Msg::Go(route) => {
                location::push(route.path());
                self.route = route;
                self.moved = true;
            }
            Msg::Popped => {
                self.route = Route::of(&location::path());
                self.moved = true;
            }
            Msg::Locale(locale) => {
                locale.remember();
                self.ui = self.ui.with_locale(locale);
            }
            Msg::Link(link) => self.link = link,
        }
        if let Some(other) = redirect(&self.session, self.route, &mut self.wanted) {
            location::replace(other.path());
            self.route = other;
        }
        describe_document(self.ui.locale, Some(&self.boot));
        true
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let ui = &self.ui;
        let page = match &self.boot {
            Boot::Loading => return skeleton(),
            Boot::Failed(error) => {
                config_error_page(ui, error, ctx.link().callback(|_: MouseEvent| Msg::Retry))
            }
            Boot::Framed => pages::framed(ui),
            Boot::Ready(app) => self.page(app),
        };
        let link = self.link.as_ref().map(|link| {
            dialog::link_dialog(
                ui,
                link,
                &self.link_node,
                ctx.link().callback(|_: Event| Msg::Link(None)),
            )
        });
        html! { <>{ shell(ui, self.app(), &self.session, &self.main_node, page) }{ link }</> }
    }

    fn rendered(&mut self, _: &Context<Self>, _: bool) {
        dialog::show(&self.link_node);
        // A new place is announced by moving the focus there, unless the place has taken it already.
        if std::mem::take(&mut self.moved)
            && let Some(main) = self.main_node.cast::<web_sys::HtmlElement>()
            && document()
                .active_element()
                .is_none_or(|active| !main.contains(Some(&active)))
        {
            drop(main.focus());
        }
    }
}

impl Main {
    fn app(&self) -> Option<&App> {
        match &self.boot {
            Boot::Ready(app) => Some(app),
            _ => None,
        }
    }

    fn page(&self, app: &App) -> Html {
        match (self.route, &self.session) {
            (Route::NotFound, _) => pages::not_found(&self.ui),
            (_, Session::Starting) => pages::starting(&self.ui, app),
            (_, Session::SignedOut(reason)) => pages::login(&self.ui, app, reason, self.wanted),
            (Route::Chat, _) if app.commands.form().is_some() => {
                html! { <FormPage ui={self.ui.clone()} app={app.clone()} /> }
            }
            (Route::Chat, _) => html! { <ChatPage ui={self.ui.clone()} app={app.clone()} /> },
            (Route::Home | Route::Login, _) => pages::home(&self.ui, app),
        }
    }

    fn start(&mut self, ctx: &Context<Self>, config: Rc<Config>) {
        let login = config.login.as_ref();
        policy::allow_connections_to(&[
            &config.api_end_point,
            login.map_or("", |login| &login.aicon_api),
        ]);
        let follower: Rc<OnceCell<Commands>> = Rc::default();
        let changed = ctx.link().callback(Msg::Session);
        let auth = Auth::new(config.clone(), {
            let follower = follower.clone();
            move |session| {
                if let Some(commands) = follower.get() {
                    commands.follow(&session);
                }
                changed.emit(session);
            }
        });
        let commands = Commands::new(config.clone(), auth.clone(), Store::new(Chat::default()));
        // Set once, here.
        drop(follower.set(commands.clone()));
        let leaving = commands.clone();
        EventListener::new(&window(), "pagehide", move |_| leaving.on_leave()).forget();
        self.route = auth.start();
        self.session = auth.session();
        commands.follow(&self.session);
        self.boot = Boot::Ready(App {
            config,
            auth,
            commands,
        });
    }
}

fn load(ctx: &Context<Main>) {
    let loaded = ctx.link().callback(Msg::Loaded);
    spawn_local(async move { loaded.emit(config::load().await.map(Rc::new)) });
}

/// The route to show instead: nobody sees a guarded page without a session, nor the login page with one.
fn redirect(session: &Session, route: Route, wanted: &mut Route) -> Option<Route> {
    match (session, route) {
        (Session::SignedOut(reason), Route::Home | Route::Chat) => {
            *wanted = if *reason == Reason::LoggedOut {
                Route::Home
            } else {
                route
            };
            Some(Route::Login)
        }
        (Session::SignedIn { .. } | Session::NotNeeded, Route::Login) => {
            Some(std::mem::replace(wanted, Route::Home))
        }
        _ => None,
    }
}

/// The same picture as in `index.html`, until the config is there.
fn skeleton() -> Html {
    html! { <div class="skeleton" aria-busy="true"><div class="skeleton-bar"></div><div class="skeleton-card"></div></div> }
}

fn describe_document(locale: Locale, boot: Option<&Boot>) {
    let document = document();
    if let Some(root) = document.document_element() {
        drop(root.set_attribute("lang", locale.tag()));
    }
    match boot {
        Some(Boot::Ready(app)) => document.set_title(&app.config.title.get(locale)),
        Some(Boot::Failed(error)) => {
            document.set_title(config_error_title(error, locale.messages()));
        }
        Some(Boot::Framed) => document.set_title(locale.messages().framed_title),
        Some(Boot::Loading) | None => {}
    }
}

fn may_be_framed(config: &Config) -> bool {
    match framing() {
        Framing::Top => true,
        Framing::FramedByUnknown => false,
        Framing::FramedBy(origin) => {
            let login_url = config.login.as_ref().map_or("", |login| &login.login_url);
            is_allowed_frame(&origin, &config.frame_origins, login_url)
        }
    }
}

/// Whether a page of this origin may show the app in a frame (promise S16).
fn is_allowed_frame(origin: &str, allowed: &[String], login_url: &str) -> bool {
    let is_aicon = origin.strip_prefix("https://").is_some_and(|host| {
        host == AICON_HOST
            || host
                .strip_suffix(AICON_HOST)
                .is_some_and(|rest| rest.ends_with('.'))
    });
    let is_login = login_url
        .strip_prefix(origin)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    is_aicon || is_login || allowed.iter().any(|allowed| allowed == origin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_aicon_and_named_origins_may_frame_the_app() {
        let allowed = ["https://portal.example".to_owned()];
        for (origin, is_allowed) in [
            ("https://aicon.or.kr", true),
            ("https://dev.aicon.or.kr", true),
            ("https://portal.example", true),
            ("http://127.0.0.1:8790", true),
            ("https://evilaicon.or.kr", false),
            ("https://aicon.or.kr.evil.example", false),
            ("http://aicon.or.kr", false),
            ("null", false),
        ] {
            assert_eq!(
                is_allowed_frame(origin, &allowed, "http://127.0.0.1:8790/auth/login"),
                is_allowed,
                "{origin}"
            );
        }
    }

    #[test]
    fn a_guarded_page_waits_behind_the_login_and_is_shown_after_it() {
        let mut wanted = Route::Home;
        let signed_out = Session::SignedOut(Reason::New);
        assert_eq!(
            redirect(&signed_out, Route::Chat, &mut wanted),
            Some(Route::Login)
        );
        assert_eq!(redirect(&signed_out, Route::Login, &mut wanted), None);
        assert_eq!(
            redirect(&Session::SignedIn { user: None }, Route::Login, &mut wanted),
            Some(Route::Chat)
        );
        assert_eq!(redirect(&Session::Starting, Route::Chat, &mut wanted), None);
        assert_eq!(redirect(&signed_out, Route::NotFound, &mut wanted), None);
    }
}
