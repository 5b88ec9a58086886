use crate::{
    flanking,
    math::{Candidate, Verdict},
};

/// Follows the spans (emphasis, code, links …) that running text begins and ends.
///
/// It need not be exact, only careful: [`Spans::is_clean`] says that nothing that follows can change the meaning of what was
/// read. Where marks do not pair plainly, the text is never clean again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Spans {
    state: State,
    /// Emphasis that is open: its mark and how many.
    open: Vec<(char, usize)>,
    /// Brackets that are open: how much emphasis was open before each.
    brackets: Vec<usize>,
    /// A run of marks that may go on: the mark, how many, and the character before.
    run: Option<(char, usize, char)>,
    before: Option<char>,
    is_unclear: bool,
    /// A formula that may have begun.
    formula: Option<Box<Formula>>,
}

/// What may be a formula is read as a formula and as text, until it is clear which of them it is.
#[derive(Clone, Debug)]
struct Formula {
    /// Everything as it was before.
    outside: Spans,
    candidate: Candidate,
}

#[derive(Clone, Copy, Debug, Default)]
enum State {
    #[default]
    Text,
    Escape,
    /// Inside of a code span that so many backticks began.
    Code(usize),
    /// Behind a `<`, which may begin an address or a tag.
    Angle(char),
    /// Behind a bracket that closed.
    Bracket,
    /// In the destination of a link, inside of so many parentheses.
    Destination(usize),
    /// Like that, behind a backslash.
    DestinationEscape(usize),
}

impl Spans {
    /// Nothing is open, given that white space was read last.
    pub(crate) fn is_clean(&self) -> bool {
        matches!(self.state, State::Text | State::Bracket)
            && self.run.is_none()
            && self.open.is_empty()
            && self.brackets.is_empty()
            && !self.is_unclear
            && self.formula.is_none()
    }

    /// Nothing is open if this character follows.
    pub(crate) fn is_clean_at(&self, c: char) -> bool {
        let mut after = self.clone();
        after.read(c);
        !matches!(self.state, State::Escape) && after.is_clean()
    }

    pub(crate) fn read(&mut self, c: char) {
        if let Some(mut formula) = self.formula.take() {
            match formula.candidate.read(c) {
                Verdict::Open => {
                    self.read_text(c);
                    self.formula = Some(formula);
                    return;
                }
                Verdict::Formula => {
                    *self = formula.outside;
                    // Like a letter.
                    self.read_text('a');
                    return;
                }
                Verdict::FormulaBefore => {
                    *self = formula.outside;
                    self.read_text('a');
                }
                Verdict::Nothing => {}
            }
        }
        let may_begin = matches!(c, '$' | '\\') && !matches!(self.state, State::Escape);
        let outside = may_begin.then(|| self.clone());
        self.read_text(c);
        let is_text = matches!(self.state, State::Text | State::Bracket | State::Escape);
        if let Some(outside) = outside.filter(|_| is_text) {
            let candidate = Candidate::new(c, outside.before);
            self.formula = Some(Box::new(Formula { outside, candidate }));
        }
    }

    fn read_text(&mut self, c: char) {
        let before = self.before.replace(c).unwrap_or(' ');
        if let Some((mark, length, start)) = self.run {
            if c == mark {
                self.run = Some((mark, length + 1, start));
                return;
            }
            self.run = None;
            self.end_run(mark, length, start, c);
        }
        self.state = match self.state {
            State::Text => self.text(c, before),
            State::Escape => State::Text,
            State::Code(length) => {
                if c == '`' {
                    self.run = Some((c, 1, before));
                }
                State::Code(length)
            }
            State::Angle(first) => self.angle(first, c),
            State::Bracket if c == '(' => State::Destination(1),
            State::Bracket => self.text(c, before),
            State::Destination(depth) => match c {
                '(' => State::Destination(depth + 1),
                ')' if depth == 1 => State::Text,
                ')' => State::Destination(depth - 1),
                '\\' => State::DestinationEscape(depth),
                _ => State::Destination(depth),
            },
            State::DestinationEscape(depth) => State::Destination(depth),
        };
    }

    fn text(&mut self, c: char, before: char) -> State {
        match c {
            '\\' => State::Escape,
            '`' | '*' | '_' | '~' => {
                self.run = Some((c, 1, before));
                State::Text
            }
            '<' => State::Angle('<'),
            '[' => {
                self.brackets.push(self.open.len());
                State::Text
            }
            ']' => {
                if let Some(open) = self.brackets.pop() {
                    self.is_unclear |= open != self.open.len();
                    State::Bracket
                } else {
                    State::Text
                }
            }
            _ => State::Text,
        }
    }

    /// `first`: the character before, as long as it is the `<` itself.
    fn angle(&mut self, first: char, c: char) -> State {
        if first == '<' && !(c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?')) {
            return self.text(c, '<');
        }
        self.is_unclear |= matches!(c, '`' | '"' | '\'' | '<' | '\n' | '[' | ']');
        if c == '>' {
            State::Text
        } else {
            State::Angle(c)
        }
    }

    fn end_run(&mut self, mark: char, length: usize, before: char, after: char) {
        match (mark, self.state) {
            ('`', State::Code(opened)) if opened == length => self.state = State::Text,
            ('`', State::Code(_)) => {}
            ('`', _) => self.state = State::Code(length),
            _ => self.emphasis(mark, length, before, after),
        }
    }

    fn emphasis(&mut self, mark: char, length: usize, before: char, after: char) {
        let (opens, closes) = flanking::flanks(mark, before, after);
        let outer = self.brackets.last().copied().unwrap_or_default();
        let inner = &self.open[outer.min(self.open.len())..];
        if closes && inner.last() == Some(&(mark, length)) {
            self.open.pop();
        } else if closes && self.open.iter().any(|open| open.0 == mark) {
            self.is_unclear = true;
        } else if opens {
            self.open.push((mark, length));
        }
    }
}
