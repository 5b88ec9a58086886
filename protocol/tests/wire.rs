//! Golden payloads of `tests/wire/`: what the contracts' fixtures say is what the types read and write.

use aicon_protocol::ai::{
    ChatRequest, Envelope, ErrorBody, ErrorCode, Metadata, StoredResponse, UploadedFile, Usage,
};
use aicon_protocol::aicon::{
    Claims, ExchangeRequest, OutputKind, OutputRow, RecordUsage, SettlementPage, TokenResponse,
};
use aicon_protocol::event::{ChatEvent, CompletedResponse, CreatedResponse, StreamEvent};
use aicon_protocol::id::{ClientId, FileId, ResponseId};
use aicon_protocol::json::{ReadJson, WriteJson};
use aicon_protocol::sse::{Decoder, encode_data};
use serde_json::{Map, Value, json};

const RESPONSES: &str = include_str!("../../tests/wire/stream.responses.txt");
const AIHUB: &str = include_str!("../../tests/wire/stream.aihub.txt");

/// A client's JSON, by `serde_json`.
struct Read(Value);

impl ReadJson for Read {
    fn member(&self, name: &str) -> Option<Self> {
        self.0
            .get(name)
            .filter(|value| !value.is_null())
            .cloned()
            .map(Self)
    }

    fn text(&self) -> Option<String> {
        self.0.as_str().map(str::to_owned)
    }

    fn number(&self) -> Option<f64> {
        self.0.as_f64()
    }
}

#[derive(Default)]
struct Written(Map<String, Value>);

impl WriteJson for Written {
    fn text(&mut self, name: &str, value: &str) {
        self.0.insert(name.to_owned(), value.into());
    }

    fn texts<'a>(&mut self, name: &str, values: impl Iterator<Item = &'a str>) {
        self.0.insert(name.to_owned(), values.collect());
    }
}

fn events(stream: &str) -> Vec<ChatEvent> {
    let mut decoder = Decoder::new();
    decoder.push(stream.as_bytes());
    // The fixtures end with their last line, as files do; the stream they show goes on with a blank one.
    decoder.push(b"\n\n");
    std::iter::from_fn(|| decoder.next_event())
        .map(|event| read(&event.data))
        .collect()
}

fn read(data: &str) -> ChatEvent {
    ChatEvent::read(&Read(
        serde_json::from_str(data).expect("the event is JSON"),
    ))
}

fn delta(text: &str) -> ChatEvent {
    ChatEvent::Delta {
        text: text.to_owned(),
    }
}

#[test]
fn the_specifications_stream_is_written_to_the_byte() {
    let id = ResponseId::new("resp_xyz123");
    let stream = [
        StreamEvent::Created {
            response: CreatedResponse { id: &id },
        },
        StreamEvent::Delta {
            delta: "안녕하세요",
            sequence_number: 1,
        },
        StreamEvent::Delta {
            delta: "!",
            sequence_number: 2,
        },
        StreamEvent::Completed {
            sequence_number: 3,
            response: CompletedResponse {
                id: &id,
                model: "gpt-5-mini",
                content: "안녕하세요!",
                usage: Usage::new(10, 5),
            },
        },
    ];
    let mut text = String::new();
    for event in &stream {
        encode_data(&serde_json::to_string(event).unwrap(), &mut text);
    }
    assert_eq!(text.trim_end(), RESPONSES.trim_end());
}

#[test]
fn the_error_event_is_written_to_the_byte() {
    let error = ErrorBody {
        code: ErrorCode::ChatError,
        message: "Invalid model: invalid-model".to_owned(),
    };
    assert_eq!(
        serde_json::to_string(&StreamEvent::Error { error: &error }).unwrap(),
        r#"{"type":"error","error":{"code":"CHAT_ERROR","message":"Invalid model: invalid-model"}}"#
    );
}

#[test]
fn a_client_reads_the_specifications_stream() {
    let id = ResponseId::new("resp_xyz123");
    let completed = ChatEvent::Completed {
        id: Some(id.clone()),
        model: Some("gpt-5-mini".to_owned()),
        content: Some("안녕하세요!".to_owned()),
        usage: Some(Usage::new(10, 5)),
    };
    assert_eq!(
        events(RESPONSES),
        [
            ChatEvent::Created { id },
            delta("안녕하세요"),
            delta("!"),
            completed
        ]
    );
}

#[test]
fn a_client_reads_the_second_dialect() {
    let completed = ChatEvent::Completed {
        id: Some(ResponseId::new("resp_abc123")),
        model: None,
        content: None,
        usage: Some(Usage::new(10, 15)),
    };
    assert_eq!(
        events(AIHUB),
        [
            delta("안녕"),
            delta("하세요! "),
            delta("오늘 날씨가 좋네요."),
            completed
        ]
    );
}

#[test]
fn errors_of_every_dialect_are_read_and_foreign_events_passed_over() {
    let failed = |code: ErrorCode, message: &str| {
        ChatEvent::Failed(ErrorBody {
            code,
            message: message.to_owned(),
        })
    };
    assert_eq!(
        read(r#"{"type":"error","error":{"code":"CHAT_ERROR","message":"m"}}"#),
        failed(ErrorCode::ChatError, "m")
    );
    assert_eq!(
        read(r#"{"type":"error","code":"rate_limit_exceeded","message":"m"}"#),
        failed("rate_limit_exceeded".into(), "m")
    );
    assert_eq!(
        read(r#"{"type":"error"}"#),
        failed(ErrorCode::ChatError, "")
    );
    for other in [
        r#"{"type":"response.in_progress"}"#,
        r#"{"type":"response.created"}"#,
        "{}",
        "[]",
        "7",
        r#"{"type":7}"#,
    ] {
        assert_eq!(read(other), ChatEvent::Unknown, "{other}");
    }
}

#[test]
fn json_errors_of_every_dialect_are_read() {
    let read = |value: Value| ErrorBody::read(&Read(value)).map(|body| (body.code, body.message));
    let ours = serde_json::to_value(Envelope::<()>::failure(ErrorBody {
        code: ErrorCode::FileNotFound,
        message: "x".to_owned(),
    }));
    assert_eq!(
        read(ours.unwrap()),
        Some((ErrorCode::FileNotFound, "x".to_owned()))
    );
    let hub =
        json!({ "errorCode": "STREAM_TIMEOUT", "message": "y", "details": {}, "timestamp": "z" });
    assert_eq!(read(hub), Some((ErrorCode::StreamTimeout, "y".to_owned())));
    assert_eq!(
        read(json!({ "detail": "no" })),
        Some((ErrorCode::ChatError, "no".to_owned()))
    );
    assert_eq!(read(json!({ "ok": true })), None);
}

#[test]
fn the_envelope_is_the_specifications() {
    let metadata = || Metadata {
        provider: "openai".to_owned(),
        timestamp: "2024-11-16T12:34:56.789Z".to_owned(),
    };
    let stored = StoredResponse {
        id: ResponseId::new("resp_xyz123"),
        content: "…".to_owned(),
        model: "gpt-5-mini".to_owned(),
        provider: "openai".to_owned(),
        usage: Usage::new(10, 15),
        timestamp: "2024-11-16T12:34:56.789Z".to_owned(),
    };
    assert_eq!(
        serde_json::to_string(&Envelope::success(stored, metadata())).unwrap(),
        r#"{"success":true,"data":{"id":"resp_xyz123","content":"…","model":"gpt-5-mini","provider":"openai","usage":{"input_tokens":10,"output_tokens":15,"total_tokens":25},"timestamp":"2024-11-16T12:34:56.789Z"},"metadata":{"provider":"openai","timestamp":"2024-11-16T12:34:56.789Z"}}"#
    );
    let error = ErrorBody {
        code: ErrorCode::MissingFile,
        message: "파일이 제공되지 않았습니다".to_owned(),
    };
    assert_eq!(
        serde_json::to_string(&Envelope::<UploadedFile>::failure(error)).unwrap(),
        r#"{"success":false,"data":null,"error":{"code":"MISSING_FILE","message":"파일이 제공되지 않았습니다"}}"#
    );
}

#[test]
fn what_a_client_writes_is_what_serde_writes() {
    for request in [
        ChatRequest::default(),
        ChatRequest {
            message: Some("안녕".to_owned()),
            model: Some("echo".to_owned()),
            file_id: Some(FileId::new("file-1")),
            file_ids: vec![FileId::new("file-2"), FileId::new("file-3")],
            previous_response_id: Some(ResponseId::new("resp_1")),
            idempotency_key: Some("key-1".to_owned()),
        },
    ] {
        let mut written = Written::default();
        request.write(&mut written);
        assert_eq!(
            Value::Object(written.0),
            serde_json::to_value(&request).unwrap()
        );
    }
    let client_id = || ClientId::new("aWQ=");
    for request in [
        ExchangeRequest::AuthorizationCode {
            client_id: client_id(),
            code: "c".to_owned(),
            redirect_uri: "https://a.example".to_owned(),
            code_verifier: Some("v".to_owned()),
        },
        ExchangeRequest::RefreshToken {
            client_id: client_id(),
            refresh_token: "r".to_owned(),
        },
    ] {
        let mut written = Written::default();
        request.write(&mut written);
        assert_eq!(
            Value::Object(written.0),
            serde_json::to_value(&request).unwrap()
        );
    }
}

#[test]
fn what_a_client_reads_is_what_serde_reads() {
    let token = json!({ "access_token": "a", "refresh_token": "r", "token_type": "Bearer", "expires_in": "2025-01-01T00:00:00Z" });
    let by_serde: TokenResponse = serde_json::from_value(token.clone()).unwrap();
    assert!(TokenResponse::read(&Read(token)) == Some(by_serde));
    assert!(TokenResponse::read(&Read(json!({ "error": "invalid_grant" }))).is_none());
    let claims = json!({ "exp": 1_761_192_306, "http://schemas.microsoft.com/ws/2008/06/identity/claims/userdata": "한글-사용자" });
    let by_serde: Claims = serde_json::from_value(claims.clone()).unwrap();
    assert_eq!(Claims::read(&Read(claims)), by_serde);
    assert_eq!(by_serde.user_id.unwrap().as_str(), "한글-사용자");
    let usage = json!({ "input_tokens": 1, "output_tokens": 2, "total_tokens": 4 });
    let by_serde: Usage = serde_json::from_value(usage.clone()).unwrap();
    assert_eq!(Usage::read(&Read(usage)), by_serde);
}

#[test]
fn the_usage_record_is_read_and_written_as_in_the_fixture() {
    let fixture: Value =
        serde_json::from_str(include_str!("../../tests/wire/record-usage.json")).unwrap();
    let usage: RecordUsage = serde_json::from_value(fixture.clone()).unwrap();
    assert_eq!(usage.data_info.amount_for_settlement, 150);
    assert_eq!(serde_json::to_value(&usage).unwrap(), fixture);
    assert!(
        !format!("{usage:?}").contains("not-a-real-secret"),
        "a secret never reaches a log"
    );
}

#[test]
fn the_settlement_page_is_read_and_written_as_in_the_fixture() {
    let fixture: Value =
        serde_json::from_str(include_str!("../../tests/wire/settlement-page.json")).unwrap();
    let page: SettlementPage = serde_json::from_value(fixture.clone()).unwrap();
    assert_eq!(page.model_usages[0].client_secret, None);
    assert_eq!(serde_json::to_value(&page).unwrap(), fixture);
}

#[test]
fn output_rows_are_read_whatever_the_case_of_their_type() {
    let rows: Vec<OutputRow> =
        serde_json::from_str(include_str!("../../tests/wire/multi-input.answer.json")).unwrap();
    let kinds: Vec<_> = rows.iter().map(|row| row.kind).collect();
    assert_eq!(
        kinds,
        [
            OutputKind::Text,
            OutputKind::Text,
            OutputKind::File,
            OutputKind::Image
        ]
    );
    assert_eq!(rows[0].param_name, "TranslateResult");
}
