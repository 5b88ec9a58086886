//! The servers of one run: a sandbox, back ends of its model, and where they keep their data.

use std::path::PathBuf;
use std::time::Duration;

use sqlx::{Connection as _, PgConnection, SqliteConnection};
use tempfile::TempDir;

use crate::error::Result;
use crate::servers::{Backend, Sandbox};

/// Key of the settlement in every run.
pub const SETTLEMENT_KEY: &str = "settlement-key-of-the-run";

/// What keeps the ledger.
#[derive(Clone, Debug)]
pub enum Engine {
    /// One back end with SQLite in its data directory.
    Sqlite,
    /// So many back ends on a database of their own in the PostgreSQL of this URL.
    Postgres {
        /// `postgres://USER:PASSWORD@HOST:PORT/DATABASE` of a role that may create databases.
        url: String,
        /// How many.
        replicas: usize,
    },
}

/// Running servers. Dropping it ends them; the directory stays if [`World::keep`] was called.
pub struct World {
    /// AICON.
    pub sandbox: Sandbox,
    /// The model's servers.
    pub backends: Vec<Backend>,
    /// Who chats.
    pub users: Vec<String>,
    /// For the run's own questions.
    pub client: reqwest::Client,
    database: Option<Database>,
    directory: TempDir,
}

struct Database {
    server: String,
    name: String,
    url: String,
}

impl World {
    /// Starts the sandbox and prepares the back ends; they do not run yet.
    ///
    /// # Errors
    /// When a binary is missing or the database refuses.
    pub async fn new(engine: &Engine, users: usize) -> Result<Self> {
        let directory = tempfile::tempdir()?;
        let users: Vec<String> = (0..users).map(|number| format!("user-{number}")).collect();
        let sandbox = Sandbox::start(directory.path(), &users).await?;
        let (database, count) = match engine {
            Engine::Sqlite => (None, 1),
            Engine::Postgres { url, replicas } => (Some(Database::create(url).await?), *replicas),
        };
        let mut backends = Vec::new();
        for number in 0..count {
            let mut backend =
                Backend::new(directory.path(), &format!("backend-{number}"), &sandbox)?;
            backend.set("AICON_SETTLEMENT_ACCESS", "api-key");
            backend.set("AICON_SETTLEMENT_API_KEY", SETTLEMENT_KEY);
            backend.set("AICON_ECHO_DELAY_MS", "2");
            backend.set("AICON_DEMO_DELAY_MS", "1");
            // Calls that the sandbox never answers are given up soon.
            backend.set("AICON_TIMEOUT_AICON", "2s");
            if let Some(database) = &database {
                backend.set("AICON_DATABASE", &database.url);
            }
            backends.push(backend);
        }
        Ok(Self {
            sandbox,
            backends,
            users,
            client: reqwest::Client::new(),
            database,
            directory,
        })
    }

    /// Starts every back end that does not run, and waits until all answer.
    ///
    /// # Errors
    /// When one does not come up.
    pub async fn start_all(&mut self) -> Result<()> {
        for backend in &mut self.backends {
            if !backend.is_running() {
                backend.launch()?;
            }
        }
        for backend in &mut self.backends {
            backend.start().await?;
        }
        Ok(())
    }

    /// Where the back ends listen.
    pub fn origins(&self) -> Vec<String> {
        let origins = self.backends.iter().map(|backend| backend.origin.clone());
        origins.collect()
    }

    /// A back end that runs.
    pub fn running(&self) -> Option<&Backend> {
        self.backends.iter().find(|backend| backend.is_running())
    }

    /// Uses whose row is open still.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn open_uses(&self) -> Result<i64> {
        self.count("SELECT COUNT(*) FROM uses WHERE status = 'open'")
            .await
    }

    /// Uses, open or not.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn uses(&self) -> Result<i64> {
        self.count("SELECT COUNT(*) FROM uses").await
    }

    async fn count(&self, query: &'static str) -> Result<i64> {
        let count = match &self.database {
            Some(database) => {
                let mut connection = PgConnection::connect(&database.url).await?;
                sqlx::query_scalar(query).fetch_one(&mut connection).await?
            }
            None => {
                let file = self.backends[0].data.join("aicon.db");
                let url = format!("sqlite://{}", file.display());
                let mut connection = SqliteConnection::connect(&url).await?;
                sqlx::query_scalar(query).fetch_one(&mut connection).await?
            }
        };
        Ok(count)
    }

    /// Ends the servers and forgets the database.
    ///
    /// # Errors
    /// When a back end does not end in 30 s of a polite request (R12), or the database refuses.
    pub async fn close(mut self) -> Result<()> {
        for backend in &mut self.backends {
            backend.stop(Duration::from_secs(30)).await?;
        }
        if let Some(database) = self.database.take() {
            database.drop().await?;
        }
        Ok(())
    }

    /// Ends the servers and leaves logs and data where they are, for a look at a failure; answers where.
    pub fn keep(mut self) -> PathBuf {
        self.backends.clear();
        self.directory.keep()
    }
}

impl Database {
    async fn create(server: &str) -> Result<Self> {
        let name = format!("crash_{}_{:08x}", std::process::id(), fastrand::u32(..));
        let mut connection = PgConnection::connect(server).await?;
        let create = format!("CREATE DATABASE {name}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(create))
            .execute(&mut connection)
            .await?;
        let base = server.rsplit_once('/').map_or(server, |(base, _)| base);
        Ok(Self {
            url: format!("{base}/{name}"),
            server: server.to_owned(),
            name,
        })
    }

    async fn drop(self) -> Result<()> {
        let mut connection = PgConnection::connect(&self.server).await?;
        let drop = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        sqlx::raw_sql(sqlx::AssertSqlSafe(drop))
            .execute(&mut connection)
            .await?;
        Ok(())
    }
}
