//! Directories and databases of a measurement, gone when it is over.

use std::fs;
use std::path::{Path, PathBuf};

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use crate::error::Result;

/// An empty directory; deleted when dropped.
pub(crate) struct Place {
    path: PathBuf,
}

impl Place {
    pub(crate) fn new(parent: &Path, name: &str) -> Result<Self> {
        let path = parent.join(name);
        // Left by a measurement that was killed.
        _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path)?;
        Ok(Self { path })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // What is left is below `target/`.
        _ = fs::remove_dir_all(&self.path);
    }
}

/// A database of its own in the PostgreSQL server of this URL; answers the new one's URL.
pub(crate) async fn database(server: &str, name: &str) -> Result<String> {
    let mut connection = PgConnection::connect(server).await?;
    for statement in [
        format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
        format!("CREATE DATABASE {name}"),
    ] {
        sqlx::raw_sql(AssertSqlSafe(statement))
            .execute(&mut connection)
            .await?;
    }
    let base = server.rsplit_once('/').map_or(server, |(base, _)| base);
    Ok(format!("{base}/{name}"))
}

/// Drops what [`database`] has made.
pub(crate) async fn drop_database(server: &str, name: &str) -> Result<()> {
    let mut connection = PgConnection::connect(server).await?;
    let statement = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(&mut connection)
        .await?;
    Ok(())
}
