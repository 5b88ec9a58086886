//! Failures in the reader's words: what happened, what was kept, what to do (promise U7).

use aicon_protocol::ai::{ErrorBody, ErrorCode};

use crate::api::Fault;
use crate::i18n::Messages;
use crate::state::composer::FileProblem;

/// A failure for people.
pub(super) struct FaultText {
    /// In the reader's language.
    pub(super) text: String,
    /// The server's own words, where they add something.
    pub(super) detail: Option<String>,
}

pub(super) fn fault_text(fault: &Fault, messages: &Messages) -> FaultText {
    let plain = |text: &str| FaultText {
        text: text.to_owned(),
        detail: None,
    };
    match fault {
        Fault::Network => plain(messages.fault_network),
        Fault::Broken => plain(messages.fault_broken),
        Fault::Silent => plain(messages.fault_silent),
        Fault::Unreadable => plain(messages.fault_unreadable),
        Fault::Left => plain(messages.fault_left),
        Fault::Told {
            body, retry_after, ..
        } => told_text(body, *retry_after, messages),
    }
}

fn told_text(body: &ErrorBody, retry_after: Option<u32>, messages: &Messages) -> FaultText {
    use ErrorCode as Code;
    let with_detail = |text: &str| FaultText {
        text: text.to_owned(),
        detail: Some(body.message.clone()).filter(|m| !m.is_empty()),
    };
    let plain = |text: &str| FaultText {
        text: text.to_owned(),
        detail: None,
    };
    match &body.code {
        Code::RateLimited => match retry_after {
            Some(seconds) => plain(&(messages.fault_rate_after)(&wait_text(seconds, messages))),
            None => plain(messages.fault_rate),
        },
        Code::InvalidModel | Code::InvalidProvider | Code::OperationNotSupported => {
            with_detail(messages.fault_model)
        }
        Code::InProgress => plain(messages.fault_in_progress),
        Code::ResponseNotFound => plain(messages.fault_context_lost),
        Code::FileNotFound => plain(messages.fault_file_expired),
        Code::PayloadTooLarge => plain(messages.fault_too_large),
        Code::Unauthorized => plain(messages.fault_unauthorized),
        Code::Forbidden | Code::UnknownClient => with_detail(messages.fault_forbidden),
        Code::UnsupportedFormat | Code::UnsupportedFileFormat | Code::FileProcessingFailed => {
            with_detail(messages.fault_format)
        }
        Code::MissingParam | Code::EmptyMessage => with_detail(messages.fault_empty_message),
        Code::StreamInterrupted => plain(messages.fault_broken),
        Code::NotFound
        | Code::MethodNotAllowed
        | Code::UnsupportedMediaType
        | Code::InvalidJson => plain(messages.fault_unreadable),
        Code::ChatError
        | Code::StreamConnectionFailed
        | Code::ExternalServiceFailed
        | Code::ProviderUnavailable
        | Code::StreamTimeout
        | Code::StreamParsingFailed => with_detail(messages.fault_chat),
        Code::MissingFile
        | Code::InvalidGrant
        | Code::AiconUnavailable
        | Code::StorageUnavailable
        | Code::IdempotencyMismatch
        | Code::InvalidParam
        | Code::InternalError
        | Code::InternalServerError
        | Code::Unknown(_) => with_detail(messages.fault_server),
    }
}

/// A wait in the unit that people read, never less than it is.
fn wait_text(seconds: u32, messages: &Messages) -> String {
    let [second, minute, hour] = messages.time_units;
    let (count, unit) = match seconds {
        0..=119 => (seconds, second),
        120..=7_199 => (seconds.div_ceil(60), minute),
        _ => (seconds.div_ceil(3_600), hour),
    };
    [&count.to_string(), unit].concat()
}

pub(super) fn file_problem_text(problem: &FileProblem, messages: &Messages) -> String {
    match problem {
        FileProblem::TooBig(limit) => (messages.file_too_big)(&bytes_text(*limit)),
        FileProblem::WrongType => messages.file_wrong_type.to_owned(),
        FileProblem::Empty => messages.file_empty.to_owned(),
        FileProblem::SignedOut => messages.file_waiting.to_owned(),
        FileProblem::Fault(fault) => fault_text(fault, messages).text,
    }
}

/// Bytes in the unit that people read.
pub(super) fn bytes_text(bytes: u64) -> String {
    const KB: u64 = 1024;
    const MB: u64 = 1024 * 1024;
    match bytes {
        0..KB => [&bytes.to_string(), " B"].concat(),
        KB..MB => [&(bytes / KB).to_string(), " KB"].concat(),
        _ => {
            let tenths = bytes * 10 / MB;
            let fraction = if tenths.is_multiple_of(10) {
                String::new()
            } else {
                [".", &(tenths % 10).to_string()].concat()
            };
            [(tenths / 10).to_string(), fraction, " MB".to_owned()].concat()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Locale;

    #[test]
    fn bytes_are_told_in_the_unit_that_people_read() {
        for (bytes, text) in [
            (12, "12 B"),
            (2048, "2 KB"),
            (10 << 20, "10 MB"),
            (1_572_864, "1.5 MB"),
        ] {
            assert_eq!(bytes_text(bytes), text);
        }
    }

    #[test]
    fn a_wait_that_the_server_names_is_told() {
        let body = ErrorBody {
            code: ErrorCode::RateLimited,
            message: "slow down".to_owned(),
        };
        for (seconds, ko, en) in [
            (7, "7초", "7 seconds"),
            (121, "3분", "3 minutes"),
            (40_000, "12시간", "12 hours"),
        ] {
            let fault = Fault::Told {
                status: 429,
                body: body.clone(),
                retry_after: Some(seconds),
            };
            assert!(fault_text(&fault, Locale::Ko.messages()).text.contains(ko));
            assert!(fault_text(&fault, Locale::En.messages()).text.contains(en));
        }
    }
}
