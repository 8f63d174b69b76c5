//! Gives an account a new password by the link that was sent to its address.
//! Every session ends, and none begins: whoever has a second factor shows it when
//! they sign in. Without one the factors stand still for a day, so that whoever
//! took over a mailbox cannot lock the owner out for good.

use daybook_kernel::{
    Asker, Change, Command, DataClass, Done, Entropy, Error, Exposure, Faults, Param, Permit,
    PersonId, Rate, Scope, Spec, StepUp, Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::opened;
use crate::factors::enrolled;
use crate::guesses;
use crate::links::{self, Purpose};
use crate::mail::{self, Draft};
use crate::passwords::{self, Chosen};
use crate::people;
use crate::secret::Secret;
use crate::sessions::{end_all, unlearn_places};

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResetPassword {
    /// What stands at the end of the link.
    token: Secret,
    /// 12 to 128 characters.
    new_password: Secret,
    #[serde(skip)]
    chosen: Chosen,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct PasswordReset {
    /// How many sessions ended.
    sessions_ended: u64,
}

impl Command for ResetPassword {
    const SPEC: Spec = Spec {
        name: "identity.reset_password",
        summary: "Choose a new password by the link that was mailed; every session ends.",
        scope: Scope::Instance,
        rate: Rate::Guess,
        data: DataClass::Restricted,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::Public,
    };
    const PREPARED: bool = true;
    type Output = PasswordReset;

    fn example() -> Self {
        Self {
            token: Secret::placeholder(),
            new_password: Secret::placeholder(),
            chosen: Chosen::default(),
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        links::check(faults, &self.token);
        passwords::check_new(faults, "new_password", &self.new_password);
    }

    /// Nothing is hashed for a link that is over.
    fn charge(&mut self, tx: &mut Write<'_>, _: &Asker<'_>) -> Result<(), Error> {
        let person = opened::find(tx, &self.token)?;
        let is_guarded = enrolled(tx, person)?.has_second_factor();
        let email = people::address_of(tx, person)?;
        self.chosen.begin(tx, &[&email], is_guarded);
        Ok(())
    }

    fn prepare(&mut self, entropy: &dyn Entropy) -> Result<(), Error> {
        self.chosen
            .work("new_password", &self.new_password, entropy)
    }

    fn apply(self, tx: &mut Write<'_>, _: Permit<Self>) -> Result<Done<PasswordReset>, Error> {
        let kept = self.chosen.finish()?;
        let person = opened::use_up(tx, &self.token)?;
        people::set_password(tx, person, &kept)?;
        let email = people::address_of(tx, person)?;
        // However many wrong ones were tried before: this is the way back in.
        guesses::clear_password(tx, &email, None)?;
        let sessions_ended = end_all(tx, person)?;
        unlearn_places(tx, person)?;
        // Whatever other links are under way were asked for with the old password.
        links::end_all(tx, Purpose::Reset, &person.to_string())?;
        if !enrolled(tx, person)?.has_second_factor() {
            freeze_factors(tx, person)?;
        }
        tell(tx, &email)?;
        let output = PasswordReset { sessions_ended };
        let change = Change::created("Password", person, &output);
        Ok(Done::new(output, change))
    }
}

/// A mailbox alone opened this account: what guards it stays as it is for a day.
fn freeze_factors(tx: &mut Write<'_>, person: PersonId) -> Result<(), Error> {
    let until_ms = tx.now().as_millisecond() + DAY_MS;
    tx.run(
        "UPDATE people SET factors_frozen_until_ms = $2 WHERE id = $1",
        &[Param::Text(&person.to_string()), until_ms.into()],
    )?;
    Ok(())
}

/// Whoever did not do this should know of it.
fn tell(tx: &mut Write<'_>, email: &str) -> Result<(), Error> {
    let until_ms = tx.now().as_millisecond() + DAY_MS;
    let paragraphs = [
        "The password of your account was changed by a link that was sent to this address. You are signed out everywhere.".to_owned(),
        "If it was not you, somebody reads your mail: ask for a new password at once, and secure your mailbox.".to_owned(),
    ];
    let letter = Draft {
        to: email,
        subject: "Your Daybook password was changed",
        paragraphs: &paragraphs,
        link: Some(("Ask for a new password", "/reset")),
        until_ms,
    };
    mail::post(tx, &letter)
}
