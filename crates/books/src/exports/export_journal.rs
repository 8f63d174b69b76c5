//! Writes the books as an hledger or beancount journal.

use std::collections::{BTreeMap, HashMap};

use daybook_kernel::operation::File;
use daybook_kernel::{
    DataClass, Error, Exposure, Faults, Permit, Query, Rate, Read, Scope, Spec, StepUp, Target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::accounts::model::Kind;
use crate::dates::civil;
use crate::entries::show_entry::LineShower;
use crate::journal_file::write::{self, Account, Entry, Ledger, Line};
use crate::journal_file::{AccountKind, Amount, Name, Quantity};
use crate::journals::model::GENERAL;
use crate::journals::sql as journals;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    Hledger,
    Beancount,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExportJournal {
    /// hledger (which ledger reads too) or beancount.
    pub format: Format,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ExportedJournal {
    pub format: Format,
    /// What the file is to be called.
    pub file: String,
    pub entries: usize,
    pub text: String,
    /// Whether it holds only what is assigned to you. What an entry has on other accounts is then
    /// one line that keeps it balanced, on an account of this file alone.
    pub assigned_only: bool,
}

/// Where the other lines of an entry go that is exported in part.
const ELSEWHERE: &str = "Equity:Not assigned";

const ENTRIES: &str = "SELECT number, date, description, reference, note, journal FROM entries \
     ORDER BY date, number";

const LINES: &str =
    "SELECT entry, account, amount, currency, base, note FROM lines ORDER BY entry, line";

const TAGS: &str = "SELECT entry, tag FROM entry_tags ORDER BY entry, tag_index";

impl Query for ExportJournal {
    const SPEC: Spec = Spec {
        name: "books.export_journal",
        summary: "Writes the books as an hledger or beancount journal.",
        scope: Scope::Workspace,
        rate: Rate::Heavy,
        data: DataClass::Restricted,
        step_up: StepUp::Fresh,
        exposure: Exposure::Session,
    };
    type Output = ExportedJournal;

    fn example() -> Self {
        Self {
            format: Format::Hledger,
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, _: &mut Faults) {}

    fn answer(self, tx: &mut Read<'_>, _: Permit<Self>) -> Result<ExportedJournal, Error> {
        let ledger = ledger(tx)?;
        let (file, text) = match self.format {
            Format::Hledger => ("books.journal", write::hledger(&ledger)),
            Format::Beancount => {
                let text = write::beancount(&ledger).map_err(|why| Error::fault("format", why))?;
                ("books.beancount", text)
            }
        };
        let entries = ledger.entries.len();
        Ok(ExportedJournal {
            format: self.format,
            file: file.to_owned(),
            entries,
            text,
            assigned_only: !tx.sees_all(),
        })
    }

    fn file(output: &ExportedJournal) -> Option<File> {
        Some(File {
            name: output.file.clone(),
            media: "text/plain; charset=utf-8",
            text: output.text.clone(),
        })
    }
}

fn ledger(tx: &mut Read<'_>) -> Result<Ledger, Error> {
    let shower = LineShower::load(tx)?;
    let journals = journals::all(tx)?;
    let mut lines = lines(tx, &shower)?;
    let mut in_part = false;
    for lines in lines.values_mut().filter(|_| !tx.sees_all()) {
        let elsewhere = elsewhere(lines, &shower)?;
        in_part |= !elsewhere.is_empty();
        lines.extend(elsewhere);
    }
    let mut tags: HashMap<i64, Vec<(String, String)>> = HashMap::new();
    tx.each(TAGS, &[], |row| {
        let tag = row.sealed(1, "entry_tags.tag")?;
        let (name, value) = tag.split_once(':').unwrap_or((&tag, ""));
        tags.entry(row.int(0)?)
            .or_default()
            .push((name.to_owned(), value.to_owned()));
        Ok(())
    })?;
    let entries = tx.all(ENTRIES, &[], |row| {
        let number = row.int(0)?;
        let note = row.sealed(4, "entries.note")?;
        // An imported note often spells out the tags that it was read from.
        let mut own_tags = tags.remove(&number).unwrap_or_default();
        own_tags.retain(|(name, _)| !note.contains(&format!("{name}:")));
        // Neither syntax knows journals, but both keep what is said of an entry.
        let journal = row.int(5)?;
        if journal != GENERAL && own_tags.iter().all(|(name, _)| name != "journal") {
            own_tags.push(("journal".to_owned(), journals.code(journal)));
        }
        Ok(Entry {
            date: civil(row.int(1)?),
            number: row.sealed(3, "entries.reference")?,
            description: row.sealed(2, "entries.description")?,
            note,
            tags: own_tags,
            lines: lines.remove(&number).unwrap_or_default(),
        })
    })?;
    let account = |name: &str, kind: AccountKind| Account {
        name: name.to_owned(),
        kind,
        opened: None,
        closed: None,
    };
    let chart = shower.chart.accounts.iter();
    let mut accounts: Vec<Account> = chart
        .map(|one| account(&one.full_name, kind_of(one.kind)))
        .collect();
    if in_part {
        accounts.push(account(ELSEWHERE, AccountKind::Equity));
    }
    Ok(Ledger {
        accounts,
        entries,
        prices: Vec::new(),
    })
}

/// Lines by entry. One in another currency carries what it is worth in the base currency, unless
/// it is not valued at all.
fn lines(tx: &mut Read<'_>, shower: &LineShower) -> Result<HashMap<i64, Vec<Line>>, Error> {
    let mut commodities: HashMap<String, (Name, u8)> = HashMap::new();
    let base_name = Name::from(shower.base.code.as_str());
    let mut lines: HashMap<i64, Vec<Line>> = HashMap::new();
    tx.each(LINES, &[], |row| {
        let code = row.text(3)?;
        if !commodities.contains_key(code) {
            let scale = shower
                .scales
                .currency(code)
                .map_or(0, |currency| currency.scale());
            commodities.insert(code.to_owned(), (Name::from(code), scale));
        }
        let (name, scale) = &commodities[code];
        let base = row.int(4)?;
        let total_cost = match base {
            0 => None,
            base if code != shower.base.code => Some(Amount::new(
                quantity(base, shower.base.scale)?,
                base_name.clone(),
            )),
            _ => None,
        };
        lines.entry(row.int(0)?).or_default().push(Line {
            account: shower.account(row.int(1)?).1,
            amount: Amount::new(quantity(row.int(2)?, *scale)?, name.clone()),
            total_cost,
            note: row.sealed(5, "lines.note")?,
        });
        Ok(())
    })?;
    Ok(lines)
}

/// What the lines lack to balance, by commodity: nothing where an entry is seen whole.
fn elsewhere(lines: &[Line], shower: &LineShower) -> Result<Vec<Line>, Error> {
    let mut sums: BTreeMap<Name, i128> = BTreeMap::new();
    for line in lines {
        // What it weighs in the base currency; what is not valued there weighs as it is.
        let weight = line.total_cost.as_ref().unwrap_or(&line.amount);
        *sums.entry(weight.commodity.clone()).or_default() += weight.quantity.mantissa();
    }
    let lacking = sums.into_iter().filter(|(_, sum)| *sum != 0);
    lacking
        .map(|(commodity, sum)| {
            let scale = if *commodity == *shower.base.code {
                shower.base.scale
            } else {
                let known = shower.scales.currency(&commodity);
                known.map_or(0, |currency| currency.scale())
            };
            let quantity = Quantity::new(-sum, scale).map_err(Error::ours)?;
            Ok(Line {
                account: ELSEWHERE.to_owned(),
                amount: Amount::new(quantity, commodity),
                total_cost: None,
                note: String::new(),
            })
        })
        .collect()
}

fn quantity(minor: i64, scale: u8) -> Result<Quantity, Error> {
    Quantity::new(i128::from(minor), scale).map_err(Error::ours)
}

const fn kind_of(kind: Kind) -> AccountKind {
    match kind {
        Kind::Asset => AccountKind::Asset,
        Kind::Liability => AccountKind::Liability,
        Kind::Equity => AccountKind::Equity,
        Kind::Income => AccountKind::Income,
        Kind::Expense => AccountKind::Expense,
    }
}
