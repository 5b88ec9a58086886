//! Outputs from answers.

use aicon_documents::{Archive, Format, Kind, SafeName};
use aicon_protocol::aicon::OutputKind;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use crate::models::{FileContent, OutputRow, Source};
use crate::service::image;

/// An output before its file is kept.
#[derive(Debug, PartialEq)]
pub(super) enum Made {
    /// A text, or the address of a picture elsewhere.
    Text(String),
    /// A file of ours.
    File(MadeFile),
}

/// See [`Made::File`].
#[derive(Debug, PartialEq)]
pub(in crate::service) struct MadeFile {
    pub(in crate::service) name: SafeName,
    pub(in crate::service) media_type: &'static str,
    pub(in crate::service) bytes: Vec<u8>,
}

/// The answer to a definition's prompt, with its members where outputs need them.
#[derive(Debug)]
pub(super) struct MainAnswer {
    pub(super) text: String,
    members: Option<Map<String, Value>>,
}

impl MainAnswer {
    pub(super) fn new(text: String) -> Self {
        Self {
            members: object(&text),
            text,
        }
    }

    fn member(&self, name: &str) -> Result<String, String> {
        let members = self
            .members
            .as_ref()
            .ok_or("the answer is not a JSON object")?;
        match members.get(name) {
            None | Some(Value::Null) => Err(format!("the answer has no member `{name}`")),
            Some(Value::String(text)) => Ok(text.clone()),
            Some(other @ (Value::Array(_) | Value::Object(_))) => {
                serde_json::to_string_pretty(other).map_err(|error| error.to_string())
            }
            Some(other) => Ok(other.to_string()),
        }
    }
}

/// Makes an output. `own` are the answers to its own prompts, `entries` their names in an archive.
///
/// # Errors
/// What the answer lacks; nothing of the answer is in it.
pub(super) fn make(
    row: &OutputRow,
    main: Option<&MainAnswer>,
    own: Vec<String>,
    entries: &[String],
    file_name: Option<&str>,
) -> Result<Made, String> {
    if let Some(FileContent::Archive { format, .. }) = row.file.as_ref().map(|file| &file.content) {
        return archive(file_name, &own, entries, *format).map(Made::File);
    }
    let text = match (&row.source, main) {
        (Source::Field(name), Some(main)) => main.member(name)?,
        (Source::Answer, Some(main)) => main.text.clone(),
        _ => own.into_iter().next().ok_or("there is no answer")?,
    };
    match (row.kind, row.file.as_ref().map(|file| &file.content)) {
        (OutputKind::File, Some(FileContent::Written(format))) => {
            written(file_name.unwrap_or_default(), &text, *format).map(Made::File)
        }
        (OutputKind::Image, _) => picture(&row.param_name, &text),
        _ => Ok(Made::Text(text)),
    }
}

/// A text as a file of a format, whatever extension the name was filled in with.
pub(in crate::service) fn written(
    name: &str,
    text: &str,
    format: Format,
) -> Result<MadeFile, String> {
    Ok(MadeFile {
        name: with_extension(name, format.kind().extension()),
        media_type: format.kind().media_type(),
        bytes: format.write(text).map_err(|error| error.to_string())?,
    })
}

/// Files in a ZIP.
pub(in crate::service) fn zipped(name: &str, files: Vec<MadeFile>) -> Result<MadeFile, String> {
    let mut archive = Archive::new(Vec::new());
    for file in files {
        let added = archive.add(&file.name, &mut file.bytes.as_slice());
        added.map_err(|error| error.to_string())?;
    }
    Ok(MadeFile {
        name: with_extension(name, "zip"),
        media_type: "application/zip",
        bytes: archive.finish().map_err(|error| error.to_string())?,
    })
}

fn archive(
    name: Option<&str>,
    answers: &[String],
    entries: &[String],
    format: Format,
) -> Result<MadeFile, String> {
    let files = entries.iter().zip(answers);
    let files = files.map(|(entry, answer)| written(entry, answer, format));
    zipped(name.unwrap_or_default(), files.collect::<Result<_, _>>()?)
}

/// A template can make any name of its inputs; the extension stays the one that the definition promises.
fn with_extension(name: &str, extension: &str) -> SafeName {
    let name = name.trim();
    let has_it = name
        .rsplit_once('.')
        .is_some_and(|(stem, found)| !stem.is_empty() && found.eq_ignore_ascii_case(extension));
    if has_it {
        SafeName::new(name)
    } else {
        SafeName::new(&format!("{name}.{extension}"))
    }
}

/// A picture that the answer brings as a `data:` URL becomes a file of ours; the address of one elsewhere stays one, and is
/// never fetched here (S23).
fn picture(param_name: &str, answer: &str) -> Result<Made, String> {
    let text = answer.trim();
    if let Some((_, data)) = text
        .strip_prefix("data:image/")
        .and_then(|rest| rest.split_once(";base64,"))
    {
        let bytes = STANDARD
            .decode(data.trim())
            .map_err(|_| "the picture's base64 is broken")?;
        let header = image::header(&bytes).ok_or("the picture is no PNG, JPEG or WebP")?;
        let kind = [Kind::Png, Kind::Jpeg, Kind::Webp]
            .into_iter()
            .find(|kind| kind.media_type() == header.media_type)
            .ok_or("the picture is no PNG, JPEG or WebP")?;
        return Ok(Made::File(MadeFile {
            name: with_extension(param_name, kind.extension()),
            media_type: kind.media_type(),
            bytes,
        }));
    }
    let url = url::Url::parse(text).map_err(|_| "the answer is no address of a picture")?;
    match url.scheme() {
        "https" | "http" => Ok(Made::Text(url.into())),
        _ => Err("the answer is no address of a picture".to_owned()),
    }
}

/// The object in an answer: all of it, inside of a fence, or between words around it.
fn object(answer: &str) -> Option<Map<String, Value>> {
    let parse = |text: &str| serde_json::from_str::<Map<String, Value>>(text).ok();
    parse(answer.trim()).or_else(|| {
        let (start, end) = (answer.find('{')?, answer.rfind('}')?);
        parse(answer.get(start..=end)?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_found_whatever_stands_around_the_object() {
        for answer in [
            "{\"a\": \"값\"}",
            "```json\n{\"a\": \"값\"}\n```",
            "물론입니다!\n{ \"a\" : \"값\" }\n도움이 되었기를 바랍니다.",
        ] {
            assert_eq!(
                MainAnswer::new(answer.to_owned()).member("a"),
                Ok("값".to_owned())
            );
        }
        let others = MainAnswer::new("{\"n\": 1.5, \"l\": [1], \"no\": null}".to_owned());
        assert_eq!(others.member("n"), Ok("1.5".to_owned()));
        assert_eq!(others.member("l"), Ok("[\n  1\n]".to_owned()));
        assert_eq!(
            others.member("no"),
            Err("the answer has no member `no`".to_owned())
        );
        let none = MainAnswer::new("no object".to_owned());
        assert_eq!(
            none.member("a"),
            Err("the answer is not a JSON object".to_owned())
        );
    }

    #[test]
    fn a_file_has_the_extension_that_was_promised() {
        for (name, expected) in [
            ("요약.md", "요약.md"),
            ("요약.MD", "요약.MD"),
            ("../../etc/passwd", "passwd.md"),
            ("a.exe", "a.exe.md"),
            (".md", "md.md"),
        ] {
            let file = written(name, "x", Format::Markdown).unwrap();
            assert_eq!(file.name.as_str(), expected, "{name}");
        }
    }

    #[test]
    fn a_picture_is_an_address_or_its_own_bytes() {
        assert_eq!(
            picture("P", " https://example.com/a.png\n"),
            Ok(Made::Text("https://example.com/a.png".to_owned()))
        );
        for wrong in [
            "javascript:alert(1)",
            "a word",
            "data:image/svg+xml;base64,PHN2Zz4=",
            "data:image/png;base64,!",
        ] {
            assert!(picture("P", wrong).is_err(), "{wrong}");
        }
    }
}
