//! Ends what was begun with an identity provider: opens a session for whom its
//! account is linked with, or links it, or makes the account that somebody was
//! invited to. Each answer leaves one record, whatever
//! came of it.

use std::sync::Arc;

use daybook_kernel::ports::Outside;
use daybook_kernel::road::SignedIn;
use daybook_kernel::{
    Asker, Caller, Change, Command, DataClass, Done, Entropy, Error, Exposure, Faults, Permit,
    PersonId, Rate, Refusal, Scope, Spec, StepUp, Target, Write,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::flows::{self, Flow, Purpose};
use super::protocol::{self, Returned, Shown, Trouble};
use super::registering::register;
use super::{PROVIDER_CHARACTERS_MAX, links, start};
use crate::factors::{owes_second_factor, refuse_while_frozen};
use crate::mail::{self, Draft};
use crate::people::address_of;
use crate::secret::Secret;
use crate::sessions::{self, Opening, SessionOpened, open, rotate};

/// Codes are short; some providers put much into them.
const CODE_CHARACTERS_MAX: usize = 4_000;
const ISSUER_CHARACTERS_MAX: usize = 500;
/// A letter about it is no news after a week.
const TOLD_WITHIN_MS: i64 = 7 * 24 * 60 * 60 * 1_000;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FinishOidc {
    /// The provider, by its name in the settings.
    provider: String,
    /// What the provider sent along with the browser.
    state: Secret,
    #[serde(default = "Secret::empty")]
    code: Secret,
    /// Whose answer it says it is, where the provider says so (RFC 9207).
    #[serde(default)]
    iss: String,
    /// In place of a code, why there is none.
    #[serde(default)]
    error: String,
    /// What `identity.start_oidc` gave to the browser.
    browser: Secret,
    #[serde(skip)]
    asked: Option<Asked>,
}

/// What the answer is held against, and how that went.
struct Asked {
    outside: Arc<dyn Outside>,
    site: String,
    now: Timestamp,
    flow: Flow,
    verdict: Result<Shown, Trouble>,
}

/// A session that begins, also of a new account, or goes on with one more account linked.
#[derive(Serialize, JsonSchema)]
pub(crate) struct OidcFinished {
    #[serde(flatten)]
    session: SessionOpened,
    /// Where to go on: an address of this site.
    next: String,
    /// Whether an account was linked, as against signed in with.
    linked: bool,
}

/// What the log is told of a new session.
#[derive(Serialize)]
struct Opened<'a> {
    person: String,
    provider: &'a str,
    expires_at: &'a str,
    owes_second_factor: bool,
}

/// What the log is told of a new link.
#[derive(Serialize)]
struct Linked<'a> {
    person: String,
    provider: &'a str,
    issuer: &'a str,
}

impl Command for FinishOidc {
    const SPEC: Spec = Spec {
        name: "identity.finish_oidc",
        summary: "Sign in, link an account or make an invited one, with what an identity provider answered.",
        scope: Scope::Instance,
        rate: Rate::Guess,
        data: DataClass::Restricted,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::Public,
    };
    const PREPARED: bool = true;
    const REACHES_OUT: bool = true;
    const OPENS_SESSION: bool = true;
    type Output = OidcFinished;

    fn example() -> Self {
        Self {
            provider: "google".to_owned(),
            state: Secret::placeholder(),
            code: Secret::placeholder(),
            iss: "https://accounts.google.com".to_owned(),
            error: String::new(),
            browser: Secret::placeholder(),
            asked: None,
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        faults.text("provider", &self.provider, PROVIDER_CHARACTERS_MAX);
        faults.length("iss", &self.iss, ISSUER_CHARACTERS_MAX);
        faults.length("error", &self.error, ISSUER_CHARACTERS_MAX);
        for (field, secret) in [
            ("state", &self.state),
            ("code", &self.code),
            ("browser", &self.browser),
        ] {
            if secret.length() > CODE_CHARACTERS_MAX {
                faults.add(field, "This is longer than any of ours.");
            }
        }
    }

    /// The state is used up here, whatever comes of the answer.
    fn charge(&mut self, tx: &mut Write<'_>, _: &Asker<'_>) -> Result<(), Error> {
        let (state, browser) = (self.state.as_str(), self.browser.as_str());
        let Some(flow) = flows::take(tx, &self.provider, state, browser)? else {
            return Ok(());
        };
        self.asked = Some(Asked {
            outside: Arc::clone(tx.outside()),
            site: tx.site().to_owned(),
            now: tx.now(),
            flow,
            verdict: Err(Trouble::Declined),
        });
        Ok(())
    }

    fn prepare(&mut self, _: &dyn Entropy) -> Result<(), Error> {
        let Some(asked) = self.asked.as_mut().filter(|_| self.error.is_empty()) else {
            return Ok(());
        };
        let Some(provider) = start::find(&*asked.outside, &self.provider) else {
            return Ok(());
        };
        let returned = Returned {
            code: self.code.as_str(),
            iss: &self.iss,
        };
        asked.verdict = protocol::redeem(
            &*asked.outside,
            provider,
            &asked.site,
            (&asked.flow, &returned),
            asked.now,
        );
        Ok(())
    }

    fn apply(self, tx: &mut Write<'_>, permit: Permit<Self>) -> Result<Done<OidcFinished>, Error> {
        let asked = self.asked.ok_or_else(stale)?;
        let provider = start::find(&*asked.outside, &self.provider).ok_or_else(stale)?;
        let (id, name) = (&provider.id, &provider.name);
        let flow = asked.flow;
        if let Purpose::Link(person) = flow.purpose {
            name_actor(tx, person)?;
        }
        let shown = asked
            .verdict
            .map_err(|trouble| start::refusal(&trouble, name))?;
        let (named, caller) = ((id.as_str(), name.as_str()), permit.caller());
        let (session, change) = match &flow.purpose {
            Purpose::SignIn => sign_in(tx, named, &flow, &shown, caller)?,
            Purpose::Link(person) => link(tx, named, &flow, &shown, *person)?,
            Purpose::Register(token) => register(tx, named, (&flow, token), &shown, caller)?,
        };
        let output = OidcFinished {
            session,
            linked: matches!(flow.purpose, Purpose::Link(_)),
            next: flow.next,
        };
        Ok(Done::new(output, change))
    }
}

/// One sentence for a state that is used up, too old, another browser's or made up.
fn stale() -> Error {
    let why = "This was not begun in this browser, took longer than ten minutes, or was used already. Begin again.";
    Refusal::Forbidden(why.to_owned()).into()
}

fn sign_in(
    tx: &mut Write<'_>,
    (id, name): (&str, &str),
    flow: &Flow,
    shown: &Shown,
    caller: &Caller,
) -> Result<(SessionOpened, Change), Error> {
    let Some(person) = links::use_link(tx, shown)? else {
        // The same whether or not somebody here has the address.
        let why = format!(
            "No account here is linked with that account of {name}. Sign in with your password, and link it under Security."
        );
        return Err(Refusal::Forbidden(why).into());
    };
    name_actor(tx, person)?;
    let usual = Opening::of(caller);
    let opening = Opening {
        owes_second_factor: owes_second_factor(tx, person)?,
        // The cookie of the session stays behind when another site sends the browser.
        replaces: flow.session.clone().or(usual.replaces),
        ..Opening::of(caller)
    };
    let opened = open(tx, person, opening)?;
    let after = Opened {
        person: person.to_string(),
        provider: id,
        expires_at: &opened.expires_at,
        owes_second_factor: opened.owes_second_factor,
    };
    let change = Change::created("Session", &opened.id, &after);
    Ok((opened, change))
}

fn link(
    tx: &mut Write<'_>,
    (id, name): (&str, &str),
    flow: &Flow,
    shown: &Shown,
    person: PersonId,
) -> Result<(SessionOpened, Change), Error> {
    let session = flow.session.as_deref().unwrap_or_default();
    if !start::is_live(tx, session, person)? {
        return Err(stale());
    }
    refuse_while_frozen(tx, person)?;
    let link = links::add(tx, person, shown)?;
    tell(tx, name, shown, person)?;
    let rotated = rotate(tx, session, sessions::Shown::Nothing)?;
    let after = Linked {
        person: person.to_string(),
        provider: id,
        issuer: &shown.issuer,
    };
    let change = Change::created("OidcLink", link, &after);
    Ok((rotated, change))
}

/// Whoever has the account learns of its new door, should it not be theirs.
fn tell(tx: &mut Write<'_>, name: &str, shown: &Shown, person: PersonId) -> Result<(), Error> {
    let account = shown.email.as_deref().unwrap_or(&shown.subject);
    let paragraphs = [format!(
        "The account {account} of {name} opens your Daybook account from now on. If it was not you, unlink it and change your password."
    )];
    let email = address_of(tx, person)?;
    let letter = Draft {
        to: &email,
        subject: "Your Daybook account can be opened by another account",
        paragraphs: &paragraphs,
        link: Some(("Look at the linked accounts", "/account/security/providers")),
        until_ms: tx.now().as_millisecond() + TOLD_WITHIN_MS,
    };
    mail::post(tx, &letter)
}

pub(super) fn name_actor(tx: &mut Write<'_>, person: PersonId) -> Result<(), Error> {
    let email = address_of(tx, person)?;
    tx.name_actor(&SignedIn { person, email });
    Ok(())
}
