//! Who tries at how many accounts. A network that tries at one account is a
//! matter of waits; one that tries at many, or many that do, are looked for here.
//! A try counts until the right password comes from the same network, so that an
//! office in which people mistype is none.

use daybook_kernel::{Error, Origin, Param, Write};

use super::Counter;
use crate::alerts::{Alert, AlertKind, raise};

const HOUR_MS: i64 = 60 * 60 * 1_000;
/// From one network. No more than what a burst lets through, so that even one
/// burst is seen.
const SPRAYED_ACCOUNTS: i64 = 10;
/// From anywhere, if it is from so many networks.
const STUFFED_ACCOUNTS: i64 = 50;
const STUFFING_NETWORKS: i64 = 10;

/// Notes a try that is about to be compared.
pub(super) fn note(
    tx: &mut Write<'_>,
    network: &Counter,
    account: &Counter,
    origin: &Origin,
) -> Result<(), Error> {
    let now = tx.now().as_millisecond();
    let (network, account) = (network.hash(tx), account.hash(tx));
    tx.run(
        "DELETE FROM guess_spread WHERE at_ms <= $1",
        &[(now - HOUR_MS).into()],
    )?;
    tx.run(
        "INSERT INTO guess_spread (network, account, at_ms) VALUES ($1, $2, $3)
         ON CONFLICT (network, account) DO UPDATE SET at_ms = $3",
        &[Param::Bytes(&network), Param::Bytes(&account), now.into()],
    )?;
    if is_sprayed(tx, &network)? {
        alarm(tx, AlertKind::PasswordSpraying, &origin.network(), origin)?;
    }
    if is_stuffed(tx)? {
        alarm(tx, AlertKind::PasswordStuffing, "", origin)?;
    }
    Ok(())
}

/// The password was right after all.
pub(super) fn clear(tx: &mut Write<'_>, network: &Counter, account: &Counter) -> Result<(), Error> {
    let (network, account) = (network.hash(tx), account.hash(tx));
    tx.run(
        "DELETE FROM guess_spread WHERE network = $1 AND account = $2",
        &[Param::Bytes(&network), Param::Bytes(&account)],
    )?;
    Ok(())
}

fn is_sprayed(tx: &mut Write<'_>, network: &[u8; 32]) -> Result<bool, Error> {
    let accounts = tx.first(
        "SELECT count(*) FROM guess_spread WHERE network = $1",
        &[Param::Bytes(network)],
        |row| row.int(0),
    )?;
    Ok(accounts.unwrap_or(0) >= SPRAYED_ACCOUNTS)
}

/// Counted no further than it matters: under attack the table is long.
fn is_stuffed(tx: &mut Write<'_>) -> Result<bool, Error> {
    let found = tx.first(
        "SELECT (SELECT count(*) FROM (SELECT DISTINCT account FROM guess_spread LIMIT $1) AS a),
             (SELECT count(*) FROM (SELECT DISTINCT network FROM guess_spread LIMIT $2) AS n)",
        &[STUFFED_ACCOUNTS.into(), STUFFING_NETWORKS.into()],
        |row| Ok((row.int(0)?, row.int(1)?)),
    )?;
    Ok(found.is_some_and(|(accounts, networks)| {
        accounts >= STUFFED_ACCOUNTS && networks >= STUFFING_NETWORKS
    }))
}

fn alarm(tx: &mut Write<'_>, kind: AlertKind, subject: &str, origin: &Origin) -> Result<(), Error> {
    let alert = Alert {
        kind,
        subject,
        person: None,
        address: &origin.address,
    };
    raise(tx, &alert).map(|_| ())
}
