//! Files as the browser hands them over, and their names.

use aicon_markdown::long_text;
use web_sys::{DataTransfer, File, FileList};
use yew::prelude::*;

/// A name that can neither reorder what stands beside it nor, unseen, itself.
pub(super) fn file_name(name: &str) -> Html {
    html! { <bdi class="file-name">{ long_text(name) }</bdi> }
}

/// The files of a drop or a paste.
pub(super) fn files_of(transfer: &DataTransfer) -> Vec<File> {
    transfer.files().map(list).unwrap_or_default()
}

/// As a list of ours.
pub(super) fn list(files: FileList) -> Vec<File> {
    (0..files.length()).filter_map(|at| files.get(at)).collect()
}
