//! The kernel: what every other crate of Daybook speaks of. Ids, money, civil
//! dates, faults and errors; what an operation is; and the one road that every
//! operation takes. It does no I/O: stores, clocks, policies and the audit log
//! come in through the doors in [`ports`].

pub mod caller;
mod decoded;
pub mod ending;
pub mod error;
pub mod feature;
pub mod grant;
pub mod id;
pub mod money;
pub mod operation;
pub mod page;
pub mod ports;
pub mod post;
mod recorded;
pub mod road;
mod shape;
pub mod sight;
pub mod spec;
pub mod sql;
pub mod standing;
mod table;
pub mod time;
pub mod transaction;

pub use caller::{Caller, Origin, Role, SessionFacts};
pub use decoded::{Asker, Decoded};
pub use error::{Demand, Error, Fault, Faults, Refusal};
pub use feature::{Delivery, Feature, Guard, GuardEvent, Migration, ResourceKind};
pub use grant::GrantScope;
pub use id::{PersonId, RequestId, WorkspaceId};
pub use money::{Currency, Money};
pub use operation::{Change, Command, Done, Operation, Permit, Query, Target};
pub use page::{Page, PageRequest, PageView};
pub use ports::{AuditLog, Authorizer, Clock, Entropy, PasswordScheme, Passwords, People, Vault};
pub use sight::{Shows, Sight};
pub use spec::{DataClass, Exposure, Rate, Scope, Spec, StepUp};
pub use sql::{Connection, Param, Row};
pub use standing::Standing;
pub use transaction::{Read, Tally, Write};
