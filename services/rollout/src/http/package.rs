//! Taking in packages.

use super::State;
use crate::Error;
use actix_web::web::{Data, Json, Payload, ServiceConfig, post};
use contract::rollout::Model;
use contract::{EventId, Refusal, Role};
use futures::StreamExt as _;
use platform::http::{Caller, HttpError, HttpResult};
use std::path::Path;
use tokio::fs::{self, File};
use tokio::io::AsyncWriteExt as _;

pub(super) fn routes(config: &mut ServiceConfig) {
    config.route("/v1/models/import", post().to(import));
}

/// Takes in a zip archive. It is written to disk as it comes, so its size costs no memory.
async fn import(caller: Caller, state: Data<State>, body: Payload) -> HttpResult<Model> {
    caller.require_role(&[Role::Administrator])?;
    let (deps, config) = (&state.deps, &state.config);
    fs::create_dir_all(&config.packages_dir).await.map_err(HttpError::internal)?;
    let name = format!(".upload-{}.zip", deps.random.with(EventId::random));
    let path = config.packages_dir.join(name);
    let registrar = deps.registrar();
    let imported = match write(&path, body, config.package_bytes_max).await {
        Ok(()) => registrar.import_model(config, &path, caller.actor.clone()).await.map_err(HttpError::from),
        Err(error) => Err(error),
    };
    // It is never read again; a later start finds it in the way of nothing.
    let _ = fs::remove_file(&path).await;
    Ok(Json(imported?))
}

async fn write(path: &Path, mut body: Payload, bytes_max: u64) -> Result<(), HttpError> {
    let unwritable = |source| HttpError::from(Error::ModelFile { path: path.to_owned(), source });
    let mut file = File::create_new(path).await.map_err(unwritable)?;
    let mut total = 0;
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(|error| HttpError::BadRequest(format!("the body broke off: {error}")))?;
        total += chunk.len() as u64;
        if total > bytes_max {
            let why = "the package has more bytes than this site takes";
            return Err(Refusal::new("package_too_large", why, "raise rollout.package_bytes_max").into());
        }
        file.write_all(&chunk).await.map_err(unwritable)?;
    }
    file.flush().await.map_err(unwritable)
}
