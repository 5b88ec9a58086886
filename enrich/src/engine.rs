use crate::{
    code::Highlighter,
    math,
    wire::{Request, Response},
};

/// All that the worker knows and remembers.
pub struct Engine<Now> {
    /// Made when the first code comes: formulas alone need no grammars.
    highlighter: Option<Highlighter>,
    now: Now,
}

impl<Now: Fn() -> f64> Engine<Now> {
    /// With a clock that tells milliseconds since any time.
    pub fn new(now: Now) -> Self {
        Self {
            highlighter: None,
            now,
        }
    }

    /// Answers a request.
    pub fn answer(&mut self, request: &Request) -> Option<Response> {
        match request {
            Request::Code {
                block,
                language,
                text,
            } => {
                let highlighter = self.highlighter.get_or_insert_with(Highlighter::new);
                let spans = highlighter.lines(*block, *language, text, &self.now);
                Some(Response::Code {
                    block: *block,
                    spans,
                })
            }
            Request::Forget { block } => {
                if let Some(highlighter) = &mut self.highlighter {
                    highlighter.forget(*block);
                }
                None
            }
            Request::Math {
                id,
                display,
                source,
            } => Some(Response::Math {
                id: *id,
                tree: math::convert(source, *display),
            }),
        }
    }
}

impl<Now> std::fmt::Debug for Engine<Now> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Engine")
    }
}
