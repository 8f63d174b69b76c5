//! Puts a workspace that was made of an export in the place of another, in one
//! transaction: address, switchers and all. `daybook restore` makes it and runs
//! this; only a key that this instance sealed for the new one is taken.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Param, Permit, Rate, Read, Scope,
    Spec, StepUp, Target, WorkspaceId, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::workspaces::{key_purpose, succeed};

const TEXT_CHARACTERS_MAX: usize = 200;
/// A workspace that goes back more often than this has another trouble.
const RESTORATIONS_IN_A_ROW_MAX: usize = 1_000;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RestoreWorkspace {
    /// The workspace that goes back, by its address or its id.
    workspace: String,
    /// The id of the one that was made, and its key, sealed and in base64.
    by: String,
    sealed_key: String,
    /// The id of the workspace that was exported.
    exported: String,
    exported_at: String,
    manifest_sha256: String,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct WorkspaceRestored {
    id: String,
    slug: String,
    /// The workspace whose place it took, and the address at which that is kept.
    replaced: String,
    kept_as: String,
    exported_at: String,
    manifest_sha256: String,
}

impl Command for RestoreWorkspace {
    const SPEC: Spec = Spec {
        name: "identity.restore_workspace",
        summary: "Put a workspace that was made of an export in the place of another.",
        scope: Scope::Instance,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::Local,
    };
    type Output = WorkspaceRestored;

    fn example() -> Self {
        Self {
            workspace: "lovelace".to_owned(),
            by: "0123456789abcdef0123456789abcdef".to_owned(),
            sealed_key: "AQID".to_owned(),
            exported: "fedcba9876543210fedcba9876543210".to_owned(),
            exported_at: "2026-01-31T12:00:00Z".to_owned(),
            manifest_sha256: "0".repeat(64),
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        for (field, text) in [
            ("workspace", &self.workspace),
            ("sealed_key", &self.sealed_key),
            ("exported", &self.exported),
            ("exported_at", &self.exported_at),
            ("manifest_sha256", &self.manifest_sha256),
        ] {
            faults.text(field, text, TEXT_CHARACTERS_MAX);
        }
        if self.by.parse::<WorkspaceId>().is_err() {
            faults.add("by", "This is no id of a workspace.");
        }
    }

    fn apply(self, tx: &mut Write<'_>, _: Permit<Self>) -> Result<Done<WorkspaceRestored>, Error> {
        let sealed = opened_key(tx, &self)?;
        let taken = succeed(tx, &self.workspace, (&self.by, &sealed))?;
        let old = taken.replaced;
        must_be_of(tx, &old, &self.exported)?;
        // Links of invitations to the old one lead nowhere.
        tx.run(
            "DELETE FROM invited WHERE workspace = $1",
            &[Param::Text(&old)],
        )?;
        note(tx, &self, &old)?;
        let output = WorkspaceRestored {
            id: self.by,
            slug: taken.slug.clone(),
            replaced: old.clone(),
            kept_as: taken.kept_as,
            exported_at: self.exported_at,
            manifest_sha256: self.manifest_sha256,
        };
        let before = serde_json::json!({"id": old, "slug": taken.slug});
        let change = Change::updated("Workspace", old, &before, &output);
        Ok(Done::new(output, change))
    }
}

/// The key as it is kept, if this instance sealed it for that workspace.
fn opened_key(tx: &Read<'_>, asked: &RestoreWorkspace) -> Result<Vec<u8>, Error> {
    let workspace: WorkspaceId = asked.by.parse().map_err(Error::ours)?;
    let sealed = BASE64.decode(&asked.sealed_key).ok();
    let sealed = sealed.filter(|it| tx.vault().open(&key_purpose(workspace), it).is_ok());
    sealed.ok_or_else(|| {
        Error::fault(
            "sealed_key",
            "This is not the key of that workspace, as this instance seals it.",
        )
    })
}

/// A workspace goes back to its own past: to what was exported from it, or from
/// one whose place it has taken.
fn must_be_of(tx: &mut Read<'_>, workspace: &str, exported: &str) -> Result<(), Error> {
    let mut at = Some(workspace.to_owned());
    for _ in 0..RESTORATIONS_IN_A_ROW_MAX {
        let Some(id) = at else { break };
        if id == exported {
            return Ok(());
        }
        at = tx.first(
            "SELECT replaced FROM restorations WHERE workspace = $1",
            &[Param::Text(&id)],
            |row| Ok(row.text(0)?.to_owned()),
        )?;
    }
    Err(Error::conflict(
        "This is an export of another workspace. `daybook import full` brings one into a new \
         workspace.",
    ))
}

fn note(tx: &mut Write<'_>, restored: &RestoreWorkspace, replaced: &str) -> Result<(), Error> {
    let now = tx.now().as_millisecond();
    tx.run(
        "INSERT INTO restorations
             (workspace, replaced, exported, exported_at, manifest_sha256, restored_at_ms)
         VALUES ($1, $2, $3, $4, $5, $6)",
        &[
            Param::Text(&restored.by),
            Param::Text(replaced),
            Param::Text(&restored.exported),
            Param::Text(&restored.exported_at),
            Param::Text(&restored.manifest_sha256),
            now.into(),
        ],
    )?;
    Ok(())
}
