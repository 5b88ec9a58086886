//! All definitions of a server, and which of them a request is for.

use std::sync::Arc;

use aicon_protocol::id::ClientId;

use super::definition::{Definition, FileRule};
use super::read::{DefinitionErrors, KnowsLlm, read_dir};

/// In the order of their files' names.
#[derive(Clone, Debug, Default)]
pub struct Catalog(Arc<[Arc<Definition>]>);

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// A conversation.
    Chat,
    /// A form.
    MultiInput,
}

impl Catalog {
    /// Reads the folder; without one there are no definitions.
    ///
    /// # Errors
    /// All that is wrong in it.
    pub fn read(
        folder: Option<&std::path::Path>,
        knows: KnowsLlm<'_>,
    ) -> Result<Self, DefinitionErrors> {
        let definitions = folder.map(|folder| read_dir(folder, knows)).transpose()?;
        Ok(Self::new(definitions.unwrap_or_default()))
    }

    /// From definitions with different names.
    pub fn new(definitions: Vec<Definition>) -> Self {
        Self(definitions.into_iter().map(Arc::new).collect())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Which files any of them takes.
    pub fn file_rules(&self) -> impl Iterator<Item = &FileRule> {
        self.0.iter().flat_map(|definition| definition.file_rules())
    }

    /// The definitions that callers through a client may use, the one they get without naming any first: those that name
    /// the client, where some of the sort do, else those that name nobody. Who comes through no client may use all.
    pub fn usable(&self, sort: Option<Sort>, client: Option<&ClientId>) -> Vec<&Arc<Definition>> {
        let wanted = sort.map(|sort| sort == Sort::Chat);
        let of_sort = self
            .0
            .iter()
            .filter(|definition| wanted.is_none_or(|is_chat| definition.is_chat() == is_chat));
        let Some(client) = client else {
            return of_sort.collect();
        };
        let names = |definition: &&Arc<Definition>| {
            definition.clients.iter().any(|id| id == client.as_str())
        };
        let own: Vec<_> = of_sort.clone().filter(names).collect();
        if !own.is_empty() {
            return own;
        }
        of_sort
            .filter(|definition| definition.clients.is_empty())
            .collect()
    }

    /// The definition for a request: the one that it names, or without a name the first that the client may use.
    pub fn pick(
        &self,
        sort: Option<Sort>,
        client: Option<&ClientId>,
        name: Option<&str>,
    ) -> Option<Arc<Definition>> {
        let mut usable = self.usable(sort, client).into_iter();
        match name {
            Some(name) => usable.find(|definition| definition.name == name),
            None => usable.next(),
        }
        .cloned()
    }
}
