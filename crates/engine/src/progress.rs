//! How far long commands have come, for whoever asks meanwhile. Which of them a
//! reader may know of is decided where it is asked: this board only keeps the
//! workspaces apart.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use daybook_kernel::ports::Progress;
use daybook_kernel::{RequestId, WorkspaceId};
use jiff::Timestamp;

use crate::store::lock;

/// Commands on the board at once; more than that report nothing.
const UNDER_WAY_MAX: usize = 1_024;

#[derive(Default, Clone)]
pub struct Board(Arc<Mutex<HashMap<RequestId, UnderWay>>>);

/// A command that is at work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnderWay {
    /// `None` on the instance.
    pub workspace: Option<WorkspaceId>,
    pub operation: &'static str,
    pub done: u64,
    /// Nought while it is not known yet.
    pub total: u64,
    /// The instant of its transaction.
    pub started_at: Timestamp,
}

/// One command's place on the board; it is free again when this is dropped.
pub struct Reporter {
    board: Board,
    request: RequestId,
    /// As it is before the first report.
    start: UnderWay,
    /// Most commands are done before they could report.
    reported: AtomicBool,
}

impl Board {
    pub fn reporter(
        &self,
        request: RequestId,
        workspace: Option<WorkspaceId>,
        operation: &'static str,
        started_at: Timestamp,
    ) -> Reporter {
        Reporter {
            board: self.clone(),
            request,
            start: UnderWay {
                workspace,
                operation,
                done: 0,
                total: 0,
                started_at,
            },
            reported: AtomicBool::new(false),
        }
    }

    /// How far one command has come.
    pub fn of(&self, request: RequestId) -> Option<UnderWay> {
        lock(&self.0).get(&request).copied()
    }

    /// What is under way in a workspace, the longest first.
    pub fn of_workspace(&self, workspace: WorkspaceId) -> Vec<UnderWay> {
        let board = lock(&self.0);
        let own = board.values().filter(|it| it.workspace == Some(workspace));
        let mut own: Vec<UnderWay> = own.copied().collect();
        own.sort_by_key(|it| (it.started_at, it.operation));
        own
    }
}

impl Progress for Reporter {
    fn report(&self, done: u64, total: u64) {
        let mut board = lock(&self.board.0);
        if board.len() >= UNDER_WAY_MAX && !board.contains_key(&self.request) {
            return;
        }
        let now = UnderWay {
            done,
            total,
            ..self.start
        };
        board.insert(self.request, now);
        self.reported.store(true, Ordering::Relaxed);
    }
}

impl Drop for Reporter {
    fn drop(&mut self) {
        if self.reported.load(Ordering::Relaxed) {
            lock(&self.board.0).remove(&self.request);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workspace_sees_its_own_commands_while_they_run() {
        let board = Board::default();
        let id = |byte| WorkspaceId::from_bytes([byte; 16]);
        let request = RequestId::from_bytes([7; 16]);
        let one = board.reporter(request, Some(id(1)), "books.import", Timestamp::UNIX_EPOCH);
        assert!(board.of_workspace(id(1)).is_empty(), "before it reports");
        one.report(3, 9);
        let seen = board.of_workspace(id(1));
        assert_eq!(seen.len(), 1);
        assert_eq!(seen.first(), board.of(request).as_ref());
        assert_eq!(seen.first().map(|it| (it.done, it.total)), Some((3, 9)));
        assert!(board.of_workspace(id(2)).is_empty());
        drop(one);
        assert_eq!(board.of(request), None);
    }
}
