//! A page of a slice: a path, a title, and a function that asks its questions
//! by the road and draws the answer.

use std::collections::BTreeMap;

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
