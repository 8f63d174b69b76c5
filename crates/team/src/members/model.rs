//! Members as they are spoken of, and the rules of giving roles.

use daybook_kernel::{Caller, Error, Faults, Refusal, Role};
use schemars::JsonSchema;
use serde::Serialize;

#[derive(Clone, Serialize, JsonSchema)]
pub(crate) struct Member {
    /// The id of the person.
    pub person: String,
    pub email: String,
    pub role: Role,
    pub suspended: bool,
    pub joined_at: String,
}

/// A member as the log is told of them, with the reason if one was given.
#[derive(Serialize)]
pub(super) struct Told<'a> {
    #[serde(flatten)]
    member: &'a Member,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

impl<'a> Told<'a> {
    pub fn new(member: &'a Member, reason: Option<&'a str>) -> Self {
        let reason = reason.map(str::trim).filter(|reason| !reason.is_empty());
        Self { member, reason }
    }
}

/// A sentence or two; what is longer belongs in a document.
const REASON_CHARACTERS_MAX: usize = 500;

pub(super) fn check_reason(faults: &mut Faults, reason: Option<&str>) {
    faults.length("reason", reason.unwrap_or_default(), REASON_CHARACTERS_MAX);
}

/// Whether somebody of one role may give another: nobody gives more than they
/// have, and members are the business of Owners and Admins.
pub(crate) const fn may_give(own: Role, given: Role) -> bool {
    match own {
        Role::Owner => true,
        Role::Admin => !matches!(given, Role::Owner),
        Role::Manager | Role::Member | Role::Viewer | Role::Auditor => false,
    }
}

/// Refuses a role that the caller may not give.
pub(crate) fn check_gift(caller: &Caller, given: Role) -> Result<(), Error> {
    let Some(own) = caller.role else {
        return Err(Error::not_found());
    };
    if may_give(own, given) {
        return Ok(());
    }
    let why = format!("Your role here is {own}. Only an Owner makes somebody {given}.");
    Err(Refusal::RoleLacking(Role::Owner, why).into())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn nobody_gives_more_than_they_have() {
        for given in Role::ALL {
            assert!(may_give(Role::Owner, given), "Owner gives {given}");
            assert_eq!(
                may_give(Role::Admin, given),
                given != Role::Owner,
                "Admin gives {given}"
            );
            for own in [Role::Manager, Role::Member, Role::Viewer, Role::Auditor] {
                assert!(!may_give(own, given), "{own} gives {given}");
            }
        }
    }

    #[test]
    fn a_refused_gift_says_who_could_make_it() {
        let mut caller = Caller::visitor();
        caller.role = Some(Role::Admin);
        assert!(check_gift(&caller, Role::Manager).is_ok());
        let refused = check_gift(&caller, Role::Owner).unwrap_err().to_string();
        assert_eq!(
            refused,
            "Your role here is Admin. Only an Owner makes somebody Owner."
        );
    }
}
