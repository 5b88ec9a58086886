//! `aicon-bench`: measurements of this project against its targets, as `cargo xtask bench` runs them.
//!
//! [`figure`] is what every bench ends with: named values, each with its bound, as a table and as JSON. [`ledger`],
//! [`form`], [`markdown`] and [`stream`] are the benches, [`memory`] what processes hold,
//! [`paint`] when something is on a page's screen. Values are medians of several runs within one process; ratios are taken within one run.

mod error;
mod figure;
mod form;
mod ledger;
mod markdown;
mod memory;
mod paint;
mod place;
mod sample;
mod stream;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Measures this project.
#[derive(Parser)]
struct Cli {
    /// Where databases of the measurement and its JSON go; on the disk that is to be measured.
    #[arg(long, global = true, default_value = "target/bench")]
    directory: PathBuf,
    #[command(subcommand)]
    bench: Bench,
}

#[derive(Subcommand)]
enum Bench {
    /// The ledger: recording, delivery, settlement, export.
    Ledger(ledger::Args),
    /// The multi-input form: many fields and large files, in a real browser.
    Form(form::Args),
    /// A growing answer beside other renderers, in a real browser.
    Markdown(markdown::Args),
    /// The chat's stream, beside a plain pass-through.
    Stream(stream::Args),
    /// Work whose instructions are counted.
    #[command(hide = true)]
    Parse(markdown::Parse),
    /// A process that a bench measures.
    #[command(hide = true)]
    Server {
        #[command(subcommand)]
        server: stream::Server,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let (name, figures) = match cli.bench {
        Bench::Ledger(args) => ("ledger", ledger::run(&args, &cli.directory).await),
        Bench::Form(args) => ("form", form::run(&args, &cli.directory).await),
        Bench::Markdown(args) => ("markdown", markdown::run(&args, &cli.directory).await),
        Bench::Stream(args) => ("stream", stream::run(&args, &cli.directory).await),
        Bench::Parse(parse) => {
            parse.run();
            return ExitCode::SUCCESS;
        }
        Bench::Server { server } => {
            // It serves until it is killed: its end is a failure.
            if let Err(error) = server.serve().await {
                say(&format!("error: {error}"));
            }
            return ExitCode::FAILURE;
        }
    };
    let figures = match figures {
        Ok(figures) => figures,
        Err(error) => {
            say(&format!("error: {error}"));
            return ExitCode::FAILURE;
        }
    };
    let file = cli.directory.join(format!("{name}.json"));
    if let Err(error) = std::fs::write(&file, figure::json(&figures)) {
        say(&format!(
            "error: failed to write `{}`: {error}",
            file.display()
        ));
        return ExitCode::FAILURE;
    }
    // Standard output may be closed; then there is nobody to tell.
    _ = write!(std::io::stdout(), "{}", figure::table(&figures));
    say(&format!("written to {}", file.display()));
    if figures.iter().all(figure::Figure::holds) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Tells the person at the terminal what is going on.
fn say(text: &str) {
    _ = writeln!(std::io::stderr(), "{text}");
}
