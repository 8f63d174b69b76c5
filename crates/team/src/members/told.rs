//! What the instance tells of a member: their address, and whether they have a
//! second factor. Rights never come from here.

use daybook_kernel::{Error, Param, Write};
use serde::Deserialize;

use super::store::EMAIL;

#[derive(Deserialize)]
struct Told {
    person: String,
    email: String,
    second_factor: bool,
    at_ms: i64,
}

/// What was told before and comes later changes nothing.
pub(super) fn deliver(tx: &mut Write<'_>, payload: &str) -> Result<(), Error> {
    let told: Told = serde_json::from_str(payload).map_err(Error::ours)?;
    tx.run(
        "UPDATE members SET second_factor = $2, told_at_ms = $3, email = $4
         WHERE person = $1 AND told_at_ms <= $3",
        &[
            Param::Text(&told.person),
            i64::from(told.second_factor).into(),
            told.at_ms.into(),
            Param::Sealed {
                column: EMAIL,
                text: &told.email,
            },
        ],
    )?;
    Ok(())
}
