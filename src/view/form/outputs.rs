//! The results of a run: text with copy, pictures with zoom, files to download.

use aicon_markdown::Link;
use aicon_protocol::aicon::OutputKind;
use yew::prelude::*;

use super::super::icon::{COPY, DOWN, icon};
use super::super::ui::{App, Ui};
use crate::config::{Config, OutputRow};
use crate::state::form::{Form, Output, Run};

pub(super) fn outputs(ui: &Ui, app: &App, form: &Form, zoom: &Callback<AttrValue>) -> Html {
    let Some(run) = form.shown_run() else {
        return Html::default();
    };
    let rows = &form.definition.outputs;
    let missing = rows.iter().filter(|row| {
        !run.outputs
            .iter()
            .any(|output| output.kept.is_some() || output.param_name == row.param_name)
    });
    html! {
        <section class="outputs" aria-labelledby="outputs-title">
            <h2 id="outputs-title">{ ui.messages().form_results }</h2>
            { for run.outputs.iter().map(|output| one(ui, app, rows, output, run, zoom)) }
            { for missing.map(|row| nothing(ui, row)) }
        </section>
    }
}

fn nothing(ui: &Ui, row: &OutputRow) -> Html {
    html! {
        <article class="output">
            <h3>{ row.label.get(ui.locale) }</h3>
            <p class="muted">{ ui.messages().form_no_result }</p>
        </article>
    }
}

fn one(
    ui: &Ui,
    app: &App,
    rows: &[OutputRow],
    output: &Output,
    run: &Run,
    zoom: &Callback<AttrValue>,
) -> Html {
    let messages = ui.messages();
    let row = rows.iter().find(|row| row.param_name == output.param_name);
    let label = match row {
        Some(row) => row.label.get(ui.locale),
        None if output.param_name.is_empty() => messages.form_archive.into(),
        None => output.param_name.clone(),
    };
    let body = match (&output.document, output.kind) {
        (Some(document), _) => {
            let (commands, text) = (app.commands.clone(), output.value.clone());
            let copy = Callback::from(move |_: MouseEvent| commands.copy(&text, |_| {}));
            html! {
                <>
                    { ui.markdown(document.clone()) }
                    <div class="turn-tools">
                        <button class="quiet" type="button" onclick={copy}>{ icon(COPY) }{ messages.copy_answer }</button>
                    </div>
                </>
            }
        }
        (None, OutputKind::Image) => image(ui, &app.config, output, &label, zoom),
        (None, _) => file(ui, &app.config, output),
    };
    let test_id = ["output-", &output.param_name].concat();
    let key = [&*output.param_name, " ", &run.at.to_string()].concat();
    html! {
        <article {key} class="output">
            <h3>{ label }</h3>
            <div data-testid={test_id}>{ body }</div>
        </article>
    }
}

/// A picture of the provider's own server is shown; any other host would learn who looks, so its link asks first.
fn image(
    ui: &Ui,
    config: &Config,
    output: &Output,
    label: &str,
    zoom: &Callback<AttrValue>,
) -> Html {
    if !is_of_api(config, &output.value) {
        return file(ui, config, output);
    }
    let url = AttrValue::from(output.value.clone());
    let onclick = zoom.reform({
        let url = url.clone();
        move |_: MouseEvent| url.clone()
    });
    html! {
        <button class="output-image" type="button" aria-label={(ui.messages().form_zoom)(label)} {onclick}>
            <img src={url} alt={label.to_owned()} referrerpolicy="no-referrer" />
        </button>
    }
}

fn file(ui: &Ui, config: &Config, output: &Output) -> Html {
    let messages = ui.messages();
    let url = &*output.value;
    let text = html! { <>{ icon(DOWN) }{ messages.download }</> };
    if output.kept.is_some() {
        if url.is_empty() {
            return html! { <p class="muted">{ messages.form_file_gone }</p> };
        }
        return html! { <a class="button" href={url.to_owned()} download="processed_files.zip">{ text }</a> };
    }
    let Some(link) = Link::judge(url) else {
        // Not an address that may be followed: shown for what it is.
        return html! { <p class="muted"><bdi>{ url }</bdi></p> };
    };
    if is_of_api(config, url) {
        return html! {
            <a class="button" href={link.href} download={file_name(url)} target="_blank" rel="noopener noreferrer">
                { text }<bdi class="file-name">{ file_name(url) }</bdi>
            </a>
        };
    }
    let host = link.host.clone();
    let onclick = ui.ask_link.reform(move |_: MouseEvent| link.clone());
    html! { <button type="button" {onclick}>{ text }<bdi class="muted">{ host }</bdi></button> }
}

fn is_of_api(config: &Config, url: &str) -> bool {
    let origin = |url: &str| web_sys::Url::new(url).ok().map(|url| url.origin());
    origin(url).is_some_and(|found| origin(&config.api_end_point) == Some(found))
}

/// The last part of the path, as people read it.
fn file_name(url: &str) -> String {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let name = path.rsplit('/').next().unwrap_or_default();
    js_sys::decode_uri_component(name)
        .ok()
        .and_then(|name| name.as_string())
        .unwrap_or_else(|| name.to_owned())
}
