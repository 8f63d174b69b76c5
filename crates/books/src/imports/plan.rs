//! What an import would do: the accounts it opens, the entries it posts, those it has posted
//! before. Made whole before anything is written, so that a fault leaves nothing half done.

use std::collections::{BTreeMap, HashMap};

use daybook_kernel::time::day_number;
use daybook_kernel::{Error, Faults, Read};

use super::commodities::{self, Commodities};
use super::files::{self, JournalFile};
use super::sql;
use super::valuing::{self, ValuedLine};
use crate::accounts::model::{Chart, Kind};
use crate::accounts::sql as accounts;
use crate::journal_file::{AccountKind, Journal, Name, Transaction};
use crate::{dates, periods};

/// The first code of each kind; they count up from there.
const fn first_code(kind: Kind) -> i64 {
    match kind {
        Kind::Asset => 10_001,
        Kind::Liability => 20_001,
        Kind::Equity => 30_001,
        Kind::Income => 40_001,
        Kind::Expense => 50_001,
    }
}

#[derive(Debug)]
pub(crate) struct Plan {
    pub journal: Journal,
    pub commodities: Commodities,
    pub accounts: Vec<PlannedAccount>,
    /// Those not posted yet, each with its place in the journal.
    pub entries: Vec<PlannedEntry>,
    /// Entries that an earlier import posted.
    pub known: usize,
    /// Transactions with fewer than two lines, which move nothing.
    pub without_lines: usize,
}

#[derive(Debug)]
pub(crate) struct PlannedAccount {
    pub name: Name,
    pub code: String,
    pub kind: Kind,
    /// If the chart has it already.
    pub id: Option<i64>,
}

#[derive(Debug)]
pub(crate) struct PlannedEntry {
    /// Its index among the journal's transactions.
    pub at: usize,
    pub date: i64,
    pub lines: Vec<ValuedLine>,
    pub fingerprint: [u8; 16],
}

/// Reads the files and plans their import, or answers with every fault and its place.
pub(crate) fn plan(
    tx: &mut Read<'_>,
    input: &[JournalFile],
    main: Option<&str>,
) -> Result<Plan, Error> {
    let journal = files::read(input, main);
    let mut faults = Faults::default();
    for fault in &journal.faults {
        faults.add(fault.place.to_string(), fault.reason.clone());
    }
    faults.into_result()?;
    let mut faults = Faults::default();
    let commodities = commodities::settle(tx, &journal, &mut faults)?;
    faults.into_result()?;
    let mut faults = Faults::default();
    let accounts = planned_accounts(tx, &journal, &mut faults)?;
    let mut plan = Plan {
        journal: Journal::default(),
        commodities,
        accounts,
        entries: Vec::with_capacity(journal.transactions.len()),
        known: 0,
        without_lines: 0,
    };
    plan_entries(tx, &journal, &mut plan, &mut faults)?;
    faults.into_result()?;
    plan.journal = journal;
    Ok(plan)
}

fn plan_entries(
    tx: &mut Read<'_>,
    journal: &Journal,
    plan: &mut Plan,
    faults: &mut Faults,
) -> Result<(), Error> {
    let locked_through = periods::sql::locked_through(tx)?;
    let any_known = sql::any_fingerprint(tx)?;
    let mut times: HashMap<[u8; 32], u32> = HashMap::with_capacity(journal.transactions.len());
    let mut text = Vec::new();
    for (at, transaction) in journal.transactions.iter().enumerate() {
        if transaction.postings.len() < 2 {
            plan.without_lines += 1;
            continue;
        }
        let date = day_number(transaction.date);
        let lines = match valuing::value(transaction, &plan.commodities) {
            Ok(lines) => lines,
            Err(why) => {
                faults.add(transaction.source.to_string(), why);
                continue;
            }
        };
        write_fingerprint(&mut text, transaction, date, &lines);
        let same = tx.vault().keyed_hash("imported_entries", &text);
        let count = times.entry(same).or_default();
        *count += 1;
        let fingerprint = numbered(same, *count);
        if any_known && sql::is_known(tx, &fingerprint)? {
            plan.known += 1;
            continue;
        }
        if let Some(why) = undatable(date, locked_through) {
            faults.add(transaction.source.to_string(), why);
            continue;
        }
        plan.entries.push(PlannedEntry {
            at,
            date,
            lines,
            fingerprint,
        });
    }
    Ok(())
}

fn undatable(date: i64, locked_through: i64) -> Option<String> {
    if !(dates::DAY_FIRST..=dates::DAY_LAST).contains(&date) {
        return Some(format!(
            "{} is outside 1900 to 2199. Check the year.",
            dates::iso(date)
        ));
    }
    (date <= locked_through).then(|| {
        format!(
            "{} is locked: the books are locked through {}. Ask an Admin to unlock, or leave it out.",
            dates::iso(date),
            dates::iso(locked_through)
        )
    })
}

/// What makes an entry the same one in a later export of the same books.
fn write_fingerprint(text: &mut Vec<u8>, entry: &Transaction, date: i64, lines: &[ValuedLine]) {
    text.clear();
    text.extend_from_slice(&date.to_le_bytes());
    text.extend_from_slice(entry.payee.as_bytes());
    text.push(0);
    text.extend_from_slice(entry.description.as_bytes());
    for (posting, line) in entry.postings.iter().zip(lines) {
        text.push(0);
        text.extend_from_slice(posting.account.as_bytes());
        text.push(0);
        text.extend_from_slice(line.currency.code().as_bytes());
        text.push(line.currency.scale());
        text.extend_from_slice(&line.amount.to_le_bytes());
    }
}

/// The second of two equal entries is another one: the count is part of the print.
fn numbered(same: [u8; 32], count: u32) -> [u8; 16] {
    let mut print = [0; 16];
    print.copy_from_slice(&same[..16]);
    for (byte, part) in print[12..].iter_mut().zip(count.to_le_bytes()) {
        *byte ^= part;
    }
    print
}

fn planned_accounts(
    tx: &mut Read<'_>,
    journal: &Journal,
    faults: &mut Faults,
) -> Result<Vec<PlannedAccount>, Error> {
    let chart = accounts::chart(tx)?;
    let mut wanted: BTreeMap<&Name, Option<AccountKind>> = BTreeMap::new();
    for posting in journal
        .transactions
        .iter()
        .flat_map(|entry| &entry.postings)
    {
        if !wanted.contains_key(&posting.account) {
            wanted.insert(&posting.account, None);
        }
    }
    for declared in &journal.accounts {
        let kind = wanted.entry(&declared.name).or_default();
        *kind = kind.or(declared.kind);
    }
    let by_name: HashMap<&str, usize> = chart
        .accounts
        .iter()
        .enumerate()
        .map(|(at, one)| (one.full_name.as_str(), at))
        .collect();
    let mut next: BTreeMap<Kind, i64> = Kind::ALL.map(|kind| (kind, first_code(kind))).into();
    let mut planned = Vec::with_capacity(wanted.len());
    for (name, kind) in wanted {
        if let Some(there) = by_name.get(&**name).map(|at| &chart.accounts[*at]) {
            if there.closed {
                let message = format!(
                    "The account {} is closed. Reopen it first.",
                    there.full_name
                );
                faults.add("files", message);
            }
            let (code, kind, id) = (there.code.clone(), there.kind, Some(there.id));
            planned.push(PlannedAccount {
                name: name.clone(),
                code,
                kind,
                id,
            });
            continue;
        }
        let kind = kind
            .or_else(|| AccountKind::guess(name))
            .map_or(Kind::Asset, kind_of);
        let code = free_code(&chart, next.entry(kind).or_insert(1));
        planned.push(PlannedAccount {
            name: name.clone(),
            code,
            kind,
            id: None,
        });
    }
    Ok(planned)
}

fn free_code(chart: &Chart, next: &mut i64) -> String {
    loop {
        let code = next.to_string();
        *next += 1;
        if chart.by_code(&code).is_none() {
            return code;
        }
    }
}

const fn kind_of(kind: AccountKind) -> Kind {
    match kind {
        AccountKind::Asset => Kind::Asset,
        AccountKind::Liability => Kind::Liability,
        AccountKind::Equity => Kind::Equity,
        AccountKind::Income => Kind::Income,
        AccountKind::Expense => Kind::Expense,
    }
}
