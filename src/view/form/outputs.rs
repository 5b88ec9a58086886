//! The results of a run: text with copy, pictures with zoom, files to download, all of them as one ZIP.

use std::rc::Rc;

use aicon_markdown::Link;
use aicon_protocol::aicon::OutputKind;
use yew::html::Scope;
use yew::prelude::*;

use super::super::copy::copy_button;
use super::super::fault::bytes_text;
use super::super::files::file_name as shown_name;
use super::super::icon::{DOWN, icon};
use super::super::notice;
use super::super::ui::{App, Ui};
use super::{FormPage, Msg};
use crate::api::{file_name, is_of_api};
use crate::config::OutputRow;
use crate::state::commands::ARCHIVE_NAME;
use crate::state::form::{FileFacts, Form, Output, Run};

/// The heading's element.
pub(super) const TITLE_ID: &str = "outputs-title";

/// "Download all".
#[derive(Default, PartialEq)]
pub(super) enum Zipping {
    #[default]
    Idle,
    Busy,
    /// These could not be had.
    Missing(Vec<String>),
}

/// What the parts of the results share.
pub(super) struct Results<'a> {
    pub(super) ui: &'a Ui,
    pub(super) app: &'a App,
    pub(super) form: &'a Form,
    pub(super) link: &'a Scope<FormPage>,
    /// Which text was copied, and whether it worked.
    pub(super) copied: &'a Option<(Rc<str>, bool)>,
    pub(super) zipping: &'a Zipping,
}

impl Results<'_> {
    pub(super) fn view(&self) -> Html {
        let Some(run) = self.form.shown_run() else {
            return Html::default();
        };
        let rows = &self.form.definition.outputs;
        let missing = rows.iter().filter(|row| {
            !run.outputs
                .iter()
                .any(|output| output.kept.is_some() || output.param_name == row.param_name)
        });
        html! {
            <section class="outputs" aria-labelledby={TITLE_ID}>
                <div class="outputs-head">
                    <h2 id={TITLE_ID} tabindex="-1">{ self.ui.messages().form_results }</h2>
                    { self.download_all(run) }
                </div>
                { self.missing() }
                { for run.outputs.iter().map(|output| self.one(rows, output, run)) }
                { for missing.map(|row| self.nothing(row)) }
            </section>
        }
    }

    fn download_all(&self, run: &Run) -> Html {
        let has_files = run.outputs.iter().any(|one| one.kind != OutputKind::Text);
        if !has_files || run.outputs.len() < 2 {
            return Html::default();
        }
        let onclick = self.link.callback(|_: MouseEvent| Msg::DownloadAll);
        html! {
            <button data-testid="download-all" type="button" disabled={*self.zipping == Zipping::Busy} {onclick}>
                { icon(DOWN) }{ self.ui.messages().download_all }
            </button>
        }
    }

    fn missing(&self) -> Html {
        let Zipping::Missing(names) = self.zipping else {
            return Html::default();
        };
        let messages = self.ui.messages();
        let names = names.join(", ");
        notice::error(html! { <p>{ messages.download_missing }{ " " }<bdi>{ names }</bdi></p> })
    }

    fn nothing(&self, row: &OutputRow) -> Html {
        html! {
            <article class="output">
                <h3>{ row.label.get(self.ui.locale) }</h3>
                <p class="muted">{ self.ui.messages().form_no_result }</p>
            </article>
        }
    }

    fn one(&self, rows: &[OutputRow], output: &Output, run: &Run) -> Html {
        let row = rows.iter().find(|row| row.param_name == output.param_name);
        let label = match row {
            Some(row) => row.label.get(self.ui.locale),
            None if output.param_name.is_empty() => self.ui.messages().form_archive.into(),
            None => output.param_name.clone(),
        };
        let body = match output.kind {
            OutputKind::Text => self.text(output),
            OutputKind::Image => self.image(output, &label),
            OutputKind::File => self.file(output),
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

    fn text(&self, output: &Output) -> Html {
        let (name, text) = (output.param_name.clone(), output.value.clone());
        let document = output.document.clone();
        let copy = self
            .link
            .callback(move |_: MouseEvent| Msg::Copy(name.clone(), text.clone(), document.clone()));
        let copied = self.copied.as_ref();
        let copied = copied.filter(|(name, _)| *name == output.param_name);
        html! {
            <>
                { output.document.clone().map(|document| self.ui.markdown(document, 3)) }
                <div class="turn-tools">{ copy_button(self.ui, copied.map(|(_, is_copied)| *is_copied), copy) }</div>
            </>
        }
    }

    /// A picture of the provider's own server is shown; any other host would learn who looks, so its link asks first.
    fn image(&self, output: &Output, label: &str) -> Html {
        let is_gone = self.form.facts_of(&output.value) == Some(FileFacts::Gone);
        if is_gone || !is_of_api(&self.app.config, &output.value) {
            return self.file(output);
        }
        let url = AttrValue::from(output.value.clone());
        let onclick = self.link.callback({
            let url = url.clone();
            move |_: MouseEvent| Msg::Zoom(Some(url.clone()))
        });
        html! {
            <>
                <button class="output-image" type="button" aria-label={(self.ui.messages().form_zoom)(label)} {onclick}>
                    <img src={url} alt={label.to_owned()} referrerpolicy="no-referrer" />
                </button>
                { self.file(output) }
            </>
        }
    }

    fn file(&self, output: &Output) -> Html {
        let url = &*output.value;
        if output.kept.is_some() {
            return match url {
                "" => self.gone(ARCHIVE_NAME),
                url => self.download(url, ARCHIVE_NAME),
            };
        }
        let Some(link) = Link::judge(url) else {
            // Not an address that may be followed: shown for what it is.
            return html! { <p class="muted"><bdi>{ url }</bdi></p> };
        };
        if !is_of_api(&self.app.config, url) {
            let host = link.host.clone();
            let onclick = self.ui.ask_link.reform(move |_: MouseEvent| link.clone());
            return html! {
                <button type="button" {onclick}>
                    { icon(DOWN) }{ self.ui.messages().download }<bdi class="muted">{ host }</bdi>
                </button>
            };
        }
        let name = file_name(url);
        if self.form.facts_of(url) == Some(FileFacts::Gone) {
            return self.gone(&name);
        }
        self.download(&link.href, &name)
    }

    fn gone(&self, name: &str) -> Html {
        html! { <p class="muted">{ shown_name(name) }{ " " }{ self.ui.messages().form_file_gone }</p> }
    }

    /// With name, type and, where it is known, size.
    fn download(&self, url: &str, name: &str) -> Html {
        let kind = name.rsplit_once('.').map(|(_, extension)| extension);
        let mut facts = kind.unwrap_or_default().to_ascii_uppercase();
        if let Some(FileFacts::Size(bytes)) = self.form.facts_of(url) {
            facts = [&facts, " · ", &bytes_text(bytes)].concat();
        }
        html! {
            <p class="output-file">
                <a class="button" href={url.to_owned()} download={name.to_owned()} target="_blank" rel="noopener noreferrer">
                    { icon(DOWN) }{ self.ui.messages().download }
                </a>
                { shown_name(name) }
                <span class="muted">{ facts }</span>
            </p>
        }
    }
}
