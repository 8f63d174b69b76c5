//! The people who can sign in here. A person is an address and a password;
//! their rights are in the workspaces that count them as members.

mod account;
mod address;
mod change_password;
mod create_person;
mod sql;

use daybook_kernel::{Feature, Migration, Operation, Scope};

pub(crate) use account::{NewAccount, make, move_to, set_password};
pub use address::normalise;
pub(crate) use address::{check as check_address, check_shown as check_shown_address};
pub use sql::person;
pub(crate) use sql::{EMAIL, address_of, email_index, kept_password, person_id};

pub const FEATURE: Feature = Feature {
    name: "people",
    scope: Scope::Instance,
    operations: &[
        Operation::command::<create_person::CreatePerson>(),
        Operation::command::<change_password::ChangePassword>(),
    ],
    pages: &[],
    migrations: &[Migration {
        number: 1,
        sql: include_str!("0001_people.sql"),
    }],
    guards: &[],
    resources: &[],
    policy: include_str!("policy.cedar"),
    deliveries: &[],
};
