//! Forms that do an operation: where they post, what they carry, and what comes
//! back with them when something is to be mended.

use daybook_kernel::PageRequest;
use daybook_kernel::page::{After, Draft};
use maud::html;
use serde_json::Value;

use crate::form::{Encoding, Fault, Form, Weight, button, fault_summary, form, hidden};
use crate::{Field, Html};

/// One operation, as the forms of a page offer it.
pub struct Act<'a> {
    request: &'a PageRequest,
    operation: &'static str,
    /// Where it goes on success; without one the answer itself is shown.
    next: Option<String>,
    encoding: Encoding,
    after: Option<After>,
}

impl<'a> Act<'a> {
    pub fn new(request: &'a PageRequest, operation: &'static str) -> Self {
        Self {
            request,
            operation,
            next: None,
            encoding: Encoding::Fields,
            after: None,
        }
    }

    /// Leads to a page of the same workspace or account; `{field}` in it is taken
    /// from the answer.
    #[must_use]
    pub fn then(mut self, path: &str) -> Self {
        self.next = Some(self.request.link(path));
        self
    }

    /// Leads elsewhere, such as out of a workspace that one has left.
    #[must_use]
    pub fn to(mut self, address: &str) -> Self {
        self.next = Some(address.to_owned());
        self
    }

    /// What the page says around the deed, and what takes it back.
    #[must_use]
    pub fn after(mut self, after: After) -> Self {
        self.after = Some(after);
        self
    }

    #[must_use]
    pub fn with_files(mut self) -> Self {
        self.encoding = Encoding::Files;
        self
    }

    fn draft(&self) -> Option<&Draft> {
        self.request.draft_of(self.operation)
    }

    /// The answer of the operation, where it is shown this once.
    pub fn answer(&self) -> Option<&Value> {
        let draft = self.draft().filter(|draft| draft.faults.is_empty());
        draft.map(|draft| &draft.input)
    }

    pub fn action(&self) -> String {
        // A workspace does what is its own; the account's deeds are the instance's.
        let base = self.request.base.as_str();
        let base = if base.starts_with("/w/") { base } else { "" };
        format!("{base}/do/{}", self.operation)
    }

    /// What the form carries besides its fields.
    pub fn carried(&self) -> Html {
        html! {
            (hidden("page", &self.request.here))
            @if let Some(next) = &self.next { (hidden("next", next)) }
            @if let Some(after) = &self.after { (hidden(After::FIELD, &after.to_field())) }
        }
    }

    pub fn faults(&self) -> Vec<Fault> {
        let faults = self.draft().map(|draft| draft.faults.iter());
        faults
            .into_iter()
            .flatten()
            .map(|fault| {
                // A place in a file is no field of the form: it is said.
                if fault.field.contains(':') {
                    return Fault::new("", format!("{}: {}", fault.field, fault.message));
                }
                Fault::new(fault.field.clone(), fault.message.clone())
            })
            .collect()
    }

    /// A field with what was typed before and what is wrong with it.
    #[must_use]
    pub fn field(&self, name: &str, field: Field) -> Field {
        let field = match self.typed(name) {
            Some(typed) => field.value(typed),
            None => field,
        };
        field.fault_of(&self.faults())
    }

    /// What was typed into a field of a form that came back: `lines[0].account`.
    pub fn typed(&self, name: &str) -> Option<String> {
        let pointer = name.replace(['[', '.'], "/").replace(']', "");
        match self.draft()?.input.pointer(&format!("/{pointer}"))? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
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

    /// A form of one button, about the thing whose id it carries.
    pub fn button(&self, label: &str, weight: Weight, field: &str, id: &str) -> Html {
        let about_this = self.typed(field).is_none_or(|typed| typed == id);
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use daybook_kernel::Faults;
    use serde_json::json;

    fn request() -> PageRequest {
        PageRequest {
            base: "/w/lovelace".to_owned(),
            here: "/w/lovelace/team/members".to_owned(),
            csrf: "c".to_owned(),
            draft: Some(Draft {
                operation: "team.create_api_token".to_owned(),
                input: json!({ "name": "<Nightly>", "scopes": ["books"], "expires_in_days": 90 }),
                faults: Faults::one("scopes[0]", "Write an operation."),
            }),
            ..PageRequest::default()
        }
    }

    #[test]
    fn a_form_that_comes_back_keeps_what_was_typed_beside_what_is_wrong() {
        let request = request();
        let act = Act::new(&request, "team.create_api_token");
        assert_eq!(act.typed("scopes[0]").as_deref(), Some("books"));
        assert_eq!(act.typed("expires_in_days").as_deref(), Some("90"));
        let field = act.field("scopes[0]", Field::text("scopes[0]", "Scope"));
        let drawn = act.form("Make", &html! { (field) }).into_string();
        assert!(
            drawn.contains("action=\"/w/lovelace/do/team.create_api_token\""),
            "{drawn}"
        );
        assert!(drawn.contains("value=\"books\"") && drawn.contains("Write an operation."));
        assert!(!drawn.contains("name=\"next\""));
    }

    #[test]
    fn what_is_done_to_oneself_is_done_on_the_instance() {
        let request = PageRequest {
            base: "/account".to_owned(),
            ..PageRequest::default()
        };
        let drawn = Act::new(&request, "identity.revoke_sessions")
            .button("Sign out", Weight::Danger, "", "")
            .into_string();
        assert!(
            drawn.contains("action=\"/do/identity.revoke_sessions\""),
            "{drawn}"
        );
    }

    #[test]
    fn a_fault_in_a_file_is_said_as_it_has_no_field() {
        let mut request = request();
        if let Some(draft) = &mut request.draft {
            draft.faults = Faults::one("2026.journal:12", "This line was not understood.");
        }
        let faults = Act::new(&request, "team.create_api_token").faults();
        assert_eq!(
            faults,
            [Fault::new(
                "",
                "2026.journal:12: This line was not understood."
            )]
        );
    }

    #[test]
    fn a_draft_of_another_operation_is_not_shown() {
        let request = request();
        let act = Act::new(&request, "team.add_member").then("team/members");
        assert!(act.faults().is_empty() && act.typed("name").is_none());
        let drawn = act.form("Add", &html! {}).into_string();
        assert!(
            drawn.contains("name=\"next\" value=\"/w/lovelace/team/members\""),
            "{drawn}"
        );
    }
}
