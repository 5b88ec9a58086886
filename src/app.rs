//! Start-up, and which page is shown.

use std::rc::Rc;

use gloo::events::EventListener;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::auth::{Auth, Reason, Session};
use crate::browser::frame::{Framing, framing};
use crate::browser::{document, location, policy, theme, window};
use crate::config::{self, Config, ConfigError};
use crate::i18n::Locale;
use crate::route::Route;
use crate::state::chat::Chat;
use crate::state::commands::Commands;
use crate::state::store::Store;
use crate::view::{App as AppContext, ChatPage, ConfigErrorPage, FramedPage, HomePage, LoginPage, NotFoundPage, Shell, StartingPage, Ui};

/// AICON's own hosts may show the app in a frame (`aicon.md` 1).
const AICON_HOST: &str = "aicon.or.kr";

/// Mounts the app.
pub fn run() {
    std::panic::set_hook(Box::new(|info| {
        // The panic ends the app; what is left for its author is the console.
        web_sys::console::error_1(&info.to_string().into());
    }));
    theme::restore();
    match document().get_element_by_id("app") {
        Some(root) => yew::Renderer::<Main>::with_root(root).render(),
        None => yew::Renderer::<Main>::new().render(),
    };
}

/// How far start-up is.
#[derive(Clone, PartialEq)]
enum Boot {
    Loading,
    Failed(ConfigError),
    Framed,
    Ready(AppContext),
}

#[component]
fn Main() -> Html {
    let boot = use_state(|| Boot::Loading);
    let session = use_state(|| Session::Starting);
    let route = use_state(|| Route::of(&location::path()));
    let locale = use_state(Locale::detect);

    use_effect_with((), {
        let (boot, session, route) = (boot.setter(), session.setter(), route.setter());
        move |()| {
            spawn_local(async move {
                boot.set(match config::load().await {
                    Err(error) => Boot::Failed(error),
                    Ok(config) if !may_be_framed(&config) => Boot::Framed,
                    Ok(config) => Boot::Ready(start(config, session, route)),
                });
            });
        }
    });
    use_effect_with((), {
        let route = route.setter();
        move |()| {
            let listener = EventListener::new(&window(), "popstate", move |_| route.set(Route::of(&location::path())));
            move || drop(listener)
        }
    });
    use_effect_with(((*boot).clone(), *locale), |(boot, locale)| describe_document(boot, *locale));
    let wanted = use_mut_ref(|| Route::Home);
    use_effect_with(((*session).clone(), *route), {
        let (go, wanted) = (route.setter(), wanted.clone());
        move |(session, route): &(Session, Route)| {
            if let Some(other) = redirect(session, *route, &mut wanted.borrow_mut()) {
                location::replace(other.path());
                go.set(other);
            }
        }
    });

    let ui = Ui {
        locale: *locale,
        route: *route,
        return_to: *wanted.borrow(),
        set_locale: {
            let locale = locale.setter();
            Callback::from(move |chosen: Locale| {
                chosen.remember();
                locale.set(chosen);
            })
        },
        go: {
            let route = route.setter();
            Callback::from(move |to: Route| {
                location::push(to.path());
                route.set(to);
            })
        },
    };
    let page = match &*boot {
        Boot::Loading => return skeleton(),
        Boot::Failed(error) => html! { <ConfigErrorPage error={error.clone()} /> },
        Boot::Framed => html! { <FramedPage /> },
        Boot::Ready(app) => html! { <ContextProvider<AppContext> context={app.clone()}>{ page(*route, &session) }</ContextProvider<AppContext>> },
    };
    let app = match &*boot {
        Boot::Ready(app) => Some(app.clone()),
        _ => None,
    };
    html! {
        <ContextProvider<Ui> context={ui}>
            <Shell {app} session={(*session).clone()}>{ page }</Shell>
        </ContextProvider<Ui>>
    }
}

fn start(config: Config, session: UseStateSetter<Session>, route: UseStateSetter<Route>) -> AppContext {
    let config = Rc::new(config);
    let login = config.login.as_ref();
    policy::allow_connections_to(&[&config.api_end_point, login.map_or("", |login| &login.aicon_api)]);
    let follower: Rc<std::cell::OnceCell<Commands>> = Rc::default();
    let auth = Auth::new(config.clone(), {
        let (follower, session) = (follower.clone(), session.clone());
        move |now| {
            if let Some(commands) = follower.get() {
                commands.follow(&now);
            }
            session.set(now);
        }
    });
    let commands = Commands::new(config.clone(), auth.clone(), Store::new(Chat::default()));
    // Set once, here.
    drop(follower.set(commands.clone()));
    let leaving = commands.clone();
    EventListener::new(&window(), "pagehide", move |_| leaving.keep_conversation_now()).forget();
    route.set(auth.start());
    let now = auth.session();
    commands.follow(&now);
    session.set(now);
    AppContext { config, auth, commands }
}

/// The route to show instead: nobody sees a guarded page without a session, nor the login page with one.
fn redirect(session: &Session, route: Route, wanted: &mut Route) -> Option<Route> {
    match (session, route) {
        (Session::SignedOut(reason), Route::Home | Route::Chat) => {
            *wanted = if *reason == Reason::LoggedOut { Route::Home } else { route };
            Some(Route::Login)
        }
        (Session::SignedIn { .. } | Session::NotNeeded, Route::Login) => Some(std::mem::replace(wanted, Route::Home)),
        _ => None,
    }
}

fn page(route: Route, session: &Session) -> Html {
    match (route, session) {
        (Route::NotFound, _) => html! { <NotFoundPage /> },
        (_, Session::Starting) => html! { <StartingPage /> },
        (_, Session::SignedOut(reason)) => html! { <LoginPage reason={reason.clone()} /> },
        (Route::Chat, _) => html! { <ChatPage /> },
        (Route::Home | Route::Login, _) => html! { <HomePage /> },
    }
}

/// The same picture as in `index.html`, until the config is there.
fn skeleton() -> Html {
    html! { <div class="skeleton" aria-busy="true"><div class="skeleton-bar"></div><div class="skeleton-card"></div></div> }
}

fn describe_document(boot: &Boot, locale: Locale) {
    let document = document();
    if let Some(root) = document.document_element() {
        drop(root.set_attribute("lang", locale.tag()));
    }
    match boot {
        Boot::Ready(app) => document.set_title(&app.config.title.get(locale)),
        Boot::Failed(_) => document.set_title(locale.messages().config_title),
        Boot::Framed => document.set_title(locale.messages().framed_title),
        Boot::Loading => {}
    }
}

fn may_be_framed(config: &Config) -> bool {
    let Framing::FramedBy(origin) = framing() else {
        return framing() == Framing::Top;
    };
    let login_url = config.login.as_ref().map_or("", |login| &login.login_url);
    is_allowed_frame(&origin, &config.frame_origins, login_url)
}

/// Whether a page of this origin may show the app in a frame (promise S16).
fn is_allowed_frame(origin: &str, allowed: &[String], login_url: &str) -> bool {
    let is_aicon = origin
        .strip_prefix("https://")
        .is_some_and(|host| host == AICON_HOST || host.strip_suffix(AICON_HOST).is_some_and(|rest| rest.ends_with('.')));
    let is_login = login_url.strip_prefix(origin).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
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
            assert_eq!(is_allowed_frame(origin, &allowed, "http://127.0.0.1:8790/auth/login"), is_allowed, "{origin}");
        }
    }

    #[test]
    fn a_guarded_page_waits_behind_the_login_and_is_shown_after_it() {
        let mut wanted = Route::Home;
        let signed_out = Session::SignedOut(Reason::New);
        assert_eq!(redirect(&signed_out, Route::Chat, &mut wanted), Some(Route::Login));
        assert_eq!(redirect(&signed_out, Route::Login, &mut wanted), None);
        assert_eq!(redirect(&Session::SignedIn { user: None }, Route::Login, &mut wanted), Some(Route::Chat));
        assert_eq!(redirect(&Session::Starting, Route::Chat, &mut wanted), None);
        assert_eq!(redirect(&signed_out, Route::NotFound, &mut wanted), None);
    }
}
