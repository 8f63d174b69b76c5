//! An invitation: that somebody who proves this address may become a member, in
//! this role, for three days. It stands as long as whoever made it could still
//! make it: their right is judged again when it is accepted. The link in the
//! letter is the instance's; this workspace never holds it.

mod accept_invitation;
mod invite_member;
mod list_invitations;
mod model;
mod pages;
mod resend_invitation;
mod revoke_invitation;
mod store;

use daybook_kernel::{Feature, Migration, Operation, ResourceKind, Scope};

pub(crate) use pages::invitations;
pub use store::invited;

pub const FEATURE: Feature = Feature {
    name: "invitations",
    scope: Scope::Workspace,
    operations: &[
        Operation::query::<list_invitations::ListInvitations>(),
        Operation::command::<invite_member::InviteMember>(),
        Operation::command::<resend_invitation::ResendInvitation>(),
        Operation::command::<revoke_invitation::RevokeInvitation>(),
        Operation::command::<accept_invitation::AcceptInvitation>(),
    ],
    pages: &[],
    migrations: &[Migration {
        number: 1,
        sql: include_str!("0001_invitations.sql"),
    }],
    guards: &[],
    resources: &[ResourceKind {
        name: "Invitation",
        attributes: &["role"],
        load: |tx, id| Ok(store::load(tx, id)?.map(|it| vec![it.role.name().to_owned()])),
    }],
    policy: include_str!("policy.cedar"),
    deliveries: &[],
};
