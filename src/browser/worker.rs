//! The worker that colours code and sets formulas.
//!
//! The page's policy requires Trusted Types: the address of a worker's script is one. The one policy that it allows answers
//! the address that the page names, whatever it is asked for.

use std::cell::OnceCell;

use js_sys::Object;
use wasm_bindgen::prelude::*;
use web_sys::{Worker, WorkerOptions, WorkerType};

use super::{document, window};

/// The name of our policy in the page's.
const POLICY: &str = "enricher";

#[wasm_bindgen]
extern "C" {
    /// What TypeScript calls `TrustedTypePolicyFactory`.
    type PolicyFactory;
    #[wasm_bindgen(method, catch, js_name = createPolicy)]
    fn create_policy(this: &PolicyFactory, name: &str, rules: &Object) -> Result<Policy, JsValue>;

    type Policy;
    #[wasm_bindgen(method, catch, js_name = createScriptURL)]
    fn create_script_url(this: &Policy, url: &str) -> Result<JsValue, JsValue>;

    /// The browser's own, whose address need not be a text.
    #[wasm_bindgen(extends = Worker, js_name = Worker)]
    type TrustedWorker;
    #[wasm_bindgen(constructor, catch, js_class = "Worker")]
    fn new(url: &JsValue, options: &WorkerOptions) -> Result<TrustedWorker, JsValue>;
}

/// Starts the worker whose script the page names, as often as it is asked. None where there is none or the browser refuses: it is
/// not needed.
pub fn enricher() -> impl Fn() -> Option<Worker> {
    // A policy can be made once.
    let url = OnceCell::new();
    move || {
        let url = url.get_or_init(address).as_ref()?;
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = TrustedWorker::new(url, &options).ok()?;
        Some(worker.unchecked_into())
    }
}

fn address() -> Option<JsValue> {
    let meta = document().query_selector("meta[name=enricher]").ok()??;
    trusted(meta.get_attribute("content")?).ok()
}

/// The address as the browser wants it: older ones take the text.
fn trusted(url: String) -> Result<JsValue, JsValue> {
    let factory = js_sys::Reflect::get(&window(), &"trustedTypes".into())?;
    if factory.is_undefined() {
        return Ok(url.into());
    }
    let rules = Object::new();
    let answer = JsValue::from(url);
    let rule = Closure::<dyn FnMut() -> JsValue>::new(move || answer.clone());
    js_sys::Reflect::set(&rules, &"createScriptURL".into(), rule.as_ref())?;
    let factory: PolicyFactory = factory.unchecked_into();
    factory.create_policy(POLICY, &rules)?.create_script_url("")
}
