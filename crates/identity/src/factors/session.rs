//! What a shown factor does to a session: it goes on whole, fresh and under a
//! new token, and the old token is dead in the same transaction.

use daybook_kernel::{Caller, Error, PersonId, SessionFacts, Write};

use super::shown::Factor;
use crate::people::address_of;
use crate::sessions::{Opening, SessionOpened, Shown, open, rotate};

/// A factor was shown to a session that is there.
pub(crate) fn prove(
    tx: &mut Write<'_>,
    session: &SessionFacts,
    factor: Factor,
) -> Result<SessionOpened, Error> {
    let shown = match factor {
        Factor::Password => Shown::Password,
        Factor::App | Factor::RecoveryCode | Factor::Passkey => Shown::SecondFactor,
    };
    rotate(tx, &session.id, shown)
}

/// A session that begins with a passkey is whole at once.
pub(crate) fn open_proved(
    tx: &mut Write<'_>,
    person: PersonId,
    caller: &Caller,
) -> Result<SessionOpened, Error> {
    let who = daybook_kernel::road::SignedIn {
        person,
        email: address_of(tx, person)?,
    };
    tx.name_actor(&who);
    let opening = Opening {
        second_factor: true,
        ..Opening::of(caller)
    };
    open(tx, person, opening)
}
