//! Files that go in and come out without the browser's dialogues.

use std::path::PathBuf;

use serde_json::{Value, json};
use thirtyfour::By;

use super::{Page, script, selector};
use crate::error::Result;

impl Page {
    /// Drops files on the element: the only way for names that the driver cannot type, such as Korean ones.
    ///
    /// # Errors
    ///
    /// When the element does not come.
    pub async fn drop_files(&self, handle: &str, files: &[(&str, &[u8])]) -> Result<()> {
        self.wait_for_any(handle).await?;
        let files: Vec<Value> = files
            .iter()
            .map(|(name, content)| json!({ "name": name, "content": content }))
            .collect();
        self.driver()
            .execute(script::DROP, vec![selector(handle).into(), files.into()])
            .await?;
        Ok(())
    }

    /// Chooses files from the disk in a file field. The driver types their names: ASCII only.
    ///
    /// # Errors
    ///
    /// When the element does not come.
    pub async fn choose_files(&self, handle: &str, files: &[PathBuf]) -> Result<()> {
        self.wait_for_any(handle).await?;
        let field = self.driver().find(By::Css(selector(handle))).await?;
        let paths: Vec<String> = files
            .iter()
            .map(|file| file.display().to_string())
            .collect();
        Ok(field.send_keys(paths.join("\n")).await?)
    }

    /// From now on downloads that the page's scripts begin are noted instead.
    ///
    /// # Errors
    ///
    /// When the browser refuses.
    pub async fn catch_downloads(&self) -> Result<()> {
        self.driver()
            .execute(script::CATCH_DOWNLOADS, Vec::new())
            .await?;
        Ok(())
    }

    /// Name and content of the last download that was caught.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub async fn caught(&self) -> Result<(String, Vec<u8>)> {
        crate::wait::until("a download", async || {
            let caught: Option<(String, Vec<u8>)> = self.ask(script::CAUGHT, &[]).await?;
            Ok(caught)
        })
        .await
    }

    /// Limits the browser's upload to this many bytes a second; 0: no limit.
    ///
    /// # Errors
    ///
    /// When the browser refuses.
    pub async fn slow_uploads(&self, bytes: u32) -> Result<()> {
        let upload = if bytes == 0 { -1 } else { i64::from(bytes) };
        let conditions = json!({
            "offline": false, "latency": 0, "downloadThroughput": -1, "uploadThroughput": upload,
        });
        self.driver()
            .cdp()
            .send_raw("Network.emulateNetworkConditions", conditions)
            .await?;
        Ok(())
    }

    /// Waits for an element that people do not see: a file input is behind its label.
    async fn wait_for_any(&self, handle: &str) -> Result<()> {
        crate::wait::until(&format!("`{handle}`"), async || {
            Ok((self.count(handle).await? > 0).then_some(()))
        })
        .await
    }
}
