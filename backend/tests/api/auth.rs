//! Sign-in modes, ownership, the login exchange.

use futures_util::future::join_all;
use reqwest::{RequestBuilder, Response, StatusCode};
use serde_json::json;

use crate::app::{PNG, TestApp, events, id_of, json_of, refusal};
use crate::fake_aicon::{FakeAicon, token_of};

/// An hour after the test clock's start.
const EXP: i64 = 1_731_764_096;

async fn start(aicon: &FakeAicon) -> TestApp {
    TestApp::with(&[
        ("AICON_AUTH", "aicon"),
        ("AICON_API_ENDPOINT", &aicon.endpoint),
        ("AICON_CLIENT_ID", "client-1="),
        ("AICON_CLIENT_SECRET", "canary-secret"),
        ("AICON_CORS_ORIGINS", "https://model-1.aicon.example"),
    ])
    .await
}

async fn send(request: RequestBuilder, token: &str) -> Response {
    request.bearer_auth(token).send().await.unwrap()
}

#[tokio::test]
async fn without_a_token_nothing_personal_is_answered() {
    let app = start(&FakeAicon::start().await).await;
    let response = app
        .post("/ai/chat", &json!({ "message": "hi" }))
        .send()
        .await
        .unwrap();
    assert_eq!(response.headers()["www-authenticate"], "Bearer");
    assert_eq!(refusal(response).await.0, 401);
    assert_eq!(
        refusal(app.get("/ai/response?id=x").await).await.1,
        "UNAUTHORIZED"
    );
    assert_eq!(refusal(app.upload("a.png", PNG).await).await.0, 401);
    assert_eq!(
        refusal(send(app.client.get(app.url("/ai/response?id=x")), "garbage").await)
            .await
            .0,
        401
    );
    assert_eq!(app.get("/is-alive").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn aicon_is_asked_once_for_a_token_however_many_requests_carry_it() {
    let aicon = FakeAicon::start().await;
    let app = start(&aicon).await;
    let token = token_of("u1", "client-1=", EXP);
    let requests = (0..20).map(|_| send(app.client.get(app.url("/ai/response?id=x")), &token));
    for response in join_all(requests).await {
        assert_eq!(response.status(), StatusCode::NOT_FOUND);
    }
    assert_eq!(aicon.asked(), 1);
}

#[tokio::test]
async fn a_token_of_a_foreign_client_is_forbidden() {
    let app = start(&FakeAicon::start().await).await;
    let response = send(
        app.client.get(app.url("/ai/response?id=x")),
        &token_of("u1", "other", EXP),
    )
    .await;
    assert_eq!(refusal(response).await.1, "UNKNOWN_CLIENT");
}

#[tokio::test]
async fn when_aicon_is_down_the_user_is_told_so_and_not_signed_out() {
    let aicon = FakeAicon::start().await;
    aicon.go_down();
    let app = start(&aicon).await;
    let response = send(
        app.client.get(app.url("/ai/response?id=x")),
        &token_of("u1", "client-1=", EXP),
    )
    .await;
    let (status, code, _) = refusal(response).await;
    assert_eq!((status, code.as_str()), (502, "AICON_UNAVAILABLE"));
}

#[tokio::test]
async fn another_user_s_answers_and_files_are_not_there() {
    let app = start(&FakeAicon::start().await).await;
    let (alice, bob) = (
        token_of("alice", "client-1=", EXP),
        token_of("bob", "client-1=", EXP),
    );
    let chat = |body| app.post("/ai/chat", &body);
    let answer = send(chat(json!({ "message": "hi", "model": "echo" })), &alice)
        .await
        .text()
        .await
        .unwrap();
    let id = id_of(&events(&answer));
    let file =
        json_of(send(app.upload_request("a.png", PNG), &alice).await).await["data"]["file_id"]
            .clone();
    let look_up = |token: String| {
        let request = app.client.get(app.url(&format!("/ai/response?id={id}")));
        async move { send(request, &token).await }
    };
    assert_eq!(look_up(alice.clone()).await.status(), StatusCode::OK);
    assert_eq!(
        refusal(look_up(bob.clone()).await).await.1,
        "RESPONSE_NOT_FOUND"
    );
    let stolen = send(chat(json!({ "message": "hi", "file_id": file })), &bob).await;
    assert_eq!(refusal(stolen).await.1, "FILE_NOT_FOUND");
    let stolen = send(
        chat(json!({ "message": "hi", "previous_response_id": id })),
        &bob,
    )
    .await;
    assert_eq!(refusal(stolen).await.1, "RESPONSE_NOT_FOUND");
    let own = send(
        chat(json!({ "message": "hi", "file_ids": [file], "previous_response_id": id })),
        &alice,
    )
    .await;
    assert_eq!(own.status(), StatusCode::OK);
}

#[tokio::test]
async fn the_api_key_is_taken_in_both_headers_and_no_other_is() {
    let app = TestApp::with(&[("AICON_AUTH", "api-key"), ("AICON_API_KEY", "right")]).await;
    let request = || app.client.get(app.url("/ai/response?id=x"));
    assert_eq!(
        send(request(), "right").await.status(),
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        request()
            .header("x-api-key", "right")
            .send()
            .await
            .unwrap()
            .status(),
        StatusCode::NOT_FOUND
    );
    for wrong in ["", "righ", "rightt", "Right"] {
        assert_eq!(
            request()
                .header("x-api-key", wrong)
                .send()
                .await
                .unwrap()
                .status(),
            StatusCode::UNAUTHORIZED
        );
    }
    assert_eq!(
        request().send().await.unwrap().status(),
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn the_exchange_adds_the_secret_and_passes_tokens_on() {
    let aicon = FakeAicon::start().await;
    let app = start(&aicon).await;
    let body = json!({
        "grant_type": "authorization_code", "client_id": "client-1=", "code": "c",
        "redirect_uri": "https://model-1.aicon.example", "code_verifier": "v",
    });
    let response = app.post("/auth/token", &body).send().await.unwrap();
    assert_eq!(response.headers()["cache-control"], "no-store");
    let expected = json!({ "access_token": "a", "refresh_token": "r", "token_type": "Bearer", "expires_in": 300 });
    assert_eq!(json_of(response).await, expected);
    let body =
        json!({ "grant_type": "refresh_token", "client_id": "client-1=", "refresh_token": "r" });
    assert_eq!(
        app.post("/auth/token", &body)
            .send()
            .await
            .unwrap()
            .status(),
        StatusCode::OK
    );
    let form = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    };
    let client = [
        ("client_id", "client-1="),
        ("client_secret", "canary-secret"),
    ];
    let first = [
        ("grant_type", "authorization_code"),
        ("code", "c"),
        ("redirect_uri", "https://model-1.aicon.example"),
    ];
    let expected = [
        form(&[&client[..], &first[..], &[("code_verifier", "v")]].concat()),
        form(
            &[
                &client[..],
                &[("grant_type", "refresh_token"), ("refresh_token", "r")],
            ]
            .concat(),
        ),
    ];
    assert_eq!(aicon.forms(), expected);
}

#[tokio::test]
async fn the_exchange_refuses_what_is_not_ours_and_names_aicon_s_refusals() {
    let aicon = FakeAicon::start().await;
    let app = start(&aicon).await;
    let exchange = |body| {
        let request = app.post("/auth/token", &body);
        async move { refusal(request.send().await.unwrap()).await }
    };
    let refresh = |client, token| json!({ "grant_type": "refresh_token", "client_id": client, "refresh_token": token });
    assert_eq!(exchange(refresh("other", "r")).await.0, 403);
    let (status, code, message) = exchange(refresh("client-1=", "used-up")).await;
    assert_eq!((status, code.as_str()), (400, "INVALID_GRANT"));
    assert!(!message.contains("secret detail"));
    for uri in [
        "https://model-1.aicon.example/",
        "https://model-1.aicon.example.evil.test",
        "http://model-1.aicon.example",
    ] {
        let body = json!({
            "grant_type": "authorization_code", "client_id": "client-1=", "code": "c", "redirect_uri": uri,
        });
        assert_eq!(exchange(body).await.0, 403, "{uri}");
    }
    let form = app
        .client
        .post(app.url("/auth/token"))
        .form(&[("grant_type", "refresh_token")]);
    assert_eq!(refusal(form.send().await.unwrap()).await.0, 415);
    aicon.go_down();
    assert_eq!(
        exchange(refresh("client-1=", "r")).await.1,
        "AICON_UNAVAILABLE"
    );
}

#[tokio::test]
async fn the_exchange_says_when_it_is_not_configured() {
    let app = TestApp::start().await;
    let body = json!({ "grant_type": "refresh_token", "client_id": "c", "refresh_token": "r" });
    let (status, _, message) = refusal(app.post("/auth/token", &body).send().await.unwrap()).await;
    assert_eq!(status, 503);
    assert!(message.contains("aicon.client_secret"));
}
