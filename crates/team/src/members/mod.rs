//! A member: a person who may come into this workspace, in one of six roles. A
//! suspended member stays in the list and can do nothing. There is always one
//! Owner who can act: the last cannot be removed, suspended or given another
//! role, and cannot leave before somebody else is one.

mod add_member;
mod change_role;
mod leave_workspace;
mod list_members;
mod model;
mod pages;
mod reinstate_member;
mod remove_member;
mod show_factor_coverage;
mod show_roles;
mod store;
mod suspend_member;
mod told;
mod transfer_ownership;

use daybook_kernel::page::RailPlace;
use daybook_kernel::{Delivery, Feature, Migration, Operation, Page, ResourceKind, Scope};

pub(crate) use model::{Member, check_gift, may_give};
pub(crate) use show_factor_coverage::{Covered, FactorCoverage, ShowFactorCoverage};
pub(crate) use show_roles::{Roles, ShowRoles};
pub(crate) use store::{
    EMAIL, all as everybody, join, load as get_member, membership, second_factors,
};
pub use store::{first_owner, found, member};

pub const FEATURE: Feature = Feature {
    name: "members",
    scope: Scope::Workspace,
    operations: &[
        Operation::query::<list_members::ListMembers>(),
        Operation::query::<show_roles::ShowRoles>(),
        Operation::query::<show_factor_coverage::ShowFactorCoverage>(),
        Operation::command::<add_member::AddMember>(),
        Operation::command::<change_role::ChangeRole>(),
        Operation::command::<suspend_member::SuspendMember>(),
        Operation::command::<reinstate_member::ReinstateMember>(),
        Operation::command::<remove_member::RemoveMember>(),
        Operation::command::<transfer_ownership::TransferOwnership>(),
        Operation::command::<leave_workspace::LeaveWorkspace>(),
    ],
    pages: &[Page {
        path: "team/members",
        rail: Some(RailPlace {
            label: "Members",
            key: 'm',
            icon: "people",
            order: 80,
        }),
        needs: "team.list_members",
        render: pages::members,
    }],
    migrations: &[
        Migration {
            number: 1,
            sql: include_str!("0001_members.sql"),
        },
        Migration {
            number: 2,
            sql: include_str!("0002_members.sql"),
        },
    ],
    guards: &[],
    resources: &[ResourceKind {
        name: "Member",
        attributes: &["role"],
        load: |tx, id| Ok(store::load(tx, id)?.map(|member| vec![member.role.name().to_owned()])),
    }],
    policy: include_str!("policy.cedar"),
    deliveries: &[Delivery {
        kind: "identity.person",
        deliver: told::deliver,
    }],
};
