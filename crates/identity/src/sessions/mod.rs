//! A session: that somebody proved who they are on one device, for a while. The
//! token is known to the browser alone; the store keeps a keyed hash of it. A
//! session ends after a week without use, after 30 days, or when it is ended.
//! Whatever is shown of a person (a password, a second factor) or changes for
//! them (their role, the workspace they look at) gives it another token.

mod arrivals;
mod device;
mod ending;
mod list_sessions;
mod opening;
mod revoke_session;
mod revoke_sessions;
mod sign_in;
mod sign_out;
mod store;

use daybook_kernel::{Feature, Migration, Operation, Scope};

pub(crate) use arrivals::unlearn_places;
pub(crate) use device::device;
pub(crate) use ending::{end_all, end_others};
pub use ending::{expired, sweep};
pub(crate) use list_sessions::ListSessions;
pub use opening::rotate_session;
pub(crate) use opening::{Opening, SessionOpened, Shown, open, rotate};
pub(crate) use store::call_for_rotation;
pub use store::{TOKEN_PURPOSE, refresh_session, session};

pub const FEATURE: Feature = Feature {
    name: "sessions",
    scope: Scope::Instance,
    operations: &[
        Operation::command::<sign_in::SignIn>(),
        Operation::command::<sign_out::SignOut>(),
        Operation::query::<list_sessions::ListSessions>(),
        Operation::command::<revoke_session::RevokeSession>(),
        Operation::command::<revoke_sessions::RevokeSessions>(),
    ],
    pages: &[],
    migrations: &[
        Migration {
            number: 1,
            sql: include_str!("0001_sessions.sql"),
        },
        Migration {
            number: 2,
            sql: include_str!("0002_sessions.sql"),
        },
        Migration {
            number: 3,
            sql: include_str!("0003_sessions.sql"),
        },
        Migration {
            number: 4,
            sql: include_str!("0004_sessions.sql"),
        },
    ],
    guards: &[],
    resources: &[],
    policy: include_str!("policy.cedar"),
    deliveries: &[],
};
