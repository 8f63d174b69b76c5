//! Ends a grant that this workspace gave. It holds for the very next call, and
//! asks for no factor: what is shut in haste can be offered again.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Permit, Rate, Scope, Spec, StepUp,
    Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model::{Grant, Side, State};
use super::store::{self, Hand};
use super::{GIVEN, letters};
use crate::access_changes::{News, publish};

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RevokeGrant {
    /// The id of the grant.
    grant: String,
}

impl Command for RevokeGrant {
    const SPEC: Spec = Spec {
        name: "team.revoke_grant",
        summary: "End a grant that this workspace gave, or take an offer back.",
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
        Target::record(GIVEN, &self.grant)
    }

    fn check(&self, _: &mut Faults) {}

    fn apply(self, tx: &mut Write<'_>, permit: Permit<Self>) -> Result<Done<Grant>, Error> {
        let caller = permit.caller();
        let id = self.grant.as_str();
        let before = store::load(tx, Side::Given, id)?.ok_or_else(Error::not_found)?;
        let by = Hand::of(tx, caller);
        if !store::end(tx, (Side::Given, id), State::Revoked, &by)? {
            return Err(Error::conflict("This grant has ended already."));
        }
        let after = store::load(tx, Side::Given, id)?.ok_or_else(Error::not_found)?;
        letters::tell_revoked(tx, &after, caller)?;
        let news = News {
            kind: "grant",
            subject: &after.other_named(),
            old: &before.terms(),
            new: "",
        };
        publish(tx, caller, &news)?;
        let change = Change::updated(GIVEN, id, &before, &after);
        Ok(Done::new(after, change))
    }
}
