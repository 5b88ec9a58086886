use aicon_documents::{Kind, Limits, Problem};

use super::build::{Pdf, lines_content, shown};
use crate::sample::{text, text_within};

fn read(pdf: Pdf) -> Result<String, Problem> {
    text(Kind::Pdf, &pdf.bytes())
}

#[test]
fn korean_by_a_to_unicode_table_comes_out_right() {
    let lines = [
        "안녕하세요, 2026년 보고서입니다.",
        "똠방각하 (펲시) 뷁!",
        "Hello PDF",
    ];
    assert_eq!(read(Pdf::of_lines(&lines)).unwrap(), lines.join("\n"));
}

#[test]
fn pages_are_separated_by_a_blank_line() {
    let mut pdf = Pdf::of_lines(&["첫째 쪽"]);
    pdf.page_of(&lines_content(&["둘째 쪽"]));
    assert_eq!(read(pdf).unwrap(), "첫째 쪽\n\n둘째 쪽");
}

#[test]
fn distances_become_blanks_and_paragraphs() {
    let mut pdf = Pdf::new();
    let content = format!(
        "BT /F 12 Tf 72 770 Td {} 60 0 Td {} 0 -18 Td {} 0 -40 Td {} ET",
        shown("이름"),
        shown("나이"),
        shown("서른"),
        shown("끝")
    );
    pdf.page_of(&content);
    assert_eq!(read(pdf).unwrap(), "이름 나이\n서른\n\n끝");
}

#[test]
fn letter_spacing_is_no_blank_and_bold_by_overprinting_is_read_once() {
    let mut pdf = Pdf::new();
    let line = format!("1 Tc 1 0 0 1 72 770 Tm {}", shown("계약서"));
    let bold = format!("1 0 0 1 72.3 770 Tm {}", shown("계약서"));
    pdf.page_of(&format!("BT /F 12 Tf {line} {bold} ET"));
    assert_eq!(read(pdf).unwrap(), "계약서");
}

#[test]
fn text_of_a_standard_font_needs_no_table() {
    let mut pdf = Pdf::new();
    let font = pdf.add(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>");
    let content = pdf.add_stream("", b"BT /H 12 Tf 72 700 Td (Invoice 42) Tj ET");
    pdf.page(&format!(
        "/Contents {content} 0 R /Resources << /Font << /H {font} 0 R >> >>"
    ));
    assert_eq!(read(pdf).unwrap(), "Invoice 42");
}

#[test]
fn korean_by_a_predefined_map_needs_no_table() {
    let sample = "계약서 똠방 100";
    let utf16: Vec<u8> = sample.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let cp949 = encoding_rs::EUC_KR.encode(sample).0.into_owned();
    for (map, bytes) in [
        ("KSCms-UHC-H", &cp949),
        ("UniKS-UCS2-H", &utf16),
        ("UniKS-UTF16-H", &utf16),
    ] {
        let codes: String = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
        let mut pdf = Pdf::new();
        let descendant = pdf.add(
            b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /HYSMyeongJo-Medium /DW 1000 \
            /CIDSystemInfo << /Registry (Adobe) /Ordering (Korea1) /Supplement 1 >> >>",
        );
        let font = format!(
            "<< /Type /Font /Subtype /Type0 /BaseFont /HYSMyeongJo-Medium-{map} /Encoding /{map} \
            /DescendantFonts [{descendant} 0 R] >>"
        );
        pdf.set(3, font.as_bytes());
        pdf.page_of(&format!("BT /F 12 Tf 72 770 Td <{codes}> Tj ET"));
        assert_eq!(read(pdf).unwrap(), sample, "{map}");
    }
}

#[test]
fn a_scan_holds_no_text() {
    let mut pdf = Pdf::new();
    let image = pdf.add_stream(
        "/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8",
        &[0],
    );
    let content = pdf.add_stream("", b"595 0 0 842 0 0 cm /I Do");
    pdf.page(&format!(
        "/Contents {content} 0 R /Resources << /XObject << /I {image} 0 R >> >>"
    ));
    assert!(matches!(read(pdf), Err(Problem::NoText)));
}

#[test]
fn glyphs_without_a_table_are_told_and_not_guessed() {
    let mut pdf = Pdf::of_lines(&["비밀 문서"]);
    let font = "<< /Type /Font /Subtype /Type0 /BaseFont /Batang /Encoding /Identity-H /DescendantFonts [4 0 R] >>";
    pdf.set(3, font.as_bytes());
    let refused = read(pdf);
    assert!(
        matches!(refused, Err(Problem::UnknownCharacters)),
        "{refused:?}"
    );
}

#[test]
fn a_password_is_asked_for_by_a_clear_error() {
    let mut pdf = Pdf::of_lines(&["비밀"]);
    let owner = "00".repeat(32);
    pdf.trailer(&format!(
        "/ID [<00> <00>] /Encrypt << /Filter /Standard /V 2 /R 3 /Length 128 /P -4 /O <{owner}> /U <{owner}> >>"
    ));
    assert!(matches!(read(pdf), Err(Problem::Encrypted)));
}

#[test]
fn pages_and_characters_are_limited() {
    let mut pdf = Pdf::of_lines(&["하나"]);
    pdf.page_of(&lines_content(&["둘"]));
    let bytes = pdf.bytes();
    let limits = Limits {
        pages: 1,
        ..Limits::default()
    };
    let refused = text_within(limits, Kind::Pdf, &bytes);
    assert!(matches!(refused, Err(Problem::TooManyPages { limit: 1 })));
    let limits = Limits {
        text_chars: 2,
        ..Limits::default()
    };
    let refused = text_within(limits, Kind::Pdf, &bytes);
    assert!(matches!(refused, Err(Problem::TooMuchText { limit: 2 })));
}

#[test]
fn a_limit_may_be_none_at_all() {
    let limits = Limits {
        file_bytes: u64::MAX,
        text_chars: usize::MAX,
        pages: usize::MAX,
        ..Limits::default()
    };
    let bytes = Pdf::of_lines(&["끝이 없다"]).bytes();
    assert_eq!(text_within(limits, Kind::Pdf, &bytes).unwrap(), "끝이 없다");
}
