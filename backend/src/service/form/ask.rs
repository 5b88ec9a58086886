//! The questions of a form: all are written before the first one is asked, so that a document that cannot be read costs nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use aicon_documents::Extractor;

use super::desk::{Desk, DeskError};
use super::document::Document;
use super::fill::Value;
use crate::models::{Definition, FILE, FileContent, Kind, OutputRow, Prompt, ResultFile, Source};
use crate::provider::{Image, ModelRequest, Role, Turn, Wanted};
use crate::service::ServiceError;
use crate::service::field::{FieldError, FieldProblem};

/// What is asked of the model for a form.
#[derive(Debug)]
pub(super) struct Questions {
    /// Whose answer the outputs without a prompt of their own come from.
    pub(super) main: Option<ModelRequest>,
    /// For each output.
    pub(super) outputs: Vec<OutputQuestions>,
}

/// What one output needs of its own.
#[derive(Debug, Default)]
pub(super) struct OutputQuestions {
    /// In the order of the files, or the only one.
    pub(super) asked: Vec<ModelRequest>,
    /// Names in the archive, for each of [`OutputQuestions::asked`].
    pub(super) entries: Vec<String>,
    /// The name of the file.
    pub(super) file_name: Option<String>,
}

/// Fills templates in.
struct Writer<'a> {
    desk: Arc<Desk>,
    values: BTreeMap<String, minijinja::Value>,
    system: Option<&'a Prompt>,
    model: &'a str,
}

/// Writes all questions. Blocks: documents are read.
///
/// # Errors
/// A document cannot be read, or a template cannot take these values.
pub(super) fn questions(
    definition: &Definition,
    values: &BTreeMap<String, Value>,
    model: &str,
    extractor: Arc<Extractor>,
    most_pictures: usize,
) -> Result<Questions, ServiceError> {
    let Kind::MultiInput {
        outputs, prompt, ..
    } = &definition.kind
    else {
        return Err(ServiceError::NoDefinition);
    };
    let desk = Desk::new(extractor, most_pictures);
    let template_values = values
        .iter()
        .map(|(name, value)| (name.clone(), template_value(value, &desk)));
    let writer = Writer {
        values: template_values.collect(),
        desk,
        system: definition.system.as_ref(),
        model,
    };
    let main = prompt
        .as_ref()
        .map(|prompt| writer.question(prompt, wanted(outputs), None));
    let outputs = outputs.iter().map(|row| writer.output(row, values));
    Ok(Questions {
        main: main.transpose()?,
        outputs: outputs.collect::<Result<_, _>>()?,
    })
}

/// A document that cannot be read, as the field's error.
pub(in crate::service) fn refuse(field: &str, error: DeskError) -> ServiceError {
    match error {
        DeskError::File(error) => FieldError::named(field, FieldProblem::File(error)).into(),
        DeskError::TooManyPictures(limit) => ServiceError::TooManyImages { limit },
    }
}

/// A text as the only turn.
pub(in crate::service) fn turn(text: String, images: Vec<Image>) -> Vec<Turn> {
    vec![Turn {
        role: Role::User,
        text,
        images,
    }]
}

impl Writer<'_> {
    fn output(
        &self,
        row: &OutputRow,
        values: &BTreeMap<String, Value>,
    ) -> Result<OutputQuestions, ServiceError> {
        let mut questions = OutputQuestions {
            file_name: self.name(row.file.as_ref().map(|file| &file.name), None)?,
            ..OutputQuestions::default()
        };
        match &row.source {
            Source::Answer | Source::Field(_) => {}
            Source::Prompt(prompt) => {
                questions
                    .asked
                    .push(self.question(prompt, Wanted::Text, None)?);
            }
            Source::Each { input, prompt } => {
                let Some(Value::Documents(documents)) = values.get(input) else {
                    return Ok(questions);
                };
                for document in documents {
                    let document = Some(document);
                    questions
                        .asked
                        .push(self.question(prompt, Wanted::Text, document)?);
                    let entry = self.name(row.file.as_ref().and_then(entry), document)?;
                    questions.entries.extend(entry);
                }
            }
        }
        Ok(questions)
    }

    fn question(
        &self,
        prompt: &Prompt,
        wanted: Wanted,
        document: Option<&Document>,
    ) -> Result<ModelRequest, ServiceError> {
        let values = self.values(document);
        let system = self.system.map(|system| system.fill(&values)).transpose()?;
        let text = prompt.fill(&values)?;
        let images = self.desk.pictures().map_err(|error| self.refuse(error))?;
        Ok(ModelRequest {
            model: self.model.to_owned(),
            system,
            wanted,
            turns: turn(text, images),
        })
    }

    fn name(
        &self,
        name: Option<&Prompt>,
        document: Option<&Document>,
    ) -> Result<Option<String>, ServiceError> {
        let filled = name
            .map(|name| name.fill(&self.values(document)))
            .transpose()?;
        self.desk.pictures().map_err(|error| self.refuse(error))?;
        Ok(filled)
    }

    fn values(&self, document: Option<&Document>) -> BTreeMap<String, minijinja::Value> {
        let mut values = self.values.clone();
        if let Some(document) = document {
            let value = self.desk.value(std::slice::from_ref(document));
            values.insert(FILE.to_owned(), value);
        }
        values
    }

    /// A file that cannot be read is told by its own name; which of the fields has it, its sender knows.
    fn refuse(&self, error: DeskError) -> ServiceError {
        refuse("files", error)
    }
}

fn entry(file: &ResultFile) -> Option<&Prompt> {
    match &file.content {
        FileContent::Archive { entry, .. } => Some(entry),
        FileContent::Written(_) => None,
    }
}

/// The members that the answer to the definition's prompt must have.
fn wanted(outputs: &[OutputRow]) -> Wanted {
    let mut members: Vec<String> = Vec::new();
    for row in outputs {
        if let Source::Field(field) = &row.source
            && !members.contains(field)
        {
            members.push(field.clone());
        }
    }
    if members.is_empty() {
        Wanted::Text
    } else {
        Wanted::Members(members)
    }
}

/// What was left out is empty: templates may print and test it.
fn template_value(value: &Value, desk: &Arc<Desk>) -> minijinja::Value {
    match value {
        Value::Nothing => "".into(),
        Value::Text(text) => text.as_str().into(),
        Value::Whole(number) => (*number).into(),
        Value::Number(number) => (*number).into(),
        Value::Documents(documents) => desk.value(documents),
    }
}
