//! The syntax of beancount, versions 2 and 3.

use std::collections::HashMap;
use std::fmt::Write as _;

use jiff::civil::Date;

use super::super::model::{AccountKind, Amount};
use super::unique::Spellings;
use super::{Entry, Ledger, one_line};

/// The most letters a commodity may have.
const COMMODITY_MAX: usize = 24;

/// When an account opens that is never used and says nothing itself.
const EARLIEST: Date = Date::constant(1970, 1, 1);

/// Signs that stand for a currency by themselves, with the code beancount needs.
const SIGNS: [(&str, &str); 16] = [
    ("$", "USD"),
    ("US$", "USD"),
    ("C$", "CAD"),
    ("A$", "AUD"),
    ("€", "EUR"),
    ("£", "GBP"),
    ("¥", "JPY"),
    ("₹", "INR"),
    ("₽", "RUB"),
    ("₩", "KRW"),
    ("₿", "BTC"),
    ("₺", "TRY"),
    ("₴", "UAH"),
    ("₫", "VND"),
    ("₪", "ILS"),
    ("zł", "PLN"),
];

/// Writes the books, or says which account has no kind, without which it has no root.
pub fn beancount(ledger: &Ledger) -> Result<String, String> {
    let kinds = kinds(ledger)?;
    let all_accounts = all_accounts(ledger);
    let accounts = Spellings::of(all_accounts.iter().copied(), usize::MAX, |name| {
        account(name, kinds.get(name).copied())
    });
    let commodities = Spellings::of(all_commodities(ledger), COMMODITY_MAX, commodity);
    let mut text = String::new();
    // A total is divided and multiplied again when it is read, which leaves a trace.
    text.push_str("option \"inferred_tolerance_default\" \"*:0.0000001\"\n\n");
    open(&mut text, ledger, &all_accounts, &accounts);
    for price in &ledger.prices {
        let name = commodities.get(&price.commodity);
        let amount = amount(&price.price, &commodities);
        put(
            &mut text,
            format_args!("{} price {name} {amount}\n", price.date),
        );
    }
    for entry in &ledger.entries {
        text.push('\n');
        write_entry(&mut text, entry, &accounts, &commodities);
    }
    Ok(text)
}

fn put(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail; there is nothing to hand on.
    let _ = text.write_fmt(arguments);
}

fn kinds(ledger: &Ledger) -> Result<HashMap<&str, AccountKind>, String> {
    let declared = ledger.accounts.iter();
    let mut kinds: HashMap<&str, AccountKind> = declared
        .map(|account| (account.name.as_str(), account.kind))
        .collect();
    for line in ledger.entries.iter().flat_map(|entry| &entry.lines) {
        let name = line.account.as_str();
        if kinds.contains_key(name) {
            continue;
        }
        // An account below a declared one is of its kind.
        let mut parents = name.rmatch_indices(':').map(|(at, _)| &name[..at]);
        let kind = parents
            .find_map(|parent| kinds.get(parent).copied())
            .or_else(|| AccountKind::guess(name));
        let Some(kind) = kind else {
            return Err(format!(
                "The account {name} has no kind, and beancount needs one; say whether it is an asset, a liability, equity, income or an expense."
            ));
        };
        kinds.insert(name, kind);
    }
    Ok(kinds)
}

fn all_accounts(ledger: &Ledger) -> Vec<&str> {
    let declared = ledger.accounts.iter().map(|account| account.name.as_str());
    let lines = ledger.entries.iter().flat_map(|entry| &entry.lines);
    let mut all: Vec<&str> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for name in declared.chain(lines.map(|line| line.account.as_str())) {
        if seen.insert(name) {
            all.push(name);
        }
    }
    all
}

fn all_commodities(ledger: &Ledger) -> impl Iterator<Item = &str> + Clone {
    let lines = ledger.entries.iter().flat_map(|entry| &entry.lines);
    let used = lines.flat_map(|line| {
        let cost = line.total_cost.as_ref().map(|cost| &*cost.commodity);
        std::iter::once(&*line.amount.commodity).chain(cost)
    });
    let priced = ledger.prices.iter();
    let priced = priced.flat_map(|price| [price.commodity.as_str(), &*price.price.commodity]);
    used.chain(priced)
}

fn open(text: &mut String, ledger: &Ledger, all: &[&str], accounts: &Spellings) {
    let mut days: HashMap<&str, (Date, Date)> = HashMap::new();
    for entry in &ledger.entries {
        for line in &entry.lines {
            let used = days
                .entry(&line.account)
                .or_insert((entry.date, entry.date));
            *used = (used.0.min(entry.date), used.1.max(entry.date));
        }
    }
    let declared: HashMap<&str, _> = ledger
        .accounts
        .iter()
        .map(|account| (account.name.as_str(), account))
        .collect();
    for name in all {
        let used = days.get(name);
        let declared = declared.get(name);
        let said = declared.and_then(|account| account.opened);
        let first = match (said, used) {
            (Some(said), Some((first, _))) => said.min(*first),
            (said, used) => said.or(used.map(|days| days.0)).unwrap_or(EARLIEST),
        };
        put(text, format_args!("{first} open {}\n", accounts.get(name)));
        let closed = declared.and_then(|account| account.closed);
        // Closing before the last entry would make that entry wrong.
        if let Some(day) = closed.filter(|day| used.is_none_or(|(_, last)| day > last)) {
            put(text, format_args!("{day} close {}\n", accounts.get(name)));
        }
    }
}

fn write_entry(text: &mut String, entry: &Entry, accounts: &Spellings, commodities: &Spellings) {
    put(
        text,
        format_args!("{} * {}", entry.date, quoted(&entry.description)),
    );
    let mut written: Vec<String> = Vec::new();
    for (name, _) in entry.tags.iter().filter(|(_, value)| value.is_empty()) {
        let tag = word(name, "_-/.");
        if !written.contains(&tag) {
            put(text, format_args!(" #{tag}"));
            written.push(tag);
        }
    }
    text.push('\n');
    let valued = entry.tags.iter().filter(|(_, value)| !value.is_empty());
    let valued = valued.map(|(name, value)| (name.as_str(), value.as_str()));
    let own = [("number", entry.number.as_str()), ("note", &entry.note)];
    let own = own.into_iter().filter(|(_, value)| !value.is_empty());
    let mut keys: Vec<String> = Vec::new();
    for (name, value) in own.chain(valued) {
        let mut key = key(name);
        // A key may stand only once.
        while keys.contains(&key) {
            key.push_str("-x");
        }
        put(text, format_args!("  {key}: {}\n", quoted(value)));
        keys.push(key);
    }
    for line in &entry.lines {
        let account = accounts.get(&line.account);
        put(
            text,
            format_args!("  {account}  {}", amount(&line.amount, commodities)),
        );
        if let Some(cost) = &line.total_cost {
            let size = Amount::new(cost.quantity.absolute(), cost.commodity.clone());
            put(text, format_args!(" @@ {}", amount(&size, commodities)));
        }
        text.push('\n');
        if !line.note.is_empty() {
            put(text, format_args!("    note: {}\n", quoted(&line.note)));
        }
    }
}

fn amount(amount: &Amount, commodities: &Spellings) -> String {
    format!("{} {}", amount.quantity, commodities.get(&amount.commodity))
}

fn quoted(text: &str) -> String {
    let plain = one_line(text).replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{plain}\"")
}

/// Letters, digits and the given marks; everything else becomes a dash.
fn word(text: &str, marks: &str) -> String {
    let clean: String = text
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || marks.contains(c) {
                c
            } else {
                '-'
            }
        })
        .collect();
    if clean.is_empty() {
        "x".to_owned()
    } else {
        clean
    }
}

/// A key begins with a small letter and has two letters at least.
fn key(name: &str) -> String {
    let mut clean = word(name, "_-");
    let small = clean.starts_with(|c: char| c.is_ascii_lowercase());
    if !small {
        clean = clean.to_ascii_lowercase();
    }
    let usable = clean.starts_with(|c: char| c.is_ascii_lowercase()) && clean.len() > 1;
    if usable && !matches!(clean.as_str(), "filename" | "lineno") {
        clean
    } else {
        format!("tag-{clean}")
    }
}

fn account(name: &str, kind: Option<AccountKind>) -> String {
    let root = match kind.or_else(|| AccountKind::guess(name)) {
        Some(AccountKind::Liability) => "Liabilities",
        Some(AccountKind::Equity) => "Equity",
        Some(AccountKind::Income) => "Income",
        Some(AccountKind::Expense) => "Expenses",
        Some(AccountKind::Asset) | None => "Assets",
    };
    let mut parts: Vec<&str> = name.split(':').collect();
    // A first part that says the kind already gives way to the root.
    let said = parts.first().and_then(|first| AccountKind::guess(first));
    if said.is_some() && said == AccountKind::guess(root) {
        parts.remove(0);
    }
    if parts.is_empty() {
        parts.push("General");
    }
    let mut spelled = root.to_owned();
    for part in parts {
        spelled.push(':');
        spelled.push_str(&component(part));
    }
    spelled
}

/// A part of an account begins with a capital or digit and has letters, digits and dashes.
fn component(part: &str) -> String {
    let clean: String = part
        .trim()
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || (c.is_alphabetic()) {
                c
            } else {
                '-'
            }
        })
        .collect();
    let clean = clean.trim_start_matches('-');
    let mut letters = clean.chars();
    match letters.next() {
        None => "X".to_owned(),
        Some(first) => {
            let capital: String = first.to_uppercase().collect();
            let can_begin = capital.starts_with(|c: char| c.is_ascii_digit() || c.is_uppercase());
            let before = if can_begin { "" } else { "X" };
            format!("{before}{capital}{}", letters.as_str())
        }
    }
}

/// A commodity has 2 to 24 capitals, digits and marks, with a letter first.
fn commodity(name: &str) -> String {
    if let Some((_, code)) = SIGNS.iter().find(|(sign, _)| *sign == name) {
        return (*code).to_owned();
    }
    let clean: String = name
        .trim()
        .to_uppercase()
        .chars()
        .map(|c| match c {
            'A'..='Z' | '0'..='9' | '\'' | '.' | '_' | '-' => c,
            _ => '-',
        })
        .collect();
    let mut spelled = clean.trim_matches(['\'', '.', '_', '-']).to_owned();
    if spelled.is_empty() {
        return if name.is_empty() { "UNITS" } else { "SIGN" }.to_owned();
    }
    if !spelled.starts_with(|c: char| c.is_ascii_uppercase()) {
        spelled.insert(0, 'X');
    }
    if spelled.len() == 1 {
        spelled.push('X');
    }
    spelled.truncate(COMMODITY_MAX);
    spelled.trim_end_matches(['\'', '.', '_', '-']).to_owned()
}
