/// Reads a line from its beginning, in columns where a tab counts up to the next multiple of four.
#[derive(Clone, Copy)]
pub(crate) struct Cursor<'a> {
    pub(crate) rest: &'a str,
    column: usize,
    /// Columns of a tab at the beginning of `rest` that are consumed already.
    spent: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(line: &'a str) -> Self {
        Self {
            rest: line,
            column: 0,
            spent: 0,
        }
    }

    /// Columns of white space before the next character, and the text from there on.
    pub(crate) fn indent(&self) -> (usize, &'a str) {
        let text = self.rest.trim_start_matches([' ', '\t']);
        let blank = &self.rest[..self.rest.len() - text.len()];
        let mut column = self.column;
        for (i, byte) in blank.bytes().enumerate() {
            column += match byte {
                b'\t' if i == 0 => 4 - (self.column - self.spent) % 4 - self.spent,
                b'\t' => 4 - column % 4,
                _ => 1,
            };
        }
        (column - self.column, text)
    }

    /// Consumes up to `columns` columns of white space.
    pub(crate) fn skip_columns(&mut self, mut columns: usize) {
        while columns > 0 {
            match self.rest.as_bytes().first() {
                Some(b' ') => {
                    self.rest = &self.rest[1..];
                    self.column += 1;
                    columns -= 1;
                }
                Some(b'\t') => {
                    let width = 4 - (self.column - self.spent) % 4;
                    let step = columns.min(width - self.spent);
                    (self.spent, self.column) = (self.spent + step, self.column + step);
                    columns -= step;
                    if self.spent == width {
                        self.rest = &self.rest[1..];
                        self.spent = 0;
                    }
                }
                _ => return,
            }
        }
    }

    pub(crate) fn skip_blank(&mut self) {
        let (columns, _) = self.indent();
        self.skip_columns(columns);
    }

    /// Consumes a marker of `bytes` ASCII characters.
    pub(crate) fn skip_marker(&mut self, bytes: usize) {
        self.rest = &self.rest[bytes..];
        self.column += bytes;
    }

    /// The rest as it belongs to a code block: what is left of a partly consumed tab becomes spaces.
    pub(crate) fn verbatim(&self) -> (&'static str, &'a str) {
        if self.spent == 0 {
            return ("", self.rest);
        }
        let left = 4 - (self.column - self.spent) % 4 - self.spent;
        (&"   "[..left.min(3)], &self.rest[1..])
    }
}
