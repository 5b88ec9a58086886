//! chromedriver and Chromium: a fresh profile for each world, and nothing left running afterwards.

use std::path::Path;
use std::sync::Arc;

use aicon_processes::Process;
use serde_json::json;
use thirtyfour::common::capabilities::desiredcapabilities::Capabilities;
use thirtyfour::{ChromiumLikeCapabilities, DesiredCapabilities, WebDriver};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::{Error, Result};
use crate::paths;
use crate::setup::{Language, Setup};

/// Browsers that may run at the same time: one for each core of the smallest machine we test on.
const MAX_BROWSERS: usize = 2;

/// How often the driver may fail to find itself a port.
const MAX_DRIVER_TRIES: u32 = 5;

/// `remote-debugging-pipe` ties the browser's life to the driver's: when the driver is killed, the pipe closes.
const FLAGS: &[&str] = &[
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
];

/// A browser and its driver.
pub struct Browser {
    /// The session.
    pub driver: WebDriver,
    _process: Process,
    _permit: OwnedSemaphorePermit,
}

impl Browser {
    /// Starts driver and browser, when it is their turn.
    ///
    /// # Errors
    ///
    /// When one of them does not come up.
    pub async fn start(setup: &Setup, folder: &Path) -> Result<Self> {
        let permit = turn().await?;
        let (process, port) = start_driver(&folder.join("chromedriver.log")).await?;
        let capabilities = capabilities(setup, &folder.join("profile"))?;
        let driver = WebDriver::new(format!("http://127.0.0.1:{port}"), capabilities).await?;
        let browser = Self {
            driver,
            _process: process,
            _permit: permit,
        };
        browser.emulate(setup).await?;
        Ok(browser)
    }

    /// Ends the session in an orderly way.
    ///
    /// # Errors
    ///
    /// When the driver does not answer; it is killed all the same.
    pub async fn quit(self) -> Result<()> {
        Ok(self.driver.quit().await?)
    }

    async fn emulate(&self, setup: &Setup) -> Result<()> {
        let (width, height) = if setup.is_phone {
            (390, 844)
        } else {
            (1280, 800)
        };
        let metrics = json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": setup.is_phone,
        });
        self.driver
            .cdp()
            .send_raw("Emulation.setDeviceMetricsOverride", metrics)
            .await?;
        let scheme = if setup.is_dark { "dark" } else { "light" };
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.driver
            .cdp()
            .send_raw("Emulation.setEmulatedMedia", media)
            .await?;
        Ok(())
    }
}

/// The driver looks for a port that is free for IPv6 and fails when it is not for IPv4: another try finds another.
async fn start_driver(log: &Path) -> Result<(Process, u16)> {
    let program = paths::chromedriver()?;
    let mut tries = 1;
    loop {
        let log = log.with_extension(format!("{tries}.log"));
        let mut process = Process::start(&program, &["--port=0"], &[], &log)?;
        match process.wait_for_line(parse_port).await {
            Ok(port) => return Ok((process, port)),
            Err(_) if tries < MAX_DRIVER_TRIES => tries += 1,
            Err(error) => return Err(error.into()),
        }
    }
}

async fn turn() -> Result<OwnedSemaphorePermit> {
    static TURNS: std::sync::OnceLock<Arc<Semaphore>> = std::sync::OnceLock::new();
    let turns = Arc::clone(TURNS.get_or_init(|| Arc::new(Semaphore::new(MAX_BROWSERS))));
    turns.acquire_owned().await.map_err(|error| Error::NotUp {
        program: "the queue of browsers".into(),
        reason: error.to_string(),
    })
}

fn capabilities(setup: &Setup, profile: &Path) -> Result<Capabilities> {
    let mut chrome = DesiredCapabilities::chrome();
    if let Some(path) = paths::chromium() {
        chrome.set_binary(&path.display().to_string())?;
    }
    for flag in FLAGS {
        chrome.add_arg(flag)?;
    }
    chrome.add_arg(&format!("--user-data-dir={}", profile.display()))?;
    chrome.add_arg(&format!("--lang={}", setup.language.locale()))?;
    chrome.add_experimental_option(
        "prefs",
        json!({ "intl.accept_languages": accepted(setup.language) }),
    )?;
    let mut capabilities = Capabilities::from(chrome);
    capabilities.set(
        "goog:loggingPrefs",
        json!({ "browser": "ALL", "performance": "ALL" }),
    )?;
    Ok(capabilities)
}

fn accepted(language: Language) -> &'static str {
    language.pick("ko-KR,ko", "en-US,en")
}

/// "ChromeDriver was started successfully on port 35937."
fn parse_port(line: &str) -> Option<u16> {
    line.split_once("started successfully on port ")?
        .1
        .trim_end_matches('.')
        .parse()
        .ok()
}
