//! Begins to sign in by an identity provider: answers with the address there.

use daybook_kernel::{
    Asker, Command, DataClass, Done, Entropy, Error, Exposure, Faults, Permit, Rate, Scope, Spec,
    StepUp, Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::flows::Purpose;
use super::start::{self, OidcStarted, Start};

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StartOidc {
    /// The provider, by its name in the settings, such as `google`.
    provider: String,
    /// Where to go on once signed in: an address of this site, such as `/w/acme/`.
    #[serde(default)]
    next: String,
    #[serde(skip)]
    start: Start,
}

impl Command for StartOidc {
    const SPEC: Spec = Spec {
        name: "identity.start_oidc",
        summary: "Begin to sign in by an identity provider.",
        scope: Scope::Instance,
        rate: Rate::Guess,
        data: DataClass::Restricted,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::Public,
    };
    const PREPARED: bool = true;
    const REACHES_OUT: bool = true;
    type Output = OidcStarted;

    fn example() -> Self {
        Self {
            provider: "google".to_owned(),
            next: "/".to_owned(),
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
        self.start.begin(tx, &self.next, session, Purpose::SignIn)
    }

    fn prepare(&mut self, _: &dyn Entropy) -> Result<(), Error> {
        self.start.ask(&self.provider);
        Ok(())
    }

    fn apply(self, tx: &mut Write<'_>, _: Permit<Self>) -> Result<Done<OidcStarted>, Error> {
        let output = self.start.conclude(tx, &self.provider)?;
        let change = start::left("visitor", &self.provider);
        Ok(Done::new(output, change))
    }
}
