//! Files that models make: how long, for whom, under which address.

use serde_json::Value;

use crate::app::{TestApp, json_of};
use crate::form_body::FormBody;
use crate::forms::{post, shipped, value};

async fn outputs(app: &TestApp) -> Value {
    let form = FormBody::new()
        .text("InputText", "hi")
        .text("TargetLanguage", "Korean");
    json_of(post(app, "/chat-type-2?model=translator", form).await).await
}

#[tokio::test]
async fn a_result_file_ends_when_its_time_is_over() {
    let app = TestApp::configured(&[], |settings| {
        shipped(settings);
        settings.results.life = std::time::Duration::from_secs(60);
    })
    .await;
    let outputs = outputs(&app).await;
    let url = value(&outputs, "TranslateFile");
    let status = async |url: &str| app.client.get(url).send().await.unwrap().status().as_u16();
    assert_eq!(status(url).await, 200);
    assert_eq!(app.files().len(), 1);
    // The name is for people; the token is what counts.
    let (start, _) = url.rsplit_once('/').unwrap();
    assert_eq!(status(&format!("{start}/x")).await, 200);
    let (base, token) = start.rsplit_once('/').unwrap();
    assert_eq!(token.len(), 48);
    assert_eq!(status(&format!("{base}/{}/x", "0".repeat(48))).await, 404);
    app.clock.advance(60_000);
    assert_eq!(status(url).await, 410);
}

#[tokio::test]
async fn the_sweep_deletes_expired_results_with_their_blobs() {
    use aicon_backend::store::{Store, StoreOptions};
    let mut app = TestApp::configured(&[], shipped).await;
    outputs(&app).await;
    let now = app.clock.now();
    app.stop();
    app.stopped().await;
    let store = Store::open(&StoreOptions::in_directory(app.data.path()))
        .await
        .unwrap();
    let day = 24 * 3600 * 1000;
    assert_eq!(store.sweep_results(now + day - 1).await.unwrap(), 0);
    assert_eq!(app.files().len(), 1);
    assert_eq!(store.sweep_results(now + day).await.unwrap(), 1);
    assert_eq!(app.files().len(), 0);
}

#[tokio::test]
async fn the_address_is_the_public_one_where_it_is_set() {
    let app = TestApp::configured(&[], |settings| {
        shipped(settings);
        settings.public_url = Some("https://ai.example.com/base/".parse().unwrap());
    })
    .await;
    let outputs = outputs(&app).await;
    let url = value(&outputs, "TranslateFile");
    assert!(
        url.starts_with("https://ai.example.com/base/api/Provider/files/"),
        "{url}"
    );
}
