//! The page's end of the wire to the worker that colours code and sets formulas (`aicon-enrich`).

use std::{cell::RefCell, collections::BTreeMap, fmt, rc::Rc};

use aicon_enrich::{
    Language,
    wire::{Request, Response, Token, Tree},
};
use gloo::timers::callback::Timeout;
use js_sys::Uint8Array;
use wasm_bindgen::{JsCast, prelude::Closure};
use web_sys::{Event, MessageEvent, Worker};
use yew::Callback;

use crate::{block::Math, sight::Sight};

/// Formulas that are kept when they were set; beyond them all are forgotten.
const MAX_FORMULAS: usize = 1024;

/// Milliseconds for which a worker that has answered everything is kept: its memory is several times that of an answer.
const REST: u32 = 3_000;

/// Milliseconds after which a text that grew faster than anyone reads has stopped doing so.
const RUSH: u32 = 250;

/// What a piece of code is made of: tokens and their lengths in bytes.
pub(crate) type Spans = Vec<(Token, usize)>;

/// Colours code and sets formulas by a worker, which is started when the first of them is shown and ended when there was nothing
/// to do for three seconds; while a text grows faster than anyone reads, none is started. Where it cannot be started or fails,
/// code and formulas stay plain text; it is not tried again.
///
/// A clone is the same.
#[derive(Clone)]
pub struct Enricher(Rc<RefCell<State>>);

struct State {
    /// None if it has failed.
    start: Option<Rc<dyn Fn() -> Option<Worker>>>,
    worker: Option<Connected>,
    /// Workers that were ended: another one knows nothing of their code blocks.
    era: u32,
    /// Runs while there is nothing to do.
    resting: Option<Timeout>,
    /// Runs while no worker is to be started.
    rushing: Option<Timeout>,
    sight: Sight,
    /// The worker listens: what is sent before could get lost.
    is_ready: bool,
    queue: Vec<Request>,
    next: u32,
    codes: Vec<(u32, Callback<Spans>)>,
    /// By [`key`].
    formulas: BTreeMap<String, Formula>,
    /// Who wants to know when all formulas are set that were asked for.
    waiting: Vec<Callback<()>>,
    /// Formulas that are being set.
    open: Vec<(u32, String)>,
}

struct Connected {
    worker: Worker,
    _answered: Closure<dyn FnMut(MessageEvent)>,
    _failed: Closure<dyn FnMut(Event)>,
}

#[derive(Clone)]
enum Formula {
    Asked,
    /// Nothing if it is none.
    Set(Option<Rc<Tree>>),
}

impl Enricher {
    /// With a function that starts the worker, `aicon-enricher` of `aicon-enrich`.
    pub fn new(start: impl Fn() -> Option<Worker> + 'static) -> Self {
        Self(Rc::new(RefCell::new(State {
            start: Some(Rc::new(start)),
            worker: None,
            era: 0,
            resting: None,
            rushing: None,
            sight: Sight::default(),
            is_ready: false,
            queue: Vec::new(),
            next: 0,
            codes: Vec::new(),
            formulas: BTreeMap::new(),
            waiting: Vec::new(),
            open: Vec::new(),
        })))
    }

    /// One whose worker never comes.
    #[cfg(test)]
    pub(crate) fn failed() -> Self {
        let this = Self::new(|| None);
        this.0.borrow_mut().start = None;
        this
    }

    /// Tells apart the workers that follow each other.
    pub(crate) fn era(&self) -> u32 {
        self.0.borrow().era
    }

    /// What says when code comes near the screen.
    pub(crate) fn sight(&self) -> Sight {
        self.0.borrow().sight.clone()
    }

    /// A number for a code block.
    pub(crate) fn block(&self) -> u32 {
        self.0.borrow_mut().number()
    }

    /// Has further lines of a code block coloured. Nothing comes back where the worker has failed.
    pub(crate) fn colour(
        &self,
        block: u32,
        language: Language,
        text: String,
        done: Callback<Spans>,
    ) {
        self.0.borrow_mut().codes.push((block, done));
        self.send(Request::Code {
            block,
            language,
            text,
        });
    }

    /// No further lines come.
    pub(crate) fn forget(&self, block: u32) {
        let mut state = self.0.borrow_mut();
        state.codes.retain(|code| code.0 != block);
        let is_its = |request: &Request| matches!(request, Request::Code { block: its, .. } if *its == block);
        state.queue.retain(|request| !is_its(request));
        let is_there = state.worker.is_some();
        drop(state);
        if is_there {
            self.send(Request::Forget { block });
            self.rest_when_idle();
        }
    }

    /// A formula that is set already; nothing inside if it is none.
    pub(crate) fn formula(&self, math: &Math) -> Option<Option<Rc<Tree>>> {
        match self.0.borrow().formulas.get(&key(math)) {
            Some(Formula::Set(tree)) => Some(tree.clone()),
            _ => None,
        }
    }

    /// Has formulas set, and says when they are.
    pub(crate) fn set(&self, formulas: &[Rc<Math>], done: Callback<()>) {
        for math in formulas {
            let key = key(math);
            let mut state = self.0.borrow_mut();
            if state.formulas.contains_key(&key) {
                continue;
            }
            if state.formulas.len() >= MAX_FORMULAS {
                state
                    .formulas
                    .retain(|_, formula| matches!(formula, Formula::Asked));
            }
            let id = state.number();
            state.formulas.insert(key.clone(), Formula::Asked);
            state.open.push((id, key));
            drop(state);
            self.send(Request::Math {
                id,
                display: math.is_display,
                source: math.source.to_string(),
            });
        }
        let mut state = self.0.borrow_mut();
        if state.open.is_empty() {
            drop(state);
            done.emit(());
        } else {
            state.waiting.push(done);
        }
    }

    /// A text grows faster than anyone reads: a worker that starts now would take a core for itself, and frames from the text.
    pub(crate) fn rush(&self) {
        let this = self.clone();
        self.0.borrow_mut().rushing = Some(Timeout::new(RUSH, move || this.calm_down()));
    }

    fn calm_down(&self) {
        let mut state = self.0.borrow_mut();
        state.rushing = None;
        let is_wanted = state.worker.is_none() && !state.queue.is_empty();
        drop(state);
        if is_wanted {
            self.start();
        }
    }

    fn send(&self, request: Request) {
        let state = self.0.borrow();
        let starts = state.worker.is_none() && state.rushing.is_none();
        drop(state);
        if starts {
            self.start();
        }
        let mut state = self.0.borrow_mut();
        state.resting = None;
        match &state.worker {
            Some(connected) if state.is_ready => post(&connected.worker, &request),
            None if state.start.is_none() => {}
            _ => state.queue.push(request),
        }
    }

    fn start(&self) {
        let start = self.0.borrow().start.clone();
        match start.and_then(|start| start()) {
            Some(worker) => {
                let connected = self.connect(worker);
                self.0.borrow_mut().worker = Some(connected);
            }
            None => {
                let mut state = self.0.borrow_mut();
                state.start = None;
                state.queue.clear();
            }
        }
    }

    fn connect(&self, worker: Worker) -> Connected {
        let this = self.clone();
        let answered = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            this.answered(&Uint8Array::new(&event.data()).to_vec());
        });
        let this = self.clone();
        let failed = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
            // Plain text is no failure of the page.
            event.prevent_default();
            this.fail();
        });
        worker.set_onmessage(Some(answered.as_ref().unchecked_ref()));
        worker.set_onerror(Some(failed.as_ref().unchecked_ref()));
        Connected {
            worker,
            _answered: answered,
            _failed: failed,
        }
    }

    fn answered(&self, bytes: &[u8]) {
        match Response::decode(bytes) {
            // The first message says that the worker listens.
            None => self.begin(),
            Some(Response::Code { block, spans }) => {
                let mut state = self.0.borrow_mut();
                let asked = state.codes.iter().position(|code| code.0 == block);
                let asked = asked.map(|place| state.codes.remove(place));
                drop(state);
                if let Some((_, done)) = asked {
                    done.emit(spans);
                }
            }
            Some(Response::Math { id, tree }) => self.formula_is_set(id, tree),
        }
        self.rest_when_idle();
    }

    fn rest_when_idle(&self) {
        let mut state = self.0.borrow_mut();
        if state.codes.is_empty() && state.open.is_empty() && state.worker.is_some() {
            let this = self.clone();
            state.resting = Some(Timeout::new(REST, move || this.rest()));
        }
    }

    /// Ends the worker; the next request starts another one.
    fn rest(&self) {
        let mut state = self.0.borrow_mut();
        if let Some(connected) = state.worker.take() {
            connected.worker.terminate();
            state.is_ready = false;
            state.queue.clear();
            state.era = state.era.wrapping_add(1);
        }
    }

    fn begin(&self) {
        let mut state = self.0.borrow_mut();
        state.is_ready = true;
        let queue = std::mem::take(&mut state.queue);
        if let Some(connected) = &state.worker {
            queue
                .iter()
                .for_each(|request| post(&connected.worker, request));
        }
    }

    fn formula_is_set(&self, id: u32, tree: Option<Tree>) {
        let mut state = self.0.borrow_mut();
        let Some(place) = state.open.iter().position(|open| open.0 == id) else {
            return;
        };
        let (_, key) = state.open.remove(place);
        state.formulas.insert(key, Formula::Set(tree.map(Rc::new)));
        if state.open.is_empty() {
            let waiting = std::mem::take(&mut state.waiting);
            drop(state);
            waiting.iter().for_each(|done| done.emit(()));
        }
    }

    fn fail(&self) {
        let mut state = self.0.borrow_mut();
        if let Some(connected) = &state.worker {
            connected.worker.terminate();
            connected.worker.set_onmessage(None);
        }
        // What answers is running just now, and must not be dropped by what it does.
        state.is_ready = true;
        state.start = None;
        state.resting = None;
        state.queue.clear();
        state.codes.clear();
        state.waiting.clear();
    }
}

impl State {
    fn number(&mut self) -> u32 {
        self.next = self.next.wrapping_add(1);
        self.next
    }
}

impl PartialEq for Enricher {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for Enricher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Enricher")
    }
}

fn post(worker: &Worker, request: &Request) {
    // Bytes can always be sent; a worker that was ended ignores them.
    _ = worker.post_message(&Uint8Array::from(&request.encode()[..]));
}

fn key(math: &Math) -> String {
    let mut key = String::from(if math.is_display { "$" } else { "" });
    key.push_str(&math.source);
    key
}
