//! Posts what stood on the accounts before the first entry.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Permit, Rate, Scope, Spec, StepUp,
    Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::accounts::model::Kind;
use crate::accounts::sql::{self as accounts, NewAccount};
use crate::dates;
use crate::entries::line_input::{self, LineInput};
use crate::entries::model::{LINES_MAX, NewEntry, NewLine};
use crate::entries::post_entry::{PostedEntry, base_or_first, refuse_locked};
use crate::entries::sql;
use crate::journals::sql as journals;

const COUNTER_CODE: &str = "opening";
const COUNTER_NAME: &str = "Opening balances";

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PostOpeningBalances {
    /// The day before the first entry, most often the last of a year.
    pub on: String,
    /// What stood on each account. They need not sum to zero: the rest goes to equity.
    pub balances: Vec<LineInput>,
    /// The account that takes the rest; left out, the one named Opening balances.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counter_account: Option<String>,
}

impl Command for PostOpeningBalances {
    const SPEC: Spec = Spec {
        name: "books.post_opening_balances",
        summary: "Posts what stood on the accounts when the books began.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::SignedIn,
    };
    type Output = PostedEntry;

    fn example() -> Self {
        let balance = LineInput {
            account: "1200".into(),
            amount: Some("5000.00".into()),
            ..LineInput::default()
        };
        Self {
            on: "2025-12-31".into(),
            balances: vec![balance],
            counter_account: None,
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        dates::check(faults, "on", &self.on);
        if self.balances.is_empty() || self.balances.len() >= LINES_MAX {
            faults.add("balances", format!("Give 1 to {} balances.", LINES_MAX - 1));
            return;
        }
        line_input::check(faults, &self.balances);
    }

    fn apply(self, tx: &mut Write<'_>, _: Permit<Self>) -> Result<Done<PostedEntry>, Error> {
        let date = dates::read("on", &self.on)?;
        let reserved = sql::reserve(tx, 1)?;
        refuse_locked(date, reserved.locked_through, "The opening entry")?;
        let base = base_or_first(tx, reserved.base, None, &self.balances)?;
        let read = line_input::read(tx, &self.balances, None, base)?;
        read.refuse_unvalued(base)?;
        let mut lines = read.lines;
        let rest = lines
            .iter()
            .try_fold(0_i64, |sum, line| sum.checked_add(line.base));
        let rest = rest
            .ok_or_else(|| Error::fault("balances", "These balances are too large to be kept."))?;
        if rest != 0 {
            let account = counter_account(tx, self.counter_account.as_deref())?;
            lines.push(NewLine {
                account,
                amount: -rest,
                currency: base,
                base: -rest,
                rate: None,
                note: String::new(),
            });
        }
        if lines.len() < 2 {
            return Err(Error::fault(
                "balances",
                "Give at least one balance other than zero.",
            ));
        }
        let entry = NewEntry {
            date,
            journal: journals::for_opening(tx)?,
            description: COUNTER_NAME.to_owned(),
            lines,
            ..NewEntry::default()
        };
        sql::keep(tx, reserved.number, &entry)?;
        let change = Change::created("Entry", reserved.number, &self);
        Ok(Done::new(
            PostedEntry {
                number: reserved.number,
                date: dates::iso(date),
            },
            change,
        ))
    }
}

fn counter_account(tx: &mut Write<'_>, named: Option<&str>) -> Result<i64, Error> {
    if let Some(text) = named {
        let found = accounts::find(tx, text)?;
        return found.map(|found| found.id).ok_or_else(|| {
            Error::fault("counter_account", format!("There is no account “{text}”."))
        });
    }
    let chart = accounts::chart(tx)?;
    if let Some(there) = chart.accounts.iter().find(|one| one.name == COUNTER_NAME) {
        return Ok(there.id);
    }
    let new = NewAccount {
        code: COUNTER_CODE,
        name: COUNTER_NAME,
        full_name: COUNTER_NAME,
        kind: Kind::Equity,
        parent: None,
    };
    accounts::insert(tx, &new)
}
