//! What the upstream is to do, as a message to the model says it: so it reaches the upstream through any proxy.

use std::time::Duration;

const MARK: &str = "plan:";

/// One answer of the upstream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    /// From the request to the first delta.
    pub(crate) first: Duration,
    /// Between two deltas; zero is as fast as they are taken.
    pub(crate) every: Duration,
    /// Deltas of the answer.
    pub(crate) deltas: u64,
    /// Stays open after the last delta, for ever.
    pub(crate) is_held: bool,
}

impl Plan {
    /// The message.
    pub(crate) fn message(&self) -> String {
        format!(
            "{MARK}{}:{}:{}:{}: 안녕하세요, 오늘 배운 것을 정리해 주세요.",
            self.first.as_micros(),
            self.every.as_micros(),
            self.deltas,
            u8::from(self.is_held),
        )
    }

    /// From a request's body that holds the message.
    pub(crate) fn read(body: &[u8]) -> Option<Self> {
        let body = String::from_utf8_lossy(body);
        let (_, rest) = body.rsplit_once(MARK)?;
        let mut numbers = rest.splitn(5, ':').map(|part| part.parse::<u64>().ok());
        let mut next = || numbers.next().flatten();
        Some(Self {
            first: Duration::from_micros(next()?),
            every: Duration::from_micros(next()?),
            deltas: next()?,
            is_held: next()? == 1,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_read_out_of_a_request() {
        let plan = Plan {
            first: Duration::from_millis(5),
            every: Duration::from_micros(50),
            deltas: 12,
            is_held: true,
        };
        let body = serde_json::json!({ "messages": [{ "content": plan.message() }] });
        assert_eq!(Plan::read(body.to_string().as_bytes()), Some(plan));
        assert_eq!(Plan::read(b"{}"), None);
    }
}
