//! An alert: that somebody may be at work on the accounts of this instance. It is
//! a row that stays until the operator has seen it, one for each day, kind and
//! thing, however often it happens; how many are unseen is a metric. Its person,
//! if it has one, is told on their own security page.

mod acknowledge_alert;
mod kind;
mod list_alerts;
mod store;

use daybook_kernel::{Feature, Migration, Operation, Scope};

pub(crate) use kind::AlertKind;
pub use store::unseen;
pub(crate) use store::{Alert, Raised, raise, withdraw};

pub const FEATURE: Feature = Feature {
    name: "alerts",
    scope: Scope::Instance,
    operations: &[
        Operation::query::<list_alerts::ListAlerts>(),
        Operation::command::<acknowledge_alert::AcknowledgeAlert>(),
    ],
    pages: &[],
    migrations: &[Migration {
        number: 1,
        sql: include_str!("0001_alerts.sql"),
    }],
    guards: &[],
    resources: &[],
    policy: include_str!("policy.cedar"),
    deliveries: &[],
};
