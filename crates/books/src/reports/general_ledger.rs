//! The general ledger: every account that moved in a span, with all its lines, or a page of them
//! that costs the same wherever it is.

use std::collections::HashSet;

use daybook_kernel::operation::Table;
use daybook_kernel::{
    DataClass, Error, Exposure, Faults, Permit, Query, Rate, Read, Scope, Spec, StepUp, Target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::profit_and_loss::span;
use crate::accounts::model::{Account, Chart};
use crate::accounts::open_account::unknown;
use crate::dates;
use crate::entries::account_register::{Register, RegisterLine, Span, page};
use crate::entries::reading::Cursor;
use crate::entries::show_entry::LineShower;

/// More lines than this are no report but an export.
const LINES_MAX: usize = 20_000;
/// The longest page.
const PAGE_MAX: i64 = 1_000;

const MOVED: &str = "SELECT a.id FROM accounts a WHERE EXISTS (SELECT 1 FROM lines l \
     WHERE l.account = a.id AND l.date >= $1 AND l.date <= $2)";

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GeneralLedger {
    /// The first day; left out, the first of the year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The last day; left out, the last of the year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The account to begin with, by code or full name; left out, the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// How many lines a page has; left out, all of the span.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<i64>,
    /// The `next` of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct GeneralLedgerReport {
    pub from: String,
    pub to: String,
    /// All accounts with a line in the span, ordered by code.
    pub moved: Vec<LedgerPlace>,
    /// Whether the first account began on a page before.
    pub continued: bool,
    /// Those of this page, each with its lines on it.
    pub accounts: Vec<Register>,
    /// Where the next page begins.
    pub next: Option<String>,
    /// Whether it holds only what is assigned to you, and not all the books.
    pub assigned_only: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct LedgerPlace {
    /// The account's code.
    pub account: String,
    /// The account's full name.
    pub name: String,
}

impl Query for GeneralLedger {
    const SPEC: Spec = Spec {
        name: "books.general_ledger",
        summary: "Shows every account that moved in a span, with its lines.",
        scope: Scope::Workspace,
        rate: Rate::Heavy,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::SignedIn,
    };
    type Output = GeneralLedgerReport;

    fn example() -> Self {
        Self {
            from: Some("2026-01-01".into()),
            to: Some("2026-01-31".into()),
            ..Self::default()
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        dates::check_optional(faults, "from", self.from.as_deref());
        dates::check_optional(faults, "to", self.to.as_deref());
        if self
            .lines
            .is_some_and(|lines| !(1..=PAGE_MAX).contains(&lines))
        {
            faults.add("lines", format!("Ask for 1 to {PAGE_MAX} lines a page."));
        }
    }

    fn answer(self, tx: &mut Read<'_>, _: Permit<Self>) -> Result<GeneralLedgerReport, Error> {
        let (from, to) = span(tx, self.from.as_deref(), self.to.as_deref())?;
        let shower = LineShower::load(tx)?;
        let moved = moved(tx, &shower.chart, from, to)?;
        let start = self.start(&shower.chart)?;
        let mut report = GeneralLedgerReport {
            from: dates::iso(from),
            to: dates::iso(to),
            moved: moved.iter().map(|(_, account)| place(account)).collect(),
            continued: start.within.date > 0,
            accounts: Vec::new(),
            next: None,
            assigned_only: !tx.sees_all(),
        };
        let asked = self.lines.and_then(|lines| usize::try_from(lines).ok());
        let mut left = asked.unwrap_or(LINES_MAX);
        for (at, account) in moved.into_iter().filter(|(at, _)| *at >= start.at) {
            let span = Span {
                from,
                to,
                start: if at == start.at {
                    start.within
                } else {
                    Cursor::START
                },
                // One more than is left, to know whether there is more.
                limit: i64::try_from(left + 1).map_err(Error::ours)?,
            };
            let mut register = page(tx, &shower, account, &span)?;
            if register.lines.len() > left {
                if self.lines.is_none() {
                    let message = format!("This span has more than {LINES_MAX} lines. Shorten it.");
                    return Err(Error::fault("to", message));
                }
                register.lines.truncate(left);
                report.next = Some(next(account, register.lines.last(), &span.start)?);
            }
            left -= register.lines.len();
            if !register.lines.is_empty() {
                report.accounts.push(register);
            }
            if report.next.is_some() {
                break;
            }
        }
        Ok(report)
    }

    fn table(output: &GeneralLedgerReport) -> Option<Table> {
        let mut table = Table::new(&[
            ("account", false),
            ("name", false),
            ("date", false),
            ("entry", true),
            ("description", false),
            ("amount", true),
            ("currency", false),
            ("balance", true),
        ]);
        for account in &output.accounts {
            table.rows.extend(account.lines.iter().cloned().map(|line| {
                vec![
                    account.account.clone(),
                    account.name.clone(),
                    line.date,
                    line.entry.to_string(),
                    line.description,
                    line.amount,
                    line.currency,
                    line.balance,
                ]
            }));
        }
        Some(table)
    }
}

/// Where a page begins: the account's place in the chart, and the place within the account.
struct Start {
    at: usize,
    within: Cursor,
}

impl GeneralLedger {
    fn start(&self, chart: &Chart) -> Result<Start, Error> {
        let (account, within) = match (&self.cursor, &self.account) {
            (Some(cursor), _) => {
                let (account, within) = cursor.split_once('-').unwrap_or_default();
                let account = account.parse().ok().and_then(|id| chart.get(id));
                (account, Cursor::read(Some(within), Cursor::START)?)
            }
            (None, Some(account)) => {
                let found = chart.find(account);
                let found =
                    found.ok_or_else(|| Error::fault("account", unknown(chart, account)))?;
                (Some(found), Cursor::START)
            }
            (None, None) => {
                return Ok(Start {
                    at: 0,
                    within: Cursor::START,
                });
            }
        };
        let at = account.and_then(|found| chart.accounts.iter().position(|one| one.id == found.id));
        let at = at.ok_or_else(|| {
            Error::fault(
                "cursor",
                "This is not a place in the ledger. Begin at its start.",
            )
        })?;
        Ok(Start { at, within })
    }
}

/// The accounts with a line in the span, each with its place in the chart: a seek an account,
/// however many lines there are.
fn moved<'c>(
    tx: &mut Read<'_>,
    chart: &'c Chart,
    from: i64,
    to: i64,
) -> Result<Vec<(usize, &'c Account)>, Error> {
    let ids = tx.all(MOVED, &[from.into(), to.into()], |row| row.int(0))?;
    let ids: HashSet<i64> = ids.into_iter().collect();
    let accounts = chart.accounts.iter().enumerate();
    Ok(accounts.filter(|(_, one)| ids.contains(&one.id)).collect())
}

fn place(account: &Account) -> LedgerPlace {
    LedgerPlace {
        account: account.code.clone(),
        name: account.full_name.clone(),
    }
}

/// After the last line of a page, or where the account begins if none of its lines is on it.
fn next(account: &Account, last: Option<&RegisterLine>, start: &Cursor) -> Result<String, Error> {
    let cursor = match last {
        Some(last) => Cursor {
            date: dates::read("date", &last.date)?,
            entry: last.entry,
            line: last.line,
        },
        None => *start,
    };
    Ok(format!("{}-{cursor}", account.id))
}
