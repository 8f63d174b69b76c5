//! Whose account a link opens: the one that a forgotten password was asked for,
//! or the one that moved to another address and comes back.

use daybook_kernel::{Error, PersonId, Read, Write};

use crate::address_change;
use crate::links::{self, Purpose};
use crate::secret::Secret;

pub(super) fn find(tx: &mut Read<'_>, token: &Secret) -> Result<PersonId, Error> {
    match links::find(tx, Purpose::Reset, token) {
        Ok(link) => link.subject.parse().map_err(Error::ours),
        Err(Error::Refused(_)) => {
            let link = links::find(tx, Purpose::AddressBack, token)?;
            address_change::owner(tx, &link.subject)
        }
        Err(other) => Err(other),
    }
}

/// Uses the link up; an account that comes back has its old address from here on.
pub(super) fn use_up(tx: &mut Write<'_>, token: &Secret) -> Result<PersonId, Error> {
    match links::use_up(tx, Purpose::Reset, token) {
        Ok(link) => link.subject.parse().map_err(Error::ours),
        Err(Error::Refused(_)) => {
            let link = links::use_up(tx, Purpose::AddressBack, token)?;
            address_change::restore(tx, &link.subject)
        }
        Err(other) => Err(other),
    }
}
