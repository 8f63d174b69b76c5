//! Begins to link an account of an identity provider with one's own: only from
//! a session with a fresh factor, as it opens another door.

use daybook_kernel::{
    Asker, Command, DataClass, Done, Entropy, Error, Exposure, Faults, Permit, Rate, Refusal,
    Scope, Spec, StepUp, Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::flows::Purpose;
use super::start::{self, OidcStarted, Start};
use crate::factors::{own_session, refuse_while_frozen};
use crate::signed_in;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StartOidcLink {
    /// The provider, by its name in the settings, such as `google`.
    provider: String,
    /// Where to go on once it is linked: an address of this site.
    #[serde(default)]
    next: String,
    #[serde(skip)]
    start: Start,
}

impl Command for StartOidcLink {
    const SPEC: Spec = Spec {
        name: "identity.start_oidc_link",
        summary: "Begin to link your account with one of an identity provider.",
        scope: Scope::Instance,
        rate: Rate::Standard,
        data: DataClass::Restricted,
        step_up: StepUp::Fresh,
        exposure: Exposure::Session,
    };
    const PREPARED: bool = true;
    const REACHES_OUT: bool = true;
    type Output = OidcStarted;

    fn example() -> Self {
        Self {
            provider: "google".to_owned(),
            next: "/account/security/providers".to_owned(),
            start: Start::default(),
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        start::check(faults, &self.provider, &self.next);
    }

    fn charge(&mut self, tx: &mut Write<'_>, asker: &Asker<'_>) -> Result<(), Error> {
        let session = asker.session.map(|session| session.id.as_str());
        let person = asker.person.ok_or(Refusal::Unauthenticated)?;
        let purpose = Purpose::Link(person);
        self.start.begin(tx, &self.next, session, purpose)
    }

    fn prepare(&mut self, _: &dyn Entropy) -> Result<(), Error> {
        self.start.ask(&self.provider);
        Ok(())
    }

    fn apply(self, tx: &mut Write<'_>, permit: Permit<Self>) -> Result<Done<OidcStarted>, Error> {
        let person = signed_in(permit.caller())?;
        own_session(permit.caller())?;
        refuse_while_frozen(tx, person)?;
        let output = self.start.conclude(tx, &self.provider)?;
        let change = start::left(person, &self.provider);
        Ok(Done::new(output, change))
    }
}
