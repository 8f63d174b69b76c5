//! The register of an account: its lines in order of date, each with the balance after it.

use std::collections::BTreeMap;

use daybook_kernel::operation::Table;
use daybook_kernel::{
    DataClass, Error, Exposure, Faults, Permit, Query, Rate, Read, Row, Scope, Spec, StepUp, Target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::reading::Cursor;
use super::show_entry::LineShower;
use crate::accounts::list_accounts::Balance;
use crate::accounts::model::{Account, Kind};
use crate::accounts::open_account::unknown;
use crate::{balances, dates};

/// Lines of one page.
pub(crate) const PAGE: i64 = 50;

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccountRegister {
    /// Code or full name.
    pub account: String,
    /// The first day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The last day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// oldest or newest first.
    #[serde(default)]
    pub order: Order,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Order {
    #[default]
    Oldest,
    Newest,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Register {
    pub account: String,
    pub name: String,
    pub kind: Kind,
    pub closed: bool,
    /// What stood on the account before the first line of this page.
    pub opening: Vec<Balance>,
    pub lines: Vec<RegisterLine>,
    /// What stands on the account at the end of the last day asked for.
    pub closing: Vec<Balance>,
    pub next: Option<String>,
    /// Whether it holds only what is assigned to you: the other side of a line is then shown where
    /// that is assigned too.
    pub assigned_only: bool,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct RegisterLine {
    pub entry: i64,
    pub line: i64,
    pub date: String,
    pub description: String,
    pub reference: String,
    /// The account on the other side, where there is one only.
    pub other: Option<String>,
    /// The first of the other accounts, by its full name, and how many there are.
    pub first_other: Option<String>,
    pub others: i64,
    /// Signed, debit positive.
    pub amount: String,
    pub currency: String,
    /// What stands on the account in this currency after the line.
    pub balance: String,
    pub note: String,
}

const LINES: &str = "SELECT l.date, l.entry, l.line, l.amount, l.currency, l.note, e.description, \
       e.reference, \
       (SELECT min(o.account) FROM lines o WHERE o.entry = l.entry AND o.account <> $1), \
       (SELECT max(o.account) FROM lines o WHERE o.entry = l.entry AND o.account <> $1), \
       (SELECT CAST(count(DISTINCT o.account) AS BIGINT) FROM lines o \
         WHERE o.entry = l.entry AND o.account <> $1) \
     FROM lines l JOIN entries e ON e.number = l.entry \
     WHERE l.account = $1 AND l.date >= $2 AND l.date <= $3 \
       AND (l.date, l.entry, l.line) > ($4, $5, $6) \
     ORDER BY l.date, l.entry, l.line LIMIT $7";

const NEWEST: &str = "SELECT date, entry, line FROM lines \
     WHERE account = $1 AND date >= $2 AND date <= $3 AND (date, entry, line) < ($4, $5, $6) \
     ORDER BY date DESC, entry DESC, line DESC LIMIT $7";

const EARLIER_THAT_DAY: &str = "SELECT currency, CAST(sum(amount) AS BIGINT) FROM lines \
     WHERE account = $1 AND date = $2 AND (entry, line) <= ($3, $4) GROUP BY currency";

impl Query for AccountRegister {
    const SPEC: Spec = Spec {
        name: "books.account_register",
        summary: "Shows the lines of an account with the running balance.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::SignedIn,
    };
    type Output = Register;

    fn example() -> Self {
        Self {
            account: "1200".into(),
            from: Some("2026-01-01".into()),
            ..Self::default()
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        dates::check_optional(faults, "from", self.from.as_deref());
        dates::check_optional(faults, "to", self.to.as_deref());
    }

    fn answer(self, tx: &mut Read<'_>, _: Permit<Self>) -> Result<Register, Error> {
        let from = dates::read_or("from", self.from.as_deref(), dates::DAY_FIRST)?;
        let to = dates::read_or("to", self.to.as_deref(), dates::DAY_LAST)?;
        let otherwise = match self.order {
            Order::Oldest => Cursor::START,
            Order::Newest => Cursor::END,
        };
        let start = Cursor::read(self.cursor.as_deref(), otherwise)?;
        let shower = LineShower::load(tx)?;
        let account = shower
            .chart
            .find(&self.account)
            .ok_or_else(|| Error::fault("account", unknown(&shower.chart, &self.account)))?;
        let span = Span {
            from,
            to,
            start,
            limit: PAGE,
        };
        match self.order {
            Order::Oldest => page(tx, &shower, account, &span),
            Order::Newest => newest(tx, &shower, account, span),
        }
    }

    fn table(output: &Register) -> Option<Table> {
        let mut table = Table::new(&[
            ("date", false),
            ("entry", true),
            ("description", false),
            ("other", false),
            ("amount", true),
            ("currency", false),
            ("balance", true),
        ]);
        table.rows.extend(output.lines.iter().cloned().map(|line| {
            vec![
                line.date,
                line.entry.to_string(),
                line.description,
                line.other.unwrap_or_default(),
                line.amount,
                line.currency,
                line.balance,
            ]
        }));
        Some(table)
    }
}

/// Which lines of an account are wanted.
pub(crate) struct Span {
    pub from: i64,
    pub to: i64,
    pub start: Cursor,
    pub limit: i64,
}

/// One page of a register. What stood before it comes from the kept balances and the lines of
/// one day, so the page costs the same wherever it is.
pub(crate) fn page(
    tx: &mut Read<'_>,
    shower: &LineShower,
    account: &Account,
    span: &Span,
) -> Result<Register, Error> {
    let mut running = before(tx, account.id, span)?;
    let opening = shown(&running, shower);
    let [date, entry, line] = span.start.params();
    // SQLite seeks by the plain comparison only, so the place bounds the days as well.
    let params = [
        account.id.into(),
        span.from.max(span.start.date).into(),
        span.to.into(),
        date,
        entry,
        line,
        span.limit.into(),
    ];
    let mut last = None;
    let lines = tx.all(LINES, &params, |row| {
        last = Some(Cursor {
            date: row.int(0)?,
            entry: row.int(1)?,
            line: row.int(2)?,
        });
        register_line(row, shower, &mut running)
    })?;
    let full = i64::try_from(lines.len()).is_ok_and(|count| count == span.limit);
    let closing = balances::at(tx, span.to, Some(account.id))?;
    let closing: BTreeMap<String, i64> = closing
        .into_iter()
        .map(|standing| (standing.currency, standing.amount))
        .collect();
    Ok(Register {
        account: account.code.clone(),
        name: account.full_name.clone(),
        kind: account.kind,
        closed: account.closed,
        opening,
        lines,
        closing: shown(&closing, shower),
        next: last.filter(|_| full).map(|cursor| cursor.to_string()),
        assigned_only: !tx.sees_all(),
    })
}

/// The page that ends before the cursor, the newest line first. It is read like any other, from
/// its oldest line on, because a running balance only runs forward.
fn newest(
    tx: &mut Read<'_>,
    shower: &LineShower,
    account: &Account,
    mut span: Span,
) -> Result<Register, Error> {
    let [date, entry, line] = span.start.params();
    let params = [
        account.id.into(),
        span.from.into(),
        span.to.min(span.start.date).into(),
        date,
        entry,
        line,
        span.limit.into(),
    ];
    let places = tx.all(NEWEST, &params, |row| {
        Ok(Cursor {
            date: row.int(0)?,
            entry: row.int(1)?,
            line: row.int(2)?,
        })
    })?;
    let count = i64::try_from(places.len()).map_err(Error::ours)?;
    let full = count == span.limit;
    span.limit = count;
    let next = places.last().filter(|_| full).map(ToString::to_string);
    if let Some(oldest) = places.last() {
        span.start = Cursor {
            line: oldest.line - 1,
            ..*oldest
        };
    }
    let mut register = page(tx, shower, account, &span)?;
    register.lines.reverse();
    register.next = next;
    Ok(register)
}

fn before(tx: &mut Read<'_>, account: i64, span: &Span) -> Result<BTreeMap<String, i64>, Error> {
    let within = span.start.date >= span.from;
    let first = if within { span.start.date } else { span.from };
    let standings = balances::at(tx, dates::previous(first), Some(account))?;
    let mut running: BTreeMap<String, i64> = standings
        .into_iter()
        .map(|standing| (standing.currency, standing.amount))
        .collect();
    if within {
        let [date, entry, line] = span.start.params();
        tx.each(
            EARLIER_THAT_DAY,
            &[account.into(), date, entry, line],
            |row| add(&mut running, row.text(0)?, row.int(1)?).map(|_| ()),
        )?;
    }
    Ok(running)
}

fn add(running: &mut BTreeMap<String, i64>, currency: &str, amount: i64) -> Result<i64, Error> {
    if !running.contains_key(currency) {
        running.insert(currency.to_owned(), 0);
    }
    let Some(balance) = running.get_mut(currency) else {
        return Ok(0);
    };
    *balance = balance
        .checked_add(amount)
        .ok_or_else(|| Error::ours("a running balance is out of range"))?;
    Ok(*balance)
}

fn register_line(
    row: &dyn Row,
    shower: &LineShower,
    running: &mut BTreeMap<String, i64>,
) -> Result<RegisterLine, Error> {
    let (amount, currency) = (row.int(3)?, row.text(4)?);
    let balance = add(running, currency, amount)?;
    let (lowest, highest) = (row.maybe_int(8)?, row.maybe_int(9)?);
    let other = lowest
        .filter(|_| lowest == highest)
        .map(|id| shower.account(id).1);
    Ok(RegisterLine {
        entry: row.int(1)?,
        line: row.int(2)?,
        date: dates::iso(row.int(0)?),
        description: row.sealed(6, "entries.description")?,
        reference: row.sealed(7, "entries.reference")?,
        other,
        first_other: lowest.map(|id| shower.account(id).1),
        others: row.int(10)?,
        amount: shower.scales.decimal(currency, amount),
        currency: currency.to_owned(),
        balance: shower.scales.decimal(currency, balance),
        note: row.sealed(5, "lines.note")?,
    })
}

fn shown(balances: &BTreeMap<String, i64>, shower: &LineShower) -> Vec<Balance> {
    balances
        .iter()
        .map(|(currency, &minor)| Balance {
            currency: currency.clone(),
            balance: shower.scales.decimal(currency, minor),
        })
        .collect()
}
