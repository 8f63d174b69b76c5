//! A page of a slice: a path, a title, and a function that asks its questions
//! by the road and draws the answer.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::caller::Caller;
use crate::error::{Error, Faults};
use crate::operation::Query;
use crate::road::Visit;

#[derive(Clone, Copy)]
pub struct Page {
    /// Below the workspace, with `{names}` for its parts: `books/entries/{number}`.
    pub path: &'static str,
    /// Its place in the rail, if it has one.
    pub rail: Option<RailPlace>,
    /// The operation that whoever opens it must be allowed to do.
    pub needs: &'static str,
    pub render: fn(&PageRequest, &mut Visit<'_>) -> Result<PageView, Error>,
}

#[derive(Clone, Copy, Debug)]
pub struct RailPlace {
    pub label: &'static str,
    /// The letter after `g`.
    pub key: char,
    pub icon: &'static str,
    pub order: u8,
}

/// What the reader asked for.
#[derive(Debug, Clone, Default)]
pub struct PageRequest {
    /// The parts of the path and the query, by name.
    pub values: BTreeMap<String, String>,
    /// `/w/{workspace}`: links begin with it.
    pub base: String,
    /// The page's own address with its query.
    pub here: String,
    /// The hidden field that every form carries.
    pub csrf: String,
    pub today: jiff::civil::Date,
    /// What was typed into a form that came back with faults.
    pub draft: Option<Draft>,
}

#[derive(Debug, Clone)]
pub struct Draft {
    pub operation: String,
    pub input: Value,
    pub faults: Faults,
}

#[derive(Debug, Clone, Default)]
pub struct PageView {
    pub title: String,
    pub body: String,
    /// Label, address and key of the primary action, top right.
    pub primary: Option<(String, String, char)>,
    /// Whether the page is wanted again soon, as something is under way.
    pub refresh: bool,
}

/// What the page says around the deed of one of its forms. The form carries it as
/// the field `after`; `{field}` in its texts is taken from the answer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct After {
    /// While it takes long: “Importing 12 entries”.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub meanwhile: String,
    /// Once it is done, what happened to which thing: “Account 1200 is closed.”
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub said: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo: Option<Undo>,
}

/// The command that takes back what a form did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Undo {
    pub operation: String,
    pub input: BTreeMap<String, String>,
    /// Its field in which the reason is asked, where it wants one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Where it leads; empty is the page on which it stands.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub next: String,
    /// What is said once it is taken back.
    pub said: String,
}

/// A text of a person's own in a sentence whose `{field}` are filled: its braces
/// stay braces.
pub fn literally(text: &str) -> String {
    text.replace('{', "{{")
}

impl After {
    /// The name of the field that carries it.
    pub const FIELD: &'static str = "after";

    pub fn says(sentence: impl Into<String>) -> Self {
        Self {
            said: sentence.into(),
            ..Self::default()
        }
    }

    #[must_use]
    pub fn meanwhile(mut self, words: impl Into<String>) -> Self {
        self.meanwhile = words.into();
        self
    }

    #[must_use]
    pub fn undone_by(mut self, undo: Undo) -> Self {
        self.undo = Some(undo);
        self
    }

    /// As the field's value.
    pub fn to_field(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Undo {
    /// By this operation with this input.
    pub fn by(operation: &str, input: &[(&str, &str)], said: impl Into<String>) -> Self {
        let input = input.iter().filter(|(_, value)| !value.is_empty());
        Self {
            operation: operation.to_owned(),
            input: input
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            said: said.into(),
            ..Self::default()
        }
    }

    /// Asks why, in this field.
    #[must_use]
    pub fn asking(mut self, field: &str) -> Self {
        self.reason = Some(field.to_owned());
        self
    }

    /// Leads to this address.
    #[must_use]
    pub fn then(mut self, next: impl Into<String>) -> Self {
        self.next = next.into();
        self
    }
}

impl PageRequest {
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values
            .get(name)
            .map(String::as_str)
            .filter(|text| !text.is_empty())
    }

    /// The draft, if it is of this operation.
    pub fn draft_of(&self, operation: &str) -> Option<&Draft> {
        self.draft
            .as_ref()
            .filter(|draft| draft.operation == operation)
    }

    /// A link inside the workspace.
    pub fn link(&self, path: &str) -> String {
        format!("{}/{path}", self.base)
    }

    /// The values as the input of a query: what the page does not know is left
    /// out, so that a stray parameter in a bookmark does not fail the page.
    pub fn pick(&self, names: &[&str]) -> Value {
        let picked = names.iter().filter_map(|name| {
            let value = self.get(name)?;
            Some(((*name).to_owned(), Value::String(value.to_owned())))
        });
        Value::Object(picked.collect())
    }

    /// A query read from the values of the page.
    pub fn query<Q: Query>(&self, names: &[&str]) -> Result<Q, Error> {
        serde_json::from_value(self.pick(names)).map_err(|error| {
            Error::fault("filter", format!("The filter could not be read: {error}."))
        })
    }
}

impl Visit<'_> {
    pub fn role(&self) -> Option<crate::caller::Role> {
        self.caller().role
    }

    pub fn who(&self) -> &Caller {
        self.caller()
    }
}
