//! How workspaces stand and how much they may store, as the directory says. It
//! is kept here so that no request asks the instance for it, and learnt anew
//! before the answer to whatever changed it leaves.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{PoisonError, RwLock};

use daybook_kernel::standing::Life;
use daybook_kernel::{Error, WorkspaceId};

use super::Shared;

/// Where other processes write to the same directory, what they changed is known
/// after this.
const STALE_AFTER_MS: i64 = 1_000;

#[derive(Default)]
pub struct Known {
    lives: RwLock<HashMap<WorkspaceId, Life>>,
    learnt_at_ms: AtomicI64,
}

impl Known {
    fn of(&self, workspace: WorkspaceId) -> Life {
        let lives = self.lives.read().unwrap_or_else(PoisonError::into_inner);
        lives.get(&workspace).copied().unwrap_or_default()
    }
}

impl Shared {
    /// How a workspace stands at this moment.
    pub fn life(&self, workspace: WorkspaceId) -> Life {
        if self.store.is_shared() {
            let age =
                self.clock.now().as_millisecond() - self.lives.learnt_at_ms.load(Ordering::Relaxed);
            if !(0..STALE_AFTER_MS).contains(&age) {
                self.learn_or_log();
            }
        }
        self.lives.of(workspace)
    }

    /// What cannot be learnt now is learnt later; until then what was known holds.
    pub fn learn_or_log(&self) {
        if let Err(error) = self.learn() {
            tracing::error!(error = ?error, "how workspaces stand could not be learnt");
        }
    }

    pub fn learn(&self) -> Result<(), Error> {
        // Reckoned from before the reading: what changes meanwhile is read again.
        let now = self.clock.now().as_millisecond();
        let mut lives = self
            .lives
            .lives
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let learnt = self.in_instance(|tx| (self.directory.lives)(tx))?;
        *lives = learnt.into_iter().collect();
        let ending: Vec<WorkspaceId> = lives
            .iter()
            .filter_map(|(id, life)| life.is_ending.then_some(*id))
            .collect();
        drop(lives);
        for id in ending {
            self.workspaces.forget(id);
        }
        self.lives.learnt_at_ms.store(now, Ordering::Relaxed);
        Ok(())
    }
}
