use yew::prelude::*;

use super::notice;
use super::ui::Ui;
use crate::config::{ConfigError, Expected, Found, LoadError, Problem};
use crate::i18n::Messages;

/// A file that is right: the shortest one that logs in.
const EXAMPLE: &str = r#"{
  "apiEndPoint": "https://api.provider.example",
  "clientId": "Y2xpZW50LWlk",
  "clientSecret": "",
  "aiConLogin": "https://aicon.or.kr/auth/login"
}"#;

/// Tells the provider which key is wrong, what stands there, and what should (promise U7).
pub fn config_error_page(ui: &Ui, error: &LoadError, retry: Callback<MouseEvent>) -> Html {
    let messages = ui.messages();
    let is_of_server = error.is_of_server();
    let text = match &error.error {
        ConfigError::Unreachable | ConfigError::Status(_) if is_of_server => {
            messages.ui_unreachable.to_owned()
        }
        ConfigError::Unreachable => messages.config_unreachable.to_owned(),
        ConfigError::Status(status) => (messages.config_status)(*status),
        ConfigError::WebPage if is_of_server => messages.ui_web_page.to_owned(),
        ConfigError::WebPage => messages.config_web_page.to_owned(),
        ConfigError::NotJson {
            at: Some((line, column)),
        } => (messages.config_not_json)(*line, *column),
        ConfigError::NotJson { at: None } => messages.config_not_json_at_all.to_owned(),
        ConfigError::Problems(_) => messages.config_problems.to_owned(),
    };
    let problems = match &error.error {
        ConfigError::Problems(problems) => problems_table(problems, messages),
        _ => Html::default(),
    };
    html! {
        <section class="card wide" data-testid="config-error">
            <h1>{ title(error, messages) }</h1>
            <p><code>{ &error.place }</code></p>
            { notice::error(text.into()) }
            { problems }
            if !is_of_server {
                <h2>{ messages.config_example }</h2>
                <pre class="example" tabindex="0">{ EXAMPLE }</pre>
            }
            <button data-testid="config-retry" class="primary" type="button" onclick={retry}>{ messages.retry }</button>
        </section>
    }
}

/// The page's title.
pub fn title(error: &LoadError, messages: &Messages) -> &'static str {
    match error.error {
        _ if !error.is_of_server() => messages.config_title,
        ConfigError::Unreachable | ConfigError::Status(_) => messages.ui_unreachable_title,
        _ => messages.ui_title,
    }
}

fn problems_table(problems: &[Problem], messages: &Messages) -> Html {
    let row = |problem: &Problem| {
        html! {
            <tr>
                <th scope="row"><code>{ &problem.key }</code></th>
                <td data-label={messages.config_found}>{ found_text(&problem.found, messages) }</td>
                <td data-label={messages.config_expected}>{ expected_text(problem.expected, messages) }</td>
            </tr>
        }
    };
    html! {
        <table class="problems">
            <thead>
                <tr>
                    <th scope="col">{ messages.config_key }</th>
                    <th scope="col">{ messages.config_found }</th>
                    <th scope="col">{ messages.config_expected }</th>
                </tr>
            </thead>
            <tbody>{ for problems.iter().map(row) }</tbody>
        </table>
    }
}

fn found_text(found: &Found, messages: &Messages) -> Html {
    match found {
        Found::Missing => html! { messages.found_missing },
        Found::Empty => html! { messages.found_empty },
        Found::Secret => html! { messages.found_secret },
        Found::Value(value) => html! { <code>{ value }</code> },
    }
}

fn expected_text(expected: Expected, messages: &Messages) -> String {
    match expected {
        Expected::Object => messages.expect_object.to_owned(),
        Expected::Url(example) => (messages.expect_url)(example),
        Expected::Origins => messages.expect_origins.to_owned(),
        Expected::Text => messages.expect_text.to_owned(),
        Expected::LocalizedText => messages.expect_localized.to_owned(),
        Expected::Bool => messages.expect_bool.to_owned(),
        Expected::OneOf(words) => words.join(" | "),
        Expected::Rows => messages.expect_rows.to_owned(),
        Expected::UniqueName => messages.expect_unique_name.to_owned(),
        Expected::Texts => messages.expect_texts.to_owned(),
        Expected::Number => messages.expect_number.to_owned(),
        Expected::Count { min, max } => (messages.expect_count)(min, max),
    }
}
