use std::io::Cursor;

use aicon_documents::{Kind, Limits, Problem, check};
use proptest::prelude::*;

use crate::pdfs::Pdf;
use crate::sample::{jpeg, kind, kind_within, png, webp, zip};

fn korean_pdf() -> Vec<u8> {
    Pdf::of_lines(&["안녕하세요"]).bytes()
}

#[test]
fn each_type_is_known_by_name_and_content() {
    assert_eq!(kind("그림.PNG", &png(3, 2)).unwrap(), Kind::Png);
    assert_eq!(kind("a.jpg", &jpeg()).unwrap(), Kind::Jpeg);
    assert_eq!(kind("a.jpeg", &jpeg()).unwrap(), Kind::Jpeg);
    assert_eq!(kind("a.webp", &webp()).unwrap(), Kind::Webp);
    assert_eq!(kind("a.pdf", &korean_pdf()).unwrap(), Kind::Pdf);
    assert_eq!(kind("a.csv", "이름,나이\n".as_bytes()).unwrap(), Kind::Csv);
    assert_eq!(kind("a.md", b"<html># x").unwrap(), Kind::Markdown);
    assert_eq!(kind("a.txt", b"#!/bin/sh\n").unwrap(), Kind::Text);
    assert_eq!(kind("a.json", b"{}").unwrap(), Kind::Json);
}

#[test]
fn a_renamed_file_is_refused_by_what_it_is() {
    let cases: [(&str, Vec<u8>, &str); 7] = [
        ("a.png", jpeg(), "jpg"),
        ("a.jpg", png(1, 1), "png"),
        ("a.csv", zip(), "zip"),
        ("a.pdf", zip(), "zip"),
        ("a.txt", korean_pdf(), "pdf"),
        (
            "a.png",
            b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>".to_vec(),
            "unknown",
        ),
        ("a.pdf", b"just text".to_vec(), "unknown"),
    ];
    for (name, bytes, expected) in cases {
        match kind(name, &bytes) {
            Err(Problem::Mismatch { found, .. }) => assert_eq!(found, expected, "{name}"),
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[test]
fn text_that_begins_like_another_type_is_text() {
    for text in [
        "MZ세대 설문 결과\n",
        "BMW,3,5000\n",
        "GIF89a is a format",
        "PK\u{3}\u{4} not",
        "%!PS? no",
        "II*",
    ] {
        assert_eq!(kind("a.csv", text.as_bytes()).unwrap(), Kind::Csv, "{text}");
    }
}

#[test]
fn what_can_run_code_is_not_on_the_list() {
    for name in [
        "a.svg",
        "a.html",
        "a.xml",
        "a.zip",
        "a.exe",
        "a.png.svg",
        "png",
        "",
    ] {
        let refused = kind(name, &png(1, 1));
        assert!(
            matches!(refused, Err(Problem::Unsupported { .. })),
            "{name}"
        );
    }
}

#[test]
fn an_empty_file_is_told_as_such() {
    for name in ["a.png", "a.csv", "a.pdf"] {
        assert!(matches!(kind(name, b""), Err(Problem::Empty)), "{name}");
    }
    assert!(matches!(
        kind("a.csv", b"\xef\xbb\xbf"),
        Err(Problem::Empty)
    ));
}

#[test]
fn two_types_in_one_file_are_refused() {
    let archive = zip();
    for (name, first) in [("a.jpg", jpeg()), ("a.pdf", korean_pdf())] {
        let both = [first, archive.clone()].concat();
        let refused = kind(name, &both);
        assert!(
            matches!(refused, Err(Problem::Polyglot { other: "zip", .. })),
            "{name}: {refused:?}"
        );
    }
    let mut both = b"\xff\xd8\xff\xfe\0\x0a%PDF-1.7".to_vec();
    both.extend(&jpeg()[2..]);
    assert!(matches!(
        kind("a.jpg", &both),
        Err(Problem::Polyglot { other: "pdf", .. })
    ));
}

#[test]
fn a_film_behind_a_photo_is_left_alone() {
    let both = [jpeg(), b"\0\0\0\x18ftypmp42 a film".to_vec()].concat();
    assert_eq!(kind("a.jpg", &both).unwrap(), Kind::Jpeg);
}

#[test]
fn binary_data_is_no_text() {
    for bytes in [
        b"a\0b".as_slice(),
        b"MZ\x90\0\x03",
        &[0x80; 40],
        &[0xff, 0xff, 1, 2],
    ] {
        let refused = kind("a.txt", bytes);
        assert!(
            matches!(
                refused,
                Err(Problem::UnknownEncoding | Problem::Mismatch { .. })
            ),
            "{bytes:?}: {refused:?}"
        );
    }
}

#[test]
fn sizes_are_limited_before_anything_is_decoded() {
    let huge = kind("a.png", &png(60_000, 60_000));
    assert!(matches!(
        huge,
        Err(Problem::TooManyPixels { limit: 50_000_000 })
    ));
    let limits = Limits {
        file_bytes: 10,
        ..Limits::default()
    };
    let large = kind_within(&limits, "a.txt", &[b'a'; 11]);
    assert!(matches!(large, Err(Problem::TooLarge { limit: 10 })));
}

#[test]
fn every_cut_is_noticed() {
    for (name, whole) in [
        ("a.png", png(3, 2)),
        ("a.jpg", jpeg()),
        ("a.webp", webp()),
        ("a.pdf", korean_pdf()),
    ] {
        assert!(kind(name, &whole).is_ok(), "{name}");
        // The last line end of a PDF carries nothing.
        let ends = whole.len() - if name == "a.pdf" { 2 } else { 1 };
        for end in 0..=ends {
            assert!(kind(name, &whole[..end]).is_err(), "{name} cut at {end}");
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_under_any_name_are_judged(
        head in prop::sample::select(vec![&b""[..], b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"RIFF\x20\0\0\0WEBPVP8L", b"%PDF-1.7\n", b"\xff\xfe", b"PK\x05\x06"]),
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        extension in prop::sample::select(vec!["png", "jpg", "webp", "pdf", "csv", "txt", "json", "svg"]),
    ) {
        let bytes = [head, &bytes].concat();
        let _ = check(&format!("a.{extension}"), &mut Cursor::new(bytes), &Limits::default());
    }
}
