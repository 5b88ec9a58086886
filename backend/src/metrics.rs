//! Figures for whoever runs the server, in OpenMetrics text, which Prometheus reads. Labels come from closed sets (routes,
//! configured models and providers, our own words): no caller can make a new series.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use aicon_protocol::ai::Usage;
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

use crate::store::OutboxDepth;

/// What [`Metrics::encode`] writes.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Stands for what a caller made up: a model that no list names, a method that no route takes.
const OTHER: &str = "other";

/// All figures of one server.
pub struct Metrics {
    registry: Registry,
    models: BTreeSet<String>,
    requests: Family<RequestLabels, Counter>,
    refusals: Family<LimitLabels, Counter>,
    uses: Family<StatusLabels, Counter>,
    tokens: Family<TokenLabels, Counter>,
    first_byte: Family<ProviderLabels, Histogram>,
    upstream_errors: Family<ErrorLabels, Counter>,
    deliveries: Family<ResultLabels, Counter>,
    streams: Gauge,
    store_up: Gauge,
    pending: Gauge,
    parked: Gauge,
    oldest_pending: Gauge,
}

/// Which limit refused a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Requests a minute of an address.
    Address,
    /// Requests a minute of a user.
    User,
    /// Streams of a user at the same time.
    Streams,
    /// Tokens of a user a day.
    Tokens,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: &'static str,
    route: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct LimitLabels {
    limit: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StatusLabels {
    status: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct TokenLabels {
    model: String,
    direction: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ProviderLabels {
    provider: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ErrorLabels {
    provider: String,
    kind: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ResultLabels {
    result: &'static str,
}

impl Metrics {
    /// All at zero. `models` are those that get a label of their own.
    pub fn new(models: impl IntoIterator<Item = String>) -> Self {
        let mut registry = Registry::with_prefix("aicon");
        let mut metrics = Self {
            models: models.into_iter().collect(),
            requests: Family::default(),
            refusals: Family::default(),
            uses: Family::default(),
            tokens: Family::default(),
            // 5 ms to 164 s, which is beyond the longest patience by default.
            first_byte: Family::new_with_constructor(|| {
                Histogram::new(exponential_buckets(0.005, 2.0, 16))
            }),
            upstream_errors: Family::default(),
            deliveries: Family::default(),
            streams: Gauge::default(),
            store_up: Gauge::default(),
            pending: Gauge::default(),
            parked: Gauge::default(),
            oldest_pending: Gauge::default(),
            registry: Registry::default(),
        };
        metrics.register(&mut registry);
        metrics.registry = registry;
        metrics
    }

    fn register(&self, registry: &mut Registry) {
        let seconds = || Unit::Seconds;
        registry.register(
            "http_requests",
            "Requests answered, by route and status",
            self.requests.clone(),
        );
        registry.register(
            "rate_limit_refusals",
            "Requests that a limit refused",
            self.refusals.clone(),
        );
        registry.register("uses", "Uses ended, by their status", self.uses.clone());
        registry.register(
            "tokens",
            "Tokens of ended uses, by model",
            self.tokens.clone(),
        );
        registry.register_with_unit(
            "upstream_first_byte",
            "From the question to the upstream's response head",
            seconds(),
            self.first_byte.clone(),
        );
        registry.register(
            "upstream_errors",
            "Answers that an upstream refused or broke off",
            self.upstream_errors.clone(),
        );
        registry.register(
            "deliveries",
            "Tries to record a use at AICON, by what came of them",
            self.deliveries.clone(),
        );
        registry.register(
            "streams_open",
            "Answers under way in this process",
            self.streams.clone(),
        );
        registry.register(
            "store_up",
            "Whether the store tells the outbox's figures; if not, they are the last ones it told",
            self.store_up.clone(),
        );
        registry.register(
            "outbox_pending",
            "Uses that AICON has not been told of yet",
            self.pending.clone(),
        );
        registry.register(
            "outbox_parked",
            "Uses that AICON refused for good; see `aicon-backend usage list --parked`",
            self.parked.clone(),
        );
        registry.register_with_unit(
            "outbox_oldest_pending_age",
            "Age of the oldest use that AICON has not been told of yet; 0: none waits",
            seconds(),
            self.oldest_pending.clone(),
        );
    }

    /// A request was answered. `route` is the router's pattern, never the path.
    pub fn request(&self, method: &str, route: &str, status: u16) {
        let labels = RequestLabels {
            method: known_method(method),
            route: route.to_owned(),
            status,
        };
        self.requests.get_or_create(&labels).inc();
    }

    /// A limit refused a request.
    pub fn refusal(&self, limit: Limit) {
        let limit = match limit {
            Limit::Address => "requests_per_minute_address",
            Limit::User => "requests_per_minute_user",
            Limit::Streams => "streams_per_user",
            Limit::Tokens => "tokens_per_day_user",
        };
        self.refusals.get_or_create(&LimitLabels { limit }).inc();
    }

    /// A use's row was completed.
    pub fn use_ended(&self, model: &str, status: &'static str, usage: Usage) {
        self.uses.get_or_create(&StatusLabels { status }).inc();
        let model = if self.models.contains(model) {
            model
        } else {
            OTHER
        };
        for (direction, tokens) in [
            ("input", usage.input_tokens),
            ("output", usage.output_tokens),
        ] {
            let model = model.to_owned();
            self.tokens
                .get_or_create(&TokenLabels { model, direction })
                .inc_by(tokens);
        }
    }

    /// An upstream sent its response head.
    pub fn first_byte(&self, provider: &str, after: Duration) {
        let provider = provider.to_owned();
        self.first_byte
            .get_or_create(&ProviderLabels { provider })
            .observe(after.as_secs_f64());
    }

    /// An upstream refused or broke off. `kind` is a word of ours.
    pub fn upstream_error(&self, provider: &str, kind: &'static str) {
        let provider = provider.to_owned();
        self.upstream_errors
            .get_or_create(&ErrorLabels { provider, kind })
            .inc();
    }

    /// AICON was told of a use, or was not. `result` is a word of ours.
    pub fn delivery(&self, result: &'static str) {
        self.deliveries
            .get_or_create(&ResultLabels { result })
            .inc();
    }

    /// All figures as text, those that are states as of now. `depth` is absent when the store does not tell; its figures
    /// then stay what they were.
    pub fn encode(&self, streams: usize, depth: Option<OutboxDepth>, now: i64) -> String {
        self.streams.set(gauge(streams as u64));
        self.store_up.set(i64::from(depth.is_some()));
        if let Some(depth) = depth {
            self.pending.set(gauge(depth.pending));
            self.parked.set(gauge(depth.parked));
            let age_ms = depth.oldest_pending.map_or(0, |since| now - since);
            self.oldest_pending.set(age_ms.max(0) / 1000);
        }
        let mut encoded = String::new();
        // Only a writer fails, and a string never does.
        let _ = text::encode(&mut encoded, &self.registry);
        encoded
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

/// A method is the caller's text.
fn known_method(method: &str) -> &'static str {
    ["GET", "POST", "OPTIONS", "HEAD"]
        .into_iter()
        .find(|known| *known == method)
        .unwrap_or(OTHER)
}

fn gauge(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_callers_make_up_makes_no_new_series() {
        let metrics = Metrics::new(["demo".to_owned()]);
        for number in 0..100 {
            metrics.use_ended(&format!("model-{number}"), "completed", Usage::new(1, 2));
            metrics.request(&format!("METHOD{number}"), "(none)", 404);
        }
        metrics.use_ended("demo", "stopped", Usage::new(3, 4));
        let text = metrics.encode(2, None, 0);
        for line in [
            r#"aicon_tokens_total{model="other",direction="input"} 100"#,
            r#"aicon_tokens_total{model="other",direction="output"} 200"#,
            r#"aicon_tokens_total{model="demo",direction="output"} 4"#,
            r#"aicon_uses_total{status="stopped"} 1"#,
            r#"aicon_http_requests_total{method="other",route="(none)",status="404"} 100"#,
            "aicon_streams_open 2",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
        assert!(text.lines().count() < 60, "{text}");
        assert!(text.ends_with("# EOF\n"), "{text}");
    }
}
