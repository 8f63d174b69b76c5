//! Offers a practice to read here. Whether the code is anybody's is not looked
//! up: an offer to nobody waits like one to a practice that has not answered.

use daybook_kernel::id::hex;
use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, GrantScope, Permit, Rate, Scope,
    Spec, StepUp, Target, Write,
};
use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model::{DAYS_MAX, GIVEN_MAX, Grant, PURPOSE_CHARACTERS_MAX, Side, end_of};
use super::store::{self, New};
use super::{GIVEN, letters};
use crate::access_changes::{News, publish};

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OfferGrant {
    /// The practice's code: 32 digits and letters, which its page of grants shows.
    practice: String,
    scope: GrantScope,
    /// What it is for, as both sides will read it.
    purpose: String,
    /// The last day on which it holds, at most 365 days from today.
    until: String,
}

impl Command for OfferGrant {
    const SPEC: Spec = Spec {
        name: "team.offer_grant",
        summary: "Offer a practice to read a part of this workspace until a day.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::Fresh,
        exposure: Exposure::Session,
    };
    type Output = Grant;

    fn example() -> Self {
        Self {
            practice: "0123456789abcdef0123456789abcdef".to_owned(),
            scope: GrantScope::BooksRead,
            purpose: "Annual accounts 2026".to_owned(),
            until: "2027-03-31".to_owned(),
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        if letters::read_code(&self.practice).is_none() {
            faults.add(
                "practice",
                "This is no practice code. It has 32 digits and letters from a to f; ask the practice for it.",
            );
        }
        faults.text("purpose", &self.purpose, PURPOSE_CHARACTERS_MAX);
        if self.until.trim().parse::<Date>().is_err() {
            faults.add("until", "This is no date. Write it as 2027-01-31.");
        }
    }

    fn apply(self, tx: &mut Write<'_>, permit: Permit<Self>) -> Result<Done<Grant>, Error> {
        let practice = letters::read_code(&self.practice).ok_or_else(Error::not_found)?;
        if tx.workspace() == Some(practice) {
            let message =
                "This is the code of this workspace itself. Ask the practice for its own.";
            return Err(Error::fault("practice", message));
        }
        let expires_at_ms = self.end(tx)?;
        if store::count_open(tx, Side::Given)? >= GIVEN_MAX {
            return Err(Error::conflict(format!(
                "{GIVEN_MAX} grants are open, which is as many as may be. Revoke some first."
            )));
        }
        let (id, caller) = (hex(&tx.random::<16>()?), permit.caller());
        let new = New {
            id: &id,
            side: Side::Given,
            other: &practice.to_string(),
            other_known: ("", ""),
            scope: self.scope,
            purpose: self.purpose.trim(),
            offered_by: &caller.email,
            offered_at_ms: tx.now().as_millisecond(),
            expires_at_ms,
        };
        store::insert(tx, &new)?;
        letters::tell_offered(tx, &new)?;
        let grant = store::load(tx, Side::Given, &id)?.ok_or_else(Error::not_found)?;
        let news = News {
            kind: "grant",
            subject: &grant.other_named(),
            old: "",
            new: &format!("offered: {}", grant.terms()),
        };
        publish(tx, caller, &news)?;
        let change = Change::created(GIVEN, &id, &grant);
        Ok(Done::new(grant, change))
    }
}

impl OfferGrant {
    /// The instant at which it ends, if it is one that a grant may have.
    fn end(&self, tx: &Write<'_>) -> Result<i64, Error> {
        let odd = || Error::fault("until", "This is no date. Write it as 2027-01-31.");
        let day: Date = self.until.trim().parse().map_err(|_| odd())?;
        let today = tx.now().to_zoned(TimeZone::UTC).date();
        let last = today.checked_add(DAYS_MAX.days()).map_err(Error::ours)?;
        if day < today {
            return Err(Error::fault(
                "until",
                "This day has passed. Choose today or a later one.",
            ));
        }
        if day > last {
            return Err(Error::fault(
                "until",
                format!(
                    "A grant holds for {DAYS_MAX} days at most. Choose {last} or an earlier day."
                ),
            ));
        }
        end_of(day).ok_or_else(odd)
    }
}
