//! Makes a workspace: its place in the directory and its key. The engine makes
//! the database itself when the workspace is first opened, with whoever made it
//! as its Owner.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Param, Permit, Rate, Scope, Spec,
    StepUp, Target, WorkspaceId, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::directory::{NAME, key_purpose};
use super::{membership, slug};
use crate::signed_in;

const NAME_CHARACTERS_MAX: usize = 100;
/// A practice has dozens of clients, an instance some thousands; beyond this
/// somebody is filling the disk.
const WORKSPACES_OF_ONE_FOUNDER_MAX: i64 = 5_000;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateWorkspace {
    /// The business, as it calls itself.
    name: String,
    /// What stands in its address: lower-case letters, digits and hyphens.
    /// Made from the name if it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    slug: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct WorkspaceCreated {
    id: String,
    slug: String,
    name: String,
    /// 0 to 7, one of the colours of pages.
    colour: i64,
}

impl Command for CreateWorkspace {
    const SPEC: Spec = Spec {
        name: "identity.create_workspace",
        summary: "Make a workspace for a business, with yourself as its Owner.",
        scope: Scope::Instance,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::Session,
    };
    type Output = WorkspaceCreated;

    fn example() -> Self {
        Self {
            name: "Lovelace & Sons".to_owned(),
            slug: Some("lovelace".to_owned()),
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        faults.text("name", &self.name, NAME_CHARACTERS_MAX);
        if self
            .slug
            .as_deref()
            .is_some_and(|slug| !slug::is_good(slug))
        {
            faults.add(
                "slug",
                format!(
                    "Use lower-case letters, digits and hyphens, at most {} of them, not a hyphen at either end.",
                    slug::CHARACTERS_MAX
                ),
            );
        }
    }

    fn apply(
        self,
        tx: &mut Write<'_>,
        permit: Permit<Self>,
    ) -> Result<Done<WorkspaceCreated>, Error> {
        let founder = signed_in(permit.caller())?.to_string();
        check_count(tx, &founder)?;
        let slug = free_slug(tx, self.slug.as_deref(), &self.name)?;
        let name = self.name.trim().to_owned();
        let bytes = tx.random()?;
        let workspace = WorkspaceId::from_bytes(bytes);
        let id = workspace.to_string();
        let key = Zeroizing::new(tx.random::<32>()?);
        let wrapped = tx.vault().seal(&key_purpose(workspace), &*key)?;
        // The colour only has to differ between neighbours, and the id is random.
        let colour = i64::from(bytes[0] % 8);
        let now = tx.now().as_millisecond();
        tx.run(
            "INSERT INTO workspaces (id, slug, name, wrapped_key, colour, founder, created_at_ms)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            &[
                Param::Text(&id),
                Param::Text(&slug),
                Param::Sealed {
                    column: NAME,
                    text: &name,
                },
                Param::Bytes(&wrapped),
                colour.into(),
                Param::Text(&founder),
                now.into(),
            ],
        )?;
        // The workspace will say so itself; until then the switcher must show it.
        membership::add(tx, &founder, &id)?;
        let output = WorkspaceCreated {
            id: id.clone(),
            slug,
            name,
            colour,
        };
        let change = Change::created("Workspace", id, &output);
        Ok(Done::new(output, change))
    }
}

fn check_count(tx: &mut Write<'_>, founder: &str) -> Result<(), Error> {
    let count = tx.first(
        "SELECT count(*) FROM workspaces WHERE founder = $1",
        &[Param::Text(founder)],
        |row| row.int(0),
    )?;
    if count.unwrap_or(0) >= WORKSPACES_OF_ONE_FOUNDER_MAX {
        return Err(Error::conflict(format!(
            "You have made {WORKSPACES_OF_ONE_FOUNDER_MAX} workspaces, which is as many as one person may."
        )));
    }
    Ok(())
}

/// The slug that was asked for, or one from the name with a number behind it
/// if others have it.
pub(super) fn free_slug(
    tx: &mut Write<'_>,
    wanted: Option<&str>,
    name: &str,
) -> Result<String, Error> {
    if let Some(wanted) = wanted {
        if is_taken(tx, wanted)? {
            return Err(Error::fault(
                "slug",
                "Another workspace has this address. Choose another.",
            ));
        }
        return Ok(wanted.to_owned());
    }
    let plain = slug::from_name(name);
    if slug::is_good(&plain) && !is_taken(tx, &plain)? {
        return Ok(plain);
    }
    for number in 2..=20 {
        let numbered = slug::numbered(&plain, number);
        if !is_taken(tx, &numbered)? {
            return Ok(numbered);
        }
    }
    // Many businesses share this name: a random end settles it.
    let end = daybook_kernel::id::hex(&tx.random::<4>()?);
    Ok(slug::numbered(&plain, end))
}

pub(super) fn is_taken(tx: &mut Write<'_>, slug: &str) -> Result<bool, Error> {
    let found = tx.first(
        "SELECT 1 FROM workspaces WHERE slug = $1",
        &[Param::Text(slug)],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}
