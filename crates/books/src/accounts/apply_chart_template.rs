//! Opens the accounts of a ready-made chart, leaving those that are there as they are.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Permit, Rate, Scope, Spec, StepUp,
    Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model::Kind;
use super::sql::{self, NewAccount};
use super::templates::Template;

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApplyChartTemplate {
    pub template: Template,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct AppliedTemplate {
    /// The codes that were opened.
    pub opened: Vec<String>,
    /// The codes that were there, or whose name was.
    pub kept: Vec<String>,
}

impl Command for ApplyChartTemplate {
    const SPEC: Spec = Spec {
        name: "books.apply_chart_template",
        summary: "Opens the accounts of a ready-made chart.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::SignedIn,
    };
    type Output = AppliedTemplate;

    fn example() -> Self {
        Self {
            template: Template::SmallBusiness,
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, _: &mut Faults) {}

    fn apply(self, tx: &mut Write<'_>, _: Permit<Self>) -> Result<Done<AppliedTemplate>, Error> {
        let chart = sql::chart(tx)?;
        let mut applied = AppliedTemplate {
            opened: Vec::new(),
            kept: Vec::new(),
        };
        let mut ids: Vec<(&str, i64, Kind, String)> = Vec::new();
        for &(code, name, kind, parent) in self.template.accounts() {
            let above = parent.and_then(|code| ids.iter().find(|(of, ..)| *of == code));
            let full_name =
                above.map_or_else(|| name.to_owned(), |(.., up)| format!("{up}:{name}"));
            let there = chart
                .accounts
                .iter()
                .find(|one| one.code == code || one.full_name == full_name);
            if let Some(there) = there {
                ids.push((code, there.id, there.kind, there.full_name.clone()));
                applied.kept.push(code.to_owned());
                continue;
            }
            let kind = above.map_or(kind, |(_, _, kind, _)| *kind);
            let parent = above.map(|(_, id, ..)| *id);
            let new = NewAccount {
                code,
                name,
                full_name: &full_name,
                kind,
                parent,
            };
            let id = sql::insert(tx, &new)?;
            ids.push((code, id, kind, full_name));
            applied.opened.push(code.to_owned());
        }
        let change = Change::created("ChartTemplate", self.template.name(), &applied);
        Ok(Done::new(applied, change))
    }
}
