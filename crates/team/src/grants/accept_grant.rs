//! Accepts what a company offers: from then on the members of this practice read
//! there, as far as the grant goes.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Permit, Rate, Scope, Spec, StepUp,
    Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model::{Grant, Side, State};
use super::store::{self, Hand};
use super::{RECEIVED, letters};
use crate::access_changes::{News, publish};

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AcceptGrant {
    /// The id of the grant.
    grant: String,
}

impl Command for AcceptGrant {
    const SPEC: Spec = Spec {
        name: "team.accept_grant",
        summary: "Accept the grant that a company offers to this practice.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::Fresh,
        exposure: Exposure::Session,
    };
    type Output = Grant;

    fn example() -> Self {
        Self {
            grant: "0123456789abcdef0123456789abcdef".to_owned(),
        }
    }

    fn target(&self) -> Target {
        Target::record(RECEIVED, &self.grant)
    }

    fn check(&self, _: &mut Faults) {}

    fn apply(self, tx: &mut Write<'_>, permit: Permit<Self>) -> Result<Done<Grant>, Error> {
        let caller = permit.caller();
        let id = self.grant.as_str();
        let before = store::load(tx, Side::Received, id)?.ok_or_else(Error::not_found)?;
        let by = Hand::of(tx, caller);
        if before.expired {
            return Err(Error::conflict(format!(
                "This offer was good until {}. Ask the company for a new one.",
                before.until
            )));
        }
        // Of any number that accept at once, one changes the row.
        if !store::accept(tx, Side::Received, id, &by)? {
            return Err(Error::conflict(
                "This grant is not on offer any more. Look at the list of grants.",
            ));
        }
        let after = store::load(tx, Side::Received, id)?.ok_or_else(Error::not_found)?;
        letters::tell_answer(tx, &after, State::Accepted, caller)?;
        let news = News {
            kind: "grant",
            subject: &after.other_named(),
            old: "",
            new: &after.terms(),
        };
        publish(tx, caller, &news)?;
        let change = Change::updated(RECEIVED, id, &before, &after);
        Ok(Done::new(after, change))
    }
}
