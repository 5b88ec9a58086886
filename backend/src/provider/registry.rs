//! Which provider answers for which model.

use std::collections::BTreeMap;

use reqwest::Client;

use super::upstream::{self, Patience};
use super::{ModelRequest, ProviderError, ProviderStream, demo};
use crate::config::{CheckError, DemoSettings, Settings, Upstream, UpstreamKind};

/// All providers that can be used.
#[derive(Clone, Debug)]
pub struct Registry {
    upstreams: Vec<Upstream>,
    models: BTreeMap<String, String>,
    default_provider: String,
    default_model: Option<String>,
    demo: DemoSettings,
    patience: Patience,
    client: Client,
}

/// A model and who answers for it.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// Who answers.
    pub provider: Provider,
    /// The model's name.
    pub model: String,
}

/// Someone who answers.
#[derive(Clone, Debug)]
pub enum Provider {
    /// Built in.
    Demo,
    /// A service.
    Upstream(Box<Upstream>),
}

/// No provider has this model.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("no provider has the model")]
pub struct UnknownModel {
    /// What was asked for.
    pub model: String,
    /// What can be asked for.
    pub supported: Vec<String>,
}

impl Provider {
    /// Name on the wire.
    pub fn name(&self) -> &str {
        match self {
            Self::Demo => "demo",
            Self::Upstream(upstream) => &upstream.name,
        }
    }
}

impl Registry {
    /// # Errors
    /// A provider entry that lacks what it needs.
    pub fn new(settings: &Settings, client: Client) -> Result<Self, CheckError> {
        let timeouts = &settings.timeouts;
        Ok(Self {
            upstreams: settings.upstreams()?,
            models: settings.models.clone(),
            default_provider: settings.ai.provider.clone(),
            default_model: settings.ai.model.clone(),
            demo: settings.demo.clone(),
            patience: Patience {
                first_byte: timeouts.first_byte,
                idle: timeouts.idle,
            },
            client,
        })
    }

    /// The provider of `model`, or the default one with its model.
    ///
    /// # Errors
    /// No provider has it; the error lists what there is.
    pub fn resolve(&self, model: Option<&str>) -> Result<Resolved, UnknownModel> {
        let model = match model.map(str::trim).filter(|model| !model.is_empty()) {
            Some(model) => model.to_owned(),
            None => self.default_model(),
        };
        match self.provider_of(&model) {
            Some(provider) => Ok(Resolved { provider, model }),
            None => Err(UnknownModel {
                supported: self.supported(),
                model,
            }),
        }
    }

    /// The provider that a request would go to; for a model that nobody has, the default one.
    pub fn provider_name(&self, model: Option<&str>) -> String {
        let resolved = self.resolve(model).or_else(|_| self.resolve(None));
        resolved.map_or_else(
            |_| self.default_provider.clone(),
            |resolved| resolved.provider.name().to_owned(),
        )
    }

    /// Asks the model.
    ///
    /// # Errors
    /// The upstream's refusal, or none to be reached.
    pub async fn open(
        &self,
        provider: &Provider,
        request: &ModelRequest,
    ) -> Result<ProviderStream, ProviderError> {
        match provider {
            Provider::Demo => Ok(demo::open(&self.demo, request)),
            Provider::Upstream(upstream) => {
                upstream::open(&self.client, upstream, self.patience, request).await
            }
        }
    }

    /// All models that can be named, the default one's provider first.
    pub fn supported(&self) -> Vec<String> {
        let (first, rest): (Vec<_>, Vec<_>) = self
            .upstreams
            .iter()
            .partition(|upstream| upstream.name == self.default_provider);
        let listed = first
            .into_iter()
            .chain(rest)
            .flat_map(|upstream| upstream.models.iter().cloned());
        let demo = demo::MODELS.map(str::to_owned);
        let mut all: Vec<String> = Vec::new();
        for model in listed.chain(self.models.keys().cloned()).chain(demo) {
            if !all.contains(&model) {
                all.push(model);
            }
        }
        all
    }

    fn default_model(&self) -> String {
        let of_provider = || {
            let upstream = self
                .upstreams
                .iter()
                .find(|upstream| upstream.name == self.default_provider);
            upstream.and_then(|upstream| upstream.default_model.clone())
        };
        self.default_model
            .clone()
            .or_else(of_provider)
            .unwrap_or_else(|| "demo".to_owned())
    }

    /// By configuration, by the providers' lists, by the name's family, and last whoever takes anything.
    fn provider_of(&self, model: &str) -> Option<Provider> {
        if let Some(name) = self.models.get(model) {
            return self.by_name(name);
        }
        if demo::MODELS.contains(&model) {
            return Some(Provider::Demo);
        }
        let find = |test: &dyn Fn(&Upstream) -> bool| {
            self.upstreams.iter().find(|upstream| test(upstream))
        };
        find(&|upstream| upstream.models.iter().any(|known| known == model))
            .or_else(|| find(&|upstream| Some(upstream.kind) == family(model)))
            .or_else(|| find(&|upstream| upstream.any_model))
            .map(|upstream| Provider::Upstream(Box::new(upstream.clone())))
    }

    fn by_name(&self, name: &str) -> Option<Provider> {
        if name == "demo" {
            return Some(Provider::Demo);
        }
        let upstream = self
            .upstreams
            .iter()
            .find(|upstream| upstream.name == name)?;
        Some(Provider::Upstream(Box::new(upstream.clone())))
    }
}

fn family(model: &str) -> Option<UpstreamKind> {
    let reasoning = model
        .strip_prefix('o')
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    if model.starts_with("gpt-") || model.starts_with("chatgpt-") || reasoning {
        return Some(UpstreamKind::OpenAi);
    }
    if model.starts_with("claude-") {
        return Some(UpstreamKind::Claude);
    }
    model.starts_with("gemini-").then_some(UpstreamKind::Gemini)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Flags, load};

    fn registry(variables: &'static [(&'static str, &'static str)]) -> Registry {
        let environment = |name: &str| {
            variables
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).into())
        };
        Registry::new(
            &load(&Flags::default(), environment).unwrap(),
            Client::new(),
        )
        .unwrap()
    }

    #[test]
    fn without_configuration_the_demo_answers_and_nothing_else() {
        let registry = registry(&[]);
        assert_eq!(registry.resolve(None).unwrap().model, "demo");
        assert_eq!(
            registry.resolve(Some("gpt-5-mini")).unwrap_err().supported,
            ["demo", "echo"]
        );
    }

    #[test]
    fn names_tell_the_provider() {
        let registry = registry(&[
            ("OPENAI_API_KEY", "k"),
            ("ANTHROPIC_API_KEY", "k"),
            ("GEMINI_API_KEY", "k"),
        ]);
        for (model, name) in [
            ("gpt-99", "openai"),
            ("o3-mini", "openai"),
            ("chatgpt-4o-latest", "openai"),
            ("claude-3-5-sonnet", "claude"),
            ("gemini-2.5-flash", "gemini"),
            ("echo", "demo"),
        ] {
            assert_eq!(registry.resolve(Some(model)).unwrap().provider.name(), name);
        }
        assert!(registry.resolve(Some("ollama-thing")).is_err());
    }

    #[test]
    fn the_known_base_url_written_out_changes_nothing() {
        let registry = registry(&[
            ("OPENAI_API_KEY", "k"),
            ("OPENAI_BASE_URL", "https://api.openai.com/v1/"),
            ("AI_PROVIDER", "openai"),
        ]);
        assert_eq!(registry.resolve(None).unwrap().model, "gpt-5-mini");
        assert!(registry.resolve(Some("llama3.2")).is_err());
    }

    #[test]
    fn an_own_base_url_takes_models_that_nobody_else_knows() {
        let registry = registry(&[
            ("OPENAI_BASE_URL", "http://127.0.0.1:11434/v1"),
            ("AI_PROVIDER", "openai"),
            ("AICON_DEFAULT_MODEL", "llama3.2"),
        ]);
        assert_eq!(registry.resolve(None).unwrap().model, "llama3.2");
        assert_eq!(
            registry.resolve(Some("llama3.2")).unwrap().provider.name(),
            "openai"
        );
    }
}
