//! `countersign serve`

use super::block_on;
use crate::cli::Serve;
use crate::compose::Composition;
use crate::config::Config;
use crate::{demo, lifecycle};
use anyhow::Context as _;
use delivery::{Destination, DestinationKind};
use std::process::ExitCode;

/// Starts services and stays until it is told to stop.
pub(crate) fn run(command: &Serve) -> anyhow::Result<ExitCode> {
    let mut config = Config::load(&command.source)?;
    if let Some(bind) = command.http {
        config.http.bind = bind;
    }
    if let Some(bind) = command.dicom {
        config.intake.bind = bind.to_string();
    }
    for peer in &command.destinations {
        config.delivery.destinations.push(Destination {
            ae_title: peer.ae_title.clone(),
            host: peer.host.clone(),
            port: peer.port,
            kind: DestinationKind::Clinical,
        });
    }
    let own_pacs = command.demo && command.destinations.is_empty();
    if command.demo {
        demo::adjust(&mut config);
    }
    config.check()?;
    config.make_folders()?;
    block_on(async {
        let _telemetry = platform::telemetry::init(&config.telemetry)?;
        let composition = Composition::new(&config, &command.services)?;
        let (parts, mut tasks) = composition.parts().await?;
        if command.demo {
            demo::accounts(&config).await?;
            demo::deployments(&config).await?;
            let port =
                config.intake.bind.parse().context("the demo wants an address to send its studies to")?;
            tasks.push(demo::studies::task(port, config.intake.ae_title.clone(), config.data.clone()));
        }
        if own_pacs {
            tasks.push(demo::pacs::task(config.data.join("demo-pacs")).await?);
        }
        lifecycle::run(parts, tasks, || announce(&config)).await
    })?;
    Ok(ExitCode::SUCCESS)
}

fn announce(config: &Config) {
    println!("open  http://{}", config.http.bind);
    println!("DICOM {} at {}", config.intake.ae_title, config.intake.bind);
}
