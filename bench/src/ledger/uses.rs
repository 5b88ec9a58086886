//! Uses as chats make them.

use aicon_backend::store::{NewUse, Outcome, Status, UseKind};
use aicon_protocol::ai::Usage;
use aicon_protocol::id::{ClientId, ResponseId, UsageGuid, UserId};
use jiff::Timestamp;

/// Characters of a message and of an answer.
const INPUT: usize = 200;
const CONTENT: usize = 800;

/// A use of the client that starts now.
pub(super) fn open(client: &str) -> NewUse {
    NewUse {
        id: ResponseId::new(format!("resp_{:032x}", fastrand::u128(..))),
        guid: UsageGuid::new(guid()),
        owner: UserId::new(format!("user-{}", fastrand::u16(..500))),
        client: Some(ClientId::new(client)),
        kind: UseKind::Chat,
        model: "gpt-5-mini".to_owned(),
        provider: "openai".to_owned(),
        input: text(INPUT),
        files: Vec::new(),
        previous: None,
        idempotency: None,
        started_at: now(),
    }
}

/// How it ends.
pub(super) fn outcome() -> Outcome {
    Outcome {
        status: Status::Completed,
        failure: None,
        response_code: 200,
        content: text(CONTENT),
        usage: Usage::new(120, 480),
        usage_estimated: false,
        amount: 150,
        content_limit: None,
        ended_at: now(),
    }
}

/// Text of this many characters, a third of them Hangul.
pub(super) fn text(characters: usize) -> String {
    let phrase = "정산 금액 won per use, 사용량 기록 and the ledger keeps it. ";
    phrase.chars().cycle().take(characters).collect()
}

/// A UUID of version 4.
fn guid() -> String {
    let random = fastrand::u128(..);
    let versioned = (random & !(0xf << 76) | (0x4 << 76)) & !(0x3 << 62) | (0x2 << 62);
    let digits = format!("{versioned:032x}");
    format!(
        "{}-{}-{}-{}-{}",
        &digits[..8],
        &digits[8..12],
        &digits[12..16],
        &digits[16..20],
        &digits[20..]
    )
}

/// Milliseconds since the epoch.
pub(super) fn now() -> i64 {
    Timestamp::now().as_millisecond()
}
