//! The syntax that hledger and ledger both read.

use std::fmt::Write as _;

use super::super::model::{AccountKind, Amount};
use super::unique::Spellings;
use super::{Entry, Ledger, Line, one_line};

/// Writes the books; hledger 1.25 and ledger 3.3 read them to the same balances.
pub fn hledger(ledger: &Ledger) -> String {
    let declared = ledger.accounts.iter().map(|account| &account.name);
    let lines = ledger.entries.iter().flat_map(|entry| &entry.lines);
    let used = lines.map(|line| &line.account);
    let names = declared.chain(used).map(String::as_str);
    let accounts = Spellings::of(names, usize::MAX, account);
    let mut text = String::new();
    for declared in &ledger.accounts {
        let letter = match declared.kind {
            AccountKind::Asset => 'A',
            AccountKind::Liability => 'L',
            AccountKind::Equity => 'E',
            AccountKind::Income => 'R',
            AccountKind::Expense => 'X',
        };
        let name = accounts.get(&declared.name);
        // On a line of its own, because ledger would take it for part of the name.
        put(
            &mut text,
            format_args!("account {name}\n    ; type: {letter}\n"),
        );
    }
    text.push('\n');
    for price in &ledger.prices {
        let commodity = symbol(&price.commodity);
        let amount = amount(&price.price);
        put(
            &mut text,
            format_args!("P {} {commodity} {amount}\n", price.date),
        );
    }
    for entry in &ledger.entries {
        text.push('\n');
        write_entry(&mut text, entry, &accounts);
    }
    text
}

fn put(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail; there is nothing to hand on.
    let _ = text.write_fmt(arguments);
}

fn write_entry(text: &mut String, entry: &Entry, accounts: &Spellings) {
    let number = one_line(&entry.number).replace(['(', ')'], "-");
    let description = one_line(&entry.description).replace(';', ",");
    put(text, format_args!("{}", entry.date));
    // Empty parentheses keep a description that looks like a mark from being one.
    if !number.is_empty() || description.starts_with(['*', '!', '(', '=']) {
        put(text, format_args!(" ({number})"));
    }
    if !description.is_empty() {
        put(text, format_args!(" {description}"));
    }
    text.push('\n');
    for line in entry.note.lines().map(plain_note) {
        put(text, format_args!("    ; {line}\n"));
    }
    for (name, value) in &entry.tags {
        let name = tag_name(name);
        put(text, format_args!("    ; {name}: {}\n", plain_note(value)));
    }
    for line in &entry.lines {
        write_line(text, line, accounts);
    }
}

fn write_line(text: &mut String, line: &Line, accounts: &Spellings) {
    let account = accounts.get(&line.account);
    put(
        text,
        format_args!("    {account}  {}", amount(&line.amount)),
    );
    if let Some(cost) = &line.total_cost {
        let size = Amount::new(cost.quantity.absolute(), cost.commodity.clone());
        put(text, format_args!(" @@ {}", amount(&size)));
    }
    text.push('\n');
    for note in line.note.lines().map(plain_note) {
        put(text, format_args!("    ; {note}\n"));
    }
}

fn amount(amount: &Amount) -> String {
    if amount.commodity.is_empty() {
        return amount.quantity.to_string();
    }
    format!("{} {}", amount.quantity, symbol(&amount.commodity))
}

/// A commodity, in quotation marks unless it is a plain word or currency sign.
fn symbol(commodity: &str) -> String {
    let plain = commodity
        .chars()
        .all(|c| c.is_ascii_alphabetic() || "$€£¥₹₽₩₿₺₴₫₪".contains(c));
    if plain && !commodity.is_empty() {
        commodity.to_owned()
    } else {
        format!("\"{}\"", one_line(commodity).replace(['"', ';'], "'"))
    }
}

/// An account name that can be told from what stands beside it on a line.
fn account(name: &str) -> String {
    let parts: Vec<String> = name
        .split(':')
        .map(|part| one_line(part).replace([';', '"'], ","))
        .filter(|part| !part.is_empty())
        .collect();
    let whole = parts.join(":");
    let marked = whole.starts_with(['(', '[', '<', '{', '*', '!', '=', '@', '#', '|', '%', '~']);
    match (whole.is_empty(), marked) {
        (true, _) => "Unnamed".to_owned(),
        (_, true) => format!("_{whole}"),
        _ => whole,
    }
}

/// Words in which no program finds a date, a tag that it acts upon, or a value expression.
fn plain_note(text: &str) -> String {
    one_line(text)
        .replace('[', "(")
        .replace(']', ")")
        .replace(':', ": ")
        .replace("date:", "date :")
        .replace("date2:", "date2 :")
        .trim_end()
        .to_owned()
}

fn tag_name(name: &str) -> String {
    let clean: String = name
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || c == '_' {
                c
            } else {
                '-'
            }
        })
        .collect();
    match clean.as_str() {
        "" => "tag".to_owned(),
        // hledger would move the entry to that day, ledger would rename the payee.
        "date" | "date2" | "type" => format!("{clean}-"),
        other if other.eq_ignore_ascii_case("payee") => format!("{clean}-"),
        _ => clean,
    }
}
