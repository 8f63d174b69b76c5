//! What must be found in a workspace's books after each kill. An entry follows
//! from its reference, so what is found can be held against what was sent.

use std::collections::{BTreeMap, HashSet};

use serde_json::{Value, json};

use super::load::Posted;
use super::server::{Instance, OWNER, Server};
use super::wire::Wire;
use super::{Told, Toll};

const ACCOUNTS: [&str; 4] = ["1100", "1200", "4100", "5100"];
/// Entries of a round that are looked at with their lines: the last ones, around
/// the kill.
const LOOKED_AT: usize = 12;

pub struct Books {
    pub slug: String,
    pub token: String,
    /// References in the order of their numbers.
    found: Vec<String>,
    acknowledged: usize,
}

/// The entry that a reference stands for.
pub struct Entry {
    pub debit: &'static str,
    pub credit: &'static str,
    minor: i64,
}

pub fn entry_of(reference: &str) -> Entry {
    // FNV-1a: the same in every process.
    let hash = reference
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    let place = |shift: u32, of: u64| usize::try_from((hash >> shift) % of).unwrap_or_default();
    let debit = place(8, 4);
    let credit = (debit + 1 + place(16, 3)) % 4;
    Entry {
        debit: ACCOUNTS[debit],
        credit: ACCOUNTS[credit],
        minor: i64::try_from(hash >> 32).unwrap_or_default() % 1_000_000 + 1,
    }
}

impl Entry {
    pub fn amount(&self) -> String {
        decimal(self.minor)
    }
}

/// Each round posts on its own day.
pub fn date_of(round: usize) -> String {
    let days = jiff::Span::new().days(i64::try_from(round).unwrap_or_default());
    let first = jiff::civil::date(2020, 1, 1);
    first.saturating_add(days).to_string()
}

impl Books {
    pub fn make(instance: &Instance, name: &str) -> Told<Self> {
        let made = instance.ask(None, "identity.create_workspace", &json!({"name": name}))?;
        let slug = text(&made, "slug")?;
        let ask = |operation: &str, input: Value| instance.ask(Some(&slug), operation, &input);
        ask(
            "books.apply_chart_template",
            json!({"template": "small_business"}),
        )?;
        let token = ask(
            "team.create_api_token",
            json!({"name": OWNER, "scopes": ["books.*"], "expires_in_days": 30}),
        )?;
        Ok(Self {
            token: text(&token, "token")?,
            slug,
            found: Vec::new(),
            acknowledged: 0,
        })
    }

    /// Looks for what the round has posted, and whether all figures agree.
    pub fn take_stock(&mut self, server: &Server, round: usize, posted: &Posted) -> Told<String> {
        let mut wire = self.wire(server)?;
        let day = date_of(round);
        let entries = self.entries(&mut wire, &format!("from={day}&to={day}"))?;
        let before = self.found.len();
        let sent: HashSet<&str> = posted.sent.iter().map(String::as_str).collect();
        for (index, (number, reference)) in entries.iter().enumerate() {
            let expected = before + index + 1;
            if usize::try_from(*number) != Ok(expected) {
                return Err(format!("entry {number} stands where {expected} should"));
            }
            if !sent.contains(reference.as_str()) {
                return Err(format!("entry {number}, {reference}, was never sent"));
            }
        }
        let numbers: BTreeMap<&str, i64> = entries
            .iter()
            .map(|(number, reference)| (reference.as_str(), *number))
            .collect();
        if numbers.len() != entries.len() {
            return Err("an entry is there twice".to_owned());
        }
        for (reference, number) in &posted.acknowledged {
            match numbers.get(reference.as_str()) {
                Some(found) if found == number => {}
                found => {
                    return Err(format!(
                        "{reference} was acknowledged as {number} and is found as {found:?}"
                    ));
                }
            }
        }
        for (number, reference) in entries.iter().rev().take(LOOKED_AT) {
            self.look_at(&mut wire, *number, reference)?;
        }
        let told = format!(
            "{} sent, {} acknowledged, {} found",
            posted.sent.len(),
            posted.acknowledged.len(),
            entries.len()
        );
        self.acknowledged += posted.acknowledged.len();
        self.found
            .extend(entries.into_iter().map(|(_, reference)| reference));
        self.check_figures(&mut wire)?;
        Ok(told)
    }

    /// All entries of all rounds are where they were found first.
    pub fn read_all(&self, server: &Server) -> Told<()> {
        let entries = self.entries(&mut self.wire(server)?, "from=2000-01-01")?;
        let found = entries.into_iter().map(|(_, reference)| reference);
        if found.eq(self.found.iter().cloned()) {
            return Ok(());
        }
        Err(format!("{}: entries are not what they were", self.slug))
    }

    pub fn add_to(&self, toll: &mut Toll) {
        toll.acknowledged += self.acknowledged;
        toll.found += self.found.len();
        toll.unacknowledged += self.found.len() - self.acknowledged;
    }

    fn wire(&self, server: &Server) -> Told<Wire> {
        Wire::connect(server.address, &self.token).map_err(|error| error.to_string())
    }

    fn path(&self, operation: &str, query: &str) -> String {
        format!("/api/v1/{}/{operation}?{query}", self.slug)
    }

    /// Numbers and references, the first entry first.
    fn entries(&self, wire: &mut Wire, query: &str) -> Told<Vec<(i64, String)>> {
        let mut entries = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = wire.query(&self.path("books.list_entries", &format!("{query}{cursor}")))?;
            for entry in page["entries"].as_array().into_iter().flatten() {
                let number = entry["number"].as_i64().ok_or("an entry has no number")?;
                entries.push((number, text(entry, "reference")?));
            }
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        entries.reverse();
        Ok(entries)
    }

    /// Whether an entry has both its lines.
    fn look_at(&self, wire: &mut Wire, number: i64, reference: &str) -> Told<()> {
        let shown = wire.query(&self.path("books.show_entry", &format!("number={number}")))?;
        let entry = entry_of(reference);
        let amount = entry.amount();
        let expected = [
            (entry.debit, amount.clone()),
            (entry.credit, format!("-{amount}")),
        ];
        let lines = shown["lines"].as_array().map_or(&[][..], Vec::as_slice);
        let as_sent = lines.len() == expected.len()
            && lines.iter().zip(&expected).all(|(line, (account, base))| {
                line["account"] == *account && line["base"] == *base
            });
        if as_sent {
            return Ok(());
        }
        Err(format!("entry {number} is not as it was sent: {shown}"))
    }

    /// The trial balance is the sum of the entries that were found, account by
    /// account, and the kept balances are what the lines say.
    fn check_figures(&self, wire: &mut Wire) -> Told<()> {
        let mut expected: BTreeMap<String, i64> = BTreeMap::new();
        for reference in &self.found {
            let entry = entry_of(reference);
            *expected.entry(entry.debit.to_owned()).or_default() += entry.minor;
            *expected.entry(entry.credit.to_owned()).or_default() -= entry.minor;
        }
        let report = wire.query(&self.path("books.trial_balance", ""))?;
        let mut sum = 0;
        for row in report["rows"].as_array().into_iter().flatten() {
            let base = minor(&text(row, "base")?)?;
            sum += base;
            if expected.remove(&text(row, "account")?).unwrap_or_default() != base {
                return Err(format!("the trial balance is not the entries' sum: {row}"));
            }
        }
        expected.retain(|_, base| *base != 0);
        if sum != 0 || !expected.is_empty() {
            return Err(format!(
                "the trial balance misses {expected:?}, sums to {sum}"
            ));
        }
        let checked = wire.query(&self.path("books.check_balances", ""))?;
        if checked["good"] == true && checked["entries"] == self.found.len() {
            return Ok(());
        }
        Err(format!("the balances are not good: {checked}"))
    }
}

fn text(from: &Value, name: &str) -> Told<String> {
    let text = from[name].as_str().map(str::to_owned);
    text.ok_or_else(|| format!("there is no {name} in {from}"))
}

fn decimal(minor: i64) -> String {
    format!("{}.{:02}", minor / 100, minor % 100)
}

fn minor(decimal: &str) -> Told<i64> {
    let digits: String = decimal.chars().filter(|c| *c != '.' && *c != ',').collect();
    digits
        .parse()
        .map_err(|_| format!("{decimal} is no amount"))
}
