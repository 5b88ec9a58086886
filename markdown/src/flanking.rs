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

/// Punctuation and symbols as pulldown-cmark has them, without those of scripts that are written without emphasis: ranges of
/// our own, because the standard library knows none.
#[rustfmt::skip]
pub(crate) fn is_punctuation(c: char) -> bool {
    c.is_ascii_punctuation()
        || matches!(c, '¡'..='©' | '«' | '¬' | '®'..='±' | '´' | '¶'..='¸' | '»' | '¿' | '×' | '÷'
            | '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205e}' | '\u{20a0}'..='\u{20c0}' | '℀' | '℁' | '℃'..='℆'
            | '№'..='℘' | '℞'..='℣' | '\u{2190}'..='\u{2426}' | '\u{2440}'..='\u{244a}' | '\u{249c}'..='\u{24e9}'
            | '\u{2500}'..='\u{2775}' | '\u{2794}'..='\u{2b73}' | '\u{2b76}'..='\u{2b95}' | '\u{2b97}'..='\u{2bff}'
            | '\u{3001}'..='\u{3004}' | '\u{3008}'..='\u{3020}' | '〰' | '〶' | '〷' | '\u{303d}'..='\u{303f}' | '・'
            | '゛' | '゜' | '゠' | '\u{3190}' | '\u{3191}' | '\u{3196}'..='\u{319f}' | '\u{31c0}'..='\u{31e3}' | '\u{31ef}'
            | '\u{3200}'..='\u{321e}' | '\u{322a}'..='\u{3247}' | '\u{3250}' | '\u{3260}'..='\u{327f}'
            | '\u{328a}'..='\u{32b0}' | '\u{32c0}'..='\u{33ff}' | '\u{fe30}'..='\u{fe52}' | '\u{ff01}'..='\u{ff0f}'
            | '\u{ff1a}'..='\u{ff20}' | '\u{ff3b}'..='\u{ff40}' | '\u{ff5b}'..='\u{ff65}' | '\u{ffe0}'..='\u{ffe6}'
            | '\u{ffe8}'..='\u{ffee}' | '\u{1f000}'..='\u{1fbca}')
}

pub(crate) fn is_cjk(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{11ff}' | 'ぁ'..='ゖ' | 'ァ'..='ヺ' | 'ー' | 'ㄱ'..='ㆎ' | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}' | '가'..='힣' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use pulldown_cmark::{Event, Parser, Tag};

    use super::is_punctuation;

    /// Whether the parser takes a character for punctuation: then emphasis does not end between it and a letter.
    fn parser_says(c: char) -> bool {
        let text = format!("**a{c}**b");
        !Parser::new(&text).any(|event| matches!(event, Event::Start(Tag::Strong)))
    }

    #[test]
    fn punctuation_is_what_the_parser_takes_for_it() {
        for range in [
            0x21..0x100,
            0x2000..0x2070,
            0x20a0..0x20d0,
            0x2190..0x2c00,
            0x3000..0x3400,
            0xac00..0xac80,
            0xff00..0xfff0,
            0x1f300..0x1f6d8,
            0x1f900..0x1fa54,
        ] {
            let letters = range.filter_map(char::from_u32);
            let marks = |c: &char| !c.is_whitespace() && !matches!(c, '\\' | '*');
            for c in letters.filter(marks) {
                assert_eq!(
                    is_punctuation(c),
                    parser_says(c),
                    "{c:?} {:x}",
                    u32::from(c)
                );
            }
        }
    }
}
