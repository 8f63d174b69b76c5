//! The templates of the workspace, by name.

use daybook_kernel::operation::Table;
use daybook_kernel::{
    DataClass, Error, Exposure, Faults, Permit, PersonId, Query, Rate, Read, Scope, Spec, StepUp,
    Target,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::sql;
use crate::journals::sql as journals;

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ListEntryTemplates {}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct TemplateList {
    pub templates: Vec<ListedTemplate>,
    /// Whether these are only the templates with a line that is assigned to you.
    pub assigned_only: bool,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(crate) struct ListedTemplate {
    pub id: i64,
    pub name: String,
    pub description: String,
    /// The code of the journal that its entries go to.
    pub journal: String,
    /// How many lines it has.
    pub lines: i64,
    /// Whether you saved it.
    pub yours: bool,
}

impl Query for ListEntryTemplates {
    const SPEC: Spec = Spec {
        name: "books.list_entry_templates",
        summary: "Lists the templates that fill a new entry.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::SignedIn,
    };
    type Output = TemplateList;

    fn example() -> Self {
        Self {}
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, _: &mut Faults) {}

    fn answer(self, tx: &mut Read<'_>, permit: Permit<Self>) -> Result<TemplateList, Error> {
        let own = permit.caller().person.as_ref().map(PersonId::to_string);
        let journals = journals::all(tx)?;
        let templates = sql::all(tx)?.into_iter().map(|one| ListedTemplate {
            id: one.id,
            name: one.name,
            description: one.description,
            journal: journals.code(one.journal),
            lines: one.lines,
            yours: own.as_ref() == Some(&one.made_by),
        });
        Ok(TemplateList {
            templates: templates.collect(),
            assigned_only: !tx.sees_all(),
        })
    }

    fn table(output: &TemplateList) -> Option<Table> {
        let mut table = Table::new(&[
            ("id", true),
            ("name", false),
            ("description", false),
            ("journal", false),
            ("lines", true),
        ]);
        let row = |one: ListedTemplate| {
            vec![
                one.id.to_string(),
                one.name,
                one.description,
                one.journal,
                one.lines.to_string(),
            ]
        };
        table.rows = output.templates.iter().cloned().map(row).collect();
        Some(table)
    }
}
