//! Files as the browser hands them over.

use web_sys::{DataTransfer, File, FileList};

/// The files of a drop or a paste.
pub(super) fn files_of(transfer: &DataTransfer) -> Vec<File> {
    transfer.files().map(list).unwrap_or_default()
}

/// As a list of ours.
pub(super) fn list(files: FileList) -> Vec<File> {
    (0..files.length()).filter_map(|at| files.get(at)).collect()
}
