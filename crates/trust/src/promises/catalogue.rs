//! The catalogue, compiled in from the files of `promises/`.

/// What Daybook says that it does, and how that is shown.
#[derive(Debug, Clone, Copy)]
pub struct Promise {
    /// Such as AUTH-01.
    pub row: &'static str,
    pub statement: &'static str,
    /// The number behind it; empty if it has none.
    pub figure: &'static str,
    /// The papers that ask for it.
    pub seeds: &'static [&'static str],
    pub check: Check,
}

#[derive(Debug, Clone, Copy)]
pub enum Check {
    /// Kept if these tests passed, lately.
    Test {
        names: &'static [&'static str],
        max_age_days: i64,
    },
    /// Kept if a look at the running instance says so, lately.
    Probe {
        name: &'static str,
        max_age_days: i64,
    },
    /// Kept until this day by what people wrote down.
    Evidence { expires: &'static str },
    /// Not built yet, and so not claimed.
    Later,
}

pub const CATALOGUE: &[Promise] = include!(concat!(env!("OUT_DIR"), "/promises.rs"));

impl Promise {
    /// Whether Daybook says today that this is so.
    pub const fn is_claimed(&self) -> bool {
        matches!(self.check, Check::Test { .. } | Check::Probe { .. })
    }

    /// How long a pass is evidence, in days; nothing where none is.
    pub const fn max_age_days(&self) -> Option<i64> {
        match self.check {
            Check::Test { max_age_days, .. } | Check::Probe { max_age_days, .. } => {
                Some(max_age_days)
            }
            Check::Evidence { .. } | Check::Later => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_catalogue_is_compiled_in() {
        assert_eq!(CATALOGUE.len(), 186);
        assert!(
            CATALOGUE
                .iter()
                .all(|promise| !promise.statement.is_empty())
        );
        let claimed = CATALOGUE.iter().filter(|promise| promise.is_claimed());
        for promise in claimed {
            assert!(
                promise.max_age_days().is_some_and(|days| days > 0),
                "{}",
                promise.row
            );
        }
    }
}
