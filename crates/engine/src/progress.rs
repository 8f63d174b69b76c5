//! How far long commands have come, for whoever asks meanwhile.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use daybook_kernel::RequestId;
use daybook_kernel::ports::Progress;

use crate::store::lock;

/// Requests remembered at once; the oldest knowledge is worth least.
const REMEMBERED_MAX: usize = 1_024;

#[derive(Default, Clone)]
pub struct Board(Arc<Mutex<HashMap<RequestId, (u64, u64)>>>);

pub struct Reporter {
    board: Board,
    request: RequestId,
}

impl Board {
    pub fn of(&self, request: RequestId) -> Reporter {
        Reporter {
            board: self.clone(),
            request,
        }
    }

    /// Done and total of a request that is under way.
    pub fn look(&self, request: RequestId) -> Option<(u64, u64)> {
        lock(&self.0).get(&request).copied()
    }

    pub fn forget(&self, request: RequestId) {
        lock(&self.0).remove(&request);
    }
}

impl Progress for Reporter {
    fn report(&self, done: u64, total: u64) {
        let mut known = lock(&self.board.0);
        if known.len() >= REMEMBERED_MAX {
            known.clear();
        }
        known.insert(self.request, (done, total));
    }
}
