//! Adds a passkey by what the browser made. That shows the factor, so the
//! session goes on under a new token that has shown it.

use daybook_kernel::id::hex;
use daybook_kernel::{
    Asker, Change, Command, DataClass, Done, Error, Exposure, Faults, Permit, Rate, Refusal, Scope,
    Spec, StepUp, Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use webauthn_rs::prelude::{Passkey, PasskeyRegistration};

use super::challenges::{self, Asked};
use super::{ceremony, check_answer, check_name, sql};
use crate::factors::session::prove;
use crate::factors::shown::Factor;
use crate::factors::{asking_session, own_session, refuse_while_frozen};
use crate::secret::Secret;
use crate::sessions::SessionOpened;
use crate::signed_in;
use crate::workspaces::tell_workspaces;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AddPasskey {
    /// What `identity.start_passkey` answered.
    challenge: String,
    /// The credential that the browser made, as its own JSON.
    passkey: Secret,
    /// What it is called, such as the device it is on.
    name: String,
    #[serde(skip)]
    made: Option<Box<Passkey>>,
}

#[derive(Serialize)]
struct Added<'a> {
    name: &'a str,
}

impl Command for AddPasskey {
    const SPEC: Spec = Spec {
        name: "identity.add_passkey",
        summary: "Add a passkey.",
        scope: Scope::Instance,
        rate: Rate::Standard,
        data: DataClass::Restricted,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::Session,
    };
    const PREPARED: bool = true;
    const OPENS_SESSION: bool = true;
    type Output = SessionOpened;

    fn example() -> Self {
        Self {
            challenge: "0123456789abcdef0123456789abcdef".to_owned(),
            passkey: Secret::placeholder(),
            name: "Work laptop".to_owned(),
            made: None,
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        check_name(faults, &self.name);
        check_answer(faults, &self.challenge, &self.passkey);
    }

    /// The challenge is gone whatever comes of the answer.
    fn charge(&mut self, tx: &mut Write<'_>, asker: &Asker<'_>) -> Result<(), Error> {
        let session = asking_session(asker)?;
        let asked = Asked::NewPasskey(&session.id);
        let state: Option<PasskeyRegistration> = challenges::take(tx, &asked, &self.challenge)?;
        if let Some(state) = state {
            let site = ceremony::site(tx)?;
            self.made = ceremony::registered(&site, self.passkey.as_bytes(), &state).map(Box::new);
        }
        Ok(())
    }

    fn apply(self, tx: &mut Write<'_>, permit: Permit<Self>) -> Result<Done<SessionOpened>, Error> {
        let person = signed_in(permit.caller())?;
        let session = own_session(permit.caller())?;
        refuse_while_frozen(tx, person)?;
        let made = self.made.ok_or_else(|| {
            let why = "The passkey was not taken. Begin again; a question is good once, for five minutes.";
            Error::Refused(Refusal::Forbidden(why.to_owned()))
        })?;
        let id = hex(&tx.random::<16>()?);
        let name = self.name.trim();
        if !sql::add(tx, &id, person, name, &made)? {
            return Err(Error::conflict("This passkey is in use here already."));
        }
        tell_workspaces(tx, person)?;
        let opened = prove(tx, session, Factor::Passkey)?;
        let change = Change::created("Passkey", &id, &Added { name });
        Ok(Done::new(opened, change))
    }
}
