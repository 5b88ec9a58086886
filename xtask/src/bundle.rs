use std::process::ExitCode;

use crate::{error::Result, progress, setup, site, sizes::Table, workspace, zip};

/// The `bundle` command: `dist/`, `target/aicon-frontend.zip`, and the size table on stdout.
pub(crate) fn run() -> Result<ExitCode> {
    let dist = site::build(&setup::for_builds()?)?;
    let archive = workspace::target().join("aicon-frontend.zip");
    zip::pack(&dist, &archive)?;
    progress::say(&format!("upload this file to AICON: {}", archive.display()));
    let table = Table::of(&dist)?;
    print!("{}", table.render());
    Ok(if table.passes() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
