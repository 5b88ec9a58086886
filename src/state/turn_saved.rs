//! What of a conversation outlives a reload, turn by turn, as text. Pure: `commands` does the keeping.

use std::rc::Rc;

use aicon_markdown::Document;
use aicon_protocol::ai::Usage;
use aicon_protocol::id::{FileId, ResponseId};
use aicon_protocol::json::{ReadJson, WriteJson};

use super::composer_saved::image_object;
use super::turn::{Answer, Archive, Question, Said, SentImage, Status, Turn};
use crate::api::Fault;
use crate::json::{Json, Object};

/// The turns that differ from what is kept, with their places.
pub fn unkept<'a>(
    turns: &'a [Rc<Turn>],
    kept: &'a [Rc<Turn>],
) -> impl Iterator<Item = (usize, &'a Turn)> {
    let is_kept =
        |(at, turn): &(usize, &Rc<Turn>)| kept.get(*at).is_some_and(|kept| Rc::ptr_eq(kept, turn));
    let turns = turns.iter().enumerate().filter(move |turn| !is_kept(turn));
    turns.map(|(at, turn)| (at, &**turn))
}

/// One turn as text.
pub fn turn_text(said: &Said) -> String {
    turn_object(said).into_text()
}

/// The turn of a text; `None` when it is not one. An answer that was growing has been left.
pub fn turn_of(text: &str) -> Option<Said> {
    said_of(&Json::parse(text).ok()?)
}

/// What a page that goes away has not kept yet of a conversation of `count` turns, as text.
pub fn left_text<'a>(
    conversation: &str,
    count: usize,
    turns: impl Iterator<Item = (usize, &'a Turn)>,
) -> String {
    let turns = turns.map(|(at, turn)| {
        let mut object = Object::new();
        object.count("at", at as u64);
        object.object("turn", turn_object(&turn.said));
        object
    });
    let mut object = Object::new();
    object.text("conversation", conversation);
    object.count("count", count as u64);
    object.objects("turns", turns.collect());
    object.into_text()
}

/// Completes what was kept of a conversation by what its page left; says whether the text was such.
pub fn complete(kept: &mut Vec<Said>, conversation: &str, left: &str) -> bool {
    let Some((count, turns)) = left_of(conversation, left) else {
        return false;
    };
    kept.truncate(count);
    for (at, said) in turns {
        match kept.get_mut(at) {
            Some(kept) => *kept = said,
            None => kept.push(said),
        }
    }
    true
}

fn left_of(conversation: &str, text: &str) -> Option<(usize, Vec<(usize, Said)>)> {
    let json = Json::parse(text).ok()?;
    if json.text_of("conversation")? != conversation {
        return None;
    }
    let turns = json.member("turns")?;
    let turn = |json: &Json| {
        let said = said_of(&json.member("turn")?)?;
        Some((json.count_of("at")? as usize, said))
    };
    let turns = turns.items()?.iter().map(turn).collect::<Option<_>>()?;
    Some((json.count_of("count")? as usize, turns))
}

fn turn_object(said: &Said) -> Object {
    let mut object = Object::new();
    match said {
        Said::User(Question { text, images }) => {
            object.text("user", text);
            let image =
                |image: &SentImage| image_object(&image.key, &image.name, Some(&image.file_id), 0);
            object.objects("images", images.iter().map(image).collect());
        }
        Said::Assistant(Answer {
            document,
            status,
            response_id,
            usage,
            archive,
            idempotency_key,
        }) => {
            object.text("assistant", document.text());
            object.text("idempotency_key", idempotency_key);
            object.optional("archive", archive.as_ref().map(|archive| &*archive.key));
            object.optional("id", response_id.as_ref().map(ResponseId::as_str));
            match status {
                Status::Streaming => {}
                Status::Done => object.text("status", "done"),
                Status::Stopped => object.text("status", "stopped"),
                Status::Failed(fault) => object.object("fault", fault.to_object()),
            }
            if let Some(usage) = usage {
                let mut tokens = Object::new();
                tokens.count("input_tokens", usage.input_tokens);
                tokens.count("output_tokens", usage.output_tokens);
                tokens.count("total_tokens", usage.total_tokens);
                object.object("usage", tokens);
            }
        }
    }
    object
}

fn said_of(json: &Json) -> Option<Said> {
    if let Some(text) = json.text_of("user") {
        let images = json
            .member("images")
            .and_then(|images| images.items())
            .unwrap_or_default();
        let image = |json: &Json| {
            Some(SentImage {
                key: json.text_of("key")?.into(),
                name: json.text_of("name")?.into(),
                preview: None,
                file_id: FileId::new(json.text_of("file_id")?),
            })
        };
        return Some(Said::User(Question {
            text: text.into(),
            images: images.iter().filter_map(image).collect(),
        }));
    }
    let status = match (json.text_of("status").as_deref(), json.member("fault")) {
        (Some("done"), _) => Status::Done,
        (Some(_), _) => Status::Stopped,
        (None, Some(fault)) => Status::Failed(Fault::of_json(&fault)),
        (None, None) => Status::Failed(Fault::Left),
    };
    Some(Said::Assistant(Answer {
        document: Document::from_text(&json.text_of("assistant")?),
        status,
        response_id: json.text_of("id").map(ResponseId::new),
        usage: json.member("usage").map(|usage| Usage::read(&usage)),
        archive: json.text_of("archive").map(|key| Archive {
            key: key.into(),
            url: None,
        }),
        idempotency_key: json.text_of("idempotency_key").unwrap_or_default().into(),
    }))
}

#[cfg(test)]
mod tests {
    use super::super::chat::{Action, Chat};
    use super::super::composer::{Attachment, AttachmentStatus};
    use super::super::store::Reduce;
    use super::*;

    fn chat(actions: impl IntoIterator<Item = Action>) -> Chat {
        let mut chat = Chat::default();
        actions.into_iter().for_each(|action| chat.reduce(action));
        chat
    }

    fn asked(question: &str) -> [Action; 2] {
        let idempotency_key = ["of ", question].concat().into();
        [
            Action::Typed(question.into()),
            Action::Sent { idempotency_key },
        ]
    }

    fn grew(key: u32, delta: &str) -> Action {
        Action::Grew {
            key,
            delta: delta.to_owned(),
        }
    }

    fn text_of(said: &Said) -> &str {
        match said {
            Said::User(question) => &question.text,
            Said::Assistant(answer) => answer.document.text(),
        }
    }

    fn texts(said: &[Said]) -> Vec<&str> {
        said.iter().map(text_of).collect()
    }

    #[test]
    fn turns_come_back_and_a_growing_answer_counts_as_left() {
        let image = Attachment {
            key: "k".into(),
            name: "사진.png".into(),
            size: 9,
            preview: Some("blob:x".into()),
            status: AttachmentStatus::Ready(FileId::new("file-1")),
        };
        let id = ResponseId::new("resp_1");
        let chat = chat(
            [Action::Attached(vec![image])]
                .into_iter()
                .chain(asked("질문"))
                .chain([Action::Created { key: 1, id }, grew(1, "**답")]),
        );
        let said: Vec<_> = chat
            .turns
            .iter()
            .map(|turn| turn_of(&turn_text(&turn.said)).unwrap())
            .collect();
        let [Said::User(question), Said::Assistant(answer)] = &said[..] else {
            panic!("two turns")
        };
        assert_eq!(
            (&*question.text, &*question.images[0].name),
            ("질문", "사진.png")
        );
        assert_eq!(question.images[0].preview, None);
        assert_eq!(
            (answer.document.text(), &answer.status),
            ("**답", &Status::Failed(Fault::Left))
        );
        assert_eq!(answer.response_id, Some(ResponseId::new("resp_1")));
        assert_eq!(&*answer.idempotency_key, "of 질문");
    }

    #[test]
    fn only_turns_that_changed_are_kept_anew() {
        let mut chat = chat(asked("a"));
        let places = |chat: &Chat, kept: &[Rc<Turn>]| {
            let places: Vec<_> = unkept(&chat.turns, kept).map(|(at, _)| at).collect();
            places
        };
        assert_eq!(places(&chat, &[]), [0, 1]);
        let kept = chat.turns.clone();
        assert!(places(&chat, &kept).is_empty());
        chat.reduce(grew(1, "b"));
        assert_eq!(places(&chat, &kept), [1]);
        let kept = chat.turns.clone();
        asked("c")
            .into_iter()
            .for_each(|action| chat.reduce(action));
        assert_eq!(places(&chat, &kept), [2, 3]);
    }

    #[test]
    fn what_a_page_leaves_completes_what_was_kept() {
        let mut chat = chat(asked("a"));
        chat.reduce(grew(1, "b"));
        let kept = chat.turns.clone();
        let mut said: Vec<_> = kept.iter().map(|turn| turn.said.clone()).collect();
        chat.reduce(grew(1, "c"));
        asked("d")
            .into_iter()
            .for_each(|action| chat.reduce(action));
        let left = left_text("id", chat.turns.len(), unkept(&chat.turns, &kept));
        assert!(!left.contains("\"a\""), "{left}");

        let others = &mut said.clone();
        assert!(!complete(others, "another", &left));
        assert_eq!(texts(others), ["a", "b"]);
        assert!(complete(&mut said, "id", &left));
        assert_eq!(texts(&said), ["a", "bc", "d", ""]);
    }

    #[test]
    fn turns_that_were_taken_back_stay_away() {
        let mut chat = chat(asked("a").into_iter().chain(asked("b")));
        let kept = chat.turns.clone();
        chat.reduce(Action::Unsent { key: 3 });
        let left = left_text("id", chat.turns.len(), unkept(&chat.turns, &kept));
        let mut said: Vec<_> = kept.iter().map(|turn| turn.said.clone()).collect();
        assert!(complete(&mut said, "id", &left));
        assert_eq!(texts(&said), ["a", ""]);
    }

    #[test]
    fn what_is_no_turn_is_none() {
        for text in ["", "{}", "[]", r#"{"role":"robot"}"#] {
            assert!(turn_of(text).is_none(), "{text}");
        }
    }
}
