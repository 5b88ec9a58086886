use aicon_protocol::ai::ErrorCode;
use aicon_protocol::id::FileId;

use super::*;
use crate::api::Fault;

fn ready(key: &str) -> Attachment {
    let status = AttachmentStatus::Ready(FileId::new(format!("file-{key}")));
    Attachment {
        key: key.into(),
        name: "a.png".into(),
        size: 3,
        preview: None,
        status,
    }
}

fn after(actions: impl IntoIterator<Item = Action>) -> Chat {
    let mut chat = Chat::default();
    actions.into_iter().for_each(|action| chat.reduce(action));
    chat
}

fn asked(text: &str) -> [Action; 2] {
    [Action::Typed(text.into()), sent("k1")]
}

fn sent(idempotency_key: &str) -> Action {
    Action::Sent {
        idempotency_key: idempotency_key.into(),
    }
}

fn retried(key: u32, idempotency_key: &str) -> Action {
    Action::Retried {
        key,
        idempotency_key: idempotency_key.into(),
    }
}

fn answered(key: u32, id: &str, text: &str) -> [Action; 3] {
    [
        Action::Created {
            key,
            id: ResponseId::new(id),
        },
        Action::Grew {
            key,
            delta: text.to_owned(),
        },
        Action::Completed {
            key,
            id: None,
            content: None,
            usage: Some(Usage::new(1, 2)),
        },
    ]
}

#[test]
fn a_sent_message_leaves_an_empty_composer_and_a_streaming_answer() {
    let chat = after([
        Action::Typed("안녕".into()),
        Action::Attached(vec![ready("k")]),
        sent("k1"),
    ]);
    assert!(chat.composer == Composer::default());
    assert_eq!(chat.streaming(), Some(1));
    let (question, previous) = chat.question_of(1).unwrap();
    assert_eq!(
        (&*question.text, question.images.len(), previous),
        ("안녕", 1, None)
    );
}

#[test]
fn deltas_add_up_and_the_end_may_correct_them() {
    let mut chat = after(asked("a").into_iter().chain(answered(1, "r", "안녕")));
    let answer = chat.answer(1).unwrap();
    assert_eq!(
        (answer.document.text(), &answer.status),
        ("안녕", &Status::Done)
    );
    assert_eq!(answer.response_id, Some(ResponseId::new("r")));
    chat.reduce(Action::Completed {
        key: 1,
        id: None,
        content: Some("안녕!".to_owned()),
        usage: None,
    });
    assert_eq!(chat.answer(1).unwrap().document.text(), "안녕!");
}

#[test]
fn a_follow_up_continues_the_last_answer_that_came_about() {
    let mut chat = after(
        asked("a")
            .into_iter()
            .chain(answered(1, "r1", "x"))
            .chain(asked("b")),
    );
    chat.reduce(Action::Created {
        key: 3,
        id: ResponseId::new("r2"),
    });
    chat.reduce(Action::Ended {
        key: 3,
        status: Status::Failed(Fault::Broken),
    });
    asked("c")
        .into_iter()
        .for_each(|action| chat.reduce(action));
    assert_eq!(chat.question_of(5).unwrap().1, Some(&ResponseId::new("r1")));
}

#[test]
fn a_stopped_answer_keeps_its_text_and_is_continued() {
    let mut chat = after(asked("a"));
    chat.reduce(Action::Created {
        key: 1,
        id: ResponseId::new("r"),
    });
    chat.reduce(Action::Grew {
        key: 1,
        delta: "half".to_owned(),
    });
    chat.reduce(Action::Ended {
        key: 1,
        status: Status::Stopped,
    });
    asked("b")
        .into_iter()
        .for_each(|action| chat.reduce(action));
    assert_eq!(chat.answer(1).unwrap().document.text(), "half");
    assert_eq!(chat.question_of(3).unwrap().1, Some(&ResponseId::new("r")));
}

#[test]
fn a_message_that_met_the_sessions_end_goes_back_to_the_composer() {
    let mut chat = after([
        Action::Typed("긴 글".into()),
        Action::Attached(vec![ready("k")]),
        sent("k1"),
    ]);
    chat.reduce(Action::Typed("more".into()));
    chat.reduce(Action::Unsent { key: 1 });
    assert!(chat.turns.is_empty());
    assert_eq!(&*chat.composer.draft, "긴 글\nmore");
    assert_eq!(chat.composer.attachments.len(), 1);
}

#[test]
fn a_retried_answer_begins_anew_and_late_events_of_a_gone_turn_are_nothing() {
    let mut chat = after(asked("a"));
    chat.reduce(Action::Ended {
        key: 1,
        status: Status::Failed(Fault::Network),
    });
    assert_eq!(chat.streaming(), None);
    chat.reduce(retried(1, "k2"));
    assert_eq!(chat.streaming(), Some(1));
    chat.reduce(Action::Cleared);
    chat.reduce(Action::Grew {
        key: 1,
        delta: "late".to_owned(),
    });
    assert!(chat.turns.is_empty());
}

#[test]
fn what_the_server_kept_of_an_answer_replaces_less_and_never_more() {
    let mut chat = after(asked("a"));
    chat.reduce(Action::Grew {
        key: 1,
        delta: "ab".to_owned(),
    });
    chat.reduce(Action::Recovered {
        key: 1,
        content: "abc".to_owned(),
    });
    assert_eq!(chat.answer(1).unwrap().document.text(), "abc");
    chat.reduce(Action::Recovered {
        key: 1,
        content: "a".to_owned(),
    });
    assert_eq!(chat.answer(1).unwrap().document.text(), "abc");
}

proptest::proptest! {
    #[test]
    fn any_chunking_of_an_answer_gives_its_text(text in "\\PC{0,60}", cuts in proptest::collection::vec(0_usize..60, 0..8)) {
        let chars: Vec<char> = text.chars().collect();
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(chars.len())).collect();
        cuts.extend([0, chars.len()]);
        cuts.sort_unstable();
        let mut chat = after(asked("a"));
        for pair in cuts.windows(2) {
            chat.reduce(Action::Grew { key: 1, delta: chars[pair[0]..pair[1]].iter().collect() });
        }
        proptest::prop_assert_eq!(chat.answer(1).unwrap().document.text(), text);
    }
}

#[test]
fn a_try_of_which_nothing_came_back_keeps_its_idempotency_key_and_any_other_gets_a_new_one() {
    let mut chat = after(asked("a"));
    let failed = |fault| Action::Ended {
        key: 1,
        status: Status::Failed(fault),
    };
    let key_of = |chat: &Chat| chat.answer(1).unwrap().idempotency_key.to_string();
    chat.reduce(failed(Fault::Network));
    chat.reduce(retried(1, "k2"));
    assert_eq!(key_of(&chat), "k1");
    chat.reduce(Action::Created {
        key: 1,
        id: ResponseId::new("resp_1"),
    });
    chat.reduce(failed(Fault::Broken));
    chat.reduce(retried(1, "k3"));
    assert_eq!(key_of(&chat), "k3");
    chat.reduce(failed(Fault::Told {
        status: 409,
        body: aicon_protocol::ai::ErrorBody {
            code: ErrorCode::IdempotencyMismatch,
            message: String::new(),
        },
        retry_after: None,
    }));
    chat.reduce(retried(1, "k4"));
    assert_eq!(key_of(&chat), "k4");
}
