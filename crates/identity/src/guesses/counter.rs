//! What is counted, by a name that tells nothing.

use daybook_kernel::id::hex;
use daybook_kernel::{Error, Param, Read, Write};

const PURPOSE: &str = "guesses.counter";

/// A kind of try and what it is at or from.
pub(crate) struct Counter {
    kind: &'static str,
    subject: String,
}

impl Counter {
    pub(crate) const fn new(kind: &'static str, subject: String) -> Self {
        Self { kind, subject }
    }

    pub(super) fn hash(&self, tx: &Read<'_>) -> [u8; 32] {
        let text = [self.kind, "\0", &self.subject].concat();
        tx.vault().keyed_hash(PURPOSE, text.as_bytes())
    }

    pub(super) fn name(&self, tx: &Read<'_>) -> String {
        hex(&self.hash(tx))
    }

    /// Whether a refusal until then is the first of its wait.
    pub(super) fn tell_until(&self, tx: &mut Write<'_>, until_ms: i64) -> Result<bool, Error> {
        let (name, now) = (self.name(tx), tx.now().as_millisecond());
        let told = tx.run(
            "INSERT INTO guess_waits (counter, failures, wait_until_ms, told_until_ms)
             VALUES ($1, 0, $3, $2)
             ON CONFLICT (counter) DO UPDATE SET told_until_ms = $2
             WHERE guess_waits.told_until_ms <= $3",
            &[Param::Text(&name), until_ms.into(), now.into()],
        )?;
        Ok(told > 0)
    }
}
