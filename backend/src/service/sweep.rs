//! Deletes expired files, again and again.

use std::time::Duration;

use crate::app::App;

/// Pause between two sweeps. Expiry does not depend on it: an expired file is none when it is read.
const PAUSE: Duration = Duration::from_secs(600);

/// Runs until it is dropped.
pub async fn forever(app: App) {
    loop {
        match app.store.sweep_files(app.clock.now()).await {
            Ok(0) => {}
            Ok(files) => tracing::info!(files, "expired files deleted"),
            Err(error) => tracing::error!(%error, "failed to sweep expired files"),
        }
        tokio::time::sleep(PAUSE).await;
    }
}
