//! The report for the board: one page that needs nothing else and prints well. It names no patient and no reader.

use super::money;
use chrono::TimeDelta;
use contract::Time;
use contract::rollout::{
    Account, CostLine, DeploymentEconomics, Economics, Entered, Known, Sensitivity, Span,
};
use maud::{DOCTYPE, Markup, PreEscaped, html};

const STYLE: &str = "
:root { --line: #8887; --bad: #b3261e; --good: #1f6f43; --ink: #1b1f24; --quiet: #5a6472; --bar: #0f766e }
body { font: 14px/1.5 system-ui, sans-serif; color: var(--ink); max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h2 { margin-top: 2rem } h3 { margin: 1.2rem 0 .2rem }
table { border-collapse: collapse; width: 100%; margin: .4rem 0 1rem; break-inside: auto }
tr { break-inside: avoid } thead { display: table-header-group }
th, td { border-bottom: 1px solid var(--line); padding: .25rem .5rem; text-align: left; vertical-align: top }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
tr.sum td { font-weight: 600; border-top: 2px solid var(--ink) }
.quiet { color: var(--quiet) } .bad { color: var(--bad) }
.key { display: flex; flex-wrap: wrap; gap: .5rem 2rem; padding: 0; list-style: none } .key b { display: block; font-size: 1.3em }
svg { width: 100%; max-width: 46rem; height: auto; font: 11px system-ui, sans-serif; break-inside: avoid }
dt { font-weight: 600; margin-top: .6rem } dd { margin: 0 }
section { break-before: page } section:first-of-type { break-before: auto }
@media print { body { margin: 0; max-width: none } }
";

/// What stands at the head of a report.
#[derive(Debug, Clone)]
pub struct Head {
    /// When it was made.
    pub made_at: Time,
    /// Who had it made.
    pub made_by: String,
}

/// Makes the page.
pub fn page(head: &Head, economics: &Economics) -> String {
    let day = |at: Time| at.format("%Y-%m-%d").to_string();
    let last = economics.to - TimeDelta::seconds(1);
    let title = format!("Cost and return, {} to {}", day(economics.from), day(last));
    let currency = &economics.prices.terms.currency;
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                h1 { (title) }
                p {
                    "Made " (head.made_at.format("%Y-%m-%d %H:%M UTC")) " for " (head.made_by) ". Amounts in "
                    (currency) ", by version " (economics.prices.version) " of the prices. Each amount says how it is \
                     known: measured, by contract, or estimated; what rests on several figures is named after the \
                     weakest."
                }
                section {
                    h2 { "All deployments" }
                    (account(&economics.total, currency))
                    (overview(economics))
                }
                @for deployment in &economics.deployments { (one(deployment, currency)) }
                section {
                    h2 { "Prices" }
                    (prices(economics))
                    h2 { "What the words mean" }
                    dl {
                        @for meaning in &economics.meanings { dt { (meaning.name) } dd { (meaning.text) } }
                    }
                }
            }
        }
    };
    page.into_string()
}

fn one(deployment: &DeploymentEconomics, currency: &str) -> Markup {
    let plan = &deployment.plan;
    html! {
        section {
            h2 { (deployment.name) " " span.quiet { "at " (deployment.stage.as_str()) } }
            p.quiet {
                "Plan version " (plan.version)
                @if let Some(name) = &plan.changed_by { ", by " (name) }
                ": " (plan.reason)
            }
            @if let Some(budget) = &deployment.budget {
                p { "Budget: " (budget.note) "." }
            }
            @if deployment.refused > 0 {
                p.bad { (deployment.refused) " series were not taken because of the budget in the period." }
            }
            (account(&deployment.account, currency))
            (return_of(&deployment.account))
            (sensitivity(&deployment.account))
        }
    }
}

fn account(account: &Account, currency: &str) -> Markup {
    let studies = &account.studies;
    html! {
        ul.key {
            li { "Cost" b { (money(account.cost)) " " (currency) } (known(account.known)) }
            li { "Benefit, likeliest" b { (money(account.benefit.base)) } (between(account.benefit)) }
            li { "Result, likeliest" b class=[(account.result.base < 0.0).then_some("bad")] { (money(account.result.base)) } (between(account.result)) }
            li { "A generated study" b { (optional(account.per_generated)) } span.quiet { (studies.generated) " studies" } }
            li { "A released study" b { (optional(account.per_released)) } span.quiet { (studies.released) " studies" } }
            li { "A used study" b { (optional(account.per_used)) } span.quiet { @match studies.used {
                Some(used) => { (format!("{used:.0}")) " studies, estimated" }
                None => { "nobody has counted what was opened" }
            } } }
        }
        table {
            thead { tr {
                th { "Spent on" } th.n { "Quantity" } th.n { "Price" } th.n { "Amount" } th { "Known" }
            } }
            @for line in &account.lines { (cost_line(line)) }
            tr.sum { td { "Cost" } td {} td {} td.n { (money(account.cost)) } td { (known(account.known)) } }
            @for line in &account.benefits {
                tr {
                    td { (line.name) } td.n { (quantity(line.quantity)) " " (line.unit) } td.n { (between(line.amount)) }
                    td.n { (money(line.amount.base)) } td { (known(line.known)) }
                }
            }
            tr.sum { td { "Result" } td {} td.n { (between(account.result)) } td.n { (money(account.result.base)) } td {} }
        }
    }
}

fn cost_line(line: &CostLine) -> Markup {
    let Entered { amount, known: price_known } = line.price;
    html! {
        tr {
            td { (line.kind.as_str()) ": " (line.name) }
            td.n { (quantity(line.quantity)) " " (line.unit) }
            td.n { (money(amount)) " " span.quiet { "(" (price_known.as_str()) ")" } }
            td.n { (money(line.amount)) }
            td { (known(line.known)) }
        }
    }
}

fn return_of(account: &Account) -> Markup {
    let Some(released_a_month) = account.released_a_month else {
        return html! {
            p {
                "The deployment was there for " (duration(account.covered_hours)) " of the period. A month can't be \
                 told from less than 7 days: break-even, payback and what a month leaves aren't said."
            }
        };
    };
    html! {
        p {
            @match account.break_even {
                Some(studies) => {
                    "Break-even at " (format!("{studies:.1}")) " released studies a month; the period had "
                    (format!("{released_a_month:.1}")) " a month."
                }
                None => { "No number of studies reaches break-even at these figures, or none was released yet." }
            }
            " "
            @match account.payback_months {
                Some(months) => { "Bringing it in is paid back in " (format!("{months:.1}")) " months." }
                None => { "Bringing it in is not paid back at these figures, or cost nothing." }
            }
        }
    }
}

fn overview(economics: &Economics) -> Markup {
    html! {
        h3 { "By deployment" }
        table {
            thead { tr {
                th { "Deployment" } th { "Stage" } th.n { "Generated" } th.n { "Released" } th.n { "Cost" }
                th.n { "A released study" } th.n { "Result" } th.n { "Refused by budget" }
            } }
            @for deployment in &economics.deployments {
                @let account = &deployment.account;
                tr {
                    td { (deployment.name) } td { (deployment.stage.as_str()) }
                    td.n { (account.studies.generated) } td.n { (account.studies.released) }
                    td.n { (money(account.cost)) } td.n { (optional(account.per_released)) }
                    td.n { (money(account.result.base)) } td.n { (deployment.refused) }
                }
            }
        }
    }
}

fn prices(economics: &Economics) -> Markup {
    let prices = &economics.prices.terms;
    let others = [
        ("hour of another device", prices.other_device_hour),
        ("GB kept for a month", prices.storage_gb_month),
        ("hour of a reader", prices.reader_hour),
    ];
    html! {
        table {
            @for price in &prices.devices {
                tr { td { "hour of " (price.device) } td.n { (money(price.hour.amount)) } td { (known(price.hour.known)) } }
            }
            @for (name, price) in others {
                tr { td { (name) } td.n { (money(price.amount)) } td { (known(price.known)) } }
            }
        }
    }
}

/// Bars from the lower to the higher result of a month, the strongest on top. Source: a tornado diagram.
fn sensitivity(account: &Account) -> Markup {
    const LABEL: f64 = 300.0;
    const WIDTH: f64 = 400.0;
    const ROW: f64 = 22.0;
    let rows = &account.sensitivity;
    if rows.is_empty() {
        return html! {};
    }
    let ends = || rows.iter().flat_map(|row| [row.at_low, row.at_high]).chain([0.0]);
    let (least, most) = (ends().fold(f64::MAX, f64::min), ends().fold(f64::MIN, f64::max));
    let x = |value: f64| LABEL + (value - least) / (most - least).max(f64::EPSILON) * WIDTH;
    let height = ROW * (rows.len() as f64 + 1.0);
    let bar = |row: &Sensitivity| {
        let (low, high) = (row.at_low.min(row.at_high), row.at_low.max(row.at_high));
        (x(low), (x(high) - x(low)).max(1.0))
    };
    html! {
        h3 { "What a month leaves when one figure is otherwise" }
        svg viewBox={ "0 0 " (LABEL + WIDTH + 20.0) " " (height) } role="img" aria-label="Sensitivity of a month's result" {
            line x1=(x(0.0)) x2=(x(0.0)) y1="0" y2=(height) stroke="#8887" {}
            @for (at, row) in rows.iter().enumerate() {
                @let (left, width) = bar(row);
                @let top = ROW * at as f64;
                text x=(LABEL - 8.0) y=(top + 15.0) text-anchor="end" { (row.name.split(':').next().unwrap_or_default()) }
                rect x=(left) y=(top + 4.0) width=(width) height=(ROW - 8.0) fill="#0f766e" {}
            }
            text x=(x(0.0)) y=(height - 5.0) text-anchor="middle" { "0" }
        }
        table {
            thead { tr { th { "Figure" } th.n { "Result at the first" } th.n { "Result at the second" } } }
            @for row in rows {
                tr { td { (row.name) } td.n { (money(row.at_low)) } td.n { (money(row.at_high)) } }
            }
        }
    }
}

fn known(known: Known) -> Markup {
    html! { span.quiet { (known.as_str()) } }
}

fn between(span: Span) -> Markup {
    html! { span.quiet { (money(span.low)) " to " (money(span.high)) } }
}

/// Whole days from two days on, else hours.
fn duration(hours: f64) -> String {
    if hours >= 48.0 { format!("{:.0} days", (hours / 24.0).floor()) } else { format!("{hours:.1} hours") }
}

fn optional(amount: Option<f64>) -> String {
    amount.map_or_else(|| "–".to_owned(), money)
}

/// What is there but too little to write says so: "0.00 months" at a price would cost nothing.
fn quantity(value: f64) -> String {
    if value > 0.0 && value < 0.01 {
        return "< 0.01".to_owned();
    }
    if value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}
