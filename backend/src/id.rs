//! Identifiers that cannot be guessed.

use aicon_protocol::id::{FileId, ResponseId, UsageGuid};

/// `resp_` and 32 hexadecimal digits.
pub fn response_id() -> ResponseId {
    ResponseId::new(format!("resp_{}", random_hex::<16>()))
}

/// `file-` and 24 hexadecimal digits.
pub fn file_id() -> FileId {
    FileId::new(format!("file-{}", random_hex::<12>()))
}

/// 48 hexadecimal digits, by which alone a result file is fetched.
pub fn result_token() -> String {
    random_hex::<24>()
}

/// A UUID v4, made once for each use.
pub fn usage_guid() -> UsageGuid {
    UsageGuid::new(uuid::Uuid::new_v4().to_string())
}

/// 32 hexadecimal digits, by which one process knows its rows among those of others.
pub(crate) fn instance_id() -> String {
    random_hex::<16>()
}

/// 32 hexadecimal digits, by which a log line is found.
pub fn request_id() -> String {
    random_hex::<16>()
}

fn random_hex<const BYTES: usize>() -> String {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).expect("a server without a random source cannot run");
    hex::encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_have_their_prefix_and_length_and_differ() {
        let (a, b) = (response_id(), response_id());
        assert!(a.as_str().starts_with("resp_") && a.as_str().len() == 37);
        assert_ne!(a, b);
        assert!(file_id().as_str().starts_with("file-") && file_id().as_str().len() == 29);
    }
}
