//! Saves a template: from lines that are given, or from an entry that was posted.

use daybook_kernel::{
    Change, Command, Currency, DataClass, Done, Error, Exposure, Faults, Money, Permit, PersonId,
    Rate, Read, Scope, Spec, StepUp, Target, Write,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model::{NAME_LENGTH_MAX, NewTemplate, NewTemplateLine, TEMPLATES_MAX, TemplateLine};
use super::sql;
use crate::accounts::open_account::unknown;
use crate::accounts::sql as accounts;
use crate::currencies::sql as currencies;
use crate::entries::line_input::{field, filled};
use crate::entries::model::{DESCRIPTION_LENGTH_MAX, LINES_MAX, NOTE_LENGTH_MAX};
use crate::entries::reading;
use crate::journals::sql as journals;

#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SaveEntryTemplate {
    /// What it is found by: Rent of the shop.
    pub name: String,
    /// The description of the entries that are made from it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The code of the journal that they go to; left out, the general one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub journal: Option<String>,
    /// The number of an entry to take description, journal and lines from, in place of lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry: Option<i64>,
    /// They need not balance: amounts may be left out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<TemplateLine>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct SavedTemplate {
    pub id: i64,
    pub name: String,
    /// How many lines it has.
    pub lines: usize,
}

impl Command for SaveEntryTemplate {
    const SPEC: Spec = Spec {
        name: "books.save_entry_template",
        summary: "Saves a template that fills a new entry.",
        scope: Scope::Workspace,
        rate: Rate::Standard,
        data: DataClass::Confidential,
        step_up: StepUp::NotNeeded,
        exposure: Exposure::SignedIn,
    };
    type Output = SavedTemplate;

    fn example() -> Self {
        let line = |account: &str, amount: Option<&str>| TemplateLine {
            account: account.into(),
            amount: amount.map(str::to_owned),
            ..TemplateLine::default()
        };
        Self {
            name: "Rent of the shop".into(),
            description: Some("Rent".into()),
            lines: vec![line("6000", Some("850.00")), line("1200", None)],
            ..Self::default()
        }
    }

    fn target(&self) -> Target {
        Target::Whole
    }

    fn check(&self, faults: &mut Faults) {
        faults.text("name", &self.name, NAME_LENGTH_MAX);
        let description = self.description.as_deref().unwrap_or("");
        faults.length("description", description, DESCRIPTION_LENGTH_MAX);
        match (self.entry, self.lines.len()) {
            (Some(_), 0) | (None, 1..=LINES_MAX) => {}
            (Some(_), _) => faults.add("lines", "Give lines or an entry, one of the two."),
            (None, 0) => faults.add("lines", "Give the lines, or the entry to take them from."),
            (None, _) => faults.add(
                "lines",
                format!("A template has at most {LINES_MAX} lines. Leave some out."),
            ),
        }
        for (at, line) in self.lines.iter().take(LINES_MAX).enumerate() {
            faults.text(&field(at, "account"), &line.account, 1_000);
            let note = line.note.as_deref().unwrap_or("");
            faults.length(&field(at, "note"), note, NOTE_LENGTH_MAX);
        }
    }

    fn apply(self, tx: &mut Write<'_>, permit: Permit<Self>) -> Result<Done<SavedTemplate>, Error> {
        let name = self.name.trim().to_owned();
        let taken = || {
            let message =
                format!("There is a template {name} already. Choose another name, or remove it.");
            Error::fault("name", message)
        };
        if sql::is_taken(tx, &name)? {
            return Err(taken());
        }
        if sql::count(tx)? >= TEMPLATES_MAX {
            let message = format!("There are {TEMPLATES_MAX} templates already. Remove one.");
            return Err(Error::fault("name", message));
        }
        let made_by = permit.caller().person.as_ref().map(PersonId::to_string);
        let mut new = match self.entry {
            Some(number) => of_entry(tx, number)?,
            None => NewTemplate {
                description: String::new(),
                journal: 0,
                lines: lines(tx, &self.lines)?,
                name: String::new(),
                made_by: String::new(),
            },
        };
        if self.entry.is_none() || self.journal.is_some() {
            new.journal = journals::open(tx, self.journal.as_deref())?;
        }
        if let Some(description) = filled(self.description.as_deref()) {
            description.clone_into(&mut new.description);
        }
        new.name.clone_from(&name);
        new.made_by = made_by.unwrap_or_default();
        let id = sql::insert(tx, &new)?.ok_or_else(taken)?;
        let saved = SavedTemplate {
            id,
            name: new.name,
            lines: new.lines.len(),
        };
        let change = Change::created("EntryTemplate", id, &saved);
        Ok(Done::new(saved, change))
    }
}

fn of_entry(tx: &mut Read<'_>, number: i64) -> Result<NewTemplate, Error> {
    let entry = reading::entry(tx, number)?
        .ok_or_else(|| Error::fault("entry", format!("There is no entry {number}.")))?;
    let lines = entry.lines.into_iter().map(|line| NewTemplateLine {
        account: line.account,
        amount: Some(line.amount),
        currency: Some(line.currency),
        note: line.note,
    });
    Ok(NewTemplate {
        description: entry.description,
        journal: entry.journal,
        lines: lines.collect(),
        name: String::new(),
        made_by: String::new(),
    })
}

fn lines(tx: &mut Read<'_>, inputs: &[TemplateLine]) -> Result<Vec<NewTemplateLine>, Error> {
    let base = currencies::base(tx)?.or_else(|| Currency::iso("EUR"));
    let mut faults = Faults::default();
    let mut lines = Vec::with_capacity(inputs.len());
    for (at, input) in inputs.iter().enumerate() {
        let Some(account) = accounts::find(tx, &input.account)? else {
            let chart = accounts::chart(tx)?;
            faults.add(field(at, "account"), unknown(&chart, input.account.trim()));
            continue;
        };
        let currency = match filled(input.currency.as_deref()) {
            None => base,
            Some(code) => currencies::currency(tx, code)?,
        };
        let Some(currency) = currency else {
            let message = "This is no currency of ISO 4217 and no commodity here. Check its code.";
            faults.add(field(at, "currency"), message);
            continue;
        };
        let amount = match filled(input.amount.as_deref()).map(|it| Money::parse(it, currency)) {
            Some(Err(why)) => {
                faults.add(field(at, "amount"), why.to_string());
                continue;
            }
            Some(Ok(money)) => Some(money.minor).filter(|minor| *minor != 0),
            None => None,
        };
        lines.push(NewTemplateLine {
            account: account.id,
            amount,
            currency: (amount.is_some() || input.currency.is_some())
                .then(|| currency.code().to_owned()),
            note: filled(input.note.as_deref()).unwrap_or_default().to_owned(),
        });
    }
    faults.into_result()?;
    Ok(lines)
}
