//! `bench form`: a form of many fields and many large files, in a real browser against the real servers.

mod definition;
mod files;
mod latency;
mod opening;
mod sending;

use std::path::Path;
use std::time::Instant;

use aicon_e2e::setup::Login;
use aicon_e2e::{Setup, World};

use crate::error::Result;
use crate::figure::Figure;
use crate::place::Place;
use crate::say;

/// What to measure.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Fields of the form.
    #[arg(long, default_value_t = 200)]
    fields: usize,
    /// Keys pressed in its last field.
    #[arg(long, default_value_t = 300)]
    keys: usize,
    /// Files sent with it.
    #[arg(long, default_value_t = 50)]
    files: usize,
    /// Megabytes (10⁶ bytes) of each file.
    #[arg(long, default_value_t = 10)]
    megabytes: usize,
    /// Only these parts; may be given several times.
    #[arg(long, value_enum)]
    only: Vec<Part>,
}

/// The parts of the bench, in the order in which they run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// From the navigation to the painted form.
    Opening,
    /// From a key to its paint.
    Latency,
    /// Files on their way, and what everybody holds meanwhile.
    Sending,
}

impl Args {
    fn wants(&self, part: Part) -> bool {
        self.only.is_empty() || self.only.contains(&part)
    }
}

/// Measures; the figures are in the order of the parts.
pub(crate) async fn run(args: &Args, directory: &Path) -> Result<Vec<Figure>> {
    let started = Instant::now();
    let step = |text: &str| say(&format!("{:>4} s  {text}", started.elapsed().as_secs()));
    // The browser and the server want paths that hold wherever they stand.
    let place = Place::new(&std::path::absolute(directory)?, "form-data")?;
    let mut figures = Vec::new();
    World::run("bench-form", setup(args, place.path())?, async |world| {
        let page = &world.page;
        if args.wants(Part::Opening) {
            step("opening the form");
            figures.extend(opening::run(page, args.fields).await?);
        }
        page.open("/chat").await?;
        page.wait_for(&definition::handle(definition::LAST)).await?;
        if args.wants(Part::Latency) {
            step("typing into the last field");
            figures.extend(latency::run(page, args.keys).await?);
        }
        if args.wants(Part::Sending) {
            step("sending files");
            figures.extend(sending::run(page, &world.backend.origin, args, place.path()).await?);
        }
        Ok(())
    })
    .await?;
    step("done");
    Ok(figures)
}

fn setup(args: &Args, folder: &Path) -> Result<Setup> {
    let bytes = args.megabytes as u64 * 1_000_000;
    let rows = definition::rows(args.fields, args.files, bytes);
    let models = folder.join("models");
    std::fs::create_dir_all(&models)?;
    std::fs::write(models.join("form.toml"), definition::toml(&rows))?;
    Ok(Setup::default()
        .login(Login::None)
        .config("uiType", "multiInput")
        .config("inputs", definition::inputs(&rows))
        .config("outputs", definition::outputs())
        .backend("AICON_MODELS", &models.display().to_string()))
}
