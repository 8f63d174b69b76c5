//! What an account is: a code, a name below its parent's, and one of five kinds.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The five kinds that every chart of accounts is made of.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Asset,
    Liability,
    Equity,
    Income,
    Expense,
}

impl Kind {
    pub const ALL: [Self; 5] = [
        Self::Asset,
        Self::Liability,
        Self::Equity,
        Self::Income,
        Self::Expense,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Asset => "asset",
            Self::Liability => "liability",
            Self::Equity => "equity",
            Self::Income => "income",
            Self::Expense => "expense",
        }
    }

    /// The heading over accounts of this kind.
    pub const fn heading(self) -> &'static str {
        match self {
            Self::Asset => "Assets",
            Self::Liability => "Liabilities",
            Self::Equity => "Equity",
            Self::Income => "Income",
            Self::Expense => "Expenses",
        }
    }

    pub fn read(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == text)
    }
}

/// One account as it stands in the chart.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub id: i64,
    pub code: String,
    pub name: String,
    /// `Parent:Child`.
    pub full_name: String,
    pub kind: Kind,
    pub parent: Option<i64>,
    pub closed: bool,
    /// Steps below a root.
    pub depth: u8,
}

/// All accounts, ordered by code.
#[derive(Debug, Default)]
pub(crate) struct Chart {
    pub accounts: Vec<Account>,
    by_id: HashMap<i64, usize>,
}

/// A tree deeper than this reads like no chart, and a circle would have no end.
pub(crate) const DEPTH_MAX: u8 = 12;

impl Chart {
    /// Sorts the accounts and works out their full names.
    pub fn new(mut accounts: Vec<Account>) -> Self {
        accounts.sort_by(|a, b| a.code.cmp(&b.code));
        let by_id = accounts
            .iter()
            .enumerate()
            .map(|(at, one)| (one.id, at))
            .collect();
        let mut chart = Self { accounts, by_id };
        for at in 0..chart.accounts.len() {
            if chart.accounts[at].parent.is_some() {
                let (full_name, depth) = chart.climb(at);
                chart.accounts[at].full_name = full_name;
                chart.accounts[at].depth = depth;
            } else {
                let name = chart.accounts[at].name.clone();
                chart.accounts[at].full_name = name;
            }
        }
        chart
    }

    fn climb(&self, at: usize) -> (String, u8) {
        let mut names = vec![self.accounts[at].name.as_str()];
        let mut parent = self.accounts[at].parent;
        while let Some(above) = parent.and_then(|id| self.get(id)) {
            if names.len() > usize::from(DEPTH_MAX) {
                break;
            }
            names.push(&above.name);
            parent = above.parent;
        }
        names.reverse();
        let depth = u8::try_from(names.len() - 1).unwrap_or(DEPTH_MAX);
        (names.join(":"), depth)
    }

    pub fn get(&self, id: i64) -> Option<&Account> {
        self.by_id.get(&id).map(|&at| &self.accounts[at])
    }

    pub fn by_code(&self, code: &str) -> Option<&Account> {
        let at = self
            .accounts
            .binary_search_by(|one| one.code.as_str().cmp(code))
            .ok()?;
        Some(&self.accounts[at])
    }

    /// By code, by full name, or by a code with its name behind it, as a grid sends it.
    pub fn find(&self, text: &str) -> Option<&Account> {
        let text = text.trim();
        self.by_code(text)
            .or_else(|| self.accounts.iter().find(|one| one.full_name == text))
            .or_else(|| self.by_code(text.split_once(' ')?.0))
    }

    /// Whether `id` stands somewhere below `above`.
    pub fn is_below(&self, id: i64, above: i64) -> bool {
        let mut parent = self.get(id).and_then(|one| one.parent);
        for _ in 0..=DEPTH_MAX {
            match parent {
                Some(up) if up == above => return true,
                Some(up) => parent = self.get(up).and_then(|one| one.parent),
                None => return false,
            }
        }
        false
    }

    /// The account whose code or name is written most alike, if any is near.
    pub fn nearest(&self, text: &str) -> Option<&Account> {
        let wanted = text.to_lowercase();
        let allowed = (wanted.chars().count() / 3).max(1);
        self.accounts
            .iter()
            .map(|one| {
                let leaf = one.full_name.to_lowercase();
                let by_name =
                    distance(&wanted, &leaf).min(distance(&wanted, &one.name.to_lowercase()));
                (
                    by_name.min(distance(&wanted, &one.code.to_lowercase())),
                    one,
                )
            })
            .filter(|(steps, _)| *steps <= allowed)
            .min_by_key(|(steps, _)| *steps)
            .map(|(_, one)| one)
    }
}

/// How many letters must be added, dropped or changed to get from one text to the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for (row, left) in a.chars().enumerate() {
        let mut diagonal = above[0];
        above[0] = row + 1;
        for (column, right) in b.iter().enumerate() {
            let changed = diagonal + usize::from(left != *right);
            diagonal = above[column + 1];
            above[column + 1] = changed.min(above[column] + 1).min(diagonal + 1);
        }
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn account(id: i64, code: &str, name: &str, parent: Option<i64>) -> Account {
        Account {
            id,
            code: code.into(),
            name: name.into(),
            full_name: String::new(),
            kind: Kind::Asset,
            parent,
            closed: false,
            depth: 0,
        }
    }

    #[test]
    fn names_are_built_from_the_root_and_found_each_way() {
        let chart = Chart::new(vec![
            account(2, "1010", "Bank", Some(1)),
            account(1, "1000", "Assets", None),
            account(3, "1011", "Giro", Some(2)),
        ]);
        assert_eq!(chart.get(3).unwrap().full_name, "Assets:Bank:Giro");
        assert_eq!(chart.get(3).unwrap().depth, 2);
        for text in ["1011", "Assets:Bank:Giro", "1011 Giro", " 1011 "] {
            assert_eq!(chart.find(text).unwrap().id, 3, "{text}");
        }
        assert!(chart.is_below(3, 1) && !chart.is_below(1, 3));
        assert_eq!(chart.nearest("1911").unwrap().code, "1011");
        assert_eq!(chart.nearest("Bnak").map(|one| one.id), None);
        assert_eq!(chart.nearest("Assets:Bnk").unwrap().id, 2);
    }

    #[test]
    fn a_circle_of_parents_ends() {
        let chart = Chart::new(vec![
            account(1, "1", "A", Some(2)),
            account(2, "2", "B", Some(1)),
        ]);
        assert!(chart.get(1).unwrap().full_name.len() < 100);
    }
}
