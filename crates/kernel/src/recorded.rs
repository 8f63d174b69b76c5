//! Which record of the audit log tells of a thing. The table is the engine's; its name and the
//! order of its rows are settled.

use crate::error::Error;
use crate::transaction::Read;

const LAST: &str = "SELECT COALESCE(max(seq), 0) FROM audit_records";

const AT: &str = "SELECT at_ms FROM audit_records WHERE seq = $1";

const OF_TARGET: &str = "SELECT seq FROM audit_records WHERE seq >= $1 AND seq < $2 \
     AND at_ms = $3 AND target_kind = $4 AND target_id = $5 ORDER BY seq LIMIT 1";

/// Records looked at from the first of the instant on: more than a batch or two leaves.
const SAME_INSTANT_MAX: i64 = 4_096;

impl Read<'_> {
    /// The number of the record that tells of this thing at that instant (Unix milliseconds), if
    /// the log has it. Numbers and instants grow together, so that the place is found by halving
    /// and no index has to be written with every record.
    pub fn audit_sequence(
        &mut self,
        at_ms: i64,
        kind: &str,
        id: &str,
    ) -> Result<Option<i64>, Error> {
        let last = self.first(LAST, &[], |row| row.int(0))?.unwrap_or(0);
        let (mut low, mut high) = (1, last + 1);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.first(AT, &[middle.into()], |row| row.int(0))? {
                Some(at) if at < at_ms => low = middle + 1,
                _ => high = middle,
            }
        }
        let params = [
            low.into(),
            (low + SAME_INSTANT_MAX).into(),
            at_ms.into(),
            kind.into(),
            id.into(),
        ];
        self.first(OF_TARGET, &params, |row| row.int(0))
    }
}
