//! How an account is guarded, asked for and shown: the second factor that a
//! sign-in owes, the fresh factor that grave things ask for, and the checklist of
//! what there is and what to do next.

mod dismiss_reminder;
mod forget_notices;
mod pages;
mod prove_second_factor;
mod reset_factors;
mod sessions_page;
mod show_factors;
pub(crate) mod show_security;
mod step_up;

use daybook_kernel::page::RailPlace;
use daybook_kernel::{Faults, Feature, Migration, Operation, Page, Scope};

use crate::secret::Secret;

/// Longer than any code, however it is typed.
const CODE_CHARACTERS_MAX: usize = 40;

pub(crate) fn check_code(faults: &mut Faults, field: &str, code: &Secret) {
    if code.length() == 0 {
        faults.add(field, "Type the code.");
    } else if code.length() > CODE_CHARACTERS_MAX {
        faults.add(field, "This is longer than any code.");
    }
}

pub const FEATURE: Feature = Feature {
    name: "security",
    scope: Scope::Instance,
    operations: &[
        Operation::query::<show_factors::ShowFactors>(),
        Operation::query::<show_security::ShowSecurity>(),
        Operation::command::<prove_second_factor::ProveSecondFactor>(),
        Operation::command::<step_up::StepUp>(),
        Operation::command::<dismiss_reminder::DismissReminder>(),
        Operation::command::<forget_notices::ForgetNotices>(),
        Operation::command::<reset_factors::ResetFactors>(),
    ],
    pages: &[
        Page {
            path: "security",
            rail: Some(RailPlace {
                label: "Security",
                key: 's',
                icon: "lock",
                order: 10,
            }),
            needs: "identity.show_security",
            render: pages::checklist,
        },
        Page {
            path: "sessions",
            rail: Some(RailPlace {
                label: "Sessions",
                key: 'w',
                icon: "activity",
                order: 20,
            }),
            needs: "identity.list_sessions",
            render: sessions_page::sessions,
        },
        Page {
            path: "security/password",
            rail: None,
            needs: "identity.change_password",
            render: pages::password,
        },
    ],
    migrations: &[Migration {
        number: 1,
        sql: include_str!("0001_security.sql"),
    }],
    guards: &[],
    resources: &[],
    policy: include_str!("policy.cedar"),
    deliveries: &[],
};
