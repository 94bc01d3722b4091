//! `countersign user`

use super::as_operator;
use crate::cli::User;
use crate::compose;
use crate::config::Config;
use anyhow::Context as _;
use contract::gateway::NewUser;
use std::process::ExitCode;

/// Adds an account.
pub(crate) fn run(command: User) -> anyhow::Result<ExitCode> {
    let User::Add { username, printed_name, roles, source } = command;
    let config = Config::load(&source)?;
    let mut password = String::new();
    std::io::stdin().read_line(&mut password).context("the password can't be read from standard input")?;
    let password = password.trim_end_matches(['\r', '\n']).to_owned();
    let new = NewUser { username: username.clone(), printed_name, roles };
    as_operator(&config, "user add", async {
        let users = compose::users(&config).await?;
        users.add(new, password.into()).await?;
        Ok(())
    })?;
    println!("added {username}");
    Ok(ExitCode::SUCCESS)
}
