//! Memory of the accountant's export.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use aicon_crash::servers::backend_binary;

use super::settlement::DIRECTORY;
use crate::error::{Error, Result};
use crate::figure::{Figure, Target};
use crate::memory;

const MEBIBYTE: f64 = 1024.0 * 1024.0;
const POLL: Duration = Duration::from_millis(2);

/// Of all rows that [`super::settlement`] has left, against an export of a day without any.
pub(super) async fn run(place: &Path, rows: u64) -> Result<Vec<Figure>> {
    let data = place.join(DIRECTORY).join("backend");
    let nothing = ["--from", "2001/01/01", "--to", "2001/01/01"];
    let all = ["--from", "2001/01/01", "--to", "2999/12/31"];
    let mut figures = Vec::new();
    for format in ["jsonl", "csv"] {
        let idle = peak(&data, format, nothing).await?;
        let peak = peak(&data, format, all).await?;
        figures.push(Figure::new(
            format!("memory of an export of {rows} rows as {format}, above idle"),
            "MiB",
            Target::AtMost(64.0),
            (peak - idle) / MEBIBYTE,
        ));
    }
    Ok(figures)
}

/// Bytes that the export has had in memory at its largest.
async fn peak(data: &Path, format: &str, days: [&str; 4]) -> Result<f64> {
    let mut export = Command::new(backend_binary())
        .args(["usage", "export", "--format", format])
        .args(days)
        .env("AICON_DATA", data)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()?;
    let status = format!("/proc/{}/status", export.id());
    let mut peak = 0.0;
    loop {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        peak = memory::high_water_mark(&text).unwrap_or(0.0).max(peak);
        if let Some(status) = export.try_wait()? {
            return if status.success() && peak > 0.0 {
                Ok(peak)
            } else {
                Err(Error::Unexpected(format!("the export ended with {status}")))
            };
        }
        tokio::time::sleep(POLL).await;
    }
}
