//! The codec against the standard's own cases (WHATWG HTML, 9.2.6), in every chunking.

use aicon_protocol::sse::{Decoder, Event, encode_comment, encode_data};
use proptest::prelude::*;

fn decode(chunks: &[&[u8]]) -> Vec<Event> {
    let mut decoder = Decoder::new();
    let mut events = Vec::new();
    for chunk in chunks {
        decoder.push(chunk);
        events.extend(std::iter::from_fn(|| decoder.next_event()));
    }
    events
}

fn data(text: &str) -> Vec<String> {
    decode(&[text.as_bytes()])
        .into_iter()
        .map(|event| event.data)
        .collect()
}

#[test]
fn lines_end_in_any_of_three_ways() {
    for end in ["\n", "\r", "\r\n"] {
        let text = ["data: a", "data: b", "", "data:c", "", ""].join(end);
        assert_eq!(data(&text), ["a\nb", "c"], "{end:?}");
    }
}

#[test]
fn the_standards_examples_give_the_standards_events() {
    assert_eq!(data("data: YHOO\ndata: +2\ndata: 10\n\n"), ["YHOO\n+2\n10"]);
    assert_eq!(
        data(
            ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n"
        ),
        ["first event", "second event", " third event"]
    );
    // The last block is cut short and not dispatched.
    assert_eq!(data("data\n\ndata\ndata\n\ndata:"), ["", "\n"]);
    assert_eq!(data("data:test\n\ndata: test\n\n"), ["test", "test"]);
}

#[test]
fn names_ids_and_retry_are_kept_as_the_standard_says() {
    let mut decoder = Decoder::new();
    decoder.push(
        b"event: add\nid: 7\nretry: 1500\ndata: x\n\ndata: y\n\nid: a\0b\nretry: soon\ndata: z\n\n",
    );
    let events: Vec<Event> = std::iter::from_fn(|| decoder.next_event()).collect();
    let names: Vec<_> = events
        .iter()
        .map(|event| (event.name.as_str(), event.last_event_id.as_str()))
        .collect();
    assert_eq!(names, [("add", "7"), ("message", "7"), ("message", "7")]);
    assert_eq!(decoder.retry_ms(), Some(1500));
}

#[test]
fn one_byte_order_mark_at_the_start_is_dropped_and_no_other() {
    assert_eq!(data("\u{feff}data: a\n\n"), ["a"]);
    assert_eq!(data("\u{feff}\u{feff}data: a\n\ndata: b\n\n"), ["b"]);
    assert_eq!(data("data: \u{feff}a\n\n"), ["\u{feff}a"]);
}

#[test]
fn broken_utf8_becomes_the_replacement_character() {
    assert_eq!(
        decode(&[b"data: a\xff\xfeb\n\n"])[0].data,
        "a\u{fffd}\u{fffd}b"
    );
}

#[test]
fn a_carriage_return_at_a_chunks_end_is_one_line_end_with_the_next_line_feed() {
    let events = decode(&[b"data: a\r", b"\ndata: b\r", b"\n\r", b"\n"]);
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].data, "a\nb");
}

#[test]
fn events_are_shown_as_soon_as_their_blank_line_is_there() {
    let mut decoder = Decoder::new();
    let mut seen = Vec::new();
    for chunk in ["event: x\ndata: a", "\n\ndata: b\n\nid: 7\ndata", ": c\n\n"] {
        decoder.feed(chunk.as_bytes(), |event| {
            let [name, data, id] = [event.name, event.data, event.last_event_id];
            seen.push(format!("{name} {data} {id}"));
        });
        seen.push("|".to_owned());
    }
    assert_eq!(seen, ["|", "x a ", "message b ", "|", "message c 7", "|"]);
    assert_eq!(decoder.next_event(), None);
}

#[test]
fn an_event_that_never_ends_is_given_up() {
    let mut decoder = Decoder::new();
    let chunk = vec![b'a'; 1 << 20];
    for _ in 0..40 {
        decoder.push(&chunk);
    }
    assert!(decoder.overflowed());
}

#[test]
fn what_is_encoded_cannot_forge_a_line() {
    let mut text = String::new();
    encode_data("a\rdata: b\r\nevent: c\n\nd", &mut text);
    encode_comment("x\ndata: y", &mut text);
    let events = decode(&[text.as_bytes()]);
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].data, "a\ndata: b\nevent: c\n\nd");
}

/// Pieces of which streams are made, the nasty ones more often than chance would bring them.
fn stream() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(b"data: ".to_vec()),
        Just(b"data".to_vec()),
        Just(b"event: x".to_vec()),
        Just(b"id: 1".to_vec()),
        Just(b": comment".to_vec()),
        Just(b"\n".to_vec()),
        Just(b"\r".to_vec()),
        Just(b"\r\n".to_vec()),
        Just(b"\n\n".to_vec()),
        Just("\u{feff}".as_bytes().to_vec()),
        Just("안녕 👋🏽".as_bytes().to_vec()),
        "\\PC{0,8}".prop_map(String::into_bytes),
        proptest::collection::vec(any::<u8>(), 0..4),
    ];
    proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_chunking_gives_the_same_events(stream in stream(), cuts in proptest::collection::vec(0_usize..400, 0..12)) {
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(stream.len())).collect();
        cuts.extend([0, stream.len()]);
        cuts.sort_unstable();
        let chunks: Vec<&[u8]> = cuts.windows(2).map(|pair| &stream[pair[0]..pair[1]]).collect();
        let bytewise: Vec<&[u8]> = stream.chunks(1).collect();
        let whole = decode(&[&stream]);
        prop_assert_eq!(&decode(&chunks), &whole);
        prop_assert_eq!(&decode(&bytewise), &whole);
    }

    #[test]
    fn what_is_encoded_is_decoded(text in "[^\r]*") {
        let mut encoded = String::new();
        encode_data(&text, &mut encoded);
        prop_assert_eq!(data(&encoded), [text]);
    }
}
