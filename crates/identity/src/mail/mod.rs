//! Mail: letters are written in the transaction of what caused them, and wait
//! here until the server has carried them to a relay. A letter that was sent
//! keeps its address and subject for a month and loses what it said, as that
//! may hold a link that lets somebody in.

mod letter;
mod list_mails;
mod print_mail;
mod queue;

use daybook_kernel::post::Post;
use daybook_kernel::{Feature, Migration, Operation, Scope};

pub(crate) use letter::Draft;
pub(crate) use queue::{is_queued, post, post_as};

/// What the engine asks of the mail that waits.
pub const POST: Post = Post {
    is_due: queue::is_due,
    take: queue::take,
    end: queue::end,
    count: queue::count,
};

pub const FEATURE: Feature = Feature {
    name: "mail",
    scope: Scope::Instance,
    operations: &[
        Operation::query::<list_mails::ListMails>(),
        Operation::query::<print_mail::PrintMail>(),
    ],
    pages: &[],
    migrations: &[Migration {
        number: 1,
        sql: include_str!("0001_mails.sql"),
    }],
    guards: &[],
    resources: &[],
    policy: include_str!("policy.cedar"),
    deliveries: &[],
};
