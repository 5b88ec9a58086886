use yew::prelude::*;

use super::icon::{THEME, icon};
use super::ui::{App, Ui};
use crate::auth::Session;
use crate::browser::theme;
use crate::route::Route;

/// The frame round every page: title, language, light and dark, log out. `main` takes the focus when the place changes.
pub fn shell(ui: &Ui, app: Option<&App>, session: &Session, main: &NodeRef, page: Html) -> Html {
    let messages = ui.messages();
    let title = app.map(|app| app.config.title.get(ui.locale));
    let go_home = ui.go.reform(|event: MouseEvent| {
        event.prevent_default();
        Route::Home
    });
    let other = ui.locale.other();
    let switch_locale = ui.set_locale.reform(move |_: MouseEvent| other);
    let logout = app.filter(|_| matches!(session, Session::SignedIn { .. })).map(|app| {
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
                    <button class="quiet" type="button" lang={other.tag()} aria-label={messages.switch_language}
                        onclick={switch_locale}>{ messages.other_language }</button>
                    <button class="quiet icon-button" type="button" aria-label={messages.switch_theme}
                        title={messages.switch_theme} onclick={|_| theme::switch()}>{ icon(THEME) }</button>
                    { logout }
                </nav>
            </header>
            <main id="main" ref={main} tabindex="-1">{ page }</main>
        </>
    }
}
