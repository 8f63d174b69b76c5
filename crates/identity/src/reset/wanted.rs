//! Looks into a wish for a new password: makes the link and its letter, if there
//! is such an account.

use daybook_kernel::{Error, Write};
use serde::{Deserialize, Serialize};

use crate::links::{self, Purpose};
use crate::mail::{self, Draft};
use crate::people::person;

/// The link is in a mailbox, which others may see over a shoulder: half an hour
/// is enough to open it.
const LINK_MS: i64 = 30 * 60 * 1_000;
/// Letters that one address can be sent in that time: nobody's mailbox is filled.
const OPEN_MAX: i64 = 3;

#[derive(Serialize, Deserialize)]
pub(super) struct Wanted {
    pub id: String,
    pub email: String,
}

pub(super) fn deliver(tx: &mut Write<'_>, payload: &str) -> Result<(), Error> {
    let wanted: Wanted = serde_json::from_str(payload).map_err(Error::ours)?;
    let Some(who) = person(tx, &wanted.email)? else {
        return Ok(());
    };
    let subject = who.person.to_string();
    if mail::is_queued(tx, &wanted.id)?
        || links::count_open(tx, Purpose::Reset, &subject)? >= OPEN_MAX
    {
        return Ok(());
    }
    let until_ms = tx.now().as_millisecond() + LINK_MS;
    let token = links::make(tx, Purpose::Reset, &subject, until_ms)?;
    let paragraphs = [
        "Somebody asked for a new password for your account. If it was you, open the link within 30 minutes.".to_owned(),
        "If it was not you, leave it: your password stays as it is.".to_owned(),
    ];
    let letter = Draft {
        to: &who.email,
        subject: "A new password for Daybook",
        paragraphs: &paragraphs,
        link: Some((
            "Choose a new password",
            &links::path(Purpose::Reset, &token),
        )),
        until_ms,
    };
    mail::post_as(tx, &wanted.id, &letter)
}
