//! `countersign report`

use super::block_on;
use crate::cli::{Report, ReportFormat};
use anyhow::{Context as _, bail, ensure};
use contract::audit::FiguresQuery;
use reqwest::header::{COOKIE, SET_COOKIE};
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};
use std::process::ExitCode;
use std::time::Duration;

/// How long a report may take.
const TIMEOUT: Duration = Duration::from_mins(10);

const SIGN_IN: &str = "mutation ($input: SignInInput!) { signIn(input: $input) { viewer { username } refusal { message remedy } } }";
const SIGN_OUT: &str = "mutation { signOut { ok } }";

/// Signs in as somebody of quality, fetches the report and signs out: the ledger says who had it made.
pub(crate) fn run(command: &Report) -> anyhow::Result<ExitCode> {
    ensure!(command.from <= command.to, "the period ends before it begins");
    let format = format_of(command)?;
    let mut password = String::new();
    std::io::stdin().read_line(&mut password).context("the password can't be read from standard input")?;
    let report = block_on(fetched(command, format, password.trim_end_matches(['\r', '\n'])))?;
    std::fs::write(&command.out, report)
        .with_context(|| format!("{} can't be written", command.out.display()))?;
    println!("{}", command.out.display());
    Ok(ExitCode::SUCCESS)
}

/// What was asked for, else what the file's ending says.
fn format_of(command: &Report) -> anyhow::Result<ReportFormat> {
    if let Some(format) = command.format {
        return Ok(format);
    }
    let ending = command.out.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    match ending.as_deref() {
        Some("pdf") => Ok(ReportFormat::Pdf),
        Some("html" | "htm") => Ok(ReportFormat::Html),
        _ => bail!(
            "{} ends neither in .pdf nor in .html: say --format pdf or --format html",
            command.out.display()
        ),
    }
}

async fn fetched(command: &Report, format: ReportFormat, password: &str) -> anyhow::Result<bytes::Bytes> {
    let client = Client::builder().timeout(TIMEOUT).build()?;
    let url = command.url.trim_end_matches('/');
    let ask = async |cookie: &str, body: Value| -> anyhow::Result<Response> {
        let request = client.post(format!("{url}/graphql")).header(COOKIE, cookie).json(&body);
        request.send().await.with_context(|| format!("{url} does not answer"))
    };
    let input = json!({ "username": command.username, "password": password });
    let answer = ask("", json!({ "query": SIGN_IN, "variables": { "input": input } })).await?;
    let cookie = answer.headers().get(SET_COOKIE).and_then(|value| value.to_str().ok());
    let cookie = cookie.and_then(|value| value.split(';').next()).unwrap_or_default().to_owned();
    let told: Value = answer.json().await.context("the answer is not that of Countersign")?;
    if let Some(why) = told["data"]["signIn"]["refusal"]["message"].as_str() {
        bail!("{} can't sign in: {why}", command.username);
    }
    let day = |date: chrono::NaiveDate| date.and_time(chrono::NaiveTime::MIN).and_utc();
    let to = command.to.succ_opt().context("the period has no end")?;
    let period = FiguresQuery { from: day(command.from), to: day(to) };
    let path = match format {
        ReportFormat::Pdf => "/quality/report/pdf",
        ReportFormat::Html => "/quality/report",
    };
    let answer = client.get(format!("{url}{path}")).query(&period).header(COOKIE, &cookie).send().await?;
    let status = answer.status();
    let report = answer.bytes().await?;
    ask(&cookie, json!({ "query": SIGN_OUT })).await?;
    match status {
        StatusCode::OK => Ok(report),
        StatusCode::FORBIDDEN => bail!("{} may not have reports: only quality may", command.username),
        status => bail!("the report can't be made: {url} answered {status}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;

    fn command(out: &str, format: Option<ReportFormat>) -> Report {
        let day = NaiveDate::default();
        let (url, username) = (String::new(), String::new());
        Report { url, username, from: day, to: day, out: out.into(), format }
    }

    #[test]
    fn the_form_is_what_was_said_else_what_the_file_is_called() {
        assert!(matches!(format_of(&command("of/March.PDF", None)).unwrap(), ReportFormat::Pdf));
        assert!(matches!(format_of(&command("march.html", None)).unwrap(), ReportFormat::Html));
        assert!(matches!(format_of(&command("march", Some(ReportFormat::Pdf))).unwrap(), ReportFormat::Pdf));
        let refused = format_of(&command("march.txt", None)).unwrap_err().to_string();
        assert!(refused.contains("say --format pdf or --format html"), "{refused}");
    }
}
