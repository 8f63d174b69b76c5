//! What both ways of beginning share: a browser is sent to a provider, to sign
//! in there or to link its account.

use std::sync::Arc;

use daybook_kernel::ports::{Outside, Provider};
use daybook_kernel::{Change, Error, Faults, Param, PersonId, Refusal, Write};
use schemars::JsonSchema;
use serde::Serialize;

use super::flows::{self, Flow, Purpose, Tokens};
use super::protocol::{self, Trouble};
use super::{NEXT_CHARACTERS_MAX, PROVIDER_CHARACTERS_MAX};

/// Where the browser is to go, and what it keeps meanwhile.
#[derive(Serialize, JsonSchema)]
pub(crate) struct OidcStarted {
    /// The provider's address, with the question in it.
    pub address: String,
    /// Shown again when the browser is back; the pages keep it in a cookie.
    pub browser: String,
}

/// What the log is told: that somebody left, and for where.
pub(super) fn left(who: impl ToString, provider: &str) -> Change {
    #[derive(Serialize)]
    struct Left<'a> {
        provider: &'a str,
    }
    Change::created("OidcFlow", who, &Left { provider })
}

/// A beginning, from its counting to its address.
#[derive(Default)]
pub(super) struct Start(Option<Begun>);

struct Begun {
    outside: Arc<dyn Outside>,
    site: String,
    tokens: Tokens,
    flow: Flow,
    address: Result<String, Trouble>,
}

pub(super) fn check(faults: &mut Faults, provider: &str, next: &str) {
    faults.text("provider", provider, PROVIDER_CHARACTERS_MAX);
    faults.length("next", next, NEXT_CHARACTERS_MAX);
    if !is_own_address(next) {
        faults.add(
            "next",
            "This is no address of this site. Begin it with one slash.",
        );
    }
}

/// Empty is the front page.
fn is_own_address(next: &str) -> bool {
    next.is_empty()
        || next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\r', '\n'])
}

impl Start {
    /// Draws the secrets.
    pub(super) fn begin(
        &mut self,
        tx: &mut Write<'_>,
        next: &str,
        session: Option<&str>,
        purpose: Purpose,
    ) -> Result<(), Error> {
        self.0 = Some(Begun {
            outside: Arc::clone(tx.outside()),
            site: tx.site().to_owned(),
            tokens: Tokens {
                state: flows::secret(tx)?,
                browser: flows::secret(tx)?,
            },
            flow: Flow {
                nonce: flows::secret(tx)?,
                verifier: flows::secret(tx)?,
                next: if next.is_empty() { "/" } else { next }.to_owned(),
                session: session.map(str::to_owned),
                purpose,
            },
            address: Err(Trouble::Away),
        });
        Ok(())
    }

    /// Asks the provider where it takes questions.
    pub(super) fn ask(&mut self, provider: &str) {
        let Some(begun) = &mut self.0 else {
            return;
        };
        if let Some(provider) = find(&*begun.outside, provider) {
            let (site, state) = (&begun.site, &begun.tokens.state);
            begun.address = protocol::address(&*begun.outside, provider, site, state, &begun.flow);
        }
    }

    /// Keeps what the answer will be held against.
    pub(super) fn conclude(self, tx: &mut Write<'_>, provider: &str) -> Result<OidcStarted, Error> {
        let begun = self
            .0
            .ok_or_else(|| Error::ours("a beginning that was not prepared"))?;
        let Some(known) = find(&*begun.outside, provider) else {
            let why = "No provider of that name is set up here.";
            return Err(Error::fault("provider", why));
        };
        let address = begun
            .address
            .map_err(|trouble| refusal(&trouble, &known.name))?;
        flows::put(tx, provider, &begun.tokens, &begun.flow)?;
        Ok(OidcStarted {
            address,
            browser: begun.tokens.browser.to_string(),
        })
    }
}

pub(super) fn find<'o>(outside: &'o dyn Outside, id: &str) -> Option<&'o Provider> {
    outside.providers().iter().find(|it| it.id == id)
}

/// What whoever is refused is told; it also stands in the log.
pub(super) fn refusal(trouble: &Trouble, name: &str) -> Error {
    let why = match trouble {
        Trouble::Away => format!(
            "{name} cannot be asked just now. Nothing was changed. Try again later, or sign in another way."
        ),
        Trouble::Declined => format!("{name} did not confirm who you are. Nothing was changed."),
        Trouble::Wrong(what) => {
            format!("The answer of {name} was not taken: {what}. Nothing was changed. Begin again.")
        }
        Trouble::AddressUnverified => format!(
            "{name} says that the address of that account is not verified. Verify it there first."
        ),
    };
    Refusal::Forbidden(why).into()
}

/// Whether the session that a browser had when it left still is.
pub(super) fn is_live(tx: &mut Write<'_>, session: &str, person: PersonId) -> Result<bool, Error> {
    let now = tx.now().as_millisecond();
    let found = tx.first(
        "SELECT id FROM sessions WHERE id = $1 AND person = $2 AND expires_at_ms > $3
             AND owes_second_factor = 0",
        &[session.into(), Param::Text(&person.to_string()), now.into()],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}
