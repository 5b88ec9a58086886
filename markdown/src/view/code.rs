use std::rc::Rc;

use gloo::timers::callback::Timeout;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use yew::{AttrValue, Callback, Html, Properties, component, html, use_effect_with, use_state_eq};

use super::{Labels, PendingText};
use crate::block::CodeBlock;

#[derive(Clone, PartialEq, Properties)]
pub(super) struct CodeProps {
    pub(super) code: CodeBlock,
    pub(super) labels: Rc<Labels>,
    /// Pending text of the document belongs to the end of this block.
    pub(super) open: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Copy {
    Idle,
    Copied,
    Failed,
}

/// How long the outcome of copying is shown, in milliseconds.
const OUTCOME_SHOWN: u32 = 2_000;

/// A code block with its language and a copy button.
#[component]
pub(super) fn Code(CodeProps { code, labels, open }: &CodeProps) -> Html {
    let state = use_state_eq(|| Copy::Idle);
    let onclick = {
        let (text, state) = (code.text.clone(), state.clone());
        Callback::from(move |_| {
            let (text, state) = (text.clone(), state.clone());
            spawn_local(async move {
                state.set(if write(&text).await.is_ok() {
                    Copy::Copied
                } else {
                    Copy::Failed
                });
            });
        })
    };
    {
        let handle = state.clone();
        use_effect_with(*state, move |now| {
            let back = (*now != Copy::Idle)
                .then(|| Timeout::new(OUTCOME_SHOWN, move || handle.set(Copy::Idle)));
            move || drop(back)
        });
    }
    let outcome = match *state {
        Copy::Idle => AttrValue::default(),
        Copy::Copied => labels.copied.clone(),
        Copy::Failed => labels.copy_failed.clone(),
    };
    let label = if code.language.is_empty() {
        &labels.code
    } else {
        &code.language
    };
    html! {
        <div class="md-code">
            <div class="md-code-bar">
                <bdi class="md-code-language">{&code.language}</bdi>
                <span class="md-code-outcome" role="status">{outcome}</span>
                <button type="button" class="md-code-copy" {onclick}>{&labels.copy}</button>
            </div>
            <pre tabindex="0" role="region" aria-label={label}><code>
                {&code.text}
                if *open {
                    <PendingText />
                }
            </code></pre>
        </div>
    }
}

async fn write(text: &str) -> Result<(), JsValue> {
    let window = web_sys::window().ok_or(JsValue::UNDEFINED)?;
    let clipboard = window.navigator().clipboard();
    // Absent outside of secure contexts, though the binding's type does not say so.
    if clipboard.is_undefined() {
        return Err(JsValue::UNDEFINED);
    }
    JsFuture::from(clipboard.write_text(text)).await.map(drop)
}
