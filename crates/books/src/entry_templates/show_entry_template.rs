//! One template with its lines, as it fills the grid.

use daybook_kernel::operation::Table;
use daybook_kernel::{
    DataClass, Error, Exposure, Faults, Permit, Query, Rate, Read, Scope, Spec, StepUp, Target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::sql;
use crate::entries::show_entry::LineShower;
use crate::journals::sql as journals;

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShowEntryTemplate {
    pub id: i64,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ShownTemplate {
    pub id: i64,
    pub name: String,
    pub description: String,
    /// The code of the journal that its entries go to.
    pub journal: String,
    pub lines: Vec<ShownTemplateLine>,
    /// Whether lines on accounts that are not assigned to you are left out.
    pub assigned_only: bool,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct ShownTemplateLine {
    /// The account's code.
    pub account: String,
    /// The account's full name.
    pub name: String,
    /// Signed, debit positive; none if it is to be typed.
    pub amount: Option<String>,
    pub currency: Option<String>,
    pub note: String,
}

impl Query for ShowEntryTemplate {
    const SPEC: Spec = Spec {
        name: "books.show_entry_template",
        summary: "Shows a template with its lines.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::SignedIn,
    };
    type Output = ShownTemplate;

    fn example() -> Self {
        Self { id: 1 }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, _: &mut Faults) {}

    fn answer(self, tx: &mut Read<'_>, _: Permit<Self>) -> Result<ShownTemplate, Error> {
        let template = sql::one(tx, self.id)?.ok_or_else(Error::not_found)?;
        let shower = LineShower::load(tx)?;
        let lines = sql::lines(tx, self.id)?.into_iter().map(|line| {
            let (account, name) = shower.account(line.account);
            let scaled = line.amount.zip(line.currency.as_deref());
            ShownTemplateLine {
                account,
                name,
                amount: scaled.map(|(minor, code)| shower.scales.decimal(code, minor)),
                currency: line.currency,
                note: line.note,
            }
        });
        Ok(ShownTemplate {
            id: template.id,
            name: template.name,
            description: template.description,
            journal: journals::all(tx)?.code(template.journal),
            lines: lines.collect(),
            assigned_only: !tx.sees_all(),
        })
    }

    fn table(output: &ShownTemplate) -> Option<Table> {
        let mut table = Table::new(&[
            ("account", false),
            ("name", false),
            ("amount", true),
            ("currency", false),
            ("note", false),
        ]);
        table.rows.extend(output.lines.iter().cloned().map(|line| {
            vec![
                line.account,
                line.name,
                line.amount.unwrap_or_default(),
                line.currency.unwrap_or_default(),
                line.note,
            ]
        }));
        Some(table)
    }
}
