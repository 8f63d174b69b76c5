//! What the road stands on: the two stores, keys, policies, the audit log, and
//! the desks where each database's writing happens. It names no domain.

pub mod audit;
pub mod authorize;
mod breached;
pub mod carry;
mod desk;
mod engine;
pub mod keys;
pub mod limits;
mod pool;
mod progress;
pub mod store;
mod stored;

pub use desk::Desk;
pub use engine::{Apart, Call, Credential, Doors, Engine, Reader, Replacing, Settings};
pub use pool::stand_back;
pub use progress::{Board, Reporter, UnderWay};
