//! Following the end of a stream, unless the reader has scrolled up (promise U5).

use web_sys::Element;

/// Pixels from the end within which the reader counts as being there.
const NEAR_END: i32 = 80;

/// Whether the view follows the end.
pub(super) struct Follow {
    is_following: bool,
    last: Position,
}

impl Follow {
    pub(super) fn new() -> Self {
        Self {
            is_following: true,
            last: Position::default(),
        }
    }

    pub(super) fn is_following(&self) -> bool {
        self.is_following
    }

    /// The reader scrolled, or the view did.
    pub(super) fn on_scroll(&mut self, element: &Element) {
        let now = Position::of(element);
        self.is_following = next(self.is_following, self.last, now);
        self.last = now;
    }

    /// There is more to see.
    pub(super) fn on_growth(&mut self, element: &Element) {
        if self.is_following {
            self.go_to_end(element);
        }
    }

    /// Goes to the end and follows it.
    pub(super) fn go_to_end(&mut self, element: &Element) {
        self.is_following = true;
        element.set_scroll_top(element.scroll_height());
        self.last = Position::of(element);
    }
}

#[derive(Clone, Copy, Default)]
struct Position {
    top: i32,
    height: i32,
    content: i32,
}

impl Position {
    fn of(element: &Element) -> Self {
        Self {
            top: element.scroll_top(),
            height: element.client_height(),
            content: element.scroll_height(),
        }
    }
}

fn next(is_following: bool, last: Position, now: Position) -> bool {
    let to_end = now.content - now.top - now.height;
    if now.top < last.top {
        // A window that becomes higher (a phone's keyboard goes) or content that shrinks moves the view, too: to the end, but
        // for what was rounded.
        let was_moved = now.height > last.height || now.content < last.content;
        return is_following && was_moved && to_end <= 1;
    }
    is_following || (now.top > last.top && to_end <= NEAR_END)
}

#[cfg(test)]
mod tests {
    use super::{Position, next};

    fn at(top: i32) -> Position {
        Position {
            top,
            height: 500,
            content: 1_500,
        }
    }

    #[test]
    fn one_pixel_up_stops_it_even_near_the_end() {
        assert!(!next(true, at(1_000), at(999)));
        assert!(!next(false, at(999), at(999)));
    }

    #[test]
    fn a_window_that_becomes_higher_does_not_stop_it() {
        let higher = Position {
            top: 800,
            height: 700,
            content: 1_500,
        };
        assert!(next(true, at(1_000), higher));
        assert!(!next(false, at(1_000), higher));
    }

    #[test]
    fn coming_back_near_the_end_resumes_it() {
        assert!(!next(false, at(100), at(800)));
        assert!(next(false, at(800), at(930)));
    }
}
