//! Declines what a company offers, or gives back what was accepted.

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
pub(crate) struct ReturnGrant {
    /// The id of the grant.
    grant: String,
}

impl Command for ReturnGrant {
    const SPEC: Spec = Spec {
        name: "team.return_grant",
        summary: "Decline a grant that is offered to this practice, or give it back.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
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
        if !store::end(tx, (Side::Received, id), State::Returned, &by)? {
            return Err(Error::conflict("This grant has ended already."));
        }
        let after = store::load(tx, Side::Received, id)?.ok_or_else(Error::not_found)?;
        letters::tell_answer(tx, &after, State::Returned, caller)?;
        // What was declined never opened anything.
        if before.state == State::Accepted {
            let news = News {
                kind: "grant",
                subject: &after.other_named(),
                old: &before.terms(),
                new: "",
            };
            publish(tx, caller, &news)?;
        }
        let change = Change::updated(RECEIVED, id, &before, &after);
        Ok(Done::new(after, change))
    }
}
