//! Links in the store: made, found, used up, ended.

use daybook_kernel::id::hex;
use daybook_kernel::{Error, Faults, Param, Read, Refusal, Write};

use crate::secret::Secret;

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
/// A link that is over is forgotten after this: nobody asks for it any more.
const KEPT_MS: i64 = 7 * DAY_MS;
/// 256 bits as hexadecimal.
const TOKEN_CHARACTERS: usize = 64;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Invitation,
    Reset,
    /// Takes an account back to the address that it had.
    AddressBack,
}

/// A link that was found by its token.
pub(crate) struct Link {
    pub subject: String,
}

impl Purpose {
    const fn name(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::Reset => "reset",
            Self::AddressBack => "address_back",
        }
    }

    /// What its tokens are hashed for: no other purpose finds them.
    const fn hashed_for(self) -> &'static str {
        match self {
            Self::Invitation => "links.invitation",
            Self::Reset => "links.reset",
            Self::AddressBack => "links.address_back",
        }
    }

    const fn page(self) -> &'static str {
        match self {
            Self::Invitation => "/invitation/",
            // Both end in a new password.
            Self::Reset | Self::AddressBack => "/reset/",
        }
    }
}

/// Where the link stands, below the instance's origin.
pub(crate) fn path(purpose: Purpose, token: &str) -> String {
    format!("{}{token}", purpose.page())
}

/// Makes a link and answers with its token, which nobody can tell again.
pub(crate) fn make(
    tx: &mut Write<'_>,
    purpose: Purpose,
    subject: &str,
    expires_at_ms: i64,
) -> Result<String, Error> {
    let now = tx.now().as_millisecond();
    tx.run(
        "DELETE FROM links WHERE expires_at_ms < $1",
        &[(now - KEPT_MS).into()],
    )?;
    let id = hex(&tx.random::<16>()?);
    let token = hex(&tx.random::<32>()?);
    let hash = hash(tx, purpose, token.as_bytes());
    tx.run(
        "INSERT INTO links (id, token_hash, purpose, subject, made_at_ms, expires_at_ms, used_at_ms)
         VALUES ($1, $2, $3, $4, $5, $6, 0)",
        &[
            Param::Text(&id),
            Param::Bytes(&hash),
            purpose.name().into(),
            Param::Text(subject),
            now.into(),
            expires_at_ms.into(),
        ],
    )?;
    Ok(token)
}

/// A link that is still good, without using it.
pub(crate) fn find(tx: &mut Read<'_>, purpose: Purpose, token: &Secret) -> Result<Link, Error> {
    let (link, used_at_ms) = look_up(tx, purpose, token)?;
    if used_at_ms == 0 {
        Ok(link)
    } else {
        Err(is_over())
    }
}

/// What a link is about, even after it was used: for the page that it opens.
pub(crate) fn shown(tx: &mut Read<'_>, purpose: Purpose, token: &Secret) -> Result<Link, Error> {
    look_up(tx, purpose, token).map(|(link, _)| link)
}

fn look_up(tx: &mut Read<'_>, purpose: Purpose, token: &Secret) -> Result<(Link, i64), Error> {
    let now = tx.now().as_millisecond();
    let hash = hash(tx, purpose, token.as_bytes());
    let found = tx.first(
        "SELECT subject, used_at_ms FROM links
         WHERE token_hash = $1 AND purpose = $2 AND expires_at_ms > $3",
        &[Param::Bytes(&hash), purpose.name().into(), now.into()],
        |row| {
            let subject = row.text(0)?.to_owned();
            Ok((Link { subject }, row.int(1)?))
        },
    )?;
    found.ok_or_else(is_over)
}

/// Uses a link up. The first to change the row has used it; whoever comes
/// second, in whatever process, changes nothing and is refused.
pub(crate) fn use_up(tx: &mut Write<'_>, purpose: Purpose, token: &Secret) -> Result<Link, Error> {
    let link = find(tx, purpose, token)?;
    let now = tx.now().as_millisecond();
    let hash = hash(tx, purpose, token.as_bytes());
    let used = tx.run(
        "UPDATE links SET used_at_ms = $3
         WHERE token_hash = $1 AND purpose = $2 AND used_at_ms = 0 AND expires_at_ms > $3",
        &[Param::Bytes(&hash), purpose.name().into(), now.into()],
    )?;
    if used == 1 { Ok(link) } else { Err(is_over()) }
}

/// Ends every link of this purpose about this subject.
pub(crate) fn end_all(tx: &mut Write<'_>, purpose: Purpose, subject: &str) -> Result<(), Error> {
    tx.run(
        "DELETE FROM links WHERE purpose = $1 AND subject = $2",
        &[purpose.name().into(), Param::Text(subject)],
    )?;
    Ok(())
}

/// How many links of this purpose about this subject are still good.
pub(crate) fn count_open(tx: &mut Read<'_>, purpose: Purpose, subject: &str) -> Result<i64, Error> {
    let now = tx.now().as_millisecond();
    let count = tx.first(
        "SELECT count(*) FROM links
         WHERE purpose = $1 AND subject = $2 AND used_at_ms = 0 AND expires_at_ms > $3",
        &[purpose.name().into(), Param::Text(subject), now.into()],
        |row| row.int(0),
    )?;
    Ok(count.unwrap_or(0))
}

/// A token is kept from being endless; whether it is one is seen when it is looked for.
pub(crate) fn check(faults: &mut Faults, token: &Secret) {
    if token.length() > TOKEN_CHARACTERS {
        faults.add(
            "token",
            "This is longer than a link's token. Copy the whole address from the message again.",
        );
    }
}

fn hash(tx: &Read<'_>, purpose: Purpose, token: &[u8]) -> [u8; 32] {
    tx.vault().keyed_hash(purpose.hashed_for(), token)
}

/// One sentence for used, withdrawn, outlived and never made: none of them is told apart.
fn is_over() -> Error {
    let why =
        "This link is not good any more: it was used, withdrawn or is too old. Ask for a new one.";
    Refusal::Forbidden(why.to_owned()).into()
}
