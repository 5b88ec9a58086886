//! A real Chromium, driven by `CHROMEDRIVER` or the chromedriver on the `PATH`.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use thirtyfour::error::WebDriverErrorInner;
use thirtyfour::{ChromiumLikeCapabilities, DesiredCapabilities, WebDriver};

pub struct Browser {
    pub driver: WebDriver,
    // After the driver: fields are dropped in order.
    _process: Killed,
    _profile: tempfile::TempDir,
}

struct Killed(Child);

impl Drop for Killed {
    /// With its group: a browser outlives the driver that started it.
    fn drop(&mut self) {
        let group = format!("-{}", self.0.id());
        // An error means that it has ended already.
        _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        _ = self.0.wait();
    }
}

impl Browser {
    /// `languages` as in `Accept-Language`.
    pub async fn start(languages: &str) -> Self {
        let profile = tempfile::tempdir().unwrap();
        let (process, port) = driver();
        let mut chrome = DesiredCapabilities::chrome();
        if let Some(path) = std::env::var_os("CHROMIUM") {
            chrome.set_binary(path.to_str().unwrap()).unwrap();
        }
        for flag in [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
        ] {
            chrome.add_arg(flag).unwrap();
        }
        let profile_flag = format!("--user-data-dir={}", profile.path().display());
        chrome.add_arg(&profile_flag).unwrap();
        let preferences = json!({ "intl.accept_languages": languages });
        chrome
            .add_experimental_option("prefs", preferences)
            .unwrap();
        let server = format!("http://127.0.0.1:{port}");
        let driver = WebDriver::new(server, chrome).await.unwrap();
        Self {
            driver,
            _process: process,
            _profile: profile,
        }
    }

    /// Ends the session: dropped, the client would wait for it much longer.
    pub async fn quit(self) {
        self.driver.quit().await.unwrap();
    }

    pub async fn set_width(&self, width: u32) {
        let metrics = json!({
            "width": width, "height": 844, "deviceScaleFactor": 1, "mobile": width < 500,
        });
        let cdp = self.driver.cdp();
        cdp.send_raw("Emulation.setDeviceMetricsOverride", metrics)
            .await
            .unwrap();
    }

    /// What an expression is worth in the page.
    pub async fn eval<T: DeserializeOwned>(&self, expression: &str) -> T {
        let script = format!("return ({expression});");
        let result = self.driver.execute(script, Vec::new()).await.unwrap();
        serde_json::from_value(result.json().clone()).unwrap()
    }

    /// Waits until an expression is true in the page.
    pub async fn until(&self, expression: &str) {
        let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
        while !self.eval::<bool>(expression).await {
            let body: Value = self.eval("document.body.innerText").await;
            assert!(std::time::Instant::now() < end, "{expression}\n{body}");
        }
    }

    /// Clicks once. An element that a page on its way out has taken along was not clicked: the next page has it too.
    pub async fn click(&self, test_id: &str) {
        let selector = thirtyfour::By::Css(format!("[data-testid='{test_id}']"));
        let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
        loop {
            let element = self.driver.find(selector.clone()).await;
            let clicked = match element {
                Ok(element) => element.click().await,
                Err(error) => Err(error),
            };
            match clicked.map_err(thirtyfour::error::WebDriverError::into_inner) {
                Ok(()) => return,
                Err(
                    WebDriverErrorInner::StaleElementReference(_)
                    | WebDriverErrorInner::NoSuchElement(_),
                ) if std::time::Instant::now() < end => {}
                Err(error) => panic!("failed to click `{test_id}`: {error}"),
            }
        }
    }
}

/// The driver looks for a port that is free for IPv6 and fails when it is not for IPv4: another try finds another.
fn driver() -> (Killed, u16) {
    let program = std::env::var_os("CHROMEDRIVER").unwrap_or_else(|| "chromedriver".into());
    for _ in 0..5 {
        let mut command = Command::new(&program);
        command
            .arg("--port=0")
            .stdout(Stdio::piped())
            .process_group(0);
        let mut child = Killed(command.spawn().expect("chromedriver is installed"));
        let lines = BufReader::new(child.0.stdout.take().unwrap()).lines();
        let port = lines.map_while(Result::ok).find_map(|line| {
            let (_, port) = line.split_once("started successfully on port ")?;
            port.trim_end_matches('.').parse().ok()
        });
        if let Some(port) = port {
            return (child, port);
        }
    }
    panic!("chromedriver does not start");
}
