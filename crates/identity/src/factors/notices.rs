//! What happened to an account that its owner should know of, kept until they
//! have seen it.

use daybook_kernel::id::hex;
use daybook_kernel::{Error, Param, PersonId, Read, Write};
use schemars::JsonSchema;
use serde::Serialize;

use crate::instant;
use crate::mail::{self, Draft};
use crate::people::address_of;

const ADDRESS: &str = "security_notices.address";
/// As many as are read; older ones are in the log.
const NOTICES_SHOWN_MAX: i64 = 20;
/// A letter about it is no news after a week.
const TOLD_WITHIN_MS: i64 = 7 * 24 * 60 * 60 * 1_000;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum NoticeKind {
    RecoveryCodeUsed,
    PasskeyCountFell,
    SecondFactorTries,
    NewPlace,
    PasswordTries,
}

impl NoticeKind {
    const ALL: [Self; 5] = [
        Self::RecoveryCodeUsed,
        Self::PasskeyCountFell,
        Self::SecondFactorTries,
        Self::NewPlace,
        Self::PasswordTries,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::RecoveryCodeUsed => "recovery_code_used",
            Self::PasskeyCountFell => "passkey_count_fell",
            Self::SecondFactorTries => "second_factor_tries",
            Self::NewPlace => "new_place",
            Self::PasswordTries => "password_tries",
        }
    }

    const fn sentence(self) -> &'static str {
        match self {
            Self::RecoveryCodeUsed => {
                "A recovery code was used. If it was not you, change your password and make new codes."
            }
            Self::PasskeyCountFell => {
                "A passkey was refused, as its counter went backwards: there may be a copy of it. Remove it and add a new one."
            }
            Self::SecondFactorTries => {
                "Your password was right, and wrong second factors were tried until no more were taken. If it was not you, change your password."
            }
            Self::NewPlace => {
                "Your account was signed in to with a browser or from a network that was new to it. If it was not you, sign out everywhere and change your password."
            }
            Self::PasswordTries => {
                "Ten wrong passwords in a row were tried at your account. Each further try waits longer, yours too. A passkey opens it at once, and an authenticator app guards it even from a guess that is right."
            }
        }
    }
}

/// One thing to know, as it is told.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Notice {
    pub id: String,
    pub kind: String,
    pub at: String,
    /// From where, as far as it is known.
    pub address: String,
    pub sentence: String,
}

/// Notes what happened, and writes to the person about it: they may not look
/// here for weeks.
pub(crate) fn note(
    tx: &mut Write<'_>,
    person: PersonId,
    kind: NoticeKind,
    address: &str,
) -> Result<(), Error> {
    note_on_page(tx, person, kind, address)?;
    let paragraphs = [
        kind.sentence().to_owned(),
        format!("It came from the address {address}."),
    ];
    let email = address_of(tx, person)?;
    let letter = Draft {
        to: &email,
        subject: "Something happened to your Daybook account",
        paragraphs: &paragraphs,
        link: Some(("Look at how your account is guarded", "/account/security")),
        until_ms: tx.now().as_millisecond() + TOLD_WITHIN_MS,
    };
    mail::post(tx, &letter)
}

/// Notes what happened, without a letter of its own.
pub(crate) fn note_on_page(
    tx: &mut Write<'_>,
    person: PersonId,
    kind: NoticeKind,
    address: &str,
) -> Result<(), Error> {
    let id = hex(&tx.random::<16>()?);
    let now = tx.now().as_millisecond();
    tx.run(
        "INSERT INTO security_notices (id, person, kind, at_ms, address) VALUES ($1, $2, $3, $4, $5)",
        &[
            Param::Text(&id),
            Param::Text(&person.to_string()),
            kind.name().into(),
            now.into(),
            Param::Sealed {
                column: ADDRESS,
                text: address,
            },
        ],
    )?;
    Ok(())
}

/// Whether it was noted since that instant, in Unix milliseconds.
pub(crate) fn is_noted(
    tx: &mut Read<'_>,
    person: PersonId,
    kind: NoticeKind,
    since_ms: i64,
) -> Result<bool, Error> {
    let found = tx.first(
        "SELECT id FROM security_notices WHERE person = $1 AND kind = $2 AND at_ms > $3",
        &[
            Param::Text(&person.to_string()),
            kind.name().into(),
            since_ms.into(),
        ],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

pub(crate) fn list(tx: &mut Read<'_>, person: PersonId) -> Result<Vec<Notice>, Error> {
    let person = person.to_string();
    tx.all(
        "SELECT id, kind, at_ms, address FROM security_notices WHERE person = $1
         ORDER BY at_ms DESC, id LIMIT $2",
        &[Param::Text(&person), NOTICES_SHOWN_MAX.into()],
        |row| {
            let kind = row.text(1)?;
            let known = NoticeKind::ALL.into_iter().find(|it| it.name() == kind);
            Ok(Notice {
                id: row.text(0)?.to_owned(),
                kind: kind.to_owned(),
                at: instant(row.int(2)?),
                address: row.sealed(3, ADDRESS)?,
                sentence: known.map_or("", NoticeKind::sentence).to_owned(),
            })
        },
    )
}

/// Forgets what was seen; answers how many there were.
pub(crate) fn forget(tx: &mut Write<'_>, person: PersonId) -> Result<u64, Error> {
    tx.run(
        "DELETE FROM security_notices WHERE person = $1",
        &[Param::Text(&person.to_string())],
    )
}
