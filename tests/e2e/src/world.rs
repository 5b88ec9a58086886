//! One test's world: sandbox, back end and browser, on ports and in folders of its own.

use std::any::Any;
use std::fs;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::path::PathBuf;

use futures_util::FutureExt;
use tempfile::TempDir;

use crate::backend::Backend;
use crate::browser::Browser;
use crate::error::Result;
use crate::page::Page;
use crate::paths;
use crate::sandbox::{CLIENT_ID, CLIENT_SECRET, Sandbox};
use crate::setup::{Language, Login, Servers, Setup};

/// By which AICON may read the settlement.
const SETTLEMENT_KEY: &str = "settlement-key-of-the-tests";

/// Everything a test needs, alive as long as it runs.
pub struct World {
    /// The app in the browser.
    pub page: Page,
    /// AICON and the hosting of the bundle.
    pub sandbox: Sandbox,
    /// The provider's server.
    pub backend: Backend,
    /// The language of the browser.
    pub language: Language,
    browser: Browser,
    folder: TempDir,
}

impl World {
    /// Builds a world, lets the test live in it, and takes it down. A test that fails leaves a screenshot and logs in
    /// `target/e2e-failures/{name}`. Whatever the test was about, it fails too when the page ran against its content
    /// security policy or panicked.
    ///
    /// # Errors
    ///
    /// The test's, or that the world could not be built.
    ///
    /// # Panics
    ///
    /// As the test does.
    pub async fn run(
        name: &str,
        setup: Setup,
        test: impl AsyncFnOnce(&mut Self) -> Result<()>,
    ) -> Result<()> {
        let mut world = Self::build(&setup).await?;
        let outcome = AssertUnwindSafe(async {
            test(&mut world).await?;
            world.page.assert_sound().await
        })
        .catch_unwind()
        .await;
        if !matches!(outcome, Ok(Ok(()))) {
            world.keep_traces(name).await;
        }
        world.take_down().await;
        match outcome {
            Ok(result) => result,
            Err(panic) => resume_unwind(panic as Box<dyn Any + Send>),
        }
    }

    /// Writes a file that the test can attach.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn file(&self, name: &str, content: &[u8]) -> Result<PathBuf> {
        let path = self.folder.path().join(name);
        fs::write(&path, content)?;
        Ok(path)
    }

    /// Registers a model definition as type 2, and goes from AICON's page of it to AICON's chat or form, as `demo`.
    ///
    /// # Errors
    ///
    /// When there is no such definition, or a step does not come.
    pub async fn open_microsite(&self, definition: &str) -> Result<()> {
        self.sandbox
            .register(&self.backend.origin, definition)
            .await?;
        let place = format!("{}/microsite", self.sandbox.aicon);
        self.page.driver().goto(place).await?;
        self.page.click("open").await?;
        self.page.wait_for("submit").await?;
        Ok(())
    }

    /// Replaces the `configs.json` that the site serves, or takes it away.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn replace_config(&self, bytes: Option<&[u8]>) -> Result<()> {
        let path = self.folder.path().join("configs.json");
        match bytes {
            Some(bytes) => fs::write(path, bytes)?,
            None => fs::remove_file(path)?,
        }
        Ok(())
    }

    async fn build(setup: &Setup) -> Result<Self> {
        let folder = TempDir::new()?;
        let root = folder.path();
        let config = match &setup.config_file {
            Some(path) => path.clone(),
            None => root.join("configs.json"),
        };
        if setup.config_file.is_none() {
            fs::write(&config, "{}")?;
        }
        let site = setup.site.clone().map_or_else(paths::dist, Ok)?;
        let mut backend = Backend::new(&root.join("data"), &root.join("backend.log"))?;
        let mut flags = setup.sandbox_flags.clone();
        for (flag, value) in [
            ("--provider", backend.origin.as_str()),
            ("--settlement-key", SETTLEMENT_KEY),
        ] {
            flags.extend([flag.to_owned(), value.to_owned()]);
        }
        if setup.is_self_hosted {
            flags.extend(["--redirect-uri".to_owned(), backend.origin.clone()]);
            backend.set("AICON_SITE", &site.display().to_string());
            backend.set("AICON_SITE_CONFIG", &config.display().to_string());
        }
        let sandbox = Sandbox::start(&site, &config, &flags, &root.join("sandbox.log")).await?;
        if setup.config_file.is_none() {
            fs::write(&config, config_bytes(setup, &sandbox, &backend))?;
        }
        configure(&mut backend, setup, &sandbox);
        if setup.starts_backend {
            backend.start().await?;
        }
        let browser = Browser::start(setup, root).await?;
        let origin = if setup.is_self_hosted {
            backend.origin.clone()
        } else {
            sandbox.site.clone()
        };
        let page = Page::new(browser.driver.clone(), origin);
        Ok(Self {
            page,
            sandbox,
            backend,
            language: setup.language,
            browser,
            folder,
        })
    }

    async fn keep_traces(&self, name: &str) {
        let folder = paths::output("e2e-failures").join(name);
        // What cannot be kept is missed by whoever looks for it; the test's own failure matters more.
        _ = fs::create_dir_all(&folder);
        _ = self.page.screenshot(&folder.join("page.png")).await;
        _ = fs::write(
            folder.join("page.html"),
            self.page.html().await.unwrap_or_default(),
        );
        _ = fs::write(
            folder.join("console.txt"),
            self.page.console().await.unwrap_or_default().join("\n"),
        );
        for log in [
            "backend.log",
            "sandbox.log",
            "chromedriver.log",
            "configs.json",
        ] {
            _ = fs::copy(self.folder.path().join(log), folder.join(log));
        }
    }

    async fn take_down(self) {
        let Self { page, browser, .. } = self;
        drop(page);
        // The driver is killed when this fails.
        _ = browser.quit().await;
    }
}

fn config_bytes(setup: &Setup, sandbox: &Sandbox, backend: &Backend) -> Vec<u8> {
    if let Some(bytes) = &setup.raw_config {
        return bytes.clone();
    }
    let servers = Servers {
        backend: &backend.origin,
        aicon: &sandbox.aicon,
        client_id: CLIENT_ID,
        client_secret: CLIENT_SECRET,
    };
    setup.config_json(&servers).to_string().into_bytes()
}

fn configure(backend: &mut Backend, setup: &Setup, sandbox: &Sandbox) {
    backend.set("AI_PROVIDER", "demo");
    backend.set("AICON_SETTLEMENT_ACCESS", "api-key");
    backend.set("AICON_SETTLEMENT_API_KEY", SETTLEMENT_KEY);
    backend.set("AICON_CORS_ORIGINS", &sandbox.site);
    if setup.login != Login::None {
        backend.set("AICON_AUTH", "aicon");
        backend.set("AICON_API_ENDPOINT", &format!("{}/api", sandbox.aicon));
        backend.set("AICON_CLIENT_ID", CLIENT_ID);
    }
    if setup.login == Login::ThroughBackend {
        backend.set("AICON_CLIENT_SECRET", CLIENT_SECRET);
    }
    for (name, value) in &setup.backend_environment {
        backend.set(name, value);
    }
}
