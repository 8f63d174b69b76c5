//! Makes whoever is invited a member. They come with a session of an account
//! whose address is proved, and the road has found that this address is invited
//! here; nobody else learns that this workspace exists.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Permit, Rate, Refusal, Scope, Spec,
    StepUp, Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::store::{self, Open};
use crate::access_changes::{News, publish};
use crate::members::{Member, get_member, join, may_give};

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AcceptInvitation {}

/// What the log is told of a member who came by invitation.
#[derive(Serialize)]
struct Joined<'a> {
    #[serde(flatten)]
    member: &'a Member,
    invitation: &'a str,
    inviter: &'a str,
}

impl Command for AcceptInvitation {
    const SPEC: Spec = Spec {
        name: "team.accept_invitation",
        summary: "Accept the invitation of your address, and become a member.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::Invited,
    };
    type Output = Member;

    fn example() -> Self {
        Self {}
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, _: &mut Faults) {}

    fn apply(self, tx: &mut Write<'_>, permit: Permit<Self>) -> Result<Done<Member>, Error> {
        let caller = permit.caller();
        let person = caller.person.ok_or_else(Error::not_found)?;
        let invitation = store::open_of(tx, &caller.email)?.ok_or_else(Error::not_found)?;
        judge_inviter(tx, &invitation)?;
        // Of any number that accept at once, one changes the row.
        if !store::end(tx, &invitation.id, "accepted")? {
            return Err(Error::not_found());
        }
        let member = join(tx, person, &caller.email, invitation.role)?;
        store::tell_ended(tx, &invitation.id)?;
        let news = News {
            kind: "member",
            subject: &member.email,
            old: "",
            new: invitation.role.name(),
        };
        publish(tx, caller, &news)?;
        let joined = Joined {
            member: &member,
            invitation: &invitation.id,
            inviter: &invitation.inviter_email,
        };
        let change = Change::created("Member", &member.person, &joined);
        Ok(Done::new(member, change))
    }
}

/// Whoever invited must still be somebody who may.
fn judge_inviter(tx: &mut Write<'_>, invitation: &Open) -> Result<(), Error> {
    let inviter = get_member(tx, &invitation.inviter)?;
    let may = inviter.is_some_and(|it| !it.suspended && may_give(it.role, invitation.role));
    if may {
        return Ok(());
    }
    let why = format!(
        "{} may not invite you as {} any more. Ask for a new invitation.",
        invitation.inviter_email, invitation.role
    );
    Err(Refusal::Forbidden(why).into())
}
