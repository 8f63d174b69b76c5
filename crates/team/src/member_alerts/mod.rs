//! An alert about a member: that somebody may be at work on their account, or that
//! the operator took their second factors off. The instance tells it to each
//! workspace of that member, and says neither from where it came nor what else
//! the person has. It stays until an Owner or Admin has seen it.

mod acknowledge_member_alert;
mod count_member_alerts;
mod kind;
mod list_member_alerts;
mod pages;
mod store;
mod told;

use daybook_kernel::{Delivery, Feature, Migration, Operation, Page, Scope};

pub(crate) use count_member_alerts::CountMemberAlerts;
pub(crate) use store::remove_all_of;

pub const FEATURE: Feature = Feature {
    name: "member_alerts",
    scope: Scope::Workspace,
    operations: &[
        Operation::query::<list_member_alerts::ListMemberAlerts>(),
        Operation::query::<count_member_alerts::CountMemberAlerts>(),
        Operation::command::<acknowledge_member_alert::AcknowledgeMemberAlert>(),
    ],
    pages: &[Page {
        path: "team/security",
        rail: None,
        needs: "team.list_member_alerts",
        render: pages::security,
    }],
    migrations: &[Migration {
        number: 1,
        sql: include_str!("0001_member_alerts.sql"),
    }],
    guards: &[],
    resources: &[],
    policy: include_str!("policy.cedar"),
    deliveries: &[Delivery {
        kind: "identity.member_alert",
        deliver: told::deliver,
    }],
};
