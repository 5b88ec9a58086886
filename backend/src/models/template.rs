//! Prompts: text with inputs by parameter name, by minijinja.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use minijinja::{Environment, UndefinedBehavior};

/// Steps that one rendering may take: a loop over a loop over a long text ends with an error instead of never.
const FUEL: u64 = 5_000_000;

/// The one template of a prompt's environment.
const NAME: &str = "prompt";

/// A template that has been read. Cheap to clone.
#[derive(Clone)]
pub struct Prompt {
    environment: Arc<Environment<'static>>,
    names: Arc<BTreeSet<String>>,
}

/// Why a prompt cannot be read or filled in.
#[derive(Debug, thiserror::Error)]
pub enum PromptError {
    /// The template's own mistake.
    #[error("{0}")]
    Template(#[from] minijinja::Error),
    /// A name that no input row has.
    #[error("unknown input `{0}`")]
    UnknownInput(String),
}

impl Prompt {
    /// Reads a template that may use these names.
    ///
    /// # Errors
    /// A mistake in the template, or a name that is none of these.
    pub fn new(text: &str, names: &BTreeSet<&str>) -> Result<Self, PromptError> {
        let mut environment = Environment::new();
        // An input that was left out is empty; one that does not exist is a mistake, found here and not by a user.
        environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        environment.set_fuel(Some(FUEL));
        environment.set_keep_trailing_newline(true);
        environment.add_template_owned(NAME, text.to_owned())?;
        let mut used =
            BTreeSet::from_iter(environment.get_template(NAME)?.undeclared_variables(false));
        let globals: BTreeSet<String> = environment
            .globals()
            .map(|(name, _)| name.to_owned())
            .collect();
        used.retain(|name| names.contains(name.as_str()) || !globals.contains(name));
        if let Some(unknown) = used.iter().find(|name| !names.contains(name.as_str())) {
            return Err(PromptError::UnknownInput(unknown.clone()));
        }
        Ok(Self {
            environment: Arc::new(environment),
            names: Arc::new(used),
        })
    }

    /// Whether it names the input.
    pub fn names(&self, input: &str) -> bool {
        self.names.contains(input)
    }

    /// Fills in the inputs.
    ///
    /// # Errors
    /// What the template does with these values: a filter that takes no such value, too many steps.
    pub fn fill(&self, inputs: &BTreeMap<String, minijinja::Value>) -> Result<String, PromptError> {
        Ok(self.environment.get_template(NAME)?.render(inputs)?)
    }
}

impl std::fmt::Debug for Prompt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Prompt")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(text: &str, inputs: &[(&str, &str)]) -> Result<String, PromptError> {
        let names = inputs.iter().map(|(name, _)| *name).collect();
        let inputs = inputs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), minijinja::Value::from(*value)));
        Prompt::new(text, &names)?.fill(&inputs.collect())
    }

    #[test]
    fn inputs_are_filled_in_as_they_are() {
        let filled = fill(
            "{{ a }} → {{ b }}",
            &[("a", "<b>&\"값\""), ("b", "{{ a }}")],
        )
        .unwrap();
        assert_eq!(filled, "<b>&\"값\" → {{ a }}");
    }

    #[test]
    fn an_unknown_input_is_found_before_anybody_uses_it() {
        let error = fill("{{ a }}{{ Text }}", &[("a", "")]).unwrap_err();
        assert_eq!(error.to_string(), "unknown input `Text`");
        assert!(fill("{% for i in range(3) %}{{ i }}{% endfor %}", &[]).is_ok());
    }

    #[test]
    fn a_rendering_without_end_ends_with_an_error() {
        let text = "{% for a in range(9999) %}{% for b in range(9999) %}{{ a * b }}{% endfor %}{% endfor %}";
        assert!(fill(text, &[]).is_err());
    }
}
