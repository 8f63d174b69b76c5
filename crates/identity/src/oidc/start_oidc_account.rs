//! Begins to make an account by the link of an invitation, to be opened by an
//! account of an identity provider: answers with the address there.

use daybook_kernel::{
    Asker, Command, DataClass, Done, Entropy, Error, Exposure, Faults, Permit, Rate, Scope, Spec,
    StepUp, Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::flows::Purpose;
use super::registering;
use super::start::{self, OidcStarted, Start};
use crate::links;
use crate::secret::Secret;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StartOidcAccount {
    /// The provider, by its name in the settings, such as `google`.
    provider: String,
    /// What stands at the end of the invitation's link.
    token: Secret,
    #[serde(skip)]
    start: Start,
}

impl Command for StartOidcAccount {
    const SPEC: Spec = Spec {
        name: "identity.start_oidc_account",
        summary: "Begin to make an account by an invitation, with an account of an identity provider.",
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
            token: Secret::placeholder(),
            start: Start::default(),
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        start::check(faults, &self.provider, "");
        links::check(faults, &self.token);
    }

    /// Nobody is sent away for a link that is over.
    fn charge(&mut self, tx: &mut Write<'_>, asker: &Asker<'_>) -> Result<(), Error> {
        registering::invitation(tx, &self.token)?;
        let session = asker.session.map(|session| session.id.as_str());
        // Its page goes on to the workspace.
        let next = links::path(links::Purpose::Invitation, self.token.as_str());
        let purpose = Purpose::Register(self.token.as_str().to_owned().into());
        self.start.begin(tx, &next, session, purpose)
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
