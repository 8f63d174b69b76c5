//! Reports: the books read from one side or another. Each figure opens to the lines it is of.

pub(crate) mod balance_sheet;
pub(crate) mod general_ledger;
mod general_ledger_page;
pub(crate) mod journal;
mod journal_page;
mod pages;
pub(crate) mod periods;
pub(crate) mod profit_and_loss;
pub(crate) mod profit_and_loss_page;
pub(crate) mod trial_balance;

use daybook_kernel::operation::Operation;
use daybook_kernel::page::{Page, RailPlace};
use daybook_kernel::{Feature, Scope};

use balance_sheet::BalanceSheet;
use general_ledger::GeneralLedger;
use journal::Journal;
use profit_and_loss::ProfitAndLoss;
use trial_balance::TrialBalance;

pub const FEATURE: Feature = Feature {
    name: "reports",
    scope: Scope::Workspace,
    operations: &[
        Operation::query::<TrialBalance>(),
        Operation::query::<ProfitAndLoss>(),
        Operation::query::<BalanceSheet>(),
        Operation::query::<GeneralLedger>(),
        Operation::query::<Journal>(),
    ],
    pages: &[
        Page {
            path: "books/reports",
            rail: Some(RailPlace {
                label: "Reports",
                key: 'r',
                icon: "reports",
                order: 40,
            }),
            needs: "books.trial_balance",
            render: pages::index,
        },
        Page {
            path: "books/reports/trial-balance",
            rail: None,
            needs: "books.trial_balance",
            render: pages::trial_balance,
        },
        Page {
            path: "books/reports/profit-and-loss",
            rail: None,
            needs: "books.profit_and_loss",
            render: profit_and_loss_page::page,
        },
        Page {
            path: "books/reports/balance-sheet",
            rail: None,
            needs: "books.balance_sheet",
            render: pages::balance_sheet,
        },
        Page {
            path: "books/reports/general-ledger",
            rail: None,
            needs: "books.general_ledger",
            render: general_ledger_page::general_ledger,
        },
        Page {
            path: "books/reports/journal",
            rail: None,
            needs: "books.journal",
            render: journal_page::journal,
        },
    ],
    migrations: &[],
    guards: &[],
    resources: &[],
    policy: include_str!("policy.cedar"),
    deliveries: &[],
};
