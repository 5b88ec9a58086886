use aicon_microsite::auth::redirect::Attempt;
use aicon_microsite::auth::{Reason, Session};
use aicon_microsite::browser::{location, now_ms, storage};
use aicon_microsite::route::Route;
use base64ct::{Base64UrlUnpadded, Encoding};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::{config_with_login, until, watched};

const ATTEMPT: &str = "aicon.login";
const REFRESH: &str = "aicon.refresh_token";

fn begin(state: &str) {
    let attempt = Attempt {
        state: state.to_owned(),
        verifier: "v".to_owned(),
        return_to: "/chat".to_owned(),
        began_ms: now_ms(),
    };
    storage::session().set(ATTEMPT, &attempt.to_text());
}

fn token_of(user: &str) -> String {
    let payload = format!(
        r#"{{"exp":1,"http://schemas.microsoft.com/ws/2008/06/identity/claims/userdata":"{user}"}}"#
    );
    format!(
        "h.{}.s",
        Base64UrlUnpadded::encode_string(payload.as_bytes())
    )
}

#[wasm_bindgen_test]
fn a_code_that_this_tab_did_not_ask_for_is_refused_and_cleaned_away() {
    storage::session().remove(ATTEMPT);
    location::replace("/chat?code=stolen&state=x");
    let (auth, _) = watched(config_with_login());
    assert_eq!(auth.start(), Route::Chat);
    assert_eq!(auth.session(), Session::SignedOut(Reason::Unasked));
    assert_eq!(location::query(), "");
}

#[wasm_bindgen_test]
fn a_wrong_state_is_refused_and_uses_the_attempt_up() {
    begin("right");
    location::replace("/?code=c&state=wrong");
    let (auth, _) = watched(config_with_login());
    auth.start();
    assert_eq!(auth.session(), Session::SignedOut(Reason::Mismatch));
    assert_eq!(storage::session().get(ATTEMPT), None);
}

#[wasm_bindgen_test]
async fn a_right_answer_is_redeemed_once_and_a_dead_endpoint_is_told() {
    begin("s");
    location::replace("/?code=c&state=s");
    let (auth, seen) = watched(config_with_login());
    assert_eq!(
        auth.start(),
        Route::Chat,
        "the place that was wanted before the login"
    );
    assert_eq!(location::path(), "/chat");
    assert_eq!(
        storage::session().get(ATTEMPT),
        None,
        "the attempt is used up before anything is sent"
    );
    assert_eq!(auth.session(), Session::Starting);
    auth.start();
    until("the refusal", || (!seen.borrow().is_empty()).then_some(())).await;
    assert_eq!(*seen.borrow(), [Session::SignedOut(Reason::Unavailable)]);
}

#[wasm_bindgen_test]
fn a_refusal_at_aicon_keeps_the_way_back() {
    begin("s");
    location::replace("/?error=access_denied&state=s");
    let (auth, _) = watched(config_with_login());
    assert_eq!(auth.start(), Route::Chat);
    assert_eq!(
        auth.session(),
        Session::SignedOut(Reason::Refused("access_denied".to_owned()))
    );
}

#[wasm_bindgen_test]
async fn a_page_opened_for_another_user_drops_the_tokens() {
    storage::session().set(REFRESH, &token_of("user-1"));
    location::replace("/?userid=user-2");
    let (auth, seen) = watched(config_with_login());
    auth.start();
    assert_eq!(location::query(), "");
    until("the refusal", || (!seen.borrow().is_empty()).then_some(())).await;
    assert_eq!(*seen.borrow(), [Session::SignedOut(Reason::OtherUser)]);
    assert_eq!(storage::session().get(REFRESH), None);
}

#[wasm_bindgen_test]
async fn a_refresh_that_meets_a_dead_endpoint_keeps_the_token_for_the_next_try() {
    let token = token_of("user-3");
    storage::session().set(REFRESH, &token);
    location::replace("/");
    let (auth, seen) = watched(config_with_login());
    auth.start();
    until("the refusal", || (!seen.borrow().is_empty()).then_some(())).await;
    assert_eq!(*seen.borrow(), [Session::SignedOut(Reason::Unavailable)]);
    assert_eq!(storage::session().get(REFRESH), Some(token));
    auth.logout();
    assert_eq!(storage::session().get(REFRESH), None);
    assert_eq!(auth.session(), Session::SignedOut(Reason::LoggedOut));
}

#[wasm_bindgen_test]
fn without_a_login_nothing_is_judged() {
    location::replace("/chat?code=c");
    let (auth, _) = watched(crate::support::config(""));
    assert_eq!(auth.start(), Route::Chat);
    assert_eq!(auth.session(), Session::NotNeeded);
}
