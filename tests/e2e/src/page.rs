//! The app through its public handles: `data-testid`, `data-role`, `data-status`, and the routes.

mod chat;
mod checks;
mod files;
mod script;

use std::path::Path;
use std::sync::Mutex;

use serde::de::DeserializeOwned;
use serde_json::Value;
use thirtyfour::{By, WebDriver, WebElement};
use url::Url;

pub use chat::Message;

use crate::error::Result;
use crate::wait::until;

/// The tab that the test looks at.
pub struct Page {
    driver: WebDriver,
    site: String,
    seen: Seen,
}

/// Logs that the driver hands out once only, kept for all who ask.
#[derive(Default)]
struct Seen {
    console: Mutex<Vec<String>>,
    requests: Mutex<Vec<String>>,
}

impl Page {
    pub(crate) fn new(driver: WebDriver, site: String) -> Self {
        Self {
            driver,
            site,
            seen: Seen::default(),
        }
    }

    /// The session, for what has no method here.
    pub fn driver(&self) -> &WebDriver {
        &self.driver
    }

    /// Opens a path of the hosted bundle, such as `/chat`.
    ///
    /// # Errors
    ///
    /// When the browser refuses.
    pub async fn open(&self, path: &str) -> Result<()> {
        Ok(self.driver.goto(format!("{}{path}", self.site)).await?)
    }

    /// Reloads the page.
    ///
    /// # Errors
    ///
    /// When the browser refuses.
    pub async fn reload(&self) -> Result<()> {
        Ok(self.driver.refresh().await?)
    }

    /// What the address bar shows.
    ///
    /// # Errors
    ///
    /// When the browser refuses.
    pub async fn url(&self) -> Result<Url> {
        Ok(self.driver.current_url().await?)
    }

    /// Waits until the address bar shows this path of the bundle.
    ///
    /// # Errors
    ///
    /// When it does not come.
    pub async fn wait_for_path(&self, path: &str) -> Result<()> {
        let site = self.site.clone();
        until(&format!("the path {path}"), async || {
            let url = self.url().await?;
            let is_there = url.as_str().starts_with(&site) && url.path() == path;
            Ok(is_there.then_some(()))
        })
        .await
    }

    /// Waits for the first visible element with this handle.
    ///
    /// # Errors
    ///
    /// When it does not come.
    pub async fn wait_for(&self, handle: &str) -> Result<WebElement> {
        until(&format!("`{handle}`"), async || {
            let element = self.driver.find(By::Css(selector(handle))).await?;
            Ok(element.is_displayed().await?.then_some(element))
        })
        .await
    }

    /// Waits until no element with this handle is there.
    ///
    /// # Errors
    ///
    /// When it does not go.
    pub async fn wait_until_gone(&self, handle: &str) -> Result<()> {
        let what = format!("`{handle}` to go");
        until(&what, async || {
            Ok((self.count(handle).await? == 0).then_some(()))
        })
        .await
    }

    /// How many elements with this handle there are.
    ///
    /// # Errors
    ///
    /// When the browser refuses.
    pub async fn count(&self, handle: &str) -> Result<usize> {
        self.ask(
            "return document.querySelectorAll(arguments[0]).length",
            &[selector(handle).into()],
        )
        .await
    }

    /// Waits until the element is there and enabled, and clicks it.
    ///
    /// # Errors
    ///
    /// When it does not come.
    pub async fn click(&self, handle: &str) -> Result<()> {
        until(&format!("`{handle}` to be clicked"), async || {
            let element = self.driver.find(By::Css(selector(handle))).await?;
            if !element.is_enabled().await? {
                return Ok(None);
            }
            element.click().await?;
            Ok(Some(()))
        })
        .await
    }

    /// Types key by key, as a person does.
    ///
    /// # Errors
    ///
    /// When the element does not come.
    pub async fn type_into(&self, handle: &str, text: &str) -> Result<()> {
        Ok(self.wait_for(handle).await?.send_keys(text).await?)
    }

    /// Chooses an entry of a list by its value.
    ///
    /// # Errors
    ///
    /// When there is no such list.
    pub async fn choose(&self, handle: &str, value: &str) -> Result<()> {
        self.wait_for(handle).await?;
        self.driver
            .execute(script::CHOOSE, vec![selector(handle).into(), value.into()])
            .await?;
        Ok(())
    }

    /// What a field holds.
    ///
    /// # Errors
    ///
    /// When the element does not come.
    pub async fn value_of(&self, handle: &str) -> Result<String> {
        Ok(self
            .wait_for(handle)
            .await?
            .prop("value")
            .await?
            .unwrap_or_default())
    }

    /// The visible text of the first element with this handle, empty when there is none.
    ///
    /// # Errors
    ///
    /// When the browser refuses.
    pub async fn text_of(&self, handle: &str) -> Result<String> {
        self.ask(script::TEXT_OF, &[selector(handle).into()]).await
    }

    /// The visible text of the whole page.
    ///
    /// # Errors
    ///
    /// When the browser refuses.
    pub async fn text(&self) -> Result<String> {
        self.ask("return document.body ? document.body.innerText : ''", &[])
            .await
    }

    /// Waits until the page's visible text contains this.
    ///
    /// # Errors
    ///
    /// When it does not come.
    pub async fn wait_for_text(&self, part: &str) -> Result<()> {
        until(&format!("the text `{part}`"), async || {
            Ok(self.text().await?.contains(part).then_some(()))
        })
        .await
    }

    /// The document as it is now.
    ///
    /// # Errors
    ///
    /// When the browser refuses.
    pub async fn html(&self) -> Result<String> {
        Ok(self.driver.source().await?)
    }

    /// Writes what the tab shows as a PNG.
    ///
    /// # Errors
    ///
    /// When the browser refuses or the file cannot be written.
    pub async fn screenshot(&self, path: &Path) -> Result<()> {
        Ok(self.driver.screenshot(path).await?)
    }

    /// Runs a script in the page and reads what it returns.
    ///
    /// # Errors
    ///
    /// When the script throws or returns another shape.
    pub async fn ask<T: DeserializeOwned>(&self, script: &str, arguments: &[Value]) -> Result<T> {
        let answer = self.driver.execute(script, arguments.to_vec()).await?;
        Ok(answer.convert()?)
    }
}

/// The CSS selector of a handle.
pub(crate) fn selector(handle: &str) -> String {
    format!("[data-testid=\"{handle}\"]")
}
