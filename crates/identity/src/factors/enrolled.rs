//! What an account has besides its password.

use daybook_kernel::{Error, Param, PersonId, Read, Write};

use crate::workspaces::tell_workspaces;

/// What a person has enrolled.
pub(crate) struct Enrolled {
    pub app: bool,
    pub passkeys: i64,
    pub recovery_codes_left: i64,
}

impl Enrolled {
    /// Recovery codes stand in for a second factor and are none by themselves.
    pub const fn has_second_factor(&self) -> bool {
        self.app || self.passkeys > 0
    }
}

pub(crate) fn enrolled(tx: &mut Read<'_>, person: PersonId) -> Result<Enrolled, Error> {
    let person = person.to_string();
    let found = tx.first(
        "SELECT
             (SELECT count(*) FROM totp_factors WHERE person = $1 AND confirmed_at_ms IS NOT NULL),
             (SELECT count(*) FROM passkeys WHERE person = $1),
             (SELECT count(*) FROM recovery_codes WHERE person = $1 AND used_at_ms IS NULL)",
        &[Param::Text(&person)],
        |row| {
            Ok(Enrolled {
                app: row.int(0)? > 0,
                passkeys: row.int(1)?,
                recovery_codes_left: row.int(2)?,
            })
        },
    )?;
    found.ok_or_else(|| Error::ours("a count without a row"))
}

/// Whether a session that begins with a right password must show more.
pub(crate) fn owes_second_factor(tx: &mut Read<'_>, person: PersonId) -> Result<bool, Error> {
    Ok(enrolled(tx, person)?.has_second_factor())
}

/// After a factor is gone: once it was the last, recovery codes have nothing to
/// stand in for. The person's workspaces are told.
pub(crate) fn drop_what_is_left(tx: &mut Write<'_>, person: PersonId) -> Result<(), Error> {
    if !enrolled(tx, person)?.has_second_factor() {
        tx.run(
            "DELETE FROM recovery_codes WHERE person = $1",
            &[Param::Text(&person.to_string())],
        )?;
    }
    tell_workspaces(tx, person)
}
