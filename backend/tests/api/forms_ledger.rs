//! What the ledger says of forms and of messages with files, as AICON is told it.

use std::path::PathBuf;
use std::time::Duration;

use aicon_backend::config::Dialect;
use aicon_protocol::aicon::RecordUsage;
use serde_json::{Value, json};

use crate::app::{TestApp, json_of, until};
use crate::fake_recorder::FakeRecorder;
use crate::fake_upstream::{FakeUpstream, Script};
use crate::form_body::FormBody;
use crate::forms::{detail, post, shipped, value};
use crate::outbox::report_to;
use crate::tool::tool;

/// With the upstream.
const PATIENCE: Duration = Duration::from_millis(500);

const TWO: &str = r#"
name = "two"
kind = "multi-input"
llm = "model-1"
system = "Be brief."
prompt = "Main: {{ Text }}"

[[inputs]]
type = "text"
param_name = "Text"

[[inputs]]
type = "file"
param_name = "Doc"
accept = ["txt"]

[[outputs]]
type = "text"
param_name = "Member"
field = "답"

[[outputs]]
type = "text"
param_name = "Own"
prompt = "Own: {{ Doc }}"
"#;

/// A whole answer in OpenAI's dialect, with its count of tokens.
pub(crate) fn said(text: &str) -> Vec<u8> {
    let delta = json!({ "choices": [{ "index": 0, "delta": { "content": text } }] });
    let stop = json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": "stop" }] });
    let usage = json!({ "choices": [], "usage": { "prompt_tokens": 37, "completion_tokens": 11 } });
    let frames = [delta, stop, usage].map(|frame| format!("data: {frame}\n\n"));
    format!("{}data: [DONE]\n\n", frames.concat()).into_bytes()
}

struct World {
    app: TestApp,
    upstream: FakeUpstream,
    recorder: FakeRecorder,
    _folder: tempfile::TempDir,
}

impl World {
    async fn start(answer: &str) -> Self {
        let upstream = FakeUpstream::start(Script::Stream(said(answer), 4096)).await;
        let recorder = FakeRecorder::start().await;
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("two.toml"), TWO).unwrap();
        let path: PathBuf = folder.path().to_owned();
        let app = TestApp::configured(&[], |settings| {
            report_to(&recorder, settings);
            settings.aicon.clients[0].price = "per-use:70".parse().unwrap();
            shipped(settings);
            settings.definitions = Some(path);
            upstream.stand_behind(settings, Dialect::ChatCompletions, PATIENCE);
        })
        .await;
        Self {
            app,
            upstream,
            recorder,
            _folder: folder,
        }
    }

    async fn reports(&self, count: usize) -> Vec<RecordUsage> {
        until(|| async { (self.recorder.count() >= count).then_some(()) }).await;
        self.recorder.seen()
    }
}

fn form() -> FormBody {
    FormBody::new()
        .text("Text", "질문")
        .file("Doc", "메모.txt", "내용".as_bytes())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_form_is_one_use_however_often_the_model_is_asked() {
    let world = World::start("```json\n{\"답\": \"좋아요\"}\n```").await;
    let response = post(&world.app, "/chat-type-2", form()).await;
    assert_eq!(response.status(), 200);
    let outputs = json_of(response).await;
    assert_eq!(value(&outputs, "Member"), "좋아요");
    let seen = world.upstream.seen();
    assert_eq!(seen.len(), 2);
    let messages = |call: usize| seen[call].body["messages"].clone();
    let system = messages(0)[0]["content"].as_str().unwrap().to_owned();
    assert!(
        system.starts_with("Be brief.\n\n") && system.contains("[\"답\"]"),
        "{system}"
    );
    assert_eq!(
        messages(0)[1],
        json!({ "role": "user", "content": "Main: 질문" })
    );
    let own = json!([
        { "role": "system", "content": "Be brief." },
        { "role": "user", "content": "Own: 내용" },
    ]);
    assert_eq!(messages(1), own);
    let report = world.reports(1).await.remove(0);
    assert_eq!(
        (report.data_info.token_in, report.data_info.token_out),
        (74, 22)
    );
    assert_eq!(
        (
            report.data_info.response_code,
            report.data_info.amount_for_settlement
        ),
        (200, 70)
    );
    let list = tool(world.app.data.path(), &["usage", "list", "--json"], "").success();
    let row: Value = serde_json::from_str(list.trim()).unwrap();
    assert_eq!(
        (&row["tokens_estimated"], &row["model"]),
        (&json!(false), &json!("model-1"))
    );
    let input: Value = serde_json::from_str(&report.parameter_info.input_content).unwrap();
    assert_eq!(
        input,
        json!({ "Text": "질문", "Doc": ["메모.txt (6 bytes)"] })
    );
    let output: Value = serde_json::from_str(&report.parameter_info.output_content).unwrap();
    assert_eq!(output, outputs);
}

#[tokio::test]
async fn an_answer_without_the_member_is_recorded_and_costs_nothing() {
    let world = World::start("{\"other\": 1}").await;
    let (status, text) = detail(post(&world.app, "/chat-type-2", form()).await).await;
    assert_eq!(status, 502);
    assert_eq!(
        text,
        "모델의 답변에서 Member 결과를 만들 수 없습니다. 다시 시도하세요"
    );
    let report = world.reports(1).await.remove(0);
    let data = &report.data_info;
    assert_eq!((data.response_code, data.amount_for_settlement), (502, 0));
    // Nothing more is asked for a form that cannot be answered.
    assert_eq!(world.upstream.seen().len(), 1);
    assert_eq!(report.parameter_info.output_content, "{\"other\": 1}");
}

#[tokio::test]
async fn a_refusal_of_the_upstream_s_is_told_and_recorded() {
    let world = World::start("{}").await;
    world.upstream.play(Script::Refuse(429, Some("7")));
    let response = post(&world.app, "/chat-type-2", form()).await;
    assert_eq!(response.headers()["retry-after"], "7");
    let (status, text) = detail(response).await;
    assert_eq!(status, 429);
    assert!(
        text.starts_with("AI 제공자의 요청 한도를 넘었습니다"),
        "{text}"
    );
    let data = world.reports(1).await.remove(0).data_info;
    assert_eq!((data.response_code, data.amount_for_settlement), (429, 0));
    assert_eq!((data.token_in, data.token_out), (0, 0));
}

#[tokio::test]
async fn what_is_refused_before_the_model_is_asked_is_no_use() {
    let world = World::start("{\"답\": \"좋아요\"}").await;
    let wrong = FormBody::new()
        .text("Text", "질문")
        .file("Doc", "a.txt", b"\x80\xff\xff");
    assert_eq!(post(&world.app, "/chat-type-2", wrong).await.status(), 400);
    assert_eq!(post(&world.app, "/chat-type-2", form()).await.status(), 200);
    assert_eq!(world.reports(1).await.len(), 1);
    assert_eq!(world.upstream.seen().len(), 2);
}

#[tokio::test]
async fn tries_with_one_idempotency_key_are_one_use_and_one_answer() {
    let world = World::start("{\"답\": \"좋아요\"}").await;
    let send = async |path: &str, form: FormBody| {
        let request = world.app.client.post(world.app.url(path));
        let request = request
            .header("content-type", FormBody::content_type())
            .header("idempotency-key", "k-1");
        request.body(form.finish()).send().await.unwrap()
    };
    let first = json_of(send("/chat-type-2", form()).await).await;
    let second = json_of(send("/api/Provider/chat-multi-input", form()).await).await;
    assert_eq!(first, second);
    assert_eq!(world.upstream.seen().len(), 2);
    let (status, _) = detail(send("/chat-type-2", form().text("model", "two")).await).await;
    assert_eq!(status, 409);
    assert_eq!(world.reports(1).await.len(), 1);
}

#[tokio::test]
async fn a_client_that_leaves_ends_the_upstream_call_and_is_recorded() {
    let world = World::start("{}").await;
    world.upstream.play(Script::Hang(said("x")[..70].to_vec()));
    let request = world.app.client.post(world.app.url("/chat-type-2"));
    let request = request.header("content-type", FormBody::content_type());
    let request = request
        .body(form().finish())
        .timeout(Duration::from_millis(200));
    assert!(request.send().await.unwrap_err().is_timeout());
    world.upstream.caller_is_gone(Duration::from_secs(5)).await;
    let data = world.reports(1).await.remove(0).data_info;
    assert_eq!((data.response_code, data.amount_for_settlement), (499, 0));
}

#[tokio::test]
async fn a_message_with_files_is_recorded_with_their_names() {
    let world = World::start("요약입니다").await;
    let form = FormBody::new()
        .text("prompt", "요약")
        .file("files", "메모.txt", "내용".as_bytes());
    let response = post(&world.app, "/chat?model=model-1", form).await;
    assert_eq!(response.headers()["content-type"], "application/zip");
    let sent = &world.upstream.seen()[0].body["messages"];
    assert_eq!(sent[0]["content"], "요약\n\n## 메모.txt\n\n내용");
    let report = world.reports(1).await.remove(0);
    assert_eq!(
        report.parameter_info.input_content,
        "요약\n[메모.txt (6 bytes)]"
    );
    assert_eq!(report.parameter_info.output_content, "요약입니다");
    assert_eq!(report.data_info.amount_for_settlement, 70);
}
