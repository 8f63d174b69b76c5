//! From where people sign in. A place is a browser on a network; what is kept of
//! it is a keyed hash. A sign-in from a place that is new to the account is told
//! to its person, whether or not a second factor is still owed: by then somebody
//! has the password.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use daybook_kernel::{Error, Origin, Param, PersonId, Write};

use super::device::named;
use super::{Opening, device};
use crate::factors::{NoticeKind, note_on_page};
use crate::instant;
use crate::mail::{self, Draft};
use crate::people::address_of;

const PURPOSE: &str = "known_places.place";

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
/// A place that was not used for so long is new again.
const KNOWN_FOR_MS: i64 = 90 * DAY_MS;
/// More than anybody signs in from; the ones unused for longest give way.
const PLACES_PER_PERSON_MAX: i64 = 100;
/// A letter about it is no news after a week.
const TOLD_WITHIN_MS: i64 = 7 * DAY_MS;

/// Remembers the place of a session that begins, and tells its person if it is new.
pub(super) fn welcome(
    tx: &mut Write<'_>,
    person: PersonId,
    opening: &Opening,
) -> Result<(), Error> {
    // Whoever sits at the server itself comes from no network.
    let origin = opening.origin.as_deref();
    let Some(origin) = origin.filter(|origin| **origin != Origin::local()) else {
        return Ok(());
    };
    let is_new = remember(tx, person, origin)?;
    if is_new && !opening.goes_on {
        tell(tx, person, origin, opening.owes_second_factor)?;
    }
    Ok(())
}

/// With a new password every place is new again: somebody may have come in with
/// the old one and be known by it.
pub(crate) fn unlearn_places(tx: &mut Write<'_>, person: PersonId) -> Result<(), Error> {
    tx.run(
        "UPDATE known_places SET last_at_ms = 0 WHERE person = $1",
        &[Param::Text(&person.to_string())],
    )?;
    Ok(())
}

/// Whether the place is new to an account that has others. The very first has
/// nothing to differ from.
fn remember(tx: &mut Write<'_>, person: PersonId, origin: &Origin) -> Result<bool, Error> {
    let now = tx.now().as_millisecond();
    let person = person.to_string();
    let text = [&device(&origin.agent), "\0", &network(&origin.address)].concat();
    let place = tx.vault().keyed_hash(PURPOSE, text.as_bytes());
    let own = [Param::Text(&person), Param::Bytes(&place)];
    let known = tx.first(
        "SELECT count(*), max(CASE WHEN place = $2 THEN last_at_ms END) FROM known_places
         WHERE person = $1",
        &own,
        |row| Ok((row.int(0)?, row.maybe_int(1)?)),
    )?;
    let (places, used_at_ms) = known.unwrap_or_default();
    if places >= PLACES_PER_PERSON_MAX && used_at_ms.is_none() {
        tx.run(
            "DELETE FROM known_places WHERE person = $1 AND place NOT IN (
                 SELECT place FROM known_places WHERE person = $1
                 ORDER BY last_at_ms DESC, place LIMIT $2)",
            &[Param::Text(&person), (PLACES_PER_PERSON_MAX - 1).into()],
        )?;
    }
    tx.run(
        "INSERT INTO known_places (person, place, last_at_ms) VALUES ($1, $2, $3)
         ON CONFLICT (person, place) DO UPDATE SET last_at_ms = $3",
        &[Param::Text(&person), Param::Bytes(&place), now.into()],
    )?;
    let is_known = used_at_ms.is_some_and(|at| at > now - KNOWN_FOR_MS);
    Ok(places > 0 && !is_known)
}

/// What is in the letter is written by Daybook: neither the client's name for
/// itself nor what stands where an address should be.
fn tell(
    tx: &mut Write<'_>,
    person: PersonId,
    origin: &Origin,
    owes_second_factor: bool,
) -> Result<(), Error> {
    note_on_page(tx, person, NoticeKind::NewPlace, &origin.address)?;
    let now = tx.now().as_millisecond();
    let browser =
        named(&origin.agent).unwrap_or_else(|| "a program that we do not know".to_owned());
    let address = origin.address.parse::<IpAddr>();
    let address = address.map_or_else(|_| "unknown".to_owned(), |it| it.to_string());
    let mut paragraphs = vec![format!(
        "Your account was signed in to with {browser}, from the address {address}, on {}. It had not been used from there, or not for 90 days.",
        instant(now)
    )];
    if owes_second_factor {
        paragraphs.push("The password was right. The second factor had not been shown yet when this was written; nothing opens without it.".to_owned());
    }
    paragraphs.push("If it was you, there is nothing to do. If it was not: sign out everywhere, change your password, and add a second factor if you have none.".to_owned());
    let email = address_of(tx, person)?;
    let letter = Draft {
        to: &email,
        subject: "A new sign-in to your Daybook account",
        paragraphs: &paragraphs,
        link: Some(("Look at where you are signed in", "/account/sessions")),
        until_ms: now + TOLD_WITHIN_MS,
    };
    mail::post(tx, &letter)
}

/// Wide enough that a telephone in its own town stays where it is: /24 of IPv4,
/// /48 of IPv6.
fn network(address: &str) -> String {
    match address.parse::<IpAddr>().map(|it| it.to_canonical()) {
        Ok(IpAddr::V4(address)) => {
            let [a, b, c, _] = address.octets();
            Ipv4Addr::new(a, b, c, 0).to_string()
        }
        Ok(IpAddr::V6(address)) => {
            let [a, b, c, ..] = address.segments();
            Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0).to_string()
        }
        Err(_) => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_wider_than_an_address() {
        for (address, wide) in [
            ("192.0.2.7", "192.0.2.0"),
            ("::ffff:192.0.2.7", "192.0.2.0"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1::"),
            ("elsewhere", "elsewhere"),
        ] {
            assert_eq!(network(address), wide);
        }
    }
}
