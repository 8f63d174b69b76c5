//! Recovery codes in the store.

use daybook_kernel::{Error, Param, PersonId, Read, Write};

use super::model;
use crate::secret::Secret;

const CODE_PURPOSE: &str = "recovery_codes.code";

/// Of one person's code: equal codes of two people have unequal hashes.
pub(super) fn hash(tx: &Read<'_>, person: PersonId, normal: &str) -> [u8; 32] {
    let text = zeroize::Zeroizing::new(format!("{person}:{normal}"));
    tx.vault().keyed_hash(CODE_PURPOSE, text.as_bytes())
}

/// Uses up a code, once.
pub(crate) fn use_code(tx: &mut Write<'_>, person: PersonId, code: &Secret) -> Result<bool, Error> {
    let typed = str::from_utf8(code.as_bytes()).unwrap_or_default();
    let Some(normal) = model::normal(typed).map(zeroize::Zeroizing::new) else {
        return Ok(false);
    };
    let hash = hash(tx, person, &normal);
    let now = tx.now().as_millisecond();
    let used = tx.run(
        "UPDATE recovery_codes SET used_at_ms = $3
         WHERE person = $1 AND code_hash = $2 AND used_at_ms IS NULL",
        &[
            Param::Text(&person.to_string()),
            Param::Bytes(&hash),
            now.into(),
        ],
    )?;
    Ok(used == 1)
}
