//! A workspace that takes the place of another in the directory.

use daybook_kernel::{Error, Param, Standing, Write};

use super::create_workspace::{free_slug, is_taken};
use super::directory::NAME;
use super::{life, slug};

/// The address that a workspace had, and the one at which it is kept.
pub(crate) struct Succession {
    pub replaced: String,
    pub slug: String,
    pub kept_as: String,
}

struct Old {
    id: String,
    slug: String,
    name: String,
    colour: i64,
    founder: String,
    frozen_at_ms: Option<i64>,
    locked_at_ms: Option<i64>,
    bytes_max: Option<i64>,
}

/// Gives the address, the name, the limits and the people of a workspace to the
/// new one, and locks the old. What was frozen or locked stays so.
pub(crate) fn succeed(
    tx: &mut Write<'_>,
    slug_or_id: &str,
    (new, sealed_key): (&str, &[u8]),
) -> Result<Succession, Error> {
    let (id, life) = life::of(tx, slug_or_id)?;
    if matches!(life.standing, Standing::Deleted { .. }) {
        return Err(Error::conflict(
            "This workspace is deleted. Its Owner takes it back first.",
        ));
    }
    let found = tx.first(
        "SELECT id, slug, name, colour, founder, frozen_at_ms, locked_at_ms, bytes_max
         FROM workspaces WHERE id = $1",
        &[Param::Text(&id)],
        |row| {
            Ok(Old {
                id: row.text(0)?.to_owned(),
                slug: row.text(1)?.to_owned(),
                name: row.sealed(2, NAME)?,
                colour: row.int(3)?,
                founder: row.text(4)?.to_owned(),
                frozen_at_ms: row.maybe_int(5)?,
                locked_at_ms: row.maybe_int(6)?,
                bytes_max: row.maybe_int(7)?,
            })
        },
    )?;
    let old = found.ok_or_else(Error::not_found)?;
    let kept_as = leave_address(tx, &old)?;
    take_address(tx, &old, (new, sealed_key))?;
    tx.run(
        "UPDATE workspace_people SET workspace = $2 WHERE workspace = $1",
        &[Param::Text(&old.id), Param::Text(new)],
    )?;
    tx.lives_changed();
    Ok(Succession {
        replaced: old.id,
        slug: old.slug,
        kept_as,
    })
}

fn leave_address(tx: &mut Write<'_>, old: &Old) -> Result<String, Error> {
    let today = tx.now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let mut kept_as = slug::numbered(&old.slug, format!("before-{today}"));
    if is_taken(tx, &kept_as)? {
        kept_as = free_slug(tx, None, &kept_as)?;
    }
    let now = tx.now().as_millisecond();
    tx.run(
        "UPDATE workspaces SET slug = $2, locked_at_ms = COALESCE(locked_at_ms, $3) WHERE id = $1",
        &[Param::Text(&old.id), Param::Text(&kept_as), now.into()],
    )?;
    Ok(kept_as)
}

fn take_address(
    tx: &mut Write<'_>,
    old: &Old,
    (new, sealed_key): (&str, &[u8]),
) -> Result<(), Error> {
    let now = tx.now().as_millisecond();
    tx.run(
        "INSERT INTO workspaces (id, slug, name, wrapped_key, colour, founder, created_at_ms,
             frozen_at_ms, locked_at_ms, bytes_max)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        &[
            Param::Text(new),
            Param::Text(&old.slug),
            Param::Sealed {
                column: NAME,
                text: &old.name,
            },
            Param::Bytes(sealed_key),
            old.colour.into(),
            Param::Text(&old.founder),
            now.into(),
            old.frozen_at_ms.into(),
            old.locked_at_ms.into(),
            old.bytes_max.into(),
        ],
    )?;
    Ok(())
}
