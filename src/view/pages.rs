//! The pages without a state of their own.

use aicon_markdown::Document;
use yew::prelude::*;

use super::notice;
use super::ui::{App, Ui};
use crate::auth::Reason;
use crate::browser::location;
use crate::config::UiType;
use crate::i18n::Messages;
use crate::route::Route;

/// What the model is, and the way to the conversation.
pub fn home(ui: &Ui, app: &App) -> Html {
    let start = ui.go.reform(|_: MouseEvent| Route::Chat);
    let label = match app.config.ui {
        UiType::Chat => ui.messages().start_chat,
        UiType::MultiInput(_) => ui.messages().start_form,
    };
    html! {
        <section class="card">
            { introduction(ui, app) }
            <button data-testid="start-chat" class="primary" type="button" onclick={start}>{ label }</button>
        </section>
    }
}

/// The way in. `return_to` is where a login leads.
pub fn login(ui: &Ui, app: &App, reason: &Reason, return_to: Route) -> Html {
    let messages = ui.messages();
    let auth = app.auth.clone();
    let login = Callback::from(move |_: MouseEvent| auth.login(return_to));
    let again = (*reason == Reason::Unavailable).then(|| {
        let auth = app.auth.clone();
        let onclick = Callback::from(move |_: MouseEvent| auth.try_again());
        html! { <button data-testid="login-retry" type="button" {onclick}>{ messages.retry }</button> }
    });
    html! {
        <section class="card">
            { introduction(ui, app) }
            { reason_notice(reason, messages) }
            <p class="muted">{ messages.login_text }</p>
            <div class="actions">
                <button data-testid="login-button" class="primary" type="button" onclick={login}>{ messages.login_button }</button>
                { again }
            </div>
        </section>
    }
}

/// A login or a renewal is under way.
pub fn starting(ui: &Ui, app: &App) -> Html {
    html! {
        <section class="card">
            { introduction(ui, app) }
            <p class="muted" role="status">{ ui.messages().login_starting }</p>
        </section>
    }
}

/// Nothing is here.
pub fn not_found(ui: &Ui) -> Html {
    let messages = ui.messages();
    let home = ui.go.reform(|_: MouseEvent| Route::Home);
    html! {
        <section class="card" data-testid="not-found">
            <h1>{ messages.not_found_title }</h1>
            <p>{ messages.not_found_text }</p>
            <button class="primary" type="button" onclick={home}>{ messages.back_home }</button>
        </section>
    }
}

/// Another site shows us inside itself.
pub fn framed(ui: &Ui) -> Html {
    let messages = ui.messages();
    html! {
        <section class="card">
            <h1>{ messages.framed_title }</h1>
            { notice::error(messages.framed_text.into()) }
            <a class="button" href={location::origin()} target="_blank" rel="noopener">{ messages.framed_open }</a>
        </section>
    }
}

/// The model's title and description, as the provider wrote them.
fn introduction(ui: &Ui, app: &App) -> Html {
    html! {
        <>
            <h1>{ app.config.title.get(ui.locale) }</h1>
            { ui.markdown(Document::from_text(&app.config.description.get(ui.locale)), 1) }
        </>
    }
}

fn reason_notice(reason: &Reason, messages: &Messages) -> Html {
    let error = |text: &'static str| notice::error(text.into());
    let hint = |text: &'static str| notice::hint(text.into());
    match reason {
        Reason::New => Html::default(),
        Reason::LoggedOut => hint(messages.login_logged_out),
        Reason::Expired => hint(messages.login_expired),
        Reason::Unasked => hint(messages.login_unasked),
        Reason::OtherUser => hint(messages.login_other_user),
        // An error code is ASCII by RFC 6749, 4.1.2.1; anything longer or other is somebody's text, not a code.
        Reason::Refused(code)
            if code != "access_denied"
                && code.len() <= 40
                && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') =>
        {
            notice::error((messages.login_refused)(code).into())
        }
        Reason::Refused(_) => error(messages.login_denied),
        Reason::Mismatch => error(messages.login_mismatch),
        Reason::CodeRejected => error(messages.login_code_rejected),
        Reason::Unavailable => error(messages.login_unavailable),
        Reason::Misconfigured => error(messages.login_misconfigured),
    }
}
