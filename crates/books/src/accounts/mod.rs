//! An account is a place that amounts are posted to. Accounts form a tree by name and are named
//! by code; one that was ever posted to is closed, never removed.

pub(crate) mod apply_chart_template;
pub(crate) mod close_account;
pub(crate) mod list_accounts;
pub(crate) mod model;
pub(crate) mod open_account;
mod pages;
pub(crate) mod register_page;
pub(crate) mod rename_account;
pub(crate) mod reopen_account;
pub(crate) mod sql;
pub(crate) mod templates;

use daybook_kernel::operation::Operation;
use daybook_kernel::page::{Page, RailPlace};
use daybook_kernel::{Feature, Migration, Scope};

use apply_chart_template::ApplyChartTemplate;
use close_account::CloseAccount;
use list_accounts::ListAccounts;
use open_account::OpenAccount;
use rename_account::RenameAccount;
use reopen_account::ReopenAccount;

pub const FEATURE: Feature = Feature {
    name: "accounts",
    scope: Scope::Workspace,
    operations: &[
        Operation::command::<OpenAccount>(),
        Operation::command::<RenameAccount>(),
        Operation::command::<CloseAccount>(),
        Operation::command::<ReopenAccount>(),
        Operation::command::<ApplyChartTemplate>(),
        Operation::query::<ListAccounts>(),
    ],
    pages: &[
        Page {
            path: "books/accounts",
            rail: Some(RailPlace {
                label: "Accounts",
                key: 'a',
                icon: "bank",
                order: 30,
            }),
            needs: "books.list_accounts",
            render: pages::chart,
        },
        Page {
            path: "books/accounts/{code}",
            rail: None,
            needs: "books.account_register",
            render: register_page::register,
        },
    ],
    migrations: &[Migration {
        number: 1,
        sql: include_str!("0001_accounts.sql"),
    }],
    guards: &[],
    resources: &[],
    policy: include_str!("policy.cedar"),
    deliveries: &[],
};
