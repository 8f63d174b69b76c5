//! Opens an account: from then on lines may be posted to it.

use daybook_kernel::{
    Change, Command, DataClass, Done, Error, Exposure, Faults, Permit, Rate, Scope, Spec, StepUp,
    Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model::{Chart, DEPTH_MAX, Kind};
use super::sql::{self, NewAccount};

/// The longest code: longer ones are names.
pub(crate) const CODE_LENGTH_MAX: usize = 40;
/// The longest name of one account, without those above it; an imported one holds them all.
pub(crate) const NAME_LENGTH_MAX: usize = 400;
/// More accounts than this make no chart that a person reads.
const ACCOUNTS_MAX: usize = 20_000;

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OpenAccount {
    /// The number or short word that entries name it by, without spaces: 1200.
    pub code: String,
    /// Its name, below its parent's: Bank.
    pub name: String,
    /// asset, liability, equity, income or expense. Left out, it is that of the parent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// Code or full name of the account that it stands under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct OpenedAccount {
    pub code: String,
    /// The full name: Assets:Bank.
    pub name: String,
    pub kind: Kind,
}

impl Command for OpenAccount {
    const SPEC: Spec = Spec {
        name: "books.open_account",
        summary: "Opens an account in the chart of accounts.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::SignedIn,
    };
    type Output = OpenedAccount;

    fn example() -> Self {
        Self {
            code: "1200".into(),
            name: "Bank".into(),
            kind: Some(Kind::Asset),
            parent: None,
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        check_code(faults, &self.code);
        faults.text("name", &self.name, NAME_LENGTH_MAX);
        if self.kind.is_none() && self.parent.is_none() {
            faults.add(
                "kind",
                "Name its kind: asset, liability, equity, income or expense.",
            );
        }
    }

    fn apply(self, tx: &mut Write<'_>, _: Permit<Self>) -> Result<Done<OpenedAccount>, Error> {
        let chart = sql::chart(tx)?;
        let opened = open(tx, &chart, &self)?;
        let change = Change::created("Account", &opened.code, &opened);
        Ok(Done::new(opened, change))
    }
}

pub(crate) fn check_code(faults: &mut Faults, code: &str) {
    faults.text("code", code, CODE_LENGTH_MAX);
    if code
        .chars()
        .any(|c| c.is_whitespace() || c.is_control() || c == '/')
    {
        faults.add(
            "code",
            "A code is one word without spaces or slashes, such as 1200.",
        );
    }
}

fn open(tx: &mut Write<'_>, chart: &Chart, input: &OpenAccount) -> Result<OpenedAccount, Error> {
    let mut faults = Faults::default();
    let (name, code) = (input.name.trim(), input.code.as_str());
    let parent = match &input.parent {
        None => None,
        Some(text) => {
            let found = chart.find(text);
            if found.is_none() {
                faults.add("parent", unknown(chart, text));
            }
            found
        }
    };
    let full_name = parent.map_or_else(
        || name.to_owned(),
        |above| format!("{}:{name}", above.full_name),
    );
    check_free(&mut faults, chart, code, &full_name);
    if parent.is_some_and(|above| above.depth + 1 >= DEPTH_MAX) {
        faults.add(
            "parent",
            format!("Accounts stand at most {DEPTH_MAX} deep. Choose one further up."),
        );
    }
    if let (Some(kind), Some(above)) = (input.kind, parent)
        && kind != above.kind
    {
        let message = format!(
            "{} is of the kind {}, so what stands under it is too.",
            above.full_name,
            above.kind.name()
        );
        faults.add("kind", message);
    }
    if chart.accounts.len() >= ACCOUNTS_MAX {
        faults.add(
            "code",
            format!("A chart holds at most {ACCOUNTS_MAX} accounts."),
        );
    }
    faults.into_result()?;
    let kind = input
        .kind
        .or_else(|| parent.map(|above| above.kind))
        .unwrap_or(Kind::Asset);
    let parent = parent.map(|above| above.id);
    sql::insert(
        tx,
        &NewAccount {
            code,
            name,
            full_name: &full_name,
            kind,
            parent,
        },
    )?;
    Ok(OpenedAccount {
        code: code.to_owned(),
        name: full_name,
        kind,
    })
}

/// Codes and full names are each given once.
fn check_free(faults: &mut Faults, chart: &Chart, code: &str, full_name: &str) {
    if chart.by_code(code).is_some() {
        faults.add(
            "code",
            format!("There is an account {code} already. Choose another code."),
        );
    }
    if chart.accounts.iter().any(|one| one.full_name == full_name) {
        faults.add(
            "name",
            format!("There is an account named {full_name} already. Choose another name."),
        );
    }
}

/// The sentence about an account that is not there, with the one that is most alike.
pub(crate) fn unknown(chart: &Chart, text: &str) -> String {
    match chart.nearest(text) {
        Some(near) => {
            format!(
                "There is no account “{text}”. Did you mean {} {}?",
                near.code, near.full_name
            )
        }
        None => format!("There is no account “{text}”. Open it first, or choose one of the chart."),
    }
}
