//! Takes a linked account off: it opens nothing here any more.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Permit, PersonId, Rate, Refusal,
    Scope, Spec, StepUp, Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::links;
use crate::factors::{enrolled, refuse_while_frozen};
use crate::people::kept_password;
use crate::signed_in;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UnlinkOidc {
    /// The id of the link, as it is listed.
    id: String,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct OidcUnlinked {
    id: String,
    issuer: String,
}

impl Command for UnlinkOidc {
    const SPEC: Spec = Spec {
        name: "identity.unlink_oidc",
        summary: "Unlink an account of an identity provider from yours.",
        scope: Scope::Instance,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::Fresh,
        exposure: Exposure::Session,
    };
    type Output = OidcUnlinked;

    fn example() -> Self {
        Self {
            id: "0123456789abcdef0123456789abcdef".to_owned(),
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        faults.text("id", &self.id, 32);
    }

    fn apply(self, tx: &mut Write<'_>, permit: Permit<Self>) -> Result<Done<OidcUnlinked>, Error> {
        let person = signed_in(permit.caller())?;
        refuse_while_frozen(tx, person)?;
        let issuer = links::remove(tx, person, &self.id)?.ok_or_else(Error::not_found)?;
        refuse_if_last(tx, person)?;
        let output = OidcUnlinked {
            id: self.id,
            issuer,
        };
        let change = Change::removed("OidcLink", &output.id, &output);
        Ok(Done::new(output, change))
    }
}

/// Nobody shuts the one door that they have.
fn refuse_if_last(tx: &mut Write<'_>, person: PersonId) -> Result<(), Error> {
    let opens = kept_password(tx, person)?.is_some()
        || enrolled(tx, person)?.passkeys > 0
        || !links::list(tx, person)?.is_empty();
    if opens {
        return Ok(());
    }
    let why = "Nothing else opens your account. Set a password or add a passkey first.";
    Err(Refusal::Forbidden(why.to_owned()).into())
}
