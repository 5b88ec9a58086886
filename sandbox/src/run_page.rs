//! A model's page in the marketplace: what it is, who the user is, and "Run model".

use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};

use crate::page::page;
use crate::state::Sandbox;
use crate::text::{Lang, excerpt};

/// What the page says, and where its button leads.
pub(crate) struct RunPage<'a> {
    pub(crate) title: &'a str,
    pub(crate) kind: &'a str,
    /// Gets the field `user`.
    pub(crate) action: &'a str,
    /// Why the model could not be run just now; foreign text.
    pub(crate) not_alive: Option<&'a str>,
}

impl RunPage<'_> {
    /// The page, with more links at its end.
    pub(crate) fn respond(&self, sandbox: &Sandbox, lang: Lang, links: Markup) -> Response {
        let body = html! {
            section.card.narrow {
                p.dim { "AICON · " (self.kind) }
                h1 { (self.title) }
                @if let Some(reason) = self.not_alive {
                    p.verdict.bad role="alert" data-testid="not-alive" {
                        strong { (lang.pick("지금은 모델을 실행할 수 없습니다.", "The model cannot be run now.")) }
                        br; bdi { (excerpt(reason, 400)) }
                    }
                }
                form.stack method="post" action=(self.action) {
                    label.field { (lang.pick("사용자", "User"))
                        select name="user" data-testid="user" { @for user in &sandbox.users { option value=(user) { (user) } } }
                    }
                    button.main data-testid="open" { (lang.pick("모델 실행", "Run model")) }
                }
                p.dim { a href="/" { (lang.pick("콘솔", "Console")) } " · " (links) }
            }
        };
        page(StatusCode::OK, lang, self.title, body)
    }
}
