//! The worker: takes requests as they come and answers each.

fn main() {
    #[cfg(target_arch = "wasm32")]
    worker::start();
}

#[cfg(target_arch = "wasm32")]
mod worker {
    use aicon_enrich::{Engine, wire::Request};
    use js_sys::{Date, Uint8Array};
    use wasm_bindgen::{JsCast, prelude::Closure};
    use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

    pub(crate) fn start() {
        let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
        let mut engine = Engine::new(Date::now);
        let port = scope.clone();
        let answer = move |event: MessageEvent| {
            let bytes = Uint8Array::new(&event.data()).to_vec();
            let response = Request::decode(&bytes).and_then(|request| engine.answer(&request));
            if let Some(response) = response {
                // Bytes can always be sent.
                _ = port.post_message(&Uint8Array::from(&response.encode()[..]));
            }
        };
        let answer = Closure::<dyn FnMut(MessageEvent)>::new(answer);
        scope.set_onmessage(Some(answer.as_ref().unchecked_ref()));
        answer.forget();
        // Says that it listens.
        _ = scope.post_message(&Uint8Array::new_with_length(0));
    }
}
