use aicon_documents::{Kind, Limits, Problem};
use encoding_rs::{BIG5, EUC_JP, EUC_KR, Encoding, GBK, SHIFT_JIS, WINDOWS_1252};
use proptest::prelude::*;

use crate::sample::{kind, text, text_within};

fn encoded(encoding: &'static Encoding, text: &str) -> Vec<u8> {
    let (bytes, _, has_lost) = encoding.encode(text);
    assert!(!has_lost, "{text:?} is not in {}", encoding.name());
    bytes.into_owned()
}

#[test]
fn korean_in_cp949_comes_out_right() {
    let texts = [
        "이름,나이,도시\n김영희,34,서울\n박철수,41,부산\n",
        "가",
        "품목",
        "견적서",
        "id,값\n1,예\n2,아니오\n",
        "똠방각하 펲시콜라 햏햏 뷁",
        "회의록: 2026년 1분기 매출은 전년 대비 12% 늘었다.\r\n다음 회의는 금요일이다.",
        "㈜한국전자 담당자: 홍길동 부장 ☎ 02-1234-5678\r\n※ 자세한 내용은 첨부를 참고하십시오 → 大韓民國",
        "name;\"서울특별시 강남구\";100",
    ];
    for sample in texts {
        let bytes = encoded(EUC_KR, sample);
        assert_eq!(kind("표.csv", &bytes).unwrap(), Kind::Csv, "{sample}");
        assert_eq!(text(Kind::Csv, &bytes).unwrap(), sample);
    }
}

#[test]
fn what_only_looks_like_cp949_is_refused_instead_of_becoming_nonsense() {
    let samples: [(&'static Encoding, &str); 8] = [
        (
            SHIFT_JIS,
            "これは日本語の文章です。東京都の天気は晴れです。",
        ),
        (EUC_JP, "これは日本語の文章です。東京都の天気は晴れです。"),
        (GBK, "这是一个用中文写的句子。北京的天气很好,我们去公园。"),
        (BIG5, "這是一個用中文寫的句子。台北的天氣很好,我們去公園。"),
        (
            WINDOWS_1252,
            "Le garçon a été à la fête, où il a mangé du gâteau.",
        ),
        (WINDOWS_1252, "Größe,Höhe\nÄpfel über Straße\n"),
        (WINDOWS_1252, "café"),
        (SHIFT_JIS, "カタカナ ﾃｽﾄ"),
    ];
    for (encoding, sample) in samples {
        let bytes = encoded(encoding, sample);
        let refused = kind("a.txt", &bytes);
        assert!(
            matches!(refused, Err(Problem::UnknownEncoding)),
            "{} {sample}: {refused:?}",
            encoding.name()
        );
    }
}

#[test]
fn bytes_that_are_utf8_are_read_as_utf8() {
    let korean = encoded(EUC_KR, "타");
    let latin = "\u{178}";
    assert_eq!(korean, latin.as_bytes());
    assert_eq!(text(Kind::Text, &korean).unwrap(), latin);
    assert_eq!(text(Kind::Text, &encoded(EUC_KR, "기타")).unwrap(), "기타");
}

#[test]
fn a_character_across_two_chunks_is_one_character() {
    for shift in 0..3 {
        let sample = format!(
            "{}{}",
            "a".repeat(16 * 1024 - shift),
            "한글 문서입니다. ".repeat(2000)
        );
        for bytes in [sample.clone().into_bytes(), encoded(EUC_KR, &sample)] {
            assert_eq!(text(Kind::Text, &bytes).unwrap(), sample);
        }
    }
}

#[test]
fn more_text_than_allowed_is_refused() {
    let limits = Limits {
        text_chars: 5,
        ..Limits::default()
    };
    assert_eq!(
        text_within(limits.clone(), Kind::Text, "가나다라마".as_bytes()).unwrap(),
        "가나다라마"
    );
    let refused = text_within(limits, Kind::Text, "가나다라마바".as_bytes());
    assert!(matches!(refused, Err(Problem::TooMuchText { limit: 5 })));
}

#[test]
fn a_cut_character_is_no_text() {
    assert!(matches!(
        text(Kind::Text, "가나".as_bytes()[..5].as_ref()),
        Err(Problem::UnknownEncoding)
    ));
    assert!(matches!(
        text(Kind::Text, b"\xff\xfea\0b"),
        Err(Problem::UnknownEncoding)
    ));
}

proptest! {
    #[test]
    fn any_text_survives_each_unicode_encoding(sample in "[^\0]{1,200}") {
        // A text that begins with the mark loses it as the mark that it is.
        prop_assume!(!sample.starts_with('\u{feff}'));
        let utf8 = sample.as_bytes();
        let utf16: Vec<u16> = sample.encode_utf16().collect();
        let little: Vec<u8> = utf16.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let big: Vec<u8> = utf16.iter().flat_map(|unit| unit.to_be_bytes()).collect();
        for bytes in [
            utf8.to_vec(),
            [b"\xef\xbb\xbf", utf8].concat(),
            [b"\xff\xfe", &little[..]].concat(),
            [b"\xfe\xff", &big[..]].concat(),
        ] {
            prop_assert_eq!(text(Kind::Text, &bytes).unwrap(), sample.clone());
        }
    }

    #[test]
    fn any_words_of_common_syllables_survive_cp949(words in prop::collection::vec("(이름|나이|서울|부산|합계|금액|날짜|비고|확인|내용|담당자|은|는|을|[가나다라마바사아자차카타파하]{1,4}|[a-z0-9,]{1,5})", 1..30)) {
        let sample = words.join(" ");
        let bytes = encoded(EUC_KR, &sample);
        // A syllable or two whose bytes are UTF-8 of other letters: nothing in the file tells which.
        let is_ambiguous = !sample.is_ascii() && std::str::from_utf8(&bytes).is_ok();
        prop_assume!(!is_ambiguous);
        prop_assert_eq!(text(Kind::Csv, &bytes).unwrap(), sample);
    }

    #[test]
    fn any_bytes_are_text_or_refused(bytes in prop::collection::vec(any::<u8>(), 1..200)) {
        if let Ok(text) = text(Kind::Text, &bytes) {
            prop_assert!(!text.contains('\0'));
        }
    }
}
