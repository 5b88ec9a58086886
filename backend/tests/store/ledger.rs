//! The ledger: gapless, in order, closed days stay closed.

use aicon_backend::store::{Delivery, NewUse, Outcome, ReportedUse, Role, Span, Status, Store};
use aicon_protocol::id::{ResponseId, UsageGuid};
use futures_util::future::join_all;

use crate::engines::{NOW, new, on_each_engine, outcome};

const HOUR: i64 = 3_600_000;

async fn run(store: &Store, id: &str) {
    store.open_use(new(id)).await.unwrap();
    let stored = store
        .complete_use(&ResponseId::new(id), outcome(Status::Completed))
        .await;
    assert!(stored.unwrap());
}

/// All rows, after a look at what must always hold.
async fn ledger(store: &Store) -> Vec<aicon_backend::store::LedgerRow> {
    let rows = store.ledger_rows(0, u64::MAX).await.unwrap();
    for (row, seq) in rows.iter().zip(1..) {
        assert_eq!(row.seq, seq, "a gap");
    }
    assert!(rows.is_sorted_by_key(|row| row.recorded_at));
    let sizes = store.ledger_sizes(0, u64::MAX).await.unwrap();
    let lengths = rows.iter().map(|row| row.input.len() + row.content.len());
    assert!(
        sizes
            .iter()
            .copied()
            .eq(lengths.map(|length| length as u64))
    );
    let bytes = store.ledger_bytes(0, u64::MAX).await.unwrap();
    assert_eq!(bytes, sizes.iter().sum::<u64>());
    let reported = store.reported_uses(0, u64::MAX).await.unwrap();
    assert_eq!(reported.len(), rows.len());
    for (reported, row) in reported.iter().zip(&rows) {
        let row = ReportedUse::from(row.clone());
        assert_eq!(format!("{reported:?}"), format!("{row:?}"));
    }
    rows
}

#[tokio::test]
async fn a_row_holds_what_its_use_was() {
    on_each_engine(async |place| {
        let store = place.open().await;
        run(&store, "resp_1").await;
        let row = store
            .ledger_row(&UsageGuid::new("guid-resp_1"))
            .await
            .unwrap()
            .unwrap();
        assert_eq!((row.seq, row.recorded_at), (1, NOW));
        assert_eq!((row.id.as_str(), row.owner.as_str()), ("resp_1", "a"));
        assert_eq!(row.client.as_str(), "client-1");
        assert_eq!((row.started_at, row.ended_at), (NOW, NOW + 1));
        assert_eq!((row.amount, row.response_code), (150, 200));
        assert_eq!((row.content_limit, row.usage.output_tokens), (Some(7), 34));
        assert_eq!(
            (row.input.as_str(), row.content.as_str()),
            ("안녕 \"hi\" \\ 👋", "답변\n")
        );
        let delivery = Delivery::Pending {
            attempts: 0,
            next_at: NOW,
            last_error: None,
        };
        assert_eq!(row.delivery, delivery);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn numbers_have_no_gap_though_two_servers_complete_at_once_and_some_uses_have_no_client() {
    on_each_engine(async |place| {
        let server = place.open().await;
        let other = Store::open(&place.options(Role::Tool)).await.unwrap();
        join_all((0..120).map(|number| {
            let (server, other) = (&server, &other);
            async move {
                let id = ResponseId::new(format!("resp_{number}"));
                let mut new = new(id.as_str());
                if number % 3 == 0 {
                    new.client = None;
                }
                server.open_use(new).await.unwrap();
                let end = || outcome(Status::Completed);
                let (one, two) = tokio::join!(
                    server.complete_use(&id, end()),
                    other.complete_use(&id, end())
                );
                assert!(one.unwrap() ^ two.unwrap(), "completed twice or never");
            }
        }))
        .await;
        assert_eq!(ledger(&server).await.len(), 80);
        assert_eq!(server.outbox_depth().await.unwrap().pending, 80);
        let none = server.ledger_row(&UsageGuid::new("guid-resp_0")).await;
        assert!(none.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn a_span_is_what_was_recorded_in_it() {
    on_each_engine(async |place| {
        let store = place.open().await;
        assert_eq!(store.ledger_span(0, i64::MAX).await.unwrap(), None);
        for number in 0..6 {
            run(&store, &format!("resp_{number}")).await;
            place.clock.advance(HOUR);
        }
        let span = |from, until| store.ledger_span(NOW + from * HOUR, NOW + until * HOUR);
        assert_eq!(span(0, 6).await.unwrap(), Some(Span { first: 1, last: 6 }));
        assert_eq!(span(1, 3).await.unwrap(), Some(Span { first: 2, last: 3 }));
        assert_eq!(span(5, 99).await.unwrap(), Some(Span { first: 6, last: 6 }));
        assert_eq!(span(6, 99).await.unwrap(), None);
        assert_eq!(span(-5, 0).await.unwrap(), None);
        assert_eq!(span(3, 3).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_span_that_was_told_as_over_never_changes_though_clocks_go_back() {
    on_each_engine(async |place| {
        let store = place.open().await;
        store.open_use(new("late")).await.unwrap();
        run(&store, "resp_1").await;
        place.clock.advance(2 * HOUR);
        let before = store.ledger_span(NOW, NOW + HOUR).await.unwrap();
        assert_eq!(before, Some(Span { first: 1, last: 1 }));
        place.clock.advance(-3 * HOUR);
        let late = ResponseId::new("late");
        assert!(
            store
                .complete_use(&late, outcome(Status::Stopped))
                .await
                .unwrap()
        );
        run(&store, "resp_2").await;
        assert_eq!(store.ledger_span(NOW, NOW + HOUR).await.unwrap(), before);
        let after = store.ledger_span(NOW + HOUR, NOW + 9 * HOUR).await.unwrap();
        assert_eq!(after, Some(Span { first: 2, last: 3 }));
        let rows = ledger(&store).await;
        assert_eq!(
            (rows[1].recorded_at, rows[1].ended_at),
            (NOW + HOUR, NOW + 1)
        );
    })
    .await;
}

#[tokio::test]
async fn pages_of_any_size_hold_every_row_once_while_more_are_recorded() {
    on_each_engine(async |place| {
        let store = place.open().await;
        join_all((0..25).map(async |number| run(&store, &format!("resp_{number}")).await)).await;
        place.clock.advance(HOUR);
        for size in [1, 7, 25, 100] {
            let span = store.ledger_span(NOW, NOW + HOUR).await.unwrap().unwrap();
            assert_eq!(span, Span { first: 1, last: 25 });
            let mut seen = Vec::new();
            for first in (span.first..=span.last).step_by(size) {
                run(&store, &format!("more_{size}_{first}")).await;
                let last = span.last.min(first + size as u64 - 1);
                seen.extend(store.ledger_rows(first, last).await.unwrap());
            }
            let numbers: Vec<_> = seen.iter().map(|row| row.seq).collect();
            assert_eq!(numbers, (1..=25).collect::<Vec<_>>());
        }
    })
    .await;
}

#[tokio::test]
async fn texts_come_back_as_they_were_but_for_what_postgres_cannot_hold() {
    on_each_engine(async |place| {
        let store = place.open().await;
        let text =
            "\0 \u{1}\u{7f} \\u0000 \\ \" ' \u{2028} \u{fffd} 가각힣 👩‍👩‍👧 $1 {}[], null \r\n\t";
        let new = NewUse {
            input: text.into(),
            ..new("resp_1")
        };
        store.open_use(new).await.unwrap();
        let mut end = outcome(Status::Stopped);
        (end.content, end.failure) = (text.into(), Some(text.into()));
        store
            .complete_use(&ResponseId::new("resp_1"), end)
            .await
            .unwrap();
        let row = ledger(&store).await.remove(0);
        let kept = if place.is_postgres() {
            text.replace('\0', "\u{fffd}")
        } else {
            text.to_owned()
        };
        assert_eq!((&row.input, &row.content), (&kept, &kept));
        assert_eq!(row.failure, Some(kept));
    })
    .await;
}

#[tokio::test]
async fn odd_texts_are_reported_as_they_are_kept() {
    on_each_engine(async |place| {
        let store = place.open().await;
        for (id, text) in [
            ("resp_1", "a\0b\u{1}\u{7f}"),
            ("resp_2", "\u{2028}\\\"\u{10ffff}"),
        ] {
            store
                .open_use(NewUse {
                    input: text.to_owned(),
                    ..new(id)
                })
                .await
                .unwrap();
            let outcome = Outcome {
                content: text.repeat(2),
                ..outcome(Status::Completed)
            };
            assert!(
                store
                    .complete_use(&ResponseId::new(id), outcome)
                    .await
                    .unwrap()
            );
        }
        let input = &ledger(&store).await[0].input;
        assert_eq!(
            input,
            if place.is_postgres() {
                "a\u{fffd}b\u{1}\u{7f}"
            } else {
                "a\0b\u{1}\u{7f}"
            }
        );
    })
    .await;
}
