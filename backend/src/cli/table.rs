//! Tables and lines of JSON on standard output.

use std::io::Write as _;

use serde::Serialize;

use super::CliError;

/// Columns as wide as they need to be, under a heading.
pub(super) fn print(heading: &[&str], rows: &[Vec<String>]) -> Result<(), CliError> {
    let heading: Vec<_> = heading.iter().map(|&name| name.to_owned()).collect();
    let all: Vec<&Vec<String>> = std::iter::once(&heading).chain(rows).collect();
    let widths: Vec<usize> = (0..heading.len())
        .map(|column| {
            let cells = all.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        })
        .collect();
    let mut text = String::new();
    for row in all {
        let cells: Vec<_> = row
            .iter()
            .zip(&widths)
            .map(|(cell, &width)| format!("{:width$}", printable(cell)))
            .collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    write(&text)
}

/// One object a line.
pub(super) fn print_json<T: Serialize>(rows: &[T]) -> Result<(), CliError> {
    let mut text = String::new();
    for row in rows {
        text.push_str(&serde_json::to_string(row)?);
        text.push('\n');
    }
    write(&text)
}

/// Writes to standard output.
pub(super) fn write(text: &str) -> Result<(), CliError> {
    std::io::stdout()
        .write_all(text.as_bytes())
        .map_err(CliError::io("write to standard output"))
}

/// Control characters would be the terminal's commands.
fn printable(cell: &str) -> String {
    let shown = |character: char| {
        if character.is_control() {
            '?'
        } else {
            character
        }
    };
    cell.chars().map(shown).collect()
}
