//! Emphasis next to Chinese, Japanese and Korean letters.
//!
//! CommonMark lets `**` end emphasis behind punctuation only before white space or punctuation. Where particles follow a word
//! without a blank, as in `**"인용"**은`, the marks would stay text. So such a letter counts like punctuation there (the rule
//! that the `markdown-cjk-friendly` specification proposes), which `guard` makes the parser believe.

/// Whether a run of marks between these characters may begin and may end emphasis.
pub(crate) fn flanks(mark: char, before: char, after: char) -> (bool, bool) {
    let (blank_before, blank_after) = (before.is_whitespace(), after.is_whitespace());
    let (mark_before, mark_after) = (is_punctuation(before), is_punctuation(after));
    let wide = mark != '_';
    let left =
        !blank_after && (!mark_after || blank_before || mark_before || wide && is_cjk(before));
    let right =
        !blank_before && (!mark_before || blank_after || mark_after || wide && is_cjk(after));
    if wide {
        return (left, right);
    }
    (
        left && (!right || mark_before),
        right && (!left || mark_after),
    )
}

/// ASCII punctuation, and what Korean and typographic text has: ranges of our own, because the standard library knows none.
pub(crate) fn is_punctuation(c: char) -> bool {
    c.is_ascii_punctuation()
        || matches!(c, '«' | '»' | '·' | '¿' | '¡' | '§' | '¶' | '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205e}'
            | '\u{20a0}'..='\u{20bf}' | '\u{2190}'..='\u{23ff}' | '\u{2500}'..='\u{2bff}' | '\u{3001}'..='\u{3003}'
            | '\u{3008}'..='\u{3020}' | '\u{ff01}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff20}' | '\u{ff3b}'..='\u{ff40}'
            | '\u{ff5b}'..='\u{ff65}')
}

pub(crate) fn is_cjk(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{11ff}' | 'ぁ'..='ゖ' | 'ァ'..='ヺ' | 'ー' | 'ㄱ'..='ㆎ' | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}' | '가'..='힣' | '\u{20000}'..='\u{3ffff}')
}
