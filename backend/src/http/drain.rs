//! Reads what a refused request still sends. A connection closed on a client that is writing loses it the answer: it
//! sees a broken pipe instead of the reason.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::BodyExt as _;
use tokio::sync::oneshot;

/// Bytes that are read for the client's sake. Who sends more may miss the answer.
const MOST_BYTES: u64 = 24 * 1024 * 1024;

/// Time for all of it.
const MOST_TIME: Duration = Duration::from_secs(5);

/// Answers at once, unless it refuses and the body is not read to its end.
pub async fn layer(request: Request, next: Next) -> Response {
    // Such a client sends its body when it is asked to, which reading it does.
    let asks_first = request.headers().contains_key(header::EXPECT);
    let (giver, mut rest) = oneshot::channel();
    let request = request.map(|body| {
        Body::new(Lent {
            body,
            wanted: !asks_first,
            giver: Some(giver),
        })
    });
    let response = next.run(request).await;
    let status = response.status();
    let refused = status.is_client_error() || status.is_server_error();
    if let (true, Ok(body)) = (
        refused && status != StatusCode::REQUEST_TIMEOUT,
        rest.try_recv(),
    ) {
        // Time over or connection gone: the answer is sent as far as it still can be.
        let _ = tokio::time::timeout(MOST_TIME, drain(body)).await;
    }
    response
}

async fn drain(mut body: Body) {
    let mut left = MOST_BYTES;
    while let Some(Ok(frame)) = body.frame().await {
        let bytes = frame.data_ref().map_or(0, Bytes::len) as u64;
        match left.checked_sub(bytes) {
            Some(rest) => left = rest,
            None => return,
        }
    }
}

/// A body that comes back when its reader drops it before its end.
struct Lent {
    body: Body,
    wanted: bool,
    giver: Option<oneshot::Sender<Body>>,
}

impl http_body::Body for Lent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.wanted = true;
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if matches!(polled, Poll::Ready(None | Some(Err(_)))) {
            self.giver = None;
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let unread = !self.body.is_end_stream() && self.body.size_hint().lower() <= MOST_BYTES;
        if let (true, Some(giver)) = (self.wanted && unread, self.giver.take()) {
            // Nobody waits for it once the request's future is gone.
            let _ = giver.send(std::mem::take(&mut self.body));
        }
    }
}
