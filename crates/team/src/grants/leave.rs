//! What a workspace does whose place another takes: the grants that it gave and
//! received end, as they lead to its own database, and the other sides are told.

use daybook_kernel::{Caller, Error, Write};

use super::letters;
use super::model::{Side, State};
use super::store::{self, Hand};
use crate::access_changes::{News, publish};

pub fn leave(tx: &mut Write<'_>) -> Result<(), Error> {
    let caller = Caller::system();
    let at_ms = tx.now().as_millisecond();
    for (side, end) in [
        (Side::Given, State::Revoked),
        (Side::Received, State::Returned),
    ] {
        for before in store::all(tx, side, i64::MAX)? {
            let by = Hand { email: "", at_ms };
            if !store::end(tx, (side, &before.grant), end, &by)? {
                continue;
            }
            let after = store::load(tx, side, &before.grant)?.ok_or_else(Error::not_found)?;
            match side {
                Side::Given => letters::tell_revoked(tx, &after, &caller)?,
                Side::Received => letters::tell_answer(tx, &after, end, &caller)?,
            }
            let news = News {
                kind: "grant",
                subject: &after.other_named(),
                old: &before.terms(),
                new: "",
            };
            publish(tx, &caller, &news)?;
        }
    }
    Ok(())
}
