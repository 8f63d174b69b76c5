//! The lock in the store.

use daybook_kernel::{Error, Read, Write};

const SHOW: &str = "SELECT through FROM period_lock WHERE id = 1";

const SET: &str = "UPDATE period_lock SET through = $1 WHERE id = 1";

/// The last locked day; 0 is none.
pub(crate) fn locked_through(tx: &mut Read<'_>) -> Result<i64, Error> {
    Ok(tx.first(SHOW, &[], |row| row.int(0))?.unwrap_or(0))
}

pub(crate) fn lock_through(tx: &mut Write<'_>, day: i64) -> Result<(), Error> {
    tx.run(SET, &[day.into()])?;
    Ok(())
}
