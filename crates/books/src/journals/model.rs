//! What a journal is: a code, a name and one of six kinds.

use daybook_kernel::{Error, Faults};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The journal of entries that name none. Its id is given by the migration.
pub(crate) const GENERAL: i64 = 1;
pub(crate) const GENERAL_CODE: &str = "GEN";
/// Where opening balances go.
pub(crate) const OPENING_CODE: &str = "OPN";
/// More journals than this are accounts, or companies.
pub(crate) const JOURNALS_MAX: usize = 200;
/// A code stands in a narrow column: SAL, BNK2.
pub(crate) const CODE_LENGTH_MAX: usize = 10;
pub(crate) const NAME_LENGTH_MAX: usize = 100;

/// What a journal gathers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum JournalKind {
    General,
    Sales,
    Purchases,
    Cash,
    Bank,
    Opening,
}

impl JournalKind {
    pub const ALL: [Self; 6] = [
        Self::General,
        Self::Sales,
        Self::Purchases,
        Self::Cash,
        Self::Bank,
        Self::Opening,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::General => "general",
            Self::Sales => "sales",
            Self::Purchases => "purchases",
            Self::Cash => "cash",
            Self::Bank => "bank",
            Self::Opening => "opening",
        }
    }

    /// The name of a journal that was given none.
    pub const fn heading(self) -> &'static str {
        match self {
            Self::General => "General",
            Self::Sales => "Sales",
            Self::Purchases => "Purchases",
            Self::Cash => "Cash",
            Self::Bank => "Bank",
            Self::Opening => "Opening balances",
        }
    }

    pub fn read(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == text)
    }
}

#[derive(Debug, Clone)]
pub(crate) struct KeptJournal {
    pub id: i64,
    pub code: String,
    pub name: String,
    pub kind: JournalKind,
    pub closed: bool,
}

/// All journals, in the order in which they were opened.
#[derive(Debug)]
pub(crate) struct Journals(pub Vec<KeptJournal>);

impl Journals {
    pub fn get(&self, id: i64) -> Option<&KeptJournal> {
        self.0.iter().find(|one| one.id == id)
    }

    pub fn code(&self, id: i64) -> String {
        self.get(id)
            .map_or_else(|| id.to_string(), |one| one.code.clone())
    }

    /// The journal of that code, however it is spelled.
    pub fn named(&self, code: &str) -> Result<&KeptJournal, Error> {
        let code = normal(code);
        let found = self.0.iter().find(|one| one.code == code);
        found.ok_or_else(|| {
            let codes: Vec<&str> = self.0.iter().map(|one| one.code.as_str()).collect();
            let message = format!(
                "There is no journal “{code}”. Choose one of {}.",
                codes.join(", ")
            );
            Error::fault("journal", message)
        })
    }

    /// The name is not another journal's.
    pub fn refuse_taken(&self, name: &str, own: Option<i64>) -> Result<(), Error> {
        let lower = name.to_lowercase();
        let mut others = self.0.iter().filter(|one| Some(one.id) != own);
        match others.find(|one| one.name.to_lowercase() == lower) {
            None => Ok(()),
            Some(taken) => {
                let message = format!(
                    "The journal {} is named {} already. Choose another name.",
                    taken.code, taken.name
                );
                Err(Error::fault("name", message))
            }
        }
    }
}

/// A code as it is kept.
pub(crate) fn normal(code: &str) -> String {
    code.trim().to_uppercase()
}

pub(crate) fn check_code(faults: &mut Faults, field: &str, code: &str) {
    let code = normal(code);
    faults.text(field, &code, CODE_LENGTH_MAX);
    let plain = code
        .bytes()
        .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    if !plain {
        faults.add(field, "A code has letters and digits alone: SAL, BNK2.");
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn a_code_is_short_and_plain() {
        for (code, good) in [
            ("SAL", true),
            (" bnk2 ", true),
            ("", false),
            ("A B", false),
            ("ÄRGER", false),
            ("ELEVENCHARS", false),
        ] {
            let mut faults = Faults::default();
            check_code(&mut faults, "code", code);
            assert_eq!(faults.is_empty(), good, "{code}");
        }
    }
}
