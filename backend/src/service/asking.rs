//! A question to a model whose answer is needed whole.

use std::time::Instant;

use futures_util::StreamExt as _;
use tokio::sync::watch;

use super::ServiceError;
use super::ticket::Ticket;
use crate::app::App;
use crate::provider::{
    ModelRequest, Provider, ProviderError, ProviderEvent, ProviderStream, UnknownModel,
};
use crate::usage::Ending;

/// Asks and waits for the end. The ticket has the answer too, as far as it came; on failure it is closed.
///
/// # Errors
/// The upstream refuses, breaks off or cuts its answer short; the server stops.
pub(super) async fn whole(
    app: &App,
    provider: &Provider,
    ticket: &mut Ticket,
    request: ModelRequest,
) -> Result<String, ServiceError> {
    let asked = Instant::now();
    let mut stream = match app.registry.open(provider, &request).await {
        Ok(stream) => stream,
        Err(error) => return Err(refused(app, provider, ticket, request.model, error).await),
    };
    app.metrics.first_byte(provider.name(), asked.elapsed());
    let mut cut = app.cut.clone();
    let read = tokio::select! {
        biased;
        () = wait_for_cut(&mut cut) => Err(ServiceError::Stopping),
        read = read(&mut stream, ticket) => read,
    };
    if let Err(error) = &read {
        if let ServiceError::Provider(error) = error {
            app.metrics.upstream_error(provider.name(), error.kind());
        }
        fail(ticket, ending_of(error), error).await;
    }
    read
}

/// Records a use that failed. The row can still be recovered if the store does not answer now.
pub(super) async fn fail(ticket: &mut Ticket, ending: Ending, error: &ServiceError) {
    tracing::warn!(response.id = %ticket.id(), %error, "answer broke off");
    if let Err(error) = ticket.close(ending, Some(&error.to_string())).await {
        tracing::error!(response.id = %ticket.id(), %error, "failed to store an answer");
    }
}

/// Closes the row of a question that the upstream refused, and says why.
pub(super) async fn refused(
    app: &App,
    provider: &Provider,
    ticket: &mut Ticket,
    model: String,
    error: ProviderError,
) -> ServiceError {
    app.metrics.upstream_error(provider.name(), error.kind());
    tracing::warn!(response.id = %ticket.id(), provider = provider.name(), %error, "upstream refused");
    let status = error.answered();
    let failure = error.to_string();
    let closed = ticket.close(Ending::Refused { status }, Some(&failure));
    if let Err(error) = closed.await {
        return error.into();
    }
    match error {
        ProviderError::UnknownModel => {
            let mut supported = app.registry.supported();
            supported.retain(|known| *known != model);
            UnknownModel { model, supported }.into()
        }
        other => other.into(),
    }
}

/// How a use ends whose answer broke off.
pub(super) fn ending_of(error: &ServiceError) -> Ending {
    match error {
        ServiceError::Provider(ProviderError::Timeout(_)) => Ending::BrokenOff { status: 504 },
        ServiceError::Stopping => Ending::BrokenOff { status: 503 },
        _ => Ending::BrokenOff { status: 502 },
    }
}

/// Waits until running streams must end.
pub(super) async fn wait_for_cut(cut: &mut watch::Receiver<bool>) {
    if cut.wait_for(|cut| *cut).await.is_err() {
        // The sender went first: nobody will cut.
        std::future::pending().await
    }
}

async fn read(stream: &mut ProviderStream, ticket: &mut Ticket) -> Result<String, ServiceError> {
    let mut answer = String::new();
    loop {
        match stream.next().await {
            Some(Ok(ProviderEvent::Delta(delta))) => {
                ticket.push(&delta);
                answer.push_str(&delta);
            }
            Some(Ok(ProviderEvent::Usage { input, output })) => ticket.report(input, output),
            Some(Ok(ProviderEvent::Finished(_))) => {}
            Some(Ok(ProviderEvent::End)) => return Ok(answer),
            Some(Ok(ProviderEvent::Failed(error)) | Err(error)) => {
                if error.has_whole_usage() {
                    ticket.usage_is_whole();
                }
                return Err(error.into());
            }
            None => return Err(ProviderError::Broken.into()),
        }
    }
}
