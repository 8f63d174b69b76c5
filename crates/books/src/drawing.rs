//! What the pages of the books share: forms that do an operation, links that keep the filters,
//! and figures that open what they are made of.

use daybook_kernel::PageRequest;
use daybook_kernel::page::After;
use daybook_ui::form::Encoding;
use daybook_ui::form::Weight;
use daybook_ui::{Fault, Field, Form, Html, button, button_link, fault_summary, form, hidden};
use maud::{Render as _, html};
use serde_json::Value;

/// An operation as a form of a page offers it.
pub(crate) struct Offer<'a> {
    request: &'a PageRequest,
    operation: &'static str,
    next: String,
    encoding: Encoding,
    after: Option<After>,
}

impl<'a> Offer<'a> {
    /// `next` is where success leads; `{field}` in it is taken from the answer.
    pub fn new(request: &'a PageRequest, operation: &'static str, next: &str) -> Self {
        Self {
            request,
            operation,
            next: request.link(next),
            encoding: Encoding::Fields,
            after: None,
        }
    }

    /// What the page says around the deed, and what takes it back.
    pub fn after(mut self, after: After) -> Self {
        self.after = Some(after);
        self
    }

    pub fn with_files(mut self) -> Self {
        self.encoding = Encoding::Files;
        self
    }

    pub fn action(&self) -> String {
        format!("{}/do/{}", self.request.base, self.operation)
    }

    pub fn faults(&self) -> Vec<Fault> {
        self.request
            .draft_of(self.operation)
            .map_or_else(Vec::new, |draft| {
                draft
                    .faults
                    .iter()
                    .map(|one| {
                        if one.field.contains(':') {
                            // A place in a file is no field of the form: it is said.
                            return Fault::new("", format!("{}: {}", one.field, one.message));
                        }
                        Fault::new(one.field.clone(), one.message.clone())
                    })
                    .collect()
            })
    }

    /// What was typed into a field of a form that came back: `lines/0/account`.
    pub fn typed(&self, path: &str) -> Option<String> {
        let value = self
            .request
            .draft_of(self.operation)?
            .input
            .pointer(&format!("/{path}"))?;
        match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// The field with what was typed and what is wrong with it.
    pub fn field(&self, name: &str, field: Field) -> Html {
        let field = match self.typed(name) {
            Some(typed) => field.value(typed),
            None => field,
        };
        field.fault_of(&self.faults()).render()
    }

    /// What the form carries besides its fields.
    pub fn carried(&self) -> Html {
        html! {
            (hidden("page", &self.request.here))
            (hidden("next", &self.next))
            @if let Some(after) = &self.after { (hidden(After::FIELD, &after.to_field())) }
        }
    }

    pub fn form(&self, submit: &str, fields: &Html) -> Html {
        let frame = Form {
            action: self.action(),
            csrf: self.request.csrf.clone(),
            submit: submit.to_owned(),
            encoding: self.encoding,
            faults: self.faults(),
            ..Form::default()
        };
        form(&frame, html! { (self.carried()) (fields) })
    }
}

impl Offer<'_> {
    /// The form of what is done seldom: its button is not the loud one of the page.
    pub fn plain_form(&self, submit: &str, fields: &Html) -> Html {
        html! {
            form.form method="post" action=(self.action()) {
                (hidden("csrf", &self.request.csrf))
                (fault_summary(&self.faults()))
                (self.carried())
                (fields)
                div.buttons { (button(submit, Weight::Plain)) }
            }
        }
    }
}

/// A link within the workspace with values behind it; empty ones are left out.
pub(crate) fn link(request: &PageRequest, path: &str, values: &[(&str, &str)]) -> String {
    let mut address = request.link(path);
    let mut separator = '?';
    for (name, value) in values.iter().filter(|(_, value)| !value.is_empty()) {
        address.push(separator);
        address.push_str(name);
        address.push('=');
        encode(value, &mut address);
        separator = '&';
    }
    address
}

/// A part of a path.
pub(crate) fn part(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    encode(text, &mut encoded);
    encoded
}

fn encode(text: &str, into: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            into.push(char::from(byte));
        } else {
            into.push('%');
            into.push(char::from(DIGITS[usize::from(byte >> 4)]));
            into.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
    }
}

/// The account's register between two days.
pub(crate) fn register(request: &PageRequest, code: &str, from: &str, to: &str) -> String {
    link(
        request,
        &format!("books/accounts/{}", part(code)),
        &[("from", from), ("to", to)],
    )
}

/// The answer of a query as a file: `/w/{workspace}` becomes `/api/v1/{workspace}`.
pub(crate) fn downloads(request: &PageRequest, operation: &str, values: &[(&str, &str)]) -> Html {
    let workspace = request.base.rsplit('/').next().unwrap_or_default();
    let path = format!("/api/v1/{workspace}/{operation}");
    let address = |format: &str| {
        let away = PageRequest::default();
        let mut all = values.to_vec();
        all.push(("format", format));
        link(&away, path.trim_start_matches('/'), &all)
    };
    html! {
        p.muted {
            "Take this along: "
            (button_link("CSV", &address("csv"), Weight::Quiet))
            (button_link("JSON", &address(""), Weight::Quiet))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_carry_what_was_filtered_and_nothing_else() {
        let request = PageRequest {
            base: "/w/acme".into(),
            ..PageRequest::default()
        };
        assert_eq!(
            link(&request, "books/entries", &[("text", "a & b"), ("tag", "")]),
            "/w/acme/books/entries?text=a%20%26%20b"
        );
        let html = downloads(&request, "books.journal", &[]).into_string();
        assert!(
            html.contains("/api/v1/acme/books.journal?format=csv"),
            "{html}"
        );
    }
}
