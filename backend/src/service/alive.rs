//! Whether a user's "Run Model" would work (`aicon.md` 6, "Check alive").

use std::time::Duration;

use moka::future::Cache;

use crate::provider::Registry;
use crate::store::Store;

/// How long an answer holds. However many ask, the store is asked once in that time.
const HOLDS: Duration = Duration::from_secs(1);

/// What does not answer counts as dead.
const PATIENCE: Duration = Duration::from_secs(2);

/// The last answer; one question at a time.
#[derive(Clone, Debug)]
pub struct Alive(Cache<(), Result<(), Ailment>>);

/// Why the model cannot be run, without anything that is nobody else's business.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Ailment {
    /// The database.
    #[error("the store does not answer (key `database` or `data`)")]
    Store,
    /// The default model has no provider that could answer.
    #[error(
        "the default model `{0}` has no provider (keys `ai.model`, `models`, or the provider's `api_key` or `base_url`)"
    )]
    Provider(String),
}

impl Alive {
    /// Nothing known yet.
    pub fn new() -> Self {
        Self(Cache::builder().max_capacity(1).time_to_live(HOLDS).build())
    }

    /// Asks, or tells what it heard within the last second. The model is not called: that would cost money.
    ///
    /// # Errors
    /// What is missing.
    pub async fn check(&self, store: &Store, registry: &Registry) -> Result<(), Ailment> {
        self.0.get_with((), examine(store, registry)).await
    }
}

impl Default for Alive {
    fn default() -> Self {
        Self::new()
    }
}

async fn examine(store: &Store, registry: &Registry) -> Result<(), Ailment> {
    if let Err(unknown) = registry.resolve(None) {
        return Err(Ailment::Provider(unknown.model));
    }
    match tokio::time::timeout(PATIENCE, store.ping()).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => {
            tracing::error!(%error, "the store does not answer");
            Err(Ailment::Store)
        }
        Err(_) => {
            tracing::error!("the store does not answer in time");
            Err(Ailment::Store)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Settings;
    use crate::store::StoreOptions;

    #[tokio::test]
    async fn a_store_that_does_not_answer_is_an_ailment_once_the_last_answer_is_old() {
        let data = tempfile::tempdir().unwrap();
        let store = Store::open(&StoreOptions::in_directory(data.path()))
            .await
            .unwrap();
        let registry = Registry::new(&Settings::default(), reqwest::Client::new()).unwrap();
        let alive = Alive::new();
        assert_eq!(alive.check(&store, &registry).await, Ok(()));
        store.close().await;
        // However many ask, the store is not asked again so soon.
        let asked = std::time::Instant::now();
        for _ in 0..1000 {
            if asked.elapsed() < HOLDS / 2 {
                assert_eq!(alive.check(&store, &registry).await, Ok(()));
            }
        }
        let told = async {
            while alive.check(&store, &registry).await.is_ok() {
                tokio::time::sleep(HOLDS / 20).await;
            }
        };
        tokio::time::timeout(HOLDS * 10, told).await.unwrap();
        assert_eq!(alive.check(&store, &registry).await, Err(Ailment::Store));
    }
}
