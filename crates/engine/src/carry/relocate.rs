//! Moves an instance from one store to the other and proves that both hold the
//! same. The source is only read. The instance's own database comes last: until
//! it is there, the target is no instance, and a move that broke off goes on
//! where it stopped.

use std::collections::BTreeMap;
use std::sync::Arc;

use daybook_kernel::road::Registry;
use daybook_kernel::{Connection, Error, Feature};

use super::digest::{Digest, digests, is_moved};
use super::load::{copy, in_the_owners_role, is_pristine, is_seeded};
use super::schema::{Table, tables};
use super::text::keep;
use crate::audit;
use crate::desk::Desk;
use crate::engine::Engine;
use crate::store::{Database, Store};

/// One database that was moved and proved equal.
#[derive(Debug)]
pub struct Moved {
    pub name: String,
    pub tables: BTreeMap<String, Digest>,
    /// Records of the audit log, which verifies on the target.
    pub records: u64,
    /// It was there already, equal to the last row.
    pub was_there: bool,
}

/// Moves every workspace, then the instance. `tell` hears of each that is done.
pub fn relocate(
    source: &Engine,
    target: &Arc<Store>,
    features: &'static [Feature],
    tell: &mut dyn FnMut(&Moved),
) -> Result<Vec<Moved>, Error> {
    // Guards speak of daily work, row by row; a copy of what they let in is laid
    // down first, proved equal, and then they stand before it again.
    let unguarded: Vec<Feature> = features
        .iter()
        .map(|feature| Feature {
            guards: &[],
            ..*feature
        })
        .collect();
    let unguarded = Registry::new(Vec::leak(unguarded));
    let guarded = Registry::new(features);
    let mut moved = Vec::new();
    let mut names: Vec<Option<String>> = source
        .workspaces()?
        .into_iter()
        .map(|workspace| Some(workspace.slug))
        .collect();
    names.push(None);
    source.carry_remains(target)?;
    for name in names {
        let desk = source.desk(name.as_deref())?;
        let done = one(&desk, target, &unguarded, &guarded)?;
        tell(&done);
        moved.push(done);
    }
    Ok(moved)
}

fn one(
    desk: &Desk,
    target: &Arc<Store>,
    unguarded: &Registry,
    guarded: &Registry,
) -> Result<Moved, Error> {
    let opening = desk.database.opening.clone();
    let name = opening.place.name();
    let there = target.open(opening.clone(), unguarded)?;
    let moved = desk.database.read(|from| {
        let expected = digests(from, desk.database.is_embedded())?;
        let was_there = there.read(|to| digests(to, there.is_embedded()))? == expected;
        let records = there.write(|to| {
            if !was_there {
                must_be_empty(to, &there, guarded)?;
                lay_down(desk, from, &there, to, guarded)?;
            }
            prove(desk, &there, to, &expected)
        })?;
        Ok(Moved {
            name,
            tables: expected,
            records,
            was_there,
        })
    })?;
    drop(there);
    target.open(opening, guarded).map(|_| moved)
}

fn must_be_empty(
    to: &mut dyn Connection,
    there: &Database,
    registry: &Registry,
) -> Result<(), Error> {
    let all = tables(to, there.is_embedded())?;
    let all: Vec<&Table> = all.iter().filter(|table| is_moved(table)).collect();
    let place = there.opening.place;
    match is_pristine(to, registry, place.scope(), &all)? {
        None => Ok(()),
        Some(table) => Err(Error::conflict(format!(
            "The target is not empty: {} has rows in {table}. Name an empty target.",
            place.name()
        ))),
    }
}

fn lay_down(
    desk: &Desk,
    from: &mut dyn Connection,
    there: &Database,
    to: &mut dyn Connection,
    registry: &Registry,
) -> Result<(), Error> {
    let scope = there.opening.place.scope();
    let known = tables(to, there.is_embedded())?;
    let theirs = tables(from, desk.database.is_embedded())?;
    // The target's columns are the target's order; a row is read in that order.
    for table in known.iter().filter(|table| is_moved(table)) {
        let same = |other: &&Table| {
            other.name == table.name
                && other
                    .columns
                    .iter()
                    .map(|it| &it.name)
                    .eq(table.columns.iter().map(|it| &it.name))
        };
        let source = theirs.iter().find(same).ok_or_else(|| {
            Error::ours(format!(
                "the table {} differs between the stores",
                table.name
            ))
        })?;
        if is_seeded(registry, scope, &table.name) {
            to.run(keep(format!("DELETE FROM \"{}\"", table.name)), &[])?;
        }
        copy(source, from, to)?;
    }
    if there.is_embedded() {
        return Ok(());
    }
    in_the_owners_role(to, &mut |to| {
        known.iter().try_for_each(|table| table.number_on(to))
    })
}

/// Reads the target back: every table row by row, and its log against its key.
fn prove(
    desk: &Desk,
    there: &Database,
    to: &mut dyn Connection,
    expected: &BTreeMap<String, Digest>,
) -> Result<u64, Error> {
    let name = there.opening.place.name();
    let found = digests(to, there.is_embedded())?;
    let differs = expected
        .iter()
        .find(|(table, digest)| found.get(*table) != Some(digest));
    if let Some((table, _)) = differs {
        return Err(Error::ours(format!(
            "{name}: the table {table} did not arrive as it was"
        )));
    }
    let verdict = audit::verify(to, desk.checkpoint_key(), None)?;
    if !verdict.is_whole() {
        return Err(Error::ours(format!(
            "{name}: the audit log is not whole: {verdict}"
        )));
    }
    Ok(verdict.records)
}
