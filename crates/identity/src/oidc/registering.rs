//! An account that is made by an invitation and a provider's word: the link
//! proves the mailbox, and the provider must know its account by the same
//! address, verified. It has no password, and is opened by that link alone until
//! its owner adds another way in.
//!
//! Whoever has an account here already is never given another way into it by a
//! letter and an address: they sign in first, and link then.

use daybook_kernel::{Caller, Change, Error, Refusal, Write};
use serde::Serialize;

use super::flows::Flow;
use super::protocol::Shown;
use super::{finish_oidc, links as accounts};
use crate::invitations::{Invitation, find};
use crate::links::{self, Purpose};
use crate::people::{self, NewAccount, normalise};
use crate::secret::Secret;
use crate::sessions::{Opening, SessionOpened, open};

/// What the log is told.
#[derive(Serialize)]
struct Made<'a> {
    email: &'a str,
    by: &'static str,
    provider: &'a str,
    issuer: &'a str,
}

/// What a link that is still good invites to, where nobody has its address yet.
pub(super) fn invitation(tx: &mut Write<'_>, token: &Secret) -> Result<Invitation, Error> {
    let link = links::find(tx, Purpose::Invitation, token)?;
    let invitation = find(tx, &link.subject)?;
    if invitation.has_account {
        let why = "There is an account with this address. Sign in to it; what is to open it is linked under Security.";
        return Err(Refusal::Forbidden(why.to_owned()).into());
    }
    Ok(invitation)
}

pub(super) fn register(
    tx: &mut Write<'_>,
    (id, name): (&str, &str),
    (flow, token): (&Flow, &Secret),
    shown: &Shown,
    caller: &Caller,
) -> Result<(SessionOpened, Change), Error> {
    let invitation = invitation(tx, token)?;
    let email = shown.email.as_deref().filter(|_| shown.is_verified);
    if email.is_none_or(|email| normalise(email) != normalise(&invitation.email)) {
        let why = format!(
            "The invitation is for {}, and {name} does not say that this address is verified as yours. Come with the account of that address, or choose a password.",
            invitation.email
        );
        return Err(Refusal::Forbidden(why).into());
    }
    links::use_up(tx, Purpose::Invitation, token)?;
    let account = NewAccount {
        email: &invitation.email,
        name: "",
        kept_password: "",
    };
    let person = people::make(tx, &account)?;
    accounts::add(tx, person, shown)?;
    finish_oidc::name_actor(tx, person)?;
    let usual = Opening::of(caller);
    let opening = Opening {
        goes_on: true,
        // The cookie of the session stays behind when another site sends the browser.
        replaces: flow.session.clone().or(usual.replaces),
        ..Opening::of(caller)
    };
    let opened = open(tx, person, opening)?;
    let made = Made {
        email: &invitation.email,
        by: "invitation",
        provider: id,
        issuer: &shown.issuer,
    };
    let change = Change::created("Person", person, &made);
    Ok((opened, change))
}
