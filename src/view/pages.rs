//! The pages without a state of their own.

use aicon_markdown::{Document, Markdown};
use yew::prelude::*;

use super::context::{App, use_app, use_labels, use_ui};
use super::notice::{Notice, Tone};
use crate::auth::Reason;
use crate::browser::location;
use crate::i18n::Messages;
use crate::route::Route;

/// What the model is, and the way to the conversation.
#[component]
pub fn HomePage() -> Html {
    let ui = use_ui();
    let start = ui.go.reform(|_: MouseEvent| Route::Chat);
    html! {
        <section class="card">
            <Introduction />
            <button data-testid="start-chat" class="primary" type="button" onclick={start}>{ ui.messages().start_chat }</button>
        </section>
    }
}

/// The model's title and description, as the provider wrote them.
#[component]
fn Introduction() -> Html {
    let (ui, app, labels) = (use_ui(), use_app(), use_labels());
    let description = app.config.description.get(ui.locale);
    let document = use_memo(description, |text| Document::from_text(text));
    // The provider's own links lead where the provider wants.
    let onlink = use_callback((), |link: aicon_markdown::Link, ()| super::chat::open_tab(&link.href));
    html! {
        <>
            <h1>{ app.config.title.get(ui.locale) }</h1>
            <Markdown document={(*document).clone()} {labels} {onlink} />
        </>
    }
}

#[derive(Properties, PartialEq)]
pub struct LoginPageProps {
    /// Why nobody is logged in.
    pub reason: Reason,
}

/// The way in.
#[component]
pub fn LoginPage(props: &LoginPageProps) -> Html {
    let (ui, app) = (use_ui(), use_app());
    let messages = ui.messages();
    let App { auth, .. } = &app;
    let login = {
        let (auth, return_to) = (auth.clone(), ui.return_to);
        Callback::from(move |_: MouseEvent| auth.login(return_to))
    };
    let again = (props.reason == Reason::Unavailable).then(|| {
        let auth = auth.clone();
        let onclick = Callback::from(move |_: MouseEvent| auth.try_again());
        html! { <button data-testid="login-retry" type="button" {onclick}>{ messages.retry }</button> }
    });
    html! {
        <section class="card">
            <Introduction />
            if let Some((tone, text)) = reason_text(&props.reason, messages) {
                <Notice {tone}>{ text }</Notice>
            }
            <p class="muted">{ messages.login_text }</p>
            <div class="actions">
                <button data-testid="login-button" class="primary" type="button" onclick={login}>{ messages.login_button }</button>
                { again }
            </div>
        </section>
    }
}

fn reason_text(reason: &Reason, messages: &Messages) -> Option<(Tone, String)> {
    let hint = |text: &str| Some((Tone::Hint, text.to_owned()));
    let error = |text: &str| Some((Tone::Error, text.to_owned()));
    match reason {
        Reason::New => None,
        Reason::LoggedOut => hint(messages.login_logged_out),
        Reason::Expired => hint(messages.login_expired),
        Reason::Unasked => hint(messages.login_unasked),
        Reason::OtherUser => hint(messages.login_other_user),
        Reason::Refused(code) if code == "access_denied" => error(messages.login_denied),
        // An error code is ASCII by RFC 6749, 4.1.2.1; anything longer or other is somebody's text, not a code.
        Reason::Refused(code) if code.len() <= 40 && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') => {
            Some((Tone::Error, (messages.login_refused)(code)))
        }
        Reason::Refused(_) => error(messages.login_denied),
        Reason::Mismatch => error(messages.login_mismatch),
        Reason::CodeRejected => error(messages.login_code_rejected),
        Reason::Unavailable => error(messages.login_unavailable),
        Reason::Misconfigured => error(messages.login_misconfigured),
    }
}

/// A login or a renewal is under way.
#[component]
pub fn StartingPage() -> Html {
    let messages = use_ui().messages();
    html! {
        <section class="card">
            <Introduction />
            <p class="muted" role="status">{ messages.login_starting }</p>
        </section>
    }
}

/// Nothing is here.
#[component]
pub fn NotFoundPage() -> Html {
    let ui = use_ui();
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
#[component]
pub fn FramedPage() -> Html {
    let messages = use_ui().messages();
    html! {
        <section class="card">
            <h1>{ messages.framed_title }</h1>
            <Notice tone={Tone::Error}>{ messages.framed_text }</Notice>
            <a class="button" href={location::origin()} target="_blank" rel="noopener">{ messages.framed_open }</a>
        </section>
    }
}
