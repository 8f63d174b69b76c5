//! Makes an account by the link of an invitation. The link was sent to the
//! address, so the address is proved; nothing is asked but a password, and a
//! name if one likes. Joining the workspace is the next step, and its own.

use daybook_kernel::{
    Asker, Change, Command, DataClass, Done, Entropy, Error, Exposure, Faults, Permit, Rate, Scope,
    Spec, StepUp, Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::show_invitation;
use crate::links::{self, Purpose};
use crate::passwords::{self, Chosen};
use crate::people::{self, NewAccount};
use crate::secret::Secret;
use crate::sessions::{Opening, open};

const NAME_CHARACTERS_MAX: usize = 100;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Register {
    /// What stands at the end of the link.
    token: Secret,
    /// 12 to 128 characters.
    password: Secret,
    /// What others shall call you; leave it out if you like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip)]
    chosen: Chosen,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Registered {
    /// The id of the person.
    id: String,
    email: String,
    /// Where the invitation leads.
    workspace: String,
    /// The token of the session that begins. It travels in the cookie alone.
    #[schemars(skip)]
    token: String,
    expires_at: String,
}

/// What the log is told.
#[derive(Serialize)]
struct Made<'a> {
    email: &'a str,
    by: &'static str,
}

impl Command for Register {
    const SPEC: Spec = Spec {
        name: "identity.register",
        summary: "Make an account by the link of an invitation.",
        scope: Scope::Instance,
        rate: Rate::Guess,
        data: DataClass::Restricted,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::Public,
    };
    const PREPARED: bool = true;
    const OPENS_SESSION: bool = true;
    type Output = Registered;

    fn example() -> Self {
        Self {
            token: Secret::placeholder(),
            password: Secret::placeholder(),
            name: Some("Grace".to_owned()),
            chosen: Chosen::default(),
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        links::check(faults, &self.token);
        passwords::check_new(faults, "password", &self.password);
        faults.length(
            "name",
            self.name.as_deref().unwrap_or_default(),
            NAME_CHARACTERS_MAX,
        );
    }

    /// Nothing is hashed for a link that is over.
    fn charge(&mut self, tx: &mut Write<'_>, _: &Asker<'_>) -> Result<(), Error> {
        let link = links::find(tx, Purpose::Invitation, &self.token)?;
        let invitation = show_invitation::find(tx, &link.subject)?;
        let name = self.name.as_deref().unwrap_or_default();
        self.chosen.begin(tx, &[&invitation.email, name], false);
        Ok(())
    }

    fn prepare(&mut self, entropy: &dyn Entropy) -> Result<(), Error> {
        self.chosen.work("password", &self.password, entropy)
    }

    fn apply(self, tx: &mut Write<'_>, permit: Permit<Self>) -> Result<Done<Registered>, Error> {
        let kept = self.chosen.finish()?;
        let link = links::use_up(tx, Purpose::Invitation, &self.token)?;
        let invitation = show_invitation::find(tx, &link.subject)?;
        let account = NewAccount {
            email: &invitation.email,
            name: self.name.as_deref().unwrap_or_default(),
            kept_password: &kept,
        };
        let person = people::make(tx, &account)?;
        let opening = Opening {
            goes_on: true,
            ..Opening::of(permit.caller())
        };
        let session = open(tx, person, opening)?;
        let made = Made {
            email: &invitation.email,
            by: "invitation",
        };
        let change = Change::created("Person", person, &made);
        let output = Registered {
            id: person.to_string(),
            email: invitation.email,
            workspace: invitation.workspace,
            token: session.token,
            expires_at: session.expires_at,
        };
        Ok(Done::new(output, change))
    }
}
