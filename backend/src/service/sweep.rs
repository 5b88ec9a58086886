//! Deletes expired files, again and again.

use std::time::Duration;

use crate::app::App;

/// Pause between two sweeps. Expiry does not depend on it: an expired file is none when it is read.
const PAUSE: Duration = Duration::from_secs(600);

/// Runs until it is dropped.
pub async fn forever(app: App) {
    loop {
        sweep(&app).await;
        tokio::time::sleep(PAUSE).await;
    }
}

async fn sweep(app: &App) {
    let now = app.clock.now();
    for swept in [
        app.store.sweep_files(now).await,
        app.store.sweep_results(now).await,
    ] {
        match swept {
            Ok(0) => {}
            Ok(files) => tracing::info!(files, "expired files deleted"),
            Err(error) => tracing::error!(%error, "failed to sweep expired files"),
        }
    }
}
