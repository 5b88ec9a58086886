//! Blocks that begin in a line: the marks before its text.

use crate::{
    block::{Kind, Node},
    container::{Container, Shape},
    cursor::Cursor,
    flow::Flow,
    html,
    leaf::{Code, Html, Leaf},
    math_block::{self, Begins, MathBlock},
    row,
    scan::{self, Marker},
    table::Table,
};

use super::{MAX_CONTAINERS, New, Parser, Rest, skip_quote};

impl Parser {
    /// Begins the blocks whose marks the line has, and finds the text behind them.
    pub(super) fn begin_blocks<'a>(&mut self, cursor: &mut Cursor<'a>, new: &mut New) -> Rest<'a> {
        let mut task = None;
        loop {
            let (indent, text) = cursor.indent();
            if text.is_empty() || task.is_some() {
                return Rest::Text { text, task };
            }
            let in_paragraph = self.in_paragraph(new);
            if indent >= 4 {
                let in_table = new.is_inside && matches!(self.leaf, Some(Leaf::Table(_)));
                if !in_paragraph && !in_table {
                    self.begin(new);
                    cursor.skip_columns(4);
                    let mut code = Code::indented();
                    code.line(cursor.verbatim());
                    self.begin_leaf();
                    self.leaf = Some(Leaf::Code(code));
                    return Rest::Done;
                }
                return Rest::Text { text, task };
            }
            if self.begin_leaf_block(cursor, new, in_paragraph) {
                return Rest::Done;
            }
            if !self.begin_container(cursor, new) {
                return Rest::Text { text, task };
            }
            if let Some(Container {
                kind: Shape::Item { .. },
                ..
            }) = self.open.last()
                && let (0..4, text) = cursor.indent()
                && let Some((done, rest)) = scan::task(text)
            {
                task = Some(done);
                cursor.skip_blank();
                cursor.skip_marker(text.len() - rest.len());
            }
        }
    }

    fn begin_leaf_block(&mut self, cursor: &Cursor<'_>, new: &mut New, in_paragraph: bool) -> bool {
        let (indent, text) = cursor.indent();
        if let Some((level, title)) = scan::heading(text) {
            self.begin(new);
            self.begin_leaf();
            let nodes = Flow::whole(title, &mut self.inline).into_nodes();
            self.settle(Node::Element(Kind::Heading(level), nodes));
            return true;
        }
        if let Some(fence) = scan::fence(text) {
            self.begin(new);
            self.begin_leaf();
            let code = Code::fenced(&fence, indent, &mut self.inline);
            self.leaf = Some(Leaf::Code(code));
            return true;
        }
        if let Some(math) = math_block::begins(text) {
            self.begin(new);
            self.begin_leaf();
            match math {
                Begins::Whole(node) => self.settle(node),
                Begins::Lines(delimiter) => {
                    self.leaf = Some(Leaf::Math(MathBlock::new(delimiter, text)));
                }
            }
            return true;
        }
        if html::begins(text) || !in_paragraph && self.inline.begins_html(text) {
            self.begin(new);
            let mut html = Html::new(html::end(text));
            let is_last = html.line(cursor.verbatim());
            self.begin_leaf();
            self.leaf = Some(Leaf::Html(html));
            if is_last {
                self.close_leaf();
            }
            return true;
        }
        if in_paragraph && new.is_inside && self.end_paragraph(text) {
            return true;
        }
        if scan::is_rule(text) {
            self.begin(new);
            self.begin_leaf();
            self.settle(Node::Rule);
            return true;
        }
        false
    }

    /// Ends the open paragraph as a heading or begins a table with its last line, if `text` is the line for it.
    fn end_paragraph(&mut self, text: &str) -> bool {
        let Some(Leaf::Paragraph(paragraph)) = &mut self.leaf else {
            return false;
        };
        if let Some(columns) = row::delimiter_row(text)
            && let Some(head) = paragraph.take_head(columns.len())
        {
            if paragraph.is_empty() {
                self.leaf = None;
            } else {
                self.close_leaf();
            }
            self.begin_leaf();
            let table = Table::new(columns, &head, &mut self.inline);
            self.leaf = Some(Leaf::Table(table));
            return true;
        }
        let Some(level) = scan::underline(text) else {
            return false;
        };
        if !paragraph.take_definitions(&mut self.inline) {
            return false;
        }
        if let Some(Leaf::Paragraph(paragraph)) = self.leaf.take()
            && let Some(heading) = paragraph.finish(Kind::Heading(level), &mut self.inline)
        {
            self.settle(heading);
        }
        true
    }

    fn begin_container(&mut self, cursor: &mut Cursor<'_>, new: &mut New) -> bool {
        let (indent, text) = cursor.indent();
        let depth = if new.begun {
            self.open.len()
        } else {
            new.matched
        };
        if depth + 2 > MAX_CONTAINERS {
            return false;
        }
        if text.starts_with('>') {
            self.begin(new);
            skip_quote(cursor);
            self.begin_kind(Shape::Quote);
            return true;
        }
        if let Some((label, rest)) = scan::footnote(text) {
            self.begin(new);
            let found = self.inline.define_footnote(label);
            cursor.skip_blank();
            cursor.skip_marker(text.len() - rest.len());
            cursor.skip_blank();
            self.leave_list();
            if matches!(
                self.open.last(),
                Some(Container {
                    kind: Shape::Footnote { .. },
                    ..
                })
            ) {
                self.close_container();
            }
            self.begin_kind(Shape::Footnote {
                number: found.map(|found| found.0),
                referenced: found.is_some_and(|found| found.1),
            });
            return true;
        }
        let Some(marker) = scan::marker(text) else {
            return false;
        };
        let is_empty = text[marker.length..].trim_matches([' ', '\t']).is_empty();
        let interrupts = !is_empty && marker.number.is_none_or(|number| number == 1);
        if self.in_paragraph(new) && new.is_inside && !interrupts {
            return false;
        }
        self.begin(new);
        self.begin_item(cursor, indent, marker, is_empty);
        true
    }

    fn in_paragraph(&self, new: &New) -> bool {
        !new.begun && matches!(self.leaf, Some(Leaf::Paragraph(_)))
    }

    fn begin_item(
        &mut self,
        cursor: &mut Cursor<'_>,
        indent: usize,
        marker: Marker,
        is_empty: bool,
    ) {
        let continues = matches!(self.open.last(), Some(Container { kind: Shape::List { mark, .. }, .. }) if *mark == marker.mark);
        if !continues {
            self.begin_kind(Shape::List {
                mark: marker.mark,
                start: marker.number,
                tight: true,
            });
        }
        cursor.skip_blank();
        cursor.skip_marker(marker.length);
        let (blank, _) = cursor.indent();
        let padding = if is_empty || blank > 4 { 1 } else { blank };
        cursor.skip_columns(padding);
        self.begin_kind(Shape::Item {
            indent: indent + marker.length + padding,
        });
    }
}
