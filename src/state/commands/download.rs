//! "Download all": the results of a run as one ZIP, put together in the browser. Contents stay blobs, which browsers keep on disk;
//! only a part of one is in memory at a time.

use std::rc::Rc;

use aicon_protocol::aicon::OutputKind;
use gloo::timers::callback::Timeout;
use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

use super::super::form::{Output, Run};
use super::Commands;
use super::attach::{kept_blob, preview_of};
use crate::api::{file, file_name, is_of_api};
use crate::browser::document;
use crate::zip::{Crc32, Zip};

/// What the sample calls its own archive, too (`aicon.md` 5).
pub const ARCHIVE_NAME: &str = "processed_files.zip";
const RESULTS_NAME: &str = "results.zip";
/// Bytes that are looked at at once.
const PART: f64 = (4 * 1024 * 1024) as f64;
/// A browser has begun with a download long before.
const URL_LIVES_MS: u32 = 60_000;

impl Commands {
    /// Downloads all results of a run as one ZIP. `on_done` is told the names of those that could not be had; the rest is in the ZIP.
    pub fn download_all(&self, run: &Rc<Run>, on_done: impl FnOnce(Vec<String>) + 'static) {
        let (commands, run) = (self.clone(), run.clone());
        spawn_local(async move { on_done(commands.zip(&run).await) });
    }

    async fn zip(&self, run: &Run) -> Vec<String> {
        let (mut zip, parts, mut missing) = (Zip::default(), Array::new(), Vec::new());
        for output in &run.outputs {
            let name = name_of(output);
            let content = self.content_of(output).await;
            match content {
                Some(blob) if add(&mut zip, &parts, &name, &blob).await.is_some() => {}
                _ => missing.push(name),
            }
        }
        if missing.len() < run.outputs.len() {
            parts.push(&Uint8Array::from(&*zip.end()));
            save(&parts, RESULTS_NAME);
        }
        missing
    }

    async fn content_of(&self, output: &Output) -> Option<Blob> {
        if output.kind == OutputKind::Text {
            let text = Array::of1(&(&*output.value).into());
            return Blob::new_with_str_sequence(&text).ok();
        }
        match &output.kept {
            Some(key) => kept_blob(key).await,
            None if is_of_api(&self.0.config, &output.value) => file(&output.value).await.ok(),
            None => None,
        }
    }
}

/// What a result is called as a file.
fn name_of(output: &Output) -> String {
    match output.kind {
        OutputKind::Text => [&output.param_name, ".md"].concat(),
        _ if output.kept.is_some() => ARCHIVE_NAME.to_owned(),
        _ => file_name(&output.value),
    }
}

/// `None`: the content cannot be read, or the archive would become too large.
async fn add(zip: &mut Zip, parts: &Array, name: &str, blob: &Blob) -> Option<()> {
    let (size, mut at, mut crc) = (blob.size(), 0.0, Crc32::default());
    while at < size {
        let end = f64::min(at + PART, size);
        let part = blob.slice_with_f64_and_f64(at, end).ok()?;
        let buffer = JsFuture::from(part.array_buffer()).await.ok()?;
        crc.update(&Uint8Array::new(&buffer).to_vec());
        at = end;
    }
    let header = zip.add(name, size as u64, crc.value())?;
    parts.push(&Uint8Array::from(&*header));
    parts.push(blob);
    Some(())
}

/// Hands these parts to the browser as a download.
fn save(parts: &Array, name: &str) {
    let options = BlobPropertyBag::new();
    options.set_type("application/zip");
    let blob = Blob::new_with_u8_array_sequence_and_options(parts, &options).ok();
    let link = document().create_element("a").ok();
    if let (Some(url), Some(link)) = (blob.as_ref().and_then(preview_of), link) {
        let link: HtmlAnchorElement = link.unchecked_into();
        link.set_href(&url);
        link.set_download(name);
        link.click();
        // Unknown only if it was revoked before.
        Timeout::new(URL_LIVES_MS, move || drop(Url::revoke_object_url(&url))).forget();
    }
}
