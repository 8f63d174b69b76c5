//! What waits to be mailed, what was sent, and what could not be.

use daybook_kernel::operation::Table;
use daybook_kernel::{
    DataClass, Error, Exposure, Faults, Permit, Query, Rate, Read, Scope, Spec, StepUp, Target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::queue::{RECIPIENT, SUBJECT, TROUBLE};
use crate::instant;

/// More than anybody reads; the newest come first.
const SHOWN_MAX: i64 = 500;

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListMails {}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Mails {
    /// The newest first.
    mails: Vec<MailListed>,
}

#[derive(Serialize, JsonSchema)]
struct MailListed {
    id: String,
    to: String,
    subject: String,
    /// `waiting`, `sent` or `failed`.
    state: String,
    /// How often it was handed to the relay.
    tries: i64,
    queued_at: String,
    /// When it is tried next, while it waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    due_at: Option<String>,
    /// What went wrong the last time.
    #[serde(skip_serializing_if = "String::is_empty")]
    trouble: String,
}

impl Query for ListMails {
    const SPEC: Spec = Spec {
        name: "identity.list_mails",
        summary: "List the mail that waits, was sent in the last month, or could not be sent.",
        scope: Scope::Instance,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::Local,
    };
    type Output = Mails;

    fn example() -> Self {
        Self {}
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, _: &mut Faults) {}

    fn answer(self, tx: &mut Read<'_>, _: Permit<Self>) -> Result<Mails, Error> {
        let mails = tx.all(
            "SELECT id, recipient, subject, state, tries, queued_at_ms, due_at_ms, trouble FROM mails
             ORDER BY queued_at_ms DESC, id LIMIT $1",
            &[SHOWN_MAX.into()],
            |row| {
                let state = row.text(3)?.to_owned();
                let due_at = (state == "waiting").then(|| row.int(6).map(instant));
                Ok(MailListed {
                    id: row.text(0)?.to_owned(),
                    to: row.sealed(1, RECIPIENT)?,
                    subject: row.sealed(2, SUBJECT)?,
                    state,
                    tries: row.int(4)?,
                    queued_at: instant(row.int(5)?),
                    due_at: due_at.transpose()?,
                    trouble: row.sealed(7, TROUBLE)?,
                })
            },
        )?;
        Ok(Mails { mails })
    }

    fn table(output: &Mails) -> Option<Table> {
        let names = [
            "mail", "to", "subject", "state", "tries", "queued", "trouble",
        ];
        let mut table = Table::new(&names.map(|name| (name, name == "tries")));
        table.rows = output
            .mails
            .iter()
            .map(|mail| {
                vec![
                    mail.id.clone(),
                    mail.to.clone(),
                    mail.subject.clone(),
                    mail.state.clone(),
                    mail.tries.to_string(),
                    mail.queued_at.clone(),
                    mail.trouble.clone(),
                ]
            })
            .collect();
        Some(table)
    }
}
