//! Rebuilds every kept balance from the lines and compares; and looks that the entries are
//! gapless, whole and balanced.

use std::collections::{BTreeMap, HashMap};

use daybook_kernel::{
    DataClass, Error, Exposure, Faults, Permit, Query, Rate, Read, Row, Scope, Spec, StepUp, Target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::sql::{span_of, wider};
use crate::accounts::sql as accounts;
use crate::dates;

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CheckBalances {}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct CheckedBalances {
    /// Whether all that is kept is what the lines say.
    pub good: bool,
    pub entries: i64,
    /// Balances compared.
    pub balances: usize,
    /// The first difference, as a sentence.
    pub difference: Option<String>,
    /// Whether only the balances of what is assigned to you were compared. Whether entries are whole
    /// is then not looked at, as you may see some in part.
    pub assigned_only: bool,
}

const LINES: &str = "SELECT entry, account, currency, date, amount, base FROM lines ORDER BY entry";

const KEPT: &str = "SELECT account, currency, until, moved, moved_base, span FROM running_balances";

const WHOLE: &str =
    "SELECT account, currency, balance, balance_base, base_differs FROM account_balances";

const COUNT: &str = "SELECT count(*), COALESCE(max(number), 0), \
       (SELECT next_entry FROM books_settings WHERE id = 1) FROM entries";

impl Query for CheckBalances {
    const SPEC: Spec = Spec {
        name: "books.check_balances",
        summary: "Rebuilds the kept balances from the lines and names the first difference.",
        scope: Scope::Workspace,
        rate: Rate::Heavy,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::SignedIn,
    };
    type Output = CheckedBalances;

    fn example() -> Self {
        Self {}
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, _: &mut Faults) {}

    fn answer(self, tx: &mut Read<'_>, _: Permit<Self>) -> Result<CheckedBalances, Error> {
        let assigned_only = !tx.sees_all();
        let (entries, gap) = entries(tx)?;
        let mut lines = Lines::default();
        tx.each(LINES, &[], |row| lines.add(row))?;
        lines.end_entry();
        let not_whole = lines
            .wrong
            .or((lines.entry != entries).then_some(lines.entry + 1));
        let not_whole =
            not_whole.map(|number| format!("Entry {number} is not whole or does not balance."));
        let (expected, whole) = lines.expected()?;
        let balances = expected.len() + whole.len();
        let mut difference = gap.or(not_whole).filter(|_| !assigned_only);
        let differs = [
            compare(tx, &mut lines.currencies, expected)?,
            compare_whole(tx, &mut lines.currencies, whole)?,
        ];
        if let (None, Some(found)) = (&difference, differs.into_iter().flatten().next()) {
            difference = Some(sentence(tx, &lines.currencies, &found)?);
        }
        Ok(CheckedBalances {
            good: difference.is_none(),
            entries,
            balances,
            difference,
            assigned_only,
        })
    }
}

fn entries(tx: &mut Read<'_>) -> Result<(i64, Option<String>), Error> {
    let counted = tx.first(COUNT, &[], |row| {
        Ok((row.int(0)?, row.int(1)?, row.int(2)?))
    })?;
    let (count, highest, next) = counted.unwrap_or_default();
    let gap = (count != highest || next != highest + 1).then(|| {
        format!(
            "There are {count} entries, the highest number is {highest} and the next would be {next}."
        )
    });
    Ok((count, gap))
}

/// Account, currency by its place in [`Currencies`], and the day, month or year; 0 is all time.
type Key = (i64, usize, i64);
type Sums = BTreeMap<Key, [i64; 2]>;

/// What a kept balance is and what the lines say.
type Difference = (Key, Option<[i64; 2]>, Option<[i64; 2]>);

#[derive(Default)]
struct Currencies(Vec<String>);

impl Currencies {
    /// Workspaces have few, so a look through all of them is the quickest.
    fn place(&mut self, code: &str) -> usize {
        let found = self.0.iter().position(|one| one == code);
        found.unwrap_or_else(|| {
            self.0.push(code.to_owned());
            self.0.len() - 1
        })
    }
}

/// All lines, read once in the order of their entries.
#[derive(Default)]
struct Lines {
    currencies: Currencies,
    by_day: HashMap<Key, [i64; 2]>,
    /// The entry being read, its sum in the base currency and the count of its lines.
    entry: i64,
    sum: i64,
    count: usize,
    /// The first entry that is not whole.
    wrong: Option<i64>,
}

impl Lines {
    fn add(&mut self, row: &dyn Row) -> Result<(), Error> {
        let (entry, amount, base) = (row.int(0)?, row.int(4)?, row.int(5)?);
        if entry != self.entry {
            self.end_entry();
            // Numbers have no gap, so an entry that is passed over has no lines.
            if entry != self.entry + 1 {
                self.wrong = self.wrong.or(Some(self.entry + 1));
            }
            (self.entry, self.sum, self.count) = (entry, 0, 0);
        }
        self.sum = self.sum.saturating_add(base);
        self.count += 1;
        let key = (
            row.int(1)?,
            self.currencies.place(row.text(2)?),
            row.int(3)?,
        );
        let day = self.by_day.entry(key).or_default();
        *day = plus(*day, [amount, base])?;
        Ok(())
    }

    fn end_entry(&mut self) {
        if self.entry != 0 && (self.sum != 0 || self.count < 2) {
            self.wrong = self.wrong.or(Some(self.entry));
        }
    }

    /// The running sums that must be kept, and the whole balances with whether a base amount
    /// differed on any day.
    fn expected(&mut self) -> Result<(Sums, BTreeMap<Key, ([i64; 2], bool)>), Error> {
        let mut days: Vec<(Key, [i64; 2])> = self.by_day.drain().collect();
        days.sort_unstable();
        let mut sums = Sums::new();
        let mut whole: BTreeMap<Key, ([i64; 2], bool)> = BTreeMap::new();
        let mut before: Option<Key> = None;
        // What moved so far in the month, in the year and in all.
        let mut running = [[0_i64; 2]; 3];
        for (key, moved) in days {
            let (account, currency, day) = key;
            let (month, year) = (wider(day), wider(wider(day)));
            let last = before.filter(|last| (last.0, last.1) == (account, currency));
            if last.is_none_or(|last| wider(last.2) != month) {
                running[0] = [0, 0];
            }
            if last.is_none_or(|last| wider(wider(last.2)) != year) {
                running[1] = [0, 0];
            }
            if last.is_none() {
                running[2] = [0, 0];
            }
            for (sum, until) in running.iter_mut().zip([day, month, year]) {
                *sum = plus(*sum, moved)?;
                // Days come in order, so the last of a month or a year stays.
                sums.insert((account, currency, until), *sum);
            }
            let (all, differs) = whole.entry((account, currency, 0)).or_default();
            *all = running[2];
            *differs |= moved[0] != moved[1];
            before = Some(key);
        }
        Ok((sums, whole))
    }
}

/// Takes each kept sum from those expected; the first that differs or is left is told.
fn compare(
    tx: &mut Read<'_>,
    currencies: &mut Currencies,
    mut expected: Sums,
) -> Result<Option<Difference>, Error> {
    let mut first: Option<Difference> = None;
    tx.each(KEPT, &[], |row| {
        let key = (row.int(0)?, currencies.place(row.text(1)?), row.int(2)?);
        let kept = [row.int(3)?, row.int(4)?];
        let said = expected.remove(&key);
        // A row of another span would never be read.
        if said != Some(kept) || row.int(5)? != span_of(key.2) {
            first.get_or_insert((key, Some(kept), said));
        }
        Ok(())
    })?;
    Ok(first.or_else(|| {
        let (key, said) = expected.pop_first()?;
        Some((key, None, Some(said)))
    }))
}

fn compare_whole(
    tx: &mut Read<'_>,
    currencies: &mut Currencies,
    mut expected: BTreeMap<Key, ([i64; 2], bool)>,
) -> Result<Option<Difference>, Error> {
    let mut first: Option<Difference> = None;
    tx.each(WHOLE, &[], |row| {
        let key = (row.int(0)?, currencies.place(row.text(1)?), 0);
        let kept = [row.int(2)?, row.int(3)?];
        let said = expected.remove(&key);
        // Without the mark the base sums are not read; with it they are, needed or not.
        let unmarked = row.int(4)? == 0 && said.is_some_and(|(_, differs)| differs);
        if unmarked || said.map(|(sums, _)| sums) != Some(kept) {
            first.get_or_insert((key, Some(kept), said.map(|(sums, _)| sums)));
        }
        Ok(())
    })?;
    Ok(first.or_else(|| {
        let (key, (said, _)) = expected.pop_first()?;
        Some((key, None, Some(said)))
    }))
}

fn plus(a: [i64; 2], b: [i64; 2]) -> Result<[i64; 2], Error> {
    let sum = |at: usize| {
        a[at]
            .checked_add(b[at])
            .ok_or_else(|| Error::ours("a rebuilt balance is out of range"))
    };
    Ok([sum(0)?, sum(1)?])
}

fn sentence(
    tx: &mut Read<'_>,
    currencies: &Currencies,
    (key, kept, said): &Difference,
) -> Result<String, Error> {
    let chart = accounts::chart(tx)?;
    let (account, currency, until) = *key;
    let name = chart
        .get(account)
        .map_or_else(|| account.to_string(), |one| one.code.clone());
    let currency = currencies.0.get(currency).map_or("", String::as_str);
    let when = match until {
        0 => "over all dates".to_owned(),
        1..=9_999 => format!("at the end of {until}"),
        10_000..=999_999 => format!("at the end of {:04}-{:02}", until / 100, until % 100),
        _ => format!("on {}", dates::iso(until)),
    };
    let show = |sums: &Option<[i64; 2]>| {
        sums.map_or_else(
            || "nothing".to_owned(),
            |[amount, base]| format!("{amount} (base {base})"),
        )
    };
    Ok(format!(
        "The balance of account {name} in {currency} {when} is kept as {} and the lines say {}, in minor units.",
        show(kept),
        show(said)
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn sums_run_within_their_month_and_year_and_from_the_beginning() {
        let mut lines = Lines {
            by_day: HashMap::from([
                ((1, 0, 20_251_231), [4, 4]),
                ((1, 0, 20_260_130), [5, 5]),
                ((1, 0, 20_260_131), [1, 1]),
                ((1, 0, 20_260_201), [-2, -3]),
                ((2, 0, 20_260_201), [7, 7]),
            ]),
            ..Lines::default()
        };
        let (sums, whole) = lines.expected().unwrap();
        let of_first: Vec<(i64, i64)> = sums
            .range((1, 0, 0)..(2, 0, 0))
            .map(|(key, sums)| (key.2, sums[0]))
            .collect();
        let expected = [
            (2025, 4),
            (2026, 8),
            (202_512, 4),
            (202_601, 6),
            (202_602, 4),
            (20_251_231, 4),
            (20_260_130, 5),
            (20_260_131, 6),
            (20_260_201, -2),
        ];
        assert_eq!(of_first, expected);
        assert_eq!(whole[&(1, 0, 0)], ([8, 7], true));
        assert_eq!(whole[&(2, 0, 0)], ([7, 7], false));
    }
}
