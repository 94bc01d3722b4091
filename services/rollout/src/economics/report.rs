//! The report for the board. Pure. It names no patient and no reader.

use super::money;
use chrono::TimeDelta;
use contract::Time;
use contract::rollout::{Account, CostLine, DeploymentEconomics, Economics, Known, Sensitivity, Span};
use report::{
    Bar, BarChart, Block, Chart, Column, Definition, KeyFigure, Report, Row, Section, Starts, Table, Text,
};

/// The program that makes it.
const MAKER: &str = concat!("Countersign ", env!("CARGO_PKG_VERSION"));
/// Stands where a figure can't be said.
const NOTHING: &str = "–";

/// What stands at the head of a report.
#[derive(Debug, Clone)]
pub struct Head {
    /// When it was made.
    pub made_at: Time,
    /// Who had it made.
    pub made_by: String,
}

/// What the report says.
pub fn report(head: &Head, economics: &Economics) -> Report {
    let day = |at: Time| at.format("%Y-%m-%d").to_string();
    // The period ends before its end: the last day is the one before.
    let last = economics.to - TimeDelta::seconds(1);
    let currency = &economics.prices.terms.currency;
    let lead = format!(
        "Amounts in {currency}, by version {} of the prices. Each amount says how it is known: measured, by contract, \
         or estimated; what rests on several figures is named after the weakest.",
        economics.prices.version
    );
    let mut all = account(&economics.total, currency);
    all.extend(overview(economics));
    let mut sections =
        vec![Section { heading: "All deployments".into(), starts: Starts::Below, blocks: all }];
    sections.extend(economics.deployments.iter().map(|deployment| one(deployment, currency)));
    let blocks = vec![Block::Table(prices(economics))];
    sections.push(Section { heading: "Prices".into(), starts: Starts::OnNewPage, blocks });
    let meaning = |meaning: &contract::rollout::Meaning| Definition {
        name: meaning.name.clone(),
        text: meaning.text.clone(),
    };
    let blocks = vec![Block::Definitions(economics.meanings.iter().map(meaning).collect())];
    sections.push(Section { heading: "What the words mean".into(), starts: Starts::Below, blocks });
    Report {
        title: format!("Cost and return, {} to {}", day(economics.from), day(last)),
        made_at: head.made_at,
        made_by: head.made_by.clone(),
        maker: MAKER.to_owned(),
        lead: vec![Block::Paragraph(lead.into())],
        sections,
    }
}

fn one(deployment: &DeploymentEconomics, currency: &str) -> Section {
    let plan = &deployment.plan;
    let by = plan.changed_by.as_ref().map_or(String::new(), |name| format!(", by {name}"));
    let mut blocks =
        vec![Block::Paragraph(Text::quiet(format!("Plan version {}{by}: {}", plan.version, plan.reason)))];
    if let Some(budget) = &deployment.budget {
        blocks.push(Block::Paragraph(format!("Budget: {}.", budget.note).into()));
    }
    if deployment.refused > 0 {
        let told =
            format!("{} series were not taken because of the budget in the period.", deployment.refused);
        blocks.push(Block::Paragraph(Text::bad(told)));
    }
    blocks.extend(account(&deployment.account, currency));
    blocks.push(Block::Paragraph(return_of(&deployment.account).into()));
    blocks.extend(sensitivity(&deployment.account, currency));
    let heading = Text::from(deployment.name.as_str());
    let heading = heading.and(Text::quiet(format!(" at {}", deployment.stage.as_str())));
    Section { heading, starts: Starts::OnNewPage, blocks }
}

fn account(account: &Account, currency: &str) -> Vec<Block> {
    vec![Block::KeyFigures(key_figures(account, currency)), Block::Table(lines(account))]
}

fn key_figures(account: &Account, currency: &str) -> Vec<KeyFigure> {
    let studies = &account.studies;
    let result = money(account.result.base);
    let result = if account.result.base < 0.0 { Text::bad(result) } else { result.into() };
    let used = match studies.used {
        Some(used) => format!("{used:.0} studies, estimated"),
        None => "nobody has counted what was opened".to_owned(),
    };
    let figure = |name: &str, value: Text, note: String| KeyFigure {
        name: name.to_owned(),
        value,
        note: Text::quiet(note),
    };
    vec![
        figure(
            "Cost",
            format!("{} {currency}", money(account.cost)).into(),
            account.known.as_str().to_owned(),
        ),
        figure("Benefit, likeliest", money(account.benefit.base).into(), between(account.benefit)),
        figure("Result, likeliest", result, between(account.result)),
        figure(
            "A generated study",
            optional(account.per_generated).into(),
            format!("{} studies", studies.generated),
        ),
        figure(
            "A released study",
            optional(account.per_released).into(),
            format!("{} studies", studies.released),
        ),
        figure("A used study", optional(account.per_used).into(), used),
    ]
}

fn lines(account: &Account) -> Table {
    let columns = vec![
        Column::words("Spent on"),
        Column::figures("Quantity"),
        Column::figures("Price"),
        Column::figures("Amount"),
        Column::words("Known"),
    ];
    let mut rows: Vec<Row> = account.lines.iter().map(cost_line).collect();
    let nothing = || Text::from("");
    rows.push(Row::sum([
        "Cost".into(),
        nothing(),
        nothing(),
        money(account.cost).into(),
        known(account.known),
    ]));
    rows.extend(account.benefits.iter().map(|line| {
        Row::of([
            line.name.as_str().into(),
            format!("{} {}", quantity(line.quantity), line.unit).into(),
            Text::quiet(between(line.amount)),
            money(line.amount.base).into(),
            known(line.known),
        ])
    }));
    let result = money(account.result.base).into();
    rows.push(Row::sum([
        "Result".into(),
        nothing(),
        Text::quiet(between(account.result)),
        result,
        nothing(),
    ]));
    Table { columns, rows }
}

fn cost_line(line: &CostLine) -> Row {
    let price = Text::from(money(line.price.amount));
    Row::of([
        format!("{}: {}", line.kind.as_str(), line.name).into(),
        format!("{} {}", quantity(line.quantity), line.unit).into(),
        price.and(Text::quiet(format!(" ({})", line.price.known.as_str()))),
        money(line.amount).into(),
        known(line.known),
    ])
}

fn return_of(account: &Account) -> String {
    let Some(released_a_month) = account.released_a_month else {
        return format!(
            "The deployment was there for {} of the period. A month can't be told from less than 7 days: break-even, \
             payback and what a month leaves aren't said.",
            duration(account.covered_hours)
        );
    };
    let break_even = match account.break_even {
        Some(studies) => format!(
            "Break-even at {studies:.1} released studies a month; the period had {released_a_month:.1} a month."
        ),
        None => {
            "No number of studies reaches break-even at these figures, or none was released yet.".to_owned()
        }
    };
    let payback = match account.payback_months {
        Some(months) => format!("Bringing it in is paid back in {months:.1} months."),
        None => "Bringing it in is not paid back at these figures, or cost nothing.".to_owned(),
    };
    format!("{break_even} {payback}")
}

fn overview(economics: &Economics) -> [Block; 2] {
    let columns = vec![
        Column::words("Deployment"),
        Column::words("Stage"),
        Column::figures("Generated"),
        Column::figures("Released"),
        Column::figures("Cost"),
        Column::figures("A released study"),
        Column::figures("Result"),
        Column::figures("Refused by budget"),
    ];
    let row = |deployment: &DeploymentEconomics| {
        let account = &deployment.account;
        Row::of([
            deployment.name.as_str().into(),
            deployment.stage.as_str().into(),
            account.studies.generated.to_string().into(),
            account.studies.released.to_string().into(),
            money(account.cost).into(),
            optional(account.per_released).into(),
            money(account.result.base).into(),
            deployment.refused.to_string().into(),
        ])
    };
    let rows = economics.deployments.iter().map(row).collect();
    [Block::Heading("By deployment".to_owned()), Block::Table(Table { columns, rows })]
}

fn prices(economics: &Economics) -> Table {
    let prices = &economics.prices.terms;
    let columns = vec![Column::words("Price of"), Column::figures(&prices.currency), Column::words("Known")];
    let others = [
        ("hour of another device", prices.other_device_hour),
        ("GB kept for a month", prices.storage_gb_month),
        ("hour of a reader", prices.reader_hour),
    ];
    let devices = prices.devices.iter().map(|price| (format!("hour of {}", price.device), price.hour));
    let all = devices.chain(others.map(|(name, price)| (name.to_owned(), price)));
    let rows =
        all.map(|(name, price)| Row::of([name.into(), money(price.amount).into(), known(price.known)]));
    Table { columns, rows: rows.collect() }
}

/// Bars from the lower to the higher result of a month, the strongest on top, and the figures below.
fn sensitivity(account: &Account, currency: &str) -> Vec<Block> {
    let rows = &account.sensitivity;
    if rows.is_empty() {
        return Vec::new();
    }
    let bar = |row: &Sensitivity| Bar {
        label: row.name.split(':').next().unwrap_or_default().to_owned(),
        from: row.at_low,
        to: row.at_high,
    };
    let chart = BarChart {
        said: format!(
            "What a month leaves, in {currency}, at the first and at the second value of each figure"
        ),
        unit: currency.to_owned(),
        bars: rows.iter().map(bar).collect(),
    };
    let columns = vec![
        Column::words("Figure"),
        Column::figures("Result at the first"),
        Column::figures("Result at the second"),
    ];
    let row = |row: &Sensitivity| {
        Row::of([row.name.as_str().into(), money(row.at_low).into(), money(row.at_high).into()])
    };
    vec![
        Block::Heading("What a month leaves when one figure is otherwise".to_owned()),
        Block::Chart(Chart::Bars(chart)),
        Block::Table(Table { columns, rows: rows.iter().map(row).collect() }),
    ]
}

fn known(known: Known) -> Text {
    Text::quiet(known.as_str())
}

fn between(span: Span) -> String {
    format!("{} to {}", money(span.low), money(span.high))
}

/// Whole days from two days on, else hours.
fn duration(hours: f64) -> String {
    if hours >= 48.0 { format!("{:.0} days", (hours / 24.0).floor()) } else { format!("{hours:.1} hours") }
}

fn optional(amount: Option<f64>) -> String {
    amount.map_or_else(|| NOTHING.to_owned(), money)
}

/// What is there but too little to write says so: "0.00 months" at a price would cost nothing.
fn quantity(value: f64) -> String {
    if value > 0.0 && value < 0.01 {
        return "< 0.01".to_owned();
    }
    if value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}
