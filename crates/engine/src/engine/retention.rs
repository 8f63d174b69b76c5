//! Once a day each log loses the content that is older than a year. The log is
//! told of it first: that is also what makes its clock stand at today.

use daybook_kernel::road::{Swept, swept_record};
use daybook_kernel::{Change, Error, Write};
use jiff::Timestamp;
use serde_json::json;

use super::Shared;
use crate::audit::retention::{KEPT_MS, erase_expired, expired};
use crate::desk::Desk;

const ERASED: &str = "trust.erase_expired_records";
/// Workspaces that are looked at in one go: opening one takes about a millisecond.
const AT_ONCE_MAX: usize = 50;

/// What is still to be looked at today.
#[derive(Default)]
pub(super) struct Round {
    day: i64,
    workspaces: Vec<String>,
}

impl Shared {
    /// Goes on with the day's round, or begins it.
    pub(super) fn go_round(&self, round: &mut Round) -> Result<(), Error> {
        if round.day != self.today() {
            let listed = self.in_instance(|tx| (self.directory.workspaces)(tx))?;
            round.workspaces = listed.into_iter().map(|it| it.slug).collect();
            round.day = self.today();
            self.forget_remains()?;
            self.erase_expired(&self.instance)?;
        }
        let left = round.workspaces.len().saturating_sub(AT_ONCE_MAX);
        for slug in round.workspaces.split_off(left) {
            // One that cannot be opened must not keep the others from it.
            let erased = self
                .open_workspace(&slug)
                .and_then(|open| self.erase_expired(&open.desk));
            if let Err(error) = erased {
                tracing::error!(error = ?error, "a log could not be brought up to its retention");
            }
        }
        Ok(())
    }

    fn erase_expired(&self, desk: &Desk) -> Result<(), Error> {
        let scope = desk.database.opening.place.scope();
        let before_ms = self.clock.now().as_millisecond() - KEPT_MS;
        let records = desk
            .database
            .read(|store| expired(store, scope, before_ms))?;
        if records == 0 {
            return Ok(());
        }
        let before = Timestamp::from_millisecond(before_ms).map_err(Error::ours)?;
        let told = json!({"records": records, "before": before.to_string()});
        let request = self.request()?;
        let record = move |tx: &mut Write<'_>| {
            let swept = Swept {
                operation: ERASED,
                whose: None,
                origin: None,
                change: Change::removed("AuditContent", "expired", &told),
            };
            Ok(Some(swept_record(tx, request, swept)))
        };
        self.now(desk, Box::new(record))?;
        let erase = || {
            desk.database
                .erase(|store| erase_expired(store, scope, before_ms))
        };
        while erase()? {}
        Ok(())
    }
}
