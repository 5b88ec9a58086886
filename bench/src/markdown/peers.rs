//! Pages of other renderers: installed from the npm registry into a temporary folder and bundled there.

use std::fs;
use std::path::Path;
use std::process::Command;

use aicon_e2e::paths;

use crate::error::{Error, Result};

/// What shows the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub(crate) enum Renderer {
    /// The app.
    Ours,
    /// Nothing is shown.
    Read,
    /// The text as it is.
    Text,
    /// One render of the finished text.
    Floor,
    /// `marked` and DOMPurify for the whole text.
    Marked,
    /// `marked` and DOMPurify for the blocks that changed.
    MarkedBlocks,
    /// `streaming-markdown`.
    StreamingMarkdown,
    /// `@incremark/react`.
    Incremark,
    /// `streamdown`.
    Streamdown,
    /// `react-markdown` with `remark-gfm`.
    ReactMarkdown,
}

impl Renderer {
    pub(crate) const ALL: [Self; 10] = [
        Self::Ours,
        Self::Read,
        Self::Text,
        Self::Floor,
        Self::Marked,
        Self::MarkedBlocks,
        Self::StreamingMarkdown,
        Self::Incremark,
        Self::Streamdown,
        Self::ReactMarkdown,
    ];

    /// Whether it is another one's answer to our task, and no bound of it.
    pub(crate) fn is_peer(self) -> bool {
        !matches!(self, Self::Ours | Self::Read | Self::Text | Self::Floor)
    }

    /// For tables.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Read => "reading only",
            Self::Text => "plain text",
            Self::Floor => "finished text once",
            Self::Marked => "marked + DOMPurify",
            Self::MarkedBlocks => "marked by blocks",
            Self::StreamingMarkdown => "streaming-markdown",
            Self::Incremark => "@incremark/react",
            Self::Streamdown => "streamdown",
            Self::ReactMarkdown => "react-markdown",
        }
    }

    /// The path of its page.
    pub(crate) fn path(self) -> String {
        match self.file() {
            Some(file) => format!("/peers/{file}.html"),
            None => "/chat".to_owned(),
        }
    }

    fn file(self) -> Option<&'static str> {
        Some(match self {
            Self::Ours => return None,
            Self::Read => "read",
            Self::Text => "text",
            Self::Floor => "floor",
            Self::Marked => "marked",
            Self::MarkedBlocks => "marked-blocks",
            Self::StreamingMarkdown => "streaming-markdown",
            Self::Incremark => "incremark",
            Self::Streamdown => "streamdown",
            Self::ReactMarkdown => "react-markdown",
        })
    }
}

/// Makes a copy of the bundle in `site` that also holds the pages of these renderers; packages go to `folder`.
pub(crate) fn build(renderers: &[Renderer], folder: &Path, site: &Path) -> Result<()> {
    copy(&paths::dist()?, site)?;
    let sources = paths::workspace().join("bench").join("peers");
    copy(&sources, folder)?;
    let files: Vec<_> = renderers.iter().filter_map(|one| one.file()).collect();
    if files.is_empty() {
        return Ok(());
    }
    run(Command::new("npm").current_dir(folder).args([
        "install",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
    ]))?;
    let pages = site.join("peers");
    fs::create_dir_all(&pages)?;
    let page = fs::read_to_string(sources.join("page.html"))?;
    let page = page.replace("<!-- STYLES -->", &styles(site)?);
    for file in files {
        run(Command::new("node_modules/.bin/esbuild")
            .current_dir(folder)
            .arg(format!("{file}.js"))
            .args([
                "--bundle",
                "--minify",
                "--format=esm",
                "--log-level=error",
                "--define:process.env.NODE_ENV=\"production\"",
            ])
            .arg(format!("--outfile={}/{file}.js", pages.display())))?;
        let page = page.replace("SCRIPT", &format!("/peers/{file}.js"));
        fs::write(pages.join(file).with_extension("html"), page)?;
    }
    Ok(())
}

/// The style sheets of the app, so that all text is laid out alike.
fn styles(site: &Path) -> Result<String> {
    let page = fs::read_to_string(site.join("index.html"))?;
    let links = page
        .split_inclusive('>')
        .filter_map(|part| part.rfind("<link").map(|start| &part[start..]))
        .filter(|link| link.contains("stylesheet"));
    Ok(links.collect())
}

fn run(command: &mut Command) -> Result<()> {
    let output = command.output()?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let program = command.get_program().to_string_lossy().into_owned();
    Err(Error::Program { program, said })
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
