//! Members as they are spoken of, and the rules of giving roles.

use daybook_kernel::{Caller, Error, Refusal, Role};
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

/// Whether somebody of one role may give another: nobody gives more than they
/// have, and members are the business of Owners and Admins.
pub(super) const fn may_give(own: Role, given: Role) -> bool {
    match own {
        Role::Owner => true,
        Role::Admin => !matches!(given, Role::Owner),
        Role::Manager | Role::Member | Role::Viewer | Role::Auditor => false,
    }
}

/// Refuses a role that the caller may not give.
pub(super) fn check_gift(caller: &Caller, given: Role) -> Result<(), Error> {
    let Some(own) = caller.role else {
        return Err(Error::not_found());
    };
    if may_give(own, given) {
        return Ok(());
    }
    let why = format!("Your role here is {own}. Only an Owner makes somebody {given}.");
    Err(Refusal::Forbidden(why).into())
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
