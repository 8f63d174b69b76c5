//! Asks for a link by which a forgotten password is given anew. The answer and
//! the work are the same for every address: the wish is put down, and looked
//! into once the answer has gone.

use daybook_kernel::id::hex;
use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Permit, Rate, Scope, Spec, StepUp,
    Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::wanted::Wanted;
use crate::people::check_shown_address;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RequestReset {
    /// The address of the account.
    email: String,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct ResetRequested {
    /// What happens next, whoever asked.
    next: &'static str,
}

const NEXT: &str = "If there is an account with this address, a message with a link is on its way. The link is good for 30 minutes.";

impl Command for RequestReset {
    const SPEC: Spec = Spec {
        name: "identity.request_reset",
        summary: "Ask for a link that gives a forgotten password anew.",
        scope: Scope::Instance,
        rate: Rate::Guess,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::Public,
    };
    type Output = ResetRequested;

    fn example() -> Self {
        Self {
            email: "ada@example.com".to_owned(),
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        check_shown_address(faults, "email", &self.email);
    }

    fn apply(self, tx: &mut Write<'_>, _: Permit<Self>) -> Result<Done<ResetRequested>, Error> {
        let wanted = Wanted {
            id: hex(&tx.random::<16>()?),
            email: self.email,
        };
        let payload = serde_json::to_string(&wanted).map_err(Error::ours)?;
        tx.post_to_outbox("identity.reset_wanted", &payload)?;
        let output = ResetRequested { next: NEXT };
        // The log is not told of the address: it may be nobody's here.
        let change = Change::created("ResetRequest", wanted.id, &output);
        Ok(Done::new(output, change))
    }
}
