//! What a letter says that has not left: so an instance without a relay can
//! still invite people, by whoever holds its data folder.

use daybook_kernel::{
    DataClass, Error, Exposure, Faults, Param, Permit, Query, Rate, Read, Scope, Spec, StepUp,
    Target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::queue::{RECIPIENT, SUBJECT, TEXT};

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PrintMail {
    /// The id of the letter, as it is listed.
    id: String,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct MailPrinted {
    to: String,
    subject: String,
    /// The letter's text, with its link.
    text: String,
}

impl Query for PrintMail {
    const SPEC: Spec = Spec {
        name: "identity.print_mail",
        summary: "Print a letter that has not been sent, with the link in it.",
        scope: Scope::Instance,
        rate: Rate::Standard,
        data: DataClass::Restricted,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::Local,
    };
    type Output = MailPrinted;

    fn example() -> Self {
        Self {
            id: "0123456789abcdef0123456789abcdef".to_owned(),
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        faults.text("id", &self.id, 32);
    }

    fn answer(self, tx: &mut Read<'_>, _: Permit<Self>) -> Result<MailPrinted, Error> {
        let found = tx.first(
            "SELECT recipient, subject, body_text FROM mails WHERE id = $1 AND state <> 'sent'",
            &[Param::Text(&self.id)],
            |row| {
                Ok(MailPrinted {
                    to: row.sealed(0, RECIPIENT)?,
                    subject: row.sealed(1, SUBJECT)?,
                    text: row.sealed(2, TEXT)?,
                })
            },
        )?;
        found.ok_or_else(Error::not_found)
    }
}
