//! Forms of a person's own account: where they post, what they carry, and what
//! comes back with them when something is to be mended.

use daybook_kernel::PageRequest;
use daybook_kernel::page::{After, Draft};
use daybook_ui::{Fault, Field, Form, Html, Weight, button, fault_summary, hidden};
use maud::html;
use serde_json::Value;

/// One operation, as the forms of a page offer it.
pub(crate) struct Act<'a> {
    request: &'a PageRequest,
    operation: &'static str,
    /// Where it goes on success; without one the answer itself is shown.
    next: Option<String>,
    after: After,
}

impl<'a> Act<'a> {
    pub(crate) fn new(request: &'a PageRequest, operation: &'static str) -> Self {
        Self {
            request,
            operation,
            next: None,
            after: After::default(),
        }
    }

    pub(crate) fn then(mut self, path: &str) -> Self {
        self.next = Some(self.request.link(path));
        self
    }

    /// What is said once it is done.
    pub(crate) fn says(mut self, sentence: &str) -> Self {
        self.after = After::says(sentence);
        self
    }

    fn draft(&self) -> Option<&Draft> {
        self.request.draft_of(self.operation)
    }

    /// The answer of the operation, where it is shown this once.
    pub(crate) fn answer(&self) -> Option<&Value> {
        let draft = self.draft().filter(|draft| draft.faults.is_empty());
        draft.map(|draft| &draft.input)
    }

    fn action(&self) -> String {
        format!("/do/{}", self.operation)
    }

    fn carried(&self) -> Html {
        html! {
            (hidden("page", &self.request.here))
            @if let Some(next) = &self.next { (hidden("next", next)) }
            @if !self.after.said.is_empty() { (hidden(After::FIELD, &self.after.to_field())) }
        }
    }

    pub(crate) fn faults(&self) -> Vec<Fault> {
        let faults = self.draft().map(|draft| draft.faults.iter());
        faults
            .into_iter()
            .flatten()
            .map(|fault| Fault::new(fault.field.clone(), fault.message.clone()))
            .collect()
    }

    /// A field with what was typed before and what is wrong with it.
    pub(crate) fn field(&self, name: &str, field: Field) -> Field {
        let typed = self.draft().and_then(|draft| draft.input[name].as_str());
        let field = match typed {
            Some(typed) => field.value(typed),
            None => field,
        };
        field.fault_of(&self.faults())
    }

    pub(crate) fn form(&self, submit: &str, fields: &Html) -> Html {
        let frame = Form {
            action: self.action(),
            csrf: self.request.csrf.clone(),
            submit: submit.to_owned(),
            faults: self.faults(),
            ..Form::default()
        };
        daybook_ui::form(&frame, html! { (self.carried()) (fields) })
    }

    /// A form of one button, about the thing whose id it carries.
    pub(crate) fn button(&self, label: &str, weight: Weight, field: &str, id: &str) -> Html {
        let typed = self.draft().and_then(|draft| draft.input[field].as_str());
        let about_this = typed.is_none_or(|typed| typed == id);
        html! {
            @if about_this { (fault_summary(&self.faults())) }
            form.inline method="post" action=(self.action()) {
                (hidden("csrf", &self.request.csrf))
                (self.carried())
                @if !field.is_empty() { (hidden(field, id)) }
                (button(label, weight))
            }
        }
    }
}
