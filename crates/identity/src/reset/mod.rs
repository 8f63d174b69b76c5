//! A forgotten password: a link to the account's address gives it a new one. All
//! sessions end, and the second factor stays owed. Asking says nothing of who
//! has an account: whether there is one is looked up after the answer has gone.

mod opened;
mod request_reset;
mod reset_password;
mod wanted;

use daybook_kernel::{Delivery, Feature, Operation, Scope};

pub const FEATURE: Feature = Feature {
    name: "reset",
    scope: Scope::Instance,
    operations: &[
        Operation::command::<request_reset::RequestReset>(),
        Operation::command::<reset_password::ResetPassword>(),
    ],
    pages: &[],
    migrations: &[],
    guards: &[],
    resources: &[],
    policy: include_str!("policy.cedar"),
    deliveries: &[Delivery {
        kind: "identity.reset_wanted",
        deliver: wanted::deliver,
    }],
};
