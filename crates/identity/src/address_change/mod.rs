//! Another e-mail address for one's account. A code that was sent to the new one
//! proves it; the old one is told, with a link that takes the account back for
//! three days. Whether somebody here has the new address already is said to
//! nobody but whoever reads its mail.

mod confirm_email_change;
mod former;
mod pages;
mod request_email_change;
mod store;

use daybook_kernel::{Feature, Migration, Operation, Page, Scope};

pub(crate) use former::{is_reserved, owner, restore};

pub const FEATURE: Feature = Feature {
    name: "address_change",
    scope: Scope::Instance,
    operations: &[
        Operation::command::<request_email_change::RequestEmailChange>(),
        Operation::command::<confirm_email_change::ConfirmEmailChange>(),
    ],
    pages: &[Page {
        path: "security/email",
        rail: None,
        needs: "identity.request_email_change",
        render: pages::email,
    }],
    migrations: &[Migration {
        number: 1,
        sql: include_str!("0001_address_changes.sql"),
    }],
    guards: &[],
    resources: &[],
    policy: include_str!("policy.cedar"),
    deliveries: &[],
};
