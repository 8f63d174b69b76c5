//! Invitations as the instance knows them: the letter that carries the link, and
//! the account that somebody makes by it. Whether an invitation stands, and what
//! role it gives, is the workspace's to say; here is what its page shows.

mod delivered;
mod register;
mod show_invitation;

pub(crate) use show_invitation::{Invitation, find};

use daybook_kernel::{Delivery, Feature, Migration, Operation, Scope};

pub const FEATURE: Feature = Feature {
    name: "invited",
    scope: Scope::Instance,
    operations: &[
        Operation::query::<show_invitation::ShowInvitation>(),
        Operation::command::<register::Register>(),
    ],
    pages: &[],
    migrations: &[Migration {
        number: 1,
        sql: include_str!("0001_invited.sql"),
    }],
    guards: &[],
    resources: &[],
    policy: include_str!("policy.cedar"),
    deliveries: &[
        Delivery {
            kind: "team.invitation",
            deliver: delivered::made,
        },
        Delivery {
            kind: "team.invitation_ended",
            deliver: delivered::ended,
        },
    ],
};
