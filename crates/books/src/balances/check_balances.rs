//! Rebuilds every kept balance from the lines and compares; and looks that the entries are
//! gapless, whole and balanced.

use std::collections::BTreeMap;

use daybook_kernel::time::month_of;
use daybook_kernel::{
    DataClass, Error, Exposure, Faults, Permit, Query, Rate, Read, Scope, Spec, StepUp, Target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
}

const BY_DAY: &str = "SELECT account, currency, date, CAST(sum(amount) AS BIGINT), \
       CAST(sum(base) AS BIGINT) FROM lines GROUP BY account, currency, date";

const DAYS: &str = "SELECT account, currency, day, moved, moved_base FROM day_balances";

const MONTHS: &str = "SELECT account, currency, month, closing, closing_base FROM month_balances";

const TOTALS: &str =
    "SELECT account, currency, last_month, balance, balance_base FROM account_balances";

const COUNT: &str = "SELECT count(*), COALESCE(max(number), 0), \
       (SELECT next_entry FROM books_settings WHERE id = 1) FROM entries";

const UNBALANCED: &str = "SELECT l.entry FROM lines l GROUP BY l.entry \
     HAVING sum(l.base) <> 0 OR count(*) < 2 \
       OR NOT EXISTS (SELECT 1 FROM entries e WHERE e.number = l.entry) ORDER BY l.entry LIMIT 1";

/// Account, currency, and the day or month.
type Key = (i64, String, i64);
type Sums = BTreeMap<Key, [i64; 2]>;

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
        let (entries, entry_fault) = entries(tx)?;
        let moved = sums(tx, BY_DAY)?;
        let expected = expected(&moved)?;
        let mut balances = 0;
        let mut difference = entry_fault;
        let kept = [("day", DAYS), ("month", MONTHS), ("total", TOTALS)];
        for ((what, sql), expected) in kept.into_iter().zip(expected) {
            let kept = sums(tx, sql)?;
            balances += kept.len();
            if difference.is_none()
                && let Some((key, kept, expected)) = first_difference(&kept, &expected)
            {
                difference = Some(sentence(tx, what, &key, kept, expected)?);
            }
        }
        Ok(CheckedBalances {
            good: difference.is_none(),
            entries,
            balances,
            difference,
        })
    }
}

fn entries(tx: &mut Read<'_>) -> Result<(i64, Option<String>), Error> {
    let counted = tx.first(COUNT, &[], |row| {
        Ok((row.int(0)?, row.int(1)?, row.int(2)?))
    })?;
    let (count, highest, next) = counted.unwrap_or_default();
    if count != highest || next != highest + 1 {
        let fault = format!(
            "There are {count} entries, the highest number is {highest} and the next would be {next}."
        );
        return Ok((count, Some(fault)));
    }
    let unbalanced = tx.first(UNBALANCED, &[], |row| row.int(0))?;
    Ok((
        count,
        unbalanced.map(|number| format!("Entry {number} is not whole or does not balance.")),
    ))
}

fn sums(tx: &mut Read<'_>, sql: &'static str) -> Result<Sums, Error> {
    let mut sums = Sums::new();
    tx.each(sql, &[], |row| {
        let key = (row.int(0)?, row.text(1)?.to_owned(), row.int(2)?);
        sums.insert(key, [row.int(3)?, row.int(4)?]);
        Ok(())
    })?;
    Ok(sums)
}

/// What days, months and totals must hold, from what moved on each day.
fn expected(moved: &Sums) -> Result<[Sums; 3], Error> {
    let [mut days, mut months, mut totals] = [Sums::new(), Sums::new(), Sums::new()];
    let mut at: Option<(&(i64, String, i64), [i64; 2], [i64; 2])> = None;
    for (key, sums) in moved {
        let (account, currency, day) = key;
        let (mut in_month, mut in_all) = match at {
            Some((last, in_month, in_all)) if (last.0, &last.1) == (*account, currency) => {
                let same_month = month_of(last.2) == month_of(*day);
                (if same_month { in_month } else { [0, 0] }, in_all)
            }
            _ => ([0, 0], [0, 0]),
        };
        in_month = plus(in_month, *sums)?;
        in_all = plus(in_all, *sums)?;
        days.insert(key.clone(), in_month);
        months.insert((*account, currency.clone(), month_of(*day)), in_all);
        at = Some((key, in_month, in_all));
    }
    for ((account, currency, month), sums) in &months {
        // Months come in order, so the last of an account and currency stays.
        let earlier =
            totals.range((*account, currency.clone(), 0)..(*account, currency.clone(), *month));
        let stale: Vec<Key> = earlier.map(|(key, _)| key.clone()).collect();
        for key in stale {
            totals.remove(&key);
        }
        totals.insert((*account, currency.clone(), *month), *sums);
    }
    Ok([days, months, totals])
}

fn plus(a: [i64; 2], b: [i64; 2]) -> Result<[i64; 2], Error> {
    let sum = |at: usize| {
        a[at]
            .checked_add(b[at])
            .ok_or_else(|| Error::ours("a rebuilt balance is out of range"))
    };
    Ok([sum(0)?, sum(1)?])
}

type Difference = (Key, Option<[i64; 2]>, Option<[i64; 2]>);

fn first_difference(kept: &Sums, expected: &Sums) -> Option<Difference> {
    let keys = kept.keys().chain(expected.keys());
    keys.filter(|key| kept.get(*key) != expected.get(*key))
        .min()
        .map(|key| {
            (
                key.clone(),
                kept.get(key).copied(),
                expected.get(key).copied(),
            )
        })
}

fn sentence(
    tx: &mut Read<'_>,
    what: &str,
    key: &Key,
    kept: Option<[i64; 2]>,
    expected: Option<[i64; 2]>,
) -> Result<String, Error> {
    let chart = accounts::chart(tx)?;
    let (account, currency, bucket) = key;
    let name = chart
        .get(*account)
        .map_or_else(|| account.to_string(), |one| one.code.clone());
    let when = match what {
        "day" => dates::iso(*bucket),
        _ => format!("{:04}-{:02}", bucket / 100, bucket % 100),
    };
    let show = |sums: Option<[i64; 2]>| {
        sums.map_or_else(
            || "nothing".to_owned(),
            |[amount, base]| format!("{amount} (base {base})"),
        )
    };
    Ok(format!(
        "The {what} balance of account {name} in {currency} at {when} is kept as {} and the lines say {}, in minor units.",
        show(kept),
        show(expected)
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn days_start_anew_each_month_and_months_go_on() {
        let key = |day| (1, "EUR".to_owned(), day);
        let moved = Sums::from([
            (key(20_260_130), [5, 5]),
            (key(20_260_131), [1, 1]),
            (key(20_260_201), [-2, -2]),
        ]);
        let [days, months, totals] = expected(&moved).unwrap();
        assert_eq!(days[&key(20_260_131)], [6, 6]);
        assert_eq!(days[&key(20_260_201)], [-2, -2]);
        assert_eq!(months[&key(202_601)], [6, 6]);
        assert_eq!(months[&key(202_602)], [4, 4]);
        assert_eq!(totals, Sums::from([(key(202_602), [4, 4])]));
    }
}
