//! A refusal: why somebody is not let in, what they are told of it and what the log is.

use super::Road;
use super::Stop;
use super::records::{record, required};
use crate::caller::{Caller, CallerKind, Role};
use crate::error::{Error, Refusal};
use crate::grant::Guest;
use crate::id::RequestId;
use crate::operation::Resource;
use crate::ports::{Outcome, Record};
use crate::spec::Spec;
use crate::transaction::Read;

/// Why somebody is not let in: what they are told, and what the log is told.
pub(super) struct Denial {
    pub refusal: Refusal,
    pub reason: String,
    /// Which roles would have been enough, where they are not those of the operation.
    pub roles: Option<Vec<Role>>,
}

impl Denial {
    pub fn new(refusal: Refusal, reason: impl Into<String>) -> Self {
        Self {
            refusal,
            reason: reason.into(),
            roles: None,
        }
    }
}

pub(super) fn sentence(caller: &Caller, roles: &[Role]) -> Refusal {
    if let Some(guest) = caller.guest() {
        return Refusal::Forbidden(beyond(guest));
    }
    let roles: Vec<&str> = roles.iter().map(|role| role.name()).collect();
    let needed = match roles.as_slice() {
        [] => "Nobody may do this here.".to_owned(),
        [one] => format!("This needs the role {one}."),
        [most @ .., last] => format!("This needs the role {} or {last}.", most.join(", ")),
    };
    let yours = match caller.role {
        _ if caller.suspended => "Your membership here is suspended. ".to_owned(),
        Some(role) => format!("Your role here is {role}. "),
        None => String::new(),
    };
    Refusal::Forbidden(format!("{yours}{needed}"))
}

/// Why a grant does not let its holder do something. They know of the grant, so
/// it is told.
pub(super) fn beyond(guest: &Guest) -> String {
    if guest.ended {
        return "This grant has ended. Only an Owner of the company can offer a new one."
            .to_owned();
    }
    if guest.expired {
        return "This grant has expired. Only an Owner of the company can offer a new one."
            .to_owned();
    }
    format!(
        "Your grant here is {}. It does not hold this.",
        guest.scope.name()
    )
}

impl Road<'_> {
    #[expect(
        clippy::too_many_arguments,
        reason = "a record names everything that it is about"
    )]
    pub(super) fn refuse(
        &self,
        tx: &Read<'_>,
        caller: &Caller,
        spec: &Spec,
        resource: &Resource,
        request: RequestId,
        denial: Denial,
    ) -> Stop {
        // Whoever showed nothing at all is no actor of this log.
        let known = caller.kind != CallerKind::Visitor;
        let record = known.then(|| {
            let mut record = self.refusal(tx, caller, spec, resource, request);
            if let Some(roles) = &denial.roles {
                record.required_roles = required(spec, roles);
            }
            record.reason = denial.reason;
            Box::new(record)
        });
        Stop {
            error: denial.refusal.into(),
            record,
        }
    }

    /// A refusal that only the work itself could see: a wrong password, a role
    /// above one's own.
    #[expect(
        clippy::too_many_arguments,
        reason = "a record names everything that it is about"
    )]
    pub(super) fn refuse_in_work(
        &self,
        tx: &Read<'_>,
        caller: &Caller,
        spec: &Spec,
        resource: &Resource,
        request: RequestId,
        error: Error,
    ) -> Stop {
        let Error::Refused(Refusal::Forbidden(why) | Refusal::RoleLacking(_, why)) = &error else {
            return error.into();
        };
        let mut record = self.refusal(tx, caller, spec, resource, request);
        record.reason.clone_from(why);
        if let Error::Refused(Refusal::RoleLacking(role, _)) = error {
            record.required_roles = required(spec, &[role]);
        }
        let record = Some(Box::new(record));
        Stop { error, record }
    }

    /// The record of a refusal, but for its reason.
    pub(super) fn refusal(
        &self,
        tx: &Read<'_>,
        caller: &Caller,
        spec: &Spec,
        resource: &Resource,
        request: RequestId,
    ) -> Record {
        let mut record = record(tx, caller, spec, resource, request);
        record.outcome = Outcome::Refused;
        record.required_roles = required(spec, self.allowed_roles(spec));
        record
    }
}
