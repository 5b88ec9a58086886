use yew::prelude::*;

use super::context::{App, use_ui};
use super::icon::{Icon, IconView};
use crate::auth::Session;
use crate::browser::theme;
use crate::route::Route;

#[derive(Properties, PartialEq)]
pub struct ShellProps {
    /// The running app, once it is there.
    pub app: Option<App>,
    /// Decides whether there is somebody to log out.
    pub session: Session,
    /// The page.
    pub children: Html,
}

/// The frame round every page: title, language, light and dark, log out.
#[component]
pub fn Shell(props: &ShellProps) -> Html {
    let ui = use_ui();
    let messages = ui.messages();
    let main = use_node_ref();
    let is_first = use_mut_ref(|| true);
    use_effect_with(ui.route, {
        let main = main.clone();
        move |_| {
            // A new place is announced by moving the focus there; the first one is announced by the browser.
            if !is_first.replace(false)
                && let Some(main) = main.cast::<web_sys::HtmlElement>()
                && !has_focus_inside(&main)
            {
                drop(main.focus());
            }
        }
    });
    let title = props.app.as_ref().map(|app| app.config.title.get(ui.locale));
    let go_home = ui.go.reform(|event: MouseEvent| {
        event.prevent_default();
        Route::Home
    });
    let switch_locale = {
        let other = ui.locale.other();
        ui.set_locale.reform(move |_: MouseEvent| other)
    };
    let logout = props.app.as_ref().filter(|_| matches!(props.session, Session::SignedIn { .. })).map(|app| {
        let auth = app.auth.clone();
        let onclick = Callback::from(move |_: MouseEvent| auth.logout());
        html! { <button data-testid="logout-button" class="quiet" type="button" {onclick}>{ messages.logout }</button> }
    });
    html! {
        <>
            <a class="skip" href="#main">{ messages.skip_to_content }</a>
            <header class="bar">
                <a class="brand" href="/" onclick={go_home}>{ title }</a>
                <nav class="bar-tools">
                    <button class="quiet" type="button" lang={ui.locale.other().tag()} aria-label={messages.switch_language}
                        onclick={switch_locale}>{ messages.other_language }</button>
                    <button class="quiet icon-button" type="button" aria-label={messages.switch_theme} title={messages.switch_theme}
                        onclick={|_| theme::switch()}><IconView icon={Icon::Theme} /></button>
                    { logout }
                </nav>
            </header>
            <main id="main" ref={main} tabindex="-1">{ props.children.clone() }</main>
        </>
    }
}

fn has_focus_inside(element: &web_sys::HtmlElement) -> bool {
    crate::browser::document()
        .active_element()
        .is_some_and(|active| element.contains(Some(&active)))
}
