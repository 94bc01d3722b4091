//! `countersign serve`

use super::block_on;
use crate::cli::Serve;
use crate::compose::Composition;
use crate::config::Config;
use crate::{demo, lifecycle};
use std::process::ExitCode;

/// Starts services and stays until it is told to stop.
pub fn run(command: &Serve) -> anyhow::Result<ExitCode> {
    let mut config = Config::load(&command.source)?;
    if let Some(bind) = command.http {
        config.http.bind = bind;
    }
    if command.demo {
        demo::adjust(&mut config);
    }
    config.check()?;
    config.make_folders()?;
    block_on(async {
        let _telemetry = platform::telemetry::init(&config.telemetry)?;
        let composition = Composition::new(&config, &command.services)?;
        let parts = composition.parts().await?;
        if command.demo {
            demo::accounts(&config).await?;
            demo::deployments(&config).await?;
        }
        lifecycle::run(parts, || println!("ready: http://{}", config.http.bind)).await
    })?;
    Ok(ExitCode::SUCCESS)
}
