//! The chat and the login, step by step.

use std::path::Path;

use serde::Deserialize;
use serde_json::json;
use thirtyfour::By;

use super::{Page, script, selector};
use crate::error::{Error, Result, Timeout};
use crate::wait::until;

/// A turn of the conversation.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Message {
    /// `user` or `assistant`.
    pub role: String,
    /// `streaming`, `done`, `stopped` or `error`.
    pub status: String,
    /// The rendered text.
    pub text: String,
}

impl Page {
    /// Opens the chat, logs in as this user, and waits for the composer.
    ///
    /// # Errors
    ///
    /// When a step does not come.
    pub async fn sign_in(&self, user: &str) -> Result<()> {
        self.open("/chat").await?;
        self.pass_login(user).await?;
        self.wait_for_path("/chat").await?;
        self.wait_for("composer").await?;
        Ok(())
    }

    /// From the login page through AICON's page and back.
    ///
    /// # Errors
    ///
    /// When a step does not come.
    pub async fn pass_login(&self, user: &str) -> Result<()> {
        self.click("login-button").await?;
        self.click(&format!("user-{user}")).await
    }

    /// Types a message and sends it by the button.
    ///
    /// # Errors
    ///
    /// When a step does not come.
    pub async fn send(&self, text: &str) -> Result<()> {
        self.type_into("composer", text).await?;
        self.click("send").await
    }

    /// Sends a message and waits for its finished answer.
    ///
    /// # Errors
    ///
    /// When it does not come, or ends in another way.
    pub async fn ask_model(&self, text: &str) -> Result<Message> {
        let turns = self.messages().await?.len();
        self.send(text).await?;
        self.wait_for_answer(turns + 2, "done").await
    }

    /// Waits until there are this many turns and the last one, an answer, has this status and the same text twice: a busy page
    /// lets a browser task through between rendering a turn's status and its text.
    ///
    /// # Errors
    ///
    /// When it does not come; the error tells of the turns there are.
    pub async fn wait_for_answer(&self, turns: usize, status: &str) -> Result<Message> {
        let what = format!("turn {turns} with status `{status}`");
        let mut before = None;
        let answer = until(&what, async || {
            let mut messages = self.messages().await?;
            let is_there = messages.len() == turns
                && messages
                    .last()
                    .is_some_and(|last| last.role == "assistant" && last.status == status);
            let last = messages.pop().filter(|_| is_there);
            let is_still = last == before;
            before = last.clone();
            Ok(last.filter(|_| is_still))
        });
        match answer.await {
            Err(Error::Timeout(Timeout { what, .. })) => {
                let last_seen = format!("the turns: {}", self.outline().await?);
                Err(Timeout { what, last_seen }.into())
            }
            other => other,
        }
    }

    /// Waits until an answer is streaming and has some text.
    ///
    /// # Errors
    ///
    /// When it does not come.
    pub async fn wait_for_stream(&self) -> Result<()> {
        until("an answer that streams", async || {
            let messages = self.messages().await?;
            let streams =
                |last: &Message| last.status == "streaming" && !last.text.trim().is_empty();
            Ok(messages.last().is_some_and(streams).then_some(()))
        })
        .await
    }

    /// All turns in order.
    ///
    /// # Errors
    ///
    /// When the browser refuses.
    pub async fn messages(&self) -> Result<Vec<Message>> {
        self.ask(script::MESSAGES, &[]).await
    }

    /// Attaches a file by the file input, as the browser's dialogue would.
    ///
    /// # Errors
    ///
    /// When there is no such input.
    pub async fn attach(&self, path: &Path) -> Result<()> {
        let input = until("the file input", async || {
            Ok(Some(
                self.driver.find(By::Css(selector("attach-input"))).await?,
            ))
        });
        Ok(input.await?.send_keys(path.display().to_string()).await?)
    }

    /// The statuses of the attachments in the composer.
    ///
    /// # Errors
    ///
    /// When the browser refuses.
    pub async fn attachments(&self) -> Result<Vec<String>> {
        self.ask(script::ATTACHMENTS, &[]).await
    }

    /// Waits until the attachments have these statuses.
    ///
    /// # Errors
    ///
    /// When they do not get them.
    pub async fn wait_for_attachments(&self, statuses: &[&str]) -> Result<()> {
        let what = format!("the attachments {statuses:?}");
        until(&what, async || {
            Ok((self.attachments().await? == statuses).then_some(()))
        })
        .await
    }

    /// The texts of all notices.
    ///
    /// # Errors
    ///
    /// When the browser refuses.
    pub async fn notices(&self) -> Result<Vec<String>> {
        self.ask(script::NOTICES, &[]).await
    }

    /// Waits for a notice, and returns all there are.
    ///
    /// # Errors
    ///
    /// When none comes.
    pub async fn wait_for_notice(&self) -> Result<String> {
        until("a notice", async || {
            let notices = self.notices().await?;
            Ok((!notices.is_empty()).then(|| notices.join("\n")))
        })
        .await
    }

    /// Puts `text`, `times` times over, into a field at once, as pasting does.
    ///
    /// # Errors
    ///
    /// When there is no such field.
    pub async fn fill(&self, handle: &str, text: &str, times: usize) -> Result<()> {
        self.wait_for(handle).await?;
        self.driver
            .execute(
                script::FILL,
                vec![json!(selector(handle)), json!(text), json!(times)],
            )
            .await?;
        Ok(())
    }

    /// What the page's own scripts could read from its storages.
    ///
    /// # Errors
    ///
    /// When the browser refuses.
    pub async fn stored(&self) -> Result<String> {
        self.ask(script::STORED, &[]).await
    }

    /// Roles, statuses and lengths of the turns, for error texts.
    async fn outline(&self) -> Result<String> {
        let messages = self.messages().await?;
        let turns = messages
            .iter()
            .map(|one| format!("{} {} ({} B)", one.role, one.status, one.text.len()));
        let mut outline: Vec<String> = turns.collect();
        outline.extend(
            self.notices()
                .await?
                .into_iter()
                .map(|notice| format!("notice: {notice}")),
        );
        Ok(outline.join(", "))
    }
}
