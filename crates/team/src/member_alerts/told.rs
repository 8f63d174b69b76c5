//! What the instance tells of trouble at an account. It tells each workspace that
//! it knows the person to be in; who is no member here is not kept.

use daybook_kernel::{Error, Write};
use serde::Deserialize;

use super::store;
use crate::members::get_member;

#[derive(Deserialize)]
struct Told {
    person: String,
    id: String,
    kind: String,
    /// None: it turned out to be nothing.
    times: i64,
    first_at_ms: i64,
    last_at_ms: i64,
}

pub(super) fn deliver(tx: &mut Write<'_>, payload: &str) -> Result<(), Error> {
    let told: Told = serde_json::from_str(payload).map_err(Error::ours)?;
    if told.times == 0 {
        return store::remove(tx, &told.id);
    }
    if get_member(tx, &told.person)?.is_none() {
        return Ok(());
    }
    let alert = store::Told {
        id: &told.id,
        kind: &told.kind,
        person: &told.person,
        times: told.times,
        first_at_ms: told.first_at_ms,
        last_at_ms: told.last_at_ms,
    };
    store::keep(tx, &alert)
}
