//! Text whose end is still to come, shown as its author means it: marks that are open count as closed at the end, and the
//! beginnings of marks are left out. What this shows lasts until the text is settled, which corrects it.

mod ends;

use std::rc::Rc;

use yew::AttrValue;

use crate::{
    block::{Kind, Node},
    build, flanking,
    link::Link,
    math,
};
use ends::{After, after_bracket, code_end};

/// Emphasis inside of emphasis, at most; further marks are shown.
const MAX_DEPTH: usize = 8;
/// Longest beginning of an entity, as `&CounterClockwiseContourIntegral`.
const MAX_ENTITY: usize = 33;

/// How far the end of a span is looked for, in bytes.
const MAX_SEARCH: usize = 1024;
/// How far all of them are: marks without partners must not cost the square of the text.
const MAX_SEARCHES: usize = 64 * MAX_SEARCH;

/// The nodes of `text`, which is `open` if more may follow.
pub(crate) fn nodes(text: &str, open: bool) -> Vec<Node> {
    let mut preview = Preview {
        text,
        at: 0,
        open,
        frames: Vec::new(),
        done: Vec::new(),
        plain: String::new(),
        links: Vec::new(),
        searched: 0,
    };
    while preview.at < text.len() {
        preview.step();
    }
    preview.finish()
}

struct Preview<'a> {
    text: &'a str,
    at: usize,
    open: bool,
    /// Open emphasis: its mark, how many, and what it holds.
    frames: Vec<(char, usize, Vec<Node>)>,
    done: Vec<Node>,
    plain: String,
    /// Where the brackets of links end whose text is read: the byte of `]`, where to go on, and the destination.
    links: Vec<(usize, usize)>,
    /// Bytes in which ends of spans were looked for.
    searched: usize,
}

impl Preview<'_> {
    fn step(&mut self) {
        let rest = &self.text[self.at..];
        let Some(c) = rest.chars().next() else { return };
        if let Some((_, next)) = self.links.pop_if(|link| link.0 == self.at) {
            self.at = next;
            return;
        }
        match c {
            '$' => self.formula(rest, 1),
            '\\' if rest.starts_with("\\(") || rest.starts_with("\\[") => self.formula(rest, 2),
            '\\' => self.escape(rest),
            '`' => self.code(rest),
            '!' if rest.starts_with("![") => self.image(rest),
            '!' if self.open && rest.len() == 1 && self.before().is_whitespace() => self.at += 1,
            '[' => self.link(rest),
            '<' => self.angle(rest),
            '&' => self.entity(rest),
            '*' | '_' | '~' => self.emphasis(rest, c),
            _ => self.literal(c.len_utf8()),
        }
    }

    fn literal(&mut self, bytes: usize) {
        self.plain.push_str(&self.text[self.at..self.at + bytes]);
        self.at += bytes;
    }

    fn before(&self) -> char {
        self.text[..self.at].chars().next_back().unwrap_or(' ')
    }

    fn escape(&mut self, rest: &str) {
        self.at += 1;
        match rest[1..].chars().next() {
            Some(c) if c.is_ascii_punctuation() => self.literal(1),
            Some('\n') => {
                self.push(Node::HardBreak);
                self.at += 1;
            }
            Some(_) => self.plain.push('\\'),
            None => {}
        }
    }

    fn formula(&mut self, rest: &str, delimiter: usize) {
        let before = self.text[..self.at].chars().next_back();
        if let Some(found) = math::formula(rest, before) {
            self.push(math::node(found.source, found.is_display, false));
            self.at += found.length;
        } else if self.open
            && let Some((delimiter, source)) = math::begun(rest, before)
        {
            if !source.trim().is_empty() {
                self.push(math::node(source, delimiter.is_display(), true));
            }
            self.at = self.text.len();
        } else if delimiter == 2 {
            self.escape(rest);
        } else {
            self.literal(delimiter);
        }
    }

    fn code(&mut self, rest: &str) {
        let inside = rest.trim_start_matches('`');
        let ticks = &rest[..rest.len() - inside.len()];
        let end = code_end(self.searchable(inside), ticks.len());
        if end.is_none() && inside.contains('\n') {
            self.literal(ticks.len());
            return;
        }
        let code = &inside[..end.unwrap_or(inside.len())];
        // A closing mark may be half there.
        let code = if end.is_none() {
            code.trim_end_matches('`')
        } else {
            code
        };
        if !code.is_empty() {
            let node = Node::Code(unpadded(code).into());
            self.push(node);
        }
        self.at += end.map_or(rest.len(), |end| 2 * ticks.len() + end);
    }

    fn link(&mut self, rest: &str) {
        let end = self.bracket_end(rest);
        if rest.starts_with("[^") {
            self.at += end.map_or(rest.len(), |end| end + 1);
            return;
        }
        let Some(end) = end else {
            self.at += 1;
            return;
        };
        match after_bracket(&rest[end + 1..], self.open) {
            // In the last word it may be a reference, which the next word settles.
            After::Nothing if self.open && !rest[end..].trim_end().contains([' ', '\n']) => {
                self.links.push((self.at + end, self.at + end + 1));
                self.at += 1;
            }
            After::Nothing => self.literal(1),
            After::Open => {
                self.links.push((self.at + end, self.text.len()));
                self.at += 1;
            }
            After::Destination(destination, length) => {
                let kind = Link::judge(destination)
                    .map_or(Kind::Refused, |link| Kind::Link(Rc::new(link)));
                let text = &rest[1..end];
                let inside = if text.contains('[') {
                    vec![Node::Text(build::owned(text))]
                } else {
                    nodes(text, false)
                };
                self.push(Node::Element(kind, inside.into()));
                self.at += end + 1 + length;
            }
        }
    }

    fn bracket_end(&mut self, text: &str) -> Option<usize> {
        ends::bracket_end(self.searchable(text))
    }

    /// As much of a text as may be searched.
    fn searchable<'t>(&mut self, text: &'t str) -> &'t str {
        if self.searched >= MAX_SEARCHES {
            return "";
        }
        let text = &text[..text.floor_char_boundary(MAX_SEARCH)];
        self.searched += text.len();
        text
    }

    fn image(&mut self, rest: &str) {
        let Some(end) = self.bracket_end(&rest[1..]) else {
            self.at += 2;
            return;
        };
        let alt = &rest[2..=end];
        match after_bracket(&rest[end + 2..], self.open) {
            After::Nothing => self.literal(2),
            After::Open => {
                self.plain.push_str(alt);
                self.at = self.text.len();
            }
            After::Destination(destination, length) => {
                match build::image(destination, alt) {
                    Some(image) => self.push(image),
                    None => self.plain.push_str(alt),
                }
                self.at += end + 2 + length;
            }
        }
    }

    /// An address in angle brackets loses them; anything else is shown as it is.
    fn angle(&mut self, rest: &str) {
        let inside = &rest[1..];
        let end = inside.find(['>', ' ', '\n']);
        let address = &inside[..end.unwrap_or(inside.len())];
        let is_closed = end.is_some_and(|end| inside[end..].starts_with('>'));
        let may_be = |scheme: &str| match address.get(..scheme.len()) {
            Some(start) => start.eq_ignore_ascii_case(scheme),
            None => scheme.starts_with(&address.to_ascii_lowercase()),
        };
        let is_address =
            ["http://", "https://", "mailto:"].into_iter().any(may_be) || address.contains('@');
        match (is_address, is_closed) {
            (true, true) => {
                match Link::judge(address) {
                    Some(link) => {
                        let text = Node::Text(build::owned(address));
                        self.push(Node::Element(Kind::Link(Rc::new(link)), Rc::new([text])));
                    }
                    None => self.plain.push_str(address),
                }
                self.at += address.len() + 2;
            }
            (true, false) if self.open && end.is_none() => self.at += 1,
            _ => self.literal(1),
        }
    }

    fn entity(&mut self, rest: &str) {
        let name = rest[1..]
            .bytes()
            .take_while(|b| b.is_ascii_alphanumeric() || *b == b'#')
            .count();
        let length = 1 + name;
        match rest.as_bytes().get(length) {
            Some(b';') if name > 0 => {
                match &rest[1..length] {
                    "amp" => self.plain.push('&'),
                    "lt" => self.plain.push('<'),
                    "gt" => self.plain.push('>'),
                    "quot" => self.plain.push('"'),
                    // Known when the text is settled, at the next blank.
                    _ => {}
                }
                self.at += length + 1;
            }
            None if self.open && length <= MAX_ENTITY => self.at += length,
            _ => self.literal(1),
        }
    }

    fn emphasis(&mut self, rest: &str, mark: char) {
        let after_run = rest.trim_start_matches(mark);
        let length = rest.len() - after_run.len();
        let Some(after) = after_run.chars().next() else {
            let last = self.text.ends_with(mark) && !self.open;
            let closed = if last {
                self.close(mark, length)
            } else {
                length
            };
            self.at += closed;
            if closed < length {
                self.literal(length - closed);
            }
            return;
        };
        let before = self.before();
        let (opens, closes) = flanking::flanks(mark, before, after);
        let closed = if closes { self.close(mark, length) } else { 0 };
        let left = length - closed;
        self.at += closed;
        // `5*3`: a star between letters or digits is seldom meant as emphasis before its partner has come.
        let inside_a_word = before.is_ascii_alphanumeric() && after.is_ascii_alphanumeric();
        let is_closed = after_run.contains(mark);
        if left > 0 && opens && (!inside_a_word || is_closed) && self.begin(mark, left) {
            self.at += left;
        } else {
            self.literal(left);
        }
    }

    /// Closes emphasis of this mark and returns how many marks that took.
    fn close(&mut self, mark: char, length: usize) -> usize {
        let mut left = length;
        while let Some(frame) = self
            .frames
            .last()
            .filter(|frame| frame.0 == mark && frame.1 <= left)
        {
            left -= frame.1;
            self.pop();
        }
        length - left
    }

    fn begin(&mut self, mark: char, length: usize) -> bool {
        if self.frames.len() + 1 >= MAX_DEPTH || length > 3 || mark == '~' && length > 2 {
            return false;
        }
        self.flush();
        if length == 3 {
            self.frames.push((mark, 1, Vec::new()));
        }
        self.frames.push((mark, length.min(2), Vec::new()));
        true
    }

    fn pop(&mut self) {
        self.flush();
        let Some((mark, length, inside)) = self.frames.pop() else {
            return;
        };
        if inside.is_empty() {
            return;
        }
        let kind = match (mark, length) {
            ('~', _) => Kind::Strikethrough,
            (_, 1) => Kind::Emphasis,
            _ => Kind::Strong,
        };
        self.push(Node::Element(kind, inside.into()));
    }

    fn push(&mut self, node: Node) {
        self.flush();
        self.children().push(node);
    }

    fn children(&mut self) -> &mut Vec<Node> {
        self.frames
            .last_mut()
            .map_or(&mut self.done, |frame| &mut frame.2)
    }

    fn flush(&mut self) {
        if self.plain.is_empty() {
            return;
        }
        let text = AttrValue::from(std::mem::take(&mut self.plain));
        self.children().push(Node::Text(text));
    }

    fn finish(mut self) -> Vec<Node> {
        while !self.frames.is_empty() {
            self.pop();
        }
        self.flush();
        self.done
    }
}

fn unpadded(code: &str) -> String {
    let code = code.replace('\n', " ");
    let padded = code.starts_with(' ') && code.ends_with(' ') && !code.trim().is_empty();
    if padded {
        code[1..code.len() - 1].to_owned()
    } else {
        code
    }
}

#[cfg(test)]
mod tests {
    use crate::{Document, block::Node};

    fn visible(document: &Document) -> String {
        let mut text = String::new();
        for block in document.blocks() {
            collect(std::slice::from_ref(block.root()), &mut text);
            text.push('\n');
        }
        text
    }

    fn collect(nodes: &[Node], out: &mut String) {
        for node in nodes {
            match node {
                Node::Text(text) | Node::Code(text) => out.push_str(text),
                Node::CodeBlock(code) => code.text.iter().for_each(|text| out.push_str(text)),
                Node::Image(image) => out.push_str(&image.alt),
                Node::Run(run) => collect(&run.0, out),
                Node::Referring(referring) => collect(&referring.nodes, out),
                Node::Element(_, children) => collect(children, out),
                _ => {}
            }
        }
    }

    /// Streams a text character by character; no state may show a mark more often than the end does.
    fn check(text: &str) {
        let end = visible(&Document::from_text(text));
        let mut document = Document::new();
        for (at, c) in text.char_indices() {
            document.push(c.encode_utf8(&mut [0; 4]));
            let shown = visible(&document);
            for mark in "*_~`[]()#|<>&\\!$".chars() {
                let (now, then) = (shown.matches(mark).count(), end.matches(mark).count());
                assert!(
                    now <= then,
                    "{mark:?} after {:?}: {shown:?}, in the end {end:?}",
                    &text[..=at]
                );
            }
        }
        document.finish();
        assert_eq!(visible(&document), end);
    }

    #[test]
    fn unfinished_marks_are_never_shown() {
        for text in [
            "**굵게**는 글",
            "**\"인용\"**은 글",
            "은**(괄호)**의 글",
            "a **bold** and *em* and ***both*** end",
            "**outer *inner* outer** end",
            "*outer **inner** outer* end",
            "_em_ and __strong__ end",
            "~~지운 말~~ 끝",
            "`code` and `` a`b `` end",
            "a [link](https://e.com/a_b) end",
            "[링크](https://e.com \"제목\")는 끝",
            "[**굵은** 링크](https://e.com) 끝",
            "![그림](https://e.com/i.png) 끝",
            "글 ![그림](https://e.com/i.png)",
            "see <https://e.com/a> end",
            "R&amp;D &lt;b&gt; &copy; end",
            "escaped \\* star and \\[ bracket",
            "# 제목\n## 둘째 **굵은** 제목\n글",
            "제목\n====\n\n부제\n---\n글",
            "- 하나\n- **둘**\n  - `셋`\n* 넷\n",
            "1. 하나\n2. 둘\n10. 열\n",
            "- [ ] 할 일\n- [x] 한 일\n",
            "> 인용 **굵게**\n> > 안\n",
            "글\n\n---\n\n글\n\n***\n",
            "```rust\nlet a = 1;\n```\n글",
            "~~~\ncode\n~~~\n",
            "- 목록\n  ```\n  code\n  ```\n- 끝",
            "| 이름 | 값 |\n|:---|---:|\n| **a** | `b` |\n| c | [d](https://e.com) |\n\n글",
            "표:\n| 이름 | 값 |\n|---|---|\n| a | b |\n",
            "글[^1]은\n\n[^1]: 각주\n",
            "[ref]: https://e.com\n\n[ref] 글",
            "[글][] 글\n\n[글]: https://e.com\n",
            "[글][ref] 글\n\n[ref]: https://e.com \"제목\"\n",
            "2 * 3 = 6, 5*3, a_b, snake_case_name, a < b, R&D",
            "값은 $x^2$이고 $a_1$입니다",
            "공식 \\(a + b\\)와 \\[c\\] 끝",
            "글\n$$\nx = \\frac{1}{2}\n$$\n글",
            "글\n\\[\nx\n\\]\n글",
            "값은 $5이고 $10입니다",
            "**완료✅**입니다 **좋아요😀**는 끝",
            "**굵은 줄\n둘째 줄** 끝",
            "**첫째**: 설명\n**둘째**: 설명\n",
        ] {
            check(text);
        }
        check(include_str!("../tests/answer.md"));
    }
}
