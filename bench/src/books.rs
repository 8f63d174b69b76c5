//! The books that the benches keep: a chart of like accounts, and entries of two lines.

use std::net::SocketAddr;

use jiff::civil::Date;
use serde_json::{Value, json};

use crate::Result;
use crate::dice::Dice;
use crate::instance::Door;

/// Accounts of a workspace that is posted to over HTTP.
pub const ACCOUNTS: u64 = 100;
const FIRST_DAY: Date = jiff::civil::date(2016, 1, 1);
/// Ten years.
pub const DAYS: u64 = 3_652;

pub fn code(account: u64) -> String {
    format!("A{account:03}")
}

/// The input that opens an account, for one of each kind in turn.
pub fn opening(account: u64) -> Value {
    const KINDS: [(&str, &str); 5] = [
        ("asset", "Assets:Bank"),
        ("expense", "Expenses:Bought"),
        ("income", "Income:Sold"),
        ("liability", "Liabilities:Owed"),
        ("equity", "Equity:Own"),
    ];
    let (kind, above) = KINDS[usize::try_from(account % 5).unwrap_or_default()];
    let code = code(account);
    json!({"code": code, "name": format!("{above}:{code}"), "kind": kind})
}

pub fn open_accounts(door: &mut Door, workspace: &str, count: u64) -> Result<()> {
    for account in 0..count {
        door.ask("books.open_account", Some(workspace), opening(account))?;
    }
    Ok(())
}

/// The day that is so many days into the ten years.
pub fn day(number: u64) -> String {
    let days = i64::try_from(number % DAYS).unwrap_or_default();
    let date = FIRST_DAY.saturating_add(jiff::Span::new().days(days));
    date.to_string()
}

/// An entry between two different accounts.
pub fn entry(dice: &mut Dice, day_number: u64, accounts: u64) -> Value {
    let from = dice.below(accounts);
    let to = (from + 1 + dice.below(accounts - 1)) % accounts;
    let (whole, cents) = (1 + dice.below(9_000), dice.below(100));
    json!({
        "date": day(day_number),
        "description": format!("Delivery {}", dice.below(1_000_000)),
        "lines": [
            {"account": code(to), "amount": format!("{whole}.{cents:02}")},
            {"account": code(from), "amount": format!("-{whole}.{cents:02}")},
        ],
    })
}

/// Requests that post to one workspace, dated within the last four weeks as a
/// bookkeeper's are. Dates further back cost more: they move later balances too.
pub fn requests(
    dice: &mut Dice,
    address: SocketAddr,
    workspace: &str,
    token: &str,
    count: usize,
) -> Vec<Vec<u8>> {
    let request = |_| {
        let day = DAYS - 1 - dice.below(28);
        let body = entry(dice, day, ACCOUNTS).to_string();
        let head = format!(
            "POST /api/v1/{workspace}/books.post_entry HTTP/1.1\r\nhost: {address}\r\n\
             authorization: Bearer {token}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n",
            body.len()
        );
        format!("{head}{body}").into_bytes()
    };
    (0..count).map(request).collect()
}
