use std::time::{Duration, Instant};

use aicon_documents::{Extractor, Kind, Limits, PdfProgram, Problem};
use proptest::prelude::*;

use super::build::{Pdf, lines_content};
use crate::sample::{deflated, text, text_within};

fn small() -> Limits {
    Limits {
        pdf_time: Duration::from_secs(4),
        pdf_memory: 256 * 1024 * 1024,
        ..Limits::default()
    }
}

/// It is refused or read, in time; the program that asked lives.
fn survives(bytes: &[u8]) -> Result<String, Problem> {
    let start = Instant::now();
    let read = text_within(small(), Kind::Pdf, bytes);
    assert!(
        start.elapsed() < Duration::from_secs(20),
        "it took {:?}",
        start.elapsed()
    );
    assert!(
        !matches!(read, Err(Problem::Program(_) | Problem::Io(_))),
        "{read:?}"
    );
    read
}

#[test]
fn what_is_not_a_pdf_inside_is_damaged() {
    for bytes in [
        b"%PDF-1.7\nnothing\n%%EOF".as_slice(),
        b"%PDF-1.7",
        &[0; 100],
    ] {
        let refused = text(Kind::Pdf, bytes);
        assert!(matches!(refused, Err(Problem::Damaged)), "{refused:?}");
    }
}

#[test]
fn a_bomb_in_a_content_stream_ends_at_the_limit() {
    let mut pdf = Pdf::new();
    let zeros = deflated(&vec![b' '; 64 * 1024 * 1024]);
    // Packed twice: a few kilobytes for 64 MiB, a hundred times over.
    let twice = deflated(&zeros);
    let head = format!(
        "<< /Filter [/FlateDecode /FlateDecode] /Length {} >>\nstream\n",
        twice.len()
    );
    let bomb = pdf.add(&[head.as_bytes(), &twice, b"\nendstream"].concat());
    let contents = format!("{bomb} 0 R ").repeat(100);
    pdf.page(&format!("/Contents [{contents}]"));
    let bytes = pdf.bytes();
    assert!(bytes.len() < 100_000);
    let refused = survives(&bytes);
    assert!(
        matches!(
            refused,
            Err(Problem::TooCostly | Problem::NoText | Problem::Damaged)
        ),
        "{refused:?}"
    );
}

#[test]
fn work_without_end_ends_in_time() {
    let mut pdf = Pdf::new();
    pdf.page_of(&lines_content(&["가"]).repeat(400_000));
    let limits = Limits {
        pdf_time: Duration::from_millis(200),
        ..small()
    };
    let start = Instant::now();
    let refused = text_within(limits, Kind::Pdf, &pdf.bytes());
    assert!(matches!(refused, Err(Problem::TooCostly)), "{refused:?}");
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[test]
fn deep_nesting_overflows_no_stack_of_ours() {
    for depth in [1_000, 200_000] {
        let mut pdf = Pdf::of_lines(&["깊다"]);
        let nested = [b"[".repeat(depth), b"]".repeat(depth)].concat();
        pdf.add(&nested);
        let last = pdf.add(&[b"<< /A ".repeat(depth), b">>".repeat(depth)].concat());
        pdf.page(&format!("/Contents {last} 0 R /Rotate {last} 0 R"));
        let _ = survives(&pdf.bytes());
    }
    let mut pdf = Pdf::new();
    pdf.page_of(&format!("{} {}", "[".repeat(300_000), "q ".repeat(300_000)));
    let _ = survives(&pdf.bytes());
}

#[test]
fn objects_that_hold_themselves_are_left() {
    let mut pdf = Pdf::new();
    pdf.set(2, b"<< /Type /Pages /Count 9 /Kids [2 0 R 2 0 R] >>");
    let refused = survives(&pdf.bytes());
    assert!(refused.is_err());

    let mut pdf = Pdf::new();
    let number = 6;
    let form = pdf.add_stream(
        &format!("/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X {number} 0 R >> >>"),
        b"/X Do /X Do",
    );
    assert_eq!(form, number);
    let content = pdf.add_stream("", b"/X Do");
    pdf.page(&format!(
        "/Contents {content} 0 R /Resources << /XObject << /X {form} 0 R >> >>"
    ));
    let refused = survives(&pdf.bytes());
    assert!(
        matches!(refused, Err(Problem::NoText | Problem::TooCostly)),
        "{refused:?}"
    );
}

#[test]
fn a_program_that_is_not_there_is_the_servers_fault() {
    let extractor = Extractor::new(small(), PdfProgram::at("no-such-program"));
    let refused = extractor.text("a.pdf", Kind::Pdf, &mut tempfile::tempfile().unwrap());
    assert!(matches!(refused.unwrap_err().problem, Problem::Program(_)));
}

#[test]
fn many_at_once_all_come_out() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    std::io::Write::write_all(&mut file, &Pdf::of_lines(&["함께"]).bytes()).unwrap();
    let extractor = Extractor::new(
        Limits::default(),
        PdfProgram::at(env!("CARGO_BIN_EXE_aicon-pdf-text")),
    );
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..12)
            .map(|_| {
                scope.spawn(|| extractor.text("a.pdf", Kind::Pdf, &mut file.reopen().unwrap()))
            })
            .collect();
        for reader in readers {
            assert_eq!(reader.join().unwrap().unwrap(), "함께");
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_damage_is_survived(at in any::<prop::sample::Index>(), bytes in prop::collection::vec(any::<u8>(), 1..20), is_cut in any::<bool>()) {
        let mut pdf = Pdf::of_lines(&["안녕"]).bytes();
        let at = at.index(pdf.len());
        let end = (at + bytes.len()).min(pdf.len());
        pdf.splice(at..end, bytes);
        if is_cut {
            pdf.truncate(end);
        }
        let _ = survives(&pdf);
    }
}
