//! Every line of every account as a table. Source: RFC 4180.

use contract::rollout::{Account, Economics, Known};

const HEAD: &str =
    "deployment,group,what,quantity,unit,quantity known,price,price known,amount,amount known,currency";

/// The table.
pub fn csv(economics: &Economics) -> String {
    let mut rows = vec![HEAD.to_owned()];
    let currency = &economics.prices.terms.currency;
    for deployment in &economics.deployments {
        rows.extend(account_rows(&deployment.name, &deployment.account, currency));
        let refused = f64::from(deployment.refused);
        rows.push(counted(&deployment.name, "refused by the budget", refused, "series", Known::Measured));
    }
    rows.extend(account_rows("all", &economics.total, currency));
    rows.push(String::new());
    rows.join("\r\n")
}

fn account_rows(name: &str, account: &Account, currency: &str) -> Vec<String> {
    let studies = &account.studies;
    let mut rows: Vec<String> = [
        ("requested", studies.requested),
        ("generated", studies.generated),
        ("failed", studies.failed),
        ("read to the end", studies.read),
        ("released", studies.released),
    ]
    .map(|(what, count)| counted(name, what, f64::from(count), "studies", Known::Measured))
    .into();
    rows.extend(studies.used.map(|used| counted(name, "used", used, "studies", Known::Estimated)));
    rows.extend(account.lines.iter().map(|line| {
        let (quantity, price) = (number(line.quantity), number(line.price.amount));
        row(&[
            name,
            line.kind.as_str(),
            &line.name,
            &quantity,
            &line.unit,
            line.quantity_known.as_str(),
            &price,
            line.price.known.as_str(),
            &number(line.amount),
            line.known.as_str(),
            currency,
        ])
    }));
    let amount = |what: &str, amount: f64, known: Known| {
        row(&[name, "result", what, "", "", "", "", "", &number(amount), known.as_str(), currency])
    };
    rows.push(amount("cost", account.cost, account.known));
    let over = [
        ("cost of a generated study", account.per_generated, account.known),
        ("cost of a released study", account.per_released, account.known),
        ("cost of a used study", account.per_used, Known::Estimated),
    ];
    rows.extend(over.into_iter().filter_map(|(what, value, known)| Some(amount(what, value?, known))));
    for line in &account.benefits {
        let amounts = [("low", line.amount.low), ("base", line.amount.base), ("high", line.amount.high)];
        rows.extend(amounts.map(|(which, value)| {
            let what = format!("{} ({which})", line.name);
            let (quantity, unit) = (number(line.quantity), &line.unit);
            row(&[
                name,
                "benefit",
                &what,
                &quantity,
                unit,
                "",
                "",
                "",
                &number(value),
                line.known.as_str(),
                currency,
            ])
        }));
    }
    rows
}

fn counted(name: &str, what: &str, count: f64, unit: &str, known: Known) -> String {
    row(&[name, "studies", what, &number(count), unit, known.as_str(), "", "", "", "", ""])
}

/// Enough digits to compute on with; spreadsheets take a point everywhere in a file that says so.
fn number(value: f64) -> String {
    let text = format!("{value:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn row(cells: &[&str]) -> String {
    cells.iter().map(|cell| quoted(cell)).collect::<Vec<_>>().join(",")
}

/// A cell that a spreadsheet would take as a formula is text: names are typed by people.
fn quoted(cell: &str) -> String {
    let is_number = cell.parse::<f64>().is_ok();
    let is_formula = !is_number && cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let cell = if is_formula { format!("'{cell}") } else { cell.to_owned() };
    if cell.contains([',', '"', '\n', '\r']) {
        return format!("\"{}\"", cell.replace('"', "\"\""));
    }
    cell
}
