//! A policy of the workspace's own, beside the roles: from which addresses, at
//! which hours, with a second factor, from a known device, up to which class of
//! data. It only ever
//! takes away, and it is judged on every request. Whoever sets one sees first
//! who gains and who loses by it, and cannot lock themselves out.

mod barrier;
mod list_policies;
mod model;
mod pages;
mod preview_policy;
mod remove_policy;
mod set_policy;
mod store;
#[cfg(test)]
mod tests;

use daybook_kernel::{Feature, Migration, Operation, Page, ResourceKind, Scope};

pub(crate) use barrier::asks_for_a_device;
pub use barrier::barrier;

pub const FEATURE: Feature = Feature {
    name: "access_policies",
    scope: Scope::Workspace,
    operations: &[
        Operation::query::<list_policies::ListPolicies>(),
        Operation::query::<preview_policy::PreviewPolicy>(),
        Operation::command::<set_policy::SetPolicy>(),
        Operation::command::<remove_policy::RemovePolicy>(),
    ],
    pages: &[Page {
        path: "team/policies",
        rail: None,
        needs: "team.list_policies",
        render: pages::policies,
    }],
    migrations: &[Migration {
        number: 1,
        sql: include_str!("0001_access_policies.sql"),
    }],
    guards: &[],
    resources: &[ResourceKind {
        name: "AccessPolicy",
        attributes: &[],
        load: |tx, id| Ok(store::load(tx, id)?.map(|_| Vec::new())),
    }],
    policy: include_str!("policy.cedar"),
    deliveries: &[],
};
