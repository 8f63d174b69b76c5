//! Browsers that were sent to a provider and have not come back. The state is
//! kept as a keyed hash, what answers are judged by is sealed, and taking a row
//! ends it: two answers to one question cannot both be taken.

use daybook_kernel::id::hex;
use daybook_kernel::{Error, Param, PersonId, Write};
use zeroize::Zeroizing;

use crate::secret::Secret;

const STATE: &str = "oidc_flows.state";
const BROWSER: &str = "oidc_flows.browser_hash";
const NONCE: &str = "oidc_flows.nonce";
const VERIFIER: &str = "oidc_flows.verifier";
const NEXT: &str = "oidc_flows.next_address";
const INVITATION: &str = "oidc_flows.invitation";
const GOOD_FOR_MS: i64 = 10 * 60 * 1_000;
/// Anybody can begin: more than this at once give way, oldest first.
const OPEN_MAX: i64 = 10_000;

/// What the browser takes along, and what its answer will be held against.
pub(super) struct Flow {
    pub nonce: Zeroizing<String>,
    /// Shown to the provider when the code is redeemed (RFC 7636).
    pub verifier: Zeroizing<String>,
    /// Where to go on, an address of our own.
    pub next: String,
    /// The session of the browser when it left, if it had one.
    pub session: Option<String>,
    pub purpose: Purpose,
}

/// What shall come of the answer.
pub(super) enum Purpose {
    SignIn,
    /// Whose account is to be linked.
    Link(PersonId),
    /// By which invitation an account is to be made: what stands at the end of its link.
    Register(Secret),
}

/// The secrets that leave this server, each 256 random bits.
pub(super) struct Tokens {
    /// In the address, to the provider and back.
    pub state: Zeroizing<String>,
    /// In the browser's cookie.
    pub browser: Zeroizing<String>,
}

pub(super) fn secret(tx: &Write<'_>) -> Result<Zeroizing<String>, Error> {
    Ok(Zeroizing::new(hex(&tx.random::<32>()?)))
}

pub(super) fn put(
    tx: &mut Write<'_>,
    provider: &str,
    tokens: &Tokens,
    flow: &Flow,
) -> Result<(), Error> {
    let now = tx.now().as_millisecond();
    tx.run(
        "DELETE FROM oidc_flows WHERE expires_at_ms <= $1",
        &[now.into()],
    )?;
    tx.run(
        "DELETE FROM oidc_flows WHERE state IN (
             SELECT state FROM oidc_flows ORDER BY expires_at_ms DESC, state LIMIT 1000 OFFSET $1)",
        &[(OPEN_MAX - 1).into()],
    )?;
    let sealed = |column, text| Param::Sealed { column, text };
    let (links_for, invitation) = match &flow.purpose {
        Purpose::SignIn => (String::new(), ""),
        Purpose::Link(person) => (person.to_string(), ""),
        Purpose::Register(token) => (String::new(), token.as_str()),
    };
    let state = state_name(tx, &tokens.state);
    let browser = tx.vault().keyed_hash(BROWSER, tokens.browser.as_bytes());
    tx.run(
        "INSERT INTO oidc_flows (state, browser_hash, provider, nonce, verifier, next_address,
             session, links_for, expires_at_ms, invitation)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        &[
            Param::Text(&state),
            Param::Bytes(&browser),
            Param::Text(provider),
            sealed(NONCE, &flow.nonce),
            sealed(VERIFIER, &flow.verifier),
            sealed(NEXT, &flow.next),
            Param::Text(flow.session.as_deref().unwrap_or_default()),
            Param::Text(&links_for),
            (now + GOOD_FOR_MS).into(),
            sealed(INVITATION, invitation),
        ],
    )?;
    Ok(())
}

/// Takes what this browser began with this provider. Whoever has the state and
/// not the browser's cookie takes nothing and ends nothing.
pub(super) fn take(
    tx: &mut Write<'_>,
    provider: &str,
    state: &str,
    browser: &str,
) -> Result<Option<Flow>, Error> {
    let now = tx.now().as_millisecond();
    let state = state_name(tx, state);
    let browser = tx.vault().keyed_hash(BROWSER, browser.as_bytes());
    tx.first(
        "DELETE FROM oidc_flows
         WHERE state = $1 AND browser_hash = $2 AND provider = $3 AND expires_at_ms > $4
         RETURNING nonce, verifier, next_address, session, links_for, invitation",
        &[
            Param::Text(&state),
            Param::Bytes(&browser),
            provider.into(),
            now.into(),
        ],
        |row| {
            let (links_for, invitation) = (row.text(4)?, row.sealed(5, INVITATION)?);
            let purpose = match (links_for, invitation) {
                ("", token) if token.is_empty() => Purpose::SignIn,
                ("", token) => Purpose::Register(token.into()),
                (person, _) => Purpose::Link(
                    person
                        .parse()
                        .map_err(|_| Error::ours("oidc_flows.links_for holds no person"))?,
                ),
            };
            Ok(Flow {
                nonce: Zeroizing::new(row.sealed(0, NONCE)?),
                verifier: Zeroizing::new(row.sealed(1, VERIFIER)?),
                next: row.sealed(2, NEXT)?,
                session: Some(row.text(3)?.to_owned()).filter(|it| !it.is_empty()),
                purpose,
            })
        },
    )
}

fn state_name(tx: &Write<'_>, state: &str) -> String {
    hex(&tx.vault().keyed_hash(STATE, state.as_bytes()))
}
